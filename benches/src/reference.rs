//! The reference as a contestant: the program of `tests/oracle`, run on files in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ottl::Signal;
use serde_json::Value;

use crate::measure::{Clock, Settings};
use crate::rows::Row;

/// The reference's program and the folder that messages pass through.
pub struct Reference {
    program: PathBuf,
    folder: PathBuf,
}

/// The word for a signal in the reference's arguments.
fn word(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "traces",
        Signal::Metrics => "metrics",
        _ => "logs",
    }
}

impl Reference {
    /// Makes the folder.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn new(program: &Path) -> Result<Reference, String> {
        let folder = std::env::temp_dir().join(format!("ottl-benches-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        Ok(Reference { program: program.to_owned(), folder })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf, String> {
        let file = self.file(name);
        std::fs::write(&file, content).map_err(|e| format!("{}: {e}", file.display()))?;
        Ok(file)
    }

    fn ask(&self, command: &mut Command) -> Result<Output, String> {
        command.output().map_err(|e| format!("{}: {e}", self.program.display()))
    }

    /// The same message as the reference's marshaler writes it.
    ///
    /// # Errors
    /// The reference cannot be run or refuses the message.
    pub fn marshaled(&self, signal: Signal, message: &[u8]) -> Result<Vec<u8>, String> {
        let file = self.write("plain.pb", message)?;
        let answer = self.ask(
            Command::new(&self.program)
                .args(["-convert", "-from", "proto", "-to", "proto", "-signal", word(signal)])
                .arg(file),
        )?;
        if answer.stdout.len() == message.len() {
            Ok(answer.stdout)
        } else {
            Err(format!("the reference cannot write the message: {}", String::from_utf8_lossy(&answer.stderr)))
        }
    }

    /// Nanoseconds of one message by this clock, and the output: empty if nothing was left.
    ///
    /// # Errors
    /// The reference cannot be run, or refuses rules or message.
    pub fn run(&self, row: &Row, message: &[u8], settings: &Settings, clock: Clock) -> Result<(f64, Vec<u8>), String> {
        let (rules, input) = (self.write("rules.yaml", row.rules.as_bytes())?, self.write("in.pb", message)?);
        let output = self.file("out.pb");
        // The output of another row, which an answer without output would leave standing.
        let _ = std::fs::remove_file(&output);
        let answer = self.ask(
            Command::new(&self.program)
                .args(["-bench", "-processor", row.processor, "-signal", word(row.signal)])
                .args(["-seconds", &settings.seconds.to_string(), "-procs", &settings.threads.to_string()])
                .arg("-config")
                .arg(rules)
                .arg("-input")
                .arg(input)
                .arg("-output")
                .arg(&output),
        )?;
        let line: Value = serde_json::from_slice(&answer.stdout)
            .map_err(|e| format!("{e}: {}", String::from_utf8_lossy(&answer.stderr)))?;
        let name = if clock == Clock::Processor { "cpu_us_per_msg" } else { "us_per_msg" };
        let nanos = line[name].as_f64().ok_or_else(|| format!("no {name}; is the program up to date?"))? * 1e3;
        Ok((nanos, std::fs::read(output).map_err(|e| format!("the reference's output: {e}"))?))
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        // What is left over in the folder for temporary files is nobody's error.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Whether two outputs say the same: in order, but attributes without order where the reference's maps have none.
///
/// # Errors
/// One of them is no message.
pub fn same(signal: Signal, ours: &[u8], theirs: &[u8], unordered: bool) -> Result<bool, String> {
    Ok(ours == theirs || tree(signal, ours, unordered)? == tree(signal, theirs, unordered)?)
}

fn tree(signal: Signal, message: &[u8], unordered: bool) -> Result<Value, String> {
    let mut text = Vec::new();
    ottl_otlp::json::from_protobuf(signal, message, &mut text, ottl_otlp::json::Style::Compact)
        .map_err(|e| e.to_string())?;
    let mut value = serde_json::from_slice(&text).map_err(|e| e.to_string())?;
    if unordered {
        sort(&mut value);
    }
    Ok(value)
}

fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            if items.iter().all(|item| item.get("key").is_some()) {
                items.sort_by_key(|item| item["key"].as_str().unwrap_or_default().to_owned());
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(sort),
        _ => {}
    }
}
