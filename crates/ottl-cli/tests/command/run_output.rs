//! `ottl run`: where the output goes, and that it streams.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;

use ottl::otlp::Signal;

use crate::harness::{Dir, command, contents, log, ottl, protobuf, text};

const RULES: &str = r#"log_statements: ['set(log.body, Concat([log.body, "!"], ""))']"#;

#[test]
fn the_output_may_be_the_input() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let many: String = (0..5000).map(|n| format!("{}\n", log(&n.to_string()))).collect();
    let file = dir.file("data.jsonl", &many);
    ottl(["run", "--config", &rules, &file, "--output", &file], b"").ends(0);
    let expected: String = (0..5000).map(|n| format!("{}\n", log(&format!("{n}!")))).collect();
    assert_eq!(String::from_utf8(contents(&file)).expect("text"), expected);
    assert_eq!(dir.names(), ["data.jsonl", "rules.yaml"]);
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let file = dir.file("data.json", log("a"));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).expect("permissions");
    let link = dir.path("link.json");
    symlink(&file, &link).expect("a link");
    ottl(["run", "--config", &rules, &link, "-o", &link], b"").ends(0);
    assert!(std::fs::symlink_metadata(&link).expect("it is there").is_symlink());
    assert_eq!(contents(&file), format!("{}\n", log("a!")).as_bytes());
    assert_eq!(std::fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o640);
}

#[test]
fn several_inputs_follow_each_other() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let (one, two) = (dir.file("1.json", log("1")), dir.file("2.json", log("2")));
    let done = ottl(["run", "--config", &rules, &one, "-", &two, "-o", "-"], log("stdin").as_bytes()).ends(0);
    let expected: String = ["1!", "stdin!", "2!"].map(|body| format!("{}\n", log(body))).concat();
    assert_eq!(done.text(), expected);
}

#[test]
fn messages_come_out_while_more_may_come_in() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    for threads in ["1", "2"] {
        let mut child = command()
            .args(["run", "--config", &rules, "--threads", threads])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stdin = child.stdin.take().expect("piped");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        for body in ["a", "b", "c"] {
            writeln!(stdin, "{}", log(body)).expect("it reads");
            stdin.flush().expect("it reads");
            let mut line = String::new();
            stdout.read_line(&mut line).expect("it writes");
            assert_eq!(line.trim_end(), log(&format!("{body}!")));
        }
        drop(stdin);
        assert!(child.wait().expect("it ends").success());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_input() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let line = format!("{}\n", log(&"x".repeat(1 << 20)));
    for threads in ["1", "4"] {
        let mut child = command()
            .args(["run", "--config", &rules, "--threads", threads, "--output", "/dev/null"])
            .stdin(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stdin = child.stdin.take().expect("piped");
        for _ in 0..300 {
            stdin.write_all(line.as_bytes()).expect("it reads");
        }
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
        drop(stdin);
        assert!(child.wait().expect("it ends").success());
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("the kernel counts");
        let kib: u64 = peak.trim().trim_end_matches(" kB").parse().expect("a number");
        assert!(kib < (64 + 2) << 10, "{threads} threads: {kib} KiB");
    }
}

#[test]
fn one_large_message_is_read_whole() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", r#"log_statements: ['set(log.severity_text, "x")']"#);
    let one = protobuf(Signal::Logs, log(&"x".repeat(1 << 20)).as_bytes());
    let file = dir.file("large.pb", one.repeat(80));
    for threads in ["1", "2"] {
        let out = dir.path("out.pb");
        let run = ["run", "--config", &rules, "--threads", threads, &file, "--output", &out];
        ottl(run, b"").ends(0);
        assert_eq!(contents(&out).len(), one.len() * 80 + 80 * 3);
    }
    // Files of exactly the size that is looked at first, and around it.
    for len in 4095..=4097 {
        let sized = |body: usize| protobuf(Signal::Logs, log(&"y".repeat(body)).as_bytes());
        let exact = (len - 100..len).map(sized).find(|message| message.len() == len).expect("the body grows by bytes");
        let file = dir.file("exact.pb", &exact);
        let done = ottl(["run", "--config", &rules, &file], b"").ends(0);
        assert_eq!(done.out.len(), exact.len() + 3, "{len}");
    }
}

#[cfg(unix)]
#[test]
fn an_interruption_leaves_nothing() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", RULES);
    let out = dir.path("out.jsonl");
    let mut child = command()
        .args(["run", "--config", &rules, "--output", &out])
        .stdin(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("piped");
    writeln!(stdin, "{}", log("a")).expect("it reads");
    // The temporary file shows that the run has begun.
    while dir.names().len() < 2 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let id = child.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().expect("kill").success());
    assert_eq!(child.wait().expect("it ends").code(), Some(128 + 15));
    assert_eq!(dir.names(), ["rules.yaml"]);
}

#[test]
fn a_name_of_a_compression_that_is_not_written_is_refused() {
    let dir = Dir::new();
    let out = dir.path("kept.json.bz2");
    let run = ["run", "-e", "set(log.body, 1)", "--output", &out];
    ottl(run, log("a").as_bytes()).ends(2).names(&[".bz2 is a compression that is not written", "--compress none"]);
    assert!(dir.names().is_empty());
    ottl(run.iter().chain(&["--compress", "none"]), log("a").as_bytes()).ends(0);
    assert!(contents(&out).starts_with(b"{"));
}

/// A resource that is long enough to be left where it came in, and is written with a record inside of it after all.
#[test]
fn long_resources_are_written_with_their_records() {
    let of = |added: &str, severity: &str| {
        let long = "v".repeat(1100);
        let resource = format!(r#"{{"attributes":[{{"key":"long","value":{{"stringValue":"{long}"}}}}{added}]}}"#);
        let record = format!(r#"{{{severity}"body":{{"stringValue":"b"}}}}"#);
        format!(r#"{{"resourceLogs":[{{"resource":{resource},"scopeLogs":[{{"logRecords":[{record}]}}]}}]}}"#)
    };
    let dir = Dir::new();
    let file = dir.file("in.pb", protobuf(Signal::Logs, of("", "").as_bytes()));
    let out = dir.path("out.pb");
    let rules = [r#"set(log.severity_text, "l")"#, r#"set(resource.attributes["r"], "x")"#];
    ottl(["run", "-e", rules[0], "-e", rules[1], &file, "-o", &out], b"").ends(0);
    let expected = of(r#",{"key":"r","value":{"stringValue":"x"}}"#, r#""severityText":"l","#);
    assert_eq!(text(Signal::Logs, &contents(&out)), text(Signal::Logs, &protobuf(Signal::Logs, expected.as_bytes())));
}
