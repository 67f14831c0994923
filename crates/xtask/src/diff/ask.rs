//! [`Oracle`]: the reference, asked in batches, with limits on time and memory.
//!
//! INVARIANT: one program costs at most the limit. The reference answers one case after the other and hands each answer out
//! before it begins the next, so the first answer that is missing tells which case is to blame; its process is killed, and a
//! new one goes on behind that case.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ottl_generate::Case;
use serde_json::{Value, json};

type Error = Box<dyn std::error::Error>;

/// Bytes of address space, beyond which some programs would eat all memory there is.
const MEMORY: &str = "--as=8000000000";

/// Seconds of processor time for one process. It matters only when this command is killed and can end nobody any more.
const ORPHANS: &str = "--cpu=600";

/// What the reference says to a case.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The case with its result.
    Given(Value),
    /// It did not come within the limit.
    Late,
    /// The process ended over it.
    Died,
}

/// The reference's program.
pub struct Oracle {
    command: Vec<String>,
    limit: Duration,
}

/// What part of the limit is left to programs that were made from one that was answered in time.
const HURRY: u32 = 10;

impl Oracle {
    /// The reference as a built program, and how long it may take for one case. Small cases take a millisecond.
    pub fn new(program: &Path, limit: Duration) -> Self {
        let program = program.to_string_lossy().into_owned();
        Oracle { command: vec!["prlimit".to_owned(), MEMORY.to_owned(), ORPHANS.to_owned(), program], limit }
    }

    /// The same program, which is given up much sooner.
    pub fn hurried(&self) -> Self {
        Oracle { command: self.command.clone(), limit: self.limit / HURRY }
    }

    /// How long it may take for one case.
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// The answers to cases, in order.
    ///
    /// # Errors
    /// The program cannot be started.
    pub fn ask(&self, cases: &[Case]) -> Result<Vec<Answer>, Error> {
        let questions: Vec<_> = cases.iter().map(question).collect();
        self.answers(&questions)
    }

    /// One process after the other, until each question has its answer.
    fn answers(&self, questions: &[Value]) -> Result<Vec<Answer>, Error> {
        let mut all = Vec::with_capacity(questions.len());
        while all.len() < questions.len() {
            self.process(&questions[all.len()..], &mut all)?;
        }
        Ok(all)
    }

    /// One process: adds the answers that it gave, and what became of the question that ended it.
    fn process(&self, questions: &[Value], all: &mut Vec<Answer>) -> Result<(), Error> {
        let mut text = Vec::new();
        for question in questions {
            serde_json::to_writer(&mut text, question)?;
            text.push(b'\n');
        }
        let mut child = Command::new(&self.command[0])
            .args(&self.command[1..])
            // A process lives for some hundred cases: with little garbage collected it takes two thirds of the time.
            .envs([("GOGC", "800"), ("GOMAXPROCS", "1")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut stdin = child.stdin.take().ok_or("no standard input")?;
        let (sender, receiver) = channel();
        // Both threads end with the process. It may die before it has read everything; the missing answers tell.
        let writer = std::thread::spawn(move || stdin.write_all(&text).is_ok());
        let reader = reader(&mut child, sender)?;
        let mut ended = None;
        for _ in questions {
            match receiver.recv_timeout(self.limit) {
                Ok(answer) => all.push(Answer::Given(answer)),
                Err(why) => {
                    ended = Some(why);
                    break;
                }
            }
        }
        child.kill()?;
        child.wait()?;
        writer.join().map_err(|_| "the writing thread panicked")?;
        reader.join().map_err(|_| "the reading thread panicked")?;
        match ended {
            Some(RecvTimeoutError::Timeout) => all.push(Answer::Late),
            Some(RecvTimeoutError::Disconnected) => all.push(Answer::Died),
            None => {}
        }
        Ok(())
    }
}

/// A thread that hands on a process's answers, up to its end or the first line that is none.
fn reader(child: &mut Child, sender: Sender<Value>) -> Result<std::thread::JoinHandle<()>, Error> {
    let stdout = child.stdout.take().ok_or("no standard output")?;
    Ok(std::thread::spawn(move || {
        for line in BufReader::new(stdout).split(b'\n') {
            // Broken text only occurs in messages for people; a line cut off at the end is no answer.
            let answer = line.ok().and_then(|line| serde_json::from_str(&String::from_utf8_lossy(&line)).ok());
            if answer.is_none_or(|answer| sender.send(answer).is_err()) {
                break;
            }
        }
    }))
}

/// A case as the program reads it.
fn question(case: &Case) -> Value {
    json!({
        "id": "diff",
        "processor": case.program.processor.name(),
        "signal": format!("{:?}", case.program.signal).to_lowercase(),
        "config": case.program.yaml(),
        // One key only: the reference keeps them in a Go map.
        "metadata": {"s": ["a", "b"]},
        "input_pb": STANDARD.encode(case.bytes()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers each line with itself, but for two words.
    const SCRIPT: &str = r#"while read -r line; do case "$line" in
        *loops*) exec sleep 600 ;;
        *dies*) exit 1 ;;
        *) echo "$line" ;;
    esac; done"#;

    #[test]
    fn whoever_does_not_answer_is_given_up_alone() {
        let oracle = Oracle {
            command: ["sh", "-c", SCRIPT].map(str::to_owned).to_vec(),
            // Long enough for a shell to start on a busy machine.
            limit: Duration::from_secs(3),
        };
        let words = ["dies", "a", "loops", "b", "c", "dies"];
        let answers = oracle.answers(&words.map(Value::from)).expect("sh is there");
        let expected = words.map(|word| match word {
            "loops" => Answer::Late,
            "dies" => Answer::Died,
            other => Answer::Given(other.into()),
        });
        assert_eq!(answers, expected);
        assert_eq!(oracle.answers(&[]).expect("nothing is asked"), []);
    }
}
