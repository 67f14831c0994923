//! `ConvertTextToElementsXML`: texts beside XML elements as elements.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{EvalError, Value};
use ottl_xml::tree::{Kind, NodeId, Tree};
use ottl_xml::xpath::{Found, XPath};

use crate::{arguments, xml};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ConvertTextToElementsXML")
    .arg("target", ParamType::STRING, "the XML text")
    .optional("x_path", ParamType::ConstString, "the XPath expression that finds elements; default `/`, all")
    .optional("element_name", ParamType::ConstString, "the name of the new elements; default `value`")
    .returns(Type::String)
    .docs(
        "An XML text in which texts that stand beside elements or other texts are in elements of their own, in all \
         elements that an XPath expression finds and in all of those.\n\nA text that is alone stays as it is; CDATA \
         sections and comments do not count. More than 10 000 elements inside each other are an error.",
    )
    .example(r#"ConvertTextToElementsXML("<a>x<b>y</b></a>")"#, r#""<a><value>x</value><b>y</b></a>""#)
    .compile(compile);

/// How deep elements may lie in each other, as in the reference.
const DEEPEST: u32 = 10_000;

/// Reads the expression.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let path = xml::xpath(args, 1, b"/")?;
    let name = args.get(2).and_then(Const::as_str).filter(|name| !name.is_empty()).unwrap_or(b"value");
    let name: Box<[u8]> = name.into();
    Ok(Kernel::of_first(move |ctx, args| eval(ctx, args, &path, &name)))
}

fn eval<'a>(
    ctx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    path: &XPath,
    name: &[u8],
) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let arena = ctx.arena();
    let mut tree = xml::document(text, arena).map_err(|error| error.of(0))?;
    let name: &'a [u8] = arena.copy(name)?;
    for found in path.select(&tree)? {
        if let Found::Node(node) = found {
            wrap_texts(&mut tree, node, name)?;
        }
    }
    xml::written(&tree, tree.top())
}

/// Wraps the texts of a node and of all elements in it. What is wrapped in one of them is not looked at by those around it,
/// so the order does not matter.
fn wrap_texts<'a>(tree: &mut Tree<'a>, top: NodeId, name: &'a [u8]) -> Result<(), EvalError> {
    let arena = tree.arena();
    let mut waiting = arena.vec();
    let mut children = arena.vec();
    if matches!(tree.kind(top), Kind::Element | Kind::Document) {
        waiting.push((top, 0))?;
    }
    while let Some((node, depth)) = waiting.pop() {
        if depth > DEEPEST {
            return Err(EvalError::function("XML elements nest too deep").of(0));
        }
        children.clear();
        children.extend(tree.children(node))?;
        arena.spend(children.len() as u64 / 8)?;
        let (mut texts, mut elements) = (0, 0);
        for &child in &*children {
            match tree.kind(child) {
                Kind::Element => {
                    elements += 1;
                    waiting.push((child, depth + 1))?;
                }
                Kind::Text => texts += 1,
                _ => {}
            }
        }
        if texts == 0 || texts + elements <= 1 {
            continue;
        }
        for &child in &*children {
            if tree.kind(child) == Kind::Text {
                tree.wrap(child, name)?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Nil, Str};

    use crate::test_call::{check, refuses};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"<a>1<b>2<c/></b></a>")], "\"<a><value>1</value><b><value>2</value><c></c></b></a>\""),
                (&[Str(b"<a>1<b>2<c/></b></a>"), Str(b"/a/b"), Str(b"x")], "\"<a>1<b><x>2</x><c></c></b></a>\""),
                (&[Str(b"<a>1</a>"), Str(b""), Str(b"")], "\"<a>1</a>\""),
                (&[Str(b"<a>1<!-- c -->2</a>")], "\"<a><value>1</value><!-- c --><value>2</value></a>\""),
                (&[Str(b"<a>1<![CDATA[2]]></a>")], "\"<a>1<![CDATA[2]]></a>\""),
                (&[Str(b"<a>1</a>2")], "\"<a>1</a><value>2</value>\""),
                (&[Str(b"<a>1<b/></a>"), Str(b"//text()")], "\"<a>1<b></b></a>\""),
                (&[Str(b"")], "error"),
                (&[Str(b"<a")], "error"),
                (&[Nil], "error"),
            ],
        );
    }

    #[test]
    fn faulty_expressions() {
        refuses(&DEF, &[&[Str(b""), Str(b"a[")]]);
    }
}
