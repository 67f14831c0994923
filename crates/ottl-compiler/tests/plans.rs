//! What statements and conditions compile to, as compact dumps.

mod support;

use ottl_compiler::{Compiler, FilterRules, FilterSpec, GroupSpec, SourceText, TransformOptions};
use ottl_plan::{CacheKey, ErrorMode, Plan, Program};
use ottl_schema::{ContextId, Signal};

fn compiler() -> Compiler {
    Compiler::new(support::registry())
}

fn show(plan: &Plan) -> String {
    let condition = |id| plan.show(id).to_string();
    match &plan.program {
        Program::Transform(program) => {
            let mut lines = Vec::new();
            for group in &program.groups {
                lines.extend(group.conditions.iter().map(|(id, _)| format!("if {}", condition(*id))));
                for statement in &group.statements {
                    let mut line = plan.show_call(statement.editor);
                    if let Some(id) = statement.condition {
                        line = format!("{line} where {}", condition(id));
                    }
                    lines.push(line);
                }
            }
            lines.join("\n")
        }
        Program::Filter(program) => {
            let stages = program.stages.iter().map(|stage| {
                let levels = stage.conditions.iter().map(|(context, conditions)| {
                    let shown: Vec<String> = conditions.iter().map(|(id, _)| condition(*id)).collect();
                    format!("{}: {}", context.name(), shown.join(" | "))
                });
                levels.collect::<Vec<_>>().join("; ")
            });
            stages.collect::<Vec<_>>().join("\n")
        }
    }
}

fn statement(context: ContextId, text: &str) -> String {
    let compiled = compiler().compile_statement(context, text);
    match &compiled.plan {
        Some(plan) => show(plan),
        None => format!("{:#?}", compiled.diagnostics),
    }
}

#[test]
fn statements() {
    use ContextId::{DataPoint, Log, Metric, Span};
    let table = [
        (Log, r#"set(body, "x")"#, r#"set(log.body, "x")"#),
        (
            Log,
            r#"set(log.attributes["a"]["b"], resource.attributes["c"]) where severity_number >= SEVERITY_NUMBER_WARN"#,
            r#"set(log.attributes["a"]["b"], resource.attributes["c"]) where (log.severity_number >= 13)"#,
        ),
        (Log, r#"set(attributes[attributes["k"]], -5)"#, r#"set(log.attributes[log.attributes["k"]], -5)"#),
        (Log, r#"set(attributes["k"], (1 + 2) * -body)"#, r#"set(log.attributes["k"], ((1 + 2) * -log.body))"#),
        (Log, r#"set(attributes["k"], Split(body, ",")[0])"#, r#"set(log.attributes["k"], Split(log.body, ",")[0])"#),
        (Log, r#"set(attributes["k"], [1, "a", nil])"#, r#"set(log.attributes["k"], Any[1 "a" nil ])"#),
        (Log, r#"set(attributes["k"], [1, body])"#, r#"set(log.attributes["k"], [1, log.body])"#),
        (
            Log,
            r#"set(attributes["k"], {"a": 1, "b": [1], "a": 2})"#,
            r#"set(log.attributes["k"], {"a": 2 "b": Slice[1 ] })"#,
        ),
        (
            Log,
            r#"set(attributes["k"], {"a": body, "b": 0x0aff, "a": 1.5})"#,
            r#"set(log.attributes["k"], {"a": log.body "b": \x0a\xff "a": 1.5 })"#,
        ),
        (
            Log,
            r#"set(attributes["k"], {body: 1, ToUpperCase("b"): 2})"#,
            r#"set(log.attributes["k"], {log.body: 1 ToUpperCase("b"): 2 })"#,
        ),
        (Log, r#"set(attributes["k"], {"a": body})"#, r#"set(log.attributes["k"], {"a": log.body })"#),
        (
            Log,
            r#"replace_pattern(body, "a", "b", ToUpperCase)"#,
            r#"replace_pattern(log.body, "a", "b", ToUpperCase, -)"#,
        ),
        (
            Log,
            r#"replace_pattern(body, "a", "b", replacementFormat="c")"#,
            r#"replace_pattern(log.body, "a", "b", -, "c")"#,
        ),
        (
            Log,
            r#"replace_pattern(body, replacement="b", regex_pattern="a", function=SHA256)"#,
            r#"replace_pattern(log.body, "a", "b", SHA256, -)"#,
        ),
        (Log, r#"limit(attributes, 10, ["a", "b"])"#, r#"limit(log.attributes, 10, Strings["a" "b" ])"#),
        (Log, r#"set(body, Concat(["a", 1, body], "-"))"#, r#"set(log.body, Concat(["a", 1, log.body], "-"))"#),
        (Log, r#"set(body, Concat(attributes["l"], "-"))"#, r#"set(log.body, Concat(log.attributes["l"], "-"))"#),
        (
            Log,
            r#"set(body, Coalesce([attributes["a"], "x"]))"#,
            r#"set(log.body, Coalesce([~log.attributes["a"] ~"x" ]))"#,
        ),
        (Log, r#"set(body, Coalesce(["a", "x"]))"#, r#"set(log.body, Coalesce(Any["a" "x" ]))"#),
        (Log, r#"set(body, Int("12"))"#, r#"set(log.body, Int(12))"#),
        (Log, r#"set(body, String(1.0))"#, r#"set(log.body, String("1"))"#),
        (Log, r#"set(body, Now(nonsense, Nothing(This)))"#, r#"set(log.body, Now())"#),
        (
            Log,
            r#"set(body, Filter(attributes, (k, v) => k == "a" and All(v, (_, w) => w[k] == body)))"#,
            r#"set(log.body, Filter(log.attributes, (%0+2 => ((%0 == "a") and All(%1, (%2+2 => (%3[%0] == log.body)))))))"#,
        ),
        (
            Log,
            r#"set(body, Filter(attributes, (body, v) => body))"#,
            r#"set(log.body, Filter(log.attributes, (%0+2 => %0)))"#,
        ),
        (Log, r#"set(body, "x") where true"#, r#"set(log.body, "x")"#),
        (Log, r#"set(body, "x") where 1 == 1.0 and "a" < "b""#, r#"set(log.body, "x")"#),
        (Log, r#"set(body, "x") where body == 1 and false"#, r#"set(log.body, "x") where false"#),
        (
            Log,
            r#"set(body, "x") where not (body == 1 or 1 == 2) and true"#,
            r#"set(log.body, "x") where (not (log.body == 1))"#,
        ),
        (
            Log,
            r#"set(body, "x") where body == 1 and (body == 2 and body == 3)"#,
            r#"set(log.body, "x") where ((log.body == 1) and ((log.body == 2) and (log.body == 3)))"#,
        ),
        (Log, r#"set(body, "x") where not IsString(body)"#, r#"set(log.body, "x") where (not IsString(log.body))"#),
        (Log, r#"set(instrumentation_scope.name, otelcol.client.addr)"#, r#"set(scope.name, otelcol.client.addr)"#),
        (Log, r#"set(cache["a"], log.cache)"#, r#"set(log.cache["a"], log.cache)"#),
        (
            Span,
            r#"set(name, trace_state["k"]) where IsRootSpan()"#,
            r#"set(span.name, span.trace_state["k"]) where IsRootSpan(span.parent_span_id)"#,
        ),
        (Span, r#"set(status.code, STATUS_CODE_OK)"#, r#"set(span.status.code, 1)"#),
        (Metric, r#"copy_metric(unit="s") where name == "a""#, r#"copy_metric(-, -, "s") where (metric.name == "a")"#),
        (
            DataPoint,
            r#"set(metric.unit, "s") where value_int == 1"#,
            r#"set(metric.unit, "s") where (datapoint.value_int == 1)"#,
        ),
    ];
    for (context, text, want) in table {
        assert_eq!(statement(context, text), want, "{text}");
    }
}

#[test]
fn conditions() {
    let table = [
        (ContextId::Log, r#"IsMatch(body, "a")"#, r#"log: IsMatch(log.body, "a")"#),
        (ContextId::Log, r#"not true"#, r#"log: false"#),
        (ContextId::Resource, r#"attributes["a"] != nil"#, r#"resource: (resource.attributes["a"] != nil)"#),
    ];
    for (context, text, want) in table {
        let compiled = compiler().compile_condition(context, text);
        let plan = compiled.plan.unwrap_or_else(|| panic!("{text}: {:?}", compiled.diagnostics));
        assert_eq!(show(&plan), want, "{text}");
    }
}

fn texts<'s>(list: &[&'s str]) -> Vec<SourceText<'s>> {
    list.iter().zip(0..).map(|(text, id)| SourceText { text, id }).collect()
}

#[test]
fn groups_keep_their_settings_and_texts() {
    let groups = [
        GroupSpec {
            conditions: texts(&[r#"resource.attributes["a"] == 1"#]),
            statements: texts(&[r#"set(log.body, "x")"#, r#"set(log.cache["n"], 1)"#]),
            error_mode: Some(ErrorMode::Silent),
            shared_cache: true,
            ..GroupSpec::default()
        },
        GroupSpec {
            context: Some(ContextId::Resource),
            // With a configured context conditions may write paths either way.
            conditions: texts(&[r#"attributes["a"] == resource.attributes["b"]"#]),
            ..GroupSpec::default()
        },
    ];
    let options = TransformOptions { error_mode: ErrorMode::Propagate, flatten_data: true, isolate: false };
    let compiled = compiler().compile_transform(Signal::Logs, &groups, options);
    let plan = compiled.plan.expect("the rules are sound");
    assert_eq!(
        show(&plan),
        "if (resource.attributes[\"a\"] == 1)\nset(log.body, \"x\")\nset(log.cache[\"n\"], 1)\nif (resource.attributes[\"a\"] == resource.attributes[\"b\"])"
    );
    let Program::Transform(program) = &plan.program else { panic!("not a transform program") };
    assert!(program.flatten_data);
    assert_eq!(
        program.groups.iter().map(|g| (g.context, g.error_mode, g.cache)).collect::<Vec<_>>(),
        [
            (ContextId::Log, ErrorMode::Silent, CacheKey::Shared(ContextId::Log)),
            (ContextId::Resource, ErrorMode::Propagate, CacheKey::PerRecord),
        ]
    );
    assert_eq!(plan.sources.len(), 4);
    assert_eq!(plan.sources[program.groups[0].statements[1].source as usize], r#"set(log.cache["n"], 1)"#);
    assert_eq!(
        plan.sources[program.groups[1].conditions[0].1 as usize],
        r#"attributes["a"] == resource.attributes["b"]"#
    );
}

#[test]
fn filter_conditions_are_grouped_by_level() {
    let rules = FilterRules::Newer(vec![
        FilterSpec {
            conditions: texts(&[
                r#"datapoint.value_int == 1"#,
                r#"resource.attributes["a"] == 1"#,
                r#"metric.name == "m""#,
                r#"datapoint.flags == FLAG_NONE"#,
            ]),
            ..FilterSpec::default()
        },
        FilterSpec {
            context: Some(ContextId::Metric),
            conditions: texts(&[r#"name == "n""#]),
            error_mode: Some(ErrorMode::Propagate),
            ..FilterSpec::default()
        },
    ]);
    let compiled = compiler().compile_filter(Signal::Metrics, &rules, ErrorMode::Ignore);
    let plan = compiled.plan.expect("the rules are sound");
    assert_eq!(
        show(&plan),
        "resource: (resource.attributes[\"a\"] == 1); metric: (metric.name == \"m\"); datapoint: (datapoint.value_int == 1) | (datapoint.flags == 0)\nmetric: (metric.name == \"n\")"
    );
    let Program::Filter(program) = &plan.program else { panic!("not a filter program") };
    assert_eq!(program.stages[0].error_mode, ErrorMode::Ignore);
    assert_eq!(program.stages[1].error_mode, ErrorMode::Propagate);
    assert!(program.stages.iter().all(|s| s.hides_errors));
}

/// Every id in a plan names something, and operands come before what uses them.
#[test]
fn expressions_refer_to_smaller_numbers() {
    let text = r#"set(attributes["k"], Coalesce([{"a": -body}, [body], Split(body, ",")[Len(body)]])) where not (body == 1 or IsString(body))"#;
    let plan = compiler().compile_statement(ContextId::Log, text).plan.expect("it is sound");
    for (i, expr) in plan.exprs.iter().enumerate() {
        use ottl_plan::Expr;
        let below = |id: &ottl_plan::ExprId| (id.0 as usize) < i;
        let sound = match expr {
            Expr::Index { base, .. } => below(base),
            Expr::Math { left, right, .. } | Expr::Compare { left, right, .. } => below(left) && below(right),
            Expr::Negate { operand, .. } | Expr::Not(operand) | Expr::Test { operand, .. } => below(operand),
            Expr::List(items) | Expr::And(items) | Expr::Or(items) => items.iter().all(below),
            Expr::Map { pairs, .. } => pairs.iter().all(|(_, id)| below(id)),
            Expr::Const(_) | Expr::Path(_) | Expr::Call(_) | Expr::Local(_) | Expr::Lambda(_) => true,
        };
        assert!(sound, "{i}: {expr:?}");
    }
    assert_eq!(plan.thunks.len(), 3);
    let span = plan.sites[0].span;
    assert!(span.0 < span.1 && (span.1 as usize) <= text.len());
}
