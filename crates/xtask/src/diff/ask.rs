//! [`Oracle`]: the reference, asked in batches, with limits on time and memory.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ottl_generate::{Case, Processor};
use serde_json::{Value, json};

type Error = Box<dyn std::error::Error>;

/// Seconds that a batch may take. Small cases take a millisecond; what is not there by then hangs.
const PATIENCE: &str = "20";

/// The reference's program.
pub struct Oracle {
    program: PathBuf,
}

impl Oracle {
    /// The reference as a built program.
    pub fn new(program: &Path) -> Self {
        Oracle { program: program.to_path_buf() }
    }

    /// The answers to cases, in order; `None` where the reference hangs or dies.
    ///
    /// # Errors
    /// The program cannot be started, or says what it should not.
    pub fn ask(&self, cases: &[Case]) -> Result<Vec<Option<Value>>, Error> {
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        let answers = self.once(cases)?;
        if answers.len() == cases.len() {
            return Ok(answers.into_iter().map(Some).collect());
        }
        if cases.len() == 1 {
            return Ok(vec![None]);
        }
        // One of them is to blame. What was answered stays; the first half of the rest is asked apart.
        let mut all: Vec<_> = answers.into_iter().map(Some).collect();
        let rest = &cases[all.len()..];
        let (left, right) = rest.split_at(rest.len().div_ceil(2));
        all.extend(self.ask(left)?);
        all.extend(self.ask(right)?);
        Ok(all)
    }

    /// One run of the program: the answers it gave before it ended.
    fn once(&self, cases: &[Case]) -> Result<Vec<Value>, Error> {
        let mut questions = Vec::new();
        for case in cases {
            serde_json::to_writer(&mut questions, &question(case))?;
            questions.push(b'\n');
        }
        let mut child = Command::new("timeout")
            .args([PATIENCE, "prlimit", "--as=8000000000"])
            .arg(&self.program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or("no standard input")?;
        // The program may die before it has read everything; the missing answers tell.
        let writer = std::thread::spawn(move || stdin.write_all(&questions).is_ok());
        let stdout = child.stdout.take().ok_or("no standard output")?;
        let mut answers = Vec::new();
        for line in BufReader::new(stdout).split(b'\n') {
            // Broken text only occurs in messages for people; a line cut off at the end is no answer.
            match serde_json::from_str(&String::from_utf8_lossy(&line?)) {
                Ok(answer) => answers.push(answer),
                Err(_) => break,
            }
        }
        child.wait()?;
        writer.join().map_err(|_| "the writer thread panicked")?;
        Ok(answers)
    }
}

/// A case as the program reads it.
fn question(case: &Case) -> Value {
    json!({
        "id": "diff",
        "processor": if case.program.processor == Processor::Transform { "transform" } else { "filter" },
        "signal": format!("{:?}", case.program.signal).to_lowercase(),
        "config": case.program.yaml(),
        // One key only: the reference keeps them in a Go map.
        "metadata": {"s": ["a", "b"]},
        "input_pb": STANDARD.encode(case.bytes()),
    })
}
