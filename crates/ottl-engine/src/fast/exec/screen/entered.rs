//! Asking about the current message: all of it when it was entered, and what a step has written of it.
//!
//! INVARIANT: what is asked again triggers what the same questions would trigger on the message as it is now.

use ottl_core::edit::{MAX_KNOWN, NamedKey, Slot};
use ottl_core::value::encode_any;
use ottl_core::{EvalError, Value};
use ottl_schema::ContextId;

use super::ask::{Asking, Firing};
use super::{NO_READER, Screening, Time};
use crate::fast::compact::Compact;
use crate::fast::exec::state::State;
use crate::fast::levels::bit;
use crate::fast::node::{InputAttribute, Node};
use crate::fast::program::KeyNumbers;
use crate::fast::program::screen::{Asked, AskedOf, Screen};

/// Looking a key up takes as many steps as looking at so many bytes.
const PAIR_BYTES: usize = 16;

/// Which keys have been asked about: of a key that is there twice the first pair counts.
pub(super) struct Seen<'s> {
    /// By key: the number of the question that it was last asked in.
    keys: &'s mut [u32],
    now: u32,
}

impl Seen<'_> {
    /// Whether a key comes for the first time, and living steps ask about it.
    fn is_new(&mut self, number: u32) -> bool {
        self.keys.get_mut(number as usize).is_some_and(|last| std::mem::replace(last, (*last).max(self.now)) < self.now)
    }
}

impl Screening {
    /// Before a record is asked about: nothing is triggered but what is run on every record.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn begin(&mut self, time: Time) {
        let [again, again_unsure] = &mut self.again;
        let unsure = match time {
            Time::Entered => {
                self.computed_again = 0;
                self.fire.copy_from_slice(&self.base);
                &mut self.unsure
            }
            Time::Again => {
                again.fill(0);
                again_unsure
            }
        };
        unsure.fill(if self.is_unsure_scope { !0 } else { 0 });
        if self.record > u32::MAX / 2 {
            // A scope has fewer records than that, but each may be asked about after many writes.
            self.record = 0;
            self.seen.iter_mut().filter(|seen| **seen != NO_READER).for_each(|seen| *seen = 0);
        }
        self.record += 1;
    }

    /// What a record is asked with, and memory for a value.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn questions<'f, 'p>(
        &'f mut self,
        asking: Asking<'p>,
        time: Time,
    ) -> (Firing<'f, 'p>, Seen<'f>, &'f mut Vec<u8>) {
        let Screening { alive, fire, unsure, again, found, seen, record, any, .. } = self;
        let (fire, unsure) = match (time, again) {
            (Time::Entered, _) => (fire, unsure),
            (Time::Again, [fire, unsure]) => (fire, unsure),
        };
        (Firing { asking, alive, fire, found, unsure, fired: false, looked: 0 }, Seen { keys: seen, now: *record }, any)
    }
}

impl Screen {
    /// Asks about a compact record.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn ask_compact(
        &self,
        record: &Compact<'_>,
        numbers: &KeyNumbers,
        firing: &mut Firing<'_, '_>,
        (seen, time): (&mut Seen<'_>, Time),
    ) {
        for (key, number) in numbers.known() {
            if let (Some(Some(any)), Some(asked)) = (record.attribute(*number), self.pairs.get(*key as usize)) {
                asked.ask(any, firing);
            }
        }
        if !numbers.are_all() {
            self.ask_others(record, firing, seen);
        }
        if !self.copies.is_empty() {
            self.ask_copies(record, numbers, firing, time);
        }
        for key in &self.absent {
            // Those without numbers were seen if they are there.
            let is_there = match record.attribute(numbers.of(*key as usize)) {
                Some(found) => found.is_some(),
                None => !seen.is_new(*key),
            };
            if let Some(asked) = self.pairs.get(*key as usize).filter(|_| !is_there) {
                firing.try_all(&asked.absent);
            }
        }
        for asked in &self.fields {
            match &record.field(asked.number) {
                Some(field) => asked.ask(field, firing),
                None => firing.try_all(&asked.readers),
            }
        }
    }

    /// Of attributes that get the value of others, and of these, a compact record was asked: what that leaves open.
    #[inline(never)]
    fn ask_copies(&self, record: &Compact<'_>, numbers: &KeyNumbers, firing: &mut Firing<'_, '_>, time: Time) {
        for copied in &self.copies {
            let Some(asked) = self.pairs.get(copied.to as usize) else { continue };
            let number = |key: u32| numbers.of(key as usize);
            match (record.has(number(copied.from)), record.has(number(copied.to))) {
                (Some(true), Some(false)) if time == Time::Entered => {
                    // What is there may be nil.
                    let is_nil = || matches!(record.attribute(number(copied.from)), Some(Some([])));
                    if !asked.absent.is_empty() && is_nil() {
                        firing.try_all(&asked.absent);
                    }
                }
                (Some(false), Some(false)) => firing.try_all(&asked.absent),
                (Some(false), Some(true)) => {}
                _ => firing.try_all(&asked.readers),
            }
        }
    }

    /// The same of a record in another form. `seen` says by key in which record it was last.
    #[inline(never)]
    pub(super) fn try_copies(&self, (seen, record): (&[u32], u32), firing: &mut Firing<'_, '_>, time: Time) {
        let is_there = |key: u32| seen.get(key as usize).is_some_and(|last| *last == record);
        for copied in &self.copies {
            let Some(asked) = self.pairs.get(copied.to as usize) else { continue };
            match (is_there(copied.from), is_there(copied.to)) {
                (true, false) if time == Time::Again => firing.try_all(&asked.readers),
                (true, true) => firing.try_all(&asked.readers),
                // What is there may be nil.
                (_, false) => firing.try_all(&asked.absent),
                (false, true) => {}
            }
        }
    }

    /// Asks about the attributes of a compact record whose keys have no numbers.
    #[inline(never)]
    fn ask_others(&self, record: &Compact<'_>, firing: &mut Firing<'_, '_>, seen: &mut Seen<'_>) {
        for (idx, pair) in record.pairs().iter().enumerate() {
            if usize::from(pair.known()) >= MAX_KNOWN
                && self.keys.has_length(pair.key_len())
                && let Some(number) = record.key(idx).and_then(|key| self.keys.find(key))
                && seen.is_new(number)
                && let (Some(asked), Some(any)) = (self.pairs.get(number as usize), record.any(idx))
            {
                asked.ask_apart(any, firing);
            }
        }
    }

    /// Asks about a message that is a node, whose attributes have been verified.
    #[inline(never)]
    fn ask_node(
        &self,
        node: &mut Node<'_>,
        firing: &mut Firing<'_, '_>,
        (seen, time): (&mut Seen<'_>, Time),
        memory: &mut Vec<u8>,
    ) {
        for entry in node.map().iter() {
            if let Some(number) = self.keys.find(entry.key)
                && seen.is_new(number)
                && let Some(asked) = self.pairs.get(number as usize)
            {
                match entry.value {
                    Slot::Wire(any) => asked.ask_apart(any, firing),
                    Slot::Value(value) => asked.ask_value(&value, firing, memory),
                }
            }
        }
        self.ask_absent(seen.keys, seen.now, firing);
        self.try_copies((seen.keys, seen.now), firing, time);
        for asked in &self.fields {
            asked.ask(&node.field(asked.number), firing);
        }
    }
}

impl Asked {
    /// [`Asked::ask`] where it is asked less often: it is too large for every place.
    #[inline(never)]
    fn ask_apart(&self, any: &[u8], firing: &mut Firing<'_, '_>) {
        self.ask(any, firing);
    }

    /// Asks all about a value that was written.
    #[inline(never)]
    fn ask_value(&self, value: &Value<'_>, firing: &mut Firing<'_, '_>, memory: &mut Vec<u8>) {
        if matches!(value, Value::Map(_) | Value::List(_)) {
            return firing.try_all(&self.readers);
        }
        memory.clear();
        encode_any(memory, value);
        self.ask_apart(memory, firing);
    }
}

impl State<'_, '_> {
    /// After a record was entered of whose bytes nothing was or could be asked: whether the steps are known that it triggers.
    ///
    /// # Errors
    /// The steps are spent.
    #[inline]
    pub fn ask_entered(&mut self, screen: &Screen, level: ContextId, numbers: &KeyNumbers) -> Result<bool, EvalError> {
        self.ask_all(screen, level, numbers, Time::Entered)
    }

    /// Asks about the current message as it is.
    #[inline(never)]
    fn ask_all(
        &mut self,
        screen: &Screen,
        level: ContextId,
        numbers: &KeyNumbers,
        time: Time,
    ) -> Result<bool, EvalError> {
        let asking = Asking { plan: self.plan, arena: self.arena };
        let Some(record) = self.messages.as_compact(level) else {
            // Of levels that are looked at in few places, none is scanned.
            let is_scanned = self.messages.few & bit(level) == 0;
            return if is_scanned { self.ask_of_node(screen, (level, false), time) } else { Ok(false) };
        };
        let now = &mut self.spare.screens[level as usize];
        now.begin(time);
        let (mut firing, mut seen, _) = now.questions(asking, time);
        screen.ask_compact(record, numbers, &mut firing, (&mut seen, time));
        if let Some(values) = screen.values.as_ref().filter(|_| time == Time::Entered) {
            firing.ask_patterns(values, record.raw().get(record.attributes()).unwrap_or_default());
        }
        let looked = firing.looked;
        self.steps.look_at(looked)?;
        self.ask_operands_entered(screen, level, time)?;
        Ok(true)
    }

    /// Asks about a message as a node: one of the level of the screen, or the metric or span around such messages. Whether that
    /// could be asked.
    ///
    /// # Errors
    /// The steps are spent.
    #[inline(never)]
    pub(super) fn ask_of_node(
        &mut self,
        screen: &Screen,
        (level, is_around): (ContextId, bool),
        time: Time,
    ) -> Result<bool, EvalError> {
        let asking = Asking { plan: self.plan, arena: self.arena };
        // Steps that look at what is damaged say so.
        let Ok(node) = self.messages.node(level, &mut self.spare.maps) else { return Ok(false) };
        if node.map().verify().is_err() {
            return Ok(false);
        }
        let now = if is_around { &mut self.spare.above } else { &mut self.spare.screens[level as usize] };
        now.begin(time);
        let (mut firing, mut seen, memory) = now.questions(asking, time);
        screen.ask_node(node, &mut firing, (&mut seen, time), memory);
        if let Some(values) = screen.values.as_ref().filter(|_| time == Time::Entered) {
            firing.try_all(&values.all);
        }
        let looked = firing.looked + node.map().len() * PAIR_BYTES;
        self.steps.look_at(looked)?;
        if !is_around {
            self.ask_operands_entered(screen, level, time)?;
        }
        Ok(true)
    }

    /// Asks again about what step `at` has written: whether that could be asked. What it triggers is in [`Screening::again`].
    ///
    /// # Errors
    /// The steps are spent.
    #[inline(never)]
    pub fn ask_again(
        &mut self,
        screen: &Screen,
        level: ContextId,
        numbers: &KeyNumbers,
        (at, of): (usize, AskedOf),
    ) -> Result<bool, EvalError> {
        let is_asked = match of {
            AskedOf::All => self.ask_all(screen, level, numbers, Time::Again)?,
            AskedOf::Pair(number) => self.ask_pair_again(screen, level, numbers, number)?,
            AskedOf::Fields(fields) => self.ask_fields_again(screen, level, fields)?,
        };
        if is_asked && !screen.operands.is_empty() {
            self.ask_operands_again(screen, level, (at, of))?;
        }
        Ok(is_asked)
    }

    fn ask_pair_again(
        &mut self,
        screen: &Screen,
        level: ContextId,
        numbers: &KeyNumbers,
        number: usize,
    ) -> Result<bool, EvalError> {
        let (Some(asked), Some(key)) = (screen.pairs.get(number), screen.keys.text(number)) else { return Ok(false) };
        let key = NamedKey { key, known: numbers.of(number) };
        let Ok(found) = self.input_attribute(level, key) else { return Ok(false) };
        let value = match found {
            InputAttribute::Written(idx) => match self.node(level)?.map().value_at(idx) {
                Ok(value) => value,
                Err(_) => return Ok(false),
            },
            _ => Value::Nil,
        };
        let asking = Asking { plan: self.plan, arena: self.arena };
        let now = &mut self.spare.screens[level as usize];
        now.begin(Time::Again);
        let (mut firing, _, memory) = now.questions(asking, Time::Again);
        match found {
            InputAttribute::Missing => firing.try_all(&asked.absent),
            InputAttribute::Bytes(any) => asked.ask_apart(any, &mut firing),
            InputAttribute::Written(_) => asked.ask_value(&value, &mut firing, memory),
        }
        let looked = firing.looked;
        self.steps.look_at(looked)?;
        Ok(true)
    }

    fn ask_fields_again(&mut self, screen: &Screen, level: ContextId, fields: u32) -> Result<bool, EvalError> {
        let asking = Asking { plan: self.plan, arena: self.arena };
        self.spare.screens[level as usize].begin(Time::Again);
        for asked in screen.fields.iter().filter(|asked| fields >> (asked.number & 31) & 1 != 0) {
            let Ok(field) = self.field(level, asked.number) else { return Ok(false) };
            let (mut firing, ..) = self.spare.screens[level as usize].questions(asking, Time::Again);
            asked.ask(&field, &mut firing);
            let looked = firing.looked;
            self.steps.look_at(looked)?;
        }
        Ok(true)
    }
}
