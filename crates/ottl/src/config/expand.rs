//! `${env:NAME}`, `${NAME}`, `${env:NAME:-default}`, `${file:PATH}`, `${yaml:TEXT}` and `$$`, as the Collector expands them before OTTL sees a text.
//!
//! The rules are those of the Collector's `confmap` (v1.67.0): the innermost reference first, again and again for up to
//! 1000 rounds; an odd number of dollar signs before `${` escapes it; `$$` becomes `$` at the very end; a value that is
//! nothing but a reference is parsed as YAML, and keeps its text for keys that take a text; elsewhere the variable's
//! text is inserted as it is.
//! INVARIANT: the bytes that expansion writes, the nodes it walks and the depth of what it makes are bounded.
//! A file, `${file:PATH}`, that is all of a value is read with its own places, and its text is one of the [`Sources`].
//! Deliberately elsewhere: where variables and files come from (the caller).

use std::collections::{HashMap, HashSet};

use ottl_diagnostics::{Code, Diagnostic, Span};

use super::decode::Decoder;
use super::origins::Origins;
use super::scalar::Kind;
use super::text::Text;
use super::yaml::{Content, NodeId, Room, Tree};
use super::{FileText, Files, Lookup};

/// Rounds after which the Collector gives up.
const ROUNDS: usize = 1000;

/// Lists and maps inside each other, of what references became.
const DEPTH: usize = 512;

/// The scheme of files, with its colon.
const FILE: &str = "file:";

/// Files that references of one configuration may read as values.
const FILES: usize = 1000;

/// What a text became.
enum Outcome {
    Same,
    Text(Text),
    Node(NodeId),
}

/// Expands nodes of one configuration.
pub(crate) struct Expander<'l> {
    lookup: Lookup<'l>,
    files: Option<Files<'l>>,
    /// What files read in texts had.
    texts: HashMap<String, String>,
    /// The values of files, by the numbers of their texts.
    values: HashMap<usize, NodeId>,
    /// Which file reads which other.
    reads: HashSet<(usize, usize)>,
    /// Bytes that may still be written.
    bytes: usize,
    /// Nodes that may still be walked, rounds counted; a long text counts as several.
    nodes: usize,
    /// Nodes that the value of a variable may have.
    value_nodes: usize,
    /// Variables that were reported as unset, with the place of the first.
    unset: HashMap<String, Span>,
    failed: bool,
    /// Whether everything stays as it is written.
    is_off: bool,
    /// What nodes became that were expanded before: aliases name one node many times.
    known: HashMap<NodeId, NodeId>,
}

impl<'l> Expander<'l> {
    pub fn new(lookup: Lookup<'l>, files: Option<Files<'l>>, room: Room) -> Self {
        Expander {
            lookup,
            files,
            texts: HashMap::new(),
            values: HashMap::new(),
            reads: HashSet::new(),
            bytes: room.length,
            // Twice and a half what a file may have: most nodes are walked once, and references once more.
            nodes: room.nodes.saturating_mul(5) / 2,
            value_nodes: room.nodes,
            unset: HashMap::new(),
            failed: false,
            is_off: false,
            known: HashMap::new(),
        }
    }

    /// One that leaves everything as it is written.
    pub fn off(lookup: Lookup<'l>, files: Option<Files<'l>>, room: Room) -> Self {
        Expander { is_off: true, ..Expander::new(lookup, files, room) }
    }

    /// The node with every text in it expanded. After a fault, which is reported, the node as it was.
    pub fn expand(&mut self, decoder: &mut Decoder, id: NodeId) -> NodeId {
        if self.is_off {
            return id;
        }
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let span = decoder.span(id);
        let expanded = match &decoder.tree.nodes[id].content {
            Content::Scalar(..) | Content::Expanded { .. } => self.settle(decoder, id),
            Content::List(items) => {
                let items = items.clone();
                let new: Vec<NodeId> = items.iter().map(|item| self.expand(decoder, *item)).collect();
                if new == items { id } else { decoder.tree.add(span, Content::List(new)) }
            }
            Content::Map(pairs) => {
                let pairs = pairs.clone();
                let new: Vec<_> = pairs.iter().map(|(key, value)| (*key, self.expand(decoder, *value))).collect();
                if new == pairs { id } else { decoder.tree.add(span, Content::Map(new)) }
            }
        };
        self.known.insert(id, expanded);
        expanded
    }

    /// The node, which is what a reference alone stands for if it is one; what is in it stays as it is.
    pub fn open(&mut self, decoder: &mut Decoder, id: NodeId) -> NodeId {
        let mut now = id;
        for _ in 0..ROUNDS {
            let Content::Scalar(Kind::Str, text) = &decoder.tree.value(now).content else { return now };
            let text = text.clone();
            if self.is_off || find_reference(text.as_str()) != Some((0, text.as_str().len())) {
                return now;
            }
            match self.replace_first(decoder, &text) {
                Ok(Outcome::Node(node)) => now = node,
                Ok(_) => return now,
                Err(diagnostic) => {
                    self.fail(decoder, id, diagnostic);
                    return id;
                }
            }
        }
        id
    }

    /// One value, round after round, and its dollar signs at the end.
    fn settle(&mut self, decoder: &mut Decoder, id: NodeId) -> NodeId {
        let mut now = id;
        for _ in 0..ROUNDS {
            match self.round(decoder, now, 0) {
                Ok(next) if next == now => match self.unescape(decoder, now) {
                    Ok(done) => return done,
                    Err(diagnostic) => {
                        self.fail(decoder, id, diagnostic);
                        return id;
                    }
                },
                Ok(next) => now = next,
                Err(diagnostic) => {
                    self.fail(decoder, id, diagnostic);
                    return id;
                }
            }
        }
        let span = decoder.span(id);
        decoder.failed.insert(span);
        decoder.report(Code::INVALID_REFERENCE, span, "this reference leads back to itself, or nearly");
        id
    }

    /// Reports a fault. That of the limits is reported once for the file.
    fn fail(&mut self, decoder: &mut Decoder, id: NodeId, diagnostic: Diagnostic) {
        decoder.failed.insert(decoder.span(id));
        let limit = diagnostic.code == Code::CONFIGURATION_TOO_LARGE;
        if !(limit && std::mem::replace(&mut self.failed, true)) {
            decoder.diagnostics.push(diagnostic);
        }
    }

    /// Counts a node that is walked.
    fn visit(&mut self, decoder: &Decoder, id: NodeId) -> Result<(), Diagnostic> {
        let node = &decoder.tree.nodes[id];
        let cost = match &node.content {
            Content::Scalar(_, text) => 1 + text.as_str().len() / 256,
            _ => 1,
        };
        self.nodes = self.nodes.checked_sub(cost).ok_or_else(|| too_large(node.span))?;
        Ok(())
    }

    /// One round over a node: the first reference of each text is replaced.
    fn round(&mut self, decoder: &mut Decoder, id: NodeId, depth: usize) -> Result<NodeId, Diagnostic> {
        let span = decoder.span(id);
        self.visit(decoder, id)?;
        if depth > DEPTH {
            return Err(too_large(span));
        }
        match &decoder.tree.nodes[id].content {
            Content::Scalar(Kind::Str, text) => {
                let text = text.clone();
                Ok(match self.replace_first(decoder, &text)? {
                    Outcome::Same => id,
                    Outcome::Text(text) => decoder.tree.add(span, Content::Scalar(Kind::Str, text)),
                    Outcome::Node(node) => node,
                })
            }
            Content::Scalar(..) => Ok(id),
            Content::Expanded { value, original } => {
                let (value, original) = (*value, original.clone());
                let next = self.round(decoder, value, depth + 1)?;
                if matches!(decoder.tree.nodes[next].content, Content::Scalar(Kind::Str, _) | Content::Expanded { .. })
                {
                    // A text stands for itself from now on.
                    return Ok(if next == value && is_same_text(&decoder.tree, value, &original) { id } else { next });
                }
                // The kind that the key takes is not known here, so the text is expanded as well.
                let original = match self.replace_first(decoder, &original) {
                    Err(_) => return Ok(next),
                    Ok(Outcome::Same) if next == value => return Ok(id),
                    Ok(Outcome::Same) => original,
                    Ok(Outcome::Text(text)) => text,
                    Ok(Outcome::Node(_)) => return Ok(next),
                };
                Ok(decoder.tree.add(span, Content::Expanded { value: next, original }))
            }
            Content::List(items) => {
                let items = items.clone();
                let mut new = Vec::with_capacity(items.len());
                for item in &items {
                    new.push(self.round(decoder, *item, depth + 1)?);
                }
                Ok(if new == items { id } else { decoder.tree.add(span, Content::List(new)) })
            }
            Content::Map(pairs) => {
                let pairs = pairs.clone();
                let mut new = Vec::with_capacity(pairs.len());
                for (key, value) in &pairs {
                    new.push((*key, self.round(decoder, *value, depth + 1)?));
                }
                Ok(if new == pairs { id } else { decoder.tree.add(span, Content::Map(new)) })
            }
        }
    }

    /// Replaces the first reference of a text, wherever else it stands too.
    fn replace_first(&mut self, decoder: &mut Decoder, text: &Text) -> Result<Outcome, Diagnostic> {
        let Some((start, end)) = find_reference(text.as_str()) else {
            return Ok(Outcome::Same);
        };
        let span = text.span(start, end);
        let reference = &text.as_str()[start..end];
        let is_whole = reference.len() == text.as_str().len();
        if is_whole && let Some(path) = reference[2..reference.len() - 1].strip_prefix(FILE) {
            return self.file(decoder, path, span).map(Outcome::Node);
        }
        let value = self.retrieve(decoder, &reference[2..reference.len() - 1], span)?;
        if is_whole {
            self.spend(value.text.len(), span)?;
            let original = Text::in_place_of(value.text.clone(), span);
            let node = if value.verbatim {
                decoder.tree.add(span, Content::Scalar(Kind::Str, original.clone()))
            } else {
                let room = Room { length: self.bytes, nodes: self.value_nodes, depth: usize::MAX };
                parse_value(&mut decoder.tree, &value.text, span, room)
            };
            return Ok(Outcome::Node(decoder.tree.add(span, Content::Expanded { value: node, original })));
        }
        let count = text.as_str().matches(reference).count();
        self.spend((text.as_str().len()).saturating_add(count.saturating_mul(value.text.len())), span)?;
        Ok(Outcome::Text(text.replace(reference, &value.text)))
    }

    /// The value that a file is, which stands in that file.
    fn file(&mut self, decoder: &mut Decoder, path: &str, span: Span) -> Result<NodeId, Diagnostic> {
        let part = match decoder.sources.read_by(path) {
            Some(part) => part,
            None => {
                let FileText { name, text } = self.read(path, span)?;
                self.spend(text.len(), span)?;
                if decoder.sources.text().len().saturating_add(text.len()) >= u32::MAX as usize
                    || decoder.sources.parts().len() >= FILES
                {
                    return Err(too_large(span));
                }
                decoder.sources.include(path, &name, &text)
            }
        };
        let reader = decoder.sources.part_at(span.start);
        if part == reader || self.leads(part, reader) {
            let message = format!("the file `{path}` includes itself");
            return Err(Diagnostic::new(Code::CIRCULAR_REFERENCE, span, message)
                .help("remove the reference from one of the files"));
        }
        self.reads.insert((reader, part));
        if let Some(known) = self.values.get(&part) {
            return Ok(*known);
        }
        let begin = decoder.sources.range(part).start as u32;
        let text = decoder.sources.part(part).to_owned();
        let original = Text::new(&text, Origins::run(begin, text.len()), begin);
        let room = Room { length: self.bytes, nodes: self.value_nodes, depth: usize::MAX };
        let mut faults = Vec::new();
        let is_text = |tree: &Tree, root: NodeId| matches!(tree.nodes[root].content, Content::Scalar(Kind::Str, _));
        let value = match Tree::read(&text, room, &mut faults) {
            Ok((tree, documents)) if !is_text(&tree, documents.roots[0]) => {
                documents.roots[0] + decoder.tree.join(tree, begin)
            }
            read => {
                // A file that is no YAML is a text, unless its name says that it was meant as YAML.
                let is_meant = [".yaml", ".yml", ".json"].iter().any(|end| path.to_ascii_lowercase().ends_with(end));
                let at = Span::new(begin, begin + text.len() as u32);
                if let Some(fault) = read.err().filter(|_| is_meant) {
                    faults.push(fault);
                    decoder.failed.insert(at);
                }
                decoder.tree.add(at, Content::Scalar(Kind::Str, original.clone()))
            }
        };
        let moved = |span: Span| Span::new(span.start + begin, span.end + begin);
        decoder.diagnostics.extend(faults.into_iter().map(|fault| fault.map_spans(moved)));
        let at = decoder.span(value);
        let value = decoder.tree.add(at, Content::Expanded { value, original });
        self.values.insert(part, value);
        Ok(value)
    }

    /// Whether a file reads another one, or one that does.
    fn leads(&self, from: usize, to: usize) -> bool {
        let (mut open, mut seen) = (vec![from], HashSet::from([from]));
        while let Some(at) = open.pop() {
            if at == to {
                return true;
            }
            open.extend(
                self.reads.iter().filter(|(reader, part)| *reader == at && seen.insert(*part)).map(|(_, part)| part),
            );
        }
        false
    }

    /// Asks the caller for a file.
    fn read(&self, path: &str, span: Span) -> Result<FileText, Diagnostic> {
        let unreadable = |message: String| Diagnostic::new(Code::UNREADABLE_FILE, span, message);
        let Some(files) = self.files else {
            return Err(unreadable(format!("the file `{path}` is not read: this reader has no files"))
                .help("put what it holds in the place of the reference"));
        };
        files(path).map_err(unreadable)
    }

    fn spend(&mut self, bytes: usize, span: Span) -> Result<(), Diagnostic> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(|| too_large(span))?;
        Ok(())
    }

    /// What a reference stands for.
    fn retrieve(&mut self, decoder: &mut Decoder, uri: &str, span: Span) -> Result<Value, Diagnostic> {
        let invalid = |message: String| Diagnostic::new(Code::INVALID_REFERENCE, span, message);
        let (scheme, opaque) = match uri.split_once(':') {
            Some((scheme, opaque)) => (scheme, opaque),
            None => ("env", uri),
        };
        let mut letters = scheme.bytes();
        let named = letters.next().is_some_and(|b| b.is_ascii_alphabetic())
            && scheme.len() > 1
            && letters.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'));
        if !named && opaque.starts_with('-') {
            return Err(invalid(format!("`{uri}` is no reference")).help(format!("write `${{env:{uri}}}`")));
        }
        if !named {
            return Err(invalid(format!("`{uri}` is no reference")).help("a reference is written `${env:NAME}`"));
        }
        if opaque.contains('$') {
            return Err(invalid(format!("`{uri}` has a dollar sign inside the reference")));
        }
        match scheme {
            "env" => {}
            "file" => {
                if !self.texts.contains_key(opaque) {
                    let FileText { text, .. } = self.read(opaque, span)?;
                    self.spend(text.len(), span)?;
                    decoder.secrets.add(uri, &text);
                    self.texts.insert(opaque.to_owned(), text);
                }
                return Ok(Value { text: self.texts.get(opaque).cloned().unwrap_or_default(), verbatim: false });
            }
            "yaml" => return Ok(Value { text: opaque.to_owned(), verbatim: false }),
            _ if opaque.starts_with('-') => {
                return Err(invalid(format!("`{scheme}` is no kind of reference; only `env:` takes a default"))
                    .help(format!("write `${{env:{uri}}}`")));
            }
            _ => {
                return Err(invalid(format!("references of the kind `{scheme}:` are not read here"))
                    .help("put the value into a variable and write `${env:NAME}`"));
            }
        }
        let (name, default) = match opaque.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (opaque, None),
        };
        let mut bytes = name.bytes();
        let valid = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !valid {
            return Err(invalid(format!("`{name}` is not a valid environment variable name"))
                .help("write `$$` for a dollar sign in OTTL"));
        }
        Ok(match ((self.lookup)(name), default) {
            (Some(text), _) => {
                decoder.secrets.add(&format!("env:{name}"), &text);
                Value { text, verbatim: false }
            }
            (None, Some(default)) => Value { text: default.to_owned(), verbatim: default.is_empty() },
            (None, None) => {
                self.unset.entry(name.to_owned()).or_insert_with(|| {
                    let message = format!("the variable `{name}` is not set, so it is empty");
                    let diagnostic = Diagnostic::new(Code::UNSET_VARIABLE, span, message)
                        .help(format!("set it, or give a default: `${{env:{name}:-default}}`"));
                    decoder.diagnostics.push(diagnostic);
                    span
                });
                Value { text: String::new(), verbatim: false }
            }
        })
    }

    /// Turns `$$` into `$` in every text of the value.
    fn unescape(&mut self, decoder: &mut Decoder, id: NodeId) -> Result<NodeId, Diagnostic> {
        self.visit(decoder, id)?;
        let span = decoder.span(id);
        let content = match &decoder.tree.nodes[id].content {
            Content::Scalar(kind, text) if text.as_str().contains("$$") => {
                Content::Scalar(*kind, text.replace("$$", "$"))
            }
            Content::Scalar(..) => return Ok(id),
            Content::Expanded { value, original } => {
                let (value, original) = (*value, original.replace("$$", "$"));
                Content::Expanded { value: self.unescape(decoder, value)?, original }
            }
            Content::List(items) => {
                let items = items.clone();
                let new: Result<_, _> = items.iter().map(|item| self.unescape(decoder, *item)).collect();
                Content::List(new?)
            }
            Content::Map(pairs) => {
                let pairs = pairs.clone();
                let new: Result<_, _> = pairs
                    .iter()
                    .map(|(key, value)| self.unescape(decoder, *value).map(|value| (*key, value)))
                    .collect();
                Content::Map(new?)
            }
        };
        Ok(decoder.tree.add(span, content))
    }
}

/// What a reference stands for.
struct Value {
    text: String,
    /// Whether it is a text even where YAML would see something else.
    verbatim: bool,
}

fn is_same_text(tree: &Tree, id: NodeId, original: &Text) -> bool {
    matches!(&tree.nodes[id].content, Content::Scalar(Kind::Str, text) if text.as_str() == original.as_str())
}

/// A variable's text as a value: YAML, or the text itself when it is no YAML or YAML says it is a text.
fn parse_value(tree: &mut Tree, text: &str, span: Span, room: Room) -> NodeId {
    let mut faults = Vec::new();
    if let Ok((read, documents)) = Tree::read(text, room, &mut faults)
        && faults.is_empty()
        && !matches!(read.nodes[documents.roots[0]].content, Content::Scalar(Kind::Str, _))
    {
        return documents.roots[0] + tree.adopt(read, span);
    }
    tree.add(span, Content::Scalar(Kind::Str, Text::in_place_of(text.to_owned(), span)))
}

#[cold]
fn too_large(span: Span) -> Diagnostic {
    Diagnostic::new(Code::CONFIGURATION_TOO_LARGE, span, "expansion makes the configuration larger than the limit")
}

/// The range of the first reference that is not escaped: from `${` to the first `}` behind it.
fn find_reference(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let close = from + text[from..].find('}')?;
        if let Some(open) = text[from..=close].rfind("${") {
            let open = from + open;
            // Dollar signs before an earlier `}` belong to what was looked at already.
            let dollars = text[from..open].bytes().rev().take_while(|b| *b == b'$').count();
            if dollars % 2 == 0 {
                return Some((open, close + 1));
            }
        }
        from = close + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::find_reference;

    #[test]
    fn the_innermost_reference_comes_first_and_escapes_count() {
        for (text, want) in [
            ("", None),
            ("${", None),
            ("}${A}", Some("${A}")),
            ("${A}", Some("${A}")),
            ("x ${env:A}y", Some("${env:A}")),
            ("$${A}", None),
            ("$$${A}", Some("${A}")),
            ("$${A} ${B}", Some("${B}")),
            ("${env:${X}}", Some("${X}")),
            ("${env:X:-${Y}}", Some("${Y}")),
        ] {
            assert_eq!(find_reference(text).map(|(start, end)| &text[start..end]), want, "{text}");
        }
    }
}
