//! Configurations: processor bodies and whole Collector configurations, read with their places in the file.
//!
//! - `yaml`, `align`, `text`, `origins`: the YAML tree, and where each byte of a scalar stands in the file.
//! - `expand`: `${env:NAME}` and `$$`; `secrets`: diagnostics without the values of variables.
//! - `decode`, `rules`: the bodies of the two processors; `older`, `matchers`: the filter processor's older forms.
//! - `newer`: a file with older forms in the newest one; `lists`: those of lists.
//! - `collector`: pipelines, and which processors they name.
//! - `keys`: the places of bodies, as a list.
//! - `hints`: advice about YAML that swallowed a part of a statement.
//!
//! INVARIANT: all faults of a configuration are found in one run, and each points into the file.
//! Deliberately elsewhere: what statements mean (`ottl-compiler`), files and the host's environment (the caller).

mod align;
mod collector;
mod decode;
mod expand;
mod hints;
mod keys;
mod lists;
mod matchers;
mod newer;
mod older;
mod origins;
mod rules;
mod secrets;
mod text;
mod yaml;

use std::fmt;

use ottl_diagnostics::{Code, Diagnostic, Fix, Span, TextMap, near_name};

pub(crate) use decode::Place;
pub use keys::{BodyPlace, body_places};
pub(crate) use lists::{Lists, NOTHING};
pub(crate) use newer::{Left, Matchers, newer};
pub(crate) use rules::{Body, Entry, Older, Rules, Settings};
pub(crate) use secrets::Secrets;
pub(crate) use text::WrittenText;
pub(crate) use yaml::Room;

use crate::ruleset::SIGNALS;
use decode::Decoder;
use expand::Expander;
use yaml::{Content, Tree};

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

/// How to read a configuration.
pub(crate) struct ReadOptions<'o> {
    pub kind: Option<ProcessorKind>,
    pub expand: bool,
    pub lookup: Lookup<'o>,
    pub pipelines: &'o [String],
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
    pub body: Body,
}

/// The processors that a signal's messages go through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// All of them, in the order of the file.
    File,
    /// For each signal, in the order of `Signal::ALL`, the numbers of the processors.
    Pipelines([Vec<usize>; SIGNALS]),
}

/// What reading gave. With an error among the diagnostics the rest is incomplete.
#[derive(Debug)]
pub(crate) struct Configuration {
    pub processors: Vec<Processor>,
    pub order: Order,
    pub places: Vec<Place>,
    pub diagnostics: Vec<Diagnostic>,
    pub secrets: Secrets,
    /// Matchers from before OTTL that have a newer form.
    pub matchers: Vec<Matchers>,
    /// Lists of conditions in the older form.
    pub lists: Vec<Lists>,
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
        hints::cut_by_comment(diagnostic, *span, file)
    }
}

/// A text as it is written in the file.
struct Written<'t> {
    text: &'t str,
    map: TextMap,
    token: Span,
    file: &'t str,
}

impl Written<'_> {
    fn quote(&self) -> Option<u8> {
        self.token.of(self.file).bytes().next().filter(|first| matches!(first, b'"' | b'\''))
    }

    /// The range of the file for a range of the text, escapes whole.
    fn range(&self, span: Span) -> Span {
        let range = self.map.span(span);
        if span.is_empty() {
            return range;
        }
        let next = match self.quote() {
            Some(_) if span.end as usize >= self.text.len() => self.token.end.saturating_sub(1),
            _ => self.map.offset(span.end),
        };
        let escape = Span::new(range.end, next.max(range.end)).of(self.file).trim_end().len() as u32;
        Span::new(range.start, range.end + escape)
    }

    /// A text as its quotes want it.
    fn escaped(&self, text: &str) -> String {
        match self.quote() {
            Some(b'"') => text.replace('\\', "\\\\").replace('"', "\\\""),
            Some(_) => text.replace('\'', "''"),
            None => text.to_owned(),
        }
    }

    /// A fix of the text as an edit of the file: only where the file has the text itself, not what expands or unfolds
    /// to it.
    fn edit(&self, fix: &Fix) -> Option<Fix> {
        let at = fix.span.start;
        let before = self.text.get(..at as usize)?.chars().next_back();
        let before = Span::new(at - before.map_or(0, char::len_utf8) as u32, at);
        // What is inserted stands behind the character before it: the next one may be on another line.
        let inserts = fix.span.is_empty() && !before.is_empty();
        let witness = if inserts { before } else { fix.span };
        if self.range(witness).of(self.file) != self.escaped(witness.of(self.text)) {
            return None;
        }
        let range = self.range(witness);
        let span = if inserts { Span::new(range.end, range.end) } else { range };
        Some(Fix { span, replacement: self.escaped(&fix.replacement) })
    }
}

/// Reads a configuration: a processor's body, or a Collector's configuration.
pub(crate) fn read(file: &str, options: &ReadOptions<'_>) -> Configuration {
    let mut configuration = Configuration {
        processors: Vec::new(),
        order: Order::File,
        places: Vec::new(),
        diagnostics: Vec::new(),
        secrets: Secrets::default(),
        matchers: Vec::new(),
        lists: Vec::new(),
    };
    if file.len() > options.room.length.min(u32::MAX as usize) {
        let message = format!("the configuration has {} bytes, and the limit is {}", file.len(), options.room.length);
        configuration.diagnostics.push(Diagnostic::new(Code::CONFIGURATION_TOO_LARGE, Span::default(), message));
        return configuration;
    }
    let (tree, root) = match Tree::read(file, options.room, &mut configuration.diagnostics) {
        Ok(read) => read,
        Err(diagnostic) => {
            configuration.diagnostics.push(diagnostic);
            return configuration;
        }
    };
    let mut decoder = Decoder {
        tree,
        places: Vec::new(),
        diagnostics: std::mem::take(&mut configuration.diagnostics),
        secrets: Secrets::default(),
        translated: Vec::new(),
        older: Vec::new(),
    };
    let mut expander = Expander::new(options.lookup, options.room);
    if let Some(kind) = body_kind(&mut decoder, root, options.kind, file) {
        let root = if options.expand { expander.expand(&mut decoder, root) } else { root };
        for wanted in options.pipelines {
            let message = format!("there is no pipeline `{wanted}`: these are the rules of one processor");
            decoder.report(Code::UNKNOWN_PIPELINE, Span::default(), message);
        }
        let name = kind.name().to_owned();
        let body = body(&mut decoder, kind, root, options.settings);
        configuration.processors.push(Processor { name, body });
    } else if !decoder.diagnostics.iter().any(|d| d.code == Code::UNRECOGNIZED_CONFIGURATION) {
        collector::read(&mut decoder, root, &mut expander, options, &mut configuration);
    }
    configuration.matchers =
        decoder.translated.drain(..).map(|form| Matchers::new(form, &decoder.tree, file)).collect();
    configuration.lists = decoder.older.drain(..).map(|lists| Lists::new(&lists, &decoder.tree, file)).collect();
    configuration.places = decoder.places;
    decoder.secrets.seal(file);
    let hide = |diagnostic| decoder.secrets.hide(diagnostic, true);
    configuration.diagnostics = decoder.diagnostics.into_iter().map(hide).collect();
    for processor in &mut configuration.processors {
        processor.name = decoder.secrets.name(&processor.name);
    }
    configuration.secrets = decoder.secrets;
    configuration
}

pub(crate) fn body(decoder: &mut Decoder, kind: ProcessorKind, root: usize, settings: Settings) -> Body {
    match kind {
        ProcessorKind::Transform => rules::transform(decoder, root, settings),
        ProcessorKind::Filter => rules::filter(decoder, root, settings),
    }
}

/// The processor whose body this is: told by its keys, else as the caller says. None for a Collector's configuration,
/// and for what is neither, which is reported.
fn body_kind(decoder: &mut Decoder, root: usize, given: Option<ProcessorKind>, file: &str) -> Option<ProcessorKind> {
    let Content::Map(pairs) = &decoder.tree.value(root).content else {
        if decoder.tree.is_null(root) && given.is_some() {
            return given;
        }
        let message = "this is no configuration: it should be a map";
        let diagnostic = Diagnostic::new(Code::UNRECOGNIZED_CONFIGURATION, whole(file), message)
            .help("statements stand in a list below `log_statements:`, `trace_statements:` or `metric_statements:`");
        decoder.diagnostics.push(diagnostic);
        return None;
    };
    let keys: Vec<&str> = pairs.iter().filter_map(|(key, _)| decoder.tree.key(*key)).collect();
    let (mut transform, mut filter) = rules::distinctive_keys();
    let has_transform = transform.any(|key| keys.contains(&key));
    let has_filter = filter.any(|key| keys.contains(&key));
    match (has_transform, has_filter) {
        _ if keys.contains(&"processors") || keys.contains(&"service") => None,
        // The inside of a `processors:` block.
        (false, false) if keys.iter().any(|key| ProcessorKind::of(key).is_some()) => None,
        (true, false) => Some(ProcessorKind::Transform),
        (false, true) => Some(ProcessorKind::Filter),
        // Keys of both: one of the processors it must be, and the other's keys are unknown there.
        (true, true) => Some(given.unwrap_or(ProcessorKind::Transform)),
        (false, false) if given.is_some() => given,
        (false, false) => {
            let (transform, filter) = rules::distinctive_keys();
            let known: Vec<&str> = transform.chain(filter).chain(["processors"]).collect();
            let near = pairs.iter().find_map(|(id, _)| {
                let near = decoder.tree.key(*id).and_then(|key| near_name(key, known.iter().copied()))?;
                Some((*id, near))
            });
            let first = near.map(|(id, _)| id).or(pairs.first().map(|(key, _)| *key));
            let span = decoder.span(first.unwrap_or(root));
            let mut diagnostic = Diagnostic::new(
                Code::UNRECOGNIZED_CONFIGURATION,
                span,
                "this is neither the body of a transform or filter processor nor a Collector's configuration",
            );
            diagnostic = match near {
                Some((_, near)) => diagnostic.help(format!("did you mean `{near}`?")).fix(span, near),
                None => diagnostic.help("a body has keys such as `log_statements` or `log_conditions`"),
            };
            decoder.diagnostics.push(diagnostic);
            None
        }
    }
}

fn whole(file: &str) -> Span {
    Span::new(0, file.trim_end().len() as u32)
}
