//! The arguments of `ottl diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ottl::otlp::framing::FrameOptions;

use super::names::{FormatName, SignalName};
use super::rules::RuleArguments;
use crate::limits;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
Both rule sets run over every message of the data, with the same clock and the same random numbers, and their results are \
compared record by record: a record is a log record, a span, a data point or a profile. Records are known by numbers that go \
through both, so those that are dropped, regrouped or added put nothing out of place. What many records share (resource, \
scope, metric) is shown once, with the number of its records. Options that say how rules are read count for both.

The time is that of one thread from a message's bytes to the result's, without reading, decoding JSON and comparing; for too \
little data to say it there is a dash. Samples name records as `ottl run --trace --record N` counts them.

Exit status:
  0  done, whatever differs
  1  more records differ than --fail-above allows, --fail-above has no record to look at, or the data cannot be read
  2  the rules or the arguments are wrong

Examples:
  What a change does to recorded traffic, before it is deployed:
    ottl diff deployed.yaml changed.yaml recorded.jsonl.gz
  The same with values, of a file under version control (in bash):
    ottl diff <(git show HEAD:rules.yaml) rules.yaml recorded.jsonl --values
  Two versions of a file that a Collector merges over another one:
    ottl diff --config base.yaml prod-old.yaml prod-new.yaml recordings/
  Nothing may differ, as in a change of form only:
    ottl diff before.yaml after.yaml --fail-above 0 recorded.jsonl
  A summary for a pull request on GitHub, and an error from one record in a hundred on:
    ottl diff old.yaml new.yaml --format markdown --fail-above 1% data.jsonl >> \"$GITHUB_STEP_SUMMARY\"";

/// `ottl diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The rules as they are: a processor body or a Collector configuration; - is standard input
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The rules as they shall be
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Files to read, in any form that `ottl run` takes, or folders of them (.json, .jsonl, .ndjson, .pb, .binpb, .otlp, compressed or
    /// not); - or none is standard input
    #[arg(value_name = "DATA")]
    pub inputs: Vec<PathBuf>,
    /// A configuration that both have in common: OLD and NEW are merged over it, as a Collector merges several; more of them in their order
    #[arg(long, short, value_name = "RULES")]
    pub config: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// The only signal to work on, and that of protobuf data, which is told by content without it
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// The format of the data, where content does not tell
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<FormatName>,
    /// How many records to show of each kind of difference; those that differ in other fields come first
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub samples: u16,
    /// Show the values of the data, too
    #[arg(long)]
    pub values: bool,
    /// End with status 1 if more than so many records differ: a number, or a share of all records with % behind it
    #[arg(long, value_name = "N", value_parser = threshold)]
    pub fail_above: Option<Threshold>,
    /// Leave out messages that cannot be read, and what a damaged end of the data has no more of; the exit status is 1 all the same
    #[arg(long)]
    pub keep_going: bool,
    /// Stop after the first N messages of all inputs together
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// No warnings and no progress bar
    #[arg(long, short)]
    pub quiet: bool,
    /// The form of the result
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: DiffFormat,
}

impl DiffArguments {
    /// How inputs are read.
    pub fn frames(&self) -> FrameOptions {
        let format = self.from.map(|name| name.format());
        FrameOptions { format, ..limits::budgets(&self.rules.max).unwrap_or_default().frames }
    }
}

/// A form of what two rule sets do differently.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// For people at a terminal
    #[default]
    Text,
    /// One object
    Json,
    /// Tables and samples for a comment or summary
    Markdown,
}

/// How many records may differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Threshold {
    Records(u64),
    Percent(f64),
}

impl Threshold {
    /// Whether so many of all records are more.
    pub fn is_below(self, different: u64, all: u64) -> bool {
        match self {
            Threshold::Records(most) => different > most,
            // Exact for all numbers of records that can be read in a lifetime.
            Threshold::Percent(most) => different as f64 * 100.0 > most * all as f64,
        }
    }
}

fn threshold(text: &str) -> Result<Threshold, String> {
    let wrong = || "expected a number of records, or a percentage such as 0.5%".to_owned();
    match text.strip_suffix('%') {
        Some(percent) => match percent.trim_end().parse::<f64>() {
            Ok(value) if (0.0..=100.0).contains(&value) => Ok(Threshold::Percent(value)),
            _ => Err(wrong()),
        },
        None => text.parse().map(Threshold::Records).map_err(|_| wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_numbers_or_shares() {
        assert_eq!(threshold("10"), Ok(Threshold::Records(10)));
        assert_eq!(threshold("0.5%"), Ok(Threshold::Percent(0.5)));
        for wrong in ["", "%", "-1", "101%", "nan%", "1e400", "x"] {
            assert!(threshold(wrong).is_err(), "{wrong}");
        }
        assert!(Threshold::Records(0).is_below(1, 10) && !Threshold::Records(1).is_below(1, 10));
        assert!(Threshold::Percent(9.9).is_below(1, 10) && !Threshold::Percent(10.0).is_below(1, 10));
        assert!(!Threshold::Percent(0.0).is_below(0, 0));
    }
}
