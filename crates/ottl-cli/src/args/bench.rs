//! The arguments of `ottl bench`.

use clap::Args;

use super::names::ReportForm;
use super::rules::WorkArguments;

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
The input is read into memory as protobuf. Then it is transformed again and again, each time from the input bytes to the output bytes. One \
iteration is one pass over all messages. A record is a log record, a span or a data point.

Examples:
  One thread, three seconds:
    ottl bench --config redact.yaml --signal logs logs.pb
  Two threads, with JSON output:
    ottl bench --config redact.yaml --signal logs --threads 2 --seconds 10 --format json logs.pb";

/// `ottl bench`.
#[derive(Debug, Args)]
pub struct BenchArguments {
    #[command(flatten)]
    pub work: WorkArguments,
    /// The number of threads that transform at the same time, each its own copy of the work
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: u16,
    /// How long to measure, in seconds
    #[arg(long, value_name = "S", default_value_t = 3.0, value_parser = seconds)]
    pub seconds: f64,
    /// Output format: a table, or one JSON object
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
}

/// Seconds: a number above zero, at most a day.
fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value > 0.0 && value <= 86_400.0 => Ok(value),
        _ => Err("expected a number of seconds above 0, at most 86400".to_owned()),
    }
}
