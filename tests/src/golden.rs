//! The golden vectors (see `tests/golden/README.md`), and how an engine's answers are held against them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ottl_compiler::Compiler;
use ottl_core::data::DataSet;
use ottl_core::function::{FixedClock, SequenceRng};
use ottl_core::{Gate, Target, Time};
use ottl_engine::{ClientInfo, Engine, Env, Limits, Output};
use ottl_otlp::Signal;
use ottl_plan::Plan;
use serde_json::Value;

use crate::engines::Build;
use crate::tree::{Tree, decode, sort};
use crate::{messages, references, rules};

/// How a vector came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As the reference.
    Same,
    /// Not asked: the case needs something that this harness does not have.
    Skipped(&'static str),
    /// Otherwise, and how.
    Different(String),
}

/// The folder of the golden corpus.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// The names of the families, in order.
///
/// # Panics
/// If the corpus cannot be read.
pub fn families() -> Vec<String> {
    let dir = std::fs::read_dir(folder().join("vectors")).expect("the corpus is part of the checkout");
    let mut names: Vec<String> = dir
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.strip_suffix(".jsonl").map(str::to_owned))
        .collect();
    names.sort();
    names
}

/// The vectors of a family.
///
/// # Panics
/// If the corpus cannot be read.
pub fn vectors(family: &str) -> Vec<Value> {
    let path = folder().join("vectors").join(format!("{family}.jsonl"));
    let text = std::fs::read_to_string(path).expect("the corpus is part of the checkout");
    text.lines().skip(1).map(|line| serde_json::from_str(line).expect("vectors are JSON")).collect()
}

/// Families that tests of their own ask: bodies in all configurations of the engines (`tests/bodies.rs`), whole Collector
/// configurations (`tests/collectors.rs`), and matchers from before OTTL, also in the newest form (`tests/matchers.rs`).
const OTHER_TESTS: [&str; 3] = ["bodies", "collector", "filter_matchers"];

/// Why each vector that is not answered as the reference answers differs: `different.json` of the corpus, by the vectors' ids. One that
/// agrees all of a sudden fails the test that asks it, so that the list stays true.
///
/// # Panics
/// If the list cannot be read.
pub fn different() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder().join("different.json")).expect("the list is part of the checkout");
    let reasons: BTreeMap<String, Vec<String>> = serde_json::from_str(&text).expect("reasons, each with ids");
    reasons.into_iter().flat_map(|(why, ids)| ids.into_iter().map(move |id| (id, why.clone()))).collect()
}

/// Runs every vector through an engine, with [`Limits::segment`] as given, prints what differs, and answers how many do.
/// `GOLDEN` in the environment picks vectors whose id contains it.
///
/// # Panics
/// If the corpus cannot be read.
pub fn compare_all(engine: Build, segment: usize) -> usize {
    let only = std::env::var("GOLDEN").unwrap_or_default();
    let harness = Harness { segment, ..Harness::new(engine) };
    let listed = different();
    let mut total = 0;
    for family in families() {
        if OTHER_TESTS.contains(&family.as_str()) || !family.contains(only.split('/').next().unwrap_or("")) {
            continue;
        }
        let (mut same, mut skipped, mut different) = (0, BTreeMap::new(), Vec::new());
        for vector in vectors(&family) {
            let id = vector["id"].as_str().unwrap_or_default().to_owned();
            if !id.contains(&only) {
                continue;
            }
            let known = listed.get(&id);
            match (harness.run(&vector), known) {
                (Verdict::Different(_), Some(why)) => *skipped.entry(why.as_str()).or_insert(0) += 1,
                (_, Some(_)) => different.push((id, "agrees, but is listed as different".to_owned(), String::new())),
                (Verdict::Same, None) => same += 1,
                (Verdict::Skipped(why), None) => *skipped.entry(why).or_insert(0) += 1,
                (Verdict::Different(how), None) => different.push((id, how, vector["config"].to_string())),
            }
        }
        println!("{family}: {same} same, {} different, skipped {skipped:?}", different.len());
        for (id, how, config) in &different {
            println!("  {id}: {how}\n      {config}");
        }
        total += different.len();
    }
    total
}

/// Runs vectors.
pub struct Harness {
    engine: Build,
    /// [`Limits::segment`].
    segment: usize,
    compiler: Compiler,
    inputs: BTreeMap<String, Vec<u8>>,
}

impl Harness {
    /// A harness for an engine, with the whole function library.
    ///
    /// # Panics
    /// If the corpus cannot be read.
    pub fn new(engine: Build) -> Harness {
        for set in DataSet::ALL.into_iter().filter(|set| !set.is_there()) {
            let file = folder().join("../../crates/ottl-core/data").join(set.file());
            let bytes = std::fs::read(file).expect("the data sets are part of the checkout");
            set.load(&bytes).expect("the data sets are of this version");
        }
        let mut inputs = BTreeMap::new();
        for entry in std::fs::read_dir(folder().join("inputs")).expect("the corpus is part of the checkout").flatten() {
            let path = entry.path();
            let name = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
            inputs.insert(name, std::fs::read(&path).expect("inputs are files"));
        }
        let segment = Limits::default().segment;
        Harness { engine, segment, compiler: Compiler::new(ottl_functions::registry()), inputs }
    }

    /// The same for rules of a version of the reference; vectors that name one have theirs.
    #[must_use]
    pub fn for_version(mut self, target: Target) -> Harness {
        self.compiler.target = target;
        self
    }

    /// Runs one vector.
    pub fn run(&self, vector: &Value) -> Verdict {
        let Some(processor) = vector["processor"].as_str() else {
            return Verdict::Skipped("a whole Collector configuration");
        };
        let Some(signal) = signal(&vector["signal"]) else { return Verdict::Skipped("the signal") };
        let config = match (&vector["config"], &vector["config_file"]) {
            (Value::String(text), _) => text.clone(),
            (_, Value::String(name)) => match std::fs::read_to_string(folder().join("../samples/rules").join(name)) {
                Ok(text) => text,
                Err(error) => return Verdict::Different(format!("{name}: {error}")),
            },
            _ => return Verdict::Skipped("no processor body"),
        };
        let target = vector["target"].as_str().and_then(Target::by_name).unwrap_or(self.compiler.target);
        let mut compiler = Compiler { target, ..self.compiler.clone() };
        for name in vector["without"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let Some(gate) = Gate::by_name(name) else { return Verdict::Different(format!("no gate {name}")) };
            compiler.gates = compiler.gates.without(gate);
        }
        let plan = match rules::compile(&compiler, processor, signal, &config) {
            Ok(plan) if vector["config_error"].is_string() => {
                drop(plan);
                return Verdict::Different(format!("accepted, but: {}", vector["config_error"]));
            }
            Ok(plan) => plan,
            Err(_) if vector["config_error"].is_string() => return Verdict::Same,
            Err(text) if text.contains("function-not-available") => {
                return Verdict::Skipped("a function that is not there");
            }
            Err(text) => return Verdict::Different(format!("rejected: {text}")),
        };
        let client = client(vector);
        if let Some(names) = vector["inputs"].as_array() {
            for (idx, name) in names.iter().enumerate() {
                let failed = vector["errors"][idx].as_str().unwrap_or("");
                let answer = Answer {
                    error: !failed.is_empty(),
                    dropped: failed.is_empty() && vector["outputs"][idx].is_null(),
                    unchanged: false,
                    output: &vector["outputs"][idx],
                    output_pb: None,
                    failed: None,
                };
                let input = match self.json(signal, name) {
                    Ok(input) => input,
                    Err(text) => return Verdict::Different(text),
                };
                match self.one(&plan, &input, &client, vector, &answer) {
                    Verdict::Same => {}
                    other => return other,
                }
            }
            return Verdict::Same;
        }
        let answer = Answer::of(vector);
        match self.input(vector, signal) {
            Ok(input) => self.one(&plan, &input, &client, vector, &answer),
            Err(_) if answer.error => Verdict::Same,
            Err(text) => Verdict::Different(text),
        }
    }

    fn json(&self, signal: Signal, name: &Value) -> Result<Vec<u8>, String> {
        let name = name.as_str().unwrap_or_default();
        let text = self.inputs.get(name).ok_or_else(|| format!("no input {name}"))?;
        messages::read(signal, text)
    }

    /// The message of a vector that has one.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn input(&self, vector: &Value, signal: Signal) -> Result<Vec<u8>, String> {
        if let Some(text) = vector["input_pb"].as_str() {
            return STANDARD.decode(text).map_err(|e| e.to_string());
        }
        if let Some(name) = vector["input_file"].as_str() {
            let bytes = std::fs::read(folder().join("../samples").join(name)).map_err(|e| format!("{name}: {e}"))?;
            return if name.ends_with(".json") { messages::read(signal, &bytes) } else { Ok(bytes) };
        }
        if vector["input"].is_string() {
            return self.json(signal, &vector["input"]);
        }
        Ok(Vec::new())
    }

    fn one(&self, plan: &Plan, input: &[u8], client: &ClientInfo, vector: &Value, answer: &Answer<'_>) -> Verdict {
        answer.hold(&*(self.engine)(plan), self.segment, plan, input, client, vector)
    }
}

/// Runs an engine on a vector's message, and holds what it does against the vector's answer. The plan is the engine's,
/// `segment` is [`Limits::segment`].
pub fn hold(engine: &dyn Engine, segment: usize, plan: &Plan, input: &[u8], vector: &Value) -> Verdict {
    Answer::of(vector).hold(engine, segment, plan, input, &client(vector), vector)
}

/// How the output for a vector's message came out.
pub fn judge(vector: &Value, signal: Signal, input: &[u8], output: Output) -> Verdict {
    Answer::of(vector).judge(signal, input, output, vector)
}

/// What a vector says of the calling client.
pub fn client(vector: &Value) -> ClientInfo {
    let metadata = vector["metadata"].as_object().into_iter().flatten();
    let texts = |values: &Value| {
        values.as_array().into_iter().flatten().filter_map(|text| text.as_str().map(str::to_owned)).collect()
    };
    ClientInfo {
        metadata: metadata.map(|(key, values)| (key.clone(), texts(values))).collect(),
        ..ClientInfo::default()
    }
}

/// When the reference was asked: times without a year are completed from the clock.
pub const ASKED: i64 = 1_795_392_000_000_000_000;

/// What the reference answered for one message.
struct Answer<'v> {
    error: bool,
    dropped: bool,
    unchanged: bool,
    output: &'v Value,
    output_pb: Option<&'v str>,
    /// The statements that failed, in order; not known with several messages.
    failed: Option<&'v [Value]>,
}

impl<'v> Answer<'v> {
    /// The answer of a vector with one message.
    fn of(vector: &'v Value) -> Answer<'v> {
        Answer {
            error: vector["error"].is_string(),
            dropped: vector["dropped"] == true,
            unchanged: vector["unchanged"] == true,
            output: &vector["output"],
            output_pb: vector["output_pb"].as_str(),
            failed: Some(vector["failed"].as_array().map_or(&[], Vec::as_slice)),
        }
    }

    fn hold(
        &self,
        engine: &dyn Engine,
        segment: usize,
        plan: &Plan,
        input: &[u8],
        client: &ClientInfo,
        vector: &Value,
    ) -> Verdict {
        let depth = vector["target"].as_str().and_then(Target::by_name).unwrap_or_default().value_depth();
        let (clock, rng) = (FixedClock(Time::from_unix_nanos(ASKED)), SequenceRng::default());
        let limits = Limits { listed_errors: 10_000, segment, ..Limits::default() };
        let allow_nil =
            !vector["without"].as_array().is_some_and(|gates| gates.contains(&Gate::AllowNil.name().into()));
        let env = Env { client: Some(client), limits, allow_nil, ..Env::new(&clock, &rng) };
        let outcome = engine.outcome(input, &env);
        let output = match outcome.result {
            Err(_) if self.error => return Verdict::Same,
            Err(error) => {
                let source = error.culprit().and_then(|culprit| plan.sources.get(culprit.source as usize));
                return Verdict::Different(format!("failed: {error} {source:?}"));
            }
            Ok(_) if self.error && ottl_otlp::schema::validate_within(plan.signal, input, depth).is_err() => {
                return Verdict::Skipped("damage in bytes that nobody reads");
            }
            Ok(_) if self.error => return Verdict::Different(format!("did not fail, but: {}", vector["error"])),
            Ok(output) => output,
        };
        if let Some(expected) = self.failed {
            let texts = |source: u32| plan.sources.get(source as usize).map_or("", String::as_str);
            let got: Vec<_> = outcome.report.errors.iter().map(|e| bare(texts(e.source))).collect();
            let want: Vec<_> = expected.iter().map(|text| bare(text.as_str().unwrap_or_default())).collect();
            if got != want {
                let errors: Vec<_> =
                    outcome.report.errors.iter().map(|e| format!("{}: {}", e.source, e.error)).collect();
                return Verdict::Different(format!("other statements failed than {expected:?}: {errors:?}"));
            }
        }
        self.judge(plan.signal, input, output, vector)
    }

    fn judge(&self, signal: Signal, input: &[u8], output: Output, vector: &Value) -> Verdict {
        let output = match output {
            Output::Dropped if self.dropped => return Verdict::Same,
            Output::Dropped => return Verdict::Different("dropped".to_owned()),
            _ if self.dropped => return Verdict::Different("not dropped".to_owned()),
            Output::Unchanged => input.to_vec(),
            Output::Changed(bytes) => bytes,
        };
        let expected = if self.unchanged {
            Ok(input.to_vec())
        } else if self.output.is_object() {
            messages::read(signal, self.output.to_string().as_bytes())
        } else {
            STANDARD.decode(self.output_pb.unwrap_or("")).map_err(|e| e.to_string())
        };
        compare(signal, &output, expected, vector["unordered"] == true)
    }
}

/// A statement without the names of contexts: the reference inserts those that the user left out.
fn bare(statement: &str) -> String {
    let mut text = statement.to_owned();
    for context in ottl_schema::ContextId::ALL {
        text = text.replace(&format!("{}.", context.name()), "");
    }
    text
}

fn signal(value: &Value) -> Option<Signal> {
    let name = value.as_str()?;
    Signal::ALL.into_iter().find(|signal| signal.name() == name)
}

fn compare(signal: Signal, output: &[u8], expected: Result<Vec<u8>, String>, unordered: bool) -> Verdict {
    let expected = match expected.and_then(|bytes| decode(signal.message(), &bytes).map_err(|e| e.to_string())) {
        Ok(tree) => tree,
        Err(text) => return Verdict::Different(format!("the vector: {text}")),
    };
    let mut got = match decode(signal.message(), output) {
        Ok(tree) => tree,
        Err(error) => return Verdict::Different(format!("the output does not decode: {error}")),
    };
    let mut expected = expected;
    if signal == Signal::Profiles {
        references::resolve(&mut got);
        let of_attributes = references::resolve(&mut expected);
        references::trim(&mut expected, &of_attributes, &got);
    }
    if unordered {
        sort(&mut expected);
        sort(&mut got);
    }
    if expected == got { Verdict::Same } else { Verdict::Different(difference(&expected, &got, String::new())) }
}

/// The first place where two trees differ.
fn difference(expected: &Tree, got: &Tree, at: String) -> String {
    if let (Tree::Message(a), Tree::Message(b)) = (expected, got) {
        for number in a.keys().chain(b.keys()) {
            let (none, empty) = (Vec::new(), Vec::new());
            let (a, b) = (a.get(number).unwrap_or(&none), b.get(number).unwrap_or(&empty));
            if a == b {
                continue;
            }
            for (idx, (a, b)) in a.iter().zip(b).enumerate() {
                if a != b {
                    return difference(a, b, format!("{at}.{number}[{idx}]"));
                }
            }
            return format!(
                "{at}.{number}: expected {:?}, got {:?}",
                &a[b.len().min(a.len())..],
                &b[a.len().min(b.len())..]
            );
        }
    }
    format!("{at}: expected {expected:?}, got {got:?}")
}
