//! `convert_exponential_histogram_to_histogram`: turns an exponential histogram into one with bounds of the rule.

use ottl_core::edit::{Exemplar, ExponentialPoint, HistogramPoint, MetricData};
use ottl_core::function::{Availability, CallContext, Const, FunctionDef, Kernel, ParamType};
use ottl_core::{Arena, EvalError, Value};

use crate::bounded::{Chance, Distribution, counts};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("convert_exponential_histogram_to_histogram")
    .arg("distribution_fn", ParamType::ConstString, "`upper`, `midpoint`, `uniform` or `random`")
    .arg("explicit_bounds", ParamType::ConstFloats, "the bounds of the buckets")
    .availability(Availability { statements: &["metric"], conditions: &["none"] })
    .docs(
        "Turns an exponential histogram into a histogram with these bounds.\n\nA bucket that lies between two bounds \
         counts for the first of them, and one above the last bound for the last. Others go where their upper end \
         (`upper`) or their middle (`midpoint`) lies, or are spread over all bounds that they touch, evenly (`uniform`) or \
         by chance (`random`). Negative values are lost, and so are zeros unless the first bound is 0. There are as many \
         buckets as bounds. Sum, minimum and maximum become 0 where the point has none; flags and the metric's metadata \
         are removed. Metrics of other types stay as they are.",
    )
    .example_on(crate::example::EXPONENTIAL,
        r#"convert_exponential_histogram_to_histogram("upper", [1.0, 2.0, 4.0]) where metric.name == "size""#,
        r#"{"name":"size","unit":"By","histogram":{"dataPoints":[{"timeUnixNano":"2","count":"4","sum":9,"bucketCounts":["0","3","1"],"explicitBounds":[1,2,4],"min":0,"max":0}],"aggregationTemporality":2}}"#,
    )
    .compile(compile);

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let distribution = Distribution::by_name(args[0].as_str().unwrap_or_default())?;
    let bounds: Vec<f64> = match &args[1] {
        Const::Value(Value::List(bounds)) => bounds.iter().filter_map(|bound| bound.as_float()).collect(),
        _ => Vec::new(),
    };
    if bounds.is_empty() {
        return Err("there must be bounds".to_owned());
    }
    Ok(Kernel::edit(move |cx, _| eval(cx, distribution, &bounds)))
}

fn eval(cx: &mut CallContext<'_, '_>, distribution: Distribution, bounds: &[f64]) -> Result<(), EvalError> {
    let arena = cx.arena();
    let mut chance = Chance::new(if let Distribution::Random = distribution { cx.host().random() } else { [0; 16] });
    cx.host().edit_metric(&mut |metric| {
        let MetricData::ExponentialHistogram { points, temporality, .. } = &mut metric.data else { return Ok(false) };
        // Nothing is touched before all is known to succeed.
        let counts = all_counts(points, distribution, bounds, &mut chance, arena)?;
        let points = points.iter_mut().zip(counts).map(|(point, counts)| converted(point, counts, bounds)).collect();
        metric.data = MetricData::Histogram { points, temporality: *temporality, rest: Vec::new() };
        metric.metadata.clear();
        Ok(true)
    })
}

/// The buckets of all points.
fn all_counts(
    points: &[ExponentialPoint<'_>],
    distribution: Distribution,
    bounds: &[f64],
    chance: &mut Chance,
    arena: &Arena,
) -> Result<Vec<Vec<u64>>, EvalError> {
    // Two lists of eight bytes each, then the same encoded, and that in the arena.
    let made = size_of::<HistogramPoint<'_>>().saturating_add(bounds.len().saturating_mul(6 * 8));
    arena.check(made.saturating_mul(points.len()))?;
    points
        .iter()
        .map(|point| {
            arena.spend((point.positive.counts.len() as u64).saturating_mul(bounds.len() as u64) / 16)?;
            counts(point, bounds, distribution, chance)
        })
        .collect()
}

fn converted<'a>(point: &mut ExponentialPoint<'a>, counts: Vec<u64>, bounds: &[f64]) -> HistogramPoint<'a> {
    // An exemplar is the same message in both.
    let exemplars = point.exemplars.iter().map(|message| Exemplar { rest: vec![*message], ..Exemplar::default() });
    HistogramPoint {
        attributes: std::mem::take(&mut point.attributes),
        start: point.start,
        time: point.time,
        count: point.count,
        // COMPAT: what is not there becomes 0.
        sum: Some(point.sum.unwrap_or_default()),
        min: Some(point.min.unwrap_or_default()),
        max: Some(point.max.unwrap_or_default()),
        counts,
        bounds: bounds.to_vec(),
        exemplars: exemplars.collect(),
        ..HistogramPoint::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, compile_error, on_metric};
    use crate::metric_text::{metric, show};

    #[test]
    fn only_exponential_histograms_change() {
        let args = [Arg::Lit(r#""upper""#), Arg::Lit("[0.0,2.0,4.0]")];
        let (outcome, written, _) =
            on_metric(&DEF, &metric("exp delta [a=x] count=9 sum=3 zero=2 pos=0:3/1 neg=0:3 flags=1 ^1 @2; []"), &args);
        assert!(outcome.is_ok());
        let want = "histogram delta [a=x] count=9 sum=3 min=0 max=0 counts=5/0/1 bounds=0/2/4 ^1 @2; [] count=0 sum=0 \
                    min=0 max=0 counts=0/0/0 bounds=0/2/4 without metadata";
        assert_eq!(written.map(|m| show(&m)).as_deref(), Some(want));
        for text in ["gauge [] 1", "histogram delta [] count=1", "summary", "empty"] {
            let (outcome, written, _) = on_metric(&DEF, &metric(text), &args);
            assert!(outcome.is_ok() && written.is_none(), "{text}");
        }
        assert!(compile_error(&DEF, &[Arg::Lit(r#""lower""#), args[1]]).contains("midpoint"));
        assert!(compile_error(&DEF, &[args[0], Arg::Lit("[]")]).contains("bounds"));
    }
}
