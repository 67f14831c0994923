//! `ottl explain`: shows what the engine makes of rules, or the page of a diagnostic's code.
//!
//! What is wrong with rules goes to standard error; the explanation goes to standard output.

use std::path::{Path, PathBuf};

use ottl::{CODES, Code, RuleSet};
use serde_json::{Value, json};

use crate::args::{ExplainArguments, ReportForm, SourceArguments, unknown_code};
use crate::failure::{Failure, Status, name_of, print};
use crate::folders::{self, Found, Skipped};
use crate::input::paths_or_standard;
use crate::source::{self, Source};
use crate::{pages, referenced, rules};

/// Runs the verb.
pub fn explain(arguments: &ExplainArguments) -> Result<Status, Failure> {
    if arguments.files.iter().any(|path| names_code(path)) {
        let out = codes(&arguments.files, arguments.format)?;
        return print(&out).map(|()| Status::Done);
    }
    let mut compiler = rules::compiler(&arguments.rules)?;
    let signal = arguments.signal.map(|name| name.signal());
    let length = rules::budgets(&arguments.rules).rules.configuration_length;
    let read = |path| Ok(Source::file(name_of(path), rules::read_rules(path, length)?));
    let mut skipped = Skipped::of(&arguments.files);
    let SourceArguments { config, statements } = &arguments.source;
    let sources: Vec<Result<Source, Failure>> = match &config[..] {
        [] if !statements.is_empty() => {
            let processor = arguments.rules.processor;
            vec![Ok(source::of_statements(statements, processor, &compiler, signal))]
        }
        [_, ..] => vec![Source::files(config, length)],
        [] => {
            let files = folders::files(paths_or_standard(&arguments.files))?;
            let found = files.iter().filter_map(|Found { path, in_folder }| match (in_folder, read(path)) {
                (true, Ok(source)) if skipped.takes_unseen(path, source.text()) => None,
                (true, Err(_)) if skipped.takes_unread(path, length) => None,
                (_, source) => Some(source),
            });
            found.collect()
        }
    };
    skipped.say();
    if let Some(signal) = signal {
        compiler = compiler.signals([signal]);
    }
    let (mut explained, mut status) = (Vec::new(), Status::Done);
    for (_, failure) in skipped.empty() {
        crate::terminal::failure(&failure);
        status = status.worse(failure.status());
    }
    for source in sources {
        match source {
            Ok(source) => match source.compile(&referenced::for_file(&compiler, &arguments.rules, source.name())) {
                Ok(rules) => {
                    if !arguments.quiet {
                        rules::show(&source, rules.warnings(), ReportForm::Text);
                    }
                    explained.push((source.name().to_owned(), rules));
                }
                Err(error) => {
                    rules::show(&source, error.diagnostics(), ReportForm::Text);
                    status = status.worse(rules::status(error.diagnostics()));
                }
            },
            Err(failure) => {
                crate::terminal::failure(&failure);
                status = status.worse(failure.status());
            }
        }
    }
    let out = match arguments.format {
        ReportForm::Text => text(&explained),
        ReportForm::Json => format!("{}\n", objects(&explained)),
    };
    print(&out).map(|()| status)
}

/// Whether an argument is a code, or looks like one, and no file. A number alone is all codes that have it.
fn names_code(path: &Path) -> bool {
    let is_form = |name: &str| {
        let digits = name.strip_prefix(['E', 'W', 'H', 'e', 'w', 'h']).unwrap_or(name);
        (2..6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    !path.exists() && path.to_str().is_some_and(|name| is_form(name) || Code::by_name(name).is_some())
}

/// The pages of codes, one after the other.
fn codes(names: &[PathBuf], form: ReportForm) -> Result<String, Failure> {
    let mut found = Vec::new();
    for name in names {
        let name = name.to_string_lossy();
        let mut named: Vec<Code> = Code::by_name(&name).into_iter().collect();
        if named.is_empty() {
            named.extend(CODES.iter().filter(|code| code.as_str().get(1..) == Some(&*name)));
        }
        if named.is_empty() {
            return Err(Failure::Refused(unknown_code(&name)));
        }
        for code in named {
            let page = pages::PAGES.iter().find(|(of, _)| *of == code.as_str());
            let (_, page) = page.ok_or_else(|| Failure::Failed(format!("{code} has no page")))?;
            found.push((code, *page));
        }
    }
    Ok(match form {
        ReportForm::Text => found.iter().map(|(_, page)| *page).collect::<Vec<_>>().join("\n"),
        ReportForm::Json => {
            let object = |(code, page): &(Code, &str)| json!({ "code": code.as_str(), "name": code.name(), "severity": code.severity(), "text": page });
            format!("{}\n", found.iter().map(object).collect::<Value>())
        }
    })
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
