//! `ExtractGrokPatterns`: the groups of a match of a grok pattern.
//!
//! What patterns mean is in `grok`.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};

use ottl_core::data::{DataSet, DataSets};
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{ErrorKind, EvalError, Value};
use ottl_regex::{Regex, WeighedCache};

use crate::arguments;
use crate::grok::{Definitions, EXPANDED, EXPANDED_AT_RUN_TIME, Grok};
use crate::pattern::metered;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ExtractGrokPatterns")
    .arg("target", ParamType::STRING, "the text")
    .arg("pattern", ParamType::STRING, "the grok pattern: a regular expression (RE2 syntax) with references to patterns")
    .optional("named_captures_only", ParamType::ConstBool, "whether only references with a name are kept; default false")
    .optional("pattern_definitions", ParamType::ConstStrings, "patterns beside those of the library, each `NAME=pattern`")
    .returns(Type::Map)
    .docs(
        "The groups of the first match of a grok pattern, as a map.\n\n`%{PATTERN}` stands for a pattern of the library \
         (those of Logstash) or of `pattern_definitions`, which come first; `%{PATTERN:name}` names its group, and \
         `%{PATTERN:name:type}` also says what it becomes: `int` or `long`, `float` or `double`, `bool` or `boolean`, or \
         `string`, as without a type. Another type is an error when the rule runs, and so is a group that is not of its \
         type. A reference without a name is a group that is called as its pattern, unless `named_captures_only` is \
         true; then a pattern without any name is an error. A name may have dots. Groups that are empty or took no part \
         are left out; of groups with one name the last counts. Without a match the map is empty.",
    )
    .example(
        r#"ExtractGrokPatterns("GET /a 200", "%{WORD:verb} %{URIPATH:url.path} %{INT:status:int}", true)"#,
        r#"{"verb":"GET","url.path":"/a","status":200}"#,
    )
    .example(r#"ExtractGrokPatterns("a-7", "%{LETTER:l}-", true, ["LETTER=[a-z]"])"#, r#"{"l":"a"}"#)
    .needs(|_| DataSets::of(DataSet::Grok))
    .compile(compile);

/// How many patterns known only at run time each thread remembers.
const PATTERNS: usize = 64;

/// Bytes of an expression that cost about as much as one step of a message when a pattern is expanded and parsed.
const BYTES_A_STEP: u64 = 4;

thread_local! {
    static CACHE: RefCell<Option<WeighedCache<Grok>>> = const { RefCell::new(None) };
}

/// Compiles a literal pattern.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let named_only = matches!(args.get(2), Some(Const::Value(Value::Bool(true))));
    let definitions = match args.get(3) {
        Some(Const::Value(Value::List(list))) => {
            let texts: Vec<_> = list.iter().collect();
            Definitions::new(texts.iter().filter_map(Value::as_str), named_only)?
        }
        _ => Definitions::new([].into_iter(), named_only)?,
    };
    let Some(pattern) = args[1].as_str() else {
        let site = Site::new(definitions);
        return Ok(Kernel::value(move |cx, args| computed(cx, args, &site)));
    };
    let grok =
        Grok::new(pattern, &definitions, EXPANDED, Regex::shared_with_names).map_err(|error| error.to_string())?;
    Ok(Kernel::extract(grok.pattern(), move |cx, args| grok.extract(arguments::text(args, 0)?, cx.arena())))
}

/// A call site whose pattern is known at run time only.
struct Site {
    definitions: Definitions,
    /// Tells its patterns from those of others in the thread's cache.
    number: [u8; 8],
}

impl Site {
    fn new(definitions: Definitions) -> Site {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Site { definitions, number: NEXT.fetch_add(1, Ordering::Relaxed).to_ne_bytes() }
    }
}

/// With a pattern that is known at run time only.
fn computed<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>], site: &Site) -> Result<Value<'a>, EvalError> {
    let (text, pattern, arena) = (arguments::text(args, 0)?, arguments::text(args, 1)?, cx.arena());
    let mut cache = CACHE.take().unwrap_or_else(|| WeighedCache::new(PATTERNS));
    let key = [&site.number, pattern].concat();
    let grok = cache.get_or_make(&key, || {
        // Charged before it is known how long the expression becomes: refused ones are made anew each time.
        arena.spend(EXPANDED_AT_RUN_TIME as u64 / BYTES_A_STEP)?;
        let made = Grok::new(pattern, &site.definitions, EXPANDED_AT_RUN_TIME, Regex::of_data_with_names);
        made.map(|grok| (grok.weight(), grok))
            .map_err(|error| EvalError::new(ErrorKind::BadPattern(error.message())).of(1))
    });
    let result = grok.and_then(|grok| metered(arena, || grok.extract(text, arena)));
    CACHE.set(Some(cache));
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Nil, Str};

    use crate::test_call::{check, list, refuses};
    use ottl_core::ListKind;

    #[test]
    fn cases() {
        const OWN: Value<'_> = list(ListKind::Strings, &[Str(b"P=p+"), Str(b"Q=%{P:inner.x}=q"), Str(b"WORD=w")]);
        check(
            &DEF,
            &[
                (&[Str(b"a 1"), Str(b"%{WORD:w} %{INT:i:int}")], "{w: \"a\", i: 1}"),
                (&[Str(b"a 1"), Str(b"%{WORD} %{NUMBER}")], "{WORD: \"a\", NUMBER: \"1\", BASE10NUM: \"1\"}"),
                (&[Str(b"a 1"), Str(b"%{WORD} %{NUMBER:n:float}"), Bool(true)], "{n: 1.0}"),
                (&[Str(b"a 1"), Str(b"%{WORD} %{NUMBER}"), Bool(true)], "error"),
                (&[Str(b"pp=q"), Str(b"^%{Q:a}"), Bool(false), OWN], "{a: \"pp=q\", inner.x: \"pp\"}"),
                (&[Str(b"word"), Str(b"%{WORD:a}"), Bool(true), OWN], "{a: \"w\"}"),
                (&[Str(b"a"), Str(b"(?P<x___y>a)(?P<e>)")], "{x.y: \"a\"}"),
                (&[Str(b"a"), Str(b"%{INT:i}")], "{}"),
                (
                    &[Str(b"true T 0 no"), Str(b"%{WORD:a:bool} %{WORD:b:boolean} %{WORD:c:bool} ")],
                    "{a: true, b: true, c: false}",
                ),
                (&[Str(b"no"), Str(b"%{WORD:a:bool}")], "error"),
                (&[Str(b"1.5"), Str(b"%{NUMBER:a:int}")], "error"),
                (&[Str(b"1"), Str(b"%{INT:a:integer}")], "error"),
                (&[Str(b""), Str(b"%{INT:a:integer}")], "{}"),
                (&[Str(b"12"), Str(b"(?P<a>1)(?P<a>2)(?P<a>3?)")], "{a: \"2\"}"),
                (&[Str(b"x"), Str(b"%{NOSUCH}")], "error"),
                (&[Str(b"x"), Str(b"(")], "error"),
                (&[Str(b"x"), Str(b"%{WORD:a+b}")], "error"),
                (&[Nil, Str(b"%{WORD}")], "error"),
                (&[Str(b"x"), Nil], "error"),
            ],
        );
    }

    #[test]
    fn literals_that_do_not_compile() {
        const BAD: Value<'_> = list(ListKind::Strings, &[Str(b"P")]);
        const COLON: Value<'_> = list(ListKind::Strings, &[Str(b"P:Q=p")]);
        const LOOP: Value<'_> = list(ListKind::Strings, &[Str(b"A=%{B}%{B}"), Str(b"B=%{A}%{A}")]);
        refuses(
            &DEF,
            &[
                &[Str(b""), Str(b"(")],
                &[Str(b""), Str(b"%{NOSUCH}")],
                &[Str(b""), Str(b"%{WORD}"), Bool(true)],
                &[Str(b""), Str(b"%{WORD}"), Bool(false), BAD],
                &[Str(b""), Str(b"%{WORD}"), Bool(false), COLON],
                &[Str(b""), Str(b"%{A}"), Bool(false), LOOP],
            ],
        );
    }
}
