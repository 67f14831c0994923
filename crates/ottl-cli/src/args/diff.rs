//! The arguments of `ottl diff`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ottl::otlp::framing::FrameOptions;

use super::names::{FormatName, SignalName};
use super::rules::RuleArguments;
use crate::limits;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
Both rule sets run over every message of the data, with the same clock and the same random numbers. Their results are compared record by \
record: log records, spans, data points or profiles. Records keep their identity, so a record that is dropped, regrouped or added \
does not shift the others. A change of something that records share (resource, scope, metric) is shown once, with the number of its records. \
Options about reading rules apply to both rule sets.

The time per record is that of one thread, from the bytes of a message to the bytes of the result, without reading files, decoding JSON and \
comparing. A dash means that there is too little data to measure. Samples use the record numbers of `ottl run --trace --record N`.

Exit status:
  0  success, whether or not records differ
  1  more records differ than --fail-above allows, there is no record to compare for --fail-above, or the data cannot be read
  2  errors in the rules or in the arguments

Examples:
  What a change of the rules does to recorded traffic:
    ottl diff deployed.yaml changed.yaml recorded.jsonl.gz
  The same with values, against the committed version of the file (in bash):
    ottl diff <(git show HEAD:rules.yaml) rules.yaml recorded.jsonl --values
  Two versions of a file that is merged over a base configuration:
    ottl diff --config base.yaml prod-old.yaml prod-new.yaml recordings/
  Fail if any record differs, for instance after a refactoring:
    ottl diff before.yaml after.yaml --fail-above 0 recorded.jsonl
  A summary for a pull request on GitHub, and a failure if more than 1% of the records differ:
    ottl diff old.yaml new.yaml --format markdown --fail-above 1% data.jsonl >> \"$GITHUB_STEP_SUMMARY\"";

/// `ottl diff`.
#[derive(Debug, Args)]
pub struct DiffArguments {
    /// The old rules: a processor body or a Collector configuration; - is standard input
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The new rules
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Files to read, in any format that `ottl run` reads, or folders of them (.json, .jsonl, .ndjson, .pb, .binpb, .otlp, compressed
    /// or not); standard input if none, or for -
    #[arg(value_name = "DATA")]
    pub inputs: Vec<PathBuf>,
    /// A configuration that both have in common: OLD and NEW are merged over it, as a Collector merges files. Several are merged in order
    #[arg(long, short, value_name = "RULES")]
    pub config: Vec<PathBuf>,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Process only this signal, and read protobuf data as this signal; by default it is inferred
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// The format of the data, if it cannot be detected
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<FormatName>,
    /// How many sample records to show for each kind of difference; samples with different fields come first
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=1000))]
    pub samples: u16,
    /// Show values from the data
    #[arg(long)]
    pub values: bool,
    /// End with status 1 if more records differ than this: a number, or a percentage of all records such as 0.5%
    #[arg(long, value_name = "N", value_parser = threshold)]
    pub fail_above: Option<Threshold>,
    /// Skip messages that cannot be read and a damaged end of the data. The exit status is still 1
    #[arg(long)]
    pub keep_going: bool,
    /// Stop after the first N messages of all inputs together
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Print no warnings and no progress bar
    #[arg(long, short)]
    pub quiet: bool,
    /// Output format
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
    /// For people
    #[default]
    Text,
    /// One JSON object
    Json,
    /// Tables and samples, for a pull request comment or a job summary
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
