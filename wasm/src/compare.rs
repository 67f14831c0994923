//! What rules did to telemetry, record by record, as JSON: [`ottl::compare`] finds it.

use ottl::compare::{Change, Compared, Fate, Outline, compare_first};
use ottl::otlp::schema::MessageId;
use serde::Serialize;

use crate::label::Labels;
use crate::telemetry::{Message, inner, kind};

/// What was found.
#[derive(Default, Serialize)]
pub(crate) struct Found {
    counts: Counts,
    changes: Vec<Changed>,
    /// Changes behind the last one of the list.
    more: u64,
}

#[derive(Default, Serialize)]
struct Counts {
    records: u64,
    changed: u64,
    dropped: u64,
    added: u64,
    /// Resources, scopes and metrics that changed.
    shared: u64,
}

/// What became of a record, or of what records share.
#[derive(Serialize)]
struct Changed {
    kind: &'static str,
    label: String,
    /// The place in the message that came in, of new records in the one that comes out.
    place: String,
    /// The place in the message that comes out.
    after: Option<String>,
    message: usize,
    /// The record as traces count them.
    record: Option<u64>,
    what: &'static str,
    fields: Vec<Field>,
}

#[derive(Serialize)]
struct Field {
    path: String,
    before: Option<String>,
    after: Option<String>,
}

impl Found {
    /// Compares a message of this number with what came out of it; at most so many changes are listed. Nothing comes after a message
    /// that was dropped.
    pub(crate) fn add(&mut self, message: &Message, after: &[u8], (number, most): (usize, usize)) {
        self.counts.records += message.numbered.records;
        if after == message.numbered.message {
            return;
        }
        let (old, new) = (message.outline(), Outline::of(message.signal, after));
        let new = new.unwrap_or_else(|_| Outline::empty(message.signal));
        let left = most.saturating_sub(self.changes.len()) as u64;
        let labels = [&message.numbered.message[..], after].map(|of| Labels::new(message.signal, of));
        let found = compare_first(&old, &new, left, |change| self.changes.push(Changed::of(&change, number, &labels)));
        let compared: Compared = found.unwrap_or_default();
        self.counts.changed += compared.changed - compared.shared;
        self.counts.dropped += compared.dropped;
        self.counts.added += compared.added + compared.kept;
        self.counts.shared += compared.groups;
        self.more += compared.changes().saturating_sub(left);
    }
}

impl Changed {
    /// `labels` are those of the message that came in, and of the one that comes out.
    fn of(change: &Change<'_>, message: usize, [came, comes]: &[Labels<'_>; 2]) -> Changed {
        let (id, bytes) = change.message();
        let is_known = change.is_record() || change.context == "metric";
        let what = match change.fate {
            Fate::Changed => "changed",
            Fate::Dropped | Fate::Removed => "dropped",
            Fate::Kept | Fate::Added => "added",
        };
        let labels = if what == "added" { comes } else { came };
        let label = match change.metric() {
            Some(metric) => {
                let place = change.place();
                let point = place.rfind('[').map_or("", |at| &place[at..]);
                format!("{} {point}", labels.of(MessageId::Metric, metric))
            }
            None => labels.of(id, bytes),
        };
        let fields = change.differences.iter().map(|field| Field {
            path: inner(change.context, &field.path),
            before: field.before.clone(),
            after: field.after.clone(),
        });
        Changed {
            kind: kind(change.context),
            label,
            place: change.place(),
            after: change.place_after(),
            message,
            record: Some(change.traced).filter(|_| is_known && what != "added"),
            what,
            fields: fields.collect(),
        }
    }
}
