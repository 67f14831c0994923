//! `Log`: the natural logarithm.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::{EvalError, Value};

use crate::arguments;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Log")
    .arg("target", ParamType::FLOAT_LIKE, "the number")
    .returns(Type::Float)
    .docs(
        "The natural logarithm of a number.\n\nValues convert as `Double` does. nil, 0 and negative numbers are \
         errors.",
    )
    .example("Log(1)", "0")
    .value(eval);

fn eval<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    match arguments::any(args, 0) {
        Value::Float(number) if number > 0.0 || number.is_nan() => Ok(Value::Float(natural(number))),
        _ => Err(EvalError::function("a logarithm needs a number greater than zero").of(0)),
    }
}

/// The natural logarithm of a positive number, infinity or NaN, to the bit as the reference computes it.
///
/// Source: the algorithm and constants of `e_log.c` in FDLIBM (Sun Microsystems, 1993), which the reference's standard
/// library follows; std's answer depends on the platform. A subnormal number counts as the reference's assembly for
/// amd64 takes it: by its bits, without normalisation.
fn natural(number: f64) -> f64 {
    const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    const L1: f64 = f64::from_bits(0x3fe5_5555_5555_5593);
    const L2: f64 = f64::from_bits(0x3fd9_9999_9997_fa04);
    const L3: f64 = f64::from_bits(0x3fd2_4924_9422_9359);
    const L4: f64 = f64::from_bits(0x3fcc_71c5_1d8e_78af);
    const L5: f64 = f64::from_bits(0x3fc7_4664_96cb_03de);
    const L6: f64 = f64::from_bits(0x3fc3_9a09_d078_c69f);
    const L7: f64 = f64::from_bits(0x3fc2_f112_df3e_5244);
    if !number.is_finite() {
        return number;
    }
    // number = 2^exponent * (1 + f), with 1 + f between sqrt(1/2) and sqrt(2).
    let bits = number.to_bits();
    let mut mantissa = f64::from_bits(bits & ((1 << 52) - 1) | 0.5f64.to_bits());
    let mut exponent = (bits >> 52) as f64 - 1022.0;
    if mantissa <= std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        exponent -= 1.0;
    }
    let f = mantissa - 1.0;
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (L1 + s4 * (L3 + s4 * (L5 + s4 * L7)));
    let even = s4 * (L2 + s4 * (L4 + s4 * L6));
    let half_square = 0.5 * f * f;
    exponent * LN2_HIGH - ((half_square - (s * (half_square + (odd + even)) + exponent * LN2_LOW)) - f)
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
                (&[Float(1.0)], "0.0"),
                (&[Int(10)], "2.302585092994046"),
                (&[Str(b"0.1")], "-2.3025850929940455"),
                (&[Float(f64::NAN)], "NaN"),
                (&[Float(f64::INFINITY)], "inf"),
                (&[Float(1e-300)], "-690.7755278982137"),
                (&[Bool(true)], "0.0"),
                (&[Int(0)], "error"),
                (&[Float(-1.0)], "error"),
                (&[Nil], "error"),
                (&[Str(b"x")], "error"),
            ],
        );
    }
}
