//! `ParseLEEF`: a message in the Log Event Extended Format.

use memchr::{memchr, memmem};
use ottl_core::function::{CallContext, FunctionDef};
use ottl_core::value::Entry;
use ottl_core::{Arena, EvalError, Value};

use crate::family::log_format::{self, Parsed, fault};
use crate::pairs::Pairs;

/// The function's row.
pub const DEF: FunctionDef = log_format::row("ParseLEEF", "the message; what stands before `LEEF:` is left out")
    .docs(
        "The fields of a message in the Log Event Extended Format, version 1.0 or 2.0, as a map.\n\nThe header becomes \
         texts under `leef.version`, `leef.vendor`, `leef.product.name`, `leef.product.version` and `leef.event.id`, the \
         attributes the map `leef.attributes`. Attributes are separated by tabs, or by the byte that the header of \
         version 2.0 names, as itself or as `0x` and two hexadecimal digits. Pieces without `=` and without key are left \
         out, nothing is unescaped, and of a repeated key the last value stays. A text without `LEEF:`, other versions, \
         fewer fields and other delimiters are errors.",
    )
    .example(
        r#"ParseLEEF("LEEF:2.0|V|P|1|login|^|src=10.0.0.1^usr=x")["leef.attributes"]"#,
        r#"{"src":"10.0.0.1","usr":"x"}"#,
    )
    .value(eval);

/// The keys of the fields of the header behind the version.
const HEADER: [&str; 4] = ["leef.vendor", "leef.product.name", "leef.product.version", "leef.event.id"];

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = log_format::message(args)?;
    let arena = ctx.arena();
    let start = memmem::find(text, b"LEEF:").ok_or_else(|| fault("the text has no `LEEF:`"))?;
    let (version, mut rest) = cut(&text[start + b"LEEF:".len()..], b'|');
    if rest.is_none() || !matches!(version, b"1.0" | b"2.0") {
        return Err(fault("the version is neither 1.0 nor 2.0"));
    }
    let mut parsed = Parsed::new(arena, HEADER.len() + 2)?;
    parsed.text("leef.version", version)?;
    for key in HEADER {
        let (field, behind) = cut(rest.ok_or_else(|| fault("the header has fewer than four fields"))?, b'|');
        parsed.text(key, field)?;
        rest = behind;
    }
    let mut delimiter = b'\t';
    let mut text = rest.unwrap_or_default();
    if version == b"2.0" {
        let (field, behind) = cut(text, b'|');
        // The delimiter may be left out: then this is the first attribute.
        if memchr(b'=', field).is_none() {
            delimiter = delimiter_of(field).ok_or_else(|| fault("the delimiter is not one byte"))?;
            text = behind.unwrap_or_default();
        }
    }
    parsed.value("leef.attributes", attributes(text, delimiter, arena)?)?;
    parsed.into_map(arena)
}

/// What stands before the first such byte and what behind it, if there is one.
fn cut(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    match memchr(at, text) {
        Some(length) => (&text[..length], Some(&text[length + 1..])),
        None => (text, None),
    }
}

/// The byte that a delimiter field names.
fn delimiter_of(field: &[u8]) -> Option<u8> {
    match *field {
        [] => Some(b'\t'),
        [byte] => Some(byte),
        [b'0', b'x' | b'X', high, low] => {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(high)? << 4 | digit(low)?).ok()
        }
        _ => None,
    }
}

fn attributes<'a>(text: &'a [u8], delimiter: u8, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let mut pairs = Pairs::with_capacity(arena, 0)?;
    let mut rest = Some(text);
    while let Some(text) = rest {
        let (piece, behind) = cut(text, delimiter);
        if let (key @ [_, ..], Some(value)) = cut(piece, b'=') {
            pairs.put(Entry { key, value: Value::Str(value) })?;
        }
        rest = behind;
    }
    pairs.into_map(arena)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        for (header, attributes) in [
            ("1.0|v|p|1|e", ""),
            ("1.0|v|p|1|e|", ""),
            ("1.0|v|p|1|e|a=1\tb=2|c=3\t\tx\t=y\ta=", "a: \"\", b: \"2|c=3\""),
            ("1.0|v|p|1|e|^|a=1^b=2", "^|a: \"1^b=2\""),
            ("2.0|v|p|1|e", ""),
            ("2.0|v|p|1|e|", ""),
            ("2.0|v|p|1|e||a=1\tb=2", "a: \"1\", b: \"2\""),
            ("2.0|v|p|1|e|^|a=1^b=2|c", "a: \"1\", b: \"2|c\""),
            ("2.0|v|p|1|e|0x5E|a=1^b=2", "a: \"1\", b: \"2\""),
            ("2.0|v|p|1|e|a=1|2\tb=2", "a: \"1|2\", b: \"2\""),
            ("2.0|v|p|1|e|0x3d|a=1", ""),
        ] {
            let version = &header[..3];
            let want = format!(
                "{{leef.version: \"{version}\", leef.vendor: \"v\", leef.product.name: \"p\", leef.product.version: \"1\", \
                 leef.event.id: \"e\", leef.attributes: {{{attributes}}}}}"
            );
            check(&DEF, &[(&[Str(format!("<1> h LEEF:{header}").leak().as_bytes())], &want)]);
        }
        check(
            &DEF,
            &[
                (&[Str(b"")], "error"),
                (&[Str(b"leef:1.0|v|p|1|e|")], "error"),
                (&[Str(b"LEEF:1.0")], "error"),
                (&[Str(b"LEEF:3.0|v|p|1|e|")], "error"),
                (&[Str(b"LEEF:1.0|v|p|1")], "error"),
                (&[Str(b"LEEF:2.0|v|p|1|e|ab|x=1")], "error"),
                (&[Str(b"LEEF:2.0|v|p|1|e|0x|x=1")], "error"),
                (&[Str(b"LEEF:2.0|v|p|1|e|0x5|x=1")], "error"),
                (&[Str(b"LEEF:2.0|v|p|1|e|0x5e5e|x=1")], "error"),
                (&[Str(b"LEEF:2.0|v|p|1|e|0xgg|x=1")], "error"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
