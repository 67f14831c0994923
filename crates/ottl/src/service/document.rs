//! [`Document`]: a text, and what is known of it.

use std::sync::{Arc, OnceLock};

use ottl_diagnostics::{Code, Span};
use ottl_schema::ContextId;

use crate::config::ProcessorKind;
use crate::stack::on_own_stack;
use crate::{Compiler, Diagnostics, RuleKind, Signal};

use super::Samples;
use super::edits::TextEdit;
use super::lines::Lines;
use super::reading::Reading;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// YAML: a processor's body or a Collector's configuration, also as the value of something else. Its keys tell which; the
    /// processor is for bodies that do not tell.
    Configuration(Option<ProcessorKind>),
    /// Statements and conditions without YAML around them: each begins a line, lines that begin with a blank go on, and lines that
    /// begin with `#` are comments.
    Rules {
        /// What they are; told by each text itself if none is given.
        kind: Option<RuleKind>,
        /// What they are for; told by their paths if none is given.
        signal: Option<Signal>,
        /// The context that is configured for them; inferred if there is none.
        context: Option<ContextId>,
    },
}

impl Default for DocumentKind {
    fn default() -> Self {
        DocumentKind::Configuration(None)
    }
}

/// A text that is being written, and everything that editors ask about it.
///
/// What is asked for is worked out once for each state of the text. A document is cheap to make; hold one for each open file and
/// tell it of changes by [`Document::edit`].
#[derive(Debug)]
pub struct Document {
    pub(super) compiler: Compiler,
    pub(super) kind: DocumentKind,
    pub(super) text: Arc<str>,
    pub(super) samples: Samples,
    /// Where the last change was.
    touched: Option<u32>,
    lines: OnceLock<Lines>,
    reading: OnceLock<Reading>,
    diagnostics: OnceLock<Diagnostics>,
}

impl Document {
    /// A document that is compiled as a compiler's settings say: version, functions, variables, levels of warnings.
    pub fn new(compiler: Compiler, kind: DocumentKind, text: impl Into<Arc<str>>) -> Document {
        Document {
            compiler,
            kind,
            text: text.into(),
            samples: Samples::default(),
            touched: None,
            lines: OnceLock::new(),
            reading: OnceLock::new(),
            diagnostics: OnceLock::new(),
        }
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is.
    pub fn kind(&self) -> DocumentKind {
        self.kind
    }

    /// The lines of the text.
    pub fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::new(&self.text))
    }

    /// Tells what telemetry looks like, for completion.
    pub fn set_samples(&mut self, samples: Samples) {
        self.samples = samples;
    }

    /// Another text.
    pub fn set_text(&mut self, text: impl Into<Arc<str>>) {
        self.text = text.into();
        self.touched = None;
        self.forget();
    }

    /// Replaces a part of the text. A range that does not lie in it, or cuts a character, is widened or cut to one that does.
    pub fn edit(&mut self, range: Span, replacement: &str) {
        let floor = |at: u32| {
            let mut at = (at as usize).min(self.text.len());
            while !self.text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(range.start);
        let end = floor(range.end).max(start);
        let mut text = String::with_capacity(self.text.len() - (end - start) + replacement.len());
        text.push_str(&self.text[..start]);
        text.push_str(replacement);
        text.push_str(&self.text[end..]);
        self.text = Arc::from(text);
        self.touched = Some((start + replacement.len()) as u32);
        self.forget();
    }

    fn forget(&mut self) {
        self.lines = OnceLock::new();
        self.reading = OnceLock::new();
        self.diagnostics = OnceLock::new();
    }

    /// What is wrong with the rules, as [`Compiler::check`] finds it, with the fixes that hold.
    pub fn diagnostics(&self) -> &Diagnostics {
        self.diagnostics.get_or_init(|| match self.kind {
            DocumentKind::Configuration(None) => self.compiler.check(&self.text),
            DocumentKind::Configuration(Some(kind)) => self.compiler.clone().processor(kind).check(&self.text),
            DocumentKind::Rules { .. } => super::rules::diagnostics(&self.compiler, self.kind, &self.text),
        })
    }

    /// Whether the text holds OTTL, or was to hold it: editors open many files that are none of ours.
    pub fn holds_rules(&self) -> bool {
        let reading = self.reading();
        if !reading.rules.is_empty()
            || matches!(self.kind, DocumentKind::Rules { .. } | DocumentKind::Configuration(Some(_)))
        {
            return true;
        }
        let tells = ["_statements:", "_conditions:", "transform:", "transform/", "filter:", "filter/"];
        if reading.is_broken {
            return tells.iter().any(|word| self.text.contains(word));
        }
        let silent = [Code::UNRECOGNIZED_CONFIGURATION, Code::WITHOUT_RULES];
        !reading.is_foreign || self.diagnostics().iter().any(|found| !silent.contains(&found.code))
    }

    pub(super) fn reading(&self) -> &Reading {
        self.reading.get_or_init(|| {
            let read = |text: &str| on_own_stack(|| Reading::new(&self.compiler, self.kind, text));
            let reading = read(&self.text);
            let at = self.touched.filter(|_| reading.is_broken);
            // While somebody writes, it is their line that is not YAML yet.
            let mended = at.and_then(|at| super::site::without_line(&self.text, at));
            match mended.map(|text| read(&text)) {
                Some(mended) if !mended.is_broken => Reading { is_broken: true, ..mended },
                _ => reading,
            }
        })
    }

    /// The edits that make this text another one.
    pub(super) fn edits_to(&self, other: &str) -> Vec<TextEdit> {
        super::edits::between(&self.text, other)
    }
}
