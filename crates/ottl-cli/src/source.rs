//! Where the text of rules comes from: a file, or statements on the command line.
//!
//! A statement of the command line is one of each signal whose rules it compiles among: `set(log.body, "x")` of logs,
//! `set(resource.attributes["a"], 1)` of all. For the filter processor it is a condition.

use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use ottl::{CompileError, Compiler, Diagnostic, Diagnostics, Levels, RuleSet, Signal, Span, StatementRef};

use crate::args::{ProcessorName, SourceArguments, WorkArguments};
use crate::failure::{Failure, is_standard, name_of};
use crate::rules;

/// What rules of the command line are called.
pub const GIVEN: &str = "-e";

/// A statement as messages name it. Where it stands on the command line is not said: it is all there is, or its text tells.
pub fn named(statement: &StatementRef<'_>) -> String {
    let named = statement.to_string();
    match named.split_once(": ").filter(|_| statement.file() == GIVEN) {
        Some((_, text)) => format!("{GIVEN}: {text}"),
        None => named,
    }
}

/// The text of rules, and how it is called in messages.
#[derive(Debug)]
pub struct Source {
    name: String,
    text: String,
    /// Further files that are merged into the first one, by name.
    others: Vec<(String, String)>,
    /// Statements of the command line, and where they stand in the text.
    statements: Vec<(String, Vec<Quoted>)>,
}

impl Source {
    /// The rules of a file.
    pub fn file(name: String, text: String) -> Source {
        Source { name, text, others: Vec::new(), statements: Vec::new() }
    }

    /// The file that `--config` names; none where it is the configuration itself.
    pub fn path_of(given: &Path) -> Option<&Path> {
        let Some(text) = given.to_str() else { return Some(given) };
        match text.strip_prefix("yaml:") {
            Some(_) => None,
            None => Some(text.strip_prefix("file:").map_or(given, Path::new)),
        }
    }

    /// The rules of files that make one configuration; there is one at least.
    ///
    /// # Errors
    /// One of them cannot be read.
    pub fn files(paths: &[PathBuf], limit: usize) -> Result<Source, Failure> {
        if paths.iter().filter(|path| is_standard(path)).count() > 1 {
            return Err(Failure::Refused("standard input can be one of the configurations, and not two".to_owned()));
        }
        let mut all = Vec::with_capacity(paths.len());
        for path in paths {
            all.push(match Source::path_of(path) {
                Some(path) => (name_of(path), rules::read_rules(path, limit)?),
                None => {
                    let given = path.to_string_lossy();
                    ("--config yaml".to_owned(), given.strip_prefix("yaml:").unwrap_or_default().to_owned())
                }
            });
        }
        let (name, text) = all.remove(0);
        Ok(Source { others: all, ..Source::file(name, text) })
    }

    /// Compiles the rules.
    ///
    /// # Errors
    /// They are wrong.
    pub fn compile(&self, compiler: &Compiler) -> Result<RuleSet, CompileError> {
        if self.others.is_empty() { compiler.compile(&self.text) } else { compiler.compile_files(&self.all()) }
    }

    /// What is wrong with the rules.
    pub fn check(&self, compiler: &Compiler) -> Diagnostics {
        if self.others.is_empty() { compiler.check(&self.text) } else { compiler.check_files(&self.all()) }
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        1 + self.others.len()
    }

    /// The files, each by its name.
    pub fn all(&self) -> Vec<(&str, &str)> {
        let others = self.others.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        std::iter::once((self.name.as_str(), self.text.as_str())).chain(others).collect()
    }

    /// A file's name, or that of the option.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A configuration.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Diagnostics as the user sees the rules: those that are about a statement of the command line show it, and not the
    /// configuration around it.
    pub fn pointed(&self, diagnostics: &Diagnostics) -> Vec<Diagnostics> {
        let mut left = diagnostics.clone();
        let mut out = Vec::new();
        for (number, (statement, places)) in self.statements.iter().enumerate() {
            let holding = |at: &Diagnostic| places.iter().find(|place| place.holds(at.span));
            let about: Vec<Diagnostic> = left
                .iter()
                .filter_map(|found| {
                    let place = holding(found)?;
                    Some(found.clone().map_spans(|span| place.unquoted(&self.text, span)))
                })
                .collect();
            left.retain(|found| holding(found).is_none());
            if !about.is_empty() {
                let name = if self.statements.len() == 1 { "-e".to_owned() } else { format!("-e {}", number + 1) };
                out.push(Diagnostics::about(&name, statement, about));
            }
        }
        out.extend(left.by_file().iter().filter(|found| !found.is_empty()).cloned());
        out
    }
}

/// Where a statement of the command line stands in a configuration, with its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Quoted(Range<usize>);

impl Quoted {
    fn holds(&self, span: Span) -> bool {
        self.0.contains(&(span.start as usize)) && span.end as usize <= self.0.end
    }

    /// A range of the configuration as one of the statement.
    fn unquoted(&self, text: &str, span: Span) -> Span {
        let quoted = &text[self.0.clone()];
        let inside = |at: u32| {
            let end = (at as usize).clamp(self.0.start + 1, self.0.end - 1) - self.0.start;
            let mut chars = quoted[1..end].chars();
            let is_escaped = quoted.starts_with('"');
            let mut len = 0;
            while let Some(c) = chars.next() {
                len += match (c, is_escaped) {
                    ('\'', false) => {
                        chars.next();
                        1
                    }
                    ('\\', true) if chars.next() == Some('u') => {
                        let code: String = chars.by_ref().take(4).collect();
                        u32::from_str_radix(&code, 16).ok().and_then(char::from_u32).map_or(1, char::len_utf8)
                    }
                    ('\\', true) => 1,
                    _ => c.len_utf8(),
                };
            }
            len as u32
        };
        Span::new(inside(span.start), inside(span.end))
    }
}

/// The files that rules are read from, if they are.
pub fn paths(arguments: &WorkArguments) -> impl Iterator<Item = &Path> {
    arguments.source.config.iter().map(PathBuf::as_path)
}

/// The rules that were named.
///
/// # Errors
/// There are none, or their file cannot be read.
pub fn read(arguments: &WorkArguments, compiler: &Compiler, signal: Option<Signal>) -> Result<Source, Failure> {
    let SourceArguments { config, statements } = &arguments.source;
    match &config[..] {
        [] if statements.is_empty() => {
            Err(Failure::Refused("there are no rules: add --config RULES, or -e STATEMENT".to_owned()))
        }
        [] => Ok(of_statements(statements, arguments.rules.processor, compiler, signal)),
        paths => Source::files(paths, rules::budgets(&arguments.rules).rules.configuration_length),
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
    let mut lists: Vec<(Signal, Vec<usize>)> = wanted.iter().map(|signal| (*signal, Vec::new())).collect();
    let kind = if processor == Some(ProcessorName::Filter) { "conditions" } else { "statements" };
    // A warning is no reason to leave a statement out, whatever it is taken for.
    let compiler = compiler.clone().levels(Levels::default());
    for (number, statement) in statements.iter().enumerate() {
        let fits = |signal: &Signal| {
            let (body, _) = body(kind, std::slice::from_ref(statement), &[(*signal, vec![0])]);
            !compiler.check(&body).has_errors()
        };
        let mut fitting: Vec<Signal> = wanted.iter().copied().filter(fits).collect();
        if fitting.is_empty() {
            // The compiler says what is wrong with it, where it nearly is at home.
            fitting.push(nearest(statement, &wanted));
        }
        for (signal, list) in &mut lists {
            if fitting.contains(signal) {
                list.push(number);
            }
        }
    }
    let (text, places) = body(kind, statements, &lists);
    let statements = statements.iter().cloned().zip(places).collect();
    Source { statements, ..Source::file(GIVEN.to_owned(), text) }
}

/// A configuration with these statements in the lists of signals, by their numbers, and where each of them stands in it.
fn body(kind: &str, statements: &[String], lists: &[(Signal, Vec<usize>)]) -> (String, Vec<Vec<Quoted>>) {
    let (mut out, mut places) = (String::new(), vec![Vec::new(); statements.len()]);
    for (signal, numbers) in lists.iter().filter(|(_, numbers)| !numbers.is_empty()) {
        let singular = match signal {
            Signal::Traces => "trace",
            Signal::Metrics => "metric",
            Signal::Logs => "log",
            Signal::Profiles => "profile",
        };
        let _ = writeln!(out, "{singular}_{kind}:");
        for number in numbers {
            out.push_str("  - ");
            let start = out.len();
            out.push_str(&quoted(&statements[*number]));
            places[*number].push(Quoted(start..out.len()));
            out.push('\n');
        }
    }
    (out, places)
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
            let (body, _) = body("statements", &[text.to_owned()], &[(Signal::Logs, vec![0])]);
            let rules = Compiler::new().check(&body);
            assert!(rules.has_errors() == text.contains('#'), "{body}");
        }
        assert_eq!(quoted("it's"), "'it''s'");
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
    }

    #[test]
    fn faults_of_statements_point_at_them() {
        for (statements, want) in [
            (&["set(log.body, Nothing())"][..], &["-e:1:15: error[E0201]"][..]),
            (
                &["set(log.attributes[\"it's\"], 'x')", "sett(log.body, 1)"],
                &["-e 1:1:29: error[E0101]", "-e 2:1:1: error[E0201]"],
            ),
            (&["set(log.attributes[\"\u{e9}\\t\"],\n\t  Nothing())"], &["-e:2:4: error[E0201]"]),
            (&["set(resource.attributes[\"a\"], Nothing())"], &["-e:1:31: error[E0201]"]),
        ] {
            let statements: Vec<String> = statements.iter().map(|text| (*text).to_owned()).collect();
            let source = of_statements(&statements, None, &Compiler::new(), None);
            let found = Compiler::new().check(source.text());
            let shown: Vec<String> = source.pointed(&found).iter().map(ToString::to_string).collect();
            let lines: Vec<&str> = shown.iter().flat_map(|text| text.lines()).collect();
            assert_eq!(lines.len(), want.len(), "{lines:?}");
            assert!(lines.iter().zip(want).all(|(line, want)| line.starts_with(want)), "{lines:?}");
        }
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
