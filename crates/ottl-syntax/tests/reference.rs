//! Which texts are accepted: the same as the reference accepts, row by row of `reference.txt`; and every accepted text
//! survives printing and parsing again.

mod texts;

use std::fmt::Debug;

use ottl_syntax::print::Print;
use ottl_syntax::{Parsed, parse_condition, parse_statement, parse_value, print};
use texts::{Row, rows};

/// What is wrong with our answer to one row, if anything.
fn check<T: Debug + Print>(parse: fn(&str) -> Parsed<T>, text: &str, accepted: bool) -> Option<String> {
    let parsed = parse(text);
    if parsed.diagnostics.is_empty() != accepted {
        let found: Vec<String> = parsed.diagnostics.iter().map(ToString::to_string).collect();
        return Some(format!("reference {accepted}, ours {found:?}"));
    }
    for diagnostic in &parsed.diagnostics {
        let (start, end) = (diagnostic.span.start as usize, diagnostic.span.end as usize);
        if text.get(start..end).is_none() {
            return Some(format!("{diagnostic} lies at {start}..{end}"));
        }
    }
    if !accepted {
        return None;
    }
    let form = print(&parsed.tree);
    let again = parse(&form);
    let same = again.diagnostics.is_empty() && without_spans(&again.tree) == without_spans(&parsed.tree);
    (!same || print(&again.tree) != form).then(|| format!("prints as {form}"))
}

/// The tree as text, spans cut out.
fn without_spans(tree: &impl Debug) -> String {
    let text = format!("{tree:?}");
    let mut pieces = text.split("Span {");
    let mut out = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        out.push_str(piece.split_once('}').map_or("", |(_, rest)| rest));
    }
    out
}

#[test]
fn texts_are_accepted_as_by_the_reference() {
    let mut counts = [0, 0];
    let mut wrong = Vec::new();
    for Row { kind, accepted, text } in rows() {
        counts[usize::from(accepted)] += 1;
        let fault = match kind {
            'S' => check(parse_statement, &text, accepted),
            'C' => check(parse_condition, &text, accepted),
            'V' => check(parse_value, &text, accepted),
            other => panic!("unknown kind {other}"),
        };
        wrong.extend(fault.map(|fault| format!("{kind} {text}: {fault}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(counts.iter().all(|count| *count > 200), "{counts:?}");
}
