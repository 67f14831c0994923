//! [`recognise`]: which signal a protobuf message is of, which the wire does not say.
//!
//! All signals have the same upper levels, so it is the records that tell: each is held against the tables of each
//! signal. A known field of another wire type, an id of another length or content that is no message speaks against a
//! signal; fields that it does not have, names that are no text and numbers that its enums do not have make it less
//! likely. Fields of a later OTLP and damage weigh on every signal alike, as a rule, and so decide nothing.
//!
//! INVARIANT: work is linear in the message, and the stack is on the heap.

use super::{FieldDef, Kind, MAX_DEPTH, MessageDef, MessageId, Signal, check_value};
use crate::wire::{Field, Payload, Reader};

/// What a message is, as far as its bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recognised {
    /// It is of this signal.
    As(Signal),
    /// It may be of several of the signals in question.
    Several,
    /// It holds no record, or it is too damaged to tell.
    Nothing,
}

/// Which signal a message is of. `wanted` are the signals in question: where the message could be of one of them as well
/// as of another signal, it is of that one. Where it could only be of several others, it is of the first.
///
/// ```
/// use ottl_otlp::Signal;
/// use ottl_otlp::schema::{Recognised, recognise};
///
/// // A message of one record with a number in field 2: a severity in logs, and no id as spans have it there.
/// let message = [0x0a, 6, 0x12, 4, 0x12, 2, 0x10, 13];
/// assert_eq!(recognise(&message, &[Signal::Traces]), Recognised::As(Signal::Logs));
/// // An empty record is anything.
/// let message = [0x0a, 4, 0x12, 2, 0x12, 0];
/// assert_eq!(recognise(&message, &[Signal::Traces]), Recognised::As(Signal::Traces));
/// assert_eq!(recognise(&message, &[Signal::Logs, Signal::Traces]), Recognised::Several);
/// ```
#[must_use]
pub fn recognise(message: &[u8], wanted: &[Signal]) -> Recognised {
    judge(message, wanted, usize::MAX)
}

/// As [`recognise`], after so many fields at most: a look at the first records of a message.
#[must_use]
pub fn recognise_within(message: &[u8], wanted: &[Signal], fields: usize) -> Recognised {
    judge(message, wanted, fields)
}

fn judge(message: &[u8], wanted: &[Signal], fields: usize) -> Recognised {
    // Nearly always it is what it should be, and then nothing else needs to be tried.
    if let &[signal] = wanted
        && fit(signal, message, fields).is_perfect()
    {
        return Recognised::As(signal);
    }
    let mut fits: Vec<(Signal, Fit)> =
        Signal::ALL.into_iter().map(|signal| (signal, fit(signal, message, fields))).collect();
    if fits.iter().all(|(_, fit)| fit.records == 0) {
        return Recognised::Nothing;
    }
    // Little damage can make a small message of one signal look somewhat like another.
    fits.retain(|(signal, fit)| wanted.contains(signal) || fit.sound >= fit.odd);
    let Some(best) = fits.iter().map(|(_, fit)| fit.rank()).min() else { return Recognised::Nothing };
    let is_best = |signal: &Signal| fits.iter().any(|(other, fit)| other == signal && fit.rank() == best);
    let mut of_wanted = wanted.iter().copied().filter(is_best);
    match (of_wanted.next(), of_wanted.next()) {
        (Some(signal), None) => Recognised::As(signal),
        (Some(_), Some(_)) => Recognised::Several,
        (None, _) => Signal::ALL.into_iter().find(is_best).map_or(Recognised::Nothing, Recognised::As),
    }
}

/// How a message fits a signal.
#[derive(Clone, Copy, Debug, Default)]
struct Fit {
    /// Records that can be read as the signal's.
    records: u64,
    /// Records, or levels above them, that cannot.
    against: u64,
    /// Fields of records that are as they should be.
    sound: u64,
    /// What is there and should not be: fields that the signal does not have, names that are no names.
    odd: u64,
}

impl Fit {
    fn is_perfect(&self) -> bool {
        self.records > 0 && self.against == 0 && self.odd == 0
    }

    /// Less is better.
    fn rank(&self) -> (u64, u64) {
        (self.against, self.odd)
    }
}

/// How many levels lie above the records: the message, its resources, their scopes.
const ABOVE: usize = 3;

fn fit(signal: Signal, message: &[u8], mut fields: usize) -> Fit {
    let mut fit = Fit::default();
    let mut open: Vec<(Reader<'_>, &'static MessageDef)> = vec![(Reader::new(message), signal.message().def())];
    while let Some((reader, def)) = open.last_mut() {
        let def: &'static MessageDef = def;
        let field = match reader.next_field() {
            Ok(Some(field)) => field,
            Ok(None) => {
                fit.records += u64::from(is_record(def.id));
                open.pop();
                continue;
            }
            Err(_) => {
                fit.give_up(&mut open);
                continue;
            }
        };
        if fields == 0 {
            // As far as it was looked at.
            fit.records += u64::from(open.len() > ABOVE);
            break;
        }
        fields -= 1;
        let Some(known) = def.field(field.number) else {
            fit.odd += 1;
            continue;
        };
        match check_value(known, &field) {
            Ok(Some(_)) if open.len() >= MAX_DEPTH => fit.give_up(&mut open),
            // What resources, scopes and dictionaries hold is the same in every signal, or tells nothing.
            Ok(Some((id, _))) if open.len() <= ABOVE && !leads_to_records(id) => {}
            Ok(Some((id, content))) => open.push((Reader::new(content), id.def())),
            Ok(None) if is_odd(def.id, known, &field) => fit.odd += 1,
            Ok(None) => fit.sound += u64::from(open.len() > ABOVE),
            Err(_) => fit.give_up(&mut open),
        }
    }
    fit
}

impl Fit {
    /// What cannot be read speaks against the record that it is in, or the level above the records that it ends.
    fn give_up(&mut self, open: &mut Vec<(Reader<'_>, &'static MessageDef)>) {
        self.against += 1;
        open.truncate((open.len() - 1).min(ABOVE));
    }
}

fn is_record(message: MessageId) -> bool {
    LISTED[message as usize] == ABOVE
}

fn leads_to_records(message: MessageId) -> bool {
    LISTED[message as usize] > 0
}

/// By message: how many lists lead from the message of its signal to it, if it is a group or a record.
const LISTED: [usize; MessageId::COUNT] = {
    let (mut listed, mut signal) = ([0; MessageId::COUNT], 0);
    while signal < Signal::ALL.len() {
        let (lists, mut depth) = (Signal::ALL[signal].lists(), 0);
        while depth < lists.len() {
            if let Some(member) = lists[depth].message() {
                listed[member as usize] = depth + 1;
            }
            depth += 1;
        }
        signal += 1;
    }
    listed
};

/// Whether a value can be there but hardly ever is.
fn is_odd(message: MessageId, known: &FieldDef, field: &Field<'_>) -> bool {
    match (known.kind, field.payload) {
        (Kind::Enum(names), Payload::Varint(value)) => !names.iter().any(|name| u64::try_from(name.value) == Ok(value)),
        (Kind::Bool, Payload::Varint(value)) => value > 1,
        (Kind::String, Payload::Bytes(text)) => match message {
            // Any text may be a value.
            MessageId::AnyValue | MessageId::ProfilesDictionary => std::str::from_utf8(text).is_err(),
            _ => !is_name(text),
        },
        _ => false,
    }
}

/// Names may have several lines, but a message in the place of a name begins with a tag and a length.
fn is_name(text: &[u8]) -> bool {
    let is_control = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
    let begins_well = text.first().is_none_or(|byte| *byte >= 0x20);
    begins_well && !text.iter().any(is_control) && std::str::from_utf8(text).is_ok()
}
