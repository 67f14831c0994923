//! Processor bodies as teams have them (the family `bodies` of the golden vectors), each on the telemetry it is for, whose
//! records are repeated. They are read from the checkout when they are asked for.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ottl::Signal;
use ottl_otlp::json as otlp_json;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::measure::{Settings, measure};
use crate::print;
use crate::reference::Reference;
use crate::rows::{Data, Row};

/// An object whose values stay as they are written: protobuf gets the fields of a record in that order.
type Fields = BTreeMap<String, Box<RawValue>>;

/// A message as OTLP/JSON has it, of which messages with more records are made.
pub struct Sample {
    message: String,
    /// Whether the rules make attributes in an order that the reference leaves to chance.
    pub is_unordered: bool,
}

impl Sample {
    /// A message with so many records (of metrics: so many metrics) that are the sample's over and over, as many in each of
    /// its scopes.
    ///
    /// # Errors
    /// The sample is no message of the signal.
    pub fn message(&self, signal: Signal, records: usize) -> Result<Vec<u8>, String> {
        let [groups_name, scopes_name, list] = signal.lists().map(|list| list.name);
        let mut message: Fields = read(self.message.as_bytes())?;
        let mut groups: Vec<Fields> = read(field(&message, groups_name))?;
        let mut count = 0;
        let scopes_of = |group: &Fields| read::<Vec<Fields>>(field(group, scopes_name));
        for group in &groups {
            count += scopes_of(group)?.len();
        }
        let mut n = 0;
        for group in &mut groups {
            let mut scopes = scopes_of(group)?;
            for scope in &mut scopes {
                let all: Vec<Box<RawValue>> = read(field(scope, list))?;
                let share = records / count + usize::from(n < records % count);
                n += 1;
                let repeated: Vec<_> = all.iter().cycle().take(share).collect();
                scope.insert(list.to_owned(), to_raw_value(&repeated).map_err(|e| e.to_string())?);
            }
            group.insert(scopes_name.to_owned(), to_raw_value(&scopes).map_err(|e| e.to_string())?);
        }
        message.insert(groups_name.to_owned(), to_raw_value(&groups).map_err(|e| e.to_string())?);
        let (text, mut out) = (serde_json::to_vec(&message).map_err(|e| e.to_string())?, Vec::new());
        otlp_json::to_protobuf(signal, &text, &mut out).map_err(|e| e.to_string())?;
        Ok(out)
    }
}

fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|e| e.to_string())
}

/// The text of a field, or an empty list.
fn field<'a>(fields: &'a Fields, name: &str) -> &'a [u8] {
    fields.get(name).map_or(b"[]", |value| value.get().as_bytes())
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests")
}

fn read_file(file: &Path) -> Result<String, String> {
    std::fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))
}

/// A workload for each body whose file or signal has this text. Those of profiles, of versions before the newest, that ask for the
/// calling client or fail on their sample are not among them.
///
/// # Errors
/// The corpus cannot be read.
pub fn rows(filter: &str) -> Result<Vec<Row>, String> {
    let vectors = read_file(&tests().join("golden/vectors/bodies.jsonl"))?;
    let mut rows = Vec::new();
    for line in vectors.lines().skip(1) {
        let vector: Value = serde_json::from_str(line).map_err(|e| e.to_string())?;
        let (Some(id), Some(rules), Some(input)) =
            (vector["id"].as_str(), vector["config_file"].as_str(), vector["input"].as_str())
        else {
            continue;
        };
        let signal = match vector["signal"].as_str() {
            Some("logs") => Signal::Logs,
            Some("traces") => Signal::Traces,
            Some("metrics") => Signal::Metrics,
            _ => continue,
        };
        let is_out = ["target", "metadata", "error"].iter().any(|name| !vector[*name].is_null());
        if is_out || !(rules.contains(filter) || signal.name() == filter) {
            continue;
        }
        let message = read_file(&tests().join("golden/inputs").join(format!("{input}.json")))?;
        rows.push(Row {
            name: Cow::Owned(rules.trim_start_matches("bodies/").trim_end_matches(".yaml").to_owned()),
            what: "a body of the golden vectors",
            processor: if vector["processor"] == "filter" { "filter" } else { "transform" },
            signal,
            rules: Cow::Owned(read_file(&tests().join("samples/rules").join(rules)).map_err(|e| format!("{id}: {e}"))?),
            data: Data::Sample(Sample { message, is_unordered: vector["unordered"] == true }),
            by_hand: None,
            bar: None,
        });
    }
    Ok(rows)
}

/// Measures the bodies whose file or signal has a text, beside the reference, and prints a line for each, the slowest first; false
/// if an output differs.
///
/// # Errors
/// The corpus cannot be read.
pub fn compare(filter: &str, records: usize, settings: &Settings, reference: &Reference) -> Result<bool, String> {
    let mut sound = true;
    let mut lines = Vec::new();
    for row in rows(filter)? {
        match measure(&row, records.into(), false, settings, Some(reference)) {
            Ok(measured) => lines.push((measured.ratio.unwrap_or_default(), measured, row)),
            Err(error) => {
                eprintln!("error: {}: {error}", row.name);
                sound = false;
            }
        }
    }
    lines.sort_by(|(a, ..), (b, ..)| a.total_cmp(b));
    print::line("| body | signal | ns a record | reference | ratio |\n|---|---|--:|--:|--:|")?;
    for (ratio, measured, row) in &lines {
        let theirs = measured.reference.unwrap_or_default();
        let (name, signal, nanos) = (&row.name, row.signal.name(), measured.nanos);
        print::line(format_args!("| {name} | {signal} | {nanos:.0} | {theirs:.0} | {ratio:.1} |"))?;
    }
    let at_least = |bar: f64| lines.iter().filter(|(ratio, ..)| *ratio >= bar).count();
    let median = lines.get(lines.len() / 2).map_or(0.0, |(ratio, ..)| *ratio);
    let (count, fast) = (lines.len(), at_least(10.0));
    print::line(format_args!("\n{count} bodies, {fast} at least ten times as fast, median {median:.1}"))?;
    Ok(sound)
}

#[cfg(test)]
mod tests {
    use ottl::RuleSet;

    #[test]
    fn bodies_run_on_as_many_records_as_are_asked_for() {
        let rows = super::rows("").expect("the corpus");
        assert!(rows.len() > 100, "{}", rows.len());
        for row in rows {
            let rules = RuleSet::compile(&row.rules).unwrap_or_else(|error| panic!("{}: {error}", row.name));
            let message = row.message(40.into()).expect("a message");
            let outcome = rules.transform(row.signal, &message).unwrap_or_else(|error| panic!("{}: {error}", row.name));
            assert!(outcome.report.statements().any(|one| one.counters.evaluated > 0), "{}", row.name);
        }
    }
}
