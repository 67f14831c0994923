//! The parsers of the library, a check each: any text through a call, and texts that were written for it.
//!
//! Any text: both engines agree, within the memory that its length allows. A text that was written from values by the rules
//! of its format: the parser gives these values back.

use std::sync::LazyLock;

use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use ottl_compiler::Compiler;
use ottl_engine::fast::Engine;
use ottl_generate::Node;
use ottl_plan::Plan;
use ottl_schema::Signal;
use ottl_suite::rules;
use prost::Message as _;

use super::engines::agree;

/// The calls of a check, made ready. They read the body and the attribute `h`, and their results go to the attribute `r`.
struct Calls(Vec<Engine<&'static Plan>>);

impl Calls {
    fn new(calls: &[&str]) -> Calls {
        let compiler = Compiler::new(ottl_functions::registry());
        let ready = calls.iter().map(|call| {
            let statement = format!("set(log.attributes[\"r\"], {call})").replace('\'', "''");
            let body = format!("error_mode: ignore\nlog_statements:\n  - '{statement}'\n");
            let plan = rules::compile(&compiler, "transform", Signal::Logs, &body);
            Engine::new(&*Box::leak(Box::new(plan.expect("own rules"))))
        });
        Calls(ready.collect())
    }

    /// Any text through the call that the first byte chooses.
    fn any(&self, data: &[u8]) {
        if let Some((choice, text)) = data.split_first() {
            let call = usize::from(*choice) % self.0.len();
            let header = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
            self.run(call, text, header);
        }
    }

    /// The fast engine's output of a call.
    fn run(&self, call: usize, body: &[u8], header: &[u8]) -> Option<Vec<u8>> {
        let text = |text: &[u8]| vec![Node::Bytes(1, text.to_vec())];
        let record = vec![
            Node::Message(5, text(body)),
            Node::Message(6, vec![Node::Bytes(1, b"h".to_vec()), Node::Message(2, text(header))]),
        ];
        let message = Node::encode(&[Node::Message(1, vec![Node::Message(2, vec![Node::Message(2, record)])])]);
        let shown = || format!("call {call} of {:?}, {:?}", body.escape_ascii().to_string(), header.escape_ascii());
        agree(&self.0[call], &message, &shown)
    }

    /// What the first call gives of a text that was written for it.
    fn value(&self, body: &str, header: &str) -> Option<Value> {
        let output = self.run(0, body.as_bytes(), header.as_bytes())?;
        let message = ExportLogsServiceRequest::decode(&*output).expect("texts are valid");
        let record = message.resource_logs.into_iter().flat_map(|r| r.scope_logs).flat_map(|s| s.log_records).next()?;
        Some(find(record.attributes, "r").unwrap_or_else(|| panic!("no result of {body:?}, {header:?}")))
    }
}

fn find(pairs: Vec<KeyValue>, key: &str) -> Option<Value> {
    pairs.into_iter().find(|pair| pair.key == key).and_then(|pair| pair.value).and_then(|value| value.value)
}

/// What lies under a key of a map.
fn member(value: Option<Value>, key: &str) -> Option<Value> {
    match value? {
        Value::KvlistValue(list) => find(list.values, key),
        _ => None,
    }
}

/// A map of texts.
fn texts(value: Option<Value>) -> Option<Vec<(String, String)>> {
    let text = |value: Option<AnyValue>| match value?.value? {
        Value::StringValue(text) => Some(text),
        _ => None,
    };
    match value? {
        Value::KvlistValue(list) => list.values.into_iter().map(|pair| Some((pair.key, text(pair.value)?))).collect(),
        _ => None,
    }
}

/// Holds what was written against what was read, if the run had the memory for it.
fn same<T: PartialEq + std::fmt::Debug>(read: Option<T>, written: &T, text: &str) {
    assert_eq!(read.as_ref(), Some(written), "read from {text:?}");
}

/// Texts out of the data, at most so many: those between NUL.
fn pieces(data: &[u8], most: usize) -> Vec<String> {
    data.split(|byte| *byte == 0).take(most).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect()
}

/// Keys for these texts.
fn named(values: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
    values.into_iter().enumerate().map(|(idx, value)| (format!("k{idx}"), value)).collect()
}

/// `ParseCSV`: rows whose fields all stand in quotes.
pub fn parse_csv(data: &[u8]) {
    static CALLS: LazyLock<Calls> = LazyLock::new(|| {
        Calls::new(&[
            "ParseCSV(log.body, log.attributes[\"h\"])",
            "ParseCSV(log.body, log.attributes[\"h\"], mode = \"lazyQuotes\")",
            "ParseCSV(log.body, log.attributes[\"h\"], mode = \"ignoreQuotes\")",
            "ParseCSV(log.body, log.attributes[\"h\"], \";\", \",\")",
            "ParseCSV(log.body, log.attributes[\"h\"], \"\u{e9}\", mode = \"lazyQuotes\")",
            "ParseCSV(log.body, \"a,b,c\")",
        ])
    });
    CALLS.any(data);
    let fields = pieces(data, 40);
    let quoted: Vec<_> = fields.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
    let wanted = named(fields.into_iter().map(|field| field.replace("\r\n", "\n")));
    let header: Vec<_> = wanted.iter().map(|(key, _)| key.as_str()).collect();
    let row = quoted.join(",");
    if let Some(value) = CALLS.value(&row, &header.join(",")) {
        same(texts(Some(value)), &wanted, &row);
    }
}

/// `ParseInt`: the first eight bytes in the base that the next one chooses.
pub fn parse_int(data: &[u8]) {
    static CALLS: LazyLock<Calls> = LazyLock::new(|| {
        Calls::new(&[
            "ParseInt(log.body, Int(log.attributes[\"h\"]))",
            "ParseInt(log.body, 0)",
            "ParseInt(log.body, 10)",
            "ParseInt(log.body, 16)",
            "ParseInt(log.body, 36)",
        ])
    });
    CALLS.any(data);
    let [bytes @ .., base] = data.first_chunk::<9>().copied().unwrap_or_default();
    let (number, base) = (i64::from_le_bytes(bytes), u64::from(base % 35 + 2));
    let mut digits = Vec::new();
    let mut rest = number.unsigned_abs();
    while rest > 0 || digits.is_empty() {
        digits.push(char::from_digit((rest % base) as u32, base as u32).expect("a digit of the base"));
        rest /= base;
    }
    let text: String = number.is_negative().then_some('-').into_iter().chain(digits.into_iter().rev()).collect();
    if let Some(value) = CALLS.value(&text, &base.to_string()) {
        same(Some(value), &Value::IntValue(number), &text);
    }
}

/// `ParseCEF`: an extension of values with escapes.
pub fn parse_cef(data: &[u8]) {
    static CALLS: LazyLock<Calls> = LazyLock::new(|| {
        Calls::new(&[
            "ParseCEF(log.body)",
            "ParseCEF(Concat([\"CEF:\", log.body], \"\"))",
            "ParseCEF(Concat([\"CEF:0|a|b|c|d|e|f|\", log.body], \"\"))",
        ])
    });
    CALLS.any(data);
    let values = pieces(data, 40);
    let name = values.first().cloned().unwrap_or_default();
    let header = name.replace('\\', "\\\\").replace('|', "\\|");
    let escaped = |value: &str| {
        let value = value.replace('\\', "\\\\").replace('=', "\\=");
        value.replace('\n', "\\n").replace('\r', "\\r")
    };
    let wanted = named(values.into_iter().map(|value| value.trim_end_matches(' ').to_owned()));
    let pairs: Vec<_> = wanted.iter().map(|(key, value)| format!("{key}={}", escaped(value))).collect();
    let text = format!("<1> h CEF:0|a|b|c|d|{header}|5|{}", pairs.join(" "));
    if let Some(value) = CALLS.value(&text, "") {
        same(member(Some(value.clone()), "cef.name"), &Value::StringValue(name), &text);
        same(texts(member(Some(value), "cef.extensions")), &wanted, &text);
    }
}

/// `ParseLEEF`: attributes between delimiters that are in none of them.
pub fn parse_leef(data: &[u8]) {
    static CALLS: LazyLock<Calls> = LazyLock::new(|| {
        Calls::new(&[
            "ParseLEEF(log.body)",
            "ParseLEEF(Concat([\"LEEF:1.0|a|b|c|d|\", log.body], \"\"))",
            "ParseLEEF(Concat([\"LEEF:2.0|a|b|c|d|\", log.body], \"\"))",
        ])
    });
    CALLS.any(data);
    let (Some((&byte, rest)), true) = (data.split_first(), data.first().is_some_and(u8::is_ascii)) else { return };
    if byte == b'=' || byte == b'k' || byte.is_ascii_digit() {
        return;
    }
    let wanted = named(pieces(rest, 40).into_iter().map(|value| value.replace(char::from(byte), "")));
    let pairs: Vec<_> = wanted.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let text = format!("<1> h LEEF:2.0|a|b|c|d|0x{byte:02X}|{}", pairs.join(&char::from(byte).to_string()));
    if let Some(value) = CALLS.value(&text, "") {
        same(texts(member(Some(value), "leef.attributes")), &wanted, &text);
    }
}

/// `ParseCLF`: three texts in quotes with escapes.
pub fn parse_clf(data: &[u8]) {
    static CALLS: LazyLock<Calls> = LazyLock::new(|| {
        Calls::new(&[
            "ParseCLF(log.body, \"combined\")",
            "ParseCLF(log.body)",
            "ParseCLF(Concat([\"h - u [t] \\\"\", log.body, \"\\\" 200 5\"], \"\"))",
            "ParseCLF(Concat([\"h - u [t] \\\"x\\\" \", log.body], \"\"), \"combined\")",
        ])
    });
    CALLS.any(data);
    let mut texts = pieces(data, 3);
    texts.resize(3, String::new());
    let quoted = |text: &String| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let [request, referer, agent] = [&texts[0], &texts[1], &texts[2]].map(quoted);
    let line = format!("h - u [t] {request} 200 - {referer} {agent}");
    if let Some(value) = CALLS.value(&line, "") {
        for (key, text) in ["clf.request", "clf.referer", "clf.user_agent"].into_iter().zip(texts) {
            same(member(Some(value.clone()), key), &Value::StringValue(text), &line);
        }
    }
}

/// `ParseELF`: an entry of values in quotes.
pub fn parse_elf(data: &[u8]) {
    static CALLS: LazyLock<Calls> = LazyLock::new(|| {
        Calls::new(&[
            "ParseELF(log.body)",
            "ParseELF(Concat([\"#Version: 1.0\\n#Fields: a b a\\n\", log.body], \"\"))",
            "ParseELF(Concat([\"#Version: 1.0\\n#Fields: \", log.body], \"\"))",
        ])
    });
    CALLS.any(data);
    let wanted = named(pieces(data, 40).into_iter().map(|value| value.replace(['\n', '\r'], " ")));
    let fields: Vec<_> = wanted.iter().map(|(key, _)| key.as_str()).collect();
    let values: Vec<_> = wanted.iter().map(|(_, value)| format!("\"{}\"", value.replace('"', "\"\""))).collect();
    let text = format!("#Version: 1.0\n#Fields: {}\n{}", fields.join(" "), values.join(" "));
    if let Some(value) = CALLS.value(&text, "") {
        let entries = match member(Some(value), "elf.entries") {
            Some(Value::ArrayValue(list)) => list.values,
            other => panic!("no list but {other:?} of {text:?}"),
        };
        same(texts(entries.into_iter().next().and_then(|entry| entry.value)), &wanted, &text);
    }
}
