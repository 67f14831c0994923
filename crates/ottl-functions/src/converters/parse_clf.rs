//! `ParseCLF`: a line of an access log in the Common Log Format.

use memchr::{memchr, memchr2};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType};
use ottl_core::number::parse_int;
use ottl_core::{EvalError, Value};

use crate::family::log_format::{self, Parsed, fault, unescaped};
use crate::space::trim_space;

/// The function's row.
pub const DEF: FunctionDef = log_format::row("ParseCLF", "the line")
    .optional("format", ParamType::ConstString, "`clf` (the default) or `combined`")
    .docs(
        "The fields of a line in the Common Log Format as a map.\n\n`clf.remote_host`, `clf.rfc931`, `clf.auth_user`, \
         `clf.timestamp` and `clf.request` are texts, `clf.status` is an int, and so is `clf.bytes`, which `-` leaves \
         out. A request of three parts also gives `clf.method`, `clf.request_uri` and `clf.protocol`. Lines in the \
         format `combined` have `clf.referer` and `clf.user_agent`, too. In double quotes `\\\"`, `\\\\`, `\\n`, `\\t`, `\\r`, `\\b`, \
         `\\f`, `\\v` and `\\xHH` are escapes. A line of another form is an error.",
    )
    .example(r#"ParseCLF("h - - [t] \"GET / HTTP/1.1\" 200 5")["clf.status"]"#, "200")
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let combined = match args.get(1).and_then(Const::as_str) {
        None | Some(b"clf") => false,
        Some(b"combined") => true,
        Some(other) => {
            return Err(format!("invalid format {:?}: must be clf or combined", String::from_utf8_lossy(other)));
        }
    };
    Ok(Kernel::of_first(move |ctx, args| eval(ctx, args, combined)))
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>], combined: bool) -> Result<Value<'a>, EvalError> {
    let mut line = Line(trim_space(log_format::message(args)?));
    let arena = ctx.arena();
    let mut parsed = Parsed::new(arena, 12)?;
    let other_form = || fault("the line does not have the format");
    for key in ["clf.remote_host", "clf.rfc931", "clf.auth_user"] {
        parsed.text(key, line.word().filter(|_| line.skip(b" ")).ok_or_else(other_form)?)?;
    }
    parsed.text("clf.timestamp", line.in_brackets().ok_or_else(other_form)?)?;
    let in_quotes = |line: &mut Line<'a>, before: &[u8]| -> Result<&'a [u8], EvalError> {
        let field = if line.skip(before) { line.in_quotes() } else { None };
        unescaped(field.ok_or_else(other_form)?, arena, escape)
    };
    let request = in_quotes(&mut line, b" ")?;
    parsed.text("clf.request", request)?;
    if let Some(first) = memchr(b' ', request)
        && let Some(second) = memchr(b' ', &request[first + 1..])
    {
        let second = first + 1 + second;
        parsed.text("clf.method", &request[..first])?;
        parsed.text("clf.request_uri", &request[first + 1..second])?;
        parsed.text("clf.protocol", &request[second + 1..])?;
    }
    let word = |line: &mut Line<'a>| if line.skip(b" ") { line.word() } else { None };
    let status = word(&mut line).ok_or_else(other_form)?;
    let bytes = word(&mut line).ok_or_else(other_form)?;
    let int = |text: &[u8], reason| parse_int(text).map(Value::Int).map_err(|_| fault(reason));
    parsed.value("clf.status", int(status, "the status is no int")?)?;
    if bytes != b"-" {
        parsed.value("clf.bytes", int(bytes, "the number of bytes is no int")?)?;
    }
    if combined {
        parsed.text("clf.referer", in_quotes(&mut line, b" ")?)?;
        parsed.text("clf.user_agent", in_quotes(&mut line, b" ")?)?;
    }
    if line.0.is_empty() { parsed.into_map(arena) } else { Err(other_form()) }
}

/// What is left of a line.
struct Line<'a>(&'a [u8]);

impl<'a> Line<'a> {
    /// Takes this text, if it is next.
    fn skip(&mut self, text: &[u8]) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(length);
        self.0 = rest;
        taken
    }

    /// Something without white space, which the reference's expressions take for that of ASCII without the vertical tab.
    fn word(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c'));
        Some(self.take(end.unwrap_or(self.0.len()))).filter(|word| !word.is_empty())
    }

    /// Something between brackets.
    fn in_brackets(&mut self) -> Option<&'a [u8]> {
        let length = if self.skip(b"[") { memchr(b']', self.0)? } else { return None };
        let content = self.take(length);
        (self.skip(b"]") && !content.is_empty()).then_some(content)
    }

    /// What stands between double quotes, with its escapes.
    fn in_quotes(&mut self) -> Option<&'a [u8]> {
        if !self.skip(b"\"") {
            return None;
        }
        let mut end = 0;
        loop {
            end += memchr2(b'"', b'\\', self.0.get(end..)?)?;
            match self.0[end..] {
                [b'"', ..] => break,
                // COMPAT: a line feed cannot be escaped.
                [_, b'\n', ..] => return None,
                _ => end += 2,
            }
        }
        let content = self.take(end);
        self.skip(b"\"").then_some(content)
    }
}

fn escape(behind: &[u8]) -> Option<(u8, usize)> {
    let byte = match behind {
        [byte @ (b'\\' | b'"'), ..] => *byte,
        [b'n', ..] => b'\n',
        [b't', ..] => b'\t',
        [b'r', ..] => b'\r',
        [b'b', ..] => 8,
        [b'f', ..] => 12,
        [b'v', ..] => 11,
        [b'x', high, low, ..] => {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            return Some((u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?, 3));
        }
        _ => return None,
    };
    Some((byte, 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        const START: &str =
            "{clf.remote_host: \"h\", clf.rfc931: \"-\", clf.auth_user: \"u\", clf.timestamp: \"t 1\", ";
        for (line, rest) in [
            ("\"x\" 200 -", "clf.request: \"x\", clf.status: 200"),
            (
                "\"GET /a b\" -1 7",
                "clf.request: \"GET /a b\", clf.method: \"GET\", clf.request_uri: \"/a\", clf.protocol: \"b\", clf.status: -1, clf.bytes: 7",
            ),
            (r#""a\"\\\n\x41\q\x4" 1 2"#, "clf.request: \"a\"\\\nA\\q\\x4\", clf.status: 1, clf.bytes: 2"),
        ] {
            let text = format!(" h - u [t 1] {line}\n");
            check(&DEF, &[(&[Str(text.leak().as_bytes())], &format!("{START}{rest}}}"))]);
        }
        check(
            &DEF,
            &[
                (
                    &[Str(b"h - u [t 1] \"\" 1 2 \"r\" \"a b\""), Str(b"combined")],
                    &format!(
                        "{START}clf.request: \"\", clf.status: 1, clf.bytes: 2, clf.referer: \"r\", clf.user_agent: \"a b\"}}"
                    ),
                ),
                (&[Str(b"h - u [t 1] \"\" 1 2 \"r\" \"a b\"")], "error"),
                (&[Str(b"h - u [t 1] \"\" 1 2"), Str(b"combined")], "error"),
                (&[Str(b"h - u [t 1] \"\" 1 2"), Str(b"CLF")], "refused"),
                (&[Str(b"h - u [] \"\" 1 2")], "error"),
                (&[Str(b"h - [t] \"\" 1 2")], "error"),
                (&[Str(b"h  u [t] \"\" 1 2")], "error"),
                (&[Str(b"h - u [t] \"a\\\n\" 1 2")], "error"),
                (&[Str(b"h - u [t] \"a\\\" 1 2")], "error"),
                (&[Str(b"h - u [t] \"a\" x 2")], "error"),
                (&[Str(b"h - u [t] \"a\" 1 x")], "error"),
                (&[Str(b"h - u [t] \"a\" 1")], "error"),
                (&[Str(b"h - u [t] \"a\" 1 2 3")], "error"),
                (&[Str(b"")], "error"),
                (&[Str(b" ")], "error"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
