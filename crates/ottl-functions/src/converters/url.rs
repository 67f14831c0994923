//! `URL`: the parts of a URL.

use std::borrow::Cow;
use std::collections::HashMap;

use ottl_core::Arena;
use ottl_core::ArenaVec;
use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::number::parse_int;
use ottl_core::value::Entry;
use ottl_core::{ErrorKind, EvalError, List, ListKind, Map, Value};

use crate::arguments;
use crate::scratch;
use crate::url::{Url, extension, host_and_port, parse_query};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("URL")
    .arg("u_r_i", ParamType::STRING, "the URL, or a query that starts with `?`")
    .returns(Type::Map)
    .docs(
        "The parts of a URL, as a map.\n\nAlways `url.original`, `url.domain`, `url.scheme` and `url.path`; where \
         there is one also `url.port`, `url.fragment`, `url.user_info`, `url.username`, `url.password`, \
         `url.query` and `url.extension`. Of a text that starts with `?` the map has one key `query`, a map from \
         names to lists of values. The empty text and a text that is no URL are errors.",
    )
    .example(r#"URL("http://a.example:81/x.png?q=1")["url.extension"]"#, r#""png""#)
    .example(r#"URL("?a=1&a=2")"#, r#"{"query":{"a":["1","2"]}}"#)
    .value(eval);

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let entries = match arguments::text(args, 0)? {
        [] => return Err(invalid("")),
        [b'?', query @ ..] => query_entries(query, ctx.arena())?,
        text => url_entries(text, &Url::parse(text).map_err(invalid)?, ctx.arena())?,
    };
    Ok(Value::Map(Map::new(entries.into_slice())?))
}

fn invalid(_: impl Into<String>) -> EvalError {
    EvalError::new(ErrorKind::BadText("URL")).of(0)
}

fn url_entries<'a>(whole: &'a [u8], url: &Url<'a>, arena: &'a Arena) -> Result<ArenaVec<'a, Entry<'a>>, EvalError> {
    let mut entries = arena.vec_for(11)?;
    let mut put = |key: &'static str, value: Value<'a>| entries.push(Entry { key: key.as_bytes(), value });
    let (host, path) = (kept(&url.host, arena)?, kept(&url.path, arena)?);
    let (domain, port) = host_and_port(host);
    put("url.original", Value::Str(original(whole, url, arena)?))?;
    put("url.domain", Value::Str(domain))?;
    put("url.scheme", Value::Str(kept(&url.scheme, arena)?))?;
    put("url.path", Value::Str(path))?;
    if !port.is_empty() {
        put("url.port", parse_int(port).map(Value::GoInt).map_err(|_| invalid(""))?)?;
    }
    if !url.fragment.is_empty() {
        put("url.fragment", Value::Str(kept(&url.fragment, arena)?))?;
    }
    if let (Some(user), Some(info)) = (&url.user, url.user_info()) {
        put("url.user_info", Value::Str(arena.copy(&info)?))?;
        if !user.name.is_empty() {
            put("url.username", Value::Str(kept(&user.name, arena)?))?;
        }
        if let Some(password) = &user.password {
            put("url.password", Value::Str(kept(password, arena)?))?;
        }
    }
    if !url.query.is_empty() {
        put("url.query", Value::Str(url.query))?;
    }
    if let Some(extension) = extension(path) {
        put("url.extension", Value::Str(extension))?;
    }
    Ok(entries)
}

/// A part where it lies, or in the arena if it was made.
fn kept<'a>(part: &Cow<'a, [u8]>, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    match part {
        Cow::Borrowed(part) => Ok(part),
        Cow::Owned(part) => Ok(arena.copy(part)?),
    }
}

/// The URL put together again, which most often is the text.
fn original<'a>(text: &'a [u8], url: &Url<'a>, arena: &'a Arena) -> Result<&'a [u8], EvalError> {
    scratch::with_text(|out| {
        url.push_original(out);
        if out == text { Ok(text) } else { Ok(&*arena.copy(out)?) }
    })
}

/// One entry with the parameters by name, or none when there are no parameters.
fn query_entries<'a>(query: &'a [u8], arena: &'a Arena) -> Result<ArenaVec<'a, Entry<'a>>, EvalError> {
    let parameters = parse_query(query).map_err(invalid)?;
    // In order of the names' first appearance.
    let mut places: HashMap<&[u8], usize> = HashMap::new();
    let mut groups: Vec<(&Cow<'a, [u8]>, ArenaVec<'a, Value<'a>>)> = Vec::new();
    for (name, value) in &parameters {
        let place = *places.entry(name).or_insert(groups.len());
        if place == groups.len() {
            groups.push((name, arena.vec()));
        }
        groups[place].1.push(Value::Str(kept(value, arena)?))?;
    }
    let mut names = arena.vec_for(groups.len())?;
    for (name, values) in groups {
        let value = Value::List(List::new(ListKind::Any, values.into_slice())?);
        names.push(Entry { key: kept(name, arena)?, value })?;
    }
    let mut entries = arena.vec();
    if !names.is_empty() {
        entries.push(Entry { key: b"query", value: Value::Map(Map::new(names.into_slice())?) })?;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (
                    &[Str(b"HTTP://u:p@a.example:81/x%2fy.png?q=1#f")],
                    "{url.original: \"http://u:p@a.example:81/x%2fy.png?q=1#f\", url.domain: \"a.example\", url.scheme: \"http\", url.path: \"/x/y.png\", url.port: int 81, url.fragment: \"f\", url.user_info: \"u:p\", url.username: \"u\", url.password: \"p\", url.query: \"q=1\", url.extension: \"png\"}",
                ),
                (
                    &[Str(b"mailto:a@b.c")],
                    "{url.original: \"mailto:a@b.c\", url.domain: \"\", url.scheme: \"mailto\", url.path: \"\"}",
                ),
                (&[Str(b"?a=1&b=%20&a=2")], "{query: {a: Any[\"1\", \"2\"], b: Any[\" \"]}}"),
                (&[Str(b"?")], "{}"),
                (&[Str(b"?a;b")], "error"),
                (&[Str(b"http://a:99999999999999999999/")], "error"),
                (&[Str(b"http://a b/")], "error"),
                (&[Str(b"")], "error"),
                (&[Nil], "error"),
            ],
        );
    }
}
