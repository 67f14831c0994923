//! [`trace_chosen`]: traces of a few records without running all others by the plain engine.
//!
//! Where records leave nothing to each other, the others are not run at all. Where they do, the fast engine runs what comes before:
//! whole groups over the whole message, and in a group whose records write to what they share, the records before the one that
//! is asked for, which the plain engine then finds alone in what these have left.
//! INVARIANT: the steps are those of a trace of the whole message. What cannot be had in this way is not told in another one.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use ottl_otlp::wire::WireError;
use ottl_plan::{Plan, Program, TransformProgram};

use super::cut::{Apart, Record, cut};
use super::mark::{Marked, mark};
use super::ties::{Ties, Unit, units};
use super::{Step, TraceOptions};
use crate::fast;
use crate::interp;
use crate::{Engine, Env, Output, Place, Report, RunError, Scratch, SharedCaches, Status};

/// Runs of records that are asked for, or that are not, which are worth the while.
const MOST_RUNS: usize = 200;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Chosen<'c> {
    /// The records by their numbers, in order.
    pub records: &'c [u64],
    /// Of which statement or condition steps are kept: the processor, and the number of its text in the plan; those of all without it.
    pub source: Option<(usize, u32)>,
    /// At most so many steps are kept.
    pub most: usize,
}

/// What rules did with some records.
#[derive(Clone, Debug)]
pub struct ChosenTrace {
    /// The steps, each with the number of its processor.
    pub steps: Vec<(usize, Step)>,
    /// Where each record of the message stands, by its number.
    pub places: Vec<Place>,
    /// The records that come out, in what lies around them.
    pub output: Output,
}

/// Runs the programs of a chain of processors over a message for the sake of some records.
///
/// None where all records have to be run for them, or where something that rules do ends the run.
///
/// # Errors
/// Damage of the framing down to the records.
pub fn trace_chosen(
    chain: &[&dyn Engine],
    message: &[u8],
    env: &Env<'_>,
    chosen: &Chosen<'_>,
) -> Result<Option<ChosenTrace>, WireError> {
    let parts: Vec<Vec<Unit>> = chain.iter().map(|engine| units(engine.plan())).collect();
    if parts.iter().flatten().any(|unit| unit.ties == Ties::All) {
        return Ok(None);
    }
    let Some(signal) = chain.first().map(|engine| engine.plan().signal) else { return Ok(None) };
    // From here on nothing of the others is needed.
    let tied = parts.iter().flatten().filter(|unit| unit.is_tied()).count();
    let only = (tied == 0).then_some(chosen.records);
    let Marked { message: now, places } = mark(signal, message, only)?;
    let mut run = Run { env, chosen, stage: 0, scratch: Scratch::new(), steps: Vec::new(), caches: Mutex::default() };
    let mut message = match only {
        Some(_) => Now::Cut(now),
        None => Now::Whole(now),
    };
    let mut left = tied;
    let count = parts.iter().flatten().count();
    let mut number = 0;
    for ((stage, engine), units) in chain.iter().enumerate().zip(&parts) {
        run.stage = stage;
        run.caches = Mutex::default();
        for unit in units {
            number += 1;
            left -= usize::from(unit.is_tied());
            // After a unit with ties the next one finds what all records have left.
            let is_last = number == count;
            let step = run.unit(*engine, unit, message, (left > 0 || unit.is_tied()) && !is_last);
            message = match step {
                Ok(Some(next)) => next,
                Ok(None) | Err(_) => return Ok(None),
            };
            if let (Now::Whole(whole), 0) = (&message, left) {
                let Ok(records) = cut(whole, chosen.records, false) else { return Ok(None) };
                message = Now::Cut(records);
            }
        }
    }
    let output = match message {
        Now::Whole(bytes) | Now::Cut(bytes) => Output::Changed(bytes),
        Now::Dropped => Output::Dropped,
    };
    Ok(Some(ChosenTrace { steps: run.steps, places, output }))
}

/// The message between two units.
enum Now {
    Whole(Vec<u8>),
    /// With the records alone that are asked for.
    Cut(Vec<u8>),
    Dropped,
}

struct Run<'r> {
    env: &'r Env<'r>,
    chosen: &'r Chosen<'r>,
    /// The processor at hand.
    stage: usize,
    scratch: Scratch,
    steps: Vec<(usize, Step)>,
    /// What groups of the processor have left in the caches that they share.
    caches: Mutex<SharedCaches>,
}

impl Run<'_> {
    /// Runs a unit. None, if it has to run over everything.
    fn unit(
        &mut self,
        engine: &dyn Engine,
        unit: &Unit,
        now: Now,
        is_all_needed: bool,
    ) -> Result<Option<Now>, RunError> {
        let plan = engine.plan();
        let part = unit.groups.clone().map(|groups| part_of(plan, groups));
        let part = part.as_ref();
        let whole = match now {
            Now::Dropped => return Ok(Some(Now::Dropped)),
            Now::Cut(message) => {
                let out = self.traced(part.unwrap_or(plan), &message)?;
                return Ok(Some(out.map_or(Now::Dropped, Now::Cut)));
            }
            Now::Whole(message) => message,
        };
        // It owns its plan as the engines of rule sets do: another kind of owner would be the whole engine once more in a program.
        let runs_others = is_all_needed || matches!(unit.ties, Ties::Records | Ties::Message);
        let groups = unit.groups.clone().filter(|_| runs_others);
        let own_engine = groups.map(|groups| fast::Engine::new(part_of(plan, groups)));
        let engine: &dyn Engine = own_engine.as_ref().map_or(engine, |own| own);
        let records = self.chosen.records;
        // The unit as a whole begins where its pieces began.
        let caches = self.caches.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let traced = match unit.ties {
            Ties::None => self.traced(part.unwrap_or(plan), &cut(&whole, records, false)?)?,
            Ties::Groups => self.traced(part.unwrap_or(plan), &cut(&whole, records, true)?)?,
            Ties::Records | Ties::Message => {
                let is_of_all = unit.ties == Ties::Message;
                let Some(out) = self.between((part.unwrap_or(plan), engine), (&whole, is_of_all))? else {
                    return Ok(None);
                };
                Some(out)
            }
            Ties::All => return Ok(None),
        };
        if !is_all_needed {
            return Ok(Some(traced.map_or(Now::Dropped, Now::Cut)));
        }
        self.caches = Mutex::new(caches);
        let next = self.run(engine, &whole)?;
        Ok(Some(match next {
            Some(Cow::Owned(next)) => Now::Whole(next),
            Some(Cow::Borrowed(_)) => Now::Whole(whole),
            None => Now::Dropped,
        }))
    }

    /// Runs the records up to the last one that is asked for: those that are by the plain engine, those between by the fast one.
    /// What comes out of the former is the answer; none, if they are too many.
    fn between(
        &mut self,
        (plan, engine): (&Plan, &dyn Engine),
        (message, is_of_all): (&[u8], bool),
    ) -> Result<Option<Vec<u8>>, RunError> {
        let mut apart = Apart::new(message, self.chosen.records, is_of_all)?;
        let records = std::mem::take(&mut apart.records);
        let last = records.iter().rposition(|record| record.is_wanted).map_or(0, |last| last + 1);
        let runs = || records[..last].chunk_by(|one: &Record<'_>, other| one.is_wanted == other.is_wanted);
        if runs().nth(MOST_RUNS).is_some() {
            return Ok(None);
        }
        let mut out = Vec::new();
        for run in runs() {
            let message = apart.message(run);
            if run[0].is_wanted {
                let Some(made) = self.traced(plan, &message)? else { return Ok(None) };
                apart.take(&made, run)?;
                out.extend_from_slice(&made);
            } else if let Some(Cow::Owned(made)) = self.run(engine, &message)? {
                apart.take(&made, run)?;
            }
        }
        Ok(Some(out))
    }

    /// Runs a message by the fast engine; nothing comes out of one that is dropped.
    fn run<'m>(&mut self, engine: &dyn Engine, message: &'m [u8]) -> Result<Option<Cow<'m, [u8]>>, RunError> {
        let (mut report, mut out) = (Report::new(engine.plan().sources.len()), Vec::new());
        let env = Env { caches: Some(&self.caches), ..*self.env };
        let status = engine.run(message, &env, &mut self.scratch, &mut report, &mut out)?;
        Ok(match status {
            Status::Unchanged => Some(Cow::Borrowed(message)),
            Status::Changed => Some(Cow::Owned(out)),
            Status::Dropped => None,
        })
    }

    /// Runs a message by the plain engine, and takes down the steps; nothing comes out of one that is dropped.
    fn traced(&mut self, plan: &Plan, message: &[u8]) -> Result<Option<Vec<u8>>, RunError> {
        let options = TraceOptions {
            records: Some(self.chosen.records.to_vec()),
            // That of another processor is none of this one's.
            source: self.chosen.source.map(|(stage, source)| if stage == self.stage { source } else { u32::MAX }),
            most: self.chosen.most.saturating_sub(self.steps.len()),
        };
        let (mut steps, mut out) = (Vec::new(), Vec::new());
        let mut report = Report::new(plan.sources.len());
        let env = Env { caches: Some(&self.caches), ..*self.env };
        let status = interp::Engine::new(plan).trace(message, &env, (&options, &mut steps), &mut report, &mut out)?;
        self.steps.extend(steps.into_iter().map(|step| (self.stage, step)));
        Ok(match status {
            Status::Unchanged => Some(message.to_vec()),
            Status::Changed => Some(out),
            Status::Dropped => None,
        })
    }
}

/// The plan of some groups of a program.
fn part_of(plan: &Plan, groups: std::ops::Range<usize>) -> Plan {
    plan.with_program(match &plan.program {
        Program::Transform(program) => {
            let groups = program.groups.get(groups).unwrap_or_default().to_vec();
            Program::Transform(TransformProgram { groups, flatten_data: program.flatten_data })
        }
        Program::Filter(program) => Program::Filter(program.clone()),
    })
}
