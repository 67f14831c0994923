//! `ConvertAttributesToElementsXML`: attributes of XML elements as elements in them.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{EvalError, Value};
use ottl_xml::xpath::{Found, XPath};

use crate::{arguments, xml};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ConvertAttributesToElementsXML")
    .arg("target", ParamType::STRING, "the XML text")
    .optional("x_path", ParamType::ConstString, "the XPath expression that finds the attributes; default `//@*`, all")
    .returns(Type::String)
    .docs(
        "An XML text in which the attributes that an XPath expression finds are elements, behind what their element \
         holds.\n\nThey have the attribute's name without prefix; of one with a prefix the attribute stays, too. What \
         else the expression finds is left alone.",
    )
    .example(r#"ConvertAttributesToElementsXML("<a x=\"1\"><b/></a>")"#, r#""<a><b></b><x>1</x></a>""#)
    .compile(compile);

/// Reads the expression.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let path = xml::xpath(args, 1, b"//@*")?;
    Ok(Kernel::of_first(move |ctx, args| eval(ctx, args, &path)))
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>], path: &XPath) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let mut tree = xml::document(text, ctx.arena()).map_err(|error| error.of(0))?;
    for found in path.select(&tree)? {
        if let Found::Attribute { owner, name, value } = found {
            let element = tree.add_element(name, value)?;
            tree.append(owner, element);
            tree.remove_attribute(owner, name)?;
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
                (&[Str(b"<a b='1' c='&lt;'><d e=''/></a>")], "\"<a><d><e></e></d><b>1</b><c>&lt;</c></a>\""),
                (&[Str(b"<a b='1'><a b='2'/></a>"), Str(b"/a/a/@b")], "\"<a b=\"1\"><a><b>2</b></a></a>\""),
                (&[Str(b"<a b='1'/>"), Str(b"")], "\"<a><b>1</b></a>\""),
                (&[Str(b"<a b='1'/>"), Str(b"/a")], "\"<a b=\"1\"></a>\""),
                (&[Str(b"<a xmlns:p='u' p:b='1'/>"), Str(b"//@p:b")], "\"<a xmlns:p=\"u\" p:b=\"1\"><b>1</b></a>\""),
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
