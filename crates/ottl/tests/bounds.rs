//! Configurations that are small as files and large in what they mean are refused by a limit.

use ottl::{Compiler, Limits, Signal};

fn codes(compiler: &Compiler, yaml: &str) -> Vec<&'static str> {
    let mut codes: Vec<_> = compiler.check(yaml).iter().map(|found| found.code.as_str()).collect();
    codes.dedup();
    codes
}

#[test]
fn aliases_count_with_what_they_expand_to() {
    let compiler = Compiler::new().limits(Limits { configuration_length: 20_000, ..Limits::default() });
    let statement = format!("set(log.body, \"{}\")", "y".repeat(1000));
    let aliases = |count: usize| format!("log_statements: [&x '{statement}'{}]\n", ", *x".repeat(count));
    assert_eq!(codes(&compiler, &aliases(15)), [""; 0]);
    assert_eq!(codes(&compiler, &aliases(25)), ["E0618"]);
    let laughs = |levels: usize| {
        let level = |level: usize| format!("a{level}: &a{level} [*a{0}, *a{0}]\n", level - 1);
        let levels: String = (1..levels).map(level).collect();
        format!("x: &a0 [lol]\n{levels}log_statements: []\n")
    };
    assert_eq!(codes(&compiler, &laughs(5)), ["E0603"], "only the unknown keys are wrong");
    assert_eq!(codes(&compiler, &laughs(30)), ["E0618"]);
    // Merge keys copy pairs, also those that are there already.
    let merges = |count: usize| {
        let pairs: String = (0..100).map(|key| format!("k{key}: 1, ")).collect();
        format!("log_statements: []\nx: &m {{{pairs}}}\ny: [{}]\n", "{<<: [*m, *m]},".repeat(count))
    };
    assert_eq!(codes(&compiler, &merges(5)), ["E0603"]);
    assert_eq!(codes(&compiler, &merges(50)), ["E0618"]);
}

#[test]
fn copies_of_a_statement_by_aliases_are_statements() {
    let yaml = "log_statements: [&x 'set(log.body, 1)', *x, *x]\n";
    let rules = Compiler::new().compile(yaml).expect("rules");
    assert_eq!(rules.statements(Signal::Logs).count(), 3);
}

#[test]
fn patterns_are_bounded_together() {
    let rules = |count: usize, pattern: &dyn Fn(usize) -> String| {
        let statement = |n: usize| format!("  - 'set(log.body, 1) where IsMatch(log.body, \"{}\")'\n", pattern(n));
        format!("log_statements:\n{}", (0..count).map(statement).collect::<String>())
    };
    let large = |n: usize| format!("x{n}{}", r"\\pL".repeat(200));
    let compiler = Compiler::new();
    assert_eq!(codes(&compiler, &rules(20, &large)), [""; 0]);
    assert_eq!(codes(&compiler, &rules(100, &large)), ["E0313"]);
    assert_eq!(codes(&compiler, &rules(100, &|_| large(0))), [""; 0], "the same pattern counts once");
    assert_eq!(codes(&compiler, &rules(1000, &|n| format!(r"x{n}\\pL{{1000}}"))), [""; 0]);
}
