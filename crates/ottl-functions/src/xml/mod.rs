//! What the functions for XML share: how they read a document, and maps whose keys may come again.
//!
//! Deliberately elsewhere: XML itself (`ottl-xml`).

mod charset;

use ottl_core::function::Const;
use ottl_core::value::Entry;
use ottl_core::{Arena, ArenaVec, EvalError, Value};
use ottl_xml::tree::{NodeId, Tree};
use ottl_xml::xpath::XPath;

use crate::letter_case::LetterCase;
use crate::scratch;

/// Pairs that cost about as much as one step of a message when they are looked at one after the other.
const PAIRS: usize = 32;

/// The document that a text is. A declaration stays only if the text begins with it.
///
/// # Errors
/// What is wrong with the text; memory and work.
pub(crate) fn document<'a>(text: &'a [u8], arena: &'a Arena) -> Result<Tree<'a>, EvalError> {
    let mut tree = Tree::parse(text, charset::decode, arena)?;
    if !text.starts_with(b"<?xml") {
        // COMPAT: it need not be a declaration that goes.
        let first = tree.children(tree.top()).next();
        if let Some(first) = first {
            tree.remove(first);
        }
    }
    Ok(tree)
}

/// The XPath expression of a literal argument, or of this one where it is empty or left out.
///
/// # Errors
/// What is wrong with the expression.
pub(crate) fn xpath(args: &[Const<'_>], idx: usize, default: &[u8]) -> Result<XPath, String> {
    let text = args.get(idx).and_then(Const::as_str).filter(|text| !text.is_empty()).unwrap_or(default);
    XPath::new(text, |text, arena| LetterCase::Lower.apply(text, arena)).map_err(|fault| format!("no XPath: {fault}"))
}

/// What lies in a node, as text.
///
/// # Errors
/// Memory and work.
pub(crate) fn written<'a>(tree: &Tree<'a>, node: NodeId) -> Result<Value<'a>, EvalError> {
    scratch::with_text(|out| {
        tree.write(node, out)?;
        Ok(Value::Str(tree.arena().copy(out)?))
    })
}

/// Overwrites the value of a key, or appends the pair.
pub(crate) fn put<'a>(entries: &mut ArenaVec<'a, Entry<'a>>, key: &'a [u8], value: Value<'a>) -> Result<(), EvalError> {
    entries.arena().spend((entries.len() / PAIRS) as u64)?;
    match entries.iter_mut().find(|entry| entry.key == key) {
        Some(entry) => {
            entry.value = value;
            Ok(())
        }
        None => entries.push(Entry { key, value }),
    }
}
