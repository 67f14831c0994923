//! The fast engine: rules run on the message's bytes, and only what changed is written.
//!
//! A message is walked once per pass (see `plan`); resource, scope and record are nodes scanned on first use
//! (`node`), expressions are evaluated over them (`eval`, `path`), and edits are spliced into a copy of the
//! input ([`ottl_otlp::edit`]). A message that no statement changes is not copied.
//! INVARIANT: results equal those of [`crate::interp`] on every plan and message.
//!
//! What every record goes through is compiled into each place that it is called from. In the module for browsers, where size counts, the
//! larger ones of these functions are not: that takes 18 KB off it, compressed.

mod compact;
mod compare;
mod exec;
mod explain;
mod flatten;
mod group;
mod levels;
mod lower;
mod node;
mod optimise;
mod options;
mod pair;
mod program;
mod walk;

use std::borrow::Borrow;

use ottl_core::Arena;
use ottl_otlp::edit::{Left, Untouched};
use ottl_plan::{Plan, Program};
use ottl_schema::{ContextId, Signal};

use crate::profiles;
use crate::steps::granted;
use crate::{Engine as _, Env, Report, ReportedError, RunError, Status};
use exec::position::Position;
use exec::state::{Spare, State};
pub use options::{Options, Rewrite};
use program::pass::Pass;
use program::paths::Paths;
use program::{LeftOut, LevelProgram, Lowered};
use walk::{Passage, Walk, Walked};

/// A plan, owned or borrowed, made ready for the fast engine. Immutable and shared between threads.
#[derive(Debug)]
pub struct Engine<P: Borrow<Plan> = Plan> {
    plan: P,
    /// What is run in its place, if it was rewritten.
    rewritten: Option<Plan>,
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
    spare: Spare,
}

/// How much memory each of these keeps between messages; what is larger is given back after the message that needed it.
pub(crate) const KEPT_ARENA: usize = 8 << 20;

impl Scratch {
    /// Fresh memory.
    pub fn new() -> Self {
        Scratch::default()
    }

    /// After a run. Segments empty their memory behind them, unless the run failed.
    fn recycle(&mut self, has_failed: bool) {
        self.arena.reset(KEPT_ARENA);
        if has_failed {
            self.segments.iter_mut().for_each(|arena| arena.reset(KEPT_ARENA));
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
        let optimise::Rewritten { plan: rewritten, left_out } = optimise::rewritten(owned.borrow(), options);
        let plan = rewritten.as_ref().unwrap_or(owned.borrow());
        let mut paths = Paths::new(plan);
        let mut passes = match &plan.program {
            Program::Transform(program) => lower::passes(plan, &program.groups, options),
            Program::Filter(_) => Vec::new(),
        };
        let touched = lower::touched(plan);
        let mut wanted = touched.wanted();
        if options.has(Rewrite::Keys) {
            paths.name_keys(plan, &mut wanted);
        }
        let few = if options.has(Rewrite::Probe) { touched.few_places() } else { 0 };
        let code = match &plan.program {
            Program::Transform(program) => lower::transform(plan, &wanted, program, &mut passes, options),
            Program::Filter(program) => lower::filter(plan, &wanted, program, &mut passes, options, few),
        };
        leave_out(&mut passes, &left_out);
        Engine { lowered: Lowered { paths, code, wanted, few }, passes, options, plan: owned, rewritten }
    }

    /// The plan that is run.
    fn rules(&self) -> &Plan {
        self.rewritten.as_ref().unwrap_or(self.plan.borrow())
    }

    /// The levels whose messages are compact records where they are in canonical encoding and, unless they are spans, statements look
    /// at none of their children. The other ones are as right, and slower.
    pub fn compact_levels(&self) -> Vec<ContextId> {
        let has_compact = |level: &LevelProgram| level.is_compact && !level.groups.is_empty();
        let is_compact = |level: &ContextId| self.passes.iter().any(|pass| has_compact(&pass.levels[*level as usize]));
        ContextId::ALL.into_iter().filter(is_compact).collect()
    }

    /// Runs a transform.
    fn transform(
        &self,
        flatten_data: bool,
        input: &[u8],
        memory: Memory<'_>,
        out: &mut Vec<u8>,
    ) -> Result<Status, Box<RunError>> {
        if flatten_data {
            return self.transform_flat(input, memory, out);
        }
        if input.is_empty() || self.passes.is_empty() {
            // Nothing is visited. A stream can have millions of such messages, which should cost next to nothing.
            return Ok(Status::Unchanged);
        }
        let (run, _) = self.walk::<false>(input, None, memory, out)?;
        Ok(if run.changed { Status::Changed } else { Status::Unchanged })
    }

    /// Runs a transform whose records get groups of their own before, and are joined again behind it.
    #[inline(never)]
    fn transform_flat(&self, input: &[u8], memory: Memory<'_>, out: &mut Vec<u8>) -> Result<Status, Box<RunError>> {
        let (arena, base) = (memory.arena, out.len());
        let flat = flatten::expand(input, arena, arena.room())?;
        arena.set_limit(arena.limit().saturating_sub(flat.len()));
        let (run, _) = self.walk::<false>(&flat, Some(input), memory, out)?;
        if run.changed {
            let changed = arena.copy(&out[base..])?;
            out.truncate(base);
            flatten::regroup(changed, out)?;
        } else {
            flatten::regroup(&flat, out)?;
        }
        Ok(Status::Changed)
    }

    /// Runs a filter.
    fn filter(&self, input: &[u8], memory: Memory<'_>, out: &mut Vec<u8>) -> Result<Status, Box<RunError>> {
        if self.passes.is_empty() {
            return Ok(Status::Unchanged);
        }
        let (run, failure) = self.walk::<true>(input, None, memory, out)?;
        match failure {
            Some(failure) => Err(Box::new(RunError::Failed(failure))),
            None if !run.kept => Ok(Status::Dropped),
            None => Ok(if run.changed { Status::Changed } else { Status::Unchanged }),
        }
    }

    /// Walks a message, which may be one whose records were given groups of their own: what comes of it, and the first error of a
    /// filter that it reports at its end.
    fn walk<const DROPS: bool>(
        &self,
        input: &[u8],
        before_flattening: Option<&[u8]>,
        memory: Memory<'_>,
        out: &mut Vec<u8>,
    ) -> Walked<(Passage, Option<ReportedError>)> {
        let Some(pass) = self.passes.first() else {
            return Ok((Passage { changed: false, kept: true }, None));
        };
        let record = ContextId::of_records(self.plan().signal);
        let Memory { arena, segments, spare, env, report } = memory;
        if spare.visits.len() != self.lowered.code.groups {
            spare.visits.resize(self.lowered.code.groups, 0);
        }
        spare.conflicts.begin(&self.lowered.code.shared_places);
        if let Some(last) = self.plan().sources.len().checked_sub(1) {
            // Steps count without a look at how many counters there are.
            report.source(last as u32);
        }
        let mut state = State::new(self.rules(), &self.lowered, arena, env, report, input.len(), spare);
        state.at = Position::new(before_flattening);
        state.message = input;
        // PERF (messages of one record): a state that was borrowed before it is part of the walk would be copied into it.
        let mut walk = Walk::<DROPS> { state, pass, record, failure: None, segments };
        let run = match env.caches {
            None => walk.run(&self.passes, input, out),
            Some(_) => walk.piece(&self.passes, input, out),
        };
        // Also after a failure: the report says what was done.
        walk.state.finish();
        Ok((run?, if DROPS { walk.failure } else { None }))
    }
}

/// Tells groups what was left out of them: by their number.
fn leave_out(passes: &mut [Pass], left_out: &[Vec<LeftOut>]) {
    for LevelProgram { groups, steps, screen, .. } in passes.iter_mut().flat_map(|pass| &mut pass.levels) {
        for group in groups {
            group.leave_out(left_out.get(group.number).cloned().unwrap_or_default(), steps, screen.as_deref());
        }
    }
}

/// What a run works with.
struct Memory<'m> {
    arena: &'m Arena,
    segments: &'m mut [Arena],
    spare: &'m mut Spare,
    env: &'m Env<'m>,
    report: &'m mut Report,
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
        if self.plan().signal == Signal::Profiles {
            Some("profiles share a dictionary")
        } else if flattens {
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

    fn run_leaving(
        &self,
        input: &[u8],
        env: &Env<'_>,
        scratch: &mut Scratch,
        report: &mut Report,
        (out, untouched): (&mut Vec<u8>, &mut Untouched),
    ) -> Result<Status, RunError> {
        untouched.clear();
        // What one walk leaves is no input of another.
        let flattens = matches!(&self.plan().program, Program::Transform(program) if program.flatten_data);
        let isolates = self.passes.iter().any(|pass| pass.isolates);
        let is_one_walk = self.passes.len() == 1 && !flattens && !isolates && self.plan().signal != Signal::Profiles;
        scratch.spare.left = is_one_walk.then(|| Left::new(std::mem::take(untouched)));
        let result = self.run(input, env, scratch, report, out);
        if let Some(left) = scratch.spare.left.take() {
            *untouched = left.untouched();
        }
        if result != Ok(Status::Changed) {
            untouched.clear();
        }
        result
    }

    fn run(
        &self,
        input: &[u8],
        env: &Env<'_>,
        scratch: &mut Scratch,
        report: &mut Report,
        out: &mut Vec<u8>,
    ) -> Result<Status, RunError> {
        if self.plan().signal == Signal::Profiles {
            return self.run_profiles(input, env, scratch, report, out);
        }
        self.run_message(input, env, scratch, report, out)
    }
}

impl<P: Borrow<Plan>> Engine<P> {
    /// Runs the plan over a message whose profiles share a dictionary.
    #[inline(never)]
    fn run_profiles(
        &self,
        input: &[u8],
        env: &Env<'_>,
        scratch: &mut Scratch,
        report: &mut Report,
        out: &mut Vec<u8>,
    ) -> Result<Status, RunError> {
        let room = env.limits.written(input.len());
        let resolved = profiles::resolved(input)?;
        scratch.spare.dictionary.begin(room);
        let base = out.len();
        let status = self.run_message(resolved.as_deref().unwrap_or(input), env, scratch, report, out)?;
        let dictionary = std::mem::take(&mut scratch.spare.dictionary);
        if status == Status::Changed {
            let mut finished = dictionary.finish(base, out);
            if resolved.is_some() && finished.is_ok() {
                finished = profiles::refer(base, out, room);
            }
            if let Err(error) = finished {
                out.truncate(base);
                return Err(error.into());
            }
        }
        Ok(status)
    }

    // PERF (messages of one record): of what one of them needs, nothing is called that is called from one place.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn run_message(
        &self,
        input: &[u8],
        env: &Env<'_>,
        scratch: &mut Scratch,
        report: &mut Report,
        out: &mut Vec<u8>,
    ) -> Result<Status, RunError> {
        let limit = env.limits.scratch(input.len(), self.passes.len());
        let Scratch { arena, segments, spare } = scratch;
        // Memory that was kept is served without a look at the limit, so there must not be more of it.
        if arena.held() > limit {
            arena.reset(limit);
        }
        arena.set_limit(limit);
        arena.set_work(granted(env.limits.steps, input.len()));
        report.begin();
        let base = out.len();
        let memory = Memory { arena, segments, spare, env, report };
        let result = match &self.plan().program {
            Program::Transform(program) => self.transform(program.flatten_data, input, memory, out),
            Program::Filter(_) => self.filter(input, memory, out),
        };
        if !matches!(result, Ok(Status::Changed)) {
            out.truncate(base);
        }
        // What a giant message took is not kept until the next one comes.
        scratch.recycle(result.is_err());
        result.map_err(|error| *error)
    }
}
