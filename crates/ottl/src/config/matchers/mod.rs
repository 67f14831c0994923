//! The filter processor's matchers from before OTTL: `include` and `exclude` of `spans`, `metrics` and `logs`.
//!
//! They are translated to conditions that say the same, and run as those: no engine knows of them. What `include` says is
//! turned round, because what meets a condition is dropped.
//!
//! - `properties`: what stands in the YAML; `values`: conditions on attributes; `condition`: their text.
//!
//! INVARIANT: a condition drops what the reference's matcher drops, but for values that `spec/differences.md` names.
//! Deliberately elsewhere: which form of rules goes before which (`rules`).

mod condition;
mod properties;
mod values;

use ottl_core::number;
use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_regex::Regex;
use ottl_schema::ContextId;

use self::condition::{Condition, Item, Phrase};
use self::properties::{About, Attribute, Holds, Keys, Property, Severity, Side, severity_symbol};
use self::values::{Raw, Values, attribute, exists};
use super::decode::{Decoder, Place};
use super::rules::{Older, Settings};
use super::text::Text;
use super::yaml::NodeId;

/// What `match_type` may say; the last one is refused.
pub(super) const MATCH_TYPES: [&str; 3] = ["strict", "regexp", "expr"];

/// What the reference takes for the name of a service that has none.
const NO_SERVICE: &str = "<nil-service-name>";

/// A key of the filter processor that holds matchers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MatcherKey {
    Spans,
    Metrics,
    Logs,
}

impl MatcherKey {
    fn name(self) -> &'static str {
        match self {
            MatcherKey::Spans => "spans",
            MatcherKey::Metrics => "metrics",
            MatcherKey::Logs => "logs",
        }
    }

    /// The keys beside `include` and `exclude`.
    pub fn others(self) -> &'static [&'static str] {
        if self == MatcherKey::Metrics { &["regexp"] } else { &[] }
    }

    /// The names of what `include` and `exclude` hold.
    pub fn properties(self) -> impl Iterator<Item = &'static str> {
        self.keys().iter().filter(|(_, about)| *about != About::Foreign).map(|(name, _)| *name)
    }

    fn keys(self) -> Keys {
        match self {
            MatcherKey::Spans => properties::SPANS,
            MatcherKey::Metrics => properties::METRICS,
            MatcherKey::Logs => properties::LOGS,
        }
    }

    fn context(self) -> ContextId {
        match self {
            MatcherKey::Spans => ContextId::Span,
            MatcherKey::Metrics => ContextId::Metric,
            MatcherKey::Logs => ContextId::Log,
        }
    }
}

/// What is there of a signal's matchers.
#[derive(Debug, Default)]
pub(crate) struct Matchers {
    include: Option<Side>,
    exclude: Option<Side>,
}

impl Matchers {
    /// Reads `include`, `exclude`, or another key beside them.
    pub fn read(
        &mut self,
        decoder: &mut Decoder,
        of: MatcherKey,
        name: &str,
        (key, value): (NodeId, NodeId),
        settings: Settings,
    ) {
        if name == "regexp" {
            properties::cache(decoder, value);
        } else if !decoder.tree.is_null(value) {
            let what = format!("{}.{name}", of.name());
            let side = Side::read(decoder, (key, value), &what, of.keys(), settings);
            if name == "include" { self.include = Some(side) } else { self.exclude = Some(side) }
        }
    }

    /// Where the first of them stands, if there is one.
    pub fn place(&self) -> Option<Span> {
        self.include.as_ref().or(self.exclude.as_ref()).map(|side| side.key)
    }

    /// The conditions that stand for them, by the context that they are asked in. `length`: how many bytes a condition may
    /// have.
    pub fn translate(&self, decoder: &mut Decoder, of: MatcherKey, length: usize) -> Vec<Stands> {
        let mut out = Vec::new();
        for (side, name) in [(&self.include, "include"), (&self.exclude, "exclude")] {
            let Some(side) = side else { continue };
            let at = side.key.start;
            let values = Values { at, room: length };
            let mut translator = Translator { decoder, side, values, type_reported: false, at };
            let faults = translator.decoder.diagnostics.len();
            for (context, conditions) in translator.properties(of, name) {
                // What is at fault would only raise faults that follow from that.
                if conditions.is_empty() || decoder.diagnostics.len() > faults {
                    continue;
                }
                let condition = Condition::all(conditions);
                let condition = if name == "include" { condition.negated() } else { condition };
                let text = condition.text(at);
                decoder.places.push(Place::Text { text, span: side.key, translated: true });
                let place = (decoder.places.len() - 1) as u32;
                out.push(Stands { matcher: format!("{}.{name}", of.name()), key: side.key, context, place });
            }
        }
        // The reference asks resources first.
        out.sort_by_key(|stands| stands.context != ContextId::Resource);
        out
    }
}

/// A condition that stands for a matcher, or for what that says of one context.
#[derive(Clone, Debug)]
pub(crate) struct Stands {
    /// `logs.exclude`.
    pub matcher: String,
    /// Where `include` or `exclude` stands.
    pub key: Span,
    pub context: ContextId,
    /// The number of the condition's place.
    pub place: u32,
}

/// Lists of conditions for the contexts of some, which follow each other.
pub(crate) fn lists(stands: &[Stands], decoder: &mut Decoder) -> Vec<Older> {
    let list = |group: &[Stands]| {
        let conditions = group.iter().map(|one| one.place).collect();
        Older { place: decoder.place(group[0].key), context: group[0].context, conditions }
    };
    stands.chunk_by(|one, next| one.context == next.context).map(list).collect()
}

/// How texts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum MatchType {
    Strict,
    Regexp,
}

struct Translator<'t> {
    decoder: &'t mut Decoder,
    side: &'t Side,
    values: Values,
    /// Whether the match type has been complained of.
    type_reported: bool,
    /// Where words of ours stand.
    at: u32,
}

impl Translator<'_> {
    fn refuse(&mut self, span: Span, message: String) {
        self.decoder.report(Code::INVALID_MATCHER, span, message);
    }

    /// The match type, where it matters.
    fn match_type(&mut self) -> Option<MatchType> {
        let given = self.side.match_type.as_ref();
        let found = match given.map(|item| item.text.as_str()) {
            Some("strict") => Some(MatchType::Strict),
            Some("regexp") => Some(MatchType::Regexp),
            _ => None,
        };
        if found.is_none() && !std::mem::replace(&mut self.type_reported, true) {
            let (span, message) = match given {
                Some(item) => (item.span, format!("there is no match type `{}` for this", item.text.as_str())),
                None => (self.side.key, String::from("this matcher has no `match_type`")),
            };
            let diagnostic =
                Diagnostic::new(Code::INVALID_MATCHER, span, message).help("the match types are strict and regexp");
            self.decoder.diagnostics.push(diagnostic);
        }
        if let (Some(MatchType::Regexp), Some(span)) = (found, self.side.cache) {
            self.refuse(span, String::from("the bound of the cache of results is negative"));
        }
        found
    }

    /// The conditions of all properties, each with the context that they are asked in.
    fn properties(&mut self, of: MatcherKey, name: &str) -> Vec<(ContextId, Vec<Condition>)> {
        let side = self.side;
        let is_expr = of == MatcherKey::Metrics
            && side.match_type.as_ref().is_some_and(|match_type| match_type.text.as_str() == "expr");
        if of == MatcherKey::Spans && !side.properties.iter().any(|property| property.about != About::Foreign) {
            let message = format!("`spans.{name}` matches nothing in particular");
            let diagnostic = Diagnostic::new(Code::INVALID_MATCHER, side.key, message)
                .help("give it one of services, span_names, span_kinds, attributes, resources and libraries");
            self.decoder.diagnostics.push(diagnostic);
        }
        let (mut resource, mut own) = (Vec::new(), Vec::new());
        for property in &side.properties {
            match (&property.about, of) {
                (About::Expressions, _) if is_expr => self.refuse_expressions(property),
                (About::Foreign, _) => {
                    let message = format!("`{}` is not for spans", property.name);
                    self.refuse(property.key, message);
                }
                (About::Texts(_), _) if is_expr => {}
                (About::Attributes(_), MatcherKey::Metrics) => self.property(property, &mut resource),
                _ => self.property(property, &mut own),
            }
        }
        vec![(ContextId::Resource, resource), (of.context(), own)]
    }

    fn refuse_expressions(&mut self, property: &Property) {
        let message = "`match_type: expr` is not supported: its expressions are in a language of their own";
        let diagnostic = Diagnostic::new(Code::UNSUPPORTED_MATCHER, property.key, message)
            .help("write conditions: `HasLabel(\"k\")` is `HasAttrKeyOnDatapoint(\"k\")`, and `Label(\"k\") == \"v\"` is `HasAttrOnDatapoint(\"k\", \"v\")`");
        self.decoder.diagnostics.push(diagnostic);
    }

    fn property(&mut self, property: &Property, out: &mut Vec<Condition>) {
        let at = self.at;
        match (&property.holds, property.about) {
            (Holds::Texts(items), About::Texts(path)) => self.texts(&Phrase::new(path, at), items, out),
            (Holds::Texts(items), About::SpanKinds(path)) => {
                if self.side.match_type.as_ref().is_some_and(|given| given.text.as_str() == "strict") {
                    items.iter().for_each(|item| self.span_kind(item));
                }
                self.texts(&Phrase::new(path, at), items, out);
            }
            (Holds::Texts(items), About::Services) => self.services(items, out),
            (Holds::Attributes(items), About::Attributes(map)) => {
                items.iter().for_each(|item| self.attribute(&Phrase::new(map, at), item, out));
            }
            (Holds::Libraries(items), _) => {
                for (name, version) in items {
                    self.texts(&Phrase::new("scope.name", at), std::slice::from_ref(name), out);
                    if let Some(version) = version {
                        self.texts(&Phrase::new("scope.version", at), std::slice::from_ref(version), out);
                    }
                }
            }
            (Holds::Severity(severity), _) => out.push(severity_condition(*severity, at)),
            _ => {}
        }
    }

    /// That a text is one of some texts, or matches one of some patterns.
    fn texts(&mut self, path: &Phrase, items: &[Item], out: &mut Vec<Condition>) {
        let Some(match_type) = self.match_type() else { return };
        let mut any: Vec<Condition> = Vec::with_capacity(items.len());
        for item in items {
            if !self.values.spend(item.text.as_str().len()) {
                break;
            }
            any.push(match match_type {
                MatchType::Strict => path.clone().word(" == ").string(item).condition(),
                MatchType::Regexp => {
                    let Some(_) = self.regex(item) else { continue };
                    self.is_match(path, item)
                }
            });
        }
        out.push(Condition::any(any));
    }

    fn is_match(&self, path: &Phrase, pattern: &Item) -> Condition {
        Phrase::new("IsMatch(", self.at).then(path).word(", ").string(pattern).word(")").condition()
    }

    fn span_kind(&mut self, item: &Item) {
        const KINDS: [&str; 5] = ["INTERNAL", "CLIENT", "SERVER", "CONSUMER", "PRODUCER"];
        let kind = item.text.as_str().strip_prefix("SPAN_KIND_");
        if !kind.is_some_and(|kind| KINDS.contains(&kind)) {
            let message = format!("there is no span kind `{}`", item.text.as_str());
            let diagnostic = Diagnostic::new(Code::INVALID_MATCHER, item.span, message)
                .help(format!("the kinds are {}", KINDS.map(|kind| format!("SPAN_KIND_{kind}")).join(", ")));
            self.decoder.diagnostics.push(diagnostic);
        }
    }

    /// A pattern, for questions about it.
    fn regex(&mut self, pattern: &Item) -> Option<Regex> {
        match Regex::new(pattern.text.as_str()) {
            Ok(regex) => Some(regex),
            Err(error) => {
                self.refuse(pattern.span, format!("this is no regular expression: {error}"));
                None
            }
        }
    }

    fn attribute(&mut self, map: &Phrase, wanted: &Attribute, out: &mut Vec<Condition>) {
        let Some(key) = &wanted.key else {
            self.refuse(wanted.span, String::from("this attribute has no `key`"));
            return;
        };
        let value = &wanted.value;
        let text = if let Raw::Str(item) = value { item.text.as_str().len() } else { 0 };
        if !self.values.spend(key.text.as_str().len() + text) {
            return;
        }
        let path = attribute(map, key);
        if value.has_time() {
            self.refuse(wanted.span, String::from("no attribute holds a time; put a string in quotes"));
            return;
        }
        if let Raw::Nothing = value {
            out.push(exists(map, key, self.at));
            return;
        }
        match (self.match_type(), value) {
            (Some(MatchType::Strict), value) => out.push(self.values.equals(&path, value)),
            (Some(MatchType::Regexp), Raw::Str(pattern)) => {
                if let Some(regex) = self.regex(pattern) {
                    out.push(self.values.matches(&path, pattern, &regex));
                }
            }
            (Some(MatchType::Regexp), value) => {
                let message =
                    format!("`match_type: regexp` takes a string as an attribute's value, not {}", value.kind());
                self.refuse(wanted.span, message);
            }
            (None, _) => {}
        }
    }

    /// That the text of `service.name` is one of some texts, or matches one of some patterns.
    fn services(&mut self, items: &[Item], out: &mut Vec<Condition>) {
        let Some(match_type) = self.match_type() else { return };
        let map = Phrase::new("resource.attributes", self.at);
        let key = Text::new("service.name", Default::default(), self.at);
        let key = Item { text: key, span: Span::new(self.at, self.at) };
        let path = attribute(&map, &key);
        let mut any = Vec::new();
        for item in items {
            if !self.values.spend(item.text.as_str().len()) {
                break;
            }
            let regex = match match_type {
                MatchType::Strict => {
                    any.push(path.clone().word(" == ").string(item).condition());
                    let values = values_of_text(item.text.as_str(), self.at);
                    any.extend(values.iter().map(|value| self.values.is(&path, value)));
                    None
                }
                MatchType::Regexp => {
                    let Some(regex) = self.regex(item) else { continue };
                    any.push(self.service_matches(&path, item, &regex));
                    Some(regex)
                }
            };
            let is_wanted = |text: &str| match &regex {
                None => item.text.as_str() == text,
                Some(regex) => regex.is_match(text.as_bytes()),
            };
            // There is no text of what is missing, empty, no number or infinite in OTTL.
            let is_nil = || path.clone().word(" == nil").condition();
            match (is_wanted(NO_SERVICE), is_wanted("")) {
                (true, true) => any.push(is_nil()),
                (true, false) => any.push(exists(&map, &key, self.at).negated()),
                (false, true) => any.push(Condition::All(vec![is_nil(), exists(&map, &key, self.at)])),
                (false, false) => {}
            }
            any.extend(self.values.no_numbers(&path, is_wanted, ["NaN", "Infinity", "-Infinity"]));
        }
        out.push(Condition::any(any));
    }

    /// That a service's name matches a pattern. `IsMatch` fails for what is no number and infinities, which have no text in
    /// OTTL.
    fn service_matches(&self, path: &Phrase, pattern: &Item, regex: &Regex) -> Condition {
        const OF_NUMBERS: &[u8] = b"+-.0123456789e";
        let no_double = Phrase::new("IsDouble(", self.at).then(path).word(")").condition().negated();
        let is_match = self.is_match(path, pattern);
        if regex.needs_other_than(OF_NUMBERS) {
            return Condition::All(vec![no_double, is_match]);
        }
        let finite = path.clone().word(" - ").then(path).word(" == 0").condition();
        Condition::All(vec![Condition::Any(vec![no_double, finite]), is_match])
    }
}

/// Values that are no text, and whose text is this one.
fn values_of_text(text: &str, at: u32) -> Vec<Raw> {
    let mut out = Vec::new();
    if let "true" | "false" = text {
        out.push(Raw::Bool(text == "true"));
    }
    out.extend(text.parse::<i64>().ok().filter(|value| value.to_string() == text).map(|value| Raw::int(value, at)));
    let written = |value: f64| {
        let mut written = Vec::new();
        number::push_float_es6(&mut written, value);
        written
    };
    let float = text.parse::<f64>().ok().filter(|value| value.is_finite() && written(*value) == text.as_bytes());
    out.extend(float.map(|value| Raw::float(value, at)));
    out
}

fn severity_condition(severity: Severity, at: u32) -> Condition {
    let unknown = |operator: &str| {
        Phrase::new("log.severity_number ", at).word(operator).word(" SEVERITY_NUMBER_UNSPECIFIED").condition()
    };
    let least = severity_symbol(severity.min).unwrap_or_else(|| String::from("SEVERITY_NUMBER_UNSPECIFIED"));
    let high = Phrase::new("log.severity_number >= ", at).word(&least).condition();
    match (severity.undefined, severity.min) {
        (true, _) => Condition::Any(vec![unknown("=="), high]),
        (false, 0) => Phrase::new("log.severity_number > SEVERITY_NUMBER_UNSPECIFIED", at).condition(),
        // An unknown severity is lower than all others.
        (false, _) => high,
    }
}
