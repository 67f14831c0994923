//! The arguments of `ottl explain`.

use std::path::PathBuf;

use clap::Args;

use super::names::{ReportForm, SignalName};
use super::rules::{RuleArguments, SourceArguments};

/// The end of the verb's help.
pub(super) const EXAMPLES: &str = "\
The plan has a section for each signal and processor, with a part for each walk over the message:
  apart from walk N   why the statements of a walk cannot run together with those of walk N
  c1, c2, ...         conditions that are computed once for each resource or scope
  scanned for         attributes and fields that are found in one pass over the record
  looked for          attributes that are searched for one by one, where there are few
  layout              compact: only the fields and attributes that the rules name are read;
                      general: the whole record is kept open, for the statement that is named
  asked at once       tests of all statements that are evaluated together; only statements
                      whose tests succeed run
  1., 2., ...         the statements, each with its condition and action as they run; an
                      expression in brackets has no faster form
The plan shows values of variables as they are. Its format may change in any version.

Examples:
  Explain a diagnostic and how to fix it:
    ottl explain W0304
  A file of rules:
    ottl explain redact.yaml
  One statement:
    ottl explain -e 'set(log.attributes[\"team\"], \"shop\") where resource.attributes[\"service.name\"] == \"cart\"'
  The log pipeline of a Collector configuration, as JSON:
    ottl explain --signal logs --format json collector.yaml";

/// `ottl explain`.
#[derive(Debug, Args)]
pub struct ExplainArguments {
    /// Files of rules, or codes of diagnostics; standard input if none, or for -
    #[arg(value_name = "RULES", conflicts_with_all = ["config", "statements"])]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub source: SourceArguments,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Explain only this signal
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// Output format: text, or a JSON array of objects with `file`, `signal`, `processor` and `text`
    #[arg(long, value_enum, value_name = "FORM", default_value_t)]
    pub format: ReportForm,
    /// Print no warnings
    #[arg(long, short)]
    pub quiet: bool,
}
