//! The path family: every path of `tests/golden/paths.toml`, read and written with every kind of value.

use super::cases::{Case, signal_of_context, transform};
use serde::Deserialize;
use std::path::Path;

type Error = Box<dyn std::error::Error>;

/// One context with what its paths are tried on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Context {
    name: String,
    /// The processor; absent: transform.
    processor: Option<String>,
    /// The input message.
    input: String,
    /// The attribute map that shows what was read.
    shows: String,
    /// Full path texts.
    paths: Vec<String>,
    /// Value expressions on top of the shared ones, for paths with demands of their own.
    #[serde(default)]
    values: Vec<String>,
    /// Value expressions instead of the shared ones, where those would only repeat themselves.
    only: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// Value expressions written to every path.
    values: Vec<String>,
    context: Vec<Context>,
}

/// Expands the table: for each path one case that reads it in several ways, and one for each value written.
pub fn cases(file: &Path) -> Result<Vec<Case>, Error> {
    let table: Table =
        toml::from_str(&std::fs::read_to_string(file)?).map_err(|e| format!("{}: {e}", file.display()))?;
    let mut cases = Vec::new();
    for context in &table.context {
        let shared = context.only.as_ref().unwrap_or(&table.values);
        for path in &context.paths {
            let show = |key: &str| format!("{}[\"{key}\"]", context.shows);
            let read = [
                format!("set({}, {path})", show("raw")),
                format!("set({}, String({path}))", show("text")),
                format!("set({}, Int({path}))", show("int")),
                format!("set({}, true) where {path} == nil", show("nil")),
                format!("set({}, true) where {path} != nil", show("some")),
            ];
            let mut add = |number: usize, statements: &[String]| {
                cases.push(Case {
                    id: format!("paths/{}/{path}/{number}", context.input),
                    processor: context.processor.clone().unwrap_or_else(|| "transform".into()),
                    signal: signal_of_context(&context.name).into(),
                    config: Some(transform(signal_of_context(&context.name), Some(&context.name), None, statements)),
                    input: Some(context.input.clone()),
                    ..Case::default()
                });
            };
            add(0, &read);
            for (i, value) in shared.iter().chain(&context.values).enumerate() {
                let write = format!("set({path}, {value})");
                // Scratch maps do not reach the output, so what was written is shown.
                if path.contains(".cache") {
                    let text = format!("set({}, String({path}))", show("text"));
                    add(i + 1, &[write, text]);
                } else {
                    add(i + 1, &[write]);
                }
            }
        }
    }
    Ok(cases)
}
