//! Number text against answers of the reference's `strconv`, `encoding/json` and `fmt`.
//!
//! Rows of `vectors/number.tsv`: `write`, the bits of a float, its ECMAScript text and its `%v`
//! text; or `read`, a text, the bits of the float it denotes or the error, and the integer or the
//! error.

use ottl_core::number::{
    NumberError, parse_float, parse_int, parse_int_in, push_float_es6, push_float_g, push_float_json, push_int,
};

fn text(push: impl Fn(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    push(&mut out);
    String::from_utf8(out).expect("ASCII")
}

/// The ECMAScript text with its exponent padded to two digits: the JSON flavour.
fn padded(es6: &str) -> String {
    match es6.split_once('e') {
        Some((mantissa, exponent)) if exponent.len() == 2 => {
            format!("{mantissa}e{}0{}", &exponent[..1], &exponent[1..])
        }
        _ => es6.to_owned(),
    }
}

fn outcome<T>(result: Result<T, NumberError>, show: impl Fn(T) -> String) -> String {
    result.map_or_else(|error| error.to_string(), show)
}

#[test]
fn agrees_with_the_reference() {
    let mut wrong = Vec::new();
    for line in include_str!("vectors/number.tsv").lines() {
        let mut columns = line.split('\t');
        let mut next = || columns.next().expect("four columns");
        let found = match next() {
            "write" => {
                let value = f64::from_bits(u64::from_str_radix(next(), 16).expect("bits"));
                let (es6, general) = (next(), next());
                [
                    (text(|out| push_float_es6(out, value)), es6.to_owned()),
                    (text(|out| push_float_json(out, value)), padded(es6)),
                    (text(|out| push_float_g(out, value)), general.to_owned()),
                ]
            }
            _ => {
                let number = next().as_bytes();
                let bits = |f: f64| if f.is_nan() { "nan".to_owned() } else { format!("{:016x}", f.to_bits()) };
                let int = |i: i64| text(|out| push_int(out, i));
                [
                    (outcome(parse_float(number), bits), next().to_owned()),
                    (outcome(parse_int(number), int), next().to_owned()),
                    Default::default(),
                ]
            }
        };
        wrong.extend(found.iter().filter(|(found, wanted)| found != wanted).map(|case| format!("{line}: {case:?}")));
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn integers_of_all_bases() {
    use NumberError::{Range, Syntax};
    for (text, base, want) in [
        ("-101", 2, Ok(-5)),
        ("zZ", 36, Ok(1295)),
        ("+7f", 16, Ok(127)),
        ("0x7f", 16, Err(Syntax)),
        ("1_0", 10, Err(Syntax)),
        ("12", 2, Err(Syntax)),
        ("", 16, Err(Syntax)),
        ("-", 0, Err(Syntax)),
        ("-8000000000000000", 16, Ok(i64::MIN)),
        ("8000000000000000", 16, Err(Range)),
        ("1", 1, Err(Syntax)),
        ("1", 37, Err(Syntax)),
        ("0", 0, Ok(0)),
        ("10", 0, Ok(10)),
        ("010", 0, Ok(8)),
        ("0o17", 0, Ok(15)),
        ("-0B11", 0, Ok(-3)),
        ("0Xff", 0, Ok(255)),
        ("0x", 0, Err(Syntax)),
        ("08", 0, Err(Syntax)),
        ("0x_1", 0, Ok(1)),
        ("1_000", 0, Ok(1000)),
        ("0_7", 0, Ok(7)),
        ("1__0", 0, Err(Syntax)),
        ("_1", 0, Err(Syntax)),
        ("1_", 0, Err(Syntax)),
        ("0xa_b", 0, Ok(171)),
        ("0b1_02", 0, Err(Syntax)),
    ] {
        assert_eq!(parse_int_in(text.as_bytes(), base), want, "{text} in base {base}");
    }
}
