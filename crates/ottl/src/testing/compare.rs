//! What should have come out beside what did: records paired, and their fields one by one.

use ottl_otlp::wire::WireError;
use ottl_otlp::{Difference, differences};

use super::records::{Record, records};
use super::telemetry::{Message, record_name};
use crate::Signal;

/// A record that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// Which one, by its place among those that came out, or should have: `logs[2]`.
    pub place: String,
    /// What is the matter with it.
    pub kind: MismatchKind,
    /// Its fields: those that differ, or all of one that has no partner.
    pub lines: Vec<MismatchLine>,
}

/// What is the matter with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MismatchKind {
    /// Fields have other values.
    Differs,
    /// It should have come out.
    Missing,
    /// It should not have.
    Unexpected,
    /// Records are in other groups of resources and scopes.
    Grouped,
    /// A condition does not say of it what it should. The fields are all that it has.
    Asked,
}

/// A field of a [`Mismatch`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MismatchLine {
    /// Whether it is what came out; else it is what should have, and of [`MismatchKind::Asked`] what came in.
    pub is_received: bool,
    /// The field, by its place in the record: `attributes["tier"]`, `resource.attributes["service.name"]`.
    pub path: String,
    /// The value as JSON.
    pub value: String,
}

/// Pairs of records that are compared to find out which became which.
const MOST_PAIRS: usize = 10_000;

/// The least that two records have in common where one may have become the other.
const ALIKE: f64 = 0.3;

/// Compares all that should have come out with all that did.
///
/// # Errors
/// Damage of a message.
pub(super) fn compare(
    expected: &[Message],
    received: &[Message],
    with_groups: bool,
) -> Result<Vec<Mismatch>, WireError> {
    let mut out = Vec::new();
    for signal in Signal::ALL {
        if signal == Signal::Profiles {
            of_profiles(&of_signal(expected, signal), &of_signal(received, signal), &mut out)?;
            continue;
        }
        // Messages one behind the other are one message.
        let (expected, received) = (of_signal(expected, signal).concat(), of_signal(received, signal).concat());
        if expected == received {
            continue;
        }
        let (expected, received) = (records(&expected)?, records(&received)?);
        let before = out.len();
        of_records(signal, &expected, &received, &mut out)?;
        if out.len() == before && with_groups {
            out.extend(grouping(signal, &expected, &received));
        }
    }
    Ok(out)
}

fn of_signal(messages: &[Message], signal: Signal) -> Vec<&[u8]> {
    messages.iter().filter(|message| message.signal == signal).map(|message| &message.bytes[..]).collect()
}

/// Compares records.
///
/// # Errors
/// Damage of a record.
pub(super) fn of_records(
    signal: Signal,
    expected: &[Record<'_>],
    received: &[Record<'_>],
    out: &mut Vec<Mismatch>,
) -> Result<(), WireError> {
    let name = record_name(signal);
    let same = |one: &Record<'_>, other: &Record<'_>| -> Result<bool, WireError> {
        Ok(one.is(other) || one.differences(signal, other)?.is_empty())
    };
    let mut start = 0;
    while start < expected.len().min(received.len()) && same(&expected[start], &received[start])? {
        start += 1;
    }
    let (mut end_one, mut end_other) = (expected.len(), received.len());
    while end_one > start && end_other > start && same(&expected[end_one - 1], &received[end_other - 1])? {
        (end_one, end_other) = (end_one - 1, end_other - 1);
    }
    for pair in pairs(signal, &expected[start..end_one], &received[start..end_other])? {
        let mismatch = match pair {
            (Some(one), Some(other)) => {
                let found = expected[start + one].differences(signal, &received[start + other])?;
                if found.is_empty() {
                    continue;
                }
                (start + other, MismatchKind::Differs, lines(found))
            }
            (Some(one), None) => {
                let fields = expected[start + one].fields(signal)?.into_iter();
                let gone = fields.map(|field| Difference { before: field.after, after: None, ..field });
                (start + one, MismatchKind::Missing, lines(gone.collect()))
            }
            (None, Some(other)) => {
                (start + other, MismatchKind::Unexpected, lines(received[start + other].fields(signal)?))
            }
            (None, None) => continue,
        };
        let (at, kind, lines) = mismatch;
        out.push(Mismatch { place: format!("{name}[{at}]"), kind, lines });
    }
    Ok(())
}

/// Compares messages of profiles as wholes: their records refer to a dictionary that they share.
fn of_profiles(expected: &[&[u8]], received: &[&[u8]], out: &mut Vec<Mismatch>) -> Result<(), WireError> {
    for number in 0..expected.len().max(received.len()) {
        let (one, other) = (expected.get(number), received.get(number));
        let id = Signal::Profiles.message();
        let found = differences(id, one.copied().unwrap_or_default(), other.copied().unwrap_or_default())?;
        let kind = match (one, other) {
            (Some(_), None) => MismatchKind::Missing,
            (None, Some(_)) => MismatchKind::Unexpected,
            _ if found.is_empty() => continue,
            _ => MismatchKind::Differs,
        };
        out.push(Mismatch { place: format!("profiles, message {}", number + 1), kind, lines: lines(found) });
    }
    Ok(())
}

fn lines(found: Vec<Difference>) -> Vec<MismatchLine> {
    let sides = |Difference { path, before, after }: Difference| {
        let line = |is_received, value: Option<String>| {
            value.map(|value| MismatchLine { is_received, path: path.clone(), value })
        };
        [line(false, before), line(true, after)].into_iter().flatten().collect::<Vec<_>>()
    };
    found.into_iter().flat_map(sides).collect()
}

type Pair = (Option<usize>, Option<usize>);

/// Which record should have become which: in order where there are as many, else those that have most in common.
fn pairs(signal: Signal, expected: &[Record<'_>], received: &[Record<'_>]) -> Result<Vec<Pair>, WireError> {
    let (rows, columns) = (expected.len(), received.len());
    if rows == columns || rows * columns > MOST_PAIRS {
        let at = |number: usize, count: usize| (number < count).then_some(number);
        return Ok((0..rows.max(columns)).map(|number| (at(number, rows), at(number, columns))).collect());
    }
    let fields = |list: &[Record<'_>]| -> Result<Vec<Vec<Difference>>, WireError> {
        list.iter().map(|record| record.fields(signal)).collect()
    };
    let (ours, theirs) = (fields(expected)?, fields(received)?);
    let alike = |one: &[Difference], other: &[Difference]| {
        let shared = one.iter().filter(|field| other.contains(field)).count();
        2.0 * shared as f64 / (one.len() + other.len()).max(1) as f64
    };
    // The most that pairs of what lies behind two places can have in common.
    let mut best = vec![vec![0.0_f64; columns + 1]; rows + 1];
    let mut shares = vec![vec![0.0_f64; columns]; rows];
    for one in (0..rows).rev() {
        for other in (0..columns).rev() {
            let share = alike(&ours[one], &theirs[other]);
            shares[one][other] = share;
            let paired = if share >= ALIKE { share + best[one + 1][other + 1] } else { 0.0 };
            best[one][other] = paired.max(best[one + 1][other]).max(best[one][other + 1]);
        }
    }
    let (mut out, mut one, mut other) = (Vec::new(), 0, 0);
    while one < rows && other < columns {
        let share = shares[one][other];
        if share >= ALIKE && best[one][other] <= share + best[one + 1][other + 1] {
            out.push((Some(one), Some(other)));
            (one, other) = (one + 1, other + 1);
        } else if best[one + 1][other] >= best[one][other + 1] {
            out.push((Some(one), None));
            one += 1;
        } else {
            out.push((None, Some(other)));
            other += 1;
        }
    }
    out.extend((one..rows).map(|one| (Some(one), None)));
    out.extend((other..columns).map(|other| (None, Some(other))));
    Ok(out)
}

/// The first record that lies in another group than it should.
fn grouping(signal: Signal, expected: &[Record<'_>], received: &[Record<'_>]) -> Option<Mismatch> {
    let (at, (one, other)) =
        expected.iter().zip(received).enumerate().find(|(_, (one, other))| one.place != other.place)?;
    let line = |is_received: bool, record: &Record<'_>| {
        let value: Vec<String> =
            signal.lists().iter().zip(record.place).map(|(list, at)| format!("{}[{at}]", list.name)).collect();
        MismatchLine { is_received, path: "place".to_owned(), value: value.join(".") }
    };
    let place = format!("{}[{at}]", record_name(signal));
    Some(Mismatch { place, kind: MismatchKind::Grouped, lines: vec![line(false, one), line(true, other)] })
}
