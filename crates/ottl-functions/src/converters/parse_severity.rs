//! `ParseSeverity`: the level that a mapping gives a text or number.

use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{EvalError, List, Map, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ParseSeverity")
    .arg("target", ParamType::Any, "the text or int")
    .arg("mapping", ParamType::MAP, "a map literal: for each level a list of criteria")
    .returns(Type::String)
    .docs(
        "The level of a mapping whose criteria a value meets.\n\nA criterion is a map with `equals`, a list of texts, \
         and `range`, a map of `min` and `max` or one of `\"2xx\"`, `\"3xx\"`, `\"4xx\"` and `\"5xx\"`; either may be left \
         out. A text meets it if it is one of `equals`, an int if it lies in `range`, ends included. The first level \
         that fits is taken. A value without level, values of other types, and mappings that are no literals or have \
         another form are errors of each call.",
    )
    .example(r#"ParseSeverity("warning", {"warn": [{"equals": ["warning", "WRN"]}]})"#, r#""warn""#)
    .example(r#"ParseSeverity(503, {"error": [{"range": "5xx"}, {"range": {"min": 1, "max": 9}}]})"#, r#""error""#)
    .compile(compile);

/// What a value has to be to be of a level.
struct Criterion {
    level: Box<[u8]>,
    equals: Vec<Box<[u8]>>,
    range: Option<(i64, i64)>,
}

/// COMPAT: what is wrong with a mapping is an error of every call, not of the rules.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let mapping = match args.get(1) {
        Some(Const::Value(Value::Map(mapping))) => criteria(*mapping),
        _ => Err("the mapping is no literal"),
    };
    Ok(match mapping {
        Ok(criteria) => Kernel::of_first(move |ctx, args| eval(ctx, args, &criteria)),
        Err(reason) => Kernel::value(move |_, _| Err(EvalError::function(reason).of(1))),
    })
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>], criteria: &[Criterion]) -> Result<Value<'a>, EvalError> {
    let met = match arguments::any(args, 0) {
        Value::Str(text) => criteria.iter().find(|c| c.equals.iter().any(|equal| **equal == *text)),
        Value::Int(int) => criteria.iter().find(|c| c.range.is_some_and(|(min, max)| (min..=max).contains(&int))),
        _ => return Err(EvalError::function("only texts and ints have a severity").of(0)),
    };
    match met {
        Some(criterion) => ctx.alloc(&criterion.level).map(Value::Str),
        None => Err(EvalError::function("no level fits").of(0)),
    }
}

/// The criteria of all levels, in order.
fn criteria(mapping: Map<'_>) -> Result<Vec<Criterion>, &'static str> {
    let mut criteria = Vec::new();
    for level in mapping.iter() {
        let Value::List(list) = level.value else { return Err("the criteria of a level are no list") };
        for item in list.iter() {
            let Value::Map(item) = item else { return Err("a criterion is no map") };
            criteria.push(Criterion {
                level: level.key.into(),
                equals: item.get(b"equals").map(texts).transpose()?.unwrap_or_default(),
                range: item.get(b"range").map(range).transpose()?,
            });
        }
    }
    Ok(criteria)
}

fn texts(value: Value<'_>) -> Result<Vec<Box<[u8]>>, &'static str> {
    let text = |item: Value<'_>| item.as_str().map(Box::from).ok_or("`equals` holds something that is no text");
    value.as_list().ok_or("`equals` is no list").and_then(|list: List<'_>| list.iter().map(text).collect())
}

fn range(value: Value<'_>) -> Result<(i64, i64), &'static str> {
    match value {
        Value::Map(ends) => {
            let end = |key: &[u8], fault| ends.get(key).and_then(|end| end.as_int()).ok_or(fault);
            Ok((end(b"min", "a `range` has no int `min`")?, end(b"max", "a `range` has no int `max`")?))
        }
        Value::Str(b"2xx") => Ok((200, 299)),
        Value::Str(b"3xx") => Ok((300, 399)),
        Value::Str(b"4xx") => Ok((400, 499)),
        Value::Str(b"5xx") => Ok((500, 599)),
        _ => Err("a `range` is neither a map nor a class of status codes"),
    }
}

#[cfg(test)]
mod tests {
    use ottl_core::value::Entry;

    use super::*;
    use Value::{Float, GoInt, Int, Nil, Str};

    use crate::test_call::{any, map, slice, with_literals};

    const fn entry(key: &'static str, value: Value<'static>) -> Entry<'static> {
        Entry { key: key.as_bytes(), value }
    }

    const WORDS: Value<'static> = map(&[entry("equals", any(&[Str(b"warning"), Str(b"")]))]);
    const CLASS: Value<'static> = map(&[entry("range", Str(b"4xx")), entry("equals", any(&[]))]);
    const ENDS: Value<'static> = map(&[entry("range", map(&[entry("max", Int(9)), entry("min", Int(-1))]))]);
    const LEVELS: Value<'static> =
        map(&[entry("none", slice(&[])), entry("warn", any(&[WORDS, CLASS])), entry("low", any(&[ENDS, WORDS]))]);
    const NO_MAX: Value<'static> = map(&[entry("range", map(&[entry("min", Int(1))]))]);
    const FLOAT_END: Value<'static> = map(&[entry("range", map(&[entry("min", Int(1)), entry("max", Float(2.0))]))]);

    #[test]
    fn cases() {
        let cases: &[(&[Value<'static>], &str)] = &[
            (&[Str(b"warning"), LEVELS], "\"warn\""),
            (&[Str(b""), LEVELS], "\"warn\""),
            (&[Int(400), LEVELS], "\"warn\""),
            (&[Int(499), LEVELS], "\"warn\""),
            (&[Int(-1), LEVELS], "\"low\""),
            (&[Int(10), LEVELS], "error"),
            (&[Str(b"400"), LEVELS], "error"),
            (&[Float(400.0), LEVELS], "error"),
            (&[GoInt(400), LEVELS], "error"),
            (&[Nil, LEVELS], "error"),
            (&[Str(b"a"), Nil], "refused"),
            (&[Str(b"warning"), map(&[])], "error"),
        ];
        for (args, want) in cases {
            assert_eq!(with_literals(&DEF, args), *want, "{args:?}");
        }
    }

    #[test]
    fn mappings_of_another_form() {
        const MAPPINGS: [Value<'static>; 9] = [
            map(&[entry("a", Str(b"x"))]),
            map(&[entry("a", WORDS)]),
            map(&[entry("a", any(&[Str(b"x")]))]),
            map(&[entry("a", any(&[WORDS, map(&[entry("equals", Str(b"x"))])]))]),
            map(&[entry("a", any(&[map(&[entry("equals", any(&[Int(1)]))])]))]),
            map(&[entry("a", any(&[map(&[entry("range", Str(b"1xx"))])]))]),
            map(&[entry("a", any(&[map(&[entry("range", Nil)])]))]),
            map(&[entry("a", any(&[NO_MAX]))]),
            map(&[entry("a", any(&[WORDS, FLOAT_END]))]),
        ];
        for mapping in MAPPINGS {
            assert_eq!(with_literals(&DEF, &[Str(b"warning"), mapping]), "error", "{mapping:?}");
        }
    }
}
