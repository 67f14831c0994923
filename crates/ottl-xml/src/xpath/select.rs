//! Queries that give nodes, one by one.
//!
//! A query remembers where its walk is, and goes on there when it is asked again. COMPAT: some walks move the current
//! node (`Run::current`), and leave it where it is.

use ottl_core::EvalError;

use super::program::{Axis, Query, QueryId};
use super::state::{Answer, Place, Run, Slot};
use crate::tree::NONE;

type Next = Result<Option<Place>, EvalError>;

impl Run<'_, '_> {
    /// The next node of a query.
    pub(super) fn select(&mut self, query: QueryId, at: usize) -> Next {
        let program = self.program;
        match &program.queries[query as usize] {
            Query::Context => {
                let is_done = std::mem::replace(&mut self.slots[at].is_done, true);
                Ok(if is_done { None } else { Some(self.current) })
            }
            Query::Absolute => {
                let is_done = std::mem::replace(&mut self.slots[at].is_done, true);
                // COMPAT: an attribute stays one, of a node that has none.
                Ok(if is_done { None } else { Some(Place { node: self.tree.top(), ..self.current }) })
            }
            Query::Step { axis, test, input } => self.step(*axis, *test, *input, at),
            Query::Filter { input, predicate } => self.filter(*input, *predicate, at),
            Query::Group { input } => {
                let place = self.select(*input, at + 1)?;
                self.slots[at].position += u32::from(place.is_some());
                Ok(place)
            }
            Query::Reverse { input } => self.reversed(*input, at),
            Query::Union { left, right } => self.union(*left, *right, at),
            Query::Join { is_or, left, right } => self.joined(*is_or, *left, *right, at),
            Query::Merge { input, each } => self.merged(*input, *each, at),
            Query::Call { .. }
            | Query::Text(_)
            | Query::Number(_)
            | Query::Compare { .. }
            | Query::Compute { .. }
            | Query::Size { .. } => Ok(None),
        }
    }

    /// How many slots a query takes.
    pub(super) fn size(&self, query: QueryId) -> usize {
        self.program.slots.get(query as usize).copied().flatten().unwrap_or(1) as usize
    }

    fn step(&mut self, axis: Axis, test: u32, input: QueryId, at: usize) -> Next {
        match axis {
            Axis::Itself => loop {
                let Some(place) = self.select(input, at + 1)? else { return Ok(None) };
                self.tick()?;
                if self.passes(test, place) {
                    return Ok(Some(place));
                }
            },
            Axis::Parent => loop {
                let Some(mut place) = self.select(input, at + 1)? else { return Ok(None) };
                self.tick()?;
                if self.to_parent(&mut place) && self.passes(test, place) {
                    return Ok(Some(place));
                }
            },
            Axis::Nested { or_self } => self.nested(or_self, test, input, at),
            _ => loop {
                if !self.slots[at].is_walking {
                    let Some(place) = self.select(input, at + 1)? else { return Ok(None) };
                    let slot = &mut self.slots[at];
                    (slot.place, slot.level, slot.is_walking) = (place, 0, true);
                    (slot.is_first, slot.is_inside) = (true, false);
                    if axis != Axis::Attribute {
                        slot.position = 0;
                    }
                }
                let place = match axis {
                    Axis::Ancestor { or_self } => self.ancestor(or_self, test, at)?,
                    Axis::Descendant { or_self } => self.descendant(or_self, test, at)?,
                    Axis::Following { siblings: false } => self.around(test, at, true)?,
                    Axis::Preceding { siblings: false } => self.around(test, at, false)?,
                    _ => self.beside(axis, test, at)?,
                };
                if place.is_some() {
                    return Ok(place);
                }
                self.slots[at].is_walking = false;
            },
        }
    }

    /// Walks over attributes, children or siblings.
    fn beside(&mut self, axis: Axis, test: u32, at: usize) -> Next {
        let mut place = self.slots[at].place;
        loop {
            self.tick()?;
            let is_first = std::mem::replace(&mut self.slots[at].is_first, false);
            let moved = match axis {
                Axis::Child if is_first => self.to_child(&mut place),
                Axis::Attribute => self.to_attribute(&mut place),
                Axis::Preceding { .. } => self.to_previous(&mut place),
                _ => self.to_next(&mut place),
            };
            if !moved {
                return Ok(None);
            }
            if self.passes(test, place) {
                let slot = &mut self.slots[at];
                slot.place = place;
                slot.position += 1;
                return Ok(Some(place));
            }
        }
    }

    fn ancestor(&mut self, or_self: bool, test: u32, at: usize) -> Next {
        let mut place = self.slots[at].place;
        loop {
            self.tick()?;
            let is_first = std::mem::replace(&mut self.slots[at].is_first, false);
            if !(is_first && or_self || self.to_parent(&mut place)) {
                return Ok(None);
            }
            if !self.passes(test, place) {
                continue;
            }
            let identity = self.identity(place)?;
            if self.slots[at].more().known.insert(identity) {
                self.remember()?;
                let slot = &mut self.slots[at];
                slot.place = place;
                slot.position += 1;
                return Ok(Some(place));
            }
        }
    }

    fn descendant(&mut self, or_self: bool, test: u32, at: usize) -> Next {
        let Slot { mut place, mut level, is_first, .. } = self.slots[at];
        self.slots[at].is_first = false;
        if is_first && or_self && self.passes(test, place) {
            self.slots[at].position += 1;
            return Ok(Some(place));
        }
        let found = self.walk_down(test, &mut place, &mut level)?;
        let slot = &mut self.slots[at];
        (slot.place, slot.level) = (place, level);
        slot.position += u32::from(found);
        Ok(found.then_some(place))
    }

    /// Goes to the next node in the order of the document that a step takes, below where the level was 0.
    fn walk_down(&mut self, test: u32, place: &mut Place, level: &mut u32) -> Result<bool, EvalError> {
        loop {
            self.tick()?;
            if self.to_child(place) {
                *level += 1;
            } else {
                loop {
                    if *level == 0 {
                        return Ok(false);
                    }
                    if self.to_next(place) {
                        break;
                    }
                    self.tick()?;
                    self.to_parent(place);
                    *level -= 1;
                }
            }
            if self.passes(test, *place) {
                return Ok(true);
            }
        }
    }

    /// Walks over all that follows a node, or precedes it, without what it lies in.
    fn around(&mut self, test: u32, at: usize, is_following: bool) -> Next {
        loop {
            self.tick()?;
            if !self.slots[at].is_inside {
                let mut place = self.slots[at].place;
                loop {
                    let moved = if is_following { self.to_next(&mut place) } else { self.to_previous(&mut place) };
                    if moved {
                        break;
                    }
                    self.tick()?;
                    if !self.to_parent(&mut place) {
                        return Ok(None);
                    }
                    if !is_following {
                        self.slots[at].position = 0;
                    }
                }
                let slot = &mut self.slots[at];
                (slot.place, slot.inner, slot.level) = (place, place, 0);
                slot.is_inside = true;
                if is_following {
                    slot.position = 0;
                }
                self.current = place;
                if self.passes(test, place) {
                    self.slots[at].position += 1;
                    return Ok(Some(place));
                }
            }
            let Slot { inner: mut place, mut level, .. } = self.slots[at];
            let found = self.walk_down(test, &mut place, &mut level)?;
            let slot = &mut self.slots[at];
            (slot.inner, slot.level, slot.is_inside) = (place, level, found);
            if found {
                slot.position += 1;
                return Ok(Some(place));
            }
        }
    }

    /// Walks over the descendants of descendants. COMPAT: of nodes that are found by themselves no descendants are, and
    /// others without children are found by themselves.
    fn nested(&mut self, or_self: bool, test: u32, input: QueryId, at: usize) -> Next {
        loop {
            self.tick()?;
            let mut place = self.slots[at].place;
            if self.slots[at].level == 0 {
                let Some(begin) = self.select(input, at + 1)? else { return Ok(None) };
                place = begin;
                let slot = &mut self.slots[at];
                (slot.place, slot.position) = (place, 0);
                if or_self && self.passes(test, place) {
                    self.slots[at].position = 1;
                    return Ok(Some(place));
                }
                if self.to_child(&mut place) {
                    self.slots[at].level += 1;
                }
            } else {
                let mut is_left = false;
                while !self.to_next(&mut place) {
                    self.tick()?;
                    self.slots[at].level -= 1;
                    if self.slots[at].level == 0 {
                        is_left = true;
                        break;
                    }
                    self.to_parent(&mut place);
                }
                self.slots[at].place = place;
                if is_left {
                    continue;
                }
            }
            loop {
                self.slots[at].place = place;
                if self.passes(test, place) {
                    self.slots[at].position += 1;
                    return Ok(Some(place));
                }
                self.tick()?;
                if !self.to_child(&mut place) {
                    break;
                }
                self.slots[at].level += 1;
            }
        }
    }

    fn filter(&mut self, input: QueryId, predicate: QueryId, at: usize) -> Next {
        let of_predicate = at + 1 + self.size(input);
        loop {
            let Some(place) = self.select(input, at + 1)? else { return Ok(None) };
            self.tick()?;
            self.current = place;
            let passes = match self.evaluate(predicate, of_predicate)? {
                Answer::Truth(truth) => truth,
                Answer::Text(text) => !text.is_empty(),
                Answer::Number(number) => number as i64 == i64::from(self.position_of(input, at + 1)),
                Answer::Nodes(..) => self.select(predicate, of_predicate)?.is_some(),
            };
            if passes {
                let is_descendant =
                    matches!(self.program.queries[input as usize], Query::Step { axis: Axis::Descendant { .. }, .. });
                let level = if is_descendant { self.slots[at + 1].level } else { 0 };
                let slot = &mut self.slots[at];
                if level == 0 {
                    slot.level += 1;
                    slot.position = slot.level;
                } else {
                    let passed = slot.more().passed.entry(level).or_default();
                    *passed += 1;
                    slot.position = *passed;
                    self.remember()?;
                }
                return Ok(Some(place));
            }
        }
    }

    /// The position that a query gives its last node.
    fn position_of(&self, query: QueryId, at: usize) -> u32 {
        match self.program.queries[query as usize] {
            Query::Step { axis: Axis::Attribute | Axis::Parent | Axis::Itself, .. } => 1,
            Query::Step { .. } | Query::Filter { .. } | Query::Group { .. } => self.slots[at].position,
            _ => 1,
        }
    }

    /// The next of the nodes that a query has found at once.
    fn give(&mut self, at: usize) -> Option<Place> {
        let more = self.slots[at].more();
        let place = more.found.get(more.given).copied();
        more.given += usize::from(place.is_some());
        place
    }

    /// Finds all nodes of a query at once.
    fn find_all(&mut self, query: QueryId, from: usize, at: usize) -> Result<(), EvalError> {
        while let Some(place) = self.select(query, from)? {
            self.remember()?;
            self.slots[at].more().found.push(place);
        }
        Ok(())
    }

    /// Forgets what a query has found.
    fn forget(&mut self, at: usize) {
        let more = self.slots[at].more();
        more.found.clear();
        more.given = 0;
        self.slots[at].is_walking = true;
    }

    fn reversed(&mut self, input: QueryId, at: usize) -> Next {
        if !self.slots[at].is_walking {
            self.forget(at);
            self.find_all(input, at + 1, at)?;
            self.slots[at].more().found.reverse();
        }
        Ok(self.give(at))
    }

    fn union(&mut self, left: QueryId, right: QueryId, at: usize) -> Next {
        if !self.slots[at].is_walking {
            self.forget(at);
            self.slots[at].more().known.clear();
            let begin = self.current;
            self.find_new(left, at + 1, at)?;
            self.current = begin;
            self.find_new(right, at + 1 + self.size(left), at)?;
        }
        Ok(self.give(at))
    }

    /// Finds all nodes of a query that were not found before.
    fn find_new(&mut self, query: QueryId, from: usize, at: usize) -> Result<(), EvalError> {
        while let Some(place) = self.select(query, from)? {
            let identity = self.identity(place)?;
            if self.slots[at].more().known.insert(identity) {
                self.remember()?;
                self.slots[at].more().found.push(place);
            }
        }
        Ok(())
    }

    /// COMPAT: `and` gives the last node of its right side, or else that of its left side.
    fn joined(&mut self, is_or: bool, left: QueryId, right: QueryId, at: usize) -> Next {
        if !self.slots[at].is_walking {
            self.forget(at);
            let begin = self.current;
            self.find_all(left, at + 1, at)?;
            self.current = begin;
            self.find_all(right, at + 1 + self.size(left), at)?;
            if !is_or {
                let more = self.slots[at].more();
                let last = more.found.len().saturating_sub(1);
                more.found.drain(..last);
            }
        }
        Ok(self.give(at))
    }

    fn merged(&mut self, input: QueryId, each: QueryId, at: usize) -> Next {
        let of_each = at + 1 + self.size(input);
        loop {
            if !self.slots[at].is_walking {
                let Some(place) = self.select(input, at + 1)? else { return Ok(None) };
                self.evaluate(each, of_each)?;
                self.current = place;
                self.forget(at);
                self.find_all(each, of_each, at)?;
            }
            if let Some(place) = self.give(at) {
                return Ok(Some(place));
            }
            self.slots[at].is_walking = false;
        }
    }

    /// Whether a node passes the test of the step whose nodes are counted.
    pub(super) fn counts(&self, counted: QueryId, place: Place) -> bool {
        match self.program.queries.get(counted as usize) {
            Some(Query::Step { axis: Axis::Nested { .. }, .. }) => true,
            Some(Query::Step { test, .. }) => self.passes(*test, place),
            _ => true,
        }
    }

    /// How many places of siblings up to this one pass the test, or of all siblings.
    pub(super) fn count_siblings(&mut self, counted: QueryId, all: bool) -> Result<f64, EvalError> {
        let mut place = self.current;
        let mut count = 0u32;
        if all {
            if place.attribute == NONE {
                self.to_first(&mut place);
            }
            loop {
                self.tick()?;
                count += u32::from(self.counts(counted, place));
                if !self.to_next(&mut place) {
                    return Ok(f64::from(count));
                }
            }
        }
        while self.to_previous(&mut place) {
            self.tick()?;
            count += u32::from(self.counts(counted, place));
        }
        Ok(f64::from(count + 1))
    }
}
