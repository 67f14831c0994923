//! Case files: groups of short entries that expand into cases.
//!
//! A group lists statements, conditions or whole configurations and says once what they share.
//! `@@` stands for the entry and `##` for an entry of the group's second list, so that a matrix
//! is two lists. Expansion is pure text; nothing here knows OTTL.

use super::{Inputs, paths, wire};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

type Error = Box<dyn std::error::Error>;

/// One question to the reference; the first half of a vector.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Case {
    /// `family/group/number`.
    pub id: String,
    /// `transform` or `filter`; empty for a whole Collector configuration.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub processor: String,
    /// `traces`, `metrics`, `logs` or `profiles`.
    pub signal: String,
    /// The processor's body as YAML, taken as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<String>,
    /// Instead of `config` or `collector_config`: a file of `tests/samples/rules`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_file: Option<String>,
    /// A whole Collector configuration, expanded with `env`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collector_config: Option<String>,
    /// The pipeline to run; empty where the signal has one only.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pipeline: String,
    /// Variables that are set while `collector_config` is expanded.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Name of the input message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    /// Names of several messages for one processor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// A protobuf message, base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_pb: Option<String>,
    /// Instead of `input` or `input_pb`: a file of `tests/samples`, `.json` or `.pb`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_file: Option<String>,
    /// Metadata of the calling client.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, Vec<String>>,
    /// The version of the reference that is asked, if it is not the newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Gates of the reference that are off.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<String>,
    /// Lists compare as sets, because they came through a Go map.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unordered: bool,
}

/// One entry: a text, or several statements that belong together.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Entry {
    One(String),
    Several(Vec<String>),
}

impl Entry {
    fn texts(&self) -> &[String] {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Several(texts) => texts,
        }
    }
}

/// One group of a case file; `tests/golden/README.md` explains each field.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    #[serde(default)]
    processor: Option<String>,
    #[serde(default)]
    signal: Option<String>,
    #[serde(default)]
    input: Option<String>,
    #[serde(default)]
    each_input: Vec<String>,
    #[serde(default)]
    inputs: Vec<String>,
    #[serde(default)]
    wire: Vec<String>,
    #[serde(default)]
    samples: Vec<String>,
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    context: Option<String>,
    #[serde(default)]
    error_mode: Option<String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    wrap: Vec<String>,
    #[serde(default)]
    each: Vec<Entry>,
    #[serde(default)]
    with: Vec<String>,
    #[serde(default)]
    configs: Vec<String>,
    #[serde(default)]
    collector: bool,
    #[serde(default)]
    pipeline: String,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    metadata: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    target: Option<String>,
    #[serde(default)]
    without: Vec<String>,
    #[serde(default)]
    unordered: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: Vec<Group>,
}

/// Reads all named inputs of a folder.
pub fn inputs(folder: &Path) -> Result<Inputs, Error> {
    let mut inputs = Inputs::new();
    for path in crate::repository::files(folder, "json")? {
        let value: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&path)?).map_err(|e| format!("{}: {e}", path.display()))?;
        inputs.insert(stem(&path), serde_json::value::to_raw_value(&value)?);
    }
    Ok(inputs)
}

/// Expands all case files (or the families named in `only`).
pub fn families(golden: &Path, inputs: &Inputs, only: &[String]) -> Result<Vec<(String, Vec<Case>)>, Error> {
    let mut families = Vec::new();
    for path in crate::repository::files(&golden.join("cases"), "toml")? {
        let family = stem(&path);
        if !only.is_empty() && !only.contains(&family) {
            continue;
        }
        let file: File =
            toml::from_str(&std::fs::read_to_string(&path)?).map_err(|e| format!("{}: {e}", path.display()))?;
        let mut cases = Vec::new();
        for group in &file.group {
            let at = format!("{family}/{}", group.name);
            group.expand(&at, golden, inputs, &mut cases).map_err(|e| format!("{at}: {e}"))?;
        }
        families.push((family, cases));
    }
    if only.is_empty() || only.iter().any(|f| f == "paths") {
        families.push(("paths".to_owned(), paths::cases(&golden.join("paths.toml"))?));
    }
    Ok(families)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl Group {
    fn expand(&self, at: &str, golden: &Path, inputs: &Inputs, cases: &mut Vec<Case>) -> Result<(), Error> {
        let first = cases.len();
        let mut configs: Vec<_> = self.texts()?.into_iter().map(|text| (text, None)).collect();
        for name in &self.rules {
            let path = golden.join("../samples/rules").join(name);
            let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            configs.push((text, Some(name)));
        }
        for (config, file) in &configs {
            for mut case in self.messages(inputs)? {
                case.id = format!("{at}/{}", cases.len() - first);
                if self.collector {
                    case.pipeline.clone_from(&self.pipeline);
                    case.env.clone_from(&self.env);
                } else {
                    case.processor = self.processor.clone().unwrap_or_else(|| "transform".into());
                }
                let place = match (file, self.collector) {
                    (Some(_), _) => &mut case.config_file,
                    (None, true) => &mut case.collector_config,
                    (None, false) => &mut case.config,
                };
                *place = Some(file.unwrap_or(config).clone());
                case.metadata.clone_from(&self.metadata);
                case.target.clone_from(&self.target);
                case.without.clone_from(&self.without);
                case.unordered = self.unordered || through_a_map(config, self.target.as_deref());
                cases.push(case);
            }
        }
        if cases.len() == first {
            return Err("no cases".into());
        }
        Ok(())
    }

    /// One case for each message that every configuration of the group meets.
    fn messages(&self, inputs: &Inputs) -> Result<Vec<Case>, Error> {
        let mut messages = Vec::new();
        let signal = |name: &str| -> Result<String, Error> {
            if let Some(signal) = &self.signal {
                return Ok(signal.clone());
            }
            let input = inputs.get(name).ok_or_else(|| format!("no input {name}"))?;
            signal_of(input.get()).ok_or_else(|| format!("{name} is no OTLP message").into())
        };
        for name in self.input.iter().chain(&self.each_input) {
            messages.push(Case { signal: signal(name)?, input: Some(name.clone()), ..Case::default() });
        }
        if let Some(name) = self.inputs.first() {
            messages.push(Case { signal: signal(name)?, inputs: self.inputs.clone(), ..Case::default() });
        }
        for text in &self.wire {
            messages.push(Case {
                signal: self.signal.clone().ok_or("wire messages need a signal")?,
                input_pb: Some(wire::base64(text)?),
                ..Case::default()
            });
        }
        for file in &self.samples {
            messages.push(Case {
                signal: self.signal.clone().ok_or("samples need a signal")?,
                input_file: Some(file.clone()),
                ..Case::default()
            });
        }
        Ok(messages)
    }

    /// The configurations of the group.
    fn texts(&self) -> Result<Vec<String>, Error> {
        let mut texts = self.configs.clone();
        let nothing = [String::new()];
        let with = if self.with.is_empty() { &nothing[..] } else { &self.with };
        for entry in &self.each {
            for second in with {
                texts.push(self.text(entry, second)?);
            }
        }
        Ok(texts)
    }

    fn text(&self, entry: &Entry, second: &str) -> Result<String, Error> {
        let mut lines = Vec::new();
        for text in entry.texts() {
            if self.wrap.is_empty() {
                lines.push(text.replace("##", second));
            }
            for wrap in &self.wrap {
                lines.push(wrap.replace("@@", text).replace("##", second));
            }
        }
        if let Some(body) = &self.body {
            let items: Vec<_> = lines.iter().map(|line| quoted(line)).collect();
            return Ok(body.replace("@@", &items.join(", ")).replace("##", second));
        }
        let signal = match (&self.signal, &self.context) {
            (Some(signal), _) => signal.as_str(),
            (None, Some(context)) => signal_of_context(context),
            (None, None) => lines.iter().find_map(|line| signal_of_statement(line)).unwrap_or("logs"),
        };
        Ok(transform(signal, self.context.as_deref(), self.error_mode.as_deref(), &lines))
    }
}

/// A transform processor's body with one group of statements.
pub fn transform(signal: &str, context: Option<&str>, error_mode: Option<&str>, statements: &[String]) -> String {
    let mut body = String::new();
    if let Some(mode) = error_mode {
        body += &format!("error_mode: {mode}\n");
    }
    body += &format!("{}_statements:\n", signal.trim_end_matches('s'));
    let indent = if let Some(context) = context {
        body += &format!("  - context: {context}\n    statements:\n");
        "      "
    } else {
        "  "
    };
    for statement in statements {
        body += &format!("{indent}- {}\n", quoted(statement));
    }
    body
}

/// A YAML scalar: single-quoted where that is exact, else a JSON string.
fn quoted(text: &str) -> String {
    if text.chars().any(|c| c.is_control()) {
        serde_json::Value::from(text).to_string()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// Functions whose results come out of a Go map.
const MAPS: &[&str] =
    &["ParseJSON", "ParseKeyValue", "ParseCSV", "ParseLEEF", "URL(", "ExtractPatterns", "aggregate_on_"];

/// The version in which map literals came out of a Go map, too.
const LITERALS: &str = "0.161";

/// Whether something in a configuration comes out of a Go map, so that its order is free. Asking
/// alone does not tell: a map of two entries keeps its order seven times out of eight.
fn through_a_map(config: &str, target: Option<&str>) -> bool {
    let config = config.replace('\\', "");
    let literal = |start: usize| {
        let rest = &config[start..];
        let end = rest.find('}').unwrap_or(rest.len());
        rest[..end].matches("\":").count() > 1
    };
    MAPS.iter().any(|name| config.contains(name))
        || target == Some(LITERALS) && config.match_indices("{\"").any(|(start, _)| literal(start))
}

fn signal_of(message: &str) -> Option<String> {
    let keys = [
        ("resourceLogs", "logs"),
        ("resourceSpans", "traces"),
        ("resourceMetrics", "metrics"),
        ("resourceProfiles", "profiles"),
    ];
    keys.iter().find(|(key, _)| message.contains(key)).map(|(_, signal)| (*signal).to_owned())
}

/// The signal that a context name (or a path's first segment) belongs to.
pub fn signal_of_context(context: &str) -> &'static str {
    match context {
        "span" | "spanevent" => "traces",
        "metric" | "datapoint" | "exemplar" => "metrics",
        "profile" | "profilesample" => "profiles",
        _ => "logs",
    }
}

fn signal_of_statement(statement: &str) -> Option<&'static str> {
    let contexts = ["span.", "spanevent.", "metric.", "datapoint.", "exemplar.", "profile.", "profilesample."];
    contexts
        .iter()
        .find(|context| statement.contains(**context))
        .map(|context| signal_of_context(context.trim_end_matches('.')))
}

#[cfg(test)]
mod tests {
    use super::{quoted, through_a_map};

    #[test]
    fn maps_are_told_by_functions_and_literals() {
        let rows = [
            ("set(log.body, 1)", false),
            ("set(log.body, ParseJSON(x))", true),
            ("set(log.body, {\"a\": 1})", false),
            ("set(log.body, {\"a\": 1, \"b\": 2})", true),
            ("\"set(log.body, {\\\"a\\\": 1, \\\"b\\\": 2})\"", true),
            ("log_statements: [{context: log}]", false),
        ];
        for (config, expected) in rows {
            assert_eq!(through_a_map(config, Some("0.161")), expected, "{config}");
            assert_eq!(through_a_map(config, None), config.contains("ParseJSON"), "{config}");
        }
    }

    #[test]
    fn scalars_are_quoted_so_that_yaml_gives_them_back() {
        let rows = [("a", "'a'"), ("it's", "'it''s'"), ("a\nb", "\"a\\nb\""), ("\\d \"x\"", "'\\d \"x\"'")];
        for (text, expected) in rows {
            assert_eq!(quoted(text), expected);
        }
    }
}
