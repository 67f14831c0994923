//! What a run over telemetry gave, to be asked for in parts.

use ottl::Output;
use ottl::compare::without_numbers;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::compare::Found;
use crate::json;
use crate::messages::Encoding;
use crate::telemetry::{Message, Telemetry};

/// What rules did to telemetry.
#[wasm_bindgen]
pub struct Comparison {
    /// What became of each message, with numbers in its records; those behind a fault are missing.
    outputs: Vec<Output>,
    found: Found,
    most: usize,
    report: String,
    fault: Option<String>,
}

impl Comparison {
    pub(crate) fn new(most: usize) -> Comparison {
        Comparison { outputs: Vec::new(), found: Found::default(), most, report: String::new(), fault: None }
    }

    /// What became of the next message.
    pub(crate) fn add(&mut self, message: &Message, output: Output) {
        let before = &message.numbered.message;
        let after = match &output {
            Output::Changed(new) => new,
            Output::Dropped => &Vec::new(),
            _ => before,
        };
        self.found.add(message, after, (self.outputs.len(), self.most));
        self.outputs.push(output);
    }

    pub(crate) fn fail(&mut self, fault: String) {
        self.fault = Some(fault);
    }

    pub(crate) fn end(&mut self, report: String) {
        self.report = report;
    }
}

#[wasm_bindgen]
impl Comparison {
    /// What is different, as JSON.
    pub fn found(&self) -> String {
        json::text(&self.found)
    }

    /// Counters and errors of all statements over all messages, as JSON.
    #[wasm_bindgen(getter)]
    pub fn report(&self) -> String {
        self.report.clone()
    }

    /// Why the message behind the last output failed, as JSON.
    #[wasm_bindgen(getter)]
    pub fn fault(&self) -> Option<String> {
        self.fault.clone()
    }

    /// What became of a message, in an encoding; nothing if it was dropped, or was not run.
    ///
    /// # Errors
    /// An encoding that does not exist.
    pub fn output(&self, telemetry: &Telemetry, message: u32, to: &str) -> Result<Option<Vec<u8>>, JsError> {
        let came = telemetry.message(message)?;
        let write = || {
            let to = Encoding::by_name(to)?;
            let new = match self.outputs.get(message as usize) {
                Some(Output::Unchanged) if to == Encoding::of(&came.bytes) => return Ok(Some(came.bytes.clone())),
                Some(Output::Changed(new)) => without_numbers(came.signal, new).map_err(|error| error.to_string())?,
                Some(Output::Unchanged) => came.read.protobuf(&came.bytes).to_vec(),
                _ => return Ok(None),
            };
            came.read.write(came.signal, &came.bytes, new, to).map(Some)
        };
        write().map_err(|error: String| JsError::new(&error))
    }
}
