//! Running what a level has to do on its current message: all its groups, or the steps that the message triggers.

use std::mem::take;

use ottl_core::EvalError;
use ottl_schema::{ContextId, PointKind};

use super::{Fate, Walk, Walked};
use crate::fast::exec::screen::{Screening, Verdict};
use crate::fast::exec::state::State;
use crate::fast::levels::bit;
use crate::fast::program::screen::{Screen, Woken, next_bit};
use crate::fast::program::{GroupProgram, LevelProgram, Step};
use crate::{Report, RunError};

/// The bits of 64 steps: which are triggered, and of which the conditions are not known.
///
/// PERF (tenant): `map` of an array is a call here, and took 3 % of all instructions.
#[cfg_attr(not(target_family = "wasm"), inline(always))]
fn of_word([fire, unsure]: &[Vec<u64>; 2], word: usize) -> [u64; 2] {
    [fire.get(word).copied().unwrap_or(0), unsure.get(word).copied().unwrap_or(0)]
}

/// How a step is run.
#[derive(Clone, Copy)]
struct Running {
    /// Whether its condition is known to hold.
    holds: bool,
    /// Whether that it matched is counted here.
    counts_match: bool,
}

impl<'a, const DROPS: bool> Walk<'a, '_, DROPS> {
    /// Makes a message without children of interest the current one of its level.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn enter_leaf(&mut self, level: ContextId, raw: &'a [u8], kind: PointKind, verdict: Verdict) {
        if self.is_compact(level, verdict) {
            self.state.enter_compact(level, raw, kind);
        } else {
            self.state.enter(level, raw, kind);
        }
    }

    /// Makes a message that others lie in the current one of its level.
    pub fn enter_outer(&mut self, level: ContextId, raw: &'a [u8], verdict: Verdict) {
        // Then what its children look at decides.
        let is_left = verdict == Verdict::Quiet || self.pass.levels[level as usize].groups.is_empty();
        if !self.is_compact(level, verdict) || is_left && self.state.messages.few & bit(level) != 0 {
            return self.state.enter(level, raw, PointKind::Number);
        }
        self.state.enter_outer(level, raw);
        if !is_left {
            self.state.messages.outer_compact(level);
        }
    }

    /// Whether a message is a compact record as long as it can be.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn is_compact(&self, level: ContextId, verdict: Verdict) -> bool {
        let program = &self.pass.levels[level as usize];
        let is_general = || {
            let fire = &self.state.spare.screens[level as usize].fire;
            fire.iter().zip(&program.general).any(|(fire, general)| fire & general != 0)
        };
        program.is_compact && !(verdict == Verdict::Fired && is_general())
    }

    /// What the screen of a level says of a message. Where records are dropped, few are looked at again, so all is asked first.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn judge(&mut self, level: ContextId, raw: &[u8], kind: PointKind) -> Walked<Verdict> {
        match &self.pass.levels[level as usize].screen {
            Some(screen) => Ok(self.state.judge(screen, level, raw, kind, !DROPS)?),
            None => Ok(Verdict::Unknown),
        }
    }

    /// Runs what a level has to do on its current message.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn run_level(&mut self, level: ContextId, verdict: Verdict) -> Walked<Fate> {
        let program = &self.pass.levels[level as usize];
        let Some(screen) = &program.screen else { return self.run_groups(level) };
        match verdict {
            Verdict::Quiet => {
                self.state.count_visit(level);
                Ok(Fate::Stays)
            }
            Verdict::Fired => self.run_fired(level, program, screen),
            Verdict::Unasked | Verdict::Unknown if self.state.ask_entered(screen, level, &program.numbers)? => {
                self.run_fired(level, program, screen)
            }
            Verdict::Unasked | Verdict::Unknown => self.run_groups(level),
        }
    }

    /// Runs the steps that the current message triggers.
    fn run_fired(&mut self, level: ContextId, program: &'a LevelProgram, screen: &Screen) -> Walked<Fate> {
        // What a step writes may trigger later ones.
        let screening = &mut self.state.spare.screens[level as usize];
        let mut triggered = [take(&mut screening.fire), take(&mut screening.unsure)];
        let result = match screen.gates.is_empty() {
            true => self.run_bits(level, program, screen, &mut triggered),
            false => self.run_gated(level, program, screen, &mut triggered),
        };
        let screening = &mut self.state.spare.screens[level as usize];
        [screening.fire, screening.unsure] = triggered;
        screening.visits += 1;
        result
    }

    fn run_bits(
        &mut self,
        level: ContextId,
        program: &'a LevelProgram,
        screen: &Screen,
        triggered: &mut [Vec<u64>; 2],
    ) -> Walked<Fate> {
        let mut groups = program.groups.iter();
        let Some(mut group) = groups.next() else { return Ok(Fate::Stays) };
        self.state.answers.clear();
        self.state.caches.is_shared = group.shares_cache;
        for (word, masks) in screen.masks.iter().enumerate() {
            let [mut left, mut unsure] = of_word(triggered, word);
            while left != 0 {
                let bit = left.trailing_zeros();
                left &= left - 1;
                let at = word * 64 + bit as usize;
                let Some(step) = program.steps.get(at) else { break };
                while at >= group.steps.1
                    && let Some(next) = groups.next()
                {
                    group = next;
                    self.state.caches.clear(level);
                    self.state.caches.is_shared = group.shares_cache;
                }
                let how = Running {
                    holds: (masks.exact & !unsure) >> bit & 1 != 0,
                    counts_match: masks.bulk_matched >> bit & 1 == 0,
                };
                if let Some(ends) = self.run_triggered((at, step), how, group, level) {
                    return ends;
                }
                if !DROPS && (self.state.wrote || masks.caches >> bit & 1 != 0) {
                    let asks_again = masks.again >> bit & 1 != 0;
                    let woken = self.wake((at, asks_again), (screen, program), level, triggered)?;
                    woken.add_to(&mut left, &mut unsure);
                    if self.state.renamed == step.source {
                        // The step behind is done. In the next word it is run, and finds nothing to do.
                        left &= !(2 << bit);
                    }
                    self.forget(step, level);
                }
            }
        }
        Ok(Fate::Stays)
    }

    /// Triggers the steps behind one that has written something. Those of the same 64 steps are returned.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn wake(
        &mut self,
        (at, asks_again): (usize, bool),
        (screen, program): (&Screen, &LevelProgram),
        level: ContextId,
        triggered: &mut [Vec<u64>; 2],
    ) -> Walked<Woken> {
        if asks_again {
            return self.wake_asking(at, (screen, program), level, triggered);
        }
        Ok(screen.wake(at, self.is_once(program, level), triggered))
    }

    /// The same, where what the step has written is asked about again.
    #[cold]
    #[inline(never)]
    fn wake_asking(
        &mut self,
        at: usize,
        (screen, program): (&Screen, &LevelProgram),
        level: ContextId,
        triggered: &mut [Vec<u64>; 2],
    ) -> Walked<Woken> {
        let is_once = self.is_once(program, level);
        if let Some(of) = screen.asks_again(at, is_once)
            && self.state.ask_again(screen, level, &program.numbers, (at, of))?
        {
            let [fire, unsure] = &self.state.spare.screens[level as usize].again;
            return Ok(screen.wake_asked(at, of, [fire, unsure], triggered));
        }
        Ok(screen.wake(at, is_once, triggered))
    }

    /// Whether no key that is asked about is there twice: compact records have no known key twice.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn is_once(&self, program: &LevelProgram, level: ContextId) -> bool {
        program.numbers.are_all() && self.state.messages.is_compact(level)
    }

    /// Runs a step that is triggered, by its number: what becomes of the message, if the steps behind it are not run.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn run_triggered(
        &mut self,
        (at, step): (usize, &'a Step),
        how: Running,
        group: &GroupProgram,
        level: ContextId,
    ) -> Option<Walked<Fate>> {
        let result = self.run_step(step, how);
        if !self.may_end(&result) {
            return None;
        }
        let ends = self.ends(result, group, step, level);
        if matches!(ends, Ok(Fate::Stays)) {
            return None;
        }
        let screening = &mut self.state.spare.screens[level as usize];
        screening.stops[at] += 1;
        screening.has_stopped = true;
        Some(ends)
    }

    /// The same where groups have conditions. What these trigger is known with the steps, and they are asked where their group
    /// begins: what they look at may have been written by then.
    #[inline(never)]
    fn run_gated(
        &mut self,
        level: ContextId,
        program: &'a LevelProgram,
        screen: &Screen,
        triggered: &mut [Vec<u64>; 2],
    ) -> Walked<Fate> {
        self.state.answers.clear();
        for (number, (group, gate)) in program.groups.iter().zip(&screen.gates).enumerate() {
            if number > 0 {
                self.state.caches.clear(level);
            }
            self.state.caches.is_shared = group.shares_cache;
            if let Some(bit) = gate.bit {
                if next_bit(&triggered[0], bit as usize) != Some(bit as usize) {
                    continue;
                }
                let result = self.may_run(group, level);
                let Screening { gates, alive, .. } = &mut self.state.spare.screens[level as usize];
                if let Some(counts) = gates.get_mut(number) {
                    counts.asked += 1;
                    counts.opened += u64::from(matches!(result, Ok(true)));
                    counts.stopped += u64::from(result.is_err());
                }
                if !result? {
                    continue;
                }
                gate.always.fire(alive, &mut triggered[0]);
                self.state.ask_operands_behind(screen, level, number, triggered)?;
            }
            let mut from = group.steps.0;
            while let Some(at) = next_bit(&triggered[0], from).filter(|at| *at < group.steps.1)
                && let Some(step) = program.steps.get(at)
            {
                from = at + 1;
                let how = Running {
                    holds: screen.is_exact(at) && next_bit(&triggered[1], at) != Some(at),
                    counts_match: !screen.is_bulk_matched(at),
                };
                if let Some(ends) = self.run_triggered((at, step), how, group, level) {
                    return ends;
                }
                if self.state.wrote || screen.writes_cache(at) {
                    let woken = self.wake((at, screen.may_ask_again(at)), (screen, program), level, triggered)?;
                    let [fire, unsure] = triggered;
                    if let (Some(fire), Some(unsure)) = (fire.get_mut(at / 64), unsure.get_mut(at / 64)) {
                        woken.add_to(fire, unsure);
                    }
                    self.forget(step, level);
                }
            }
        }
        Ok(Fate::Stays)
    }

    /// Runs the groups of a level on its current message.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn run_groups(&mut self, level: ContextId) -> Walked<Fate> {
        let program = &self.pass.levels[level as usize];
        self.state.answers.clear();
        for (i, group) in program.groups.iter().enumerate() {
            if i > 0 {
                self.state.caches.clear(level);
            }
            self.state.caches.is_shared = group.shares_cache;
            if !group.conditions.is_empty() && !self.may_run(group, level)? {
                continue;
            }
            let steps = program.steps.get(group.steps.0..group.steps.1).unwrap_or_default();
            for (idx, step) in steps.iter().enumerate() {
                let result = self.run_step(step, Running { holds: false, counts_match: true });
                if self.may_end(&result) {
                    let ends = self.ends(result, group, step, level);
                    if !matches!(ends, Ok(Fate::Stays)) {
                        // The steps behind this one are not run.
                        self.state.count_evaluated(&steps[..=idx], 1);
                        if !group.left_out.is_empty() {
                            self.state.count_left_out(group, idx, 1);
                        }
                        return ends;
                    }
                }
                if !DROPS && self.state.wrote {
                    self.forget(step, level);
                }
            }
            if let Some(visits) = self.state.spare.visits.get_mut(group.number) {
                *visits += 1;
            }
        }
        Ok(Fate::Stays)
    }

    /// Whether a step's result may mean that its message is dropped, or that the steps behind are not run.
    ///
    /// PERF (structural): what it means comes through memory, which nearly all steps are spared.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn may_end(&self, result: &Result<(), EvalError>) -> bool {
        result.is_err() || DROPS && self.state.wrote
    }

    /// After a step has written something: what it makes stale of that which steps share is not known any more.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn forget(&mut self, step: &Step, level: ContextId) {
        // PERF (structural, spans): where nothing is known, which is where nothing is shared, this is all. In `run_step` it
        // cost 2 %.
        if self.state.answers.is_any_known() {
            self.forget_stale(step, level);
        }
    }

    #[inline(never)]
    fn forget_stale(&mut self, step: &Step, level: ContextId) {
        let is_compact = self.state.messages.is_compact(level);
        self.state.answers.written(&step.stales, is_compact);
    }

    /// What a step's result means for its message.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn ends(
        &mut self,
        result: Result<(), EvalError>,
        group: &GroupProgram,
        step: &Step,
        level: ContextId,
    ) -> Walked<Fate> {
        match result {
            Ok(()) if DROPS && self.state.wrote => Ok(Fate::Dropped),
            Ok(()) => Ok(Fate::Stays),
            Err(error) => self.failed(error, group, step.source, level),
        }
    }

    /// What the error of a step means for its message: a filter reports the first one at its end.
    #[cold]
    fn failed(&mut self, error: EvalError, group: &GroupProgram, source: u32, level: ContextId) -> Walked<Fate> {
        match self.state.failed(group.mode, source, error, level) {
            Ok(()) => Ok(Fate::Stays),
            Err(RunError::Failed(error)) if DROPS => {
                self.failure.get_or_insert(error);
                Ok(Fate::Failed)
            }
            Err(error) => Err(Box::new(error)),
        }
    }

    /// Whether one of the conditions of a group holds.
    fn may_run(&mut self, group: &'a GroupProgram, level: ContextId) -> Walked<bool> {
        for (condition, source) in &group.conditions {
            self.state.report.source(*source).evaluated += 1;
            match self.state.holds(condition) {
                Ok(true) => {
                    self.state.report.source(*source).matched += 1;
                    return Ok(true);
                }
                Ok(false) => {}
                Err(error) => self.state.failed(group.mode, *source, error, level)?,
            }
        }
        Ok(false)
    }

    /// Runs a step. Where it dropped the record, it has written.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn run_step(&mut self, step: &'a Step, how: Running) -> Result<(), EvalError> {
        let state = &mut self.state;
        state.wrote = false;
        // What one statement stored is a copy to the next.
        state.whole_map = None;
        if let Some(condition) = &step.condition
            && !how.holds
            && !state.holds(condition)?
        {
            return Ok(());
        }
        if DROPS {
            state.wrote = true;
            if let Some(counters) = state.report.sources.get_mut(step.source as usize) {
                counters.matched += 1;
            }
            return Ok(());
        }
        state.statement = step.source;
        let result = state.act(&step.action);
        let wrote = state.wrote;
        state.has_written |= wrote;
        // There are counters for all sources of the plan.
        if let Some(counters) = state.report.sources.get_mut(step.source as usize) {
            counters.matched += u64::from(how.counts_match);
            counters.changed += u64::from(wrote);
        }
        result
    }
}

impl State<'_, '_> {
    /// Counts what was run on the records of a level since this was done last.
    ///
    /// PERF (tenant): for messages of one record, counting statement by statement was a twentieth of all.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn count_visits(&mut self, program: &LevelProgram, level: usize) {
        for group in &program.groups {
            let visits = self.spare.visits.get_mut(group.number).map_or(0, take);
            if visits > 0 {
                self.report.count_evaluated(&group.sources, visits);
            }
        }
        if let Some(screen) = &program.screen
            && self.spare.screens[level].visits > 0
        {
            self.count_screened(program, screen, level);
        }
    }

    /// The same of the records that the level's screen was asked about.
    #[inline(never)]
    fn count_screened(&mut self, program: &LevelProgram, screen: &Screen, level: usize) {
        let screening = &mut self.spare.screens[level];
        let mut visits = take(&mut screening.visits);
        let has_stopped = take(&mut screening.has_stopped);
        for (number, group) in program.groups.iter().enumerate() {
            // On how many records it was run.
            let mut left = visits;
            if !group.conditions.is_empty() {
                let counts = screening.gates.get_mut(number).map(take).unwrap_or_default();
                for (_, source) in &group.conditions {
                    // Where they were asked they were counted.
                    self.report.source(*source).evaluated += visits - counts.asked;
                }
                visits -= counts.stopped;
                left = counts.opened;
            }
            if has_stopped {
                visits -= count_stopped(self.report, program, screen, &mut screening.stops, group, left);
                continue;
            }
            self.report.count_evaluated(&group.sources, left);
            self.report.count_matched(&group.matched, left);
        }
    }

    /// Counts as evaluated what is left out of a group in front of a step of it.
    #[inline(never)]
    fn count_left_out(&mut self, group: &GroupProgram, upto: usize, times: u64) {
        for one in group.left_out.iter().take_while(|one| one.before <= upto) {
            self.report.source(one.source).evaluated += times;
        }
    }

    /// Counts a record that the step of this number dropped.
    pub fn count_dropping(&mut self, group: &GroupProgram, steps: &[Step], idx: usize) {
        if let Some(step) = steps.get(idx) {
            self.report.source(step.source).matched += 1;
        }
        self.count_evaluated(&steps[..=idx], 1);
        if !group.left_out.is_empty() {
            self.count_left_out(group, idx, 1);
        }
    }

    /// Counts steps as evaluated.
    pub fn count_evaluated(&mut self, steps: &[Step], times: u64) {
        steps.iter().for_each(|step| self.report.source(step.source).evaluated += times);
    }
}

/// Counts a group of which some steps were the last ones on their records, step by step: on how many records they were. `left` says
/// on how many the group was run.
fn count_stopped(
    report: &mut Report,
    program: &LevelProgram,
    screen: &Screen,
    stops: &mut [u64],
    group: &GroupProgram,
    mut left: u64,
) -> u64 {
    let begun = left;
    let mut count = |report: &mut Report, at: usize, upto: usize, left: &mut u64| {
        let (Some(steps), Some(stops)) = (program.steps.get(at..upto), stops.get_mut(at..upto)) else { return };
        for ((at, step), stops) in (at..).zip(steps).zip(stops) {
            let counters = report.source(step.source);
            counters.evaluated += *left;
            counters.matched += if screen.is_bulk_matched(at) { *left } else { 0 };
            *left -= take(stops);
        }
    };
    let (mut at, end) = group.steps;
    for one in &group.left_out {
        count(report, at, group.steps.0 + one.before, &mut left);
        at = group.steps.0 + one.before;
        report.source(one.source).evaluated += left;
    }
    count(report, at, end, &mut left);
    begun - left
}
