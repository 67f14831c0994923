//! The contexts, their paths and their enums: one file each, and the tables made of them.

mod datapoint;
mod exemplar;
mod log;
mod metric;
mod otelcol;
mod resource;
mod scope;
mod span;
mod spanevent;

use ottl_core::StructKind;
use ottl_core::function::Type;
use ottl_otlp::Signal;

use crate::{Access, Conv, Fields, Keys, PathDecl, PathId};

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

const CONTEXTS: [&ContextDecl; 9] = [
    &resource::CONTEXT,
    &scope::CONTEXT,
    &span::CONTEXT,
    &spanevent::CONTEXT,
    &metric::CONTEXT,
    &datapoint::CONTEXT,
    &exemplar::CONTEXT,
    &log::CONTEXT,
    &otelcol::CONTEXT,
];

impl ContextId {
    /// All contexts.
    pub const ALL: [ContextId; 9] = [
        ContextId::Resource,
        ContextId::Scope,
        ContextId::Span,
        ContextId::SpanEvent,
        ContextId::Metric,
        ContextId::DataPoint,
        ContextId::Exemplar,
        ContextId::Log,
        ContextId::OtelCol,
    ];

    /// The name in paths and configurations.
    pub fn name(self) -> &'static str {
        context(self).name
    }

    /// The context of a signal's records: spans, metrics, log records. Profiles have none.
    pub const fn of_records(signal: Signal) -> Option<ContextId> {
        match signal {
            Signal::Traces => Some(ContextId::Span),
            Signal::Metrics => Some(ContextId::Metric),
            Signal::Logs => Some(ContextId::Log),
            Signal::Profiles => None,
        }
    }
}

/// The description of a context.
pub fn context(id: ContextId) -> &'static ContextDecl {
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
    let mut idx = usize::from(id.0);
    for c in CONTEXTS {
        if let Some(decl) = c.paths.get(idx) {
            return decl;
        }
        idx -= c.paths.len();
    }
    unreachable!("path numbers come from this table")
}

/// The path of a context with this name (segments joined by dots).
pub fn path_by_name(owner: ContextId, name: &str) -> Option<PathId> {
    paths().find(|(_, p)| p.context == owner && p.name == name).map(|(id, _)| id)
}

/// A row for a singular field.
const fn field(context: ContextId, name: &'static str, number: u8, conv: Conv, doc: &'static str) -> PathDecl {
    fields(context, name, Fields::one(number), conv, doc)
}

/// A row for a singular field whose number depends on the kind of data point; nil where the kind has none.
const fn fields(context: ContextId, name: &'static str, numbers: Fields, conv: Conv, doc: &'static str) -> PathDecl {
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

/// A row for a field of a singular message field.
const fn nested(
    context: ContextId,
    name: &'static str,
    outer: Fields,
    inner: u8,
    conv: Conv,
    doc: &'static str,
) -> PathDecl {
    let nullable = matches!(context, ContextId::DataPoint);
    PathDecl {
        context,
        name,
        access: Access::Nested(outer, inner, conv),
        keys: Keys::None,
        read: conv.type_read(),
        nullable,
        writable: true,
        doc,
    }
}

/// A row for a map of attributes.
const fn attributes(context: ContextId, name: &'static str, numbers: Fields, doc: &'static str) -> PathDecl {
    PathDecl {
        context,
        name,
        access: Access::Attributes(numbers),
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
const fn part(
    context: ContextId,
    name: &'static str,
    numbers: Fields,
    kind: StructKind,
    doc: &'static str,
) -> PathDecl {
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
