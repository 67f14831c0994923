//! [`Site`]: the rule that a place of a document is in, as it is written so far.
//!
//! A rule that is being written is often no YAML yet: its quote is not closed, or there is only the dash of its item. Then the line
//! is read without YAML, and a word in its place tells in which list it stands.

use ottl_diagnostics::Span;
use ottl_schema::{ContextId, context};

use crate::config::ScalarStyle;
use crate::stack::on_own_stack;
use crate::{Compiler, RuleKind, Signal};

use super::cursor::Cursor;
use super::reading::{Group, Reading, Rule};
use super::{Document, DocumentKind};

/// How a text is written in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quoting {
    /// As it is.
    None,
    /// In YAML without quotes, where a colon or a `#` beside a blank would end the text.
    Plain,
    Single,
    Double,
    /// In a text of the file that has escapes of its own.
    Unknown,
}

impl Quoting {
    /// A text as it is written there; none if that is not known.
    pub fn write(self, text: &str) -> Option<String> {
        match self {
            Quoting::None => Some(text.to_owned()),
            Quoting::Plain => (!text.contains(": ") && !text.contains(" #")).then(|| text.to_owned()),
            Quoting::Single => Some(text.replace('\'', "''")),
            Quoting::Double => Some(text.replace('\\', "\\\\").replace('"', "\\\"")),
            Quoting::Unknown => (!text.contains(['"', '\'', '\\', '\n'])).then(|| text.to_owned()),
        }
    }
}

/// A place in a rule.
#[derive(Debug)]
pub(super) struct Site {
    pub group: Group,
    pub kind: RuleKind,
    /// The context that the rule runs in; none if nothing tells it yet.
    pub context: Option<ContextId>,
    pub quoting: Quoting,
    /// The rule as it is written, blanks in front of the place included.
    pub text: String,
    /// The place in it.
    pub at: usize,
    pub cursor: Cursor,
    /// The same place in the document.
    offset: u32,
}

impl Site {
    /// The range of the document for a range of the rule around the place; empty where the document has something else there.
    pub fn range(&self, document: &str, start: usize, end: usize) -> Span {
        let part = |from: usize, to: usize| self.text.get(from..to).unwrap_or_default();
        let (before, after) = (part(start, self.at), part(self.at, end));
        let offset = self.offset as usize;
        let written_before = offset.checked_sub(before.len()).and_then(|from| document.get(from..offset));
        let from = if written_before == Some(before) { offset - before.len() } else { offset };
        let to = if document.get(offset..offset + after.len()) == Some(after) { offset + after.len() } else { offset };
        Span::new(from as u32, to as u32)
    }

    /// Whether the place is in a list of conditions, where functions may be others than in statements.
    pub fn is_condition(&self) -> bool {
        self.kind != RuleKind::Statement
    }

    /// The contexts that paths of the rule may begin with, the likely ones first.
    pub fn contexts(&self, compiler: &Compiler) -> Vec<ContextId> {
        let mut out: Vec<ContextId> = self.context.map(|id| context(id).reaches.to_vec()).unwrap_or_default();
        if self.group.configured.is_none() {
            // Another path may still make it another context.
            let filter = self.group.is_filter;
            let all: Vec<ContextId> = compiler.rules.contexts_of(self.group.signal, filter).collect();
            let mut deepest_first = all;
            deepest_first.sort_by_key(|id| std::cmp::Reverse(id.depth()));
            for id in deepest_first {
                let new = context(id).reaches.iter().filter(|id| !out.contains(id)).copied().collect::<Vec<_>>();
                out.extend(new);
            }
        }
        out
    }
}

impl Document {
    /// The rule that a place is in, or that would be written there.
    pub(super) fn site(&self, at: u32) -> Option<Site> {
        let mut offset = (at as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let reading = self.reading();
        let at = offset as u32;
        match self.kind {
            DocumentKind::Rules { kind, signal, context } => {
                let found = reading.rules.iter().rev().find(|rule| rule.span.start <= at);
                let found = found.filter(|rule| is_beside(&self.text, rule, at));
                Some(found.map(|rule| self.site_in(reading, rule, at)).unwrap_or_else(|| {
                    // A line without a rule so far.
                    let signal = signal.or(reading.groups.first().map(|group| group.signal)).unwrap_or(Signal::Logs);
                    let kind = kind.unwrap_or(RuleKind::Statement);
                    let group = Group {
                        owner: String::new(),
                        key: Span::default(),
                        signal,
                        configured: context,
                        is_filter: kind != RuleKind::Statement,
                        is_check: false,
                    };
                    let told = reading.rules.iter().find(|rule| rule.kind == kind);
                    Site {
                        group,
                        kind,
                        context: context.or_else(|| told.and_then(|rule| reading.context(&self.compiler, rule))),
                        quoting: Quoting::None,
                        text: String::new(),
                        at: 0,
                        cursor: Cursor::new("", 0, kind),
                        offset: at,
                    }
                }))
            }
            DocumentKind::Configuration(_) => {
                if !reading.is_broken
                    && let Some(rule) = reading.rules.iter().rev().find(|rule| rule.span.start <= at)
                    && is_beside(&self.text, rule, at)
                {
                    return Some(self.site_in(reading, rule, at));
                }
                self.site_on_line(at)
            }
        }
    }

    /// A place in a rule that was read, or behind it.
    fn site_in(&self, reading: &Reading, rule: &Rule, at: u32) -> Site {
        let mut text = rule.text.as_str().to_owned();
        let mut place = rule.text.bytes_before(at);
        let end = rule.content_end(&self.text);
        if at > end {
            // Blanks in front of the place are none of the text, and tell a word that is finished from one that is not.
            let blanks = self.text.get(end as usize..at as usize).unwrap_or_default();
            text.truncate(text.trim_end().len());
            text.push_str(blanks);
            place = text.len();
        }
        let quoting = match rule.style {
            _ if rule.is_rewritten => Quoting::Unknown,
            Some(ScalarStyle::SingleQuoted) => Quoting::Single,
            Some(ScalarStyle::DoubleQuoted) => Quoting::Double,
            Some(ScalarStyle::Plain) => Quoting::Plain,
            _ => Quoting::None,
        };
        Site {
            group: reading.groups[rule.group].clone(),
            kind: rule.kind,
            context: reading.context(&self.compiler, rule),
            quoting,
            cursor: Cursor::new(&text, place, rule.kind),
            text,
            at: place,
            offset: at,
        }
    }

    /// A place on a line whose content is no rule yet.
    fn site_on_line(&self, at: u32) -> Option<Site> {
        let line = Line::at(&self.text, at as usize)?;
        let content = &self.text[line.content.clone()];
        if is_comment(&self.text[line.content.start..at as usize]) {
            return None;
        }
        let patched = without_line(&self.text, at)?;
        let reading = on_own_stack(|| Reading::new(&self.compiler, self.kind, &patched));
        if is_glued(&self.text, &line) {
            return None;
        }
        let start = line.content.start as u32;
        let found = reading.rules.iter().position(|rule| rule.span.start == start)?;
        let quoting = match content.as_bytes().first() {
            Some(b'\'') => Quoting::Single,
            Some(b'"') => Quoting::Double,
            _ => Quoting::Plain,
        };
        let (kind, group) = (reading.rules[found].kind, reading.rules[found].group);
        let (before, after) = content.split_at((at as usize).saturating_sub(line.content.start).min(content.len()));
        let mut text = unquoted(before, quoting);
        let place = text.len();
        text.push_str(&unquoted_rest(after, quoting));
        // The word stands for what is written: the context is told by both.
        let rule = Rule { text: super::reading::plain(&text, start), ..reading.rules[found].clone() };
        let mut rules = reading.rules;
        rules[found] = rule.clone();
        let reading = Reading { rules, ..Reading { groups: reading.groups, ..Reading::default() } };
        Some(Site {
            group: reading.groups[group].clone(),
            kind,
            context: reading.context(&self.compiler, &rule),
            quoting,
            cursor: Cursor::new(&text, place, kind),
            text,
            at: place,
            offset: at,
        })
    }
}

/// Whether a place is in a rule, or behind it with nothing but blanks between.
fn is_beside(document: &str, rule: &Rule, at: u32) -> bool {
    let end = rule.content_end(document);
    if at <= end {
        return true;
    }
    let gap = document.get(end as usize..at as usize).unwrap_or("-");
    match rule.style {
        Some(ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) => false,
        Some(ScalarStyle::Literal | ScalarStyle::Folded) => {
            // Lines of a block are indented as deep as its first.
            let column = |at: usize| at - document[..at].rfind('\n').map_or(0, |start| start + 1);
            let first = rule.text.begin() as usize;
            gap.trim().is_empty() && (!gap.contains('\n') || column(at as usize) >= column(first.min(document.len())))
        }
        _ => gap.chars().all(|c| matches!(c, ' ' | '\t')),
    }
}

/// A line of YAML that is an item of a list, or the value of a key.
#[derive(Debug)]
struct Line {
    /// What stands behind the dash or the key, without the end of the line.
    content: std::ops::Range<usize>,
}

impl Line {
    fn at(text: &str, at: usize) -> Option<Line> {
        let start = text[..at].rfind('\n').map_or(0, |before| before + 1);
        let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let line = text[start..end].trim_end_matches('\r');
        let mut rest = line.trim_start_matches(' ');
        let mut is_value = false;
        while let Some(behind) = rest.strip_prefix('-')
            && (behind.is_empty() || behind.starts_with(' '))
        {
            is_value = true;
            rest = behind.trim_start_matches(' ');
        }
        let name = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
        if name.len() < rest.len()
            && let Some(behind) = name.strip_prefix(':')
            && (behind.is_empty() || behind.starts_with(' '))
        {
            is_value = true;
            rest = behind.trim_start_matches(' ');
        }
        let content = start + line.len() - rest.len()..start + line.len();
        (is_value && at >= content.start).then_some(Line { content })
    }
}

/// A text whose line at a place has a word instead of its content, which no YAML can fault. Places stay where they are, but for
/// those behind a line without content.
pub(super) fn without_line(text: &str, at: u32) -> Option<String> {
    let line = Line::at(text, (at as usize).min(text.len()))?;
    let blanks = line.content.len().saturating_sub(1);
    let word = if is_glued(text, &line) { " x" } else { "x" };
    Some(format!("{}{word}{}{}", &text[..line.content.start], " ".repeat(blanks), &text[line.content.end..]))
}

/// Whether a comment begins in a line of YAML: at its start or behind a blank, and not in quotes that begin the line.
pub(super) fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    let quote = line.chars().next().filter(|first| matches!(first, '\'' | '"'));
    // Two single quotes are one of the text, behind which it goes on as behind the first.
    let (mut open, mut escaped, mut blank) = (quote.is_some(), false, true);
    for c in line.chars().skip(usize::from(open)) {
        if quote == Some(c) && !escaped {
            open = !open;
        } else if !open && blank && c == '#' {
            return true;
        }
        escaped = open && c == '\\' && quote == Some('"') && !escaped;
        blank = c == ' ' || c == '\t';
    }
    false
}

/// Whether there is no blank between a dash or key and the content, so that a word there would be a part of it.
fn is_glued(text: &str, line: &Line) -> bool {
    text[..line.content.start].ends_with(['-', ':'])
}

/// The inside of a scalar that begins here and need not end.
fn unquoted(text: &str, quoting: Quoting) -> String {
    match quoting {
        Quoting::Single => text.get(1..).unwrap_or_default().replace("''", "'"),
        Quoting::Double => {
            text.get(1..).unwrap_or_default().replace("\\\"", "\"").replace("\\\\", "\\").replace("\\n", "\n")
        }
        _ => text.to_owned(),
    }
}

/// The rest of a scalar behind a place, up to its closing quote.
fn unquoted_rest(text: &str, quoting: Quoting) -> String {
    match quoting {
        Quoting::Single => text.trim_end().trim_end_matches('\'').replace("''", "'"),
        Quoting::Double => {
            let text = text.trim_end();
            let inside = text.strip_suffix('"').filter(|inside| !inside.ends_with('\\')).unwrap_or(text);
            inside.replace("\\\"", "\"").replace("\\\\", "\\")
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_give_their_content() {
        for (text, at, want) in [
            ("a:\n  - set(x", 11, Some("set(x")),
            ("a:\n  - ", 7, Some("")),
            ("a:\n  -", 6, Some("")),
            ("  - statement: route() where", 20, Some("route() where")),
            ("  condition: \r\nb: 1", 13, Some("")),
            ("  log_statements", 10, None),
            ("  - set(log.body, 1)", 2, None),
        ] {
            let found = Line::at(text, at).map(|line| &text[line.content]);
            assert_eq!(found, want, "{text}");
        }
        assert_eq!(without_line("a:\n  - 'x\nb: 1", 8).as_deref(), Some("a:\n  - x \nb: 1"));
        assert_eq!(without_line("a:\n  -\nb: 1", 6).as_deref(), Some("a:\n  - x\nb: 1"));
    }

    #[test]
    fn comments_begin_behind_a_blank_and_not_in_quotes() {
        for (line, want) in [
            ("# a", true),
            ("set(log.body, \"a\") # ", true),
            ("set(log.body, \"a#b", false),
            ("'set(log.body, \"a #", false),
            ("'it''s #", false),
            ("'it''s' #", true),
            (r#""a \" #"#, false),
            (r#""a \"" #"#, true),
            ("", false),
        ] {
            assert_eq!(is_comment(line), want, "{line}");
        }
    }

    #[test]
    fn texts_are_written_as_their_quotes_want() {
        let text = "a[\"it's\"]\\";
        assert_eq!(Quoting::None.write(text).as_deref(), Some(text));
        assert_eq!(Quoting::Single.write(text).as_deref(), Some("a[\"it''s\"]\\"));
        assert_eq!(Quoting::Double.write(text).as_deref(), Some("a[\\\"it's\\\"]\\\\"));
        assert_eq!(Quoting::Plain.write(text).as_deref(), Some(text));
        assert_eq!(Quoting::Plain.write("a[\"b: c\"]"), None);
        assert_eq!(Quoting::Plain.write("a[\"b #c\"]"), None);
        assert_eq!(Quoting::Unknown.write(text), None);
    }
}
