//! [`Engine`]: the form of call that both engines have.

use ottl_otlp::edit::Untouched;
use ottl_plan::Plan;

use crate::{Env, Outcome, Report, RunError, Scratch, Status};

/// A plan, made ready to run over OTLP protobuf messages: `TracesData`, `MetricsData` or `LogsData`, as its signal says.
pub trait Engine {
    /// The plan.
    fn plan(&self) -> &Plan;

    /// What is done with a message, as text for people: walk by walk, level by level, statement by statement. It depends on the
    /// plan and the engine alone.
    fn explain(&self) -> String;

    /// Why the resources of a message have to be run together; nothing if each run of them can be a message of its own
    /// ([`crate::parts()`]), with the same result, until a limit is reached.
    fn why_whole(&self) -> Option<&'static str>;

    /// Runs the plan over one message and appends the result to `out` when it differs from the input. Counters and errors
    /// are added to `report`.
    ///
    /// # Errors
    /// [`RunError::Damaged`] where the message had to be read and cannot be, [`RunError::Failed`] when a statement or
    /// condition fails under the error mode propagate, [`RunError::Limit`] when a limit of [`crate::Limits`] is reached,
    /// [`RunError::Cancelled`] at the caller's wish. `out` is then as it was.
    fn run(
        &self,
        message: &[u8],
        env: &Env<'_>,
        scratch: &mut Scratch,
        report: &mut Report,
        out: &mut Vec<u8>,
    ) -> Result<Status, RunError>;

    /// Runs the plan over one message as [`Engine::run`] does, but leaves runs of the message that stand in the result as they
    /// are where they are, as far as the engine can: `untouched` says where, and `out` gets the rest.
    ///
    /// # Errors
    /// Those of [`Engine::run`].
    fn run_leaving(
        &self,
        message: &[u8],
        env: &Env<'_>,
        scratch: &mut Scratch,
        report: &mut Report,
        (out, untouched): (&mut Vec<u8>, &mut Untouched),
    ) -> Result<Status, RunError> {
        untouched.clear();
        self.run(message, env, scratch, report, out)
    }

    /// Runs the plan over one message in memory of its own.
    fn outcome(&self, message: &[u8], env: &Env<'_>) -> Outcome {
        let (mut report, mut out) = (Report::new(self.plan().sources.len()), Vec::new());
        let status = self.run(message, env, &mut Scratch::new(), &mut report, &mut out);
        debug_assert!(status == Ok(Status::Changed) || out.is_empty(), "{status:?} leaves something in the buffer");
        Outcome { result: status.map(|status| status.output(out)), report }
    }
}
