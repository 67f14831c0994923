//! [`Outline`]: where the records of a message lie, and what they share.

use std::collections::HashMap;
use std::fmt::Write as _;

use ottl_engine::trace::RECORD_NUMBER;
use ottl_otlp::schema::topology::{DATA_POINTS, field, groups};
use ottl_otlp::schema::{FieldDef, MessageId};
use ottl_otlp::wire::{Payload, Reader, WireError, begin_len, end_len};
use ottl_otlp::{Difference, Signal, differences};

use super::number::{Points, number_of};
use super::{Level, named};

/// A message taken apart to its records and to what they share: resources, scopes and metrics.
#[derive(Clone, Debug)]
pub struct Outline<'m> {
    pub(super) signal: Signal,
    pub(super) groups: Vec<Group<'m>>,
    pub(super) records: Vec<Record<'m>>,
}

/// A resource, scope or metric, with all that it says but what lies in it.
#[derive(Clone, Debug)]
pub(super) struct Group<'m> {
    pub level: Level,
    pub own: Vec<u8>,
    /// With what lies in it.
    whole: &'m [u8],
    pub above: Option<u32>,
    /// Its index in the list that it stands in.
    at: u32,
    /// That of the field of a metric that holds its points.
    data: u32,
}

/// A record; a metric without points is one, too.
#[derive(Clone, Debug)]
pub(super) struct Record<'m> {
    pub key: Key,
    pub bytes: &'m [u8],
    pub id: MessageId,
    pub group: u32,
    at: u32,
    /// Of a metric without points, the number of the field that would hold them.
    data: u32,
    /// The number of the log record, span, metric or profile that it is or lies in, as traces count them.
    pub traced: u64,
}

/// A log record, span, metric or profile, as traces know it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Traced<'m> {
    /// Its number among those of [`crate::TraceOptions::records`].
    pub number: u64,
    /// The context of its paths.
    pub context: &'static str,
    /// What it is.
    pub id: MessageId,
    /// All of it.
    pub bytes: &'m [u8],
    group: u32,
}

/// By what a record is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    /// One that came in, by its number; of those that were copied from it, which.
    Came(u64, u32),
    /// One that a statement made, by the name of its metric, and which of these.
    Made(Vec<u8>, u32),
}

impl<'m> Outline<'m> {
    /// That of a message of which nothing is left.
    pub fn empty(signal: Signal) -> Outline<'static> {
        Outline { signal, groups: Vec::new(), records: Vec::new() }
    }

    /// The outline of a message, whose records were [numbered](super::number_records) when it came in.
    ///
    /// # Errors
    /// Damage of the framing down to the fields of records.
    pub fn of(signal: Signal, message: &'m [u8]) -> Result<Outline<'m>, WireError> {
        let mut outline = Outline { signal, groups: Vec::new(), records: Vec::new() };
        let mut reading =
            Reading { signal, outline: &mut outline, traced: 0, copies: HashMap::new(), made: HashMap::new() };
        reading.list(Level::Message, message, None)?;
        Ok(outline)
    }

    /// How many records there are.
    pub fn records(&self) -> u64 {
        self.records.len() as u64
    }

    /// The records as traces count them: metrics in place of their points.
    pub fn traced(&self) -> impl Iterator<Item = Traced<'m>> {
        self.records.chunk_by(|one, other| one.traced == other.traced).filter_map(|same| {
            let Record { traced: number, id, bytes, group, .. } = *same.first()?;
            let above = &self.groups[group as usize];
            let (id, bytes, group) = match above.level {
                Level::Metric => (MessageId::Metric, above.whole, above.above.unwrap_or(group)),
                _ => (id, bytes, group),
            };
            let level = if id == MessageId::Metric { Level::Metric } else { Level::Record };
            Some(Traced { number, context: level.context(self.signal), id, bytes, group })
        })
    }

    /// All values of a record of this number, as traces count them, and of its resource and scope: by the context of their paths.
    ///
    /// # Errors
    /// Damage in them.
    pub fn values(&self, traced: u64) -> Result<Vec<(&'static str, Vec<Difference>)>, WireError> {
        let Some(record) = self.traced().find(|record| record.number == traced) else { return Ok(Vec::new()) };
        let mut values = Vec::new();
        for group in self.chain(record.group) {
            let Group { level, own, .. } = &self.groups[group as usize];
            if let Some(id) = level.message(self.signal) {
                let context = level.context(self.signal);
                values.push((context, named(context, differences(id, &[], own)?)));
            }
        }
        let context = record.context;
        values.push((context, named(context, differences(record.id, &[], record.bytes)?)));
        Ok(values)
    }

    /// A record as a path into OTLP/JSON.
    pub(super) fn place(&self, record: usize) -> String {
        let Record { group, at, .. } = &self.records[record];
        let mut out = self.place_of_group(*group);
        let _ = match self.groups[*group as usize].kind() {
            Some(kind) => write!(out, ".{}.{}[{at}]", kind.name, field(MessageId::Gauge, "data_points").name),
            None => write!(out, ".{}[{at}]", self.signal.lists()[2].name),
        };
        out
    }

    /// A resource, scope or metric as a path into OTLP/JSON.
    pub(super) fn place_of_group(&self, group: u32) -> String {
        let Group { level, above, at, .. } = &self.groups[group as usize];
        let list = self.signal.lists()[level.depth() - 1].name;
        match above {
            Some(above) => format!("{}.{list}[{at}]", self.place_of_group(*above)),
            None => format!("{list}[{at}]"),
        }
    }

    /// A group and those that it lies in, the outermost first.
    pub(super) fn chain(&self, group: u32) -> impl DoubleEndedIterator<Item = u32> + use<> {
        let mut chain = [None; 3];
        let mut next = Some(group);
        while let Some(group) = next {
            chain[self.groups[group as usize].level.depth() - 1] = Some(group);
            next = self.groups[group as usize].above;
        }
        chain.into_iter().flatten()
    }
}

impl Group<'_> {
    /// Of a metric the field that holds its points, which says their kind: `sum`.
    pub fn kind(&self) -> Option<&'static FieldDef> {
        MessageId::Metric.def().field(self.data).filter(|_| self.level == Level::Metric)
    }
}

impl Record<'_> {
    /// Of a metric without points the field that would hold them.
    pub fn kind(&self) -> Option<&'static FieldDef> {
        MessageId::Metric.def().field(self.data).filter(|_| self.id == MessageId::Metric)
    }
}

struct Reading<'r, 'm> {
    signal: Signal,
    outline: &'r mut Outline<'m>,
    /// How many log records, spans, metrics or profiles there were so far.
    traced: u64,
    /// How many records have had a number so far.
    copies: HashMap<u64, u32>,
    /// How many records of a metric of this name have had none.
    made: HashMap<Vec<u8>, u32>,
}

impl<'m> Reading<'_, 'm> {
    /// Goes through what lies in a group, or in the message.
    fn list(&mut self, level: Level, content: &'m [u8], above: Option<u32>) -> Result<(), WireError> {
        let mut reader = Reader::new(content);
        let mut count = 0;
        while let Some(field) = reader.next_field()? {
            let Some(below) = level.below(self.signal, field.number) else { continue };
            let member = field.bytes()?;
            let at = count;
            count += 1;
            match (below, above) {
                (Level::Record, Some(group)) => {
                    let Some(id) = self.signal.lists()[2].message() else { continue };
                    let key = self.key(number_of(member)?, &[]);
                    self.outline.records.push(Record {
                        key,
                        bytes: member,
                        id,
                        group,
                        at,
                        data: 0,
                        traced: self.traced,
                    });
                    self.traced += 1;
                }
                (Level::Metric, Some(scope)) => {
                    self.metric(member, scope, at)?;
                    self.traced += 1;
                }
                _ => {
                    let group = self.group(below, member, above, at)?;
                    self.list(below, member, Some(group))?;
                }
            }
        }
        Ok(())
    }

    fn group(&mut self, level: Level, content: &'m [u8], above: Option<u32>, at: u32) -> Result<u32, WireError> {
        let mut own = Vec::new();
        put_own(self.signal, level, content, &mut own)?;
        self.outline.groups.push(Group { level, own, whole: content, above, at, data: 0 });
        Ok(self.outline.groups.len() as u32 - 1)
    }

    fn metric(&mut self, metric: &'m [u8], scope: u32, at: u32) -> Result<(), WireError> {
        let (mut points, mut name, mut data) = (Vec::new(), Vec::new(), 0);
        let mut reader = Reader::new(metric);
        while let Some(member) = reader.next_field()? {
            if member.number == field(MessageId::Metric, "name").number {
                name = member.bytes()?.to_vec();
            }
            if Level::Metric.below(self.signal, member.number).is_none() {
                continue;
            }
            let id = MessageId::Metric.def().field(member.number).and_then(|data| data.message());
            let id = id.and_then(|data| data.def().field(DATA_POINTS)).and_then(|points| points.message());
            data = member.number;
            let mut reader = Reader::new(member.bytes()?);
            while let Some(point) = reader.next_field()? {
                if let (DATA_POINTS, Payload::Bytes(bytes), Some(id)) = (point.number, point.payload, id) {
                    points.push((number_of(bytes)?, id, bytes));
                }
            }
        }
        let (numbers, traced) = (number_of(metric)?.map(Points::unpacked), self.traced);
        if points.is_empty() {
            // One that had points is known by them.
            if numbers.is_none_or(|numbers| numbers.count == 0) {
                let key = self.key(numbers.map(|numbers| numbers.first), &name);
                let id = MessageId::Metric;
                self.outline.records.push(Record { key, bytes: metric, id, group: scope, at, data, traced });
            }
            return Ok(());
        }
        let group = self.group(Level::Metric, metric, Some(scope), at)?;
        self.outline.groups[group as usize].data = data;
        if let Some(numbers) = numbers
            && numbers.count == points.len() as u64
            && points.iter().all(|(number, ..)| number.is_none())
        {
            points.iter_mut().zip(numbers.first..).for_each(|(point, number)| point.0 = Some(number));
        }
        for ((number, id, bytes), at) in points.into_iter().zip(0..) {
            let key = self.key(number, &name);
            self.outline.records.push(Record { key, bytes, id, group, at, data: 0, traced });
        }
        Ok(())
    }

    fn key(&mut self, number: Option<u64>, metric: &[u8]) -> Key {
        let which = match number {
            Some(number) => self.copies.entry(number).or_default(),
            None => self.made.entry(metric.to_vec()).or_default(),
        };
        let before = *which;
        *which += 1;
        number.map_or_else(|| Key::Made(metric.to_vec(), before), |number| Key::Came(number, before))
    }
}

/// What a group says itself, without its number.
fn put_own(signal: Signal, level: Level, content: &[u8], out: &mut Vec<u8>) -> Result<(), WireError> {
    let mut reader = Reader::new(content);
    while let Some(field) = reader.next_field()? {
        match level.below(signal, field.number) {
            Some(Level::Data) => {
                let mark = begin_len(out, field.number, 0);
                put_own(signal, Level::Data, field.bytes()?, out)?;
                end_len(out, mark);
            }
            None if field.number != RECORD_NUMBER => out.extend_from_slice(&content[field.start..field.end]),
            _ => {}
        }
    }
    Ok(())
}

impl Level {
    /// What a field of this level's message holds, if it leads to records.
    pub(super) fn below(self, signal: Signal, number: u32) -> Option<Level> {
        match self {
            Level::Message => (number == groups::RESOURCES).then_some(Level::Resource),
            Level::Resource => {
                (number == groups::SCOPES || number == groups::DEPRECATED_SCOPES).then_some(Level::Scope)
            }
            Level::Scope if number != groups::RECORDS => None,
            Level::Scope => Some(if signal == Signal::Metrics { Level::Metric } else { Level::Record }),
            Level::Metric => {
                let is_data = number < u32::BITS && MessageId::Metric.def().oneof() >> number & 1 == 1;
                is_data.then_some(Level::Data)
            }
            Level::Data => (number == DATA_POINTS).then_some(Level::Record),
            Level::Record => None,
        }
    }

    /// In how many lists it lies, of those of resources, scopes and records.
    fn depth(self) -> usize {
        match self {
            Level::Message => 0,
            Level::Resource => 1,
            Level::Scope => 2,
            Level::Metric | Level::Data | Level::Record => 3,
        }
    }

    /// The message of a group.
    pub(super) fn message(self, signal: Signal) -> Option<MessageId> {
        signal.lists()[self.depth().checked_sub(1)?].message()
    }
}
