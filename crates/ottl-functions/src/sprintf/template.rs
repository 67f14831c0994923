//! A format that is read once, when rules are compiled.

use ottl_core::number::push_int;

use super::value::Printer;
use super::{Arg, Flags, Reader, TooLong};

/// A format whose verbs take the values in their order, and nothing else.
#[derive(Debug)]
pub struct Template {
    verbs: Box<[Verb]>,
    tail: Box<[u8]>,
}

/// A verb, with the text before it.
#[derive(Debug)]
pub struct Verb {
    before: Box<[u8]>,
    flags: Flags,
    letter: char,
    /// Whether there are no flags.
    is_bare: bool,
}

impl Template {
    /// Reads a format; none where values are chosen by index or give widths, and where something is wrong.
    pub fn new(format: &[u8]) -> Option<Template> {
        let mut reader = Reader::new(format, &[], usize::MAX);
        let (mut verbs, mut before, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        while reader.text(&mut before) {
            let (flags, letter) = reader.directive(&mut faults)?;
            if reader.reordered || !faults.is_empty() {
                return None;
            }
            if letter == '%' {
                before.push(b'%');
                continue;
            }
            let before = std::mem::take(&mut before).into();
            verbs.push(Verb { before, flags, letter, is_bare: flags == Flags::default() });
        }
        Some(Template { verbs: verbs.into(), tail: before.into() })
    }

    /// The verbs.
    pub fn verbs(&self) -> &[Verb] {
        &self.verbs
    }

    /// The text behind the last verb.
    pub fn tail(&self) -> &[u8] {
        &self.tail
    }
}

impl Verb {
    /// Appends the text before the verb and the value under it.
    ///
    /// # Errors
    /// As [`super::sprintf`].
    #[inline]
    pub fn print(&self, out: &mut Vec<u8>, arg: &Arg<'_>, most: usize) -> Result<(), TooLong> {
        out.extend_from_slice(&self.before);
        match (arg, self.letter) {
            (Arg::Str(text), 's' | 'v') if self.is_bare => out.extend_from_slice(text),
            (Arg::Int(int), 'd' | 'v') if self.is_bare => push_int(out, *int),
            _ => {
                let mut printer = Printer { out, flags: self.flags, erroring: false, most, over: false };
                printer.arg(arg, self.letter);
                if printer.over {
                    return Err(TooLong);
                }
            }
        }
        if out.len() > most { Err(TooLong) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sprintf::{MAX_TEXT, sprintf};

    #[test]
    fn templates_print_what_their_formats_print() {
        let values =
            [Arg::Int(-7), Arg::Str(b"\xc3\xa4b"), Arg::Float(1.5), Arg::Bool(true), Arg::Nil, Arg::Duration(9)];
        for format in [
            "",
            "x",
            "%d",
            "a%sb",
            "%v%%%v",
            "%5%%s",
            "%05d|%-4s|",
            "%+d %x",
            "%.1f",
            "%.3s",
            "%#v",
            "%+v%w",
            "%T",
            "%q%c",
            "%\u{e4}",
            "% d%U",
            "%20v",
            "%-020d",
            "%#o %b %O",
            "%+.3d",
        ] {
            let template = Template::new(format.as_bytes()).unwrap_or_else(|| panic!("{format}"));
            for first in values {
                let args: Vec<_> =
                    template.verbs().iter().enumerate().map(|(n, _)| [first, values[1]][n % 2]).collect();
                let (mut want, mut got) = (Vec::new(), Vec::new());
                sprintf(&mut want, format.as_bytes(), &args, MAX_TEXT).expect("short enough");
                for (verb, arg) in template.verbs().iter().zip(&args) {
                    verb.print(&mut got, arg, MAX_TEXT).expect("short enough");
                }
                got.extend_from_slice(template.tail());
                assert_eq!(String::from_utf8_lossy(&got), String::from_utf8_lossy(&want), "{format} of {first:?}");
            }
        }
        for format in ["%", "a%5", "%*d", "%.*f", "%[1]d", "%[x]d", "%99999999d"] {
            assert!(Template::new(format.as_bytes()).is_none(), "{format}");
        }
    }
}
