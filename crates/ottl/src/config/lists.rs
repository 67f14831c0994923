//! The filter processor's older lists of conditions in the newest form: the edits of the file.
//!
//! An entry of the newest form for each list says the same: the reference asks lists from resources down to parts of records, each
//! of what the others left, and so does it ask entries. Errors are told apart: where nothing is left of a message, the
//! newest form hides those that give up a message.
//!
//! INVARIANT: conditions, comments and references stay byte for byte; what changes is keys, brackets, and the blanks in front of
//! lines.
//! Deliberately elsewhere: whether the edited file says the same (`migrate`), matchers (`newer`).

use ottl_diagnostics::Span;
use ottl_plan::ErrorMode;
use ottl_schema::{ContextId, context};

use super::newer::{ELSEWHERE, Edit, UNSAFE, Walk, opens};
use super::yaml::{Content, NodeId, Tree};

/// What stands for a list without a condition: it drops nothing but parents that have no children.
pub(crate) const NOTHING: &str = "false";

/// The older lists of a signal, where they stand.
#[derive(Debug)]
pub(crate) struct OlderLists {
    /// The key of the newest form.
    pub newer: &'static str,
    /// The body's error mode.
    pub error_mode: Option<ErrorMode>,
    /// The key that holds them, and its value.
    pub key: NodeId,
    pub value: NodeId,
    /// Each list: its key, its value, and the context.
    pub lists: Vec<(NodeId, NodeId, ContextId)>,
}

/// The same, with what has to be done about them.
#[derive(Debug)]
pub(crate) struct Lists {
    /// Their key.
    pub key: Span,
    pub error_mode: Option<ErrorMode>,
    /// The edits, or why there are none.
    pub edits: Result<Vec<Edit>, &'static str>,
}

impl Lists {
    /// Lists whose key stands in the first of several texts, which ends at `own`.
    pub fn new(older: &OlderLists, tree: &Tree, texts: &str, own: u32) -> Lists {
        let is_own = |edits: &Vec<Edit>| edits.iter().all(|edit| edit.span.end <= own);
        let edits = edits(older, tree, texts).and_then(|edits| is_own(&edits).then_some(edits).ok_or(ELSEWHERE));
        Lists { key: tree.nodes[older.key].span, error_mode: older.error_mode, edits }
    }
}

fn edits(older: &OlderLists, tree: &Tree, file: &str) -> Result<Vec<Edit>, &'static str> {
    let value = &tree.nodes[older.value];
    let Content::Map(pairs) = &value.content else { return Err(ELSEWHERE) };
    // Lists that are nothing, and whatever else stands among them, have no place in the newest form.
    if pairs.len() != older.lists.len() {
        return Err(UNSAFE);
    }
    if !older.lists.is_sorted_by_key(|(.., context)| *context) {
        return Err("its lists stand in another order than they are asked in");
    }
    let is_flow = opens(tree, older.value, file);
    let key = tree.nodes[older.key].span;
    let mut edits = vec![Edit { span: key, text: like(file, key, older.newer) }];
    if is_flow {
        edits.push(Edit { span: Span::new(value.span.start, value.span.start + 1), text: "[".to_owned() });
    }
    let mut walk = Walk { tree, file, at: key.end, comments: Vec::new(), takes_references: true };
    for (name, list, id) in &older.lists {
        let name = tree.nodes[*name].span;
        if name.start < walk.at {
            return Err(ELSEWHERE);
        }
        walk.at = name.end;
        let end = walk.end(*list).ok_or(ELSEWHERE)?;
        match &tree.nodes[*list].content {
            Content::List(items) if items.is_empty() => {
                let span = Span::new(tree.nodes[*list].span.start, end);
                edits.push(Edit { span, text: format!("['{NOTHING}']") });
            }
            Content::List(_) | Content::Expanded { .. } => {}
            _ => return Err("a text stands in the place of a list"),
        }
        let conditions = like(file, name, "conditions");
        if is_flow {
            edits.push(Edit { span: name, text: format!("{{context: {}, {conditions}", context(*id).name) });
            edits.push(Edit { span: Span::new(end, end), text: "}".to_owned() });
        } else {
            edits.push(entry(file, name, *id, &conditions)?);
            edits.extend(shifted(file, name.end, end));
        }
    }
    if is_flow {
        edits.push(Edit { span: Span::new(value.span.end - 1, value.span.end), text: "]".to_owned() });
    }
    Ok(edits)
}

/// A word in the quotes of the key whose place it takes.
fn like(file: &str, key: Span, word: &str) -> String {
    match key.of(file).chars().next() {
        Some(quote @ ('"' | '\'')) => format!("{quote}{word}{quote}"),
        _ => word.to_owned(),
    }
}

/// The beginning of an entry in the place of a list's key, which begins a line.
fn entry(file: &str, name: Span, id: ContextId, conditions: &str) -> Result<Edit, &'static str> {
    let start = name.start as usize;
    let line = file[..start].rfind('\n').map_or(0, |at| at + 1);
    let indent = &file[line..start];
    if !indent.bytes().all(|byte| byte == b' ') {
        return Err(UNSAFE);
    }
    let end = if file[..line].ends_with("\r\n") { "\r\n" } else { "\n" };
    Ok(Edit { span: name, text: format!("- context: {}{end}{indent}  {conditions}", context(id).name) })
}

/// Two blanks in front of each line that begins in a range and is not empty.
fn shifted(file: &str, from: u32, to: u32) -> impl Iterator<Item = Edit> + '_ {
    let range = Span::new(from, to).of(file);
    range.match_indices('\n').map(move |(at, _)| from + at as u32 + 1).filter_map(move |line| {
        let is_empty = file[line as usize..].lines().next().is_none_or(|text| text.trim().is_empty());
        (!is_empty).then(|| Edit { span: Span::new(line, line), text: "  ".to_owned() })
    })
}
