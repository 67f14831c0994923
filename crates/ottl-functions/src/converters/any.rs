//! `Any`: whether a lambda holds for an element of a list or map.

use ottl_core::function::FunctionDef;

use crate::family::quantifier;

/// The function's row.
pub const DEF: FunctionDef = quantifier::row("Any")
    .docs(
        "Whether the lambda gives true for at least one element.\n\nElements are visited in order up to the first \
         that answers true. An empty source gives false; a source that is neither list nor map is an error.",
    )
    .example("Any([1, 5], (i, v) => v > 4)", "true")
    .example("Any({}, (k, v) => true)", "false")
    .value(|cx, args| quantifier::first(cx, args, true));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_true_ends_the_walk() {
        quantifier::tests::are_two(
            &DEF,
            &[
                ("[1,2,null]", "true"),
                ("[1,3]", "false"),
                ("[null,2]", "error"),
                ("[]", "false"),
                (r#"{"a":1,"b":2}"#, "true"),
                ("{}", "false"),
                ("null", "error"),
                ("7", "error"),
                (r#"[{"a":1}]"#, "error"),
            ],
        );
    }
}
