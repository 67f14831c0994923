//! `IsValidLuhn`: whether the check digit of a number is right.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("IsValidLuhn")
    .arg("target", ParamType::STRING_LIKE, "the digits, or a value whose text form they are")
    .returns(Type::Bool)
    .docs(
        "Whether the last digit of a number is its check digit by the algorithm of Luhn, as in card numbers.\n\nBlanks \
         are left out; without digits the answer is false. Any other character and nil are errors.",
    )
    .example(r#"IsValidLuhn("4111 1111 1111 1111")"#, "true")
    .example("IsValidLuhn(17893729975)", "false")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let Value::Str(text) = arguments::any(args, 0) else {
        return Err(EvalError::function("nil is no number").of(0));
    };
    let mut sum = 0;
    let mut digits = 0_usize;
    for &byte in text.iter().rev().filter(|byte| **byte != b' ') {
        if !byte.is_ascii_digit() {
            return Err(EvalError::function("something in the number is no digit").of(0));
        }
        let digit = u64::from(byte - b'0');
        // Every second digit counts twice, and of two digits their sum.
        sum += if digits % 2 == 1 { digit * 2 % 10 + digit / 5 } else { digit };
        digits += 1;
    }
    Ok(Value::Bool(digits > 0 && sum % 10 == 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Float, Int, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"17893729974")], "true"),
                (&[Str(b"17893729975")], "false"),
                (&[Int(17_893_729_974)], "true"),
                (&[Str(b" 4111 1111 1111 1111 ")], "true"),
                (&[Str(b"0")], "true"),
                (&[Str(b"5")], "false"),
                (&[Str(b"59")], "true"),
                (&[Str(b"")], "false"),
                (&[Str(b"   ")], "false"),
                (&[Str(b"4111-1111")], "error"),
                (&[Str("٣".as_bytes())], "error"),
                (&[Int(-18)], "error"),
                (&[Float(18.5)], "error"),
                (&[Float(18.0)], "true"),
                (&[Bool(true)], "error"),
                (&[Nil], "error"),
            ],
        );
    }
}
