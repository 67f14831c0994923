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
    /// Which processor the rules are for, where their keys do not tell
    #[arg(long, value_enum, value_name = "PROCESSOR")]
    pub processor: Option<ProcessorName>,
    /// The version of the Collector (contrib) that the rules are for; without it, the newest
    #[arg(long, value_name = "VERSION", value_parser = target)]
    pub target: Option<ottl::Target>,
    /// Switch a feature gate of the reference on, or off with a dash before its name (--gate=-NAME)
    #[arg(long = "gate", value_name = "NAME", allow_hyphen_values = true)]
    pub gates: Vec<String>,
    /// Also take contexts that the reference's library has and its processors refuse: profilesample
    #[arg(long)]
    pub library_contexts: bool,
    /// Expand ${env:NAME} and $$ in a processor body too; in a Collector configuration they always are
    #[arg(long)]
    pub expand: bool,
    /// Leave ${env:NAME} and $$ in a processor body as they are, and do not warn of them
    #[arg(long, conflicts_with = "expand")]
    pub no_expand: bool,
    /// Lines NAME=VALUE: variables for ${env:NAME}, before those of the environment
    #[arg(long, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Take no variables from the environment: for rules from others
    #[arg(long)]
    pub no_host_env: bool,
    /// The folder that ${file:PATH} is relative to, and nothing outside of which is read; more of them are folders that absolute
    /// paths may lie in. Without it, the folder of the rules
    #[arg(long = "file-dir", value_name = "DIR")]
    pub file_dirs: Vec<PathBuf>,
    /// Which pipeline of a Collector configuration to take, where a signal has several; one for each signal
    #[arg(long = "pipeline", value_name = "NAME")]
    pub pipelines: Vec<String>,
    /// Which configuration of a file that holds several, by its place: gateway:spec.config, collectors.daemon.config
    #[arg(long, value_name = "NAME")]
    pub configuration: Option<String>,
    /// Keep what a record writes into its resource, scope, metric, span or point from its neighbours, as `isolate: true` does
    /// for a group of statements
    #[arg(long)]
    pub isolate: bool,
    #[command(flatten)]
    pub levels: LevelArguments,
    /// Set a limit: a number, or bytes such as 64MiB; `--max help` lists the names, their defaults and meaning
    #[arg(long, value_name = "NAME=VALUE", value_parser = limits::parse)]
    pub max: Vec<Setting>,
    /// Leave out a rewrite of the engine: results do not depend on it
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
    /// The rules: a processor body or a Collector configuration. Several are merged as a Collector merges them, later ones over
    /// earlier ones; file:PATH is a file, too, and yaml:TEXT is the configuration itself (yaml:processors::transform::error_mode: silent)
    #[arg(long, short, value_name = "RULES", conflicts_with = "statements")]
    pub config: Vec<PathBuf>,
    /// A statement instead of a file's, or a condition that drops records with --processor filter; several run in order. It
    /// is one of every signal that it makes sense for
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
    /// The only signal to work on, and that of protobuf input, which is told by content without it; JSON of other signals
    /// passes through, or is left out where the output is protobuf
    #[arg(long, value_enum, value_name = "SIGNAL")]
    pub signal: Option<SignalName>,
    /// Files to read; - or none is standard input
    #[arg(value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// The format of the input, where content does not tell
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
