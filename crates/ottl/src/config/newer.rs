//! Older forms in the newest one: the file with its edits, of which those of matchers from before OTTL are made here.
//!
//! INVARIANT: everything but the pairs that hold matchers stays byte for byte, and comments among those stand above what
//! takes their place.
//! Deliberately elsewhere: whether the edited file says the same (`migrate`).

use ottl_diagnostics::Span;
use ottl_plan::ErrorMode;
use ottl_schema::context;

use super::matchers::Stands;
use super::older::Translated;
use super::yaml::{Content, NodeId, Tree};
use super::{Configuration, Place};

/// The matchers of a signal in one processor.
#[derive(Debug)]
pub(crate) struct Matchers {
    /// The key of the newest form.
    newer: &'static str,
    /// The key that holds them.
    pub key: Span,
    /// Where its value ends; none where the value stands elsewhere.
    end: Option<u32>,
    /// Comments in it.
    comments: Vec<String>,
    /// Whether the body is written in braces.
    in_braces: bool,
    pub stands: Vec<Stands>,
}

impl Matchers {
    /// Matchers whose key stands in the first of several texts, which ends at `own`.
    pub fn new(form: Translated, tree: &Tree, texts: &str, own: u32) -> Matchers {
        let key = tree.nodes[form.key].span;
        let mut walk = Walk { tree, file: texts, at: key.end, comments: Vec::new(), takes_references: false };
        let end = walk.end(form.value).filter(|end| *end <= own);
        Matchers {
            newer: form.newer,
            key,
            end,
            comments: walk.comments,
            in_braces: opens(tree, form.body, texts),
            stands: form.stands,
        }
    }
}

/// Why older rules stay: parts of them are an alias, or were merged in.
pub(super) const ELSEWHERE: &str = "parts of it stand elsewhere in the file";

/// Why older rules stay: the lines around them are no plain ones.
pub(super) const UNSAFE: &str = "there is no safe way to write it here";

/// A range of the file and what takes its place.
#[derive(Clone, Debug)]
pub(crate) struct Edit {
    pub span: Span,
    pub text: String,
}

/// Whether a list or map is written in brackets or braces.
pub(super) fn opens(tree: &Tree, id: NodeId, file: &str) -> bool {
    matches!(file.as_bytes().get(tree.nodes[id].span.start as usize), Some(b'{' | b'['))
}

/// Goes through a value to its end in the file; none where a part of it stands elsewhere.
pub(super) struct Walk<'t> {
    pub tree: &'t Tree,
    pub file: &'t str,
    /// The end of the last scalar.
    pub at: u32,
    pub comments: Vec<String>,
    /// Whether a reference to a variable is a part like any other.
    pub takes_references: bool,
}

impl Walk<'_> {
    /// The value's end, without blanks and line breaks.
    pub fn end(&mut self, id: NodeId) -> Option<u32> {
        let node = &self.tree.nodes[id];
        if node.span.start < self.at {
            return None;
        }
        let mut last = node.span.start;
        match &node.content {
            Content::Expanded { .. } if !self.takes_references => return None,
            Content::Scalar(..) | Content::Expanded { .. } => {
                self.look(node.span.start);
                self.at = node.span.start + node.span.of(self.file).trim_end().len() as u32;
                return Some(self.at);
            }
            Content::List(items) => {
                for item in items {
                    last = self.end(*item)?;
                }
            }
            Content::Map(pairs) => {
                for (key, value) in pairs {
                    self.end(*key)?;
                    last = self.end(*value)?;
                }
            }
        }
        if opens(self.tree, id, self.file) {
            last = node.span.end;
            self.look(last);
            self.at = last;
        }
        Some(last)
    }

    /// Takes the comments between the last scalar and the next: there are only signs beside them.
    fn look(&mut self, next: u32) {
        let between = Span::new(self.at, next.max(self.at)).of(self.file);
        for line in between.lines() {
            let found =
                line.match_indices('#').find(|(at, _)| line[..*at].is_empty() || line[..*at].ends_with([' ', '\t']));
            self.comments.extend(found.map(|(at, _)| line[at..].trim_end().to_owned()));
        }
    }
}

/// Matchers that stay as they are, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Left {
    pub at: u32,
    pub why: &'static str,
}

/// The file with matchers and older lists in the newest form; `default` is the error mode of bodies that say none.
pub(crate) fn newer(file: &str, configuration: &Configuration, default: ErrorMode, left: &mut Vec<Left>) -> String {
    let mut edits = Vec::new();
    for lists in &configuration.lists {
        let why = match &lists.edits {
            _ if lists.error_mode.unwrap_or(default) == ErrorMode::Propagate => {
                "under `propagate` its newest form hides errors where nothing is left of a message"
            }
            _ if configuration.is_rewritten(lists.key) => UNSAFE,
            Err(why) => why,
            Ok(of_lists) => {
                edits.extend(of_lists.iter().cloned());
                continue;
            }
        };
        left.push(Left { at: lists.key.start, why });
    }
    matcher_edits(file, configuration, left, &mut edits);
    left.sort_by_key(|left| left.at);
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let mut out = String::with_capacity(file.len());
    let mut done = 0;
    for edit in edits {
        out.push_str(&file[done..edit.span.start as usize]);
        out.push_str(&edit.text);
        done = edit.span.end as usize;
    }
    out.push_str(&file[done..]);
    out
}

/// The edits that write matchers in the newest form.
fn matcher_edits(file: &str, configuration: &Configuration, left: &mut Vec<Left>, edits: &mut Vec<Edit>) {
    let mut done = 0;
    let mut matchers: Vec<&Matchers> = configuration.matchers.iter().collect();
    matchers.sort_by_key(|matchers| matchers.key.start);
    for matchers in matchers {
        let stays = |why| Left { at: matchers.key.start, why };
        let mut conditions = Vec::with_capacity(matchers.stands.len());
        for stands in &matchers.stands {
            let Some(place) = configuration.places.get(stands.place as usize) else { continue };
            let written = place.as_written(configuration.sources.text());
            let text = written.as_ref().map_or(place.text(), |written| written.as_str());
            conditions.push((stands.context, text.to_owned(), place));
        }
        if configuration.is_rewritten(matchers.key) {
            left.push(stays(UNSAFE));
            continue;
        }
        let has_reference = |(_, text, place): &(_, String, &Place)| place.is_expanded() && text.contains("${");
        if conditions.iter().any(has_reference) {
            left.push(stays("it has references to variables"));
            continue;
        }
        let start = matchers.key.start as usize;
        let Some(end) = matchers.end.map(|end| end as usize).filter(|end| *end > start && start >= done) else {
            left.push(stays(ELSEWHERE));
            continue;
        };
        let line = file[..start].rfind('\n').map_or(0, |at| at + 1);
        let indent = &file[line..start];
        if !matchers.in_braces && !indent.bytes().all(|byte| byte == b' ') {
            left.push(stays(UNSAFE));
            continue;
        }
        if matchers.stands.is_empty() {
            left.push(stays("it matches nothing in particular, and can be taken out"));
            continue;
        }
        done = end;
        let span = Span::new(start as u32, end as u32);
        let mut out = String::new();
        if matchers.in_braces {
            // There is no place for comments: those stay where the line ends.
            let groups = conditions.chunk_by(|one, next| one.0 == next.0).map(|group| {
                let texts: Vec<String> = group.iter().map(|(_, text, _)| quoted(text)).collect();
                format!("{{context: {}, conditions: [{}]}}", context(group[0].0).name, texts.join(", "))
            });
            out.push_str(&format!("{}: [{}]", matchers.newer, groups.collect::<Vec<_>>().join(", ")));
            edits.push(Edit { span, text: out });
            continue;
        }
        for comment in &matchers.comments {
            out.push_str(&format!("{comment}\n{indent}"));
        }
        out.push_str(&format!("{}:", matchers.newer));
        for group in conditions.chunk_by(|one, next| one.0 == next.0) {
            out.push_str(&format!("\n{indent}  - context: {}\n{indent}    conditions:", context(group[0].0).name));
            for (_, text, _) in group {
                out.push_str(&format!("\n{indent}      - {}", quoted(text)));
            }
        }
        edits.push(Edit { span, text: out });
    }
}

/// A text as a YAML scalar in quotes. Conditions have no line breaks and hardly a character that YAML does not print.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| !matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}') && !c.is_control();
    if text.chars().all(is_plain) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    let escaped = text.chars().flat_map(|c| match c {
        '"' | '\\' => vec!['\\', c],
        c if is_plain(c) => vec![c],
        c => format!("\\U{:08x}", c as u32).chars().collect(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}
