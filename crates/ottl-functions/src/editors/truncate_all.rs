//! `truncate_all`: cuts the texts of a map.

use ottl_core::edit::MapEdit;
use ottl_core::function::{
    Availability, Const, Eval, Example, FunctionDef, FunctionKind, MapCall, PairsKernel, Param, ParamType, Prepared,
    Purity, Rewritten, Type,
};
use ottl_core::{Arena, EvalError, Value};

use crate::replacement::join;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef {
    name: "truncate_all",
    kind: FunctionKind::Editor,
    params: &[
        Param::new("target", ParamType::MapTarget, "path of the map"),
        Param::new("limit", ParamType::ConstInt, "how many bytes a text may have"),
        Param::new("utf8_safe", ParamType::ConstBool, "whether to cut only between characters; default true")
            .optional(),
        Param::new("truncation_marker", ParamType::ConstString, "text that ends what was cut; default none").optional(),
    ],
    returns: Type::Nil,
    purity: Purity::Record,
    availability: Availability::STATEMENTS,
    docs: "Cuts each text of a map that is longer than `limit` bytes.\n\nThe marker counts: text and marker together keep the limit. Other values and \
           texts in nested maps and lists stay.",
    examples: &[Example {
        code: "truncate_all(log.attributes, 2)",
        result: r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GE"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    }],
    prepare: Some(prepare),
    eval: Eval::MapEditor {
        kernel: eval,
        literals_prepared: true,
        pairs: Some(PairsKernel::Texts { rewrite, short: Some(short) }),
    },
};

struct Cut {
    limit: usize,
    utf8_safe: bool,
    marker: Box<[u8]>,
}

fn prepare(args: &[Const<'_>]) -> Result<Option<Prepared>, String> {
    let limit = args[1].as_int().ok_or("the limit must be an int literal")?;
    // A limit that memory cannot reach is none.
    let limit = u64::try_from(limit).map_err(|_| format!("the limit {limit} is negative"))?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let utf8_safe = !matches!(args[2], Const::Value(Value::Bool(false)));
    let marker = Box::from(args[3].as_str().unwrap_or_default());
    let cut = Cut { limit, utf8_safe, marker };
    if cut.marker.len() > limit {
        return Err(format!("the marker has {} bytes, more than the limit {limit}", cut.marker.len()));
    }
    Ok(Some(Box::new(cut)))
}

impl Cut {
    /// The part of a text beyond the limit that stays.
    fn head<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let mut at = self.limit - self.marker.len();
        if self.utf8_safe {
            while at > 0 && text[at] & 0xc0 == 0x80 {
                at -= 1;
            }
        }
        &text[..at]
    }

    /// What becomes of a text beyond the limit.
    fn short<'t>(&self, text: &'t [u8], arena: &'t Arena) -> Result<&'t [u8], EvalError> {
        let head = self.head(text);
        if self.marker.is_empty() { Ok(head) } else { join(arena, head, &self.marker) }
    }
}

fn eval<'a>(call: &MapCall<'_, 'a>, map: &mut MapEdit<'a>) -> Result<(), EvalError> {
    let Some(cut) = call.prepared::<Cut>() else {
        return Err(EvalError::function("truncate_all was called unprepared"));
    };
    let mut next = 0;
    while let Some((idx, text)) = map.longer_text(next, cut.limit)? {
        map.set_at(idx, Value::Str(cut.short(text, call.arena)?));
        next = idx + 1;
    }
    Ok(())
}

fn short(prepared: &Prepared) -> usize {
    prepared.downcast_ref::<Cut>().map_or(0, |cut| cut.limit)
}

fn rewrite<'a>(prepared: &Prepared, text: &'a [u8], arena: &'a Arena) -> Result<Rewritten<'a>, EvalError> {
    match prepared.downcast_ref::<Cut>() {
        Some(cut) if text.len() > cut.limit => cut.short(text, arena).map(Rewritten::Text),
        _ => Ok(Rewritten::Same),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn long_texts_are_cut() {
        let map = r#"{"a":"abcdef","b":12345678,"c":"aäöü","d":["abcdef"],"e":"abc"}"#;
        cases(
            &DEF,
            &[
                (map, &[Arg::Lit("4")], r#"{"a":"abcd","b":12345678,"c":"aä","d":["abcdef"],"e":"abc"}"#),
                (
                    map,
                    &[Arg::Lit("4"), Arg::Lit("false")],
                    r#"{"a":"abcd","b":12345678,"c":"a\xc3\xa4\xc3","d":["abcdef"],"e":"abc"}"#,
                ),
                (
                    map,
                    &[Arg::Lit("4"), Arg::Absent, Arg::Lit(r#"".""#)],
                    r#"{"a":"abc.","b":12345678,"c":"aä.","d":["abcdef"],"e":"abc"}"#,
                ),
                (r#"{"a":"\x80\x80\x80"}"#, &[Arg::Lit("2")], r#"{"a":""}"#),
                (r#"{"a":"b","c":""}"#, &[Arg::Lit("0")], r#"{"a":"","c":""}"#),
                (map, &[Arg::Lit("7")], "unchanged"),
                ("[]", &[Arg::Lit("7")], "error"),
            ],
        );
        assert!(compile_error(&DEF, &[Arg::Lit("-1")]).contains("negative"));
        assert!(compile_error(&DEF, &[Arg::Lit("1"), Arg::Absent, Arg::Lit(r#""ab""#)]).contains("marker"));
    }
}
