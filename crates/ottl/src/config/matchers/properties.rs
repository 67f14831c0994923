//! The properties of an `include` or `exclude`, read out of the YAML tree.
//!
//! Takes and refuses what the Collector's decoder takes and refuses; what the properties may say is checked where they are
//! translated, because the reference checks it only of what it uses.

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};

use super::condition::Item;
use super::values::Raw;
use crate::config::decode::Decoder;
use crate::config::near;
use crate::config::rules::Settings;
use crate::config::scalar::{Kind, float_value};
use crate::config::text::Text;
use crate::config::yaml::{Content, NodeId};

/// What a property is about, and where that is in OTTL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    MatchType,
    /// Options for a cache of results, which is none of ours.
    Regexp,
    /// A text at this path is one of some texts.
    Texts(&'static str),
    /// The same, of a span's service.
    Services,
    /// The same, of a span's kind.
    SpanKinds(&'static str),
    /// A map of attributes at this path has all of some attributes.
    Attributes(&'static str),
    /// The scope is one of these.
    Libraries,
    /// The severity of a log is high enough.
    Severity,
    /// Expressions in the language `expr`.
    Expressions,
    /// What the key of another signal holds: taken, and refused if it holds anything.
    Foreign,
}

/// The keys of a matcher.
pub(super) type Keys = &'static [(&'static str, About)];

pub(super) const LOGS: Keys = &[
    ("match_type", About::MatchType),
    ("resource_attributes", About::Attributes("resource.attributes")),
    ("record_attributes", About::Attributes("log.attributes")),
    ("severity_texts", About::Texts("log.severity_text")),
    ("severity_number", About::Severity),
    ("bodies", About::Texts("log.body.string")),
];

pub(super) const SPANS: Keys = &[
    ("match_type", About::MatchType),
    ("regexp", About::Regexp),
    ("services", About::Services),
    ("span_names", About::Texts("span.name")),
    ("span_kinds", About::SpanKinds("span.kind.deprecated_string")),
    ("attributes", About::Attributes("span.attributes")),
    ("resources", About::Attributes("resource.attributes")),
    ("libraries", About::Libraries),
    ("log_bodies", About::Foreign),
    ("log_severity_texts", About::Foreign),
    ("log_severity_number", About::Foreign),
    ("metric_names", About::Foreign),
];

pub(super) const METRICS: Keys = &[
    ("match_type", About::MatchType),
    ("regexp", About::Regexp),
    ("metric_names", About::Texts("metric.name")),
    ("expressions", About::Expressions),
    ("resource_attributes", About::Attributes("resource.attributes")),
];

/// What a property holds.
#[derive(Debug)]
pub(super) enum Holds {
    Texts(Vec<Item>),
    Attributes(Vec<Attribute>),
    Libraries(Vec<(Item, Option<Item>)>),
    Severity(Severity),
    /// Something, that is not looked at.
    Anything,
}

impl Holds {
    /// Whether the reference takes the property for one that was left out.
    pub fn is_empty(&self) -> bool {
        match self {
            Holds::Texts(items) => items.is_empty(),
            Holds::Attributes(items) => items.is_empty(),
            Holds::Libraries(items) => items.is_empty(),
            Holds::Severity(_) | Holds::Anything => false,
        }
    }
}

/// An attribute that has to be there.
#[derive(Debug)]
pub(super) struct Attribute {
    /// None where it is left out or empty, which the reference refuses.
    pub key: Option<Item>,
    pub value: Raw,
    /// Where the value stands, or else the attribute.
    pub span: Span,
}

/// The lowest severity, by its number, and whether an unknown one will do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Severity {
    pub min: i64,
    pub undefined: bool,
}

/// An `include` or `exclude`.
#[derive(Debug)]
pub(super) struct Side {
    /// Its key.
    pub key: Span,
    pub match_type: Option<Item>,
    /// Negative bounds are refused where there is a cache.
    pub cache: Option<Span>,
    /// What is there, in the order of the keys.
    pub properties: Vec<Property>,
}

#[derive(Debug)]
pub(super) struct Property {
    pub name: &'static str,
    pub key: Span,
    pub about: About,
    pub holds: Holds,
}

impl Side {
    /// Reads the value of `include` or `exclude`; `what` is `logs.include`.
    pub fn read(
        decoder: &mut Decoder,
        (key, value): (NodeId, NodeId),
        what: &str,
        keys: Keys,
        settings: Settings,
    ) -> Side {
        // Every value takes at least a byte of a condition.
        let mut room = settings.statement_length;
        let known: Vec<&str> = keys.iter().map(|(name, _)| *name).collect();
        let mut side = Side { key: decoder.span(key), match_type: None, cache: None, properties: Vec::new() };
        let pairs = decoder.map(value, what, &known);
        for &(name, about) in keys {
            for (_, key, value) in pairs.iter().filter(|(other, ..)| other == name) {
                let holds = match about {
                    About::MatchType => {
                        side.match_type = item(decoder, *value, name);
                        continue;
                    }
                    About::Regexp => {
                        side.cache = cache(decoder, *value);
                        continue;
                    }
                    About::Foreign if name == "log_severity_number" => {
                        decoder.map(*value, name, &["min", "match_undefined"]);
                        (!decoder.tree.is_null(*value)).then_some(Holds::Anything)
                    }
                    About::Texts(_) | About::Services | About::SpanKinds(_) | About::Expressions | About::Foreign => {
                        texts(decoder, *value, name, settings.statements)
                    }
                    About::Attributes(_) => attributes(decoder, *value, name, &mut room),
                    About::Libraries => libraries(decoder, *value, name),
                    About::Severity => severity(decoder, *value),
                };
                let key = decoder.span(*key);
                side.properties.extend(holds.map(|holds| Property { name, key, about, holds }));
            }
        }
        side.properties.retain(|property| !property.holds.is_empty());
        side
    }
}

fn item(decoder: &mut Decoder, id: NodeId, what: &str) -> Option<Item> {
    let span = decoder.span(id);
    decoder.text(id, what, true).map(|text| Item { text, span })
}

fn texts(decoder: &mut Decoder, id: NodeId, what: &str, most: usize) -> Option<Holds> {
    let mut room = most.saturating_add(1);
    let items = decoder.text_items(id, what, true, &mut room)?;
    if items.len() > most {
        let message = format!("`{what}` has more than {most} items");
        decoder.report(Code::TOO_MANY_STATEMENTS, decoder.span(id), message);
    }
    Some(Holds::Texts(items.into_iter().map(|(text, span)| Item { text, span }).collect()))
}

/// The items of a list of maps; none for nothing.
fn items(decoder: &mut Decoder, id: NodeId, what: &str) -> Option<Vec<NodeId>> {
    match &decoder.tree.value(id).content {
        Content::List(items) => Some(items.clone()),
        Content::Scalar(Kind::Null, _) => None,
        _ => {
            decoder.wrong_kind(id, what, "a list of maps");
            None
        }
    }
}

fn attributes(decoder: &mut Decoder, id: NodeId, what: &str, room: &mut usize) -> Option<Holds> {
    let mut out = Vec::new();
    for id in items(decoder, id, what)? {
        let mut span = decoder.span(id);
        let (mut name, mut value) = (None, Raw::Nothing);
        for (key, _, id) in decoder.map(id, what, &["key", "value"]) {
            match key.as_str() {
                "key" => name = item(decoder, id, "key"),
                _ => {
                    value = Raw::read(decoder, id, room);
                    span = decoder.span(id);
                    if *room == 0 {
                        let message = "this value makes a condition longer than it may be";
                        decoder.report(Code::STATEMENT_TOO_LONG, span, message);
                        return None;
                    }
                }
            }
        }
        let key = name.filter(|name| !name.text.as_str().is_empty());
        out.push(Attribute { key, value, span });
    }
    Some(Holds::Attributes(out))
}

fn libraries(decoder: &mut Decoder, id: NodeId, what: &str) -> Option<Holds> {
    let mut out = Vec::new();
    for id in items(decoder, id, what)? {
        let span = decoder.span(id);
        let (mut name, mut version) = (None, None);
        for (key, _, id) in decoder.map(id, what, &["name", "version"]) {
            let read = item(decoder, id, &key);
            if key == "name" { name = read } else { version = read }
        }
        let name = name.unwrap_or_else(|| Item { text: Text::new("", Default::default(), span.start), span });
        out.push((name, version));
    }
    Some(Holds::Libraries(out))
}

fn severity(decoder: &mut Decoder, id: NodeId) -> Option<Holds> {
    if decoder.tree.is_null(id) {
        return None;
    }
    let mut severity = Severity::default();
    for (key, _, id) in decoder.map(id, "severity_number", &["min", "match_undefined"]) {
        match key.as_str() {
            "match_undefined" => severity.undefined = decoder.bool(id, "match_undefined").unwrap_or(false),
            _ => severity.min = minimum(decoder, id),
        }
    }
    Some(Holds::Severity(severity))
}

/// The names of severities; each has three more with 2, 3 and 4 behind it.
const SEVERITIES: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/// What their symbols begin with.
const SYMBOLS: &str = "SEVERITY_NUMBER_";

/// The symbol of a severity from 1 to 24.
pub(super) fn severity_symbol(number: i64) -> Option<String> {
    let number = usize::try_from(number).ok()?.checked_sub(1)?;
    let name = SEVERITIES.get(number / 4)?;
    let step = if number % 4 == 0 { String::new() } else { (number % 4 + 1).to_string() };
    Some(format!("{SYMBOLS}{name}{step}"))
}

/// A severity by its name in any case, or by its number as a text; 0 for none.
fn minimum(decoder: &mut Decoder, id: NodeId) -> i64 {
    let Some(text) = decoder.text(id, "min", true).filter(|text| !text.as_str().is_empty()) else { return 0 };
    let name = text.as_str().to_uppercase();
    let found = (1..=24).find(|number| {
        let symbol = severity_symbol(*number);
        symbol.is_some_and(|symbol| symbol.strip_prefix(SYMBOLS) == Some(&*name)) || number.to_string() == name
    });
    if let Some(number) = found {
        return number;
    }
    let span = decoder.span(id);
    let message = format!("there is no severity `{}`", text.as_str());
    let mut diagnostic = Diagnostic::new(Code::INVALID_MATCHER, span, message).help(
        "the severities are TRACE, DEBUG, INFO, WARN, ERROR and FATAL, with 2, 3 or 4 behind them, and \"1\" to \"24\"",
    );
    if let Some(near) = near_name(&name, SEVERITIES) {
        diagnostic = near::fixed(diagnostic, span, &name, near);
    }
    decoder.diagnostics.push(diagnostic);
    0
}

/// The options of the reference's cache; where it would refuse its size.
pub(super) fn cache(decoder: &mut Decoder, id: NodeId) -> Option<Span> {
    let (mut enabled, mut negative) = (false, None);
    for (key, _, id) in decoder.map(id, "regexp", &["cacheenabled", "cachemaxnumentries"]) {
        if key == "cacheenabled" {
            enabled = decoder.bool(id, &key).unwrap_or(false);
            continue;
        }
        match &decoder.tree.value(id).content {
            Content::Scalar(Kind::Int | Kind::Float, text) => {
                // A fraction is cut off.
                negative = (float_value(text.as_str()) <= -1.0).then(|| decoder.span(id));
            }
            Content::Scalar(Kind::Null, _) => {}
            _ => decoder.wrong_kind(id, &key, "a number"),
        }
    }
    negative.filter(|_| enabled)
}
