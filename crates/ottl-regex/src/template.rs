//! Replacement templates of regular expressions: Go's `Regexp.Expand`.
//!
//! `$1`, `${1}`, `$name` and `${name}` stand for groups, `$$` for a dollar. An unbraced name is
//! the longest run of letters, digits and underscores of any script, so `$1x` is the group named
//! `1x`. Numbers with a leading zero are names. What is malformed stays as it is; groups that do
//! not exist give nothing.

use crate::regex::{Captures, Regex};

/// A parsed template. It does not depend on a pattern: names are looked up at expansion, or once
/// with [`Template::bind`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// What a template calls a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupReference<'t> {
    /// `$1`, `${1}`; 0 is the whole match.
    Number(usize),
    /// `$name`, `${name}`, and `$1x`.
    Name(&'t str),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    Number(usize),
    Name(String),
}

impl Template {
    /// Parses the text; every text is a template.
    pub fn new(template: impl AsRef<[u8]>) -> Template {
        let mut rest = template.as_ref();
        let mut parts = Vec::new();
        let mut text = Vec::new();
        while let Some(at) = memchr::memchr(b'$', rest) {
            text.extend_from_slice(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(b"$") {
                text.push(b'$');
                rest = after;
                continue;
            }
            let Some((name, len)) = reference(rest) else {
                text.push(b'$');
                continue;
            };
            rest = &rest[len..];
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(match group_number(name) {
                Some(number) => Part::Number(number),
                None => Part::Name(name.to_owned()),
            });
        }
        text.extend_from_slice(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Template { parts }
    }

    /// The template for one pattern, with names resolved to numbers where that is possible.
    /// Names that occur once become numbers and unknown names vanish; a name that occurs more
    /// than once stays, because the group that took part in the match decides.
    pub fn bind(&self, regex: &Regex) -> Template {
        let names = regex.group_names();
        let bound = self.parts.iter().filter_map(|part| match part {
            Part::Name(name) => {
                let mut groups = (0..names.len()).filter(|&group| names[group].as_deref() == Some(name));
                match (groups.next(), groups.next()) {
                    (None, _) => None,
                    (Some(group), None) => Some(Part::Number(group)),
                    _ => Some(part.clone()),
                }
            }
            _ => Some(part.clone()),
        });
        Template { parts: bound.collect() }
    }

    /// The groups that it refers to, as they are written.
    pub fn references(&self) -> impl Iterator<Item = GroupReference<'_>> {
        self.parts.iter().filter_map(|part| match part {
            Part::Text(_) => None,
            Part::Number(number) => Some(GroupReference::Number(*number)),
            Part::Name(name) => Some(GroupReference::Name(name)),
        })
    }

    /// Whether expansion looks at more than the whole match.
    pub fn uses_groups(&self) -> bool {
        self.parts.iter().any(|part| !matches!(part, Part::Text(_) | Part::Number(0)))
    }

    /// The expansion of every match, if it is always the same.
    #[inline]
    pub fn text(&self) -> Option<&[u8]> {
        match self.parts.as_slice() {
            [] => Some(&[]),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Hands the parts of the expansion for one match of `regex` in `haystack` to `out`.
    ///
    /// # Errors
    /// The first one of `out`.
    #[inline]
    pub fn expand<E>(
        &self,
        haystack: &[u8],
        captures: &Captures,
        regex: &Regex,
        mut out: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        for part in &self.parts {
            match part {
                Part::Text(text) => out(text)?,
                Part::Number(group) => out(captures.text(haystack, *group))?,
                Part::Name(name) => {
                    // Of several groups with this name the first that matched counts.
                    let group = regex
                        .group_names()
                        .iter()
                        .enumerate()
                        .find(|(group, known)| known.as_deref() == Some(name) && captures.group(*group).is_some());
                    if let Some((group, _)) = group {
                        out(captures.text(haystack, group))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The name after a dollar and the bytes it takes, braces included.
fn reference(rest: &[u8]) -> Option<(&str, usize)> {
    let braced = rest.first() == Some(&b'{');
    let body = &rest[usize::from(braced)..];
    // Characters end where UTF-8 does: an invalid byte is no letter.
    let valid = match std::str::from_utf8(body) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&body[..error.valid_up_to()]).unwrap_or_default(),
    };
    let is_word = |c: char| c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii() && letter_or_digit(c);
    let len = valid.find(|c| !is_word(c)).unwrap_or(valid.len());
    let name = valid.get(..len).filter(|name| !name.is_empty())?;
    if !braced {
        return Some((name, len));
    }
    (body.get(len) == Some(&b'}')).then_some((name, len + 2))
}

/// Go's `unicode.IsLetter` or `unicode.IsDigit` for a character outside ASCII.
fn letter_or_digit(c: char) -> bool {
    use std::sync::OnceLock;
    static CLASS: OnceLock<Option<Regex>> = OnceLock::new();
    let mut buf = [0; 4];
    CLASS
        .get_or_init(|| Regex::new(r"^[\pL\p{Nd}]$").ok())
        .as_ref()
        .is_some_and(|class| class.is_match(c.encode_utf8(&mut buf).as_bytes()))
}

/// The group number that a name spells: decimal without leading zero, below 10^8.
fn group_number(name: &str) -> Option<usize> {
    let digits = name.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || name.len() > 1 && name.starts_with('0') {
        return None;
    }
    name.parse().ok().filter(|&number: &usize| number < 1_000_000_000)
}
