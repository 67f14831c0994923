//! Every fix of every fixture and page is applied, and the result compiled: what it is for is gone, and nothing as bad has come.
#![cfg(feature = "host")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ottl::{Compiler, Diagnostic, Gate, Gates, Output, ProcessorKind, RuleSet, Severity, Signal, Target};
use serde::Deserialize;

/// A fixture of any crate: `tests/ui/CODE.toml`.
#[derive(Deserialize)]
struct Fixture {
    kind: String,
    text: String,
    signal: Option<String>,
    context: Option<String>,
    target: Option<String>,
    #[serde(default)]
    gates_off: Vec<String>,
    gate_off: Option<String>,
}

/// A configuration, and how it is read.
struct Rules {
    from: String,
    text: String,
    compiler: Compiler,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Statements or conditions in a file, each in single quotes.
fn in_file(kind: &str, signal: &str, context: Option<&str>, texts: &[&str]) -> String {
    let singular = match signal {
        "traces" => "trace",
        "metrics" => "metric",
        _ => "log",
    };
    let what = if kind == "condition" { "conditions" } else { "statements" };
    let indent = if context.is_some() { "      " } else { "  " };
    let mut out = format!("{singular}_{what}:\n");
    if let Some(context) = context {
        out += &format!("  - context: {context}\n    {what}:\n");
    }
    for text in texts {
        // Line breaks and tabs stay what they are in double quotes alone.
        let quoted = if text.contains(['\n', '\t']) {
            serde_json::to_string(text).expect("a text")
        } else {
            format!("'{}'", text.replace('\'', "''"))
        };
        out += &format!("{indent}- {quoted}\n");
    }
    out
}

fn rules(from: &str, fixture: &Fixture, text: &str) -> Rules {
    let mut compiler = Compiler::new();
    if let Some(target) = &fixture.target {
        compiler = compiler.target(Target::by_name(target).expect("a known version"));
    }
    let off = fixture.gates_off.iter().chain(&fixture.gate_off);
    compiler =
        compiler.gates(off.fold(Gates::default(), |all, name| all.without(Gate::by_name(name).expect("a gate"))));
    let signal = fixture.signal.as_deref().unwrap_or("logs");
    let text = match fixture.kind.as_str() {
        "statement" | "condition" => in_file(&fixture.kind, signal, fixture.context.as_deref(), &[text.trim_end()]),
        "list" => in_file("statement", signal, None, &text.trim().lines().collect::<Vec<_>>()),
        "value" => in_file("statement", signal, None, &[&format!("set(log.body, {text})")]),
        "transform" | "filter" => {
            let kind = if fixture.kind == "filter" { ProcessorKind::Filter } else { ProcessorKind::Transform };
            compiler = compiler.processor(kind);
            text.to_owned()
        }
        _ => text.to_owned(),
    };
    Rules { from: from.to_owned(), text, compiler }
}

/// All texts of fixtures and of the blocks of their pages.
fn all() -> Vec<Rules> {
    let mut out = Vec::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("tests/ui"))
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    for path in files {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        let source = std::fs::read_to_string(&path).expect("a fixture");
        let fixture: Fixture = toml::from_str(&source).unwrap_or_else(|error| panic!("{name}: {error}"));
        if fixture.kind == "cases" {
            // Rules are the least of it; tests of cases hold them.
            continue;
        }
        out.push(rules(&name, &fixture, &fixture.text));
        let page = std::fs::read_to_string(root().join(format!("spec/diagnostics/{name}.md"))).expect("a page");
        for block in page.split("\n```").skip(1).step_by(2) {
            let (marks, text) = block.split_once('\n').expect("a block has a first line");
            let marks: Vec<&str> = marks.split(',').collect();
            let kind = match marks.as_slice() {
                ["ottl"] => fixture.kind.clone(),
                ["ottl" | "yaml", kind, ..] => (*kind).to_owned(),
                _ => continue,
            };
            let of_page = Fixture {
                kind,
                text: String::new(),
                signal: fixture.signal.clone(),
                context: fixture.context.clone(),
                target: fixture.target.clone(),
                gates_off: fixture.gates_off.clone(),
                gate_off: fixture.gate_off.clone(),
            };
            out.push(rules(&format!("{name}.md"), &of_page, text));
        }
    }
    out
}

/// How often each code occurs that is as bad as this.
fn tally<'d>(found: impl IntoIterator<Item = &'d Diagnostic>, least: Severity) -> BTreeMap<&'static str, usize> {
    let mut tally = BTreeMap::new();
    for one in found {
        if least != Severity::Error || one.severity() == Severity::Error {
            *tally.entry(one.code.as_str()).or_default() += 1;
        }
    }
    tally
}

#[test]
fn every_fix_of_every_fixture_mends() {
    let mut fixed = Vec::new();
    for Rules { from, text, compiler } in all() {
        let found = compiler.check(&text);
        for one in &found {
            let Some(fix) = &one.fix else { continue };
            let mut mended = text.clone();
            mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            let after = compiler.check(&mended);
            let mut allowed = tally(&found, one.severity());
            *allowed.get_mut(one.code.as_str()).expect("counted") -= 1;
            for (code, count) in tally(&after, one.severity()) {
                let most = allowed.get(code).copied().unwrap_or(0);
                assert!(count <= most, "{from}: the fix of {one} in\n{text}gives\n{mended}with\n{after}");
            }
            fixed.push(one.code.as_str());
        }
        // Together they mend, too.
        let mended = compiler.mend(&text);
        assert!(!mended.left().has_errors() || found.has_errors(), "{from}: {text}became\n{}", mended.text());
    }
    fixed.sort_unstable();
    fixed.dedup();
    assert!(fixed.len() >= 20, "{fixed:?}");
}

/// Warnings whose fixes are meant to change what rules do, because as they are written they do nothing, or not what they say.
const CHANGES: &[(&str, &str)] = &[
    ("W0301", "a comparison that never holds becomes one that can"),
    ("W0302", "a write that always fails becomes one that does not"),
    ("W0304", "an empty value is no longer written where the source is nil"),
    ("W0316", "a text that a field never has becomes one that it can have"),
    ("W0326", "a layout that reads or writes minutes as months does so no more"),
    ("W0332", "a number of the wrong unit becomes one of the right one"),
];

/// Records with texts, numbers, lists and maps, some without a body or attributes.
fn samples(signal: Signal) -> Vec<u8> {
    let path = root().join(format!("docs/cookbook/{}.json", signal.name()));
    let text = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut out = Vec::new();
    ottl::otlp::json::to_protobuf(signal, &text, &mut out).expect("OTLP/JSON");
    out
}

/// What rules make of the samples of a signal; none where they give up the message.
fn outcome(rules: &RuleSet, signal: Signal) -> Option<Vec<u8>> {
    let input = samples(signal);
    match rules.transform(signal, &input).ok()?.output {
        Output::Unchanged => Some(input),
        Output::Dropped => Some(Vec::new()),
        Output::Changed(out) => Some(out),
    }
}

#[test]
fn every_fix_of_a_warning_keeps_what_the_rules_do() {
    let mut changed = Vec::new();
    let mut faults = String::new();
    for Rules { from, text, compiler } in all() {
        let found = compiler.check(&text);
        let Ok(before) = compiler.compile(&text) else { continue };
        for one in &found {
            let Some(fix) = &one.fix else { continue };
            let mut mended = text.clone();
            mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            let after = compiler.compile(&mended).unwrap_or_else(|error| panic!("{from}: {mended}{error}"));
            let code = one.code.as_str();
            let same = Signal::ALL.iter().all(|signal| outcome(&before, *signal) == outcome(&after, *signal));
            if CHANGES.iter().any(|(meant, _)| *meant == code) {
                changed.push(code);
            } else if !same {
                faults += &format!("{from}: the fix of {one} in\n{text}gives\n{mended}which does something else\n");
            }
        }
    }
    assert!(faults.is_empty(), "{faults}");
    changed.sort_unstable();
    changed.dedup();
    let listed: Vec<&str> = CHANGES.iter().map(|(code, _)| *code).collect();
    assert_eq!(changed, listed, "codes that change what rules do are listed, and no others");
}

/// The first statement or condition of a file after all fixes.
fn mended(text: &str) -> String {
    Compiler::new().mend(text).text().to_owned()
}

#[test]
fn what_may_be_meant_as_a_negation_is_kept_as_it_is() {
    for text in [
        "My IsString(log.body)",
        "dont IsString(log.body)",
        "IsNotString(log.body)",
        "isNotMatch(log.body, \"x\")",
        "IsntMatch(log.body, \"x\")",
        "NotIsMatch(log.body, \"x\")",
        "NotHasPrefix(log.body, \"x\")",
        "log.severity_number == SEVERITY_NUMBER_INFO5",
        "!!IsMatch(log.body, \"x\")",
        "log.body ~= \"x\"",
        "log.body !~ \"*x\"",
        "log.body = log.severity_text = \"x\"",
        "log.body == 'it's'",
        "log.body == 'a'\"b\"",
        "log.body == \u{201c}say \"x\"\u{201d}",
        "log.body == \"C:\\dir\\new\"",
        "log.body == \"\\$1\"",
        "log.body == value_int",
        "log.severity_text != unit",
        "log.severity_text == severity_txt",
        "log.attributes[\"x\"] == spam",
    ] {
        let text = format!("log_conditions:\n  - |\n    {text}\n");
        assert!(Compiler::new().check(&text).has_errors(), "{text}");
        assert_eq!(mended(&text), text);
    }
    for text in [
        "dont delete_key(log.attributes, \"x\")",
        "set(log.body, concat(log.body, \"x\"))",
        "set(log.body, Concatt(log.body, \"x\"))",
        "set(log.body, value_int)",
        "set(log.body, bodyy)",
        "delete_non_matching_keys(log.attributes, \"x\")",
        "drop_matching_keys(log.attributes, \"x\")",
        "set(log.attributes[\"x\"], !true)",
        "set(log.attributes[\"x\"], log.body || \"y\")",
        "log.body = log.body + \"x\"",
        "log.body = log.severity_text = \"x\"",
    ] {
        for more in ["", "\n  - set(log.body, !!1 == = ~= nil + \"y\")"] {
            let text = format!("log_statements:\n  - {text}{more}\n");
            assert!(Compiler::new().check(&text).has_errors(), "{text}");
            assert_eq!(mended(&text), text);
        }
    }
}

#[test]
fn a_word_without_quotes_is_what_it_is_near_to() {
    for (text, want) in [
        ("log.body != nul", "log.body != nil"),
        ("log.body == nill", "log.body == nil"),
        ("log.attributes[\"x\"] == tru", "log.attributes[\"x\"] == true"),
        ("log.severity_text == error", "log.severity_text == \"error\""),
    ] {
        assert_eq!(mended(&format!("log_conditions:\n  - {text}\n")), format!("log_conditions:\n  - {want}\n"));
    }
    for (list, text, help) in [
        (
            "trace_conditions",
            "span.name == severity_text",
            "`severity_text` is a path of `log`, rules of this context cannot",
        ),
        ("log_conditions", "log.body == unit", "`unit` is a path of `metric`"),
        ("log_statements", "set(log.body, concat(log.body, \"x\"))", "`Concat`? It takes a list"),
    ] {
        let found = Compiler::new().check(&format!("{list}:\n  - {text}\n"));
        assert!(found.iter().any(|one| one.help.as_deref().is_some_and(|text| text.contains(help))), "{text}: {found}");
    }
}

#[test]
fn a_not_in_another_letter_case_stays_a_not() {
    for not in ["NOT", "Not", "no"] {
        let text = format!("log_conditions:\n  - {not} IsMatch(log.body, \"x\") and {not} IsString(log.body)\n");
        let found = Compiler::new().check(&text);
        let help: Vec<&str> = found.iter().filter_map(|one| one.help.as_deref()).collect();
        assert!(help.len() == 2 && help.iter().all(|help| help.contains("`not`")), "{found}");
        assert_eq!(mended(&text), text.replace(&format!("{not} Is"), "not Is"));
    }
}

#[test]
fn a_fix_that_would_break_something_is_none() {
    for (text, code) in [
        // The nearest name takes other arguments.
        ("log_statements:\n  - keep_keyz(log.attributes, \"a\")\n", "E0201"),
        // A variable stands where the fix would have to be.
        ("processors: {transform: {log_statements: ['set(log.body, log.attributes[\"$${x}\"])']}}", "W0304"),
        // Several contexts have the path.
        ("metric_statements:\n  - set(attributes[\"a\"], resource.attributes[\"b\"])\n", "E0401"),
        ("trace_statements:\n  - set(name, \"x\") where resource.attributes[\"a\"] == \"b\"\n", "E0401"),
        // Whether there is a value, or whether it is true?
        ("log_conditions:\n  - log.attributes[\"a\"]\n", "E0112"),
        // The second text may be meant as another item.
        ("log_statements:\n  - set(log.body, Concat(\"a\", \"b\"))\n", "E0307"),
    ] {
        let found = Compiler::new().check(text);
        let one = found.iter().find(|one| one.code.as_str() == code).unwrap_or_else(|| panic!("{text}: {found}"));
        assert_eq!(one.fix, None, "{text}");
        assert_eq!(Compiler::new().mend(text).text(), text);
    }
}
