//! `delete_index`: removes elements of a list.

use ottl_core::function::{CallContext, FunctionDef, ParamType};
use ottl_core::ops::{Coercion, coerce};
use ottl_core::{ErrorKind, EvalError, List, ListKind, Value};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("delete_index")
    .arg("target", ParamType::ListTarget, "path of the list")
    .arg("start_index", ParamType::INT, "first element to remove, from 0")
    .optional("end_index", ParamType::INT, "element behind the last to remove; default `start_index + 1`")
    .docs(
        "Removes elements of a list, from `start_index` up to but without `end_index`.\n\nIndices outside the list \
         are errors. The other elements keep their order.",
    )
    .example(
        r#"delete_index(log.attributes["tags"], 0)"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"b"}]}}}]}"#,
    )
    .edit(eval);

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<(), EvalError> {
    let arena = cx.arena();
    let current = cx.read(args[0])?;
    let Value::List(list) = coerce(Coercion::List, current, arena).map_err(|e| e.of(0))? else {
        return Err(EvalError::new(ErrorKind::Type { expected: "list", got: current.type_name() }).of(0));
    };
    let Value::Int(start) = args[1] else { return Err(EvalError::function("the start index must be an int").of(1)) };
    let end = args[2].as_int().unwrap_or_else(|| start.wrapping_add(1));
    let len = list.len() as i64;
    if start == 0 && end == len {
        return cx.write(args[0], Value::List(List::empty(ListKind::Slice)));
    }
    if start < 0 || start >= len {
        return Err(EvalError::new(ErrorKind::out_of_bounds(start, list.len())).of(1));
    }
    if end < start {
        return Err(EvalError::function("the end index is less than the start index").of(2));
    }
    if end > len {
        return Err(EvalError::new(ErrorKind::out_of_bounds(end, list.len())).of(2));
    }
    let mut kept = arena.vec_for((len - (end - start)) as usize)?;
    kept.extend(list.iter().zip(0_i64..).filter(|(_, i)| *i < start || *i >= end).map(|(item, _)| item))?;
    cx.write(args[0], Value::List(List::new(ListKind::Slice, kept.into_slice())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases};

    #[test]
    fn bounds_are_checked_as_the_reference_checks_them() {
        cases(
            &DEF,
            &[
                ("[1,2,3]", &[Arg::Lit("1")], "[1,3]"),
                ("[1,2,3]", &[Arg::Lit("0"), Arg::Lit("2")], "[3]"),
                ("[1,2,3]", &[Arg::Lit("1"), Arg::Lit("3")], "[1]"),
                ("[1,2,3]", &[Arg::Lit("0"), Arg::Dyn("3")], "[]"),
                ("[1,2,3]", &[Arg::Lit("2"), Arg::Lit("2")], "[1,2,3]"),
                ("[]", &[Arg::Lit("0"), Arg::Lit("0")], "[]"),
                ("[]", &[Arg::Lit("0")], "error"),
                ("[1]", &[Arg::Dyn("-1")], "error"),
                ("[1]", &[Arg::Dyn("9223372036854775807")], "error"),
                ("[1,2]", &[Arg::Lit("1"), Arg::Lit("0")], "error"),
                ("[1,2]", &[Arg::Lit("1"), Arg::Lit("3")], "error"),
                ("null", &[Arg::Lit("0")], "error"),
            ],
        );
    }
}
