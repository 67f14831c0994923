//! `InsertXML`: an XML text put into the elements of another one.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{EvalError, Value};
use ottl_xml::tree::{Kind, Tree};
use ottl_xml::xpath::{Found, XPath};

use crate::{arguments, xml};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("InsertXML")
    .arg("target", ParamType::STRING, "the XML text")
    .arg("x_path", ParamType::ConstString, "the XPath expression that finds the elements")
    .arg("sub_document", ParamType::STRING, "the XML text that is put behind what they hold")
    .returns(Type::String)
    .docs(
        "An XML text with another one at the end of each element that an XPath expression finds, and at the end of the \
         whole for `/`.\n\nWhere it finds anything else than elements, the call fails. An empty text counts as a \
         document without content.",
    )
    .example(r#"InsertXML("<a><b/></a>", "/a/b", "<c/>")"#, r#""<a><b><c></c></b></a>""#)
    .compile(compile);

/// Reads the expression.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let path = xml::xpath(args, 1, b"")?;
    Ok(Kernel::value(move |ctx, args| eval(ctx, args, &path)))
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>], path: &XPath) -> Result<Value<'a>, EvalError> {
    let (target, inserted) = (arguments::text(args, 0)?, arguments::text(args, 2)?);
    let arena = ctx.arena();
    let mut tree = match target {
        [] => Tree::unnamed(arena)?,
        target => xml::document(target, arena).map_err(|error| error.of(0))?,
    };
    let inserted = xml::document(inserted, arena).map_err(|error| error.of(2))?;
    let places = path.select(&tree)?;
    let first = tree.adopt(&inserted)?;
    let mut is_all = true;
    for place in places {
        match place {
            Found::Node(node) if matches!(tree.kind(node), Kind::Element | Kind::Document) => {
                // COMPAT: the same nodes are linked to all places.
                tree.append_chain(node, first)?;
            }
            _ => is_all = false,
        }
    }
    if !is_all {
        return Err(EvalError::function("the XPath expression finds something that is no element").of(1));
    }
    xml::written(&tree, tree.top())
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
                (&[Str(b"<a/>"), Str(b"/"), Str(b"<b/>")], "\"<a></a><b></b>\""),
                (
                    &[Str(b"<a>1</a><a/>"), Str(b"/a"), Str(b"<b>2</b>3<c/>")],
                    "\"<a>1<b>2</b>3<c></c></a><a><b>2</b>3<c></c></a>\"",
                ),
                (&[Str(b"<a/>"), Str(b"/x"), Str(b"<b/>")], "\"<a></a>\""),
                (&[Str(b""), Str(b"/"), Str(b"<b/>")], "\"<b></b>\""),
                (&[Str(b""), Str(b"/a"), Str(b"<b/>")], "\"\""),
                (&[Str(b"<a x='1'/>"), Str(b"//@x"), Str(b"<b/>")], "error"),
                (&[Str(b"<a/>"), Str(b"/a"), Str(b"")], "error"),
                (&[Str(b"<a"), Str(b"/a"), Str(b"<b/>")], "error"),
                (&[Str(b"<a/>"), Str(b"/a"), Nil], "error"),
                (&[Nil, Str(b"/a"), Str(b"<b/>")], "error"),
            ],
        );
    }

    #[test]
    fn faulty_expressions() {
        refuses(&DEF, &[&[Str(b""), Str(b"")], &[Str(b""), Str(b"a[")]]);
    }
}
