//! What a report counts and lists, and where errors are.

use ottl_compiler::{FilterSpec, GroupSpec, TransformOptions};
use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::{Env, Limits, Output, ReportedError, RunError, SourceReport};
use ottl_generate::Node;
use ottl_otlp::wire::put_varint_field;
use ottl_plan::ErrorMode;
use ottl_schema::{ContextId, Signal};
use ottl_suite::{engines, messages, rules};

use super::{conditions, filter, group, groups, logs, run, run_with, sources, statements, transform};

#[test]
fn reports_count_per_source() {
    let plan = statements(&[
        "set(log.body, 1) where log.body == \"a\"",
        "set(log.severity_number, log.body)",
        "set(log.flags, 1)",
    ]);
    let (_, report) = run(&plan, &logs(&["a", "b", "c"])).expect("runs");
    let counters: Vec<_> = report.sources.iter().map(|s| (s.evaluated, s.matched, s.changed, s.failed)).collect();
    assert_eq!(counters, [(3, 1, 1, 0), (3, 3, 1, 2), (3, 3, 3, 0)]);
    let errors: Vec<_> = report.errors.iter().map(|e| (e.source, e.place.indexes())).collect();
    assert_eq!(errors, [(1, &[0, 0, 1][..]), (1, &[0, 0, 2])]);
    let (_, report) = run_with(&plan, &logs(&["a", "b", "c"]), |env| env.limits.listed_errors = 1).expect("runs");
    assert_eq!((report.errors.len(), report.sources[1].failed), (1, 2));
    assert_eq!(report.failures(1).iter().map(|kind| kind.count).collect::<Vec<_>>(), [2]);
}

#[test]
fn error_modes_stop_or_go_on() {
    let failing = group(ContextId::Log, &["set(log.severity_number, log.body)"]);
    let group = |error_mode| GroupSpec { error_mode: Some(error_mode), ..failing.clone() };
    let message = logs(&["a"]);
    let listed = |mode| {
        run(&groups(&[group(mode)]), &message).map(|(_, report)| (report.errors.len(), report.sources[0].failed))
    };
    assert_eq!(listed(ErrorMode::Ignore), Ok((1, 1)));
    assert_eq!(listed(ErrorMode::Silent), Ok((0, 1)));
    assert!(matches!(listed(ErrorMode::Propagate), Err(RunError::Failed(ReportedError { source: 0, .. }))));
}

/// What a statement writes to the message counts as a change, whatever stood there; caches and containers that are
/// written to where they were read from do not.
#[test]
fn changes_are_what_is_written_to_the_message() {
    let text = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[
        {"body":{"stringValue":"a"},"attributes":[{"key":"a","value":{"intValue":"1"}},
        {"key":"m","value":{"kvlistValue":{"values":[{"key":"k","value":{"intValue":"2"}}]}}}]}]}]}]}"#;
    let message = messages::protobuf(Signal::Logs, text);
    for (statement, changed, failed) in [
        ("set(log.body, log.body)", 1, 0),
        ("set(log.attributes[\"a\"], log.attributes[\"a\"])", 1, 0),
        ("set(log.attributes[\"m\"], log.attributes[\"m\"])", 1, 0),
        ("set(log.attributes, log.attributes)", 0, 0),
        ("set(log.cache, log.cache)", 0, 0),
        ("set(log.cache, log.attributes)", 0, 0),
        ("set(log.cache[\"x\"][\"y\"], 1)", 0, 0),
        ("merge_maps(log.cache, log.attributes, \"upsert\")", 0, 0),
        ("flatten(log.cache)", 0, 0),
        ("keep_keys(log.attributes, [\"a\", \"m\"])", 0, 0),
        ("delete_key(log.attributes, \"none\")", 0, 0),
        ("replace_pattern(log.body, \"z\", \"y\")", 0, 0),
        ("set(log.severity_number, \"text\")", 0, 1),
        // The key is made before its value is refused; what leads to a key that does not fit stays.
        ("set(log.attributes[\"new\"], [TraceID(0x0102030405060708090a0b0c0d0e0f10)])", 1, 1),
        ("set(log.attributes[\"l\"][0][\"x\"][1], 5)", 1, 0),
        ("set(log.attributes[\"a\"][\"b\"], 5)", 0, 1),
    ] {
        let plan = statements(&[statement]);
        let (_, report) = run(&plan, &message).expect("runs");
        let SourceReport { changed: got, failed: errors, .. } = report.sources[0];
        assert_eq!((got, errors), (changed, failed), "{statement}: {:?}", report.failures(0));
    }
}

#[test]
fn filters_count_what_they_drop() {
    let message = logs(&["a", "b", "c"]);
    for (mode, texts, expected) in [
        (ErrorMode::Ignore, &["log.body == \"a\"", "log.body == \"c\""][..], Ok((false, 2))),
        (ErrorMode::Ignore, &["log.body != nil"], Ok((true, 3))),
        (ErrorMode::Ignore, &["log.body == \"z\""], Ok((false, 0))),
        (ErrorMode::Ignore, &["log.body[\"k\"] == 1"], Ok((false, 0))),
        // A failing condition keeps its record and fails the message.
        (ErrorMode::Propagate, &["log.body == \"a\"", "log.body[\"k\"] == 1"], Err(1)),
        // Nothing is left: that hides the errors.
        (ErrorMode::Propagate, &["log.body != nil", "log.body[\"k\"] == 1"], Ok((true, 3))),
    ] {
        let got = match run(&conditions(mode, texts), &message) {
            Ok((output, report)) => {
                assert_eq!(output == Output::Unchanged, report.dropped.log_records == 0, "{texts:?}");
                Ok((output == Output::Dropped, report.dropped.log_records))
            }
            Err(RunError::Failed(error)) => Err(error.source),
            Err(other) => panic!("{texts:?}: {other}"),
        };
        assert_eq!(got, expected, "{texts:?}");
    }
}

#[test]
fn errors_of_filters_are_at_their_records() {
    let lists = ["log.body[\"k\"] == 1", "resource.attributes[0] == nil"]
        .map(|text| FilterSpec { conditions: sources(&[text]), ..FilterSpec::default() });
    let plan = filter(ErrorMode::Ignore, lists.into());
    let (_, report) = run(&plan, &logs(&["a", "b"])).expect("runs");
    let errors: Vec<_> = report.errors.iter().map(|error| (error.source, error.place.to_string())).collect();
    let record = |idx| format!("resourceLogs[0].scopeLogs[0].logRecords[{idx}]");
    assert_eq!(errors, [(0, record(0)), (0, record(1)), (1, "resourceLogs[0]".to_owned())]);
}

#[test]
fn records_of_flattened_messages_are_where_they_were() {
    let text =
        r#"{"resourceLogs":[{},{"scopeLogs":[{"logRecords":[{}]},{"logRecords":[{},{"body":{"intValue":"0"}}]}]}]}"#;
    let mut message = messages::protobuf(Signal::Logs, text);
    let group = group(ContextId::Log, &["set(log.body, 1 / log.body) where log.body != nil"]);
    let options = TransformOptions { flatten_data: true, ..TransformOptions::default() };
    let plan = transform(Signal::Logs, &[group], options);
    let (_, report) = run(&plan, &message).expect("runs");
    let places: Vec<_> = report.errors.iter().map(|error| error.place.to_string()).collect();
    assert_eq!(places, ["resourceLogs[1].scopeLogs[1].logRecords[1]"]);
    // What is unknown outside of the groups stays.
    put_varint_field(&mut message, 77, 1);
    let (output, _) = run(&plan, &message).expect("runs");
    assert!(output.bytes(&message).expect("an output").windows(3).any(|field| field == [0xe8, 0x04, 1]));
}

#[test]
fn the_first_errors_are_those_of_the_first_group_as_the_reference_meets_them() {
    let rules = r#"
log_statements:
  - context: resource
    error_mode: ignore
    statements: ['set(resource.attributes["n"], Int(Len(resource.attributes["none"])))']
  - context: log
    error_mode: ignore
    statements: ['set(log.severity_number, log.body)', 'set(log.flags, log.body)']
  - context: log
    error_mode: ignore
    statements: ['set(log.severity_number, log.body)']
"#;
    let plan = rules::plan("transform", Signal::Logs, rules);
    let record = Node::Message(2, vec![Node::Message(5, vec![Node::Bytes(1, b"x".to_vec())])]);
    let resource = Node::Message(1, vec![Node::Message(2, vec![record; 3])]);
    let message = Node::encode(&vec![resource; 2]);
    let sources = |listed_errors: usize| {
        let engines = [engines::fast(&plan), engines::interp(&plan)];
        let reports = engines.map(|engine| {
            let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
            let limits = Limits { listed_errors, ..Limits::default() };
            engine.outcome(&message, &Env { limits, ..Env::new(&clock, &rng) }).report
        });
        assert_eq!(reports[0], reports[1], "{listed_errors}");
        let listed = reports[0].errors.iter().map(|error| (error.source, error.place.indexes().to_vec()));
        listed.collect::<Vec<_>>()
    };
    let all = sources(100);
    let order: Vec<u32> = all.iter().map(|(source, _)| *source).collect();
    assert_eq!(order, [0, 0, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 3, 3, 3, 3, 3, 3]);
    for most in 0..all.len() {
        assert_eq!(sources(most), all[..most]);
    }
}
