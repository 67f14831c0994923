//! Configurations: processor bodies and whole Collector configurations, read with their places in the file.
//!
//! - `yaml`, `align`, `text`, `origins`: the YAML tree, and where each byte of a scalar stands in the file.
//! - `sources`, `merge`: several files, and those that they read.
//! - `expand`: `${env:NAME}`, `${file:PATH}` and `$$`; `secrets`: diagnostics without the values of variables.
//! - `decode`, `rules`: the bodies of the two processors; `older`, `matchers`: the filter processor's older forms.
//! - `newer`: a file with older forms in the newest one; `lists`: those of lists.
//! - `units`: what a file is, and where in it configurations stand.
//! - `collector`: pipelines, and which processors they name.
//! - `components`: OTTL that other components hold.
//! - `derived`: metrics that one of them makes.
//! - `policies`: which of it the policies of `tail_sampling` ask.
//! - `shapes`: the keys beside it; `wiring`: how components and pipelines name each other.
//! - `keys`: the places of bodies, as a list.
//! - `pasted`: what a body has of a Collector's file.
//! - `written`: ranges and fixes of texts as those of the file.
//! - `hints`: advice about YAML that swallowed a part of a statement.
//!
//! INVARIANT: all faults of a configuration are found in one run, and each points into the file.
//! Deliberately elsewhere: what statements mean (`ottl-compiler`), files and the host's environment (the caller).

mod align;
mod collector;
mod components;
mod decode;
mod derived;
mod expand;
mod hints;
mod keys;
mod lists;
mod matchers;
mod merge;
mod near;
mod newer;
mod older;
mod origins;
mod pasted;
mod policies;
mod routes;
mod rules;
mod scalar;
mod secrets;
mod shapes;
mod sources;
mod text;
mod units;
mod wiring;
mod written;
mod yaml;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

pub(crate) use granit_parser::ScalarStyle;
use ottl_diagnostics::{Code, Diagnostic, Severity, Span, near_name};

pub(crate) use components::{Asked, Check};
pub(crate) use decode::Place;
pub use keys::{BodyPlace, body_places};
pub(crate) use lists::{Lists, NOTHING};
pub(crate) use newer::{Left, Matchers, newer};
#[cfg(feature = "service")]
pub(crate) use origins::Origins;
pub(crate) use rules::{Body, Entry, Older, Rules, Settings};
pub(crate) use scalar::Kind;
#[cfg(feature = "testing")]
pub(crate) use scalar::{float_value, int_value};
pub(crate) use secrets::Secrets;
pub(crate) use sources::{Part, Sources, back};
pub(crate) use text::{Text, WrittenText};
pub(crate) use yaml::{Content, NodeId, Room, Tree};

use crate::ruleset::SIGNALS;
use decode::Decoder;
use expand::Expander;
use units::{Form, Unit};
use written::{Written, inside_quotes};
use yaml::Documents;

/// Which processor a body belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProcessorKind {
    /// The transform processor: statements.
    Transform,
    /// The filter processor: conditions; what meets one is dropped.
    Filter,
}

impl ProcessorKind {
    /// `transform` or `filter`.
    pub fn name(self) -> &'static str {
        match self {
            ProcessorKind::Transform => "transform",
            ProcessorKind::Filter => "filter",
        }
    }

    /// The kind of a processor by its name in a configuration: `transform/redact`.
    pub(crate) fn of(name: &str) -> Option<ProcessorKind> {
        match name.split('/').next().unwrap_or_default().trim() {
            "transform" => Some(ProcessorKind::Transform),
            "filter" => Some(ProcessorKind::Filter),
            _ => None,
        }
    }
}

impl fmt::Display for ProcessorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The value of an environment variable by its name, as the caller wants the rules to see it.
pub type Lookup<'l> = &'l (dyn Fn(&str) -> Option<String> + Sync);

/// A file that a configuration reads by `${file:PATH}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileText {
    /// How it is called in diagnostics.
    pub name: String,
    /// What it holds.
    pub text: String,
}

/// The file of a path as it stands in a configuration, or why there is none to be had.
pub type Files<'f> = &'f (dyn Fn(&str) -> Result<FileText, String> + Sync);

/// How to read a configuration.
pub(crate) struct ReadOptions<'o> {
    pub kind: Option<ProcessorKind>,
    /// Whether bodies are expanded, if that was said.
    pub expand: Option<bool>,
    pub lookup: Lookup<'o>,
    pub files: Option<Files<'o>>,
    pub pipelines: &'o [String],
    /// Which configuration of a file that holds several.
    pub configuration: Option<&'o str>,
    /// Whether one of several has to be chosen.
    pub must_choose: bool,
    /// Whether texts are wanted as they are written.
    pub raw: bool,
    /// Which signals (in the order of `Signal::ALL`) must have one pipeline alone, or one that was chosen.
    pub signals: [bool; SIGNALS],
    pub settings: Settings,
    /// How large a configuration may be, before and after expansion.
    pub room: Room,
}

/// A processor of a configuration.
#[derive(Debug)]
pub(crate) struct Processor {
    /// `transform/redact`; for a body `transform` or `filter`.
    pub name: String,
    /// Its key in the file; empty for a body.
    pub key: Span,
    pub body: Body,
}

/// The processors that a signal's messages go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// These, in the order of the file.
    File(Range<usize>),
    /// For each signal, in the order of `Signal::ALL`.
    Pipelines(Box<[Chain; SIGNALS]>),
}

/// What the messages of a signal go through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Chain {
    /// The numbers of the processors, in their order.
    pub processors: Vec<usize>,
    /// The names of processors that have no rules and do not run here.
    pub others: Vec<String>,
}

/// What reading gave. With an error among the diagnostics the rest is incomplete.
#[derive(Debug)]
pub(crate) struct Configuration {
    /// The texts that it is made of.
    pub sources: Sources,
    /// Those of all configurations of the file.
    pub processors: Vec<Processor>,
    /// OTTL of other components.
    pub checks: Vec<Check>,
    /// The order of the configuration that was chosen, or that is the only one with rules.
    pub order: Order,
    pub places: Vec<Place>,
    pub diagnostics: Vec<Diagnostic>,
    pub secrets: Secrets,
    /// Matchers from before OTTL that have a newer form.
    pub matchers: Vec<Matchers>,
    /// Lists of conditions in the older form.
    pub lists: Vec<Lists>,
    /// Texts that hold a configuration and whose lines do not stand in the file as they are: quoted and folded ones.
    pub rewritten: Vec<Span>,
    /// Where values of charts stand, in which charts put what `{{ }}` says.
    templated: Vec<Span>,
    /// Values that could not be expanded.
    failed: HashSet<Span>,
    /// How scalars are written, where texts are wanted as they are written.
    pub styles: HashMap<Span, ScalarStyle>,
}

impl Configuration {
    /// Whether a place lies in a text that cannot be edited like a file.
    pub fn is_rewritten(&self, at: Span) -> bool {
        self.rewritten.iter().any(|span| span.start <= at.start && at.end <= span.end)
    }

    /// What is said about the place of a number, with ranges in the file and without values of variables. None for advice about a
    /// text that stands in no file.
    pub fn in_file(&self, place: u32, diagnostic: Diagnostic) -> Option<Diagnostic> {
        let file = self.sources.text();
        let place = self.places.get(place as usize);
        if place.is_some_and(|place| self.failed.contains(&place.span())) {
            return None;
        }
        if diagnostic.severity() != Severity::Error && place.is_some_and(Place::is_translated) {
            return None;
        }
        if diagnostic.code == Code::PATH_IN_TEXT && place.is_some_and(|place| self.is_filled_in(place)) {
            return None;
        }
        let (diagnostic, expanded) = match place {
            Some(place) => (place.in_file(diagnostic, file), place.is_expanded()),
            None => (diagnostic, false),
        };
        Some(self.mendable(self.secrets.hide(diagnostic, expanded)))
    }

    /// Whether a text has a template in it, and stands where charts fill them in.
    fn is_filled_in(&self, place: &Place) -> bool {
        let span = place.span();
        let lies_in = |values: &Span| values.start <= span.start && span.end <= values.end;
        self.templated.iter().any(lies_in) && place.text().contains("{{")
    }

    /// The diagnostic without a fix that the text around it would take for something else.
    pub fn mendable(&self, mut diagnostic: Diagnostic) -> Diagnostic {
        let is_word = |text: &str| !text.contains(['"', '\'', '\\', '\n']);
        if diagnostic.fix.as_ref().is_some_and(|fix| !is_word(&fix.replacement) && self.is_rewritten(fix.span)) {
            diagnostic.fix = None;
        }
        diagnostic
    }
}

impl Place {
    /// The range in the file.
    pub fn span(&self) -> Span {
        match self {
            Place::Text { span, .. } | Place::Node(span) => *span,
        }
    }

    /// Where the text begins in the file.
    pub fn begin(&self) -> u32 {
        match self {
            Place::Text { text, .. } => text.begin(),
            Place::Node(span) => span.start,
        }
    }

    /// Whether the text has references, or had.
    pub fn is_expanded(&self) -> bool {
        matches!(self, Place::Text { text, .. } if text.is_expanded())
    }

    /// Whether the text stands for a matcher from before OTTL, so that advice about how it is written is none for the user.
    pub fn is_translated(&self) -> bool {
        matches!(self, Place::Text { translated: true, .. })
    }

    /// The text as it stands in the file, for a text that expansion changed.
    pub fn as_written(&self, file: &str) -> Option<WrittenText> {
        match self {
            Place::Text { text, .. } if text.is_expanded() => Some(text.as_written(file)),
            _ => None,
        }
    }

    /// The statement or condition; empty for a place that is none.
    pub fn text(&self) -> &str {
        match self {
            Place::Text { text, .. } => text.as_str(),
            Place::Node(_) => "",
        }
    }

    /// A diagnostic about this place, with ranges in the file; its fix is an edit of the file or gone.
    pub fn in_file(&self, mut diagnostic: Diagnostic, file: &str) -> Diagnostic {
        let Place::Text { text, span, translated } = self else {
            return diagnostic.map_spans(|_| self.span());
        };
        if *translated {
            // The file has another text, which no fix of this one mends.
            diagnostic.fix = None;
        }
        let written = Written { text: text.as_str(), map: text.map(), token: *span, file };
        let fix = diagnostic.fix.take().and_then(|fix| written.edit(&fix));
        let mut diagnostic = diagnostic.map_spans(|span| written.range(span));
        diagnostic.fix = fix;
        if *translated && diagnostic.span.is_empty() {
            // It is about words that stand in no file.
            diagnostic.span = *span;
        }
        if diagnostic.code == Code::STATEMENT_TOO_LONG {
            // Too long a text is shown by its first line at most: its range is the whole token.
            diagnostic.span = *span;
        }
        if text.is_expanded() {
            diagnostic.message = with_dollars(diagnostic.message);
            diagnostic.label = diagnostic.label.map(with_dollars);
            diagnostic.help = diagnostic.help.map(with_dollars);
        }
        hints::after_sign(hints::cut_by_comment(diagnostic, *span, file), *span, file)
    }
}

/// A text about an expanded statement: a dollar sign before a brace that reached OTTL stands twice in the file, and has to.
fn with_dollars(text: String) -> String {
    text.replace("${", "$${")
}

/// Reads a configuration: a processor's body, or a Collector's configuration, of one file or of several that are merged.
pub(crate) fn read(sources: Sources, options: &ReadOptions<'_>) -> Configuration {
    let mut configuration = Configuration {
        sources: Sources::default(),
        processors: Vec::new(),
        checks: Vec::new(),
        order: Order::File(0..0),
        places: Vec::new(),
        diagnostics: Vec::new(),
        secrets: Secrets::default(),
        matchers: Vec::new(),
        lists: Vec::new(),
        rewritten: Vec::new(),
        templated: Vec::new(),
        failed: HashSet::new(),
        styles: HashMap::new(),
    };
    let mut decoder = Decoder {
        sources,
        tree: Tree::default(),
        places: Vec::new(),
        diagnostics: Vec::new(),
        secrets: Secrets::default(),
        translated: Vec::new(),
        older: Vec::new(),
        rewritten: Vec::new(),
        failed: HashSet::new(),
        holds_ottl: false,
        is_raw: options.raw,
    };
    let Some(documents) = documents(&mut decoder, options.room) else {
        return Configuration { sources: decoder.sources, diagnostics: decoder.diagnostics, ..configuration };
    };
    let expander = if options.raw { Expander::off } else { Expander::new };
    let mut expander = expander(options.lookup, options.files, options.room);
    let mut read = Vec::new();
    let root = documents.roots.first().copied();
    for unit in units::find(&mut decoder, documents, options) {
        let first = configuration.processors.len();
        if let Some(root) = root.filter(|_| unit.form != Form::Collector && wiring::lies_in_misspelt(&unit.name)) {
            wiring::sections(&mut decoder, root);
        }
        let order = match unit.form {
            Form::Body(kind) => {
                let expands = options.expand == Some(true);
                let root = if expands { expander.expand(&mut decoder, unit.root) } else { unit.root };
                let begin = decoder.places.len();
                let name = kind.name().to_owned();
                let body = body(&mut decoder, kind, root, options.settings);
                if options.expand.is_none() {
                    let end = decoder.places.len();
                    pasted::warn(&mut decoder, begin..end);
                }
                decoder.holds_ottl = true;
                configuration.processors.push(Processor { name, key: Span::default(), body });
                (Order::File(first..first + 1), Vec::new())
            }
            Form::Collector | Form::Processors => {
                collector::read(&mut decoder, &unit, &mut expander, options, &mut configuration)
            }
        };
        read.push((unit, first..configuration.processors.len(), order));
    }
    if let Some((first, ..)) = read.first()
        && !decoder.holds_ottl
    {
        let at = decoder.span(first.root).start;
        let message = "there is no OTTL in this file";
        let diagnostic = Diagnostic::new(Code::WITHOUT_RULES, Span::new(at, at), message)
            .help("`ottl` looks for rules in transform and filter processors, and in other components that use OTTL");
        decoder.diagnostics.push(diagnostic);
    }
    without_rules(&mut decoder, &configuration);
    choose(&mut decoder, read, options, &mut configuration);
    // Those of other files are other files' matter; ranges are those of all texts, which these are the first of.
    let (texts, own) = (decoder.sources.text(), decoder.sources.range(0).end as u32);
    let is_own = |key: NodeId| decoder.tree.nodes[key].span.start < own;
    let translated = std::mem::take(&mut decoder.translated).into_iter().filter(|form| is_own(form.key));
    configuration.matchers = translated.map(|form| Matchers::new(form, &decoder.tree, texts, own)).collect();
    let older = decoder.older.iter().filter(|lists| is_own(lists.key));
    configuration.lists = older.map(|lists| Lists::new(lists, &decoder.tree, texts, own)).collect();
    configuration.places = decoder.places;
    configuration.rewritten = decoder.rewritten;
    if options.raw {
        let tree = &decoder.tree;
        configuration.styles = tree.styles.iter().map(|(id, style)| (tree.nodes[*id].span, *style)).collect();
    }
    // The fault of a reference is the only one: its text is no statement, and no list of them.
    let of_references =
        [Code::INVALID_REFERENCE, Code::UNREADABLE_FILE, Code::CIRCULAR_REFERENCE, Code::CONFIGURATION_TOO_LARGE];
    let failed = std::mem::take(&mut decoder.failed);
    decoder.diagnostics.retain(|found| of_references.contains(&found.code) || !failed.contains(&found.span));
    configuration.failed = failed;
    decoder.secrets.seal(decoder.sources.text());
    let hide = |diagnostic| {
        let diagnostic = inside_quotes(diagnostic, decoder.sources.text());
        configuration.mendable(decoder.secrets.hide(diagnostic, true))
    };
    configuration.diagnostics = decoder.diagnostics.into_iter().map(hide).collect();
    for processor in &mut configuration.processors {
        processor.name = decoder.secrets.name(&processor.name);
    }
    if let Order::Pipelines(chains) = &mut configuration.order {
        let others = chains.iter_mut().flat_map(|chain| &mut chain.others);
        others.for_each(|name| *name = decoder.secrets.name(name));
    }
    configuration.secrets = decoder.secrets;
    configuration.sources = decoder.sources;
    configuration
}

/// The documents of the files that were given; those of several are one document. None after a fault that leaves none.
fn documents(decoder: &mut Decoder, room: Room) -> Option<Documents> {
    let length = decoder.sources.text().len();
    if length > room.length.min(u32::MAX as usize) {
        let message = format!("the configuration has {length} bytes, and the limit is {}", room.length);
        decoder.report(Code::CONFIGURATION_TOO_LARGE, Span::default(), message);
        return None;
    }
    let (mut all, mut is_sound) = (None, true);
    let given = decoder.sources.given();
    let is_merged = given.len() > 1;
    for part in given {
        let range = decoder.sources.range(part);
        let (text, start) = (decoder.sources.part(part), range.start as u32);
        let moved = |fault: Diagnostic| fault.map_spans(|span| Span::new(span.start + start, span.end + start));
        let nodes = room.nodes.saturating_sub(decoder.tree.nodes.len());
        let mut faults = Vec::new();
        let (tree, documents) = match Tree::read(text, Room { nodes, ..room }, &mut faults) {
            Ok(read) => read,
            Err(fault) => {
                faults.push(hints::template(fault, text));
                decoder.diagnostics.extend(faults.into_iter().map(moved));
                is_sound = false;
                continue;
            }
        };
        decoder.diagnostics.extend(faults.into_iter().map(moved));
        let offset = decoder.tree.join(tree, start);
        let roots: Vec<NodeId> = documents.roots.into_iter().map(|root| root + offset).collect();
        let read = Documents { roots, faults: documents.faults.into_iter().map(moved).collect() };
        if !is_merged {
            all = Some(read);
            continue;
        }
        units::unread(decoder, &read);
        let root = merge::nested(&mut decoder.tree, read.roots[0]);
        match &decoder.tree.nodes[root].content {
            Content::Map(_) => {
                let before: Option<Documents> = all.take();
                let root = before.map_or(root, |before| merge::merge(&mut decoder.tree, before.roots[0], root));
                all = Some(Documents { roots: vec![root], faults: Vec::new() });
            }
            Content::Scalar(Kind::Null, _) => {}
            _ => {
                let at = decoder.span(root);
                let message = "only maps can be merged, and this file is not a map";
                let diagnostic = Diagnostic::new(Code::UNMERGEABLE_FILE, Span::new(at.start, at.start), message)
                    .help("a configuration begins with keys such as `processors:` and `service:`");
                decoder.diagnostics.push(diagnostic);
                is_sound = false;
            }
        }
    }
    if all.is_none() && is_sound {
        // Files without anything are a file without anything.
        let nothing = decoder.tree.add(Span::default(), Content::Scalar(Kind::Null, Text::default()));
        all = Some(Documents { roots: vec![nothing], faults: Vec::new() });
    }
    all.filter(|_| is_sound)
}

/// A configuration of the file, its processors, and their order with the names of its pipelines.
type Read = (Unit, Range<usize>, (Order, Vec<(String, NodeId)>));

/// Warns of a file whose processors have empty lists only, if nothing else is wrong with it.
fn without_rules(decoder: &mut Decoder, configuration: &Configuration) {
    let is_empty = configuration.checks.is_empty() && configuration.processors.iter().all(|one| one.body.is_empty());
    let Some(first) = configuration.processors.first().filter(|_| is_empty && decoder.diagnostics.is_empty()) else {
        return;
    };
    if let (Some((_, key)), false) = (first.body.keys.first(), decoder.is_raw) {
        decoder.report(Code::EMPTY_GROUP, *key, "there is no rule in this file, so it does nothing");
    }
}

/// Takes the order of the configuration that runs: of several with rules, the one that was named.
fn choose(decoder: &mut Decoder, read: Vec<Read>, options: &ReadOptions<'_>, configuration: &mut Configuration) {
    for wanted in options.pipelines {
        let all = || read.iter().flat_map(|(.., (_, pipelines))| pipelines.iter().map(|(name, _)| name.as_str()));
        if read.is_empty() || all().any(|name| name == wanted) {
            continue;
        }
        let message = match read.iter().any(|(unit, ..)| !matches!(unit.form, Form::Body(_))) {
            true => format!("there is no pipeline `{wanted}`"),
            false => format!("there is no pipeline `{wanted}`: these are the rules of one processor"),
        };
        let first = read.iter().find_map(|(.., (_, pipelines))| pipelines.first());
        let span = first.map(|(_, key)| decoder.span(*key)).unwrap_or_default();
        let mut diagnostic = Diagnostic::new(Code::UNKNOWN_PIPELINE, span, message);
        if let Some(near) = near_name(wanted, all()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        } else if all().next().is_some() {
            diagnostic = diagnostic.help(format!("the pipelines are {}", all().collect::<Vec<_>>().join(", ")));
        }
        decoder.diagnostics.push(diagnostic);
    }
    let names = || read.iter().map(|(unit, ..)| unit.name.as_str()).filter(|name| !name.is_empty());
    if let Some(wanted) = options.configuration.filter(|wanted| !names().any(|name| name == *wanted)) {
        let message = format!("there is no configuration `{wanted}` in this file");
        let diagnostic = Diagnostic::new(Code::UNKNOWN_CONFIGURATION, Span::default(), message);
        decoder.diagnostics.push(match near_name(wanted, names()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None if names().next().is_none() => diagnostic.help("the file itself is one"),
            None => diagnostic.help(format!("there are {}", names().collect::<Vec<_>>().join(", "))),
        });
    }
    let has_rules = |range: &Range<usize>| {
        configuration.processors[range.clone()].iter().any(|processor| !processor.body.rules.is_empty())
    };
    let mut chosen: Vec<Read> = match options.configuration {
        Some(wanted) => read.into_iter().filter(|(unit, ..)| unit.name == wanted).collect(),
        None if read.len() > 1 => read.into_iter().filter(|(_, range, _)| has_rules(range)).collect(),
        None => read,
    };
    if let [(first, ..), (second, ..), ..] = &chosen[..]
        && options.must_choose
    {
        let names: Vec<&str> = chosen.iter().map(|(unit, ..)| unit.name.as_str()).collect();
        let message = format!("there are several configurations with rules in this file: {}", names.join(", "));
        let diagnostic = Diagnostic::new(Code::AMBIGUOUS_CONFIGURATION, decoder.span(second.root), message)
            .other(decoder.span(first.root), "another one is here")
            .help(format!("choose one by its name: `--configuration {}`", first.name));
        decoder.diagnostics.push(diagnostic);
    }
    if !chosen.is_empty() {
        let (_, _, (order, _)) = chosen.swap_remove(0);
        configuration.order = order;
    }
}

pub(crate) fn body(decoder: &mut Decoder, kind: ProcessorKind, root: usize, settings: Settings) -> Body {
    match kind {
        ProcessorKind::Transform => rules::transform(decoder, root, settings),
        ProcessorKind::Filter => rules::filter(decoder, root, settings),
    }
}
