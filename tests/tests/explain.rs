//! `tests/explain`: rule sets, each with the text of its program beside it.
//!
//! With the environment variable `UPDATE_EXPECT` set the texts are written instead, for review.

use std::path::{Path, PathBuf};

use ottl::{Compiler, Engine, Rewrite, Rewrites, RuleSet};

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("explain");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    all.retain(|path| path.extension().is_some_and(|extension| extension == "yaml"));
    all.sort();
    all
}

fn compiled(path: &Path, compiler: &Compiler) -> RuleSet {
    let rules = std::fs::read_to_string(path).expect("the file is there");
    compiler.compile(&rules).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn programs_are_as_recorded() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut different = Vec::new();
    for path in fixtures() {
        let text = compiled(&path, &Compiler::new()).explain();
        let recorded = path.with_extension("txt");
        if update {
            std::fs::write(&recorded, &text).expect("the file can be written");
        } else if std::fs::read_to_string(&recorded).unwrap_or_default() != text {
            different.push(format!("{}:\n{text}", recorded.display()));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn what_is_switched_off_shows() {
    for rewrite in Rewrite::ALL {
        let without = Compiler::new().rewrites(Rewrites::default().without(rewrite));
        let head = format!("switched off: {}\n", rewrite.name());
        let mut changed = Vec::new();
        for path in fixtures() {
            let text = compiled(&path, &without).explain();
            assert!(text.contains(&head), "{}: {text}", path.display());
            if text.replace(&head, "") != compiled(&path, &Compiler::new()).explain() {
                changed.push(path);
            }
        }
        assert!(!changed.is_empty(), "no program changes without {}", rewrite.name());
    }
}

#[test]
fn every_section_names_its_signal_and_processor() {
    let rules = r#"
processors:
  transform/tenant:
    log_statements: ['set(log.attributes["tenant"], "a")']
    trace_statements: ['set(span.attributes["tenant"], "a")']
  filter/noise:
    log_conditions: ['log.severity_number < SEVERITY_NUMBER_INFO']
service:
  pipelines:
    logs:
      processors: [filter/noise, transform/tenant]
    traces:
      processors: [transform/tenant]
"#;
    let rules = Compiler::new().compile(rules).expect("the rules are sound");
    let sections: Vec<_> = rules.explanations().map(|one| (one.signal.name(), one.processor.to_owned())).collect();
    let names = [("traces", "transform/tenant"), ("logs", "filter/noise"), ("logs", "transform/tenant")];
    assert_eq!(sections, names.map(|(signal, processor)| (signal, processor.to_owned())));
    let text = rules.explain();
    assert!(names.iter().all(|(signal, name)| text.contains(&format!("{signal}, processor {name}\nwalk 1 of 1\n"))));
}

#[test]
fn long_lists_are_cut() {
    let statement =
        |n: usize| format!("  - set(log.attributes[\"k{n}\"], 1) where log.attributes[\"a\"] == \"v{n}\"\n");
    let rules = format!("log_statements:\n{}", (0..100).map(statement).collect::<String>());
    let text = Compiler::new().compile(&rules).expect("the rules are sound").explain();
    assert!(text.contains("100 texts in a table; for 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 88 more"), "{text}");
}

#[test]
fn the_plain_engine_says_that_it_is_one() {
    let rules = Compiler::new().engine(Engine::Interp).compile("log_statements: ['set(log.body, 1)']");
    let text = rules.expect("the rules are sound").explain();
    assert!(text.starts_with("logs, processor transform\nthe plain engine:"), "{text}");
}
