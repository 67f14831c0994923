//! All limits in one place. `spec/limits.md` is the same table for readers.

use ottl_compiler::Limits as RuleLimits;
use ottl_engine::Limits as RunLimits;

/// How large rules, and the work they cause, may be.
///
/// ```
/// use ottl::{Compiler, Limits};
///
/// let limits = Limits { statement_length: 4096, ..Limits::default() };
/// let compiler = Compiler::new().limits(limits);
/// let long = format!("log_statements: ['set(log.body, \"{}\")']", "x".repeat(5000));
/// assert!(compiler.compile(&long).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a configuration file, and bytes that expanding `${...}` in it may write. Default 16 MiB.
    pub configuration_length: usize,
    /// Bytes of a statement or condition. Default 1 MiB.
    pub statement_length: usize,
    /// Brackets inside each other in a statement or condition. Default 256.
    pub statement_nesting: u16,
    /// Statements and conditions of one processor for one signal. Default 10 000.
    pub statements: usize,
    /// Words and signs (tokens) of all statements and conditions of a configuration. Default 750 000.
    pub tokens: usize,
    /// Keys, values, lists and maps of a configuration, in YAML; expansion may walk two and a half times as many. Default
    /// 400 000.
    pub configuration_nodes: usize,
    /// Bytes that the patterns of a configuration may take together without automata, by an estimate; equal ones count
    /// once. Default 64 MiB.
    pub pattern_bytes: u64,
    /// Metrics that one statement may append to one scope. Default 10 000.
    pub new_metrics: u32,
    /// Elements of the list that a write to an index of an empty value makes. Default 10 000.
    pub list_padding: u32,
    /// Bytes that what statements compute and copy may take, besides 16 bytes for each byte of the message (64 MiB at most) and
    /// what copies of the whole message need. A statement that would pass it fails. Memory is given back between records,
    /// unless statements on records write to their resource or scope, or share a cache. Default 64 MiB.
    pub scratch_bytes: usize,
    /// Steps that the statements of one message may take, besides 16 for each byte of the message; a step is about a call of a
    /// lambda or a look at 64 bytes, some tens of nanoseconds. Default 50 000 000.
    pub steps: u64,
    /// Errors that a report lists one by one; counters go on. Default 100.
    pub listed_errors: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let (rules, run) = (RuleLimits::default(), RunLimits::default());
        Limits {
            configuration_length: 16 << 20,
            statement_length: rules.text.length,
            statement_nesting: rules.text.nesting,
            statements: rules.statements,
            tokens: rules.tokens,
            configuration_nodes: 400_000,
            pattern_bytes: 64 << 20,
            new_metrics: run.new_metrics,
            list_padding: run.list_padding,
            scratch_bytes: run.scratch_bytes,
            steps: run.steps,
            listed_errors: run.listed_errors,
        }
    }
}

impl Limits {
    /// The compiler's share.
    pub(crate) fn of_rules(&self) -> RuleLimits {
        let mut limits = RuleLimits::default();
        limits.text.length = self.statement_length;
        limits.text.nesting = self.statement_nesting;
        limits.statements = self.statements;
        limits.tokens = self.tokens;
        limits
    }

    /// The engines' share.
    pub(crate) fn of_runs(&self) -> RunLimits {
        RunLimits {
            new_metrics: self.new_metrics,
            list_padding: self.list_padding,
            scratch_bytes: self.scratch_bytes,
            steps: self.steps,
            listed_errors: self.listed_errors,
            ..RunLimits::default()
        }
    }
}
