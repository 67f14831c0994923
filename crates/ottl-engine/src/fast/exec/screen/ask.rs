//! Going over a record, and asking.

use ottl_core::edit::{PairAt, pair_at};
use ottl_core::ops::CompareOp;
use ottl_core::value::decode_any;
use ottl_core::{Arena, Value};
use ottl_otlp::any::{self, Glance, Number};
use ottl_otlp::wire::Payload;
use ottl_plan::{Literal, Plan};
use ottl_schema::FieldValue;

use super::{Screening, Time, Verdict};
use crate::fast::compare::{bytes_against, number_of};
use crate::fast::node::{self, MAX_LEN, NO_FIELD, scan_fields, skip_fields};
use crate::fast::program::screen::{
    Asked, AskedField, FIELDS, FieldTest, Mask, PairTest, Patterns, Screen, TextTable, next_bit,
};

/// Below this, 2 to the power of 53, every int is a float of its own.
const EXACT_INTS: f64 = (1u64 << f64::MANTISSA_DIGITS) as f64;

/// What answering questions needs.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'p> {
    pub plan: &'p Plan,
    pub arena: &'p Arena,
}

/// Which keys have been found.
struct Seen<'s> {
    /// By key: the number of the record that it was last seen in.
    keys: &'s mut [u32],
    record: u32,
    /// How many are left.
    left: &'s mut u32,
}

/// The steps that a record triggers, while it is asked.
pub(super) struct Firing<'f, 'p> {
    pub asking: Asking<'p>,
    /// Steps whose conditions on parents hold.
    pub alive: &'f [u64],
    pub fire: &'f mut [u64],
    /// Memory for the patterns of a set that match.
    pub found: &'f mut Vec<u64>,
    /// Those that were triggered without an answer.
    pub unsure: &'f mut [u64],
    pub fired: bool,
    /// How many bytes of texts were looked at, which takes steps.
    pub looked: usize,
}

impl Firing<'_, '_> {
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn fire(&mut self, steps: &Mask) {
        self.fired |= steps.fire(self.alive, self.fire);
    }

    /// Nothing can be said: the steps have to be tried.
    #[cold]
    pub fn try_all(&mut self, steps: &Mask) {
        steps.fire(self.alive, self.unsure);
        self.fire(steps);
    }

    /// Asks whether a text is one of those of a table: by their number, the steps that each triggers.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub fn ask_texts(&mut self, texts: &TextTable, lists: &[Mask], text: &[u8]) {
        if let Some(number) = texts.find(text)
            && let Some(list) = lists.get(number as usize)
        {
            self.fire(list);
        }
    }

    /// Asks patterns about a text.
    #[inline(never)]
    pub fn ask_patterns(&mut self, patterns: &Patterns, text: &[u8]) {
        if !patterns.all.meets(self.alive) {
            return;
        }
        let Some(start) = patterns.set.start(text) else {
            self.looked += text.len();
            return;
        };
        // PERF (json-bodies): of one pattern there is nothing to be found out together.
        if let ([pattern], Some(steps)) = (patterns.set.patterns(), patterns.steps.first()) {
            self.looked += text.len();
            if pattern.is_match(text) {
                self.fire(steps);
            }
            return;
        }
        self.found.clear();
        self.found.resize(patterns.set.words(), 0);
        self.looked += text.len() * patterns.set.matches_from(text, start, self.found);
        let mut from = 0;
        while let Some(pattern) = next_bit(self.found, from) {
            from = pattern + 1;
            if let Some(steps) = patterns.steps.get(pattern) {
                self.fired |= steps.fire(self.alive, self.fire);
            }
        }
    }
}

impl Screen {
    /// Goes over a record until all is known, with what is asked on every record of the scope.
    #[inline(never)]
    pub(crate) fn scan(&self, now: &mut Screening, raw: &[u8], tag: u8, asking: Asking<'_>) -> (Verdict, usize) {
        let (mut keys_left, fields) = (now.keys_needed, now.fields_needed);
        let Screening { alive, base, any_base, fire, unsure, found, seen, field_at, record, .. } = now;
        if keys_left == 0 && fields == 0 && !*any_base {
            return (Verdict::Quiet, 0);
        }
        *record += 1;
        let record = *record;
        fire.copy_from_slice(base);
        unsure.fill(if now.is_unsure_scope { !0 } else { 0 });
        let mut firing = Firing { asking, alive, fire, found, unsure, fired: *any_base, looked: 0 };
        if raw.len() > MAX_LEN {
            return (Verdict::Unknown, 0);
        }
        let (mut present, mut pos) = (0, 0);
        let attributes = u32::from(tag >> 3);
        // Where attributes lie whose values are asked about.
        let mut area = (u32::MAX, 0);
        while (keys_left != 0 || fields != 0) && (pos as usize) < raw.len() {
            let end = if raw.get(pos as usize) != Some(&tag) {
                let no_pairs = if keys_left == 0 { NO_FIELD } else { attributes };
                scan_fields(raw, pos, u16::from(tag), (fields, no_pairs), (&mut present, field_at))
            } else if keys_left == 0 {
                // PERF (patterns, logs-100): where no key is left to be found, attributes are passed over.
                skip_fields(raw, pos, tag)
            } else {
                let seen = Seen { keys: seen, record, left: &mut keys_left };
                let end = self.scan_pairs(raw, pos, tag, seen, &mut firing);
                area = (area.0.min(pos), end.unwrap_or(pos));
                end
            };
            let Some(end) = end else { return (Verdict::Unknown, firing.looked) };
            pos = end;
        }
        if keys_left != 0 {
            self.ask_absent(seen, record, &mut firing);
        }
        if !self.copies.is_empty() {
            self.try_copies((seen, record), &mut firing, Time::Entered);
        }
        if fields != 0 {
            for asked in &self.fields {
                if fields >> asked.number & 1 == 0 {
                    continue;
                }
                let (start, end) = field_at[(asked.number % FIELDS) as usize];
                let is_there = present >> asked.number & 1 != 0;
                let bytes = raw.get(start as usize..end as usize).filter(|_| is_there).unwrap_or_default();
                asked.ask(&node::field_at(bytes), &mut firing);
            }
        }
        if let Some(values) = &self.values
            && let Some(area) = raw.get(area.0 as usize..area.1 as usize)
        {
            firing.ask_patterns(values, area);
        }
        let (fired, looked) = (firing.fired, firing.looked);
        (if fired { Verdict::Fired } else { Verdict::Quiet }, looked)
    }

    /// After all attributes: asks about keys that were not among them. `seen` says by key in which record it was last.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn ask_absent(&self, seen: &[u32], record: u32, firing: &mut Firing<'_, '_>) {
        for key in &self.absent {
            if seen.get(*key as usize).is_some_and(|last| *last < record)
                && let Some(asked) = self.pairs.get(*key as usize)
            {
                firing.try_all(&asked.absent);
            }
        }
    }

    /// Goes over attributes, from `pos` on, until all keys are found that are asked about: where it stopped. Nothing if one is
    /// not in canonical encoding.
    ///
    /// PERF (mixed, filter-100): a loop of its own keeps in registers what one with the fields would not.
    #[inline(never)]
    fn scan_pairs(
        &self,
        raw: &[u8],
        mut pos: u32,
        tag: u8,
        mut seen: Seen<'_>,
        firing: &mut Firing<'_, '_>,
    ) -> Option<u32> {
        while raw.get(pos as usize) == Some(&tag) {
            let PairAt { pair, end, key_at, .. } = pair_at(raw, pos)?;
            let key_at = key_at as usize;
            if self.keys.has_length(pair.key_len())
                && let Some(key) = raw.get(key_at..key_at + usize::from(pair.key_len()))
                && let Some(number) = self.keys.find(key)
            {
                self.ask_pair(number, raw.get(pair.value()).unwrap_or_default(), &mut seen, firing);
                if *seen.left == 0 {
                    return Some(end);
                }
            }
            pos = end;
        }
        Some(pos)
    }

    #[inline(never)]
    fn ask_pair(&self, number: u32, any: &[u8], seen: &mut Seen<'_>, firing: &mut Firing<'_, '_>) {
        if let (Some(asked), Some(last)) = (self.pairs.get(number as usize), seen.keys.get_mut(number as usize))
            && *last < seen.record
        {
            // Of a key that is there twice the first pair counts. Those without readers are not counted.
            *last = seen.record;
            asked.ask(any, firing);
            *seen.left = seen.left.saturating_sub(1);
        }
    }
}

impl Asked {
    /// Asks all about an `AnyValue`.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn ask(&self, any: &[u8], firing: &mut Firing<'_, '_>) {
        let text = any::text(any);
        if self.texts.len() != 0 {
            match text {
                Some(text) => firing.ask_texts(&self.texts, &self.lists, text),
                None if any::glance(any) == Glance::Scalar => {}
                None => return firing.try_all(&self.readers),
            }
        }
        if !self.present.is_empty() {
            firing.fire(&self.present);
        }
        if any.is_empty() && !self.absent.is_empty() {
            firing.try_all(&self.absent);
        }
        if self.ints.len() != 0 {
            self.ask_ints(any, text, firing);
        }
        if let Some(patterns) = &self.patterns {
            match text {
                Some(text) => firing.ask_patterns(patterns, text),
                None if any.is_empty() => {}
                None => firing.try_all(&patterns.all),
            }
        }
        if !self.tests.is_empty() {
            self.ask_each(any, text, firing);
        }
    }

    /// Asks whether a number is one of those of a table.
    #[inline(never)]
    fn ask_ints(&self, any: &[u8], text: Option<&[u8]>, firing: &mut Firing<'_, '_>) {
        // No text is a number, and neither is nil.
        if text.is_some() || any.is_empty() {
            return;
        }
        let value = match any::number(any) {
            Some(Number::Int(int)) => Some(Value::Int(int)),
            _ if any::glance(any) == Glance::Scalar => decode_any(any).ok(),
            _ => None,
        };
        match value {
            Some(value) => self.ask_number(&value, firing),
            None => self.int_lists.iter().for_each(|steps| firing.try_all(steps)),
        }
    }

    /// The same of a value that has been read.
    pub(super) fn ask_number(&self, value: &Value<'_>, firing: &mut Firing<'_, '_>) {
        let int = match value {
            Value::Int(int) => *int,
            // Up to here each is another one than its neighbours.
            Value::Float(float) if float.abs() < EXACT_INTS && float.fract() == 0.0 => *float as i64,
            Value::Float(float) if float.abs() < EXACT_INTS || float.is_nan() => return,
            Value::Float(_) => return self.int_lists.iter().for_each(|steps| firing.try_all(steps)),
            _ => return,
        };
        firing.ask_texts(&self.ints, &self.int_lists, &int.to_le_bytes());
    }

    #[inline(never)]
    fn ask_each(&self, any: &[u8], text: Option<&[u8]>, firing: &mut Firing<'_, '_>) {
        let number = if text.is_none() { any::number(any) } else { None };
        for (test, steps) in &self.tests {
            let quick = match test {
                PairTest::Compare { op, literal, .. } => {
                    // PERF (tenant): nearly all are about a number, or whether there is a text or number.
                    match (firing.asking.plan.literals.get(*literal as usize), number) {
                        (Some(Literal::Int(literal)), Some(Number::Int(int))) => Some(op.of(&int, literal)),
                        (Some(Literal::Float(literal)), Some(Number::Double(float))) => Some(op.of(&float, literal)),
                        (Some(Literal::Nil), Some(_)) => Some(*op == CompareOp::Ne),
                        (Some(Literal::Nil), None) if text.is_some() => Some(*op == CompareOp::Ne),
                        _ => None,
                    }
                }
                _ => None,
            };
            let holds = match quick {
                None if !steps.meets(firing.alive) => continue,
                None => test.holds(any, text, firing.asking),
                quick => quick,
            };
            match holds {
                Some(true) => firing.fire(steps),
                Some(false) => {}
                None => firing.try_all(steps),
            }
        }
    }
}

impl PairTest {
    /// Whether it holds of an `AnyValue`, which may be this text. Nothing if that cannot be said at once.
    fn holds(&self, any: &[u8], text: Option<&[u8]>, asking: Asking<'_>) -> Option<bool> {
        match self {
            PairTest::Compare { op, literal, any: against } => {
                let literal = asking.plan.literals.get(*literal as usize)?;
                bytes_against(*op, any, literal, against, asking.arena).ok()
            }
            PairTest::IsText if any.is_empty() => Some(false),
            PairTest::IsText => text.map(|_| true),
            PairTest::Length(test) => text.map(|text| test.holds(text)),
            PairTest::All(tests) => {
                for test in tests {
                    if !test.holds(any, text, asking)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
        }
    }
}

impl FieldTest {
    /// Whether it holds of a field, which may be this text, or a body that is nil. Nothing if that cannot be said at once.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn holds(&self, field: &FieldValue<'_>, text: Option<&[u8]>, is_nil: bool) -> Option<bool> {
        match self {
            FieldTest::Number { conv, op, value } => number_of(*field, *conv).map(|number| op.of(&number, value)),
            FieldTest::IsText if is_nil => Some(false),
            FieldTest::IsText => text.map(|_| true),
            FieldTest::Length(test) => text.map(|text| test.holds(text)),
            FieldTest::IsNoText => Some(text.is_none()),
            FieldTest::All(tests) => FieldTest::all_hold(tests, field, text, is_nil),
        }
    }

    #[inline(never)]
    fn all_hold(tests: &[FieldTest], field: &FieldValue<'_>, text: Option<&[u8]>, is_nil: bool) -> Option<bool> {
        for test in tests {
            if !test.holds(field, text, is_nil)? {
                return Some(false);
            }
        }
        Some(true)
    }
}

impl AskedField {
    /// Asks all about a field.
    ///
    /// PERF (tenant): it is looked at where it was made. Copied, it is read before all of it has left the store buffer.
    pub(super) fn ask(&self, field: &FieldValue<'_>, firing: &mut Firing<'_, '_>) {
        let bytes = match field {
            FieldValue::Absent => Some(&[][..]),
            FieldValue::Present(Payload::Bytes(bytes)) => Some(*bytes),
            FieldValue::Present(_) => None,
        };
        let text = if self.is_any { bytes.and_then(any::text) } else { bytes };
        let is_nil = self.is_any && bytes.is_some_and(<[u8]>::is_empty);
        if self.texts.len() != 0 {
            match text {
                Some(text) => firing.ask_texts(&self.texts, &self.lists, text),
                // It is no text.
                None if is_nil => {}
                None if self.is_any && bytes.is_some_and(|any| any::glance(any) == Glance::Scalar) => {}
                None => return firing.try_all(&self.readers),
            }
        }
        if let Some(patterns) = &self.patterns {
            match text {
                Some(text) => firing.ask_patterns(patterns, text),
                None if is_nil => {}
                None => firing.try_all(&patterns.all),
            }
        }
        for (test, steps) in &self.tests {
            if !steps.meets(firing.alive) {
                continue;
            }
            let holds = test.holds(field, text, is_nil);
            match holds {
                Some(true) => firing.fire(steps),
                Some(false) => {}
                None => firing.try_all(steps),
            }
        }
    }
}
