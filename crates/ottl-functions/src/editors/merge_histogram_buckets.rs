//! `merge_histogram_buckets`: fewer buckets for a point of a histogram.

use ottl_core::function::{Availability, CallContext, Const, FunctionDef, Kernel, Param, ParamType};
use ottl_core::{EvalError, List, ListKind, Value};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("merge_histogram_buckets")
    .param(Param::new("target_value", ParamType::FLOAT_LIKE, "a bound, or the most buckets").lazy())
    .optional(
        "method",
        ParamType::ConstString,
        "`remove_explicit_bound` (the default), or `limit_buckets`",
    )
    .param(Param::implicit_target("datapoint.bucket_counts"))
    .param(Param::implicit_target("datapoint.explicit_bounds"))
    .availability(Availability { statements: &["datapoint"], conditions: &["none"] })
    .docs(
        "Merges buckets of a histogram's data point.\n\n`remove_explicit_bound` takes the bound `target_value` out (one \
         that differs by less than 1e-12 will do) and adds its bucket to the next one. `limit_buckets` merges \
         neighbours, as many at a time as leave at most `target_value` buckets, which must be a whole number from 1 on; \
         bounds must increase. Points of other metrics stay alone, and so do those whose bounds and buckets do not fit \
         together.",
    )
    .example_on(crate::example::HISTOGRAM,
        "merge_histogram_buckets(10.0)",
        r#"{"name":"latency","unit":"ms","histogram":{"dataPoints":[{"attributes":[{"key":"path","value":{"stringValue":"/"}}],"timeUnixNano":"2","count":"4","sum":60,"bucketCounts":["3","1"],"explicitBounds":[20]}],"aggregationTemporality":1}}"#,
    )
    .compile(compile);

/// How close a bound must be.
const CLOSE: f64 = 1e-12;

#[derive(Clone, Copy)]
enum Method {
    RemoveBound,
    Limit,
}

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let method = match args[1].as_str() {
        None | Some(b"remove_explicit_bound") => Method::RemoveBound,
        Some(b"limit_buckets") => Method::Limit,
        _ => return Err("the method must be 'remove_explicit_bound' or 'limit_buckets'".to_owned()),
    };
    if let Const::Value(value) = args[0] {
        let target = target(value).map_err(|error| error.to_string())?;
        if let Method::Limit = method {
            most_buckets(target).map_err(|error| error.to_string())?;
        }
    }
    Ok(Kernel::edit(move |cx, args| eval(cx, args, method)))
}

fn target(value: Value<'_>) -> Result<f64, EvalError> {
    match value {
        Value::Float(target) => Ok(target),
        _ => Err(EvalError::function("the target value must be a number")),
    }
}

/// COMPAT: 2^63 passes, and is as good as no limit.
fn most_buckets(target: f64) -> Result<usize, EvalError> {
    if !(1.0..=i64::MAX as f64).contains(&target) || target.trunc() != target {
        return Err(EvalError::function("the most buckets must be a whole number greater than zero"));
    }
    Ok(target as usize)
}

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>], method: Method) -> Result<(), EvalError> {
    // Points of other metrics have no such lists.
    let Value::List(counts) = cx.read(args[2])? else { return Ok(()) };
    let target = cx.force(args[0]).and_then(target).map_err(|error| error.of(0))?;
    let Value::List(bounds) = cx.read(args[3])? else { return Ok(()) };
    let most = match method {
        Method::RemoveBound => None,
        Method::Limit => Some(most_buckets(target).map_err(|error| error.of(0))?),
    };
    if counts.len() != bounds.len() + 1 || counts.len() == 1 {
        return Ok(());
    }
    let counts: Vec<i64> = counts.iter().map(|count| count.as_int().unwrap_or_default()).collect();
    let bounds: Vec<f64> = bounds.iter().map(|bound| bound.as_float().unwrap_or_default()).collect();
    let merged = match most {
        None => without_bound(counts, bounds, target),
        Some(most) => limited(&counts, &bounds, most),
    };
    let Some((counts, bounds)) = merged else { return Ok(()) };
    let list =
        |values: Vec<Value<'a>>, kind| Ok::<_, EvalError>(Value::List(List::new(kind, cx.arena().copy(&values)?)?));
    let counts = list(counts.into_iter().map(Value::Int).collect(), ListKind::Uints)?;
    let bounds = list(bounds.into_iter().map(Value::Float).collect(), ListKind::Floats)?;
    cx.write(args[3], bounds)?;
    cx.write(args[2], counts)
}

/// Takes out the bound that is next to `target`, if there is one.
fn without_bound(mut counts: Vec<i64>, mut bounds: Vec<f64>, target: f64) -> Option<(Vec<i64>, Vec<f64>)> {
    let idx = bounds.iter().position(|bound| (bound - target).abs() < CLOSE)?;
    bounds.remove(idx);
    // Counts are unsigned, but their sum has the same bits.
    let count = counts.remove(idx);
    counts[idx] = counts[idx].wrapping_add(count);
    Some((counts, bounds))
}

/// Merges neighbours until there are no more buckets than `most`, if there are more and bounds increase.
fn limited(counts: &[i64], bounds: &[f64], most: usize) -> Option<(Vec<i64>, Vec<f64>)> {
    if counts.len() <= most || !bounds.windows(2).all(|pair| pair[1] > pair[0]) {
        return None;
    }
    let at_a_time = counts.len().div_ceil(most);
    let counts = counts.chunks(at_a_time).map(|chunk| chunk.iter().fold(0_i64, |sum, count| sum.wrapping_add(*count)));
    let bounds = bounds.iter().skip(at_a_time - 1).step_by(at_a_time).copied();
    Some((counts.collect(), bounds.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, compile_error};

    #[test]
    fn a_bound_goes_with_its_bucket() {
        let without = |target| without_bound(vec![1, 2, 3], vec![1.0, 5.0], target);
        assert_eq!(without(1.0), Some((vec![3, 3], vec![5.0])));
        assert_eq!(without(5.0 + 1e-13), Some((vec![1, 5], vec![1.0])));
        assert_eq!(without(5.0 + 1e-11), None);
        assert_eq!(without(f64::NAN), None);
        assert_eq!(without_bound(vec![-1, 2], vec![f64::INFINITY], f64::INFINITY), None);
    }

    #[test]
    fn neighbours_merge_up_to_a_limit() {
        let (counts, bounds) = ([1, 2, 3, 4, 5], [1.0, 2.0, 3.0, 4.0]);
        for (most, want) in [
            (1, Some((vec![15], vec![]))),
            (2, Some((vec![6, 9], vec![3.0]))),
            (3, Some((vec![3, 7, 5], vec![2.0, 4.0]))),
            (4, Some((vec![3, 7, 5], vec![2.0, 4.0]))),
            (5, None),
        ] {
            assert_eq!(limited(&counts, &bounds, most), want, "{most}");
        }
        assert_eq!(limited(&counts[..3], &[2.0, 2.0], 1), None);
    }

    #[test]
    fn literals_are_checked() {
        let limit = Arg::Lit(r#""limit_buckets""#);
        for (args, want) in [
            (&[Arg::Lit("null")][..], "a number"),
            (&[Arg::Lit("1.5"), limit], "whole"),
            (&[Arg::Lit("0.0"), limit], "whole"),
            (&[Arg::Lit("10000000000000000000.0"), limit], "whole"),
            (&[Arg::Lit("1.0"), Arg::Lit(r#""merge""#)], "limit_buckets"),
        ] {
            assert!(compile_error(&DEF, args).contains(want), "{args:?}");
        }
    }
}
