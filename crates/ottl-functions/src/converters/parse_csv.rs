//! `ParseCSV`: the fields of a row of CSV under the names of a header.
//!
//! Rows are taken apart in `csv`.

use memchr::memmem;
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::value::Entry;
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::csv::{Quotes, fields};
use crate::pairs::Pairs;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ParseCSV")
    .arg("target", ParamType::STRING, "the row")
    .arg("header", ParamType::STRING, "the names of the fields, with delimiters between them")
    .optional("delimiter", ParamType::ConstString, "the character between fields; default `,`")
    .optional("header_delimiter", ParamType::ConstString, "the character between names; default `delimiter`")
    .optional("mode", ParamType::ConstString, "`strict` (the default), `lazyQuotes` or `ignoreQuotes`")
    .returns(Type::Map)
    .docs(
        "The fields of a row of CSV as a map of texts, under the names of a header.\n\nA field in double quotes may \
         hold delimiters and line breaks, and quotes as `\"\"`. A quote anywhere else ends what is read of its line in \
         `strict` mode, and is an ordinary character with `lazyQuotes`; `ignoreQuotes` splits at delimiters and does \
         nothing else. The text is one row: a line break outside of quotes continues the last field, and lines without \
         content are left out. As many fields as names are wanted; of a repeated name the last field stays. The empty \
         header and a row without content are errors.",
    )
    .example(r#"ParseCSV("a,\"b,c\"", "x,y")"#, r#"{"x":"a","y":"b,c"}"#)
    .example(r#"ParseCSV("a;b", "x y", ";", " ")"#, r#"{"x":"a","y":"b"}"#)
    .compile(compile);

/// Checks delimiters and mode.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let character = |idx: usize, name: &str| {
        let Some(text) = arguments::literal(args, idx)? else { return Ok(None) };
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(Some(c)),
            _ => Err(format!("{name} must be a single character")),
        }
    };
    let delimiter = character(2, "delimiter")?.unwrap_or(',');
    let header_delimiter = character(3, "header_delimiter")?.unwrap_or(delimiter).to_string();
    let quotes = match args.get(4).and_then(Const::as_str) {
        None | Some(b"strict") => Quotes::Strict,
        Some(b"lazyQuotes") => Quotes::Lazy,
        Some(b"ignoreQuotes") => Quotes::Ignored,
        Some(other) => return Err(format!("unknown mode {:?}", String::from_utf8_lossy(other))),
    };
    Ok(Kernel::value(move |ctx, args| eval(ctx, args, delimiter, header_delimiter.as_bytes(), quotes)))
}

fn eval<'a>(
    ctx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    delimiter: char,
    header_delimiter: &[u8],
    quotes: Quotes,
) -> Result<Value<'a>, EvalError> {
    let row = arguments::text(args, 0)?;
    let header = arguments::text(args, 1)?;
    let arena = ctx.arena();
    if header.is_empty() {
        return Err(EvalError::function("the header is empty").of(1));
    }
    let fields = fields(row, delimiter, quotes, arena)?;
    let mut pairs = Pairs::with_capacity(arena, fields.len())?;
    let mut names = Some(header);
    for &field in &*fields {
        let Some(rest) = names else { return Err(wrong_number()) };
        let name = match memmem::find(rest, header_delimiter) {
            Some(length) => {
                names = Some(&rest[length + header_delimiter.len()..]);
                &rest[..length]
            }
            None => {
                names = None;
                rest
            }
        };
        pairs.put(Entry { key: name, value: Value::Str(field) })?;
    }
    if names.is_some() { Err(wrong_number()) } else { pairs.into_map(arena) }
}

fn wrong_number() -> EvalError {
    EvalError::function("the row has another number of fields than the header").of(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Absent, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"1,2"), Str(b"a,b")], "{a: \"1\", b: \"2\"}"),
                (&[Str(b"1,2,3"), Str(b"a,b,a")], "{a: \"3\", b: \"2\"}"),
                (&[Str(b"1,2"), Str(b"a")], "error"),
                (&[Str(b"1"), Str(b"a,b")], "error"),
                (&[Str(b"1"), Str(b"")], "error"),
                (&[Str(b"1,"), Str(b",")], "{: \"\"}"),
                (&[Str(b"1 2"), Str(b"a b"), Str(b" ")], "{a: \"1\", b: \"2\"}"),
                (&[Str("1é2".as_bytes()), Str(b"a,b"), Str("é".as_bytes()), Str(b",")], "{a: \"1\", b: \"2\"}"),
                (&[Str(b"\"1\"x,2"), Str(b"a,b"), Absent, Absent, Str(b"strict")], "error"),
                (&[Str(b"\"1\"x,2"), Str(b"a"), Absent, Absent, Str(b"lazyQuotes")], "{a: \"1\"x,2\"}"),
                (&[Str(b"\"1,2\""), Str(b"a,b"), Absent, Absent, Str(b"ignoreQuotes")], "{a: \"\"1\", b: \"2\"\"}"),
                (&[Str(b"1"), Str(b"a"), Absent, Absent, Str(b"Strict")], "refused"),
                (&[Str(b"1"), Str(b"a"), Str(b"")], "refused"),
                (&[Str(b"1"), Str(b"a"), Str(b",,")], "refused"),
                (&[Str(b"1"), Str(b"a"), Absent, Str(b"")], "refused"),
                (&[Str(b"1"), Str(b"a"), Str(b"\"")], "error"),
                (&[Nil, Str(b"a")], "error"),
                (&[Str(b"1"), Nil], "error"),
                (&[Int(1), Str(b"a")], "error"),
            ],
        );
    }

    #[test]
    fn wide_rows() {
        let row = (0..1000).map(|i| i.to_string()).collect::<Vec<_>>().join(",");
        let want = (500..1000).map(|i| format!("{}: \"{i}\"", i % 500)).collect::<Vec<_>>().join(", ");
        let header = (0..1000).map(|i| (i % 500).to_string()).collect::<Vec<_>>().join(",");
        check(&DEF, &[(&[Str(row.leak().as_bytes()), Str(header.leak().as_bytes())], &format!("{{{want}}}"))]);
    }
}
