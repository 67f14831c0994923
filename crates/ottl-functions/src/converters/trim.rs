//! `Trim`: a text without certain characters at its ends.

use ottl_core::Value;
use ottl_core::function::{Const, FunctionDef, Kernel, ParamType, Type};

use crate::arguments;
use crate::space::{first_char, last_char};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Trim")
    .arg("target", ParamType::STRING, "the text")
    .optional("replacement", ParamType::ConstString, "the characters that go, in any order; default one space")
    .returns(Type::String)
    .docs("A text without certain characters at its ends.\n\nNo characters, no change.")
    .example(r#"Trim("  a b ")"#, r#""a b""#)
    .example(r#"Trim("--a-+", "+-")"#, r#""a""#)
    .compile(compile);

/// The characters of the literal.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let mut rest = args.get(1).and_then(Const::as_str).unwrap_or(b" ");
    let mut cutset = Vec::new();
    while let Some((c, after)) = first_char(rest) {
        cutset.push(c);
        rest = after;
    }
    Ok(Kernel::of_first(move |_, args| Ok(Value::Str(trim(arguments::text(args, 0)?, &cutset)))))
}

/// The text without these characters at its ends.
fn trim<'t>(mut text: &'t [u8], cutset: &[char]) -> &'t [u8] {
    while let Some((c, rest)) = first_char(text)
        && cutset.contains(&c)
    {
        text = rest;
    }
    while let Some((c, rest)) = last_char(text)
        && cutset.contains(&c)
    {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b" a b ")], "\"a b\""),
                (&[Str(b"\ta")], "\"	a\""),
                (&[Str(b"xyaxy"), Str(b"yx")], "\"a\""),
                (&[Str(b" a"), Str(b"")], "\" a\""),
                (&[Str("éaé€".as_bytes()), Str("€é".as_bytes())], "\"a\""),
                (&[Str(b"\xffa"), Str("�".as_bytes())], "\"a\""),
                (&[Nil], "error"),
            ],
        );
    }
}
