//! Exponentials and logarithms, to the bit as the reference computes them on amd64: std's answers depend on the platform.
//!
//! Source of the algorithms and constants: FDLIBM (Sun Microsystems, 1993) for logarithms and powers of two, which the
//! reference's standard library follows; for powers of e, N. Shibata, "Efficient evaluation methods of elementary functions
//! suitable for SIMD computation" (2010), as that library does it on processors with fused multiply-add.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2, LOG2_E};

const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);

/// The bits of a double behind its exponent.
const FRACTION: u64 = (1 << 52) - 1;
/// The exponent's field of 1.
const BIAS: i64 = 1023;

/// The natural logarithm of a positive number, infinity or NaN.
///
/// COMPAT: a subnormal number counts by its bits, without normalisation.
pub(crate) fn ln(number: f64) -> f64 {
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
    let mut mantissa = f64::from_bits(bits & FRACTION | 0.5f64.to_bits());
    let mut exponent = (bits >> 52) as f64 - 1022.0;
    if mantissa <= FRAC_1_SQRT_2 {
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

/// The logarithm to base 2 of a positive number, infinity or NaN.
pub(crate) fn log2(number: f64) -> f64 {
    if !number.is_finite() {
        return number;
    }
    // number = 2^exponent * mantissa, with a mantissa from 1/2 to 1.
    let normal = if number < f64::MIN_POSITIVE { number * (1u64 << 52) as f64 } else { number };
    let shifted = if normal == number { 0.0 } else { 52.0 };
    let bits = normal.to_bits();
    let mantissa = f64::from_bits(bits & FRACTION | 0.5f64.to_bits());
    let exponent = (bits >> 52) as f64 - 1022.0 - shifted;
    if mantissa == 0.5 { exponent - 1.0 } else { ln(mantissa) * LOG2_E + exponent }
}

/// 2 to a power.
pub(crate) fn exp2(power: f64) -> f64 {
    const P1: f64 = f64::from_bits(0x3fc5_5555_5555_5555);
    const P2: f64 = f64::from_bits(0xbf66_c16c_16be_bd93);
    const P3: f64 = f64::from_bits(0x3f11_566a_af25_de2c);
    const P4: f64 = f64::from_bits(0xbebb_bd41_c5d2_6bf1);
    const P5: f64 = f64::from_bits(0x3e66_3769_72be_a4d0);
    const OVERFLOW: f64 = 1_023.999_999_999_999_9;
    const UNDERFLOW: f64 = -1074.0;
    if power.is_nan() {
        return power;
    }
    if power > OVERFLOW {
        return f64::INFINITY;
    }
    if power < UNDERFLOW {
        return 0.0;
    }
    let whole = if power > 0.0 { (power + 0.5) as i64 } else { (power - 0.5) as i64 };
    let rest = power - whole as f64;
    let (high, low) = (rest * LN2_HIGH, -rest * LN2_LOW);
    let r = high - low;
    let t = r * r;
    let c = r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
    scaled(1.0 - ((low - (r * c) / (2.0 - c)) - high), whole)
}

/// e to a power.
pub(crate) fn exp(power: f64) -> f64 {
    const OVERFLOW: f64 = 7.097_827_128_933_84e2;
    const LN2_UPPER: f64 = f64::from_bits(0x3fe6_2e42_fefa_3000);
    const LN2_LOWER: f64 = f64::from_bits(0x3d53_de6a_f278_ece6);
    /// 1 / n! for n from 8 to 2, and 1.
    const TERMS: [f64; 8] = [1.0 / 40320.0, 1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0];
    if power.is_nan() {
        return power;
    }
    if power > OVERFLOW {
        return f64::INFINITY;
    }
    let whole = (power * LOG2_E).round_ties_even();
    if whole < -1100.0 {
        return 0.0;
    }
    // A sixteenth of what is left, by Taylor's series, and doubled four times.
    let rest = (-LN2_LOWER).mul_add(whole, (-LN2_UPPER).mul_add(whole, power)) * 0.0625;
    let mut value = rest * TERMS[1..].iter().fold(TERMS[0], |sum, term| sum.mul_add(rest, *term));
    for _ in 0..3 {
        value *= value + 2.0;
    }
    value = value.mul_add(value + 2.0, 1.0);
    let exponent = whole as i64 + BIAS;
    let power_of_two = |exponent: i64| f64::from_bits((exponent as u64) << 52);
    match exponent {
        2047.. => f64::INFINITY,
        1.. => value * power_of_two(exponent),
        -52..=0 => value * power_of_two(exponent + BIAS - 1) * f64::MIN_POSITIVE,
        _ => 0.0,
    }
}

/// A power of ln(2), `ln(2) * 2^exponent`.
pub(crate) fn ln2_scaled(exponent: i64) -> f64 {
    scaled(LN_2, exponent)
}

/// `number * 2^exponent`, rounded once. The number is normal.
pub(crate) fn scaled(number: f64, exponent: i64) -> f64 {
    let bits = number.to_bits();
    let exponent = ((bits >> 52) as i64 & 0x7ff) - BIAS + exponent;
    let sign = if number.is_sign_negative() { -1.0 } else { 1.0 };
    match exponent {
        ..-1075 => 0.0 * sign,
        1024.. => f64::INFINITY * sign,
        _ => {
            let (exponent, shift) =
                if exponent < -1022 { (exponent + 53, 1.0 / (1u64 << 53) as f64) } else { (exponent, 1.0) };
            f64::from_bits(bits & !(0x7ff << 52) | ((exponent + BIAS) as u64) << 52) * shift
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LN: &[(u64, u64)] = &[
        (0x3ff0_0000_0000_0000, 0x0000_0000_0000_0000),
        (0x4000_0000_0000_0000, 0x3fe6_2e42_fefa_39ef),
        (0x3fe0_0000_0000_0000, 0xbfe6_2e42_fefa_39ef),
        (0x7ff0_0000_0000_0000, 0x7ff0_0000_0000_0000),
        (0x0000_0000_0000_0001, 0xc086_28b7_6e3a_7b61),
        (0x7fef_ffff_ffff_ffff, 0x4086_2e42_fefa_39ef),
        (0x3db5_dcb0_0b30_eaec, 0xc038_a421_6331_e4c2),
        (0x40e2_e09a_806d_4a5a, 0x4025_200a_c552_7056),
        (0x3e8a_9145_d77f_8093, 0xc02e_dedd_d76f_0093),
        (0x405c_754b_a49d_2adb, 0x4012_f05d_1cb4_65f4),
        (0x41a2_6221_d3dd_7170, 0x4032_da94_8f88_fb88),
        (0x3e62_7202_9dd6_115e, 0xc031_2fbb_9134_eb4e),
    ];
    const LOG2: &[(u64, u64)] = &[
        (0x3ff0_0000_0000_0000, 0x0000_0000_0000_0000),
        (0x4000_0000_0000_0000, 0x3ff0_0000_0000_0000),
        (0x3fe0_0000_0000_0000, 0xbff0_0000_0000_0000),
        (0x4020_0000_0000_0000, 0x4008_0000_0000_0000),
        (0x7ff0_0000_0000_0000, 0x7ff0_0000_0000_0000),
        (0x0000_0000_0000_0001, 0xc090_c800_0000_0000),
        (0x0000_3739_a252_b281, 0xc090_10d9_da53_be06),
        (0x7fef_ffff_ffff_ffff, 0x4090_0000_0000_0000),
        (0x3ff0_0000_0000_0001, 0x3cb8_0000_0000_0000),
        (0x3e7f_acea_44b4_6052, 0xc037_03c3_d341_7903),
        (0x3cf0_6a66_6fa4_9ee5, 0xc047_fb43_a7c4_c52f),
        (0x41f0_1c7a_60ec_7462, 0x4040_0147_8b2f_f117),
        (0x43d7_c864_1638_1aae, 0x404f_4932_39f6_9a48),
        (0x3eb6_0d81_fd5a_8c01, 0xc033_8980_3239_95da),
        (0x3dc8_748b_40b6_d7ec, 0xc041_31a7_9d6c_f199),
    ];
    const EXP2: &[(u64, u64)] = &[
        (0x0000_0000_0000_0000, 0x3ff0_0000_0000_0000),
        (0x3ff0_0000_0000_0000, 0x4000_0000_0000_0000),
        (0xbff0_0000_0000_0000, 0x3fe0_0000_0000_0000),
        (0x3fe0_0000_0000_0000, 0x3ff6_a09e_667f_3bcc),
        (0x408f_ffff_ffff_ffff, 0x7fef_ffff_ffff_fd3a),
        (0x4090_0000_0000_0000, 0x7ff0_0000_0000_0000),
        (0xc08f_f400_0000_0000, 0x000b_504f_333f_9de6),
        (0xc090_c800_0000_0000, 0x0000_0000_0000_0001),
        (0xc090_ca00_0000_0000, 0x0000_0000_0000_0000),
        (0xc090_cc00_0000_0000, 0x0000_0000_0000_0000),
        (0xc09f_4000_0000_0000, 0x0000_0000_0000_0000),
        (0x7ff0_0000_0000_0000, 0x7ff0_0000_0000_0000),
        (0xfff0_0000_0000_0000, 0x0000_0000_0000_0000),
        (0xc05e_d7a2_1025_065c, 0x3838_c60c_b58e_2eb9),
        (0xc080_8662_9bc1_4e2c, 0x1ee2_671c_34db_2acd),
        (0xc070_e6bc_3f06_e14a, 0x2f07_e6d5_f318_fd89),
        (0x4066_0a0c_2115_e9fa, 0x4af3_e3df_6598_11d0),
        (0xc05c_1989_ddac_3ae3, 0x38e8_4482_5105_7534),
        (0xc055_a1d8_7357_8bd8, 0x3a86_2dfc_bfa0_2355),
    ];
    const EXP: &[(u64, u64)] = &[
        (0x0000_0000_0000_0000, 0x3ff0_0000_0000_0000),
        (0x3ff0_0000_0000_0000, 0x4005_bf0a_8b14_5769),
        (0xbff0_0000_0000_0000, 0x3fd7_8b56_362c_ef38),
        (0x3fe0_0000_0000_0000, 0x3ffa_6129_8e1e_069c),
        (0x4086_2e3d_70a3_d70a, 0x7ff0_0000_0000_0000),
        (0x4086_2e42_fefa_39ee, 0x7ff0_0000_0000_0000),
        (0x4086_3000_0000_0000, 0x7ff0_0000_0000_0000),
        (0xc086_2400_0000_0000, 0x000e_6cf6_d088_97ac),
        (0xc087_4000_0000_0000, 0x0000_0000_0000_0002),
        (0xc087_4999_9999_999a, 0x0000_0000_0000_0000),
        (0xc087_5000_0000_0000, 0x0000_0000_0000_0000),
        (0xc202_a05f_2000_0000, 0x0000_0000_0000_0000),
        (0x7ff0_0000_0000_0000, 0x7ff0_0000_0000_0000),
        (0xfff0_0000_0000_0000, 0x0000_0000_0000_0000),
        (0x39b4_484b_feeb_c2a0, 0x3ff0_0000_0000_0000),
        (0xb9b4_484b_feeb_c2a0, 0x3ff0_0000_0000_0000),
        (0xbfe7_f1c1_ac42_faf0, 0x3fde_48b8_b95a_c3c5),
        (0xc071_6cdf_9bbf_5b51, 0x26cb_48c6_5ddb_103c),
        (0x403f_c7a3_c83e_f2f1, 0x42cc_cffe_6273_8157),
        (0x407c_c5ca_2e81_e0c5, 0x6971_e609_95a5_d32f),
        (0x4079_8d4a_d250_2b2c, 0x64cc_35af_bf32_d9ef),
        (0xc075_9524_f628_da55, 0x20cb_fb02_5952_28a7),
    ];

    /// Answers of the reference's standard library (Go 1.26, amd64).
    #[test]
    fn answers_are_the_reference_s_to_the_bit() {
        type Function = fn(f64) -> f64;
        type Cases<'c> = &'c [(u64, u64)];
        let functions: [(&str, Function, Cases<'_>); 4] =
            [("ln", ln, LN), ("log2", log2, LOG2), ("exp2", exp2, EXP2), ("exp", exp, EXP)];
        for (name, function, cases) in functions {
            for (argument, want) in cases {
                let got = function(f64::from_bits(*argument)).to_bits();
                assert_eq!(got, *want, "{name} of {:?}: {got:#x}", f64::from_bits(*argument));
            }
        }
    }
}
