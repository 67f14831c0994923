//! Go's `regexp` (RE2 syntax, leftmost-first) over byte strings.
//!
//! [`Pattern::check`] decides validity as the reference does; [`Regex`] matches. Making a regex checks the pattern and
//! recognises literals. Everything else is made from the text at the first use that needs it, automata also by
//! [`Regex::warm_up`], once per pattern text and process when the regex comes from [`Regex::shared`]: of the many
//! patterns of a large rule set most are never searched for.
//!
//! A [`Regex`] is `Send + Sync` and never changes. Captures and searches in long texts take
//! scratch memory from a pool inside; the thread that used a handle first gets its scratch
//! without contention, so give every worker its own clone: clones share the automata, not the
//! pool.
//!
//! Texts may hold any bytes. As in Go, a byte that is not valid UTF-8 counts as one character
//! U+FFFD; see `text` for the price. Differences from the reference: nesting is limited to
//! [`MAX_NESTING`] levels, tree and program to 64 MiB, and the Unicode tables are newer.

#[cfg(test)]
pub(crate) mod agreement;
pub mod budget;
mod captures;
mod class;
mod core;
#[cfg(feature = "perf")]
mod dense;
#[cfg(not(feature = "perf"))]
#[path = "no_dense.rs"]
mod dense;
mod engine;
mod error;
mod few;
mod iter;
mod literal;
pub mod meter;
mod needed;
mod needle;
mod parse;
mod program;
mod required;
mod search;
mod sequence;
mod shared;
mod states;
mod text;
mod words;

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, OnceLock};

use regex_automata::meta;

pub use self::captures::Captures;
pub use self::error::{ErrorKind, RegexError};
pub(crate) use self::few::{FewLiterals, TwoBytes};
pub use self::iter::{FindIter, Replaced};
pub use self::needed::NeededBytes;
pub use self::needle::find_byte;
pub(crate) use self::needle::rarity;
use self::parse::Groups;
pub use self::parse::MAX_NESTING;
pub(crate) use self::required::{Place, Required};
pub use self::shared::{RegexCache, WeighedCache};
pub(crate) use self::text::char_at;

use self::core::{Core, MAX_WEIGHT};
use self::engine::Engine;
use self::search::Search;
use self::sequence::{Fuel, Sequence};
use self::text::Text;
use crate::set::TextPattern;
use crate::sink::TextSink;
use crate::template::Template;

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
        let parsed = parse::parse(pattern.as_ref(), MAX_WEIGHT, Groups::All)?;
        Ok(Checked { group_names: parsed.names })
    }
}

/// A compiled pattern.
///
/// ```
/// use ottl_regex::Regex;
///
/// let regex = Regex::new(r"user-(\d+)")?;
/// assert!(regex.is_match(b"GET /user-42"));
/// assert_eq!(regex.find(b"GET /user-42"), Some(5..12));
/// # Ok::<(), ottl_regex::RegexError>(())
/// ```
pub struct Regex {
    core: Arc<Core>,
    /// This handle's view of the meta engine, with a scratch pool of its own.
    meta: OnceLock<meta::Regex>,
}

impl Regex {
    /// Parses and checks the pattern. The automata are built later, when they are needed.
    ///
    /// # Errors
    /// A pattern that the reference refuses, or whose automaton exceeds our limit.
    pub fn new(pattern: impl AsRef<[u8]>) -> Result<Regex, RegexError> {
        Ok(Regex::from_core(Arc::new(Core::new(pattern.as_ref(), Groups::All, false)?)))
    }

    /// Like [`Regex::new`] for a pattern that data chose: it may weigh less, starts without automata, and never gets any if
    /// it is large. What its searches cost is bounded by [`meter::within`].
    ///
    /// # Errors
    /// As [`Regex::new`].
    pub fn of_data(pattern: impl AsRef<[u8]>) -> Result<Regex, RegexError> {
        Ok(Regex::from_core(Arc::new(Core::new(pattern.as_ref(), Groups::All, true)?)))
    }

    /// Like [`Regex::new`], but equal pattern texts share one automaton in the whole process for
    /// as long as one of them is alive.
    ///
    /// # Errors
    /// As [`Regex::new`].
    pub fn shared(pattern: impl AsRef<[u8]>) -> Result<Regex, RegexError> {
        Regex::interned(pattern.as_ref(), Groups::All)
    }

    /// Like [`Regex::shared`], but parentheses without a name are no groups: nobody can ask for their part of a match, and
    /// the pattern weighs less and is searched for in less time.
    ///
    /// # Errors
    /// As [`Regex::new`].
    pub fn shared_with_names(pattern: &[u8]) -> Result<Regex, RegexError> {
        Regex::interned(pattern, Groups::Named)
    }

    /// Like [`Regex::of_data`], and parentheses without a name are no groups.
    ///
    /// # Errors
    /// As [`Regex::new`].
    pub fn of_data_with_names(pattern: &[u8]) -> Result<Regex, RegexError> {
        Ok(Regex::from_core(Arc::new(Core::new(pattern, Groups::Named, true)?)))
    }

    fn interned(pattern: &[u8], groups: Groups) -> Result<Regex, RegexError> {
        let regex = shared::intern(pattern, groups).map(Regex::from_core)?;
        if budget::charge(regex.pattern(), regex.weight()) {
            Ok(regex)
        } else {
            Err(RegexError::at(ErrorKind::TooManyPatterns, pattern, 0, pattern.len()))
        }
    }

    fn from_core(core: Arc<Core>) -> Regex {
        Regex { core, meta: OnceLock::new() }
    }

    /// Builds the automata now instead of at the first search, if the pattern is to have them at once.
    pub fn warm_up(&self) {
        if let Some(engine) = self.core.engine() {
            self.meta(engine);
        }
    }

    /// An estimate of what the pattern takes without automata once it has been used, in bytes.
    pub fn weight(&self) -> u64 {
        self.core.weight
    }

    /// The pattern text.
    pub fn pattern(&self) -> &[u8] {
        &self.core.pattern
    }

    /// The question about a literal that the pattern asks, if that is all it does: `^a\\.` asks whether a text begins with `a.`.
    pub fn literal(&self) -> Option<TextPattern> {
        self.required().filter(|required| required.suffices)?.question()
    }

    /// A question to which every text that matches answers yes, and which costs little, above all among others in a
    /// [`PatternSet`](crate::PatternSet): about a literal, or the pattern itself, if it is soon told from most texts.
    pub fn needed(&self) -> Option<TextPattern> {
        let required = self.required();
        let literal = required.as_ref().and_then(Required::question);
        let is_cheap = || required.is_some() || self.core.required.is_some();
        literal.or_else(|| is_cheap().then(|| TextPattern::Matches(self.clone())))
    }

    /// Whether every text that matches has a byte that is none of these; false also where that cannot be told.
    ///
    /// ```
    /// use ottl_regex::Regex;
    ///
    /// assert!(Regex::new("^(cart|shop)-[0-9]+$")?.needs_other_than(b"-.0123456789"));
    /// assert!(!Regex::new("^1[0-9]*$")?.needs_other_than(b"-.0123456789"));
    /// # Ok::<(), ottl_regex::RegexError>(())
    /// ```
    pub fn needs_other_than(&self, bytes: &[u8]) -> bool {
        let is_other = |byte: &u8| !bytes.contains(byte);
        self.required().is_some_and(|required| required.literals.iter().all(|needed| needed.bytes.iter().any(is_other)))
    }

    /// What a text has to have to match, as far as it can be told.
    pub(crate) fn required(&self) -> Option<Required> {
        self.core.with_tree(|tree| required::required(tree, self.core.literal.as_ref()))
    }

    /// Two bytes that every match has at their distance, if there are some that tell much.
    pub(crate) fn two_bytes(&self) -> Option<TwoBytes> {
        let fixed = self.core.sequence().and_then(Sequence::two_bytes);
        fixed.or_else(|| self.required_byte().filter(|byte| rarity(*byte) > rarity(b'=')).map(TwoBytes::one))
    }

    /// Hands over the tree.
    pub(crate) fn with_tree<R>(&self, work: impl FnOnce(&regex_syntax::hir::Hir) -> R) -> R {
        self.core.with_tree(work)
    }

    /// An ASCII byte that every match contains, the rarest of them, if there is one: a text without it does not match.
    #[inline]
    pub fn required_byte(&self) -> Option<u8> {
        self.core.required
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

    fn meta(&self, engine: &Engine) -> &meta::Regex {
        self.meta.get_or_init(|| engine.meta.clone())
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
        if let Some(words) = &self.core.words {
            return words.is_match(haystack);
        }
        if let Some(sequence) = self.core.sequence() {
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
        let engine = match self.core.run(haystack, 0, &mut []) {
            Ok(found) => return found,
            Err(engine) => engine,
        };
        let meta = self.meta(engine);
        // What matches here is valid UTF-8, so it matches in the rewritten text too; only a "no"
        // needs the second look.
        if !self.core.may_be_empty {
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
        if let Some(literal) = &self.core.literal {
            return !literal.has_places() && !literal.is_match(haystack);
        }
        match self.core.sequence() {
            Some(sequence) => sequence.rejects(haystack),
            None => self.core.lacks_required(haystack),
        }
    }

    /// The same where what it would save is a call at least.
    #[inline]
    fn rejects_at_once(&self, haystack: &[u8]) -> bool {
        match (&self.core.literal, self.core.sequence()) {
            (None, Some(sequence)) => sequence.rejects_at_once(haystack),
            _ => self.rejects(haystack),
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

    /// The text with every match replaced by the expanded template, put into what `make` gives for a text of about so many
    /// bytes; without a match `make` is not called and the result is `None`.
    ///
    /// # Errors
    /// Those of `make` and of the sink.
    #[inline]
    pub fn replace_all_into<S: TextSink>(
        &self,
        haystack: &[u8],
        template: &Template,
        make: impl Fn(usize) -> Result<S, S::Error>,
    ) -> Result<Option<S>, S::Error> {
        let replaced = self.replace(haystack, template, false, &make)?;
        let pieces = match replaced {
            None => return Ok(None),
            Some(Replaced::Text(text)) => return Ok(Some(text)),
            Some(Replaced::Once(pieces)) => pieces,
        };
        let mut out = make(pieces.iter().map(|piece| piece.len()).sum())?;
        pieces.iter().try_for_each(|piece| out.push_bytes(piece))?;
        Ok(Some(out))
    }

    /// The same, but a text with one match is not put together if what replaces it is always the same; then `make` is not called.
    /// With `is_likely` there is no first look at whether a text may match.
    ///
    /// # Errors
    /// Those of `make` and of the sink.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn replace<'t, S: TextSink>(
        &self,
        haystack: &'t [u8],
        template: &'t Template,
        is_likely: bool,
        make: impl FnOnce(usize) -> Result<S, S::Error>,
    ) -> Result<Option<Replaced<'t, S>>, S::Error> {
        if !is_likely && self.rejects_at_once(haystack) {
            Ok(None)
        } else {
            self.replace_unless_absent(haystack, template, make)
        }
    }

    // PERF (redaction): most texts are rejected, and that test alone is to stand where this is called.
    #[inline(never)]
    fn replace_unless_absent<'t, S: TextSink>(
        &self,
        haystack: &'t [u8],
        template: &'t Template,
        make: impl FnOnce(usize) -> Result<S, S::Error>,
    ) -> Result<Option<Replaced<'t, S>>, S::Error> {
        match template.text() {
            // PERF (metrics): neither this match is looked for once more, nor another one behind it.
            Some(text)
                if let Some(behind) = self.core.literal.as_ref().and_then(|literal| literal.behind(haystack)) =>
            {
                Ok(Some(Replaced::Once([&[], text, behind])))
            }
            Some(text) => iter::replace(&mut Search::new(self, haystack), text, make),
            None => Ok(self.expand_all_into(haystack, template, make)?.map(Replaced::Text)),
        }
    }

    fn expand_all_into<S: TextSink>(
        &self,
        haystack: &[u8],
        template: &Template,
        make: impl FnOnce(usize) -> Result<S, S::Error>,
    ) -> Result<Option<S>, S::Error> {
        let (mut make, mut sink) = (Some(make), None);
        let rest = iter::visit(self, haystack, template.uses_groups(), |hit| {
            if let Some(make) = make.take() {
                sink = Some(make(haystack.len())?);
            }
            let Some(out) = &mut sink else { return Ok(()) };
            out.push_bytes(hit.gap)?;
            match hit.replaced {
                Some(captures) => template.expand(haystack, captures, self, |part| out.push_bytes(part)),
                None => Ok(()),
            }
        })?;
        if let (Some(rest), Some(out)) = (rest, &mut sink) {
            out.push_bytes(rest)?;
        }
        Ok(sink)
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
    fn giants_within_the_limit_work() {
        for pattern in [r"(?:\pL{30}){30}", r"(?:\pL{10}\PL{90}){10}(?:\pL|\PL\pL){1000}"] {
            assert!(!Regex::new(pattern).expect("within the limit").is_match(b"short"), "{pattern}");
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
    fn patterns_of_a_rule_set_share_a_budget() {
        let weight = Regex::new("budget[a-z]+").expect("valid").weight();
        budget::within(2 * weight, || {
            for pattern in ["budget[a-z]+", "budget[a-y]+", "budget[a-z]+"] {
                assert!(Regex::shared(pattern).is_ok(), "{pattern}");
            }
            let error = Regex::shared("budget[a-x]+").expect_err("one too many");
            assert_eq!(error.kind(), ErrorKind::TooManyPatterns);
        });
        assert!(Regex::shared("budget[a-x]+").is_ok(), "nobody counts");
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
