//! The fast engine: rules run on the message's bytes, and only what changed is written.
//!
//! A message is walked once per pass (see `plan`); resource, scope and record are nodes scanned on first use
//! (`node`), expressions are evaluated over them (`eval`, `path`), and edits are spliced into a copy of the
//! input ([`ottl_otlp::edit`]). A message that no statement changes is not copied.
//! INVARIANT: results equal those of [`crate::interp`] on every plan and message.

mod action;
mod code;
mod compact;
mod cond;
mod current;
mod eval;
mod explain;
mod filter;
mod flatten;
mod keyed;
mod metric;
mod node;
mod options;
mod own;
mod own_fields;
mod pair;
mod path;
mod plan;
mod program;
mod screen;
mod segment;
mod state;
mod steps;
mod texts;
mod transform;

use std::borrow::Borrow;

use ottl_core::Arena;
use ottl_plan::{Plan, Program};
use ottl_schema::ContextId;

use crate::steps::granted;
use crate::{Engine as _, Env, Report, RunError, Status};
use code::{Code, Lowered};
use filter::Filter;
pub use options::{Options, Rewrite};
use plan::{Pass, Paths};
use state::{Spare, State};
use transform::Transform;

/// A plan, owned or borrowed, made ready for the fast engine. Immutable and shared between threads.
#[derive(Debug)]
pub struct Engine<P: Borrow<Plan> = Plan> {
    plan: P,
    lowered: Lowered,
    passes: Vec<Pass>,
    options: Options,
}

/// Memory that runs reuse. One per thread; a run that failed leaves it usable.
#[derive(Debug, Default)]
pub struct Scratch {
    arena: Arena,
    /// For segments of a message's resources, scopes and records.
    segments: [Arena; 3],
    between: Vec<u8>,
    spare: Spare,
}

/// How much memory each of these keeps between messages; what is larger is given back after the message that needed it.
const KEPT_ARENA: usize = 8 << 20;

impl Scratch {
    /// Fresh memory.
    pub fn new() -> Self {
        Scratch::default()
    }

    fn recycle(&mut self) {
        self.arena.reset(KEPT_ARENA);
        self.segments.iter_mut().for_each(|arena| arena.reset(KEPT_ARENA));
        if self.between.capacity() > KEPT_ARENA {
            self.between = Vec::new();
        }
    }
}

impl<P: Borrow<Plan>> Engine<P> {
    /// Makes a plan ready.
    pub fn new(owned: P) -> Self {
        Engine::with(owned, Options::default())
    }

    /// Makes a plan ready with these rewrites.
    pub fn with(owned: P, options: Options) -> Self {
        let plan = owned.borrow();
        let mut paths = Paths::new(plan);
        let mut passes = match &plan.program {
            Program::Transform(program) => plan::passes(plan, &program.groups, options),
            Program::Filter(_) => Vec::new(),
        };
        let touched = plan::touched(plan);
        let mut wanted = touched.wanted();
        if options.has(Rewrite::Keys) {
            paths.name_keys(plan, &mut wanted);
        }
        let few = if options.has(Rewrite::Probe) { touched.few_places() } else { 0 };
        let code = match &plan.program {
            Program::Transform(program) => Code::transform(plan, &wanted, program, &mut passes, options),
            Program::Filter(program) => Code::filter(plan, &wanted, program, options, few),
        };
        Engine { lowered: Lowered { paths, code, wanted, few }, passes, options, plan: owned }
    }

    /// The levels whose messages are compact records where they are in canonical encoding and statements look at none of
    /// their children. The other ones are as right, and slower.
    pub fn compact_levels(&self) -> Vec<ContextId> {
        let is_compact = |level: &ContextId| self.passes.iter().any(|pass| pass.levels[*level as usize].is_compact);
        ContextId::ALL.into_iter().filter(is_compact).collect()
    }

    fn state<'a, 'e>(
        &'a self,
        arena: &'a Arena,
        env: &'e Env<'e>,
        report: &'e mut Report,
        input_len: usize,
        spare: &'e mut Spare,
    ) -> State<'a, 'e> {
        State::new(self.plan(), &self.lowered, arena, env, report, input_len, spare)
    }

    fn transform(
        &self,
        input: &[u8],
        env: &Env<'_>,
        scratch: &mut Scratch,
        report: &mut Report,
        out: &mut Vec<u8>,
    ) -> Result<Status, RunError> {
        let Program::Transform(program) = &self.plan().program else { return Ok(Status::Unchanged) };
        let Some(record) = ContextId::of_records(self.plan().signal) else { return Ok(Status::Unchanged) };
        if input.is_empty() && !program.flatten_data {
            // Nothing is visited. A stream can have millions of such messages, which should cost next to nothing.
            return Ok(Status::Unchanged);
        }
        let arena = &scratch.arena;
        let flat = if program.flatten_data {
            let flat = flatten::expand(input, arena, arena.room())?;
            arena.set_limit(arena.limit().saturating_sub(flat.len()));
            Some(flat)
        } else {
            None
        };
        let Some((first, rest)) = self.passes.split_first() else {
            let Some(flat) = flat else { return Ok(Status::Unchanged) };
            flatten::regroup(&flat, out)?;
            return Ok(Status::Changed);
        };
        let between = &mut scratch.between;
        scratch.spare.visits.resize(program.groups.len(), 0);
        if let Some(last) = self.plan().sources.len().checked_sub(1) {
            // Steps count without a look at how many counters there are.
            report.source(last as u32);
        }
        let state = self.state(arena, env, report, input.len(), &mut scratch.spare);
        let mut transform = Transform { state, program, pass: first, record, segments: &mut scratch.segments };
        let changed = if let Some(flat) = &flat {
            transform.state.before_flattening = Some(input);
            transform.all_passes(flat, first, rest, between).and_then(|bytes| {
                flatten::regroup(bytes.unwrap_or(flat), out)?;
                Ok(true)
            })
        } else if rest.is_empty() {
            transform.run(input, out)
        } else {
            transform.all_passes(input, first, rest, between).map(|bytes| {
                out.extend_from_slice(bytes.unwrap_or_default());
                bytes.is_some()
            })
        };
        // Also after a failure: the report says what was done.
        transform.state.finish();
        Ok(if changed? { Status::Changed } else { Status::Unchanged })
    }

    fn filter(
        &self,
        input: &[u8],
        env: &Env<'_>,
        scratch: &mut Scratch,
        report: &mut Report,
        out: &mut Vec<u8>,
    ) -> Result<Status, RunError> {
        let Program::Filter(program) = &self.plan().program else { return Ok(Status::Unchanged) };
        let Some(record) = ContextId::of_records(self.plan().signal) else { return Ok(Status::Unchanged) };
        let Some((first, rest)) = program.stages.split_first() else { return Ok(Status::Unchanged) };
        let arena = &scratch.arena;
        let mut filter = Filter {
            state: self.state(arena, env, report, input.len(), &mut scratch.spare),
            stage: first,
            code: &self.lowered.code.stages[0],
            record,
            failure: None,
            segments: &mut scratch.segments,
        };
        let base = out.len();
        let (mut changed, mut left) = filter.run(input, out)?;
        // In the newer form, a stage that empties the message hides the errors of all.
        let mut hidden = !left && first.keeps_failed_metrics;
        for (stage, code) in rest.iter().zip(&self.lowered.code.stages[1..]) {
            // What earlier stages wrote is the next one's input.
            let now: &[u8] = if changed { arena.copy(&out[base..])? } else { input };
            out.truncate(base);
            filter.stage = stage;
            filter.code = code;
            let (again, some) = filter.run(now, out)?;
            if !again && changed {
                out.extend_from_slice(now);
            }
            changed |= again;
            left = some;
            hidden |= !some && stage.keeps_failed_metrics;
        }
        filter.state.finish();
        match filter.failure {
            Some(failure) if !hidden => Err(RunError::Failed(failure)),
            _ if !left => Ok(Status::Dropped),
            _ => Ok(if changed { Status::Changed } else { Status::Unchanged }),
        }
    }
}

impl<P: Borrow<Plan>> crate::Engine for Engine<P> {
    fn plan(&self) -> &Plan {
        self.plan.borrow()
    }

    fn explain(&self) -> String {
        explain::explain(self)
    }

    fn why_whole(&self) -> Option<&'static str> {
        let flattens = matches!(&self.plan().program, Program::Transform(program) if program.flatten_data);
        if flattens {
            Some("equal ones are joined")
        } else if self.passes.iter().any(|pass| pass.shares_cache) {
            Some("records share a cache")
        } else if self.passes.iter().any(|pass| pass.from_below != 0) {
            // Whether fields stay where they were depends on whether anything at all was written.
            Some("statements write to levels above their own")
        } else {
            None
        }
    }

    fn run(
        &self,
        input: &[u8],
        env: &Env<'_>,
        scratch: &mut Scratch,
        report: &mut Report,
        out: &mut Vec<u8>,
    ) -> Result<Status, RunError> {
        let stages = match &self.plan().program {
            Program::Transform(_) => self.passes.len(),
            Program::Filter(program) => program.stages.len(),
        };
        let limit = env.limits.scratch(input.len(), stages);
        // Memory that was kept is served without a look at the limit, so there must not be more of it.
        if scratch.arena.held() > limit {
            scratch.arena.reset(limit);
        }
        scratch.arena.set_limit(limit);
        scratch.arena.set_work(granted(env.limits.steps, input.len()));
        report.begin();
        let base = out.len();
        let result = match &self.plan().program {
            Program::Transform(_) => self.transform(input, env, scratch, report, out),
            Program::Filter(_) => self.filter(input, env, scratch, report, out),
        };
        if !matches!(result, Ok(Status::Changed)) {
            out.truncate(base);
        }
        // What a giant message took is not kept until the next one comes.
        scratch.recycle();
        result
    }
}

impl<'a> Transform<'a, '_> {
    /// Runs all passes, each on what the one before left. `None` when none changed anything.
    fn all_passes(
        &mut self,
        input: &'a [u8],
        first: &'a Pass,
        rest: &'a [Pass],
        out: &mut Vec<u8>,
    ) -> Result<Option<&'a [u8]>, RunError> {
        let arena = self.state.arena;
        let mut now = input;
        let mut changed = false;
        for pass in std::iter::once(first).chain(rest) {
            self.pass = pass;
            out.clear();
            if self.run(now, out)? {
                now = arena.copy(out)?;
                changed = true;
            }
        }
        Ok(changed.then_some(now))
    }
}
