//! Character classes and escapes of Go's regular expression syntax.
//!
//! Perl and POSIX classes are ASCII; `\p{...}` knows the general categories, their long names
//! and the scripts whose name is one word, as the reference does (its lookup drops underscores
//! first, so scripts such as `Old_Italic` cannot be named). The Unicode tables are those of
//! `regex-syntax`, newer than the reference's Unicode 15.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

use super::error::{ErrorKind, RegexError};
use super::parse::next_char;

type Ranges = &'static [(char, char)];

const DIGIT: Ranges = &[('0', '9')];
const SPACE: Ranges = &[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')];
const WORD: Ranges = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];

/// POSIX classes by name.
const POSIX: &[(&str, Ranges)] = &[
    ("alnum", &[('0', '9'), ('A', 'Z'), ('a', 'z')]),
    ("alpha", &[('A', 'Z'), ('a', 'z')]),
    ("ascii", &[('\0', '\x7f')]),
    ("blank", &[('\t', '\t'), (' ', ' ')]),
    ("cntrl", &[('\0', '\x1f'), ('\x7f', '\x7f')]),
    ("digit", DIGIT),
    ("graph", &[('!', '~')]),
    ("lower", &[('a', 'z')]),
    ("print", &[(' ', '~')]),
    ("punct", &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
    ("space", &[('\t', '\r'), (' ', ' ')]),
    ("upper", &[('A', 'Z')]),
    ("word", WORD),
    ("xdigit", &[('0', '9'), ('A', 'F'), ('a', 'f')]),
];

/// General categories: canonical names (first letter upper case, no separators) that the
/// reference accepts, and the category's short name.
const CATEGORIES: &[(&str, &str)] = &[
    ("Casedletter", "LC"),
    ("Closepunctuation", "Pe"),
    ("Cntrl", "Cc"),
    ("Combiningmark", "M"),
    ("Connectorpunctuation", "Pc"),
    ("Control", "Cc"),
    ("Currencysymbol", "Sc"),
    ("Dashpunctuation", "Pd"),
    ("Decimalnumber", "Nd"),
    ("Digit", "Nd"),
    ("Enclosingmark", "Me"),
    ("Finalpunctuation", "Pf"),
    ("Format", "Cf"),
    ("Initialpunctuation", "Pi"),
    ("Lc", "LC"),
    ("Letter", "L"),
    ("Letternumber", "Nl"),
    ("Lineseparator", "Zl"),
    ("Lowercaseletter", "Ll"),
    ("Mark", "M"),
    ("Mathsymbol", "Sm"),
    ("Modifierletter", "Lm"),
    ("Modifiersymbol", "Sk"),
    ("Nonspacingmark", "Mn"),
    ("Number", "N"),
    ("Openpunctuation", "Ps"),
    ("Other", "C"),
    ("Otherletter", "Lo"),
    ("Othernumber", "No"),
    ("Otherpunctuation", "Po"),
    ("Othersymbol", "So"),
    ("Paragraphseparator", "Zp"),
    ("Privateuse", "Co"),
    ("Punct", "P"),
    ("Punctuation", "P"),
    ("Separator", "Z"),
    ("Spaceseparator", "Zs"),
    ("Spacingmark", "Mc"),
    ("Surrogate", "Cs"),
    ("Symbol", "S"),
    ("Titlecaseletter", "Lt"),
    ("Unassigned", "Cn"),
    ("Uppercaseletter", "Lu"),
];

/// The short names of the general categories.
const SHORT_CATEGORIES: &str = " C Cc Cf Cn Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps \
     S Sc Sk Sm So Z Zl Zp Zs ";

/// The scripts that can be named: those of Unicode 15 with a name of one word.
const SCRIPTS: &str = " Adlam Ahom Arabic Armenian Avestan Balinese Bamum Batak Bengali \
    Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Carian Chakma Cham Cherokee Chorasmian \
    Common Coptic Cuneiform Cypriot Cyrillic Deseret Devanagari Dogra Duployan Elbasan Elymaic \
    Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gurmukhi Han Hangul Hanunoo \
    Hatran Hebrew Hiragana Inherited Javanese Kaithi Kannada Katakana Kawi Kharoshthi Khmer \
    Khojki Khudawadi Lao Latin Lepcha Limbu Lisu Lycian Lydian Mahajani Makasar Malayalam \
    Mandaic Manichaean Marchen Medefaidrin Miao Modi Mongolian Mro Multani Myanmar Nabataean \
    Nandinagari Newa Nko Nushu Ogham Oriya Osage Osmanya Palmyrene Phoenician Rejang Runic \
    Samaritan Saurashtra Sharada Shavian Siddham Sinhala Sogdian Soyombo Sundanese Syriac \
    Tagalog Tagbanwa Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto \
    Ugaritic Vai Vithkuqi Wancho Yezidi Yi ";

fn error(kind: ErrorKind, pattern: &[u8], start: usize, end: usize) -> RegexError {
    RegexError::at(kind, pattern, start, end)
}

pub(super) fn check_utf8(pattern: &[u8], start: usize, end: usize) -> Result<(), RegexError> {
    let part = pattern.get(start..end).unwrap_or_default();
    match std::str::from_utf8(part) {
        Ok(_) => Ok(()),
        Err(at) => Err(error(ErrorKind::InvalidUtf8, pattern, start + at.valid_up_to(), end)),
    }
}

/// Adds the simple case folding of every character.
pub(super) fn fold(set: &mut ClassUnicode) {
    // The fallible form only fails when the folding tables are compiled out; they are not.
    let _ = set.try_case_fold_simple();
}

/// A character with those of its simple case folding.
pub(super) fn folded(c: char) -> ClassUnicode {
    let (upper, lower) = (c.to_ascii_uppercase(), c.to_ascii_lowercase());
    let one = |c| ClassUnicodeRange::new(c, c);
    match lower {
        // PERF: the tables are searched and copied for each character otherwise. Two letters have relatives outside ASCII.
        'k' | 's' => {}
        'a'..='z' => return ClassUnicode::new([one(upper), one(lower)]),
        '\0'..='\x7f' => return ClassUnicode::new([one(c)]),
        _ => {}
    }
    let mut set = ClassUnicode::new([one(c)]);
    fold(&mut set);
    set
}

pub(super) fn contains(set: &ClassUnicode, c: char) -> bool {
    set.ranges().iter().any(|range| range.start() <= c && c <= range.end())
}

fn from_table(ranges: Ranges, negate: bool, fold_case: bool) -> ClassUnicode {
    let mut set = ClassUnicode::new(ranges.iter().map(|&(start, end)| ClassUnicodeRange::new(start, end)));
    if fold_case {
        fold(&mut set);
    }
    if negate {
        set.negate();
    }
    set
}

/// A class escape (`\d`, `\pL`, `\P{^Greek}`) at `at`, with the offset behind it.
pub(super) fn escaped(pattern: &[u8], at: usize, fold_case: bool) -> Result<Option<(ClassUnicode, usize)>, RegexError> {
    if pattern.get(at) != Some(&b'\\') {
        return Ok(None);
    }
    let ranges = match pattern.get(at + 1) {
        Some(b'd' | b'D') => DIGIT,
        Some(b's' | b'S') => SPACE,
        Some(b'w' | b'W') => WORD,
        Some(b'p' | b'P') => return unicode(pattern, at, fold_case),
        _ => return Ok(None),
    };
    let negate = pattern[at + 1].is_ascii_uppercase();
    Ok(Some((from_table(ranges, negate, fold_case), at + 2)))
}

fn unicode(pattern: &[u8], at: usize, fold_case: bool) -> Result<Option<(ClassUnicode, usize)>, RegexError> {
    let mut negate = pattern[at + 1] == b'P';
    // `\p` at the very end: the reference decodes nothing and reports invalid UTF-8 nowhere,
    // but an unknown class name.
    if at + 2 >= pattern.len() {
        return Err(error(ErrorKind::InvalidCharRange, pattern, at, pattern.len()));
    }
    let (c, next) = next_char(pattern, at + 2)?;
    let (mut name, end) = if c == '{' {
        let Some(len) = pattern[at..].iter().position(|&byte| byte == b'}') else {
            check_utf8(pattern, at, pattern.len())?;
            return Err(error(ErrorKind::InvalidCharRange, pattern, at, pattern.len()));
        };
        check_utf8(pattern, at + 3, at + len)?;
        (&pattern[at + 3..at + len], at + len + 1)
    } else {
        (&pattern[at + 2..next], next)
    };
    if let Some(rest) = name.strip_prefix(b"^") {
        negate = !negate;
        name = rest;
    }
    let Some(mut set) = table(name) else {
        return Err(error(ErrorKind::InvalidCharRange, pattern, at, end));
    };
    if fold_case {
        fold(&mut set);
    }
    if negate {
        set.negate();
    }
    Ok(Some((set, end)))
}

/// The Unicode table of a category or script.
fn table(name: &[u8]) -> Option<ClassUnicode> {
    let mut canonical = String::new();
    for &byte in name {
        match byte {
            b'_' | b'-' | b' ' => {}
            _ if canonical.is_empty() => canonical.push(byte.to_ascii_uppercase() as char),
            _ => canonical.push(byte.to_ascii_lowercase() as char),
        }
    }
    let listed = |list: &str| !canonical.is_empty() && list.contains(&format!(" {canonical} "));
    match canonical.as_str() {
        "Any" => return Some(from_table(&[('\0', char::MAX)], false, false)),
        "Ascii" => return Some(from_table(&[('\0', '\x7f')], false, false)),
        "Assigned" => {
            let mut set = query("gc", "Cn")?;
            set.negate();
            return Some(set);
        }
        _ => {}
    }
    if listed(SHORT_CATEGORIES) {
        return query("gc", &canonical);
    }
    if listed(SCRIPTS) {
        return query("sc", &canonical);
    }
    let at = CATEGORIES.binary_search_by_key(&canonical.as_str(), |&(long, _)| long).ok()?;
    query("gc", CATEGORIES[at].1)
}

fn query(property: &str, value: &str) -> Option<ClassUnicode> {
    if value == "Cs" {
        // Surrogates are no characters of any text.
        return Some(ClassUnicode::empty());
    }
    let hir = regex_syntax::Parser::new().parse(&format!(r"\p{{{property}={value}}}")).ok()?;
    match hir.into_kind() {
        HirKind::Class(Class::Unicode(set)) => Some(set),
        HirKind::Literal(literal) => {
            let c = std::str::from_utf8(&literal.0).ok()?.chars().next()?;
            Some(ClassUnicode::new([ClassUnicodeRange::new(c, c)]))
        }
        _ => None,
    }
}

/// A class in brackets that starts at `start`, with the offset behind its `]`.
pub(super) fn bracketed(pattern: &[u8], start: usize, fold_case: bool) -> Result<(ClassUnicode, usize), RegexError> {
    let mut at = start + 1;
    let negate = pattern.get(at) == Some(&b'^');
    at += usize::from(negate);
    let mut set = ClassUnicode::empty();
    let mut first = true;
    while first || pattern.get(at) != Some(&b']') {
        first = false;
        if let Some((named, end)) = posix(pattern, at, fold_case)? {
            set.union(&named);
            at = end;
            continue;
        }
        if let Some((escaped, end)) = escaped(pattern, at, fold_case)? {
            set.union(&escaped);
            at = end;
            continue;
        }
        let (low, mut end) = class_char(pattern, at, start)?;
        let mut high = low;
        if pattern.get(end) == Some(&b'-') && pattern.get(end + 1).is_some_and(|&b| b != b']') {
            (high, end) = class_char(pattern, end + 1, start)?;
            if high < low {
                return Err(error(ErrorKind::InvalidCharRange, pattern, at, end));
            }
        }
        if let Some(range) = char_range(low, high) {
            let mut one = ClassUnicode::new([range]);
            if fold_case {
                fold(&mut one);
            }
            set.union(&one);
        }
        at = end;
    }
    if negate {
        set.negate();
    }
    Ok((set, at + 1))
}

/// The range without the surrogates at its ends; `None` if nothing is left.
fn char_range(low: u32, high: u32) -> Option<ClassUnicodeRange> {
    let low = if (0xd800..0xe000).contains(&low) { 0xe000 } else { low };
    let high = if (0xd800..0xe000).contains(&high) { 0xd7ff } else { high };
    let (low, high) = (char::from_u32(low)?, char::from_u32(high)?);
    (low <= high).then(|| ClassUnicodeRange::new(low, high))
}

fn posix(pattern: &[u8], at: usize, fold_case: bool) -> Result<Option<(ClassUnicode, usize)>, RegexError> {
    let rest = pattern.get(at..).unwrap_or_default();
    if rest.len() < 3 || !rest.starts_with(b"[:") {
        return Ok(None);
    }
    let Some(len) = rest[2..].windows(2).position(|pair| pair == b":]") else {
        return Ok(None);
    };
    let end = at + 2 + len + 2;
    let name = &rest[2..2 + len];
    let (negate, name) = match name.strip_prefix(b"^") {
        Some(name) => (true, name),
        None => (false, name),
    };
    match POSIX.iter().find(|(known, _)| known.as_bytes() == name) {
        Some((_, ranges)) => Ok(Some((from_table(ranges, negate, fold_case), end))),
        None => Err(error(ErrorKind::InvalidCharRange, pattern, at, end)),
    }
}

fn class_char(pattern: &[u8], at: usize, class: usize) -> Result<(u32, usize), RegexError> {
    match pattern.get(at) {
        None => Err(error(ErrorKind::MissingBracket, pattern, class, pattern.len())),
        Some(b'\\') => escape_char(pattern, at),
        Some(_) => next_char(pattern, at).map(|(c, end)| (c as u32, end)),
    }
}

/// The code point of a single-character escape at `at` (a backslash), with the offset behind it.
pub(super) fn escape_char(pattern: &[u8], at: usize) -> Result<(u32, usize), RegexError> {
    if at + 1 >= pattern.len() {
        return Err(error(ErrorKind::TrailingBackslash, pattern, pattern.len(), pattern.len()));
    }
    let (c, mut end) = next_char(pattern, at + 1)?;
    let octal = |at: usize| pattern.get(at).filter(|b| (b'0'..=b'7').contains(b));
    match c {
        '1'..='7' if octal(end).is_none() => {}
        '0'..='7' => {
            let mut code = c as u32 - '0' as u32;
            for _ in 0..2 {
                let Some(&digit) = octal(end) else { break };
                code = code * 8 + u32::from(digit - b'0');
                end += 1;
            }
            return Ok((code, end));
        }
        'x' => {
            return hex_char(pattern, at, end);
        }
        'a' => return Ok((0x07, end)),
        'f' => return Ok((0x0c, end)),
        'n' => return Ok((0x0a, end)),
        'r' => return Ok((0x0d, end)),
        't' => return Ok((0x09, end)),
        'v' => return Ok((0x0b, end)),
        _ if c.is_ascii() && !c.is_ascii_alphanumeric() => return Ok((c as u32, end)),
        _ => {}
    }
    Err(error(ErrorKind::InvalidEscape, pattern, at, end))
}

/// `\xHH` or `\x{H...}`; `at` is the backslash, `next` the offset behind the `x`.
fn hex_char(pattern: &[u8], at: usize, next: usize) -> Result<(u32, usize), RegexError> {
    let invalid = |end: usize| error(ErrorKind::InvalidEscape, pattern, at, end);
    if next >= pattern.len() {
        return Err(invalid(next));
    }
    let (c, mut end) = next_char(pattern, next)?;
    if c == '{' {
        let mut code = 0u32;
        let mut digits = 0;
        loop {
            if end >= pattern.len() {
                return Err(invalid(end));
            }
            let (c, after) = next_char(pattern, end)?;
            end = after;
            if c == '}' {
                break;
            }
            let Some(digit) = c.to_digit(16) else { return Err(invalid(end)) };
            code = code * 16 + digit;
            if code > char::MAX as u32 {
                return Err(invalid(end));
            }
            digits += 1;
        }
        return if digits == 0 { Err(invalid(end)) } else { Ok((code, end)) };
    }
    if end >= pattern.len() {
        // The reference decodes the missing second digit as an invalid character.
        return Err(invalid(end));
    }
    let (second, after) = next_char(pattern, end)?;
    match (c.to_digit(16), second.to_digit(16)) {
        (Some(high), Some(low)) => Ok((high * 16 + low, after)),
        _ => Err(invalid(after)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_fold_as_the_tables_say() {
        for c in ('\0'..='\u{17f}').chain(['\u{212a}', '\u{10400}']) {
            let mut set = ClassUnicode::new([ClassUnicodeRange::new(c, c)]);
            fold(&mut set);
            assert_eq!(folded(c).ranges(), set.ranges(), "{c:?}");
        }
    }
}
