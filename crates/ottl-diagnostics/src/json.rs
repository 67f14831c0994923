//! Diagnostics as records for machines.
//!
//! The form is stable: fields may be added, never renamed or removed. Any serde format can write it.

use serde::Serialize;

use crate::{Diagnostic, Fix, Severity, Span, locate};

/// A diagnostic with its place in a file, ready to be serialized.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record<'a> {
    /// The file, as the caller names it.
    pub file: &'a str,
    /// The code, for instance `E0102`.
    pub code: &'static str,
    /// The fault's name, for instance `unexpected-token`.
    pub name: &'static str,
    /// `error`, `warning` or `hint`; a warning that is denied is an error.
    pub severity: Severity,
    /// Whether the reference takes this and only this implementation does not.
    pub unsupported: bool,
    /// The byte range in the file, half-open.
    pub range: Span,
    /// Line of the first byte, from 1.
    pub line: u32,
    /// Column of the first byte in characters, from 1.
    pub column: u32,
    /// Line of the end of the range, from 1.
    pub end_line: u32,
    /// Column behind the last character of the range, from 1.
    pub end_column: u32,
    /// What is wrong.
    pub message: &'a str,
    /// What is wrong at that place, if it says more than the message.
    pub label: Option<&'a str>,
    /// What to write instead, in words.
    pub help: Option<&'a str>,
    /// What to write instead, as an edit.
    pub fix: Option<Edit<'a>>,
    /// The data set that is missing, by its name; left out unless that is the fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<&'static str>,
    /// A link to the code's page, or the command that prints it ([`crate::Code::page`]).
    pub page: String,
}

/// A replacement of a byte range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Edit<'a> {
    /// The byte range to replace; empty to insert.
    pub range: Span,
    /// What to put there; empty to delete.
    pub replacement: &'a str,
}

impl<'a> Record<'a> {
    /// The record of a diagnostic whose spans are offsets in `text`, the contents of `file`.
    pub fn new(diagnostic: &'a Diagnostic, file: &'a str, text: &str) -> Self {
        let (place, end) = (locate(text, diagnostic.span.start), locate(text, diagnostic.span.end));
        Record {
            file,
            code: diagnostic.code.as_str(),
            name: diagnostic.code.name(),
            severity: diagnostic.severity(),
            unsupported: diagnostic.code.is_unsupported(),
            range: diagnostic.span,
            line: place.line,
            column: place.column,
            end_line: end.line,
            end_column: end.column,
            message: &diagnostic.message,
            label: diagnostic.label.as_deref(),
            help: diagnostic.help.as_deref(),
            fix: diagnostic.fix.as_ref().map(|Fix { span, replacement }| Edit { range: *span, replacement }),
            data: diagnostic.data,
            page: diagnostic.code.page(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Record;
    use crate::{Code, Diagnostic, Span};

    #[test]
    fn every_field_is_there() {
        let text = "a\n\u{e9}b = 1";
        let diagnostic = Diagnostic::new(Code::ASSIGNMENT_AS_COMPARISON, Span::new(6, 7), "`=` does not compare")
            .help("compare")
            .fix(Span::new(6, 7), "==");
        let json = serde_json::to_string(&Record::new(&diagnostic, "rules.yaml", text)).expect("plain data");
        assert_eq!(
            json,
            r#"{"file":"rules.yaml","code":"E0115","name":"assignment-as-comparison","severity":"error","unsupported":false,"range":{"start":6,"end":7},"line":2,"column":4,"end_line":2,"end_column":5,"message":"`=` does not compare","label":null,"help":"compare","fix":{"range":{"start":6,"end":7},"replacement":"=="},"page":"ottl explain E0115"}"#
        );
    }
}
