//! What the statements of a group do to each other: W0320, W0321, W0322, W0404; W0334 (`replaced`).
//!
//! Every record goes through the statements of its group in their order, so what one of them writes, the next one reads. A
//! doubt needs both to be certain: keys that are literals, a write or deletion without a condition, values that are no error.
//! Where an editor touches more than its target, all that is known is forgotten.

use ottl_core::function::{FunctionKind, Purity};
use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_plan::Literal;
use ottl_regex::Regex;
use ottl_schema::{Access, ContextId, PathDecl, PathId};

use super::replaced::Replaced;
use super::write::{never_succeeds, set_to_a_value};
use super::{constant, constant_key, is_constant, same_key, types, walk, walk_args};
use crate::check::Scope;
use crate::hir::{Arg, Call, Expr, Key, Kind, PathUse, Statement};
use crate::rules::SourceText;

/// How many writes and deletions are kept in mind: what clashes stands close by, and long groups take no longer for their length.
const TOGETHER: usize = 64;

/// A place, with its keys if all of them are literals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'h> {
    path: PathId,
    keys: &'h [Key],
    /// Whether these are all keys.
    is_exact: bool,
}

/// A place that is kept in mind.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathId,
    keys: Vec<Key>,
    is_exact: bool,
}

/// A write that nothing has read yet.
#[derive(Debug)]
struct Pending {
    place: Kept,
    id: u32,
    span: Span,
    text: String,
}

/// A copy in a cache of what may be nil.
#[derive(Debug)]
struct Late {
    place: Kept,
    /// What was copied, if that is a place.
    source: Option<Kept>,
    id: u32,
    doubt: Diagnostic,
}

/// Which keys an editor takes away.
type Taking<'l> = Box<dyn Fn(&[u8]) -> bool + 'l>;

/// What a statement without a condition took away.
#[derive(Debug)]
enum Removed {
    /// One place and all in it.
    Key(Kept),
    /// All of a map but these keys.
    AllBut(PathId, Vec<Vec<u8>>),
    /// The keys of a map that a pattern matches (`true`), or those that it does not.
    Matching(PathId, Box<Regex>, bool),
}

/// What is known where the next statement begins.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    pending: Vec<Pending>,
    removed: Vec<(Removed, String)>,
    /// What was written to caches.
    cached: Vec<Kept>,
    /// What was read.
    read: Vec<Kept>,
    /// What was written to caches and may be nil, with the doubts about it.
    late: Vec<Late>,
    /// What literals have replaced.
    replaced: Replaced,
    /// Whether there was a statement of which nothing is known.
    is_lost: bool,
}

impl Flow {
    /// Passes over a statement that has an error: what it writes is not known.
    pub fn lose(&mut self) {
        self.is_lost = true;
    }

    /// Looks at a condition of the group.
    pub fn condition(&mut self, condition: &Expr) {
        walk(condition, &mut |expr| {
            if let Kind::Path(path) = &expr.kind {
                self.remember(Place::new(path));
            }
        });
    }

    /// Looks at the next statement, and gives the doubts with the numbers of the texts that they are about.
    pub fn statement<'s>(
        &mut self,
        scope: Scope<'_>,
        text: SourceText<'_>,
        statement: &'s Statement,
        late: Option<Diagnostic>,
    ) -> Vec<(u32, Diagnostic)> {
        let mut found = Vec::new();
        if self.is_lost {
            return late.map(|doubt| (text.id, doubt)).into_iter().collect();
        }
        let call = &statement.editor;
        let mut reads = Vec::new();
        let mut is_opaque = false;
        let mut see = |expr: &'s Expr| match &expr.kind {
            Kind::Path(path) => reads.push((Place::new(path), expr.span)),
            Kind::Call(call) => is_opaque |= call.def.purity == Purity::Record,
            _ => {}
        };
        if let Some(condition) = &statement.condition {
            walk(condition, &mut see);
        }
        walk_args(call, &mut see);
        let target = call.args.iter().find_map(|arg| if let Arg::Target(path) = arg { Some(path) } else { None });
        // An editor without a target, or with a hidden one, works on the whole record.
        is_opaque |= target.is_none() || call.def.params.iter().any(|param| param.implicit.is_some());
        if is_opaque {
            self.pending.clear();
            self.removed.clear();
            self.read.clear();
            self.replaced.forget();
        }
        let is_set = call.def.name == "set";
        for (place, span) in &reads {
            self.read(scope, text, *place, *span, &mut found);
        }
        // Several reads of one statement are one mistake.
        found.truncate(1);
        if found.is_empty()
            && let Some(doubt) = statement.condition.as_ref().and_then(|condition| self.replaced.doubt(condition))
        {
            found.push((text.id, doubt));
        }
        found.extend(self.unguarded(statement));
        if let Some(target) = target {
            let place = Place::new(target);
            if !is_set && !place.keys.is_empty() && !matches!(call.def.name, "delete_key" | "append") {
                self.read(scope, text, place, target.span, &mut found);
            }
            if found.is_empty() {
                found.extend(self.wiped(scope, text, statement, target));
            }
            self.write(text, statement, target, is_set, &mut found);
            match is_set {
                true => self.replaced.wrote(statement, target, || brief(text.text)),
                false => self.replaced.touch(Place::new(target)),
            }
            if let Some(doubt) = late.filter(|_| self.late.len() < TOGETHER) {
                let source = copied(statement).map(|(source, _)| source.keep());
                self.late.push(Late { place: Place::new(target).keep(), source, id: text.id, doubt });
            }
        }
        // What is read to be written to the parent itself is there when the first record comes, and that is enough.
        if target.is_none_or(|target| decl(target.path).context == scope.context) {
            reads.into_iter().for_each(|(place, _)| self.remember(place));
        }
        found
    }

    /// The doubts about what a statement reads out of the cache without a condition that looks at it.
    fn unguarded(&mut self, statement: &Statement) -> Vec<(u32, Diagnostic)> {
        let mut out = Vec::new();
        if self.late.is_empty() {
            return out;
        }
        let copied = copied(statement);
        walk_args(&statement.editor, &mut |expr| {
            let Kind::Path(path) = &expr.kind else { return };
            let place = Place::new(path);
            let is_read = |late: &mut Late| late.place.as_place().overlaps(place) && !late.is_put_back(copied);
            if decl(path.path).access == Access::Cache && !looks_at(statement, place) {
                out.extend(self.late.extract_if(.., is_read).map(|late| (late.id, late.doubt)));
            }
        });
        out
    }

    fn remember(&mut self, place: Place<'_>) {
        if self.read.len() < TOGETHER {
            self.read.push(place.keep());
        }
    }

    fn read(
        &mut self,
        scope: Scope<'_>,
        text: SourceText<'_>,
        place: Place<'_>,
        span: Span,
        found: &mut Vec<(u32, Diagnostic)>,
    ) {
        self.pending.retain(|pending| !pending.place.as_place().overlaps(place));
        let written = span.of(text.text);
        if let Some((_, by)) = self.removed.iter().find(|(removed, _)| removed.covers(place)) {
            let message = format!("`{written}` is nil here: `{by}` removed it before");
            let doubt = Diagnostic::new(Code::READ_AFTER_DELETE, span, message);
            found.push((text.id, doubt.help("read it first, and delete it at the end")));
        }
        let is_cache = decl(place.path).access == Access::Cache;
        if is_cache && !scope.shared_cache && !self.cached.iter().any(|cached| cached.as_place().overlaps(place)) {
            found.push((text.id, unwritten_cache(written, span)));
        }
    }

    fn write(
        &mut self,
        text: SourceText<'_>,
        statement: &Statement,
        target: &PathUse,
        is_set: bool,
        found: &mut Vec<(u32, Diagnostic)>,
    ) {
        let call = &statement.editor;
        let place = Place::new(target);
        let is_certain = statement.condition.is_none();
        // What always fails leaves what was there, and is a doubt of its own.
        let fails = is_set && call.args.get(1).is_some_and(|value| never_succeeds(target, value));
        let deleted = removed(call, target);
        let replaced = match &deleted {
            Some(Removed::Key(deleted)) => Some(deleted.as_place()),
            _ if is_set && !fails && place.is_exact && is_safe(call) => Some(place),
            _ => None,
        };
        if let Some(replaced) = replaced.filter(|_| is_certain) {
            let by = brief(call.span.of(text.text));
            let is_gone = |pending: &Pending| pending.place.as_place().is_within(replaced);
            let (gone, kept) = self.pending.drain(..).partition(is_gone);
            self.pending = kept;
            for pending in gone {
                let does = if is_set { "replaces" } else { "deletes" };
                let message = format!("this has no effect: `{by}` {does} `{}` before anything reads it", pending.text);
                let doubt = Diagnostic::new(Code::OVERWRITTEN_WRITE, pending.span, message);
                found.push((pending.id, doubt.help("leave it out, or give the later one a condition")));
            }
        }
        self.pending.retain(|pending| !pending.place.as_place().overlaps(place));
        if set_to_a_value(statement).is_some() {
            self.late.retain(|late| !late.place.as_place().is_within(place));
        }
        self.removed.retain(|(removed, _)| match removed {
            Removed::Key(removed) => !removed.as_place().overlaps(place),
            Removed::AllBut(path, _) | Removed::Matching(path, ..) => *path != place.path,
        });
        let is_cache = decl(place.path).access == Access::Cache;
        let keys = if is_cache && place.is_exact && place.keys.is_empty() { known_keys(call) } else { None };
        if let Some(keys) = keys.filter(|keys| self.cached.len() + keys.len() < TOGETHER) {
            let place = |key| Kept { path: target.path, keys: vec![Key::Str(key)], is_exact: true };
            self.cached.extend(keys.into_iter().map(place));
        } else if is_cache && self.cached.len() < TOGETHER {
            self.cached.push(place.keep());
        } else if is_cache {
            // Whatever is read from now on may have been written.
            self.cached.push(Kept { path: place.path, keys: Vec::new(), is_exact: false });
        }
        if is_certain
            && self.removed.len() < TOGETHER
            && let Some(removed) = deleted
        {
            self.removed.push((removed, brief(call.span.of(text.text))));
        }
        if is_set && !fails && place.is_exact && self.pending.len() < TOGETHER {
            let written = target.span.of(text.text).to_owned();
            self.pending.push(Pending { place: place.keep(), id: text.id, span: call.span, text: written });
        }
    }

    /// A deletion from something that other records share, and that each of them reads before.
    fn wiped(
        &self,
        scope: Scope<'_>,
        text: SourceText<'_>,
        statement: &Statement,
        target: &PathUse,
    ) -> Option<(u32, Diagnostic)> {
        let call = &statement.editor;
        let owner = decl(target.path).context;
        if owner == scope.context || owner == ContextId::OtelCol || scope.isolate {
            return None;
        }
        let written = Place::new(target);
        // What is emptied by a write: the value, unless the statement asks for it first.
        let is_emptied = call.def.name == "set" && constant(call.args.get(1)).is_some_and(|(value, _)| is_empty(value));
        if is_emptied && written.is_exact && !looks_at(statement, written) {
            self.read.iter().find(|place| place.path == target.path && place.as_place().overlaps(written))?;
            return Some((text.id, wiped_parent(scope, owner, call.span)));
        }
        if !target.keys.is_empty() {
            return None;
        }
        let literal = |place: usize| constant(call.args.get(place)).map(|(literal, _)| literal);
        let takes: Taking<'_> = match (call.def.name, literal(1)) {
            ("delete_key", Some(Literal::Str(key))) => Box::new(move |other| other == key),
            ("delete_matching_keys" | "keep_matching_keys", Some(Literal::Str(pattern))) => {
                let regex = Regex::new(pattern).ok()?;
                let keeps = call.def.name == "keep_matching_keys";
                Box::new(move |other| regex.is_match(other) != keeps)
            }
            ("keep_keys", Some(Literal::List(_, keys))) => {
                Box::new(move |other| !keys.iter().any(|key| matches!(key, Literal::Str(key) if key == other)))
            }
            ("clear", _) => Box::new(|_| true),
            _ => return None,
        };
        let is_lost = |place: &&Kept| {
            place.path == target.path
                && match place.keys.first() {
                    Some(Key::Str(key)) => takes(key),
                    Some(_) => false,
                    None => true,
                }
        };
        self.read.iter().find(is_lost)?;
        Some((text.id, wiped_parent(scope, owner, call.span)))
    }
}

/// A doubt about what the first record takes away from all others.
fn wiped_parent(scope: Scope<'_>, owner: ContextId, span: Span) -> Diagnostic {
    let (child, parent) = (scope.context.name(), owner.name());
    let message = format!(
        "the first {child} removes this from the {parent} that it shares with others, but earlier statements read it for each {child}"
    );
    Diagnostic::new(Code::WIPED_PARENT, span, message).help(format!(
        "later {child}s no longer find it: delete it in a separate group of {parent} statements, after this one"
    ))
}

/// The keys of what a call writes to a whole map, if all of them are known.
fn known_keys(call: &Call) -> Option<Vec<Vec<u8>>> {
    if !matches!(call.def.name, "set" | "merge_maps") {
        return None;
    }
    match call.args.get(1)? {
        Arg::Const(Literal::Map(pairs), _) => Some(pairs.iter().map(|(key, _)| key.clone()).collect()),
        Arg::Eager { expr, .. } | Arg::Lazy(expr, _) => match &expr.kind {
            Kind::Map(pairs) => {
                let key = |(key, _): &(Key, Expr)| if let Key::Str(key) = key { Some(key.clone()) } else { None };
                pairs.iter().map(key).collect()
            }
            Kind::Call(made) if made.def.name == "ExtractPatterns" => {
                let (Literal::Str(pattern), _) = constant(made.args.get(1))? else { return None };
                let names = Regex::new(pattern).ok()?;
                Some(names.group_names().iter().flatten().map(|name| name.clone().into_bytes()).collect())
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether a statement's own condition looks at a place.
fn looks_at(statement: &Statement, place: Place<'_>) -> bool {
    let mut looks = false;
    if let Some(condition) = &statement.condition {
        walk(condition, &mut |expr| {
            looks |= matches!(&expr.kind, Kind::Path(path) if Place::new(path).overlaps(place));
        });
    }
    looks
}

/// The place that a statement copies, and the one that it copies to.
fn copied(statement: &Statement) -> Option<(Place<'_>, Place<'_>)> {
    let ("set", [Arg::Target(target), Arg::Eager { expr, .. } | Arg::Lazy(expr, _)]) =
        (statement.editor.def.name, statement.editor.args.as_slice())
    else {
        return None;
    };
    let Kind::Path(source) = &expr.kind else { return None };
    Some((Place::new(source), Place::new(target)))
}

/// Whether a value leaves nothing of what was there.
fn is_empty(literal: &Literal) -> bool {
    match literal {
        Literal::Nil => true,
        Literal::Str(text) => text.is_empty(),
        Literal::Map(pairs) => pairs.is_empty(),
        _ => false,
    }
}

/// A doubt about a cache that is empty where it is read.
pub(super) fn unwritten_cache(written: &str, span: Span) -> Diagnostic {
    let message = format!("`{written}` is nil here: no earlier statement writes it");
    Diagnostic::new(Code::UNWRITTEN_CACHE, span, message)
        .help("the cache is empty for each record and group; set `shared_cache: true` to share it between groups")
}

impl<'h> Place<'h> {
    pub fn new(path: &'h PathUse) -> Place<'h> {
        let is_exact = is_constant(path);
        Place { path: path.path, keys: if is_exact { &path.keys } else { &[] }, is_exact }
    }

    /// Keeps it in mind.
    pub fn keep(self) -> Kept {
        Kept { path: self.path, keys: self.keys.iter().filter_map(constant_key).collect(), is_exact: self.is_exact }
    }

    /// Whether a write to one of them can be seen in the other.
    pub fn overlaps(self, other: Place<'_>) -> bool {
        if self.path != other.path {
            let (a, b) = (decl(self.path), decl(other.path));
            // `time` and `time_unix_nano`, `status` and `status.code`, `body` and `body.string`: the same field, or part of it.
            let first = |name: &'static str| name.split(['.', '_']).next();
            return a.context == b.context && a.access != Access::Cache && first(a.name) == first(b.name);
        }
        self.keys.iter().zip(other.keys).all(same_key)
    }

    /// Whether both are the same place, with all keys known.
    pub fn is_same(self, other: Place<'_>) -> bool {
        self.is_exact && other.is_exact && self.is_within(other) && other.is_within(self)
    }

    /// Whether whoever writes the other one writes this one, too.
    fn is_within(self, other: Place<'_>) -> bool {
        self.path == other.path && self.keys.len() >= other.keys.len() && self.keys.iter().zip(other.keys).all(same_key)
    }
}

impl Kept {
    pub fn as_place(&self) -> Place<'_> {
        Place { path: self.path, keys: &self.keys, is_exact: self.is_exact }
    }
}

impl Late {
    /// Whether a copy puts the value back where it came from. Of a body that is none nothing is left behind by that.
    fn is_put_back(&self, copied: Option<(Place<'_>, Place<'_>)>) -> bool {
        let (Some(source), Some((from, to))) = (&self.source, copied) else { return false };
        let is_whole = decl(source.path).access == Access::Body && source.keys.is_empty();
        is_whole && source.as_place().is_same(to) && from.is_same(self.place.as_place())
    }
}

impl Removed {
    fn covers(&self, place: Place<'_>) -> bool {
        match self {
            Removed::Key(removed) => place.is_exact && place.is_within(removed.as_place()),
            Removed::AllBut(path, keys) => {
                let is_kept = |key: &Key| matches!(key, Key::Str(key) if keys.contains(key));
                place.path == *path && place.keys.first().is_some_and(|key| matches!(key, Key::Str(_)) && !is_kept(key))
            }
            Removed::Matching(path, regex, takes) => match place.keys.first() {
                Some(Key::Str(key)) => place.path == *path && regex.is_match(key) == *takes,
                _ => false,
            },
        }
    }
}

fn decl(path: PathId) -> &'static PathDecl {
    ottl_schema::path(path)
}

/// What an editor takes away for certain.
fn removed(call: &Call, target: &PathUse) -> Option<Removed> {
    let (literal, _) = constant(call.args.get(1))?;
    let place = Place::new(target);
    match (call.def.name, literal) {
        ("delete_key", Literal::Str(key)) if place.is_exact => {
            let mut place = place.keep();
            place.keys.push(Key::Str(key.clone()));
            Some(Removed::Key(place))
        }
        ("keep_keys", Literal::List(_, items)) if target.keys.is_empty() => {
            let key = |item: &Literal| if let Literal::Str(key) = item { Some(key.clone()) } else { None };
            Some(Removed::AllBut(target.path, items.iter().map(key).collect::<Option<_>>()?))
        }
        ("delete_matching_keys" | "keep_matching_keys", Literal::Str(pattern)) if target.keys.is_empty() => {
            let takes = call.def.name == "delete_matching_keys";
            Some(Removed::Matching(target.path, Box::new(Regex::new(pattern).ok()?), takes))
        }
        ("set", Literal::Map(pairs)) if pairs.is_empty() && target.keys.is_empty() => {
            Some(Removed::AllBut(target.path, Vec::new()))
        }
        _ => None,
    }
}

/// Whether a `set` certainly writes: what fails leaves the value before in its place, which may be meant.
fn is_safe(call: &Call) -> bool {
    if call.def.kind != FunctionKind::Editor {
        return false;
    }
    match call.args.get(1) {
        Some(Arg::Const(literal, _)) => *literal != Literal::Nil,
        Some(Arg::Eager { expr, .. } | Arg::Lazy(expr, _)) => {
            matches!(&expr.kind, Kind::Path(path) if path.keys.is_empty()) && types::never_nil(expr)
        }
        _ => false,
    }
}

/// As much of a statement as fits into a sentence.
fn brief(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}\u{2026}", &text[..end]),
        None => text.to_owned(),
    }
}
