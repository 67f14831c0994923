//! YAML as a tree with places.
//!
//! Aliases share the node they name, so the tree is no larger than the file; what they expand to, which later steps walk, is
//! counted and bounded.
//! INVARIANT: a node's number is larger than those of the nodes in it, except through aliases, which name finished
//! nodes; so no node holds itself.
//! Deliberately elsewhere: what scalars are (`scalar`), what keys and values mean.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle};
use ottl_diagnostics::{Code, Diagnostic, Span};

use super::align::align;
use super::hints;
use super::scalar::{Kind, kind};
use super::text::Text;

/// How large a document may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    /// What aliases and merge keys may expand to, in bytes and nodes.
    pub length: usize,
    /// Keys, values, lists and maps: each takes some hundred bytes, however little of the file it is.
    pub nodes: usize,
    /// Lists and maps inside each other; where that is bounded, there are no aliases.
    pub depth: usize,
}

/// A node's number in its [`Tree`].
pub(crate) type NodeId = usize;

/// What a node holds.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    Scalar(Kind, Text),
    List(Vec<NodeId>),
    /// Pairs of keys and values in order.
    Map(Vec<(NodeId, NodeId)>),
    /// What a reference alone became: its value, and its text for keys that take a text.
    Expanded {
        value: NodeId,
        original: Text,
    },
}

impl Content {
    /// The same with other numbers for the nodes in it.
    fn shifted(mut self, offset: usize) -> Content {
        match &mut self {
            Content::Scalar(..) => {}
            Content::List(items) => items.iter_mut().for_each(|id| *id += offset),
            Content::Map(pairs) => pairs.iter_mut().for_each(|(key, value)| {
                *key += offset;
                *value += offset;
            }),
            Content::Expanded { value, .. } => *value += offset,
        }
        self
    }
}

/// A value and its place in the file.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub span: Span,
    pub content: Content,
}

/// All nodes of a document.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    pub nodes: Vec<Node>,
    /// The scalars' styles matter to nobody but formatters: whether a text is a block, plain or quoted.
    pub styles: Vec<(NodeId, ScalarStyle)>,
}

impl Tree {
    /// Reads the documents of a text.
    ///
    /// Faults of the first one that leave a tree (duplicate keys) go to `diagnostics`.
    ///
    /// # Errors
    /// The place where the first document stops being YAML, or where it expands to too much.
    pub fn read(file: &str, room: Room, diagnostics: &mut Vec<Diagnostic>) -> Result<(Tree, Documents), Diagnostic> {
        let mut builder = Builder {
            file,
            tree: Tree::default(),
            anchors: HashMap::new(),
            open: Vec::new(),
            root: None,
            sizes: Vec::new(),
            room,
        };
        let options = granit_parser::options! { emit_comments: false };
        let (mut roots, mut faults, mut marked) = (Vec::new(), Vec::new(), false);
        for event in Parser::new_from_str_with_options(file, options) {
            let event = event.map_err(|error| {
                let at = error.marker().byte_offset().unwrap_or(file.len()).min(file.len());
                let message = format!("invalid YAML: {}", error.info());
                if let Some(opens) = hints::opened_above(file, at) {
                    let message = "invalid YAML: a quote after `: ` begins a YAML string";
                    let at = Span::new(opens as u32, opens as u32 + 1);
                    return Diagnostic::new(Code::INVALID_YAML, at, message).help(hints::QUOTE);
                }
                let diagnostic = Diagnostic::new(Code::INVALID_YAML, Span::new(at as u32, at as u32), message);
                match hints::about_line(file, at) {
                    Some(help) => diagnostic.help(help),
                    None => diagnostic,
                }
            });
            let taken = event.and_then(|(event, span)| {
                let range = span.byte_range().unwrap_or(0..0);
                let range = Span::new(range.start as u32, range.end as u32);
                match event {
                    // Without `---` the text should have belonged to the document before.
                    Event::DocumentStart(false, _) if !roots.is_empty() => {
                        let message = "invalid YAML: the document ended before, by its indentation";
                        Err(Diagnostic::new(Code::INVALID_YAML, range, message))
                    }
                    Event::DocumentStart(..) => {
                        marked = !roots.is_empty();
                        Ok(false)
                    }
                    event => builder.event(event, range, if marked { &mut faults } else { diagnostics }),
                }
            });
            match taken {
                Ok(false) => {}
                Ok(true) => {
                    builder.anchors.clear();
                    roots.extend(builder.root.take());
                }
                Err(fault) if marked => {
                    faults.push(fault);
                    break;
                }
                Err(fault) => return Err(fault),
            }
        }
        if roots.is_empty() {
            roots.push(builder.tree.add(Span::default(), Content::Scalar(Kind::Null, Text::default())));
        }
        Ok((builder.tree, Documents { roots, faults }))
    }

    pub fn add(&mut self, span: Span, content: Content) -> NodeId {
        self.nodes.push(Node { span, content });
        self.nodes.len() - 1
    }

    /// Takes over the nodes of a tree that was read from a text of the file, and stands where that stands. Its nodes have
    /// their numbers behind the one that is returned.
    pub fn embed(&mut self, other: Tree, of: &Text) -> NodeId {
        let offset = self.nodes.len();
        self.styles.extend(other.styles.into_iter().map(|(id, style)| (id + offset, style)));
        for mut node in other.nodes {
            node.span = of.span(node.span.start as usize, node.span.end as usize);
            node.content = match node.content {
                Content::Scalar(kind, text) => Content::Scalar(kind, text.inside(of)),
                content => content.shifted(offset),
            };
            self.nodes.push(node);
        }
        offset
    }

    /// Takes over the nodes of a tree that was read from a file which begins at `start` among several. Its nodes have their numbers
    /// behind the one that is returned.
    pub fn join(&mut self, other: Tree, start: u32) -> NodeId {
        let offset = self.nodes.len();
        self.styles.extend(other.styles.into_iter().map(|(id, style)| (id + offset, style)));
        for mut node in other.nodes {
            node.span = Span::new(node.span.start + start, node.span.end + start);
            node.content = match node.content {
                Content::Scalar(kind, text) => Content::Scalar(kind, text.moved(start)),
                content => content.shifted(offset),
            };
            self.nodes.push(node);
        }
        offset
    }

    /// Takes over the nodes of a tree that was read from other text; all stand at `span` in the file.
    pub fn adopt(&mut self, other: Tree, span: Span) -> NodeId {
        let offset = self.nodes.len();
        for mut node in other.nodes {
            node.span = span;
            node.content = match node.content {
                Content::Scalar(kind, text) => Content::Scalar(kind, Text::in_place_of(text.as_str().to_owned(), span)),
                content => content.shifted(offset),
            };
            self.nodes.push(node);
        }
        offset
    }

    /// The node, with references replaced by their values.
    pub fn value(&self, mut id: NodeId) -> &Node {
        while let Content::Expanded { value, .. } = &self.nodes[id].content {
            id = *value;
        }
        &self.nodes[id]
    }

    /// The text of a key; none for a key that is a list or map.
    pub fn key(&self, id: NodeId) -> Option<&str> {
        match &self.nodes[id].content {
            Content::Scalar(_, text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// The value of a key of a map.
    pub fn member(&self, map: NodeId, key: &str) -> Option<NodeId> {
        let Content::Map(pairs) = &self.value(map).content else { return None };
        pairs.iter().find(|(id, _)| self.key(*id) == Some(key)).map(|(_, value)| *value)
    }

    /// Whether the node is a text whose lines stand in the file as they are, but for the blanks in front.
    pub fn is_literal(&self, id: NodeId) -> bool {
        let found = self.styles.binary_search_by_key(&id, |(id, _)| *id);
        found.is_ok_and(|at| self.styles[at].1 == ScalarStyle::Literal)
    }

    /// Whether the node is nothing: `null`, `~`, or no value at all.
    pub fn is_null(&self, id: NodeId) -> bool {
        matches!(self.value(id).content, Content::Scalar(Kind::Null, _))
    }
}

/// The documents of a file.
#[derive(Debug)]
pub(crate) struct Documents {
    /// The root of each; there is one at least.
    pub roots: Vec<NodeId>,
    /// What is wrong with those behind the first. One that is not YAML ends the list.
    pub faults: Vec<Diagnostic>,
}

/// A list or map that is not closed yet.
struct Open {
    span: Span,
    anchor: usize,
    is_map: bool,
    items: Vec<NodeId>,
}

struct Builder<'t> {
    file: &'t str,
    tree: Tree,
    anchors: HashMap<usize, NodeId>,
    open: Vec<Open>,
    root: Option<NodeId>,
    /// What each node expands to: bytes of texts, and one for each node.
    sizes: Vec<usize>,
    /// What aliases and merge keys may still expand to.
    room: Room,
}

impl Builder<'_> {
    /// Takes an event; true when a document is complete.
    fn event(&mut self, event: Event<'_>, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Result<bool, Diagnostic> {
        match event {
            Event::Scalar(value, style, anchor, tag) => {
                let kind = kind(&value, style, tag.as_deref());
                let origins = align(self.file, span.start as usize, style, &value);
                let text = Text::new(&value, origins, span.start);
                let size = text.as_str().len().saturating_add(1);
                let id = self.add(span, Content::Scalar(kind, text), size)?;
                self.tree.styles.push((id, style));
                self.finish(id, anchor);
            }
            Event::SequenceStart(_, anchor, _) => self.open(span, anchor, false)?,
            Event::MappingStart(_, anchor, _) => self.open(span, anchor, true)?,
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(open) = self.open.pop() else { return Ok(false) };
                // Without brackets the end is where the next thing begins, lines below.
                let last = open.items.last().map(|id| self.tree.nodes[*id].span);
                let span = open.span.to(last.filter(|_| span.is_empty()).unwrap_or(span));
                let content = if open.is_map {
                    Content::Map(self.pairs(&open.items, diagnostics)?)
                } else {
                    Content::List(open.items)
                };
                let size_of = |sum: usize, id: &NodeId| sum.saturating_add(self.sizes[*id]);
                let size = match &content {
                    Content::Map(pairs) => pairs.iter().flat_map(|(key, value)| [key, value]).fold(1, size_of),
                    Content::List(items) => items.iter().fold(1, size_of),
                    _ => 1,
                };
                let id = self.add(span, content, size)?;
                self.finish(id, open.anchor);
            }
            Event::Alias(anchor) => {
                let Some(&id) = self.anchors.get(&anchor) else {
                    let message = "this alias stands inside the value that it names";
                    return Err(Diagnostic::new(Code::INVALID_YAML, span, message));
                };
                if self.room.depth < usize::MAX {
                    return Err(too_deep(span));
                }
                self.expand(self.sizes[id], span)?;
                self.finish(id, 0);
            }
            Event::DocumentEnd => return Ok(true),
            _ => {}
        }
        Ok(false)
    }

    fn open(&mut self, span: Span, anchor: usize, is_map: bool) -> Result<(), Diagnostic> {
        if self.open.len() >= self.room.depth {
            return Err(too_deep(span));
        }
        self.open.push(Open { span, anchor, is_map, items: Vec::new() });
        Ok(())
    }

    fn add(&mut self, span: Span, content: Content, size: usize) -> Result<NodeId, Diagnostic> {
        let limit = self.room.nodes;
        if self.sizes.len() >= limit {
            let message = format!("the configuration has more than {limit} keys, values, lists and maps");
            return Err(Diagnostic::new(Code::CONFIGURATION_TOO_LARGE, span, message));
        }
        self.sizes.push(size);
        Ok(self.tree.add(span, content))
    }

    /// Counts what an alias or a merge key expands to.
    fn expand(&mut self, size: usize, span: Span) -> Result<(), Diagnostic> {
        self.room.length = self.room.length.checked_sub(size).ok_or_else(|| {
            let message = "the aliases of this configuration expand to more bytes than a configuration may have";
            Diagnostic::new(Code::CONFIGURATION_TOO_LARGE, span, message)
                .help("the limit is `configuration_length`, in `Limits`")
        })?;
        Ok(())
    }

    fn finish(&mut self, id: NodeId, anchor: usize) {
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        match self.open.last_mut() {
            Some(open) => open.items.push(id),
            None => self.root = Some(id),
        }
    }

    /// The pairs of a map: merge keys resolved, keys that stand twice reported.
    fn pairs(
        &mut self,
        items: &[NodeId],
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Result<Vec<(NodeId, NodeId)>, Diagnostic> {
        let mut pairs: Vec<(NodeId, NodeId)> = Vec::with_capacity(items.len() / 2);
        let mut merged = Vec::new();
        let mut seen = HashMap::new();
        for pair in items.chunks_exact(2) {
            let (key, value) = (pair[0], pair[1]);
            let Some(name) = self.tree.key(key) else {
                let message = "a key of a configuration is a string, not a list or map";
                return Err(Diagnostic::new(Code::INVALID_YAML, self.tree.nodes[key].span, message));
            };
            if name == "<<" && self.is_plain(key) {
                merged.push(value);
                continue;
            }
            if let Some(first) = seen.insert(name.to_owned(), key)
                && diagnostics.len() < 1000
            {
                let message = format!("duplicate key `{name}` in this map");
                let diagnostic = Diagnostic::new(Code::DUPLICATE_KEY, self.tree.nodes[key].span, message)
                    .other(self.tree.nodes[first].span, "first here");
                diagnostics.push(diagnostic);
            }
            pairs.push((key, value));
        }
        for value in merged {
            let sources = match &self.tree.nodes[value].content {
                Content::List(items) => items.clone(),
                _ => vec![value],
            };
            for source in sources {
                // Each pair is looked at, also one that the map has already.
                self.expand(self.sizes[source], self.tree.nodes[source].span)?;
                let Content::Map(inherited) = &self.tree.nodes[source].content else {
                    let message = "`<<` takes a map, or a list of maps";
                    return Err(Diagnostic::new(Code::INVALID_YAML, self.tree.nodes[source].span, message));
                };
                for (key, value) in inherited {
                    if let Some(name) = self.tree.key(*key)
                        && !seen.contains_key(name)
                    {
                        seen.insert(name.to_owned(), *key);
                        pairs.push((*key, *value));
                    }
                }
            }
        }
        Ok(pairs)
    }

    fn is_plain(&self, id: NodeId) -> bool {
        let found = self.tree.styles.binary_search_by_key(&id, |(id, _)| *id);
        found.is_ok_and(|at| self.tree.styles[at].1 == ScalarStyle::Plain)
    }
}

/// What the caller does not show: it reads again on a larger stack.
#[cold]
fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::CONFIGURATION_TOO_LARGE,
        span,
        "lists and maps lie deeper inside each other than the stack allows",
    )
}
