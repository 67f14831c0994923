//! `ottl run`: protobuf does not name its signal, and must not be taken for that of the rules unseen.

use ottl::otlp::Signal;
use ottl::otlp::framing::FrameOptions;

use crate::harness::{Dir, contents, framed, log, messages, ottl, protobuf, sample, span, text};

const LOGS: &str = r#"log_statements: ['set(log.severity_text, "INFO")']"#;
const BOTH: &str = r#"{log_statements: ['set(log.severity_text, "INFO")'], trace_statements: ['set(span.name, "y")']}"#;

#[test]
fn data_of_another_signal_is_refused_before_anything_is_written() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", LOGS);
    let out = dir.file("out.pb", "old");
    for (file, is) in [
        ("marshaler/traces.pb", "this is traces, and the rules are for logs: add --signal traces"),
        ("sdk/node-traces.pb", "this is traces"),
        ("marshaler/metrics.pb", "this is metrics"),
        ("marshaler/summary.pb", "this is metrics"),
        ("sdk/python-metrics.pb", "this is metrics"),
    ] {
        let file = sample(file);
        let done = ottl(["run", "--config", &rules, &file, "-o", &out], b"").ends(2).names(&[&file, is]);
        assert!(!done.err.contains("damaged"), "{}", done.err);
        assert_eq!(contents(&out), b"old");
        let framed = framed(&[contents(&file)]);
        for keep_going in [&["run", "--config", &rules][..], &["run", "--config", &rules, "--keep-going"]] {
            let done = ottl(keep_going, &framed).ends(2).names(&["standard input", is]);
            assert_eq!(done.out, b"");
        }
        ottl(["bench", "--config", &rules, "--seconds", "0.01", &file], b"").ends(2).names(&[&file, "this is "]);
    }
}

#[test]
fn damaged_data_is_called_by_its_name_too() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", LOGS);
    let mut hurt = contents(&sample("marshaler/traces.pb"));
    hurt.truncate(hurt.len() / 2);
    ottl(["run", "--config", &rules, "--from", "protobuf"], &framed(&[hurt])).ends(1);
    let both = [contents(&sample("sdk/node-traces.pb")), vec![0x0a, 0xff]].concat();
    ottl(["run", "--config", &rules], &both).ends(2).names(&["this is traces"]);
}

#[test]
fn profiles_are_told_from_logs() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", LOGS);
    let text = br#"{"resourceProfiles":[{"scopeProfiles":[{"profiles":[{"sampleType":{"typeStrindex":1},"samples":[{"stackIndex":1}]}]}]}],"dictionary":{"stringTable":["","cpu"]}}"#;
    let profiles = protobuf(Signal::Profiles, text);
    ottl(["run", "--config", &rules], &profiles).ends(2).names(&["this is profiles", "--signal profiles"]);
    let done = ottl(["run", "--config", &rules, "--signal", "profiles"], &profiles).ends(0);
    assert_eq!(done.out, profiles);
}

#[test]
fn an_argument_insists() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", LOGS);
    let traces = contents(&sample("sdk/node-traces.pb"));
    let done = ottl(["run", "--config", &rules, "--signal", "traces"], &traces).ends(0);
    assert_eq!(done.out, traces);
    // Spans of a writer that is mistaken: their names are taken for bodies.
    let spans = protobuf(Signal::Traces, span("").as_bytes());
    let done = ottl(["run", "--config", &rules, "--signal", "logs"], &spans).ends(0);
    assert_ne!(done.out, spans);
}

#[test]
fn rules_of_several_signals_take_what_the_data_is() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", BOTH);
    let (logs, spans) = (protobuf(Signal::Logs, log("a").as_bytes()), protobuf(Signal::Traces, span("a").as_bytes()));
    let done = ottl(["run", "--config", &rules], &spans).ends(0);
    assert!(text(Signal::Traces, &done.out).contains(r#""name":"y""#));
    // Each input by itself; an empty message says nothing.
    let one = dir.file("logs.framed", framed(&[Vec::new(), logs.clone()]));
    let other = dir.file("traces.pb", &spans);
    let done = ottl(["run", "--config", &rules, "--to", "json", &one, &other], b"").ends(0);
    assert_eq!(done.text().lines().count(), 3);
    assert!(done.text().contains(r#""severityText":"INFO""#) && done.text().contains(r#""name":"y""#));
    // What cannot be told has to be asked for.
    let bare = protobuf(Signal::Logs, br#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityText":"x"}]}]}]}"#);
    ottl(["run", "--config", &rules], &bare).ends(2).names(&["add --signal"]);
    let metrics = contents(&sample("marshaler/metrics.pb"));
    let wanted = "this is metrics, and the rules are for traces and logs: add --signal metrics";
    ottl(["run", "--config", &rules], &metrics).ends(2).names(&[wanted]);
}

#[test]
fn later_messages_of_another_signal_fail() {
    let dir = Dir::new();
    let rules = dir.file("rules.yaml", LOGS);
    let logs = protobuf(Signal::Logs, log("a").as_bytes());
    let mixed = framed(&[logs.clone(), contents(&sample("marshaler/traces.pb")), logs]);
    for threads in ["1", "2"] {
        let named = ["message 2 (at byte", "this is traces"];
        ottl(["run", "--config", &rules, "--threads", threads], &mixed).ends(1).names(&named);
        let done =
            ottl(["run", "--config", &rules, "--threads", threads, "--keep-going"], &mixed).ends(1).names(&named);
        assert_eq!(messages(&done.out, FrameOptions::default()).len(), 2);
    }
    // Rules for both do both, where the output can hold it.
    let rules = dir.file("rules.yaml", BOTH);
    let done = ottl(["run", "--config", &rules, "--to", "json"], &mixed).ends(0);
    assert_eq!(done.text().matches(r#""name":"y""#).count() > 0, done.text().lines().count() == 3);
}
