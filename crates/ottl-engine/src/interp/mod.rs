//! The plain engine: it defines what a plan means.
//!
//! One record and one statement at a time, over a model of the message that is a tree of fields. No rewrites, no
//! batches, no shared work: every rule of the language has one obvious place here. The fast engine must agree with it.
//! INVARIANT: what no statement wrote keeps its fields, known or not, in their order; a message that nothing wrote to
//! is reported as unchanged.
//! Deliberately elsewhere: operators and conversions (`ottl-core`), where a path's data lies (`ottl-schema`), what
//! functions do.
//!
//! - `model`: the message as a tree of fields.
//! - `eval`: expressions, calls, and what functions may ask for ([`ottl_core::function::Host`]).
//! - `observe`: taking down what happens, for [`crate::trace`].
//! - `paths`, `keyed`, `tables`, `client`: reading and writing paths, elements behind keys, texts and attributes of the
//!   dictionary of profiles, and client information.
//! - `transform`, `flatten`, `isolate`, `filter`: the two processors.

mod client;
mod eval;
mod filter;
mod flatten;
mod isolate;
mod keyed;
mod model;
mod observe;
mod paths;
mod tables;
mod transform;

use std::borrow::Borrow;

use ottl_core::Arena;
use ottl_plan::{Plan, Program};
use ottl_schema::Signal;

use crate::profiles;
use crate::steps::granted;
use crate::trace::{Step, TRACE_BYTES, TraceOptions, Tracer};
use crate::{Env, Report, RunError, Scratch, Status};
use eval::Interp;

/// A plan, owned or borrowed, for the plain engine, which runs it as it is.
#[derive(Debug)]
pub struct Engine<P: Borrow<Plan> = Plan> {
    plan: P,
}

impl<P: Borrow<Plan>> Engine<P> {
    /// Takes a plan.
    pub fn new(plan: P) -> Self {
        Engine { plan }
    }
}

impl<P: Borrow<Plan>> crate::Engine for Engine<P> {
    fn plan(&self) -> &Plan {
        self.plan.borrow()
    }

    fn explain(&self) -> String {
        "the plain engine: one record and one statement or condition at a time, as they are written\n".to_owned()
    }

    fn why_whole(&self) -> Option<&'static str> {
        Some("this engine runs messages as they are")
    }

    /// Its memory is its own: nothing is kept between messages.
    fn run(
        &self,
        message: &[u8],
        env: &Env<'_>,
        _: &mut Scratch,
        report: &mut Report,
        out: &mut Vec<u8>,
    ) -> Result<Status, RunError> {
        self.run_with(message, env, None, report, out)
    }
}

impl<P: Borrow<Plan>> Engine<P> {
    /// Runs the plan as [`crate::Engine::run`] does, and appends what statements and conditions did to `steps`, as far as it is
    /// asked for, up to the error that ends the run, if one does. It may take more memory.
    ///
    /// # Errors
    /// As [`crate::Engine::run`].
    pub fn trace(
        &self,
        message: &[u8],
        env: &Env<'_>,
        (options, steps): (&TraceOptions, &mut Vec<Step>),
        report: &mut Report,
        out: &mut Vec<u8>,
    ) -> Result<Status, RunError> {
        self.run_with(message, env, Some(Tracer::new(options, steps)), report, out)
    }

    fn run_with(
        &self,
        message: &[u8],
        env: &Env<'_>,
        tracer: Option<Tracer<'_>>,
        report: &mut Report,
        out: &mut Vec<u8>,
    ) -> Result<Status, RunError> {
        let plan = self.plan.borrow();
        let stages = match &plan.program {
            Program::Transform(program) => program.groups.len(),
            Program::Filter(program) => program.stages.len(),
        };
        // This engine copies more than the fast one, and its copies count, too. A trace copies what statements may write.
        let granted_bytes = env.limits.scratch(message.len(), stages);
        let traced = if tracer.is_some() { TRACE_BYTES } else { 0 };
        let arena = Arena::with_limit(granted_bytes.saturating_add(traced));
        arena.set_work(granted(env.limits.steps, message.len()));
        report.begin();
        let resolved = if plan.signal == Signal::Profiles { profiles::resolved(message)? } else { None };
        let input = resolved.as_deref().unwrap_or(message);
        let mut interp = Interp::new(plan, input, env, &arena, report)?;
        interp.tracer = tracer;
        let dropped = match &plan.program {
            Program::Transform(program) => {
                transform::run(&mut interp, program)?;
                false
            }
            Program::Filter(program) => filter::run(&mut interp, program)?,
        };
        if dropped {
            return Ok(Status::Dropped);
        }
        if interp.model.writes() == 0 {
            return Ok(Status::Unchanged);
        }
        let base = out.len();
        let mut encoded = interp.model.encode(out, arena.limit()).and_then(|()| interp.dictionary.finish(base, out));
        if resolved.is_some() && encoded.is_ok() {
            encoded = profiles::refer(base, out, env.limits.written(message.len()));
        }
        if let Err(error) = encoded {
            out.truncate(base);
            return Err(error.into());
        }
        Ok(Status::Changed)
    }
}
