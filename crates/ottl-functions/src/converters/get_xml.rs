//! `GetXML`: the parts of an XML text that an XPath expression finds.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{EvalError, Value};
use ottl_xml::tree::{Kind, Tree};
use ottl_xml::xpath::{Found, XPath};

use crate::{arguments, xml};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("GetXML")
    .arg("target", ParamType::STRING, "the XML text")
    .arg("x_path", ParamType::ConstString, "the XPath expression")
    .returns(Type::String)
    .docs(
        "The parts of an XML text that an XPath expression finds, one after the other: elements and texts as XML, of \
         attributes and CDATA sections the text.\n\nWhat else it finds is left out; an expression that is a value finds \
         nothing. An empty text gives an empty text.",
    )
    .example(r#"GetXML("<a><b>1</b><c/><b>2</b></a>", "/a/b")"#, r#""<b>1</b><b>2</b>""#)
    .compile(compile);

/// Reads the expression.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let path = xml::xpath(args, 1, b"")?;
    Ok(Kernel::of_first(move |ctx, args| eval(ctx, args, &path)))
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>], path: &XPath) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    if text.is_empty() {
        return Ok(Value::Str(&[]));
    }
    let mut tree = xml::document(text, ctx.arena()).map_err(|error| error.of(0))?;
    let result = tree.add_document()?;
    for found in path.select(&tree)? {
        // COMPAT: a node that is found inside of another one is moved behind it, and takes what follows along.
        let part = match found {
            Found::Attribute { value, .. } => tree.add_text(value)?,
            Found::Node(node) => match tree.kind(node) {
                Kind::Element | Kind::Text => node,
                Kind::Section => section_text(&mut tree, node)?,
                _ => continue,
            },
        };
        tree.append(result, part);
    }
    xml::written(&tree, result)
}

/// A text like a CDATA section.
fn section_text(tree: &mut Tree<'_>, section: u32) -> Result<u32, EvalError> {
    let text = tree.data(section);
    tree.add_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil, Str};

    use crate::test_call::{check, refuses};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (
                    &[Str(b"<a>1<b x='&lt;'/><!-- c --><![CDATA[<]]></a>"), Str(b"/a/node()")],
                    "\"1<b x=\"&lt;\"></b>&lt;\"",
                ),
                (&[Str(b"<a b='1' c='\"'/>"), Str(b"//@*")], "\"1&#34;\""),
                (&[Str(b"<a/>"), Str(b"/")], "\"\""),
                (&[Str(b"<a/>"), Str(b"count(a)")], "\"\""),
                (&[Str(b"<a><b/><a>2</a><c/></a>"), Str(b"//a")], "\"<a><b></b><a>2</a></a><a>2</a>\""),
                (&[Str(b""), Str(b"//a")], "\"\""),
                (&[Str(b"<a>"), Str(b"//a")], "error"),
                (&[Str(b"<a/>"), Str(b"//a[")], "refused"),
                (&[Str(b"<a/>"), Str(b"")], "refused"),
                (&[Nil, Str(b"//a")], "error"),
                (&[Int(1), Str(b"//a")], "error"),
            ],
        );
    }

    #[test]
    fn faulty_expressions() {
        refuses(&DEF, &[&[Str(b""), Str(b"//")], &[Str(b""), Str(b"f()")]]);
    }

    #[test]
    fn what_lies_in_each_other_is_bounded() {
        let arena = ottl_core::Arena::with_limit(1 << 20);
        let text = "<a>".repeat(100) + &"</a>".repeat(100);
        let text = arena.copy(text.as_bytes()).expect("it fits");
        let mut tree = xml::document(text, &arena).expect("well formed");
        let result = tree.add_document().expect("it fits");
        let path = XPath::new(b"//a", |text, _| Ok(text)).expect("an expression");
        for found in path.select(&tree).expect("it fits") {
            if let Found::Node(node) = found {
                tree.append(result, node);
            }
        }
        // Each element holds all that follow it.
        assert!(xml::written(&tree, result).is_err());
    }
}
