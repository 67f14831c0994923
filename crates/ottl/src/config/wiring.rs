//! How the parts of a Collector's configuration name each other: sections and signals that are misspelt, and what connectors and
//! other components with OTTL are given by pipelines.
//!
//! Deliberately elsewhere: the processors with rules of their own (`collector`), and what components hold (`components`).

use std::collections::HashMap;

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};

use super::collector::Pipeline;
use super::components::{self, Section, found};
use super::decode::{Decoder, MOST_DIAGNOSTICS};
use super::near;
use super::units::SECTIONS;
use super::yaml::{Content, NodeId};

/// The signals of pipelines, by their numbers.
const SIGNALS: [&str; 4] = ["traces", "metrics", "logs", "profiles"];

/// A component with OTTL other than the transform and the filter processor.
pub(super) struct Wired {
    pub section: Section,
    pub name: String,
    pub key: Span,
    pub body: NodeId,
}

/// Whether what lies at a path lies in a section that is nearly called `processors`.
pub(super) fn lies_in_misspelt(path: &str) -> bool {
    let section = path.split('.').next().unwrap_or_default();
    near_name(section, ["processors"]).is_some()
}

/// Reports keys that are nearly those of sections; whether one is nearly `processors`.
pub(super) fn sections(decoder: &mut Decoder, root: NodeId) -> bool {
    let mut lacks_processors = false;
    for (map, known) in [(Some(root), &SECTIONS[..]), (decoder.tree.member(root, "service"), &["pipelines"])] {
        let Some(Content::Map(pairs)) = map.map(|map| &decoder.tree.value(map).content) else { continue };
        for (key, _) in pairs.clone() {
            let name = decoder.tree.key(key).unwrap_or_default();
            let Some(near) = near_name(name, known.iter().copied()).filter(|_| !known.contains(&name)) else {
                continue;
            };
            let span = decoder.span(key);
            let diagnostic =
                Diagnostic::new(Code::UNKNOWN_KEY, span, format!("a Collector's configuration has no key `{name}`"));
            let diagnostic = near::meant(diagnostic, span, name, near);
            lacks_processors |= near == "processors";
            decoder.holds_ottl = true;
            decoder.diagnostics.push(diagnostic);
        }
    }
    lacks_processors
}

/// The signal of a pipeline, told by its name; a fault of the name is reported.
pub(super) fn signal(decoder: &mut Decoder, key: NodeId) -> Option<usize> {
    let name = decoder.tree.key(key).unwrap_or_default().to_owned();
    let (kind, rest) = match name.split_once('/') {
        Some((kind, rest)) => (kind.trim(), Some(rest.trim())),
        None => (name.trim(), None),
    };
    let span = decoder.span(key);
    let found = SIGNALS.iter().position(|signal| *signal == kind);
    if found.is_some() {
        if rest == Some("") {
            let message = format!("the pipeline `{name}` has a slash, and no name behind it");
            let diagnostic = Diagnostic::new(Code::UNKNOWN_KEY, span, message);
            decoder.diagnostics.push(diagnostic.help(format!("write `{kind}`, or a name behind the slash")));
        }
        return found;
    }
    let message = format!("there is no signal `{kind}`, so `{name}` is no pipeline");
    let mut diagnostic = Diagnostic::new(Code::UNKNOWN_KEY, span, message);
    let near = near_name(kind, SIGNALS);
    diagnostic = match near {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help(format!("a pipeline is called by its signal, {}, and a name", SIGNALS.join(", "))),
    };
    if let Some(near) = near.filter(|_| span.len() == name.len() && name.starts_with(kind)) {
        diagnostic = near::fixed(diagnostic, Span::new(span.start, span.start + kind.len() as u32), kind, near);
    }
    decoder.diagnostics.push(diagnostic);
    SIGNALS.iter().position(|signal| Some(*signal) == near)
}

/// Warns of what pipelines never give to components, and reports routes that lead nowhere.
pub(super) fn check(decoder: &mut Decoder, wired: &[Wired], pipelines: &[Pipeline], is_partial: bool) {
    if pipelines.is_empty() || decoder.is_raw {
        return;
    }
    for one in wired {
        let names = |list: &[(String, NodeId)]| list.iter().any(|(name, _)| *name == one.name);
        let feeding = |pipeline: &&Pipeline| match one.section {
            Section::Processors => names(&pipeline.processors),
            Section::Connectors | Section::Exporters => names(&pipeline.exporters),
        };
        let fed: Vec<usize> = pipelines.iter().filter(feeding).map(|pipeline| pipeline.signal).collect();
        if fed.is_empty() {
            if one.section == Section::Connectors && !is_partial {
                let message = format!("no pipeline exports to `{}`, so its rules never run", one.name);
                let diagnostic = Diagnostic::new(Code::UNUSED_PROCESSOR, one.key, message);
                decoder.diagnostics.push(diagnostic.help("add it to the `exporters` of a pipeline"));
            }
            continue;
        }
        for (signal, at) in wanted(decoder, one) {
            if !fed.contains(&signal) {
                let signal = SIGNALS[signal];
                let message = format!("no {signal} pipeline leads to `{}`, so these rules never run", one.name);
                let diagnostic = Diagnostic::new(Code::UNREACHED_SIGNAL, at, message);
                let help = format!("add it to a {signal} pipeline, or remove the rules");
                decoder.diagnostics.push(diagnostic.help(help));
            }
        }
        if components::has_routes(one.section, &one.name) && !is_partial {
            routes(decoder, one, pipelines);
        }
    }
}

/// The signals that a component has rules for, and where.
fn wanted(decoder: &Decoder, one: &Wired) -> Vec<(usize, Span)> {
    if one.section == Section::Processors {
        let signal = components::signal_of_processor(&one.name);
        return signal.map(|signal| (signal, one.key)).into_iter().collect();
    }
    let signal_of = |key: &str| match key {
        "spans" | "spanevents" | "span" => Some(0),
        "metrics" | "datapoints" | "metric" | "datapoint" => Some(1),
        "logs" | "log" => Some(2),
        "profiles" => Some(3),
        _ => None,
    };
    if components::has_routes(one.section, &one.name) {
        let of_route = |route: NodeId| {
            if let Some(id) = decoder.tree.member(route, "context").filter(|id| !decoder.tree.is_null(*id)) {
                return Some((signal_of(decoder.tree.key(id)?)?, decoder.span(id)));
            }
            let asked = ["condition", "statement"].into_iter().find_map(|key| decoder.tree.member(route, key))?;
            Some((signal_of(named_context(decoder.tree.key(asked)?)?)?, decoder.span(asked)))
        };
        return found(decoder, one.body, &["table", "*"]).into_iter().filter_map(of_route).collect();
    }
    let Content::Map(pairs) = &decoder.tree.value(one.body).content else { return Vec::new() };
    let holds = |id: NodeId| match &decoder.tree.value(id).content {
        Content::List(items) => !items.is_empty(),
        Content::Map(pairs) => !pairs.is_empty(),
        _ => false,
    };
    let of_key = |key: NodeId| Some((signal_of(decoder.tree.key(key)?)?, decoder.span(key)));
    pairs.iter().filter(|(_, value)| holds(*value)).filter_map(|(key, _)| of_key(*key)).collect()
}

/// The context of records that paths of a condition begin with, if it is one alone.
fn named_context(condition: &str) -> Option<&'static str> {
    const CONTEXTS: [&str; 4] = ["span", "metric", "datapoint", "log"];
    let mut found = None;
    // What stands between quotes is text.
    for part in condition.split('"').step_by(2) {
        for word in part.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))) {
            let Some(context) =
                word.split_once('.').and_then(|(first, _)| CONTEXTS.iter().find(|name| **name == first))
            else {
                continue;
            };
            if found.is_some_and(|other| other != *context) {
                return None;
            }
            found = Some(*context);
        }
    }
    found.filter(|_| !condition.contains('\\'))
}

/// Reports routes to pipelines that are not there, or take nothing from the connector.
fn routes(decoder: &mut Decoder, one: &Wired, pipelines: &[Pipeline]) {
    let mut lists = found(decoder, one.body, &["default_pipelines", "*"]);
    lists.extend(found(decoder, one.body, &["table", "*", "pipelines", "*"]));
    let takes = |pipeline: &Pipeline| pipeline.receivers.iter().any(|(receiver, _)| *receiver == one.name);
    let ends: HashMap<&str, bool> =
        pipelines.iter().map(|pipeline| (pipeline.name.as_str(), takes(pipeline))).collect();
    for id in lists {
        if decoder.diagnostics.len() > MOST_DIAGNOSTICS {
            return;
        }
        let Some(name) = decoder.tree.key(id).map(|name| name.trim().to_owned()) else { continue };
        let span = decoder.span(id);
        let diagnostic = match ends.get(name.as_str()) {
            Some(true) => continue,
            Some(false) => {
                let message = format!("the pipeline `{name}` does not receive from `{}`", one.name);
                Diagnostic::new(Code::UNKNOWN_PIPELINE, span, message)
                    .help(format!("name `{}` in its `receivers`", one.name))
            }
            None => {
                let message = format!("there is no pipeline `{name}` for `{}` to send to", one.name);
                let diagnostic = Diagnostic::new(Code::UNKNOWN_PIPELINE, span, message);
                match near_name(&name, ends.iter().filter(|(_, takes)| **takes).map(|(name, _)| *name)) {
                    Some(near) => near::meant_name(diagnostic, span, &name, near),
                    None => diagnostic,
                }
            }
        };
        decoder.diagnostics.push(diagnostic);
    }
}
