//! [`Compiler::format`]: statements and conditions in the standard form.
//!
//! - `yaml`: those of a configuration, and how they are put back; `width`: where long ones are broken.
//!
//! INVARIANT: what is written means what was read: a new text parses to the tree of the old one, holds the same
//! references to variables, and the YAML around it is the same byte for byte.

mod width;
mod yaml;

use ottl_diagnostics::{Diagnostic, Location};
use ottl_syntax::{parse_condition, parse_statement, parse_value, print};

use crate::{Compiler, RuleKind};

/// A file in the standard form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formatted {
    /// The file.
    pub text: String,
    /// What stays as it is in it.
    pub left: Vec<Unformatted>,
}

/// A text of a file that stays as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unformatted {
    /// Where it stands.
    pub at: Location,
    /// Why it stays.
    pub why: String,
    /// Whether the text is at fault.
    pub is_error: bool,
}

/// What became of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StandardForm {
    /// Its standard form.
    Text(String),
    /// It stays as it is.
    Left {
        /// The byte of the text that is to blame.
        offset: u32,
        /// Why.
        why: String,
        /// Whether the text is at fault.
        is_error: bool,
    },
}

impl Compiler {
    /// A file with its statements, conditions and values in the standard form, in lines of a width if there is one; everything else
    /// stays as it is, byte for byte. A file that is no YAML may also have a statement or condition on each line.
    ///
    /// ```
    /// let formatted = ottl::Compiler::new().format("log_statements:\n  - set(log.body,1)\n", None).unwrap();
    /// assert_eq!(formatted.text, "log_statements:\n  - set(log.body, 1)\n");
    /// ```
    ///
    /// # Errors
    /// Why the file cannot be read, or not be rewritten.
    pub fn format(&self, text: &str, width: Option<usize>) -> Result<Formatted, String> {
        format(self, text, width)
    }
}

/// A file in the standard form; the error says why it cannot be read.
fn format(compiler: &Compiler, text: &str, width: Option<usize>) -> Result<Formatted, String> {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    match first {
        Some(line) if matches!(standard_form(line, None), StandardForm::Text(_)) => Ok(lines(text)),
        _ => yaml::format(compiler, text, width),
    }
}

/// A statement or condition a line.
fn lines(text: &str) -> Formatted {
    let mut out = String::with_capacity(text.len());
    let mut left = Vec::new();
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let line = whole.trim();
        if line.is_empty() || line.starts_with('#') {
            out.push_str(whole);
            continue;
        }
        match standard_form(line, None) {
            StandardForm::Text(form) => {
                out.push_str(&form);
                // The line keeps its end, whichever it is.
                out.push_str(&whole[whole.trim_end_matches(['\r', '\n']).len()..]);
            }
            StandardForm::Left { offset, why, is_error } => {
                let indent = whole.len() - whole.trim_start().len();
                let before = &whole[..(indent + offset as usize).min(whole.len())];
                let column = before.chars().count() as u32 + 1;
                left.push(Unformatted { at: Location { line: number as u32 + 1, column }, why, is_error });
                out.push_str(whole);
            }
        }
    }
    Formatted { text: out, left }
}

/// Whether a text that stands alone is meant as a statement: it begins with an editor, which has a small letter, or it
/// is no condition.
fn kind_of(text: &str) -> RuleKind {
    if parse_statement(text).diagnostics.is_empty() || !parse_condition(text).diagnostics.is_empty() {
        RuleKind::Statement
    } else {
        RuleKind::Condition
    }
}

/// The tree's form and what is wrong with the text.
fn parsed(text: &str, kind: RuleKind) -> (String, Vec<Diagnostic>) {
    match kind {
        RuleKind::Statement => {
            let parsed = parse_statement(text);
            (print(&parsed.tree), parsed.diagnostics)
        }
        RuleKind::Condition => {
            let parsed = parse_condition(text);
            (print(&parsed.tree), parsed.diagnostics)
        }
        RuleKind::Value => {
            let parsed = parse_value(text);
            (print(&parsed.tree), parsed.diagnostics)
        }
    }
}

/// The standard form of a text, if it is certain to mean the same. Without a kind it is what the text says it is: a statement or a
/// condition.
///
/// ```
/// use ottl::{StandardForm, standard_form};
///
/// assert_eq!(standard_form("set(log.body,1)", None), StandardForm::Text(String::from("set(log.body, 1)")));
/// ```
pub fn standard_form(text: &str, kind: Option<RuleKind>) -> StandardForm {
    let kind = kind.unwrap_or_else(|| kind_of(text));
    let (form, diagnostics) = parsed(text, kind);
    if let Some(first) = diagnostics.first() {
        let has_reference = text.contains("${");
        let why = if has_reference {
            "stays as it is: it has to be expanded before it can be parsed".to_owned()
        } else {
            first.message.clone()
        };
        return StandardForm::Left { offset: first.span.start, why, is_error: !has_reference };
    }
    let stays = |why: &str| StandardForm::Left { offset: 0, why: format!("stays as it is: {why}"), is_error: false };
    if references(&form) != references(text) {
        return stays("in the standard form `$` would be expanded in another way");
    }
    let (again, diagnostics) = parsed(&form, kind);
    if !diagnostics.is_empty() || again != form {
        return stays("its standard form would not be read as the same");
    }
    StandardForm::Text(form)
}

/// What expansion may look at: each `$` with what follows it.
fn references(text: &str) -> Vec<&str> {
    let reach = |at: usize| {
        let rest = &text[at..];
        let end = match rest.strip_prefix("${") {
            Some(_) => rest.find('}').map_or(rest.len(), |end| end + 1),
            None => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
        };
        &rest[..end]
    };
    text.match_indices('$').map(|(at, _)| reach(at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_get_their_standard_form_or_stay() {
        let rows = [
            ("set( log.body ,\"x\" )where  true", Some("set(log.body, \"x\") where true")),
            ("log.body==1   and(IsMap( log.body ))", Some("log.body == 1 and IsMap(log.body)")),
            ("set(log.body, \"$$1 ${env:A}\")", Some("set(log.body, \"$$1 ${env:A}\")")),
            ("set(log.body, ", None),
            ("log.severity_number < ${env:MIN}", None),
        ];
        for (text, expected) in rows {
            let form = match standard_form(text, None) {
                StandardForm::Text(form) => Some(form),
                StandardForm::Left { .. } => None,
            };
            assert_eq!(form.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn references_are_what_expansion_sees() {
        assert_eq!(references("a$b ${env:X} $$1 $"), ["$b", "${env:X}", "$$", "$1", "$"]);
        assert_ne!(references("${env:A}"), references("${env: A}"));
    }

    #[test]
    fn a_file_of_statements_keeps_its_lines() {
        let text = "# first\r\n\r\n  set(log.body,1)\r\nlog.body==2\nset(log.body\n";
        let formatted = Compiler::new().format(text, None).expect("statements");
        assert_eq!(formatted.text, "# first\r\n\r\nset(log.body, 1)\r\nlog.body == 2\nset(log.body\n");
        assert_eq!(formatted.left.len(), 1);
        assert_eq!((formatted.left[0].at.line, formatted.left[0].is_error), (5, true));
    }
}
