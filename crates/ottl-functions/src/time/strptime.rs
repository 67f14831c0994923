//! The directive formats of the `Time` and `FormatTime` converters.
//!
//! A format is translated to a Go layout. Printing uses that layout; parsing tries the lenient
//! alternatives of each directive (one digit or two, blanks before numbers, several spellings of
//! an offset) until the text fits or a part fails that has no alternative left.

use std::sync::OnceLock;

use ottl_core::value::{Time, Zone};

use super::civil::{add_date, civil, from_civil, is_dated};
use super::layout::Layout;
use super::locale::{Locale, Untranslated};
use super::parse::{Named, ParseError, quote};

/// Attempts per text before the search for a fitting layout gives up. Ordinary formats need
/// fewer than ten; many `%z` in a row would need exponentially many.
const MAX_ATTEMPTS: usize = 500;

/// Directives: letter, layout text for printing, and the alternatives for parsing if they differ,
/// each a list of layout elements.
const DIRECTIVES: &[(char, &str, &[&[&str]])] = &[
    ('%', "%", &[]),
    ('A', "Monday", &[]),
    ('B', "January", &[]),
    ('D', "01/02/2006", &[&["1", "/", "2", "/", "2006"], &["1", "/", "2", "/", "06"]]),
    ('F', "2006-01-02", &[&["2006", "-", "1", "-", "2"]]),
    ('H', "15", &[]),
    ('I', "03", &[&["3"]]),
    ('L', "999", &[]),
    ('M', "04", &[&["4"]]),
    ('P', "pm", &[]),
    ('R', "15:04", &[&["15", ":", "4"]]),
    ('S', "05", &[&["5"]]),
    ('T', "15:04:05", &[&["15", ":", "4", ":", "5"]]),
    ('X', "15:04:05", &[&["15", ":", "4", ":", "5"]]),
    ('Y', "2006", &[]),
    ('Z', "MST", &[]),
    ('a', "Mon", &[]),
    ('b', "Jan", &[]),
    ('c', "Mon Jan 02 15:04:05 2006", &[&["Mon", " ", "Jan", " ", "2", " ", "15", ":", "4", ":", "5", " ", "2006"]]),
    ('d', "02", &[&["2"]]),
    ('e', "_2", &[&["2"]]),
    ('f', "999999", &[]),
    ('g', "2", &[&["2"]]),
    ('h', "Jan", &[]),
    ('i', "-07", &[]),
    ('j', "-07:00", &[]),
    ('k', "-07:00:00", &[]),
    ('l', "3", &[]),
    ('m', "01", &[&["1"]]),
    ('n', "\n", &[]),
    ('o', "_1", &[&["1"]]),
    ('p', "PM", &[]),
    ('q', "1", &[&["1"]]),
    ('r', "03:04:05 pm", &[&["3", ":", "4", ":", "5", " ", "pm"]]),
    ('s', "999999999", &[]),
    ('t', "\t", &[]),
    ('w', "-070000", &[]),
    ('x', "01/02/2006", &[&["1", "/", "2", "/", "2006"], &["1", "/", "2", "/", "06"]]),
    ('y', "06", &[]),
    ('z', "Z0700", &[&["Z0700"], &["Z07:00"], &["Z07"]]),
];

/// One directive in a format: the literal text before it and its row.
#[derive(Debug, Clone)]
struct Directive {
    before: String,
    /// The directive as written, for messages.
    text: String,
    row: usize,
}

/// A validated format of `%` directives.
#[derive(Debug)]
pub struct Format {
    text: String,
    directives: Vec<Directive>,
    tail: String,
    print: Layout,
    /// The layout that fitted the first text; texts of one source look alike.
    fitting: OnceLock<Layout>,
}

/// Splits a format at its directives: `%` and one character other than a newline.
fn directives(format: &str) -> (Vec<(&str, char)>, &str) {
    let mut found = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(percent) = format[at..].find('%').map(|offset| at + offset) {
        match format[percent + 1..].chars().next() {
            Some(letter) if letter != '\n' => {
                found.push((&format[start..percent], letter));
                at = percent + 1 + letter.len_utf8();
                start = at;
            }
            _ => at = percent + 1,
        }
    }
    (found, &format[start..])
}

/// The first fraction directive whose text before is neither point nor comma.
fn misplaced_fraction(format: &str) -> Option<&str> {
    format.char_indices().zip(format.char_indices().skip(1)).find_map(|((at, before), (percent, _))| {
        let rest = &format.as_bytes()[percent..];
        let directive = matches!(rest, [b'%', b'L' | b'f' | b's', ..]);
        (directive && !matches!(before, '.' | ',')).then(|| &format[at..percent + 2])
    })
}

impl Format {
    /// Whether texts of a format may have a zone's name, which is looked up.
    pub fn names_zones(format: &str) -> bool {
        // In a layout this abbreviation stands for all; some directives become it.
        const ABBREVIATION: &str = "MST";
        let is_one = |letter: char| {
            let row = DIRECTIVES.iter().find(|(known, ..)| *known == letter);
            row.is_some_and(|(_, print, alternatives)| {
                let mut elements = alternatives.iter().copied().flatten();
                print.contains(ABBREVIATION) || elements.any(|element| element.contains(ABBREVIATION))
            })
        };
        format.contains(ABBREVIATION) || directives(format).0.iter().any(|(_, letter)| is_one(*letter))
    }

    /// Validates and translates a format.
    ///
    /// # Errors
    /// The reference's message: empty, decimal digits, a fraction without separator, unknown
    /// directives.
    pub fn new(format: &str) -> Result<Format, String> {
        if format.is_empty() {
            return Err("format cannot be nil".to_owned());
        }
        if format.bytes().any(|byte| byte.is_ascii_digit()) {
            return Err("format string should not contain decimals".to_owned());
        }
        if let Some(found) = misplaced_fraction(format) {
            return Err(format!("invalid fractional seconds directive: '{found}'. must be preceded with '.' or ','"));
        }
        let (found, tail) = directives(format);
        let row = |letter: char| DIRECTIVES.binary_search_by_key(&letter, |row| row.0).ok();
        let unknown: Vec<String> = found
            .iter()
            .filter(|(_, letter)| row(*letter).is_none())
            .map(|(_, letter)| format!("unsupported ctimefmt.toNative() directive: %{letter}"))
            .collect();
        if !unknown.is_empty() {
            return Err(format!("invalid strptime format: [{}]", unknown.join(" ")));
        }
        let directives: Vec<Directive> = found
            .iter()
            .filter_map(|(before, letter)| {
                let text = format!("%{letter}");
                row(*letter).map(|row| Directive { before: (*before).to_owned(), text, row })
            })
            .collect();
        let mut layout = String::new();
        for directive in &directives {
            layout.push_str(&directive.before);
            layout.push_str(DIRECTIVES[directive.row].1);
        }
        layout.push_str(tail);
        Ok(Format {
            text: format.to_owned(),
            directives,
            tail: tail.to_owned(),
            print: Layout::new(layout),
            fitting: OnceLock::new(),
        })
    }

    /// The format's text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Appends the time.
    pub fn print(&self, time: &Time, out: &mut Vec<u8>) {
        self.print.print(time, out);
    }

    /// Reads a time with names in a locale's language, in English without one. `zone` applies where the text has neither offset
    /// nor zone; a missing year is completed from `now`, which also carries the host's zone.
    ///
    /// # Errors
    /// The reference's message for a text that does not fit or names an unknown zone.
    pub fn parse(
        &self,
        text: &[u8],
        zone: Zone,
        now: impl FnOnce() -> Time,
        locale: Option<&Locale>,
    ) -> Result<Time, String> {
        if text.is_empty() {
            return Err("time cannot be nil".to_owned());
        }
        if let Some(layout) = self.fitting.get()
            && let Ok(time) = read(layout, text, zone, locale)
        {
            return Ok(complete_year(time, now));
        }
        let mut search = Search { format: self, text, zone, locale, attempts: 0 };
        match search.run(0, String::new()) {
            Ok((time, layout)) => {
                // Only the first fitting layout is kept; the others are found again.
                let _ = self.fitting.set(layout);
                Ok(complete_year(time, now))
            }
            Err(Refusal::Layout(mut error)) => {
                error.layout = self.text.clone();
                Err(error.to_string())
            }
            Err(Refusal::Name(part)) => {
                Err(format!("value {} does not match the layout element \"{part}\"", quote(text)))
            }
            Err(Refusal::Final(message)) => Err(message),
        }
    }
}

/// Why one layout was refused.
enum Refusal {
    Layout(ParseError),
    /// The text has no name of the locale where this part of the layout is.
    Name(String),
    /// No other layout will do: the text names an unknown zone, or the locale has no names.
    Final(String),
}

/// Reads by one layout; a zone abbreviation without offset is looked up as the name of a zone.
fn read(layout: &Layout, text: &[u8], zone: Zone, locale: Option<&Locale>) -> Result<Time, Refusal> {
    let translation = locale.map(|locale| locale.translate(layout.as_str(), text)).transpose();
    let translation = translation.map_err(|reason| match reason {
        Untranslated::Mismatch(element) => Refusal::Name(element.to_owned()),
        Untranslated::NoNames => Refusal::Final("the locale has no names for a part of the format".to_owned()),
    })?;
    let text = translation.as_deref().unwrap_or(text);
    let (time, named) = layout.parse(text, zone).map_err(Refusal::Layout)?;
    let Named::Unknown(name) = named else { return Ok(time) };
    if zone.at(time.secs).1 == name {
        return Ok(time);
    }
    let zone = named_zone(&name).map_err(Refusal::Final)?;
    Ok(layout.parse(text, zone).map_or(time, |(again, _)| again))
}

/// The search for a layout that fits one text.
struct Search<'f> {
    format: &'f Format,
    text: &'f [u8],
    zone: Zone,
    locale: Option<&'f Locale>,
    attempts: usize,
}

impl Search<'_> {
    /// Tries the directives from `index` on behind a fixed layout beginning.
    fn run(&mut self, index: usize, mut partial: String) -> Result<(Time, Layout), Refusal> {
        let Some(directive) = self.format.directives.get(index) else {
            partial.push_str(&self.format.tail);
            self.attempts += 1;
            let layout = Layout::new(partial);
            return read(&layout, self.text, self.zone, self.locale).map(|time| (time, layout));
        };
        partial.push_str(&directive.before);
        let (_, print, alternatives) = DIRECTIVES[directive.row];
        let single: &[&[&str]] = &[&[print]];
        let alternatives = if alternatives.is_empty() { single } else { alternatives };
        let mut outcome = None;
        for elements in alternatives {
            let (found, failed_here) = self.try_elements(index, &partial, &directive.text, elements);
            outcome = Some(found);
            if !failed_here {
                break;
            }
        }
        // Every directive has at least one alternative.
        outcome.unwrap_or_else(|| Err(Refusal::Final(String::new())))
    }

    /// Tries one alternative, with blanks inserted before numbers where the text has them. The
    /// second value tells whether an element of this directive failed.
    fn try_elements(
        &mut self,
        index: usize,
        partial: &str,
        directive: &str,
        elements: &[&str],
    ) -> (Result<(Time, Layout), Refusal>, bool) {
        let mut elements: Vec<String> = elements.iter().map(|&element| element.to_owned()).collect();
        // How much of the text was left where the attempt before failed: blanks are only inserted as long as that helps.
        let mut left = usize::MAX;
        loop {
            let mut outcome = self.run(index + 1, format!("{partial}{}", elements.concat()));
            let (part, rest) = match &mut outcome {
                Err(Refusal::Layout(error)) => (&mut error.layout_part, error.value_part.as_slice()),
                Err(Refusal::Name(part)) => (part, &b""[..]),
                _ => return (outcome, false),
            };
            let at = elements.iter().position(|element| element == part);
            let Some(at) = at.filter(|_| !part.is_empty()) else { return (outcome, false) };
            directive.clone_into(part);
            let number = matches!(elements[at].as_bytes().first(), Some(b'0'..=b'9' | b'Z'));
            let advanced = std::mem::replace(&mut left, rest.len()) > rest.len();
            let blanks: String = rest
                .iter()
                .take_while(|byte| matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' '))
                .map(|&byte| char::from(byte))
                .collect();
            if !number || !advanced || blanks.is_empty() || self.attempts >= MAX_ATTEMPTS {
                return (outcome, self.attempts < MAX_ATTEMPTS);
            }
            elements.insert(at, blanks);
        }
    }
}

/// A time without year gets the current one, or the last if it would lie more than a week ahead.
fn complete_year(time: Time, now: impl FnOnce() -> Time) -> Time {
    if is_dated(&time) {
        return time;
    }
    let (parts, now) = (civil(&time), now());
    let of_day = i64::from(parts.hour * 3600 + parts.minute * 60 + parts.second);
    let (month, day) = (i64::from(parts.month), i64::from(parts.day));
    let dated = from_civil(civil(&now).year, month, day, of_day, time.nanos, time.zone);
    if dated > add_date(&now, 0, 0, 7) { add_date(&dated, -1, 0, 0) } else { dated }
}

/// A zone by its name in the tz database; an empty name is UTC.
///
/// # Errors
/// The reference's message for an unknown name.
pub fn named_zone(name: &str) -> Result<Zone, String> {
    if name.is_empty() {
        return Ok(Zone::Utc);
    }
    if name.contains("..") || name.starts_with(['/', '\\']) || name.contains('\\') {
        return Err(format!("failed to load location {name}: time: invalid location name"));
    }
    Zone::by_name(name).ok_or_else(|| format!("failed to load location {name}: unknown time zone {name}"))
}

/// The zone for texts without one: the given location, else UTC for a format that ends in the
/// letter `Z` that is no directive, else the host's zone.
///
/// # Errors
/// The reference's message for an unknown location.
pub fn default_zone(location: Option<&str>, format: &str, local: Zone) -> Result<Zone, String> {
    match location {
        Some("Local") => Ok(local),
        Some(name) if !name.is_empty() => named_zone(name),
        _ if format.ends_with('Z') && !format.ends_with("%Z") => Ok(Zone::Utc),
        _ => Ok(local),
    }
}
