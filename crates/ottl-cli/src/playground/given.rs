//! What the page is opened with: the user's rules and data, as the page takes them.

use std::ops::ControlFlow;

use ottl::Signal;
use ottl::otlp::framing::FrameOptions;
use ottl::otlp::json::{self, Style};
use serde_json::{Map, Value};

use crate::args::{PlaygroundArguments, Pprof};
use crate::failure::{Failure, is_standard};
use crate::limits;
use crate::messages::{Arrived, Reading};
use crate::rules;

/// Bytes of text that a browser edits without getting slow.
const MOST: usize = 64 << 20;

/// Rules and data.
#[derive(Debug, Default)]
pub struct Given {
    rules: Option<String>,
    telemetry: Option<String>,
    signal: Option<Signal>,
}

impl Given {
    /// Reads what the arguments name.
    ///
    /// # Errors
    /// It cannot be read, or is too much for a page.
    pub fn read(arguments: &PlaygroundArguments) -> Result<Given, Failure> {
        if arguments.config.iter().chain(&arguments.inputs).filter(|path| is_standard(path)).count() > 1 {
            let text = "rules and data cannot both come from standard input";
            return Err(Failure::Refused(text.to_owned()));
        }
        let budgets = limits::Budgets::default();
        let read = |path| rules::read_rules(path, budgets.rules.configuration_length);
        let rules = arguments.config.as_deref().map(read).transpose()?;
        let served = rules.as_deref().map(rules::signals_of).unwrap_or_default();
        let asked = arguments.signal.map(|name| name.signal());
        let mut given = Given { rules, telemetry: None, signal: asked.or(served.first().copied()) };
        if !arguments.inputs.is_empty() {
            let format = arguments.from.map(|name| name.format());
            let frames = FrameOptions { format, ..budgets.frames };
            given.read_telemetry(Reading {
                pprof: Pprof::Told,
                only: asked,
                limit: arguments.limit,
                ..Reading::of(&arguments.inputs, frames, served)
            })?;
        }
        Ok(given)
    }

    /// All messages as OTLP/JSON, a line for each signal of each.
    fn read_telemetry(&mut self, reading: Reading<'_>) -> Result<(), Failure> {
        let mut text = Vec::new();
        let mut first = None;
        reading.each(|Arrived { file, number, signal, bytes, .. }| {
            first.get_or_insert(signal);
            let failed = |error| Failure::Failed(format!("{file}: message {number}: {error}"));
            json::from_protobuf(signal, bytes, &mut text, Style::Compact).map_err(failed)?;
            text.push(b'\n');
            if text.len() > MOST {
                let most = MOST >> 20;
                let error = format!("{file}: more than {most} MiB of OTLP/JSON are too much for a page: take fewer messages with --limit");
                return Err(Failure::Refused(error));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        self.signal = first.or(self.signal);
        self.telemetry = Some(String::from_utf8_lossy(&text).into_owned());
        Ok(())
    }

    /// The same as the page asks for it: `rules`, `telemetry` and `signal`, as far as they were given.
    pub fn to_json(&self) -> String {
        let mut object = Map::new();
        let texts = [("rules", self.rules.as_deref()), ("telemetry", self.telemetry.as_deref())];
        let signal = ("signal", self.signal.map(Signal::name));
        for (name, value) in texts.into_iter().chain([signal]) {
            object.extend(value.map(|value| (name.to_owned(), Value::from(value))));
        }
        Value::Object(object).to_string()
    }
}
