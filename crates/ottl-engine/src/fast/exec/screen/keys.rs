//! Asking about the values behind the keys of a map: in one pass over its pairs.

use ottl_core::edit::{MapEntry, NamedKey, Slot};
use ottl_core::value::key_value;
use ottl_core::{EvalError, Map, Value};
use ottl_otlp::any::Members;
use ottl_plan::KeyExpr;
use ottl_schema::{Access, ContextId};

use super::Time;
use super::ask::{Asking, Firing};
use crate::fast::exec::state::State;
use crate::fast::program::screen::{AskedKeys, AskedOperand};

/// Looking a key up takes as many steps as looking at so many bytes.
const PAIR_BYTES: usize = 16;

impl AskedKeys {
    /// Asks about the pairs of a map, whose framing has been verified. `found` is memory.
    fn ask<'a>(&self, pairs: impl Iterator<Item = MapEntry<'a>>, firing: &mut Firing<'_, '_>, found: &mut Vec<u64>) {
        found.clear();
        found.resize(self.asked.len().div_ceil(64), 0);
        for pair in pairs {
            firing.looked += PAIR_BYTES;
            let Some(number) = self.keys.find(pair.key) else { continue };
            let (Some(asked), Some(word)) = (self.asked.get(number as usize), found.get_mut(number as usize / 64))
            else {
                continue;
            };
            // Of a key that is there twice the first pair counts.
            if *word >> (number % 64) & 1 == 0 {
                *word |= 1 << (number % 64);
                match pair.value() {
                    Ok(value) => asked.ask_computed(&value, firing),
                    // The steps fail by themselves.
                    Err(_) => firing.try_all(&asked.readers),
                }
            }
        }
        for number in &self.missing {
            let is_there = found.get(*number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 != 0);
            if let Some(asked) = self.asked.get(*number as usize).filter(|_| !is_there) {
                asked.ask_computed(&Value::Nil, firing);
            }
        }
    }
}

/// The pairs of a map, undecoded where they are.
fn pairs<'a>(map: Map<'a>) -> impl Iterator<Item = MapEntry<'a>> {
    let (entries, wire) = match map {
        Map::Entries(entries, _) => (entries, &[][..]),
        Map::Wire(wire, _) => (&[][..], wire),
    };
    let on_wire = Members::new(wire).map_while(|pair| key_value(pair).ok());
    let on_wire = on_wire.map(|pair| MapEntry::new(pair.key, Slot::Wire(pair.value)));
    entries.iter().map(|entry| MapEntry::new(entry.key, Slot::Value(entry.value))).chain(on_wire)
}

impl<'a> State<'a, '_> {
    /// What the path of a value leads to without its last key; nothing if that is not there.
    ///
    /// # Errors
    /// Reading that value fails.
    fn around_key(&mut self, n: u32) -> Result<Option<Value<'a>>, EvalError> {
        let code = self.paths.at(n);
        let keys = self.plan.paths[n as usize].keys.split_last().map_or(&[][..], |(_, outer)| outer);
        let (whole, keys) = match (code.access, keys) {
            (Access::Attributes(_), [KeyExpr::Str(key), rest @ ..]) => {
                (self.attribute(code.level, NamedKey { key, known: code.known })?, rest)
            }
            (Access::Cache, [KeyExpr::Str(key), rest @ ..]) => {
                (self.cache(code.level).map.value_named(NamedKey { key, known: code.known })?, rest)
            }
            (_, keys) => (Some(self.body(code.level)?), keys),
        };
        whole.map_or(Ok(None), |whole| self.within(whole, keys))
    }

    /// Asks about the values behind the keys of a map.
    ///
    /// # Errors
    /// The steps are spent.
    pub(super) fn ask_keys(
        &mut self,
        operand: &AskedOperand,
        keys: &AskedKeys,
        level: ContextId,
        time: Time,
    ) -> Result<(), EvalError> {
        let asking = Asking { plan: self.plan, arena: self.arena };
        let code = self.paths.at(keys.path);
        let mut found = std::mem::take(&mut self.spare.found_keys);
        let looked = match (code.access, self.plan.paths[keys.path as usize].keys.len()) {
            (Access::Cache, 1) => {
                let cache = self.caches.of(code.level, self.arena, (self.paths, &mut self.spare.maps));
                let (mut firing, ..) = self.spare.screens[level as usize].questions(asking, time);
                match cache.map.verify() {
                    Ok(()) => keys.ask(cache.map.iter(), &mut firing, &mut found),
                    Err(_) => firing.try_all(&operand.asked.readers),
                }
                firing.looked
            }
            _ => {
                let around = self.around_key(keys.path);
                let (mut firing, ..) = self.spare.screens[level as usize].questions(asking, time);
                match around {
                    Ok(Some(Value::Map(map))) => keys.ask(pairs(map), &mut firing, &mut found),
                    Ok(None) => keys.ask(std::iter::empty(), &mut firing, &mut found),
                    // The steps fail by themselves.
                    Ok(Some(_)) | Err(_) => firing.try_all(&operand.asked.readers),
                }
                firing.looked
            }
        };
        self.spare.found_keys = found;
        self.steps.look_at(looked)
    }
}
