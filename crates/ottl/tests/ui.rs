//! The pictures of configuration diagnostics (`tests/ui/E06xx.toml`, `W06xx.toml`, `H06xx.toml`), and the examples of their pages.
#![cfg(all(feature = "host", feature = "render"))]

mod pictures;

use ottl::{Code, Compiler, Diagnostics, FileText, Gate, Gates, Limits, ProcessorKind, Target};
use ottl_diagnostics::CODES;
use pictures::root;
use serde::Deserialize;

/// A configuration and how to read it.
#[derive(Default, Deserialize)]
struct Fixture {
    /// `transform` or `filter` for a body, `collector`, or `any` when nothing is known; `merged` for several files, and `files` for
    /// one that may read others. A line `# file: NAME` begins each but the first.
    kind: String,
    text: String,
    /// The version of the reference; the newest without.
    target: Option<String>,
    /// The gate that is off.
    gate_off: Option<String>,
    /// The pipeline that is chosen.
    pipeline: Option<String>,
    /// The configuration that is chosen.
    configuration: Option<String>,
    /// Bytes that the configuration may have.
    limit: Option<String>,
}

impl Fixture {
    fn run(&self) -> Diagnostics {
        let mut compiler = Compiler::new();
        match self.kind.as_str() {
            "transform" => compiler = compiler.processor(ProcessorKind::Transform),
            "filter" => compiler = compiler.processor(ProcessorKind::Filter),
            "collector" | "any" | "merged" | "files" => {}
            other => panic!("unknown kind {other}"),
        }
        if let Some(target) = &self.target {
            compiler = compiler.target(Target::by_name(target).expect("a known version"));
        }
        if let Some(name) = &self.gate_off {
            compiler = compiler.gates(Gates::default().without(Gate::by_name(name).expect("a known gate")));
        }
        if let Some(pipeline) = &self.pipeline {
            compiler = compiler.pipeline(pipeline);
        }
        if let Some(name) = &self.configuration {
            compiler = compiler.configuration(name);
        }
        if let Some(limit) = &self.limit {
            let configuration_length = limit.parse().expect("a number");
            compiler = compiler.limits(Limits { configuration_length, ..Limits::default() });
        }
        let mut parts = self.text.split("# file: ");
        let first = parts.next().unwrap_or_default();
        let others: Vec<(&str, &str)> = parts.map(|part| part.split_once('\n').expect("a line for the name")).collect();
        if self.kind == "files" {
            let files: Vec<FileText> = others
                .iter()
                .map(|(name, text)| FileText { name: (*name).to_owned(), text: (*text).to_owned() })
                .collect();
            compiler = compiler.files(move |path| {
                let found = files.iter().find(|file| file.name == path).cloned();
                found.ok_or_else(|| format!("there is no file `{path}`"))
            });
        }
        let result = match self.kind.as_str() {
            "merged" => {
                let files: Vec<(&str, &str)> = std::iter::once(("rules.yaml", first)).chain(others).collect();
                compiler.compile_files(&files)
            }
            "files" => compiler.compile(first),
            _ => compiler.compile(&self.text),
        };
        match result {
            Ok(rules) => rules.warnings().clone(),
            Err(error) => error.diagnostics().clone(),
        }
    }
}

fn codes() -> impl Iterator<Item = Code> {
    CODES.iter().copied().filter(|code| code.as_str()[1..].starts_with("06"))
}

#[test]
fn fixtures_are_drawn_as_recorded() {
    pictures::are_as_recorded(codes(), |code, fixture: &Fixture| {
        let found = fixture.run();
        assert!(found.iter().any(|d| d.code == code), "{code} is not reported:\n{found}");
        found
    });
}

/// The word in `name(word)` among the marks of a block.
fn mark<'m>(marks: &'m str, name: &str) -> Option<&'m str> {
    let rest = marks.split_once(&format!("{name}("))?.1;
    rest.split_once(')').map(|(word, _)| word)
}

#[test]
fn pages_show_the_fault_and_its_mending() {
    for code in codes() {
        let path = root().join(format!("spec/diagnostics/{code}.md"));
        let page = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut blocks = 0;
        for block in page.split("```yaml,").skip(1) {
            let (marks, rest) = block.split_once('\n').expect("a line of marks");
            let text = rest.split_once("```").map_or("", |(text, _)| text);
            let word = |name: &str| mark(marks, name).map(str::to_owned);
            let fixture = Fixture {
                kind: marks.split(',').next().unwrap_or_default().to_owned(),
                text: text.to_owned(),
                target: word("target"),
                gate_off: word("gate_off"),
                pipeline: word("pipeline"),
                configuration: word("configuration"),
                limit: word("limit"),
            };
            let found = fixture.run();
            match mark(marks, "fails") {
                Some(wanted) => assert!(found.iter().any(|d| d.code.as_str() == wanted), "{code}: {text}\n{found}"),
                None => assert!(found.is_empty(), "{code}: {text}\n{found}"),
            }
            blocks += 1;
        }
        assert!(blocks > 0, "{code} has no example");
    }
}
