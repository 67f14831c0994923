//! The grammar and the shipped parser agree: on what they accept, and on the tree, compared by its standard form.

#[path = "../../crates/ottl-syntax/tests/texts/mod.rs"]
mod texts;

use ottl_grammar::{condition, statement, value};
use ottl_syntax::{parse_condition, parse_statement, parse_value, print};
use proptest::prelude::{Just, ProptestConfig, Strategy};
use proptest::{prop_assert_eq, prop_oneof, proptest};
use texts::{Row, rows};

/// The standard forms that the grammar and the shipped parser give; none where a text is not accepted.
fn both(kind: char, text: &str) -> (Option<String>, Option<String>) {
    match kind {
        'S' => {
            let shipped = parse_statement(text);
            (statement(text).map(|tree| print(&tree)), shipped.diagnostics.is_empty().then(|| print(&shipped.tree)))
        }
        'C' => {
            let shipped = parse_condition(text);
            (condition(text).map(|tree| print(&tree)), shipped.diagnostics.is_empty().then(|| print(&shipped.tree)))
        }
        _ => {
            let shipped = parse_value(text);
            (value(text).map(|tree| print(&tree)), shipped.diagnostics.is_empty().then(|| print(&shipped.tree)))
        }
    }
}

#[test]
fn the_texts_asked_of_the_reference() {
    let mut wrong = Vec::new();
    for Row { kind, accepted, text } in rows() {
        let (grammar, shipped) = both(kind, &text);
        if grammar != shipped || grammar.is_some() != accepted {
            wrong.push(format!("{kind} {text}\n  grammar {grammar:?}\n  shipped {shipped:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// One token, with what comes before it.
fn token() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        8 => proptest::sample::select(vec![
            "a", "b", "where", "x", "set", "f", "F", "IsMatch", "UPPER", "Upper", "SHA256", "_", "nil", "true",
            "false", "or", "and", "not", "orX", "Xor", "nilX",
        ]),
        4 => proptest::sample::select(vec![
            "0", "1", "08", "010", "1.5", ".5", "5.", "1e3", "0xab", "0xa", "9223372036854775808", "\"s\"", "\"\"",
            "\"\\d\"", "\"\\n\"",
        ]),
        12 => proptest::sample::select(vec!["(", ")", "(", ")", "[", "]", "{", "}", ",", ".", ":", "=>", "="]),
        6 => proptest::sample::select(vec!["==", "!=", "<", ">=", "+", "-", "*", "/"]),
    ];
    (words, prop_oneof![Just(""), Just(" ")]).prop_map(|(word, blank)| format!("{blank}{word}"))
}

/// Any tokens; hardly ever a valid text.
fn tokens() -> impl Strategy<Value = String> {
    proptest::collection::vec(token(), 0..12).prop_map(|tokens| tokens.concat())
}

/// A value expression that is nearly always valid.
fn values() -> impl Strategy<Value = String> {
    let leaf = proptest::sample::select(vec![
        "nil",
        "true",
        "1",
        "010",
        "2.5",
        "\"s\"",
        "0xab",
        "UPPER",
        "a",
        "a.b[\"k\"][0].c",
        "F()",
        "-1",
        "() => a",
        "(x) => x == 1",
        "a[-1]",
        "a[F()]",
        "lower()",
        "Upper",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let list = proptest::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            (inner.clone(), proptest::sample::select(vec!["+", "-", "*", "/"]), inner.clone())
                .prop_map(|(left, op, right)| format!("{left} {op} {right}")),
            inner.clone().prop_map(|value| format!("({value})")),
            inner.clone().prop_map(|value| format!("-{value}")),
            list.clone().prop_map(|items| format!("[{}]", items.join(","))),
            list.prop_map(|items| format!("G({})", items.join(", "))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("Is Match({a}, name={b})[0]")),
            inner.clone().prop_map(|value| format!("{{\"a\": {value} \"b\": 1,}}")),
            inner.clone().prop_map(|value| format!("(x, _) => {value}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("() => {a} == {b}")),
            inner.prop_map(|value| format!("a[{value}]")),
        ]
    })
}

/// A condition that is nearly always valid.
fn conditions() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (values(), proptest::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]), values())
            .prop_map(|(left, op, right)| format!("{left} {op} {right}")),
        Just("true".to_owned()),
        Just("F()".to_owned()),
        values(),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} == {b}")),
            inner.clone().prop_map(|a| format!("not {a}")),
            inner.prop_map(|a| format!("({a})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_tokens(text in tokens()) {
        for kind in ['S', 'C', 'V'] {
            let (grammar, shipped) = both(kind, &text);
            prop_assert_eq!(&grammar, &shipped, "{} {}", kind, &text);
        }
        // Most sequences fail at once as a whole; inside a call they get further.
        let call = format!("f({text})");
        let (grammar, shipped) = both('S', &call);
        prop_assert_eq!(grammar, shipped, "{}", call);
    }

    #[test]
    fn value_expressions(text in values()) {
        let (grammar, shipped) = both('V', &text);
        prop_assert_eq!(grammar, shipped, "{}", text);
    }

    #[test]
    fn conditions_and_statements(text in conditions()) {
        let (grammar, shipped) = both('C', &text);
        prop_assert_eq!(grammar, shipped, "{}", text);
        let statement = format!("set(a, (x) => {text}) where {text}");
        let (grammar, shipped) = both('S', &statement);
        prop_assert_eq!(grammar, shipped, "{}", statement);
    }

    #[test]
    fn printed_forms_are_stable(text in conditions()) {
        if let (Some(form), _) = both('C', &text) {
            let (grammar, shipped) = both('C', &form);
            prop_assert_eq!(grammar.as_ref(), Some(&form), "{}", text);
            prop_assert_eq!(shipped.as_ref(), Some(&form), "{}", text);
        }
    }
}
