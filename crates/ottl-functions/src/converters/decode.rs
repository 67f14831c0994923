//! `Decode`: the text that encoded bytes stand for.
//!
//! Character sets are in `charsets`.

use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ottl_core::data::{DataSet, DataSets};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{Arena, ErrorKind, EvalError, Value};

use crate::arguments;
use crate::charsets::Charset;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Decode")
    .arg("target", ParamType::Any, "the text or bytes")
    .arg("encoding", ParamType::STRING, "the encoding")
    .returns(Type::String)
    .docs(
        "The text that encoded bytes or an encoded text stand for.\n\nEncodings are `base64`, `base64-raw`, `base64-url` and \
         `base64-raw-url`, of which the raw ones have no padding, and character sets by the names of IANA's registry, in \
         any case: `utf-8`, `utf-16`, `iso-8859-1`, `windows-1252`, `Shift_JIS`, `gb18030`, `IBM037` and others. `utf-16` \
         is little-endian, `us-ascii` is `utf-8`, and `nop` changes nothing. Bytes that stand for no character become \
         U+FFFD; what is no base64 is an error. An unknown encoding does not compile if it is a literal. Other values \
         than text and bytes are errors.",
    )
    .example(r#"Decode("aGVsbG8=", "base64")"#, r#""hello""#)
    .example(r#"Decode(0x48e96c, "iso-8859-1")"#, r#""H\u00e9l""#)
    .needs(needs)
    .compile(compile);

/// Base64 needs none.
fn needs(args: &[Const<'_>]) -> DataSets {
    let is_base64 = args.get(1).and_then(Const::as_str).is_some_and(|name| Encoding::base64(name).is_some());
    DataSets::NONE.with(DataSet::Charsets, !is_base64)
}

/// A literal encoding is looked up now.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let Some(name) = args[1].as_str() else { return Ok(Kernel::value(computed)) };
    let unknown = || format!("there is no encoding \"{}\"", String::from_utf8_lossy(name));
    let encoding = Encoding::find(name).ok_or_else(unknown)?;
    Ok(Kernel::of_first(move |cx, args| encoding.decode(bytes_of(args)?, cx.arena())))
}

/// With an encoding that is known at run time only.
fn computed<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let encoding = Encoding::find(arguments::text(args, 1)?);
    let encoding = encoding.ok_or_else(|| EvalError::new(ErrorKind::BadText("encoding")).of(1))?;
    encoding.decode(bytes_of(args)?, cx.arena())
}

fn bytes_of<'a>(args: &[Value<'a>]) -> Result<&'a [u8], EvalError> {
    match arguments::any(args, 0) {
        Value::Str(bytes) | Value::Bytes(bytes) => Ok(bytes),
        other => Err(EvalError::new(ErrorKind::Unconvertible { expected: "string", got: other.type_name() }).of(0)),
    }
}

/// An encoding.
#[derive(Clone, Copy)]
enum Encoding {
    Base64(&'static GeneralPurpose),
    Charset(Charset),
}

/// Bits that are left over may be anything, as in the reference.
const fn base64(alphabet: &Alphabet, padding: DecodePaddingMode) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true).with_decode_padding_mode(padding);
    GeneralPurpose::new(alphabet, config)
}

static BASE64: GeneralPurpose = base64(&STANDARD, DecodePaddingMode::RequireCanonical);
static BASE64_RAW: GeneralPurpose = base64(&STANDARD, DecodePaddingMode::RequireNone);
static BASE64_URL: GeneralPurpose = base64(&URL_SAFE, DecodePaddingMode::RequireCanonical);
static BASE64_RAW_URL: GeneralPurpose = base64(&URL_SAFE, DecodePaddingMode::RequireNone);

impl Encoding {
    fn find(name: &[u8]) -> Option<Encoding> {
        Encoding::base64(name).or_else(|| Charset::find(name).map(Encoding::Charset))
    }

    fn base64(name: &[u8]) -> Option<Encoding> {
        Some(Encoding::Base64(match name {
            b"base64" => &BASE64,
            b"base64-raw" => &BASE64_RAW,
            b"base64-url" => &BASE64_URL,
            b"base64-raw-url" => &BASE64_RAW_URL,
            _ => return None,
        }))
    }

    fn decode<'a>(self, bytes: &'a [u8], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        match self {
            Encoding::Base64(engine) => decode_base64(engine, bytes, arena),
            Encoding::Charset(charset) => charset.decode(bytes, arena),
        }
        .map(Value::Str)
    }
}

/// Ends of lines may stand anywhere.
fn decode_base64<'a>(engine: &GeneralPurpose, bytes: &[u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
    let joined;
    let mut digits = bytes;
    if bytes.iter().any(is_end) {
        let mut kept = arena.vec_for(bytes.len())?;
        kept.extend(bytes.iter().copied().filter(|byte| !is_end(byte)))?;
        joined = kept.into_slice();
        digits = joined;
    }
    let text = arena.repeat(digits.len().div_ceil(4) * 3, 0u8)?;
    let len = engine.decode_slice(digits, text).map_err(|_| EvalError::new(ErrorKind::BadText("base64")).of(0))?;
    Ok(&text[..len])
}

#[cfg(all(test, feature = "charsets"))]
mod tests {
    use super::*;
    use Value::{Bytes, Int, Nil, Str};

    use crate::test_call::{check, refuses};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"aGk/"), Str(b"base64")], "\"hi?\""),
                (&[Bytes(b"a\r\nGk\n_\n"), Str(b"base64-url")], "\"hi?\""),
                (&[Str(b"YR=\n="), Str(b"base64")], "\"a\""),
                (&[Str(b"YQ"), Str(b"base64")], "error"),
                (&[Str(b"YQ"), Str(b"base64-raw")], "\"a\""),
                (&[Str(b"YQ=="), Str(b"base64-raw-url")], "error"),
                (&[Bytes(b"a\xe2\x82b\xff"), Str(b"UTF8")], "\"a\u{fffd}b\u{fffd}\""),
                (&[Bytes(b"a\xff"), Str(b" US-ASCII ")], "\"a\u{fffd}\""),
                (&[Bytes(b"a\xff"), Str(b"nop")], "\"a\\xff\""),
                (&[Bytes(b"\xff\xfea\0"), Str(b"utf-16")], "\"\u{feff}a\""),
                (&[Bytes(b"\xff\xfea\0"), Str(b" utf-16")], "\"a\""),
                (&[Bytes(b"\xd8\x3d\xde\x00\xdc\x00\xdc\x00\xd8"), Str(b"utf-16be")], "\"\u{1f600}\u{fffd}\u{fffd}\""),
                (&[Bytes(b"\xc1\x40\x81"), Str(b"ibm037")], "\"A a\""),
                (&[Bytes(b"\x80\x9f"), Str(b"latin1")], "\"\u{80}\u{9f}\""),
                (&[Bytes(b"\x81\x93\x96{\x81"), Str(b"Shift_JIS")], "\"\u{ff05}\u{672c}\u{fffd}\""),
                (&[Bytes(b"\x94\x39\xda\x33\xff"), Str(b"gb18030")], "\"\u{1f4a9}\u{fffd}\""),
                (&[Bytes(b"\x88\x62\xa4\xa4"), Str(b"big5")], "\"\u{ca}\u{304}\u{4e2d}\""),
                (&[Nil, Str(b"utf-8")], "error"),
                (&[Int(1), Str(b"utf-8")], "error"),
                (&[Str(b"a"), Str(b"nope")], "error"),
                (&[Str(b"a"), Nil], "error"),
            ],
        );
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(&DEF, &[&[Str(b""), Str(b"nope")], &[Str(b""), Str(b"BASE64")], &[Str(b""), Str(b"\xff")]]);
    }
}
