//! The names of months, days and half days in other languages, and their translation to English, which layouts read.
//!
//! The names are data of the reference's library, the data set [`DataSet::Locales`]; English is there in any build.

use ottl_core::data::{DataSet, rows};

use super::parse::{MONTHS, WEEKDAYS};

/// The halves of a day as layouts read them.
const HALF_DAYS: [[&str; 2]; 2] = [["AM", "PM"], ["am", "pm"]];

/// A list of names that English knows.
#[derive(Clone, Copy, Debug)]
enum Names {
    ShortDays,
    LongDays,
    ShortMonths,
    LongMonths,
    /// In lower case or not.
    HalfDays {
        lower: bool,
    },
}

impl Names {
    fn english(self, idx: usize) -> &'static str {
        let name = |names: &[&'static str], len: usize| {
            names.get(idx).and_then(|name| name.get(..len.min(name.len()))).unwrap_or_default()
        };
        match self {
            Names::ShortDays => name(&WEEKDAYS, 3),
            Names::LongDays => name(&WEEKDAYS, usize::MAX),
            Names::ShortMonths => name(&MONTHS, 3),
            Names::LongMonths => name(&MONTHS, usize::MAX),
            Names::HalfDays { lower } => name(&HALF_DAYS[usize::from(lower)], usize::MAX),
        }
    }
}

/// Why a text cannot be translated by a layout.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Untranslated {
    /// The text has no name where the layout has this element, or no digit.
    Mismatch(&'static str),
    /// The locale has no names for an element of the layout.
    NoNames,
}

/// The names of a locale.
#[derive(Debug)]
pub struct Locale {
    /// Short and long names of days, from Sunday on, short and long names of months, and names of the half days. A locale may
    /// have none of a kind.
    lists: [Vec<&'static str>; 5],
}

impl Locale {
    /// The locale with this tag.
    ///
    /// COMPAT: the reference looks the tag up as it is written; `EN` and `en_US` are none of its locales.
    ///
    /// # Errors
    /// There is none, or the data set is not there.
    pub fn new(tag: &str) -> Result<Locale, String> {
        lists(tag).map(|lists| Locale { lists })
    }

    fn list(&self, names: Names) -> &[&'static str] {
        let [short_days, long_days, short_months, long_months, half_days] = &self.lists;
        match names {
            Names::ShortDays => short_days,
            Names::LongDays => long_days,
            Names::ShortMonths => short_months,
            Names::LongMonths => long_months,
            Names::HalfDays { .. } => half_days,
        }
    }

    /// A text with the names that the layout looks for in English.
    ///
    /// COMPAT: text and layout are gone through together, a byte of the text for a byte of the layout, so that numbers of
    /// other lengths than the layout's shift the place where names are looked for; blanks before a name make up for most of it.
    /// Bytes of other than ASCII characters are taken for characters, and the byte behind each is left out.
    pub(super) fn translate(&self, layout: &str, text: &[u8]) -> Result<Vec<u8>, Untranslated> {
        let layout = layout.as_bytes();
        let mut translation = Translation { text, at: 0, out: Vec::with_capacity(text.len() + 16) };
        let mut idx = 0;
        while let Some(rest) = layout.get(idx..).filter(|rest| !rest.is_empty()) {
            if let Some((element, names)) = names_at(rest) {
                idx += element.len();
                translation.name(self.list(names), names, element)?;
                continue;
            }
            match rest[0] {
                b'_' => {
                    let padded = translation.padded(rest)?;
                    // COMPAT: the second look is taken where the first one ended.
                    let behind = layout.get(idx + padded..).unwrap_or_default();
                    match padded + translation.padded_year_day(behind)? {
                        0 => translation.literal(&mut idx),
                        len => idx += len,
                    }
                }
                digit @ b'3'..=b'5' if idx == 0 || layout[idx - 1] != b'0' => {
                    idx += 1;
                    translation.digits(["3", "4", "5"][usize::from(digit - b'3')])?;
                }
                _ => translation.literal(&mut idx),
            }
        }
        translation.out.extend_from_slice(text.get(translation.at..).unwrap_or_default());
        Ok(translation.out)
    }
}

/// The element of a layout that stands for a name and begins here.
fn names_at(rest: &[u8]) -> Option<(&'static str, Names)> {
    let is_short = !rest.get(3).is_some_and(u8::is_ascii_lowercase);
    match rest {
        [b'J', b'a', b'n', ..] if rest.starts_with(b"January") => Some(("January", Names::LongMonths)),
        [b'J', b'a', b'n', ..] if is_short => Some(("Jan", Names::ShortMonths)),
        [b'M', b'o', b'n', ..] if rest.starts_with(b"Monday") => Some(("Monday", Names::LongDays)),
        [b'M', b'o', b'n', ..] if is_short => Some(("Mon", Names::ShortDays)),
        [b'P', b'M' | b'm', ..] => Some(("PM", Names::HalfDays { lower: false })),
        [b'p', b'M' | b'm', ..] => Some(("pm", Names::HalfDays { lower: true })),
        _ => None,
    }
}

/// A translation that is being made.
struct Translation<'t> {
    text: &'t [u8],
    at: usize,
    out: Vec<u8>,
}

impl Translation<'_> {
    /// The place behind the blanks that stand here.
    fn behind_blanks(&self) -> usize {
        self.at + self.text.get(self.at..).unwrap_or_default().iter().take_while(|byte| is_blank(**byte)).count()
    }

    /// Puts as many blanks as stand here, and the text up to there behind them.
    fn put(&mut self, start: usize, text: &[u8], end: usize) {
        self.out.resize(self.out.len() + (start - self.at), b' ');
        self.out.extend_from_slice(text);
        self.at = end;
    }

    /// Puts the English name for the longest of the names that stands here.
    fn name(&mut self, list: &[&str], names: Names, element: &'static str) -> Result<(), Untranslated> {
        if list.is_empty() {
            return Err(Untranslated::NoNames);
        }
        let start = self.behind_blanks();
        let rest = self.text.get(start..).unwrap_or_default();
        let mut found: Option<(usize, usize)> = None;
        for (idx, name) in list.iter().enumerate() {
            if found.is_none_or(|(_, len)| name.len() > len)
                && rest.get(..name.len()).is_some_and(|candidate| is_same_word(candidate, name))
            {
                found = Some((idx, name.len()));
            }
        }
        let (idx, len) = found.ok_or(Untranslated::Mismatch(element))?;
        self.put(start, names.english(idx).as_bytes(), start + len);
        Ok(())
    }

    /// Takes the text for `_2006` or `_2`. Gives the length of the element, or 0 if it is none.
    fn padded(&mut self, rest: &[u8]) -> Result<usize, Untranslated> {
        let left = self.text.len().saturating_sub(self.at);
        match rest {
            [_, b'2', b'0', b'0', b'6', ..] if left >= 5 => self.word("_2006"),
            [_, b'2', b'0', b'0', b'6', ..] => Ok(0),
            [_, b'2', ..] if left >= 2 => self.word("_2"),
            _ => Ok(0),
        }
    }

    /// The same for `__2`, of which the first character is not looked at.
    fn padded_year_day(&mut self, rest: &[u8]) -> Result<usize, Untranslated> {
        let left = self.text.len().saturating_sub(self.at);
        match rest {
            [_, b'_', b'2', ..] if left >= 3 => self.word("__2"),
            _ => Ok(0),
        }
    }

    /// Takes the word that stands here, up to the length of the element.
    fn word(&mut self, element: &'static str) -> Result<usize, Untranslated> {
        let start = self.behind_blanks();
        let rest = self.text.get(start..).unwrap_or_default();
        let len = rest.iter().take(element.len()).take_while(|byte| !is_blank(**byte)).count();
        if len == 0 {
            return Err(Untranslated::Mismatch(element));
        }
        self.put(start, &rest[..len], start + len);
        Ok(element.len())
    }

    /// Takes one digit or two.
    fn digits(&mut self, element: &'static str) -> Result<(), Untranslated> {
        let start = self.behind_blanks();
        let rest = self.text.get(start..).unwrap_or_default();
        let len = rest.iter().take(2).take_while(|byte| byte.is_ascii_digit()).count();
        if len == 0 {
            return Err(Untranslated::Mismatch(element));
        }
        self.put(start, &rest[..len], start + len);
        Ok(())
    }

    /// Takes a byte of the text for a byte of the layout.
    fn literal(&mut self, idx: &mut usize) {
        *idx += 1;
        if let Some(byte) = self.text.get(self.at) {
            let written = self.out.len();
            self.out.extend_from_slice(char::from(*byte).encode_utf8(&mut [0; 2]).as_bytes());
            self.at += self.out.len() - written;
        }
    }
}

/// COMPAT: bytes are taken for characters, two of which are blanks beyond ASCII.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xa0)
}

/// Whether a text is a name, in whatever case.
fn is_same_word(text: &[u8], name: &str) -> bool {
    text == name.as_bytes()
        || std::str::from_utf8(text).is_ok_and(|text| text.chars().map(folded).eq(name.chars().map(folded)))
}

/// A character for all that differ from it in case alone, by Unicode's simple case folding.
fn folded(character: char) -> char {
    fn single(mut characters: impl Iterator<Item = char>, or: char) -> char {
        match (characters.next(), characters.next()) {
            (Some(character), None) => character,
            _ => or,
        }
    }
    match character {
        // Its upper case is that of `i`, and yet it is another letter.
        '\u{131}' => character,
        _ => {
            let upper = single(character.to_uppercase(), character);
            single(upper.to_lowercase(), upper)
        }
    }
}

/// The lists of names of a locale.
fn lists(tag: &str) -> Result<[Vec<&'static str>; 5], String> {
    if is_english(tag) {
        let english = |names, count| (0..count).map(|idx| Names::english(names, idx)).collect();
        return Ok([
            english(Names::ShortDays, 7),
            english(Names::LongDays, 7),
            english(Names::ShortMonths, 12),
            english(Names::LongMonths, 12),
            english(Names::HalfDays { lower: false }, 2),
        ]);
    }
    let lists = rows(DataSet::Locales.bytes().unwrap_or_default()).find_map(|row| {
        let (tags, lists) = row.split_once('\t')?;
        tags.split(' ').any(|known| known == tag).then_some(lists)
    });
    let mut lists = lists.ok_or_else(|| unknown(tag))?.split('\t');
    Ok(std::array::from_fn(|_| match lists.next() {
        None | Some("") => Vec::new(),
        Some(names) => names.split('|').collect(),
    }))
}

/// Whether a tag is one of the locale whose names need no data.
pub(crate) fn is_english(tag: &str) -> bool {
    matches!(tag, "en" | "en-US")
}

fn unknown(tag: &str) -> String {
    format!("the locale '{tag}' is not known; wanted is a BCP 47 language tag such as `fr` or `pt-BR`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded() {
        for (text, name, want) in [
            ("JANVIER", "janvier", true),
            ("F\u{c9}VRIER", "f\u{e9}vrier", true),
            (
                "\u{39c}\u{3ac}\u{3c1}\u{3c4}\u{3b9}\u{3bf}\u{3c3}",
                "\u{39c}\u{3ac}\u{3c1}\u{3c4}\u{3b9}\u{3bf}\u{3c2}",
                true,
            ),
            ("ma\u{1e9e}", "ma\u{df}", true),
            ("mai", "ma\u{131}", false),
            ("\u{130}", "i", false),
            ("\u{17f}", "S", true),
        ] {
            assert_eq!(is_same_word(text.as_bytes(), name), want, "{text} {name}");
        }
        assert!(!is_same_word(b"\xff", "\u{fffd}"));
    }

    #[cfg(feature = "locales")]
    #[test]
    fn english_is_english() {
        // What needs no data is what the data say.
        let english = Locale::new("en").expect("every build has it");
        let row = rows(DataSet::Locales.bytes().expect("compiled in")).find(|row| row.starts_with("en "));
        let (tags, lists) = row.and_then(|row| row.split_once('\t')).expect("English is a locale");
        assert!(tags.split(' ').any(|tag| tag == "en-US"));
        let names: Vec<String> = english.lists.iter().map(|names| names.join("|")).collect();
        assert_eq!(names.join("\t"), lists);
        assert!(Locale::new("EN").is_err() && Locale::new("").is_err() && Locale::new("en de").is_err());
    }

    #[cfg(feature = "locales")]
    #[test]
    fn names_are_translated() {
        let mismatch = |element| Err(Untranslated::Mismatch(element));
        let rows = [
            ("de", "2 Jan 2006", "14 Nov 2023", mismatch("Jan")),
            ("de", "2 Jan 2006", "14 nov. 2023", Ok("14 Nov 2023")),
            ("de", "2 January 2006", "14 M\u{c4}RZ 2023", Ok("14 March 2023")),
            ("fr", "Monday 2 January", "mardi 14 novembre", Ok("Tuesday 14 November")),
            ("es", "3:04 PM", "2:03 p.m.", Ok("2:03 PM")),
            ("es", "3:04 pm", "12:03   A.M.", Ok("12:03   am")),
            ("ak", "2 Jan", "14 Jan", Err(Untranslated::NoNames)),
            ("de", "January", "", mismatch("January")),
            ("de", "15:4", "15:x", mismatch("4")),
        ];
        for (tag, layout, text, want) in rows {
            let locale = Locale::new(tag).expect("known");
            let found = locale.translate(layout, text.as_bytes());
            let want = want.map(|text: &str| text.as_bytes().to_vec());
            assert_eq!(found, want, "{tag} {layout} {text}");
        }
    }
}
