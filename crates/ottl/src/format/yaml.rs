//! Statements and conditions inside YAML: found by the library, wherever the file keeps them, and replaced in place.
//!
//! INVARIANT: the new file has the events of the old one but for the texts that were replaced, also inside of texts that hold YAML
//! themselves; that is checked before anybody sees it.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser};
use ottl_diagnostics::{Code, locate};

use super::{Formatted, StandardForm, Unformatted, standard_form, width};
use crate::{Compiler, RuleText, TextStyle};

/// Texts inside each other that are compared.
const TEXTS: usize = 4;

/// A configuration with its statements in the standard form, in lines of a width if there is one; the error says why the file cannot
/// be read.
pub(super) fn format(compiler: &Compiler, file: &str, width: Option<usize>) -> Result<Formatted, String> {
    let texts = texts(compiler, file)?;
    let mut out = String::with_capacity(file.len());
    let (mut left, mut wanted, mut replaced) = (Vec::new(), Vec::new(), HashMap::new());
    let mut done = 0;
    for text in &texts {
        let value = text.text();
        wanted.push(joined(value));
        let stays = |why: String, is_error| Unformatted { at: locate(file, text.range().start as u32), why, is_error };
        let form = match standard_form(value, Some(text.kind())) {
            StandardForm::Text(form) => form,
            StandardForm::Left { why, is_error, .. } => {
                left.push(stays(why, is_error));
                continue;
            }
        };
        // Who breaks lines where the standard form has a blank may keep them: no text of OTTL goes over a line's end.
        if width.is_none() && joined(value) == form {
            continue;
        }
        match replacement(file, text, &form, width).filter(|(range, _)| range.start >= done && text.is_editable()) {
            Some((range, new)) => {
                out.push_str(&file[done..range.start]);
                out.push_str(&new);
                done = range.end;
                wanted.pop();
                wanted.push(form.clone());
                replaced.insert(value.trim().to_owned(), form);
            }
            None if joined(value) == form => {}
            None => left.push(stays("stays as it is: there is no safe way to write it here".to_owned(), false)),
        }
    }
    out.push_str(&file[done..]);
    if out != file {
        let again = self::texts(compiler, &out).unwrap_or_default();
        let is_same = again.iter().map(|text| joined(text.text())).eq(wanted);
        if !is_same || !same_events(file, &out, &replaced, 0) {
            return Err("cannot be rewritten without changing more than its statements; it stays as it is".to_owned());
        }
    }
    Ok(Formatted { text: out, left })
}

/// A text in one line.
fn joined(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The texts of a file; the error says why there are none.
fn texts(compiler: &Compiler, file: &str) -> Result<Vec<RuleText>, String> {
    let found = compiler.rule_texts(file).map_err(|error| {
        let diagnostics = error.diagnostics();
        let first = diagnostics.records().find(|record| record.code.starts_with('E'));
        match first {
            Some(first) => format!("line {}, column {}: {}", first.line, first.column, first.message),
            None => diagnostics.to_string(),
        }
    })?;
    if found.is_empty() && compiler.check(file).iter().any(|fault| fault.code == Code::WITHOUT_RULES) {
        return Err("there is no OTTL in this file".to_owned());
    }
    Ok(found)
}

/// Whether two YAML texts say the same but for replaced scalars.
fn same_events(old: &str, new: &str, replaced: &HashMap<String, String>, depth: usize) -> bool {
    let options = || granit_parser::options! { emit_comments: false };
    let mut others = Parser::new_from_str_with_options(new, options());
    for event in Parser::new_from_str_with_options(old, options()) {
        let (Ok((one, _)), Some(Ok((other, _)))) = (event, others.next()) else { return false };
        let is_same = match (&one, &other) {
            (Event::Scalar(value, ..), Event::Scalar(written, ..)) => {
                let form = replaced.get(value.trim());
                // A block keeps the line break at its end, which means nothing to OTTL.
                value == written
                    || form.is_some_and(|form| *form == joined(written))
                    || depth < TEXTS && value.contains('\n') && same_events(value, written, replaced, depth + 1)
            }
            (one, other) => one == other,
        };
        if !is_same {
            return false;
        }
    }
    others.next().is_none()
}

/// What to put where, so that the scalar's value is `form` in the style it has.
fn replacement(file: &str, text: &RuleText, form: &str, width: Option<usize>) -> Option<(Range<usize>, String)> {
    if form.chars().any(|c| c.is_control() && c != '\t' && c != '\n') {
        return None;
    }
    let one_line = !form.contains('\n');
    let range = match text.style() {
        TextStyle::Literal | TextStyle::Folded => block_content(file, text.range().start)?,
        _ => text.range(),
    };
    let line = file[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let before = &file[line..range.start];
    let column = before.chars().count();
    let is_item = before.chars().all(|c| matches!(c, ' ' | '-'));
    // Inside of brackets and braces, lines are left to their author.
    let can_break = one_line && text.range() != (0..file.len()) && !before.contains(['[', '{', ',', '&', '*', '!']);
    let indent = match text.style() {
        TextStyle::Folded => column,
        _ if is_item => column + 2,
        _ => before.len() - before.trim_start_matches([' ', '-']).len() + 4,
    };
    let lines: Vec<(String, &str)> = match width {
        Some(width) if can_break => {
            // Quotes take a character at either end.
            let room = |column: usize| width.saturating_sub(column + 1).max(1);
            let indent_of_all = |line| (" ".repeat(indent), line);
            width::lines(form, room(column), room(indent)).into_iter().map(indent_of_all).collect()
        }
        None if can_break => width::as_written(form, &unquoted(&file[range.clone()], text.style()))
            .unwrap_or(vec![(String::new(), form)]),
        _ => vec![(String::new(), form)],
    };
    let end = if file.contains("\r\n") { "\r\n" } else { "\n" };
    let join = |escape: &dyn Fn(&str) -> String| {
        let mut out = String::new();
        for (number, (indent, line)) in lines.iter().enumerate() {
            if number > 0 {
                out.push_str(end);
                out.push_str(indent);
            }
            out.push_str(&escape(line));
        }
        out
    };
    let single = || one_line.then(|| format!("'{}'", join(&|line| line.replace('\'', "''"))));
    let new = match text.style() {
        TextStyle::Plain if is_plain(form) => join(&str::to_owned),
        TextStyle::Plain | TextStyle::SingleQuoted => single()?,
        TextStyle::DoubleQuoted => {
            let escape =
                |line: &str| line.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t");
            format!("\"{}\"", join(&escape))
        }
        TextStyle::Literal | TextStyle::Folded => one_line.then(|| join(&str::to_owned))?,
    };
    Some((range, new))
}

/// What a scalar says, with the lines that it is written in; nothing where that takes more than quotes away.
fn unquoted(written: &str, style: TextStyle) -> String {
    let inner = |quote: char| written.strip_prefix(quote).and_then(|text| text.strip_suffix(quote)).unwrap_or_default();
    match style {
        TextStyle::Plain | TextStyle::Literal | TextStyle::Folded => written.to_owned(),
        TextStyle::SingleQuoted => inner('\'').replace("''", "'"),
        TextStyle::DoubleQuoted => {
            let (mut out, mut chars) = (String::new(), inner('"').chars());
            while let Some(c) = chars.next() {
                match c {
                    '\\' => match chars.next() {
                        Some(escaped @ ('"' | '\\')) => out.push(escaped),
                        _ => return String::new(),
                    },
                    c => out.push(c),
                }
            }
            out
        }
    }
}

/// Whether a text can stand without quotes: it starts with a letter and holds nothing that YAML would see.
fn is_plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(':')
        && ![": ", " #", "\n", "\t"].iter().any(|special| text.contains(special))
}

/// The content of a block scalar, from its first letter to its last; `start` is in its first line or its header.
fn block_content(file: &str, start: usize) -> Option<Range<usize>> {
    // No statement or condition starts like a header.
    let begin = match file[start..].starts_with(['|', '>']) {
        true => start + file[start..].find('\n')? + 1,
        false => file[..start].rfind('\n')? + 1,
    };
    let mut content: Option<(usize, usize, usize)> = None;
    let mut at = begin;
    for line in file[begin..].split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let end = at + line.trim_end().len();
        if !line.trim().is_empty() {
            match &mut content {
                None => content = Some((indent, at + indent, end)),
                Some((first, _, last)) if indent >= *first => *last = end,
                Some(_) => break,
            }
        }
        at += line.len();
    }
    content.map(|(_, from, to)| from..to)
}

#[cfg(test)]
mod tests {
    use super::{Compiler, Formatted};

    fn format(file: &str, width: Option<usize>) -> Result<Formatted, String> {
        super::format(&Compiler::new(), file, width)
    }

    fn formatted(file: &str) -> String {
        format(file, None).expect("YAML").text
    }

    #[test]
    fn every_style_keeps_its_style_and_its_surroundings() {
        let rows = [
            ("log_statements:\n- set(log.body,1) # why\n", "log_statements:\n- set(log.body, 1) # why\n"),
            ("log_statements: ['set(log.body,\"it''s\")']\n", "log_statements: ['set(log.body, \"it''s\")']\n"),
            (
                "log_statements: [\"set(log.body,\\\"\\\\\\\\d\\\")\"]",
                "log_statements: [\"set(log.body, \\\"\\\\\\\\d\\\")\"]",
            ),
            (
                "log_statements:\n  - statements:\n      - |\n        set( log.body,\n            1)\n        where true\n\n  # next\n  - set(log.body, 2)\n",
                "log_statements:\n  - statements:\n      - |\n        set(log.body,\n            1)\n        where true\n\n  # next\n  - set(log.body, 2)\n",
            ),
            (
                "log_statements:\n  - context: log\n    conditions: [ body==1 ]\n    statements:\n      - >-\n        set(body\n        ,1)\n    error_mode: ignore",
                "log_statements:\n  - context: log\n    conditions: [ body == 1 ]\n    statements:\n      - >-\n        set(body, 1)\n    error_mode: ignore",
            ),
            ("traces:\n  span:\n  - name==\"a\"\n", "traces:\n  span:\n  - name == \"a\"\n"),
            (
                "log_statements:\n- set(log.body\n    ,1)\n- set(log.body,\"a:b\")\n",
                "log_statements:\n- set(log.body, 1)\n- set(log.body, \"a:b\")\n",
            ),
            (
                "processors:\n  filter/x:\n    log_conditions: &c\n      - log.body==1\n  other:\n    log_conditions:\n      - a==b\n  filter/y:\n    log_conditions: *c\n",
                "processors:\n  filter/x:\n    log_conditions: &c\n      - log.body == 1\n  other:\n    log_conditions:\n      - a==b\n  filter/y:\n    log_conditions: *c\n",
            ),
            (
                "log_statements:\n- |\n  set(log.body,\n    1)\n  where true\n",
                "log_statements:\n- |\n  set(log.body,\n    1)\n  where true\n",
            ),
            (
                "transform/x:\n  log_statements:\n  - set(log.body,1)\n",
                "transform/x:\n  log_statements:\n  - set(log.body, 1)\n",
            ),
            ("log_statements:\r\n- set(log.body,1)\r\n", "log_statements:\r\n- set(log.body, 1)\r\n"),
        ];
        for (file, expected) in rows {
            assert_eq!(formatted(file), expected);
            assert_eq!(formatted(expected), expected, "the form is stable");
        }
    }

    #[test]
    fn lines_of_their_author_stay() {
        for (file, want) in [
            (
                "log_statements:\n  - set(log.body,\n      \"a\")\n      where log.body==1\n",
                "log_statements:\n  - set(log.body,\n      \"a\")\n      where log.body == 1\n",
            ),
            (
                "log_statements:\n  - |\n    set(log.body,1)\n      where log.body==1\n  - set(log.body,1)\n",
                "log_statements:\n  - |\n    set(log.body, 1)\n      where log.body == 1\n  - set(log.body, 1)\n",
            ),
            (
                "log_statements:\n  - >-\n    set(\n      log.body,\n      1\n    ) where log.body==1\n",
                "log_statements:\n  - >-\n    set(log.body,\n      1) where log.body == 1\n",
            ),
            (
                "log_statements:\n  - 'set(log.body,\"it''s\")\n    where log.body==1'\n",
                "log_statements:\n  - 'set(log.body, \"it''s\")\n    where log.body == 1'\n",
            ),
            (
                "log_statements:\n  - \"set(log.body,\\\"x\\\")\n    where log.body==1\"\n",
                "log_statements:\n  - \"set(log.body, \\\"x\\\")\n    where log.body == 1\"\n",
            ),
            // What is written in another way has its own line.
            (
                "log_statements:\n  - set(log.body, 1)\n      where (log.body == 1)\n",
                "log_statements:\n  - set(log.body, 1) where log.body == 1\n",
            ),
        ] {
            assert_eq!(formatted(file), want);
            assert_eq!(formatted(want), want, "the form is stable");
        }
    }

    #[test]
    fn what_cannot_be_parsed_stays_and_is_named() {
        let file = "log_statements:\n- set(log.body\n- set(log.body,1)\n- set(log.body, 2) where log.body<${env:A}\n";
        let formatted = format(file, None).expect("YAML");
        assert_eq!(formatted.text, file.replace("y,1", "y, 1"));
        let places: Vec<(u32, bool)> = formatted.left.iter().map(|left| (left.at.line, left.is_error)).collect();
        assert_eq!(places, [(2, true), (4, false)]);
        assert!(format("a: [", None).is_err());
    }

    #[test]
    fn what_holds_no_ottl_is_an_error() {
        for file in ["set(log.body", "a: b\n", "receivers: {}\nexporters: {}\n", "{{ x }}: [\n", "[1]"] {
            assert!(format(file, None).is_err(), "{file}");
        }
        assert!(format("log_statements: []\n", None).is_ok());
    }

    #[test]
    fn texts_are_found_under_any_nesting() {
        let rules = |by: &str, text: &str| {
            format!(
                "{by}processors:\n{by}  tail_sampling:\n{by}    policies: [{{ottl_condition: {{span: ['{text}']}}}}]\n{by}connectors:\n{by}  count: {{logs: {{n: {{conditions: ['{text}']}}}}}}\n{by}  routing:\n{by}    table:\n{by}      - statement: route() where  attributes[\"a\"]==1\n{by}  signaltometrics: {{spans: [{{sum: {{value: 'Int(1)+2'}}}}]}}\n"
            )
        };
        for head in ["", "spec:\n  config:\n", "data:\n  relay: |\n"] {
            let by = if head.is_empty() { "" } else { "    " };
            let file = format!("{head}{}", rules(by, "name==\"x\""));
            let want = format!(
                "{head}{}",
                rules(by, "name == \"x\"")
                    .replace("where  attributes[\"a\"]==1", "where attributes[\"a\"] == 1")
                    .replace("Int(1)+2", "Int(1) + 2")
            );
            let done = format(&file, None).expect("YAML");
            assert_eq!((done.text.as_str(), &done.left[..]), (want.as_str(), &[][..]));
        }
        // In quotes, lines of a text are no lines of the file.
        let quoted = "data:\n  relay: \"processors:\\n  filter: {log_conditions: ['log.body==1']}\\n\"\n";
        let done = format(quoted, None).expect("YAML");
        assert_eq!((done.text.as_str(), done.left.len()), (quoted, 1));
    }

    #[test]
    fn long_statements_get_lines_that_yaml_joins() {
        let long = "set(log.attributes[\"a\"], \"it's\") where log.severity_number > 8 and log.body != nil";
        for (file, want) in [
            (
                format!("log_statements:\n  - {long}\n"),
                "log_statements:\n  - set(log.attributes[\"a\"], \"it's\")\n      where log.severity_number > 8\n      and log.body != nil\n",
            ),
            (
                format!("log_statements:\n  - '{}'\n", long.replace('\'', "''")),
                "log_statements:\n  - 'set(log.attributes[\"a\"], \"it''s\")\n      where log.severity_number > 8\n      and log.body != nil'\n",
            ),
            (
                format!("log_statements:\n  - >-\n    {long}\n"),
                "log_statements:\n  - >-\n    set(log.attributes[\"a\"], \"it's\")\n    where log.severity_number > 8\n    and log.body != nil\n",
            ),
            (
                format!("log_statements:\n  - |\n    {long}\n"),
                "log_statements:\n  - |\n    set(log.attributes[\"a\"], \"it's\")\n      where log.severity_number > 8\n      and log.body != nil\n",
            ),
            (format!("log_statements: ['{}']\n", long.replace('\'', "''")), ""),
        ] {
            let done = format(&file, Some(40)).expect("YAML").text;
            assert_eq!(done, if want.is_empty() { file.as_str() } else { want });
            assert_eq!(format(&done, Some(40)).expect("YAML").text, done, "the form is stable");
            let wide = format(&done, Some(200)).expect("YAML").text;
            assert_eq!(wide, file);
        }
    }
}
