//! Conditions on attributes: that one exists, equals a value, or has a text that matches a pattern.
//!
//! Matchers compare types as well, where OTTL has numbers equal whatever their type; they know a key without a value from no
//! key, which are both nil in OTTL; and they know no text of bytes, maps and lists. So conditions ask for types, too.

use ottl_diagnostics::Span;
use ottl_regex::Regex;
use ottl_syntax::ast::{Literal, Value};

use super::condition::{Condition, Item, Phrase};
use crate::config::decode::Decoder;
use crate::config::origins::Origins;
use crate::config::scalar::{Kind, float_value, int_value};
use crate::config::text::Text;
use crate::config::yaml::{Content, NodeId};

/// The largest finite number, in OTTL.
const LARGEST: &str = "1.7976931348623157e308";

/// What texts of numbers are made of, but for what is no number (`NaN`) and infinities.
const OF_NUMBERS: &[u8] = b"-.0123456789";

/// The value of an attribute in a configuration.
#[derive(Clone, Debug)]
pub(super) enum Raw {
    Nothing,
    Bool(bool),
    /// The literal that it is in OTTL.
    Int(Text),
    /// The number, and its literal.
    Float(f64, Text),
    Str(Item),
    List(Vec<Raw>),
    Map(Vec<(Item, Raw)>),
    /// A date or time, which no attribute can be.
    Time,
}

impl Raw {
    /// Reads any value, up to a number of values in it, which aliases may multiply; a rest is left out when there is no room.
    pub fn read(decoder: &Decoder, id: NodeId, room: &mut usize) -> Raw {
        let span = decoder.span(id);
        *room = room.saturating_sub(1);
        match &decoder.tree.value(id).content {
            Content::Scalar(Kind::Null, _) | Content::Expanded { .. } => Raw::Nothing,
            Content::Scalar(Kind::Bool(value), _) => Raw::Bool(*value),
            Content::Scalar(Kind::Int, text) => {
                let value = int_value(text.as_str());
                Raw::Int(literal(&int_literal(value), text, span))
            }
            Content::Scalar(Kind::Float, text) => {
                let value = float_value(text.as_str());
                Raw::Float(value, literal(&float_literal(value), text, span))
            }
            Content::Scalar(Kind::Time, _) => Raw::Time,
            Content::Scalar(Kind::Str, text) => Raw::Str(Item { text: text.clone(), span }),
            Content::List(items) => {
                let items = items.iter().map_while(|item| (*room > 0).then(|| Raw::read(decoder, *item, room)));
                Raw::List(items.collect())
            }
            Content::Map(pairs) => {
                let mut read = Vec::new();
                for (key, value) in pairs {
                    if *room == 0 {
                        break;
                    }
                    let text = match &decoder.tree.nodes[*key].content {
                        Content::Scalar(_, text) => text.clone(),
                        _ => Text::default(),
                    };
                    let key = Item { text, span: decoder.span(*key) };
                    read.push((key, Raw::read(decoder, *value, room)));
                }
                Raw::Map(read)
            }
        }
    }

    /// A number that no file has.
    pub fn int(value: i64, at: u32) -> Raw {
        Raw::Int(Text::new(&int_literal(value), Origins::default(), at))
    }

    /// A number that no file has.
    pub fn float(value: f64, at: u32) -> Raw {
        Raw::Float(value, Text::new(&float_literal(value), Origins::default(), at))
    }

    /// Whether there is a time in it.
    pub fn has_time(&self) -> bool {
        match self {
            Raw::Time => true,
            Raw::List(items) => items.iter().any(Raw::has_time),
            Raw::Map(pairs) => pairs.iter().any(|(_, value)| value.has_time()),
            _ => false,
        }
    }

    /// What it is, for people.
    pub fn kind(&self) -> &'static str {
        match self {
            Raw::Nothing => "nothing",
            Raw::Bool(_) => "a truth value",
            Raw::Int(_) | Raw::Float(..) => "a number",
            Raw::Str(_) => "a string",
            Raw::List(_) => "a list",
            Raw::Map(_) => "a map",
            Raw::Time => "a time",
        }
    }
}

/// A literal that stands for a scalar: shown as the reference if that is what the file has.
fn literal(literal: &str, written: &Text, span: Span) -> Text {
    if written.is_expanded() {
        return Text::in_place_of(literal.to_owned(), span);
    }
    Text::new(literal, Origins::default(), span.start)
}

fn int_literal(value: i64) -> String {
    // The grammar reads a sign as an operator, and the number behind this one's would be too large.
    if value == i64::MIN { format!("{} - 1", i64::MIN + 1) } else { value.to_string() }
}

fn float_literal(value: f64) -> String {
    if value.is_infinite() {
        return format!("{}{LARGEST}", if value > 0.0 { "" } else { "-" });
    }
    ottl_syntax::print::print(&Value::Float(Literal { value, span: Span::default() }))
}

/// The key of a map of attributes: `log.attributes["k"]`.
pub(super) fn attribute(map: &Phrase, key: &Item) -> Phrase {
    map.clone().word("[").string(key).word("]")
}

/// That a map has a key, whatever its value.
pub(super) fn exists(map: &Phrase, key: &Item, at: u32) -> Condition {
    Phrase::new("ContainsValue(Keys(", at).then(map).word("), ").string(key).word(")").condition()
}

fn call(function: &str, path: &Phrase, at: u32) -> Condition {
    Phrase::new(function, at).word("(").then(path).word(")").condition()
}

fn compared(path: &Phrase, operator: &str, right: &str) -> Condition {
    path.clone().word(" ").word(operator).word(" ").word(right).condition()
}

/// Makes conditions, and counts what the user's part of them is: what is longer than a condition may be is refused anyway.
pub(super) struct Values {
    pub at: u32,
    /// How many bytes more there may be.
    pub room: usize,
}

impl Values {
    /// Counts bytes of a part of the condition; false where it is too long without them. The part that goes beyond the limit
    /// belongs to the condition, so that it is seen to be too long.
    pub fn spend(&mut self, bytes: usize) -> bool {
        let there_was = self.room > 0;
        self.room = self.room.saturating_sub(bytes.max(1));
        there_was
    }

    /// That an attribute has this type and value.
    pub fn equals(&mut self, path: &Phrase, value: &Raw) -> Condition {
        match value {
            // Nothing equals what is no number. A condition without a path would have no context.
            Raw::Float(value, _) if value.is_nan() => {
                Condition::All(vec![compared(path, "==", "nil"), compared(path, "!=", "nil")])
            }
            _ => {
                let mut all = Vec::new();
                self.same(path, value, false, &mut all);
                Condition::all(all)
            }
        }
    }

    /// That it is this one, where also the signs of zeros count.
    pub fn is(&mut self, path: &Phrase, value: &Raw) -> Condition {
        let mut all = Vec::new();
        self.same(path, value, true, &mut all);
        Condition::all(all)
    }

    /// `exact`: numbers are compared bit by bit, as the reference does inside lists and maps.
    fn same(&mut self, path: &Phrase, value: &Raw, exact: bool, out: &mut Vec<Condition>) {
        let at = self.at;
        match value {
            Raw::Nothing | Raw::Time => out.push(compared(path, "==", "nil")),
            Raw::Bool(value) => out.push(compared(path, "==", if *value { "true" } else { "false" })),
            Raw::Int(literal) => {
                out.push(call("IsInt", path, at));
                out.push(path.clone().word(" == ").raw(literal).condition());
            }
            Raw::Float(value, literal) => {
                // No integer equals a number with a fraction.
                if value.fract() == 0.0 || !value.is_finite() {
                    out.push(call("IsDouble", path, at));
                }
                let operator = match value {
                    value if value.is_nan() => return out.push(path.clone().word(" != ").then(path).condition()),
                    value if value.is_finite() => " == ",
                    value if *value > 0.0 => " > ",
                    _ => " < ",
                };
                out.push(path.clone().word(operator).raw(literal).condition());
                if exact && *value == 0.0 {
                    let text = if value.is_sign_negative() { "\"-0\"" } else { "\"0\"" };
                    out.push(Phrase::new("String(", at).then(path).word(") == ").word(text).condition());
                }
            }
            Raw::Str(item) => out.push(path.clone().word(" == ").string(item).condition()),
            Raw::List(items) => {
                out.push(call("IsList", path, at));
                out.push(length(path, items.len(), at));
                for (idx, item) in items.iter().enumerate() {
                    if !self.spend(path.len()) {
                        break;
                    }
                    self.same(&path.clone().word(&format!("[{idx}]")), item, true, out);
                }
            }
            Raw::Map(pairs) => {
                out.push(call("IsMap", path, at));
                out.push(length(path, pairs.len(), at));
                for (key, value) in pairs {
                    if !self.spend(path.len()) {
                        break;
                    }
                    if matches!(value, Raw::Nothing) {
                        out.push(exists(path, key, at));
                    }
                    self.same(&attribute(path, key), value, true, out);
                }
            }
        }
    }

    /// That an attribute is a text, number or truth value whose text matches a pattern.
    pub fn matches(&self, path: &Phrase, pattern: &Item, regex: &Regex) -> Condition {
        let at = self.at;
        let is_match = |text: &str| regex.is_match(text.as_bytes());
        let mut types = vec![call("IsString", path, at)];
        if is_match("true") || is_match("false") {
            types.push(call("IsBool", path, at));
        }
        if !regex.needs_other_than(OF_NUMBERS) {
            types.push(call("IsInt", path, at));
            // What is no number, and infinities, have no text in OTTL.
            let finite = path.clone().word(" - ").then(path).word(" == 0").condition();
            types.push(Condition::All(vec![call("IsDouble", path, at), finite]));
        }
        let matched = Phrase::new("IsMatch(", at).then(path).word(", ").string(pattern).word(")").condition();
        let mut any = vec![Condition::All(vec![Condition::any(types), matched])];
        any.extend(self.no_numbers(path, is_match, ["NaN", "+Inf", "-Inf"]));
        Condition::any(any)
    }

    /// That an attribute is what has no text in OTTL and one of these in the reference, if that one is asked for.
    pub fn no_numbers(&self, path: &Phrase, wanted: impl Fn(&str) -> bool, texts: [&str; 3]) -> Option<Condition> {
        let [nan, positive, negative] = texts.map(wanted);
        let mut any = Vec::new();
        if nan {
            any.push(path.clone().word(" != ").then(path).condition());
        }
        if positive {
            any.push(compared(path, ">", LARGEST));
        }
        if negative {
            any.push(compared(path, "<", &format!("-{LARGEST}")));
        }
        let is_double = call("IsDouble", path, self.at);
        (!any.is_empty()).then(|| Condition::All(vec![is_double, Condition::any(any)]))
    }
}

fn length(path: &Phrase, length: usize, at: u32) -> Condition {
    Phrase::new("Len(", at).then(path).word(&format!(") == {length}")).condition()
}
