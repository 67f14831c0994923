//! [`Report`]: what happened on the way, counted for each statement; the same for both engines.
//!
//! INVARIANT: nothing here carries payload: errors are kinds and places.

use std::ops::Range;

use ottl_core::EvalError;
use ottl_plan::{ErrorMode, Plan, Program};

use crate::{Limits, Place, RunError};

/// What happened in one run, or in several added up with [`Report::merge`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Per statement or condition, by its number in `Plan::sources`.
    pub sources: Vec<SourceReport>,
    /// What the filter dropped.
    pub dropped: Dropped,
    /// Errors one by one, the first ones only; see [`Limits::listed_errors`]. Those of a message are in the order in which
    /// the reference meets them: group by group of statements, or entry by entry of a filter's conditions.
    pub errors: Vec<ReportedError>,
    /// How many errors were listed when the current run began.
    listed_before: usize,
    /// The kinds of errors of each statement or condition in the order in which they came, by its number in
    /// `Plan::sources`; those behind the last one that failed are not there.
    failures: Vec<Vec<Failures>>,
}

/// The counters of one statement or condition.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SourceReport {
    /// How often it was evaluated.
    pub evaluated: u64,
    /// How often its condition held; for a condition, how often it was true.
    pub matched: u64,
    /// How often it wrote something to the message, whether or not the value differed from the old one. Caches are no
    /// part of the message, and what is written to the place that it was read from stays as it is.
    pub changed: u64,
    /// How often it failed.
    pub failed: u64,
    /// How often it wrote into what records share (a resource, scope, span, metric or point above them) where another record
    /// had written before, and left another value there than that. What lists of records hold is not compared.
    pub conflicting: u64,
}

/// How many items the filter dropped, those inside a dropped parent included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Spans.
    pub spans: u64,
    /// Data points.
    pub data_points: u64,
    /// Log records.
    pub log_records: u64,
    /// Samples of profiles.
    pub samples: u64,
}

/// An error of a statement or condition on a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReportedError {
    /// The statement's or condition's number in `Plan::sources`.
    pub source: u32,
    /// What failed.
    pub error: EvalError,
    /// The message's number, as [`crate::Env::message`] says.
    pub message: u64,
    /// Its line, as [`crate::Env::line`] says.
    pub line: Option<u64>,
    /// The record.
    pub place: Place,
}

/// The errors of one kind in one expression of a statement or condition.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Failures {
    /// The first one.
    pub first: ReportedError,
    /// How many there were.
    pub count: u64,
    /// How many of them the message was given up for.
    pub fatal: u64,
}

impl Report {
    /// A report for a plan with this many sources.
    pub fn new(sources: usize) -> Report {
        Report { sources: vec![SourceReport::default(); sources], ..Report::default() }
    }

    /// The counters of a source. Numbers that the plan does not have get counters, too.
    #[inline]
    pub fn source(&mut self, source: u32) -> &mut SourceReport {
        let idx = source as usize;
        if idx >= self.sources.len() {
            self.grow(idx);
        }
        &mut self.sources[idx]
    }

    /// Counts sources as evaluated: runs of their numbers.
    pub(crate) fn count_evaluated(&mut self, runs: &[Range<usize>], times: u64) {
        self.count(runs, |counters| counters.evaluated += times);
    }

    /// Counts them as matched.
    pub(crate) fn count_matched(&mut self, runs: &[Range<usize>], times: u64) {
        self.count(runs, |counters| counters.matched += times);
    }

    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn count(&mut self, runs: &[Range<usize>], count: impl Fn(&mut SourceReport)) {
        for run in runs {
            // PERF (messages of one record): an iterator's end is an address, from which their number would be computed again.
            let mut left = self.sources.get_mut(run.clone()).unwrap_or_default();
            while let [counters, behind @ ..] = left {
                count(counters);
                left = behind;
            }
        }
    }

    #[cold]
    fn grow(&mut self, idx: usize) {
        self.sources.resize(idx + 1, SourceReport::default());
    }

    /// The kinds of errors of a source, in the order in which they came.
    pub fn failures(&self, source: u32) -> &[Failures] {
        self.failures.get(source as usize).map_or(&[], Vec::as_slice)
    }

    /// A run begins.
    pub(crate) fn begin(&mut self) {
        self.listed_before = self.errors.len();
    }

    /// Counts an error, lists it if its mode says so and there is room, and gives the message up if mode or kind say so.
    ///
    /// # Errors
    /// The message is given up: always after damage and limits, after other errors under propagate.
    #[cold]
    pub(crate) fn fail(
        &mut self,
        error: ReportedError,
        mode: ErrorMode,
        limits: &Limits,
        plan: &Plan,
    ) -> Result<(), RunError> {
        let is_fatal = error.error.is_fatal() || mode == ErrorMode::Propagate;
        self.source(error.source).failed += 1;
        self.add(Failures { first: error, count: 1, fatal: is_fatal.into() });
        if is_fatal {
            return Err(error.into());
        }
        if mode == ErrorMode::Ignore {
            self.list(error, limits, plan);
        }
        Ok(())
    }

    /// Counts an error if that is all that has to be done: the message is not given up for it, one of its kind is known of this
    /// source, and it is not listed. Whether it was counted.
    ///
    /// PERF (rules about the keys of bodies that are no maps): what is known of an error takes as long as running the statement.
    pub(crate) fn fail_again(
        &mut self,
        source: u32,
        error: &EvalError,
        (mode, message): (ErrorMode, u64),
        limits: &Limits,
    ) -> bool {
        let of_run = self.errors.get(self.listed_before..).unwrap_or_default();
        let is_behind = of_run.last().is_none_or(|listed| listed.source <= source);
        let is_unlisted = match mode {
            ErrorMode::Ignore => is_behind && self.errors.len() >= limits.listed_errors,
            ErrorMode::Silent => true,
            ErrorMode::Propagate => false,
        };
        if !is_unlisted || error.is_fatal() {
            return false;
        }
        let kinds = self.failures.get_mut(source as usize).map_or(&mut [][..], Vec::as_mut_slice);
        let Some(known) = kinds.iter_mut().find(|known| is_same(&known.first.error, error)) else { return false };
        if known.first.message > message {
            return false;
        }
        known.count += 1;
        self.source(source).failed += 1;
        true
    }

    /// Lists an error behind those of the run that come no later: groups may run together, and then errors of an earlier
    /// group come after those of a later one. A full list loses its last error for one that comes before it.
    pub(crate) fn list(&mut self, error: ReportedError, limits: &Limits, plan: &Plan) {
        let of_run = self.errors.get(self.listed_before..).unwrap_or_default();
        let behind = match of_run.last() {
            Some(listed) if listed.source > error.source => {
                let last = last_in_turn(plan, error.source);
                of_run.len() - of_run.partition_point(|listed| listed.source <= last)
            }
            _ => 0,
        };
        let at = self.errors.len() - behind;
        if self.errors.len() >= limits.listed_errors {
            if behind == 0 {
                return;
            }
            self.errors.pop();
        }
        self.errors.insert(at, error);
    }

    /// The kinds of errors of all sources.
    pub(crate) fn all_failures(&self) -> impl Iterator<Item = &Failures> {
        self.failures.iter().flatten()
    }

    /// Adds errors of one kind.
    pub(crate) fn add(&mut self, new: Failures) {
        let idx = new.first.source as usize;
        if idx >= self.failures.len() {
            self.failures.resize_with(idx + 1, Vec::new);
        }
        let kinds = &mut self.failures[idx];
        match kinds.iter_mut().find(|known| is_same(&known.first.error, &new.first.error)) {
            Some(known) => {
                known.count += new.count;
                known.fatal += new.fatal;
                if new.first.message < known.first.message {
                    known.first = new.first;
                }
            }
            None => kinds.push(new),
        }
    }

    /// Adds the counters of another report, but for errors.
    pub(crate) fn add_counters(&mut self, other: &Report) {
        for (idx, theirs) in other.sources.iter().enumerate() {
            let ours = self.source(idx as u32);
            ours.evaluated += theirs.evaluated;
            ours.matched += theirs.matched;
            ours.changed += theirs.changed;
            ours.failed += theirs.failed;
            ours.conflicting += theirs.conflicting;
        }
        self.dropped.spans += other.dropped.spans;
        self.dropped.data_points += other.dropped.data_points;
        self.dropped.log_records += other.dropped.log_records;
        self.dropped.samples += other.dropped.samples;
    }

    /// Adds the counters of another run of the same plan; its listed errors are dropped beyond the limit. Of each kind of
    /// error, the first one is that of the message with the lowest number.
    pub fn merge(&mut self, other: &Report, limits: &Limits) {
        self.add_counters(other);
        other.all_failures().for_each(|failures| self.add(*failures));
        for kinds in &mut self.failures {
            kinds.sort_by_key(|failures| failures.first.message);
        }
        self.errors.extend(&other.errors);
        self.errors.sort_by_key(|error| error.message);
        self.errors.truncate(limits.listed_errors);
    }
}

/// Whether two errors of a source are of one kind.
fn is_same(known: &EvalError, error: &EvalError) -> bool {
    known.site == error.site && known.argument == error.argument && known.kind.is_same_kind(&error.kind)
}

/// The last source that the reference comes to together with this one, record by record: that of its group of statements, or
/// of the stage of its condition. Sources are numbered in the order of groups and stages.
fn last_in_turn(plan: &Plan, source: u32) -> u32 {
    let first_behind =
        |lasts: &mut dyn Iterator<Item = Option<u32>>| lasts.flatten().filter(|last| *last >= source).min();
    let last = match &plan.program {
        Program::Transform(program) => first_behind(&mut program.groups.iter().map(|group| {
            let sources = group.statements.iter().map(|one| one.source);
            sources.chain(group.conditions.iter().map(|one| one.1)).max()
        })),
        Program::Filter(program) => first_behind(
            &mut program
                .stages
                .iter()
                .map(|stage| stage.conditions.iter().flat_map(|(_, conditions)| conditions).map(|one| one.1).max()),
        ),
    };
    last.unwrap_or(u32::MAX)
}
