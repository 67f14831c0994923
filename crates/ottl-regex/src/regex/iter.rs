//! Repeated searches with Go's rules for empty matches.
//!
//! The two loops differ on purpose: the reference's `FindAll` and `ReplaceAll` do.

use std::ops::Range;

use super::search::Search;
use super::text::width;
use super::{Captures, Regex};
use crate::sink::TextSink;

/// Iterator over the matches that do not overlap; see [`Regex::find_iter`].
#[derive(Debug)]
pub struct FindIter<'r, 'h> {
    search: Search<'r, 'h>,
    at: usize,
    previous_end: Option<usize>,
}

impl<'r, 'h> FindIter<'r, 'h> {
    pub(super) fn new(regex: &'r Regex, haystack: &'h [u8]) -> FindIter<'r, 'h> {
        FindIter { search: Search::new(regex, haystack), at: 0, previous_end: None }
    }
}

impl Iterator for FindIter<'_, '_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        while self.at <= self.search.haystack().len() {
            let Some((start, end)) = self.search.find(self.at) else {
                self.at = usize::MAX;
                return None;
            };
            let mut accept = true;
            if end == self.at {
                // An empty match here: it counts unless it touches the previous one.
                accept = self.previous_end != Some(start);
                self.at += width(self.search.haystack(), self.at).max(1);
            } else {
                self.at = end;
            }
            self.previous_end = Some(end);
            if accept {
                return Some(start..end);
            }
        }
        None
    }
}

/// What replacement does at a match.
pub(super) struct Hit<'h, 'm> {
    /// The text between the previous match and this one.
    pub(super) gap: &'h [u8],
    /// The match; `None` for an empty one that directly follows another, which is not replaced.
    pub(super) replaced: Option<&'m Captures>,
}

/// Visits every match in the way of `ReplaceAll` and returns the text behind the last one; `None` without a match.
/// Without `groups` the visitor sees no group but that of the whole match, which is cheaper.
pub(super) fn visit<'h, E>(
    regex: &Regex,
    haystack: &'h [u8],
    groups: bool,
    mut visitor: impl FnMut(Hit<'h, '_>) -> Result<(), E>,
) -> Result<Option<&'h [u8]>, E> {
    if regex.rejects(haystack) {
        return Ok(None);
    }
    let mut search = Search::new(regex, haystack);
    let mut captures = Captures::new();
    let (mut at, mut last_end, mut found) = (0, 0, false);
    while at <= haystack.len() {
        let (start, end) = if groups {
            if !search.captures(at, &mut captures) {
                break;
            }
            let Some(whole) = captures.group(0) else { break };
            (whole.start, whole.end)
        } else {
            let Some(span) = search.find(at) else { break };
            captures.clear(1);
            captures.set_whole(span);
            span
        };
        found = true;
        let gap = haystack.get(last_end..start).unwrap_or_default();
        visitor(Hit { gap, replaced: (end > last_end || start == 0).then_some(&captures) })?;
        last_end = end;
        at = past(haystack, at, end);
    }
    Ok(found.then(|| haystack.get(last_end..).unwrap_or_default()))
}

/// A text in which all matches are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced<'t, S> {
    /// It has one match: what stands in front of it, what it is replaced by, and what stands behind it.
    Once([&'t [u8]; 3]),
    /// It was put together.
    Text(S),
}

/// The same loop for a replacement that is always the same text. `make` gives what a text of about so many bytes is put into
/// that has more than one match.
///
/// PERF (redaction): most texts have one match, and then whoever asked puts the pieces to where they stay.
pub(super) fn replace<'t, S: TextSink>(
    search: &mut Search<'_, 't>,
    replacement: &'t [u8],
    make: impl FnOnce(usize) -> Result<S, S::Error>,
) -> Result<Option<Replaced<'t, S>>, S::Error> {
    let haystack = search.haystack();
    let Some((start, end)) = search.find(0) else { return Ok(None) };
    let (front, behind) = (haystack.get(..start).unwrap_or_default(), haystack.get(end..).unwrap_or_default());
    let mut at = past(haystack, 0, end);
    let mut find = |at| if at <= haystack.len() { search.find(at) } else { None };
    let Some(second) = find(at) else { return Ok(Some(Replaced::Once([front, replacement, behind]))) };
    let mut out = make(haystack.len() + 2 * replacement.len())?;
    out.push_bytes(front)?;
    out.push_bytes(replacement)?;
    let (mut last_end, mut next) = (end, Some(second));
    while let Some((start, end)) = next {
        out.push_bytes(haystack.get(last_end..start).unwrap_or_default())?;
        if end > last_end {
            out.push_bytes(replacement)?;
        }
        last_end = end;
        at = past(haystack, at, end);
        next = find(at);
    }
    out.push_bytes(haystack.get(last_end..).unwrap_or_default())?;
    Ok(Some(Replaced::Text(out)))
}

/// Where the search from `at` that found a match up to `end` goes on: past an empty match by a character.
fn past(haystack: &[u8], at: usize, end: usize) -> usize {
    if end > at { end } else { at + width(haystack, at).max(1) }
}

#[cfg(test)]
mod tests {
    use crate::{Regex, Template};

    #[test]
    fn texts_are_replaced_alike_by_parts_and_at_once() {
        let patterns = [
            "a",
            "aa",
            "ab",
            "[ab]+",
            "[0-9]+",
            "-[0-9]+",
            "x*",
            "^a",
            "^",
            "a$",
            "b|a1",
            "(a)b",
            "[a-z]+-",
            "[a-z]{2}-",
            "..-",
            r"\bb",
            "(?i)AB",
            "é",
            "[^a]",
            "a.{0,3}1",
            "password=[^ ]+",
            "[a-z0-9._]+@[a-z0-9.]+[.][a-z]+",
        ];
        let texts = ["aab-1 ", "é", "ab", "a", "password=x a.b@c.de ", "\n1-"];
        for pattern in patterns {
            let regex = Regex::new(pattern).expect(pattern);
            for text in texts {
                for times in [0, 1, 2, 7, 8, 9, 16, 17, 40] {
                    let text = text.repeat(times);
                    for template in ["", "<>", "a", "$0$0"] {
                        let template = Template::new(template).bind(&regex);
                        let mut expected = Vec::new();
                        let is_found = regex.replace_all(text.as_bytes(), &template, &mut expected);
                        let replaced = regex.replace_all_into(text.as_bytes(), &template, |_| Ok(Vec::new()));
                        let Ok(replaced) = replaced;
                        assert_eq!(replaced, is_found.then_some(expected), "{pattern} {text} {times}");
                    }
                }
            }
        }
    }
}
