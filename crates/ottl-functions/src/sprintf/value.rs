//! One argument under one verb.

use super::quote::{can_backquote, char_count, decode, is_print, push_char, push_rune, push_string};
use super::{Arg, Flags, float};
use crate::time::{push_default, push_duration};

const LOWER: &[u8; 17] = b"0123456789abcdefx";
const UPPER: &[u8; 17] = b"0123456789ABCDEFX";

/// Lists and maps nested deeper than this print as nothing.
pub const MAX_DEPTH: usize = 128;

pub(super) struct Printer<'o> {
    pub(super) out: &'o mut Vec<u8>,
    pub(super) flags: Flags,
    /// A message is being written: durations print as numbers there.
    pub(super) erroring: bool,
    /// How long the text may be.
    pub(super) most: usize,
    /// Whether a width or precision asked for more than that; what it asked for was not made.
    pub(super) over: bool,
}

fn type_name(arg: &Arg<'_>) -> &'static str {
    match arg {
        Arg::Nil => "<nil>",
        Arg::Bool(_) => "bool",
        Arg::Int(_) => "int64",
        Arg::Uint(_) => "uint64",
        Arg::Float(_) => "float64",
        Arg::Str(_) => "string",
        Arg::Bytes(_) => "[]uint8",
        Arg::Time(_) => "time.Time",
        Arg::Duration(_) => "time.Duration",
        Arg::Id { ty, .. } | Arg::Named { ty, .. } | Arg::NilSlice(ty) => ty,
        Arg::List(_) => "[]interface {}",
        Arg::Map(_) => "map[string]interface {}",
    }
}

impl Printer<'_> {
    /// Whether the text is longer than it may be. Asked behind each element of a container: every single one may be
    /// padded.
    pub(super) fn is_full(&self) -> bool {
        self.over || self.out.len() > self.most
    }

    /// Whether there is room for this many bytes more. Where there is not, the text is given up.
    fn has_room(&mut self, count: usize) -> bool {
        self.over |= count > self.most.saturating_sub(self.out.len());
        !self.over
    }

    pub(super) fn arg(&mut self, arg: &Arg<'_>, verb: char) {
        if verb == 'T' && matches!(arg, Arg::Nil) {
            // Padded, but never cut.
            return self.pad(b"<nil>");
        }
        if verb == 'T' {
            return self.string(type_name(arg).as_bytes());
        }
        if verb == 'p' && matches!(arg, Arg::Bytes(b"") | Arg::NilSlice(_)) {
            return self.no_address();
        }
        if verb == 'w' && !matches!(arg, Arg::Bytes(_)) {
            // Only `fmt.Errorf` knows this verb, and only for errors.
            return self.bad_verb(arg, verb);
        }
        self.value(arg, verb, 0);
    }

    /// Where a nil slice lies. `#` leaves the `0x` out.
    fn no_address(&mut self) {
        self.flags.sharp = !self.flags.sharp;
        self.integer(0, 16, 'v', LOWER);
        self.flags.sharp = !self.flags.sharp;
    }

    /// `type=value`, as messages show an argument.
    pub(super) fn typed(&mut self, arg: &Arg<'_>) {
        self.out.extend_from_slice(type_name(arg).as_bytes());
        if !matches!(arg, Arg::Nil) {
            self.out.push(b'=');
            self.value(arg, 'v', 0);
        }
    }

    fn bad_verb(&mut self, arg: &Arg<'_>, verb: char) {
        self.out.extend_from_slice(b"%!");
        push_char(self.out, verb);
        self.out.push(b'(');
        let before = std::mem::replace(&mut self.erroring, true);
        self.typed(arg);
        self.erroring = before;
        self.out.push(b')');
    }

    fn value(&mut self, arg: &Arg<'_>, verb: char, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match *arg {
            Arg::Nil if depth > 0 && self.flags.sharp_v => self.out.extend_from_slice(b"interface {}(nil)"),
            Arg::Nil if depth > 0 => self.out.extend_from_slice(b"<nil>"),
            Arg::Nil if verb == 'v' => self.pad(b"<nil>"),
            Arg::Bool(value) if matches!(verb, 't' | 'v') => self.pad(if value { b"true" } else { b"false" }),
            Arg::Int(value) => self.int(arg, value.into(), verb),
            Arg::Uint(value) if verb == 'v' && self.flags.sharp_v => self.go_uint(value),
            Arg::Uint(value) => self.int(arg, value.into(), verb),
            Arg::Float(value) => self.float(arg, value, verb),
            Arg::Str(text) => self.text(arg, text, verb),
            Arg::Bytes(bytes) if self.flags.sharp_v => {
                let ty = if verb == 'v' && depth == 0 { "[]byte" } else { "[]uint8" };
                // COMPAT: bytes that are empty are a nil slice in the reference, wherever they come from.
                if bytes.is_empty() { self.nil_slice(ty) } else { self.go_bytes(ty, bytes, verb) }
            }
            Arg::Bytes(bytes) => self.bytes(arg, bytes, verb),
            Arg::Duration(nanos) => {
                if matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') && !self.erroring && !self.flags.sharp_v {
                    let mut text = Vec::new();
                    push_duration(&mut text, nanos);
                    self.text(arg, &text, verb);
                } else {
                    self.int(arg, nanos.into(), verb);
                }
            }
            Arg::Time(time) if matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') => {
                let mut text = Vec::new();
                push_default(&mut text, &time);
                self.text(arg, &text, verb);
            }
            Arg::Id { ty, bytes, .. } if verb == 'v' && self.flags.sharp_v => self.go_bytes(ty, bytes, verb),
            // Messages do not ask an id for its text.
            Arg::Id { text, .. } if matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') && !self.erroring => {
                self.text(arg, text, verb);
            }
            // An array prints as a slice does.
            Arg::Id { bytes, .. } => self.bytes(arg, bytes, verb),
            Arg::NilSlice(ty) => self.nil_slice(ty),
            Arg::List(items) => self.list(type_name(arg), items, verb, depth),
            Arg::Map(entries) => self.map(entries, verb, depth),
            Arg::Named { arg: Arg::Int(value), .. } => self.int(arg, (*value).into(), verb),
            Arg::Named { ty, arg: Arg::List(items) } => self.list(ty, items, verb, depth),
            Arg::Named { arg, .. } => self.value(arg, verb, depth),
            Arg::Nil | Arg::Bool(_) | Arg::Time(_) => self.bad_verb(arg, verb),
        }
    }

    fn nil_slice(&mut self, ty: &str) {
        if self.flags.sharp_v {
            self.out.extend_from_slice(ty.as_bytes());
            self.out.extend_from_slice(b"(nil)");
        } else {
            self.out.extend_from_slice(b"[]");
        }
    }

    fn list(&mut self, ty: &str, items: &[Arg<'_>], verb: char, depth: usize) {
        let go = self.flags.sharp_v;
        let (between, close): (&[u8], u8) = if go { (b", ", b'}') } else { (b" ", b']') };
        if go {
            self.out.extend_from_slice(ty.as_bytes());
        }
        self.out.push(if go { b'{' } else { b'[' });
        for (index, item) in items.iter().enumerate() {
            self.out.extend_from_slice(if index > 0 { between } else { b"" });
            self.value(item, verb, depth + 1);
            if self.is_full() {
                return;
            }
        }
        self.out.push(close);
    }

    fn map(&mut self, entries: &[(&[u8], Arg<'_>)], verb: char, depth: usize) {
        let go = self.flags.sharp_v;
        let (open, between, close): (&[u8], &[u8], u8) =
            if go { (b"map[string]interface {}{", b", ", b'}') } else { (b"map[", b" ", b']') };
        self.out.extend_from_slice(open);
        for (index, (key, item)) in entries.iter().enumerate() {
            self.out.extend_from_slice(if index > 0 { between } else { b"" });
            self.value(&Arg::Str(key), verb, depth + 1);
            self.out.push(b':');
            self.value(item, verb, depth + 1);
            if self.is_full() {
                return;
            }
        }
        self.out.push(close);
    }

    fn text(&mut self, arg: &Arg<'_>, text: &[u8], verb: char) {
        match verb {
            'v' if self.flags.sharp_v => self.quoted(text),
            'v' | 's' => self.string(text),
            'x' => self.hex(text, LOWER),
            'X' => self.hex(text, UPPER),
            'q' => self.quoted(text),
            _ => self.bad_verb(arg, verb),
        }
    }

    /// Bytes as Go source. Where the verb is no `v`, each of them complains.
    fn go_bytes(&mut self, ty: &str, bytes: &[u8], verb: char) {
        self.out.extend_from_slice(ty.as_bytes());
        self.out.push(b'{');
        for (index, byte) in bytes.iter().enumerate() {
            self.out.extend_from_slice(if index > 0 { b", " } else { b"" });
            if verb == 'v' {
                self.go_uint((*byte).into());
            } else {
                self.complain(verb, |printer| printer.go_uint((*byte).into()));
            }
            if self.is_full() {
                break;
            }
        }
        self.out.push(b'}');
    }

    /// An unsigned integer as Go source.
    fn go_uint(&mut self, value: u64) {
        let sharp = std::mem::replace(&mut self.flags.sharp, true);
        self.integer(value.into(), 16, 'v', LOWER);
        self.flags.sharp = sharp;
    }

    fn bytes(&mut self, arg: &Arg<'_>, bytes: &[u8], verb: char) {
        match verb {
            's' => self.string(bytes),
            'x' => self.hex(bytes, LOWER),
            'X' => self.hex(bytes, UPPER),
            'q' => self.quoted(bytes),
            'p' if !bytes.is_empty() => self.bad_verb(arg, verb),
            _ => {
                self.out.push(b'[');
                for (index, byte) in bytes.iter().enumerate() {
                    self.out.extend_from_slice(if index > 0 { b" " } else { b"" });
                    if matches!(verb, 'v' | 'd' | 'b' | 'o' | 'O' | 'c' | 'U') {
                        self.int(arg, (*byte).into(), verb);
                    } else {
                        self.complain(verb, |printer| printer.int(arg, (*byte).into(), 'd'));
                    }
                    if self.is_full() {
                        return;
                    }
                }
                self.out.push(b']');
            }
        }
    }

    /// A byte under a verb that it does not know: the elements of bytes complain one by one, with their own type.
    fn complain(&mut self, verb: char, byte: impl FnOnce(&mut Self)) {
        self.out.extend_from_slice(b"%!");
        push_char(self.out, verb);
        self.out.extend_from_slice(b"(uint8=");
        byte(self);
        self.out.push(b')');
    }

    /// Appends with the width's padding.
    fn pad(&mut self, text: &[u8]) {
        let Some(width) = self.flags.width else { return self.out.extend_from_slice(text) };
        let missing = width.saturating_sub(char_count(text));
        if self.flags.minus {
            self.out.extend_from_slice(text);
            self.padding(missing);
        } else {
            self.padding(missing);
            self.out.extend_from_slice(text);
        }
    }

    fn padding(&mut self, count: usize) {
        self.repeat(if self.flags.zero && !self.flags.minus { b'0' } else { b' ' }, count);
    }

    fn blanks(&mut self, count: usize) {
        self.repeat(b' ', count);
    }

    fn repeat(&mut self, byte: u8, count: usize) {
        if self.has_room(count) {
            self.out.resize(self.out.len() + count, byte);
        }
    }

    /// Pads with blanks even under the zero flag.
    fn pad_blank(&mut self, text: &[u8]) {
        let zero = std::mem::replace(&mut self.flags.zero, false);
        self.pad(text);
        self.flags.zero = zero;
    }

    /// The text, cut to the precision in characters.
    fn truncated<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let Some(precision) = self.flags.precision else { return text };
        let mut end = 0;
        for _ in 0..precision {
            let Some((_, len)) = decode(&text[end..]) else { break };
            end += len;
        }
        &text[..end]
    }

    fn string(&mut self, text: &[u8]) {
        self.pad(self.truncated(text));
    }

    fn quoted(&mut self, text: &[u8]) {
        let text = self.truncated(text);
        let mut quoted = Vec::new();
        if self.flags.sharp && can_backquote(text) {
            quoted.push(b'`');
            quoted.extend_from_slice(text);
            quoted.push(b'`');
        } else {
            push_string(&mut quoted, text, self.flags.plus);
        }
        self.pad(&quoted);
    }

    fn hex(&mut self, text: &[u8], digits: &[u8; 17]) {
        let text = &text[..text.len().min(self.flags.precision.unwrap_or(usize::MAX))];
        let mut hex = Vec::with_capacity(text.len() * 2);
        for (index, byte) in text.iter().enumerate() {
            if self.flags.space && index > 0 {
                hex.push(b' ');
            }
            if self.flags.sharp && (self.flags.space || index == 0) {
                hex.extend([b'0', digits[16]]);
            }
            hex.extend([digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]]);
        }
        self.pad(&hex);
    }

    fn int(&mut self, arg: &Arg<'_>, value: i128, verb: char) {
        match verb {
            'v' | 'd' => self.integer(value, 10, verb, LOWER),
            'b' => self.integer(value, 2, verb, LOWER),
            'o' | 'O' => self.integer(value, 8, verb, LOWER),
            'x' => self.integer(value, 16, verb, LOWER),
            'X' => self.integer(value, 16, verb, UPPER),
            'c' | 'q' => {
                let c = u32::try_from(value).ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER);
                let mut text = Vec::new();
                match verb {
                    'c' => push_char(&mut text, c),
                    _ => push_rune(&mut text, c, self.flags.plus),
                }
                self.pad(&text);
            }
            'U' => self.unicode(value as u64),
            _ => self.bad_verb(arg, verb),
        }
    }

    fn unicode(&mut self, value: u64) {
        let precision = self.flags.precision.unwrap_or(0).max(4);
        if !self.has_room(precision) {
            return;
        }
        let digits = format!("{value:X}");
        let mut text = b"U+".to_vec();
        text.resize(text.len() + precision.saturating_sub(digits.len()), b'0');
        text.extend_from_slice(digits.as_bytes());
        let c = u32::try_from(value).ok().and_then(char::from_u32);
        if let Some(c) = c.filter(|&c| self.flags.sharp && is_print(c)) {
            text.extend_from_slice(b" '");
            push_char(&mut text, c);
            text.push(b'\'');
        }
        self.pad_blank(&text);
    }

    /// Writes an integer of 64 bits, with a sign or without.
    fn integer(&mut self, value: i128, base: u64, verb: char, digits: &[u8; 17]) {
        let flags = self.flags;
        if flags.precision == Some(0) && value == 0 {
            return self.pad_blank(b"");
        }
        let signed = value < 0 || flags.plus || flags.space;
        let precision = match (flags.precision, flags.width) {
            (Some(precision), _) => precision,
            (None, Some(width)) if flags.zero && !flags.minus => width.saturating_sub(usize::from(signed)),
            _ => 0,
        };
        if !self.has_room(precision) {
            return;
        }
        let mut buf = [0; u64::BITS as usize];
        let (mut at, mut rest) = (buf.len(), value.unsigned_abs() as u64);
        loop {
            at -= 1;
            buf[at] = digits[(rest % base) as usize];
            rest /= base;
            if rest == 0 {
                break;
            }
        }
        let shown = &buf[at..];
        let zeros = precision.saturating_sub(shown.len());
        let sign: &[u8] = match value {
            ..0 => b"-",
            _ if flags.plus => b"+",
            _ if flags.space => b" ",
            _ => b"",
        };
        let octal: &[u8] = if verb == 'O' { b"0o" } else { b"" };
        let mark: &[u8] = match base {
            2 if flags.sharp => b"0b",
            8 if flags.sharp && zeros == 0 && shown[0] != b'0' => b"0",
            16 if flags.sharp => &[b'0', digits[16]],
            _ => b"",
        };
        let len = sign.len() + octal.len() + mark.len() + zeros + shown.len();
        let missing = flags.width.unwrap_or(0).saturating_sub(len);
        if !flags.minus {
            self.blanks(missing);
        }
        for part in [sign, octal, mark] {
            self.out.extend_from_slice(part);
        }
        self.out.resize(self.out.len() + zeros, b'0');
        self.out.extend_from_slice(shown);
        if flags.minus {
            self.blanks(missing);
        }
    }

    fn float(&mut self, arg: &Arg<'_>, value: f64, verb: char) {
        let (form, default) = match verb {
            'v' => (b'g', None),
            'e' | 'E' => (verb as u8, Some(6)),
            'f' | 'F' => (b'f', Some(6)),
            'g' | 'G' | 'x' | 'X' | 'b' => (verb as u8, None),
            _ => return self.bad_verb(arg, verb),
        };
        let precision = self.flags.precision.or(default);
        // A precision without zeros to fill it makes nothing.
        if (self.flags.sharp || !matches!(form, b'g' | b'G' | b'b')) && !self.has_room(precision.unwrap_or(0)) {
            return;
        }
        let mut text = Vec::new();
        float::push(&mut text, value, form, precision);
        if !matches!(text.first(), Some(b'-' | b'+')) {
            text.insert(0, b'+');
        }
        if self.flags.space && text[0] == b'+' && !self.flags.plus {
            text[0] = b' ';
        }
        if !value.is_finite() {
            if value.is_nan() && !self.flags.space && !self.flags.plus {
                text.remove(0);
            }
            return self.pad_blank(&text);
        }
        if self.flags.sharp && form != b'b' {
            keep_zeros(&mut text, form, precision);
        }
        if !self.flags.plus && text[0] == b'+' {
            return self.pad(&text[1..]);
        }
        let width = self.flags.width.unwrap_or(0);
        if self.flags.zero && !self.flags.minus && width > text.len() {
            self.out.push(text[0]);
            self.padding(width - text.len());
            self.out.extend_from_slice(&text[1..]);
        } else {
            self.pad(&text);
        }
    }
}

/// The `#` flag: always a decimal point, and for `%g` the zeros up to the precision.
///
/// COMPAT: for `%x` it counts the letter of `0x` and the digit behind it among the digits of the precision; `%X` gets no zeros.
fn keep_zeros(text: &mut Vec<u8>, form: u8, precision: Option<usize>) {
    let marks = if matches!(form, b'x' | b'X') { b"pP" } else { b"eE" };
    let end = text.iter().position(|byte| marks.contains(byte)).unwrap_or(text.len());
    let tail = text.split_off(end);
    let mut digits = if matches!(form, b'g' | b'G' | b'x') { precision.unwrap_or(6) as i64 } else { 0 };
    let mut seen = false;
    for byte in &text[1..] {
        seen |= *byte != b'0' && *byte != b'.';
        digits -= i64::from(seen && *byte != b'.');
    }
    if !text.contains(&b'.') {
        digits -= i64::from(text.len() == 2 && text[1] == b'0');
        text.push(b'.');
    }
    text.resize(text.len() + usize::try_from(digits).unwrap_or(0), b'0');
    text.extend(tail);
}
