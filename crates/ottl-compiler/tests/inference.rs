//! Which context a group runs in, and what is said when there is none.

mod support;

use ottl_compiler::{Compiler, GroupSpec, SourceText, TransformOptions};
use ottl_plan::Program;
use ottl_schema::Signal;

fn texts<'s>(list: &[&'s str]) -> Vec<SourceText<'s>> {
    list.iter().map(|text| SourceText { text, id: 0 }).collect()
}

/// The inferred context, or the codes of what is wrong.
fn infer(signal: Signal, conditions: &[&str], statements: &[&str]) -> String {
    let group = GroupSpec { conditions: texts(conditions), statements: texts(statements), ..GroupSpec::default() };
    let compiler = Compiler::new(support::registry());
    let compiled = compiler.compile_transform(signal, &[group], TransformOptions::default());
    match compiled.plan.map(|plan| plan.program) {
        Some(Program::Transform(program)) => program.groups[0].context.name().to_owned(),
        _ => {
            let names = compiled.diagnostics.iter().map(|(_, d)| d.code.name());
            names.collect::<Vec<_>>().join(" ")
        }
    }
}

#[test]
fn contexts_of_groups() {
    use Signal::{Logs, Metrics, Traces};
    let table: &[(Signal, &[&str], &[&str], &str)] = &[
        (Logs, &[], &[r#"set(log.body, "x")"#], "log"),
        (Logs, &[], &[r#"set(resource.attributes["x"], log.body)"#], "log"),
        (Logs, &[], &[r#"set(resource.attributes["x"], scope.name)"#], "scope"),
        (Logs, &[], &[r#"set(resource.attributes["x"], 1)"#, r#"set(log.body, 1)"#], "log"),
        (Logs, &[r#"log.body == 1"#], &[r#"set(resource.attributes["x"], 1)"#], "log"),
        (Metrics, &[], &[r#"set(metric.name, datapoint.attributes["x"])"#], "datapoint"),
        (Metrics, &[], &[r#"set(datapoint.value_int, exemplar.int_value)"#], "exemplar"),
        (Traces, &[], &[r#"set(span.name, spanevent.name)"#], "spanevent"),
        // Lambda parameters are no contexts.
        (
            Logs,
            &[],
            &[r#"set(resource.attributes["x"], Filter(resource.attributes, (log, v) => log["x"] == v))"#],
            "resource",
        ),
        // Functions and enum symbols pull towards a context that has them.
        (Logs, &[], &[r#"set(resource.attributes["x"], ParseCEF("x"))"#], "log"),
        (Logs, &[], &[r#"set(resource.attributes["x"], SEVERITY_NUMBER_INFO)"#], "log"),
        (Traces, &[], &[r#"set(resource.attributes["x"], IsRootSpan())"#], "span"),
        (Traces, &[], &[r#"set(scope.attributes["x"], SPAN_KIND_CLIENT)"#], "spanevent"),
        (Metrics, &[], &[r#"set(resource.attributes["x"], METRIC_DATA_TYPE_SUM)"#], "datapoint"),
        (Metrics, &[], &[r#"scale_metric(1.0) where resource.attributes["x"] == 1"#], "metric"),
        // ... but not away from a record that is named.
        (Metrics, &[], &[r#"copy_metric(datapoint.attributes["x"])"#], "function-outside-context"),
        (Metrics, &[], &[r#"set(exemplar.int_value, FLAG_NONE)"#], "enum-outside-context"),
        // A function name in one upper-case token counts as an enum symbol.
        (Logs, &[], &[r#"replace_pattern(log.body, "a", "b", SHA256)"#], "log"),
        (Logs, &[], &[r#"replace_pattern(resource.attributes["r"], "a", "b", SHA256)"#], "resource"),
        (Logs, &[], &[r#"replace_pattern(resource.attributes["r"], "a", "b", ParseCEF)"#], "log"),
        (Logs, &[], &[r#"set(resource.attributes["o"], {log.body: 1})"#], "log"),
        (Logs, &[], &[r#"replace_pattern(log.body, "a", "b", ToUpperCase)"#], "log"),
        // The alias of scope and client information are no contexts to run in.
        (Logs, &[], &[r#"set(instrumentation_scope.name, "x")"#], "uninferable-context"),
        (Logs, &[], &[r#"set(otelcol.client.addr, "x")"#], "uninferable-context"),
        (Logs, &[], &[r#"set(log.body, instrumentation_scope.name)"#], "log"),
        // The faults are reported where they are.
        (Logs, &[], &[r#"set(body, "x")"#, r#"set(attributes["x"], 1)"#], "missing-context missing-context"),
        (Logs, &[], &[r#"set(log.body, body)"#], "missing-context"),
        (Logs, &[], &[r#"set(foo.bar, log.body)"#], "unknown-context"),
        (Logs, &[], &[r#"set(foo.bar, 1)"#], "unknown-context"),
        (Logs, &[], &[r#"set(span.name, "x")"#], "context-outside-signal"),
        (Logs, &[], &[r#"set(log.body, Foo())"#, r#"set(log.body, FOO)"#], "unknown-function unknown-enum"),
        (Logs, &[], &[r#"set(log.body, "x" "y")"#, r#"set(body, 1)"#], "unexpected-token missing-context"),
        (Logs, &[], &[], "uninferable-context"),
        (Logs, &["true"], &[], "uninferable-context"),
    ];
    for (signal, conditions, statements, want) in table {
        assert_eq!(infer(*signal, conditions, statements), *want, "{conditions:?} {statements:?}");
    }
}
