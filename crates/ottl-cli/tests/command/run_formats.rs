//! `ottl run`: every format in, every format out.

use std::io::Read as _;

use ottl::otlp::Signal;
use ottl::otlp::framing::{Format, FrameOptions};

use crate::harness::{
    Dir, contents, delimited, framed, gunzip, gzip, log, messages, ottl, protobuf, sample, span, text, zstd,
};

const RULES: &str = r#"log_statements: ['set(log.attributes["seen"], true)']"#;

/// The rules done by the library to each message, as JSON.
fn expected(inputs: &[Vec<u8>]) -> Vec<String> {
    let rules = ottl::RuleSet::compile(RULES).expect("the rules are right");
    let one = |input: &Vec<u8>| {
        let outcome = rules.transform(Signal::Logs, input).expect("the message is right");
        text(Signal::Logs, outcome.output.bytes(input).expect("nothing is dropped"))
    };
    inputs.iter().map(one).collect()
}

/// The messages of an output, as JSON.
fn found(output: &[u8], format: Option<Format>) -> Vec<String> {
    let options = FrameOptions { format, ..FrameOptions::default() };
    let one = |bytes: Vec<u8>| {
        if bytes.starts_with(b"{") { String::from_utf8(bytes).expect("text") } else { text(Signal::Logs, &bytes) }
    };
    messages(output, options).into_iter().map(one).collect()
}

/// Name, bytes, `--from`, format of the output.
type Row = (&'static str, Vec<u8>, Option<&'static str>, Option<Format>);

#[test]
fn every_format_comes_in_and_goes_out() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let inputs = [protobuf(Signal::Logs, log("a").as_bytes()), contents(&sample("marshaler/logs.pb"))];
    let expected = expected(&inputs);
    let lines = format!("{}\n{}\n", log("a"), text(Signal::Logs, &inputs[1]));
    let frames = [zstd(&inputs[0]), zstd(&inputs[1])];
    let json_frames: Vec<Vec<u8>> = lines.lines().map(|line| zstd(line.as_bytes())).collect();
    let rows: Vec<Row> = vec![
        ("lines", lines.clone().into_bytes(), None, Some(Format::Json)),
        ("lines without a last break", lines.trim_end().as_bytes().to_vec(), None, Some(Format::Json)),
        ("lines in gzip", gzip(lines.as_bytes()), None, Some(Format::Json)),
        ("lines in zstd", zstd(lines.as_bytes()), None, Some(Format::Json)),
        ("framed", framed(&inputs), None, Some(Format::LengthPrefixed)),
        ("framed in gzip", gzip(&framed(&inputs)), None, Some(Format::LengthPrefixed)),
        ("framed in zstd", zstd(&framed(&inputs)), None, Some(Format::LengthPrefixed)),
        ("delimited", delimited(&inputs), Some("delimited"), Some(Format::Delimited)),
        ("frames of protobuf", framed(&frames), None, Some(Format::ZstdFrames)),
        ("frames of JSON", framed(&json_frames), None, Some(Format::ZstdFrames)),
    ];
    for (name, bytes, from, same) in rows {
        let mut args = vec!["run", "--config", &rules];
        args.extend(from.iter().flat_map(|from| ["--from", from]));
        let done = ottl(args.clone(), &bytes).ends(0);
        assert_eq!(done.err, "", "{name}");
        assert_eq!(found(&done.out, same), expected, "{name}");
        assert_eq!(done.out.starts_with(&[0x1f, 0x8b]), bytes.starts_with(&[0x1f, 0x8b]), "{name}: gzip stays gzip");
        let outputs = [
            ("json", Format::Json),
            ("framed", Format::LengthPrefixed),
            ("delimited", Format::Delimited),
            ("zstd-frames", Format::ZstdFrames),
        ];
        for (to, format) in outputs {
            let done = ottl(args.iter().chain(&["--to", to]), &bytes).ends(0);
            assert_eq!(found(&done.out, Some(format)), expected, "{name} to {to}");
        }
        let done = ottl(args.iter().chain(&["--to", "protobuf"]), &bytes).ends(0);
        let joined: Vec<u8> =
            messages(&ottl(args.iter().chain(&["--to", "framed"]), &bytes).out, FrameOptions::default()).concat();
        assert_eq!(done.out, joined, "{name}: messages side by side are one message");
    }
}

#[test]
fn one_document_is_one_message() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    for signal in [Signal::Logs, Signal::Traces, Signal::Metrics] {
        let (bare, document) =
            (sample(&format!("marshaler/{}.pb", signal.name())), sample(&format!("marshaler/{}.json", signal.name())));
        let from_bare = ottl(["run", "--config", &rules, "--signal", signal.name(), "--to", "json", &bare], b"");
        let from_document = ottl(["run", "--config", &rules, &document], b"").ends(0);
        let from_bare = from_bare.ends(0);
        assert_eq!(from_bare.text(), from_document.text());
        assert_eq!(from_bare.text().lines().count(), 1);
    }
}

#[test]
fn the_file_exporters_files_come_through() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let mut all = Vec::new();
    for name in ["logs.framed", "logs.zstd", "logs.zstd-json", "logs.gzip", "logs.jsonl.gz"] {
        let path = sample(&format!("fileexporter/{name}"));
        let done = ottl(["run", "--config", &rules, "--to", "json", &path], b"").ends(0);
        assert_eq!(done.text().lines().count(), 3, "{name}");
        assert!(
            done.text().lines().all(|line| line.contains(r#"{"key":"seen","value":{"boolValue":true}}"#)),
            "{name}"
        );
        all.push(done.out);
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "one content in five dresses");
}

#[test]
fn mixed_lines_keep_their_order_and_other_signals_pass() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let odd = r#"{"resourceSpans": [], "unknown": 1}"#;
    let input = format!("{}\n{odd}\n{}\n{}\n{{}}\n", span("x"), log("a"), span("y"));
    for threads in ["1", "2", "5"] {
        let done = ottl(["run", "--config", &rules, "--threads", threads], input.as_bytes()).ends(0);
        let lines: Vec<&str> = done.text().lines().collect();
        assert_eq!((lines[0], lines[1], lines[3], lines[4]), (&*span("x"), odd, &*span("y"), "{}"));
        assert!(lines[2].contains("seen"));
    }
    let done = ottl(["run", "--config", &rules, "--signal", "traces"], input.as_bytes()).ends(0).names(&["traces"]);
    assert_eq!(done.text(), input, "the rules are for logs, and traces were asked for");
    ottl(["run", "--config", &rules, "--to", "framed"], input.as_bytes()).ends(1).names(&["told apart"]);
}

#[test]
fn messages_that_do_not_change_stand_between_others_as_they_came() {
    let dir = Dir::new();
    let set = "set(log.severity_number, 1) where log.body == \"changes\"";
    let fails = "set(log.attributes[\"n\"], Int(log.body[\"n\"])) where log.body == \"fails\"";
    let rules = dir.file("rules.yaml", format!("error_mode: propagate\nlog_statements: ['{set}', '{fails}']\n"));
    let run = |threads: &str, to: &str, input: &[u8]| {
        let end = ["--threads", threads, "--keep-going", "--from", "framed", "--to", to, "--signal", "logs"];
        let done = ottl([&["run", "--config", &rules][..], &end].concat(), input);
        done.out
    };
    for to in ["framed", "protobuf", "delimited", "json"] {
        let bodies = ["same", "changes", "fails"];
        let one = bodies.map(|body| framed(&[protobuf(Signal::Logs, log(body).as_bytes())]));
        let done = one.each_ref().map(|message| run("1", to, message));
        assert!(done[2].is_empty() && !done[0].is_empty() && !done[1].is_empty(), "{to}");
        for order in ["0", "00", "01", "10", "001", "02", "20", "0020", "2", "0102001", "1111", "0000000"] {
            let pick = |of: &[Vec<u8>; 3]| {
                order.bytes().map(|at| of[usize::from(at - b'0')].clone()).collect::<Vec<_>>().concat()
            };
            for threads in ["1", "3"] {
                assert_eq!(run(threads, to, &pick(&one)), pick(&done), "{to} {order} {threads}");
            }
        }
    }
}

#[test]
fn mixed_sample_lines_pass_through_in_order() {
    let path = sample("fileexporter/mixed.jsonl");
    let rules = sample("rules/redact-traces.yaml");
    let done = ottl(["run", "--config", &rules, &path], b"").ends(0);
    let before = String::from_utf8(contents(&path)).expect("text");
    assert_eq!(done.text().lines().count(), before.lines().count());
    let mut changed = 0;
    for (old, new) in before.lines().zip(done.text().lines()) {
        if old.starts_with(r#"{"resourceSpans""#) {
            changed += usize::from(old != new);
        } else {
            assert_eq!(old, new);
        }
    }
    assert!(changed > 0);
}

#[test]
fn pretty_json_is_indented_and_reads_back() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let done = ottl(["run", "--config", &rules, "--pretty"], log("a").as_bytes()).ends(0);
    assert!(done.text().contains("\n  \"resourceLogs\""));
    let again = ottl(["run", "-e", "set(log.body, \"b\")"], &done.out).ends(0);
    assert_eq!(again.text().lines().count(), 1, "an indented document comes out as a line");
}

#[test]
fn compression_is_kept_or_chosen() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let plain = ottl(["run", "--config", &rules], log("a").as_bytes()).ends(0).out;
    let packed = ottl(["run", "--config", &rules, "--compress", "gzip"], log("a").as_bytes()).ends(0).out;
    assert_eq!(gunzip(&packed), plain);
    let out = dir.path("out");
    ottl(["run", "--config", &rules, "--compress", "zstd", "--output", &out], log("a").as_bytes()).ends(0);
    assert!(contents(&out).starts_with(&[0x28, 0xb5, 0x2f, 0xfd]));
    let unpacked = ottl(["run", "--config", &rules, "--to", "json"], &gzip(log("a").as_bytes())).ends(0).out;
    assert_eq!(unpacked, plain, "an output format that was asked for is not compressed");
}

#[test]
fn nothing_is_no_message() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    for input in [&b""[..], b"\n\n", &gzip(b"")] {
        let done = ottl(["run", "--config", &rules], input).ends(0);
        assert_eq!(done.out, b"");
    }
    // A frame may hold an empty message.
    assert_eq!(ottl(["run", "--config", &rules, "--from", "framed"], &[0, 0, 0, 0]).ends(0).out, [0, 0, 0, 0]);
}

#[test]
fn filters_drop_records_and_messages() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", r#"log_conditions: ['log.body == "a"']"#);
    let input = format!("{}\n{}\n{}\n", log("a"), log("b"), log("a"));
    let report = dir.path("report.json");
    let done = ottl(["run", "--config", &rules, "--report", &report], input.as_bytes()).ends(0);
    assert_eq!(done.text(), format!("{}\n", log("b")), "a dropped message writes nothing");
    let report: serde_json::Value = serde_json::from_slice(&contents(&report)).expect("JSON");
    assert_eq!((&report["messages"], &report["dropped"]["log_records"]), (&3.into(), &2.into()));
    assert_eq!((&report["statements"][0]["evaluated"], &report["statements"][0]["matched"]), (&3.into(), &2.into()));
    let framed_input = framed(&[protobuf(Signal::Logs, log("a").as_bytes())]);
    assert_eq!(ottl(["run", "--config", &rules], &framed_input).ends(0).out, b"");
}

#[test]
fn a_collector_runs_its_pipeline() {
    let rules = sample("rules/collector-tenants.yaml");
    let env = sample("rules/collector-tenants.env");
    let input = sample("sdk/python-logs.pb");
    ottl(["check", "--env-file", &env, &rules], b"").ends(0);
    let refused = ottl(["run", "--config", &rules, "--env-file", &env, "--signal", "logs", &input], b"").ends(2);
    assert!(refused.err.contains("pipeline"), "{}", refused.err);
    let shop = sample("rules/collector-shop.yaml");
    let done = ottl(["run", "--config", &shop, "--signal", "logs", "--to", "json", &input], b"").ends(0);
    assert!(done.text().contains(r#"{"key":"deployment.environment.name","value":{"stringValue":"production"}}"#));
}

#[test]
fn the_name_of_the_output_tells_its_form() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.severity_text, \"x\")']");
    let message = protobuf(Signal::Logs, log("a").as_bytes());
    let input = dir.file("in.pb", &message);
    let run = |name: &str| {
        let out = dir.path(name);
        ottl(["run", "--config", &rules, &input, "-o", &out], b"").ends(0);
        contents(&out)
    };
    let plain = run("out.json");
    assert!(plain.starts_with(b"{\"resourceLogs\""));
    assert_eq!(gunzip(&run("out.jsonl.gz")), plain);
    let frame = run("out.json.zst");
    let mut decoder = ruzstd::decoding::StreamingDecoder::new(&frame[..]).expect("a frame");
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut decoder, &mut text).expect("zstd");
    assert_eq!(text, plain);
    assert!(run("out.anything").starts_with(&[0x0a]));
    // In place a file stays what it is.
    let odd = dir.file("odd.json", &message);
    ottl(["run", "--config", &rules, &odd, "-o", &odd], b"").ends(0);
    assert!(contents(&odd).starts_with(&[0x0a]));
}

#[test]
fn levels_of_compression_are_taken_and_refused() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.severity_text, \"x\")']");
    let many: String = (0..3000).map(|n| format!("{}\n", log(&format!("{} {}", n * 7919 % 1000, n)))).collect();
    let input = dir.file("in.jsonl", &many);
    let size = |how: &str| {
        let out = dir.path("out");
        ottl(["run", "--config", &rules, &input, "-o", &out, "--compress", how], b"").ends(0);
        let again = ottl(["run", "--config", &rules, &out, "--compress", "none"], b"").ends(0);
        assert_eq!(again.text().lines().count(), 3000, "{how}");
        contents(&out).len()
    };
    assert!(size("zstd:19") < size("zstd:1") && size("zstd") == size("zstd:3"));
    assert!(size("gzip:9") < size("gzip:1") && size("gzip") == size("gzip:6"));
    for wrong in ["zstd:0", "zstd:23", "zstd:x", "gzip:10", "none:1", "lz4"] {
        ottl(["run", "--config", &rules, &input, "--compress", wrong], b"").ends(2).names(&["--compress"]);
    }
}

#[test]
fn threads_compress_what_one_thread_compresses() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.severity_text, \"x\")']");
    let bodies = |count: usize| (0..count).map(|n| format!("{} {n} some text", n * 7919 % 1000));
    let lines: String = bodies(20_000).map(|body| format!("{}\n", log(&body))).collect();
    // Some messages so large that they come in pieces, as text and as protobuf.
    let records: Vec<String> = bodies(100_000)
        .map(|body| format!(r#"{{"body":{{"stringValue":"{body}"}},"attributes":[{{"key":"k"}}]}}"#))
        .collect();
    let large = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#, records.join(","));
    let long = records.join(" ").replace('"', "'");
    let longest = format!(r#"{{"resourceLogs":[{{"schemaUrl":"{long}"}}]}}"#);
    let mixed = format!("{lines}{large}\n{}\n{longest}\n{lines}", log("a"));
    let inputs = [
        dir.file("lines.jsonl", &lines),
        dir.file("mixed.jsonl", &mixed),
        dir.file("large.pb", protobuf(Signal::Logs, longest.as_bytes())),
    ];
    for input in &inputs {
        let run = |threads: &str, compress: &str| {
            let out = dir.path("out");
            ottl(["run", "--config", &rules, input, "--threads", threads, "--compress", compress, "-o", &out], b"")
                .ends(0);
            contents(&out)
        };
        let plain = run("1", "none");
        let gzip = run("1", "gzip");
        assert!(gunzip(&gzip) == plain, "{input}");
        let mut first = Vec::new();
        // One member, for readers that stop after it.
        flate2::read::GzDecoder::new(&gzip[..]).read_to_end(&mut first).expect("gzip");
        assert!(first == plain, "{input}");
        for threads in ["2", "4"] {
            assert!(run(threads, "gzip") == gzip, "{input}: the same bytes with {threads} threads");
            for level in ["zstd:1", "zstd", "zstd:9", "zstd:12"] {
                let packed = run(threads, level);
                let found = ::zstd::stream::decode_all(&packed[..]).expect("Zstandard");
                assert!(found == plain, "{input}: {level} with {threads} threads");
            }
        }
    }
}

#[test]
fn protobuf_that_could_not_be_read_again_is_not_written() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.severity_text, \"x\")']");
    let many = format!("{}\n", log("a")).repeat(100);
    let out = dir.file("out.pb", "old");
    let run = ["run", "--config", &rules, "-o", &out, "--max", "message_bytes=1000"];
    ottl(run, many.as_bytes()).ends(1).names(&["--to framed", "--max message_bytes="]);
    assert_eq!(contents(&out), b"old");
    ottl(run.iter().copied().chain(["--to", "framed"]), many.as_bytes()).ends(0);
    assert_eq!(messages(&contents(&out), FrameOptions::default()).len(), 100);
}

/// `script` gives the command a terminal.
#[cfg(target_os = "linux")]
#[test]
fn protobuf_is_not_written_to_a_terminal() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.severity_text, \"x\")']");
    let input = dir.file("in.pb", protobuf(Signal::Logs, log("a").as_bytes()));
    let run = |options: &str| {
        let line = format!("{} run --config {rules} {input} {options}", env!("CARGO_BIN_EXE_ottl"));
        let done = std::process::Command::new("script").args(["-qec", &line, "/dev/null"]).output().ok()?;
        Some((done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned()))
    };
    let Some((status, shown)) = run("") else {
        eprintln!("skipped: there is no `script` to make a terminal with");
        return;
    };
    assert!(status == Some(2) && shown.contains("add --to json"), "{shown}");
    let (status, shown) = run("--to json").expect("it was there");
    assert!(status == Some(0) && shown.contains("resourceLogs"), "{shown}");
    let (status, shown) = run("--to json --compress zstd").expect("it was there");
    assert!(status == Some(2) && shown.contains("compressed"), "{shown}");
    // By its name, too.
    for name in ["/dev/tty", "/dev/stdout"] {
        let (status, shown) = run(&format!("-o {name}")).expect("it was there");
        assert!(status == Some(2) && shown.contains("add --to json"), "{name}: {shown}");
        assert_eq!(run(&format!("-o {name} --to json")).expect("it was there").0, Some(0));
    }
}

#[test]
fn what_stays_in_the_input_and_what_is_made_come_out_in_order() {
    let dir = Dir::new();
    for (name, rules) in [
        ("edit", r#"log_statements: ['set(log.body, "changed, and longer") where log.body == "change"']"#),
        ("drop", r#"log_conditions: ['log.body == "drop"']"#),
    ] {
        let config = dir.file(name, rules);
        let rules = ottl::RuleSet::compile(rules).expect("sound");
        // Records long and short, of which each message has some to change, some to drop, or neither.
        let bodies = |bodies: &[&str]| {
            let record = |body: &&str| format!(r#"{{"body":{{"stringValue":"{body}"}}}}"#);
            let records = bodies.iter().map(record).collect::<Vec<_>>().join(",");
            let text = format!(r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{records}]}}]}}]}}"#);
            protobuf(Signal::Logs, text.as_bytes())
        };
        let long = "z".repeat(5000);
        let mut messages = vec![
            bodies(&["short"]),
            bodies(&[&long, "change", &long, "drop", "short", &long]),
            bodies(&[&long]),
            bodies(&["drop"]),
            bodies(&["change"]),
            bodies(&[&long, &long, "drop", "change"]),
            bodies(&["short", "short"]),
        ];
        for turn in 0..messages.len() {
            messages.rotate_left(1);
            let many = vec![messages.clone(); 1 + 10 * turn].concat();
            let wanted: Vec<Vec<u8>> = many
                .iter()
                .filter_map(|message| match rules.transform(Signal::Logs, message).expect("it runs").output {
                    ottl::Output::Unchanged => Some(message.clone()),
                    ottl::Output::Changed(changed) => Some(changed),
                    ottl::Output::Dropped => None,
                })
                .collect();
            let input = dir.file("in", framed(&many));
            for threads in ["1", "3"] {
                for (to, want) in [("framed", framed(&wanted)), ("protobuf", wanted.concat())] {
                    for more in [&["--quiet"][..], &["--stats"], &["--compress", "gzip"]] {
                        let args = ["run", "--config", &config, &input, "--threads", threads, "--to", to];
                        let done = ottl(args.iter().chain(more), b"").ends(0);
                        let out = if more[0] == "--compress" { gunzip(&done.out) } else { done.out };
                        assert!(out == want, "{name}, turn {turn}, {threads} threads, {to}, {more:?}");
                    }
                }
            }
        }
    }
}
