//! [`witnesses`]: a few values that stand for all others, as far as comparisons with given literals can tell.
//!
//! A condition that only compares one value with literals holds for some value if and only if it holds for one of its
//! witnesses, so trying those decides whether it can hold, and whether it always does, by [`super::compare`] itself.
//!
//! INVARIANT: for each value there is a witness that compares with each of the literals in the same way, by every operator. It
//! follows from the order of each kind: a value is below all literals, is one of them, lies between two neighbours, or is above
//! all, and each of these places that is not empty has a witness.

use crate::{Arena, EvalError, Time, Value};

/// Integers from here on may be equal to a float that they are not; literals of this size have no witnesses.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Whether a literal is a number with values below and above it: the order of numbers to it is open.
#[must_use]
pub fn has_order(literal: &Value<'_>) -> bool {
    match literal {
        Value::Int(int) => int.unsigned_abs() < EXACT as u64,
        Value::Float(float) => float.abs() < EXACT,
        _ => false,
    }
}

/// Values of which one compares with the literals as any given value does.
///
/// None if a literal is a list or map (of keys that stand twice only the first counts, so that equality is no equivalence), or a
/// number that is not exactly the same as integer and as float.
///
/// # Errors
/// [`crate::ErrorKind::Budget`].
pub fn witnesses<'a>(literals: &[Value<'a>], arena: &'a Arena) -> Result<Option<Vec<Value<'a>>>, EvalError> {
    // What is nil or of a kind of its own is the same to all other literals. A time stands for all kinds that no literal has.
    let mut found = vec![Value::Nil, Value::Time(Time::from_unix_nanos(0))];
    let (mut texts, mut bytes) = (Vec::new(), Vec::new());
    let (mut numbers, mut durations) = (Vec::new(), Vec::new());
    for literal in literals {
        match literal {
            Value::Nil => {}
            Value::Bool(_) => found.extend([Value::Bool(false), Value::Bool(true)]),
            Value::Int(int) if has_order(literal) => numbers.push(*int as f64),
            Value::Float(float) if has_order(literal) => numbers.push(*float),
            Value::Str(text) => texts.push(*text),
            Value::Bytes(text) => bytes.push(*text),
            Value::Duration(nanos) => durations.push(*nanos),
            _ => return Ok(None),
        }
    }
    if !numbers.is_empty() {
        numbers.sort_by(f64::total_cmp);
        let between = numbers.windows(2).map(|pair| pair[0].midpoint(pair[1]));
        found.extend(between.map(Value::Float));
        found.extend(numbers.iter().copied().map(Value::Float));
        found.extend([f64::NEG_INFINITY, f64::INFINITY, f64::NAN].map(Value::Float));
    }
    for nanos in durations {
        found.extend([nanos.saturating_sub(1), nanos, nanos.saturating_add(1)].map(Value::Duration));
    }
    of_texts(&texts, Value::Str, &mut found, arena)?;
    of_texts(&bytes, Value::Bytes, &mut found, arena)?;
    Ok(Some(found))
}

/// The smallest texts (no bytes are nil, and nil has no order), the texts, and the one right behind each of them.
fn of_texts<'a>(
    texts: &[&'a [u8]],
    make: fn(&'a [u8]) -> Value<'a>,
    found: &mut Vec<Value<'a>>,
    arena: &'a Arena,
) -> Result<(), EvalError> {
    if !texts.is_empty() {
        found.extend([make(b""), make(b"\0")]);
    }
    for text in texts {
        let mut behind = arena.vec_for(text.len() + 1)?;
        behind.extend(text.iter().copied().chain([0]))?;
        found.extend([make(text), make(behind.into_slice())]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{CompareOp, compare};
    use crate::value::Entry;
    use crate::{List, ListKind, Map};

    const OPS: [CompareOp; 6] =
        [CompareOp::Eq, CompareOp::Ne, CompareOp::Lt, CompareOp::Le, CompareOp::Ge, CompareOp::Gt];

    #[test]
    fn a_witness_stands_for_every_value() {
        let literals = [
            Value::Nil,
            Value::Bool(false),
            Value::Bool(true),
            Value::Int(-1),
            Value::Int(0),
            Value::Int(3),
            Value::Float(0.0),
            Value::Float(-0.0),
            Value::Float(2.5),
            Value::Str(b""),
            Value::Str(b"a"),
            Value::Str(b"a\0"),
            Value::Str(b"b"),
            Value::Bytes(b""),
            Value::Bytes(b"a"),
            Value::Duration(0),
            Value::Duration(i64::MAX),
        ];
        let entries = [Entry { key: b"a", value: Value::Int(1) }];
        let mut values = vec![
            Value::Int(i64::MIN),
            Value::Int(i64::MAX),
            Value::Int(1 << 53),
            Value::Int((1 << 53) + 1),
            Value::Int(2),
            Value::Float(f64::NAN),
            Value::Float(f64::MAX),
            Value::Float(2.75),
            Value::Float(f64::MIN_POSITIVE),
            Value::Str(b"aa"),
            Value::Str(b"\xff\xff"),
            Value::Bytes(b"\0"),
            Value::Duration(1),
            Value::Duration(i64::MIN),
            Value::TraceId([1; 16]),
            Value::ProfileId([1; 16]),
            Value::GoInt(3),
            Value::Map(Map::new(&entries).expect("it is small")),
            Value::List(List::new(ListKind::Any, &[]).expect("it is small")),
        ];
        values.extend(literals);
        let arena = Arena::new();
        for first in literals {
            for second in literals {
                for third in literals {
                    let chosen = [first, second, third];
                    let witnesses = witnesses(&chosen, &arena).expect("no limit").expect("literals of simple kinds");
                    for value in &values {
                        let alike = |witness: &Value<'_>| {
                            let answers = |literal: &Value<'_>, value: &Value<'_>| {
                                OPS.map(|op| (compare(op, value, literal), compare(op, literal, value)))
                            };
                            chosen.iter().all(|literal| answers(literal, value) == answers(literal, witness))
                        };
                        assert!(witnesses.iter().any(alike), "{value:?} against {chosen:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn literals_without_witnesses() {
        let arena = Arena::new();
        let list = Value::List(List::new(ListKind::Any, &[]).expect("it is small"));
        for literal in [Value::Int(1 << 53), Value::Float(1e300), Value::Float(f64::NAN), list] {
            assert_eq!(witnesses(&[literal], &arena).map(|found| found.is_some()), Ok(false), "{literal:?}");
        }
    }
}
