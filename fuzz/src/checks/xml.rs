//! [`xml`] and [`xpath`]: any text as a document, and as an expression over one.

use ottl_core::{Arena, EvalError};
use ottl_xml::tokens::Tokens;
use ottl_xml::tree::Tree;
use ottl_xml::xpath::{Found, XPath};

use super::meter::within;

/// What the values of a document may take; more is an error of the message.
const ARENA: usize = 4 << 20;

/// What may be held beside them: the lists of a search, and what is written.
const BESIDE: usize = 4 << 20;

/// Work that a document may take, in steps of a message.
const STEPS: u64 = 1_000_000;

/// What expressions run over.
const DOCUMENTS: [&str; 3] = [
    "<a/>",
    "<?xml version='1.0'?><r xmlns:p='u'><a id='1'>x<b>2</b> <b>3</b></a><p:a p:id='2'><!-- c --><![CDATA[y]]></p:a><?i j='k'?></r>",
    "<a><a><a><b>1</b></a><b>2</b><a><b/>3</a></a><c> <d e='f' e='g'/> </c></a>t<a/>",
];

fn charset<'a>(_: &[u8], text: &'a [u8], arena: &'a Arena) -> Result<Option<&'a [u8]>, EvalError> {
    let mut out = arena.vec_for(text.len() * 2)?;
    out.extend(text.iter().flat_map(|&byte| char::from(byte).to_string().into_bytes()))?;
    Ok(Some(out.into_slice()))
}

fn lower_case<'a>(text: &'a [u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let out = arena.copy(text)?;
    out.make_ascii_lowercase();
    Ok(out)
}

fn arena() -> Arena {
    let arena = Arena::with_limit(ARENA);
    arena.set_work(STEPS);
    arena
}

/// A document is read or refused; what is read is written, and what is written is read and written again as the same, unless
/// it has instructions or carriage returns.
pub fn xml(data: &[u8]) {
    within("a document", ARENA + BESIDE, || {
        let arena = arena();
        let mut tokens = Tokens::new(data, None, &arena);
        let mut attributes = arena.vec();
        while let Ok(Some(_)) = tokens.next(&mut attributes) {
            assert!(tokens.depth() <= data.len());
        }
        let Some(first) = written(data, &arena) else { return };
        if data.windows(2).any(|pair| pair == b"<?") || first.contains(&b'\r') {
            return;
        }
        let first = arena.copy(&first).map_or(&[][..], |text| text);
        if let Some(second) = written(first, &arena) {
            assert_eq!(
                String::from_utf8_lossy(&second),
                String::from_utf8_lossy(first),
                "{:?}",
                String::from_utf8_lossy(data)
            );
        }
    });
}

/// A document without its first node, written.
fn written<'a>(text: &'a [u8], arena: &'a Arena) -> Option<Vec<u8>> {
    let mut tree = Tree::parse(text, charset, arena).ok()?;
    let first = tree.children(tree.top()).next()?;
    tree.remove(first);
    let mut out = Vec::new();
    tree.write(tree.top(), &mut out).ok()?;
    Some(out)
}

/// An expression is read or refused; one that is read finds nodes of the document, or fails, and so within its means. What
/// it finds can be moved around.
pub fn xpath(data: &[u8]) {
    let Some(path) = within("an expression", (1 << 20) + 512 * data.len(), || XPath::new(data, lower_case).ok()) else {
        return;
    };
    for document in DOCUMENTS {
        within("a search", ARENA + BESIDE, || {
            let arena = arena();
            let mut tree = Tree::parse(document.as_bytes(), charset, &arena).expect("a document");
            let Ok(found) = path.select(&tree) else { return };
            let Ok(result) = tree.add_document() else { return };
            for found in found {
                match found {
                    Found::Node(node) if node != tree.top() => tree.append(result, node),
                    Found::Node(_) => {}
                    Found::Attribute { owner, name, .. } => {
                        if tree.remove_attribute(owner, name).is_err() {
                            return;
                        }
                    }
                }
            }
            // It may hold itself, and then fails.
            let _ = tree.write(result, &mut Vec::new());
        });
    }
}
