//! Regular expressions and globs as arguments: compiled with the rules where they are literals, else when they are used.

use std::cell::RefCell;

use ottl_core::function::{CallContext, Const, Kernel, KeyFilter};
use ottl_core::{Arena, ArenaVec, ErrorKind, EvalError, Value};
use ottl_regex::{Glob, Regex, RegexCache, Template, meter};

use crate::arguments;

/// How many patterns known only at run time each thread remembers.
const PATTERNS: usize = 256;

/// Steps of a search that cost about as much as one step of a message.
const SEARCH_STEPS: u64 = 32;

thread_local! {
    static CACHE: RefCell<Option<RegexCache>> = const { RefCell::new(None) };
}

/// The regex of a literal argument.
///
/// # Errors
/// The regex parser's text.
pub(crate) fn literal_regex(pattern: &Const<'_>) -> Result<Option<Regex>, String> {
    pattern.as_str().map(Regex::shared).transpose().map_err(|error| error.to_string())
}

/// The kernel of an editor whose second argument is a pattern for keys, a literal or computed: pairs stay whose keys match, or
/// those whose keys do not.
pub(crate) fn filter_keys(literal: Option<Regex>, matching: bool) -> Kernel {
    match literal {
        Some(regex) if matching => Kernel::FilterKeys(KeyFilter::Matching(regex)),
        Some(regex) => Kernel::FilterKeys(KeyFilter::NotMatching(regex)),
        None => Kernel::edit_map(move |map, args, arena| {
            with_regex(None, arena, (arguments::any(args, 1), 1), |regex| {
                map.retain_keys(|key| regex.is_match(key) == matching);
                Ok(())
            })
        }),
    }
}

/// Runs `work` with the regex: the literal one, or that of a computed text, the argument of this number.
///
/// # Errors
/// A text that is no pattern; no more steps for searches; then those of `work`.
pub(crate) fn with_regex<'a, R>(
    literal: Option<&Regex>,
    arena: &Arena,
    (pattern, argument): (Value<'a>, usize),
    work: impl FnOnce(&Regex) -> Result<R, EvalError>,
) -> Result<R, EvalError> {
    match literal {
        Some(regex) => work(regex),
        None => with_computed(arena, text_of(pattern, argument)?, argument, work),
    }
}

fn with_computed<R>(
    arena: &Arena,
    pattern: &[u8],
    argument: usize,
    work: impl FnOnce(&Regex) -> Result<R, EvalError>,
) -> Result<R, EvalError> {
    let mut cache = CACHE.take().unwrap_or_else(|| RegexCache::new(PATTERNS));
    let result = match cache.regex(pattern) {
        Ok(regex) => metered(arena, || work(regex)),
        Err(error) => Err(EvalError::new(ErrorKind::BadPattern(error.kind().message())).of(argument)),
    };
    CACHE.set(Some(cache));
    result
}

/// Runs `work` with the glob: the literal one, or that of a computed text, the argument of this number.
///
/// # Errors
/// A text that is no glob; no more steps for searches; then those of `work`.
pub(crate) fn with_glob<'c, 'a, R>(
    cx: &mut CallContext<'c, 'a>,
    literal: Option<&Glob>,
    (pattern, argument): (Value<'a>, usize),
    work: impl FnOnce(&mut CallContext<'c, 'a>, &Glob) -> Result<R, EvalError>,
) -> Result<R, EvalError> {
    match literal {
        Some(glob) => work(cx, glob),
        None => {
            let glob = Glob::of_data(text_of(pattern, argument)?);
            let glob = glob.map_err(|_| EvalError::new(ErrorKind::BadText("glob")).of(argument))?;
            let arena = cx.arena();
            metered(arena, || work(cx, &glob))
        }
    }
}

/// The text with every match replaced by the expanded template, in the arena; `None` without a match.
///
/// # Errors
/// [`ErrorKind::Budget`].
#[inline]
pub(crate) fn replace_all<'a>(
    regex: &Regex,
    text: &[u8],
    template: &Template,
    arena: &'a Arena,
) -> Result<Option<&'a [u8]>, EvalError> {
    let replaced = regex.replace_all_into(text, template, |len| arena.vec_for(len))?;
    Ok(replaced.map(|text: ArenaVec<'a, u8>| &*text.into_slice()))
}

/// Runs `work`, which searches by patterns that data chose, and charges what that costs to the message.
///
/// # Errors
/// The message has no more steps; else those of `work`.
pub(crate) fn metered<R>(arena: &Arena, work: impl FnOnce() -> Result<R, EvalError>) -> Result<R, EvalError> {
    let granted = arena.work_left().saturating_mul(SEARCH_STEPS);
    let (result, taken) = meter::within(granted, work);
    arena.spend(taken.map_or(u64::MAX, |taken| taken / SEARCH_STEPS))?;
    result
}

fn text_of(pattern: Value<'_>, argument: usize) -> Result<&[u8], EvalError> {
    let misfit = || EvalError::new(ErrorKind::Type { expected: "string", got: pattern.type_name() }).of(argument);
    pattern.as_str().ok_or_else(misfit)
}
