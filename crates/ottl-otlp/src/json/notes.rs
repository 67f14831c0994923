//! [`Notes`]: what a document holds besides the message that was read out of it.
//!
//! INVARIANT: at most [`Notes::MOST`] unknown members are told apart. Where objects stand is noted for resources, scopes and
//! records and what holds them, never below, so notes take a small multiple of the text at most.

use super::walk::Walk;
use crate::schema::{MessageId, Signal};

/// What a document holds besides the message that was read out of it, and where its objects stand.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    pub(super) others: Vec<Signal>,
    /// Whether a message of another signal comes first in the document.
    pub(super) follows: bool,
    pub(super) unknown: Vec<UnknownMember>,
    pub(super) more: u64,
    /// The objects of kept types in the order in which they begin, the whole message first.
    pub(super) objects: Vec<Object>,
    /// Unknown members of those.
    pub(super) strangers: Vec<Stranger>,
    /// The members with messages of other signals.
    pub(super) other_members: Vec<Stranger>,
}

/// A member that OTLP does not have, wherever it occurs in messages of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownMember {
    /// The type of the message that it is in.
    pub parent: MessageId,
    /// Its name as it stands in the text, escapes unresolved; the first [`UnknownMember::SHOWN`] bytes of it.
    pub name: Vec<u8>,
    /// How often it occurs.
    pub count: u64,
    /// Byte offset of its first value in the text.
    pub offset: usize,
}

impl UnknownMember {
    /// Bytes of a name that are kept.
    pub const SHOWN: usize = 64;

    /// Where it occurs first in the text of a message of this signal, such as `resourceLogs[0].scopeLogs[2].logs`.
    #[must_use]
    pub fn path(&self, signal: Signal, text: &[u8]) -> String {
        Walk::to(signal, text, self.offset).path()
    }

    /// What OTLP calls this today: for names of older versions, and for names in another spelling.
    #[must_use]
    pub fn name_of_today(&self) -> Option<&'static str> {
        let old =
            OLD_NAMES.iter().find(|(parents, old, _)| parents.contains(&self.parent) && old.as_bytes() == self.name);
        if let Some((_, _, today)) = old {
            return Some(today);
        }
        let letters = |name: &[u8]| -> Vec<u8> {
            name.iter().filter(|byte| **byte != b'_' && **byte != b'-').map(u8::to_ascii_lowercase).collect()
        };
        let wanted = letters(&self.name);
        self.parent.def().fields.iter().map(|field| field.name).find(|name| letters(name.as_bytes()) == wanted)
    }
}

/// Where an object stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Object {
    pub(super) start: u32,
    pub(super) end: u32,
}

/// An unknown member of an object: name and value with what is between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stranger {
    /// Index in [`Notes::objects`].
    pub(super) object: u32,
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Notes {
    /// How many unknown members are told apart.
    pub const MOST: usize = 32;

    /// The other signals of which the document holds something, in order of appearance.
    #[must_use]
    pub fn others(&self) -> &[Signal] {
        &self.others
    }

    /// The members that OTLP does not have, in order of appearance.
    #[must_use]
    pub fn unknown(&self) -> &[UnknownMember] {
        &self.unknown
    }

    /// How often members occurred that OTLP does not have and that found no room in [`Notes::unknown`].
    #[must_use]
    pub fn more_unknown(&self) -> u64 {
        self.more
    }

    /// Whether the document has members that OTLP does not have.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        !self.unknown.is_empty() || self.more > 0
    }

    /// Gives memory back that was needed for a large document: about so many bytes are kept.
    pub fn shrink_to(&mut self, bytes: usize) {
        self.clear();
        self.objects.shrink_to(bytes / size_of::<Object>());
        self.strangers.shrink_to(bytes / size_of::<Stranger>());
    }

    pub(super) fn clear(&mut self) {
        self.others.clear();
        self.follows = false;
        self.unknown.clear();
        self.more = 0;
        self.objects.clear();
        self.strangers.clear();
        self.other_members.clear();
    }

    /// Notes an unknown member.
    pub(super) fn add(&mut self, parent: MessageId, name: &[u8], offset: usize) {
        let name = &name[..name.len().min(UnknownMember::SHOWN)];
        if let Some(known) = self.unknown.iter_mut().find(|known| known.parent == parent && known.name == name) {
            known.count += 1;
        } else if self.unknown.len() < Self::MOST {
            self.unknown.push(UnknownMember { parent, name: name.to_vec(), count: 1, offset });
        } else {
            self.more += 1;
        }
    }

    /// What stands outside of all messages belongs to the first message of a document.
    pub(super) fn settle(&mut self, root: MessageId) {
        // An object ends after those in it, and so may a member of it.
        self.strangers.sort_by_key(|stranger| stranger.object);
        if self.follows {
            self.unknown.retain(|member| member.parent != root);
            self.strangers.retain(|stranger| stranger.object != 0);
        }
    }
}

/// Whether the place of objects of this type is noted: what holds records, and records.
#[inline]
pub(super) const fn is_kept(id: MessageId) -> bool {
    const KEPT: [MessageId; 14] = [
        MessageId::ResourceSpans,
        MessageId::ResourceLogs,
        MessageId::ResourceMetrics,
        MessageId::ResourceProfiles,
        MessageId::ScopeSpans,
        MessageId::ScopeLogs,
        MessageId::ScopeMetrics,
        MessageId::ScopeProfiles,
        MessageId::Resource,
        MessageId::InstrumentationScope,
        MessageId::LogRecord,
        MessageId::Span,
        MessageId::Metric,
        MessageId::Profile,
    ];
    const BITS: u64 = {
        let (mut bits, mut index) = (0, 0);
        while index < KEPT.len() {
            bits |= 1 << KEPT[index] as u64;
            index += 1;
        }
        bits
    };
    BITS >> id as u64 & 1 == 1
}

/// Names that OTLP had or that its earlier JSON had, and what they are today.
///
/// Source: opentelemetry-proto's change log, 0.4 to 1.0, and its files of those versions.
const OLD_NAMES: &[(&[MessageId], &str, &str)] = {
    use MessageId as M;
    const POINTS: &[MessageId] =
        &[M::NumberDataPoint, M::HistogramDataPoint, M::ExponentialHistogramDataPoint, M::SummaryDataPoint];
    &[
        (&[M::ResourceSpans], "instrumentationLibrarySpans", "scopeSpans"),
        (&[M::ResourceSpans], "instrumentation_library_spans", "scopeSpans"),
        (&[M::ResourceLogs], "instrumentationLibraryLogs", "scopeLogs"),
        (&[M::ResourceLogs], "instrumentation_library_logs", "scopeLogs"),
        (&[M::ResourceMetrics], "instrumentationLibraryMetrics", "scopeMetrics"),
        (&[M::ResourceMetrics], "instrumentation_library_metrics", "scopeMetrics"),
        (&[M::ScopeSpans, M::ScopeLogs, M::ScopeMetrics], "instrumentationLibrary", "scope"),
        (&[M::ScopeSpans, M::ScopeLogs, M::ScopeMetrics], "instrumentation_library", "scope"),
        (&[M::ScopeLogs], "logs", "logRecords"),
        (&[M::LogRecord], "name", "eventName"),
        (&[M::Metric], "intGauge", "gauge"),
        (&[M::Metric], "doubleGauge", "gauge"),
        (&[M::Metric], "intSum", "sum"),
        (&[M::Metric], "doubleSum", "sum"),
        (&[M::Metric], "intHistogram", "histogram"),
        (&[M::Metric], "doubleHistogram", "histogram"),
        (&[M::Metric], "doubleSummary", "summary"),
        (POINTS, "labels", "attributes"),
        (&[M::NumberDataPoint], "value", "asDouble or asInt"),
        (&[M::Exemplar], "value", "asDouble or asInt"),
        (&[M::Exemplar], "filteredLabels", "filteredAttributes"),
        (&[M::Exemplar], "filtered_labels", "filteredAttributes"),
        (&[M::Status], "deprecatedCode", "code"),
    ]
};
