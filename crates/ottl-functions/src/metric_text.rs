//! Metrics as short texts, for tests.
//!
//! `TYPE [delta|cumulative] POINT; POINT…` with type `empty`, `gauge`, `sum`, `histogram`, `exp` or `summary`. A point is
//! `[key=text,key=int]` and then, apart by blanks, `7` or `1.5` (the value of a number point), `@5` (time), `^5` (start
//! time) and `name=value` with the names count, sum, min, max, counts, bounds, flags, exemplar, scale, zero, pos, neg
//! (`offset:counts`) and q (values of the quantiles 0, 0.5, 1...); lists are apart by `/`.

use ottl_core::Value;
use ottl_core::edit::{
    Buckets, CUMULATIVE, DELTA, Exemplar, ExponentialPoint, HistogramPoint, MapEdit, MetricData, MetricEdit, Number,
    NumberPoint, Quantile, SummaryPoint,
};

/// The message of a metric.
pub(crate) fn metric(text: &'static str) -> Vec<u8> {
    let (kind, mut rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut temporality = 0;
    for (name, value) in [("delta", DELTA), ("cumulative", CUMULATIVE)] {
        if let Some(after) = rest.strip_prefix(name) {
            (temporality, rest) = (value, after.trim_start());
        }
    }
    let points = || rest.split(';').filter(|p| !p.trim().is_empty()).map(str::trim);
    let raw = Vec::new();
    let data = match kind {
        "gauge" => MetricData::Gauge { points: points().map(number).collect(), rest: raw },
        "sum" => MetricData::Sum { points: points().map(number).collect(), temporality, monotonic: true, rest: raw },
        "histogram" => MetricData::Histogram { points: points().map(histogram).collect(), temporality, rest: raw },
        "exp" => {
            MetricData::ExponentialHistogram { points: points().map(exponential).collect(), temporality, rest: raw }
        }
        "summary" => MetricData::Summary { points: points().map(summary).collect(), rest: raw },
        _ => MetricData::Empty,
    };
    let mut out = Vec::new();
    MetricEdit { name: b"m", unit: b"u", data, metadata: vec![&[]], ..MetricEdit::default() }.encode(&mut out);
    out
}

/// Attributes, then the words behind them.
fn point(text: &'static str) -> (MapEdit<'static>, std::str::SplitAsciiWhitespace<'static>) {
    let mut attributes = MapEdit::new();
    let (inside, words) = text.strip_prefix('[').and_then(|t| t.split_once(']')).unwrap_or(("", text));
    for pair in inside.split(',').filter(|p| !p.is_empty()) {
        let (key, value) = pair.split_once('=').expect("key=value");
        let value = match value.parse() {
            Ok(int) => Value::Int(int),
            Err(_) if value == "nan" => Value::Float(f64::NAN),
            Err(_) => Value::Str(value.as_bytes()),
        };
        attributes.push(key.as_bytes(), value);
    }
    (attributes, words.split_ascii_whitespace())
}

fn value_of(word: &str) -> Number {
    match word.parse() {
        Ok(int) => Number::Int(int),
        Err(_) => Number::Double(word.parse().expect("a number")),
    }
}

fn list<T: std::str::FromStr>(text: &str) -> Vec<T> {
    text.split('/').filter_map(|item| item.parse().ok()).collect()
}

fn float(text: &str) -> f64 {
    text.parse().expect("a float")
}

fn number(text: &'static str) -> NumberPoint<'static> {
    let (attributes, words) = point(text);
    let mut out = NumberPoint { attributes, ..NumberPoint::default() };
    for word in words {
        match word.split_at(1) {
            ("@", time) => out.time = time.parse().expect("a time"),
            ("^", time) => out.start = time.parse().expect("a time"),
            _ => out.value = value_of(word),
        }
    }
    out
}

fn histogram(text: &'static str) -> HistogramPoint<'static> {
    let (attributes, words) = point(text);
    let mut out = HistogramPoint { attributes, ..HistogramPoint::default() };
    for word in words {
        match word.split_once('=') {
            None if word.starts_with('^') => out.start = word[1..].parse().expect("a time"),
            None => out.time = word[1..].parse().expect("a time"),
            Some(("count", n)) => out.count = n.parse().expect("a count"),
            Some(("sum", n)) => out.sum = Some(float(n)),
            Some(("min", n)) => out.min = Some(float(n)),
            Some(("max", n)) => out.max = Some(float(n)),
            Some(("counts", n)) => out.counts = list(n),
            Some(("bounds", n)) => out.bounds = list(n),
            Some(("exemplar", n)) => out.exemplars.push(Exemplar { value: value_of(n), rest: Vec::new() }),
            Some((_, n)) => out.flags = n.parse().expect("flags"),
        }
    }
    out
}

fn exponential(text: &'static str) -> ExponentialPoint<'static> {
    let (attributes, words) = point(text);
    let mut out = ExponentialPoint { attributes, ..ExponentialPoint::default() };
    let buckets = |text: &str| {
        let (offset, counts) = text.split_once(':').expect("offset:counts");
        Buckets { offset: offset.parse().expect("an offset"), counts: list(counts), rest: Vec::new() }
    };
    for word in words {
        match word.split_once('=') {
            None if word.starts_with('^') => out.start = word[1..].parse().expect("a time"),
            None => out.time = word[1..].parse().expect("a time"),
            Some(("count", n)) => out.count = n.parse().expect("a count"),
            Some(("sum", n)) => out.sum = Some(float(n)),
            Some(("min", n)) => out.min = Some(float(n)),
            Some(("max", n)) => out.max = Some(float(n)),
            Some(("scale", n)) => out.scale = n.parse().expect("a scale"),
            Some(("zero", n)) => out.zero_count = n.parse().expect("a count"),
            Some(("pos", n)) => out.positive = buckets(n),
            Some(("neg", n)) => out.negative = buckets(n),
            Some((_, n)) => out.flags = n.parse().expect("flags"),
        }
    }
    out
}

fn summary(text: &'static str) -> SummaryPoint<'static> {
    let (attributes, words) = point(text);
    let mut out = SummaryPoint { attributes, ..SummaryPoint::default() };
    for word in words {
        match word.split_once('=') {
            None if word.starts_with('^') => out.start = word[1..].parse().expect("a time"),
            None => out.time = word[1..].parse().expect("a time"),
            Some(("count", n)) => out.count = n.parse().expect("a count"),
            Some(("q", n)) => {
                let quantile = |(n, value)| Quantile { quantile: f64::from(n) / 2.0, value, rest: Vec::new() };
                out.quantiles = (0_u32..).zip(list(n)).map(quantile).collect();
            }
            Some((_, n)) => out.sum = float(n),
        }
    }
    out
}

/// The name, the unit and the text of a metric message that has no metadata.
pub(crate) fn titled(bytes: &[u8]) -> String {
    let MetricEdit { name, description, unit, .. } = MetricEdit::decode(bytes).expect("a metric");
    let title = [name, description, unit].map(|text| String::from_utf8_lossy(text).into_owned()).to_vec();
    let title = title.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    format!("{title} {}", show(bytes).trim_end_matches(" without metadata"))
}

/// The text of a metric message.
pub(crate) fn show(bytes: &[u8]) -> String {
    let metric = MetricEdit::decode(bytes).expect("a metric");
    let metadata = if metric.metadata.is_empty() { " without metadata" } else { "" };
    let temporality = |t: &i32| match *t {
        DELTA => "delta ",
        CUMULATIVE => "cumulative ",
        _ => "",
    };
    let text = match &metric.data {
        MetricData::Empty => "empty".to_owned(),
        MetricData::Gauge { points, .. } => format!("gauge {}", joined(points, show_number)),
        MetricData::Sum { points, temporality: t, monotonic, .. } => {
            let monotonic = if *monotonic { "" } else { "not monotonic " };
            format!("sum {}{monotonic}{}", temporality(t), joined(points, show_number))
        }
        MetricData::Histogram { points, temporality: t, .. } => {
            format!("histogram {}{}", temporality(t), joined(points, show_histogram))
        }
        MetricData::ExponentialHistogram { points, temporality: t, .. } => {
            format!("exp {}{}", temporality(t), joined(points, show_exponential))
        }
        MetricData::Summary { points, .. } => format!("summary {}", joined(points, show_summary)),
    };
    format!("{}{metadata}", text.trim_end())
}

fn joined<P>(points: &[P], show: fn(&P) -> String) -> String {
    points.iter().map(show).collect::<Vec<_>>().join("; ")
}

fn attributes(map: &MapEdit<'_>) -> String {
    let pairs: Vec<_> = map
        .iter()
        .map(|e| {
            let value = match e.value().expect("a value") {
                Value::Str(text) => String::from_utf8_lossy(text).into_owned(),
                Value::Int(int) => int.to_string(),
                Value::Float(f) => f.to_string().to_lowercase(),
                other => format!("{other:?}"),
            };
            format!("{}={value}", String::from_utf8_lossy(e.key))
        })
        .collect();
    format!("[{}]", pairs.join(","))
}

fn times(start: u64, time: u64) -> String {
    let one = |sign: &str, time: u64| if time == 0 { String::new() } else { format!(" {sign}{time}") };
    one("^", start) + &one("@", time)
}

fn show_value(value: Number) -> String {
    match value {
        Number::Unset => String::new(),
        Number::Int(int) => int.to_string(),
        Number::Double(float) => format!("{float:?}"),
    }
}

fn show_number(p: &NumberPoint<'_>) -> String {
    format!("{} {}{}", attributes(&p.attributes), show_value(p.value), times(p.start, p.time))
}

fn items<T: std::fmt::Debug>(list: &[T]) -> String {
    list.iter().map(|item| format!("{item:?}")).collect::<Vec<_>>().join("/")
}

fn named(fields: &[(&str, String)]) -> String {
    fields.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| format!(" {n}={v}")).collect()
}

fn optional(value: Option<f64>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

fn show_histogram(p: &HistogramPoint<'_>) -> String {
    let mut text = attributes(&p.attributes);
    text += &named(&[
        ("count", p.count.to_string()),
        ("sum", optional(p.sum)),
        ("min", optional(p.min)),
        ("max", optional(p.max)),
        ("counts", items(&p.counts)),
        ("bounds", p.bounds.iter().map(f64::to_string).collect::<Vec<_>>().join("/")),
    ]);
    for exemplar in &p.exemplars {
        text += &named(&[("exemplar", show_value(exemplar.value))]);
    }
    if p.flags != 0 {
        text += &named(&[("flags", p.flags.to_string())]);
    }
    text + &times(p.start, p.time)
}

fn show_exponential(p: &ExponentialPoint<'_>) -> String {
    let buckets = |b: &Buckets<'_>| format!("{}:{}", b.offset, items(&b.counts));
    attributes(&p.attributes)
        + &named(&[
            ("count", p.count.to_string()),
            ("sum", optional(p.sum)),
            ("min", optional(p.min)),
            ("max", optional(p.max)),
            ("zero", p.zero_count.to_string()),
            ("pos", buckets(&p.positive)),
            ("neg", buckets(&p.negative)),
        ])
        + &times(p.start, p.time)
}

fn show_summary(p: &SummaryPoint<'_>) -> String {
    let quantiles: Vec<_> = p.quantiles.iter().map(|q| q.value).collect();
    attributes(&p.attributes) + &named(&[("sum", p.sum.to_string()), ("q", items(&quantiles))])
}
