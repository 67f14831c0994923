//! Which rules, how they are read, and over what data: the arguments that several verbs have.

use std::path::PathBuf;

use clap::Args;
use ottl::otlp::framing::FrameOptions;

use super::levels::LevelArguments;
use super::names::{FormatName, ProcessorName, SignalName, target};
use crate::limits::{self, Setting};

/// Where rules come from and how they are read.
#[derive(Debug, Default, Args)]
pub struct RuleArguments {
    /// The processor that the rules are for, if their keys do not tell
    #[arg(long, value_enum, value_name = "PROCESSOR")]
    pub processor: Option<ProcessorName>,
    /// The version of the Collector (contrib) that the rules are for; the default is the newest
    #[arg(long, value_name = "VERSION", value_parser = target)]
    pub target: Option<ottl::Target>,
    /// Enable a feature gate of the Collector, or disable it with --gate=-NAME
    #[arg(long = "gate", value_name = "NAME", allow_hyphen_values = true)]
    pub gates: Vec<String>,
    /// Also accept contexts that the Collector's OTTL library has but its processors reject: profilesample
    #[arg(long)]
    pub library_contexts: bool,
    /// Expand ${env:NAME} and $$ in a processor body, as is always done in a Collector configuration
    #[arg(long)]
    pub expand: bool,
    /// Do not expand ${env:NAME} and $$ in a processor body, and do not warn about them
    #[arg(long, conflicts_with = "expand")]
    pub no_expand: bool,
    /// A file with variables for ${env:NAME}, one NAME=VALUE per line; they override the environment
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Do not read variables from the environment; use this for untrusted rules
    #[arg(long)]
    pub no_host_env: bool,
    /// The folder that ${file:PATH} is relative to; nothing outside of it is read. Further ones are folders that absolute paths may
    /// be in. The default is the folder of the rules
    #[arg(long = "file-dir", value_name = "DIR")]
    pub file_dirs: Vec<PathBuf>,
    /// The pipeline of a Collector configuration to run, if a signal has several; give one for each signal
    #[arg(long = "pipeline", value_name = "NAME")]
    pub pipelines: Vec<String>,
    /// The configuration to use from a file that holds several, by its place: gateway:spec.config, collectors.daemon.config
    #[arg(long, value_name = "NAME")]
    pub configuration: Option<String>,
    /// A write of a record to its resource, scope, metric, span or data point does not affect other records, as with `isolate:
    /// true` in a group of statements
    #[arg(long)]
    pub isolate: bool,
    #[command(flatten)]
    pub levels: LevelArguments,
    /// Set a limit: a number, or bytes such as 64MiB; `--max help` lists the names, their defaults and meaning
    #[arg(long, value_name = "NAME=VALUE", value_parser = limits::parse)]
    pub max: Vec<Setting>,
    /// Disable an optimisation of the engine; results do not depend on it
    #[arg(long = "without", value_name = "REWRITE", value_parser = rewrite, hide = true)]
    pub without: Vec<ottl::Rewrite>,
}

fn rewrite(name: &str) -> Result<ottl::Rewrite, String> {
    let names = || ottl::Rewrite::ALL.map(ottl::Rewrite::name).join(", ");
    ottl::Rewrite::by_name(name).ok_or_else(|| format!("the rewrites are {}", names()))
}

/// Which rules: a file of them, or statements.
#[derive(Debug, Default, Args)]
pub struct SourceArguments {
    /// The rules: a processor body or a Collector configuration. Several files are merged as a Collector merges them: later files
    /// override earlier ones. file:PATH is also a file, and yaml:TEXT gives configuration as text
    /// (yaml:processors::transform::error_mode: silent)
    #[arg(long, short, value_name = "RULES", conflicts_with = "statements")]
    pub config: Vec<PathBuf>,
    /// A statement to run instead of a file of rules, or with --processor filter a condition that drops records. Several run in
    /// order. A statement applies to every signal for which it is valid
    #[arg(long = "statement", short = 'e', value_name = "STATEMENT")]
    pub statements: Vec<String>,
}

/// What rules, over what data.
#[derive(Debug, Default, Args)]
pub struct WorkArguments {
    #[command(flatten)]
    pub source: SourceArguments,
    #[command(flatten)]
    pub rules: RuleArguments,
    /// Process only this signal, and read protobuf input as this signal; by default it is inferred. JSON messages of other signals
    /// pass through unchanged, or are left out if the output is protobuf
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// Files to read; standard input if none, or for -
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The format of the input, if it cannot be detected
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub from: Option<FormatName>,
    /// Whether inputs may be pprof files.
    #[arg(skip)]
    pub pprof: Pprof,
}

/// Whether an input may be a pprof file, which is then read as a message of OTLP profiles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pprof {
    /// It is taken for OTLP.
    #[default]
    No,
    /// If its content says so.
    Told,
    /// It has to be one.
    Always,
}

impl WorkArguments {
    /// How inputs are read.
    pub fn frames(&self) -> FrameOptions {
        let format = self.from.map(|name| name.format());
        FrameOptions { format, ..limits::budgets(&self.rules.max).unwrap_or_default().frames }
    }
}
