//! Whole Collector configurations: which transform and filter processors run, and in which order.
//!
//! Every transform and filter processor is read, whether a pipeline names it or not, as the Collector validates them
//! all. Everything else in the file is somebody else's.

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};

use super::decode::Decoder;
use super::expand::Expander;
use super::units::{Form, Unit};
use super::yaml::{Content, NodeId};
use super::{Order, Processor, ProcessorKind, ReadOptions, body};
use crate::ruleset::SIGNALS;

/// A pipeline of a signal that rules can be for.
struct Pipeline {
    /// `logs/a`.
    name: String,
    /// The signal's number: traces, metrics, logs.
    signal: usize,
    key: NodeId,
    processors: Vec<(String, NodeId)>,
}

/// Reads a configuration: adds its processors, and gives their order and the names of the pipelines.
pub(crate) fn read(
    decoder: &mut Decoder,
    unit: &Unit,
    expander: &mut Expander<'_>,
    options: &ReadOptions<'_>,
    processors: &mut Vec<Processor>,
) -> (Order, Vec<(String, NodeId)>) {
    let mut others = Vec::new();
    // Without the keys around it, a text is the inside of a `processors:` block.
    let section = match unit.form {
        Form::Processors => Some(unit.root),
        _ => decoder.tree.member(unit.root, "processors"),
    };
    let pairs = match section.map(|id| &decoder.tree.value(id).content) {
        Some(Content::Map(pairs)) => pairs.clone(),
        _ => Vec::new(),
    };
    if let Some(id) = section
        && pairs.is_empty()
        && !decoder.tree.is_null(id)
    {
        decoder.map(id, "processors", &[]);
    }
    let first = processors.len();
    for (key, value) in pairs {
        let name = decoder.tree.key(key).unwrap_or_default().trim().to_owned();
        let Some(kind) = ProcessorKind::of(&name) else {
            misspelt(decoder, key, &name);
            others.push(name);
            continue;
        };
        let value = expander.expand(decoder, value);
        let body = body(decoder, kind, value, options.settings);
        processors.push(Processor { name, body });
    }
    let pipelines = pipelines(decoder, unit.root, expander);
    let known = Known { ours: &processors[first..], first, others: &others, is_partial: unit.is_partial };
    let order = order(decoder, section, &pipelines, &known, options);
    (order, pipelines.into_iter().map(|pipeline| (pipeline.name, pipeline.key)).collect())
}

/// The processors of a configuration.
struct Known<'p> {
    /// Those with rules; the first has the number `first` among all of the file.
    ours: &'p [Processor],
    first: usize,
    /// The names of the others.
    others: &'p [String],
    /// Whether there are more that are not in the file.
    is_partial: bool,
}

impl Known<'_> {
    fn has(&self, name: &str) -> bool {
        self.ours.iter().any(|processor| processor.name == name)
    }
}

/// Warns of a processor of another kind that is nearly one of ours: its rules are not looked at.
fn misspelt(decoder: &mut Decoder, key: NodeId, name: &str) {
    let kind = name.split('/').next().unwrap_or_default();
    let near = near_name(kind, ["transform", "filter"]);
    // `logstransform` is another processor.
    let Some(near) = near.filter(|near| near.len().abs_diff(kind.len()) < 3) else { return };
    let span = decoder.span(key);
    let message = format!("`{name}` is neither a transform nor a filter processor, so its rules are not read");
    let mut diagnostic = Diagnostic::new(Code::UNREAD_PROCESSOR, span, message).help(format!("did you mean `{near}`?"));
    if span.len() == name.len() {
        diagnostic = diagnostic.fix(Span::new(span.start, span.start + kind.len() as u32), near);
    }
    decoder.diagnostics.push(diagnostic);
}

/// The pipelines of `service.pipelines`, other signals' left out.
fn pipelines(decoder: &mut Decoder, root: NodeId, expander: &mut Expander<'_>) -> Vec<Pipeline> {
    let Some(section) =
        decoder.tree.member(root, "service").and_then(|service| decoder.tree.member(service, "pipelines"))
    else {
        return Vec::new();
    };
    let section = expander.expand(decoder, section);
    let Content::Map(pairs) = &decoder.tree.value(section).content else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (key, value) in pairs.clone() {
        let name = decoder.tree.key(key).unwrap_or_default().trim().to_owned();
        let signal = match name.split('/').next().unwrap_or_default().trim() {
            "traces" => 0,
            "metrics" => 1,
            "logs" => 2,
            "profiles" => 3,
            _ => continue,
        };
        let list = decoder.tree.member(value, "processors");
        let items = match list.map(|id| &decoder.tree.value(id).content) {
            Some(Content::List(items)) => items.clone(),
            _ => Vec::new(),
        };
        let mut processors = Vec::with_capacity(items.len());
        for item in items {
            if let Some(text) = decoder.text(item, "processors", true) {
                processors.push((text.as_str().trim().to_owned(), item));
            }
        }
        out.push(Pipeline { name, signal, key, processors });
    }
    out
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
        if !names.is_empty() {
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
    let mut chains: [Vec<usize>; SIGNALS] = Default::default();
    for (signal, chain) in chains.iter_mut().enumerate() {
        let mut of_signal: Vec<&Pipeline> = pipelines.iter().filter(|p| p.signal == signal).collect();
        let chosen: Vec<&Pipeline> =
            of_signal.iter().copied().filter(|p| options.pipelines.contains(&p.name)).collect();
        if !chosen.is_empty() {
            of_signal = chosen;
        }
        if let [first, second, ..] = of_signal[..]
            && options.signals[signal]
            && all_known
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
        let Some(pipeline) = of_signal.first() else { continue };
        let of_name = |name: &str| known.ours.iter().position(|p| p.name == name).map(|at| known.first + at);
        chain.extend(pipeline.processors.iter().filter_map(|(name, _)| of_name(name)));
    }
    Order::Pipelines(chains)
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
        } else if !known.others.contains(name) {
            let ours = known.ours.iter().map(|processor| processor.name.as_str());
            let near = near_name(name, ours.chain(known.others.iter().map(String::as_str)));
            // A chart may have what its values do not.
            if known.is_partial && (near.is_none() || ProcessorKind::of(name).is_none()) {
                continue;
            }
            let message =
                format!("the pipeline `{}` names a processor that is not configured: `{name}`", pipeline.name);
            let mut diagnostic = Diagnostic::new(Code::UNDEFINED_PROCESSOR, span, message);
            if let Some(near) = near {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(span, near);
            }
            decoder.diagnostics.push(diagnostic);
        }
    }
}

/// The transform and filter processors of a pipeline.
fn names<'p>(pipeline: &'p Pipeline, known: &Known<'_>) -> Vec<&'p str> {
    pipeline.processors.iter().map(|(name, _)| name.as_str()).filter(|name| known.has(name)).collect()
}
