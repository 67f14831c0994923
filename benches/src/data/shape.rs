//! How many attributes records have and how large bodies are, where a measurement asks for more or less than usual.

use super::{Any, Numbers, pair};
use ottl_otlp::wire::put_len_field;

/// What the records of a message are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Log records, spans or data points of the message.
    pub records: usize,
    /// Attributes of each record; without it as many as the data has by itself.
    pub attributes: Option<usize>,
    /// Bytes of the bodies of log records; without it about a hundred.
    pub body: Option<usize>,
}

impl From<usize> for Shape {
    fn from(records: usize) -> Self {
        Shape { records, attributes: None, body: None }
    }
}

impl Shape {
    /// The body of record `number`, as long as asked for. JSON stays JSON: it gets one more member, and is not made shorter.
    pub(super) fn body(&self, mut text: String, number: usize) -> String {
        let Some(len) = self.body else { return text };
        let members = text.strip_suffix('}').map(str::len);
        if let Some(members) = members {
            text.truncate(members);
            text.push_str(r#","detail":""#);
        }
        let closing = if members.is_some() { "\"}" } else { "" };
        let mut r = Numbers::new(0xb0_d1 + number as u64);
        while text.len() + closing.len() < len {
            text.push(' ');
            text.push_str(WORDS[r.below(WORDS.len() as u64) as usize]);
        }
        if members.is_none() || text.len() + closing.len() > len {
            // All of it is ASCII. What stood there before the words stays.
            let shortest = members.map_or(0, |members| members + r#","detail":""#.len());
            text.truncate(len.saturating_sub(closing.len()).max(shortest));
        }
        text.push_str(closing);
        text
    }
}

/// What long bodies say.
const WORDS: [&str; 12] = [
    "upstream",
    "connection",
    "was",
    "closed",
    "by",
    "peer",
    "while",
    "reading",
    "header",
    "of",
    "response",
    "at=0x7f3a",
];

/// The attributes of one record, encoded.
#[derive(Default)]
pub(super) struct Attributes(Vec<Attribute>);

struct Attribute {
    pair: Vec<u8>,
    /// Whether it stays where fewer are asked for.
    needed: bool,
}

impl Attributes {
    pub(super) fn push(&mut self, key: &str, value: &Any<'_>) {
        self.0.push(Attribute { pair: pair(key, value), needed: false });
    }

    pub(super) fn push_needed(&mut self, key: &str, value: &Any<'_>) {
        self.0.push(Attribute { pair: pair(key, value), needed: true });
    }

    /// Writes as many as the shape asks for as fields `field`: without the last ones, or with others before and behind.
    pub(super) fn put(mut self, out: &mut Vec<u8>, field: u32, shape: &Shape, record: usize) {
        let wanted = shape.attributes.unwrap_or(self.0.len());
        while self.0.len() > wanted
            && let Some(last) = self.0.iter().rposition(|attribute| !attribute.needed)
        {
            self.0.remove(last);
        }
        let mut r = Numbers::new(0xa7_77 + record as u64);
        let others = wanted.saturating_sub(self.0.len());
        let other = |number: usize, r: &mut Numbers| {
            let value = r.hex(12);
            Attribute { pair: pair(&format!("context.field_{number:03}"), &Any::Text(&value)), needed: false }
        };
        let mut all: Vec<_> = (0..others / 2).map(|number| other(number, &mut r)).collect();
        all.append(&mut self.0);
        all.extend((others / 2..others).map(|number| other(number, &mut r)));
        for attribute in all {
            put_len_field(out, field, &attribute.pair);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shape;
    use crate::data;

    #[test]
    fn bodies_are_as_long_as_asked_for() {
        let shape = Shape { records: 1, attributes: None, body: Some(10_000) };
        for (text, len) in [("request finished", 10_000), (r#"{"a":1}"#, 10_000), (&"x".repeat(20_000), 10_000)] {
            let body = shape.body(text.to_owned(), 7);
            assert_eq!(body.len(), len, "{text:.20}");
            assert_eq!(body.starts_with('{'), body.ends_with('}'));
        }
        let short = Shape { body: Some(10), ..shape };
        assert_eq!(short.body("request finished".to_owned(), 0), "request fi");
        serde_json::from_str::<serde_json::Value>(&short.body(r#"{"a":"long enough"}"#.to_owned(), 0))
            .expect("JSON stays JSON");
    }

    #[test]
    fn records_have_as_many_attributes_as_asked_for() {
        for wanted in [5, 20, 100] {
            let shape = Shape { records: 3, attributes: Some(wanted), body: None };
            for (signal, message) in [
                (ottl::Signal::Logs, data::logs(shape)),
                (ottl::Signal::Traces, data::spans(shape)),
                (ottl::Signal::Metrics, data::points(shape)),
            ] {
                let mut text = Vec::new();
                ottl_otlp::json::from_protobuf(signal, &message, &mut text, ottl_otlp::json::Style::Compact)
                    .expect("a sound message");
                let message: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
                let paths = [
                    "/resourceLogs/0/scopeLogs/0/logRecords",
                    "/resourceSpans/0/scopeSpans/0/spans",
                    "/resourceMetrics/0/scopeMetrics/0/metrics/0/sum/dataPoints",
                ];
                let records =
                    paths.iter().find_map(|path| message.pointer(path)).and_then(|r| r.as_array()).expect("records");
                assert_eq!(records.len(), 3);
                for record in records {
                    assert_eq!(record["attributes"].as_array().map(Vec::len), Some(wanted), "{signal:?}");
                }
            }
        }
    }
}
