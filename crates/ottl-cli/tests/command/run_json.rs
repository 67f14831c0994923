//! `ottl run`: documents that hold more than one message of OTLP.

use ottl::otlp::Signal;
use ottl::otlp::framing::{Format, FrameOptions};

use crate::harness::{Dir, framed, log, messages, ottl, span, text, zstd};

const BOTH: &str =
    "trace_statements: ['set(span.attributes[\"x\"], 1)']\nlog_statements: ['set(log.attributes[\"x\"], 1)']\n";
const LOGS: &str = "log_statements: ['set(log.attributes[\"x\"], 1)']\n";

/// One document of both messages, in this order.
fn document(messages: &[String]) -> String {
    let members: Vec<&str> = messages.iter().map(|message| &message[1..message.len() - 1]).collect();
    format!("{{{}}}", members.join(","))
}

/// The message with the attribute that the rules set.
fn marked(message: &str) -> String {
    let mark = r#""attributes":[{"key":"x","value":{"intValue":"1"}}]"#;
    let message = message.replace(r#""status""#, &format!(r#"{mark},"status""#));
    message.replace(r#""body":{"stringValue":"a"}"#, &format!(r#""body":{{"stringValue":"a"}},{mark}"#))
}

#[test]
fn each_signal_of_a_document_is_a_message_of_its_own() {
    let dir = Dir::new();
    let (both, logs) = (dir.file("both.yaml", BOTH), dir.file("logs.yaml", LOGS));
    let (span, log) = (span("s"), log("a"));
    let spans_first = document(&[span.clone(), log.clone()]);
    let logs_first = document(&[log.clone(), span.clone()]);
    let (new_span, new_log) = (marked(&span), marked(&log));
    assert!(new_span != span && new_log != log);
    let rows: [(&[&str], &str, String); 7] = [
        (&["--config", &both], &spans_first, format!("{new_span}\n{new_log}\n")),
        (&["--config", &both], &logs_first, format!("{new_log}\n{new_span}\n")),
        (&["--config", &both, "--signal", "logs"], &spans_first, format!("{span}\n{new_log}\n")),
        (&["--config", &both, "--signal", "traces"], &spans_first, format!("{new_span}\n{log}\n")),
        (&["--config", &logs], &spans_first, format!("{span}\n{new_log}\n")),
        // Nothing changes: nothing comes apart.
        (&["--config", &logs, "--signal", "metrics"], &spans_first, format!("{spans_first}\n")),
        (
            &["--config", &logs],
            "{\"resourceSpans\":[],\"resourceLogs\":[ ],\"resourceMetrics\":null}",
            "{\"resourceSpans\":[],\"resourceLogs\":[ ],\"resourceMetrics\":null}\n".to_owned(),
        ),
    ];
    for (args, input, expected) in rows {
        for threads in ["1", "3"] {
            let run = ["run", "--quiet", "--threads", threads];
            let done = ottl(run.iter().chain(args), input.as_bytes()).ends(0);
            assert_eq!(done.text(), expected, "{args:?}");
            assert_eq!(done.err, "");
        }
        let frames = framed(&[zstd(input.as_bytes()), zstd(log.as_bytes())]);
        let done = ottl(["run", "--quiet"].iter().chain(args), &frames).ends(0);
        let options = FrameOptions { format: Some(Format::ZstdFrames), ..FrameOptions::default() };
        let found = messages(&done.out, options);
        let lines: Vec<&[u8]> = found[..found.len() - 1].iter().map(|message| &message[..]).collect();
        assert_eq!(lines.join(&b'\n'), expected.trim_end().as_bytes(), "{args:?} in frames");
    }
    // What one rule drops takes nothing else with it.
    let drop = dir.file("drop.yaml", "trace_conditions: ['span.name == \"s\"']");
    let done = ottl(["run", "--config", &drop], spans_first.as_bytes()).ends(0);
    assert_eq!(done.text(), format!("{log}\n"));
    // An empty list beside a message is no message.
    let beside = format!("{{\"resourceSpans\":[],{}", &log[1..]);
    let done = ottl(["run", "--config", &logs], beside.as_bytes()).ends(0);
    assert_eq!(done.text(), format!("{new_log}\n"));
    // A failure in any of them is one of the document.
    let bad = document(&[span, r#"{"resourceLogs":[{"schemaUrl":5}]}"#.to_owned()]);
    ottl(["run", "--config", &both], bad.as_bytes()).ends(1).names(&["resourceLogs[0].schemaUrl: a string is wanted"]);
}

#[test]
fn protobuf_has_room_for_one_signal_and_one_can_be_chosen() {
    let dir = Dir::new();
    let both = dir.file("both.yaml", BOTH);
    let (span, log) = (span("s"), log("a"));
    let input = format!("{}\n{span}\n", document(&[span.clone(), log.clone()]));
    for to in ["framed", "protobuf", "delimited", "zstd-frames"] {
        let run = ["run", "--config", &both, "--to", to];
        ottl(run, input.as_bytes()).ends(1).names(&["traces and logs cannot be told apart", "--to json"]);
        let done = ottl(run.iter().chain(&["--signal", "logs"]), input.as_bytes()).ends(0);
        assert!(done.err.contains("2 messages of other signals are left out"), "{to}: {}", done.err);
        let options =
            FrameOptions { format: (to == "delimited").then_some(Format::Delimited), ..FrameOptions::default() };
        let found = messages(&done.out, options);
        assert_eq!(found.iter().map(|message| text(Signal::Logs, message)).collect::<Vec<_>>(), [marked(&log)], "{to}");
    }
}

#[test]
fn large_documents_come_apart_as_small_ones_do() {
    let dir = Dir::new();
    let both = dir.file("both.yaml", BOTH);
    let span = span(&"s".repeat(5 << 20));
    let log = log("a").replace(r#""logRecords""#, &format!(r#""schemaUrl":"{}","logRecords""#, "u".repeat(5 << 20)));
    let input = document(&[span.clone(), log.clone()]);
    let expected = |log: &str| {
        let mut protobuf = Vec::new();
        ottl::otlp::json::to_protobuf(Signal::Logs, log.as_bytes(), &mut protobuf).expect("a message");
        text(Signal::Logs, &protobuf)
    };
    let done = ottl(["run", "--config", &both], input.as_bytes()).ends(0);
    assert!(done.text() == format!("{}\n{}\n", marked(&span), expected(&marked(&log))));
    let done = ottl(["run", "--config", &both, "--signal", "logs", "--to", "protobuf"], input.as_bytes()).ends(0);
    assert!(text(Signal::Logs, &done.out) == expected(&marked(&log)));
    assert!(done.err.contains("1 message of another signal is left out"), "{}", done.err);
}

#[test]
fn json_that_changes_keeps_what_it_was() {
    let dir = Dir::new();
    let one = dir.file("one.yaml", r#"log_statements: ['set(log.severity_text, "x") where log.body == "b"']"#);
    let none = dir.file("none.yaml", r#"log_statements: ['set(log.severity_text, "x") where log.body == "none"']"#);
    let drop = dir.file("drop.yaml", r#"log_conditions: ['log.body == "b"']"#);
    let a = r#"{ "foo": [1.0, {"x":1e3}],"body":{"stringValue":"\u0061"},"severityNumber":"SEVERITY_NUMBER_INFO","timeUnixNano":7 }"#;
    let b = r#"{"bar":"b","body":{"stringValue":"b"}}"#;
    let new_b = r#"{"severityText":"x","body":{"stringValue":"b"},"bar":"b"}"#;
    let c = r#"{"attributes":[{"value":{"doubleValue":1.50},"key":"k"}],"body":{"stringValue":"c"}}"#;
    let document = |records: &[&str]| {
        format!(
            r#"{{"resourceLogs":[{{"resource":{{"own":1,"attributes":[]}},"scopeLogs":[{{"scope":{{ }},"logRecords":[{}],"mine":2}}]}}],"top":3}}"#,
            records.join(",")
        )
    };
    let input = document(&[a, b, c]);
    let rows = [(&one, document(&[a, new_b, c])), (&none, input.clone()), (&drop, document(&[a, c]))];
    for (rules, expected) in rows {
        let run = ["run", "--quiet", "--config", rules];
        assert_eq!(ottl(run, input.as_bytes()).ends(0).text(), format!("{expected}\n"));
        // The same of a large one, in pieces.
        let filler = format!(r#"{{"body":{{"stringValue":"{}"}}, "q":0}}"#, "f".repeat(1000));
        let filler = vec![filler.as_str(); 9000].join(",");
        let large = input.replace(c, &format!("{c},{filler}"));
        let expected = expected.replace(c, &format!("{c},{filler}"));
        assert!(ottl(run, large.as_bytes()).ends(0).text() == format!("{expected}\n"));
    }
    // Over several lines: whole while nothing changes, one line when something does.
    let broken = input.replace(',', ",\n  ").replace('{', "{ ");
    assert_eq!(ottl(["run", "--quiet", "--config", &none], broken.as_bytes()).ends(0).text(), format!("{broken}\n"));
    let done = ottl(["run", "--quiet", "--config", &one], broken.as_bytes()).ends(0);
    let line = a.replace('{', "{ ").replace(", ", ",");
    assert!(done.text().lines().count() == 1 && done.text().contains(&line), "{}\n{line}", done.text());
    // Indented, with everything.
    for rules in [&one, &none] {
        let done = ottl(["run", "--quiet", "--config", rules, "--pretty"], broken.as_bytes()).ends(0);
        let found = done.json();
        let record = &found["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
        assert_eq!(record["foo"].to_string(), r#"[1.0,{"x":1000.0}]"#);
        assert_eq!((&found["top"], &record["severityNumber"]), (&3.into(), &"SEVERITY_NUMBER_INFO".into()));
        assert!(
            done.text().contains("\n            {\n              \"foo\": [\n                1.0,\n"),
            "{}",
            done.text()
        );
    }
}

#[test]
fn members_that_otlp_does_not_have_are_said_once_a_file() {
    let dir = Dir::new();
    let logs = dir.file("logs.yaml", LOGS);
    let old = r#"{"resourceLogs":[{"instrumentationLibraryLogs":[{"logs":[{"body":{"stringValue":"a"}}]}]},{"scopeLogs":[{"logs":[]}]}]}"#;
    let record = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{},{"foo":1,"TraceID":"","attributes":[{"key":"k","value":{"string":"x"}}]},{"foo":2}]}]}],"extra":0}"#;
    let (one, two) = (dir.file("one.jsonl", format!("{old}\n\n{record}\n{record}\n")), dir.file("two.jsonl", record));
    let expected = [
        (
            &one,
            "line 1: resourceLogs[0].instrumentationLibraryLogs: not a member of OTLP, so rules do not see it; it is now called `scopeLogs`",
        ),
        (
            &one,
            "line 1: resourceLogs[1].scopeLogs[0].logs: not a member of OTLP, so rules do not see it; it is now called `logRecords`",
        ),
        (
            &one,
            "line 3: resourceLogs[0].scopeLogs[0].logRecords[1].foo: not a member of OTLP, so rules do not see it, 4 times",
        ),
        (
            &one,
            "line 3: resourceLogs[0].scopeLogs[0].logRecords[1].TraceID: not a member of OTLP, so rules do not see it, 2 times; it is now called `traceId`",
        ),
        (
            &one,
            "line 3: resourceLogs[0].scopeLogs[0].logRecords[1].attributes[0].value.string: not a member of OTLP, so rules do not see it, 2 times",
        ),
        (&one, "line 3: extra: not a member of OTLP, so rules do not see it, 2 times"),
        (
            &two,
            "line 1: resourceLogs[0].scopeLogs[0].logRecords[1].foo: not a member of OTLP, so rules do not see it, 2 times",
        ),
        (
            &two,
            "line 1: resourceLogs[0].scopeLogs[0].logRecords[1].TraceID: not a member of OTLP, so rules do not see it; it is now called `traceId`",
        ),
        (
            &two,
            "line 1: resourceLogs[0].scopeLogs[0].logRecords[1].attributes[0].value.string: not a member of OTLP, so rules do not see it",
        ),
        (&two, "line 1: extra: not a member of OTLP, so rules do not see it"),
    ];
    let expected: String = expected.iter().map(|(file, text)| format!("warning: {file}: {text}\n")).collect();
    for threads in ["1", "4"] {
        let done = ottl(["run", "--config", &logs, "--threads", threads, &one, &two], b"").ends(0);
        assert_eq!(done.err, expected);
    }
    assert_eq!(ottl(["run", "--config", &logs, "--quiet", &one, &two], b"").ends(0).err, "");
    // Names without end are counted.
    let members: Vec<String> = (0..1000).map(|number| format!(r#""m{number}":0"#)).collect();
    let done = ottl(["run", "--config", &logs], format!("{{\"resourceLogs\":[{{{}}}]}}", members.join(",")).as_bytes());
    let done = done.ends(0).names(&["968 further members that OTLP does not have"]);
    assert!(done.err.lines().count() < 40, "{}", done.err);
}

#[test]
fn formats_that_are_not_read_are_named() {
    let dir = Dir::new();
    let (both, logs) = (dir.file("both.yaml", BOTH), dir.file("logs.yaml", LOGS));
    let tar = [b"logs.json".to_vec(), vec![0; 248], b"ustar\0".to_vec(), vec![0; 300]].concat();
    let rows: [(&[u8], &[&str]); 8] = [
        (b"\xfd7zXZ\0\0\x04\xe6\xd6", &["this is xz", "`xz -dc FILE | ottl run ...`"]),
        (b"BZh91AY&SY\x01\x02", &["this is bzip2", "bzip2 -dc"]),
        (b"PK\x03\x04\x14\0\0\0\x08\0", &["this is zip", "unzip -p"]),
        (b"\x04\x22\x4d\x18\x64\x40\xa7\x0b", &["this is lz4", "lz4 -dc"]),
        (b"\xff\x06\0\0sNaPpY\x01", &["this is snappy"]),
        (b"PAR1\x15\x04\x15\x10", &["this is Parquet"]),
        (b"\xff\xfe{\0}\0", &["this is text in UTF-16", "iconv"]),
        (&tar, &["this is tar", "tar -xOf"]),
    ];
    for (input, parts) in rows {
        for rules in [&both, &logs] {
            ottl(["run", "--config", rules], input).ends(1).names(parts);
            ottl(["run", "--config", rules], &crate::harness::gzip(input)).ends(1).names(parts);
        }
        let file = dir.file("input", [input, &vec![7; 9000]].concat());
        ottl(["run", "--config", &logs, &file], b"").ends(1).names(parts);
    }
    let twice = crate::harness::gzip(&crate::harness::gzip(b"{}"));
    ottl(["run", "--config", &logs], &twice).ends(1).names(&["this is gzip, inside of another compression"]);
}

#[test]
fn members_that_are_lost_are_told() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", r#"log_statements: ['set(log.severity_text, "x") where log.body != "y"']"#);
    let warning = "1 message was rewritten completely, without members that OTLP does not have";
    let of = |records: &str| format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{records}]}}]}}]}}"#);
    // Hardly any text for each record: whole, and in the file exporter's frames.
    let thin = of(&format!(r#"{{"mine":1}}{}"#, ",{}".repeat(3000)));
    for threads in ["1", "2"] {
        let done = ottl(["run", "--config", &rules, "--threads", threads], thin.as_bytes()).ends(0).names(&[warning]);
        assert!(!done.text().contains("mine"));
    }
    let frame = zstd(thin.as_bytes());
    ottl(["run", "--config", &rules], &framed(&[frame])).ends(0).names(&[warning]);
    let few = of(&format!(r#"{{"mine":1}}{}"#, ",{}".repeat(900)));
    let done = ottl(["run", "--config", &rules], few.as_bytes()).ends(0);
    assert!(done.text().contains("mine") && !done.err.contains("anew"), "{}", done.err);
    // Large, and nearly all text; large, with several signals; and large with little text, which is compared late.
    let body = "z".repeat(9 << 20);
    let long = of(&format!(r#"{{"mine":1,"body":{{"stringValue":"{body}"}}}}"#));
    let both =
        format!(r#"{},"resourceSpans":[{{"scopeSpans":[{{"spans":[{{"name":"a"}}]}}]}}]}}"#, &long[..long.len() - 1]);
    let long = long.replace(&body, &"z".repeat(20 << 20));
    let many = of(&format!(r#"{{"mine":1}}{}"#, format!(",{{{:>46}}}", "").repeat(140_000)));
    for text in [&long, &both, &many] {
        let done = ottl(["run", "--config", &rules], text.as_bytes()).ends(0).names(&[warning]);
        assert!(!done.text().contains("mine"));
    }
}

#[test]
fn a_message_whose_statements_set_what_is_there_stays_the_text_that_it_was() {
    let text = "{\n \"resourceLogs\": [ {\"scopeLogs\": [{\"logRecords\": [\n  {\"body\": {\"stringValue\": \"a\"}, \"severityText\": \"INFO\", \"x\": 1e0}\n ]}]}]\n}\n";
    let done = ottl(["run", "-e", r#"set(log.severity_text, "INFO")"#], text.as_bytes()).ends(0);
    assert_eq!(done.text(), text);
}
