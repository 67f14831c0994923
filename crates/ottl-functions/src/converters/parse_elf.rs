//! `ParseELF`: a log in the Extended Log Format of the W3C.

use memchr::{memchr, memchr2};
use ottl_core::function::{CallContext, FunctionDef};
use ottl_core::value::Entry;
use ottl_core::{Arena, ArenaVec, EvalError, ListKind, Map, Value};

use crate::family::log_format::{self, fault};
use crate::pairs::Pairs;
use crate::space::{first_char, trim_space};

/// The function's row.
pub const DEF: FunctionDef = log_format::row("ParseELF", "the lines of the log")
    .docs(
        "The directives and entries of a log in the Extended Log Format of the W3C as a map.\n\nThe entries become the \
         list `elf.entries` of maps of texts under the names of `#Fields`, the names the list `elf.fields`; if there are \
         several such directives, each holds for the entries behind it, and the last one is listed. `#Version`, which must be there, \
         `#Software`, `#Date`, `#Start-Date`, `#End-Date` and `#Remark` become texts under `elf.version` and so on. \
         Values are separated by blanks and tabs, or stand in double quotes, where `\"\"` is a quote. A value that is \
         missing becomes `-`, values without a name are left out. The empty text, entries before `#Fields`, a `#Fields` \
         without colon and a quote without end are errors.",
    )
    .example(
        r##"ParseELF("#Version: 1.0\n#Fields: time uri\n12:00 /a")["elf.entries"]"##,
        r#"[{"time":"12:00","uri":"/a"}]"#,
    )
    .value(eval);

/// The directives whose texts are kept, and their keys.
const DIRECTIVES: [(&str, &str); 6] = [
    ("version", "elf.version"),
    ("software", "elf.software"),
    ("date", "elf.date"),
    ("start-date", "elf.start_date"),
    ("end-date", "elf.end_date"),
    ("remark", "elf.remark"),
];

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = log_format::message(args)?;
    let arena = ctx.arena();
    let mut parsed = Pairs::with_capacity(arena, DIRECTIVES.len() + 2)?;
    // COMPAT: the entries come first, whatever comes before them.
    parsed.put(Entry { key: b"elf.entries", value: Value::Nil })?;
    let mut entries = arena.vec();
    let mut fields = Fields { names: arena.vec(), places: arena.vec(), template: &[] };
    let mut values = arena.vec();
    let mut has_version = false;
    let mut rest = text;
    while !rest.is_empty() {
        let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = trim_space(&rest[..end]);
        rest = rest.get(end + 1..).unwrap_or_default();
        match line {
            [] => {}
            [b'#', directive @ ..] => {
                let Some(colon) = memchr(b':', directive) else {
                    if trim_space(directive).get(..6).is_some_and(|start| is_word(start, "fields")) {
                        return Err(fault("`#Fields` has no colon"));
                    }
                    continue;
                };
                let (name, value) = (trim_space(&directive[..colon]), trim_space(&directive[colon + 1..]));
                if is_word(name, "fields") {
                    fields = Fields::new(value, arena)?;
                } else if let Some((name, key)) = DIRECTIVES.into_iter().find(|(word, _)| is_word(name, word)) {
                    has_version |= name == "version";
                    parsed.put(Entry { key: key.as_bytes(), value: Value::Str(value) })?;
                }
            }
            _ if fields.names.is_empty() => return Err(fault("an entry stands before `#Fields`")),
            line => {
                values.clear();
                read_values(line, &mut values, arena)?;
                entries.push(fields.entry(&values, arena)?)?;
            }
        }
    }
    if !has_version {
        return Err(fault("there is no `#Version`"));
    }
    parsed.put(Entry { key: b"elf.entries", value: arena.list(ListKind::Slice, entries.into_slice())? })?;
    let names = arena.list(ListKind::Slice, fields.names.into_slice())?;
    parsed.put(Entry { key: b"elf.fields", value: names })?;
    parsed.into_map(arena)
}

/// Whether a text is this word in any case. COMPAT: the long s and the sign of Kelvin are cases of s and k.
fn is_word(text: &[u8], word: &str) -> bool {
    let mut rest = text;
    let same = word.chars().all(|wanted| {
        let Some((c, behind)) = first_char(rest) else { return false };
        rest = behind;
        match c {
            'ſ' => wanted == 's',
            '\u{212a}' => wanted == 'k',
            c => c.eq_ignore_ascii_case(&wanted),
        }
    });
    same && rest.is_empty()
}

/// What `#Fields` says of the entries behind it.
struct Fields<'a> {
    /// The names in order.
    names: ArenaVec<'a, Value<'a>>,
    /// For each name its place in an entry: of a repeated name the first.
    places: ArenaVec<'a, usize>,
    /// An entry without values.
    template: &'a [Entry<'a>],
}

impl<'a> Fields<'a> {
    fn new(text: &'a [u8], arena: &'a Arena) -> Result<Self, EvalError> {
        let (mut names, mut places) = (arena.vec(), arena.vec());
        let mut pairs = Pairs::with_capacity(arena, 0)?;
        let mut rest = trim_space(text);
        while !rest.is_empty() {
            let mut end = rest;
            while let Some((c, behind)) = first_char(end)
                && !c.is_whitespace()
            {
                end = behind;
            }
            let name = &rest[..rest.len() - end.len()];
            names.push(Value::Str(name))?;
            let entry = Entry { key: name, value: Value::Str(b"-") };
            let place = pairs.position(name).unwrap_or(pairs.entries().len());
            places.push(place)?;
            pairs.put(entry)?;
            rest = trim_space(end);
        }
        Ok(Fields { names, places, template: arena.copy(pairs.entries())? })
    }

    /// The entry of these values.
    fn entry(&self, values: &[&'a [u8]], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        let entries = arena.copy(self.template)?;
        for (idx, &place) in self.places.iter().enumerate() {
            entries[place].value = Value::Str(values.get(idx).copied().unwrap_or(b"-"));
        }
        Map::new(entries).map(Value::Map)
    }
}

/// Reads the values of a line.
fn read_values<'a>(line: &'a [u8], values: &mut ArenaVec<'a, &'a [u8]>, arena: &'a Arena) -> Result<(), EvalError> {
    let mut rest = line;
    loop {
        rest = match rest {
            [] => return Ok(()),
            [b' ' | b'\t', behind @ ..] => behind,
            [b'"', behind @ ..] => {
                let (value, behind) = quoted(behind, arena)?;
                values.push(value)?;
                behind
            }
            _ => {
                let (value, behind) = rest.split_at(memchr2(b' ', b'\t', rest).unwrap_or(rest.len()));
                values.push(value)?;
                behind
            }
        };
    }
}

/// The value in quotes that starts here, and what is behind it.
fn quoted<'a>(text: &'a [u8], arena: &'a Arena) -> Result<(&'a [u8], &'a [u8]), EvalError> {
    let mut joined: Option<ArenaVec<'a, u8>> = None;
    let mut rest = text;
    loop {
        let length = memchr(b'"', rest).ok_or_else(|| fault("a quote has no end"))?;
        let (piece, behind) = (&rest[..length], &rest[length + 1..]);
        let Some(behind_pair) = behind.strip_prefix(b"\"") else {
            let value = match joined {
                None => piece,
                Some(mut joined) => {
                    joined.extend_from_slice(piece)?;
                    joined.into_slice()
                }
            };
            return Ok((value, behind));
        };
        let joined = joined.get_or_insert_with(|| arena.vec());
        joined.extend_from_slice(&rest[..=length])?;
        rest = behind_pair;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"#Version: 1.0")], "{elf.entries: Slice[], elf.version: \"1.0\", elf.fields: Slice[]}"),
                (
                    &[Str(b"#VERSION:1\r\n\r\n#Fields: a b a\r x  \"y \"\"z\"\"\"w v u\n#Remark\n1")],
                    "{elf.entries: Slice[{a: \"w\", b: \"y \"z\"\"}, {a: \"-\", b: \"-\"}], elf.version: \"1\", \
                     elf.fields: Slice[\"a\", \"b\", \"a\"]}",
                ),
                (
                    &[Str("#fieldſ : x\n#Remar\u{212a}: r: s\nq\n#Start-Date:\n#version:2\n#Fields:".as_bytes())],
                    "{elf.entries: Slice[{x: \"q\"}], elf.remark: \"r: s\", elf.start_date: \"\", elf.version: \"2\", \
                     elf.fields: Slice[]}",
                ),
                (&[Str(b"")], "error"),
                (&[Str(b" ")], "error"),
                (&[Str(b"#Fields: a\n1")], "error"),
                (&[Str(b"#Version: 1\n1")], "error"),
                (&[Str(b"#Version: 1\n#Fields: a\n#Fields:\n1")], "error"),
                (&[Str(b"#Version: 1\n# fieldsX")], "error"),
                (&[Str(b"#Version: 1\n#Fields: a\n\"x")], "error"),
                (&[Str(b"#Version: 1\n#Fields: a\n\"x\"\"")], "error"),
                (&[Nil], "error"),
                (&[Int(1)], "error"),
            ],
        );
    }
}
