//! The workloads: rules, data, bars, and how outputs compare.

use std::borrow::Cow;

use ottl::Signal;

use crate::bodies::{self, Sample};
use crate::data::{self, Shape};
use crate::families::{Family, Kind, configuration};
use crate::functions;
use crate::hand::{self, ByHand};

/// One workload.
pub struct Row {
    /// Its name; `definitions/NAME.yaml` holds the rules if no code makes them.
    pub name: Cow<'static, str>,
    /// What it stands for.
    pub what: &'static str,
    /// `transform` or `filter`.
    pub processor: &'static str,
    /// The signal of its messages.
    pub signal: Signal,
    /// The rules.
    pub rules: Cow<'static, str>,
    /// What its messages are made of.
    pub data: Data,
    /// The loop written by hand for exactly these rules. It relies on the order in which SDKs write fields.
    pub by_hand: Option<ByHand>,
    /// How many times as fast as the reference this has to be with many records in a message.
    pub bar: Option<f64>,
}

/// What messages are made of.
pub enum Data {
    /// Records of the signal that [`data`] makes up.
    Usual,
    /// The records of a family, from which the rules are as well.
    Family(Family),
    /// A record that all are, as OTLP/JSON.
    Record(String),
    /// A message whose records are repeated.
    Sample(Sample),
}

/// What messages of one record have to reach.
const BAR_OF_ONE: f64 = 15.0;

macro_rules! defined {
    ($name:literal, $what:literal, $processor:literal, $signal:ident, $by_hand:expr, $bar:expr) => {
        Row {
            name: Cow::Borrowed($name),
            what: $what,
            processor: $processor,
            signal: Signal::$signal,
            rules: Cow::Borrowed(include_str!(concat!("../definitions/", $name, ".yaml"))),
            data: Data::Usual,
            by_hand: $by_hand,
            bar: $bar,
        }
    };
}

/// All workloads that are not a family's.
pub fn all() -> Vec<Row> {
    vec![
        defined!("untouched-logs", "rules that change nothing in this message", "transform", Logs, None, None),
        defined!(
            "filter-logs",
            "a regex on an attribute; severity and a resource attribute",
            "filter",
            Logs,
            Some(hand::filter_logs),
            Some(50.0)
        ),
        defined!("filter-spans", "two equalities", "filter", Traces, Some(hand::filter_spans), Some(30.0)),
        made("filter-100", "a hundred equalities with one attribute", true, &probes(), Some(hand::filter_100), 200.0),
        defined!("structural", "five structural log statements", "transform", Logs, Some(hand::structural), Some(22.0)),
        defined!(
            "redaction",
            "two regex replacements, SHA256 of the body",
            "transform",
            Logs,
            Some(hand::redaction),
            Some(22.0)
        ),
        defined!(
            "json-bodies",
            "JSON bodies into attributes, a third of the records",
            "transform",
            Logs,
            None,
            Some(16.0)
        ),
        defined!(
            "calls",
            "values of converters and keys of a parsed body into attributes",
            "transform",
            Logs,
            None,
            None
        ),
        made(
            "logs-100",
            "a hundred mixed log statements that nothing matches",
            false,
            &hundred(),
            Some(hand::logs_100),
            300.0,
        ),
        made("grok-50", "fifty grok patterns that no body matches", false, &groks(), None, 50.0),
        defined!(
            "tenant",
            "35 statements as a large tenant has them",
            "transform",
            Logs,
            Some(hand::tenant),
            Some(25.0)
        ),
        defined!("spans", "seven span statements", "transform", Traces, Some(hand::spans), Some(16.0)),
        defined!(
            "metrics",
            "four metric statements on names and data point attributes",
            "transform",
            Metrics,
            Some(hand::metrics),
            Some(25.0)
        ),
    ]
}

/// The workloads whose instructions and copied bytes are counted, with how many records: fewer where rules are many, and one
/// for what a message itself costs.
pub fn counted() -> Vec<(Row, usize)> {
    let families = Kind::ALL
        .map(|kind| Family { kind, filter: false, statements: 100, rate: 0, writing: false, failing: false })
        .map(of_family)
        .map(|row| (row, 512));
    let of_many = all().into_iter().map(|row| (row, 2048)).chain(families);
    of_many.chain(all().into_iter().map(|row| (row, 1))).collect()
}

/// The names of the workloads that binaries for releases get their profile of: those that are counted, processor bodies, and an
/// example of each function. What is not in a profile is taken for what hardly runs, and made small in place of fast.
///
/// # Errors
/// The bodies cannot be read.
pub fn profiled() -> Result<Vec<String>, String> {
    let mut names: Vec<String> = counted().into_iter().map(|(row, _)| row.name.into_owned()).collect();
    names.extend(bodies::rows("")?.iter().map(|row| format!("{BODY}{}", row.name)));
    names.extend(ottl::registry().iter().map(|function| function.name.to_owned()));
    names.sort();
    names.dedup();
    Ok(names)
}

/// What stands before the name of a processor body.
const BODY: &str = "body/";

/// The workload of this name, also a family's, a function's (the first example of that), or, behind `body/`, a processor body's.
pub fn find(name: &str) -> Option<Row> {
    let of_function = || functions::rows(name).ok()?.into_iter().find(|row| row.function == name).map(|row| row.row);
    if let Some(body) = name.strip_prefix(BODY) {
        return bodies::rows(body).ok()?.into_iter().find(|row| row.name == body);
    }
    Family::parse(name).map(of_family).or_else(|| all().into_iter().find(|row| row.name == name)).or_else(of_function)
}

impl Row {
    /// A message for its rules.
    ///
    /// # Errors
    /// The shape asks for bodies, and the signal has none.
    pub fn message(&self, shape: Shape) -> Result<Vec<u8>, String> {
        if shape.body.is_some() && self.signal != Signal::Logs {
            return Err("only log records have bodies".to_owned());
        }
        Ok(match (&self.data, self.signal) {
            (Data::Record(record), signal) => return functions::message(signal, record, shape.records),
            (Data::Sample(sample), signal) => return sample.message(signal, shape.records),
            (Data::Family(family), _) => family.message(shape),
            (Data::Usual, Signal::Traces) => data::spans(shape),
            (Data::Usual, Signal::Metrics) => data::points(shape),
            (Data::Usual, _) => data::logs(shape),
        })
    }

    /// The same data under other rules.
    pub fn with_rules(self, rules: String) -> Row {
        Row { rules: Cow::Owned(rules), by_hand: None, bar: None, ..self }
    }

    /// Whether its rules make attributes in an order that the reference leaves to chance.
    pub fn is_unordered(&self) -> bool {
        match &self.data {
            Data::Record(_) => true,
            Data::Sample(sample) => sample.is_unordered,
            Data::Usual | Data::Family(_) => self.name == "json-bodies",
        }
    }

    /// How many times as fast as the reference it has to be with so many records in a message.
    pub fn bar_at(&self, records: usize) -> Option<f64> {
        self.bar.map(|bar| if records == 1 { BAR_OF_ONE } else { bar })
    }
}

fn of_family(family: Family) -> Row {
    let bar = match (family.statements, family.rate, family.kind) {
        (100.., 0, Kind::Patterns) => Some(60.0),
        (100.., 0, _) => Some(100.0),
        (100.., 1..=5, Kind::Patterns) => Some(30.0),
        (100.., 1..=5, _) => Some(40.0),
        _ => None,
    };
    // Those are for records that are left as they are.
    let bar = bar.filter(|_| !family.writing);
    Row {
        name: Cow::Owned(family.name()),
        what: "made up",
        processor: if family.filter { "filter" } else { "transform" },
        signal: Signal::Logs,
        rules: Cow::Owned(family.rules()),
        data: Data::Family(family),
        by_hand: None,
        bar,
    }
}

fn made(
    name: &'static str,
    what: &'static str,
    filter: bool,
    lines: &[String],
    by_hand: Option<ByHand>,
    bar: f64,
) -> Row {
    Row {
        name: Cow::Borrowed(name),
        what,
        processor: if filter { "filter" } else { "transform" },
        signal: Signal::Logs,
        rules: Cow::Owned(configuration(filter, lines)),
        data: Data::Usual,
        by_hand,
        bar: Some(bar),
    }
}

/// Paths that scanners ask for; no record has one.
fn probes() -> Vec<String> {
    (0..100).map(|i| format!(r#"log.attributes["http.target"] == "/probe/{i:03}""#)).collect()
}

/// Codes of errors in the body, and routes of jobs in production, in turn; no record has one.
fn hundred() -> Vec<String> {
    (0..100)
        .map(|i| match i % 2 {
            0 => format!(r#"set(log.attributes["error.code"], "ERR-{i:04}") where IsMatch(log.body, "ERR-{i:04}")"#),
            _ => format!(
                r#"set(log.attributes["job"], {i}) where log.attributes["http.target"] == "/jobs/{i:03}" and resource.attributes["deployment.environment"] == "production""#
            ),
        })
        .collect()
}

/// Grok patterns of lines that no body has.
fn groks() -> Vec<String> {
    let pattern = |i: usize| format!("job-{i:03} %{{WORD:job.state}} after %{{INT:job.took:int}} ms");
    let statement =
        |i| format!(r#"merge_maps(log.attributes, ExtractGrokPatterns(log.body, "{}", true), "upsert")"#, pattern(i));
    (0..50).map(statement).collect()
}

#[cfg(test)]
mod tests {
    use super::{Data, all, counted, find};
    use ottl::{Output, RuleSet};

    #[test]
    fn rules_compile_without_a_warning_and_run_without_an_error() {
        for (row, _) in counted().into_iter().filter(|(_, records)| *records != 1) {
            assert_eq!(find(&row.name).map(|found| found.name), Some(row.name.clone()));
            let rules = RuleSet::compile(&row.rules).unwrap_or_else(|error| panic!("{}: {error}", row.name));
            assert!(rules.warnings().is_empty(), "{}: {}", row.name, rules.warnings());
            let message = row.message(100.into()).expect("a message");
            let outcome = rules.transform(row.signal, &message).expect("the message is sound");
            assert_eq!(outcome.report.errors().count(), 0, "{}", row.name);
            let silent = matches!(row.data, Data::Family(_))
                || ["untouched-logs", "filter-100", "logs-100", "grok-50"].contains(&&*row.name);
            assert_eq!(outcome.output == Output::Unchanged, silent, "{}", row.name);
        }
    }

    #[test]
    fn the_tenant_has_as_many_statements_as_it_says() {
        let row = find("tenant").expect("a row");
        let rules = RuleSet::compile(&row.rules).expect("the rules compile");
        assert_eq!(rules.statements(row.signal).count(), 35);
    }

    #[test]
    fn all_that_is_profiled_is_found() {
        let names = super::profiled().expect("the bodies can be read");
        assert!(names.len() > 200, "{}", names.len());
        for name in names {
            assert!(find(&name).is_some(), "{name}");
        }
    }

    #[test]
    fn names_are_unlike() {
        let mut names: Vec<_> = all().into_iter().map(|row| row.name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all().len());
    }
}
