//! Cases that say what rules do, and whether they do it: what `ottl test` runs.
//!
//! A [`Suite`] is a case file, in YAML or JSON (`spec/test-cases.md` says what one holds). [`Suite::judge`] runs a case with
//! rules that the caller has compiled by [`Suite::compiler`], and its [`Verdict`] says what is not as expected, field by field.
//! No I/O is done: what a case names, the caller reads.
//!
//! ```
//! use ottl::testing::{Judging, Snapshots, Suite, TestedRules};
//!
//! let suite = Suite::read("body.test.yaml", r#"
//! rules:
//!   log_statements:
//!     - set(log.body, "***") where IsMatch(log.body, "@")
//! cases:
//!   - name: an address is hidden
//!     input: {logs: [{body: "anna@example.com"}, {body: hello}]}
//!     expect:
//!       patch: {logs: {0: {body: "***"}}}
//!       none: IsMatch(log.body, "@")
//! "#).unwrap();
//! let compiler = ottl::Compiler::new();
//! let case = &suite.cases()[0];
//! let setup = &suite.setups()[case.setup];
//! let TestedRules::Inline(text) = &setup.rules else { panic!("they stand in the file") };
//! let rules = suite.compiler(setup, &compiler).compile(text).unwrap();
//! let snapshots = Snapshots::default();
//! let read = |_: &ottl::testing::DataFile| Err("no files here".to_owned());
//! let with = Judging { compiler: &compiler, rules: &rules, read: &read, snapshots: &snapshots, update: false };
//! let verdict = suite.judge(case, &with).unwrap();
//! assert!(verdict.passes(), "{verdict:?}");
//! ```
//!
//! - `value`, `moment`: the file as values with places; `telemetry`, `plain`, `json`: messages out of values, and back; `names`: what was meant.
//! - `case`, `read`: what a file holds, and all that is wrong with it; `hints`: what to do where it is no YAML.
//! - `compiler`: variables of cases, and conditions by themselves.
//! - `records`, `compare`: messages record by record; `patch`, `property`, `snapshot`: ways to say what is expected.
//! - `judge`: running cases; `coverage`: what they met of the rules.

mod case;
mod compare;
mod compiler;
#[cfg(feature = "interp")]
mod coverage;
mod hints;
mod json;
mod judge;
mod moment;
mod names;
mod patch;
mod plain;
mod property;
mod read;
mod records;
mod snapshot;
mod telemetry;
mod value;

use std::sync::Arc;

use ottl_core::function::FixedClock;
use ottl_diagnostics::{Code, Diagnostic};

use crate::{CompileError, Compiler, Diagnostics, Time};

pub use case::{Case, DataFile, FilePath, Setup, Suite, TestedRules};
pub use compare::{Mismatch, MismatchKind, MismatchLine};
#[cfg(feature = "interp")]
pub use coverage::{Coverage, CoveredCondition, CoveredFile, CoveredStatement, Share};
pub use judge::{Finding, Judging, Verdict};
pub use snapshot::{Snapshot, Snapshots, Updated};
pub use telemetry::Message;

impl Suite {
    /// The compiler for the rules of cases: `base` with what the file says.
    #[must_use]
    pub fn compiler(&self, setup: &Setup, base: &Compiler) -> Compiler {
        let mut compiler = base.clone();
        if let TestedRules::Inline(_) = setup.rules {
            compiler = compiler.file(self.file());
        }
        if !setup.env.is_empty() {
            compiler = compiler.more_variables(setup.env.clone());
        }
        for pipeline in &setup.pipelines {
            compiler = compiler.pipeline(pipeline);
        }
        if let Some(now) = setup.now {
            compiler = compiler.clock(Arc::new(FixedClock(Time::from_unix_nanos(now))));
        }
        compiler.only_processors(setup.processors.iter().cloned())
    }

    /// What is wrong with rules, as whoever writes cases can mend it: a processor that they do not have is a fault of the case file.
    pub fn faults_of_rules(&self, setup: &Setup, error: &CompileError) -> Diagnostics {
        let found = error.diagnostics();
        if let Some(fault) = found.iter().find(|fault| fault.code == Code::UNKNOWN_PROCESSOR) {
            return self.fault(fault.clone().map_spans(|_| setup.at));
        }
        let as_key = |help: &str| help.replace("`--pipeline ", "`pipeline: ");
        found.clone().with_help(Code::AMBIGUOUS_PIPELINE, as_key)
    }

    /// A fault of a file that the case file names: that it cannot be had.
    pub fn missing(&self, file: &FilePath, why: &str) -> Diagnostics {
        let fault = Diagnostic::new(Code::MISSING_CASE_FILE, file.span(), why);
        let is_statement = file.path.contains('(') && file.path.ends_with(')');
        self.fault(match is_statement {
            true => fault.help("statements stand in a map of rules: `rules: {log_statements: ['set(...)']}`"),
            false => fault,
        })
    }
}
