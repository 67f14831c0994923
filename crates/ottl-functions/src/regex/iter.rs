//! Repeated searches with Go's rules for empty matches, and replacement.
//!
//! The two loops differ on purpose: the reference's `FindAll` and `ReplaceAll` do.

use std::ops::Range;

use super::text::Text;
use super::{Captures, Regex};

/// Iterator over the matches that do not overlap; see [`Regex::find_iter`].
#[derive(Debug)]
pub struct FindIter<'r, 'h> {
    regex: &'r Regex,
    text: Text<'h>,
    at: usize,
    previous_end: Option<usize>,
}

impl<'r, 'h> FindIter<'r, 'h> {
    pub(super) fn new(regex: &'r Regex, text: Text<'h>) -> FindIter<'r, 'h> {
        FindIter { regex, text, at: 0, previous_end: None }
    }
}

impl Iterator for FindIter<'_, '_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        while self.at <= self.text.bytes.len() {
            let Some((start, end)) = self.regex.find_in(&self.text, self.at) else {
                self.at = usize::MAX;
                return None;
            };
            let mut accept = true;
            if end == self.at {
                // An empty match here: it counts unless it touches the previous one.
                accept = self.previous_end != Some(start);
                self.at += self.text.width(self.at).max(1);
            } else {
                self.at = end;
            }
            self.previous_end = Some(end);
            if accept {
                return Some(self.text.original(start)..self.text.original(end));
            }
        }
        None
    }
}

/// Replaces every match; see [`Regex::replace_all_with`]. Without `groups` only the whole match
/// is looked for, which is cheaper.
pub(super) fn replace<E>(
    regex: &Regex,
    haystack: &[u8],
    groups: bool,
    out: &mut Vec<u8>,
    mut replacement: impl FnMut(&Captures, &mut Vec<u8>) -> Result<(), E>,
) -> Result<bool, E> {
    if regex.rejects(haystack) {
        return Ok(false);
    }
    let text = regex.core.text(haystack);
    let mut captures = Captures::new();
    let mut at = 0;
    let mut last_end = 0;
    let mut found = false;
    while at <= text.bytes.len() {
        if groups {
            if !regex.captures_in(&text, at, &mut captures) {
                break;
            }
        } else {
            let Some(span) = regex.find_in(&text, at) else { break };
            captures.clear(1);
            captures.set_whole(span, &text);
        }
        found = true;
        let (start, end) = captures.span();
        out.extend_from_slice(&haystack[text.original(last_end)..text.original(start)]);
        if end > last_end || start == 0 {
            replacement(&captures, out)?;
        }
        last_end = end;
        at = end.max(at + text.width(at).max(1));
    }
    if found {
        out.extend_from_slice(&haystack[text.original(last_end)..]);
    }
    Ok(found)
}
