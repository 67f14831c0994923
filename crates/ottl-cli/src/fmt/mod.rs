//! `ottl fmt`: statements and conditions in the standard form.
//!
//! - `yaml`: those of a configuration, and how they are put back; `width`: where long ones are broken.
//!
//! INVARIANT: what is written means what was read: a new text parses to the tree of the old one, holds the same
//! references to variables, and the YAML around it is the same byte for byte.

mod width;
mod yaml;

use ottl::syntax::{parse_condition, parse_statement, parse_value, print};
use ottl::{Diagnostic, Location};

use crate::args::FmtArguments;
use crate::failure::{Failure, Status};
use crate::rewrite::{self, Left, Mode, Rewritten, print_out};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Statement,
    Condition,
    Value,
}

/// What became of one text.
#[derive(Debug, PartialEq, Eq)]
enum Form {
    Standard(String),
    /// It stays, for a reason; the offset is the place in the text.
    Left {
        offset: u32,
        why: String,
        is_error: bool,
    },
}

/// Runs the verb.
pub fn fmt(arguments: &FmtArguments) -> Result<Status, Failure> {
    if let Some(text) = &arguments.statement {
        return one(text, arguments.check);
    }
    let mode = Mode::of(arguments.check, arguments.stdout, arguments.diff);
    rewrite::files(&arguments.files, mode, "not in the standard form", |name, text| {
        format(text, arguments.width).map_err(|why| Failure::Refused(format!("{name}: {why}")))
    })
}

/// A statement or condition from the command line.
fn one(text: &str, check: bool) -> Result<Status, Failure> {
    match standard_form(text, role_of(text)) {
        Form::Standard(form) if check => Ok(if form == text { Status::Done } else { Status::Failed }),
        Form::Standard(form) => print_out(&format!("{form}\n")),
        Form::Left { why, offset, .. } => Err(Failure::Refused(format!("column {}: {why}", offset + 1))),
    }
}

/// A file in the standard form; the error says why it cannot be read.
fn format(text: &str, width: Option<usize>) -> Result<Rewritten, String> {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    match first {
        Some(line) if matches!(standard_form(line, role_of(line)), Form::Standard(_)) => Ok(lines(text)),
        _ => yaml::format(text, width),
    }
}

/// A statement or condition a line.
fn lines(text: &str) -> Rewritten {
    let mut out = String::with_capacity(text.len());
    let mut left = Vec::new();
    for (number, whole) in text.split_inclusive('\n').enumerate() {
        let line = whole.trim();
        if line.is_empty() || line.starts_with('#') {
            out.push_str(whole);
            continue;
        }
        match standard_form(line, role_of(line)) {
            Form::Standard(form) => {
                out.push_str(&form);
                // The line keeps its end, whichever it is.
                out.push_str(&whole[whole.trim_end_matches(['\r', '\n']).len()..]);
            }
            Form::Left { offset, why, is_error } => {
                let indent = whole.len() - whole.trim_start().len();
                let before = &whole[..(indent + offset as usize).min(whole.len())];
                let column = before.chars().count() as u32 + 1;
                left.push(Left { at: Location { line: number as u32 + 1, column }, why, is_error });
                out.push_str(whole);
            }
        }
    }
    Rewritten { text: out, left }
}

/// Whether a text that stands alone is meant as a statement: it begins with an editor, which has a small letter, or it
/// is no condition.
fn role_of(text: &str) -> Role {
    if parse_statement(text).diagnostics.is_empty() || !parse_condition(text).diagnostics.is_empty() {
        Role::Statement
    } else {
        Role::Condition
    }
}

/// The tree's form and what is wrong with the text.
fn parsed(text: &str, role: Role) -> (String, Vec<Diagnostic>) {
    match role {
        Role::Statement => {
            let parsed = parse_statement(text);
            (print(&parsed.tree), parsed.diagnostics)
        }
        Role::Condition => {
            let parsed = parse_condition(text);
            (print(&parsed.tree), parsed.diagnostics)
        }
        Role::Value => {
            let parsed = parse_value(text);
            (print(&parsed.tree), parsed.diagnostics)
        }
    }
}

/// The standard form of a text, if it is certain to mean the same.
fn standard_form(text: &str, role: Role) -> Form {
    let (form, diagnostics) = parsed(text, role);
    if let Some(first) = diagnostics.first() {
        let has_reference = text.contains("${");
        let why = if has_reference {
            "stays as it is: it has to be expanded before it can be parsed".to_owned()
        } else {
            first.message.clone()
        };
        return Form::Left { offset: first.span.start, why, is_error: !has_reference };
    }
    let stays = |why: &str| Form::Left { offset: 0, why: format!("stays as it is: {why}"), is_error: false };
    if references(&form) != references(text) {
        return stays("in the standard form `$` would be expanded in another way");
    }
    let (again, diagnostics) = parsed(&form, role);
    if !diagnostics.is_empty() || again != form {
        return stays("its standard form would not be read as the same");
    }
    Form::Standard(form)
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
            let form = match standard_form(text, role_of(text)) {
                Form::Standard(form) => Some(form),
                Form::Left { .. } => None,
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
        let formatted = format(text, None).expect("statements");
        assert_eq!(formatted.text, "# first\r\n\r\nset(log.body, 1)\r\nlog.body == 2\nset(log.body\n");
        assert_eq!(formatted.left.len(), 1);
        assert_eq!((formatted.left[0].at.line, formatted.left[0].is_error), (5, true));
    }
}
