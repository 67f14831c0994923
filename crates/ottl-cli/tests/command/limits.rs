//! Limits: how they are set and named, and that no file is read beyond them. And rules without a file.

use ottl::otlp::Signal;

use crate::harness::{Dir, log, ottl, protobuf, sample, span, text};

#[test]
fn limits_are_listed_set_and_named() {
    for verb in ["run", "check", "bench"] {
        let done = ottl([verb, "--max", "help"], b"").ends(0);
        assert!(done.text().contains("list_padding") && done.text().contains("10000"), "{}", done.text());
    }
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.cache[\"a\"][5], 1)']");
    let input = log("a");
    ottl(["run", "--config", &rules, "--max", "list_padding=6"], input.as_bytes()).ends(0);
    let done = ottl(["run", "--config", &rules, "--max", "list_padding=3"], input.as_bytes()).ends(1);
    done.names(&["limit reached: list_padding", "raise it with --max list_padding=..., the default is 10000"]);
    let long = dir.file("long.yaml", format!("log_statements: ['set(log.body, \"{}\")']", "x".repeat(2000)));
    for verb in [&["check"][..], &["run", "--config"]] {
        let run = |max: &str| ottl(verb.iter().copied().chain([long.as_str(), "--max", max]), input.as_bytes());
        let done = run("statement_length=1KiB").ends(2);
        // What `check` finds is its result.
        let said = format!("{}{}", done.text(), done.err);
        assert!(["E0501", "--max statement_length="].iter().all(|part| said.contains(part)), "{said}");
        run("statement_length=3KiB").ends(0);
        run("configuration_length=100B").ends(2).names(&["long.yaml: larger than", "--max configuration_length="]);
        run("statment_length=3").ends(2).names(&["did you mean `statement_length`"]);
    }
}

#[cfg(unix)]
#[test]
fn files_of_rules_are_read_to_their_limit_only() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", "log_statements: ['set(log.body, 1)']");
    let endless = "/dev/zero";
    let named = ["/dev/zero: larger than 16777216 bytes", "configuration_length"];
    ottl(["run", "--config", endless], b"").ends(2).names(&named);
    ottl(["run", "--config", &rules, "--env-file", endless], b"").ends(2).names(&named);
    ottl(["check", endless], b"").ends(2).names(&named);
    ottl(["check", "--env-file", endless, &rules], b"").ends(2).names(&named);
    ottl(["fmt", "--check", endless], b"").ends(2).names(&named);
    ottl(["bench", "--config", endless], b"").ends(2).names(&named);
}

#[test]
fn statements_need_no_file() {
    let set = r#"set(log.body, "it's x")"#;
    let done = ottl(["run", "-e", set, "-e", "set(log.severity_text, log.body)"], log("a").as_bytes()).ends(0);
    assert!(done.text().contains(r#""severityText":"it's x""#), "{}", done.text());
    // A statement of one signal leaves others alone; one of all is for all.
    let mixed = format!("{}\n{}\n", log("a"), span("a"));
    let done = ottl(["run", "-e", set], mixed.as_bytes()).ends(0);
    assert!(done.text().contains("it's x") && done.text().ends_with(&format!("{}\n", span("a"))));
    let all = r#"set(resource.attributes["a"], 1)"#;
    let done = ottl(["run", "-e", all], mixed.as_bytes()).ends(0);
    assert_eq!(done.text().matches(r#"{"key":"a","value":{"intValue":"1"}}"#).count(), 2);
    let done = ottl(["run", "-e", all, "--signal", "traces"], mixed.as_bytes()).ends(0);
    assert!(done.text().starts_with(&log("a")), "{}", done.text());
    // The signal of protobuf is that of the data.
    let message = protobuf(Signal::Traces, span("a").as_bytes());
    let done = ottl(["run", "-e", all, "-e", r#"set(span.name, "b")"#], &message).ends(0);
    assert!(text(Signal::Traces, &done.out).contains(r#""name":"b""#));
    ottl(["bench", "-e", set, "--seconds", "0.01", &sample("sdk/node-logs.pb")], b"").ends(0);

    ottl(["run", "-e", "set(span.nam, 1)"], b"").ends(2).names(&["-e:1:5", "nam"]);
    ottl(["run", "-e", set, "--config", "x"], b"").ends(2).names(&["--config"]);
    ottl(["run"], b"").ends(2).names(&["--config", "-e"]);
}

#[test]
fn a_limit_that_a_statement_reaches_is_named_with_its_option() {
    let statement = r#"set(log.body, Concat([log.body, log.body, log.body, log.body], ""))"#;
    let run = std::iter::once("run").chain([statement; 9].into_iter().flat_map(|statement| ["-e", statement]));
    let done = ottl(run.chain(["--max", "scratch_bytes=16384"]), log("a text of some length").as_bytes()).ends(0);
    done.names(&["limit reached: scratch_bytes, in `Concat", "logRecords[0]; raise it with --max scratch_bytes=..."]);
}
