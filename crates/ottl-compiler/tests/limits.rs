//! Large rules: what the limits refuse, and that what they let through needs neither deep stacks nor long times.

mod support;

use ottl_compiler::{Compiler, GroupSpec, SourceText, TransformOptions};
use ottl_schema::{ContextId, Signal};

fn codes(compiler: &Compiler, text: &str) -> Vec<&'static str> {
    let compiled = compiler.compile_statement(ContextId::Log, text);
    assert_eq!(compiled.plan.is_none(), compiled.has_errors());
    let codes = compiled.diagnostics.iter().map(|(_, d)| d.code.as_str());
    codes.filter(|code| code.starts_with('E')).collect()
}

#[test]
fn nesting_and_operators_are_bounded() {
    let compiler = Compiler::new(support::registry());
    let nested = |open: &str, inner: &str, close: &str, n: usize| {
        format!("set(body, {}{inner}{})", open.repeat(n), close.repeat(n))
    };
    let sum = |n: usize| format!("set(body, body{})", " + body".repeat(n));
    let where_nested = |n: usize| format!("set(body, 1) where {}body == 1{}", "not (".repeat(n), ")".repeat(n));
    let lambdas = |n: usize| nested("Filter(body, (k, v) => ", "body", ")", n);
    for (text, want) in [
        (nested("[", "body", "]", 250), None),
        (nested("[", "body", "]", 300), Some("E0502")),
        (nested("{\"a\": ", "1", "}", 250), None),
        (nested("(", "body + 1", ")", 250), None),
        (nested("Len(", "body", ")", 64), None),
        (nested("Len(", "body", ")", 65), Some("E0504")),
        (nested("Len(", "body", ")", 250), Some("E0504")),
        (nested("attributes[", "body", "]", 250), None),
        (lambdas(64), None),
        (lambdas(65), Some("E0504")),
        (where_nested(250), None),
        (sum(1_000), None),
        (sum(1_001), Some("E0502")),
        (sum(100_000), Some("E0502")),
        // Sums inside each other count together.
        (
            format!("set(body, {}body{})", "(".repeat(240), format!("{})", " + body".repeat(5)).repeat(240)),
            Some("E0502"),
        ),
    ] {
        let found = codes(&compiler, &text);
        match want {
            None => assert!(found.is_empty(), "{:.80}: {found:?}", text),
            Some(code) => assert!(found.contains(&code), "{:.80}: {found:?}", text),
        }
    }
}

#[test]
fn long_texts_take_linear_time() {
    // The version in which a lambda can stand as a value.
    let compiler = Compiler { target: ottl_core::Target::V0_161, ..Compiler::new(support::registry()) };
    let many = |f: &dyn Fn(usize) -> String, n: usize| (0..n).map(f).collect::<Vec<_>>().join(", ");
    let start = std::time::Instant::now();
    let texts = [
        format!("set(body, {{{}}})", many(&|i| format!("\"k{i}\": body"), 30_000)),
        format!("set(body, [{}])", many(&|i| i.to_string(), 100_000)),
        format!("set(body, ({}) => body)", many(&|i| format!("p{i}"), 50_000)),
        format!(
            "set(body, 1) where {}",
            (0..20_000).map(|i| format!("attributes[\"k{i}\"] != {i}")).collect::<Vec<_>>().join(" or ")
        ),
    ];
    for text in texts {
        assert_eq!(codes(&compiler, &text), [] as [&str; 0], "{:.60}", text);
    }
    // Faults of one text beyond the first hundred are not kept.
    let faults = codes(&compiler, &format!("set(body, [{}])", many(&|i| format!("Foo{i}()"), 5_000)));
    assert_eq!(faults.len(), 100);
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn the_number_of_statements_is_bounded() {
    let mut compiler = Compiler::new(support::registry());
    compiler.limits.statements = 3;
    let statements = (0..5).map(|id| SourceText { text: "set(log.body, 1) where log.flags == 1", id }).collect();
    let group = GroupSpec { statements, ..GroupSpec::default() };
    let compiled = compiler.compile_transform(Signal::Logs, &[group], TransformOptions::default());
    let found: Vec<(u32, &str)> = compiled.diagnostics.iter().map(|(id, d)| (*id, d.code.as_str())).collect();
    assert_eq!(found, [(3, "E0503")]);
    assert!(compiled.plan.is_none());
}
