//! The bodies of the transform and the filter processor.
//!
//! Accepts and rejects what the reference's configuration accepts and rejects; statements and conditions are only
//! collected here, the compiler judges them.

use ottl_compiler::Change;
use ottl_core::{Gate, Target};
use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_plan::ErrorMode;
use ottl_schema::{ContextId, Signal};

use super::decode::Decoder;
use super::hints;
use super::older;
use super::scalar::Kind;
use super::yaml::{Content, NodeId};

/// A group of the transform processor, or an entry of the filter processor's `*_conditions`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// The number of the place that stands for the entry.
    pub place: u32,
    pub context: Option<ContextId>,
    /// Numbers of places.
    pub conditions: Vec<u32>,
    /// Numbers of places; none in a filter.
    pub statements: Vec<u32>,
    pub error_mode: Option<ErrorMode>,
    pub shared_cache: bool,
    pub isolate: bool,
}

impl Entry {
    /// Whether there is nothing to do.
    fn is_empty(&self, filter: bool) -> bool {
        if filter { self.conditions.is_empty() } else { self.statements.is_empty() }
    }
}

/// A list of the filter processor's older form.
#[derive(Clone, Debug)]
pub(crate) struct Older {
    pub place: u32,
    pub context: ContextId,
    pub conditions: Vec<u32>,
}

/// The rules for one signal.
#[derive(Clone, Debug)]
pub(crate) enum Rules {
    Transform(Vec<Entry>),
    Filter(Vec<Entry>),
    OlderFilter(Vec<Older>),
}

impl Rules {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        match self {
            Rules::Transform(entries) | Rules::Filter(entries) => entries.is_empty(),
            Rules::OlderFilter(lists) => lists.is_empty(),
        }
    }
}

/// The body of a processor.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub error_mode: Option<ErrorMode>,
    pub flatten_data: bool,
    /// Signals that have rules, each once.
    pub rules: Vec<(Signal, Rules)>,
    /// The keys of the rules.
    pub keys: Vec<(Signal, Span)>,
}

impl Body {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        !self.flatten_data && self.rules.iter().all(|(_, rules)| rules.is_empty())
    }
}

pub(super) const TRANSFORM_KEYS: [&str; 7] = [
    "error_mode",
    "trace_statements",
    "metric_statements",
    "log_statements",
    "profile_statements",
    "flatten",
    "flatten_data",
];

pub(super) const FILTER_KEYS: [&str; 10] = [
    "error_mode",
    "trace_conditions",
    "metric_conditions",
    "log_conditions",
    "profile_conditions",
    "traces",
    "metrics",
    "logs",
    "profiles",
    "spans",
];

/// Keys that only a transform processor has, and keys that only a filter processor has.
pub(crate) fn distinctive_keys() -> (impl Iterator<Item = &'static str>, impl Iterator<Item = &'static str>) {
    (TRANSFORM_KEYS.into_iter().skip(1), FILTER_KEYS.into_iter().skip(1))
}

/// What reading a body needs to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// The version of the reference.
    pub target: Target,
    /// Whether logs may be flattened.
    pub flatten: bool,
    /// How many statements and conditions a signal of a processor may have; a few more are read, so that the compiler
    /// sees that there are too many.
    pub statements: usize,
    /// How many bytes one of them may have.
    pub statement_length: usize,
}

/// Reads a transform processor's body.
pub(crate) fn transform(decoder: &mut Decoder, id: NodeId, settings: Settings) -> Body {
    let mut body = Body { error_mode: None, flatten_data: false, rules: Vec::new(), keys: Vec::new() };
    for (key, key_id, value) in decoder.map(id, "transform", &TRANSFORM_KEYS) {
        let signal = match key.as_str() {
            "error_mode" => {
                body.error_mode = decoder.error_mode(value, true);
                continue;
            }
            "flatten" | "flatten_data" => {
                body.flatten_data |= flattening(decoder, (&key, key_id), value, settings);
                continue;
            }
            "trace_statements" => Signal::Traces,
            "metric_statements" => Signal::Metrics,
            "log_statements" => Signal::Logs,
            _ => Signal::Profiles,
        };
        let mut room = settings.statements.saturating_add(1);
        let entries = entries(decoder, value, &key, false, &mut room);
        body.keys.push((signal, decoder.span(key_id)));
        body.rules.push((signal, Rules::Transform(entries)));
    }
    // Flattening is something to do without a statement, too.
    if body.flatten_data && body.rules.iter().all(|(signal, _)| *signal != Signal::Logs) {
        body.rules.push((Signal::Logs, Rules::Transform(Vec::new())));
    }
    body
}

/// Whether logs are flattened, by the key of either form.
fn flattening(decoder: &mut Decoder, (key, key_id): (&str, NodeId), value: NodeId, settings: Settings) -> bool {
    let change = if key == "flatten" { Change::FLATTEN } else { Change::FLATTEN_DATA };
    if !change.is_in(settings.target) {
        let diagnostic = change.refused(Code::KEY_OUTSIDE_VERSION, decoder.span(key_id), settings.target);
        let whole = decoder.span(key_id).to(decoder.span(value));
        decoder.diagnostics.push(match decoder.tree.value(value).content {
            Content::Scalar(Kind::Bool(is_on), _) if key == "flatten_data" => {
                diagnostic.fix(whole, format!("flatten: {{log: {is_on}}}"))
            }
            _ => diagnostic,
        });
        return false;
    }
    let (place, is_on) = if key == "flatten" {
        let pairs = decoder.map(value, "flatten", &["log"]);
        let last = pairs.last().map(|(.., log)| *log);
        (last.unwrap_or(value), last.and_then(|log| decoder.bool(log, "log")))
    } else {
        (value, decoder.bool(value, key))
    };
    let is_on = is_on.unwrap_or(false);
    if is_on && !settings.flatten {
        let message = format!("`{key}` needs the gate `{}`, which is off", Gate::Flatten.name());
        decoder.report(Code::FLATTEN_DISABLED, decoder.span(place), message);
    }
    is_on
}

/// Reads a filter processor's body.
pub(crate) fn filter(decoder: &mut Decoder, id: NodeId, settings: Settings) -> Body {
    let mut body = Body { error_mode: None, flatten_data: false, rules: Vec::new(), keys: Vec::new() };
    let pairs = decoder.map(id, "filter", &FILTER_KEYS);
    for (key, key_id, value) in &pairs {
        let mut room = settings.statements.saturating_add(1);
        let signal = match key.as_str() {
            "error_mode" => {
                body.error_mode = decoder.error_mode(*value, true);
                continue;
            }
            "trace_conditions" => Signal::Traces,
            "metric_conditions" => Signal::Metrics,
            "log_conditions" => Signal::Logs,
            "profile_conditions" => Signal::Profiles,
            _ => continue,
        };
        let entries = entries(decoder, *value, key, true, &mut room);
        body.keys.push((signal, decoder.span(*key_id)));
        body.rules.push((signal, Rules::Filter(entries)));
    }
    older::read(decoder, id, &pairs, settings, &mut body);
    body
}

/// A `*_statements` or `*_conditions` list, in either style.
fn entries(decoder: &mut Decoder, id: NodeId, key: &str, filter: bool, room: &mut usize) -> Vec<Entry> {
    let Content::List(items) = &decoder.tree.value(id).content else {
        let message = format!("`{key}` takes a list of {}", if filter { "conditions" } else { "statements" });
        let diagnostic = Diagnostic::new(Code::WRONG_VALUE_KIND, decoder.span(id), message).help(hints::ITEMS);
        decoder.diagnostics.push(diagnostic);
        return Vec::new();
    };
    let items = items.clone();
    if decoder.is_cut_list(id, key) {
        return Vec::new();
    }
    let mut entries = Vec::new();
    let mut basic: Option<Entry> = None;
    let mut first_map = None;
    let mut mixed = false;
    // The group before, if it has nothing to do.
    let mut empty = None;
    for item in items {
        if *room == 0 {
            break;
        }
        let span = decoder.span(item);
        match &decoder.tree.value(item).content {
            Content::Scalar(Kind::Null, _) => {
                *room -= 1;
                let message = format!("an item of `{key}` is empty");
                decoder.report(Code::EMPTY_ITEM, span, message);
            }
            Content::Scalar(Kind::Str, text) => {
                let text = text.clone();
                *room -= 1;
                if let (true, Some(first)) = (filter, first_map) {
                    mixed_styles(decoder, item, first, &mut mixed);
                }
                let entry = basic.get_or_insert_with(|| Entry { place: decoder.place(span), ..Entry::default() });
                decoder.places.push(super::decode::Place::Text { text, span, translated: false });
                let place = (decoder.places.len() - 1) as u32;
                if filter { &mut entry.conditions } else { &mut entry.statements }.push(place);
            }
            Content::Scalar(..) => {
                *room -= 1;
                decoder.wrong_kind(item, key, "a list of texts or maps");
            }
            _ if decoder.is_cut_statement(item) => {
                // It was meant as a text, so that the list is of one style.
                *room -= 1;
                entry(decoder, item, key, filter, room);
            }
            _ => {
                first_map.get_or_insert(item);
                if let Some(basic) = &basic {
                    let place = basic.statements.first().or(basic.conditions.first()).copied();
                    let first = place.map_or(span, |place| decoder.places[place as usize].span());
                    mixed_at(decoder, span, first, &mut mixed);
                }
                // A group takes none of the room: where it is used up, there is one text more than the compiler takes.
                let faults = decoder.diagnostics.len();
                // Rules whose context is unknown would only raise faults that follow from that.
                let read = entry(decoder, item, key, filter, room);
                let is_sound = decoder.diagnostics.len() == faults;
                if let Some(empty) = empty.take() {
                    empty_group(decoder, empty, filter, read.as_ref().filter(|next| next.context.is_none()));
                }
                empty = read.as_ref().filter(|read| is_sound && read.is_empty(filter)).map(|read| read.place);
                entries.extend(read);
            }
        }
    }
    if let Some(empty) = empty {
        empty_group(decoder, empty, filter, None);
    }
    // Texts after maps are one more group of the transform processor, at the end.
    entries.extend(basic);
    entries
}

/// A group that does nothing. Often the group behind it was to be a part of it.
fn empty_group(decoder: &mut Decoder, place: u32, filter: bool, next: Option<&Entry>) {
    let what = if filter { "conditions" } else { "statements" };
    let span = decoder.places[place as usize].span();
    let diagnostic = Diagnostic::new(Code::EMPTY_GROUP, span, format!("this group has no {what}, so it does nothing"));
    let is_split = next.is_some_and(|next| !next.is_empty(filter));
    decoder.diagnostics.push(if is_split {
        diagnostic.help(format!(
            "they are in the next item: remove the dash before `{what}` and align it with the keys of this item"
        ))
    } else {
        diagnostic
    });
}

fn mixed_styles(decoder: &mut Decoder, item: NodeId, first: NodeId, reported: &mut bool) {
    let (at, first) = (decoder.span(item), decoder.span(first));
    mixed_at(decoder, at, first, reported);
}

fn mixed_at(decoder: &mut Decoder, at: Span, first: Span, reported: &mut bool) {
    if std::mem::replace(reported, true) {
        return;
    }
    let message = "a list of rules has strings or maps, not both";
    let diagnostic = Diagnostic::new(Code::MIXED_STYLES, at, message)
        .other(first, "the list begins in the other style")
        .help("move the strings into the list of a map, or the rules out of the map");
    decoder.diagnostics.push(diagnostic);
}

/// The keys of a map of the structured style.
pub(super) fn entry_keys(filter: bool) -> &'static [&'static str] {
    const KEYS: [&str; 6] = ["context", "conditions", "error_mode", "statements", "shared_cache", "isolate"];
    if filter { &KEYS[..3] } else { &KEYS[..] }
}

/// A map of the structured style; none if nobody can tell its context.
fn entry(decoder: &mut Decoder, id: NodeId, list: &str, filter: bool, room: &mut usize) -> Option<Entry> {
    let known = entry_keys(filter);
    let mut entry = Entry { place: decoder.place(decoder.span(id)), ..Entry::default() };
    let mut sound = true;
    if decoder.is_cut_statement(id) {
        let message = format!("an item of `{list}` is a map, because of the `: ` in it");
        let diagnostic = Diagnostic::new(Code::WRONG_VALUE_KIND, decoder.span(id), message).help(hints::QUOTE);
        decoder.diagnostics.push(diagnostic);
        return None;
    }
    for (key, key_id, value) in decoder.map(id, list, known) {
        match key.as_str() {
            "context" => {
                let context = decoder.context(value, filter);
                sound = context.is_some();
                entry.context = context.flatten();
                entry.place = decoder.place(decoder.span(value));
            }
            "conditions" => entry.conditions = decoder.texts(value, "conditions", false, room).unwrap_or_default(),
            "statements" => entry.statements = decoder.texts(value, "statements", false, room).unwrap_or_default(),
            "error_mode" => entry.error_mode = decoder.error_mode(value, false),
            "shared_cache" => entry.shared_cache = decoder.bool(value, "shared_cache").unwrap_or(false),
            _ => entry.isolate = isolation(decoder, key_id, value),
        }
    }
    sound.then_some(entry)
}

/// Whether a group is isolated. The Collector has no such key, which is said once for a configuration.
fn isolation(decoder: &mut Decoder, key: NodeId, value: NodeId) -> bool {
    let is_on = decoder.bool(value, "isolate").unwrap_or(false);
    if is_on && !decoder.diagnostics.iter().any(|d| d.code == Code::OWN_KEY) {
        let message = "a Collector does not know `isolate` and rejects a configuration that has it";
        let diagnostic = Diagnostic::new(Code::OWN_KEY, decoder.span(key), message)
            .help("for rules that a Collector also runs, use `ottl run --isolate` or `Compiler::isolate`");
        decoder.diagnostics.push(diagnostic);
    }
    is_on
}

impl Body {
    /// Whether records of this signal get a resource and scope of their own.
    pub fn flattens(&self, signal: Signal) -> bool {
        self.flatten_data && signal == Signal::Logs
    }
}
