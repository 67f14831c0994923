//! The contexts, their paths and their enums: one file each, and the tables made of them.

mod datapoint;
mod exemplar;
mod log;
mod metric;
mod otelcol;
mod profile;
mod profilesample;
mod resource;
mod scope;
mod span;
mod spanevent;

use ottl_core::StructKind;
use ottl_core::function::Type;
use ottl_otlp::Signal;
use ottl_otlp::schema::MessageId;
use ottl_otlp::schema::topology::{self, groups};

use crate::{Access, Conv, Fields, Keys, PathDecl, PathId, PointKind};

/// A context: the kind of record that a statement sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContextId {
    /// `resource`
    Resource,
    /// `scope`, also written `instrumentation_scope`
    Scope,
    /// `span`
    Span,
    /// `spanevent`
    SpanEvent,
    /// `metric`
    Metric,
    /// `datapoint`
    DataPoint,
    /// `exemplar`
    Exemplar,
    /// `log`
    Log,
    /// `profile`
    Profile,
    /// `profilesample`
    ProfileSample,
    /// `otelcol`: client information; no context of its own in processors
    OtelCol,
}

/// What there is to know of a context.
#[derive(Debug)]
pub struct ContextDecl {
    /// Which.
    pub id: ContextId,
    /// Its name in paths and configurations.
    pub name: &'static str,
    /// The contexts whose paths its statements may use, itself first; the alias `instrumentation_scope` is accepted
    /// where [`ContextDecl::scope_alias`] says so.
    pub reaches: &'static [ContextId],
    /// Whether `instrumentation_scope.` is an accepted prefix.
    pub scope_alias: bool,
    /// The signals it belongs to.
    pub signals: &'static [Signal],
    /// Whether the transform processor takes it; one that it does not take only the reference's library has.
    pub in_transform: bool,
    /// Whether the filter processor's `*_conditions` take it.
    pub in_filter: bool,
    /// Enum symbols of its statements.
    pub enums: &'static [(&'static str, i64)],
    /// Its own paths.
    pub paths: &'static [PathDecl],
}

/// Path contexts in the order in which inference prefers them. The scope's alias ranks between scope and resource.
pub const INFERENCE_PRIORITY: &[&str] = &[
    "log",
    "exemplar",
    "datapoint",
    "metric",
    "spanevent",
    "span",
    "profile",
    "scope",
    "instrumentation_scope",
    "resource",
];

const CONTEXTS: [&ContextDecl; 11] = [
    &resource::CONTEXT,
    &scope::CONTEXT,
    &span::CONTEXT,
    &spanevent::CONTEXT,
    &metric::CONTEXT,
    &datapoint::CONTEXT,
    &exemplar::CONTEXT,
    &log::CONTEXT,
    &profile::CONTEXT,
    &profilesample::CONTEXT,
    &otelcol::CONTEXT,
];

impl ContextId {
    /// All contexts.
    pub const ALL: [ContextId; 11] = [
        ContextId::Resource,
        ContextId::Scope,
        ContextId::Span,
        ContextId::SpanEvent,
        ContextId::Metric,
        ContextId::DataPoint,
        ContextId::Exemplar,
        ContextId::Log,
        ContextId::Profile,
        ContextId::ProfileSample,
        ContextId::OtelCol,
    ];

    /// The name in paths and configurations.
    pub fn name(self) -> &'static str {
        context(self).name
    }
}

/// The description of a context.
pub const fn context(id: ContextId) -> &'static ContextDecl {
    CONTEXTS[id as usize]
}

/// The context with this name or alias.
pub fn context_by_name(name: &str) -> Option<ContextId> {
    if name == "instrumentation_scope" {
        return Some(ContextId::Scope);
    }
    CONTEXTS.iter().find(|c| c.name == name).map(|c| c.id)
}

/// Every path with its number.
pub fn paths() -> impl Iterator<Item = (PathId, &'static PathDecl)> {
    CONTEXTS.iter().flat_map(|c| c.paths).zip(0u16..).map(|(decl, id)| (PathId(id), decl))
}

/// The path with this number.
///
/// # Panics
/// On a number that [`path_by_name`] and [`paths`] never gave out.
pub fn path(id: PathId) -> &'static PathDecl {
    PATHS[usize::from(id.0)]
}

/// How many paths there are.
const COUNT: usize = {
    let (mut count, mut context) = (0, 0);
    while context < CONTEXTS.len() {
        count += CONTEXTS[context].paths.len();
        context += 1;
    }
    count
};

/// Every path by its number.
///
/// PERF (compiling): a statement asks for its paths a hundred times.
static PATHS: [&PathDecl; COUNT] = {
    let mut all = [&CONTEXTS[0].paths[0]; COUNT];
    let (mut number, mut context) = (0, 0);
    while context < CONTEXTS.len() {
        let (paths, mut place) = (CONTEXTS[context].paths, 0);
        while place < paths.len() {
            all[number] = &paths[place];
            number += 1;
            place += 1;
        }
        context += 1;
    }
    all
};

/// The path of a context with this name (segments joined by dots).
pub fn path_by_name(owner: ContextId, name: &str) -> Option<PathId> {
    let before: usize = CONTEXTS[..owner as usize].iter().map(|context| context.paths.len()).sum();
    let place = context(owner).paths.iter().position(|path| path.name == name)?;
    Some(PathId((before + place) as u16))
}

/// The schema URL beside a resource or scope.
const SCHEMA_URL: u8 = groups::SCHEMA_URL as u8;

/// The number of a field of a message.
const fn number(message: MessageId, name: &str) -> u8 {
    topology::number(message, name) as u8
}

/// The parts of a name around its first dot.
const fn segments(name: &'static str) -> (&'static str, &'static str) {
    let mut at = 0;
    while at < name.len() {
        if name.as_bytes()[at] == b'.' {
            let (first, rest) = name.split_at(at);
            return (first, rest.split_at(1).1);
        }
        at += 1;
    }
    (name, "")
}

/// A row for a singular field that has the name's first segment in the context's messages. In data points it is nil where
/// the kind has none.
const fn field(context: ContextId, name: &'static str, conv: Conv, doc: &'static str) -> PathDecl {
    renamed(context, name, segments(name).0, conv, doc)
}

/// The same for one that has this name.
const fn renamed(
    context: ContextId,
    name: &'static str,
    source: &'static str,
    conv: Conv,
    doc: &'static str,
) -> PathDecl {
    let numbers = Fields::of(context, source);
    let nullable = matches!(context, ContextId::DataPoint) && !numbers.everywhere();
    PathDecl {
        context,
        name,
        access: Access::Field(numbers, conv),
        keys: Keys::None,
        read: conv.type_read(),
        nullable,
        writable: true,
        doc,
    }
}

/// A row for a field of a singular message field: the name's two segments.
const fn nested(context: ContextId, name: &'static str, conv: Conv, doc: &'static str) -> PathDecl {
    let (outer, inner) = segments(name);
    let nullable = matches!(context, ContextId::DataPoint);
    PathDecl {
        context,
        name,
        access: Access::Nested(Fields::of(context, outer), number(message_in(context, outer), inner), conv),
        keys: Keys::None,
        read: conv.type_read(),
        nullable,
        writable: true,
        doc,
    }
}

/// The message that a field of a context's messages holds.
const fn message_in(context: ContextId, name: &str) -> MessageId {
    let mut at = 0;
    while at < PointKind::ALL.len() {
        if let Some(message) = context.message(PointKind::ALL[at])
            && let Some(field) = topology::find(message, name)
            && let Some(inner) = field.message()
        {
            return inner;
        }
        at += 1;
    }
    panic!("the field is a message")
}

/// A row for the map of attributes.
const fn attributes(context: ContextId, name: &'static str, doc: &'static str) -> PathDecl {
    PathDecl {
        context,
        name,
        access: Access::Attributes(Fields::of(context, name)),
        keys: Keys::Map,
        read: Type::Map,
        nullable: false,
        writable: true,
        doc,
    }
}

/// A row for something that needs its own access.
const fn special(
    context: ContextId,
    name: &'static str,
    access: Access,
    read: Type,
    nullable: bool,
    doc: &'static str,
) -> PathDecl {
    PathDecl { context, name, access, keys: Keys::None, read, nullable, writable: true, doc }
}

/// A row for messages that are copied whole, the same kind in every record.
const fn part(context: ContextId, name: &'static str, kind: StructKind, doc: &'static str) -> PathDecl {
    let numbers = Fields::of(context, name);
    let nullable = !numbers.everywhere();
    special(context, name, Access::Part(numbers, [kind; 4]), Type::Any, nullable, doc)
}

/// The row of a context's scratch map.
const fn cache(context: ContextId) -> PathDecl {
    PathDecl {
        context,
        name: "cache",
        access: Access::Cache,
        keys: Keys::Map,
        read: Type::Map,
        nullable: false,
        writable: true,
        doc: "Scratch map of the statements; not part of the telemetry. Empty for every record unless `shared_cache` is set.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_numbers_lead_back() {
        for (id, decl) in paths() {
            assert_eq!(path_by_name(decl.context, decl.name), Some(id), "{}.{}", decl.context.name(), decl.name);
            assert_eq!(path(id).name, decl.name);
        }
        for id in ContextId::ALL {
            assert_eq!(context(id).id, id);
            assert_eq!(context(id).reaches.first(), Some(&id));
            assert!(context(id).paths.iter().all(|p| p.context == id));
        }
    }
}
