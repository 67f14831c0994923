//! The keys beside OTTL in other components than the transform and the filter processor: a misspelt one would hide rules.
//!
//! A row says what stands at a path. Keys of components that are known whole are faults where they are unknown, as the Collector's
//! decoder takes no others; of the rest only what is nearly a known key, or holds OTTL, is said not to be checked.
//! Deliberately elsewhere: the OTTL itself (`components`).

use ottl_diagnostics::{Code, Diagnostic, near_name};

use super::components::{found, seems_ottl};
use super::decode::{Decoder, MOST_DIAGNOSTICS};
use super::near;
use super::yaml::{Content, NodeId};

/// What a value has to be.
enum Form {
    /// A map of these keys.
    Closed(&'static [&'static str]),
    /// A map of these keys, and of others that are somebody else's.
    Open(&'static [&'static str]),
    /// A map of any keys.
    Table,
    List,
}

/// What stands at a path of a component's configuration.
pub(super) struct Shape {
    /// The keys on the way, as in a slot.
    path: &'static [&'static str],
    /// What a message calls it: nothing for the component itself.
    what: &'static str,
    form: Form,
}

const fn shape(path: &'static [&'static str], what: &'static str, form: Form) -> Shape {
    Shape { path, what, form }
}

pub(super) static COUNT: [Shape; 3] = [
    shape(&[], "", Form::Closed(&["spans", "spanevents", "metrics", "datapoints", "logs", "profiles"])),
    shape(&["+"], "a table of counts", Form::Table),
    shape(&["+", "*"], "a count", Form::Closed(&["description", "conditions", "attributes"])),
];

pub(super) static SUM: [Shape; 2] = [
    shape(&[], "", Form::Open(&["spans", "spanevents", "metrics", "datapoints", "logs", "profiles"])),
    shape(&["+", "*"], "a sum", Form::Open(&["description", "conditions", "attributes", "source_attribute"])),
];

pub(super) static ROUTING: [Shape; 3] = [
    shape(&[], "", Form::Open(&["error_mode", "default_pipelines", "table"])),
    shape(&["table"], "`table`", Form::List),
    shape(&["table", "*"], "a route", Form::Open(&["context", "statement", "condition", "pipelines", "action"])),
];

pub(super) static SIGNAL_TO_METRICS: [Shape; 7] = [
    shape(&[], "", Form::Closed(&["spans", "datapoints", "logs", "profiles", "error_mode"])),
    shape(&["+"], "what is made of a signal", Form::List),
    shape(
        &["+", "*"],
        "a metric",
        Form::Closed(&[
            "name",
            "description",
            "unit",
            "include_resource_attributes",
            "attributes",
            "conditions",
            "histogram",
            "exponential_histogram",
            "sum",
            "gauge",
        ]),
    ),
    shape(&["+", "*", "sum"], "a sum", Form::Closed(&["value", "monotonic"])),
    shape(&["+", "*", "gauge"], "a gauge", Form::Closed(&["value"])),
    shape(&["+", "*", "histogram"], "a histogram", Form::Closed(&["buckets", "count", "value"])),
    shape(
        &["+", "*", "exponential_histogram"],
        "an exponential histogram",
        Form::Closed(&["max_size", "count", "value"]),
    ),
];

/// The keys of a policy; one of an extension has the extension's name too.
const POLICY: [&str; 17] = [
    "name",
    "type",
    "latency",
    "numeric_attribute",
    "probabilistic",
    "status_code",
    "string_attribute",
    "rate_limiting",
    "bytes_limiting",
    "span_count",
    "trace_state",
    "boolean_attribute",
    "ottl_condition",
    "and",
    "not",
    "drop",
    "composite",
];

pub(super) static TAIL_SAMPLING: [Shape; 10] = [
    shape(
        &[],
        "",
        Form::Closed(&[
            "decision_wait",
            "decision_wait_after_root_received",
            "num_traces",
            "block_on_overflow",
            "expected_new_traces_per_sec",
            "policies",
            "decision_cache",
            "tail_storage",
            "sample_on_first_match",
            "sampling_strategy",
            "drop_pending_traces_on_shutdown",
            "maximum_trace_size_bytes",
            "num_shards",
        ]),
    ),
    shape(&["policies"], "`policies`", Form::List),
    shape(&["policies", "*"], "a policy", Form::Open(&POLICY)),
    shape(&["policies", "*", "and"], "an `and` policy", Form::Closed(&["and_sub_policy"])),
    shape(&["policies", "*", "not"], "a `not` policy", Form::Closed(&["not_sub_policy"])),
    shape(&["policies", "*", "drop"], "a `drop` policy", Form::Closed(&["drop_sub_policy"])),
    shape(&["policies", "**", "and_sub_policy", "*"], "a policy", Form::Open(&POLICY)),
    shape(&["policies", "**", "drop_sub_policy", "*"], "a policy", Form::Open(&POLICY)),
    shape(&["policies", "**", "composite_sub_policy", "*"], "a policy", Form::Open(&POLICY)),
    shape(
        &["policies", "**", "ottl_condition"],
        "a policy's condition",
        Form::Closed(&["error_mode", "span", "spanevent"]),
    ),
];

pub(super) static LOG_DEDUP: [Shape; 1] = [shape(
    &[],
    "",
    Form::Open(&[
        "log_count_attribute",
        "interval",
        "timezone",
        "exclude_fields",
        "include_fields",
        "conditions",
        "timestamp_mode",
    ]),
)];

pub(super) static PARTITIONING: [Shape; 1] = [shape(&[], "", Form::Open(&["keys"]))];

pub(super) static LOOKUP: [Shape; 4] = [
    shape(&[], "", Form::Open(&["source", "lookups"])),
    shape(&["lookups"], "`lookups`", Form::List),
    shape(&["lookups", "*"], "a lookup", Form::Open(&["key", "context", "attributes"])),
    shape(
        &["lookups", "*", "attributes", "*"],
        "a destination",
        Form::Open(&["source", "destination", "default", "context"]),
    ),
];

pub(super) static HONEYCOMB_MARKER: [Shape; 3] = [
    shape(&[], "", Form::Open(&["api_key", "api_url", "markers"])),
    shape(
        &["markers", "*"],
        "a marker",
        Form::Open(&["type", "color", "message_key", "url_key", "rules", "dataset_slug"]),
    ),
    shape(&["markers", "*", "rules"], "a marker's rules", Form::Open(&["log_conditions", "resource_conditions"])),
];

/// A key that a component once had.
struct Gone {
    /// The type of the component, without underscores.
    kind: &'static str,
    key: &'static str,
    /// What became of it: it ends a message.
    what: &'static str,
    instead: &'static str,
}

/// Keys of earlier versions, and of the processor that a connector came of, which a Collector refuses.
const GONE: [Gone; 5] = [
    Gone {
        kind: "routing",
        key: "match_once",
        what: "was taken out in v0.120 of the reference",
        instead: "a record takes the first route that it meets; where it shall take several, use a connector for each table",
    },
    Gone { kind: "routing", key: "default_exporters", what: OF_PROCESSOR, instead: "write `default_pipelines`" },
    Gone { kind: "routing", key: "from_attribute", what: OF_PROCESSOR, instead: "write a `condition` in each route" },
    Gone { kind: "routing", key: "attribute_source", what: OF_PROCESSOR, instead: "write a `context` in each route" },
    Gone { kind: "routing", key: "exporters", what: OF_PROCESSOR, instead: "write `pipelines`" },
];

const OF_PROCESSOR: &str = "is one of the routing processor, which is no more";

/// Reports what a component has in place of what it should have.
pub(super) fn check(decoder: &mut Decoder, name: &str, body: NodeId, shapes: &[Shape]) {
    // A reference that is not expanded may stand for anything.
    if decoder.is_raw {
        return;
    }
    for shape in shapes {
        let what = if shape.what.is_empty() { format!("`{name}`") } else { shape.what.to_owned() };
        for id in found(decoder, body, shape.path) {
            if decoder.diagnostics.len() > MOST_DIAGNOSTICS {
                return;
            }
            // What stands in a value of another kind tells nothing.
            if !is_of_form(decoder, id, (name, &what), &shape.form) {
                return;
            }
        }
    }
}

/// Reports the unknown keys of a map; false after a value of the wrong kind was reported.
fn is_of_form(decoder: &mut Decoder, id: NodeId, (component, what): (&str, &str), form: &Form) -> bool {
    let (pairs, known, is_closed) = match (form, &decoder.tree.value(id).content) {
        (_, Content::Scalar(..)) if decoder.tree.is_null(id) => return true,
        (Form::List, Content::List(_)) | (Form::Table, Content::Map(_)) => return true,
        // Other versions may take more kinds.
        (Form::Open(_), Content::Scalar(..) | Content::List(_)) => return true,
        (Form::Closed(known), Content::Map(pairs)) => (pairs.clone(), *known, true),
        (Form::Open(known), Content::Map(pairs)) => (pairs.clone(), *known, false),
        _ => {
            let wanted = if matches!(form, Form::List) { "a list" } else { "a map" };
            let message = format!("{what} is {wanted}, not {}", decoder.describe(id));
            decoder.report(Code::WRONG_VALUE_KIND, decoder.span(id), message);
            decoder.holds_ottl = true;
            return false;
        }
    };
    // A policy of an extension has its settings below the extension's name.
    let kind = decoder.tree.member(id, "type").and_then(|id| decoder.tree.key(id)).map(str::to_owned);
    for (key, value) in pairs {
        let Some(name) = decoder.tree.key(key) else { continue };
        if known.contains(&name) || decoder.diagnostics.len() > MOST_DIAGNOSTICS {
            continue;
        }
        let span = decoder.span(key);
        let kind_of = component.split('/').next().unwrap_or_default().trim().replace('_', "");
        if let Some(gone) = GONE.iter().find(|gone| gone.kind == kind_of && gone.key == name) {
            let message = format!("the key `{name}` {}", gone.what);
            decoder.diagnostics.push(Diagnostic::new(Code::KEY_OUTSIDE_VERSION, span, message).help(gone.instead));
            decoder.holds_ottl = true;
            continue;
        }
        let mut diagnostic = if is_closed {
            Diagnostic::new(Code::UNKNOWN_KEY, span, format!("{what} has no key `{name}`"))
        } else {
            let is_near = near_name(name, known.iter().copied()).is_some() && kind.as_deref() != Some(name);
            if !is_near && !seems_ottl(decoder, key, value) {
                continue;
            }
            let message = format!("not checked: no key `{name}` of {what} is known here");
            Diagnostic::new(Code::UNCHECKED_RULES, span, message)
        };
        // Whatever it was meant to be, it is in the place of OTTL.
        decoder.holds_ottl = true;
        diagnostic = match nearest(name, known) {
            Some(near) => near::meant(diagnostic, span, name, near),
            None => diagnostic.help(format!("its keys are {}", known.join(", "))),
        };
        decoder.diagnostics.push(diagnostic);
    }
    true
}

/// The known key that is meant: one near by, or the only one with the beginning (`policy` for `policies`, `val` for `value`).
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let stem = name.get(..name.len().saturating_sub(1)).filter(|stem| stem.len() > 1);
    let mut begin = known.iter().copied().filter(|key| stem.is_some_and(|stem| key.starts_with(stem)));
    near_name(name, known.iter().copied()).or_else(|| begin.next().filter(|_| begin.next().is_none()))
}
