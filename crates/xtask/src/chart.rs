//! A chart of results that `ottl-benches --json` wrote: cost of a record over the number of statements, a panel for each family.
//!
//! The drawing is text put together here, without a library: a few lines, and colours that stand on light and dark pages.
//! Deliberately elsewhere: measuring (`ottl-benches`).

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

use serde::Deserialize;

use crate::{Outcome, repository};

type Error = Box<dyn std::error::Error>;

/// A file of results, as far as the chart needs it.
#[derive(Debug, Deserialize)]
struct Results {
    commit: Option<String>,
    processor: Option<String>,
    rows: Vec<Row>,
}

/// One measured row.
#[derive(Debug, Deserialize)]
struct Row {
    processor: String,
    family: Option<String>,
    statements: Option<u32>,
    matching_percent: Option<u32>,
    failing: Option<bool>,
    records: u64,
    attributes: Option<u64>,
    body: Option<u64>,
    threads: u64,
    marshaled: bool,
    ns_per_record: f64,
    reference_ns_per_record: Option<f64>,
}

/// Who a line is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Contestant {
    Ours,
    Reference,
}

/// Points of one line, from number of statements to nanoseconds of a record.
type Line = BTreeMap<u32, f64>;

/// The lines of a family: by contestant and percentage of matching records.
type Panel = BTreeMap<(Contestant, u32), Line>;

/// Runs `cargo xtask chart RESULTS.json [--out FILE]`.
pub fn run(mut arguments: lexopt::Parser) -> Outcome {
    use lexopt::prelude::*;
    let (mut file, mut out) = (None, repository::root().join("benches/families.svg"));
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("out") => out = arguments.value()?.into(),
            Value(value) if file.is_none() => file = Some(PathBuf::from(value)),
            _ => return Err(argument.unexpected().into()),
        }
    }
    let file = file.ok_or("which results? cargo xtask chart RESULTS.json")?;
    let text = std::fs::read(&file).map_err(|e| format!("{}: {e}", file.display()))?;
    let results: Results = serde_json::from_slice(&text).map_err(|e| format!("{}: {e}", file.display()))?;
    std::fs::write(&out, draw(&results)?).map_err(|e| format!("{}: {e}", out.display()))?;
    Ok(())
}

/// The lines of each family, of the largest messages among those of usual records.
fn panels(results: &Results) -> BTreeMap<&str, Panel> {
    let usual = |row: &&Row| {
        row.processor == "transform"
            && row.failing != Some(true)
            && (row.attributes, row.body, row.threads, row.marshaled) == (None, None, 1, false)
    };
    let rows: Vec<_> = results.rows.iter().filter(usual).collect();
    let largest = rows.iter().filter(|row| row.family.is_some()).map(|row| row.records).max();
    let mut panels: BTreeMap<&str, Panel> = BTreeMap::new();
    for row in rows.into_iter().filter(|row| Some(row.records) == largest) {
        let (Some(family), Some(statements), Some(rate)) = (&row.family, row.statements, row.matching_percent) else {
            continue;
        };
        let panel = panels.entry(family).or_default();
        panel.entry((Contestant::Ours, rate)).or_default().insert(statements, row.ns_per_record);
        if let Some(nanos) = row.reference_ns_per_record {
            panel.entry((Contestant::Reference, rate)).or_default().insert(statements, nanos);
        }
    }
    panels
}

/// The plot area of a panel, and what stands around it, in pixels.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 220.0;
const LEFT: f64 = 62.0;
const TOP: f64 = 56.0;
const GAP_X: f64 = 70.0;
const GAP_Y: f64 = 64.0;

/// Where a value lies on an axis whose steps are factors, from 0 to 1.
fn place(value: f64, least: f64, most: f64) -> f64 {
    (value / least).ln() / (most / least).ln()
}

/// The powers of ten around all values.
fn decades(values: impl Iterator<Item = f64> + Clone) -> (i32, i32) {
    let least = values.clone().fold(f64::INFINITY, f64::min).log10().floor() as i32;
    let most = values.fold(0.0, f64::max).log10().ceil() as i32;
    (least, most.max(least + 1))
}

/// A time as people write it.
fn time(nanos: f64) -> String {
    match nanos {
        1e6.. => format!("{} ms", nanos / 1e6),
        1e3.. => format!("{} µs", nanos / 1e3),
        _ => format!("{nanos} ns"),
    }
}

/// The drawing.
fn draw(results: &Results) -> Result<String, Error> {
    let panels = panels(results);
    let lines = || panels.values().flat_map(Panel::values);
    let nanos = lines().flat_map(Line::values).copied();
    if nanos.clone().any(|n| !n.is_finite() || n <= 0.0) {
        return Err("a time is no positive number".into());
    }
    let statements = lines().flat_map(Line::keys).copied();
    let (Some(fewest), Some(most)) = (statements.clone().min(), statements.clone().max()) else {
        return Err("the results have no family: ottl-benches --families --json FILE".into());
    };
    let mut ticks: Vec<_> = statements.collect();
    ticks.sort_unstable();
    ticks.dedup();
    let (low, high) = decades(nanos);
    let x = |statements: u32| match fewest == most {
        true => WIDTH / 2.0,
        false => WIDTH * place(f64::from(statements), f64::from(fewest), f64::from(most)),
    };
    let y = |nanos: f64| HEIGHT * (1.0 - place(nanos, 10f64.powi(low), 10f64.powi(high)));
    let across = panels.len().min(2) as f64;
    let down = panels.len().div_ceil(2) as f64;
    let width = LEFT + across * WIDTH + (across - 1.0) * GAP_X + 20.0;
    let height = TOP + down * HEIGHT + (down - 1.0) * GAP_Y + 66.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\">\n\
         <title>Nanoseconds of a record over the number of statements</title>\n{STYLE}"
    );
    legend(&mut svg, &panels)?;
    for (number, (family, panel)) in panels.iter().enumerate() {
        let left = LEFT + (number % 2) as f64 * (WIDTH + GAP_X);
        let top = TOP + (number / 2) as f64 * (HEIGHT + GAP_Y);
        writeln!(svg, "<g transform=\"translate({left:.0} {top:.0})\">")?;
        writeln!(svg, "<text class=\"head\" x=\"0\" y=\"-8\">{}</text>", escaped(family))?;
        for decade in low..=high {
            let (nanos, at) = (10f64.powi(decade), y(10f64.powi(decade)));
            writeln!(svg, "<path class=\"grid\" d=\"M0 {at:.1}H{WIDTH:.0}\"/>")?;
            writeln!(svg, "<text class=\"end\" x=\"-6\" y=\"{:.1}\">{}</text>", at + 4.0, time(nanos))?;
        }
        for &tick in &ticks {
            let at = x(tick);
            writeln!(svg, "<path class=\"grid\" d=\"M{at:.1} 0V{HEIGHT:.0}\"/>")?;
            writeln!(svg, "<text class=\"middle\" x=\"{at:.1}\" y=\"{:.0}\">{tick}</text>", HEIGHT + 16.0)?;
        }
        for (&(contestant, rate), line) in panel {
            let class = class(contestant, rate);
            let points: Vec<_> =
                line.iter().map(|(&statements, &nanos)| format!("{:.1} {:.1}", x(statements), y(nanos))).collect();
            writeln!(svg, "<path class=\"{class}\" d=\"M{}\"/>", points.join("L"))?;
            for point in points {
                let (x, y) = point.split_once(' ').unwrap_or_default();
                writeln!(svg, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"2.2\"/>")?;
            }
        }
        writeln!(svg, "</g>")?;
    }
    writeln!(svg, "<text class=\"middle\" x=\"{:.0}\" y=\"{:.0}\">statements</text>", width / 2.0, height - 30.0)?;
    let of: Vec<_> = [&results.commit, &results.processor].into_iter().flatten().map(|text| escaped(text)).collect();
    writeln!(
        svg,
        "<text class=\"middle\" x=\"{:.0}\" y=\"{:.0}\">{}</text>",
        width / 2.0,
        height - 10.0,
        of.join(", ")
    )?;
    svg.push_str("</svg>\n");
    Ok(svg)
}

/// Colours that can be read on white and on nearly black; what only the background decides follows the reader's setting.
const STYLE: &str = "\
<style>
text { font: 12px sans-serif; fill: #57606a }
.head { font-weight: bold }
.end { text-anchor: end }
.middle { text-anchor: middle }
path { fill: none; stroke-width: 2 }
.grid { stroke: #808080; stroke-opacity: .25; stroke-width: 1 }
path.ours { stroke: #1f7fd1 }
circle.ours { fill: #1f7fd1 }
path.reference { stroke: #c8641e }
circle.reference { fill: #c8641e }
path.some { stroke-dasharray: 6 4 }
path.all { stroke-dasharray: 1.5 3.5; stroke-linecap: round }
@media (prefers-color-scheme: dark) { text { fill: #a0a8b0 } }
</style>
";

/// The classes of a line.
fn class(contestant: Contestant, rate: u32) -> String {
    let whose = match contestant {
        Contestant::Ours => "ours",
        Contestant::Reference => "reference",
    };
    let which = match rate {
        0 => "",
        100 => " all",
        _ => " some",
    };
    format!("{whose}{which}")
}

/// What the lines are, above the panels.
fn legend(svg: &mut String, panels: &BTreeMap<&str, Panel>) -> Result<(), Error> {
    let mut lines: Vec<_> = panels.values().flat_map(Panel::keys).copied().collect();
    lines.sort_unstable();
    lines.dedup();
    let mut at = LEFT;
    for whose in [Contestant::Ours, Contestant::Reference] {
        let rates: Vec<_> =
            lines.iter().filter(|(contestant, _)| *contestant == whose).map(|(_, rate)| *rate).collect();
        if rates.is_empty() {
            continue;
        }
        let name = if whose == Contestant::Ours { "ottl" } else { "reference" };
        writeln!(svg, "<text x=\"{at:.0}\" y=\"20\">{name}</text>")?;
        at += if whose == Contestant::Ours { 32.0 } else { 62.0 };
        for rate in rates {
            writeln!(svg, "<path class=\"{}\" d=\"M{at:.0} 16h24\"/>", class(whose, rate))?;
            writeln!(svg, "<text x=\"{:.0}\" y=\"20\">{rate} %</text>", at + 28.0)?;
            at += 76.0;
        }
        at += 8.0;
    }
    Ok(())
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::{Results, decades, draw, place, time};

    fn results(rows: &str) -> Results {
        let text = format!(r#"{{"commit": "abc<", "processor": null, "rows": [{rows}]}}"#);
        serde_json::from_str(&text).expect("the form of results")
    }

    fn row(family: &str, statements: u32, rate: u32, more: &str) -> String {
        format!(
            r#"{{"row": "x", "processor": "transform", "family": "{family}", "statements": {statements},
                "matching_percent": {rate}, "failing": false, "records": 512, "attributes": null, "body": null,
                "threads": 1, "marshaled": false, "ns_per_record": 100.0, "reference_ns_per_record": 10000.0 {more}}}"#
        )
    }

    #[test]
    fn a_line_goes_through_all_sizes() {
        let rows = [row("keys", 10, 0, ""), row("keys", 100, 0, ""), row("keys", 1000, 0, "")].join(",");
        let svg = draw(&results(&rows)).expect("a drawing");
        // Both lie on lines of the grid, ours at the bottom and the reference at the top.
        for line in [
            "<path class=\"ours\" d=\"M0.0 220.0L150.0 220.0L300.0 220.0\"/>",
            "<path class=\"reference\" d=\"M0.0 0.0L150.0 0.0L300.0 0.0\"/>",
            ">100 ns</text>",
            ">10 µs</text>",
            "abc&lt;",
        ] {
            assert!(svg.contains(line), "{line} in {svg}");
        }
        for (open, closed) in [("<g ", "</g>"), ("<text ", "</text>"), ("<svg ", "</svg>")] {
            assert_eq!(svg.matches(open).count(), svg.matches(closed).count());
        }
    }

    #[test]
    fn rates_and_families_are_told_apart() {
        let rows = [row("keys", 10, 0, ""), row("keys", 10, 5, ""), row("mixed", 10, 100, "")].join(",");
        let svg = draw(&results(&rows)).expect("a drawing");
        for part in ["class=\"ours some\"", "class=\"reference all\"", ">5 %<", ">100 %<", ">keys<", ">mixed<"] {
            assert!(svg.contains(part), "{part}");
        }
    }

    #[test]
    fn without_a_family_there_is_nothing_to_draw() {
        let other = row("keys", 10, 0, "").replace("transform", "filter");
        for rows in ["", &other] {
            assert!(draw(&results(rows)).is_err(), "{rows}");
        }
        assert!(draw(&results(&row("keys", 10, 0, "").replace("100.0", "0.0"))).is_err());
    }

    #[test]
    fn axes_go_by_factors() {
        assert_eq!(place(10.0, 1.0, 100.0), 0.5);
        assert_eq!(decades([250.0, 3000.0].into_iter()), (2, 4));
        assert_eq!(decades([100.0].into_iter()), (2, 3));
        assert_eq!([100.0, 1e4, 1e6].map(time), ["100 ns", "10 µs", "1 ms"]);
    }
}
