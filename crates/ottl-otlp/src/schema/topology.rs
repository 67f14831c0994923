//! Where things lie in OTLP messages, computed from the tables when the crate is compiled.
//!
//! INVARIANT: no field number is written here; each stands once, in `tables` or `profiles` beside this. What several
//! messages have alike (the lists of all signals, the points of all metrics) is one constant, and the crate does not compile
//! unless they have it alike.

use super::{FieldDef, Kind, MessageDef, MessageId, Presence, Signal};

/// A field of a message by its protobuf name, whatever its case: for constants.
///
/// # Panics
/// If the message has no such field: a constant that asks for one does not compile.
#[must_use]
pub const fn field(message: MessageId, name: &str) -> &'static FieldDef {
    match find(message, name) {
        Some(found) => found,
        None => panic!("the message has no field of this name"),
    }
}

/// The number of a field of a message by its protobuf name, whatever its case: for constants.
///
/// # Panics
/// If the message has no such field: a constant that asks for one does not compile.
#[must_use]
pub const fn number(message: MessageId, name: &str) -> u32 {
    field(message, name).number
}

/// A field of a message by its protobuf name, whatever its case.
#[must_use]
pub const fn find(message: MessageId, name: &str) -> Option<&'static FieldDef> {
    let fields = message.def().fields;
    let mut at = 0;
    while at < fields.len() {
        if fields[at].snake_name.eq_ignore_ascii_case(name) {
            return Some(&fields[at]);
        }
        at += 1;
    }
    None
}

/// A message's first list of messages of this type, or of any. What leads to records stands first.
#[must_use]
pub const fn list_of(message: MessageId, wanted: Option<MessageId>) -> Option<&'static FieldDef> {
    let fields = message.def().fields;
    let mut at = 0;
    while at < fields.len() {
        if let (Presence::Repeated, Kind::Message(id)) = (fields[at].presence, fields[at].kind)
            && is_wanted(id, wanted)
        {
            return Some(&fields[at]);
        }
        at += 1;
    }
    None
}

const fn is_wanted(id: MessageId, wanted: Option<MessageId>) -> bool {
    match wanted {
        Some(wanted) => id as u8 == wanted as u8,
        None => true,
    }
}

impl FieldDef {
    /// The message that is the field's type.
    #[must_use]
    pub const fn message(&self) -> Option<MessageId> {
        match self.kind {
            Kind::Message(id) => Some(id),
            _ => None,
        }
    }
}

impl MessageDef {
    /// The number of the message's attribute map: its list of `KeyValue`s.
    #[must_use]
    pub const fn attributes(&self) -> Option<u32> {
        match list_of(self.id, Some(MessageId::KeyValue)) {
            Some(found) => Some(found.number),
            None => None,
        }
    }

    /// Bits, by number, of the singular message fields whose repeated occurrences merge.
    #[must_use]
    pub const fn merged(&self) -> u32 {
        self.bits(Presence::Always)
    }

    /// Bits, by number, of the members of the message's oneof: of these the last occurrence counts.
    #[must_use]
    pub const fn oneof(&self) -> u32 {
        self.bits(Presence::Oneof)
    }

    const fn bits(&self, wanted: Presence) -> u32 {
        let (mut bits, mut at) = (0, 0);
        while at < self.fields.len() {
            if self.fields[at].presence as u8 == wanted as u8 {
                bits |= 1 << self.fields[at].number;
            }
            at += 1;
        }
        bits
    }
}

impl Signal {
    /// The lists that lead from a message to its records: groups of resources, of scopes, and the records.
    ///
    /// ```
    /// use ottl_otlp::Signal;
    ///
    /// let names = Signal::Logs.lists().map(|list| list.name);
    /// assert_eq!(names, ["resourceLogs", "scopeLogs", "logRecords"]);
    /// ```
    #[must_use]
    pub const fn lists(self) -> [&'static FieldDef; 3] {
        let (resources, group) = first_list(self.message());
        let (scopes, group) = first_list(group);
        let (records, _) = first_list(group);
        [resources, scopes, records]
    }
}

const fn first_list(message: MessageId) -> (&'static FieldDef, MessageId) {
    match list_of(message, None) {
        Some(list) => match list.message() {
            Some(member) => (list, member),
            None => panic!("a list of messages has messages"),
        },
        None => panic!("what lies above records has a list"),
    }
}

/// Field numbers that are the same in all signals: of messages (`LogsData`), of what they list (`ResourceLogs`), and of what
/// that lists (`ScopeLogs`).
pub mod groups {
    use super::{Kind, MessageId, Presence, Signal, find, first_list, number};

    /// In a message: its resources, each with its scopes.
    pub const RESOURCES: u32 = list(0);
    /// In such a group: its scopes, each with its records.
    pub const SCOPES: u32 = list(1);
    /// In such a group: its records.
    pub const RECORDS: u32 = list(2);
    /// In both: the scopes, or the records.
    pub const MEMBERS: u32 = same(SCOPES, RECORDS);
    /// In both: the resource, or the scope.
    pub const SUBJECT: u32 = subject();
    /// In both: the schema URL.
    pub const SCHEMA_URL: u32 = schema_url();
    /// The field in which writers before OTLP 0.15 sent a resource's scopes.
    pub const DEPRECATED_SCOPES: u32 = deprecated();

    const fn same(a: u32, b: u32) -> u32 {
        assert!(a == b, "the number is the same");
        a
    }

    /// What the group of each signal has at a depth: of resources at 0, of scopes at 1.
    const fn group(signal: Signal, depth: usize) -> MessageId {
        let (_, resources) = first_list(signal.message());
        if depth == 0 { resources } else { first_list(resources).1 }
    }

    const fn list(depth: usize) -> u32 {
        let (number, mut at) = (Signal::Traces.lists()[depth].number, 0);
        while at < Signal::ALL.len() {
            same(number, Signal::ALL[at].lists()[depth].number);
            at += 1;
        }
        number
    }

    /// The one field that is always there.
    const fn owner(message: MessageId) -> u32 {
        let (fields, mut at) = (message.def().fields, 0);
        while at < fields.len() {
            if let (Presence::Always, Kind::Message(_)) = (fields[at].presence, fields[at].kind) {
                return fields[at].number;
            }
            at += 1;
        }
        panic!("a group belongs to a resource or scope")
    }

    const fn subject() -> u32 {
        let (number, mut at) = (owner(group(Signal::Traces, 0)), 0);
        while at < Signal::ALL.len() {
            same(number, owner(group(Signal::ALL[at], 0)));
            same(number, owner(group(Signal::ALL[at], 1)));
            at += 1;
        }
        number
    }

    const fn schema_url() -> u32 {
        let (url, mut at) = (number(group(Signal::Traces, 0), "schema_url"), 0);
        while at < Signal::ALL.len() {
            same(url, number(group(Signal::ALL[at], 0), "schema_url"));
            same(url, number(group(Signal::ALL[at], 1), "schema_url"));
            at += 1;
        }
        url
    }

    const fn deprecated() -> u32 {
        let spans = number(MessageId::ResourceSpans, "deprecated_scope_spans");
        same(spans, number(MessageId::ResourceMetrics, "deprecated_scope_metrics"));
        // Profiles are younger than the change.
        assert!(find(MessageId::ResourceProfiles, "deprecated_scope_profiles").is_none());
        same(spans, number(MessageId::ResourceLogs, "deprecated_scope_logs"))
    }
}

/// The field of every data message of a metric (`Gauge`, `Sum` ...) that holds its points.
pub const DATA_POINTS: u32 = data_points();

const fn data_points() -> u32 {
    let (metric, mut at, mut found) = (MessageId::Metric.def().fields, 0, 0);
    while at < metric.len() {
        if let (Presence::Oneof, Kind::Message(data)) = (metric[at].presence, metric[at].kind) {
            let points = number(data, "data_points");
            assert!(found == 0 || found == points, "the number is the same");
            found = points;
        }
        at += 1;
    }
    found
}
