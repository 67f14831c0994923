//! What is proposed where a rule is refused: help and fixes that the pictures of `tests/ui` do not show.
#![cfg(feature = "host")]

use ottl::Compiler;

/// A fault's code, the text that it is about, its help and what its fix puts there.
#[derive(Debug, PartialEq, Eq)]
struct Fault {
    code: String,
    at: String,
    help: String,
    fix: Option<String>,
}

/// The only fault of a configuration.
#[track_caller]
fn fault(text: &str) -> Fault {
    let diagnostics = Compiler::new().check(text);
    let [diagnostic] = diagnostics.iter().as_slice() else { panic!("one fault in {text}: {diagnostics}") };
    Fault {
        code: diagnostic.code.as_str().to_owned(),
        at: diagnostic.span.of(text).to_owned(),
        help: diagnostic.help.clone().unwrap_or_default(),
        fix: diagnostic.fix.as_ref().map(|fix| fix.replacement.clone()),
    }
}

#[test]
fn help_names_what_was_meant() {
    for (statement, help, fix) in [
        ("delete(log.attributes, \"a\")", "`delete_key(log.attributes, \"key\")` removes one key", None),
        ("set(log.body, Upper(log.body))", "did you mean `ToUpperCase`?", Some("ToUpperCase")),
        ("set(log.body, Length(log.body))", "did you mean `Len`?", Some("Len")),
        ("set(log.body, Sha256(log.body))", "did you mean `SHA256`?", Some("SHA256")),
        ("set(log.body, 1) where Frobnicate(log.body)", "", None),
        ("keep_keys(log.attributes, \"a\")", "write `[\"a\"]`", Some("[\"a\"]")),
        ("set(log.body, Base64Decode(log.body))", "`Decode(value, \"base64\")`", None),
        ("drop() where log.body == 1", "filter processor", None),
        ("set(log.body, null)", "`nil`", Some("nil")),
        ("set(log.body, 1) where log.body == null", "`nil`", Some("nil")),
    ] {
        let fault = fault(&format!("log_statements:\n  - {statement}\n"));
        assert!(fault.help.contains(help) && fault.help.is_empty() == help.is_empty(), "{statement}: {fault:?}");
        assert_eq!(fault.fix.as_deref(), fix, "{statement}");
    }
}

#[test]
fn a_key_without_quotes_is_said_to_be_one() {
    let found = fault("log_statements:\n  - context: log\n    statements: ['set(attributes[user], 1)']\n");
    assert_eq!((&*found.code, &*found.help), ("E0203", "a key is a string in double quotes: `[\"user\"]`"));
}

#[test]
fn numbers_get_their_decimal_point() {
    let fault = fault("metric_statements: [{context: metric, statements: ['scale_metric(1000, \"ms\")']}]");
    assert_eq!((fault.at.as_str(), fault.fix.as_deref()), ("1000", Some("1000.0")));
}

#[test]
fn the_argument_that_is_refused_is_pointed_at() {
    for (statement, at) in [
        (r#"replace_pattern(log.body, "(?!a)", "x")"#, r#""(?!a)""#),
        (r#"replace_pattern(log.body, "(a)\\1", "x")"#, r#""(a)\\1""#),
        (r#"set(log.body, 1) where IsMatch(log.body, "(?<=a)")"#, r#""(?<=a)""#),
    ] {
        let fault = fault(&format!("log_statements:\n  - {statement}\n"));
        assert_eq!((fault.code.as_str(), fault.at.as_str()), ("E0313", at), "{statement}");
        assert!(fault.help.contains("RE2"), "{statement}: {fault:?}");
    }
}

#[test]
fn a_function_outside_its_context_says_what_chose_the_context() {
    let statements = "[convert_sum_to_gauge() where metric.name == \"x\", 'set(datapoint.attributes[\"a\"], 1)']";
    let mixed = fault(&format!("metric_statements: {statements}\n"));
    assert_eq!((mixed.code.as_str(), mixed.at.as_str()), ("E0404", "convert_sum_to_gauge"));
    assert!(mixed.help.contains("because of `datapoint.attributes`"), "{mixed:?}");
    let configured = fault(&format!("metric_statements: [{{context: datapoint, statements: {statements}}}]\n"));
    assert_eq!(configured.help, "it exists in `metric`");
}

#[test]
fn yaml_that_swallows_a_part_of_a_statement_is_explained() {
    for (text, code, help) in [
        ("log_statements:\n  - set(log.body, {\"a\": 1})\n", "E0604", "single quotes"),
        ("log_statements:\n  - set(log.body, {\"a\": \"b\"})\n", "E0601", "single quotes"),
        (
            "log_statements:\n  - context: log\n    statements:\n      - set(body[\"a: b\"], 1)\n",
            "E0604",
            "single quotes",
        ),
        ("log_statements:\n  - set(log.body, \"a #b\")\n", "E0103", "single quotes"),
        ("log_statements:\n  - set(log.body, 1 # one\n", "E0107", "single quotes"),
        ("log_statements:\n  - \"set(log.body, \"a\")\"\n", "E0601", "inside double quotes"),
        ("log_statements:\n\t- set(log.body, 1)\n", "E0601", "not allow tabs"),
        ("log_statements:\n  - context: log\n    statements: set(body, 1)\n", "E0604", "`- `"),
        ("log_statements:\n  - 'set(log.body, \"a #b)'\n", "E0103", "end the string"),
        ("- set(log.body, 1)\n", "E0614", "below `log_statements:`"),
        ("error_mode: ignore\nlog_statement: []\n", "E0614", "`log_statements`"),
    ] {
        let fault = fault(text);
        assert!(fault.code == code && fault.help.contains(help), "{text}: {fault:?}");
    }
}

#[test]
fn processors_without_the_block_around_them_are_read() {
    let text = "transform/a:\n  log_statements:\n    - set(log.bodi, \"$$\")\nbatch: {}\nfilter:\n  log_conditions: [log.body == 1]\n";
    let names: Vec<&str> = Compiler::new().check(text).iter().map(|found| found.code.as_str()).collect();
    assert_eq!(names, ["W0602", "E0203"]);
    assert!(Compiler::new().compile(&text.replace("bodi", "body")).is_ok());
}

#[test]
fn every_pipeline_is_checked_and_the_chosen_one_must_be_there() {
    let text = "processors: {transform: {log_statements: ['set(log.body, 1)']}, filter: {log_conditions: []}}\n\
                service: {pipelines: {logs: {processors: [transform]}, logs/b: {processors: [filtr, filter, filter]}}}\n";
    let faults = |pipeline: &str, text: &str| -> Vec<String> {
        let compiler = Compiler::new().pipeline(pipeline);
        let error = compiler.compile(text).expect_err("it has faults");
        error.diagnostics().iter().map(|d| format!("{}@{}", d.code.as_str(), d.span.of(text))).collect()
    };
    assert_eq!(faults("logs", text), ["E0615@filtr", "E0619@filter"]);
    let sound = text.replace("filtr, filter, ", "");
    assert_eq!(faults("traces", &sound), ["E0617@logs"], "that several are left follows from it");
    assert_eq!(faults("logs", "log_statements: ['set(log.body, 1)']"), ["E0617@"]);
}

/// The text after the edit that the only fault proposes.
fn mended(text: &str) -> Option<String> {
    let diagnostics = Compiler::new().variables(|name: &str| Some(format!("log.{name}"))).check(text);
    let [diagnostic] = diagnostics.iter().as_slice() else { panic!("one fault in {text}: {diagnostics}") };
    let fix = diagnostic.fix.as_ref()?;
    let (start, end) = (fix.span.start as usize, fix.span.end as usize);
    Some(format!("{}{}{}", &text[..start], fix.replacement, &text[end..]))
}

#[test]
fn fixes_are_edits_of_the_file_in_every_style() {
    for (text, want) in [
        ("log_statements:\n  - set(log.bodi, 1)", "log_statements:\n  - set(log.body, 1)"),
        (
            r#"log_statements: ["set(log.body, 1) where log.severity_number == \"ERROR\""]"#,
            r#"log_statements: ["set(log.body, 1) where log.severity_number == SEVERITY_NUMBER_ERROR"]"#,
        ),
        (r#"log_statements: ["set(log.body, 'x')"]"#, r#"log_statements: ["set(log.body, \"x\")"]"#),
        ("log_statements: ['set(log.body, ''x'')']", "log_statements: ['set(log.body, \"x\")']"),
        (r#"log_statements: ["set(log.body, \"\\d\")"]"#, r#"log_statements: ["set(log.body, \"\\\\d\")"]"#),
        (
            "log_statements:\n  - |\n    set(log.attributes[\"a\"],\n      log.attributes[\"b\"])\n",
            "log_statements:\n  - |\n    set(log.attributes[\"a\"],\n      log.attributes[\"b\"]) where log.attributes[\"b\"] != nil\n",
        ),
        (
            "log_statements:\n  - set(log.body,\n      log.atributes)",
            "log_statements:\n  - set(log.body,\n      log.attributes)",
        ),
    ] {
        assert_eq!(mended(text).as_deref(), Some(want), "{text}");
    }
    let expanded = "processors: {transform: {log_statements: ['set(log.severity_text, ${env:bodi})']}}\n\
                    service: {pipelines: {logs: {processors: [transform]}}}";
    assert_eq!(mended(expanded), None, "the file does not have the text that is wrong");
}

#[test]
fn sections_and_lists_in_other_forms_are_what_they_are() {
    let misspelt = "processor:\n  transform: {log_statements: ['set(log.body, 1)']}\n\
                    services:\n  pipelines: {logs: {processors: [transform]}}\n";
    let found = Compiler::new().check(misspelt);
    let fixes: Vec<&str> = found.iter().filter_map(|one| Some(one.fix.as_ref()?.replacement.as_str())).collect();
    assert_eq!(fixes, ["processors", "service"], "{found}");
    let text = "processors: {transform: {log_statements: ['set(log.body, 1)']}}\n\
                service: {pipelines: {logs: {receivers: [otlp], processors: 'transform', exporters: [debug]}}}\n";
    assert!(Compiler::new().check(text).is_empty(), "{}", Compiler::new().check(text));
    let swapped = "processors: {transform: {log_conditions: [log.body == 1]}}\n";
    let found = Compiler::new().check(swapped);
    assert!(
        found.iter().any(|one| one.help.as_deref().is_some_and(|help| help.contains("the filter processor has it")))
    );
}
