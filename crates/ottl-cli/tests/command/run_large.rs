//! `ottl run`: messages that must not be in memory in all their forms.

use ottl::otlp::Signal;
use ottl::otlp::framing::{Format, FrameOptions};

use crate::harness::{Dir, framed, gzip, log, messages, ottl, protobuf};

/// One message of so many records, whose bodies are this text.
fn records(count: usize, body: &str) -> String {
    let record = format!(r#"{{"body":{{"stringValue":"{body}"}}}}"#);
    let all = vec![record; count].join(",");
    format!(r#"{{"resourceLogs":[{{"resource":{{}},"scopeLogs":[{{"scope":{{}},"logRecords":[{all}]}}]}}]}}"#)
}

/// The most memory that a run of these arguments holds, in KiB.
#[cfg(target_os = "linux")]
fn peak(args: &[&str], input: Option<&str>) -> u64 {
    let mut command = crate::harness::command();
    command.arg("run").args(args);
    if let Some(path) = input {
        command.stdin(std::fs::File::open(path).expect("the file is there"));
    }
    let mut child = command.spawn().expect("the binary starts");
    let path = format!("/proc/{}/status", child.id());
    let mut most = 0;
    loop {
        // The kernel keeps the maximum, and forgets it when the process ends.
        let status = std::fs::read_to_string(&path).unwrap_or_default();
        if let Some(peak) = status.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
            most = peak.trim().trim_end_matches(" kB").parse().expect("a number");
        }
        if let Some(ended) = child.try_wait().expect("it runs") {
            assert!(ended.success());
            return most;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_threads_or_messages() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", r#"log_statements: ['set(log.severity_text, "x")']"#);
    // The largest that threads work on beside each other.
    let text = records(57, &"z".repeat(110_000));
    let lines = dir.file("lines.jsonl", format!("{text}\n").repeat(12));
    let limit = (64 << 10) + 2 * text.len() as u64 / 1024;
    for threads in ["2", "8", "40"] {
        for compress in ["none", "gzip", "zstd", "zstd:9"] {
            let how =
                ["--config", &rules, &lines, "--threads", threads, "--compress", compress, "--output", "/dev/null"];
            let used = peak(&how, None);
            assert!(used < limit, "{threads} threads, {compress}: {used} KiB of {limit}");
        }
    }
    // A Zstandard frame with the largest window, 100 MiB of blanks in runs of 128 KiB: the window comes on top, once.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88];
    for block in 1..=800_u32 {
        frame.extend_from_slice(&(131_072 << 3 | 1 << 1 | u32::from(block == 800)).to_le_bytes()[..3]);
        frame.push(b' ');
    }
    let blanks = dir.file("blanks.zst", frame);
    let raised = ["--config", &rules, &blanks, "--max", "decompression_ratio=1000000", "--output", "/dev/null"];
    let used = peak(&raised, None);
    assert!(used < (64 + 128) << 10, "{used} KiB");
    let empty = dir.file("empty.pb.gz", gzip(&vec![0; 4 * 600_000]));
    for threads in ["1", "8"] {
        let used = peak(&["--config", &rules, &empty, "--threads", threads, "--output", "/dev/null"], None);
        assert!(used < 64 << 10, "{threads} threads: {used} KiB");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_rules_add_counts_with_any_number_of_threads() {
    let dir = Dir::new();
    // Each message becomes three times as long.
    let grow = r#"log_statements: ['set(log.attributes["a"], log.body)', 'set(log.attributes["b"], log.body)']"#;
    let rules = dir.file("rules.yaml", grow);
    let text = records(64, &"z".repeat(65_000));
    let message = protobuf(Signal::Logs, text.as_bytes());
    let frames = dir.file("in.pb", framed(&vec![message; 12]));
    let lines = dir.file("in.jsonl", format!("{text}\n").repeat(12));
    // Sixteen MiB are for the program itself, built without optimisation; uncounted, the messages take 200.
    let limit = ((64 + 16) << 10) + 2 * 3 * text.len() as u64 / 1024;
    for threads in ["2", "16"] {
        for input in [&frames, &lines] {
            let args = ["--config", &rules, input, "--threads", threads, "--output", "/dev/null"];
            let used = peak(&args, None);
            assert!(used < limit, "{input}, {threads} threads: {used} KiB of {limit}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_large_message_is_in_memory_twice_at_most() {
    let dir = Dir::new();
    let some = dir.file("some.yaml", r#"log_statements: ['set(log.severity_text, "x") where log.body != "y"']"#);
    let none = dir.file("none.yaml", r#"log_statements: ['set(log.severity_text, "x") where log.body == "y"']"#);
    // Much structure, and nearly all text: the protobuf form is half of the one and all of the other.
    for text in [records(200_000, &"z".repeat(170)), records(400, &"z".repeat(100_000))] {
        let limit = (64 << 10) + 2 * text.len() as u64 / 1024;
        let file = dir.file("large.json", &text);
        for rules in [&some, &none] {
            // What is known of a file is not known of a stream.
            for (input, from) in [(None, &file[..]), (Some(&file[..]), "-")] {
                let used = peak(&["--config", rules, from, "--output", "/dev/null"], input);
                assert!(used < limit, "{used} KiB of {limit} for {} bytes, {from}, {rules}", text.len());
            }
        }
    }
}

#[test]
fn large_messages_are_written_as_small_ones_are() {
    let dir = Dir::new();
    let text = records(90, &"z\\n".repeat(40_000));
    assert!(text.len() > 8 << 20, "{} bytes are large", text.len());
    let input = protobuf(Signal::Logs, text.as_bytes());
    let inputs = [text.clone().into_bytes(), framed(std::slice::from_ref(&input)), gzip(&input)];
    let mut threads = ["1", "3"].into_iter().cycle();
    for (condition, body) in [("true", "x"), ("false", "z")] {
        let rules = format!("log_statements: ['replace_pattern(log.body, \"z\", \"x\") where {condition}']");
        let rules = dir.file("rules.yaml", rules);
        let expected = records(90, &format!("{body}\\n").repeat(40_000));
        let transformed = protobuf(Signal::Logs, expected.as_bytes());
        for given in &inputs {
            let formats = [
                ("protobuf", Format::Protobuf),
                ("framed", Format::LengthPrefixed),
                ("delimited", Format::Delimited),
                ("zstd-frames", Format::ZstdFrames),
            ];
            let threads = threads.next().expect("it goes round");
            let run = |to| ottl(["run", "--config", &rules, "--threads", threads, "--to", to], given).ends(0);
            assert!(run("json").out == format!("{expected}\n").into_bytes(), "{condition}, {threads} threads, json");
            for (to, format) in formats {
                let options = FrameOptions { format: Some(format), ..FrameOptions::default() };
                let out = messages(&run(to).out, options);
                assert!(out.len() == 1 && out[0] == transformed, "{condition}, {threads} threads, {to}");
            }
        }
    }
    // What is set to what it was leaves the text as it was.
    let spaced = text.replacen("[", " [\n", 1) + "\n";
    let same = ["run", "-e", "set(log.severity_text, \"\")"];
    assert!(ottl(same, spaced.as_bytes()).ends(0).out == spaced.as_bytes());
    let drop = dir.file("drop.yaml", "log_conditions: ['log.body != \"\"']");
    // Compressed, nothing is not empty.
    for given in &inputs[..2] {
        assert_eq!(ottl(["run", "--config", &drop], given).ends(0).out, b"");
    }
}

#[test]
fn a_large_message_that_fails_leaves_nothing() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", r#"log_statements: ['set(log.severity_text, "x") where log.body == "y"']"#);
    let good = log("a");
    let text = records(90, &"z".repeat(100_000));
    // Damage that no rule reads, at the end of the message: the value of an attribute ends too late.
    let mut damaged = protobuf(Signal::Logs, text.as_bytes());
    damaged.extend([0x0a, 10, 0x12, 8, 0x12, 6, 0x32, 4, 0x12, 2, 0x0a, 9]);
    let run = ["run", "--config", &rules, "--from", "framed", "--to", "json"];
    let done = ottl(run, &framed(&[protobuf(Signal::Logs, good.as_bytes()), damaged])).ends(1).names(&["message 2"]);
    assert_eq!(done.text(), format!("{good}\n"));
    // And text that stops.
    let cut = format!("{good}\n{}", &text[..text.len() - 4]);
    let done = ottl(["run", "--config", &rules], cut.as_bytes()).ends(1).names(&["message 2"]);
    assert_eq!(done.text(), format!("{good}\n"));
}
