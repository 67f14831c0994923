//! What a step that writes triggers: the steps behind it that ask about what it writes.
//!
//! INVARIANT: a step whose trigger did not hold, or whose condition is known to hold, stays so unless a step in front of it
//! triggers it here. Taking a pair out triggers only those that asked about its key: that it is not there triggers those that fail then.

use super::{Mask, Screen};

/// What a step triggers when it has written something.
#[derive(Debug)]
pub(crate) struct Wakes {
    pub steps: WokenSteps,
    /// Whether it may take pairs out: of a key that is there twice, another pair is the first one then.
    pub takes_pairs_out: bool,
    /// What is asked again in place of triggering `steps`, if that costs less.
    pub again: Option<Again>,
    /// Whether everything is, where a key may be there twice and the step takes pairs out.
    pub all_again: bool,
}

impl Wakes {
    /// These steps; nothing is asked again.
    pub fn new(steps: WokenSteps, takes_pairs_out: bool) -> Wakes {
        Wakes { steps, takes_pairs_out, again: None, all_again: false }
    }
}

/// The steps that a write triggers.
#[derive(Debug)]
pub(crate) enum WokenSteps {
    /// These steps, and then those of which it is not known any more whether their conditions hold, which are these and more:
    /// first of the same 64 as the step that writes, then others.
    Some { near: [u64; 2], far: [Mask; 2] },
    /// All that come after it.
    All,
}

/// What is asked again after a write.
#[derive(Debug)]
pub(crate) struct Again {
    pub of: AskedOf,
    /// The numbers of the computed values that are.
    pub operands: Vec<u32>,
    /// The steps behind the one that writes whose conditions are not known any more: those that are not triggered anew.
    pub unsure: Mask,
    /// Steps that are triggered unasked.
    pub others: Mask,
    /// Steps that are not triggered any more if this does not trigger them anew: nothing else is asked for them.
    pub decided: Mask,
}

/// What questions are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskedOf {
    /// The key of this number.
    Pair(usize),
    /// These fields: a bit each.
    Fields(u32),
    /// The whole record.
    All,
}

/// What is triggered of 64 steps, a bit each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Woken {
    pub fire: u64,
    /// Those of which it is not known any more whether their conditions hold.
    pub unsure: u64,
    /// Those that have nothing to do, whatever was known before.
    pub settled: u64,
}

impl Woken {
    /// Adds these to the steps that are to be run, and those of them whose conditions are not known.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn add_to(self, fire: &mut u64, unsure: &mut u64) {
        *fire = *fire & !self.settled | self.fire;
        *unsure = *unsure & !self.settled | self.unsure;
    }
}

impl WokenSteps {
    /// The steps that step `at` triggers, and those whose conditions are not known any more; it is none of them.
    pub fn of(at: usize, steps: Mask, unsure: Mask) -> WokenSteps {
        let (mut near, mut far) = ([0; 2], [Mask::default(), Mask::default()]);
        for ((near, far), Mask(words)) in near.iter_mut().zip(&mut far).zip([steps, unsure]) {
            for (word, bits) in words {
                if word as usize == at / 64 { *near = bits } else { far.0.push((word, bits)) }
            }
        }
        WokenSteps::Some { near, far }
    }

    /// The same of those that step `at` triggers; nothing if these are all behind it.
    pub fn all_of(&self, at: usize) -> Option<[Mask; 2]> {
        let WokenSteps::Some { near, far } = self else { return None };
        let all = |near: u64, far: &Mask| Mask::of_all([&Mask(vec![((at / 64) as u32, near)]), far].into_iter());
        Some([all(near[0], &far[0]), all(near[1], &far[1])])
    }
}

impl Screen {
    /// Triggers the steps behind one that may have something to do because of what it has written. With `is_once`, no key
    /// that is asked about is there twice. `triggered` are the steps to run, and those of them whose conditions are not
    /// known.
    ///
    /// Those of the same 64 steps are not triggered but returned.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn wake(&self, step: usize, is_once: bool, triggered: &mut [Vec<u64>; 2]) -> Woken {
        let Some(Wakes { steps, takes_pairs_out, .. }) = self.wakes.get(step) else { return Woken::default() };
        match steps {
            WokenSteps::Some { near, far } if is_once || !takes_pairs_out => {
                // What is triggered is unsure.
                if !far[1].is_empty() {
                    add_to(far, triggered);
                }
                let [fire, unsure] = *near;
                Woken { fire, unsure, settled: 0 }
            }
            _ => {
                let behind = self.wake_behind(step, triggered);
                Woken { fire: behind, unsure: behind, settled: 0 }
            }
        }
    }

    /// What is asked again in place of [`Screen::wake`] after a step has written something.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn asks_again(&self, step: usize, is_once: bool) -> Option<AskedOf> {
        let Wakes { takes_pairs_out, again, all_again, .. } = self.wakes.get(step)?;
        if *takes_pairs_out && !is_once {
            return all_again.then_some(AskedOf::All);
        }
        again.as_ref().map(|again| again.of)
    }

    /// After that was asked: triggers the steps that it triggers, which are the first of `asked`; the others are those that were
    /// triggered without an answer. What is triggered is returned as [`Screen::wake`] does.
    #[inline(never)]
    pub fn wake_asked(&self, step: usize, of: AskedOf, asked: [&[u64]; 2], triggered: &mut [Vec<u64>; 2]) -> Woken {
        let own = step / 64;
        let mut near = Woken::default();
        let [fire, unsure] = triggered;
        let again = self.wakes.get(step).and_then(|wakes| wakes.again.as_ref()).filter(|again| again.of == of);
        for (word, ((fire, unsure), (anew, unanswered))) in
            fire.iter_mut().zip(unsure).zip(asked[0].iter().zip(asked[1])).enumerate().skip(own)
        {
            let behind = if word == own { !1 << (step % 64) } else { !0 };
            let mut others = again.map_or(0, |again| again.others.word(word));
            if of == AskedOf::All {
                // What all values have is not asked again, whatever the step is that has written.
                others |= behind & self.values.as_ref().map_or(0, |values| values.all.word(word));
            }
            // Of the whole record, all.
            let not_known = again.filter(|_| of != AskedOf::All).map_or(!0, |again| again.unsure.word(word));
            let decided = again.map_or(&self.decided, |again| &again.decided).word(word);
            let woken = Woken {
                fire: anew & behind | others,
                unsure: (not_known & !anew | unanswered) & behind | others,
                settled: decided & behind & !(anew | unanswered | others),
            };
            if word == own {
                near = woken;
            }
            woken.add_to(fire, unsure);
        }
        near
    }

    #[inline(never)]
    fn wake_behind(&self, step: usize, triggered: &mut [Vec<u64>; 2]) -> u64 {
        let own = step / 64;
        let steps_of = |word: usize| match self.count.saturating_sub(word * 64) {
            count @ ..64 => (1 << count) - 1,
            _ => !0,
        };
        for steps in triggered {
            (own + 1..).zip(steps.iter_mut().skip(own + 1)).for_each(|(word, steps)| *steps |= steps_of(word));
        }
        steps_of(own) & !1 << (step % 64)
    }
}

/// Adds steps to sets.
#[inline(never)]
fn add_to(steps: &[Mask; 2], sets: &mut [Vec<u64>; 2]) {
    for (Mask(words), set) in steps.iter().zip(sets) {
        for (word, bits) in words {
            if let Some(set) = set.get_mut(*word as usize) {
                *set |= bits;
            }
        }
    }
}
