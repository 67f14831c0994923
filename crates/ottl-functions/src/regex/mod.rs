//! Go's `regexp` (RE2 syntax, leftmost-first) over byte strings.
//!
//! [`Pattern::check`] decides validity as the reference does; [`Regex`] matches. The automata are
//! built at the first use that needs them or by [`Regex::warm_up`], once per pattern text and process when the
//! regex comes from [`Regex::shared`].
//!
//! A [`Regex`] is `Send + Sync` and never changes. Captures and searches in long texts take
//! scratch memory from a pool inside; the thread that used a handle first gets its scratch
//! without contention, so give every worker its own clone: clones share the automata, not the
//! pool.
//!
//! Texts may hold any bytes. As in Go, a byte that is not valid UTF-8 counts as one character
//! U+FFFD; see `text` for the price. Differences from the reference: nesting is limited to
//! [`MAX_NESTING`] levels, automata to 64 MiB, and the Unicode tables are newer.

#[cfg(test)]
mod agreement;
mod captures;
mod class;
mod engine;
mod error;
mod iter;
mod literal;
mod needle;
mod parse;
mod search;
mod sequence;
mod shared;
mod text;

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, OnceLock};

use ottl_core::{Arena, EvalError};
use regex_automata::meta;
use regex_syntax::hir::Hir;

pub use self::captures::Captures;
pub use self::error::{ErrorKind, RegexError};
pub use self::iter::FindIter;
pub use self::parse::MAX_NESTING;
pub use self::shared::RegexCache;

use self::engine::Engine;
use self::literal::LiteralTest;
use self::search::Search;
use self::sequence::{Fuel, Sequence};
use self::text::Text;
use crate::replace_template::Template;

/// Patterns whose estimated automaton has more states than this are built at once, so that one
/// which is too large is refused when it is compiled and not when it is used.
const EAGER_COST: u64 = 100_000;

/// Validation of pattern text without building anything.
#[derive(Debug)]
pub struct Pattern;

/// What a valid pattern looks like from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Group names by group number; entry 0 is the whole match.
    pub group_names: Vec<Option<String>>,
}

impl Pattern {
    /// Parses the pattern and checks its limits.
    ///
    /// # Errors
    /// The reference's error for a pattern that it refuses.
    pub fn check(pattern: impl AsRef<[u8]>) -> Result<Checked, RegexError> {
        let parsed = parse::parse(pattern.as_ref())?;
        Ok(Checked { group_names: parsed.names })
    }
}

/// A compiled pattern.
///
/// ```
/// use ottl_functions::regex::Regex;
///
/// let regex = Regex::new(r"user-(\d+)")?;
/// assert!(regex.is_match(b"GET /user-42"));
/// assert_eq!(regex.find(b"GET /user-42"), Some(5..12));
/// # Ok::<(), ottl_functions::regex::RegexError>(())
/// ```
pub struct Regex {
    core: Arc<Core>,
    /// This handle's view of the meta engine, with a scratch pool of its own.
    meta: OnceLock<Option<meta::Regex>>,
}

struct Core {
    pattern: Box<[u8]>,
    hir: Hir,
    names: Vec<Option<String>>,
    literal: Option<LiteralTest>,
    sequence: Option<Sequence>,
    /// An ASCII byte that every match contains.
    required: Option<u8>,
    /// Whether invalid UTF-8 in a text can change the answer.
    wants_valid: bool,
    engine: OnceLock<Option<Engine>>,
}

impl Core {
    fn new(pattern: &[u8]) -> Result<Core, RegexError> {
        let parsed = parse::parse(pattern)?;
        let required = literal::required_byte(&parsed.hir);
        let core = Core {
            pattern: pattern.into(),
            literal: LiteralTest::recognise(&parsed.hir),
            sequence: Sequence::recognise(&parsed.hir, required),
            required,
            wants_valid: parsed.matches_replacement || parsed.hir.properties().minimum_len() == Some(0),
            hir: parsed.hir,
            names: parsed.names,
            engine: OnceLock::new(),
        };
        if parsed.cost > EAGER_COST && core.engine().is_none() {
            return Err(RegexError::at(ErrorKind::TooLarge, pattern, 0, pattern.len()));
        }
        Ok(core)
    }

    fn engine(&self) -> Option<&Engine> {
        self.engine.get_or_init(|| Engine::build(&self.hir)).as_ref()
    }

    /// Whether a cheap look tells that there is no match.
    fn lacks_required(&self, haystack: &[u8]) -> bool {
        self.required.is_some_and(|byte| needle::find_byte(haystack, byte).is_none())
    }

    fn text<'h>(&self, haystack: &'h [u8]) -> Text<'h> {
        if self.wants_valid { Text::checked(haystack) } else { Text::plain(haystack) }
    }
}

impl Regex {
    /// Parses and checks the pattern. The automata are built later, when they are needed.
    ///
    /// # Errors
    /// A pattern that the reference refuses, or whose automaton exceeds our limit.
    pub fn new(pattern: impl AsRef<[u8]>) -> Result<Regex, RegexError> {
        Ok(Regex::from_core(Arc::new(Core::new(pattern.as_ref())?)))
    }

    /// Like [`Regex::new`], but equal pattern texts share one automaton in the whole process for
    /// as long as one of them is alive.
    ///
    /// # Errors
    /// As [`Regex::new`].
    pub fn shared(pattern: impl AsRef<[u8]>) -> Result<Regex, RegexError> {
        shared::intern(pattern.as_ref()).map(Regex::from_core)
    }

    fn from_core(core: Arc<Core>) -> Regex {
        Regex { core, meta: OnceLock::new() }
    }

    /// Builds the automata now instead of at the first search.
    pub fn warm_up(&self) {
        self.meta();
    }

    /// The pattern text.
    pub fn pattern(&self) -> &[u8] {
        &self.core.pattern
    }

    /// Group names by group number; entry 0 is the whole match and has none. The same name may
    /// occur more than once.
    pub fn group_names(&self) -> &[Option<String>] {
        &self.core.names
    }

    /// Number of groups, the whole match included.
    pub fn group_count(&self) -> usize {
        self.core.names.len()
    }

    fn meta(&self) -> Option<&meta::Regex> {
        self.meta.get_or_init(|| self.core.engine().map(|engine| engine.meta.clone())).as_ref()
    }

    /// Whether the pattern matches anywhere in the text.
    #[inline]
    pub fn is_match(&self, haystack: &[u8]) -> bool {
        match &self.core.literal {
            Some(literal) => literal.is_match(haystack),
            None => self.is_match_beyond_literals(haystack),
        }
    }

    fn is_match_beyond_literals(&self, haystack: &[u8]) -> bool {
        if let Some(sequence) = &self.core.sequence {
            let mut fuel = Fuel::of(haystack.len());
            let answer = sequence.is_match(haystack, &mut fuel);
            if !fuel.is_spent() {
                return answer;
            }
        }
        self.is_match_by_automaton(haystack)
    }

    fn is_match_by_automaton(&self, haystack: &[u8]) -> bool {
        if self.core.lacks_required(haystack) {
            return false;
        }
        let (Some(engine), Some(meta)) = (self.core.engine(), self.meta()) else { return false };
        // What matches here is valid UTF-8, so it matches in the rewritten text too; only a "no"
        // needs the second look.
        if !self.core.wants_valid || self.core.hir.properties().minimum_len() != Some(0) {
            if engine.is_match(meta, haystack) {
                return true;
            }
            if !self.core.wants_valid || std::str::from_utf8(haystack).is_ok() {
                return false;
            }
        }
        engine.is_match(meta, &Text::checked(haystack).bytes)
    }

    /// Whether a cheap look tells that there is no match. Literals whose places are known are left to the search.
    #[inline]
    fn rejects(&self, haystack: &[u8]) -> bool {
        match (&self.core.literal, &self.core.sequence) {
            (Some(literal), _) => !literal.has_places() && !literal.is_match(haystack),
            (None, Some(sequence)) => sequence.rejects(haystack),
            (None, None) => self.core.lacks_required(haystack),
        }
    }

    /// The leftmost match, as a byte range of the text.
    pub fn find(&self, haystack: &[u8]) -> Option<std::ops::Range<usize>> {
        if self.rejects(haystack) {
            return None;
        }
        let (start, end) = Search::new(self, haystack).find(0)?;
        Some(start..end)
    }

    /// All matches that do not overlap, by Go's rules: an empty match directly behind the
    /// previous match does not count.
    pub fn find_iter<'r, 'h>(&'r self, haystack: &'h [u8]) -> FindIter<'r, 'h> {
        FindIter::new(self, haystack)
    }

    /// The leftmost match with its groups. Returns whether there is one; `captures` is
    /// overwritten and may be reused to save its allocation.
    pub fn captures(&self, haystack: &[u8], captures: &mut Captures) -> bool {
        if self.rejects(haystack) {
            captures.clear(self.group_count());
            return false;
        }
        Search::new(self, haystack).captures(0, captures)
    }

    /// Appends the text with every match replaced by the expanded template to `out` and returns
    /// `true`; without a match it returns `false` and leaves `out` alone.
    pub fn replace_all(&self, haystack: &[u8], template: &Template, out: &mut Vec<u8>) -> bool {
        let replaced = iter::visit(self, haystack, template.uses_groups(), |hit| {
            out.extend_from_slice(hit.gap);
            hit.replaced.map_or(Ok(()), |captures| {
                template.expand(haystack, captures, self, |part| {
                    out.extend_from_slice(part);
                    Ok::<(), Infallible>(())
                })
            })
        });
        let Ok(rest) = replaced;
        rest.map(|rest| out.extend_from_slice(rest)).is_some()
    }

    /// The text with every match replaced by the expanded template, in the arena; `None` without a match.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    #[inline]
    pub fn replace_all_in<'a>(
        &self,
        haystack: &[u8],
        template: &Template,
        arena: &'a Arena,
    ) -> Result<Option<&'a [u8]>, EvalError> {
        if self.rejects(haystack) { Ok(None) } else { self.replace_unless_absent(haystack, template, arena) }
    }

    fn replace_unless_absent<'a>(
        &self,
        haystack: &[u8],
        template: &Template,
        arena: &'a Arena,
    ) -> Result<Option<&'a [u8]>, EvalError> {
        let Some(text) = template.text() else { return self.expand_all_in(haystack, template, arena) };
        let mut search = Search::new(self, haystack);
        let Some(first) = search.find(0) else { return Ok(None) };
        iter::replace_in(&mut search, first, text, arena).map(Some)
    }

    fn expand_all_in<'a>(
        &self,
        haystack: &[u8],
        template: &Template,
        arena: &'a Arena,
    ) -> Result<Option<&'a [u8]>, EvalError> {
        let mut out = arena.vec();
        let rest = iter::visit(self, haystack, template.uses_groups(), |hit| {
            if out.is_empty() {
                out.reserve(haystack.len())?;
            }
            out.extend_from_slice(hit.gap)?;
            match hit.replaced {
                Some(captures) => template.expand(haystack, captures, self, |part| out.extend_from_slice(part)),
                None => Ok(()),
            }
        })?;
        let Some(rest) = rest else { return Ok(None) };
        out.extend_from_slice(rest)?;
        Ok(Some(out.into_slice()))
    }

    /// Like [`Regex::replace_all`], with the replacement appended by `replacement`, which sees
    /// the groups of each match.
    ///
    /// # Errors
    /// The first error of `replacement`; `out` then holds an unfinished text.
    pub fn replace_all_with<E>(
        &self,
        haystack: &[u8],
        out: &mut Vec<u8>,
        mut replacement: impl FnMut(&Captures, &mut Vec<u8>) -> Result<(), E>,
    ) -> Result<bool, E> {
        let rest = iter::visit(self, haystack, true, |hit| {
            out.extend_from_slice(hit.gap);
            hit.replaced.map_or(Ok(()), |captures| replacement(captures, out))
        })?;
        Ok(rest.map(|rest| out.extend_from_slice(rest)).is_some())
    }
}

impl Clone for Regex {
    /// Shares the automata; the scratch pool is the clone's own.
    fn clone(&self) -> Regex {
        Regex::from_core(Arc::clone(&self.core))
    }
}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Regex({:?})", String::from_utf8_lossy(&self.core.pattern))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_carry_kind_offset_and_fragment() {
        let table: &[(&str, ErrorKind, usize, &str)] = &[
            ("ab[c", ErrorKind::MissingBracket, 2, "[c"),
            ("a**", ErrorKind::InvalidRepeatOp, 1, "**"),
            ("x(?=y)", ErrorKind::InvalidPerlOp, 1, "(?="),
            ("(a", ErrorKind::MissingParen, 0, "(a"),
            ("a{1001}", ErrorKind::InvalidRepeatSize, 1, "{1001}"),
            (r"a\8", ErrorKind::InvalidEscape, 1, r"\8"),
            (r"a\", ErrorKind::TrailingBackslash, 2, ""),
        ];
        for (pattern, kind, offset, fragment) in table {
            let error = Pattern::check(pattern).expect_err(pattern);
            assert_eq!(error.kind(), *kind, "{pattern}");
            assert_eq!(error.offset(), *offset, "{pattern}");
            assert_eq!(error.fragment(), fragment.as_bytes(), "{pattern}");
        }
    }

    #[test]
    fn nesting_is_bounded_without_overflowing_a_stack() {
        for (open, close) in [("(", ")"), ("(?:a", "b)?"), ("(?:a|", "){1}")] {
            let nested = |depth: usize| format!("{}x{}", open.repeat(depth), close.repeat(depth));
            let regex = Regex::new(nested(80)).expect("shallow enough");
            assert!(Regex::new(nested(2000)).is_err(), "{open}");
            regex.warm_up();
            assert!(regex.is_match(b"aaaaxbbbb"), "{open}");
        }
    }

    #[test]
    fn giants_are_refused_or_work() {
        let giant = Regex::new(r"(?:\pL{30}){30}").expect("within the limit");
        assert!(!giant.is_match(b"short"));
        let error = Regex::new(r"(?:\pL{10}\PL{90}){10}(?:\pL|\PL\pL){1000}").map(|_| ());
        if let Err(error) = error {
            assert_eq!(error.kind(), ErrorKind::TooLarge);
        }
    }

    #[test]
    fn literal_shapes_need_no_automaton() {
        let shapes = [
            "foo",
            "^foo",
            "foo$",
            "^foo$",
            "(foo)",
            ".*foo.*",
            "^.*foo.*$",
            "^foo.*$",
            "(?s)^.*foo",
            "^(fo)o",
            "",
            "a?",
        ];
        for pattern in shapes {
            let regex = Regex::new(pattern).expect(pattern);
            assert!(regex.core.literal.is_some(), "{pattern}");
            regex.is_match(b"a foo b");
            assert!(regex.core.engine.get().is_none(), "{pattern}");
        }
        for pattern in ["fo+", "(?i)foo", "foo|bar", "^.*foo.*bar", r"\bfoo"] {
            assert!(Regex::new(pattern).expect(pattern).core.literal.is_none(), "{pattern}");
        }
    }

    #[test]
    fn equal_patterns_share_their_automaton() {
        let one = Regex::shared("sha+red").expect("valid");
        let two = Regex::shared("sha+red").expect("valid");
        assert!(Arc::ptr_eq(&one.core, &two.core));
        let mut cache = RegexCache::new(2);
        for pattern in ["a+", "b+", "c+", "a+"] {
            assert!(cache.regex(pattern.as_bytes()).expect("valid").is_match(b"abc"), "{pattern}");
        }
        assert!(cache.regex(b"(").is_err());
    }

    #[test]
    fn replacement_errors_stop() {
        let regex = Regex::new("a").expect("valid");
        let mut seen = 0;
        let result = regex.replace_all_with(b"aaa", &mut Vec::new(), |_, _| {
            seen += 1;
            if seen == 2 { Err("no") } else { Ok(()) }
        });
        assert_eq!((result, seen), (Err("no"), 2));
    }
}
