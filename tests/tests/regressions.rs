//! What fuzzing has found stays found: the checks of the fuzz targets, on their seeds and on kept findings.
//!
//! Random programs depend on what makes them, so of those the program and the message are kept.
//!
//! The checks are those of `fuzz/src/checks`; the fuzzing workspace itself is not needed. An input lies in the folder of
//! its target, under `fuzz/seeds` or `fuzz/regressions`.

use std::panic::catch_unwind;
use std::path::Path;

use ottl_engine::fast::Engine;
use ottl_schema::Signal;
use ottl_suite::{engines, messages, rules};

#[path = "../../fuzz/src/checks/mod.rs"]
mod checks;

/// The names of what is in a folder, in order; of nothing if there is no such folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// Runs all checks on the inputs of `seeds` or `regressions`, and answers how many inputs there were.
fn replay(folder: &str) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz").join(folder);
    let targets: Vec<_> = checks::CHECKS.iter().map(|(name, _)| *name).collect();
    let unknown: Vec<_> = names(&folder).into_iter().filter(|name| !targets.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "no target has these names: {unknown:?}");
    let (mut count, mut failed) = (0, Vec::new());
    for (target, check) in checks::CHECKS {
        for name in names(&folder.join(target)) {
            let input = std::fs::read(folder.join(target).join(&name)).expect("inputs are files");
            count += 1;
            if catch_unwind(|| check(&input)).is_err() {
                failed.push(format!("{target}/{name}"));
            }
        }
    }
    assert!(failed.is_empty(), "these inputs fail: {failed:?}");
    count
}

/// Deeply nested inputs are among them, and comparing their results recurses.
fn with_stack(test: fn()) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(test).expect("a thread");
    thread.join().expect("the inputs pass");
}

#[test]
fn seeds_pass() {
    with_stack(|| assert!(replay("seeds") >= 50));
}

#[test]
fn findings_stay_fixed() {
    with_stack(|| assert!(replay("regressions") > 0));
}

/// What `engines_agree` has found: rules and a message, made small.
const PROGRAMS: &[(Signal, &str, &str)] = &[
    // Keys of which no value is a text.
    (
        Signal::Logs,
        r#"log_statements: ['replace_all_patterns(log.attributes, "key", "^(a|b)$", "${1}x")']"#,
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[
            {"attributes":[{"key":"b","value":{"boolValue":false}},{"key":"i","value":{"intValue":"1"}}]}]}]}]}"#,
    ),
    // A key that is an expression sees the key before it, which is made first.
    (
        Signal::Metrics,
        r#"metric_statements:
            - 'set(metric.metadata["x"][Concat([metric.data_points, metric.metadata], ",")], metric.unit)'"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
            {"name":"n1","description":"a","unit":"a","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]}"#,
    ),
    // A point whose metric lost its points.
    (
        Signal::Metrics,
        r#"metric_statements:
            - context: datapoint
              error_mode: ignore
              statements:
                - 'set(metric.data_points, datapoint.negative)'
                - 'delete_key(datapoint.attributes["m"], "s")'
                - 'set(datapoint.attributes["n"], datapoint.attributes["m"])'"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
            {"name":"n1","gauge":{"dataPoints":[{"asInt":"1"}]}},
            {"name":"n2","exponentialHistogram":{"dataPoints":[
                {"attributes":[{"key":"m","value":{"kvlistValue":{"values":[{"key":"s","value":{"stringValue":"a"}}]}}}]},
                {"attributes":[{"key":"m","value":{"stringValue":"a"}}]}]}}]}]}]}"#,
    ),
    // The exemplars of a point whose metric lost its points while they were walked over.
    (
        Signal::Metrics,
        r#"metric_statements:
            - context: exemplar
              statements:
                - 'set(metric.data_points, exemplar.cache["none"])'
                - 'set(resource.attributes["n"], Concat([resource.attributes["n"], "seen"], " "))'"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[
            {"name":"n1","gauge":{"dataPoints":[{"exemplars":[{"asInt":"1"},{"asInt":"2"}]},{"exemplars":[{"asInt":"3"}]}]}}]}]}]}"#,
    ),
    // An event whose span lost its events, with so many rules behind that write that they are asked at once.
    (
        Signal::Traces,
        r#"trace_statements:
            - 'set(spanevent.name, "a") where spanevent.attributes["a"] == "a"'
            - 'set(span.events, spanevent.attributes["none"])'
            - 'set(spanevent.name, "b") where spanevent.attributes["a"] == "b"'
            - 'set(spanevent.name, "c") where spanevent.attributes["a"] == "c"'
            - 'set(spanevent.name, "d") where spanevent.attributes["a"] == "d"'
            - 'set(spanevent.name, "e") where spanevent.attributes["a"] == "e"'
            - 'set(spanevent.name, "f") where spanevent.attributes["a"] == "f"'
            - 'set(scope.name, "x") where spanevent.attributes["k"] == "v"'"#,
        r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"events":[
            {"attributes":[{"key":"k","value":{"stringValue":"v"}}]}]}]}]}]}"#,
    ),
    // An argument that is evaluated during an edit reads what is edited.
    (
        Signal::Logs,
        r#"log_statements:
            - 'replace_all_matches(log.attributes, "GET", "x", ToUpperCase, replacement_format=log.attributes["s"])'
            - 'replace_all_patterns(log.attributes, "key", "^m$", "n", ToUpperCase, log.attributes["s"])'
            - 'set(log.cache, log.attributes)'
            - 'replace_all_matches(log.cache, "<X>", "y", ToUpperCase, replacement_format=log.cache["s"])'
            - 'set(log.body, log.cache)'"#,
        r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"attributes":[
            {"key":"s","value":{"stringValue":"<%s>"}},{"key":"m","value":{"stringValue":"GET"}}]}]}]}]}"#,
    ),
    // What is wrong with a computed key of a map literal lies at the literal.
    (
        Signal::Metrics,
        r#"metric_statements:
            - context: datapoint
              error_mode: ignore
              statements:
                - 'flatten(scope.attributes) where {datapoint.attributes[1]: 1} == 1'
                - 'set(datapoint.attributes["n"], 1)'"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"n1","gauge":{"dataPoints":[{"asInt":"1"}]}}]}]}]}"#,
    ),
    // A statement that never acts still makes its group one whose records are run alone.
    (
        Signal::Metrics,
        r#"metric_statements:
          - isolate: true
            error_mode: ignore
            statements:
              - 'delete_index(metric.data_points, 1)'
              - 'convert_summary_quantile_val_to_gauge()'
              - 'set(resource.attributes, 1) where false'"#,
        r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","summary":{"dataPoints":[
            {"quantileValues":[{"quantile":0.5,"value":1}]}]}}]}]}]}"#,
    ),
];

#[test]
fn engines_agree_on_programs_that_were_found() {
    for (signal, body, message) in PROGRAMS {
        let (plan, bytes) = (rules::plan("transform", *signal, body), messages::protobuf(*signal, message));
        let (fast, interp) = engines::both(&Engine::new(&plan), &bytes, engines::MEMORY);
        assert!(matches!(fast.result, Ok(ottl_engine::Output::Changed(_))), "{body}: {fast:?}");
        assert_eq!(engines::difference(&plan, &bytes, &fast, &interp), None, "{body}");
    }
}

/// The old number of the scopes of a resource is no number of the records of a scope.
#[test]
fn an_unknown_field_of_a_scope_group_holds_no_records() {
    for (signal, body) in [
        (Signal::Logs, r#"log_statements: ['set(scope.attributes["q"], log.body)']"#),
        (Signal::Logs, r#"log_statements: ['set(scope.name, "x") where log.body == nil']"#),
        (Signal::Traces, r#"trace_statements: ['set(scope.attributes["q"], span.name)']"#),
        (Signal::Metrics, r#"metric_statements: ['set(scope.attributes["q"], metric.name)']"#),
    ] {
        let plan = rules::plan("transform", signal, body);
        // A resource group with a scope group, in which field 1000 is an empty message.
        let bytes = [0x0a, 0x05, 0x12, 0x03, 0xc2, 0x3e, 0x00];
        let (fast, interp) = engines::both(&Engine::new(&plan), &bytes, engines::MEMORY);
        assert_eq!(interp.result, Ok(ottl_engine::Output::Unchanged), "{body}");
        assert_eq!(engines::difference(&plan, &bytes, &fast, &interp), None, "{body}");
        assert_eq!(fast.report, interp.report, "{body}");
    }
}

/// A reference to a text that leads nowhere is no value of rules, and stays, also where its pair is written anew.
#[test]
fn a_reference_that_leads_nowhere_stays_behind_a_new_key() {
    for index in [0, 7] {
        // The scope of a profile has one attribute without a key, and of its value only the index of a text.
        let bytes = [0x0a, 0x0a, 0x12, 0x08, 0x0a, 0x06, 0x1a, 0x04, 0x12, 0x02, 0x40, index];
        for statement in ["", "n"].map(|to| format!(r#"replace_all_patterns(scope.attributes, "key", "", "{to}")"#)) {
            let body = format!("profile_statements: ['{statement}']");
            let plan = rules::plan("transform", Signal::Profiles, &body);
            let (fast, interp) = engines::both(&Engine::new(&plan), &bytes, engines::MEMORY);
            assert_eq!(engines::difference(&plan, &bytes, &fast, &interp), None, "{body}");
            let Ok(ottl_engine::Output::Changed(changed)) = fast.result else { panic!("{body}: {fast:?}") };
            assert!(changed.windows(2).any(|two| two == [0x40, index]), "{body}: {changed:02x?}");
        }
    }
}
