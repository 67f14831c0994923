//! `replace_all_patterns`: rewrites the parts of a map's keys or texts that a regular expression matches.

use ottl_core::edit::{MapEdit, MapEntry};
use ottl_core::function::{CallContext, Const, FunctionDef, Host, Kernel, ParamType, Reach};
use ottl_core::{Arena, EvalError, Target, Value};
use ottl_regex::TextPattern;

use crate::pairs::{Pairs, has_duplicates};
use crate::pattern::{self, with_regex};
use crate::replacement::{FORMAT, FUNCTION, Literal, Rewrite, function_of, template_of};

/// The function's row.
pub const DEF: FunctionDef = ROW
    .since(Target::V0_165)
    .before(&REBUILDING)
    .docs(
        "Replaces every match of a regular expression in the keys or in the texts of a map.\n\nMode `value` \
         rewrites the values that are texts; mode `key` rewrites the keys, and of keys that become equal the first \
         keeps its place and the last gives the value. Nested maps are not visited. Template, `function` and \
         `replacement_format` are those of `replace_pattern`, but an entry for which the function fails stays as \
         it is (mode `value`) or disappears (mode `key`).",
    )
    .example(
        r#"replace_all_patterns(log.attributes, "value", "G(.)T", "$1")"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"E"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    )
    .example(
        r#"replace_all_patterns(log.attributes, "key", "^", "http.")"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"http.method","value":{"stringValue":"GET"}},{"key":"http.status","value":{"intValue":"200"}},{"key":"http.user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"http.tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    )
    .compile(|args| compile(args, edit_keys));

/// As versions had it that rebuild a map of which no key matches, which only shows where keys repeat.
const REBUILDING: FunctionDef = ROW.until(Target::V0_161).compile(|args| {
    compile(args, |literal, _| Kernel::edit(move |cx, args| eval(cx, args, &literal, in_rebuilt_keys)))
});

const ROW: FunctionDef = FunctionDef::editor("replace_all_patterns")
    .arg("target", ParamType::MapTarget, "path of the map")
    .arg("mode", ParamType::ConstString, "`key` or `value`")
    .arg("regex_pattern", ParamType::STRING, "regular expression; it may match any part")
    .arg("replacement", ParamType::STRING, "template: `$1`, `${name}`, `$$` for a dollar")
    .param(FUNCTION)
    .param(FORMAT);

/// How keys are rewritten by what is known of a call, and its argument `function`.
type OfKeys = fn(Literal, &Const<'_>) -> Kernel;

fn compile(args: &[Const<'_>], of_keys: OfKeys) -> Result<Kernel, String> {
    let literal = Literal::new(&args[2], &args[3])?;
    match args[1].as_str() {
        Some(b"key") => Ok(of_keys(literal, &args[4])),
        Some(b"value") => {
            Ok(literal.kernel(Reach::Values, &args[4], |cx, args, literal| eval(cx, args, literal, in_values)))
        }
        _ => Err("the mode must be 'key' or 'value'".to_owned()),
    }
}

fn eval<'a>(
    cx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    literal: &Literal,
    edit: impl Fn(&Rewrite<'_, 'a>, &mut dyn Host<'a>, &mut MapEdit<'a>) -> Result<(), EvalError>,
) -> Result<(), EvalError> {
    let mut place = None;
    let template = template_of(literal.template.as_ref(), args[3], &mut place)?;
    with_regex(literal.regex.as_ref(), cx.arena(), (args[2], 2), |regex| {
        let rewrite = Rewrite { regex, template, function: function_of(args[4]), format: args[5] };
        cx.edit_map(args[0], |host, map| edit(&rewrite, host, map))
    })
}

fn in_values<'a>(rewrite: &Rewrite<'_, 'a>, host: &mut dyn Host<'a>, map: &mut MapEdit<'a>) -> Result<(), EvalError> {
    for idx in 0..map.len() {
        let Some(text) = map.text_at(idx)? else { continue };
        match rewrite.apply(host, text) {
            Ok(Some(replaced)) if replaced != text => map.set_at(idx, Value::Str(replaced)),
            Err(error) if error.must_surface() => return Err(error),
            // A failing function leaves the value as it is.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// With all literals and no function, what is done is known without the engine.
fn edit_keys(literal: Literal, function: &Const<'_>) -> Kernel {
    match (literal, function) {
        (Literal { regex: Some(regex), template: Some(template) }, Const::Absent) => {
            let renames = match (regex.literal(), template.text()) {
                (Some(TextPattern::Equals(from)), Some(to)) => Some([from.into_vec(), to.to_vec()]),
                _ => None,
            };
            Kernel::edit_keys(regex.clone(), renames, move |map, _, arena| {
                rebuild(map, arena, |key| pattern::replace_all(&regex, key, &template, arena))
            })
        }
        (literal, _) => Kernel::edit(move |cx, args| eval(cx, args, &literal, in_keys)),
    }
}

fn in_keys<'a>(rewrite: &Rewrite<'_, 'a>, host: &mut dyn Host<'a>, map: &mut MapEdit<'a>) -> Result<(), EvalError> {
    let is_any = map.iter().any(|pair| rewrite.regex.is_match(pair.key));
    let arena = host.arena();
    if is_any { rebuild(map, arena, |key| rewrite.apply(host, key)) } else { Ok(()) }
}

fn in_rebuilt_keys<'a>(
    rewrite: &Rewrite<'_, 'a>,
    host: &mut dyn Host<'a>,
    map: &mut MapEdit<'a>,
) -> Result<(), EvalError> {
    let arena = host.arena();
    let repeats = has_duplicates(map.iter(), arena)?;
    if repeats { rebuild(map, arena, |key| rewrite.apply(host, key)) } else { in_keys(rewrite, host, map) }
}

/// Makes the map anew with the keys that `rewrite` gives for those of its pairs; nothing for one that stays.
fn rebuild<'a>(
    map: &mut MapEdit<'a>,
    arena: &'a Arena,
    mut rewrite: impl FnMut(&'a [u8]) -> Result<Option<&'a [u8]>, EvalError>,
) -> Result<(), EvalError> {
    let mut pairs = Pairs::with_capacity(arena, map.len())?;
    for pair in map.iter() {
        match rewrite(pair.key) {
            Ok(None) => {
                pairs.put(pair)?;
            }
            Ok(Some(key)) => {
                pairs.put(MapEntry::new(key, pair.value))?;
            }
            Err(error) if error.must_surface() => return Err(error),
            // A failing function makes the pair disappear.
            Err(_) => {}
        }
    }
    map.replace(pairs.entries().iter().copied());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn texts_are_rewritten() {
        let args = |pattern, replacement| [Arg::Lit(r#""value""#), Arg::Lit(pattern), Arg::Lit(replacement)];
        let map = r#"{"a":"x1","b":1,"c":{"d":"x1"},"e":"y"}"#;
        cases(
            &DEF,
            &[
                (map, &args(r#""(.)1""#, r#""${1}2""#), r#"{"a":"x2","b":1,"c":{"d":"x1"},"e":"y"}"#),
                (map, &args(r#""z""#, r#""""#), "unchanged"),
                (map, &args(r#""y""#, r#""y""#), "unchanged"),
                (
                    map,
                    &[Arg::Lit(r#""value""#), Arg::Dyn(r#""y""#), Arg::Dyn(r#""$0$0""#)],
                    r#"{"a":"x1","b":1,"c":{"d":"x1"},"e":"yy"}"#,
                ),
                (map, &[Arg::Lit(r#""value""#), Arg::Dyn(r#""(""#), Arg::Lit(r#""""#)], "error"),
                ("[]", &args(r#""z""#, r#""""#), "error"),
            ],
        );
        assert!(compile_error(&DEF, &[Arg::Lit(r#""both""#), Arg::Lit(r#""a""#), Arg::Lit(r#""""#)]).contains("mode"));
        assert!(!compile_error(&DEF, &args(r#""(""#, r#""""#)).is_empty());
    }

    #[test]
    fn keys_are_rewritten() {
        let args = |pattern, replacement| [Arg::Lit(r#""key""#), Arg::Lit(pattern), Arg::Lit(replacement)];
        cases(
            &DEF,
            &[
                (r#"{"a1":1,"b":2,"a2":3}"#, &args(r#""[0-9]""#, r#""""#), r#"{"a":3,"b":2}"#),
                (r#"{"a1":1,"b":2}"#, &args(r#""^b$""#, r#""a1""#), r#"{"a1":2}"#),
                (r#"{"a":1,"b":2}"#, &args(r#""c""#, r#""d""#), "unchanged"),
                (r#"{"a":1,"b":2,"a":3}"#, &args(r#""c""#, r#""d""#), "unchanged"),
            ],
        );
        cases(&REBUILDING, &[(r#"{"a":1,"b":2,"a":3}"#, &args(r#""c""#, r#""d""#), r#"{"a":3,"b":2}"#)]);
    }

    #[test]
    fn a_failing_function_is_swallowed() {
        let args =
            |mode, function| [Arg::Lit(mode), Arg::Lit(r#""a""#), Arg::Lit(r#""<$0>""#), Arg::Function(function)];
        let map = r#"{"a":"b","b":"a"}"#;
        cases(
            &DEF,
            &[
                (map, &args(r#""value""#, "upper"), r#"{"a":"b","b":"<A>"}"#),
                (map, &args(r#""value""#, "number"), "unchanged"),
                (map, &args(r#""key""#, "upper"), r#"{"<A>":"b","b":"a"}"#),
                (map, &args(r#""key""#, "fail"), r#"{"b":"a"}"#),
            ],
        );
    }
}
