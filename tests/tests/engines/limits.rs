//! What ends a run, and what is bounded before there is one.

use ottl_compiler::{FilterSpec, TransformOptions};
use ottl_core::Time;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_engine::{Env, Limits, Outcome, Output, RunError};
use ottl_plan::{ErrorMode, Plan};
use ottl_schema::{ContextId, Signal};
use ottl_suite::messages::field;
use ottl_suite::{engines, messages};

use super::{compiler, conditions, filter, group, logs, run, run_with, sources, statements, transform};

#[test]
fn limits_end_the_run() {
    let message = logs(&["a"]);
    let padding = statements(&["set(log.attributes[\"l\"][11], 1)"]);
    let limited =
        |limits: Limits, plan: &Plan| run_with(plan, &message, |env| env.limits = limits).map(|(output, _)| output);
    let small = Limits { list_padding: 10, ..Limits::default() };
    assert!(matches!(limited(small, &padding), Err(RunError::Limit { name: "list_padding", by: Some(_) })));
    assert!(matches!(limited(Limits { list_padding: 11, ..small }, &padding), Ok(Output::Changed(_))));
}

#[test]
fn memory_is_emptied_between_records() {
    let body = |i: usize| format!("{i} {}", "x".repeat(i % 100 * 20));
    let bodies: Vec<String> = (0..400).map(body).collect();
    let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
    let message = [logs(&bodies), logs(&bodies[..3]), logs(&bodies)].concat();
    let rules = [
        "set(log.attributes[\"words\"], Split(log.body, \"x\"))",
        "set(log.attributes[\"n\"], Int(log.body)) where Len(log.body) > 700",
        "set(log.severity_text, \"first\") where resource.attributes[\"none\"] == nil and IsMatch(log.body, \"^[0-9] \")",
    ];
    let of_record = statements(&rules);
    let mut writes_resource = rules.to_vec();
    writes_resource.push("set(resource.attributes[\"last\"], log.attributes[\"words\"])");
    let filter = conditions(ErrorMode::Ignore, &["Split(log.body, \"x\")[3] == \"\"", "Int(log.body) == 1"]);
    // Each record takes up to 100 KB, and all together take more than there is.
    let limits = |segment| Limits { scratch_bytes: 1 << 20, segment, ..Limits::default() };
    let outcome = |plan: &Plan, segment| {
        let (clock, rng) = (FixedClock(Time::from_unix_nanos(0)), SequenceRng::default());
        engines::fast(plan).outcome(&message, &Env { limits: limits(segment), ..Env::new(&clock, &rng) })
    };
    for (plan, in_segments) in [(&of_record, true), (&statements(&writes_resource), false), (&filter, true)] {
        let out_of_memory = |outcome: &Outcome| {
            outcome.report.failures(0).iter().any(|f| f.first.error.to_string() == "limit reached: scratch_bytes")
        };
        let [none, small, usual] = [usize::MAX, 0, 1 << 18].map(|segment| outcome(plan, segment));
        assert!(out_of_memory(&none), "the records fit into the memory");
        assert_eq!(out_of_memory(&small), !in_segments, "{:?}", small.report);
        assert_eq!(out_of_memory(&usual), !in_segments);
        assert_eq!(small.report == usual.report && small.result == usual.result, in_segments);
    }
}

#[test]
fn filters_of_parents_look_at_no_record_in_segments_either() {
    // The condition makes something, so that the memory of a segment is full when the first scope comes.
    let spec = FilterSpec {
        context: Some(ContextId::Resource),
        conditions: sources(&["Split(resource.attributes[\"none\"], \"x\")"]),
        ..FilterSpec::default()
    };
    let plan = filter(ErrorMode::Ignore, vec![spec]);
    let scopes = [field(2, &field(3, b"s")), field(2, b""), field(2, &field(3, b"t"))].concat();
    for groups in 1..3 {
        let message = field(1, &scopes).repeat(groups);
        let (output, _) = run_with(&plan, &message, |env| env.limits.segment = 0).expect("runs");
        assert_eq!(output, Output::Unchanged);
    }
}

#[test]
fn a_resource_that_every_record_gets_a_copy_of_ends_at_the_limit() {
    let options = TransformOptions { flatten_data: true, ..TransformOptions::default() };
    let plan = transform(Signal::Logs, &[group(ContextId::Log, &[])], options);
    let resource = field(1, &field(1, b"").repeat(100));
    let message = field(1, &[resource, field(2, &field(2, b"").repeat(200))].concat());
    let limited = |scratch_bytes| {
        let limits = Limits { scratch_bytes, ..Limits::default() };
        run_with(&plan, &message, |env| env.limits = limits).map(|_| ())
    };
    assert_eq!(limited(1 << 20), Ok(()));
    assert_eq!(limited(1 << 15), Err(RunError::Limit { name: "scratch_bytes", by: None }));
}

#[test]
fn an_unguarded_copy_of_metrics_ends_at_the_limit() {
    let group = group(ContextId::Metric, &["copy_metric()"]);
    let plan = transform(Signal::Metrics, &[group], TransformOptions::default());
    let text = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m"}]}]}]}"#;
    let message = messages::protobuf(Signal::Metrics, text);
    assert!(matches!(run(&plan, &message), Err(RunError::Limit { name: "new_metrics", by: Some(_) })));
}

#[test]
fn calls_inside_each_other_are_bounded() {
    let nested = |depth: usize| format!("set(log.body, {}log.body{})", "ToLowerCase(".repeat(depth), ")".repeat(depth));
    let text = nested(64);
    assert_eq!(run(&statements(&[&text]), &logs(&["A"])).map(|(_, report)| report.sources[0].changed), Ok(1));
    let in_lambdas = |depth: usize| {
        let (open, close) = ("Any(log.attributes[\"l\"], (k, v) => Len(".repeat(depth), "))".repeat(depth));
        format!("set(log.body, 1) where {open}log.body{close} == 1")
    };
    let in_keys =
        |depth: usize| format!("set(log.body, {}0{})", "Int(log.attributes[".repeat(depth), "])".repeat(depth));
    for (text, refused) in [
        (nested(65), true),
        (in_lambdas(32), false),
        (in_lambdas(33), true),
        (in_keys(64), false),
        (in_keys(65), true),
        (format!("set(log.body, [{}])", vec!["ToLowerCase(log.body)"; 100].join(", ")), false),
    ] {
        let compiled = compiler().compile_statement(ContextId::Log, &text);
        let found: Vec<&str> =
            compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).filter(|c| c.starts_with('E')).collect();
        assert_eq!(found, if refused { &["E0504"][..] } else { &[] }, "{text}");
        if let Some((_, d)) = compiled.diagnostics.iter().find(|(_, d)| d.code.as_str() == "E0504") {
            let place = d.span.start as usize..d.span.end as usize;
            assert!(["ToLowerCase", "Any", "Len", "Int"].contains(&&text[place.clone()]), "{}", &text[place]);
            assert!(text[..d.span.start as usize].matches(['(']).count() > 64, "{text}");
        }
    }
}
