//! Whole Collector configurations: which transform and filter processors run, and in which order.
//!
//! Every transform and filter processor is read, whether a pipeline names it or not, as the Collector validates them
//! all; so are other components that hold OTTL (`components`). Everything else in the file is somebody else's.

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};

use super::components::{self, Section};
use super::decode::Decoder;
use super::expand::Expander;
use super::near;
use super::rules;
use super::scalar::Kind;
use super::units::{Form, Unit};
use super::wiring::{self, Wired};
use super::yaml::{Content, NodeId};
use super::{Chain, Configuration, Order, Processor, ProcessorKind, ReadOptions, body};
use crate::ruleset::SIGNALS;

/// A pipeline of a signal that rules can be for.
pub(super) struct Pipeline {
    /// `logs/a`.
    pub name: String,
    /// The signal's number: traces, metrics, logs.
    pub signal: usize,
    key: NodeId,
    pub processors: Vec<(String, NodeId)>,
    pub receivers: Vec<(String, NodeId)>,
    pub exporters: Vec<(String, NodeId)>,
}

impl Pipeline {
    /// Whether what it exports to a connector of such a type comes to another one.
    fn feeds(&self, other: &Pipeline, is_such: impl Fn(&str) -> bool) -> bool {
        let comes = |name: &str| other.receivers.iter().any(|(receiver, _)| receiver == name);
        self.exporters.iter().any(|(name, _)| is_such(name.split('/').next().unwrap_or_default()) && comes(name))
    }
}

/// Reads a configuration: adds its processors, and gives their order and the names of the pipelines.
pub(crate) fn read(
    decoder: &mut Decoder,
    unit: &Unit,
    expander: &mut Expander<'_>,
    options: &ReadOptions<'_>,
    configuration: &mut Configuration,
) -> (Order, Vec<(String, NodeId)>) {
    let is_whole = unit.form == Form::Collector && !decoder.is_raw;
    let mut lacks_processors = is_whole && wiring::sections(decoder, unit.root);
    let sections = sections(decoder, unit, expander);
    let section = sections.iter().find(|(section, _)| *section == Section::Processors).map(|(_, id)| *id);
    if let Some(id) = section
        && !matches!(decoder.tree.value(id).content, Content::Map(_))
        && !decoder.tree.is_null(id)
    {
        decoder.map(id, "processors", &[]);
        decoder.holds_ottl = true;
        lacks_processors = true;
    }
    let first = configuration.processors.len();
    let (mut others, mut wired) = (Vec::new(), Vec::new());
    let mut room = options.settings.statements;
    for (section, key, value) in components(decoder, &sections) {
        let name = decoder.tree.key(key).unwrap_or_default().trim().to_owned();
        let span = decoder.span(key);
        if components::is_known(section, &name) {
            let value = expander.expand(decoder, value);
            let target = options.settings.target;
            components::read(decoder, (section, &name), value, (target, &mut room), &mut configuration.checks);
            wired.push(Wired { section, name: name.clone(), key: span, body: value });
        } else if section != Section::Processors
            || ProcessorKind::of(&name).is_none() && meant(kind_of(&name)).is_none()
        {
            components::unchecked(decoder, &name, value);
        }
        if section != Section::Processors {
            continue;
        }
        let Some(kind) = ProcessorKind::of(&name) else {
            if !outdented(decoder, key, &name) {
                misspelt(decoder, key, &name);
            }
            others.push((name, span));
            continue;
        };
        let value = expander.expand(decoder, value);
        let body = body(decoder, kind, value, options.settings);
        // Without any key, it has no place for OTTL.
        let is_empty = match &decoder.tree.value(value).content {
            Content::Map(pairs) => pairs.is_empty(),
            _ => decoder.tree.is_null(value),
        };
        decoder.holds_ottl |= !is_empty || unit.is_partial;
        configuration.processors.push(Processor { name, key: span, body });
    }
    if unit.is_partial {
        configuration.templated.push(decoder.span(unit.root));
    }
    let pipelines = pipelines(decoder, unit.root, expander);
    let ours = &configuration.processors[first..];
    let known = Known { ours, first, others: &others, is_partial: unit.is_partial || lacks_processors };
    wiring::check(decoder, &wired, &pipelines, unit.is_partial);
    unused(decoder, &pipelines, &known);
    let has = |decoder: &Decoder, key: &str| decoder.tree.member(unit.root, key).is_some();
    if is_whole
        && !unit.is_partial
        && has(decoder, "receivers")
        && has(decoder, "exporters")
        && !has(decoder, "service")
    {
        let at = decoder.span(unit.root).start;
        let diagnostic = Diagnostic::new(
            Code::NO_PIPELINES,
            Span::new(at, at),
            "there is no `service`, so a Collector runs none of this",
        )
        .help("pipelines stand below `service: pipelines:`; of files that are merged, name all by `--config`");
        decoder.diagnostics.push(diagnostic);
    }
    let order = order(decoder, section, &pipelines, &known, options);
    (order, pipelines.into_iter().map(|pipeline| (pipeline.name, pipeline.key)).collect())
}

/// The sections of a configuration that may hold OTTL. What a reference stands for is looked into.
fn sections(decoder: &mut Decoder, unit: &Unit, expander: &mut Expander<'_>) -> Vec<(Section, NodeId)> {
    if unit.form == Form::Processors {
        // Without the keys around it, a text is the inside of a `processors:` block.
        return vec![(Section::Processors, unit.root)];
    }
    let mut out = Vec::new();
    for section in Section::ALL {
        if let Some(id) = decoder.tree.member(unit.root, section.key()) {
            out.push((section, expander.open(decoder, id)));
        }
    }
    out
}

/// The components of sections: where they stand, their names and their settings.
fn components(decoder: &Decoder, sections: &[(Section, NodeId)]) -> Vec<(Section, NodeId, NodeId)> {
    let mut out = Vec::new();
    for (section, id) in sections {
        if let Content::Map(pairs) = &decoder.tree.value(*id).content {
            out.extend(pairs.iter().map(|(key, value)| (*section, *key, *value)));
        }
    }
    out
}

/// Processors without OTTL that take away what nobody shall see: who forgets one in the pipelines sends it on.
const REDACTING: [&str; 3] = ["attributes", "redaction", "resource"];

/// What becomes of rules that no pipeline comes to.
const RULES: &str = "its rules never run";

/// Warns of rules that no pipeline comes to.
fn unused(decoder: &mut Decoder, pipelines: &[Pipeline], known: &Known<'_>) {
    if pipelines.is_empty() {
        return;
    }
    let carries = |name: &str, signal: Option<usize>| {
        let of_signal = pipelines.iter().filter(|pipeline| signal.is_none_or(|signal| pipeline.signal == signal));
        of_signal.flat_map(|pipeline| &pipeline.processors).any(|(other, _)| other == name)
    };
    let unnamed = |name: &str, what: &str, key| {
        Diagnostic::new(Code::UNUSED_PROCESSOR, key, format!("no pipeline uses `{name}`, so {what}"))
            .help("add it to the `processors` of a pipeline; if that is in another file, check both: `--config FILE --config FILE`")
    };
    for Processor { name, key, body } in known.ours {
        if body.rules.iter().all(|(_, rules)| rules.is_empty()) {
            continue;
        }
        if !carries(name, None) {
            decoder.diagnostics.push(unnamed(name, RULES, *key));
            continue;
        }
        for (signal, key) in &body.keys {
            let has_rules = body.rules.iter().any(|(of, rules)| of == signal && !rules.is_empty());
            if has_rules && !carries(name, Some(*signal as usize)) {
                let signal = signal.name();
                let message = format!("no {signal} pipeline uses `{name}`, so these rules never run");
                let diagnostic = Diagnostic::new(Code::UNREACHED_SIGNAL, *key, message)
                    .help(format!("add it to a {signal} pipeline, or remove the rules"));
                decoder.diagnostics.push(diagnostic);
            }
        }
    }
    for (name, key) in known.others {
        if carries(name, None) {
            continue;
        }
        if components::is_known(Section::Processors, name) {
            decoder.diagnostics.push(unnamed(name, RULES, *key));
        } else if !known.is_partial && REDACTING.contains(&kind_of(name).trim()) {
            decoder.diagnostics.push(unnamed(name, "it never runs", *key));
        }
    }
}

/// The processors of a configuration.
struct Known<'p> {
    /// Those with rules; the first has the number `first` among all of the file.
    ours: &'p [Processor],
    first: usize,
    /// The names of the others, and where they stand.
    others: &'p [(String, Span)],
    /// Whether there are more that are not in the file.
    is_partial: bool,
}

impl Known<'_> {
    fn has(&self, name: &str) -> bool {
        self.ours.iter().any(|processor| processor.name == name)
    }
}

/// Reports a key of a processor's body among the processors: mostly it belongs to the one above, and is indented too little.
fn outdented(decoder: &mut Decoder, key: NodeId, name: &str) -> bool {
    let (mut transform, mut filter) = rules::distinctive_keys();
    let is_list = |name: &str| name.ends_with("_statements") || name.ends_with("_conditions");
    if !(name == "error_mode" || is_list(name) && (transform.any(|key| key == name) || filter.any(|key| key == name))) {
        return false;
    }
    let span = decoder.span(key);
    let diagnostic = Diagnostic::new(Code::UNKNOWN_KEY, span, format!("`{name}` is no processor, but a key of one"));
    decoder.diagnostics.push(diagnostic.help("indent it more: it belongs below the name of its processor"));
    decoder.holds_ottl = true;
    true
}

/// Warns of a processor of another kind that is nearly one of ours: its rules are not looked at.
fn misspelt(decoder: &mut Decoder, key: NodeId, name: &str) {
    let kind = kind_of(name);
    let Some(near) = meant(kind) else { return };
    // Its rules are in the place of OTTL.
    decoder.holds_ottl = true;
    let span = decoder.span(key);
    let message = format!("`{name}` is neither a transform nor a filter processor, so its rules are not read");
    let mut diagnostic = Diagnostic::new(Code::UNREAD_PROCESSOR, span, message).help(format!("did you mean `{near}`?"));
    if span.len() == name.len() {
        diagnostic = diagnostic.fix(Span::new(span.start, span.start + kind.len() as u32), near);
    }
    decoder.diagnostics.push(diagnostic);
}

/// The type in a component's name.
fn kind_of(name: &str) -> &str {
    name.split('/').next().unwrap_or_default()
}

/// The type of processor with rules that a type nearly is. `logstransform` is another processor.
fn meant(kind: &str) -> Option<&'static str> {
    near_name(kind, ["transform", "filter"]).filter(|near| near.len().abs_diff(kind.len()) < 3)
}

/// The pipelines of `service.pipelines`, other signals' left out.
fn pipelines(decoder: &mut Decoder, root: NodeId, expander: &mut Expander<'_>) -> Vec<Pipeline> {
    let service = decoder.tree.member(root, "service").map(|service| expander.open(decoder, service));
    let Some(section) = service.and_then(|service| decoder.tree.member(service, "pipelines")) else {
        return Vec::new();
    };
    let section = expander.expand(decoder, section);
    let Content::Map(pairs) = &decoder.tree.value(section).content else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (key, value) in pairs.clone() {
        let name = decoder.tree.key(key).unwrap_or_default().trim().to_owned();
        let Some(signal) = wiring::signal(decoder, key) else { continue };
        let [receivers, processors, exporters] =
            ["receivers", "processors", "exporters"].map(|key| components_of(decoder, value, key));
        out.push(Pipeline { name, signal, key, processors, receivers, exporters });
    }
    out
}

/// The names in a list of a pipeline.
fn components_of(decoder: &mut Decoder, pipeline: NodeId, key: &str) -> Vec<(String, NodeId)> {
    let list = decoder.tree.member(pipeline, key);
    let items = match list.map(|id| (id, &decoder.tree.value(id).content)) {
        Some((_, Content::List(items))) => items.clone(),
        // COMPAT: a text is split at its commas.
        Some((id, Content::Scalar(Kind::Str, _))) => {
            let text = decoder.text(id, key, true).unwrap_or_default();
            return text.as_str().split(',').map(|name| (name.trim().to_owned(), id)).collect();
        }
        _ => Vec::new(),
    };
    let mut names = Vec::with_capacity(items.len());
    for item in items {
        if let Some(text) = decoder.text(item, key, true) {
            names.push((text.as_str().trim().to_owned(), item));
        }
    }
    names
}

/// The order in which each signal's messages meet the processors.
fn order(
    decoder: &mut Decoder,
    section: Option<NodeId>,
    pipelines: &[Pipeline],
    known: &Known<'_>,
    options: &ReadOptions<'_>,
) -> Order {
    let all_known = options.pipelines.iter().all(|wanted| pipelines.iter().any(|pipeline| pipeline.name == *wanted));
    if pipelines.is_empty() {
        let names: Vec<&str> = known.ours.iter().map(|processor| processor.name.as_str()).collect();
        let span = section.map(|id| decoder.span(id)).unwrap_or_default();
        // One has no order.
        if names.len() > 1 {
            let message = "there are no pipelines, so the processors run in the order of the file";
            let diagnostic = Diagnostic::new(Code::NO_PIPELINES, Span::new(span.start, span.start), message)
                .help(format!("the order is {}", names.join(", ")));
            decoder.diagnostics.push(diagnostic);
        }
        return Order::File(known.first..known.first + known.ours.len());
    }
    for pipeline in pipelines {
        check(decoder, pipeline, known);
    }
    let mut chains: [Chain; SIGNALS] = Default::default();
    for (signal, chain) in chains.iter_mut().enumerate() {
        let mut of_signal: Vec<&Pipeline> = pipelines.iter().filter(|p| p.signal == signal).collect();
        let wanted = options.pipelines.iter();
        let chosen: Vec<&Pipeline> =
            wanted.filter_map(|name| of_signal.iter().copied().find(|pipeline| pipeline.name == *name)).collect();
        let joined = if chosen.is_empty() {
            joined(&of_signal)
        } else {
            of_signal = chosen;
            // Whoever names several in their order knows what comes to the next one.
            of_signal.windows(2).all(|pair| pair[0].feeds(pair[1], |_| true)).then(|| of_signal.clone())
        };
        // A processor has the rules of one place: it cannot run twice.
        let joined = joined.filter(|joined| !has_repeated(joined, known));
        if let [first, second, ..] = of_signal[..]
            && options.signals[signal]
            && all_known
            && joined.is_none()
            && of_signal.iter().any(|pipeline| names(pipeline, known) != names(first, known))
        {
            let list: Vec<&str> = of_signal.iter().map(|p| p.name.as_str()).collect();
            let message = format!("there are several pipelines of this signal: {}", list.join(", "));
            let diagnostic = Diagnostic::new(Code::AMBIGUOUS_PIPELINE, decoder.span(second.key), message)
                .other(decoder.span(first.key), "another one is here")
                .help(format!("choose one by its name: `--pipeline {}`", first.name));
            decoder.diagnostics.push(diagnostic);
            continue;
        }
        for pipeline in joined.unwrap_or_else(|| of_signal.first().copied().into_iter().collect()) {
            for (name, _) in &pipeline.processors {
                match known.ours.iter().position(|processor| processor.name == *name) {
                    Some(at) => chain.processors.push(known.first + at),
                    None => chain.others.push(name.clone()),
                }
            }
        }
    }
    Order::Pipelines(Box::new(chains))
}

/// The pipelines of a signal in the order in which messages go through all of them; none where they do not.
fn joined<'p>(of_signal: &[&'p Pipeline]) -> Option<Vec<&'p Pipeline>> {
    let forwards = |kind: &str| kind == "forward";
    let is_fed = |one: &&Pipeline| of_signal.iter().any(|other| other.feeds(one, forwards));
    let mut entries = of_signal.iter().copied().filter(|one| !is_fed(one));
    let mut chain = vec![entries.next().filter(|_| entries.next().is_none())?];
    while chain.len() < of_signal.len() {
        let last = chain.last()?;
        let mut next = of_signal.iter().copied().filter(|other| last.feeds(other, forwards));
        chain.push(next.next().filter(|_| next.next().is_none())?);
    }
    Some(chain)
}

/// Whether pipelines name one of our processors in several places.
fn has_repeated(pipelines: &[&Pipeline], known: &Known<'_>) -> bool {
    let all: Vec<&str> = pipelines.iter().flat_map(|pipeline| names(pipeline, known)).collect();
    all.iter().enumerate().any(|(at, name)| all[..at].contains(name))
}

/// Reports what a pipeline names twice, or without its being configured.
fn check(decoder: &mut Decoder, pipeline: &Pipeline, known: &Known<'_>) {
    let mut seen: Vec<&str> = Vec::new();
    for (name, item) in &pipeline.processors {
        let span = decoder.span(*item);
        if known.has(name) {
            if seen.contains(&name.as_str()) {
                let message = format!("the pipeline `{}` names `{name}` twice", pipeline.name);
                decoder.report(Code::REPEATED_PROCESSOR, span, message);
            }
            seen.push(name);
        } else if !known.others.iter().any(|(other, _)| other == name) {
            let ours = known.ours.iter().map(|processor| processor.name.as_str());
            let near = near_name(name, ours.chain(known.others.iter().map(|(other, _)| other.as_str())));
            // A chart may have what its values do not.
            if known.is_partial && (near.is_none() || ProcessorKind::of(name).is_none()) {
                continue;
            }
            let message =
                format!("the pipeline `{}` names a processor that is not configured: `{name}`", pipeline.name);
            let mut diagnostic = Diagnostic::new(Code::UNDEFINED_PROCESSOR, span, message);
            let is_meant = |(other, _): &&(String, Span)| {
                let (kind, rest) = other.split_at(kind_of(other).len());
                meant(kind).is_some_and(|meant| name.strip_prefix(meant) == Some(rest))
            };
            if let Some((other, key)) = known.others.iter().find(is_meant) {
                // What is configured is misspelt: that is one fault, with the help that stands there.
                let is_of_key = |found: &Diagnostic| found.code == Code::UNREAD_PROCESSOR && found.span == *key;
                if let Some(at) = decoder.diagnostics.iter().position(is_of_key) {
                    let of_key = decoder.diagnostics.remove(at);
                    diagnostic = diagnostic.other(*key, format!("`{other}` is configured here"));
                    decoder.diagnostics.push(Diagnostic { help: of_key.help, fix: of_key.fix, ..diagnostic });
                }
                continue;
            }
            diagnostic = match near {
                Some(near) => {
                    let diagnostic = near::meant_name(diagnostic, span, name, near);
                    match known.ours.iter().find(|processor| processor.name == near) {
                        Some(processor) => meant_for(decoder, diagnostic, processor),
                        None => diagnostic,
                    }
                }
                None => diagnostic.help(
                    "configure it in `processors`; if that is in another file, check both: `--config FILE --config FILE`",
                ),
            };
            decoder.diagnostics.push(diagnostic);
        }
    }
}

/// A name that a pipeline has in place of that of a processor: where no other pipeline names that one, it is one fault.
fn meant_for(decoder: &mut Decoder, diagnostic: Diagnostic, processor: &Processor) -> Diagnostic {
    let is_of_key = |found: &Diagnostic| found.code == Code::UNUSED_PROCESSOR && found.span == processor.key;
    let Some(at) = decoder.diagnostics.iter().position(is_of_key) else { return diagnostic };
    decoder.diagnostics.remove(at);
    diagnostic.other(processor.key, format!("`{}` is configured here, and no pipeline uses it", processor.name))
}

/// The transform and filter processors of a pipeline.
fn names<'p>(pipeline: &'p Pipeline, known: &Known<'_>) -> Vec<&'p str> {
    pipeline.processors.iter().map(|(name, _)| name.as_str()).filter(|name| known.has(name)).collect()
}
