//! Metrics that the `signaltometrics` connector makes: what it refuses of them beside their OTTL.
//!
//! Source: the connector's own validation, which is the same in collector-contrib v0.161 to v0.165. Deliberately elsewhere: the keys
//! (`shapes`), values and conditions (`components`).

use std::collections::HashSet;

use ottl_diagnostics::{Code, Diagnostic};

use super::components::found;
use super::decode::{Decoder, MOST_DIAGNOSTICS};
use super::scalar::Kind;
use super::yaml::{Content, NodeId};

/// The kinds of metrics, each the key of what belongs to it.
const KINDS: [&str; 4] = ["sum", "gauge", "histogram", "exponential_histogram"];

/// The lists of attributes of a metric.
const ATTRIBUTES: [&str; 2] = ["attributes", "include_resource_attributes"];

/// Reports metrics that the connector refuses.
pub(super) fn check(decoder: &mut Decoder, body: NodeId) {
    // A reference that is not expanded may stand for anything.
    if decoder.is_raw {
        return;
    }
    let items = |list: NodeId| match &decoder.tree.value(list).content {
        Content::List(items) => items.clone(),
        _ => Vec::new(),
    };
    let metrics: Vec<NodeId> = found(decoder, body, &["+"]).into_iter().flat_map(items).collect();
    for metric in metrics {
        if decoder.diagnostics.len() > MOST_DIAGNOSTICS {
            return;
        }
        if matches!(decoder.tree.value(metric).content, Content::Map(_)) {
            check_one(decoder, metric);
            for list in ATTRIBUTES {
                attributes(decoder, metric, list);
            }
        }
    }
}

fn check_one(decoder: &mut Decoder, metric: NodeId) {
    // A misspelt key is what is missing.
    let of_metric = decoder.span(metric);
    let is_inside = |found: &Diagnostic| of_metric.start <= found.span.start && found.span.end <= of_metric.end;
    if decoder.diagnostics.iter().any(|found| found.code == Code::UNKNOWN_KEY && is_inside(found)) {
        return;
    }
    if is_missing(decoder, metric, "name") {
        refuse(decoder, metric, "a metric without a name", "write `name:` beside its kind");
    }
    let Content::Map(pairs) = &decoder.tree.value(metric).content else { return };
    let mut kinds: Vec<(&str, NodeId, NodeId)> = Vec::new();
    for (key, value) in pairs {
        let kind = decoder.tree.key(*key).and_then(|name| KINDS.into_iter().find(|kind| *kind == name));
        kinds.extend(kind.filter(|_| !decoder.tree.is_null(*value)).map(|kind| (kind, *key, *value)));
    }
    match &kinds[..] {
        [] => {
            let help = "each metric has one of `sum`, `gauge`, `histogram` and `exponential_histogram`";
            refuse(decoder, metric, "a metric without a kind", help);
        }
        [(kind, _, of_kind)] => {
            let is_map = matches!(decoder.tree.value(*of_kind).content, Content::Map(_));
            if is_map && is_missing(decoder, *of_kind, "value") {
                let message = format!("a {} without a value", kind.replace('_', " "));
                refuse(
                    decoder,
                    *of_kind,
                    &message,
                    "write `value:` with what is measured, `1` where records are counted",
                );
            }
        }
        [(first, ..), .., (_, last, _)] => {
            let message = format!("a metric has one kind, and this one already has `{first}`");
            refuse(decoder, *last, &message, "split it into two metrics with different names");
        }
    }
}

/// A list of attributes by their keys.
fn attributes(decoder: &mut Decoder, metric: NodeId, list: &str) {
    let mut seen = HashSet::new();
    for attribute in found(decoder, metric, &[list, "*"]) {
        if !matches!(decoder.tree.value(attribute).content, Content::Map(_)) {
            continue;
        }
        let key = present(decoder, attribute, "key").filter(|_| !is_missing(decoder, attribute, "key"));
        let has_expression = !is_missing(decoder, attribute, "keys_expression");
        if key.is_some() == has_expression {
            let message = match has_expression {
                true => "an attribute has a `key` or a `keys_expression`, not both",
                false => "an attribute without a `key`",
            };
            refuse(decoder, attribute, message, "write `- key: NAME`");
        }
        if let Some(key) = key
            && let Some(name) = decoder.tree.key(key).map(str::to_owned)
            && !seen.insert(name.clone())
        {
            refuse(decoder, key, &format!("duplicate key `{name}` in `{list}`"), "remove one of them");
        }
        let is_optional = decoder
            .tree
            .member(attribute, "optional")
            .is_some_and(|id| matches!(decoder.tree.value(id).content, Content::Scalar(Kind::Bool(true), _)));
        if is_optional && present(decoder, attribute, "default_value").is_some() {
            let message = "an attribute is `optional` or has a `default_value`, not both";
            refuse(decoder, attribute, message, "with a default value it is always there: take `optional` out");
        }
    }
}

/// The value of a key, unless it is nothing.
fn present(decoder: &Decoder, map: NodeId, key: &str) -> Option<NodeId> {
    decoder.tree.member(map, key).filter(|id| !decoder.tree.is_null(*id))
}

/// Whether there is no text, or an empty one.
fn is_missing(decoder: &Decoder, map: NodeId, key: &str) -> bool {
    let Some(id) = present(decoder, map, key) else { return true };
    matches!(&decoder.tree.value(id).content, Content::Scalar(Kind::Str, text) if text.as_str().is_empty())
}

/// Reports a fault at a value, of a map at its first key.
fn refuse(decoder: &mut Decoder, id: NodeId, message: &str, help: &str) {
    let at = match &decoder.tree.value(id).content {
        Content::Map(pairs) => pairs.first().map_or(id, |(key, _)| *key),
        _ => id,
    };
    let diagnostic = Diagnostic::new(Code::INVALID_DERIVED_METRIC, decoder.span(at), message).help(help);
    decoder.diagnostics.push(diagnostic);
    decoder.holds_ottl = true;
}
