//! Where the text of rules comes from: a file, or statements on the command line.
//!
//! A statement of the command line is one of each signal whose rules it compiles among: `set(log.body, "x")` of logs,
//! `set(resource.attributes["a"], 1)` of all. For the filter processor it is a condition.

use std::fmt::Write as _;
use std::path::Path;

use ottl::{Compiler, Signal};

use crate::args::{ProcessorName, SourceArguments, WorkArguments};
use crate::failure::{Failure, name_of};
use crate::rules;

/// The text of rules, and how it is called in messages.
#[derive(Debug)]
pub struct Source {
    /// A file's name, or that of the option.
    pub name: String,
    /// A configuration.
    pub text: String,
}

/// The file that rules are read from, if they are.
pub fn file(arguments: &WorkArguments) -> Option<&Path> {
    arguments.source.config.as_deref()
}

/// The rules that were named.
///
/// # Errors
/// There are none, or their file cannot be read.
pub fn read(arguments: &WorkArguments, compiler: &Compiler, signal: Option<Signal>) -> Result<Source, Failure> {
    let SourceArguments { config, statements } = &arguments.source;
    match config {
        Some(path) => {
            let text = rules::read_rules(path, rules::budgets(&arguments.rules).rules.configuration_length)?;
            Ok(Source { name: name_of(path), text })
        }
        None if statements.is_empty() => {
            Err(Failure::Refused("there are no rules: add --config RULES, or -e STATEMENT".to_owned()))
        }
        None => Ok(of_statements(statements, arguments.rules.processor, compiler, signal)),
    }
}

/// The body of a processor with these statements or conditions.
pub fn of_statements(
    statements: &[String],
    processor: Option<ProcessorName>,
    compiler: &Compiler,
    only: Option<Signal>,
) -> Source {
    let wanted: Vec<Signal> =
        Signal::ALL.into_iter().filter(|signal| only.is_none_or(|only| only == *signal)).collect();
    let mut lists: Vec<(Signal, Vec<&str>)> = wanted.iter().map(|signal| (*signal, Vec::new())).collect();
    let kind = if processor == Some(ProcessorName::Filter) { "conditions" } else { "statements" };
    for statement in statements {
        let fits = |signal: &Signal| !compiler.check(&body(kind, &[(*signal, vec![statement])])).has_errors();
        let mut fitting: Vec<Signal> = wanted.iter().copied().filter(fits).collect();
        if fitting.is_empty() {
            // The compiler says what is wrong with it, where it nearly is at home.
            fitting.push(nearest(statement, &wanted));
        }
        for (signal, list) in &mut lists {
            if fitting.contains(signal) {
                list.push(statement);
            }
        }
    }
    Source { name: "--statement".to_owned(), text: body(kind, &lists) }
}

fn body(kind: &str, lists: &[(Signal, Vec<&str>)]) -> String {
    let mut out = String::new();
    for (signal, statements) in lists.iter().filter(|(_, statements)| !statements.is_empty()) {
        let singular = match signal {
            Signal::Traces => "trace",
            Signal::Metrics => "metric",
            Signal::Logs => "log",
            Signal::Profiles => "profile",
        };
        let _ = writeln!(out, "{singular}_{kind}:");
        for statement in statements {
            out.push_str("  - ");
            out.push_str(&quoted(statement));
            out.push('\n');
        }
    }
    out
}

/// A text as YAML: in single quotes, in which nothing but they mean anything, or escaped where it has several lines.
fn quoted(text: &str) -> String {
    if text.chars().any(char::is_control) {
        serde_json::Value::from(text).to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// The signal whose contexts a statement names.
fn nearest(statement: &str, wanted: &[Signal]) -> Signal {
    let names = |signal: &Signal| {
        let prefixes: &[&str] = match signal {
            Signal::Traces => &["span.", "spanevent."],
            Signal::Metrics => &["metric.", "datapoint."],
            Signal::Logs => &["log."],
            Signal::Profiles => &["profile.", "profilesample."],
        };
        prefixes.iter().any(|prefix| statement.contains(prefix))
    };
    // Nearly all rules are for other signals than profiles.
    let others = || wanted.iter().copied().rfind(|signal| *signal != Signal::Profiles).or(wanted.last().copied());
    let found = wanted.iter().copied().find(names).or_else(others);
    found.unwrap_or(Signal::Logs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_stay_what_they_are_in_yaml() {
        for text in [r#"set(log.body, "it's")"#, "set(log.body,\n  \"a\tb\\n\")", "set(a, \"\u{7f}\") # no comment"] {
            let body = body("statements", &[(Signal::Logs, vec![text])]);
            let rules = Compiler::new().check(&body);
            assert!(rules.has_errors() == text.contains('#'), "{body}");
        }
        assert_eq!(quoted("it's"), "'it''s'");
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
    }

    #[test]
    fn statements_name_their_signal() {
        let all = Signal::ALL;
        assert_eq!(nearest("set(metric.nam, 1)", &all), Signal::Metrics);
        assert_eq!(nearest("set(span.nam, 1)", &all), Signal::Traces);
        assert_eq!(nearest("sett(1)", &all), Signal::Logs);
        assert_eq!(nearest("set(span.nam, 1)", &all[1..2]), Signal::Metrics);
    }
}
