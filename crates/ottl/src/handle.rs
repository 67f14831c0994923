//! [`RuleSetHandle`]: the rule set in force, swapped while messages run.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use crate::ruleset::Rules;
use crate::{Call, CompileError, Error, Outcome, Report, RuleSet, Scratch, Status};

/// The rule set in force. Another one takes its place at once and as a whole.
///
/// A message that is being worked on finishes with the rules it began with. Rules that do not compile never replace
/// rules that do.
///
/// ```
/// use ottl::{RuleSet, RuleSetHandle, Signal};
///
/// let compile = |value: &str| RuleSet::compile(&format!("log_statements: ['set(log.severity_text, {value})']"));
/// let handle = RuleSetHandle::new(compile("\"A\"").unwrap());
/// let message = [0x0a, 4, 0x12, 2, 0x12, 0];
/// let text = |handle: &RuleSetHandle| {
///     let outcome = handle.transform(Signal::Logs, &message).unwrap();
///     *outcome.output.bytes(&message).unwrap().last().unwrap() as char
/// };
///
/// assert_eq!(text(&handle), 'A');
/// assert!(handle.swap(compile("nonsense(")).is_err());
/// assert_eq!(text(&handle), 'A');
/// handle.swap(compile("\"B\"")).unwrap();
/// assert_eq!(text(&handle), 'B');
/// ```
pub struct RuleSetHandle {
    current: ArcSwap<Rules>,
}

impl RuleSetHandle {
    /// A handle with its first rule set.
    pub fn new(rules: RuleSet) -> RuleSetHandle {
        RuleSetHandle { current: ArcSwap::new(rules.rules) }
    }

    /// The rule set in force. Whoever holds it keeps it, whatever is swapped in.
    pub fn load(&self) -> RuleSet {
        RuleSet { rules: self.current.load_full() }
    }

    /// Puts a rule set that compiled into force and gives the one before; with one that did not compile, nothing
    /// changes.
    ///
    /// # Errors
    /// The error that was passed in.
    pub fn swap(&self, compiled: Result<RuleSet, CompileError>) -> Result<RuleSet, CompileError> {
        let rules = compiled?;
        Ok(RuleSet { rules: self.current.swap(rules.rules) })
    }

    /// Runs the rules in force over one message; see [`RuleSet::transform`].
    ///
    /// # Errors
    /// Those of [`RuleSet::transform`].
    pub fn transform<'c>(&self, call: impl Into<Call<'c>>, message: &[u8]) -> Result<Outcome, Error> {
        self.load().transform(call, message)
    }

    /// Runs the rules in force over one message, in the caller's memory; see [`RuleSet::transform_into`].
    ///
    /// The report begins anew when the rules were swapped since its last use. To keep what it counted, take the rule set
    /// with [`RuleSetHandle::load`] and tell the report with [`Report::switch_to`].
    ///
    /// # Errors
    /// Those of [`RuleSet::transform_into`].
    pub fn transform_into<'c>(
        &self,
        call: impl Into<Call<'c>>,
        message: &[u8],
        scratch: &mut Scratch,
        out: &mut Vec<u8>,
        report: &mut Report,
    ) -> Result<Status, Error> {
        self.load().transform_into(call, message, scratch, out, report)
    }
}

impl From<RuleSet> for RuleSetHandle {
    fn from(rules: RuleSet) -> Self {
        RuleSetHandle::new(rules)
    }
}

impl From<RuleSet> for Arc<RuleSetHandle> {
    fn from(rules: RuleSet) -> Self {
        Arc::new(RuleSetHandle::new(rules))
    }
}

impl fmt::Debug for RuleSetHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RuleSetHandle").field(&self.load()).finish()
    }
}
