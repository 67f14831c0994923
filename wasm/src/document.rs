//! Texts that are being written, and what editors ask about them.

use ottl::service::{Document as Service, DocumentKind, Samples, TextEdit};
use ottl::{ProcessorKind, Span};
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::compiler::{Compiler, unknown};
use crate::json;
use crate::messages::{Encoding, Read, signal_of};

/// A processor's body, a Collector's configuration, or statements alone. Places are bytes of the text.
#[wasm_bindgen]
pub struct Document {
    service: Service,
    samples: Samples,
}

#[wasm_bindgen]
impl Document {
    /// A document that is compiled as a compiler does. `kind` is `configuration`, `transform` or `filter` for YAML, or `rules`.
    ///
    /// # Errors
    /// Another kind.
    #[wasm_bindgen(constructor)]
    pub fn new(compiler: &Compiler, kind: &str, text: &str) -> Result<Document, JsError> {
        let kind = match kind {
            "configuration" => DocumentKind::Configuration(None),
            "transform" => DocumentKind::Configuration(Some(ProcessorKind::Transform)),
            "filter" => DocumentKind::Configuration(Some(ProcessorKind::Filter)),
            "rules" => DocumentKind::Rules { kind: None, signal: None, context: None },
            _ => return Err(unknown("kind of document", kind)),
        };
        let service = Service::new(compiler.compiler(), kind, text);
        Ok(Document { service, samples: Samples::default() })
    }

    /// Another text.
    #[wasm_bindgen(js_name = setText)]
    pub fn set_text(&mut self, text: &str) {
        self.service.set_text(text);
    }

    /// Replaces a part of the text.
    pub fn edit(&mut self, start: u32, end: u32, replacement: &str) {
        self.service.edit(Span::new(start, end), replacement);
    }

    /// Tells what telemetry looks like: keys of attributes are completed.
    ///
    /// # Errors
    /// The message is not one, or its signal cannot be told.
    #[wasm_bindgen(js_name = addSample)]
    pub fn add_sample(&mut self, message: &[u8], name: Option<String>) -> Result<(), JsError> {
        let read = || {
            let encoding = Encoding::of(message);
            let signal = signal_of(name.as_deref(), message, encoding)?;
            Ok((signal, Read::new(signal, message, encoding)?))
        };
        let (signal, read) = read().map_err(|error: String| JsError::new(&error))?;
        self.samples.add_message(signal, read.protobuf(message));
        self.service.set_samples(self.samples.clone());
        Ok(())
    }

    /// Forgets what telemetry looks like.
    #[wasm_bindgen(js_name = clearSamples)]
    pub fn clear_samples(&mut self) {
        self.samples = Samples::default();
        self.service.set_samples(Samples::default());
    }

    /// The diagnostics as JSON.
    pub fn diagnostics(&self) -> String {
        json::text(self.service.diagnostics())
    }

    /// What may be written at a place, as JSON.
    pub fn complete(&self, at: u32) -> String {
        json::text(&self.service.complete(at))
    }

    /// What there is to say about one of the things that may be written at a place, as Markdown.
    pub fn describe(&self, at: u32, label: &str) -> Option<String> {
        let found = self.service.complete(at).into_iter().find(|found| found.label == label)?;
        self.service.describe(&found.topic?)
    }

    /// What there is to say about a place, as JSON.
    pub fn hover(&self, at: u32) -> String {
        json::text(&self.service.hover(at))
    }

    /// The call that a place is in, as JSON.
    pub fn signature(&self, at: u32) -> String {
        json::text(&self.service.signature(at))
    }

    /// What is offered for the diagnostics that touch a range, as JSON.
    pub fn actions(&self, start: u32, end: u32) -> String {
        json::text(&self.service.actions(Span::new(start, end)))
    }

    /// The edits that apply all fixes, as JSON.
    pub fn mend(&self) -> String {
        json::text(&self.service.mend())
    }

    /// The edits that put the rules into the standard form, as JSON.
    ///
    /// # Errors
    /// Why the document stays as it is.
    pub fn format(&self, width: Option<u32>) -> Result<String, JsError> {
        let edits: Result<Vec<TextEdit>, String> = self.service.format(width.map(|width| width as usize));
        edits.map(|edits| json::text(&edits)).map_err(|error| JsError::new(&error))
    }

    /// Processors, groups and rules, as JSON.
    pub fn symbols(&self) -> String {
        json::text(&self.service.symbols())
    }

    /// The words of all rules, as JSON.
    pub fn tokens(&self) -> String {
        json::text(&self.service.tokens())
    }

    /// Remarks on contexts and how often statements run, as JSON.
    pub fn hints(&self) -> String {
        json::text(&self.service.hints())
    }
}
