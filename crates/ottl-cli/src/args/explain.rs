//! The arguments of `ottl explain`.

use std::path::PathBuf;

use clap::Args;

use super::names::{ReportForm, SignalName};
use super::rules::{RuleArguments, SourceArguments};

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
There is a section for each signal and processor, and in it a part for each walk over the message:
  apart from walk N   why the statements of a walk do not run together with those before
  c1, c2, ...         conditions that are computed once for each resource or scope, and which statements use them
  scanned for         the attributes and fields that are found in one go; `looked for` is one search for each of few
  layout              `compact`: a record is a short list of the fields and attributes that rules name; `general`: all of it is \
kept open, and the statement is named that needs that
  asked at once       what all statements ask of a record in one go; only those whose questions are answered with yes are run
  1., 2., ...         the statements, each with the condition and the action in the form in which they run; an expression in \
brackets has no faster form
The values of variables are shown as they are. The form of the text may change with any version.

Examples:
  What a diagnostic is about, why, and how to mend it:
    ottl explain W0304
  A file of rules:
    ottl explain redact.yaml
  One statement:
    ottl explain -e 'set(log.attributes[\"team\"], \"shop\") where resource.attributes[\"service.name\"] == \"cart\"'
  The log pipeline of a Collector configuration, for a machine to read:
    ottl explain --signal logs --format json collector.yaml";

/// `ottl explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Rule files, or codes of diagnostics; - or none is standard input
    #[arg(value_name = "RULES", conflicts_with_all = ["config", "statements"])]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub source: SourceArguments,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// The only signal to explain
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// Text, or one JSON array of objects with `file`, `signal`, `processor` and `text`
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
    /// No warnings
    #[arg(long, short)]
    pub quiet: bool,
}
