//! `RemoveXML`: an XML text without what an XPath expression finds.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{EvalError, Value};
use ottl_xml::tree::Kind;
use ottl_xml::xpath::{Found, XPath};

use crate::{arguments, xml};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("RemoveXML")
    .arg("target", ParamType::STRING, "the XML text")
    .arg("x_path", ParamType::ConstString, "the XPath expression")
    .returns(Type::String)
    .docs(
        "An XML text without the elements, attributes, texts, comments and CDATA sections that an XPath expression \
         finds.\n\nWhat else it finds stays, attributes with a prefix among it. An empty text gives an empty text.",
    )
    .example(r#"RemoveXML("<a x=\"1\"><b>1</b><c/></a>", "/a/b | //@x")"#, r#""<a><c></c></a>""#)
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
    for found in path.select(&tree)? {
        match found {
            Found::Attribute { owner, name, .. } => tree.remove_attribute(owner, name)?,
            Found::Node(node) => match tree.kind(node) {
                Kind::Element | Kind::Comment | Kind::Section => tree.remove(node),
                Kind::Text => tree.blank(node),
                _ => {}
            },
        }
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
                (&[Str(b"<a>1<b/><!-- c --><![CDATA[<]]></a>"), Str(b"//text()")], "\"<a><b></b><!-- c --></a>\""),
                (&[Str(b"<a>1<b/><!-- c --></a>"), Str(b"//comment()")], "\"<a>1<b></b></a>\""),
                (
                    &[Str(b"<?xml version='1.0'?><a b='1' c='2'/>"), Str(b"//@b")],
                    "\"<?xml version=\"1.0\"?><a c=\"2\"></a>\"",
                ),
                (&[Str(b"<a xmlns:p='u' p:b='1'/>"), Str(b"//@b")], "\"<a xmlns:p=\"u\" p:b=\"1\"></a>\""),
                (&[Str(b"<a/>"), Str(b"/a")], "\"\""),
                (&[Str(b""), Str(b"/a")], "\"\""),
                (&[Str(b"<a>"), Str(b"/a")], "error"),
                (&[Nil, Str(b"/a")], "error"),
            ],
        );
    }

    #[test]
    fn faulty_expressions() {
        refuses(&DEF, &[&[Str(b""), Str(b"")], &[Str(b""), Str(b"a[")]]);
    }
}
