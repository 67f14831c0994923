//! Values of case files with their places: YAML and JSON without anchors, tags and styles.
//!
//! INVARIANT: values lie at most [`DEEPEST`] deep inside each other, so whoever recurses into them is bounded.

use std::borrow::Cow;

use ottl_diagnostics::{Code, Diagnostic, Span};

use crate::Limits;
use crate::config::{Content as Yaml, Kind, NodeId, Room, Text, Tree, float_value, int_value};

/// Lists and maps inside each other.
pub(super) const DEEPEST: usize = 64;

/// A value and its place in the file.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub span: Span,
    pub content: Content,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Content {
    Null,
    Bool(bool),
    /// An integer in decimal digits.
    Int(String),
    Float(f64),
    Text(Text),
    List(Vec<Value>),
    Map(Vec<(Key, Value)>),
}

/// A key of a map.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub text: String,
    pub span: Span,
}

impl Value {
    /// A value that stands in no file, or as a whole at one place.
    pub fn at(span: Span, content: Content) -> Value {
        Value { span, content }
    }

    /// A text that stands in no file.
    pub fn word(text: &str) -> Value {
        Value::at(Span::default(), Content::Text(Text::in_place_of(text.to_owned(), Span::default())))
    }

    /// Whether it is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self.content, Content::Null)
    }

    /// The pairs of a map; none of anything else.
    pub fn pairs(&self) -> &[(Key, Value)] {
        match &self.content {
            Content::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// The value of a key of a map.
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.pairs().iter().find(|(key, _)| key.text == name).map(|(_, value)| value)
    }

    /// The text that it is.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// What it is, in words.
    pub fn kind(&self) -> &'static str {
        match self.content {
            Content::Null => "nothing",
            Content::Bool(_) => "`true` or `false`",
            Content::Int(_) | Content::Float(_) => "a number",
            Content::Text(_) => "a string",
            Content::List(_) => "a list",
            Content::Map(_) => "a map",
        }
    }
}

/// A pair of a map that is made here.
pub(super) fn pair(key: &str, value: Value) -> (Key, Value) {
    (Key { text: key.to_owned(), span: value.span }, value)
}

/// A file as a value; nothing where it is no YAML. Duplicate keys and further documents are faults, too.
pub(super) fn read(text: &str, limits: &Limits, found: &mut Vec<Diagnostic>) -> Option<Value> {
    let room = Room { length: limits.configuration_length, nodes: limits.configuration_nodes, depth: usize::MAX };
    let (tree, documents) = match Tree::read(text, room, found) {
        Ok(read) => read,
        Err(fault) => {
            found.push(fault);
            return None;
        }
    };
    found.extend(documents.faults);
    if let Some(second) = documents.roots.get(1) {
        let message = "a case file is one document, and this is a second one";
        found.push(Diagnostic::new(Code::INVALID_CASE, start(tree.nodes[*second].span), message));
    }
    match of(&tree, documents.roots[0], 0) {
        Ok(value) => Some(value),
        Err(span) => {
            let message = format!("lists and maps lie more than {DEEPEST} deep inside each other");
            found.push(Diagnostic::new(Code::INVALID_CASE, start(span), message));
            None
        }
    }
}

/// The value that a text of the file holds, with places in the file.
pub(super) fn embedded(text: &Text, limits: &Limits, found: &mut Vec<Diagnostic>) -> Option<Value> {
    let mut faults = Vec::new();
    let value = read(text.as_str(), limits, &mut faults);
    found.extend(faults.into_iter().map(|fault| fault.map_spans(|span| of_text(text, span))));
    value.map(|value| moved(value, text))
}

fn of_text(text: &Text, span: Span) -> Span {
    text.span(span.start as usize, span.end as usize)
}

fn moved(value: Value, outer: &Text) -> Value {
    let content = match value.content {
        Content::Text(text) => Content::Text(text.inside(outer)),
        Content::List(items) => Content::List(items.into_iter().map(|item| moved(item, outer)).collect()),
        Content::Map(pairs) => Content::Map(
            pairs
                .into_iter()
                .map(|(key, value)| (Key { span: of_text(outer, key.span), ..key }, moved(value, outer)))
                .collect(),
        ),
        content => content,
    };
    Value { span: of_text(outer, value.span), content }
}

/// Where a value begins: what spans lines would be a picture of all of them.
pub(super) fn start(span: Span) -> Span {
    Span::new(span.start, span.start)
}

fn of(tree: &Tree, id: NodeId, depth: usize) -> Result<Value, Span> {
    let node = tree.value(id);
    let span = node.span;
    if depth > DEEPEST {
        return Err(span);
    }
    let content = match &node.content {
        Yaml::Scalar(kind, text) => match kind {
            Kind::Null => Content::Null,
            Kind::Bool(is) => Content::Bool(*is),
            Kind::Int => Content::Int(integer(text.as_str())),
            Kind::Float => Content::Float(float_value(text.as_str())),
            Kind::Time | Kind::Str => Content::Text(text.clone()),
        },
        Yaml::List(items) => {
            Content::List(items.iter().map(|item| of(tree, *item, depth + 1)).collect::<Result<_, _>>()?)
        }
        Yaml::Map(pairs) => {
            let mut out = Vec::with_capacity(pairs.len());
            for (key, value) in pairs {
                // Keys of maps are texts: what else is a key does not get here.
                let text = tree.key(*key).unwrap_or_default().to_owned();
                out.push((Key { text, span: tree.nodes[*key].span }, of(tree, *value, depth + 1)?));
            }
            Content::Map(out)
        }
        Yaml::Expanded { .. } => Content::Null,
    };
    Ok(Value { span, content })
}

/// The decimal digits of an integer of YAML; those beyond 63 bits are decimal in all that is written by hand.
fn integer(text: &str) -> String {
    let plain = text.replace('_', "");
    let digits = plain.trim_start_matches(['-', '+']);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0')) {
        return plain.trim_start_matches('+').to_owned();
    }
    int_value(text).to_string()
}

/// Rules without the `---` that begins them, which is no mark of a document behind blanks.
pub(super) fn without_mark(text: &str) -> Cow<'_, str> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        match line.trim() {
            "---" => {
                let end = start + line.len();
                let blank = line.replacen("---", "   ", 1);
                return Cow::Owned(format!("{}{blank}{}", &text[..start], &text[end..]));
            }
            other if other.is_empty() || other.starts_with('#') => start += line.len(),
            _ => break,
        }
    }
    Cow::Borrowed(text)
}
