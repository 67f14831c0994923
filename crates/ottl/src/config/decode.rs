//! Typed values out of the YAML tree, with a diagnostic for whatever does not fit.
//!
//! The kinds that are taken and refused are those of the Collector's decoder: no conversion between texts and numbers,
//! a text where a list of texts is wanted is split at commas, and nothing (`null`) leaves the default. What a reference
//! (`${env:X}`) became counts as text where a text is wanted.

use std::collections::HashSet;

use ottl_compiler::context_of_habit;
use ottl_diagnostics::{Code, Diagnostic, Span, near_name};
use ottl_plan::ErrorMode;
use ottl_schema::{ContextId, context_by_name};

use super::lists::OlderLists;
use super::older::Translated;
use super::origins::Origins;
use super::scalar::Kind;
use super::secrets::Secrets;
use super::sources::Sources;
use super::text::Text;
use super::yaml::{Content, NodeId, Tree};
use super::{hints, near};

/// What an error mode is called.
pub(super) const ERROR_MODES: [(&str, ErrorMode); 3] =
    [("ignore", ErrorMode::Ignore), ("silent", ErrorMode::Silent), ("propagate", ErrorMode::Propagate)];

/// Reading a configuration stops looking for unknown keys after this many faults.
pub(super) const MOST_DIAGNOSTICS: usize = 1000;

/// A text or node that the compiler knows by number.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A statement or condition.
    Text {
        text: Text,
        /// The whole token in the file, quotes and block header included.
        span: Span,
        /// Whether it stands for a matcher from before OTTL, and in no file.
        translated: bool,
    },
    /// What a diagnostic about a group as a whole points at.
    Node(Span),
}

/// Reads a configuration.
pub(crate) struct Decoder {
    /// The texts that are read.
    pub sources: Sources,
    pub tree: Tree,
    pub places: Vec<Place>,
    pub diagnostics: Vec<Diagnostic>,
    /// The variables that were read.
    pub secrets: Secrets,
    /// Matchers from before OTTL.
    pub translated: Vec<Translated>,
    /// Lists of conditions in the older form, and where they stand.
    pub older: Vec<OlderLists>,
    /// Texts that hold a configuration and whose lines do not stand in the file as they are.
    pub rewritten: Vec<Span>,
    /// Values that could not be expanded: nothing else is said about them.
    pub failed: HashSet<Span>,
    /// Whether there is OTTL in the file, or what has its place.
    pub holds_ottl: bool,
    /// Whether texts are wanted whole and as they are written.
    pub is_raw: bool,
}

impl Decoder {
    pub fn span(&self, id: NodeId) -> Span {
        self.tree.nodes[id].span
    }

    pub fn report(&mut self, code: Code, span: Span, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::new(code, span, message));
    }

    /// A number for what diagnostics about the node shall point at.
    pub fn place(&mut self, span: Span) -> u32 {
        self.places.push(Place::Node(span));
        (self.places.len() - 1) as u32
    }

    /// Reports a value of the wrong kind.
    pub fn wrong_kind(&mut self, id: NodeId, what: &str, wanted: &str) {
        let got = self.describe(id);
        let message = format!("`{what}` takes {wanted}, not {got}");
        let diagnostic = Diagnostic::new(Code::WRONG_VALUE_KIND, self.span(id), message);
        self.diagnostics.push(if self.is_cut_statement(id) { diagnostic.help(hints::QUOTE) } else { diagnostic });
    }

    /// Whether this is a map for the sole reason that a statement holds `: `.
    pub fn is_cut_statement(&self, id: NodeId) -> bool {
        match &self.tree.value(id).content {
            Content::Map(pairs) => pairs.iter().any(|(key, _)| self.tree.key(*key).is_some_and(hints::is_statement)),
            _ => false,
        }
    }

    /// Whether the items of a list in brackets are parts of statements, cut at the commas inside them; says so.
    pub fn is_cut_list(&mut self, id: NodeId, what: &str) -> bool {
        let Content::List(items) = &self.tree.value(id).content else { return false };
        let file = self.sources.text();
        if self.is_raw || !self.span(id).of(file).starts_with('[') {
            return false;
        }
        let is_part = |item: &&NodeId| {
            let is_plain = !self.span(**item).of(file).starts_with(['"', '\'']);
            is_plain && self.tree.key(**item).is_some_and(hints::is_broken)
        };
        let mut parts = items.iter().filter(is_part).map(|item| self.span(*item));
        let (Some(first), Some(second)) = (parts.next(), parts.next()) else { return false };
        let message = format!("a comma ends an item of `{what}`, also inside a call: items in brackets need quotes");
        let diagnostic = Diagnostic::new(Code::WRONG_VALUE_KIND, first.to(second), message).help(hints::IN_BRACKETS);
        self.diagnostics.push(diagnostic);
        true
    }

    /// What kind of value it is.
    pub fn describe(&self, id: NodeId) -> &'static str {
        match &self.tree.value(id).content {
            Content::Scalar(Kind::Null, _) => "nothing",
            Content::Scalar(Kind::Bool(_), _) => "a bool",
            Content::Scalar(Kind::Int | Kind::Float, _) => "a number",
            Content::Scalar(Kind::Time, _) => "a time",
            Content::Scalar(Kind::Str, _) => "a string",
            Content::List(_) => "a list",
            Content::Map(_) | Content::Expanded { .. } => "a map",
        }
    }

    /// The keys and values of a map, unknown keys reported. `null` is an empty map.
    pub fn map(&mut self, id: NodeId, what: &str, known: &[&str]) -> Vec<(String, NodeId, NodeId)> {
        let pairs = match &self.tree.value(id).content {
            Content::Map(pairs) => pairs.clone(),
            Content::Scalar(Kind::Null, _) => return Vec::new(),
            _ => {
                self.wrong_kind(id, what, "a map");
                return Vec::new();
            }
        };
        let mut out = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let name = self.tree.key(key).unwrap_or_default().to_owned();
            if known.contains(&name.as_str()) {
                out.push((name, key, value));
                continue;
            }
            if self.diagnostics.len() > MOST_DIAGNOSTICS {
                continue;
            }
            let mut diagnostic =
                Diagnostic::new(Code::UNKNOWN_KEY, self.span(key), format!("`{what}` has no key `{name}`"));
            diagnostic = match near_name(&name, known.iter().copied()) {
                Some(near) => near::meant(diagnostic, self.span(key), &name, near),
                None => diagnostic.help(
                    near::place_of_key(&name, known).unwrap_or_else(|| format!("its keys are {}", known.join(", "))),
                ),
            };
            self.diagnostics.push(diagnostic);
        }
        out
    }

    /// A truth value; none for nothing.
    pub fn bool(&mut self, id: NodeId, what: &str) -> Option<bool> {
        match self.tree.value(id).content {
            Content::Scalar(Kind::Bool(value), _) => Some(value),
            Content::Scalar(Kind::Null, _) => None,
            _ => {
                self.wrong_kind(id, what, "`true` or `false`");
                None
            }
        }
    }

    /// A text; none for nothing. `original`: whether what a reference became keeps its text when it is no text.
    pub fn text(&mut self, id: NodeId, what: &str, original: bool) -> Option<Text> {
        if let Content::Expanded { original: text, .. } = &self.tree.nodes[id].content
            && original
        {
            return Some(text.clone());
        }
        match &self.tree.value(id).content {
            Content::Scalar(Kind::Str, text) => Some(text.clone()),
            Content::Scalar(Kind::Null, _) => None,
            _ => {
                self.wrong_kind(id, what, "a string");
                None
            }
        }
    }

    /// A list of statements or conditions as numbered places, at most `room` of them. None for nothing.
    pub fn texts(&mut self, id: NodeId, what: &str, original: bool, room: &mut usize) -> Option<Vec<u32>> {
        if let Content::Scalar(Kind::Str, text) = &self.tree.value(id).content
            && text.as_str().split(',').any(hints::is_broken)
        {
            let message = format!("`{what}` takes a list, and a text is split at its commas: this one inside a call");
            let diagnostic = Diagnostic::new(Code::WRONG_VALUE_KIND, self.span(id), message).help(hints::ITEMS);
            self.diagnostics.push(diagnostic);
            return Some(Vec::new());
        }
        if self.is_cut_list(id, what) {
            return Some(Vec::new());
        }
        let items = self.text_items(id, what, original, room)?;
        let first = self.places.len() as u32;
        self.places.extend(items.into_iter().map(|(text, span)| Place::Text { text, span, translated: false }));
        Some((first..self.places.len() as u32).collect())
    }

    /// A list of texts and their tokens, at most `room` of them. None for nothing.
    pub fn text_items(
        &mut self,
        id: NodeId,
        what: &str,
        original: bool,
        room: &mut usize,
    ) -> Option<Vec<(Text, Span)>> {
        let items = match &self.tree.value(id).content {
            Content::List(items) => items.clone(),
            Content::Scalar(Kind::Null, _) => return None,
            Content::Scalar(Kind::Str, text) => return Some(split(text, self.span(id), room)),
            _ => {
                self.wrong_kind(id, what, "a list of texts");
                return None;
            }
        };
        let mut out = Vec::with_capacity(items.len().min(*room));
        for item in items {
            if *room == 0 {
                break;
            }
            *room -= 1;
            let span = self.span(item);
            let text = if self.tree.is_null(item) && !matches!(self.tree.nodes[item].content, Content::Expanded { .. })
            {
                // Nothing is an empty text here, and the parser says what is wrong with that.
                Some(Text::new("", Origins::default(), span.start))
            } else {
                self.text(item, what, original)
            };
            out.extend(text.map(|text| (text, span)));
        }
        Some(out)
    }

    /// An error mode, in any letter case.
    pub fn error_mode(&mut self, id: NodeId, original: bool) -> Option<ErrorMode> {
        let text = match self.text(id, "error_mode", original) {
            Some(text) => text,
            None if !self.tree.is_null(id) => return None,
            None => Text::default(),
        };
        let name = text.as_str().to_lowercase();
        if let Some((_, mode)) = ERROR_MODES.iter().find(|(mode, _)| *mode == name) {
            return Some(*mode);
        }
        let mut diagnostic = Diagnostic::new(
            Code::UNKNOWN_ERROR_MODE,
            self.span(id),
            format!("there is no error mode `{}`", text.as_str()),
        )
        .help("the error modes are ignore, silent and propagate");
        if let Some(near) = near_name(&name, ERROR_MODES.iter().map(|(mode, _)| *mode)) {
            diagnostic = near::fixed(diagnostic, self.span(id), &name, near);
        }
        self.diagnostics.push(diagnostic);
        None
    }

    /// A context, in any letter case. Inside: none for nothing. Outside: none after a fault was reported, and nothing is known of what was
    /// meant.
    pub fn context(&mut self, id: NodeId, filter: bool) -> Option<Option<ContextId>> {
        let text = match self.text(id, "context", false) {
            Some(text) => text,
            None if !self.tree.is_null(id) => return None,
            None => Text::default(),
        };
        let name = text.as_str().to_lowercase();
        let allowed = |id: &ContextId| *id != ContextId::OtelCol && (!filter || ottl_schema::context(*id).in_filter);
        // The scope's alias is no name for a context here.
        let found = context_by_name(&name).filter(|id| allowed(id) && id.name() == name);
        if found.is_some() {
            return Some(found);
        }
        let processors = |id: &&ContextId| allowed(id) && ottl_schema::context(**id).in_transform;
        let names: Vec<&str> = ContextId::ALL.iter().filter(processors).map(|id| id.name()).collect();
        let message = format!("there is no context `{}`", text.as_str());
        let diagnostic = Diagnostic::new(Code::UNKNOWN_CONTEXT_NAME, self.span(id), message)
            .help(format!("the contexts are {}", names.join(", ")));
        let habit = context_of_habit(&name).filter(|meant| names.contains(meant));
        let near = habit.or_else(|| near_name(&name, names.iter().copied()));
        self.diagnostics.push(match near {
            Some(near) if habit.is_some() => diagnostic.fix(self.span(id), near),
            Some(near) => near::fixed(diagnostic, self.span(id), &name, near),
            None => diagnostic,
        });
        // What stands in the group is checked as what it was meant to be.
        near.and_then(context_by_name).map(Some)
    }
}

/// A text in place of a list of texts: the parts between its commas.
fn split(text: &Text, span: Span, room: &mut usize) -> Vec<(Text, Span)> {
    let mut out = Vec::new();
    let mut start = 0;
    if text.as_str().is_empty() {
        return out;
    }
    for part in text.as_str().split(',') {
        if *room == 0 {
            break;
        }
        *room -= 1;
        let end = start + part.len();
        out.push((text.part(start, end), span));
        start = end + 1;
    }
    out
}
