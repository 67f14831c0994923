//! What is doubted and what is not: texts with the codes of their warnings.

mod calls;
mod group;
mod literals;
mod parents;
mod questions;
mod texts;
mod writes;

use std::fmt::Display;

use ottl_compiler::{Compiled, Compiler, GroupSpec, SourceText, TransformOptions};
use ottl_schema::{ContextId, Signal};

fn compiler() -> Compiler {
    Compiler::new(ottl_functions::registry())
}

/// Compares the codes of doubts with those that are wanted, for all cases in one.
fn expect<'w, T: Display>(cases: impl IntoIterator<Item = (T, &'w str, Compiled)>) {
    let other: Vec<String> = cases
        .into_iter()
        .filter(|(_, want, compiled)| codes_of(compiled) != *want)
        .map(|(text, want, compiled)| format!("{text}: {want} is wanted, not {:?}", compiled.diagnostics))
        .collect();
    assert!(other.is_empty(), "{}", other.join("\n"));
}

/// Expects the codes of statements of these contexts.
fn statements(table: &[(ContextId, &str, &str)]) {
    let compiler = compiler();
    expect(table.iter().map(|&(context, text, want)| (text, want, compiler.compile_statement(context, text))));
}

/// Expects the codes of conditions of a context.
fn conditions(context: ContextId, table: &[(&str, &str)]) {
    let compiler = compiler();
    expect(table.iter().map(|&(text, want)| (text, want, compiler.compile_condition(context, text))));
}

/// A group of these statements.
fn group<'s>(context: Option<ContextId>, texts: &[&'s str]) -> GroupSpec<'s> {
    let statements = texts.iter().map(|text| SourceText { id: 0, text }).collect();
    GroupSpec { context, statements, ..GroupSpec::default() }
}

/// Groups of statements on logs, compiled.
fn on_logs(groups: &[GroupSpec<'_>]) -> Compiled {
    compiler().compile_transform(Signal::Logs, groups, TransformOptions::default())
}

fn codes_of(compiled: &Compiled) -> String {
    let codes: Vec<&str> = compiled.diagnostics.iter().map(|(_, d)| d.code.as_str()).collect();
    codes.join(" ")
}
