//! `ottl run`: what goes wrong, and what is left then.

use std::io::{Read as _, Write as _};
use std::process::Stdio;

use ottl::otlp::Signal;

use crate::harness::{Dir, command, contents, framed, gzip, log, ottl, protobuf, sample, zstd};

const RULES: &str = "error_mode: propagate\nlog_statements:\n  - set(log.attributes[\"n\"], Int(log.body) / 0) where log.body == \"bad\"\n  - set(log.attributes[\"seen\"], true)\n";

#[test]
fn a_failing_message_ends_the_run_and_is_named() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let input = format!("{}\n{}\n{}\n", log("good"), log("bad"), log("better"));
    let file = dir.file("in.jsonl", &input);
    for threads in ["1", "3"] {
        let run = ["run", "--config", &rules, "--threads", threads, &file];
        let place = format!("{file}: message 2 (at byte {}, line 2)", log("good").len() + 1);
        let record = "argument `target`: the text is not a valid int, in `Int(log.body)`; at resourceLogs[0].scopeLogs[0].logRecords[0]";
        let done = ottl(run, b"").ends(1).names(&[&place, "rules.yaml:3:5", record]);
        assert_eq!(done.err.matches("valid int").count(), 1, "{}", done.err);
        assert_eq!(done.text().lines().count(), 1, "what came before is written, what comes after is not");
        let done = ottl(run.iter().chain(&["--keep-going"]), b"").ends(1).names(&[&place]);
        assert_eq!(done.text().lines().count(), 2);
        let out = dir.path("out.jsonl");
        ottl(run.iter().chain(&["--output", out.as_str()]), b"").ends(1);
        assert_eq!(dir.names(), ["in.jsonl", "rules.yaml"], "nothing half-written is left");
        ottl(run.iter().chain(&["--output", out.as_str(), "--keep-going"]), b"").ends(1);
        assert_eq!(contents(&out).iter().filter(|byte| **byte == b'\n').count(), 2);
        std::fs::remove_file(&out).expect("it was written");
    }
}

#[test]
fn errors_come_as_json_when_asked_for() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let input = format!("{}\n{}\n", log("bad"), log("good"));
    let done = ottl(["run", "--config", &rules, "--format", "json", "--keep-going"], input.as_bytes()).ends(1);
    let record: serde_json::Value = done
        .err
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"))
        .find(|record| record["severity"] == "error")
        .expect("an error");
    assert_eq!((&record["message_number"], &record["offset"]), (&1.into(), &0.into()));
    assert_eq!(record["file"], "standard input");
}

#[test]
fn faults_of_json_name_the_member_and_its_place_in_the_file() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.attributes[\"x\"], 1)']");
    let bad =
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"stringValue":"ä"},"attributes":{"k":"v"}}]}]}]}"#;
    let fault = r#"resourceLogs[0].scopeLogs[0].logRecords[0].attributes: a list of {"key", "value"} is wanted, this is an object"#;
    let indented = log("a").replace(',', ",\n  ");
    let at = bad.find(r#"{"k""#).expect("it is there");
    let column = bad[..at].chars().count() + 1;
    // What stands before it, the message's number, its line, and where its line goes on.
    let rows = [
        ("", 1, 1, 0),
        ("\u{feff}", 1, 1, 0),
        (&format!("{}\n\n{}\n", log("a"), log("b")), 3, 4, 0),
        (&format!("{indented}\n"), 2, 2 + indented.matches('\n').count(), 0),
        (&format!("{}\n{}  ", log("a"), log("b")), 3, 2, log("b").len() + 2),
    ];
    for (before, number, line, shift) in rows {
        let input = format!("{before}{bad}\n{}\n", log("c"));
        let (offset, column) = (before.len() + at, column + shift);
        let text = format!(
            "message {number} (at byte {offset}, column {column}) is no OTLP/JSON: line {line}: {fault}; --keep-going"
        );
        for input in [input.clone().into_bytes(), gzip(input.as_bytes())] {
            let done = ottl(["run", "--config", &rules, "--to", "json"], &input).ends(1).names(&[&text]);
            assert_eq!(done.err.matches("byte").count(), 1, "one number of one thing: {}", done.err);
        }
        let args = ["run", "--config", &rules, "--format", "json", "--keep-going"];
        let done = ottl(args, input.as_bytes()).ends(1);
        let record: serde_json::Value = serde_json::from_str(done.err.lines().next().expect("a line")).expect("JSON");
        let found = ["message_number", "offset", "line", "column"].map(|name| record[name].as_u64());
        assert_eq!(found, [number, offset, line, column].map(|number| Some(number as u64)), "{}", done.err);
        assert_eq!(record["path"], "resourceLogs[0].scopeLogs[0].logRecords[0].attributes");
    }
    // A message in a frame of its own has lines of its own.
    let frames = framed(&[zstd(log("a").as_bytes()), zstd(format!("\n{bad}").as_bytes())]);
    ottl(["run", "--config", &rules], &frames).ends(1).names(&["its frame is at byte", "line 2 of the message", fault]);
}

#[test]
fn ignored_errors_are_told_once() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES.replace("propagate", "ignore"));
    let input = format!("{}\n", log("bad")).repeat(50);
    let done = ottl(["run", "--config", &rules], input.as_bytes()).ends(0).names(&["rules.yaml:3:5", "50 times"]);
    assert_eq!(done.err.matches("rules.yaml:3:5").count(), 1);
    assert!(!done.err.contains("bad\"}"), "payload stays out of messages");
    assert_eq!(ottl(["run", "--config", &rules, "--quiet"], input.as_bytes()).ends(0).err, "");
    // Beside errors, too, warnings go unsaid.
    let wrong = "log_statements: ['set(log.body, 1) where log.severity_number == \"ERROR\"', 'set(log.bdy, 1)']";
    let wrong = dir.file("wrong.yaml", wrong);
    ottl(["run", "--config", &wrong], b"").ends(2).names(&["E0203", "W0301"]);
    let quiet = ottl(["run", "--config", &wrong, "--quiet"], b"").ends(2).names(&["E0203"]);
    assert!(!quiet.err.contains("W0301"), "{}", quiet.err);
}

/// A message of one scope with these bodies.
fn records(bodies: &[&str]) -> String {
    let records: Vec<_> = bodies.iter().map(|body| format!(r#"{{"body":{{"stringValue":"{body}"}}}}"#)).collect();
    format!("{{\"resourceLogs\":[{{\"scopeLogs\":[{{\"logRecords\":[{}]}}]}}]}}\n", records.join(","))
}

#[test]
fn errors_name_their_first_record_by_kind() {
    let dir = Dir::new();
    let statement = "set(log.attributes[\"n\"], 1 / Int(log.body))";
    let rules = dir.file("rules.yaml", format!("log_statements:\n  - {statement}\n"));
    let first = dir.file("first.jsonl", records(&["1", "2"]).repeat(30));
    let second = dir.file("second.jsonl", records(&["3"]) + &records(&["4", "0", "x", "0"]).repeat(500));
    for threads in ["1", "3"] {
        let report = dir.path("report.json");
        let run = ["run", "--config", &rules, "--threads", threads, "--report", &report, &first, &second];
        let done = ottl(run, b"").ends(0).names(&[
            &format!("failed 1000 times: division by zero, in `1 / Int(log.body)`; first at {second}: message 2, line 2, resourceLogs[0].scopeLogs[0].logRecords[1]"),
            &format!("failed 500 times: argument `target`: the text is not a valid int, in `Int(log.body)`; first at {second}: message 2, line 2, resourceLogs[0].scopeLogs[0].logRecords[2]"),
        ]);
        assert_eq!(done.err.matches("warning").count(), 2, "{}", done.err);
        let report: serde_json::Value = serde_json::from_slice(&contents(&report)).expect("JSON");
        let errors = &report["statements"][0]["errors"];
        assert_eq!(errors[0]["count"], 1000);
        let place = "resourceLogs[0].scopeLogs[0].logRecords[1]";
        assert_eq!(errors[0]["first"], serde_json::json!({"input": second, "message": 2, "line": 2, "place": place}));
        assert_eq!(report["statements"][0]["first_error"], errors[0]["error"]);
    }
}

#[test]
fn a_message_that_threads_share_fails_and_is_counted_as_one() {
    let dir = Dir::new();
    let statement = "set(log.attributes[\"n\"], 1 / Int(log.body))";
    let resource = |body: &str| protobuf(Signal::Logs, log(body).as_bytes());
    let message = [resource("4").repeat(9000), resource("0"), resource("5").repeat(9000), resource("0")].concat();
    let input = dir.file("logs.pb", message);
    for mode in ["ignore", "propagate"] {
        let rules = dir.file("rules.yaml", format!("error_mode: {mode}\nlog_statements:\n  - {statement}\n"));
        let all = ["1", "2", "3"].map(|threads| {
            let report = dir.path("report.json");
            let done = ottl(["run", "--config", &rules, "--threads", threads, "--report", &report, &input], b"");
            let done =
                done.ends(i32::from(mode == "propagate")).names(&["resourceLogs[9000].scopeLogs[0].logRecords[0]"]);
            (done.out, contents(&report))
        });
        assert!(all.iter().all(|one| *one == all[0]), "{mode}");
    }
}

#[test]
fn damaged_inputs_fail_with_their_place() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.body, 1)']");
    let good = protobuf(Signal::Logs, log("a").as_bytes());
    let two = framed(&[good.clone(), good.clone()]);
    let rows: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("half a line", log("a").as_bytes()[..30].to_vec(), &["message 1", "OTLP/JSON"]),
        ("a damaged line", format!("{}\n{{\"resourceLogs\":[}}\n", log("a")).into_bytes(), &["message 2", "OTLP/JSON"]),
        ("no JSON below a member that tells", b"{\"x\":".to_vec(), &["message 1"]),
        ("half a frame", two[..two.len() - 3].to_vec(), &["message 2", "inside a message"]),
        ("half a length", [&two[..], &[0, 0]].concat(), &["message 3", "inside a message"]),
        ("half a protobuf message", good[..good.len() - 2].to_vec(), &["message 1", "damaged"]),
        ("half of gzip", gzip(&two)[..20].to_vec(), &["gzip"]),
        ("half of zstd", zstd(&two)[..20].to_vec(), &["zstd"]),
        ("a frame that is no zstd", framed(&[[&[0x28, 0xb5, 0x2f, 0xfd][..], &[0xff; 20]].concat()]), &["zstd"]),
        (
            "a length of 4 GiB",
            [&[0, 0, 0, 0][..], &[0xff; 12]].concat(),
            &["limit reached: message_bytes", "--max message_bytes=", "1 GiB"],
        ),
        ("noise", vec![0xff; 100], &["message 1"]),
    ];
    for (name, bytes, parts) in rows {
        for threads in ["1", "2"] {
            let done = ottl(["run", "--config", &rules, "--threads", threads], &bytes);
            assert_eq!(done.status, 1, "{name}: {}", done.err);
            for part in parts {
                assert!(done.err.contains(part), "{name}: {part:?} is not in: {}", done.err);
            }
        }
    }
}

#[test]
fn what_was_whole_before_a_cut_is_kept_on_request() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.severity_text, \"x\")']");
    let bodies: Vec<String> = (0..200).map(|number| (number * 7919).to_string()).collect();
    let lines: String = bodies.iter().map(|body| format!("{}\n", log(body))).collect();
    let frames = framed(&bodies.iter().map(|body| protobuf(Signal::Logs, log(body).as_bytes())).collect::<Vec<_>>());
    // So little makes one block.
    let halves = |bytes: &[u8]| bytes.chunks(bytes.len() / 8 * 5).flat_map(zstd).collect::<Vec<u8>>();
    let rows = [
        ("lines.jsonl", lines.clone().into_bytes()),
        ("lines.jsonl.gz", gzip(lines.as_bytes())),
        ("lines.jsonl.zst", halves(lines.as_bytes())),
        ("frames.pb", frames.clone()),
        ("frames.pb.gz", gzip(&frames)),
        ("frames.pb.zst", halves(&frames)),
    ];
    for (name, whole) in rows {
        let file = dir.file(name, &whole[..whole.len() - whole.len() / 10]);
        for threads in ["1", "2"] {
            let out = dir.path("out");
            let run = ["run", "--config", &rules, "--threads", threads, "--to", "json", "--compress", "none", &file];
            ottl(run.iter().chain(&["--output", &out]), b"").ends(1).names(&["--keep-going", &file]);
            assert!(!dir.names().contains(&"out".to_owned()), "{name}");
            let done = ottl(run.iter().chain(&["--output", &out, "--keep-going"]), b"").ends(1).names(&[&file]);
            assert!(!done.err.contains("--keep-going"), "{name}: {}", done.err);
            let kept = String::from_utf8(contents(&out)).expect("JSON");
            std::fs::remove_file(&out).expect("it is there");
            assert!(kept.lines().count() > 100, "{name}: {} lines", kept.lines().count());
            for (line, body) in kept.lines().zip(&bodies) {
                assert!(line.contains(&format!("\"{body}\"")) && line.contains("severityText"), "{name}: {line}");
            }
        }
    }
}

#[test]
fn what_is_no_otlp_is_told_so() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.body, 1)']");
    let good = protobuf(Signal::Logs, log("a").as_bytes());
    let delimited = [&[good.len() as u8][..], &good].concat();
    ottl(["run", "--config", &rules], b"2026-11-26 GET /\n").ends(1).names(&["message 1", "this is text"]);
    ottl(["run", "--config", &rules], b"[1, 2]").ends(1).names(&["this is a list", "jq -c '.[]'"]);
    ottl(["run", "--config", &rules], b"\n[\n{\"resourceLogs\":[]},\n{}]").ends(1).names(&["message 1", "jq -c '.[]'"]);
    ottl(["run", "--config", &rules], &delimited).ends(1).names(&["message 1", "`delimited`"]);
    let told = ottl(["run", "--config", &rules, "--from", "protobuf"], &delimited).ends(1);
    assert!(!told.err.contains("--from"), "{}", told.err);
    let cut = ottl(["run", "--config", &rules], &good[..good.len() - 2]).ends(1);
    assert!(!cut.err.contains("--from"), "it begins like OTLP: {}", cut.err);
}

#[test]
fn rules_that_met_nothing_are_named() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.body, 1)']");
    let spans = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}"#;
    let both = format!("{spans}\n{}\n", log("a"));
    let rows: [(&[&str], &str, &str); 7] = [
        (&[], spans, "the rules are for logs, but the input has none"),
        (&["--signal", "logs"], spans, "the rules are for logs, but the input has none"),
        (&[], &both, ""),
        (&[], "{\"level\":\"info\"}\n{\"level\":\"warn\"}\n{}\n", "2 messages are not OTLP"),
        (&[], "{}\n", ""),
        (&["--quiet"], spans, ""),
        (&["--pretty", "--to", "protobuf"], &log("a"), "--pretty is for JSON"),
    ];
    for threads in ["1", "2"] {
        for (args, input, warning) in rows {
            let run = ["run", "--config", &rules, "--threads", threads];
            let done = ottl(run.iter().chain(args), input.as_bytes()).ends(0).names(&[warning]);
            assert_eq!(done.err.is_empty(), warning.is_empty(), "{input}: {}", done.err);
        }
    }
}

#[test]
fn damage_that_nobody_reads_is_found_by_validate() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.severity_text, \"x\")']");
    // A log record whose trace id (field 9) has one byte.
    let message = [0x0a, 7, 0x12, 5, 0x12, 3, 0x4a, 1, 7];
    assert!(!ottl(["run", "--config", &rules], &message).ends(0).out.is_empty());
    ottl(["run", "--config", &rules, "--validate"], &message).ends(1).names(&["message 1 (at byte 8)"]);
}

#[test]
fn messages_in_fields_of_another_wire_type_count_as_absent() {
    let dir = Dir::new();
    let logs = dir.file(
        "logs.yaml",
        "log_statements: ['set(log.severity_text, \"x\") where log.body == nil and log.attributes[\"k\"] == nil']",
    );
    let spans = dir.file(
        "spans.yaml",
        "trace_statements: ['set(span.name, \"x\") where span.status.code == 0 and span.attributes[\"k\"] == nil']",
    );
    // Body and attributes of a log record, attributes and status of a span, as numbers; and what is set.
    let rows: [(&str, &str, u8, [u8; 3]); 4] = [
        (&logs, "logs", 0x28, [0x1a, 1, b'x']),
        (&logs, "logs", 0x30, [0x1a, 1, b'x']),
        (&spans, "traces", 0x48, [0x2a, 1, b'x']),
        (&spans, "traces", 0x78, [0x2a, 1, b'x']),
    ];
    for (rules, signal, tag, written) in rows {
        let message = [0x0a, 6, 0x12, 4, 0x12, 2, tag, 1];
        let run = ["run", "--config", rules, "--signal", signal];
        let expected = [&[0x0a, 9, 0x12, 7, 0x12, 5, tag, 1], &written[..]].concat();
        assert_eq!(ottl(run, &message).ends(0).out, expected, "{tag:#x}");
        ottl([&run[..], &["--validate"]].concat(), &message).ends(1).names(&["message 1 (at byte", "wire type"]);
    }
}

#[test]
fn wrong_rules_and_arguments_end_with_2() {
    let dir = Dir::new();
    let wrong = dir.file("wrong.yaml", "log_statements:\n  - sett(log.body, 1)\n");
    let right =
        dir.file("right.yaml", "log_statements: ['set(log.body, 1)']\ntrace_statements: ['set(span.name, \"x\")']\n");
    let warned = dir.file("warned.yaml", "log_statements: ['set(log.body, 1) where log.severity_number == \"ERROR\"']");
    let missing = dir.path("missing.yaml");
    ottl(["run", "--config", &missing], b"").ends(1).names(&["missing.yaml: cannot read"]);
    let expr = dir.file("expr.yaml", "metrics: {exclude: {match_type: expr, expressions: ['true']}}");
    ottl(["run", "--config", &expr], b"").ends(3).names(&["E0611"]);
    let rows: [(&[&str], &str); 10] = [
        (&["run", "--config", &wrong], "sett"),
        (&["run", "--config", &right, "--gate", "no.such.gate"], "no.such.gate"),
        (&["run", "--config", &right, "--frobnicate"], "--frobnicate"),
        (&["run", "--config", &right, "--threads", "0"], "0"),
        (&["run", "--config", "-"], "standard input"),
        (&["run", "--config", &warned, "--deny", "warnings"], "denied"),
        (&["run"], "--config"),
        (&["run", "--config", &right, "--report", "-"], "standard output"),
        (&["run", "--config", &right, "--report", "-", "--output", "-"], "standard output"),
        (&["bench", "--config", "-", "--signal", "logs"], "standard input"),
    ];
    for (args, part) in rows {
        let done = ottl(args, &[0, 0, 0, 0]);
        assert_eq!(done.status, 2, "{args:?}: {}", done.err);
        assert!(done.err.contains(part), "{args:?}: {}", done.err);
        assert_eq!(done.out, b"");
    }
    ottl(["run", "--config", &warned], b"").ends(0).names(&["warned.yaml"]);
}

#[test]
fn unreadable_inputs_fail() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.body, 1)']");
    let good = dir.file("good.json", log("a"));
    let (missing, directory) = (dir.path("missing.json"), std::env::temp_dir().to_string_lossy().into_owned());
    ottl(["run", "--config", &rules, &missing], b"").ends(1).names(&["missing.json", "cannot read"]);
    ottl(["run", "--config", &rules, &directory], b"").ends(1).names(&["cannot read"]);
    let done = ottl(["run", "--config", &rules, "--keep-going", &missing, &good], b"").ends(1).names(&["missing.json"]);
    assert_eq!(done.text().lines().count(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.body, 1)']");
    let input = format!("{}\n", log("a")).repeat(1000);
    ottl(["run", "--config", &rules, "--output", "/dev/full"], input.as_bytes())
        .ends(1)
        .names(&["/dev/full", "cannot write"]);
    ottl(["run", "--config", &rules, "--report", "/dev/full"], b"").ends(1).names(&["/dev/full"]);
    let full = std::fs::File::options().write(true).open("/dev/full").expect("the device is there");
    let mut child = command()
        .args(["run", "--config", &rules, "--threads", "2"])
        .stdin(Stdio::piped())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    drop(child.stdin.take().expect("piped").write_all(input.as_bytes()));
    let done = child.wait_with_output().expect("it ends");
    assert_eq!(done.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&done.stderr).contains("standard output: cannot write"));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.severity_text, \"x\")']");
    let input = dir.file("in.jsonl", format!("{}\n", log(&"long ".repeat(100))).repeat(20_000));
    for threads in ["1", "2"] {
        let mut child = command()
            .args(["run", "--config", &rules, "--threads", threads, &input])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut first = [0; 10];
        child.stdout.as_mut().expect("piped").read_exact(&mut first).expect("there is output");
        drop(child.stdout.take());
        let done = child.wait_with_output().expect("it ends");
        assert_eq!((done.status.code(), String::from_utf8_lossy(&done.stderr).as_ref()), (Some(0), ""));
    }
    for args in [vec!["functions", "--paths"], vec!["completions", "bash"], vec!["functions", "--format", "json"]] {
        let mut child = command().args(&args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        drop(child.stdout.take());
        let done = child.wait_with_output().expect("it ends");
        assert_eq!((done.status.code(), done.stderr.len()), (Some(0), 0), "{args:?}");
    }
}

#[test]
fn a_sample_that_is_cut_anywhere_never_panics() {
    let rules = sample("rules/limit-size.yaml");
    let whole = contents(&sample("fileexporter/logs.zstd"));
    for part in 0..12 {
        let len = whole.len() * part / 12;
        let done = ottl(["run", "--config", &rules, "--signal", "logs"], &whole[..len]);
        assert!(matches!(done.status, 0 | 1), "{len}: {}", done.err);
        assert_eq!(done.status == 0, len == 0, "{len}: {}", done.err);
    }
}

#[test]
fn protobuf_that_is_cut_off_keeps_whole_resources() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.severity_text, \"seen\")']");
    let one = protobuf(Signal::Logs, log("a").as_bytes());
    // The second is larger than what goes through the threads.
    for times in [3, (7 << 20) / one.len()] {
        let whole = one.repeat(times);
        let input = dir.file("cut.pb", [&whole[..], &one[..one.len() - 1]].concat());
        let out = dir.path("out.pb");
        let run = ["run", "--config", &rules, &input, "--output", &out, "--signal", "logs"];
        ottl(run, b"").ends(1).names(&["--keep-going", "the message ends inside a field"]);
        let place = format!("message 1 (at byte {}): the message ends inside a field", whole.len());
        let kept = ottl(run.iter().chain(&["--keep-going"]), b"").ends(1);
        kept.names(&[&place, "what is whole before it is kept"]);
        let (uncut, expected) = (dir.file("whole.pb", whole), dir.path("expected.pb"));
        ottl(["run", "--config", &rules, &uncut, "--output", &expected, "--signal", "logs"], b"").ends(0);
        assert!(contents(&out) == contents(&expected), "{times}");
    }
}

#[test]
fn text_in_utf16_is_named() {
    let dir = Dir::new();
    let units: Vec<u16> = log("a").encode_utf16().collect();
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(units.iter().flat_map(|unit| unit.to_le_bytes())).collect();
    let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(units.iter().flat_map(|unit| unit.to_be_bytes())).collect();
    for bytes in [little, big] {
        let file = dir.file("a.json", bytes);
        ottl(["run", "-e", "set(log.body, 1)", &file], b"").ends(1).names(&["a.json: this is text in UTF-16"]);
        ottl(["convert", "--to", "json", &file], b"").ends(1).names(&["a.json: this is text in UTF-16"]);
    }
}
