//! `ParseCEF`: a message in the Common Event Format.

use memchr::{memchr, memchr2, memmem};
use ottl_core::function::{CallContext, FunctionDef};
use ottl_core::value::Entry;
use ottl_core::{Arena, EvalError, Value};

use crate::family::log_format::{self, Parsed, fault, unescaped};
use crate::pairs::Pairs;

/// The function's row.
pub const DEF: FunctionDef = log_format::row("ParseCEF", "the message; what stands before `CEF:` is left out")
    .docs(
        "The fields of a message in the Common Event Format as a map.\n\nThe seven fields of the header become texts \
         under `cef.version`, `cef.device_vendor`, `cef.device_product`, `cef.device_version`, \
         `cef.device_event_class_id`, `cef.name` and `cef.severity`; in them `\\|` and `\\\\` are escapes. The extension \
         becomes the map `cef.extensions`: a key of ASCII letters, digits and `_` stands at its start or behind a \
         blank and ends with `=`; its value goes on to the next key, without blanks at its end, and with the escapes \
         `\\\\`, `\\=`, `\\n` and `\\r`. Of a repeated key the last value stays. A text without `CEF:`, without version or \
         with fewer fields is an error.",
    )
    .example(
        r#"ParseCEF("CEF:0|V|P|1|100|fell|5|src=10.0.0.1 msg=it fell")["cef.extensions"]"#,
        r#"{"src":"10.0.0.1","msg":"it fell"}"#,
    )
    .value(eval);

/// The keys of the fields of the header.
const HEADER: [&str; 7] = [
    "cef.version",
    "cef.device_vendor",
    "cef.device_product",
    "cef.device_version",
    "cef.device_event_class_id",
    "cef.name",
    "cef.severity",
];

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = log_format::message(args)?;
    let arena = ctx.arena();
    let start = memmem::find(text, b"CEF:").ok_or_else(|| fault("the text has no `CEF:`"))?;
    let mut rest = Some(&text[start + b"CEF:".len()..]);
    let mut parsed = Parsed::new(arena, HEADER.len() + 1)?;
    for (idx, key) in HEADER.into_iter().enumerate() {
        let text = rest.ok_or_else(|| fault("the header has fewer than seven fields"))?;
        let end = end_of_field(text);
        rest = text.get(end + 1..);
        let field = &text[..end];
        // COMPAT: the version keeps its escapes.
        parsed.text(key, if idx == 0 { field } else { unescaped(field, arena, in_header)? })?;
        if idx == 0 && field.is_empty() {
            return Err(fault("the version is missing"));
        }
    }
    parsed.value("cef.extensions", extensions(rest.unwrap_or_default(), arena)?)?;
    parsed.into_map(arena)
}

/// Where the next `|` without a backslash is, or the end.
fn end_of_field(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(length) = text.get(at..).and_then(|rest| memchr2(b'|', b'\\', rest)) {
        at += length;
        match text[at..] {
            [b'|', ..] => return at,
            [_, b'|' | b'\\', ..] => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

fn in_header(behind: &[u8]) -> Option<(u8, usize)> {
    match behind.first() {
        Some(&byte @ (b'|' | b'\\')) => Some((byte, 1)),
        _ => None,
    }
}

fn in_value(behind: &[u8]) -> Option<(u8, usize)> {
    match behind.first()? {
        &byte @ (b'\\' | b'=') => Some((byte, 1)),
        b'n' => Some((b'\n', 1)),
        b'r' => Some((b'\r', 1)),
        _ => None,
    }
}

/// The pairs of an extension.
fn extensions<'a>(text: &'a [u8], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let mut pairs = Pairs::with_capacity(arena, 0)?;
    let mut put = |key: &'a [u8], value: &'a [u8]| {
        let end = value.iter().rposition(|&byte| byte != b' ').map_or(0, |last| last + 1);
        let value = Value::Str(unescaped(&value[..end], arena, in_value)?);
        pairs.put(Entry { key, value }).map(|_| ())
    };
    // The key whose value is looked for, and where that starts.
    let mut open: Option<(&[u8], usize)> = None;
    let mut at = 0;
    loop {
        let length = text[at..].iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_');
        if let Some(length @ 1..) = length
            && text[at + length] == b'='
        {
            if let Some((key, start)) = open {
                put(key, &text[start..at])?;
            }
            open = Some((&text[at..at + length], at + length + 1));
            at += length + 1;
        }
        match memchr(b' ', &text[at..]) {
            Some(blank) => at += blank + 1,
            None => break,
        }
    }
    if let Some((key, start)) = open {
        put(key, &text[start..])?;
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
        let map = |extensions: &str| {
            format!(
                "{{cef.version: \"0\", cef.device_vendor: \"a\", cef.device_product: \"b\", cef.device_version: \"c\", \
                 cef.device_event_class_id: \"d\", cef.name: \"e|\\\", cef.severity: \"\", cef.extensions: {{{extensions}}}}}"
            )
        };
        for (extension, want) in [
            ("", ""),
            ("|", ""),
            ("|no pairs", ""),
            ("|a=1 b=", "a: \"1\", b: \"\""),
            ("|  a=1  2  b_3=x=y c=a\\=b\\n\\\\n\\q", "a: \"1  2\", b_3: \"x=y\", c: \"a=b\n\\n\\q\""),
            ("|a=1 a=2 b-c=d =e", "a: \"2 b-c=d =e\""),
            ("|a=b=c d=|", "a: \"b=c\", d: \"|\""),
        ] {
            let text = format!("<1> host CEF:0|a|b|c|d|e\\|\\\\|{extension}");
            check(&DEF, &[(&[Str(text.leak().as_bytes())], &map(want))]);
        }
        check(
            &DEF,
            &[
                (&[Str(b"")], "error"),
                (&[Str(b"cef:0|a|b|c|d|e|f|")], "error"),
                (&[Str(b"CEF:|a|b|c|d|e|f|")], "error"),
                (&[Str(b"CEF:0|a|b|c|d|e")], "error"),
                (&[Str(b"CEF:0|a|b|c|d|e\\|f")], "error"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
