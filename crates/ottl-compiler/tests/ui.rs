//! The pictures of diagnostics: `tests/ui/CODE.toml` holds a text and what is printed for it.
//!
//! This test runs the codes that the compiler reports (`E02xx` to `E05xx` without those of the parser, `E080x`, `W03xx`, `W04xx`, `H03xx`).
//! With the environment variable `UPDATE_EXPECT` set it writes what is printed into the files instead, for review.
//! It also compiles what the pages in `spec/diagnostics` show: blocks that are marked with the code give the diagnostic, others nothing.

mod support;

use std::path::{Path, PathBuf};

use ottl_compiler::{Compiler, FilterRules, FilterSpec, GroupSpec, ImpliedErrorMode, SourceText, TransformOptions};
use ottl_core::data::DataSet;
use ottl_core::{Gate, Target};
use ottl_diagnostics::{CODES, Diagnostic, Span, render::render};
use ottl_plan::ErrorMode;
use ottl_schema::{Signal, context_by_name};
use serde::Deserialize;

/// A fixture.
#[derive(Deserialize)]
struct Fixture {
    /// `statement` or `condition`; `list` for statements, one a line, that are one group.
    kind: String,
    /// `logs`, `metrics` or `traces`.
    signal: String,
    /// The configured context; inferred without.
    context: Option<String>,
    /// The version of the reference; the newest without.
    target: Option<String>,
    /// Gates that are off.
    #[serde(default)]
    gates_off: Vec<String>,
    /// Data sets that are not there.
    #[serde(default)]
    without: Vec<String>,
    /// Limits other than the defaults.
    limits: Option<FixtureLimits>,
    /// Whether nobody chose an error mode.
    #[serde(default)]
    implied_error_mode: bool,
    /// Whether an error was told to give up the message.
    #[serde(default)]
    propagates: bool,
    /// What is compiled.
    text: String,
    /// What is printed, without colour.
    expect: String,
    /// Errors need signatures, also of functions that are gone; warnings ask the functions themselves.
    #[serde(skip)]
    signatures: bool,
}

#[derive(Deserialize)]
struct FixtureLimits {
    statements: Option<usize>,
    calls: Option<usize>,
}

impl Fixture {
    fn compile(&self, text: &str) -> Vec<Diagnostic> {
        let registry = if self.signatures { support::registry() } else { ottl_functions::registry() };
        let mut compiler = Compiler::new(registry);
        if self.implied_error_mode {
            compiler.implied_error_mode = ImpliedErrorMode::Propagate;
        }
        if let Some(target) = &self.target {
            compiler.target = Target::by_name(target).expect("a known version");
        }
        for name in &self.gates_off {
            compiler.gates = compiler.gates.without(Gate::by_name(name).expect("a known gate"));
        }
        for name in &self.without {
            compiler.withheld = compiler.withheld.with(DataSet::by_name(name).expect("a data set"), true);
        }
        if let Some(limits) = &self.limits {
            compiler.limits.statements = limits.statements.unwrap_or(compiler.limits.statements);
            compiler.limits.calls = limits.calls.unwrap_or(compiler.limits.calls);
        }
        let signal = match self.signal.as_str() {
            "logs" => Signal::Logs,
            "metrics" => Signal::Metrics,
            "traces" => Signal::Traces,
            other => panic!("unknown signal {other}"),
        };
        let context = self.context.as_deref().and_then(context_by_name);
        let mut texts = vec![SourceText { text, id: 0 }];
        if self.kind == "list" {
            let offset = |line: &str| (line.as_ptr() as usize - text.as_ptr() as usize) as u32;
            texts = text.trim().lines().map(|line| SourceText { text: line, id: offset(line) }).collect();
        }
        let error_mode = if self.propagates { ErrorMode::Propagate } else { ErrorMode::Ignore };
        let compiled = match self.kind.as_str() {
            "statement" | "list" => {
                let error_mode = Some(error_mode);
                let group = GroupSpec { context, statements: texts, error_mode, ..GroupSpec::default() };
                compiler.compile_transform(signal, &[group], TransformOptions::default())
            }
            "condition" => {
                let spec = FilterSpec { context, conditions: texts, ..FilterSpec::default() };
                let rules = FilterRules::Newer(vec![spec]);
                compiler.compile_filter(signal, &rules, error_mode)
            }
            other => panic!("unknown kind {other}"),
        };
        // The number of a text is where it begins.
        let in_text = |(id, d): (u32, Diagnostic)| d.map_spans(|span| Span::new(span.start + id, span.end + id));
        compiled.diagnostics.into_iter().map(in_text).collect()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn codes() -> impl Iterator<Item = &'static str> {
    CODES.iter().map(|code| code.as_str()).filter(|code| {
        let of_compiler = ["E02", "E03", "E04", "E05", "E080", "W03", "W04", "H03"];
        of_compiler.iter().any(|range| code.starts_with(range)) && !matches!(*code, "E0501" | "E0502")
    })
}

fn fixture(code: &str) -> (PathBuf, String, Fixture) {
    let path = root().join(format!("tests/ui/{code}.toml"));
    let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{code}: {error}"));
    let mut fixture: Fixture = toml::from_str(&source).unwrap_or_else(|error| panic!("{code}: {error}"));
    fixture.signatures = code.starts_with('E') && fixture.without.is_empty();
    (path, source, fixture)
}

#[test]
fn every_code_of_the_compiler_has_its_picture() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for code in codes() {
        let (path, source, fixture) = fixture(code);
        let diagnostics = fixture.compile(&fixture.text);
        let printed = render(&diagnostics, "rules.ottl", &fixture.text, false);
        let found: Vec<&str> = diagnostics.iter().map(|d| d.code.as_str()).collect();
        if found != [code] {
            wrong.push(format!("{code} should be all there is, but it is {found:?}\n{printed}"));
        } else if update {
            let head = source.split("expect = ").next().unwrap_or("");
            let file = format!("{head}expect = '''\n{printed}'''\n");
            std::fs::write(&path, file).expect("the fixture can be written");
        } else if printed != fixture.expect {
            wrong.push(format!("{code} prints\n{printed}instead of\n{}", fixture.expect));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn fixes_mend_what_they_are_for() {
    let mut fixed = 0;
    for code in codes() {
        let (_, _, fixture) = fixture(code);
        for diagnostic in fixture.compile(&fixture.text) {
            let Some(fix) = diagnostic.fix else { continue };
            let mut text = fixture.text.clone();
            text.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            let left: Vec<&str> = fixture.compile(&text).iter().map(|d| d.code.as_str()).collect();
            assert!(!left.contains(&code), "{code}: {text}: {left:?}");
            fixed += 1;
        }
    }
    assert!(fixed >= 10, "{fixed}");
}

#[test]
fn pages_show_the_fault_and_the_remedy() {
    for code in codes() {
        let (_, _, fixture) = fixture(code);
        let page = std::fs::read_to_string(root().join(format!("spec/diagnostics/{code}.md")))
            .unwrap_or_else(|error| panic!("{code}: {error}"));
        // What only a giant text or a limit gives has no example.
        let mut is_shown = !page.contains("```ottl");
        for block in page.split("```ottl").skip(1) {
            let (header, rest) = block.split_once('\n').expect("a block has a first line");
            let (text, _) = rest.split_once("\n```").expect("a block is closed");
            let diagnostics = fixture.compile(text);
            let found: Vec<&str> = diagnostics.iter().map(|d| d.code.as_str()).collect();
            if header.contains(code) {
                is_shown = true;
                assert!(found.contains(&code), "{code}: {text}: {found:?}");
            } else {
                assert!(found.is_empty(), "{code}: {text}: {diagnostics:?}");
            }
        }
        assert!(is_shown, "{code}: no example has the fault");
    }
}
