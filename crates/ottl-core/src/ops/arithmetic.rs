//! `+ - * /` and the unary minus.

use crate::{ErrorKind, EvalError, Value};

/// A binary arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MathOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}

/// Applies an operator. Integers wrap around; a float operand makes both floats; times and durations add and subtract.
///
/// # Errors
/// [`ErrorKind::DivisionByZero`] also for floats; [`ErrorKind::Operand`] for everything that has no arithmetic.
pub fn arithmetic<'a>(op: MathOp, left: Value<'a>, right: Value<'a>) -> Result<Value<'a>, EvalError> {
    let operand = |v: &Value<'_>| EvalError::new(ErrorKind::Operand(v.type_name()));
    match (left, right) {
        (Value::Int(l), Value::Int(r)) => {
            int_arithmetic(op, l, r).map(Value::Int).ok_or(ErrorKind::DivisionByZero.into())
        }
        (Value::Int(l), Value::Float(r)) => float(op, l as f64, r),
        (Value::Float(l), Value::Int(r)) => float(op, l, r as f64),
        (Value::Float(l), Value::Float(r)) => float(op, l, r),
        (Value::Int(_) | Value::Float(_), other) => Err(operand(&other)),
        (Value::Time(t), Value::Duration(d)) => match op {
            MathOp::Add => Ok(Value::Time(t.plus(d))),
            // The smallest duration has no negative: subtract in two steps.
            MathOp::Sub => Ok(Value::Time(t.plus(-(d / 2)).plus(-(d - d / 2)))),
            _ => Err(operand(&left)),
        },
        (Value::Time(l), Value::Time(r)) if op == MathOp::Sub => Ok(Value::Duration(l.since(&r))),
        (Value::Duration(d), Value::Time(t)) if op == MathOp::Add => Ok(Value::Time(t.plus(d))),
        (Value::Duration(l), Value::Duration(r)) => match op {
            MathOp::Add => Ok(Value::Duration(l.wrapping_add(r))),
            MathOp::Sub => Ok(Value::Duration(l.wrapping_sub(r))),
            _ => Err(operand(&left)),
        },
        (Value::Time(_) | Value::Duration(_), other) => Err(operand(&other)),
        (other, _) => Err(operand(&other)),
    }
}

/// The same on integers alone. Nothing where it would divide by zero.
#[inline]
pub fn int_arithmetic(op: MathOp, left: i64, right: i64) -> Option<i64> {
    Some(match op {
        MathOp::Add => left.wrapping_add(right),
        MathOp::Sub => left.wrapping_sub(right),
        MathOp::Mul => left.wrapping_mul(right),
        MathOp::Div if right == 0 => return None,
        MathOp::Div => left.wrapping_div(right),
    })
}

fn float<'a>(op: MathOp, l: f64, r: f64) -> Result<Value<'a>, EvalError> {
    Ok(Value::Float(match op {
        MathOp::Add => l + r,
        MathOp::Sub => l - r,
        MathOp::Mul => l * r,
        MathOp::Div if r == 0.0 => return Err(ErrorKind::DivisionByZero.into()),
        MathOp::Div => l / r,
    }))
}

/// The unary minus.
///
/// # Errors
/// [`ErrorKind::Operand`] for anything but an int or a float.
pub fn negate(value: Value<'_>) -> Result<Value<'_>, EvalError> {
    match value {
        Value::Int(i) => Ok(Value::Int(i.wrapping_neg())),
        Value::Float(f) => Ok(Value::Float(-f)),
        other => Err(ErrorKind::Operand(other.type_name()).into()),
    }
}
