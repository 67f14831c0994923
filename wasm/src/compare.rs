//! What rules did to telemetry, record by record: those that changed, those that are gone, those that are new.

use ottl::Signal;
use ottl::otlp::differences;
use ottl::otlp::schema::MessageId;
use serde::Serialize;

use crate::telemetry::{Group, ids, kind, label, record_id, resources, subject};

/// What was found.
#[derive(Default, Serialize)]
pub(crate) struct Found {
    counts: Counts,
    changes: Vec<Change>,
    /// Changes behind the last one of the list.
    more: usize,
}

#[derive(Default, Serialize)]
struct Counts {
    records: usize,
    changed: usize,
    dropped: usize,
    added: usize,
    /// Resources and scopes that changed.
    shared: usize,
}

/// What became of a record, resource or scope.
#[derive(Serialize)]
struct Change {
    kind: &'static str,
    label: String,
    /// The place in the message that came in, of new records in the one that comes out.
    place: String,
    /// The place in the message that comes out.
    after: Option<String>,
    message: usize,
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

/// Where something lies: of the resource, the scope, the record, as far as it goes.
type At<'i> = &'i [usize];

/// Compares the two forms of a message; at most so many changes are listed.
pub(crate) struct Comparing<'f> {
    pub(crate) found: &'f mut Found,
    pub(crate) most: usize,
    pub(crate) message: usize,
    pub(crate) signal: Signal,
}

impl Comparing<'_> {
    /// Both are marked; nothing comes after a message that was dropped.
    pub(crate) fn compare(&mut self, before: &[u8], after: &[u8]) {
        let (old, new) = (resources(before).unwrap_or_default(), resources(after).unwrap_or_default());
        let count = old.iter().flat_map(Group::records).count();
        self.found.counts.records += count;
        if before == after {
            return;
        }
        let now = places(&new, count);
        let at_now = |number: Option<u64>| number.and_then(|number| now.get(number as usize).copied().flatten());
        let [resource_group, scope_group, id] = ids(self.signal);
        for (r, group) in old.iter().enumerate() {
            // A resource is the one that its records are in now.
            let paired = group.records().find_map(|record| at_now(record.number)).map(|[r, ..]| r);
            let new_r = paired.or((old.len() == new.len()).then_some(r));
            let Some((new_r, new_group)) = new_r.and_then(|at| Some((at, new.get(at)?))) else {
                self.records_of(group, r, &new, &at_now);
                continue;
            };
            self.shared("resource", subject(resource_group), (&[r], group.subject), (&[new_r], new_group.subject));
            for (s, scope) in group.scopes.iter().enumerate() {
                let paired = scope.records.iter().find_map(|record| at_now(record.number)).map(|[_, s, _]| s);
                let new_s = paired.or((group.scopes.len() == new_group.scopes.len()).then_some(s));
                if let Some((new_s, new_scope)) = new_s.and_then(|at| Some((at, new_group.scopes.get(at)?))) {
                    let now: [usize; 2] = [new_r, new_s];
                    self.shared("scope", subject(scope_group), (&[r, s], scope.subject), (&now, new_scope.subject));
                }
            }
            self.records_of(group, r, &new, &at_now);
        }
        for (r, group) in new.iter().enumerate() {
            for (s, scope) in group.scopes.iter().enumerate() {
                for (n, record) in scope.records.iter().enumerate() {
                    if at_now(record.number) != Some([r, s, n]) {
                        self.found.counts.added += 1;
                        self.push(kind(self.signal), id, "added", (&[], None, &[]), (&[r, s, n], record.bytes));
                    }
                }
            }
        }
    }

    fn records_of(
        &mut self,
        group: &Group<'_>,
        r: usize,
        new: &[Group<'_>],
        at_now: &dyn Fn(Option<u64>) -> Option<[usize; 3]>,
    ) {
        let (kind, id) = (kind(self.signal), record_id(self.signal));
        for (s, scope) in group.scopes.iter().enumerate() {
            for (n, record) in scope.records.iter().enumerate() {
                let now = at_now(record.number);
                let bytes = now.and_then(|[r, s, n]| Some(new.get(r)?.scopes.get(s)?.records.get(n)?.bytes));
                match (now, bytes) {
                    (Some(_), Some(bytes)) if bytes == record.bytes => {}
                    (Some(now), Some(bytes)) => {
                        self.found.counts.changed += 1;
                        self.push(kind, id, "changed", (&[r, s, n], record.number, record.bytes), (&now, bytes));
                    }
                    _ => {
                        self.found.counts.dropped += 1;
                        self.push(kind, id, "dropped", (&[r, s, n], record.number, record.bytes), (&[], &[]));
                    }
                }
            }
        }
    }

    fn shared(&mut self, kind: &'static str, id: MessageId, old: (At<'_>, &[u8]), new: (At<'_>, &[u8])) {
        if old.1 != new.1 {
            self.found.counts.shared += 1;
            self.push(kind, id, "changed", (old.0, None, old.1), new);
        }
    }

    fn push(
        &mut self,
        kind: &'static str,
        id: MessageId,
        what: &'static str,
        old: (At<'_>, Option<u64>, &[u8]),
        new: (At<'_>, &[u8]),
    ) {
        if self.found.changes.len() >= self.most {
            self.found.more += 1;
            return;
        }
        let (old_at, record, before) = old;
        let (new_at, after) = new;
        let found = differences(id, before, after).unwrap_or_default();
        let fields =
            found.into_iter().map(|field| Field { path: field.path, before: field.before, after: field.after });
        let place = |at| place(self.signal, at);
        self.found.changes.push(Change {
            kind,
            label: label(id, if old_at.is_empty() { after } else { before }),
            place: place(if old_at.is_empty() { new_at } else { old_at }),
            after: (!new_at.is_empty()).then(|| place(new_at)),
            message: self.message,
            record,
            what,
            fields: fields.collect(),
        });
    }
}

/// Where each of so many records is, by its number. Of several with one number the first is meant: others are its copies.
fn places(groups: &[Group<'_>], count: usize) -> Vec<Option<[usize; 3]>> {
    let mut places = vec![None; count];
    for (r, group) in groups.iter().enumerate() {
        for (s, scope) in group.scopes.iter().enumerate() {
            for (n, record) in scope.records.iter().enumerate() {
                if let Some(place) = record.number.and_then(|number| places.get_mut(number as usize)) {
                    place.get_or_insert([r, s, n]);
                }
            }
        }
    }
    places
}

/// A path into OTLP/JSON.
fn place(signal: Signal, at: At<'_>) -> String {
    let names = signal.lists().map(|list| list.name);
    let parts: Vec<String> = names.iter().zip(at).map(|(name, at)| format!("{name}[{at}]")).collect();
    parts.join(".")
}
