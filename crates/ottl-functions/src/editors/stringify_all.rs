//! `stringify_all`: turns the values of a map into texts.

use ottl_core::edit::MapEdit;
use ottl_core::function::{FunctionDef, ParamType};
use ottl_core::ops::push_pdata_text;
use ottl_core::{Arena, EvalError, Value};

use crate::scratch;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("stringify_all")
    .arg("target", ParamType::MapTarget, "path of the map")
    .docs(
        "Turns each value of a map that is no text into its text.\n\nBytes become base64, maps and lists JSON, \
         null the empty text; a container that holds NaN or an infinity becomes the empty text too.",
    )
    .example(
        "stringify_all(log.attributes)",
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"stringValue":"200"}},{"key":"user","value":{"stringValue":"{\"id\":7,\"name\":\"ann\"}"}},{"key":"tags","value":{"stringValue":"[\"a\",\"b\"]"}}]}"#,
    )
    .edit_map(eval);

fn eval<'a>(map: &mut MapEdit<'a>, _: &[Value<'a>], arena: &'a Arena) -> Result<(), EvalError> {
    for idx in 0..map.len() {
        if map.text_at(idx)?.is_some() {
            continue;
        }
        let value = map.value_at(idx)?;
        let text = scratch::with_text(|text| {
            arena.check(value.size())?;
            push_pdata_text(text, &value);
            arena.copy(text).map(|text| &*text)
        })?;
        map.set_at(idx, Value::Str(text));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::cases;

    #[test]
    fn everything_becomes_text() {
        cases(
            &DEF,
            &[
                (
                    r#"{"a":1,"b":2.5,"c":true,"d":null,"e":"x","f":[1,null],"g":{"z":1,"a":2.0}}"#,
                    &[],
                    r#"{"a":"1","b":"2.5","c":"true","d":"","e":"x","f":"[1,null]","g":"{"a":2,"z":1}"}"#,
                ),
                (r#"{"a":"x"}"#, &[], "unchanged"),
                ("null", &[], "error"),
            ],
        );
    }
}
