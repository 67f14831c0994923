//! `ExtractPatterns`: the named groups of a match.

use ottl_core::ArenaVec;
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::value::Entry;
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
    let literal = literal_regex(&args[1])?;
    Ok(match literal.clone().filter(has_named_group) {
        Some(regex) => Kernel::extract(TextPattern::Matches(regex), move |ctx, args| eval(ctx, args, literal.as_ref())),
        None => Kernel::value(move |ctx, args| eval(ctx, args, literal.as_ref())),
    })
}

fn has_named_group(regex: &Regex) -> bool {
    regex.group_names().iter().flatten().any(|name| !name.is_empty())
}

fn eval<'a>(
    ctx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    literal: Option<&Regex>,
) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let arena = ctx.arena();
    with_regex(literal, arena, (arguments::any(args, 1), 1), |regex| {
        let names = regex.group_names();
        if !has_named_group(regex) {
            return Err(EvalError::function("the pattern has no named group, such as `(?P<name>...)`").of(1));
        }
        let mut captures = Captures::new();
        if !regex.captures(text, &mut captures) {
            return Ok(Value::Map(Map::EMPTY));
        }
        let mut entries: ArenaVec<'a, Entry<'a>> = arena.vec_for(names.len())?;
        for (i, name) in names.iter().enumerate() {
            let Some(name) = name.as_deref().filter(|name| !name.is_empty()) else { continue };
            let value = Value::Str(captures.text(text, i));
            match entries.iter_mut().find(|entry| entry.key == name.as_bytes()) {
                Some(entry) => entry.value = value,
                None => entries.push(Entry { key: arena.copy(name.as_bytes())?, value })?,
            }
        }
        Ok(Value::Map(Map::new(entries.into_slice())?))
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
