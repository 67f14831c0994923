//! Whole Collector configurations: which transform and filter processors run, and in which order.
//!
//! Every transform and filter processor is read, whether a pipeline names it or not, as the Collector validates them
//! all. Everything else in the file is somebody else's.

use ottl_diagnostics::{Code, Diagnostic, Span, near_name};

use super::decode::Decoder;
use super::expand::Expander;
use super::yaml::{Content, NodeId};
use super::{Configuration, Order, Processor, ProcessorKind, ReadOptions, body};
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

/// Reads the configuration below `root`.
pub(crate) fn read(
    decoder: &mut Decoder,
    root: NodeId,
    expander: &mut Expander<'_>,
    options: &ReadOptions<'_>,
    configuration: &mut Configuration,
) {
    let mut others = Vec::new();
    // Without the keys around it, the file is the inside of a `processors:` block.
    let is_bare = ["processors", "service"].iter().all(|key| decoder.tree.member(root, key).is_none());
    let section = if is_bare { Some(root) } else { decoder.tree.member(root, "processors") };
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
    for (key, value) in pairs {
        let name = decoder.tree.key(key).unwrap_or_default().trim().to_owned();
        let Some(kind) = ProcessorKind::of(&name) else {
            misspelt(decoder, key, &name);
            others.push(name);
            continue;
        };
        let value = expander.expand(decoder, value);
        let body = body(decoder, kind, value, options.settings);
        configuration.processors.push(Processor { name, body });
    }
    let pipelines = pipelines(decoder, root, expander);
    configuration.order = order(decoder, section, &pipelines, &others, options, configuration);
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
    others: &[String],
    options: &ReadOptions<'_>,
    configuration: &Configuration,
) -> Order {
    let mut all_known = true;
    for wanted in options.pipelines {
        if !pipelines.iter().any(|pipeline| pipeline.name == *wanted) {
            all_known = false;
            let names = pipelines.iter().map(|pipeline| pipeline.name.as_str());
            let span = decoder.span(pipelines.first().map_or(0, |pipeline| pipeline.key));
            let mut diagnostic =
                Diagnostic::new(Code::UNKNOWN_PIPELINE, span, format!("there is no pipeline `{wanted}`"));
            if let Some(near) = near_name(wanted, names.clone()) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
            } else if !pipelines.is_empty() {
                diagnostic = diagnostic.help(format!("the pipelines are {}", names.collect::<Vec<_>>().join(", ")));
            }
            decoder.diagnostics.push(diagnostic);
        }
    }
    if pipelines.is_empty() {
        let names: Vec<&str> = configuration.processors.iter().map(|p| p.name.as_str()).collect();
        let span = section.map(|id| decoder.span(id)).unwrap_or_default();
        if !names.is_empty() {
            let message = "there are no pipelines, so the processors run in the order of the file";
            let diagnostic = Diagnostic::new(Code::NO_PIPELINES, Span::new(span.start, span.start), message)
                .help(format!("the order is {}", names.join(", ")));
            decoder.diagnostics.push(diagnostic);
        }
        return Order::File;
    }
    for pipeline in pipelines {
        check(decoder, pipeline, others, configuration);
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
            && of_signal.iter().any(|pipeline| names(pipeline, configuration) != names(first, configuration))
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
        let of_name = |name: &str| configuration.processors.iter().position(|p| p.name == name);
        chain.extend(pipeline.processors.iter().filter_map(|(name, _)| of_name(name)));
    }
    Order::Pipelines(chains)
}

/// Reports what a pipeline names twice, or without its being configured.
fn check(decoder: &mut Decoder, pipeline: &Pipeline, others: &[String], configuration: &Configuration) {
    let ours = || configuration.processors.iter().map(|p| p.name.as_str());
    let mut seen: Vec<&str> = Vec::new();
    for (name, item) in &pipeline.processors {
        let span = decoder.span(*item);
        if ours().any(|other| other == name) {
            if seen.contains(&name.as_str()) {
                let message = format!("the pipeline `{}` names `{name}` twice", pipeline.name);
                decoder.report(Code::REPEATED_PROCESSOR, span, message);
            }
            seen.push(name);
        } else if !others.contains(name) {
            let message =
                format!("the pipeline `{}` names a processor that is not configured: `{name}`", pipeline.name);
            let mut diagnostic = Diagnostic::new(Code::UNDEFINED_PROCESSOR, span, message);
            if let Some(near) = near_name(name, ours().chain(others.iter().map(String::as_str))) {
                diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(span, near);
            }
            decoder.diagnostics.push(diagnostic);
        }
    }
}

/// The transform and filter processors of a pipeline.
fn names<'p>(pipeline: &'p Pipeline, configuration: &Configuration) -> Vec<&'p str> {
    let ours = |name: &str| configuration.processors.iter().any(|p| p.name == name);
    pipeline.processors.iter().map(|(name, _)| name.as_str()).filter(|name| ours(name)).collect()
}
