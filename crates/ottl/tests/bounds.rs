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
    assert_eq!(codes(&compiler, &aliases(15)), ["W0320"], "each but the last is overwritten");
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

#[test]
fn tokens_and_nodes_are_bounded_whatever_they_mean() {
    let compiler = Compiler::new();
    let list = |items: usize| format!("set(log.body, [{}1])", "1,".repeat(items));
    let statements = |count: usize| format!("log_statements: {:?}\n", vec![list(150_000); count]);
    assert_eq!(codes(&compiler, &statements(2)), ["W0320"], "the first is overwritten");
    assert_eq!(codes(&compiler, &statements(3)), ["W0320", "E0503"]);
    // Not for each processor anew.
    let processors: String =
        (0..3).map(|n| format!("  transform/{n}: {{log_statements: {:?}}}\n", [list(150_000)])).collect();
    assert!(codes(&compiler, &format!("processors:\n{processors}")).contains(&"E0503"));
    let words = (0..100_000).map(|n| format!("word{n}|")).collect::<String>();
    assert_eq!(codes(&compiler, &format!("log_conditions: ['IsMatch(log.body, \"{words}\")']\n")), [""; 0]);
    assert_eq!(codes(&compiler, &format!("log_statements: [{}]\n", "a,".repeat(500_000))), ["E0618"]);
    assert_eq!(codes(&compiler, &format!("x: {{{}}}\n", "a: ,".repeat(300_000))).last(), Some(&"E0618"));
}

#[test]
fn rules_as_deep_as_they_may_be_compile_in_a_small_stack() {
    let stack = 256 << 10;
    let nest = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("set(log.body, {}{inner}{})", open.repeat(depth), close.repeat(depth))
    };
    let statements = [
        // As deep as what is compiled on the caller's stack, then as deep as anything may be.
        nest("MapEach(log.attributes, (k, v) => ", "v", ")", 10),
        nest("Concat([Format(\"%v\", [", "\"x\"", "])], \",\")", 2),
        format!("set(log.body, {}1{})", "(1 + ".repeat(10), ")".repeat(10)),
        format!("set(log.body, 1) where {}true{}", "not (".repeat(11), ")".repeat(11)),
        format!("set(log.body, 1{})", " + log.severity_number".repeat(39)),
        nest("[", "1", "]", 250),
        nest("{\"a\": ", "1", "}", 250),
        nest("(", "1", ")", 250),
        nest("Len(", "log.body", ")", 250),
        nest("Concat([log.body, ", "\"x\"", "], \",\")", 120),
        nest("MapEach(log.attributes, (k, v) => ", "v", ")", 250),
        nest("log.attributes[", "\"a\"", "]", 250),
        format!("set(log.attributes{}, 1)", "[\"a\"]".repeat(3000)),
        format!("set(log.body, 1{})", " + log.severity_number".repeat(900)),
        format!("set(log.body, 1) where {}true{}", "(".repeat(250), ")".repeat(250)),
        format!("set(log.body, 1) where {}", vec!["log.body == nil"; 5000].join(" and ")),
        format!("set(log.body, 1) where {}", "not ".repeat(3)) + "true",
        format!("set(log.body, 1) where IsMatch(log.body, \"{}x{}\")", "(?:a".repeat(80), "b)?".repeat(80)),
        format!("set(log.body, 1) where IsMatch(log.body, \"{}\")", "(a|".repeat(80) + "b" + &")".repeat(80)),
    ];
    for statement in statements {
        let yaml = format!("log_statements:\n  - >-\n    {statement}\n");
        let shown = statement.chars().take(60).collect::<String>();
        let work = move || {
            let found = Compiler::new().check(&yaml);
            assert!(!found.iter().any(|d| d.code.as_str() == "E0601"), "{found}");
            found.to_string().len() + found.render(false).len()
        };
        let thread = std::thread::Builder::new().stack_size(stack).spawn(work).expect("a thread");
        assert!(thread.join().is_ok(), "{shown}");
    }
}

/// Groups take none of the room that statements have: what stands behind the last one that fits is missed, not left out.
#[test]
fn a_group_behind_the_last_statement_that_fits_is_not_left_out() {
    let group = |statement: &str| format!("  - statements: ['{statement}']\n");
    let good = group("set(log.severity_text, \"x\") where log.body == nil");
    let compiler = Compiler::new().limits(Limits { statements: 3, ..Limits::default() });
    let found = |text: String| codes(&compiler, &format!("error_mode: ignore\nlog_statements:\n{text}"));
    assert_eq!(found(good.repeat(3)), [""; 0]);
    assert_eq!(found(good.repeat(2) + &group("set(log.boddy, 1)")), ["E0203"]);
    assert_eq!(found(good.repeat(3) + &group("set(log.boddy, 1)")), ["E0503"]);
    assert_eq!(found(good.repeat(9)), ["E0503"]);
}

/// Of thousands of faults the first thousand are told, and how many more there are; trying fixes for them would take minutes.
#[test]
fn faults_beyond_the_first_thousand_are_counted() {
    let text = |count: usize| "  - set(log.boddy, 1)\n".repeat(count);
    let check = |count| Compiler::new().check(&format!("log_statements:\n{}", text(count)));
    let (all, more) = (check(1000), check(1003));
    assert_eq!((all.len(), all.left_out()), (1000, 0));
    assert!(all.iter().all(|found| found.fix.is_some()));
    assert_eq!((more.len(), more.left_out()), (1000, 3));
    assert!(more.iter().all(|found| found.fix.is_none()));
}
