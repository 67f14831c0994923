//! Values of variables appear nowhere: not in diagnostics and their pictures and records, nor in statements and reports.
//!
//! Every word and every text of many statements, most of them wrong in some way, is put into a variable in turn, with a
//! mark that nothing else has.

use std::fmt::Write;

use ottl::{Compiler, Diagnostics, Report, Scratch, Signal};

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
