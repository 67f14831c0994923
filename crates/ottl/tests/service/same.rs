//! What a document says is what the check, the formatter and the mender say.

use ottl::service::{Document, DocumentKind};
use ottl::{Compiler, RuleKind};

use super::bounds::samples;

const BODY: &str = "\
log_statements:
  - replace_patern(log.body, \"a\", \"b\")
  - set(log.severity_text,\"high\") where log.severity_number == \"ERROR\"
";

#[test]
fn diagnostics_are_those_of_the_check() {
    let document = Document::new(Compiler::new(), DocumentKind::default(), BODY);
    let check = Compiler::new().check(BODY);
    assert_eq!(document.diagnostics().to_string(), check.to_string());
    assert_eq!(check.len(), 2);
    let json = serde_json::to_value(document.diagnostics()).expect("plain data");
    assert_eq!(json[0]["fix"]["replacement"], "replace_pattern");
    let mut mended = BODY.to_owned();
    for edit in document.mend().iter().rev() {
        mended.replace_range(edit.range.start as usize..edit.range.end as usize, &edit.replacement);
    }
    assert_eq!(mended, Compiler::new().mend(BODY).text());
}

#[test]
fn files_of_rules_are_what_they_are_to_the_check_and_the_formatter() {
    for text in samples() {
        let document = Document::new(Compiler::new(), DocumentKind::default(), text.as_str());
        assert!(document.holds_rules(), "{text}");
        assert_eq!(document.diagnostics().to_string(), Compiler::new().check(&text).to_string());
        let formatted = Compiler::new().format(&text, None).map(|formatted| formatted.text);
        let edited = document.format(None).map(|edits| {
            let mut edited = text.clone();
            for edit in edits.iter().rev() {
                edited.replace_range(edit.range.start as usize..edit.range.end as usize, &edit.replacement);
            }
            edited
        });
        assert_eq!(edited, formatted);
    }
}

#[test]
fn rules_alone_are_checked_like_those_of_a_body() {
    for (text, want) in [
        (
            "set(log.body, 1)\nset(log.bodi, 1)\n# a comment\nfrob(log.body)\n",
            vec![("E0203", "log.bodi"), ("E0201", "frob")],
        ),
        ("span.name == 1", vec![("W0301", "span.name == 1")]),
        ("log.severity_number == \"ERROR\" # why", vec![("E0101", "# why")]),
        ("set(log.body,\n  frob(1))", vec![("E0201", "frob")]),
        ("# ottl: allow(W0301)\nlog.severity_number == \"ERROR\"", vec![]),
        ("", vec![]),
    ] {
        let kind = DocumentKind::Rules { kind: None, signal: None, context: None };
        let document = Document::new(Compiler::new(), kind, text);
        let found: Vec<_> =
            document.diagnostics().iter().map(|found| (found.code.as_str(), found.span.of(text))).collect();
        assert_eq!(found, want, "{text}");
    }
    let value = DocumentKind::Rules { kind: Some(RuleKind::Value), signal: None, context: None };
    let document = Document::new(Compiler::new(), value, "Len(log.body");
    assert!(document.diagnostics().has_errors());
    let document = Document::new(Compiler::new(), value, "Len(log.body)");
    assert!(document.diagnostics().is_empty(), "{}", document.diagnostics());
}

#[test]
fn files_without_rules_are_told() {
    for (text, want) in [
        (BODY, true),
        ("", false),
        ("a: 1\n", false),
        ("name: build\non: [push]\njobs: {}\n", false),
        ("- 1\n", false),
        ("a: [\n", false),
        ("{{ template }}: [\n", false),
        ("log_statements:\n  - 'set(\n", true),
        ("log_statements: []\n", true),
        ("processors:\n  transform:\n    log_statements:\n      - \n", true),
        (
            "receivers: {otlp: {}}\nexporters: {debug: {}}\nservice: {pipelines: {logs: {receivers: [otlp], exporters: [debug]}}}\n",
            false,
        ),
    ] {
        let document = Document::new(Compiler::new(), DocumentKind::default(), text);
        assert_eq!(document.holds_rules(), want, "{text}");
    }
}

#[test]
fn proposals_are_wanted_where_rules_are_or_begin() {
    for (marked, want) in [
        ("$0", true),
        ("l$0", true),
        ("# rules\n\nlog$0\n", true),
        ("log_statements:\n  - $0", true),
        ("processors:\n  transform/a:\n    $0\nservice: {}\n", true),
        ("receivers:\n  otlp:\n    $0\n", false),
        ("name: build\no$0\n", false),
        ("l$0\nname: build\n", false),
        ("- a$0\n", false),
    ] {
        let at = marked.find("$0").expect("a mark") as u32;
        let document = Document::new(Compiler::new(), DocumentKind::default(), marked.replace("$0", ""));
        assert_eq!(document.wants_proposals(at), want, "{marked}");
    }
}

#[test]
fn comments_that_are_offered_allow_what_they_are_for() {
    const WARNED: &str = "set(log.body, 1) where log.severity_number == \"ERROR\"";
    for text in [
        format!("log_statements:\n  - {WARNED}\n"),
        format!("log_statements:\n  - set(log.flags, 1)\n  - '{WARNED}'\n  - set(log.event_name, \"a\")\n"),
        format!("log_statements:\n  - statements:\n      - |\n        {WARNED}\n"),
        format!(
            "log_statements:\n  - statements:\n      - >-\n        {}\n",
            WARNED.replace(" where", "\n        where")
        ),
        format!("log_statements: ['{WARNED}']\n"),
        format!("log_statements:\n  - context: log\n    statements: ['{WARNED}']\n"),
        format!(
            "processors:\n  transform:\n    log_statements:\n      - {WARNED}\nservice: {{pipelines: {{logs: {{processors: [transform]}}}}}}\n"
        ),
        String::from("log_statements:\n  - context: log\n    statements: []\n"),
    ] {
        let document = Document::new(Compiler::new(), DocumentKind::default(), text.as_str());
        let found = document.diagnostics();
        assert_eq!(found.len(), 1, "{text}: {found}");
        let first = found.iter().next().expect("one");
        let actions = document.actions(first.span);
        let allowing = actions.iter().find(|action| !action.is_fix).expect("an offer");
        let edit = &allowing.edits[0];
        let mut allowed = text.clone();
        allowed.replace_range(edit.range.start as usize..edit.range.end as usize, &edit.replacement);
        let left = Compiler::new().check(&allowed);
        assert!(left.is_empty(), "{allowed}: {left}");
    }
}
