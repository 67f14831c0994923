//! [`parse`]: any text through the shipped parser.

use std::fmt::Debug;

use ottl_syntax::print::Print;
use ottl_syntax::{Parsed, parse_condition, parse_statement, parse_value, print};

use super::meter::within;
use super::spans::{Tree, assert_in, assert_spans};

/// What parsing may hold for each byte of a text: half a token, or half a node of the tree, each in a vector that grows.
pub(super) const TREE: usize = 256;

/// What a form may take for each byte of its text: an escape has six bytes, and the text grows.
const FORM: usize = 16;

/// What diagnostics may take, of which there are a fixed number.
pub(super) const FIXED: usize = 64 << 10;

/// Any text as statement, condition and value: the parser returns, every span lies on characters of the text, and a tree
/// without faults is printed so that it is read again as the same tree.
pub fn parse(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    check(text, parse_statement);
    check(text, parse_condition);
    check(text, parse_value);
}

fn check<T: Print + Debug + Tree>(text: &str, parse: fn(&str) -> Parsed<T>) {
    let parsed = within("parsing", FIXED + TREE * text.len(), || parse(text));
    for diagnostic in &parsed.diagnostics {
        assert_in(text, diagnostic);
    }
    assert_spans(text, &parsed.tree, parsed.diagnostics.is_empty());
    // A tree with faults has a form, too, though none that can be read.
    let form = within("printing", FIXED + FORM * text.len(), || print(&parsed.tree));
    if !parsed.diagnostics.is_empty() {
        return;
    }
    let again = parse(&form);
    assert_eq!(again.diagnostics, [], "{text:?} has the form {form:?}");
    assert_eq!(without_spans(&again.tree), without_spans(&parsed.tree), "{text:?} has the form {form:?}");
    assert_eq!(print(&again.tree), form, "the form of {text:?} is not stable");
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
