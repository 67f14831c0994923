//! Screens at work: masks of the current scope, verdicts, and running what is triggered.

use ottl_core::EvalError;
use ottl_schema::{ContextId, PointKind};

use super::ask::Asking;
use super::{GateCounts, NO_READER, Screening, Time, Verdict};
use crate::fast::exec::state::State;
use crate::fast::levels::bit;
use crate::fast::program::screen::{Above, Screen};

impl Screen {
    /// Whether nothing is run of what is triggered: steps of groups that are not run may be.
    #[inline(never)]
    fn is_closed(&self, fire: &[u64]) -> bool {
        !fire.iter().zip(&self.free).any(|(fire, free)| fire & free != 0)
    }

    fn refresh(&self, now: &mut Screening) {
        let had = [now.alive.len(), now.seen.len(), now.stops.len(), now.gates.len()];
        if had != [self.base.len(), self.keys.len(), self.count, self.gates.len()] {
            self.resize(now);
        }
        now.alive.fill(!0);
        now.is_unsure_scope = false;
    }

    /// The memory was used by nothing yet, or by another screen.
    #[cold]
    fn resize(&self, now: &mut Screening) {
        let [again, again_unsure] = &mut now.again;
        for words in [&mut now.alive, &mut now.base, &mut now.fire, &mut now.unsure, again, again_unsure] {
            words.resize(self.base.len(), 0);
        }
        now.seen.resize(self.keys.len(), 0);
        now.stops.resize(self.count, 0);
        now.gates.resize(self.gates.len(), GateCounts::default());
    }

    /// After the masks of living steps are known.
    ///
    /// PERF (messages of one record): nearly all resources leave the same steps alive.
    #[inline]
    fn count_needed(&self, now: &mut Screening) {
        let is_own = now.counted_by.as_ref().is_some_and(|by| *by == self.identity);
        if !is_own || now.counted != now.alive || now.record > u32::MAX / 4 {
            self.count_needed_anew(now);
        }
    }

    #[inline(never)]
    fn count_needed_anew(&self, now: &mut Screening) {
        now.counted.clone_from(&now.alive);
        now.counted_by = Some(self.identity.clone());
        for ((base, all), alive) in now.base.iter_mut().zip(&self.base).zip(&now.alive) {
            *base = all & alive;
        }
        now.any_base = now.base.iter().any(|word| *word != 0);
        // Records are numbered through; those of one scope are far fewer than the numbers that are left.
        if now.record > u32::MAX / 4 {
            now.record = 0;
            now.seen.fill(0);
        }
        // All attributes are passed by where their values are asked about, as if one more key had to be found.
        now.keys_needed = u32::from(self.values.as_ref().is_some_and(|values| values.all.meets(&now.alive)));
        for (asked, seen) in self.pairs.iter().zip(&mut now.seen) {
            if !asked.readers.meets(&now.alive) {
                *seen = NO_READER;
                continue;
            }
            now.keys_needed += 1;
            if *seen == NO_READER {
                *seen = 0;
            }
        }
        let living = self.fields.iter().filter(|asked| asked.readers.meets(&now.alive));
        now.fields_needed = living.fold(0, |bits, field| bits | 1 << field.number);
    }
}

impl State<'_, '_> {
    /// What a screen says of a record of a level. With `later`, records on which some steps are run anyway are not asked yet.
    ///
    /// # Errors
    /// The steps are spent.
    // PERF (filter-100): a call is a twentieth of a record that is left at once.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn judge(
        &mut self,
        screen: &Screen,
        level: ContextId,
        raw: &[u8],
        kind: PointKind,
        later: bool,
    ) -> Result<Verdict, EvalError> {
        if self.spare.fresh_screens & bit(level) == 0 {
            self.refresh(screen, level)?;
        }
        let asking = Asking { plan: self.plan, arena: self.arena };
        let tag = self.messages.wanted[level as usize].scans[kind as usize].attribute_tag();
        let now = &mut self.spare.screens[level as usize];
        // What is computed is computed of the current message.
        if later && now.any_base || !screen.operands.is_empty() {
            return Ok(Verdict::Unasked);
        }
        let (verdict, looked) = screen.scan(now, raw, tag, asking);
        let is_quiet = verdict == Verdict::Fired && !screen.gates.is_empty() && screen.is_closed(&now.fire);
        self.steps.look_at(looked)?;
        Ok(if is_quiet { Verdict::Quiet } else { verdict })
    }

    /// Counts a record on which the steps of a level were run, or had nothing to do.
    #[inline]
    pub fn count_visit(&mut self, level: ContextId) {
        self.spare.screens[level as usize].visits += 1;
    }

    /// Asks about the metric or span around messages: whether it could be asked. The steps that it leaves are in
    /// [`Screening::fire`] of `above`.
    ///
    /// # Errors
    /// The steps are spent.
    fn ask_around(&mut self, above: &Screen, around: ContextId) -> Result<bool, EvalError> {
        let asking = Asking { plan: self.plan, arena: self.arena };
        let tag = self.messages.wanted[around as usize].scans[PointKind::Number as usize].attribute_tag();
        let raw = self.messages.unchanged(around);
        let now = &mut self.spare.above;
        above.refresh(now);
        above.count_needed(now);
        let (verdict, looked) = match raw {
            Some(raw) => above.scan(now, raw, tag, asking),
            None => (Verdict::Unknown, 0),
        };
        match verdict {
            Verdict::Fired => {}
            Verdict::Quiet => now.fire.fill(0),
            Verdict::Unasked | Verdict::Unknown => return self.ask_of_node(above, (around, true), Time::Entered),
        }
        self.steps.look_at(looked)?;
        Ok(true)
    }

    /// Works out which steps live in the current resource and scope.
    #[inline(never)]
    fn refresh(&mut self, screen: &Screen, level: ContextId) -> Result<(), EvalError> {
        screen.refresh(&mut self.spare.screens[level as usize]);
        for need in &screen.needs {
            let holds = self.holds_for_parent(need.slot, need.test);
            let now = &mut self.spare.screens[level as usize];
            match holds {
                Ok(true) => {}
                Ok(false) => need.steps.0.iter().for_each(|(word, bits)| now.alive[*word as usize] &= !bits),
                Err(_) => now.is_unsure_scope = true,
            }
        }
        if let Some(Above { level: around, screen: above }) = screen.above.as_deref()
            && self.ask_around(above, *around)?
        {
            let (now, asked) = (&mut self.spare.screens[level as usize], &self.spare.above);
            now.alive.iter_mut().zip(&asked.fire).for_each(|(alive, fire)| *alive &= fire);
        }
        screen.count_needed(&mut self.spare.screens[level as usize]);
        self.spare.fresh_screens |= bit(level);
        Ok(())
    }
}
