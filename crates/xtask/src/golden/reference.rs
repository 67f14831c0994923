//! Asking the reference: the Go program of `tests/oracle`, built for each version and run under limits.
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
    /// What the program could not answer.
    #[serde(default)]
    pub uncovered: String,
    /// The version that answered, if it is not the one that was asked.
    #[serde(skip)]
    pub answered_by: Option<&'static str>,
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

/// A version of the reference as `tests/oracle` builds it.
#[derive(Debug)]
pub struct Version {
    /// As cases name it.
    pub target: &'static str,
    /// The release that answers; part of the header of vectors.
    pub release: &'static str,
    module: &'static str,
    /// Build tags: which of the modules that not every version has are there.
    tags: &'static str,
    program: &'static str,
}

/// The versions that are asked, the newest first. What one leaves uncovered, because a module of it is not to be had, the next
/// answers.
pub const VERSIONS: [Version; 2] = [
    Version { target: "0.165", release: "v0.165.1", module: "go.mod", tags: "", program: "oracle" },
    Version { target: "0.161", release: "v0.161.0", module: "go161.mod", tags: "profiles", program: "oracle161" },
];

/// The place of a version among [`VERSIONS`]; the newest if none is named.
pub fn version(target: Option<&str>) -> Result<usize, Error> {
    let Some(target) = target else { return Ok(0) };
    let place = VERSIONS.iter().position(|version| version.target == target);
    place.ok_or_else(|| format!("there is no version {target} of the reference").into())
}

/// The built programs.
pub struct Reference {
    folder: PathBuf,
    samples: PathBuf,
}

impl Reference {
    /// Builds the programs of `tests/oracle`; Go's own cache makes a repeated build cheap.
    pub fn build(tests: &Path) -> Result<Self, Error> {
        let folder = tests.join("oracle");
        for Version { module, tags, program, .. } in VERSIONS {
            let status = Command::new("go")
                .args(["build", "-modfile", module, "-tags", tags, "-o", program, "."])
                .current_dir(&folder)
                .status()
                .map_err(|e| format!("cannot run go: {e}"))?;
            if !status.success() {
                return Err(format!("the Go program in tests/oracle does not build with {module}").into());
            }
        }
        Ok(Self { folder, samples: tests.join("samples") })
    }

    /// Where the program of a version is.
    pub fn program(&self, version: usize) -> PathBuf {
        self.folder.join(VERSIONS[version].program)
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
        let asked = cases.iter().map(|case| version(case.target.as_deref())).collect::<Result<Vec<_>, _>>()?;
        let mut asks = asked.clone();
        for _ in 0..rounds {
            for (version, row) in VERSIONS.iter().enumerate() {
                let places: Vec<_> = (0..cases.len()).filter(|i| asks[*i] == version).collect();
                let some: Vec<_> = places.iter().map(|i| &cases[*i]).collect();
                for (i, mut answer) in places.into_iter().zip(self.answers(version, &some, inputs)?) {
                    if answer.uncovered.is_empty() {
                        answer.answered_by = (asked[i] != version).then_some(row.target);
                        answers[i].push(answer);
                    } else {
                        asks[i] = version + 1;
                    }
                }
            }
            if let Some(i) = asks.iter().position(|version| *version == VERSIONS.len()) {
                return Err(format!("{}: no version of the reference covers it", cases[i].id).into());
            }
        }
        Ok(answers)
    }

    /// Asks a version each case once. Gates are the process's, so cases without the same ones are asked together.
    fn answers(&self, version: usize, cases: &[&Case], inputs: &Inputs) -> Result<Vec<Answer>, Error> {
        let mut sets: Vec<&[String]> = cases.iter().map(|case| case.without.as_slice()).collect();
        sets.sort_unstable();
        sets.dedup();
        let mut answers = vec![Answer::default(); cases.len()];
        for without in sets {
            let places: Vec<_> = (0..cases.len()).filter(|i| cases[*i].without == without).collect();
            let some: Vec<_> = places.iter().map(|i| cases[*i]).collect();
            for (i, answer) in places.into_iter().zip(self.answers_of(version, &some, inputs)?) {
                answers[i] = answer;
            }
        }
        Ok(answers)
    }

    fn answers_of(&self, version: usize, cases: &[&Case], inputs: &Inputs) -> Result<Vec<Answer>, Error> {
        let mut answers = Vec::with_capacity(cases.len());
        let mut again = Vec::new();
        for (i, line) in self.round(version, cases.iter().map(|c| (*c, false)), inputs)?.into_iter().enumerate() {
            match String::from_utf8(line) {
                Ok(line) => answers.push(serde_json::from_str(&line)?),
                Err(_) => {
                    again.push(i);
                    answers.push(Answer::default());
                }
            }
        }
        // Broken text in the output: ask for protobuf, which carries it.
        let lines = self.round(version, again.iter().map(|i| (cases[*i], true)), inputs)?;
        for (i, line) in again.into_iter().zip(lines) {
            // Broken text that is left is in messages, which are for information only.
            answers[i] = serde_json::from_str(&String::from_utf8_lossy(&line))?;
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

    fn round<'a>(
        &self,
        version: usize,
        cases: impl Iterator<Item = (&'a Case, bool)>,
        inputs: &Inputs,
    ) -> Result<Vec<Vec<u8>>, Error> {
        let mut questions = Vec::new();
        let mut ids = Vec::new();
        let mut without = String::new();
        for (case, want_pb) in cases {
            let find =
                |name: &String| inputs.get(name).map(|m| &**m).ok_or_else(|| format!("{}: no input {name}", case.id));
            let mut bare = Case {
                input: None,
                inputs: Vec::new(),
                target: None,
                without: Vec::new(),
                unordered: false,
                ..case.clone()
            };
            without = case.without.join(",");
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
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // A loop in the reference eats all memory and never ends.
        let mut child = Command::new("timeout")
            .args(["300", "prlimit", "--as=8000000000"])
            .arg(self.program(version))
            .args(["-without", &without])
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
