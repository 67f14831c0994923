//! What a file is, and where in it configurations stand: as the file itself, or as a value of something else.
//!
//! People keep a Collector's configuration in custom resources (`spec.config`), in values of Helm charts (`config`,
//! `collectors.daemon.config`), and as a text in ConfigMaps. None of these is looked up by its schema: a map or text that
//! has the keys of a configuration is one, wherever it stands, and the place is its name.
//! INVARIANT: each node is looked at once, and texts in texts are bounded by the room of the file.
//! Deliberately elsewhere: what is in a configuration (`collector`, `rules`).

use std::collections::HashSet;

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};

use super::components::{self, Section};
use super::decode::Decoder;
use super::rules;
use super::scalar::Kind;
use super::text::Text;
use super::yaml::{Content, Documents, NodeId, Room, Tree};
use super::{ProcessorKind, ReadOptions};
use super::{hints, near};

/// The form of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// The body of a processor.
    Body(ProcessorKind),
    /// A Collector's configuration.
    Collector,
    /// The inside of its `processors:` block.
    Processors,
}

/// A configuration in a file.
#[derive(Debug)]
pub(crate) struct Unit {
    /// Where it stands, and in which object: `otel:spec.config`, `collectors.daemon.config`. Empty for the file itself.
    pub name: String,
    pub root: NodeId,
    pub form: Form,
    /// Whether something adds to it that is not in the file, as the defaults of a chart do.
    pub is_partial: bool,
}

/// Kinds of objects whose configurations are whole.
const WHOLE: [&str; 4] = ["OpenTelemetryCollector", "ConfigMap", "Secret", "List"];

/// The keys of a Collector's configuration.
pub(super) const SECTIONS: [&str; 6] = ["receivers", "processors", "exporters", "connectors", "extensions", "service"];

/// Texts inside each other that are looked into: a ConfigMap in the values of a chart in an object.
const TEXTS: usize = 3;

/// Finds the configurations of a file. What is none is reported; so are documents that do not run, which are only checked.
pub(crate) fn find(decoder: &mut Decoder, documents: Documents, options: &ReadOptions<'_>) -> Vec<Unit> {
    let (given, room) = (options.kind, options.room);
    let first = documents.roots[0];
    let of = |root, form| Unit { name: String::new(), root, form, is_partial: false };
    let itself = |form| vec![of(first, form)];
    if let Some(own) = form(&decoder.tree, first, given) {
        unread(decoder, &documents);
        let mut units = itself(own);
        if !options.must_choose {
            let others = documents.roots[1..].iter();
            units.extend(others.filter_map(|root| Some(of(*root, form(&decoder.tree, *root, given)?))));
            decoder.diagnostics.extend(documents.faults);
        }
        return units;
    }
    let mut search = Search { seen: HashSet::new(), crumbs: Vec::new(), found: Vec::new(), room };
    for root in &documents.roots {
        search.walk(decoder, *root);
    }
    if !search.found.is_empty() {
        decoder.diagnostics.extend(documents.faults);
        return search.found;
    }
    // A text that cannot be read is where the configuration would be.
    if decoder.diagnostics.iter().any(|found| [Code::UNRENDERED_TEMPLATE, Code::INVALID_YAML].contains(&found.code)) {
        return Vec::new();
    }
    let is_map = matches!(decoder.tree.value(first).content, Content::Map(_));
    match given {
        Some(kind) if is_map || decoder.tree.is_null(first) => {
            unread(decoder, &documents);
            itself(Form::Body(kind))
        }
        // The rest of it is missing.
        _ if decoder.tree.member(first, "service").is_some() && !is_object(&decoder.tree, first) => {
            itself(Form::Collector)
        }
        _ => {
            decoder.diagnostics.extend(documents.faults);
            let diagnostic = unrecognized(decoder, first);
            decoder.diagnostics.push(diagnostic);
            Vec::new()
        }
    }
}

/// What the root of a text is, told by its keys.
fn form(tree: &Tree, root: NodeId, given: Option<ProcessorKind>) -> Option<Form> {
    let Content::Map(pairs) = &tree.value(root).content else { return None };
    if is_object(tree, root) {
        return None;
    }
    let keys: Vec<&str> = pairs.iter().filter_map(|(key, _)| tree.key(*key)).collect();
    let (mut transform, mut filter) = rules::distinctive_keys();
    let has_transform = transform.any(|key| keys.contains(&key));
    let has_filter = filter.any(|key| keys.contains(&key));
    let sections = SECTIONS.iter().filter(|section| keys.contains(*section)).count();
    let is_collector =
        keys.contains(&"processors") || sections > 1 || has_pipelines(tree, root) || has_ours(tree, root);
    Some(match (has_transform, has_filter) {
        _ if is_collector => Form::Collector,
        (true, false) => Form::Body(ProcessorKind::Transform),
        (false, true) => Form::Body(ProcessorKind::Filter),
        // Keys of both: one of the processors it must be, and the other's keys are unknown there.
        (true, true) => Form::Body(given.unwrap_or(ProcessorKind::Transform)),
        (false, false) if keys.iter().any(|key| ProcessorKind::of(key).is_some()) => Form::Processors,
        (false, false) => return None,
    })
}

/// What a map somewhere in a file is. Less tells than of a root: `metrics` and `service` are anybody's words.
fn form_inside(tree: &Tree, id: NodeId, key: Option<&str>) -> Option<Form> {
    let Content::Map(pairs) = &tree.value(id).content else { return None };
    let is_map = |id: NodeId| matches!(tree.value(id).content, Content::Map(_));
    let is_list = |id: NodeId| matches!(tree.value(id).content, Content::List(_));
    let members = || pairs.iter().filter_map(|(key, value)| tree.key(*key).map(|key| (key, *value)));
    let sections = members().filter(|(key, value)| SECTIONS.contains(key) && is_map(*value));
    if has_pipelines(tree, id) || sections.count() > 1 || has_ours(tree, id) {
        return Some(Form::Collector);
    }
    let of = |keys: &mut dyn Iterator<Item = &'static str>, end: &str| {
        keys.filter(|key| key.ends_with(end)).any(|key| tree.member(id, key).is_some_and(is_list))
    };
    let (mut transform, mut filter) = rules::distinctive_keys();
    if of(&mut transform, "_statements") {
        return Some(Form::Body(ProcessorKind::Transform));
    }
    if of(&mut filter, "_conditions") {
        return Some(Form::Body(ProcessorKind::Filter));
    }
    // The older form of conditions is told by the name of what holds it.
    let kind = key.and_then(ProcessorKind::of)?;
    let (_, mut filter) = rules::distinctive_keys();
    let has_lists = kind == ProcessorKind::Filter && filter.any(|key| tree.member(id, key).is_some_and(is_map));
    has_lists.then_some(Form::Body(kind))
}

/// Whether a map has a section with a component that holds OTTL.
fn has_ours(tree: &Tree, id: NodeId) -> bool {
    let is_ours = |section: Section, name: &str| {
        section == Section::Processors && ProcessorKind::of(name).is_some() || components::is_known(section, name)
    };
    Section::ALL.iter().any(|section| {
        let content = tree.member(id, section.key()).map(|members| &tree.value(members).content);
        let Some(Content::Map(pairs)) = content else { return false };
        pairs.iter().any(|(key, _)| tree.key(*key).is_some_and(|name| is_ours(*section, name)))
    })
}

fn has_pipelines(tree: &Tree, id: NodeId) -> bool {
    let pipelines = tree.member(id, "service").and_then(|service| tree.member(service, "pipelines"));
    pipelines.is_some()
}

/// Whether it is an object of Kubernetes.
fn is_object(tree: &Tree, id: NodeId) -> bool {
    tree.member(id, "apiVersion").is_some() && tree.member(id, "kind").is_some()
}

/// Warns of documents behind the one that is read.
pub(super) fn unread(decoder: &mut Decoder, documents: &Documents) {
    let holds = |id: &&NodeId| matches!(decoder.tree.nodes[**id].content, Content::Map(_) | Content::List(_));
    if let Some(next) = documents.roots[1..].iter().find(holds) {
        let message = "only the first document of a file runs; another one begins here";
        let at = decoder.span(*next).start;
        decoder.report(Code::UNREAD_DOCUMENT, Span::new(at, at), message);
    }
}

/// What is said about a file that holds no configuration.
fn unrecognized(decoder: &Decoder, root: NodeId) -> Diagnostic {
    let tree = &decoder.tree;
    let Content::Map(pairs) = &tree.value(root).content else {
        if let Content::List(items) = &tree.value(root).content
            && let Some(first) = items.first().copied()
            && ["op", "path"].iter().all(|key| tree.member(first, key).is_some())
        {
            let message = "this is a patch: what it says is put into another file";
            return Diagnostic::new(Code::UNRENDERED_TEMPLATE, decoder.span(first), message)
                .help("render first: `kubectl kustomize FOLDER | ottl check -`");
        }
        let message = match tree.is_null(root) {
            true => "there is nothing in this file",
            false => "this is no configuration: it should be a map",
        };
        let whole = Span::new(0, decoder.sources.part(0).trim_end().len() as u32);
        let fault = Diagnostic::new(Code::UNRECOGNIZED_CONFIGURATION, whole, message)
            .help("statements stand in a list below `log_statements:`, `trace_statements:` or `metric_statements:`");
        return hints::foreign(fault, decoder.sources.part(0));
    };
    let first = pairs.first().map_or(root, |(key, _)| *key);
    let kind = tree.member(root, "kind").and_then(|id| tree.key(id)).unwrap_or_default();
    if is_object(tree, root) && kind != "OpenTelemetryCollector" {
        // Manifests of other things are named beside those of Collectors.
        let message =
            format!("there is no configuration of a Collector in this object, so nothing of it is checked: `{kind}`");
        let diagnostic = Diagnostic::new(Code::WITHOUT_RULES, decoder.span(first), message);
        return match kind == "Secret" && tree.member(root, "data").is_some() {
            true => diagnostic
                .help("what stands in `data` is not looked into: it is base64, which `base64 -d | ottl check -` reads"),
            false => diagnostic,
        };
    }
    if is_object(tree, root) {
        let message = "there is no configuration of a Collector in this object";
        return Diagnostic::new(Code::UNRECOGNIZED_CONFIGURATION, decoder.span(first), message)
            .help("a configuration is recognised by its keys, such as `processors` and `service.pipelines`");
    }
    let (transform, filter) = rules::distinctive_keys();
    let known: Vec<&str> = transform.chain(filter).chain(["processors"]).collect();
    let near = pairs.iter().find_map(|(id, _)| {
        let near = tree.key(*id).and_then(|key| near_name(key, known.iter().copied()))?;
        Some((*id, near))
    });
    let span = decoder.span(near.map_or(first, |(id, _)| id));
    let message = "this is neither the body of a transform or filter processor nor a Collector configuration";
    let diagnostic = Diagnostic::new(Code::UNRECOGNIZED_CONFIGURATION, span, message);
    match near {
        Some((id, near)) => near::meant(diagnostic, span, tree.key(id).unwrap_or_default(), near),
        None => diagnostic.help("a body has keys such as `log_statements` or `log_conditions`"),
    }
}

/// A step on the way to a node.
struct Crumb {
    before: Option<usize>,
    key: String,
}

/// A node that is still to be looked at.
struct Next {
    id: NodeId,
    /// The last step on the way to it.
    crumb: Option<usize>,
    /// The object that it stands in.
    object: Option<NodeId>,
    /// How many texts it stands in.
    texts: usize,
}

/// Looks through documents.
struct Search {
    /// Nodes that were looked at: aliases name some of them again.
    seen: HashSet<NodeId>,
    crumbs: Vec<Crumb>,
    found: Vec<Unit>,
    /// What texts may still hold.
    room: Room,
}

impl Search {
    fn walk(&mut self, decoder: &mut Decoder, root: NodeId) {
        let mut open = vec![Next { id: root, crumb: None, object: None, texts: 0 }];
        while let Some(next) = open.pop() {
            if !self.seen.insert(next.id) {
                continue;
            }
            let key = next.crumb.map(|at| self.crumbs[at].key.as_str());
            let begin = open.len();
            match &decoder.tree.nodes[next.id].content {
                Content::Map(pairs) => {
                    if let Some(form) = form_inside(&decoder.tree, next.id, key) {
                        self.add(&decoder.tree, &next, form);
                        continue;
                    }
                    let object = if is_object(&decoder.tree, next.id) { Some(next.id) } else { next.object };
                    for (key, value) in pairs {
                        let key = decoder.tree.key(*key).unwrap_or_default().to_owned();
                        let crumb = self.step(next.crumb, key);
                        open.push(Next { id: *value, crumb, object, texts: next.texts });
                    }
                }
                Content::List(items) => {
                    for (number, item) in items.iter().enumerate() {
                        let crumb = self.step(next.crumb, format!("[{number}]"));
                        open.push(Next { id: *item, crumb, object: next.object, texts: next.texts });
                    }
                }
                Content::Scalar(Kind::Str, text) if next.texts < TEXTS && may_hold(text.as_str()) => {
                    let text = text.clone();
                    if next.texts > 0 || !decoder.tree.is_literal(next.id) {
                        let span = decoder.span(next.id);
                        decoder.rewritten.push(span);
                    }
                    for id in self.texts(decoder, &text) {
                        match form(&decoder.tree, id, None) {
                            Some(form) => self.add(&decoder.tree, &Next { id, ..next }, form),
                            None => open.push(Next { id, texts: next.texts + 1, ..next }),
                        }
                    }
                }
                _ => {}
            }
            // What stands first in the file is looked at first.
            open[begin..].reverse();
        }
    }

    fn step(&mut self, before: Option<usize>, key: String) -> Option<usize> {
        self.crumbs.push(Crumb { before, key });
        Some(self.crumbs.len() - 1)
    }

    /// The documents in a text. One that is not YAML is reported.
    fn texts(&mut self, decoder: &mut Decoder, text: &Text) -> Vec<NodeId> {
        let length = text.as_str().len();
        let nodes = self.room.nodes.saturating_sub(decoder.tree.nodes.len());
        let mut faults = Vec::new();
        let read = Tree::read(text.as_str(), Room { nodes, ..self.room }, &mut faults);
        self.room.length = self.room.length.saturating_sub(length);
        let roots = match read {
            Ok((tree, documents)) => {
                faults.extend(documents.faults);
                let offset = decoder.tree.embed(tree, text);
                documents.roots.into_iter().map(|root| root + offset).collect()
            }
            Err(fault) => {
                faults.extend(is_meant(text.as_str()).then(|| hints::template(fault, text.as_str())));
                Vec::new()
            }
        };
        let map = |span: Span| text.span(span.start as usize, span.end as usize);
        decoder.diagnostics.extend(faults.into_iter().map(|fault| Diagnostic { fix: None, ..fault.map_spans(map) }));
        roots
    }

    fn add(&mut self, tree: &Tree, at: &Next, form: Form) {
        let mut keys = Vec::new();
        let mut crumb = at.crumb;
        while let Some(number) = crumb {
            keys.push(self.crumbs[number].key.as_str());
            crumb = self.crumbs[number].before;
        }
        keys.reverse();
        let path = keys.join(".").replace(".[", "[");
        let text_of = |id: Option<NodeId>| id.and_then(|id| tree.key(id)).filter(|text| !text.is_empty());
        let metadata = at.object.and_then(|object| tree.member(object, "metadata"));
        let object = text_of(metadata.and_then(|metadata| tree.member(metadata, "name")));
        let kind = text_of(at.object.and_then(|object| tree.member(object, "kind")));
        let name = match object {
            Some(object) if path.is_empty() => object.to_owned(),
            Some(object) => format!("{object}:{path}"),
            None => path,
        };
        let is_partial = kind.is_none_or(|kind| !WHOLE.contains(&kind));
        self.found.push(Unit { name, root: at.id, form, is_partial });
    }
}

/// Whether a text is worth looking into: it has a word of a configuration, and is more than a line of words.
fn may_hold(text: &str) -> bool {
    let is_structured = text.contains('\n') || text.trim_start().starts_with('{') || is_one_line(text);
    is_structured
        && ["processors", "connectors", "pipelines", "_statements", "_conditions"]
            .iter()
            .any(|word| text.contains(word))
}

/// Whether a text is a key of a configuration with a map or list in brackets behind it: `processors: {transform: ...}`.
fn is_one_line(text: &str) -> bool {
    let Some((key, value)) = text.split_once(':') else { return false };
    let key = key.trim().trim_matches(['"', '\'']);
    let (mut transform, mut filter) = rules::distinctive_keys();
    value.trim_start().starts_with(['{', '['])
        && (SECTIONS.contains(&key)
            || ProcessorKind::of(key).is_some()
            || transform.any(|known| known == key)
            || filter.any(|known| known == key))
}

/// Whether a text is meant as a configuration: one of its lines is the key of one.
fn is_meant(text: &str) -> bool {
    is_one_line(text)
        || text.lines().any(|line| {
            let Some((key, _)) = line.trim_start_matches([' ', '-']).split_once(':') else { return false };
            let (mut transform, mut filter) = rules::distinctive_keys();
            key == "processors"
                || transform.any(|known| known == key && key.ends_with("_statements"))
                || filter.any(|known| known == key && key.ends_with("_conditions"))
        })
}
