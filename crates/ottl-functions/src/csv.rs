//! Rows of CSV as the reference takes them apart: records by RFC 4180's rules, whose line breaks continue a field.
//!
//! A text is one row, whatever line breaks it has: the first field of each further record continues the last field of
//! the record before it, with a line feed between. Lines without content are left out, `\r\n` counts as `\n`, and one
//! `\r` at the end of the text is dropped. A field lends its bytes from the text where it is one piece of it.
//! Deliberately elsewhere: headers (`ParseCSV`).

use memchr::{memchr, memchr_iter, memchr2, memmem};
use ottl_core::{Arena, ArenaVec, EvalError};

/// The fields of a row in order.
pub(crate) type Fields<'a> = ArenaVec<'a, &'a [u8]>;

/// How quotes are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// A field in quotes ends with its quote; a quote in any other field is a fault.
    Strict,
    /// A quote in the wrong place is itself.
    Lazy,
    /// Quotes and line breaks are characters like all others.
    Ignored,
}

/// The fields of a row.
///
/// COMPAT: a record that turns out to be faulty after some fields is used as far as it came, and reading goes on with the
/// next line.
///
/// # Errors
/// A fault in the first field of a record, a row without content, a delimiter that is part of the format itself (unless
/// quotes are ignored); [`ottl_core::ErrorKind::Budget`].
pub(crate) fn fields<'a>(
    row: &'a [u8],
    delimiter: char,
    quotes: Quotes,
    arena: &'a Arena,
) -> Result<Fields<'a>, EvalError> {
    let mut buffer = [0; 4];
    let delimiter_bytes = delimiter.encode_utf8(&mut buffer).as_bytes();
    if quotes == Quotes::Ignored {
        return split(row, delimiter_bytes, arena);
    }
    if matches!(delimiter, '\0' | '"' | '\r' | '\n' | '\u{fffd}') {
        return Err(EvalError::function("this delimiter cannot stand between fields").of(2));
    }
    if !row.is_empty() && row.last() != Some(&b'\r') && memchr2(b'"', b'\n', row).is_none() {
        return split(row, delimiter_bytes, arena);
    }
    let mut reader = Reader {
        row,
        at: 0,
        delimiter: delimiter_bytes,
        lazy: quotes == Quotes::Lazy,
        fields: arena.vec(),
        last: None,
    };
    while let Some(line) = reader.next_line() {
        if line.end > line.start {
            reader.record(line, arena)?;
        }
    }
    let Reader { mut fields, last, .. } = reader;
    match last {
        Some(last) => fields.push(last.finish(row))?,
        None => return Err(EvalError::function("there is no row in a text without content").of(0)),
    }
    Ok(fields)
}

/// The parts between delimiters.
fn split<'a>(row: &'a [u8], delimiter: &[u8], arena: &'a Arena) -> Result<Fields<'a>, EvalError> {
    let mut fields = arena.vec();
    let mut start = 0;
    match *delimiter {
        [byte] => {
            for at in memchr_iter(byte, row) {
                fields.push(&row[start..at])?;
                start = at + 1;
            }
        }
        _ => {
            for at in memmem::find_iter(row, delimiter) {
                fields.push(&row[start..at])?;
                start = at + delimiter.len();
            }
        }
    }
    fields.push(&row[start..])?;
    Ok(fields)
}

/// A line of the row: where its content is, and whether a line break ends it.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
    broken: bool,
}

/// A field as it comes together.
struct Field<'a> {
    /// The piece of the row that it is, while it is one.
    start: usize,
    end: usize,
    /// What was joined of several.
    joined: Option<ArenaVec<'a, u8>>,
}

impl<'a> Field<'a> {
    const EMPTY: Self = Field { start: 0, end: 0, joined: None };

    /// Appends a piece of the row.
    fn piece(&mut self, row: &[u8], start: usize, end: usize, arena: &'a Arena) -> Result<(), EvalError> {
        if start == end {
            return Ok(());
        }
        if self.joined.is_none() && self.start == self.end {
            (self.start, self.end) = (start, end);
        } else if self.joined.is_none() && self.end == start {
            self.end = end;
        } else {
            self.join(row, end - start, arena)?.extend_from_slice(&row[start..end])?;
        }
        Ok(())
    }

    /// Appends a byte, which may be that of the row at `at`.
    fn byte(&mut self, row: &[u8], at: usize, byte: u8, arena: &'a Arena) -> Result<(), EvalError> {
        if row.get(at) == Some(&byte) {
            return self.piece(row, at, at + 1, arena);
        }
        self.join(row, 1, arena)?.push(byte)
    }

    /// The field as bytes of its own, with room for more.
    fn join(&mut self, row: &[u8], more: usize, arena: &'a Arena) -> Result<&mut ArenaVec<'a, u8>, EvalError> {
        let bytes = match self.joined.take() {
            Some(bytes) => bytes,
            None => {
                let piece = &row[self.start..self.end];
                let mut bytes = arena.vec_for(piece.len() + more)?;
                bytes.extend_from_slice(piece)?;
                bytes
            }
        };
        Ok(self.joined.insert(bytes))
    }

    fn finish(self, row: &'a [u8]) -> &'a [u8] {
        match self.joined {
            Some(bytes) => bytes.into_slice(),
            None => &row[self.start..self.end],
        }
    }
}

/// How a field ended.
enum End {
    /// A delimiter follows; the next field starts here.
    Delimiter(usize),
    /// It is the last one of its record.
    Record,
    /// It is none, and why and where.
    Fault(&'static str, usize),
}

struct Reader<'d, 'a> {
    row: &'a [u8],
    /// Where the next line starts.
    at: usize,
    delimiter: &'d [u8],
    lazy: bool,
    /// The fields that nothing can continue.
    fields: Fields<'a>,
    /// The last field, which the next record continues; none before the first.
    last: Option<Field<'a>>,
}

impl<'a> Reader<'_, 'a> {
    fn next_line(&mut self) -> Option<Line> {
        let (start, row) = (self.at, self.row);
        if start == row.len() {
            return None;
        }
        let (end, broken) = match memchr(b'\n', &row[start..]) {
            Some(length) => (start + length, true),
            None => (row.len(), false),
        };
        self.at = end + usize::from(broken);
        let carriage_return = end > start && row[end - 1] == b'\r';
        Some(Line { start, end: end - usize::from(carriage_return), broken })
    }

    /// Reads a record from its first line on; one in quotes may have more of them.
    fn record(&mut self, mut line: Line, arena: &'a Arena) -> Result<(), EvalError> {
        let mut start = line.start;
        let mut is_first = true;
        loop {
            let mut field = Field::EMPTY;
            if is_first && let Some(mut last) = self.last.take() {
                // Should the field be faulty, so is the whole row, and it does not matter what the last field holds.
                last.byte(self.row, last.end, b'\n', arena)?;
                field = last;
            }
            let end = if self.row.get(start) == Some(&b'"') && start < line.end {
                self.in_quotes(&mut field, start + 1, &mut line, arena)?
            } else {
                self.plain(&mut field, start, line, arena)?
            };
            if let End::Fault(fault, at) = end {
                return if is_first { Err(EvalError::function_at(fault, at).of(0)) } else { Ok(()) };
            }
            if let Some(done) = self.last.replace(field) {
                self.fields.push(done.finish(self.row))?;
            }
            match end {
                End::Delimiter(next) => start = next,
                End::Record | End::Fault(..) => return Ok(()),
            }
            is_first = false;
        }
    }

    /// A field without quotes around it.
    fn plain(&self, field: &mut Field<'a>, start: usize, line: Line, arena: &'a Arena) -> Result<End, EvalError> {
        let rest = &self.row[start..line.end];
        let found = match *self.delimiter {
            [byte] => memchr(byte, rest),
            _ => memmem::find(rest, self.delimiter),
        };
        let length = found.unwrap_or(rest.len());
        if !self.lazy
            && let Some(quote) = memchr(b'"', &rest[..length])
        {
            return Ok(End::Fault("a quote stands in a field without quotes", start + quote));
        }
        field.piece(self.row, start, start + length, arena)?;
        Ok(match found {
            Some(length) => End::Delimiter(start + length + self.delimiter.len()),
            None => End::Record,
        })
    }

    /// What follows the quote that opens a field.
    fn in_quotes(
        &mut self,
        field: &mut Field<'a>,
        start: usize,
        line: &mut Line,
        arena: &'a Arena,
    ) -> Result<End, EvalError> {
        let row = self.row;
        let opening = start - 1;
        let mut start = start;
        loop {
            let rest = &row[start..line.end];
            if let Some(length) = memchr(b'"', rest) {
                let behind = &rest[length + 1..];
                field.piece(row, start, start + length, arena)?;
                let quote = start + length;
                start = quote + 1;
                if behind.first() == Some(&b'"') {
                    field.byte(row, quote, b'"', arena)?;
                    start += 1;
                } else if behind.starts_with(self.delimiter) {
                    return Ok(End::Delimiter(start + self.delimiter.len()));
                } else if behind.is_empty() {
                    return Ok(End::Record);
                } else if self.lazy {
                    field.byte(row, quote, b'"', arena)?;
                } else {
                    let fault = "something stands between a quote that ends a field and the next delimiter";
                    return Ok(End::Fault(fault, start));
                }
                continue;
            }
            field.piece(row, start, line.end, arena)?;
            if line.broken {
                field.byte(row, line.end, b'\n', arena)?;
            }
            match self.next_line() {
                Some(next) => (*line, start) = (next, next.start),
                None if self.lazy => return Ok(End::Record),
                None => return Ok(End::Fault("a quote has no end", opening)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Quotes::{Ignored, Lazy, Strict};

    #[test]
    fn cases() {
        let arena = Arena::new();
        let show = |row: &str, delimiter: char, quotes: Quotes| {
            let fields = fields(arena.copy(row.as_bytes()).expect("no limit"), delimiter, quotes, &arena);
            fields.map_or("error".to_owned(), |fields| {
                fields.iter().map(|field| String::from_utf8_lossy(field)).collect::<Vec<_>>().join("|")
            })
        };
        for (row, quotes, want) in [
            ("a,b,,c", Strict, "a|b||c"),
            (",", Strict, "|"),
            ("", Strict, "error"),
            ("\n\r\n\r", Strict, "error"),
            ("", Ignored, ""),
            ("\"a,b\",c", Strict, "a,b|c"),
            ("\"a\"\"b\"\"\",c", Strict, "a\"b\"|c"),
            ("\"a,b\",c", Ignored, "\"a|b\"|c"),
            ("a\"b", Strict, "error"),
            ("x,a\"b,c", Strict, "x"),
            ("x,a\"b,c\ny,z", Strict, "x\ny|z"),
            ("x\na\"b", Strict, "error"),
            ("x,a\"b", Lazy, "x|a\"b"),
            ("\"a\"b\",c", Strict, "error"),
            ("\"a\"b\",c", Lazy, "a\"b|c"),
            ("\"a", Strict, "error"),
            ("\"a\n", Lazy, "a\n"),
            ("x,\"a\nb,c", Strict, "x"),
            ("aa,b\nb,cc,d\r\n\nd,ee", Strict, "aa|b\nb|cc|d\nd|ee"),
            ("a\nb\nc", Strict, "a\nb\nc"),
            ("\"a\r\nb\"\r\n\"c\"\r", Strict, "a\nb\nc"),
            ("a\r\r\nb\r", Strict, "a\r\nb"),
            ("a,b\r", Ignored, "a|b\r"),
            ("\"\",\"\"", Strict, "|"),
            ("\"\"\"\"\"\"", Strict, "\"\""),
            ("\"", Lazy, ""),
            ("ß€,\u{2028}", Strict, "ß€|\u{2028}"),
        ] {
            assert_eq!(show(row, ',', quotes), want, "{row:?} {quotes:?}");
            assert_eq!(show(&row.replace(',', "é"), 'é', quotes), want.replace(',', "é"), "{row:?} {quotes:?}");
        }
        for delimiter in ['\0', '"', '\r', '\n', '\u{fffd}'] {
            assert_eq!(show("a", delimiter, Strict), "error");
            assert_eq!(show(&format!("a{delimiter}b"), delimiter, Ignored), "a|b");
        }
    }
}
