//! Policies of `tail_sampling`: whether their types ask the OTTL that they hold.
//!
//! A Collector looks at types when it starts, and at nothing else of a policy than what its type asks, so that `validate` finds none of
//! this. Deliberately elsewhere: the conditions (`components`), and the keys (`shapes`).

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};

use super::components::found;
use super::decode::{Decoder, MOST_DIAGNOSTICS};
use super::near;
use super::scalar::Kind;
use super::yaml::{Content, NodeId};

/// The type of policies that ask OTTL, and the key of what they ask.
const OTTL: &str = "ottl_condition";

/// The types of policies of collector-contrib v0.161 to v0.165.
const TYPES: [&str; 17] = [
    "always_sample",
    "and",
    "boolean_attribute",
    "bytes_limiting",
    "composite",
    "drop",
    "latency",
    "not",
    "numeric_attribute",
    OTTL,
    "probabilistic",
    "rate_limiting",
    "span_count",
    "status_code",
    "string_attribute",
    "trace_flags",
    "trace_state",
];

/// Where policies stand.
const PLACES: [&[&str]; 5] = [
    &["policies", "*"],
    &["policies", "**", "and_sub_policy", "*"],
    &["policies", "**", "not_sub_policy"],
    &["policies", "**", "drop_sub_policy", "*"],
    &["policies", "**", "composite_sub_policy", "*"],
];

/// Reports types that are none, policies without the conditions that they ask, and conditions that no policy asks.
pub(super) fn check(decoder: &mut Decoder, body: NodeId) {
    // A reference that is not expanded may stand for anything.
    if decoder.is_raw {
        return;
    }
    let policies: Vec<NodeId> = PLACES.iter().flat_map(|place| found(decoder, body, place)).collect();
    for policy in policies {
        if decoder.diagnostics.len() > MOST_DIAGNOSTICS {
            return;
        }
        if matches!(decoder.tree.value(policy).content, Content::Map(_)) {
            check_one(decoder, policy);
        }
    }
}

fn check_one(decoder: &mut Decoder, policy: NodeId) {
    let kind_id = decoder.tree.member(policy, "type").filter(|id| !decoder.tree.is_null(*id));
    let conditions = decoder.tree.member(policy, OTTL);
    let has_conditions = conditions.is_some_and(|id| holds(decoder, id));
    let Some(kind_id) = kind_id else {
        if has_conditions {
            let message = "this policy has no type, so a Collector does not start";
            let at = conditions.map_or(policy, |id| key_of(decoder, policy, id));
            let diagnostic = Diagnostic::new(Code::UNKNOWN_POLICY_TYPE, decoder.span(at), message);
            decoder.diagnostics.push(diagnostic.help(format!("write `type: {OTTL}` beside it")));
        }
        return;
    };
    let Some(kind) = decoder.tree.key(kind_id).map(str::to_owned) else { return };
    let span = decoder.span(kind_id);
    if kind == OTTL {
        if !has_conditions && !is_blamed(decoder, policy) {
            let at = conditions.map_or(span, |id| decoder.span(key_of(decoder, policy, id)));
            let message = "a policy that asks conditions has none, and a Collector does not start with it";
            let diagnostic = Diagnostic::new(Code::EMPTY_ITEM, at, message);
            let help = format!("conditions stand in the list `{OTTL}: span:`, or `spanevent:` for those of events");
            decoder.diagnostics.push(diagnostic.help(help));
        }
        return;
    }
    let is_known = TYPES.contains(&kind.as_str());
    // A policy of an extension has its settings below the extension's name, which is not nearly that of OTTL.
    let is_extension = |near| near != OTTL && decoder.tree.member(policy, &kind).is_some();
    let near = near_name(&kind, TYPES).filter(|near| !is_known && !is_extension(*near));
    if let Some(near) = near {
        let message = format!("there is no policy type `{kind}`");
        let diagnostic = Diagnostic::new(Code::UNKNOWN_POLICY_TYPE, span, message);
        decoder.diagnostics.push(near::meant(diagnostic, span, &kind, near));
        return;
    }
    if let Some(id) = conditions.filter(|_| has_conditions) {
        let message = format!("a policy of type `{kind}` ignores these conditions, so they never run");
        let diagnostic = Diagnostic::new(Code::UNASKED_CONDITIONS, decoder.span(key_of(decoder, policy, id)), message)
            .other(span, "the type")
            .help(format!("write `type: {OTTL}`; to combine policies use the type `and`"));
        decoder.diagnostics.push(diagnostic);
    }
}

/// Whether there is a condition below `ottl_condition`.
fn holds(decoder: &Decoder, id: NodeId) -> bool {
    ["span", "spanevent"].iter().filter_map(|key| decoder.tree.member(id, key)).any(|list| {
        match &decoder.tree.value(list).content {
            Content::List(items) => !items.is_empty(),
            Content::Scalar(Kind::Str, text) => !text.as_str().is_empty(),
            _ => false,
        }
    })
}

/// The key that a member of a map stands below.
fn key_of(decoder: &Decoder, map: NodeId, member: NodeId) -> NodeId {
    let Content::Map(pairs) = &decoder.tree.value(map).content else { return member };
    pairs.iter().find(|(_, value)| *value == member).map_or(member, |(key, _)| *key)
}

/// Whether something else is wrong with a policy already: a misspelt key with its conditions, which is no extension's then.
fn is_blamed(decoder: &mut Decoder, policy: NodeId) -> bool {
    let all = keys_of(decoder, policy);
    let mut is_blamed = false;
    for found in decoder.diagnostics.iter_mut().filter(|found| all.contains(&found.span)) {
        is_blamed = true;
        if found.code == Code::UNCHECKED_RULES {
            found.code = Code::UNKNOWN_KEY;
            found.message =
                "a policy that asks conditions has no such key, and a Collector does not start with it".into();
        }
    }
    is_blamed
}

/// The keys of a policy, and of what it asks.
fn keys_of(decoder: &Decoder, policy: NodeId) -> Vec<Span> {
    let maps = [Some(policy), decoder.tree.member(policy, OTTL)];
    let pairs = maps.into_iter().flatten().filter_map(|id| match &decoder.tree.value(id).content {
        Content::Map(pairs) => Some(pairs),
        _ => None,
    });
    pairs.flatten().map(|(key, _)| decoder.span(*key)).collect()
}
