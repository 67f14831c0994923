//! Asking the reference: the Go program of `tests/oracle`, built once and run under limits.
//!
//! Questions and answers are JSON lines. Answers are kept as bytes until they are known to be
//! UTF-8, because the reference carries broken text and its JSON writer does not mend it.

use super::{Inputs, cases::Case};
use base64::Engine as _;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

type Error = Box<dyn std::error::Error>;

/// What the reference answered to one case.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Answer {
    #[serde(default)]
    pub config_error: String,
    #[serde(default)]
    pub error: String,
    pub output: Option<Box<RawValue>>,
    #[serde(default)]
    pub outputs: Vec<Box<RawValue>>,
    #[serde(default)]
    pub errors: Vec<String>,
    pub output_pb: Option<String>,
    #[serde(default)]
    pub dropped: bool,
    #[serde(default)]
    pub failed: Vec<String>,
}

/// A case as the program reads it: messages by value instead of by name.
#[derive(Serialize)]
struct Question<'a> {
    #[serde(flatten)]
    case: &'a Case,
    #[serde(rename = "input", skip_serializing_if = "Option::is_none")]
    message: Option<&'a RawValue>,
    #[serde(rename = "inputs", skip_serializing_if = "Vec::is_empty")]
    messages: Vec<&'a RawValue>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    want_pb: bool,
}

/// The built program.
pub struct Reference {
    program: PathBuf,
    samples: PathBuf,
}

impl Reference {
    /// Builds the program of `tests/oracle`; Go's own cache makes a repeated build cheap.
    pub fn build(tests: &Path) -> Result<Self, Error> {
        let folder = tests.join("oracle");
        let program = folder.join("oracle");
        let status = Command::new("go")
            .args(["build", "-o"])
            .arg(&program)
            .arg(".")
            .current_dir(folder)
            .status()
            .map_err(|e| format!("cannot run go: {e}"))?;
        if !status.success() {
            return Err("the Go program in tests/oracle does not build".into());
        }
        Ok(Self { program, samples: tests.join("samples") })
    }

    /// Where the program is.
    #[cfg(feature = "diff")]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// How the reference writes each input when nothing is changed.
    pub fn plain(&self, inputs: &Inputs) -> Result<BTreeMap<String, String>, Error> {
        let cases: Vec<_> = inputs
            .iter()
            .map(|(name, message)| Case {
                id: name.clone(),
                processor: "transform".into(),
                signal: signal(message.get()).into(),
                config: Some("{}".into()),
                input: Some(name.clone()),
                ..Case::default()
            })
            .collect();
        let mut plain = BTreeMap::new();
        for (case, answers) in cases.iter().zip(self.ask(&cases, inputs, 1)?) {
            let output = answers.first().and_then(|a| a.output.as_ref());
            let output = output.ok_or_else(|| format!("input {} is not readable", case.id))?;
            plain.insert(case.id.clone(), output.get().to_owned());
        }
        Ok(plain)
    }

    /// Asks every case `rounds` times; one list of answers for each case.
    pub fn ask(&self, cases: &[Case], inputs: &Inputs, rounds: usize) -> Result<Vec<Vec<Answer>>, Error> {
        let mut answers = vec![Vec::with_capacity(rounds); cases.len()];
        for _ in 0..rounds {
            let mut again = Vec::new();
            for (i, line) in self.round(cases.iter().map(|c| (c, false)), inputs)?.into_iter().enumerate() {
                match String::from_utf8(line) {
                    Ok(line) => answers[i].push(serde_json::from_str(&line)?),
                    Err(_) => again.push(i),
                }
            }
            // Broken text in the output: ask for protobuf, which carries it.
            let lines = self.round(again.iter().map(|i| (&cases[*i], true)), inputs)?;
            for (i, line) in again.into_iter().zip(lines) {
                // Broken text that is left is in messages, which are for information only.
                answers[i].push(serde_json::from_str(&String::from_utf8_lossy(&line))?);
            }
        }
        Ok(answers)
    }

    /// Puts the contents of files where their names were; a JSON message is returned.
    fn fill_in(&self, case: &mut Case) -> Result<Option<Box<RawValue>>, Error> {
        if let Some(name) = case.config_file.take() {
            let text = std::fs::read_to_string(self.samples.join("rules").join(name))?;
            let whole = case.processor.is_empty();
            *if whole { &mut case.collector_config } else { &mut case.config } = Some(text);
        }
        let Some(name) = case.input_file.take() else {
            return Ok(None);
        };
        let bytes = std::fs::read(self.samples.join(&name))?;
        if name.ends_with(".json") {
            return Ok(Some(serde_json::from_slice(&bytes)?));
        }
        case.input_pb = Some(base64::engine::general_purpose::STANDARD.encode(bytes));
        Ok(None)
    }

    fn round<'a>(&self, cases: impl Iterator<Item = (&'a Case, bool)>, inputs: &Inputs) -> Result<Vec<Vec<u8>>, Error> {
        let mut questions = Vec::new();
        let mut ids = Vec::new();
        for (case, want_pb) in cases {
            let find =
                |name: &String| inputs.get(name).map(|m| &**m).ok_or_else(|| format!("{}: no input {name}", case.id));
            let mut bare = Case { input: None, inputs: Vec::new(), unordered: false, ..case.clone() };
            let from_file = self.fill_in(&mut bare)?;
            let named = case.input.as_ref().map(find).transpose()?;
            let question = Question {
                case: &bare,
                message: named.or(from_file.as_deref()),
                messages: case.inputs.iter().map(find).collect::<Result<_, _>>()?,
                want_pb,
            };
            serde_json::to_writer(&mut questions, &question)?;
            questions.push(b'\n');
            ids.push(case.id.as_str());
        }
        // A loop in the reference eats all memory and never ends.
        let mut child = Command::new("timeout")
            .args(["300", "prlimit", "--as=8000000000"])
            .arg(&self.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or("no standard input")?;
        let writer = std::thread::spawn(move || stdin.write_all(&questions));
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let lines = BufReader::new(stdout).split(b'\n').collect::<Result<Vec<_>, _>>()?;
        let written = writer.join().map_err(|_| "the writer thread panicked")?;
        let status = child.wait()?;
        if !status.success() || lines.len() != ids.len() {
            let at = ids.get(lines.len()).unwrap_or(&"the end");
            return Err(format!("the reference stopped ({status}) near {at}").into());
        }
        written?;
        Ok(lines)
    }
}

fn signal(message: &str) -> &'static str {
    if message.contains("resourceSpans") {
        "traces"
    } else if message.contains("resourceMetrics") {
        "metrics"
    } else if message.contains("resourceProfiles") {
        "profiles"
    } else {
        "logs"
    }
}
