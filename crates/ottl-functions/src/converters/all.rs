//! `All`: whether a lambda holds for every element of a list or map.

use ottl_core::function::FunctionDef;

use crate::family::quantifier;

/// The function's row.
pub const DEF: FunctionDef = quantifier::row("All")
    .docs(
        "Whether the lambda gives true for every element.\n\nElements are visited in order up to the first that \
         answers false. An empty source gives true; a source that is neither list nor map is an error.",
    )
    .example("All([1, 5], (i, v) => v > 0)", "true")
    .example("All({}, (k, v) => false)", "true")
    .value(|cx, args| quantifier::first(cx, args, false));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_false_ends_the_walk() {
        quantifier::tests::are_two(
            &DEF,
            &[
                ("[2,1,null]", "false"),
                ("[2,2]", "true"),
                ("[null,1]", "error"),
                ("[]", "true"),
                (r#"{"a":2,"b":3}"#, "false"),
                ("{}", "true"),
                ("null", "error"),
                ("7", "error"),
            ],
        );
    }
}
