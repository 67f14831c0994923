//! Values of variables appear nowhere: not in diagnostics and their pictures and records, nor in statements and reports.
//!
//! Every word and every text of many statements, most of them wrong in some way, and of every fixture of `tests/ui` is put
//! into a variable in turn, with a mark that nothing else has.

use std::fmt::Write;
use std::path::Path;

use ottl::{Code, Compiler, Diagnostics, Report, Scratch, Signal};
use serde::Deserialize;

const MARK: &str = "qzjxkw";

/// Everything that a user may see of diagnostics.
fn seen(diagnostics: &Diagnostics) -> String {
    let mut out = format!("{diagnostics}\n{diagnostics:?}").replace(diagnostics.text(), "");
    out.push_str(&diagnostics.render(false));
    out.push_str(&serde_json::to_string(diagnostics).expect("records"));
    for diagnostic in diagnostics {
        write!(out, "{diagnostic:?}").expect("a text");
    }
    out
}

/// Compiles the rules, runs them if they are right, and gives what is shown on the way.
fn shown(yaml: &str, value: &str) -> String {
    let value = value.to_owned();
    let compiler = Compiler::new().expand(true).variables(move |name| (name == "S").then(|| value.clone()));
    let rules = match compiler.compile(yaml) {
        Ok(rules) => rules,
        Err(error) => return format!("{error}\n{}\n{}", error.render(false), seen(error.diagnostics())),
    };
    let mut out = seen(rules.warnings());
    let (mut report, mut bytes, mut scratch) = (Report::new(), Vec::new(), Scratch::new());
    for signal in [Signal::Logs, Signal::Traces, Signal::Metrics] {
        for statement in rules.statements(signal) {
            write!(out, "{statement} {statement:?} {}", statement.processor()).expect("a text");
        }
        // A record of nothing.
        let message = [0x0a, 4, 0x12, 2, 0x12, 0];
        if let Err(error) = rules.transform_into(signal, &message, &mut scratch, &mut bytes, &mut report) {
            write!(out, "{error} {error:?}").expect("a text");
        }
    }
    for failure in report.errors() {
        write!(out, "{} {failure:?}: {}", failure.statement, failure.error).expect("a text");
    }
    for kind in report.statements().flat_map(|statement| statement.failures().collect::<Vec<_>>()) {
        write!(out, "{kind:?}").expect("a text");
    }
    out.push_str(&serde_json::to_string(&report).expect("a report"));
    write!(out, "{report:?}").expect("a text");
    out
}

/// The words, numbers and texts of a statement.
fn words(statement: &str) -> Vec<std::ops::Range<usize>> {
    let bytes = statement.as_bytes();
    let is_word = |at: usize| bytes.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let (mut out, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let start = at;
        if is_word(at) {
            while is_word(at) {
                at += 1;
            }
            out.push(start..at);
        } else {
            at += 1;
        }
    }
    out
}

const STATEMENTS: &[&str] = &[
    r#"set(log.body, "abc") where log.severity_text == "x""#,
    r#"set(log.boddy, "abc")"#,
    r#"set(log.attributes["k"], frobnicate(log.body))"#,
    r#"frob(log.body, 12)"#,
    r#"set(body.string, nil)"#,
    r#"set(log.attributes["a"]["b"], Concat(["a", "b"], 5))"#,
    r#"replace_pattern(log.body, "a(?=b)", "x")"#,
    r#"replace_pattern(log.body, "a**", "$1")"#,
    r#"set(log.severity_number, SEVERITY_NUMBER_WRONG)"#,
    r#"set(log.time, Time(log.body, "%Q"))"#,
    r#"set(log.time, Time(log.body, "%F", "Nowhere/Town"))"#,
    r#"set(log.attributes["x"], Duration("5x"))"#,
    r#"set(log.body, "unclosed)"#,
    r#"set(log.body, 'x')"#,
    r#"set(log.body, 0x123)"#,
    r#"set(log.body, 99999999999999999999)"#,
    r#"delete_key(log.attributes, 5) where IsMatch(log.body, "[")"#,
    r#"keep_keys(log.attributes, "a")"#,
    r#"limit(log.attributes, 1, ["a", "b"])"#,
    r#"set(target=log.body, valeu="x")"#,
    r#"set(span.name, log.body)"#,
    r#"set(log.body, Substring(log.body, 1, 2, maybe))"#,
    r#"set(log.body, (a, a) => a)"#,
    r#"set(log.body, 1) where log.body matches "x""#,
    r#"set(log.body, 1) where log.severity_number == "ERROR""#,
    r#"set(log.body, 1) where log.severity_text == 3 and name = "b""#,
    r#"set(resource.attributes["r"], log.attributes["secret"])"#,
    r#"merge_maps(log.attributes, ParseJSON(log.body), "upsert_all")"#,
    r#"set(log.body, Format("%d %s", ["a"]))"#,
    r#"set(log.trace_id, TraceID(0x00))"#,
    r#"set(log.body, Int("abc"))"#,
    r#"set(log.body, Hex(log.attributes["a"]["b"][0]["c"]))"#,
    r#"truncate_all(log.attributes, -1)"#,
    r#"set(log.attributes["n"], Int(log.body) / 0)"#,
];

#[test]
fn statements_never_show_values_of_variables() {
    let mut compiled = 0;
    for statement in STATEMENTS {
        for range in words(statement) {
            let word = &statement[range.clone()];
            let before = &statement[..range.start];
            let after = &statement[range.end..];
            // The mark as a part of the word, as a word of its own, and with syntax around it.
            for value in [
                format!("{word}{MARK}"),
                format!("{MARK}{word}"),
                format!("{word}.{MARK}"),
                format!("{word} {MARK} \"{MARK}\" ({MARK}["),
                format!("\n{word}\\{MARK}"),
            ] {
                for mode in ["ignore", "propagate"] {
                    let rules = format!("error_mode: {mode}\nlog_statements:\n  - |-\n    {before}${{env:S}}{after}\n");
                    let shown = shown(&rules, &value);
                    assert!(!shown.contains(MARK), "{rules} with {value:?}:\n{shown}");
                    compiled += usize::from(shown.contains("evaluated"));
                }
            }
        }
    }
    assert!(compiled > 50, "only {compiled} were right");
}

/// What a fixture of `tests/ui` is about; the rest of it does not matter here.
#[derive(Deserialize)]
struct Fixture {
    kind: String,
    signal: Option<String>,
    context: Option<String>,
    text: String,
}

impl Fixture {
    /// A configuration with the text, and where the text stands in it, line by line. With a neighbour there is one more
    /// statement, which may be told what the others made of its list.
    fn configuration(&self, neighbour: bool) -> (String, Vec<std::ops::Range<usize>>) {
        let texts: Vec<String> = match self.kind.as_str() {
            "statement" | "condition" => vec![self.text.clone()],
            "list" => self.text.trim().lines().map(str::to_owned).collect(),
            "value" => vec![format!("set(log.body, {})", self.text)],
            _ => {
                let all = 0..self.text.len();
                return (self.text.clone(), vec![all]);
            }
        };
        let signal = match self.signal.as_deref() {
            Some("metrics") => "metric",
            Some("traces") => "trace",
            _ => "log",
        };
        let is_condition = self.kind == "condition";
        let mut yaml = format!("{signal}_{}:\n", if is_condition { "conditions" } else { "statements" });
        if let Some(context) = &self.context {
            write!(yaml, "  - context: {context}\n    {}:\n", if is_condition { "conditions" } else { "statements" })
                .expect("a text");
        }
        if neighbour && !is_condition {
            yaml.push_str("    - set(resource.attributes[\"n\"], 1)\n");
        }
        let mut places = Vec::new();
        for text in texts {
            yaml.push_str("    - |-\n");
            for line in text.lines() {
                yaml.push_str("      ");
                places.push(yaml.len()..yaml.len() + line.len());
                yaml.push_str(line);
                yaml.push('\n');
            }
        }
        (yaml, places)
    }
}

#[test]
fn fixtures_never_show_values_of_variables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ui");
    let (mut fixtures, mut compiled) = (0, 0);
    for entry in std::fs::read_dir(folder).expect("the fixtures") {
        let path = entry.expect("a fixture").path();
        let source = std::fs::read_to_string(&path).expect("a text");
        let fixture: Fixture = toml::from_str(&source).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        fixtures += 1;
        let both = [false, true].map(|neighbour| fixture.configuration(neighbour));
        for (yaml, place) in both.iter().flat_map(|(yaml, places)| places.iter().map(move |place| (yaml, place))) {
            let line = &yaml[place.clone()];
            let (before, after) = (&yaml[..place.start], &yaml[place.end..]);
            for range in words(line) {
                let (head, word, tail) = (&line[..range.start], &line[range.clone()], &line[range.end..]);
                for value in [format!("{word}{MARK}"), format!("{word} \"{MARK}\" ({MARK}["), format!("{word}.{MARK}")]
                {
                    // The word alone, and all of the line.
                    let alone = shown(&format!("{before}{head}${{env:S}}{tail}{after}"), &value);
                    let whole = shown(&format!("{before}${{env:S}}{after}"), &format!("{head}{value}{tail}"));
                    for shown in [alone, whole] {
                        assert!(!shown.contains(MARK), "{} in {line:?} with {value:?}:\n{shown}", path.display());
                        compiled += 1;
                    }
                }
            }
        }
    }
    assert!(fixtures > 70 && compiled > 3000, "{fixtures} fixtures, {compiled} texts");
}

#[test]
fn whole_statements_and_the_rest_of_the_file_never_show_values_of_variables() {
    let mut values: Vec<String> =
        STATEMENTS.iter().map(|statement| statement.replace("\"a", &format!("\"{MARK}"))).collect();
    values.extend([MARK, "[a, qzjxkw]", "{qzjxkw: qzjxkw}", "qzjxkw: [", "${qzjxkw}", "$qzjxkw"].map(String::from));
    for value in values {
        for rules in [
            "log_statements: ${env:S}\n",
            "log_statements:\n  - ${env:S}\n",
            "log_statements:\n  - '${env:S}'\n  - set(log.body, \"${env:S}\")\n",
            "log_statements:\n  - context: ${env:S}\n    statements: []\n",
            "log_statements:\n  - context: log\n    error_mode: ${env:S}\n    statements: ['${env:S}']\n",
            "error_mode: ${env:S}\nlog_statements: []\n",
            "log_statements:\n  - context: log\n    conditions: ['${env:S}']\n    shared_cache: ${env:S}\n",
            "log_statements: ['set(log.body, \"${env:${env:S}}\")']\n",
            "log_statements: ['set(log.body, \"${env:S:-${env:S}}\")', 'set(log.body, \"${yaml:${env:S}}\")']\n",
            "log_conditions: ['log.body == \"${env:S}\" and ${env:S}']\n",
            "logs: {log_record: ['${env:S}'], include: ${env:S}}\n",
            "${env:S}",
            "processors: {transform/a: {log_statements: ['${env:S}']}}\nservice: {pipelines: {logs: {processors: ['${env:S}']}}}\n",
            "processors: ${env:S}\nservice: ${env:S}\n",
            "processors: {transform/a: ${env:S}}\nservice: {pipelines: ${env:S}}\n",
        ] {
            let shown = shown(rules, &value);
            assert!(!shown.contains(MARK), "{rules} with {value:?}:\n{shown}");
        }
    }
}

#[test]
fn fixes_quote_the_file_or_are_left_out() {
    let fixes = |yaml: &str| {
        let compiler = Compiler::new().expand(true).variables(|name| (name == "x").then(|| "/root".to_owned()));
        let found = compiler.check(yaml);
        found.iter().filter_map(|d| d.fix.as_ref().map(|fix| fix.replacement.clone())).collect::<Vec<_>>()
    };
    let rules = |key: &str| format!("log_statements: ['set(log.attributes[\"y\"], log.attributes[\"{key}\"])']");
    assert!(fixes(&rules("plain"))[0].contains("log.attributes[\"plain\"] != nil"));
    assert_eq!(fixes(&rules("${x}")), [""; 0]);
    assert_eq!(fixes(&rules("$${x}")), [""; 0]);
}

#[test]
fn variables_that_hold_statements_leave_other_messages_whole() {
    let rules = "processors:\n  transform:\n    log_statements: ['${env:S}']\nservice:\n  pipelines:\n    logs/a: {processors: [transform]}\n    logs/b: {processors: []}\n";
    let value = r#"set(log.attributes["line"], log.body) where log.severity_text == "x""#;
    let error = Compiler::new().variables(move |_| Some(value.to_owned())).compile(rules).expect_err("two pipelines");
    let faults = error.diagnostics();
    let fault = faults.iter().find(|fault| fault.code == Code::AMBIGUOUS_PIPELINE).expect("it is told");
    assert_eq!(fault.message, "there are several pipelines of this signal: logs/a, logs/b");
    assert_eq!(fault.help.as_deref(), Some("choose one by its name: `--pipeline logs/a`"));
}
