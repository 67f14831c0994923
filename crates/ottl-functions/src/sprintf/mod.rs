//! Go's `fmt.Sprintf`: verbs, flags, widths, precisions, argument indexes, and the texts that stand
//! for mistakes (`%!d(string=x)`, `%!d(MISSING)`).
//!
//! This module reads the format; `template` is one that was read before; `value` writes one argument, `float` and
//! `quote` are its number and string forms. Not reproduced: what Go prints as addresses (`%p`, pdata containers),
//! and the fields of a time under a number verb.

mod float;
mod quote;
mod template;
mod value;

pub use self::quote::quoted;
pub use self::template::Template;

pub use self::value::MAX_DEPTH;
use self::value::Printer;
use ottl_core::value::Time;

/// Widths and precisions beyond this are ignored, as in the reference.
const MAX_NUMBER: i64 = 1_000_000;

/// Bytes after which a text is given up: a few bytes of a format ask for a million each, as often as they stand there.
pub const MAX_TEXT: usize = 64 << 20;

/// The text would be longer than it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// An argument, with the type the reference would see.
#[derive(Debug, Clone, Copy)]
pub enum Arg<'a> {
    /// No value.
    Nil,
    /// `bool`.
    Bool(bool),
    /// `int64`.
    Int(i64),
    /// `uint64`.
    Uint(u64),
    /// `float64`.
    Float(f64),
    /// `string`.
    Str(&'a [u8]),
    /// `[]uint8`.
    Bytes(&'a [u8]),
    /// `time.Time`.
    Time(Time),
    /// `time.Duration` in nanoseconds.
    Duration(i64),
    /// `pcommon.TraceID` or `pcommon.SpanID`.
    Id {
        /// The name of the type.
        ty: &'static str,
        /// What its `String` gives.
        text: &'a [u8],
        /// Its bytes.
        bytes: &'a [u8],
    },
    /// `[]interface {}`.
    List(&'a [Arg<'a>]),
    /// A slice that is none, of the type of this name.
    NilSlice(&'static str),
    /// `map[string]interface {}`; printed in order of keys, so they have to be sorted.
    Map(&'a [(&'a [u8], Arg<'a>)]),
    /// A value whose type has another name.
    Named {
        /// The name of the type.
        ty: &'static str,
        /// The value.
        arg: &'a Arg<'a>,
    },
}

/// Flags, width and precision of one verb.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Flags {
    sharp: bool,
    zero: bool,
    plus: bool,
    minus: bool,
    space: bool,
    /// `%#v`.
    sharp_v: bool,
    /// `%+v`.
    plus_v: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// Where reading a format stands.
struct Reader<'f, 'a> {
    format: &'f [u8],
    args: &'f [Arg<'a>],
    at: usize,
    arg: usize,
    /// An index such as `[3]` came directly before.
    after_index: bool,
    good_index: bool,
    reordered: bool,
    /// How long the text may be.
    most: usize,
    /// Whether a width or precision asked for more than that.
    over: bool,
}

/// Appends the formatted text to `out`, which holds nothing else.
///
/// # Errors
/// A text of more than `most` bytes; `out` then holds its beginning, and no padding beyond that.
pub fn sprintf(out: &mut Vec<u8>, format: &[u8], args: &[Arg<'_>], most: usize) -> Result<(), TooLong> {
    let mut reader = Reader::new(format, args, most);
    while out.len() <= most && !reader.over && reader.text(out) {
        reader.verb(out);
    }
    reader.extra(out);
    if reader.over || out.len() > most { Err(TooLong) } else { Ok(()) }
}

impl<'f, 'a> Reader<'f, 'a> {
    fn new(format: &'f [u8], args: &'f [Arg<'a>], most: usize) -> Self {
        Reader {
            format,
            args,
            at: 0,
            arg: 0,
            after_index: false,
            good_index: true,
            reordered: false,
            most,
            over: false,
        }
    }

    /// Writes the text up to the next verb, and goes behind its percent sign; false if there is none.
    fn text(&mut self, out: &mut Vec<u8>) -> bool {
        let rest = self.format.get(self.at..).unwrap_or_default();
        let text = memchr::memchr(b'%', rest).unwrap_or(rest.len());
        out.extend_from_slice(&rest[..text]);
        self.at += text + 1;
        text < rest.len()
    }
}

impl Reader<'_, '_> {
    /// One verb, behind its percent sign.
    fn verb(&mut self, out: &mut Vec<u8>) {
        let Some((flags, verb)) = self.directive(out) else {
            out.extend_from_slice(b"%!(NOVERB)");
            return;
        };
        let failure = |out: &mut Vec<u8>, what: &[u8]| {
            out.extend_from_slice(b"%!");
            quote::push_char(out, verb);
            out.extend_from_slice(what);
        };
        if verb == '%' {
            out.push(b'%');
        } else if !self.good_index {
            failure(out, b"(BADINDEX)");
        } else if let Some(arg) = self.args.get(self.arg) {
            let mut printer = Printer { out, flags, erroring: false, most: self.most, over: false };
            printer.arg(arg, verb);
            self.over |= printer.over;
            self.arg += 1;
        } else {
            failure(out, b"(MISSING)");
        }
    }

    /// The letter of a verb and the flags before it; none where the format ends. What is wrong with numbers that arguments
    /// give is written.
    fn directive(&mut self, out: &mut Vec<u8>) -> Option<(Flags, char)> {
        let mut flags = Flags::default();
        self.good_index = true;
        self.after_index = false;
        while let Some(byte) = self.format.get(self.at) {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        self.index();
        self.width(&mut flags, out);
        self.precision(&mut flags, out);
        if !self.after_index {
            self.index();
        }
        let (verb, len) = quote::decode(&self.format[self.at.min(self.format.len())..])?;
        self.at += len;
        if matches!(verb, 'v' | 'w') {
            (flags.sharp_v, flags.sharp) = (flags.sharp, false);
            (flags.plus_v, flags.plus) = (flags.plus, false);
        }
        Some((flags, verb))
    }

    fn width(&mut self, flags: &mut Flags, out: &mut Vec<u8>) {
        if self.format.get(self.at) == Some(&b'*') {
            self.at += 1;
            match self.int_arg() {
                None => out.extend_from_slice(b"%!(BADWIDTH)"),
                Some(width) => {
                    if width < 0 {
                        flags.minus = true;
                        flags.zero = false;
                    }
                    flags.width = Some(width.unsigned_abs() as usize);
                }
            }
            self.after_index = false;
        } else {
            flags.width = self.number();
            if self.after_index && flags.width.is_some() {
                self.good_index = false;
            }
        }
    }

    fn precision(&mut self, flags: &mut Flags, out: &mut Vec<u8>) {
        if self.format.get(self.at) != Some(&b'.') || self.at + 1 >= self.format.len() {
            return;
        }
        self.at += 1;
        if self.after_index {
            self.good_index = false;
        }
        self.index();
        if self.format.get(self.at) == Some(&b'*') {
            self.at += 1;
            flags.precision = self.int_arg().and_then(|precision| usize::try_from(precision).ok());
            if flags.precision.is_none() {
                out.extend_from_slice(b"%!(BADPREC)");
            }
            self.after_index = false;
        } else {
            flags.precision = Some(self.number().unwrap_or(0));
        }
    }

    /// A decimal number, if one stands here. One that is too large ends the format.
    fn number(&mut self) -> Option<usize> {
        let digits = self.format.get(self.at..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = &self.format[self.at..self.at + digits];
        // The limit is looked at before each further digit, so the last one may exceed it.
        let value = text
            .iter()
            .try_fold(0i64, |value, &digit| (value <= MAX_NUMBER).then(|| value * 10 + i64::from(digit - b'0')));
        let Some(value) = value else {
            self.at = self.format.len();
            return None;
        };
        self.at += digits;
        (digits > 0).then_some(value as usize)
    }

    /// The next argument as a width or precision.
    fn int_arg(&mut self) -> Option<i64> {
        let value = match self.args.get(self.arg)? {
            Arg::Int(value) | Arg::Duration(value) | Arg::Named { arg: Arg::Int(value), .. } => Some(*value),
            _ => None,
        };
        self.arg += 1;
        value.filter(|value| (-MAX_NUMBER..=MAX_NUMBER).contains(value))
    }

    /// An argument index `[n]`, if one stands here.
    fn index(&mut self) {
        self.after_index = false;
        let rest = self.format.get(self.at..).unwrap_or_default();
        if rest.first() != Some(&b'[') {
            return;
        }
        self.reordered = true;
        let close = memchr::memchr(b']', rest).filter(|_| rest.len() >= 3);
        let Some(close) = close else {
            self.good_index = false;
            self.at += 1;
            return;
        };
        let digits = &rest[1..close];
        let number = (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit))
            .then(|| ottl_core::number::parse_int(digits).ok())
            .flatten()
            .filter(|&number| number <= MAX_NUMBER);
        self.at += close + 1;
        self.after_index = number.is_some();
        match number.and_then(|number| usize::try_from(number - 1).ok()) {
            Some(index) if index < self.args.len() => self.arg = index,
            _ => self.good_index = false,
        }
    }

    /// Arguments that no verb used.
    fn extra(&self, out: &mut Vec<u8>) {
        let rest = self.args.get(self.arg..).unwrap_or_default();
        if self.reordered || rest.is_empty() {
            return;
        }
        out.extend_from_slice(b"%!(EXTRA ");
        for (index, arg) in rest.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(b", ");
            }
            let mut printer = Printer { out, flags: Flags::default(), erroring: false, most: self.most, over: false };
            printer.typed(arg);
            if printer.is_full() {
                return;
            }
        }
        out.push(b')');
    }
}
