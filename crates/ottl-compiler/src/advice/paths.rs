//! Paths that are none: which context, which path, or which key was meant.

use ottl_core::function::Type;
use ottl_diagnostics::{Code, Diagnostic, Span, is_slip, near_name};
use ottl_schema::{
    ContextId, INFERENCE_PRIORITY, Keys, PathDecl, Signal, context, context_by_name, path_by_name, paths,
};
use ottl_syntax::ast::{Path, Segment};

use super::one_of;
use super::words;

/// Names that other tools have for what a path means: contexts, names, and what to write.
const HABITS: &[(&[ContextId], &[&str], &str)] = &[
    (&[ContextId::Log], &["message", "msg", "text", "log", "line"], "the text of a log record is `log.body`"),
    (
        &[ContextId::Log],
        &["level", "severity", "loglevel", "log_level"],
        "the level is `log.severity_text` as a string, and `log.severity_number` as a number",
    ),
    (&[ContextId::Log], &["timestamp", "ts", "datetime", "date"], "the time of a log record is `log.time`"),
    (
        &[ContextId::Log],
        &["observed_timestamp", "observedtimestamp", "observed", "observed_ts"],
        "the time at which a log record was seen is `log.observed_time`",
    ),
    (
        &[ContextId::Span],
        &["duration", "latency", "elapsed", "duration_ms"],
        "a duration is computed: `Milliseconds(span.end_time - span.start_time)`",
    ),
    (&[ContextId::Span], &["parent_id", "parent", "parentid"], "the id of the parent is `span.parent_span_id`"),
    (
        &[ContextId::Span],
        &["events.attributes", "events.name", "event.attributes", "event.name"],
        "events are looked at one by one, in statements of their own: `spanevent.attributes[\"key\"]`, `spanevent.name`",
    ),
    (
        &[ContextId::Span],
        &["parent.name", "parent.attributes", "parent.kind", "parent.status"],
        "of its parent a span knows the id alone: `span.parent_span_id`",
    ),
    (&[ContextId::SpanEvent], &["timestamp", "ts"], "the time of an event is `spanevent.time`"),
    (
        &[ContextId::DataPoint],
        &["value", "val"],
        "the value of a data point is `datapoint.value_double` or `datapoint.value_int`, as it was recorded",
    ),
    (&[ContextId::DataPoint], &["timestamp", "ts"], "the time of a data point is `datapoint.time`"),
    (
        &[ContextId::DataPoint, ContextId::Metric],
        &["labels", "tags", "dimensions"],
        "what tells points apart are their attributes: `datapoint.attributes[\"key\"]`",
    ),
    (
        &[ContextId::Resource],
        &["name", "service", "service_name", "servicename"],
        "the name of a service is `resource.attributes[\"service.name\"]`",
    ),
    (&[ContextId::Resource], &["version"], "the version of a service is `resource.attributes[\"service.version\"]`"),
    (&[ContextId::Log, ContextId::Span], &["labels", "tags", "fields"], "keys and values are `attributes[\"key\"]`"),
];

/// First parts of the names that semantic conventions give to attributes of resources.
const OF_RESOURCES: &[&str] =
    &["service", "k8s", "host", "cloud", "container", "deployment", "telemetry", "process", "os", "device", "faas"];

/// What other languages ask a value for by a field, and the converter that does.
const METHODS: &[(&[&str], &str)] = &[
    (&["length", "len", "size", "count"], "Len"),
    (&["lower", "lowercase", "tolower", "to_lower"], "ToLowerCase"),
    (&["upper", "uppercase", "toupper", "to_upper"], "ToUpperCase"),
    (&["trim", "strip"], "Trim"),
    (&["keys"], "Keys"),
    (&["values"], "Values"),
];

/// The names of the segments joined by dots.
pub(crate) fn joined(segments: &[Segment]) -> String {
    let names: Vec<&str> = segments.iter().map(|s| s.name.as_str()).collect();
    names.join(".")
}

/// Contexts, those first that lie lowest in a message: the one of the records before what they lie in.
pub(crate) fn lowest_first(contexts: impl IntoIterator<Item = ContextId>) -> Vec<ContextId> {
    let mut contexts: Vec<ContextId> = contexts.into_iter().collect();
    let place = |id: &ContextId| INFERENCE_PRIORITY.iter().position(|name| *name == id.name());
    contexts.sort_by_key(|id| match id {
        ContextId::ProfileSample => (0, 0),
        ContextId::OtelCol => (2, 0),
        _ => (1, place(id).unwrap_or(usize::MAX)),
    });
    contexts
}

/// The key of a processor's body under which the rules of a signal stand.
pub(crate) fn list_of(signal: Signal, filter: bool) -> &'static str {
    match (signal, filter) {
        (Signal::Traces, false) => "trace_statements",
        (Signal::Metrics, false) => "metric_statements",
        (Signal::Logs, false) => "log_statements",
        (Signal::Profiles, false) => "profile_statements",
        (Signal::Traces, true) => "trace_conditions",
        (Signal::Metrics, true) => "metric_conditions",
        (Signal::Logs, true) => "log_conditions",
        (Signal::Profiles, true) => "profile_conditions",
    }
}

/// The paths of this name, with their contexts, lowest first.
fn written_out(contexts: &[ContextId], name: &str) -> Vec<String> {
    let owners = contexts.iter().filter(|id| path_by_name(**id, name).is_some());
    owners.map(|id| format!("{}.{name}", id.name())).collect()
}

/// Whether a path is one word.
fn word(path: &Path) -> Option<&str> {
    match &path.segments[..] {
        [only] if only.keys.is_empty() => Some(&only.name),
        _ => None,
    }
}

/// The diagnostic for a path without a context. The contexts are those that its statement may run in; where only one of them
/// has the path, that is what was meant.
#[cold]
pub(crate) fn missing_context(
    path: &Path,
    contexts: &[ContextId],
    own: ContextId,
    beside: Option<&PathDecl>,
) -> Diagnostic {
    let name = joined(&path.segments);
    let diagnostic =
        Diagnostic::new(Code::MISSING_CONTEXT, path.span, format!("the path `{name}` does not name its context"));
    let contexts = lowest_first(contexts.iter().copied());
    if let Some(diagnostic) = indexed_context(&diagnostic, path, &contexts) {
        return diagnostic;
    }
    match (&written_out(&contexts, &name)[..], word(path)) {
        ([only], _) => {
            let before = Span::new(path.span.start, path.span.start);
            let context = only.strip_suffix(name.as_str()).unwrap_or("");
            let diagnostic = diagnostic.help(format!("write `{only}`"));
            // What many records share is seldom meant where their own has no such path: it may as well be an attribute.
            if matches!(context, "resource." | "scope.") { diagnostic } else { diagnostic.fix(before, context) }
        }
        ([], Some(word)) if beside.is_some() || words::is_literal(word) => {
            words::advised(diagnostic, word, path.span, own, beside)
        }
        ([], word) => {
            let names: Vec<&str> = contexts.iter().map(|id| id.name()).collect();
            let text = word.map_or(String::new(), |word| format!("; strings are in double quotes: `\"{word}\"`"));
            diagnostic.help(format!("begin it with {}{text}", one_of(&names)))
        }
        (several, _) => diagnostic.help(format!("write {}, whichever is meant", one_of(several))),
    }
}

/// `resource["x"]`: a context where one of its maps was meant.
fn indexed_context(diagnostic: &Diagnostic, path: &Path, contexts: &[ContextId]) -> Option<Diagnostic> {
    let [only] = &path.segments[..] else { return None };
    let id = context_by_name(&only.name).filter(|id| contexts.contains(id))?;
    let keys = if only.keys.is_empty() { "" } else { "[...]" };
    let is_map = |path: &PathDecl| path.context == id && matches!(path.keys, Keys::Map | Keys::Body);
    let maps = paths().filter(|(_, path)| is_map(path) && path.name != "cache").map(|(_, path)| path.name);
    let written: Vec<String> = maps.map(|name| format!("{}.{name}{keys}", id.name())).collect();
    let diagnostic = Diagnostic { message: format!("`{}` is a context, and no path", id.name()), ..diagnostic.clone() };
    let behind = Span::new(only.name_span.end, only.name_span.end);
    Some(match &written[..] {
        [] => return None,
        [one] if one.ends_with(".attributes[...]") => {
            diagnostic.help(format!("write `{one}`")).fix(behind, ".attributes")
        }
        several => diagnostic.help(format!("write {}", one_of(several))),
    })
}

/// Where an attribute of this name lies: in the resource, by its first part, or in the record itself.
fn attribute(name: &str, owners: &[ContextId]) -> Option<String> {
    let has = |id: &&ContextId| path_by_name(**id, "attributes").is_some();
    let first = name.split('.').next().unwrap_or_default();
    let of_resource = OF_RESOURCES.contains(&first);
    let resource = owners.iter().filter(|_| of_resource).find(|id| **id == ContextId::Resource);
    let id = resource.or_else(|| owners.iter().find(has))?;
    Some(format!("{}.attributes[\"{name}\"]", id.name()))
}

/// The context that is called like this in the older form of filters, or in other languages.
pub fn context_of_habit(name: &str) -> Option<&'static str> {
    Some(match name {
        "record" | "log_record" | "logrecord" | "logs" => "log",
        "spans" | "trace" | "traces" => "span",
        "event" | "span_event" | "spanevents" => "spanevent",
        "metrics" => "metric",
        "point" | "data_point" | "datapoints" => "datapoint",
        "instrumentation_library" | "instrumentation_scope" | "library" => "scope",
        _ => return None,
    })
}

/// The diagnostic for a first name that is no context.
#[cold]
pub(crate) fn unknown_context(path: &Path, first: &Segment, contexts: &[&str]) -> Diagnostic {
    let name = first.name.as_str();
    let diagnostic = Diagnostic::new(Code::UNKNOWN_CONTEXT, first.name_span, format!("`{name}` is not a context"));
    let meant = context_of_habit(name).filter(|name| contexts.contains(name));
    match meant.or(near_name(name, contexts.iter().copied())) {
        // A trace is more than its spans.
        Some(near) if meant.is_none() && !is_slip(name, near) || name.starts_with("trace") => {
            diagnostic.help(format!("did you mean `{near}`?"))
        }
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")).fix(first.name_span, near),
        None => {
            let owners = lowest_first(contexts.iter().filter_map(|name| context_by_name(name)));
            let known = ContextId::ALL.into_iter().map(ContextId::name);
            let is_key = path.segments.len() > 1
                && path.segments.iter().all(|segment| segment.keys.is_empty())
                && near_name(name, known).is_none();
            let key = match &path.segments[..] {
                [map, rest @ ..] if map.name == "attributes" => joined(rest),
                all => joined(all),
            };
            let whole = joined(&path.segments);
            let elsewhere: Vec<&str> = ContextId::ALL
                .into_iter()
                .filter(|id| path_by_name(*id, &whole).is_some())
                .map(ContextId::name)
                .collect();
            if !elsewhere.is_empty() {
                let of = one_of(&elsewhere);
                return diagnostic.help(format!("`{whole}` is a path of {of}, which these rules cannot read"));
            }
            match attribute(&key, &owners).filter(|_| is_key) {
                Some(written) => diagnostic
                    .help(format!("an attribute is written `{written}`; paths may begin with {}", one_of(contexts))),
                None => diagnostic.help(format!("paths may begin with {}", one_of(contexts))),
            }
        }
    }
}

/// A path that its context does not have.
pub(crate) struct Unknown<'p> {
    pub path: &'p Path,
    /// The context that it is looked for in, and the fields behind it.
    pub owner: ContextId,
    pub fields: &'p [Segment],
    /// The context of the statement, and those that its paths may begin with.
    pub own: ContextId,
    pub contexts: &'p [ContextId],
    /// The path that it is compared with, or written to.
    pub beside: Option<&'static PathDecl>,
}

impl Unknown<'_> {
    /// Adds what was probably meant.
    #[cold]
    pub fn advised(self, diagnostic: Diagnostic) -> Diagnostic {
        let Unknown { path, owner, fields, own, contexts, beside } = self;
        let name = joined(fields);
        let rows = || paths().filter(|(_, p)| p.context == owner).map(|(_, p)| p);
        if let Some(null) = word(path).and_then(words::literal) {
            return diagnostic.help(format!("it is written `{null}`")).fix(path.span, null);
        }
        let names: Vec<&str> = rows().map(|p| p.name).collect();
        if fields.is_empty() {
            return diagnostic.help(format!("its paths are {}", names.join(", ")));
        }
        if let Some(diagnostic) = self.context_inside(&diagnostic) {
            return diagnostic;
        }
        // `body.length`, as other languages ask values.
        if let [value @ .., last] = fields
            && let Some((_, function)) = METHODS.iter().find(|(names, _)| names.contains(&last.name.as_str()))
            && rows().any(|p| p.name == joined(value))
        {
            let text = format!("{}.{}", owner.name(), joined(value));
            return diagnostic.help(format!("a value has no fields; a converter is asked: `{function}({text})`"));
        }
        if let [map, keys @ ..] = fields
            && !keys.is_empty()
            && map.keys.is_empty()
            && rows().any(|p| p.keys == Keys::Body && p.name == map.name)
        {
            let text = format!("{}.{}[\"{}\"]", owner.name(), map.name, joined(keys));
            return diagnostic.help(format!("what lies in a map is written `{text}`"));
        }
        // `attributes.key` is meant as `attributes["key"]`.
        if let [map, keys @ ..] = fields
            && !keys.is_empty()
            && map.keys.is_empty()
            && rows().any(|p| p.keys == Keys::Map && p.name == map.name)
        {
            let key = joined(keys);
            let diagnostic = diagnostic.help(format!("keys stand in brackets: `{}[\"{key}\"]`", map.name));
            // Of several names it is not certain that they are one key.
            return match keys {
                [only] => diagnostic.fix(Span::new(map.name_span.end, only.name_span.end), format!("[\"{key}\"]")),
                _ => diagnostic,
            };
        }
        // `attributes["a"].b` is meant as `attributes["a"]["b"]`.
        if let [map, keys @ ..] = fields
            && !keys.is_empty()
            && !map.keys.is_empty()
            && rows().any(|p| matches!(p.keys, Keys::Map | Keys::Body) && p.name == map.name)
        {
            let written: String = keys.iter().map(|key| format!("[\"{}\"]", key.name)).collect();
            let diagnostic =
                diagnostic.help(format!("what lies in a map has further keys: `{}[...]{written}`", map.name));
            return match keys {
                [only] if only.name_span.start > 0 => {
                    diagnostic.fix(Span::new(only.name_span.start - 1, only.name_span.end), written)
                }
                _ => diagnostic,
            };
        }
        let habit = HABITS.iter().find(|(of, names, _)| of.contains(&owner) && names.contains(&name.as_str()));
        if let Some((.., help)) = habit {
            return diagnostic.help(*help);
        }
        if let Some(near) = near_name(&name, names.iter().copied()) {
            let diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            let (Some(first), Some(last)) = (fields.first(), fields.last()) else { return diagnostic };
            let plain = fields.iter().rev().skip(1).all(|f| f.keys.is_empty());
            let replaced = first.name_span.to(last.name_span);
            return if plain && is_slip(&name, near) { diagnostic.fix(replaced, near) } else { diagnostic };
        }
        let others: Vec<ContextId> = contexts.iter().copied().filter(|id| *id != owner).collect();
        match &written_out(&lowest_first(others), &name)[..] {
            [] => {}
            [only] => return diagnostic.help(format!("write `{only}`")),
            several => return diagnostic.help(format!("write {}, whichever is meant", one_of(several))),
        }
        if word(path).is_some() && beside.is_some() {
            return words::advised(diagnostic, &name, path.span, own, beside);
        }
        if fields.len() > 1 && fields.iter().all(|field| field.keys.is_empty()) && names.contains(&"attributes") {
            let mut owners = vec![owner];
            owners.extend(contexts);
            if let Some(written) = attribute(&name, &owners) {
                return diagnostic.help(format!("an attribute is written `{written}`"));
            }
        }
        diagnostic.help(format!("its paths are {}", names.join(", ")))
    }

    /// `span.resource.attributes`, where the second context alone was meant.
    fn context_inside(&self, diagnostic: &Diagnostic) -> Option<Diagnostic> {
        let [inner, rest @ ..] = self.fields else { return None };
        let id = context_by_name(&inner.name).filter(|id| context(self.own).reaches.contains(id))?;
        // What stands before it is the owner's own name.
        let owner = self.path.segments.first().filter(|first| !std::ptr::eq(*first, inner))?;
        let meant = joined(rest);
        if path_by_name(id, &meant).is_some() {
            let written = format!("{}.{meant}", id.name());
            let before = Span::new(owner.name_span.start, inner.name_span.start);
            return Some(diagnostic.clone().help(format!("write `{written}`")).fix(before, ""));
        }
        if rest.is_empty() && !inner.keys.is_empty() && path_by_name(id, "attributes").is_some() {
            let written = format!("{}.attributes", id.name());
            let replaced = owner.name_span.to(inner.name_span);
            return Some(diagnostic.clone().help(format!("write `{written}[...]`")).fix(replaced, written));
        }
        let has_attributes = path_by_name(id, "attributes").is_some_and(|row| ottl_schema::path(row).read == Type::Map);
        has_attributes.then(|| {
            let key = if meant.is_empty() { String::from("key") } else { meant };
            diagnostic.clone().help(format!("write `{}.attributes[\"{key}\"]`", id.name()))
        })
    }
}
