//! `ExtractPatterns`: the named groups of a match.

use std::ops::Range;

use memchr::memmem;
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::value::Entry;
use ottl_core::{Arena, ArenaVec};
use ottl_core::{EvalError, Map, Value};
use ottl_regex::{Captures, Regex, TextPattern};

use crate::arguments;
use crate::pattern::{literal_regex, with_regex};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ExtractPatterns")
    .arg("target", ParamType::STRING, "the text")
    .arg("pattern", ParamType::STRING, "the regular expression (RE2 syntax) with named groups")
    .returns(Type::Map)
    .docs(
        "The named groups of the first match of a regular expression, as a map of texts.\n\nA group that took no \
         part is the empty text; of groups with one name the last counts. Without a match the map is empty. A \
         pattern without named groups is an error when the rule runs.",
    )
    .example(r#"ExtractPatterns("GET /a", "(?P<verb>[A-Z]+) (?P<path>.*)")"#, r#"{"verb":"GET","path":"/a"}"#)
    .compile(compile);

/// Compiles a literal pattern.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let Some(regex) = literal_regex(&args[1])? else { return Ok(Kernel::value(computed)) };
    let groups = named_groups(&regex);
    if groups.is_empty() {
        return Ok(Kernel::value(|_, args| arguments::text(args, 0).and_then(|_| Err(no_named_group()))));
    }
    // The names stand in the pattern, which lives longer than a message.
    let pattern = args[1].as_str().unwrap_or_default();
    let groups = groups.into_iter().map(|(name, number)| {
        let start = memmem::find(pattern, name).unwrap_or_default();
        (start..start + name.len(), number)
    });
    let groups: Box<[(Range<usize>, usize)]> = groups.collect();
    Ok(Kernel::extract(TextPattern::Matches(regex.clone()), move |ctx, args| {
        let text = arguments::text(args, 0)?;
        let pattern = arguments::text(args, 1)?;
        let name = |range: &Range<usize>| Ok(pattern.get(range.clone()).unwrap_or_default());
        extract(&regex, text, groups.iter().map(|(range, number)| (range, *number)), name, ctx.arena())
    }))
}

/// The names of groups in the order of their first occurrence, each with the number of the last group that has it.
fn named_groups(regex: &Regex) -> Vec<(&[u8], usize)> {
    let mut groups: Vec<(&[u8], usize)> = Vec::new();
    for (number, name) in regex.group_names().iter().enumerate() {
        let Some(name) = name.as_deref().filter(|name| !name.is_empty()) else { continue };
        match groups.iter_mut().find(|group| group.0 == name.as_bytes()) {
            Some(group) => group.1 = number,
            None => groups.push((name.as_bytes(), number)),
        }
    }
    groups
}

fn no_named_group() -> EvalError {
    EvalError::function("the pattern has no named group, such as `(?P<name>...)`").of(1)
}

/// What groups match in a text, under their names.
fn extract<'a, N>(
    regex: &Regex,
    text: &'a [u8],
    groups: impl ExactSizeIterator<Item = (N, usize)>,
    name: impl Fn(N) -> Result<&'a [u8], EvalError>,
    arena: &'a Arena,
) -> Result<Value<'a>, EvalError> {
    let mut captures = Captures::new();
    if !regex.captures(text, &mut captures) {
        return Ok(Value::Map(Map::EMPTY));
    }
    let mut entries: ArenaVec<'a, Entry<'a>> = arena.vec_for(groups.len())?;
    for (group, number) in groups {
        entries.push(Entry { key: name(group)?, value: Value::Str(captures.text(text, number)) })?;
    }
    Ok(Value::Map(Map::new(entries.into_slice())?))
}

/// A pattern that is known at run time only.
fn computed<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let arena = ctx.arena();
    with_regex(None, arena, (arguments::any(args, 1), 1), |regex| {
        let groups = named_groups(regex);
        if groups.is_empty() {
            return Err(no_named_group());
        }
        extract(regex, text, groups.into_iter(), |name: &[u8]| Ok(&*arena.copy(name)?), arena)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Nil, Str};

    use crate::test_call::{check, refuses};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"a=1"), Str(br"(?P<k>\w)=(?P<v>\d)")], "{k: \"a\", v: \"1\"}"),
                (&[Str(b"x"), Str(b"(?<k>a)?x(?<l>b)?")], "{k: \"\", l: \"\"}"),
                (&[Str(b"ab"), Str(b"(?P<k>a)(?P<k>b)")], "{k: \"b\"}"),
                (&[Str(b"z"), Str(b"(?P<k>a)")], "{}"),
                (&[Str(b"a"), Str(b"(a)")], "error"),
                (&[Nil, Str(b"(?P<k>a)")], "error"),
                (&[Str(b"a"), Nil], "error"),
            ],
        );
    }

    #[test]
    fn literals_that_do_not_compile() {
        refuses(&DEF, &[&[Str(b""), Str(b"(")]]);
    }
}
