//! `ottl bench`.

use ottl::otlp::Signal;

use crate::harness::{Dir, contents, framed, log, ottl, protobuf, sample};

#[test]
fn one_object_says_how_fast() {
    let rules = sample("rules/redact-logs.yaml");
    let input = sample("sdk/python-logs.pb");
    for threads in [1, 2] {
        let number = threads.to_string();
        let args = [
            "bench",
            "--config",
            &rules,
            "--signal",
            "logs",
            "--threads",
            &number,
            "--seconds",
            "0.1",
            "--format",
            "json",
            &input,
        ];
        let found = ottl(args, b"").ends(0).json();
        let number = |field: &str| found[field].as_f64().unwrap_or_else(|| panic!("{field} is a number"));
        assert_eq!(number("in_bytes") as usize, contents(&input).len());
        assert!(number("out_bytes") > 0.0 && number("bytes_per_second") > 0.0 && number("records_per_second") > 0.0);
        assert!(number("iterations") >= f64::from(threads));
        assert_eq!(number("records"), 50.0);
        let ratio = number("bytes_per_second") / number("records_per_second");
        assert!((ratio - number("in_bytes") / 50.0).abs() < 1e-6);
    }
}

#[test]
fn messages_of_every_format_rotate() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", r#"log_conditions: ['log.body == "a"']"#);
    let one = protobuf(Signal::Logs, log("a").as_bytes());
    let lines = format!("{}\n{}\n{}\n", log("a"), log("b"), crate::harness::span("x"));
    let frames = framed(&[one.clone(), one.clone()]);
    for (input, messages, out) in [(lines.as_bytes(), 2, one.len()), (&frames, 2, 0)] {
        let found = ottl(["bench", "--config", &rules, "--seconds", "0.02", "--format", "json"], input).ends(0).json();
        assert_eq!((&found["messages"], &found["records"]), (&messages.into(), &2.into()));
        assert_eq!((&found["in_bytes"], &found["out_bytes"]), (&(2 * one.len()).into(), &out.into()));
    }
    // A document of several signals has a message of each, whichever comes first.
    let (logs, spans) = (log("a"), crate::harness::span("x"));
    for (first, second) in [(&logs, &spans), (&spans, &logs)] {
        let both = format!("{},{}", &first[..first.len() - 1], &second[1..]);
        let found = ottl(["bench", "--config", &rules, "--seconds", "0.02", "--format", "json"], both.as_bytes())
            .ends(0)
            .json();
        assert_eq!((&found["messages"], &found["in_bytes"]), (&1.into(), &one.len().into()));
    }
    let text = ottl(["bench", "--config", &rules, "--seconds", "0.02"], &frames).ends(0);
    assert!(text.text().contains("records/s"));
}

#[test]
fn nothing_to_measure_is_a_failure() {
    let dir = Dir::new();
    let rules =
        dir.file("rules.yaml", "log_statements: ['set(log.body, 1)']\ntrace_statements: ['set(span.name, \"x\")']");
    ottl(["bench", "--config", &rules, "--signal", "logs"], b"").ends(1).names(&["no message"]);
    ottl(["bench", "--config", &rules], log("a").as_bytes()).ends(2).names(&["--signal"]);
    ottl(["bench", "--config", &rules, "--signal", "logs", "--seconds", "0"], b"").ends(2);
    ottl(["bench", "--config", &rules, "--signal", "logs"], &[0x0a, 9, 1]).ends(1).names(&["damaged"]);
}

#[test]
fn a_signal_without_rules_is_doubted() {
    let rules = sample("rules/redact-logs.yaml");
    let input = sample("sdk/python-traces.pb");
    let args = ["bench", "--config", &rules, "--signal", "traces", "--seconds", "0.01", &input];
    ottl(args, b"").ends(0).names(&["no rules for traces"]);
}
