//! What is wrong, where, and what to write instead.

use std::borrow::Cow;
use std::fmt;

use crate::{Code, Severity, Span, visible, visible_lines};

/// A place beside the main one, with a word on what it has to do with the fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What stands there.
    pub text: String,
}

/// A change of the text that removes the fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The range to replace.
    pub span: Span,
    /// What to put there.
    pub replacement: String,
}

impl Fix {
    /// The edit as a sentence: ``fix: replace `a` with `b` ``. `text` is the text that it edits.
    pub fn in_words(&self, text: &str) -> String {
        let old = self.span.of(text);
        let replacement = visible_lines(&self.replacement);
        match (old.is_empty(), replacement.is_empty()) {
            (true, _) => format!("fix: insert `{replacement}`"),
            (false, true) => format!("fix: remove `{old}`"),
            (false, false) => format!("fix: replace `{old}` with `{replacement}`"),
        }
    }
}

/// One fault found in a text: what (message), where (span and label), what to do (help, fix).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code; it names the fault and fixes the severity.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where, in bytes of the text that was compiled.
    pub span: Span,
    /// What is wrong at that place, if it says more than the message.
    pub label: Option<String>,
    /// Other places that matter.
    pub others: Vec<Label>,
    /// What to write instead, in words.
    pub help: Option<String>,
    /// What to write instead, as an edit.
    pub fix: Option<Fix>,
    /// The data set that is missing, by its name, if that is the fault.
    pub data: Option<&'static str>,
    /// Whether it is a warning that counts as an error, because somebody asked for that.
    pub denied: bool,
    /// Further places of the same, where it is told once for all of them.
    pub repeats: Vec<Span>,
}

impl Diagnostic {
    /// A diagnostic with no label, help or fix.
    #[cold]
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let message = message.into();
        Diagnostic {
            code,
            message,
            span,
            label: None,
            others: Vec::new(),
            help: None,
            fix: None,
            data: None,
            denied: false,
            repeats: Vec::new(),
        }
    }

    /// Adds what is wrong at the main place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn other(mut self, span: Span, text: impl Into<String>) -> Self {
        self.others.push(Label { span, text: text.into() });
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// Adds an edit that mends the fault.
    #[must_use]
    pub fn fix(mut self, span: Span, replacement: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, replacement: replacement.into() });
        self
    }

    /// Says which data set is missing.
    #[must_use]
    pub fn data(mut self, name: &'static str) -> Self {
        self.data = Some(name);
        self
    }

    /// Error or warning; a warning that is denied is an error.
    pub fn severity(&self) -> Severity {
        if self.denied { Severity::Error } else { self.code.severity() }
    }

    /// The same diagnostic with the control characters of its texts escaped; see [`crate::visible`]. Its fix is an edit, and stays.
    #[must_use]
    pub fn printable(mut self) -> Self {
        let others = self.others.iter_mut().map(|other| &mut other.text);
        let texts = [&mut self.message].into_iter().chain(&mut self.label).chain(&mut self.help).chain(others);
        for text in texts {
            if let Cow::Owned(visible) = visible(text) {
                *text = visible;
            }
        }
        self
    }

    /// The same diagnostic with every range sent through `map`, for instance from a statement to its file.
    #[must_use]
    pub fn map_spans(mut self, map: impl Fn(Span) -> Span) -> Self {
        self.span = map(self.span);
        for other in &mut self.others {
            other.span = map(other.span);
        }
        for repeat in &mut self.repeats {
            *repeat = map(*repeat);
        }
        if let Some(fix) = &mut self.fix {
            fix.span = map(fix.span);
        }
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]: {}", self.severity(), self.code, self.message)
    }
}
