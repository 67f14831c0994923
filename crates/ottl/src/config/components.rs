//! OTTL outside of the transform and filter processors: which components of a Collector hold it, where, and what for.
//!
//! A component is a row of a table. Its texts are checked like rules of the context that the row names, and never run here.
//! Deliberately elsewhere: the check (`checks`), and what else these components configure.

use std::collections::HashSet;

use ottl_compiler::ImpliedErrorMode;
use ottl_core::Target;
use ottl_diagnostics::{Code, Span};
use ottl_schema::ContextId;

use super::decode::{Decoder, Place};
use super::derived;
use super::policies;
use super::routes;
use super::shapes::{self, Shape};
use super::text::{Builder, Text};
use super::yaml::{Content, NodeId};

/// What a text is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Whether it holds.
    Condition,
    /// What it is.
    Value,
    /// What it does.
    Statement,
}

/// A text to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// The number of its place.
    pub place: u32,
    pub asked: Asked,
    /// The context; none where its paths tell.
    pub context: Option<ContextId>,
    /// Whether only a number will do.
    pub is_number: bool,
    /// The first place of the list that a condition stands in, of which one is enough; its own where it stands alone.
    pub list: u32,
    /// Whether an error fails the whole message although nobody chose that.
    pub implied_error_mode: ImpliedErrorMode,
}

impl Check {
    /// A text that stands alone.
    pub(super) fn new(place: u32, asked: Asked, context: Option<ContextId>) -> Check {
        Check { place, asked, context, is_number: false, list: place, implied_error_mode: ImpliedErrorMode::None }
    }
}

/// Which part of a configuration components stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Processors,
    Connectors,
    Exporters,
}

impl Section {
    pub const ALL: [Section; 3] = [Section::Processors, Section::Connectors, Section::Exporters];

    /// Its key in a configuration.
    pub fn key(self) -> &'static str {
        match self {
            Section::Processors => "processors",
            Section::Connectors => "connectors",
            Section::Exporters => "exporters",
        }
    }
}

/// A place of a component's configuration that holds OTTL.
struct Slot {
    /// The keys on the way; `*` is any key or item, `**` any way, `+` any signal's key.
    path: &'static [&'static str],
    asked: Asked,
    context: Option<ContextId>,
    /// Whether only a number will do.
    is_number: bool,
}

/// A component that holds OTTL.
struct Component {
    section: Section,
    /// Its type without underscores: newer versions write some of them with.
    kind: &'static str,
    slots: &'static [&'static [Slot]],
    /// What else stands beside them.
    shapes: &'static [Shape],
    /// Whether it is a table of routes, which says its contexts itself.
    has_routes: bool,
    /// Where its error modes stand: keys on the way, as in a slot.
    error_modes: &'static [&'static [&'static str]],
    errors: Errors,
}

/// What becomes of errors where the configuration does not say it.
#[derive(Clone, Copy)]
enum Errors {
    /// They are passed over, or nobody can tell.
    Ignored,
    /// Up to this version of the reference one gives up the whole message, where no `error_mode` is written.
    PropagatedUntil(Target),
    /// One gives up the whole message, and there is no `error_mode`.
    Propagated,
}

const fn conditions(path: &'static [&'static str], context: ContextId) -> Slot {
    Slot { path, asked: Asked::Condition, context: Some(context), is_number: false }
}

const fn value(path: &'static [&'static str], context: Option<ContextId>) -> Slot {
    Slot { path, asked: Asked::Value, context, is_number: false }
}

const fn number(path: &'static [&'static str], context: ContextId) -> Slot {
    Slot { path, asked: Asked::Value, context: Some(context), is_number: true }
}

/// The slots of a list of metrics that are made of a signal.
macro_rules! metrics_of {
    ($list:literal, $context:expr) => {
        [
            conditions(&[$list, "*", "conditions"], $context),
            number(&[$list, "*", "sum", "value"], $context),
            number(&[$list, "*", "gauge", "value"], $context),
            number(&[$list, "*", "histogram", "count"], $context),
            number(&[$list, "*", "histogram", "value"], $context),
            number(&[$list, "*", "exponential_histogram", "count"], $context),
            number(&[$list, "*", "exponential_histogram", "value"], $context),
            value(&[$list, "*", "attributes", "*", "keys_expression"], Some($context)),
            value(&[$list, "*", "include_resource_attributes", "*", "keys_expression"], Some($context)),
        ]
    };
}

const COUNTED: [Slot; 6] = [
    conditions(&["spans", "*", "conditions"], ContextId::Span),
    conditions(&["spanevents", "*", "conditions"], ContextId::SpanEvent),
    conditions(&["metrics", "*", "conditions"], ContextId::Metric),
    conditions(&["datapoints", "*", "conditions"], ContextId::DataPoint),
    conditions(&["logs", "*", "conditions"], ContextId::Log),
    conditions(&["profiles", "*", "conditions"], ContextId::Profile),
];

/// The components of collector-contrib v0.161 to v0.165 that hold OTTL, beside the transform and the filter processor.
static COMPONENTS: [Component; 9] = [
    Component {
        section: Section::Connectors,
        kind: "count",
        slots: &[&COUNTED],
        shapes: &shapes::COUNT,
        has_routes: false,
        error_modes: &[],
        errors: Errors::Propagated,
    },
    Component {
        section: Section::Connectors,
        kind: "sum",
        slots: &[&COUNTED],
        shapes: &shapes::SUM,
        has_routes: false,
        error_modes: &[],
        errors: Errors::Propagated,
    },
    Component {
        section: Section::Connectors,
        kind: "routing",
        slots: &[],
        shapes: &shapes::ROUTING,
        has_routes: true,
        error_modes: &[&["error_mode"]],
        errors: Errors::Ignored,
    },
    Component {
        section: Section::Connectors,
        kind: "signaltometrics",
        slots: &[
            &metrics_of!("spans", ContextId::Span),
            &metrics_of!("datapoints", ContextId::DataPoint),
            &metrics_of!("logs", ContextId::Log),
            &metrics_of!("profiles", ContextId::Profile),
        ],
        shapes: &shapes::SIGNAL_TO_METRICS,
        has_routes: false,
        error_modes: &[&["error_mode"]],
        errors: Errors::PropagatedUntil(Target::V0_161),
    },
    Component {
        section: Section::Processors,
        kind: "tailsampling",
        slots: &[&[
            conditions(&["policies", "**", "ottl_condition", "span"], ContextId::Span),
            conditions(&["policies", "**", "ottl_condition", "spanevent"], ContextId::SpanEvent),
        ]],
        shapes: &shapes::TAIL_SAMPLING,
        has_routes: false,
        error_modes: &[&["policies", "**", "ottl_condition", "error_mode"]],
        errors: Errors::Ignored,
    },
    Component {
        section: Section::Processors,
        kind: "logdedup",
        slots: &[&[conditions(&["conditions"], ContextId::Log)]],
        shapes: &shapes::LOG_DEDUP,
        has_routes: false,
        error_modes: &[],
        errors: Errors::Ignored,
    },
    Component {
        section: Section::Processors,
        kind: "partitioning",
        slots: &[&[value(&["keys", "*"], None)]],
        shapes: &shapes::PARTITIONING,
        has_routes: false,
        error_modes: &[],
        errors: Errors::Ignored,
    },
    Component {
        section: Section::Processors,
        kind: "lookup",
        slots: &[&[value(&["lookups", "*", "key"], None)]],
        shapes: &shapes::LOOKUP,
        has_routes: false,
        error_modes: &[],
        errors: Errors::Ignored,
    },
    Component {
        section: Section::Exporters,
        kind: "honeycombmarker",
        slots: &[&[
            conditions(&["markers", "*", "rules", "resource_conditions"], ContextId::Resource),
            conditions(&["markers", "*", "rules", "log_conditions"], ContextId::Log),
        ]],
        shapes: &shapes::HONEYCOMB_MARKER,
        has_routes: false,
        error_modes: &[],
        errors: Errors::Ignored,
    },
];

/// Whether a component of this name holds OTTL.
pub(crate) fn is_known(section: Section, name: &str) -> bool {
    of(section, name).is_some()
}

/// Whether a component is a table of routes.
pub(super) fn has_routes(section: Section, name: &str) -> bool {
    of(section, name).is_some_and(|component| component.has_routes)
}

/// The number of the only signal that a processor is for.
pub(super) fn signal_of_processor(name: &str) -> Option<usize> {
    match of(Section::Processors, name)?.kind {
        "tailsampling" => Some(0),
        "logdedup" => Some(2),
        _ => None,
    }
}

fn of(section: Section, name: &str) -> Option<&'static Component> {
    let kind = name.split('/').next().unwrap_or_default().trim().replace('_', "");
    COMPONENTS.iter().find(|component| component.section == section && component.kind == kind)
}

/// Collects the texts of a component, at most `room` of them.
pub(crate) fn read(
    decoder: &mut Decoder,
    (section, name): (Section, &str),
    body: NodeId,
    (target, room): (Target, &mut usize),
    checks: &mut Vec<Check>,
) {
    let Some(component) = of(section, name) else { return };
    let (before, faults) = (checks.len(), decoder.diagnostics.len());
    shapes::check(decoder, name, body, component.shapes);
    error_modes(decoder, body, component.error_modes);
    if component.kind == "tailsampling" {
        policies::check(decoder, body);
    }
    if component.kind == "signaltometrics" {
        derived::check(decoder, body);
    }
    if component.has_routes {
        routes::read(decoder, name, body, room, checks);
    }
    for slot in component.slots.iter().copied().flatten() {
        for id in found(decoder, body, slot.path) {
            texts(decoder, id, slot, room, checks);
        }
    }
    // What is wrong there is in the place of OTTL.
    decoder.holds_ottl |= checks.len() > before || decoder.diagnostics.len() > faults;
    let implied = match component.errors {
        Errors::Ignored => ImpliedErrorMode::None,
        Errors::Propagated => ImpliedErrorMode::OnlyPropagate,
        Errors::PropagatedUntil(last) if target > last => ImpliedErrorMode::None,
        Errors::PropagatedUntil(_) => match decoder.tree.member(body, "error_mode") {
            Some(_) => ImpliedErrorMode::None,
            None => ImpliedErrorMode::Propagate,
        },
    };
    checks[before..].iter_mut().for_each(|check| check.implied_error_mode = implied);
}

/// Reports error modes that are none.
fn error_modes(decoder: &mut Decoder, body: NodeId, paths: &[&[&str]]) {
    if decoder.is_raw {
        return;
    }
    let modes: Vec<NodeId> = paths.iter().flat_map(|path| found(decoder, body, path)).collect();
    for id in modes {
        decoder.error_mode(id, true);
    }
}

/// The keys of lists of metrics that are made of a signal.
const SIGNALS: [&str; 6] = ["spans", "spanevents", "metrics", "datapoints", "logs", "profiles"];

/// The values at the end of a path, each once.
pub(super) fn found(decoder: &Decoder, body: NodeId, path: &[&str]) -> Vec<NodeId> {
    let mut at = vec![body];
    for step in path {
        at = match *step {
            "*" => at.iter().flat_map(|id| inside(decoder, *id)).collect(),
            "**" => everything(decoder, at),
            "+" => at.iter().flat_map(|id| SIGNALS.map(|key| decoder.tree.member(*id, key))).flatten().collect(),
            key => at.iter().filter_map(|id| decoder.tree.member(*id, key)).collect(),
        };
        let mut seen = HashSet::new();
        at.retain(|id| seen.insert(*id));
    }
    at
}

fn inside(decoder: &Decoder, id: NodeId) -> Vec<NodeId> {
    match &decoder.tree.value(id).content {
        Content::List(items) => items.clone(),
        Content::Map(pairs) => pairs.iter().map(|(_, value)| *value).collect(),
        _ => Vec::new(),
    }
}

/// All values in values, in the order of the file, each once.
fn everything(decoder: &Decoder, mut open: Vec<NodeId>) -> Vec<NodeId> {
    let (mut out, mut seen) = (Vec::new(), HashSet::new());
    open.reverse();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            out.push(id);
            open.extend(inside(decoder, id).into_iter().rev());
        }
    }
    out
}

/// Says so where a component that is not in the table seems to hold OTTL: a text by a telling key, with a path that begins with
/// a context.
pub(crate) fn unchecked(decoder: &mut Decoder, name: &str, body: NodeId) {
    let mut found = None;
    'maps: for id in everything(decoder, vec![body]) {
        let Content::Map(pairs) = &decoder.tree.value(id).content else { continue };
        for (key, value) in pairs {
            if seems_ottl(decoder, *key, *value) {
                found = Some(*key);
                break 'maps;
            }
        }
    }
    if let Some(key) = found {
        let message = format!("not checked: `{name}` seems to contain OTTL, but its rules are not supported here");
        decoder.report(Code::UNCHECKED_RULES, decoder.span(key), message);
    }
}

/// Whether a key's value seems to be OTTL.
pub(super) fn seems_ottl(decoder: &Decoder, key: NodeId, value: NodeId) -> bool {
    let tells = |key: &str| ["condition", "statement", "ottl"].iter().any(|word| key.contains(word));
    let has_path = |text: &str| {
        text.match_indices(".attributes[\"")
            .any(|(at, _)| ContextId::ALL.iter().any(|id| text[..at].ends_with(ottl_schema::context(*id).name)))
    };
    let is_ottl = |text: &str| {
        if text.contains("attributes[\"") && text.contains(['(', '=', '<', '>']) {
            return true;
        }
        ContextId::ALL.iter().any(|id| {
            let prefix = format!("{}.", ottl_schema::context(*id).name);
            text.match_indices(&prefix).any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
        }) && text.contains(['(', '=', '<', '>'])
    };
    // By another key, only what can be nothing else.
    let is_ottl = |text: &str| if decoder.tree.key(key).is_some_and(tells) { is_ottl(text) } else { has_path(text) };
    match &decoder.tree.value(value).content {
        Content::List(items) => items.iter().any(|item| decoder.tree.key(*item).is_some_and(is_ottl)),
        _ => decoder.tree.key(value).is_some_and(is_ottl),
    }
}

/// The texts of a slot.
fn texts(decoder: &mut Decoder, id: NodeId, slot: &Slot, room: &mut usize, checks: &mut Vec<Check>) {
    let what = *slot.path.last().unwrap_or(&"");
    if slot.asked == Asked::Condition {
        let places = decoder.texts(id, what, true, room).unwrap_or_default();
        let list = places.first().copied().unwrap_or_default();
        let check = |place| Check { list, ..Check::new(place, Asked::Condition, slot.context) };
        checks.extend(places.into_iter().map(check));
        return;
    }
    let span = decoder.span(id);
    if let Some(text) = decoder.text(id, what, true).filter(|_| *room > 0) {
        *room -= 1;
        let place = place(decoder, &text, (0, text.as_str().len()), span);
        checks.push(Check { is_number: slot.is_number, ..Check::new(place, slot.asked, slot.context) });
    }
}

/// A part of a text as a place.
pub(super) fn place(decoder: &mut Decoder, text: &Text, (start, end): (usize, usize), span: Span) -> u32 {
    let mut part = Builder::default();
    part.push(text, start, end);
    let text = part.finish(text.span(start, start).start);
    decoder.places.push(Place::Text { text, span, translated: false });
    (decoder.places.len() - 1) as u32
}
