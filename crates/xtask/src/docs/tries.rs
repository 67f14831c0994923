//! Which rules and telemetry the playground opens with, for the blocks of pages and the examples of functions.
//!
//! INVARIANT: a link is there only where the page shows what the text around it says: rules compile, and those of a page about a code
//! that show its fault are told of it. That is asked of the compiler, so a block needs no marks for it.

use std::collections::BTreeMap;
use std::path::Path;

use ottl::function::{Example, FunctionDef, FunctionKind};
use ottl::{RuleSet, Signal};
use serde::Deserialize;

use super::layout::layout;
use super::share::Shared;

type Error = Box<dyn std::error::Error>;

/// What of a fixture of a diagnostic matters: what its texts are.
#[derive(Default, Deserialize)]
struct Fixture {
    kind: Option<String>,
    signal: Option<String>,
    context: Option<String>,
}

/// The telemetry that examples run on.
pub struct Tries {
    telemetry: BTreeMap<&'static str, String>,
    fixtures: BTreeMap<String, Fixture>,
}

impl Tries {
    /// Reads the records of the cookbook, and the fixtures of diagnostics below the repository.
    pub fn read(root: &Path, codes: &[String]) -> Result<Tries, Error> {
        let mut telemetry = BTreeMap::new();
        for signal in Signal::ALL {
            let place = root.join(format!("docs/cookbook/{}.json", signal.name()));
            telemetry.insert(signal.name(), layout(&std::fs::read_to_string(place)?)?);
        }
        let mut fixtures = BTreeMap::new();
        for code in codes {
            let text = std::fs::read_to_string(root.join(format!("tests/ui/{code}.toml")))?;
            fixtures.insert(code.clone(), toml::from_str(&text)?);
        }
        Ok(Tries { telemetry, fixtures })
    }

    /// What a block of a page opens; nothing where the playground would not show what the page says. `code` is that of the page if it is
    /// about one.
    pub fn block(&self, marks: &str, text: &str, code: Option<&str>) -> Option<Shared> {
        let mut words = marks.split([' ', ',']);
        let language = words.next().unwrap_or_default();
        let fixture = code.and_then(|code| self.fixtures.get(code));
        let rules = match language {
            "yaml" => text.to_owned(),
            "ottl" => wrapped(marks, text, fixture)?,
            _ => return None,
        };
        let (signal, told) = match RuleSet::compile(&rules) {
            Ok(compiled) => (compiled.signals().next(), compiled.warnings().clone()),
            Err(error) => (None, error.diagnostics().clone()),
        };
        let rightly = signal.is_some();
        let signal = words.find_map(signal_named).or(signal).unwrap_or_else(|| signal_of(&rules));
        let shows = match (code, marks.contains('(')) {
            (Some(code), true) => told.iter().any(|diagnostic| diagnostic.code.as_str() == code),
            (Some(code), false) => rightly && told.iter().all(|diagnostic| diagnostic.code.as_str() != code),
            (None, _) => rightly,
        };
        shows.then(|| Shared { rules, telemetry: self.telemetry[signal.name()].clone() })
    }
}

fn signal_named(name: &str) -> Option<Signal> {
    Signal::ALL.into_iter().find(|signal| signal.name() == name)
}

/// The signal that rules with faults are for: the first that a key of theirs names, else logs.
fn signal_of(rules: &str) -> Signal {
    let found = |signal: &Signal| {
        let keys = [format!("{}_", singular(*signal)), format!("\n{}:", signal.name())];
        keys.iter().filter_map(|key| rules.find(key)).min()
    };
    let named = Signal::ALL.into_iter().filter_map(|signal| Some((found(&signal)?, signal)));
    named.min_by_key(|(at, _)| *at).map_or(Signal::Logs, |(_, signal)| signal)
}

/// `log` for `logs`: how keys of bodies begin.
fn singular(signal: Signal) -> &'static str {
    signal.name().trim_end_matches('s')
}

/// Statements, conditions or a value as the body of a processor.
fn wrapped(marks: &str, text: &str, fixture: Option<&Fixture>) -> Option<String> {
    let of_fixture = |part: fn(&Fixture) -> &Option<String>| fixture.and_then(|fixture| part(fixture).as_deref());
    let kinds = ["statement", "condition", "value", "list"];
    let marked = marks.split(',').find(|word| kinds.contains(word));
    let kind = marked.or(of_fixture(|fixture| &fixture.kind)).unwrap_or("statement");
    let names = |contexts: &[&str]| contexts.iter().any(|context| text.contains(&format!("{context}.")));
    let signal = of_fixture(|fixture| &fixture.signal).and_then(signal_named).unwrap_or_else(|| match () {
        () if names(&["span", "spanevent"]) => Signal::Traces,
        () if names(&["metric", "datapoint", "exemplar"]) => Signal::Metrics,
        () if names(&["profile", "profilesample"]) => Signal::Profiles,
        () => Signal::Logs,
    });
    let text = text.trim_end();
    let value = format!("set(resource.attributes[\"value\"], {text})");
    let (list, texts) = match kind {
        "condition" => ("conditions", vec![text]),
        "value" => ("statements", vec![value.as_str()]),
        "list" => ("statements", text.lines().collect()),
        _ => ("statements", vec![text]),
    };
    Some(body(signal, list, of_fixture(|fixture| &fixture.context), &texts))
}

/// The body of a processor with a list of texts, in a context if it is given.
fn body(signal: Signal, list: &str, context: Option<&str>, texts: &[&str]) -> String {
    let mut out = format!("{}_{list}:\n", singular(signal));
    let indent = match context {
        Some(context) => {
            out.push_str(&format!("  - context: {context}\n    {list}:\n"));
            "      "
        }
        None => "  ",
    };
    for text in texts {
        if text.contains('\n') {
            let lines: Vec<String> = text.lines().map(|line| format!("{indent}    {line}\n")).collect();
            out.push_str(&format!("{indent}- |-\n{}", lines.concat()));
        } else if text.contains(": ") || text.contains(" #") || !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
            out.push_str(&format!("{indent}- '{}'\n", text.replace('\'', "''")));
        } else {
            out.push_str(&format!("{indent}- {text}\n"));
        }
    }
    out
}

/// What an example of a function opens: the statement of an editor, or one that writes a converter's value, with the record that it
/// starts from.
pub fn example(function: &FunctionDef, example: &Example) -> Result<Shared, serde_json::Error> {
    let (context, record) = ottl::example::before(function, example);
    let signal = match context {
        "metric" | "datapoint" => Signal::Metrics,
        "span" => Signal::Traces,
        _ => Signal::Logs,
    };
    let [groups, scopes, list] = signal.lists().map(|list| list.name);
    let telemetry =
        layout(&format!(r#"{{"{groups}":[{{"resource":{{}},"{scopes}":[{{"scope":{{}},"{list}":[{record}]}}]}}]}}"#))?;
    let code = example.code;
    let rules = match function.kind {
        FunctionKind::Editor => body(signal, "statements", Some(context), &[code]),
        // What is there in conditions alone decides whether the metric is told.
        FunctionKind::Converter if context == "metric" => {
            let head = body(signal, "conditions", Some(context), &[code]).replacen("_conditions", "_statements", 1);
            format!("{head}    statements:\n      - set(metric.description, \"holds\")\n")
        }
        FunctionKind::Converter => {
            body(signal, "statements", None, &[&format!("set({context}.attributes[\"result\"], {code})")])
        }
    };
    Ok(Shared { rules, telemetry })
}

#[cfg(test)]
mod tests {
    use ottl::function::{FunctionKind, Purity};
    use ottl::{Output, RuleSet, Signal};

    use super::{Tries, body, example};
    use crate::repository;

    #[test]
    fn examples_of_functions_run_in_the_playground() {
        let mut count = 0;
        for function in ottl::registry().iter() {
            for one in &function.examples {
                let shared = example(function, one).expect("records are JSON");
                let rules = RuleSet::compile(&shared.rules).unwrap_or_else(|error| panic!("{}\n{error}", shared.rules));
                let signal = rules.signals().next().expect("a signal");
                let outcome = rules.transform_json(signal, shared.telemetry.as_bytes()).expect("a record");
                // Conditions that are false change nothing, and some examples show what stays.
                let shows = matches!(outcome.output, Output::Changed(_)) || one.result == "false";
                let is_same = function.kind == FunctionKind::Editor && one.before.is_some();
                assert!(
                    shows || is_same || function.purity == Purity::Volatile,
                    "{}\n{}",
                    shared.rules,
                    shared.telemetry
                );
                count += 1;
            }
        }
        assert!(count > 150, "{count}");
    }

    #[test]
    fn blocks_have_links_where_the_page_says_the_same() {
        let tries = Tries::read(&repository::root(), &["E0201".to_owned()]).expect("the cookbook");
        let link = |marks: &str, text: &str, code| tries.block(marks, text, code).map(|shared| shared.rules);
        let right = "set(log.body, 1)";
        let wrong = "sett(log.body, 1)";
        assert_eq!(link("ottl", right, None).as_deref(), Some("log_statements:\n  - set(log.body, 1)\n"));
        assert!(link("ottl", wrong, None).is_none());
        assert!(link("ottl,statement,fails(E0201)", wrong, Some("E0201")).is_some());
        assert!(link("ottl,statement,fails(E0201)", right, Some("E0201")).is_none());
        assert!(link("yaml", "a: 1\n", None).is_none());
        let shared = tries.block("yaml traces", "trace_statements: ['set(span.name, \"a\")']\n", None).expect("rules");
        assert!(shared.telemetry.contains("resourceSpans"));
    }

    #[test]
    fn texts_are_quoted_where_yaml_wants_it() {
        let texts = ["set(log.body, \"it's: \")", "set(log.body,\n  1)"];
        let wanted = "log_statements:\n  - 'set(log.body, \"it''s: \")'\n  - |-\n      set(log.body,\n        1)\n";
        assert_eq!(body(Signal::Logs, "statements", None, &texts), wanted);
    }
}
