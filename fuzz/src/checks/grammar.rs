//! [`grammar_agreement`]: the shipped parser and the grammar.

use ottl_syntax::print::Print;
use ottl_syntax::{Parsed, parse_condition, parse_statement, parse_value, print};

use super::meter::within;
use super::parse::{FIXED, TREE};

/// Longer texts cost the derived parser too much.
const LONGEST: usize = 400;

/// How many brackets may be open at once: beyond, the derived parser may give up on its limit of calls, which counts as a
/// refusal.
const DEEPEST: usize = 6;

/// What the derived parser may hold: twice what was met, 620 bytes for each byte, for its queue has two tokens for each rule
/// that is tried at a byte.
const DERIVED: usize = 512 << 10;

/// Any text as statement, condition and value: both parsers take it or refuse it, and what they take has one form.
pub fn grammar_agreement(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.len() > LONGEST || depth(text) > DEEPEST {
        return;
    }
    let same = |kind, grammar: Option<String>, shipped: Option<String>| {
        assert_eq!(grammar, shipped, "{text:?} as a {kind}, by the grammar and by the parser");
    };
    same("statement", derived(text, ottl_grammar::statement), form(text, parse_statement));
    same("condition", derived(text, ottl_grammar::condition), form(text, parse_condition));
    same("value", derived(text, ottl_grammar::value), form(text, parse_value));
}

fn derived<T: Print>(text: &str, parse: fn(&str) -> Option<T>) -> Option<String> {
    let tree = within("the derived parser", DERIVED, || parse(text));
    tree.map(|tree| print(&tree))
}

fn form<T: Print>(text: &str, parse: fn(&str) -> Parsed<T>) -> Option<String> {
    let parsed = within("the shipped parser", FIXED + TREE * text.len(), || parse(text));
    parsed.diagnostics.is_empty().then(|| print(&parsed.tree))
}

/// The most brackets that are open at once, those in strings included.
fn depth(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}
