//! The filter processor's older forms: lists of conditions by context under `traces`, `metrics`, `logs` and `profiles`, and the matchers
//! from before OTTL (`matchers`); and which of them go together.
//!
//! The reference takes the newer lists first, then the older ones, then matchers. It refuses most of what has several of
//! them; `spans` beside `trace_conditions` it leaves aside without a word.

use ottl_diagnostics::{Code, Diagnostic};
use ottl_schema::{ContextId, Signal};

use super::decode::Decoder;
use super::lists::OlderLists;
use super::matchers::{self, MatcherKey, Matchers, Stands};
use super::rules::{Body, Older, Rules, Settings};
use super::yaml::NodeId;

/// Where the older rules of a signal stand.
pub(super) struct Form {
    signal: Signal,
    /// The newer key.
    newer: &'static str,
    /// The key of the lists, and the lists with their contexts.
    pub lists_key: &'static str,
    pub lists: &'static [(&'static str, ContextId)],
    /// The key of `include` and `exclude`, if the signal has them.
    pub matchers: Option<(&'static str, MatcherKey)>,
}

pub(super) const FORMS: [Form; 4] = [
    Form {
        signal: Signal::Traces,
        newer: "trace_conditions",
        lists_key: "traces",
        lists: &[("resource", ContextId::Resource), ("span", ContextId::Span), ("spanevent", ContextId::SpanEvent)],
        matchers: Some(("spans", MatcherKey::Spans)),
    },
    Form {
        signal: Signal::Metrics,
        newer: "metric_conditions",
        lists_key: "metrics",
        lists: &[("resource", ContextId::Resource), ("metric", ContextId::Metric), ("datapoint", ContextId::DataPoint)],
        matchers: Some(("metrics", MatcherKey::Metrics)),
    },
    Form {
        signal: Signal::Logs,
        newer: "log_conditions",
        lists_key: "logs",
        lists: &[("resource", ContextId::Resource), ("log_record", ContextId::Log)],
        matchers: Some(("logs", MatcherKey::Logs)),
    },
    Form {
        signal: Signal::Profiles,
        newer: "profile_conditions",
        lists_key: "profiles",
        lists: &[("resource", ContextId::Resource), ("profile", ContextId::Profile)],
        matchers: None,
    },
];

/// Matchers that were translated, and where they stand.
#[derive(Debug)]
pub(crate) struct Translated {
    /// The key of the newest form.
    pub newer: &'static str,
    /// The processor's body.
    pub body: NodeId,
    /// The pair of the body that holds the matchers.
    pub key: NodeId,
    pub value: NodeId,
    pub stands: Vec<Stands>,
}

/// A key of a map with its node and its value.
type Pair = (String, NodeId, NodeId);

/// Adds the rules in older forms to those that there are.
pub(super) fn read(decoder: &mut Decoder, body: NodeId, pairs: &[Pair], settings: Settings, into: &mut Body) {
    let error_mode = into.error_mode;
    let rules = &mut into.rules;
    for form in &FORMS {
        let mut lists = Vec::new();
        let mut matchers = Matchers::default();
        let mut room = settings.statements.saturating_add(1);
        let mut first_list = None;
        let mut found = Vec::new();
        let (mut key, mut holder) = (None, None);
        for (name, id, value) in pairs {
            let is_lists = name == form.lists_key;
            let of_matchers = form.matchers.filter(|(key, _)| name == key).map(|(_, matchers)| matchers);
            if !is_lists && of_matchers.is_none() {
                continue;
            }
            key.get_or_insert(*id);
            let mut known: Vec<&str> = Vec::new();
            if is_lists {
                known.extend(form.lists.iter().map(|(name, _)| *name));
            }
            if let Some(of_matchers) = of_matchers {
                holder = Some((*id, *value));
                known.extend(["include", "exclude"]);
                known.extend(of_matchers.others());
            }
            for (name, id, value) in decoder.map(*value, name, &known) {
                let context = form.lists.iter().find(|(list, _)| is_lists && *list == name);
                let Some((_, context)) = context else {
                    if let Some(of_matchers) = of_matchers {
                        matchers.read(decoder, of_matchers, &name, (id, value), settings);
                    }
                    continue;
                };
                if let Some(conditions) = decoder.texts(value, &name, true, &mut room) {
                    first_list.get_or_insert(id);
                    found.push((id, value, *context));
                    let place = decoder.place(decoder.span(id));
                    lists.push(Older { place, context: *context, conditions });
                }
            }
        }
        let Some(key) = key else { continue };
        let newer = pairs.iter().find(|(name, ..)| name == form.newer).map(|(_, id, _)| *id);
        // Null in the newer key leaves it unset, which combines with everything.
        let at = rules.iter().position(|(signal, _)| *signal == form.signal);
        let is_taken = match (at, first_list, matchers.place()) {
            (_, None, None) => false,
            (Some(at), None, Some(place)) if form.signal == Signal::Traces => {
                let is_taken = rules[at].1.is_empty();
                if is_taken {
                    rules.remove(at);
                } else {
                    let message = format!("this matcher is ignored: there are `{}`", form.newer);
                    let mut diagnostic = Diagnostic::new(Code::IGNORED_MATCHER, place, message);
                    if let Some(newer) = newer {
                        diagnostic = diagnostic.other(decoder.span(newer), "they replace it");
                    }
                    decoder.diagnostics.push(diagnostic);
                }
                is_taken
            }
            (Some(_), ..) => {
                let (newer_key, older_key) = (form.newer, form.lists_key);
                let message = format!("`{newer_key}` and `{older_key}` cannot be combined");
                let diagnostic = Diagnostic::new(Code::CONFLICTING_KEYS, decoder.span(key), message)
                    .other(decoder.span(newer.unwrap_or(key)), "the newer form stands here")
                    .help(format!("move the conditions of `{older_key}` into `{newer_key}`"));
                decoder.diagnostics.push(diagnostic);
                continue;
            }
            (None, Some(list), Some(place)) => {
                let message = String::from("matchers and lists of conditions cannot be combined");
                let diagnostic = Diagnostic::new(Code::CONFLICTING_KEYS, place, message)
                    .other(decoder.span(list), "a list of conditions stands here")
                    .help("write what the matcher says as a condition; what meets a condition is dropped");
                decoder.diagnostics.push(diagnostic);
                continue;
            }
            (None, Some(_), None) => {
                if let Some((_, key, value)) = pairs.iter().find(|(name, ..)| name == form.lists_key) {
                    let (newer, key, value, lists) = (form.newer, *key, *value, std::mem::take(&mut found));
                    decoder.older.push(OlderLists { newer, error_mode, key, value, lists });
                }
                false
            }
            (None, None, Some(_)) => true,
        };
        if let Some((_, of_matchers)) = form.matchers.filter(|_| is_taken) {
            let stands = matchers.translate(decoder, of_matchers, settings.statement_length);
            lists = matchers::lists(&stands, decoder);
            if let Some((key, value)) = holder {
                decoder.translated.push(Translated { newer: form.newer, body, key, value, stands });
            }
        }
        if !lists.is_empty() {
            into.keys.push((form.signal, decoder.span(key)));
            rules.push((form.signal, Rules::OlderFilter(lists)));
        }
    }
}
