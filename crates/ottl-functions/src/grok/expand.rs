//! From a grok pattern to a regular expression.
//!
//! A reference is `%{PATTERN}`, `%{PATTERN:name}` or `%{PATTERN:name:type}`; anything else stays as it stands. The pattern
//! that it names takes its place, as a group, with the references of that in turn.
//!
//! COMPAT: the reference replaces in rounds: each takes the references that the text has when it begins, one after the other,
//! and replaces a reference wherever its text stands, so also where an earlier one of the round brought it in. That shows
//! only in the type of a name that is given several: the one that was met last counts. So the rounds are those of the
//! reference here, each in one pass over the pieces.
//!
//! INVARIANT: the pieces have at most as many bytes as were granted, and are nested at most as deep as groups may be; so rounds
//! are few, and each is short.

use std::collections::HashMap;

use ottl_regex::MAX_NESTING;

use super::{DOT, Definitions, GrokError};

/// How long an expression that stands in the rules may become, in bytes.
pub(crate) const EXPANDED: usize = 1 << 20;

/// The same for a pattern that is known at run time only.
pub(crate) const EXPANDED_AT_RUN_TIME: usize = 1 << 17;

/// An expanded pattern.
pub(super) struct Expanded<'d> {
    pub(super) expression: Vec<u8>,
    /// The types of groups, by the names that they have in the expression.
    pub(super) kinds: HashMap<Vec<u8>, &'d [u8]>,
}

/// A reference to a pattern.
#[derive(Clone, Copy)]
struct Reference<'d> {
    /// All of it between the braces.
    text: &'d [u8],
    pattern: &'d [u8],
    name: Option<&'d [u8]>,
    kind: Option<&'d [u8]>,
}

impl<'d> Reference<'d> {
    /// The reference at the start of a text that begins with `%{`, and how long it is.
    fn at_start(text: &'d [u8]) -> Option<(Reference<'d>, usize)> {
        let word = |from: usize, more: &[u8]| {
            let of_word = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte == b'_' || more.contains(byte);
            let len = text[from..].iter().take_while(of_word).count();
            (len > 0).then_some(from + len)
        };
        let part = |from: usize, more: &[u8]| match text.get(from) {
            Some(b':') => word(from + 1, more).map(|end| (Some(&text[from + 1..end]), end)),
            _ => Some((None, from)),
        };
        let pattern = word(2, b"")?;
        let (name, after_name) = part(pattern, b"+.")?;
        let (kind, end) = if name.is_some() { part(after_name, b"")? } else { (None, after_name) };
        let found = Reference { text: &text[2..end], pattern: &text[2..pattern], name, kind };
        (text.get(end) == Some(&b'}')).then_some((found, end + 1))
    }

    /// The name of its group, as it may stand in an expression.
    fn group(&self) -> Vec<u8> {
        let name = self.name.unwrap_or(self.pattern);
        let mut group = Vec::with_capacity(name.len());
        for &byte in name {
            if byte == b'.' { group.extend_from_slice(DOT) } else { group.push(byte) }
        }
        group
    }

    /// What its group begins with.
    fn opening(&self, named_only: bool) -> Vec<u8> {
        match self.name {
            None if named_only => b"(".to_vec(),
            _ => [b"(?P<", &*self.group(), b">"].concat(),
        }
    }
}

/// A piece of a pattern on its way.
#[derive(Clone, Copy)]
enum Piece<'d> {
    Text(&'d [u8]),
    Reference(Reference<'d>),
    /// The start of the group that took the place of a reference.
    Open(Reference<'d>),
    Close,
}

/// The pieces of a pattern as it was written.
fn pieces(pattern: &[u8]) -> Vec<Piece<'_>> {
    let (mut pieces, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(found) = memchr::memmem::find(&pattern[at..], b"%{") {
        let here = at + found;
        let Some((reference, len)) = Reference::at_start(&pattern[here..]) else {
            at = here + 1;
            continue;
        };
        if start < here {
            pieces.push(Piece::Text(&pattern[start..here]));
        }
        pieces.push(Piece::Reference(reference));
        (start, at) = (here + len, here + len);
    }
    if start < pattern.len() {
        pieces.push(Piece::Text(&pattern[start..]));
    }
    pieces
}

/// Expands the pattern; the expression has at most `longest` bytes.
///
/// # Errors
/// A pattern that is not defined, an expression that is too long or nested too deeply.
pub(super) fn expand<'d>(
    pattern: &'d [u8],
    definitions: &'d Definitions,
    longest: usize,
) -> Result<Expanded<'d>, GrokError> {
    let mut kinds = HashMap::new();
    let mut known = HashMap::new();
    let mut current = pieces(pattern);
    loop {
        let mut places: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for (place, reference) in current.iter().filter_map(reference_of).enumerate() {
            places.entry(reference.text).or_default().push(place);
            if let Some(kind) = reference.kind {
                kinds.insert(reference.group(), kind);
            }
            if !known.contains_key(reference.pattern) {
                let unknown = || GrokError::Unknown(String::from_utf8_lossy(reference.pattern).into_owned());
                known.insert(reference.pattern, pieces(definitions.find(reference.pattern).ok_or_else(unknown)?));
            }
        }
        if places.is_empty() {
            break;
        }
        current = Round { known: &known, places, longest, named_only: definitions.named_only }.run(&current)?;
    }
    let mut expression = Vec::with_capacity(longest.min(pattern.len() * 2));
    for piece in &current {
        match piece {
            Piece::Text(text) => expression.extend_from_slice(text),
            Piece::Reference(_) => {}
            Piece::Open(reference) => expression.extend_from_slice(&reference.opening(definitions.named_only)),
            Piece::Close => expression.push(b')'),
        }
    }
    Ok(Expanded { expression, kinds })
}

fn reference_of<'p, 'd>(piece: &'p Piece<'d>) -> Option<&'p Reference<'d>> {
    if let Piece::Reference(reference) = piece { Some(reference) } else { None }
}

/// One round of replacements.
struct Round<'r, 'd> {
    /// The pieces of the patterns that are named.
    known: &'r HashMap<&'d [u8], Vec<Piece<'d>>>,
    /// At which places among the references of this round each text stands, in order.
    places: HashMap<&'d [u8], Vec<usize>>,
    longest: usize,
    named_only: bool,
}

impl<'d> Round<'_, 'd> {
    fn run(&self, pieces: &[Piece<'d>]) -> Result<Vec<Piece<'d>>, GrokError> {
        let mut out = Vec::with_capacity(pieces.len() * 2);
        let (mut len, mut depth) = (0usize, 0);
        for &piece in pieces {
            // What is yet to come, each with the place of the replacement that brought it in: with none a reference is
            // replaced at its first place.
            let mut stack = vec![(piece, None)];
            while let Some((piece, came)) = stack.pop() {
                len += match piece {
                    Piece::Text(text) => text.len(),
                    Piece::Reference(reference) => reference.text.len() + 3,
                    Piece::Open(reference) => {
                        depth += 1;
                        if self.named_only && reference.name.is_none() { 1 } else { reference.text.len() + 5 }
                    }
                    Piece::Close => {
                        depth -= 1;
                        1
                    }
                };
                if len > self.longest {
                    return Err(GrokError::TooLong);
                }
                if depth > MAX_NESTING {
                    return Err(GrokError::Nesting);
                }
                let Piece::Reference(reference) = piece else {
                    out.push(piece);
                    continue;
                };
                let Some((place, pattern)) = self.replaced(&reference, came) else {
                    out.push(piece);
                    continue;
                };
                stack.push((Piece::Close, None));
                stack.extend(pattern.iter().rev().map(|&piece| (piece, Some(place))));
                stack.push((Piece::Open(reference), None));
            }
        }
        Ok(out)
    }

    /// At which place a reference is replaced, if it is in this round, and by what.
    fn replaced(&self, reference: &Reference<'d>, came: Option<usize>) -> Option<(usize, &[Piece<'d>])> {
        let places = self.places.get(reference.text)?;
        let place = places[came.map_or(0, |came| places.partition_point(|&place| place <= came))..].first()?;
        Some((*place, self.known.get(reference.pattern)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(pattern: &str, own: &[&str], named_only: bool) -> String {
        let own = own.iter().map(|text| text.as_bytes());
        let definitions = Definitions::new(own, named_only).expect("definitions");
        match expand(pattern.as_bytes(), &definitions, 10_000) {
            Ok(Expanded { expression, kinds }) => {
                let mut kinds: Vec<_> =
                    kinds.iter().map(|(name, kind)| [name, *kind].map(String::from_utf8_lossy).join(":")).collect();
                kinds.sort();
                kinds.insert(0, String::from_utf8_lossy(&expression).into_owned());
                kinds.join(" ")
            }
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn expressions() {
        let own = &["A=a%{B}", "B=b", "C=c%{B:x:string}", "L=l%{L}", "M=%{M}%{M}", "=e", "P=%{"];
        for (pattern, want, named) in [
            ("%{A} %{B:n.o:int}", "(?P<A>a(?P<B>b)) (?P<n___o>b) n___o:int", "(a(b)) (?P<n___o>b) n___o:int"),
            ("%{A:}%{B:x:}%{}%{B:x:y:z}% {B}", "%{A:}%{B:x:}%{}%{B:x:y:z}% {B}", "%{A:}%{B:x:}%{}%{B:x:y:z}% {B}"),
            ("%{%{B}}%%{B}", "%{(?P<B>b)}%(?P<B>b)", "%{(b)}%(b)"),
            ("%{P}B}", "(?P<P>%{)B}", "(%{)B}"),
            ("%{X}", "there is no pattern `X`", "there is no pattern `X`"),
            (
                "%{L}",
                "patterns are nested too deeply, or name themselves",
                "patterns are nested too deeply, or name themselves",
            ),
            ("%{M}", "the expanded expression is too long", "the expanded expression is too long"),
            // The type that is met last, round by round, is the one that counts.
            ("%{C}%{B:x:int}", "(?P<C>c(?P<x>b))(?P<x>b) x:string", "(c(?P<x>b))(?P<x>b) x:string"),
            // Brought in before its own place comes, it is replaced there, and the type behind that counts.
            (
                "%{C}%{B:x:string}%{B:x:int}",
                "(?P<C>c(?P<x>b))(?P<x>b)(?P<x>b) x:int",
                "(c(?P<x>b))(?P<x>b)(?P<x>b) x:int",
            ),
        ] {
            assert_eq!(expanded(pattern, own, false), want, "{pattern}");
            assert_eq!(expanded(pattern, own, true), named, "{pattern}, only named");
        }
    }
}
