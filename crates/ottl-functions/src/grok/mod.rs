//! Grok: regular expressions made of named patterns, and what their groups become.
//!
//! A grok pattern is expanded to one regular expression ([`expand`]), with the patterns of the library ([`library`]) and those
//! of the call. Groups are converted as the reference's library does it: empty ones are left out, and of groups with one name
//! the last that holds something counts.
//!
//! Deliberately elsewhere: where call sites keep what they compiled (`converters::extract_grok_patterns`).

mod expand;
mod library;

use std::collections::HashMap;
use std::ops::ControlFlow;

use ottl_core::ops::{Coercion, coerce};
use ottl_core::value::Entry;
use ottl_core::{Arena, ArenaVec, EvalError, Map, Value};
use ottl_regex::{Captures, PatternSet, Regex, RegexError, TextPattern};

use self::expand::expand;
pub(crate) use self::expand::{EXPANDED, EXPANDED_AT_RUN_TIME};

/// What stands for a dot in the name of a group, which cannot have one.
const DOT: &[u8] = b"___";

/// The patterns of one call beside those of the library, and which references are groups.
#[derive(Debug, Default)]
pub(crate) struct Definitions {
    own: HashMap<Box<[u8]>, Box<[u8]>>,
    /// Whether only references with a name of their own are groups.
    named_only: bool,
}

impl Definitions {
    /// The definitions of a call, each `NAME=pattern`.
    ///
    /// # Errors
    /// A definition without `=`, or with `:` in its name.
    pub(crate) fn new<'v>(texts: impl Iterator<Item = &'v [u8]>, named_only: bool) -> Result<Definitions, String> {
        let mut own = HashMap::new();
        for (i, text) in texts.enumerate() {
            let Some(at) = text.iter().position(|&byte| byte == b'=') else {
                let text = String::from_utf8_lossy(text);
                let shown: String = text.chars().take(20).collect();
                let more = if shown.len() < text.len() { "..." } else { "" };
                return Err(format!("the definition \"{shown}{more}\" (number {i}) is not of the form NAME=pattern"));
            };
            let name = &text[..at];
            if name.contains(&b':') {
                return Err(format!("the name \"{}\" of a pattern has a `:`", String::from_utf8_lossy(name)));
            }
            own.insert(name.into(), text[at + 1..].into());
        }
        Ok(Definitions { own, named_only })
    }

    /// What the name stands for.
    fn find(&self, name: &[u8]) -> Option<&[u8]> {
        self.own.get(name).map(|pattern| &**pattern).or_else(|| library::find(name))
    }
}

/// Why a grok pattern cannot be used.
#[derive(Debug)]
pub(crate) enum GrokError {
    /// It names a pattern that nobody defined.
    Unknown(String),
    /// Patterns are nested too deeply, or name themselves.
    Nesting,
    /// The expression would be too long.
    TooLong,
    /// The expression is none.
    Regex(RegexError),
    /// Only named groups were asked for, and there is none.
    NoGroups,
}

impl std::fmt::Display for GrokError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            GrokError::Unknown(name) => write!(f, "there is no pattern `{name}`"),
            GrokError::Regex(error) => write!(f, "the expanded expression is invalid: {error}"),
            other => f.write_str(other.message()),
        }
    }
}

impl GrokError {
    /// The text without names.
    pub(crate) fn message(&self) -> &'static str {
        match self {
            GrokError::Unknown(_) => "it names a pattern that is not defined",
            GrokError::Nesting => "patterns are nested too deeply, or name themselves",
            GrokError::TooLong => "the expanded expression is too long",
            GrokError::Regex(error) => error.kind().message(),
            GrokError::NoGroups => "it has no named group",
        }
    }
}

/// What a group becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Converted(Coercion),
    /// The type is none that there is.
    Unknown,
}

impl Kind {
    fn of(name: &[u8]) -> Kind {
        match name {
            b"string" => Kind::Text,
            b"int" | b"long" => Kind::Converted(Coercion::IntLike),
            b"float" | b"double" => Kind::Converted(Coercion::FloatLike),
            b"bool" | b"boolean" => Kind::Converted(Coercion::BoolLike),
            _ => Kind::Unknown,
        }
    }
}

#[derive(Debug)]
struct Group {
    number: usize,
    key: Box<[u8]>,
    kind: Kind,
}

/// A compiled grok pattern.
#[derive(Debug)]
pub(crate) struct Grok {
    regex: Regex,
    /// Tells texts that cannot match by the literals that the expression needs, without a search.
    filter: PatternSet,
    groups: Box<[Group]>,
}

impl Grok {
    /// Expands the pattern to at most `longest` bytes and compiles it by `compile`.
    ///
    /// # Errors
    /// See [`GrokError`].
    pub(crate) fn new(
        pattern: &[u8],
        definitions: &Definitions,
        longest: usize,
        compile: impl FnOnce(&[u8]) -> Result<Regex, RegexError>,
    ) -> Result<Grok, GrokError> {
        let expanded = expand(pattern, definitions, longest)?;
        let regex = compile(&expanded.expression).map_err(GrokError::Regex)?;
        let groups = regex.group_names().iter().enumerate().filter_map(|(number, name)| {
            let name = name.as_deref().filter(|name| !name.is_empty())?.as_bytes();
            let kind = expanded.kinds.get(name).map_or(Kind::Text, |kind| Kind::of(kind));
            Some(Group { number, key: with_dots(name), kind })
        });
        let groups: Box<[Group]> = groups.collect();
        if definitions.named_only && groups.is_empty() {
            return Err(GrokError::NoGroups);
        }
        let filter = PatternSet::new([TextPattern::Matches(regex.clone())]);
        Ok(Grok { regex, filter, groups })
    }

    /// What the compiled pattern takes, in bytes; see [`Regex::weight`].
    pub(crate) fn weight(&self) -> u64 {
        let groups: usize = self.groups.iter().map(|group| size_of::<Group>() + group.key.len()).sum();
        self.regex.weight() + groups as u64
    }

    /// The expanded expression.
    pub(crate) fn pattern(&self) -> TextPattern {
        TextPattern::Matches(self.regex.clone())
    }

    /// The groups of the first match as a map; an empty one without a match.
    ///
    /// # Errors
    /// A group that is not of its type; [`ottl_core::ErrorKind::Budget`].
    pub(crate) fn extract<'a>(&self, text: &'a [u8], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        let (mut captures, mut may_match) = (Captures::new(), false);
        self.filter.visit_candidates(text, |_| {
            may_match = true;
            ControlFlow::Break(())
        });
        if !may_match || !self.regex.captures(text, &mut captures) {
            return Ok(Value::Map(Map::EMPTY));
        }
        let mut entries: ArenaVec<'a, Entry<'a>> = arena.vec();
        for group in &self.groups {
            let found = captures.text(text, group.number);
            if found.is_empty() {
                continue;
            }
            let value = match group.kind {
                Kind::Text => Value::Str(found),
                Kind::Converted(to) => coerce(to, Value::Str(found), arena).map_err(|error| error.of(0))?,
                Kind::Unknown => return Err(EvalError::function("a group of the pattern has an unknown type").of(1)),
            };
            match entries.iter_mut().find(|entry| *entry.key == *group.key) {
                Some(entry) => entry.value = value,
                None => entries.push(Entry { key: arena.copy(&group.key)?, value })?,
            }
        }
        Ok(Value::Map(Map::new(entries.into_slice())?))
    }
}

/// The name of a group as it stands in the result.
fn with_dots(name: &[u8]) -> Box<[u8]> {
    let mut key = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some(at) = memchr::memmem::find(rest, DOT) {
        key.extend_from_slice(&rest[..at]);
        key.push(b'.');
        rest = &rest[at + DOT.len()..];
    }
    key.extend_from_slice(rest);
    key.into()
}

#[cfg(all(test, feature = "grok"))]
mod tests {
    use super::*;

    /// Every pattern of the library can be used, also at run time; one is no expression, in the reference neither.
    #[test]
    fn the_library_compiles() {
        let names = library::names();
        assert_eq!(names.len(), 245);
        for name in names {
            for named_only in [false, true] {
                let definitions = Definitions::new([].into_iter(), named_only).expect("none");
                let pattern = format!("%{{{name}:it}}");
                let compile = Regex::of_data_with_names;
                let grok = Grok::new(pattern.as_bytes(), &definitions, EXPANDED_AT_RUN_TIME / 8, compile);
                let refused = grok.err().map(|error| error.message());
                assert_eq!(refused, (name == "CISCOFW733100").then_some("unexpected )"), "{name}");
            }
        }
    }
}
