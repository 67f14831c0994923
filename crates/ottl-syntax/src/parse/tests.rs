//! Spans, diagnostics, recovery and limits. Which texts are accepted is tested in `tests/reference.rs`.

use ottl_diagnostics::Code;

use crate::ast::{ArgumentValue, KeyKind, MathKind, Number, Value};
use crate::{Limits, parse_condition, parse_statement, parse_value, print};

/// Every diagnostic as `CODE@text`, joined by blanks.
fn faults(text: &str) -> String {
    let parsed = parse_statement(text);
    let words: Vec<String> = parsed.diagnostics.iter().map(|d| format!("{}@{}", d.code, d.span.of(text))).collect();
    words.join(" ")
}

#[test]
fn spans_name_what_was_written() {
    let text = r#"  set( log . attributes["a"][ 0 ], Is Match(b) ) where not ( x == -1 )"#;
    let parsed = parse_statement(text);
    assert_eq!(parsed.diagnostics, []);
    let tree = parsed.tree;
    assert_eq!(tree.span.of(text), text.trim_start());
    assert_eq!(tree.editor.span.of(text), r#"set( log . attributes["a"][ 0 ], Is Match(b) )"#);
    let ArgumentValue::Value(Value::Path(path)) = &tree.editor.arguments[0].value else { panic!("a path") };
    assert_eq!(path.span.of(text), r#"log . attributes["a"][ 0 ]"#);
    assert_eq!(path.segments[1].name_span.of(text), "attributes");
    assert_eq!(path.segments[1].keys[1].span.of(text), "[ 0 ]");
    assert!(matches!(path.segments[1].keys[1].kind, KeyKind::Int(_)));
    assert_eq!(path.split_context().0.map(|s| s.name.as_str()), Some("log"));
    let ArgumentValue::Value(Value::Converter(call)) = &tree.editor.arguments[1].value else { panic!("a call") };
    assert_eq!((call.name.text.as_str(), call.name.span.of(text)), ("IsMatch", "Is Match"));
    assert_eq!(tree.condition.map(|c| c.span().of(text).to_owned()).as_deref(), Some("not ( x == -1 )"));
}

#[test]
fn a_first_name_before_a_dot_is_the_context_segment() {
    for (text, context, fields) in
        [("log.body", Some("log"), 1), ("body", None, 1), ("attributes[\"a\"].x", None, 2), ("a.b.c", Some("a"), 2)]
    {
        let Value::Path(path) = parse_value(text).tree else { panic!("{text} is a path") };
        let (found, rest) = path.split_context();
        assert_eq!((found.map(|s| s.name.as_str()), rest.len()), (context, fields), "{text}");
    }
}

#[test]
fn signed_and_grouped_numbers_are_literals() {
    for (text, number) in [
        ("5", Some(Number::Int(5))),
        ("-5", Some(Number::Int(-5))),
        ("(+ 5)", Some(Number::Int(5))),
        ("-(1.5)", Some(Number::Float(-1.5))),
        ("1 + 1", None),
        ("-x", None),
    ] {
        assert_eq!(parse_value(text).tree.number(), number, "{text}");
    }
}

#[test]
fn operators_bind_as_in_arithmetic() {
    let Value::Math(sum) = parse_value("1 + 2 * 3 - 4").tree else { panic!("arithmetic") };
    let MathKind::Chain { first, rest } = sum.kind else { panic!("a chain") };
    assert_eq!(print(&first), "1");
    let rest: Vec<String> = rest.iter().map(|r| format!("{}{}", r.op.as_str(), print(&r.operand))).collect();
    assert_eq!(rest, ["+2 * 3", "-4"]);
}

#[test]
fn every_fault_is_found_where_it_stands() {
    for (text, expected) in [
        ("", "E0102@"),
        ("set(a, 1", "E0107@("),
        ("set(a, [1, 2)", "E0102@)"),
        ("set(a, 1))", "E0107@)"),
        ("set(a b)", "E0102@b"),
        ("set(a, 1,)", "E0102@,"),
        ("set(a, \"x)", "E0103@\"x)"),
        ("set(a, \"\\d\\w\")", r"E0104@\d E0104@\w"),
        ("set(a, 08)", "E0105@08"),
        ("set(a, 9223372036854775808)", "E0105@9223372036854775808"),
        ("set(a, 0xabc)", "E0106@0xabc"),
        ("Set(a, 1)", "E0108@Set"),
        ("set(a, concat(b))", "E0109@concat"),
        ("set(a, 1)[0][1]", "E0110@[0][1]"),
        ("set(a, () => () => 1)", "E0111@() => 1"),
        ("set(a, 1) where b", "E0112@b"),
        ("set(a, 1) where b and c == 1 and not d", "E0112@b E0112@d"),
        ("set(a, 1) where 1 < b < 2", "E0113@<"),
        ("set(log.traceId, a.SpanID)", "E0114@traceId E0114@SpanID"),
        ("set(a, 1) where b = 1", "E0115@="),
        ("set(a, \"x\" + 1)", "E0116@\"x\""),
        ("set(a, 1 + nil)", "E0116@nil"),
        ("set(a, 1) WHERE b == 1 AND c == 2 OR D == 3", "E0102@WHERE E0102@AND E0102@OR"),
        ("set(a, 'x') where b == 1 && !C()", "E0101@'x' E0101@&& E0101@!"),
        ("set(a, IsMatch) where IsMatch", "E0102@IsMatch"),
        ("set(a, True)", ""),
        ("set(a, [True])", "E0102@True"),
        ("set(a, {B: 1, \"c\" 2, \"d\": })", "E0102@B E0102@2 E0102@}"),
        ("set(a[nil], b[1 + 1])", "E0102@nil E0102@+"),
        ("set(, 1) where == 2", "E0102@, E0102@=="),
        ("set(a, b == 1)", "E0102@=="),
        ("set(a, 1) where not not b == 1", "E0102@not"),
        ("set(a, - -1)", "E0102@-"),
        ("set a, 1 where b", "E0102@a E0112@b"),
        ("set(a, [1][0])", "E0102@["),
        ("set(a, 1) if b == 1", "E0102@if"),
        ("set(a, 1) where (b == 1", "E0107@("),
        ("set(a, 1) where b contains \"x\"", "E0102@contains"),
        ("set(a., 1)", "E0102@,"),
        ("set(a, 1);", "E0101@;"),
    ] {
        assert_eq!(faults(text), expected, "{text}");
    }
}

#[test]
fn what_follows_a_fault_is_still_read() {
    for (text, printed) in [
        ("set(a b, c) where d == 1", "set(a, c) where d == 1"),
        ("set(a, ], 1) where d = 'x'", "set(a, ?, 1) where d == \"x\""),
        ("nonsense where a == 1", "nonsense() where a == 1"),
        ("set(log.traceId, 1)", "set(log.trace_id, 1)"),
        ("set(a, {5: 1, \"c\": 2})", "set(a, {\"c\": 2})"),
        ("set(a, 1) where b and c > 2", "set(a, 1) where ? and c > 2"),
    ] {
        let parsed = parse_statement(text);
        assert!(!parsed.diagnostics.is_empty(), "{text}");
        assert_eq!(print(&parsed.tree), printed, "{text}");
    }
}

#[test]
fn fixes_give_a_text_without_the_fault() {
    for text in [
        "set(a, 1) where b = 1",
        "set(a, 1) WHERE b == 1 AND c == 2",
        "set(a, 'x') where b == 1 && c == 2 || !D()",
        "replace_pattern(a, '\\d+', 'x')",
        "set(a, '{\"b\": 1}')",
        "set(log.traceId, 1)",
        "set(a, [1, {\"b\": Foo(2",
        "set(a, 1))",
        "set(a, 1,)",
        "set(a, \"\\d\")",
        "set(a, 08)",
        "set(a[1 + 1], 2)",
        "set(a, {B: 1})",
        "set(a, 1) where b == 1 where c == 2",
        "a.b[\"c\"] = 1 where d == 1",
        "set(a, 1) where b === 1 and c !== 1 and d <> 1 and e =~ \"x\" and f[1] !~ \"y\"",
        "set(a, 1) # one",
        "set(a, 1) // one\nwhere b == 1",
        "set(a, [True, None])",
        "set(a, 1);",
        "set(a, \u{201c}x\u{201d})",
    ] {
        let mut fixes: Vec<_> = parse_statement(text).diagnostics.into_iter().filter_map(|d| d.fix).collect();
        assert!(!fixes.is_empty(), "{text}");
        fixes.sort_by_key(|fix| std::cmp::Reverse(fix.span.start));
        let mut mended = text.to_owned();
        for fix in fixes {
            mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        }
        assert_eq!(parse_statement(&mended).diagnostics, [], "{text} became {mended}");
    }
}

#[test]
fn brackets_are_closed_before_what_none_of_them_holds() {
    for (text, mended) in [
        ("set(a, \"x\" where b == 1", "set(a, \"x\") where b == 1"),
        ("set(a, F([b, \"x\" where b == 1", "set(a, F([b, \"x\"])) where b == 1"),
        ("set(a, b[\"x\" where b == 1", "set(a, b[\"x\"]) where b == 1"),
        ("set(a, 1) where G(b and G(c)", "set(a, 1) where G(b) and G(c)"),
        ("set(a, 1) where (G(b or G(c))", "set(a, 1) where (G(b) or G(c))"),
        ("set(a, 1) where G(b and G(c or d == 1", "set(a, 1) where G(b) and G(c) or d == 1"),
    ] {
        let parsed = parse_statement(text);
        assert!(
            parsed.diagnostics.iter().all(|found| found.code == Code::UNCLOSED_BRACKET),
            "{text}: {}",
            faults(text)
        );
        let mut found = text.to_owned();
        for fix in parsed.diagnostics.into_iter().rev().filter_map(|fault| fault.fix) {
            found.insert_str(fix.span.start as usize, &fix.replacement);
        }
        assert_eq!(found, mended);
    }
    // Nothing is missing here.
    assert!(faults("set(a, b and c)").contains("E0102") && faults("set(a, \"x\" where b == 1)").contains("E0102"));
}

#[test]
fn deep_nesting_is_an_error_and_never_a_crash() {
    for (open, middle, close) in [
        ("(", "a == 1", ")"),
        ("(", "1", ") == 1"),
        ("not (", "F()", ")"),
        ("F(", "", ")"),
        ("F(() => ", "1", ")"),
        ("() => ", "1", ""),
        ("() => x == ", "1", ""),
        ("[", "", "]"),
        ("{\"a\":", "1", "}"),
        ("-(", "1", ")"),
        ("a[", "1", "]"),
        ("F(-(a[", "1", "]))"),
        ("(", "", ""),
        ("[(", "", ""),
        ("F((", "", ""),
    ] {
        for wrap in ["", "x == "] {
            let text = format!("{wrap}{}{middle}{}", open.repeat(10_000), close.repeat(10_000));
            let parsed = parse_condition(&text);
            // `not` cannot stand on the side of a comparison, so nothing nests there.
            let flat = !wrap.is_empty() && open.starts_with("not");
            let code = if flat { Code::UNEXPECTED_TOKEN } else { Code::NESTING_TOO_DEEP };
            assert!(parsed.diagnostics.iter().any(|d| d.code == code), "{wrap}{open}");
            print(&parsed.tree);
            assert!(parse_value(&text).diagnostics.iter().any(|d| d.severity() == ottl_diagnostics::Severity::Error));
        }
    }
    let at_limit = |n: usize| parse_value(&format!("{}1{}", "[".repeat(n), "]".repeat(n))).diagnostics.len();
    assert_eq!((at_limit(256), at_limit(257)), (0, 1));
}

#[test]
fn long_chains_are_flat() {
    let sum = format!("0{}", " + 1 * 2".repeat(50_000));
    let parsed = parse_value(&sum);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(print(&parsed.tree), sum);
    let bools = format!("a == 1{}", " and b == 2 or c == 3".repeat(20_000));
    assert_eq!(print(&parse_condition(&bools).tree), bools);
}

#[test]
fn long_texts_are_refused_unread() {
    let limits = Limits { length: 10, ..Limits::default() };
    assert_eq!(limits.parse_statement("set(a, 1) ").diagnostics, []);
    let codes: Vec<Code> = limits.parse_statement("set(a, 1)  ").diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::STATEMENT_TOO_LONG]);
}

#[test]
fn diagnostics_are_bounded_and_lie_in_the_text() {
    for text in ["# ! ".repeat(5_000), "[1 2, ".repeat(3_000), "\"\\d\" ".repeat(5_000), "a = ".repeat(5_000)] {
        let diagnostics = parse_condition(&text).diagnostics;
        assert!((1..=130).contains(&diagnostics.len()), "{}", diagnostics.len());
        for diagnostic in diagnostics {
            assert!(text.get(diagnostic.span.start as usize..diagnostic.span.end as usize).is_some());
        }
    }
}

#[test]
fn a_condition_has_no_where() {
    for (text, fix) in [("where a == 1", true), ("WHERE not B()", true), ("where.a == 1", false), ("where == 1", false)]
    {
        let parsed = parse_condition(text);
        let found = parsed.diagnostics.first().is_some_and(|fault| fault.message.contains("without `where`"));
        assert_eq!((found, parsed.diagnostics.len()), (fix, usize::from(fix)), "{text}: {:?}", parsed.diagnostics);
    }
}

#[test]
fn habits_from_other_languages_are_answered() {
    for (text, help, fix) in [
        ("set(a, 1) if b == 1", "where", Some("where")),
        ("set(a, 1) where b matches \"x\"", "IsMatch(", None),
        ("set(a, 1) where b contains \"x\"", "IsMatch(", None),
        ("set(a, 1) where b in [1, 2]", "ContainsValue([1, 2], b)", Some("ContainsValue([1, 2], b)")),
        ("set(a, 1) where b not in [1, 2]", "not ContainsValue(", Some("not ContainsValue([1, 2], b)")),
        ("set(a, 1) where a.b in (1, 2)", "ContainsValue(", None),
        ("set(a, 1) were b == 1", "`where`?", Some("where")),
        ("set(a, 1) Where b == 1", "", Some("where")),
        ("set(a, 1) unless b == 1", "not (...)", None),
        ("set(a, 1) where b == 1 adn c == 2", "`and`?", Some("and")),
        ("set(a, 1) where b == 1 xor c == 2", "(a and not b)", None),
        ("set(a, 1) where nt b == 1", "`not`?", Some("not")),
        ("set(a, 1) where b between 1 and 5", "b >= 1 and b <= 5", Some("(b >= 1 and b <= 5)")),
        ("set(a, 1) where b > 1 and < 5", "write `b < ...`", Some("b ")),
        ("set(a, 1) where b == 1 or 2", "`b == 2`", Some("b == ")),
        ("set(a, 1) where b != 1 or 2", "with `and`", None),
        ("set(a, 1) where b startsWith \"x\"", "HasPrefix", Some("HasPrefix(b, \"x\")")),
        ("set(a, 1) where b is not nil", "!= nil", Some("!=")),
        ("set(a, 1) where b equals 1", "`==`", Some("==")),
        ("set(a, 1) where b > 1h30m", "Duration", Some("Duration(\"1h30m\")")),
        ("set(a, 1) where b > 2d", "24h", None),
        ("set(a.\"b.c\", 1)", "a[\"b.c\"]", Some("[\"b.c\"]")),
        ("set(a, b . \"c\")", "Concat([b, \"c\"]", None),
        ("set(a, \"x${b[\"c\"]}\")", "Concat", None),
        ("set(a[\"\"b\"\"], 1)", "one pair", None),
        ("a.b := 1", "set(a.b, 1)", Some("set(a.b, 1)")),
        ("set(a, 1) #where b == 1", "without `#`", None),
        ("set(a, 1) where B(c, /x/)", "double quotes", None),
        ("# set(a, 1)", "take the item out", None),
        ("set(a, 1) where b is nil", "== nil", Some("==")),
        ("set(a.b = 1)", "by commas", Some(",")),
        ("set(a, b ? 1)", "`where` for each case", None),
        ("set(a, 1) where b ~ \"x\"", "IsMatch(", None),
        ("set(a, Any(b, x => x))", "in parentheses: `(", None),
        ("set(a, [1 2])", "a comma is missing", Some(",")),
        ("set(a, hello big world)", "in double quotes", Some("\"hello big world\"")),
        ("set(a.b c.d)", "a comma is missing", Some(",")),
        ("set(a, 1) set(b, 2)", "begin the next with `- `", None),
        ("set(a, 1),", "take it out", Some("")),
        ("set(a, 1) where b IS NULL", "== nil", Some("== nil")),
        ("set(a, 1) where b is none", "== nil", Some("== nil")),
        ("set(a, 1) where b IS NOT NULL", "!= nil", Some("!= nil")),
        ("set(a, 1) where b NOT IN [1]", "not ContainsValue(", Some("not ContainsValue([1], b)")),
        ("set(A.b, 1)", "", Some("a")),
        ("set(a, Log.b[\"c\"] + 1)", "", Some("log")),
        ("set(a, 1) where LOG.b == 1", "", Some("log")),
        ("set(a, 1), set(b, 2)", "begin the next with `- `", None),
        ("set(a, 1); set(b, 2)", "begin the next with `- `", None),
        ("set(a, 1) where b == 1 where c == 2 or d == 3", "with `and`", None),
        ("a[\"b\"] = \"c\"", "set(a[\"b\"], \"c\")", Some("set(a[\"b\"], \"c\")")),
        ("a.b", "`set(", None),
        ("set(a, 1) where b.contains(\"x\")", "no methods", None),
        ("set(a, 1) where b =~ \"x\"", "IsMatch(b, \"x\")", Some("IsMatch(b, \"x\")")),
        ("set(a, 1) where c == 1 or b[1] !~ \"x\"", "not IsMatch(", Some("not IsMatch(b[1], \"x\")")),
        ("set(a, 1) where b === 1", "`==`", Some("==")),
        ("set(a, 1) where b <> 1", "`!=`", Some("!=")),
        ("set(a, 1) where b == NaN", "`x != x`", None),
        ("set(a, 1) where b == Warn", "\"Warn\"", None),
        ("set(a, 1) where b", "`b != nil`", None),
        ("set(a, 1)[0]", "", None),
    ] {
        let parsed = parse_statement(text);
        let [fault, ..] = &parsed.diagnostics[..] else { panic!("{text}: {:?}", parsed.diagnostics) };
        assert!(fault.help.as_deref().unwrap_or("").contains(help), "{text}: {fault:?}");
        assert_eq!(fault.fix.as_ref().map(|fix| fix.replacement.as_str()), fix, "{text}");
    }
}
