//! The table of a routing connector: conditions, statements and the contexts that routes name.
//!
//! Deliberately elsewhere: whether pipelines of routes are there (`collector`), and the keys (`shapes`).

use std::collections::HashMap;

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};
use ottl_schema::ContextId;

use super::components::{Asked, Check, found, place};
use super::decode::Decoder;
use super::near;
use super::scalar::Kind;
use super::text::Text;
use super::yaml::{Content, NodeId};

/// The contexts of a route: what they are called, and which they are. One of them has a language of its own.
const ROUTES: [(&str, Option<ContextId>); 7] = [
    ("resource", Some(ContextId::Resource)),
    ("span", Some(ContextId::Span)),
    ("metric", Some(ContextId::Metric)),
    ("datapoint", Some(ContextId::DataPoint)),
    ("log", Some(ContextId::Log)),
    ("otelcol", None),
    ("request", None),
];

/// The table of a routing connector.
pub(super) fn read(decoder: &mut Decoder, name: &str, body: NodeId, room: &mut usize, checks: &mut Vec<Check>) {
    let table = decoder.tree.member(body, "table");
    let is_empty = table.is_some_and(|table| match &decoder.tree.value(table).content {
        Content::Scalar(Kind::Null, _) => true,
        Content::List(routes) => routes.is_empty(),
        _ => false,
    });
    if is_empty && !decoder.is_raw {
        let message = format!("the table of `{name}` has no routes");
        let diagnostic = Diagnostic::new(Code::EMPTY_TABLE, decoder.span(table.unwrap_or(body)), message);
        decoder.diagnostics.push(diagnostic.help("a route is a `condition` with the `pipelines` that it leads to"));
        decoder.holds_ottl = true;
    }
    let mut seen: HashMap<(&str, String), Span> = HashMap::new();
    for route in found(decoder, body, &["table", "*"]) {
        decoder.holds_ottl = true;
        if matches!(decoder.tree.value(route).content, Content::Scalar(..) | Content::List(_)) && !decoder.is_raw {
            let message = format!("a route is a map, not {}", decoder.describe(route));
            let diagnostic = Diagnostic::new(Code::WRONG_VALUE_KIND, decoder.span(route), message);
            decoder.diagnostics.push(diagnostic.help("write `- condition: ...`, and below it `pipelines: [...]`"));
            continue;
        }
        if *room == 0 {
            return;
        }
        *room -= 1;
        let context = match decoder.tree.member(route, "context").filter(|id| !decoder.tree.is_null(*id)) {
            Some(id) => match route_context(decoder, id) {
                Some(context) => context,
                None => continue,
            },
            None => ("", None),
        };
        let condition = decoder.tree.member(route, "condition").filter(|id| !decoder.tree.is_null(*id));
        let statement = decoder.tree.member(route, "statement").filter(|id| !decoder.tree.is_null(*id));
        let Some((id, is_condition)) = condition.map(|id| (id, true)).or(statement.map(|id| (id, false))) else {
            if matches!(decoder.tree.value(route).content, Content::Map(_)) && !decoder.is_raw {
                let message = "a route without a condition and without a statement";
                decoder.report(Code::EMPTY_ITEM, decoder.span(route), message);
            }
            continue;
        };
        // COMPAT: newer versions take the pipelines of `route(...)`.
        let is_route =
            decoder.tree.key(id).is_some_and(|text| !is_condition && text.trim_start().starts_with("route("));
        let pipelines = decoder.tree.member(route, "pipelines").map(|id| &decoder.tree.nodes[id].content);
        let has_pipelines = match pipelines {
            Some(Content::List(items)) => !items.is_empty(),
            Some(Content::Scalar(Kind::Null, _)) | None => false,
            Some(_) => true,
        };
        if !has_pipelines && !is_route && !decoder.is_raw {
            decoder.report(Code::EMPTY_ITEM, decoder.span(id), "a route without `pipelines` leads nowhere");
        }
        if let (Some(_), Some(other), false) = (condition, statement, decoder.is_raw) {
            let message = "a route has a condition or a statement, not both";
            decoder.report(Code::CONFLICTING_KEYS, decoder.span(other), message);
        }
        let span = decoder.span(id);
        let Some(text) = decoder.text(id, if is_condition { "condition" } else { "statement" }, true) else { continue };
        let length = text.as_str().len();
        let asked = text.as_str().trim().trim_start_matches("route() where ").to_owned();
        if !decoder.is_raw
            && !is_route
            && let Some(first) = seen.insert((context.0, asked), span)
        {
            let message = "this route repeats one above, so the connector ignores it and its pipelines";
            let diagnostic = Diagnostic::new(Code::REPEATED_ROUTE, span, message).other(first, "this one is used");
            decoder.diagnostics.push(diagnostic.help("list all pipelines in one route, or change the condition"));
        }
        if context.0 == "request" {
            request(decoder, &text, span, is_condition);
        } else if context.0 == "otelcol" {
            let message = format!("not checked: what `{name}` says in the context otelcol");
            decoder.report(Code::UNCHECKED_RULES, span, message);
        } else if is_condition && is_route_statement(text.as_str()) && !decoder.is_raw {
            let message = "`route() where` belongs to a `statement`; a `condition` is what stands behind it";
            let whole = text.as_str();
            let end = whole.find("where").map_or(whole.len(), |at| at + "where".len());
            let at = text.span(0, end);
            let blank = whole[end..].len() - whole[end..].trim_start().len();
            let diagnostic = Diagnostic::new(Code::FUNCTION_OUTSIDE_COMPONENT, at, message);
            let diagnostic = diagnostic.help("take `route() where` away");
            let (old, here) = (text.span(0, end + blank), decoder.sources.text());
            let is_plain = old.of(here) == &whole[..end + blank];
            decoder.diagnostics.push(if is_plain { diagnostic.fix(old, "") } else { diagnostic });
        } else if is_condition {
            let place = place(decoder, &text, (0, length), span);
            checks.push(Check::new(place, Asked::Condition, context.1));
        } else {
            statement_of_route(decoder, &text, span, context.1, checks);
        }
    }
}

/// Whether a text is `route() where CONDITION`.
fn is_route_statement(text: &str) -> bool {
    let rest = text.trim_start().strip_prefix("route").map(str::trim_start);
    let rest =
        rest.and_then(|rest| rest.strip_prefix('(')).map(str::trim_start).and_then(|rest| rest.strip_prefix(')'));
    rest.is_some_and(|rest| rest.trim_start().starts_with("where"))
}

/// The context that a route names; none after a fault was reported.
fn route_context(decoder: &mut Decoder, id: NodeId) -> Option<(&'static str, Option<ContextId>)> {
    let text = decoder.text(id, "context", true)?;
    let found = ROUTES.iter().find(|(name, _)| *name == text.as_str());
    if found.is_none() {
        let names = ROUTES.map(|(name, _)| name);
        let message = format!("the routing connector has no context `{}`", text.as_str());
        let mut diagnostic = Diagnostic::new(Code::UNKNOWN_CONTEXT_NAME, decoder.span(id), message)
            .help(format!("its contexts are {}", names.join(", ")));
        if let Some(near) = near_name(text.as_str(), names) {
            diagnostic = near::fixed(diagnostic, decoder.span(id), text.as_str(), near);
        }
        decoder.diagnostics.push(diagnostic);
    }
    found.copied()
}

/// A route as a statement: `route() where CONDITION`, or an editor of its own.
fn statement_of_route(
    decoder: &mut Decoder,
    text: &Text,
    span: Span,
    context: Option<ContextId>,
    checks: &mut Vec<Check>,
) {
    const EDITORS: [&str; 3] = ["route", "delete_key", "delete_matching_keys"];
    let whole = text.as_str();
    let name = whole.split('(').next().unwrap_or_default().trim();
    let rest = whole.trim_start().strip_prefix("route").map(str::trim_start);
    let rest =
        rest.and_then(|rest| rest.strip_prefix('(')).map(str::trim_start).and_then(|rest| rest.strip_prefix(')'));
    if let Some(rest) = rest.filter(|_| !decoder.is_raw) {
        let after = rest.trim_start().strip_prefix("where").filter(|after| after.starts_with(char::is_whitespace));
        if let Some(after) = after {
            let place = place(decoder, text, (whole.len() - after.trim_start().len(), whole.len()), span);
            checks.push(Check::new(place, Asked::Condition, context));
            return;
        } else if rest.trim().is_empty() {
            return;
        }
    }
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if is_name && whole.contains('(') && !EDITORS.contains(&name) {
        let at = whole.len() - whole.trim_start().len();
        let message = format!("the routing connector has no function `{name}`");
        let diagnostic = Diagnostic::new(Code::FUNCTION_OUTSIDE_COMPONENT, text.span(at, at + name.len()), message)
            .help("a route is `route() where CONDITION`; it can also call delete_key and delete_matching_keys");
        decoder.diagnostics.push(diagnostic);
        return;
    }
    if !is_name && !decoder.is_raw && [" == ", " != ", " > ", " < "].iter().any(|sign| whole.contains(sign)) {
        let message = "a route's statement is `route() where CONDITION`, and this is a condition alone";
        let diagnostic = Diagnostic::new(Code::FUNCTION_OUTSIDE_COMPONENT, span, message);
        decoder.diagnostics.push(diagnostic.help("name it `condition`, in place of `statement`"));
        return;
    }
    let place = place(decoder, text, (0, whole.len()), span);
    checks.push(Check::new(place, Asked::Statement, context));
}

/// A condition about a request, which has a grammar of its own: `request["key"] == "value"`.
fn request(decoder: &mut Decoder, text: &Text, span: Span, is_condition: bool) {
    let quoted = |text: &str| text.len() > 1 && text.starts_with('"') && text.ends_with('"');
    // COMPAT: signs are counted wherever they stand, so that there is no `and` and no sign in a text.
    let signs = |text: &str| text.matches("==").count() + text.matches("!=").count();
    let is_sound = || {
        let (key, rest) = text.as_str().trim().strip_prefix("request[")?.split_once(']')?;
        let rest = rest.trim_start();
        let value = rest.strip_prefix("==").or_else(|| rest.strip_prefix("!="))?;
        (quoted(key) && quoted(value.trim()) && signs(text.as_str()) == 1).then_some(())
    };
    if !is_condition || is_sound().is_none() {
        let message = "a route about requests is a condition of the form `request[\"key\"] == \"value\"`";
        decoder.report(Code::INVALID_REQUEST_CONDITION, span, message);
    }
}
