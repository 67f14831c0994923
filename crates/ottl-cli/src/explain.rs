//! `ottl explain`: shows what the engine makes of rules.
//!
//! What is wrong with rules goes to standard error, as `check` writes it; the explanation goes to standard output.

use std::io::Write as _;

use ottl::RuleSet;
use serde_json::{Value, json};

use crate::args::{ExplainArguments, ReportForm, SourceArguments};
use crate::failure::{Failure, Status, name_of};
use crate::input::paths_or_standard;
use crate::rules;
use crate::source::{self, Source};

/// Runs the verb.
pub fn explain(arguments: &ExplainArguments) -> Result<Status, Failure> {
    let mut compiler = rules::compiler(&arguments.rules)?;
    let signal = arguments.signal.map(|name| name.signal());
    let length = rules::budgets(&arguments.rules).rules.configuration_length;
    let read = |path| Ok(Source { name: name_of(path), text: rules::read_rules(path, length)? });
    let SourceArguments { config, statements } = &arguments.source;
    let sources: Vec<Result<Source, Failure>> = match config {
        None if !statements.is_empty() => {
            let processor = arguments.rules.processor;
            vec![Ok(source::of_statements(statements, processor, &compiler, signal))]
        }
        Some(path) => vec![read(path)],
        None => paths_or_standard(&arguments.files).iter().map(|path| read(path)).collect(),
    };
    if let Some(signal) = signal {
        compiler = compiler.signals([signal]);
    }
    let (mut explained, mut status) = (Vec::new(), Status::Done);
    for source in sources {
        match source {
            Ok(Source { name, text }) => match compiler.clone().file(&name).compile(&text) {
                Ok(rules) => {
                    if !arguments.quiet {
                        rules::show(rules.warnings(), ReportForm::Text);
                    }
                    explained.push((name, rules));
                }
                Err(error) => {
                    rules::show(error.diagnostics(), ReportForm::Text);
                    status = Status::Refused;
                }
            },
            Err(failure) => {
                crate::terminal::failure(&failure);
                status = Status::Refused;
            }
        }
    }
    let out = match arguments.format {
        ReportForm::Text => text(&explained),
        ReportForm::Json => format!("{}\n", objects(&explained)),
    };
    std::io::stdout().write_all(out.as_bytes()).map_err(|error| Failure::write("standard output", error))?;
    Ok(status)
}

/// The explanations, behind the names of their files where there are several.
fn text(explained: &[(String, RuleSet)]) -> String {
    let one = |(name, rules): &(String, RuleSet)| {
        let text = match rules.explain() {
            text if text.is_empty() => "no rules\n".to_owned(),
            text => text,
        };
        if explained.len() > 1 { format!("{name}\n{text}") } else { text }
    };
    explained.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// An object for each section.
fn objects(explained: &[(String, RuleSet)]) -> Value {
    let of_file = |(name, rules): &(String, RuleSet)| {
        let object = |section: ottl::Explanation<'_>| {
            json!({
                "file": name,
                "signal": section.signal.name(),
                "processor": section.processor,
                "text": section.text,
            })
        };
        rules.explanations().map(object).collect::<Vec<_>>()
    };
    explained.iter().flat_map(of_file).collect()
}
