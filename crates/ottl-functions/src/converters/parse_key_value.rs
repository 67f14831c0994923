//! `ParseKeyValue`: pairs of keys and values from a text.

use memchr::memmem::Finder;
use ottl_core::Arena;
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::value::Entry;
use ottl_core::{EvalError, Value};

use crate::arguments;
use crate::delimiters::Delimiters;
use crate::pairs::Pairs;
use crate::space::trim_space;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ParseKeyValue")
    .arg("target", ParamType::STRING, "the text")
    .optional("delimiter", ParamType::ConstString, "what stands between key and value; default `=`")
    .optional("pair_delimiter", ParamType::ConstString, "what stands between pairs; default one space")
    .returns(Type::Map)
    .docs(
        "The pairs of keys and values in a text, as a map of texts.\n\nEmpty pieces between pair delimiters are \
         left out. Single or double quotes protect delimiters and are dropped; a backslash keeps the next quote. A \
         piece splits at its first delimiter, and both sides lose white space at their ends. Of a repeated key the \
         last value stays. The empty text, a quote that does not end and a piece without delimiter are errors. \
         Empty or equal delimiters do not compile.",
    )
    .example(r#"ParseKeyValue("a=1 b=\"x y\"")"#, r#"{"a":"1","b":"x y"}"#)
    .compile(compile);

/// Checks the delimiters.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let delimiters = Delimiters::of(args)?;
    Ok(Kernel::of_first(move |ctx, args| eval(ctx, args, &delimiters)))
}

fn eval<'a>(
    ctx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    delimiters: &Delimiters,
) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let arena = ctx.arena();
    if text.is_empty() {
        return Err(EvalError::function("there are no pairs in an empty text").of(0));
    }
    let mut pieces = Pieces { delimiter: &delimiters.value, pairs: Pairs::with_capacity(arena, 8)? };
    if memchr::memchr3(b'"', b'\'', 0, text).is_none() {
        // Without quotes a backslash means nothing.
        let mut start = 0;
        for at in delimiters.pair.find_iter(text) {
            pieces.add(&text[start..at], start)?;
            start = at + delimiters.pair.needle().len();
        }
        pieces.add(&text[start..], start)?;
    } else {
        quoted(text, delimiters.pair.needle(), &mut pieces, arena)?;
    }
    pieces.pairs.into_map(arena)
}

/// Splits a text with quotes at the pair delimiters outside of them.
fn quoted<'a>(
    text: &'a [u8],
    delimiter: &[u8],
    pieces: &mut Pieces<'_, 'a>,
    arena: &'a Arena,
) -> Result<(), EvalError> {
    // The pieces without their quotes, one after the other: where each ends here, and where the next one begins in the text.
    let mut unquoted = arena.vec_for(text.len())?;
    let mut ends = Vec::new();
    let (mut quote, mut escaped, mut at, mut opening) = (None, false, 0, 0);
    while let Some(&byte) = text.get(at) {
        if quote.is_none() && text[at..].starts_with(delimiter) {
            // COMPAT: a backslash before a delimiter still counts for what comes behind it.
            at += delimiter.len();
            ends.push((unquoted.len(), at));
            continue;
        }
        at += 1;
        if escaped {
            escaped = false;
        } else if quote.unwrap_or(0) == byte {
            // COMPAT: outside of quotes, NUL ends the quote that is none.
            quote = None;
            continue;
        } else if quote.is_none() && matches!(byte, b'"' | b'\'') {
            (quote, opening) = (Some(byte), at - 1);
            continue;
        } else {
            escaped = byte == b'\\';
        }
        unquoted.push(byte)?;
    }
    if quote.is_some() {
        return Err(EvalError::function_at("a quote has no end", opening).of(0));
    }
    ends.push((unquoted.len(), at));
    let unquoted = unquoted.into_slice();
    let (mut start, mut begin) = (0, 0);
    for (end, next) in ends {
        pieces.add(&unquoted[start..end], begin)?;
        (start, begin) = (end, next);
    }
    Ok(())
}

/// The pairs of the pieces so far.
struct Pieces<'d, 'a> {
    delimiter: &'d Finder<'static>,
    pairs: Pairs<'a, Entry<'a>>,
}

impl<'a> Pieces<'_, 'a> {
    /// Adds the pair of a piece that begins at a byte of the text.
    fn add(&mut self, piece: &'a [u8], begin: usize) -> Result<(), EvalError> {
        if piece.is_empty() {
            return Ok(());
        }
        let Some(at) = self.delimiter.find(piece) else {
            return Err(EvalError::function_at("a pair has no delimiter", begin).of(0));
        };
        let key = trim_space(&piece[..at]);
        let value = Value::Str(trim_space(&piece[at + self.delimiter.needle().len()..]));
        self.pairs.put(Entry { key, value })?;
        Ok(())
    }
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
                (&[Str(b"a=1 b=2")], "{a: \"1\", b: \"2\"}"),
                (&[Str(b"  a=1  a= b=x=y ")], "{a: \"\", b: \"x=y\"}"),
                (&[Str(br#"a="x y" b='p\"q'"#)], "{a: \"x y\", b: \"p\\\"q\"}"),
                (&[Str(br#"k=\"v"#)], "{k: \"\\\"v\"}"),
                (&[Str(b"'a b'=c")], "{a b: \"c\"}"),
                (&[Str(b"a:1;;b:\t2 "), Str(b":"), Str(b";")], "{a: \"1\", b: \"2\"}"),
                (&[Str(b"\0a=\0x\\\0 '\0'=y")], "{a: \"x\\\0\", \0: \"y\"}"),
                (&[Str(b"a")], "error"),
                (&[Str(b"a=1 b")], "error"),
                (&[Str(b"a='x")], "error"),
                (&[Str(b"")], "error"),
                (&[Str(b"   ")], "{}"),
                (&[Str(b"a=1"), Str(b"")], "refused"),
                (&[Str(b"a=1"), Str(b"x"), Str(b"x")], "refused"),
                (&[Str(b"a=1"), Str(b" ")], "refused"),
                (&[Nil], "error"),
            ],
        );
    }

    #[test]
    fn many_keys_keep_their_last_values() {
        let text: String = (0..100).map(|i| format!("k{}={i} ", i % 50)).collect();
        let want: Vec<String> = (50..100).map(|i| format!("k{}: \"{i}\"", i % 50)).collect();
        check(&DEF, &[(&[Str(text.leak().as_bytes())], &format!("{{{}}}", want.join(", ")))]);
    }
}
