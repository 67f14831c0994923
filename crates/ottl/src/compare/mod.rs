//! What two versions of a message say differently, record by record, whatever rules did to it: for people who ask what a change
//! of rules does.
//!
//! - `number`: records get numbers before rules run.
//! - `outline`: where they lie afterwards.
//! - here: records of two outlines are paired by their numbers, and compared with what they share.
//!
//! INVARIANT: records are never paired by guessing; dropping, regrouping and added metrics move nothing. Resources, scopes and
//! metrics are compared as those of their records, so resources and scopes that hold none are not compared.

mod number;
mod outline;

use std::collections::HashMap;

use ottl_otlp::schema::{FieldDef, MessageId};
use ottl_otlp::wire::WireError;
use ottl_otlp::{Difference, Signal, differences, differences_of_types};
use serde::Serialize;

pub use self::number::{Numbered, number_records, without_numbers};
use self::outline::{Key, Record};
pub use self::outline::{Outline, Traced};

/// What of a message differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Level {
    Message,
    Resource,
    Scope,
    Metric,
    /// The data of a metric.
    Data,
    Record,
}

/// What became of something from the earlier message to the later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It is in both, with other contents.
    Changed,
    /// It came in and is in the earlier one only.
    Dropped,
    /// It came in and is in the later one only.
    Kept,
    /// A statement made it, in the later one only.
    Added,
    /// A statement made it, in the earlier one only.
    Removed,
}

/// Something that differs: a record, or a resource, scope or metric that records share.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change<'o> {
    /// The context of its paths: resource, scope, metric, log, span, datapoint, profile.
    pub context: &'static str,
    /// What became of it.
    pub fate: Fate,
    /// How many records lie in it: one of a record.
    pub records: u64,
    /// The record's number when it came in; none of one that a statement made, and of what records share that of the first.
    pub number: Option<u64>,
    /// Its number as traces count records: that of the metric of a data point; of what records share that of the first of these.
    pub traced: u64,
    /// Its fields, by OTTL's paths where OTTL has them; of what is in one message only, all that it has.
    pub differences: Vec<Difference>,
    place: Place<'o>,
    later: Option<Place<'o>>,
}

#[derive(Clone, Copy, Debug)]
struct Place<'o> {
    outline: &'o Outline<'o>,
    record: usize,
    group: Option<u32>,
}

impl Change<'_> {
    /// Whether it is a record, and not what records share.
    pub fn is_record(&self) -> bool {
        self.place.group.is_none()
    }

    /// Where it is, as a path into OTLP/JSON: in the earlier message, if it is there.
    pub fn place(&self) -> String {
        self.place.text()
    }

    /// Where it is in the later message, if it is there.
    pub fn place_after(&self) -> Option<String> {
        self.later.map(|place| place.text())
    }

    /// What it is, and its bytes in the message of [`Change::place`]; of what records share, without what lies in it.
    pub fn message(&self) -> (MessageId, &[u8]) {
        let Place { outline, record, group } = self.place;
        let record = &outline.records[record];
        match group.map(|group| &outline.groups[group as usize]) {
            Some(group) => (group.level.message(outline.signal).unwrap_or(record.id), &group.own),
            None => (record.id, record.bytes),
        }
    }

    /// Of a data point the metric that it is one of, without points.
    pub fn metric(&self) -> Option<&[u8]> {
        let Place { outline, record, group } = self.place;
        let above = &outline.groups[outline.records[record].group as usize];
        (group.is_none() && above.level == Level::Metric).then_some(&above.own[..])
    }
}

impl Place<'_> {
    fn text(self) -> String {
        let Place { outline, record, group } = self;
        group.map_or_else(|| outline.place(record), |group| outline.place_of_group(group))
    }
}

/// How many records differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compared {
    /// Records that are in both.
    pub both: u64,
    /// Of these, how many differ by themselves or by what they share.
    pub changed: u64,
    /// Of these, how many differ by what they share alone.
    pub shared: u64,
    /// Records that came in and are in the earlier one only.
    pub dropped: u64,
    /// Records that came in and are in the later one only.
    pub kept: u64,
    /// Records that statements made, in the later one only.
    pub added: u64,
    /// Records that statements made, in the earlier one only.
    pub removed: u64,
    /// Resources, scopes and metrics that differ.
    pub groups: u64,
}

impl Compared {
    /// How many records are not the same in both.
    pub fn different(&self) -> u64 {
        self.changed + self.dropped + self.kept + self.added + self.removed
    }

    /// Adds those of another message.
    pub fn add(&mut self, other: Compared) {
        self.both += other.both;
        self.changed += other.changed;
        self.shared += other.shared;
        self.dropped += other.dropped;
        self.kept += other.kept;
        self.added += other.added;
        self.removed += other.removed;
        self.groups += other.groups;
    }

    /// How many changes there are, with those of what records share.
    pub fn changes(&self) -> u64 {
        self.different() - self.shared + self.groups
    }
}

impl Outline<'_> {
    /// The records by their numbers, as [`Change::number`] has them, to those that [`crate::TraceOptions::records`] has: they are
    /// the same but for data points, which traces know by their metric.
    pub fn traced_record(&self, number: u64) -> Option<u64> {
        let at = self.records.iter().position(|record| record.key == Key::Came(number, 0))?;
        Some(self.records[at].traced)
    }

    /// Which of its metric's points, from 0, a data point of this number is; nothing for other records.
    pub fn point(&self, number: u64) -> Option<u64> {
        let at = self.records.iter().position(|record| record.key == Key::Came(number, 0))?;
        let record = &self.records[at];
        let is_point = self.signal == Signal::Metrics && record.id != MessageId::Metric;
        let before = self.records[..at].iter().rev().take_while(|other| other.traced == record.traced);
        is_point.then(|| before.count() as u64)
    }

    /// Where a record of this number lies, or the resource, scope or metric that it is in, by the context of a [`Change`]: a path
    /// into OTLP/JSON.
    pub fn place_of(&self, number: u64, context: &str) -> Option<String> {
        let at = self.records.iter().position(|record| record.key == Key::Came(number, 0))?;
        let is_meant = |group: &u32| self.groups[*group as usize].level.context(self.signal) == context;
        let group = self.chain(self.records[at].group).find(is_meant);
        Some(group.map_or_else(|| self.place(at), |group| self.place_of_group(group)))
    }
}

/// Compares two messages that were made of one whose records are [numbered](number_records), or that one with what was made of
/// it, and shows what differs: in the order of the earlier one, resources before what lies in them, then what only the later one
/// has.
///
/// ```
/// use ottl::compare::{Fate, Outline, compare, number_records};
/// use ottl::{Output, RuleSet, Signal};
///
/// // Two log records: of the severities 9 and 13.
/// let message = [0x0a, 10, 0x12, 8, 0x12, 2, 0x10, 9, 0x12, 2, 0x10, 13];
/// let message = number_records(Signal::Logs, &message).unwrap().message;
/// let rules = RuleSet::compile("log_conditions: ['log.severity_number < 13']").unwrap();
/// let Output::Changed(after) = rules.transform(Signal::Logs, &message).unwrap().output else { panic!() };
///
/// let (old, new) = (Outline::of(Signal::Logs, &message).unwrap(), Outline::of(Signal::Logs, &after).unwrap());
/// let mut found = Vec::new();
/// let compared = compare(&old, &new, |change| found.push((change.fate, change.place()))).unwrap();
/// assert_eq!(found, [(Fate::Dropped, "resourceLogs[0].scopeLogs[0].logRecords[0]".to_owned())]);
/// assert_eq!((compared.both, compared.changed, compared.dropped), (1, 0, 1));
/// ```
///
/// A record that is damaged inside, which rules may have let pass, is one with a single difference: its path is `(damaged)`.
///
/// # Errors
/// Damage in what records share.
pub fn compare(
    before: &Outline<'_>,
    after: &Outline<'_>,
    mut see: impl FnMut(Change<'_>),
) -> Result<Compared, WireError> {
    Comparison::new(before, after).run(Some(&mut see), u64::MAX)
}

/// Compares two messages as [`compare`] does, but shows only so many of the first changes; what is behind them is counted, as
/// [`count`] does.
///
/// # Errors
/// Those of [`compare`].
pub fn compare_first(
    before: &Outline<'_>,
    after: &Outline<'_>,
    most: u64,
    mut see: impl FnMut(Change<'_>),
) -> Result<Compared, WireError> {
    Comparison::new(before, after).run(Some(&mut see), most)
}

/// Counts what differs between two messages: as [`compare`], but records whose bytes differ are different, also where they say
/// the same in another order.
///
/// # Errors
/// Damage in a resource, scope or metric.
pub fn count(before: &Outline<'_>, after: &Outline<'_>) -> Result<Compared, WireError> {
    Comparison::new(before, after).run(None, 0)
}

/// The records of the earlier message, as traces count them, that the later one does not have as they are: of a metric, as soon as
/// one of its points is another.
pub fn touched(before: &Outline<'_>, after: &Outline<'_>) -> Vec<u64> {
    let Comparison { partners, .. } = Comparison::new(before, after);
    let is_other = |(record, partner): &(&Record<'_>, Option<usize>)| {
        partner.is_none_or(|partner| after.records[partner].bytes != record.bytes)
    };
    let mut numbers: Vec<u64> =
        before.records.iter().zip(partners).filter(is_other).map(|(record, _)| record.traced).collect();
    numbers.dedup();
    numbers
}

/// What a comparison shows.
type See<'s> = &'s mut dyn FnMut(Change<'_>);

struct Comparison<'o> {
    before: &'o Outline<'o>,
    after: &'o Outline<'o>,
    /// The record of `after` that each one of `before` is.
    partners: Vec<Option<usize>>,
    /// Whether a record of `after` has a partner.
    is_met: Vec<bool>,
    /// Pairs of groups: how many records share them.
    shared: HashMap<(u32, u32), u64>,
    /// Pairs of groups that were compared: whether they differ.
    known: HashMap<(u32, u32), bool>,
}

impl<'o> Comparison<'o> {
    fn new(before: &'o Outline<'o>, after: &'o Outline<'o>) -> Comparison<'o> {
        let at: HashMap<&Key, usize> = after.records.iter().zip(0..).map(|(record, at)| (&record.key, at)).collect();
        let mut is_met = vec![false; after.records.len()];
        let mut shared = HashMap::new();
        let partners = before.records.iter().map(|record| {
            let partner = *at.get(&record.key)?;
            is_met[partner] = true;
            for pair in chains(before, after, record, &after.records[partner]) {
                *shared.entry(pair).or_default() += 1;
            }
            Some(partner)
        });
        let partners = partners.collect();
        Comparison { before, after, partners, is_met, shared, known: HashMap::new() }
    }

    fn run(mut self, mut see: Option<See<'_>>, most: u64) -> Result<Compared, WireError> {
        let mut compared = Compared::default();
        for at in 0..self.partners.len() {
            if compared.changes() >= most {
                see = None;
            }
            let Some(partner) = self.partners[at] else {
                let is_made = !matches!(self.before.records[at].key, Key::Came(_, 0));
                let (count, fate) = match is_made {
                    true => (&mut compared.removed, Fate::Removed),
                    false => (&mut compared.dropped, Fate::Dropped),
                };
                *count += 1;
                if let Some(see) = &mut see {
                    see(alone(self.before, at, fate)?);
                }
                continue;
            };
            compared.both += 1;
            let (is_shared, groups) = self.groups(at, partner, (&mut see, most - compared.changes().min(most)))?;
            compared.groups += groups;
            if compared.changes() >= most {
                see = None;
            }
            let is_own = self.record(at, partner, &mut see)?;
            compared.changed += u64::from(is_shared || is_own);
            compared.shared += u64::from(is_shared && !is_own);
        }
        for at in (0..self.is_met.len()).filter(|at| !self.is_met[*at]) {
            if compared.changes() >= most {
                see = None;
            }
            let is_made = !matches!(self.after.records[at].key, Key::Came(_, 0));
            let (count, fate) = match is_made {
                true => (&mut compared.added, Fate::Added),
                false => (&mut compared.kept, Fate::Kept),
            };
            *count += 1;
            if let Some(see) = &mut see {
                see(alone(self.after, at, fate)?);
            }
        }
        Ok(compared)
    }

    /// Whether what a record shares differs, and how much of it is seen so for the first time; each pair is shown once, and no
    /// more than so many.
    fn groups(
        &mut self,
        at: usize,
        partner: usize,
        (see, most): (&mut Option<See<'_>>, u64),
    ) -> Result<(bool, u64), WireError> {
        let (before, after) = (self.before, self.after);
        let (mut is_different, mut count) = (false, 0);
        for pair in chains(before, after, &before.records[at], &after.records[partner]) {
            if let Some(known) = self.known.get(&pair) {
                is_different |= known;
                continue;
            }
            let (old, new) = (&before.groups[pair.0 as usize], &after.groups[pair.1 as usize]);
            let context = old.level.context(before.signal);
            let mut found = match old.level.message(before.signal) {
                Some(id) if old.own != new.own => named(context, differences(id, &old.own, &new.own)?),
                _ => Vec::new(),
            };
            of_kinds(&mut found, [old.kind(), new.kind()]);
            self.known.insert(pair, !found.is_empty());
            is_different |= !found.is_empty();
            count += u64::from(!found.is_empty());
            if let Some(see) = see
                && !found.is_empty()
                && count <= most
            {
                see(Change {
                    context,
                    fate: Fate::Changed,
                    records: self.shared.get(&pair).copied().unwrap_or_default(),
                    number: number(&after.records[partner]),
                    traced: before.records[at].traced,
                    differences: found,
                    place: Place { outline: before, record: at, group: Some(pair.0) },
                    later: Some(Place { outline: after, record: partner, group: Some(pair.1) }),
                });
            }
        }
        Ok((is_different, count))
    }

    /// Whether a record itself differs.
    fn record(&mut self, at: usize, partner: usize, see: &mut Option<See<'_>>) -> Result<bool, WireError> {
        let (old, new) = (&self.before.records[at], &self.after.records[partner]);
        if old.id == new.id && old.bytes == new.bytes {
            return Ok(false);
        }
        let Some(see) = see else { return Ok(true) };
        let context = new.context(self.after.signal);
        let mut found = named(context, told((old.id, old.bytes), (new.id, new.bytes)));
        of_kinds(&mut found, [old.kind(), new.kind()]);
        let is_different = !found.is_empty();
        if is_different {
            see(Change {
                context,
                fate: Fate::Changed,
                records: 1,
                number: number(new),
                traced: old.traced,
                differences: found,
                place: Place { outline: self.before, record: at, group: None },
                later: Some(Place { outline: self.after, record: partner, group: None }),
            });
        }
        Ok(is_different)
    }
}

/// The groups of two records, level by level.
fn chains(
    before: &Outline<'_>,
    after: &Outline<'_>,
    old: &Record<'_>,
    new: &Record<'_>,
) -> impl Iterator<Item = (u32, u32)> + use<> {
    before.chain(old.group).zip(after.chain(new.group))
}

/// A record that is in one message only.
fn alone<'o>(outline: &'o Outline<'o>, at: usize, fate: Fate) -> Result<Change<'o>, WireError> {
    let record = &outline.records[at];
    let context = record.context(outline.signal);
    let (before, after): (&[u8], &[u8]) = match fate {
        Fate::Dropped | Fate::Removed => (record.bytes, b""),
        _ => (b"", record.bytes),
    };
    let mut differences = named(context, told((record.id, before), (record.id, after)));
    let group = &outline.groups[record.group as usize];
    if group.level == Level::Metric {
        // A point by itself does not say of what it is one.
        let (before, after): (&[u8], &[u8]) = if after.is_empty() { (&group.own, b"") } else { (b"", &group.own) };
        let of_metric = named("metric", ottl_otlp::differences(MessageId::Metric, before, after)?);
        let is_made = matches!(fate, Fate::Added | Fate::Removed);
        differences.extend(of_metric.into_iter().filter(|field| is_made || field.path == "metric.name"));
    }
    let place = Place { outline, record: at, group: None };
    let later = (!matches!(fate, Fate::Dropped | Fate::Removed)).then_some(place);
    Ok(Change { context, fate, records: 1, number: number(record), traced: record.traced, differences, place, later })
}

/// What two records say differently. Damage in them is none of the message: rules that do not read that far let it pass.
fn told(old: (MessageId, &[u8]), new: (MessageId, &[u8])) -> Vec<Difference> {
    if old == new {
        return Vec::new();
    }
    differences_of_types(old, new).unwrap_or_else(|_| {
        let [before, after] =
            [old, new].map(|(_, bytes)| (!bytes.is_empty()).then(|| format!("\"{} bytes\"", bytes.len())));
        vec![Difference { path: "(damaged)".to_owned(), before, after }]
    })
}

fn number(record: &Record<'_>) -> Option<u64> {
    match record.key {
        Key::Came(number, 0) => Some(number),
        _ => None,
    }
}

/// Adds to what differs between two metrics that they are of other kinds.
fn of_kinds(found: &mut Vec<Difference>, kinds: [Option<&'static FieldDef>; 2]) {
    let [old, new] = kinds.map(|kind| kind.map(|kind| kind.number));
    if old == new {
        return;
    }
    let is_kind = |path: &str| kinds.iter().flatten().any(|kind| path.strip_prefix("metric.") == Some(kind.snake_name));
    found.retain(|difference| !is_kind(&difference.path));
    let [before, after] = kinds.map(|kind| kind.map(|kind| format!("\"{}\"", kind.name)));
    found.insert(0, Difference { path: "metric.type".to_owned(), before, after });
}

/// Differences with their whole paths: `log.body`, `resource.attributes["a"]`.
fn named(context: &str, mut found: Vec<Difference>) -> Vec<Difference> {
    for difference in &mut found {
        let has_context = difference.path.strip_prefix(context).is_some_and(|rest| rest.starts_with('.'));
        if !has_context {
            difference.path = format!("{context}.{}", difference.path);
        }
    }
    found
}

impl Record<'_> {
    /// The context of its paths.
    fn context(&self, signal: Signal) -> &'static str {
        let level = if self.id == MessageId::Metric { Level::Metric } else { Level::Record };
        level.context(signal)
    }
}

impl Level {
    /// The context of its paths.
    fn context(self, signal: Signal) -> &'static str {
        match (self, signal) {
            (Level::Message, _) => "message",
            (Level::Resource, _) => "resource",
            (Level::Scope, _) => "scope",
            (Level::Metric | Level::Data, _) => "metric",
            (Level::Record, Signal::Traces) => "span",
            (Level::Record, Signal::Metrics) => "datapoint",
            (Level::Record, Signal::Logs) => "log",
            (Level::Record, Signal::Profiles) => "profile",
        }
    }
}
