//! `Sort`: a list in order.

use std::cmp::Ordering;

use ottl_core::Arena;
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::ops::{pdata_text, store_list};
use ottl_core::{EvalError, List, ListKind, Value};

use crate::arguments;
use crate::quicksort;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Sort")
    .arg("target", ParamType::Any, "the list")
    .optional("order", ParamType::ConstString, "`asc` (the default) or `desc`")
    .returns(Type::List)
    .docs(
        "A list in ascending or descending order.\n\nInts compare as ints, ints and floats as floats; when a text, \
         bool or nil is among them, all compare by their text. A list with a map, a list or bytes in it stays as \
         it is. NaN comes first. Everything but a list is an error.",
    )
    .example("Sort([3, 1, 2])", "[1,2,3]")
    .example(r#"Sort(["a", "b"], "desc")"#, r#"["b","a"]"#)
    .compile(compile);

/// Checks the order.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    match args.get(1).and_then(Const::as_str) {
        None | Some(b"asc") => Ok(Kernel::of_first(|ctx, args| eval(ctx, args, false))),
        Some(b"desc") => Ok(Kernel::of_first(|ctx, args| eval(ctx, args, true))),
        Some(other) => Err(format!("the order must be asc or desc, not {:?}", String::from_utf8_lossy(other))),
    }
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>], descending: bool) -> Result<Value<'a>, EvalError> {
    let list = arguments::list(args, 0)?;
    let arena = ctx.arena();
    let (items, kind): (&[Value<'a>], _) = match list {
        List::Wire(..) => (copy(list, arena)?, ListKind::Any),
        List::Values(ListKind::Slice, items, _) => (items, ListKind::Any),
        List::Values(ListKind::Any, items, _) => match store_list(items, arena)? {
            List::Values(_, items, _) => (items, ListKind::Any),
            stored => (copy(stored, arena)?, ListKind::Any),
        },
        List::Values(kind, ..) if kind.is_foreign() => {
            return Err(EvalError::function("lists of unsigned ints or times have no order").of(0));
        }
        List::Values(kind, items, _) => (items, kind),
    };
    let sorted = match order_of(items) {
        // COMPAT: what has no order comes back as a stored list.
        None => {
            return Ok(Value::List(List::new(if kind == ListKind::Any { ListKind::Slice } else { kind }, items)?));
        }
        Some(Order::Ints) => alike(items, arena, descending, |v| v.as_int().unwrap_or(0))?,
        Some(Order::Floats) => by_numbers(items, arena, descending)?,
        Some(Order::Texts) if items.iter().all(|item| item.as_str().is_some()) => {
            alike(items, arena, descending, |v| v.as_str().unwrap_or_default())?
        }
        Some(Order::Texts) => by_texts(items, arena, descending)?,
    };
    Ok(Value::List(List::new(kind, sorted)?))
}

fn copy<'a>(list: List<'a>, arena: &'a Arena) -> Result<&'a [Value<'a>], EvalError> {
    let mut items = arena.vec_for(list.len())?;
    items.extend(list.iter())?;
    Ok(items.into_slice())
}

/// What elements compare as.
enum Order {
    Ints,
    Floats,
    Texts,
}

/// The order for these elements; `None` when there are none, or when one has no order.
fn order_of(items: &[Value<'_>]) -> Option<Order> {
    let (mut ints, mut floats, mut texts) = (false, false, false);
    for item in items {
        match item {
            Value::Int(_) => ints = true,
            Value::Float(_) => floats = true,
            Value::Str(_) | Value::Bool(_) | Value::Nil => texts = true,
            _ => return None,
        }
    }
    match (ints, floats, texts) {
        (_, _, true) => Some(Order::Texts),
        (_, true, _) => Some(Order::Floats),
        (true, ..) => Some(Order::Ints),
        _ => None,
    }
}

fn float(value: &Value<'_>) -> f64 {
    match value {
        Value::Int(int) => *int as f64,
        Value::Float(float) => *float,
        _ => 0.0,
    }
}

/// NaN first, and both zeros equal.
fn compare_floats(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

/// Elements of one kind in their order. Which of two equal ones comes first cannot be seen.
fn alike<'a, K: Ord>(
    items: &[Value<'a>],
    arena: &'a Arena,
    descending: bool,
    key: impl Fn(&Value<'a>) -> K,
) -> Result<&'a [Value<'a>], EvalError> {
    let sorted = arena.copy(items)?;
    sorted.sort_by(|a, b| if descending { key(b).cmp(&key(a)) } else { key(a).cmp(&key(b)) });
    Ok(sorted)
}

/// The elements in the order of their numbers; equal ones may be an int and a float, or two zeros.
fn by_numbers<'a>(items: &[Value<'a>], arena: &'a Arena, descending: bool) -> Result<&'a [Value<'a>], EvalError> {
    let sorted = arena.copy(items)?;
    quicksort::sort(sorted, |a, b| {
        let (a, b) = if descending { (float(b), float(a)) } else { (float(a), float(b)) };
        compare_floats(a, b).is_lt()
    });
    Ok(sorted)
}

/// The elements in the order of their texts.
fn by_texts<'a>(items: &[Value<'a>], arena: &'a Arena, descending: bool) -> Result<&'a [Value<'a>], EvalError> {
    arena.check(items.len().saturating_mul(size_of::<(&[u8], Value<'a>)>()))?;
    let mut keyed = Vec::with_capacity(items.len());
    for item in items {
        keyed.push((pdata_text(item, arena)?, *item));
    }
    quicksort::sort(&mut keyed, |(a, _), (b, _)| if descending { b < a } else { a < b });
    Ok(arena.fill(keyed.len(), |i| keyed[i].1)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Bytes, Float, Int, Nil, Str};

    use crate::test_call::{any, check, list, slice};

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[any(&[Int(3), Int(-1), Int(2)])], "Any[-1, 2, 3]"),
                (&[slice(&[Int(3), Float(2.5), Int(i64::MAX)])], "Any[2.5, 3, 9223372036854775807]"),
                (&[slice(&[Int(10), Str(b"8"), Int(9), Nil, Bool(true)])], "Any[nil, 10, \"8\", 9, true]"),
                (&[slice(&[Float(1.0), Float(f64::NAN), Float(-1.0)])], "Any[NaN, -1.0, 1.0]"),
                (&[slice(&[Float(1.0), Float(f64::NAN), Float(-1.0)]), Str(b"desc")], "Any[1.0, -1.0, NaN]"),
                (&[slice(&[Str(b"b"), Bytes(b"a")])], "Slice[\"b\", 0x61]"),
                (&[any(&[const { any(&[Int(2)]) }, Int(1)])], "Slice[Slice[2], 1]"),
                (&[any(&[Value::Map(ottl_core::Map::EMPTY)])], "error"),
                (&[any(&[])], "Slice[]"),
                (&[list(ListKind::Strings, &[Str(b"b"), Str(b"a")])], "Strings[\"a\", \"b\"]"),
                (&[list(ListKind::Bools, &[Bool(true), Bool(false)])], "Bools[false, true]"),
                (&[list(ListKind::Floats, &[])], "Floats[]"),
                (&[list(ListKind::Uints, &[Int(1)])], "error"),
                (&[any(&[]), Str(b"up")], "refused"),
                (&[Nil], "error"),
                (&[Str(b"ba")], "error"),
            ],
        );
    }
}
