//! What did not change since a document was read is written as it was, and means the same as what is written anew.

use ottl_otlp::Signal;
use ottl_otlp::json::{
    Notes, Original, Style, from_protobuf, from_protobuf_like, read, stream_from_protobuf_like, to_protobuf,
};
use ottl_otlp::wire::WireError;

fn protobuf(signal: Signal, text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    to_protobuf(signal, text.as_bytes(), &mut out).expect(text);
    out
}

fn anew(signal: Signal, message: &[u8]) -> String {
    let mut out = Vec::new();
    from_protobuf(signal, message, &mut out, Style::Compact).expect("a message");
    String::from_utf8(out).expect("text")
}

/// The text of `new`, a document, as something that was made from `old`.
fn kept(signal: Signal, old: &str, new: &str, style: Style) -> String {
    let (mut before, mut notes) = (Vec::new(), Notes::default());
    read(signal, old.as_bytes(), &mut before, &mut notes).expect(old);
    let after = protobuf(signal, new);
    let original = Original { text: old.as_bytes(), protobuf: &before, notes: &notes, others: false };
    let mut out = Vec::new();
    from_protobuf_like(signal, &after, original, &mut out, style).expect("a message");
    let mut pieces = Vec::new();
    stream_from_protobuf_like(signal, &after, original, style, |piece| {
        pieces.extend_from_slice(&piece);
        Ok::<(), WireError>(())
    })
    .expect("a message");
    assert!(pieces == out);
    let out = String::from_utf8(out).expect("text");
    assert_eq!(anew(signal, &protobuf(signal, &out)), anew(signal, &after), "{old}\nto {new}\nis {out}");
    assert!(style == Style::Pretty || !out.contains('\n'), "{out}");
    out
}

/// A document with these records, each list a scope.
fn logs(scopes: &[&[&str]]) -> String {
    let scope = |records: &&[&str]| {
        format!(r#"{{"mine": 1, "scope" : {{"name":"\u0061"}},"logRecords":[{}]}}"#, records.join(", "))
    };
    let scopes: Vec<String> = scopes.iter().map(scope).collect();
    format!(
        r#"{{"resourceLogs": [{{"resource":{{"attributes":[],"droppedAttributesCount":"1"}}, "scopeLogs":[{}],"own":[true]}}], "top":{{"x":1.0}}}}"#,
        scopes.join(",")
    )
}

const A: &str = r#"{ "body":{"doubleValue":1.50e0},"foo":[ 1.0 ],"severityNumber":"SEVERITY_NUMBER_INFO"}"#;
const B: &str = r#"{"timeUnixNano":"007", "body":{"intValue":5},"bar":"\u00e4"}"#;
const C: &str = r#"{"flags":"3", "body":{"stringValue":"\u0063"},"baz":null}"#;
const NEW: &str = r#"{"body":{"stringValue":"new"}}"#;

#[test]
fn records_that_did_not_change_keep_their_text() {
    let head = r#"{"resourceLogs":[{"resource":{"attributes":[],"droppedAttributesCount":"1"},"scopeLogs":["#;
    let tail = r#"],"own":[true]}],"top":{"x":1.0}}"#;
    let scope =
        |records: &[&str]| format!(r#"{{"scope":{{"name":"\u0061"}},"logRecords":[{}],"mine": 1}}"#, records.join(","));
    type Row<'a> = (&'a [&'a [&'a str]], &'a [&'a [&'a str]], Vec<String>);
    let rows: [Row<'_>; 10] = [
        (&[&[A, B, C]], &[&[A, B, C]], vec![scope(&[A, B, C])]),
        // Changed: the members that OTLP does not have stay.
        (&[&[A, B, C]], &[&[A, NEW, C]], vec![scope(&[A, r#"{"body":{"stringValue":"new"},"bar":"\u00e4"}"#, C])]),
        // Dropped.
        (&[&[A, B, C]], &[&[A, C]], vec![scope(&[A, C])]),
        (&[&[A, B, C]], &[&[C]], vec![scope(&[C])]),
        (&[&[A, B], &[C]], &[&[C]], vec![scope(&[C])]),
        // Dropped and changed: as many between two that did not change are the same ones.
        (
            &[&[A, A, B, B, C, C]],
            &[&[A, NEW, B, C]],
            vec![scope(&[A, r#"{"body":{"stringValue":"new"},"foo":[ 1.0 ]}"#, B, C])],
        ),
        (&[&[A, B, C, A, A]], &[&[NEW, C, A]], vec![scope(&[NEW, C, A])]),
        // One more than there was is not one of those.
        (&[&[A, B]], &[&[A, B, NEW]], vec![scope(&[A, B, NEW])]),
        // One that was made equal to a later one does not hide those between them.
        (&[&[A, B, B, C], &[A]], &[&[C, B, C], &[A]], vec![scope(&[C, B, C]), scope(&[A])]),
        // Equal ones are any of them.
        (&[&[A, A, A], &[A, B]], &[&[A], &[A, B]], vec![scope(&[A]), scope(&[A, B])]),
    ];
    for (old, new, expected) in rows {
        let found = kept(Signal::Logs, &logs(old), &logs(new), Style::Compact);
        assert_eq!(found, format!("{head}{}{tail}", expected.join(",")), "{new:?}");
    }
}

#[test]
fn line_breaks_go_and_indentation_is_made_anew() {
    let old = "{\n\"resourceLogs\": [\n {\"scopeLogs\":[{\"logRecords\":[{\n\t\"flags\" : 1,\r\n  \"foo\":[ {},\n [ ],{ \"a\" : \"b \\\" c\"} ] },{}]}],\"own\":\n[]}]}";
    let same = kept(Signal::Logs, old, old, Style::Compact);
    assert_eq!(
        same,
        r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[{"flags" : 1,"foo":[ {},[ ],{ "a" : "b \" c"} ] },{}]}],"own":[]}]}"#
    );
    let pretty = kept(Signal::Logs, old, old, Style::Pretty);
    let expected: serde_json::Value = serde_json::from_str(&same).expect("JSON");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&pretty).expect("JSON"), expected);
    assert!(pretty.contains("\n          \"logRecords\": [\n            {\n              \"flags\": 1,\n              \"foo\": [\n                {},\n                [],\n"), "{pretty}");
    // A raw line break after an escape is read as part of a string, and would end a line.
    let raw = "{\"resourceLogs\":[{\"schemaUrl\":\"\\t\n\",\"scopeLogs\":[{\"logRecords\":[{\"severityText\":\"\\t\n\"}]}]}]}";
    assert!(kept(Signal::Logs, raw, raw, Style::Compact).contains(r#"[{"severityText":"\t\n"}]"#));
}

#[test]
fn what_cannot_be_told_is_written_anew() {
    // A member twice: the two halves merge.
    let twice = r#"{"resourceLogs":[{"resource":{"x":1},"resource":{"y":1},"scopeLogs":[{"logRecords":[{"flags":"1"}]}],"scopeLogs":null}]}"#;
    let found = kept(Signal::Logs, twice, twice, Style::Compact);
    assert_eq!(found, r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[{"flags":"1"}]}]}]}"#);
    // Scopes in the deprecated field are written under today's name.
    let old = r#"{"resourceLogs":[{"deprecatedScopeLogs":[{"logRecords":[{"flags":"1"}]}]}]}"#;
    let found = kept(Signal::Logs, old, old, Style::Compact);
    assert_eq!(found, r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"scope":{},"logRecords":[{"flags":"1"}]}]}]}"#);
    // Texts with next to nothing in each of their parts.
    let many = logs(&[&vec!["{}"; 100_000]]);
    kept(Signal::Logs, &many, &many, Style::Compact);
    for text in [
        "{}",
        "null",
        r#"{"resourceLogs":null,"x":1}"#,
        r#"{"resourceLogs":[null,{"scopeLogs":[null,{"logRecords":[null]}]}]}"#,
    ] {
        kept(Signal::Logs, text, text, Style::Compact);
    }
}

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len() as u64) as usize]
    }
}

/// Resources of scopes of records.
type Document = Vec<(String, Vec<(String, Vec<String>)>)>;

fn random_record(numbers: &mut Numbers, name: &str) -> String {
    let fields = [
        r#""foo":1.0"#,
        r#""foo" : {"a":[{},[]]}"#,
        r#""droppedAttributesCount":"1""#,
        r#""attributes":[{"key":"a","value":{"doubleValue":1.0}}, {"key":"b","x":0}]"#,
        r#""attributes":[]"#,
        r#""flags" :  7"#,
    ];
    let mut members: Vec<String> = (0..numbers.below(4)).map(|_| numbers.one_of(&fields).to_owned()).collect();
    members.push(format!(r#""{name}":"{}""#, numbers.below(4)));
    format!("{{{}}}", members.join(numbers.one_of(&[",", ", ", ",\n"])))
}

fn random_document(numbers: &mut Numbers, name: &str) -> Document {
    let mut document = Vec::new();
    for _ in 0..numbers.below(4) {
        let mut scopes = Vec::new();
        for _ in 0..numbers.below(4) {
            let records = (0..numbers.below(6)).map(|_| random_record(numbers, name)).collect();
            scopes.push((
                numbers.one_of(&["", r#","scope":{"name":"s","v":1}"#, r#","q":[],"schemaUrl":"u""#]).to_owned(),
                records,
            ));
        }
        document.push((
            numbers.one_of(&["", r#","resource":{"z":[]}"#, r#", "own":0"#, r#","scope":1"#]).to_owned(),
            scopes,
        ));
    }
    document
}

/// What rules might make of it.
fn changed(numbers: &mut Numbers, mut document: Document, name: &str, appends: bool) -> Document {
    let drops = numbers.below(2) == 0;
    for (_, scopes) in &mut document {
        for (_, records) in scopes.iter_mut() {
            records.retain(|_| !drops || numbers.below(3) > 0);
            for record in records.iter_mut() {
                if numbers.below(4) == 0 {
                    *record = format!(r#"{{"{name}":"new {}"}}"#, numbers.below(3));
                }
            }
            if appends && numbers.below(3) == 0 {
                records.push(random_record(numbers, name));
            }
        }
        scopes.retain(|(_, records)| !drops || !records.is_empty());
    }
    document.retain(|(_, scopes)| !drops || !scopes.is_empty());
    document
}

fn text_of(document: &Document, [resources, scopes, records]: [&str; 3]) -> String {
    let scope = |(members, all): &(String, Vec<String>)| format!(r#"{{"{records}":[{}]{members}}}"#, all.join(","));
    let resource = |(members, all): &(String, Vec<(String, Vec<String>)>)| {
        format!(r#"{{"{scopes}":[{}]{members}}}"#, all.iter().map(scope).collect::<Vec<_>>().join(","))
    };
    format!(r#"{{"{resources}":[{}],"end":null}}"#, document.iter().map(resource).collect::<Vec<_>>().join(","))
}

#[test]
fn what_is_kept_means_what_is_written_anew() {
    let mut numbers = Numbers(1);
    let signals = [
        (Signal::Logs, ["resourceLogs", "scopeLogs", "logRecords"], "severityText"),
        (Signal::Traces, ["resourceSpans", "scopeSpans", "spans"], "name"),
        (Signal::Metrics, ["resourceMetrics", "scopeMetrics", "metrics"], "name"),
    ];
    for round in 0..2000 {
        let (signal, names, name) = signals[round % 3];
        let before = random_document(&mut numbers, name);
        let after = changed(&mut numbers, before.clone(), name, signal == Signal::Metrics);
        let (old, new) = (text_of(&before, names), text_of(&after, names));
        // Metrics have no flags and no attributes: they are unknown members there.
        let found = kept(signal, &old, &new, Style::Compact);
        kept(signal, &old, &new, Style::Pretty);
        let one_line = |record: &String| record.replace('\n', "");
        let unchanged: Vec<String> =
            before.iter().flat_map(|(_, scopes)| scopes).flat_map(|(_, all)| all).map(one_line).collect();
        for record in after.iter().flat_map(|(_, scopes)| scopes).flat_map(|(_, all)| all).map(one_line) {
            // A record that was left alone stands there as it was, or as one that reads the same.
            let reads = |record: &str| {
                let document: Document = vec![(String::new(), vec![(String::new(), vec![record.to_owned()])])];
                protobuf(signal, &text_of(&document, names))
            };
            let own = reads(&record);
            let texts: Vec<&String> = unchanged.iter().filter(|text| reads(text) == own).collect();
            assert!(
                texts.is_empty() || texts.iter().any(|text| found.contains(*text)),
                "{record} of\n{old}\nin\n{found}"
            );
        }
    }
}
