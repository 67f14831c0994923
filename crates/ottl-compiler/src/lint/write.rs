//! Writes that fail, write nothing, or run where they are not expected: W0302, W0304, W0309, W0403.

use ottl_core::function::{ParamType, Type};
use ottl_core::ops::CompareOp;
use ottl_core::{Arena, Gate, StructKind};
use ottl_diagnostics::{Code, Span};
use ottl_plan::Literal;
use ottl_schema::{Access, ContextId, Keys, PathDecl, context};

use super::{Lint, constant, same_key, same_path, types, walk, walk_args};
use crate::advice::words;
use crate::hir::{Arg, Call, Expr, Kind, PathUse, Statement, literal_type};

/// The editor that writes any value to any path.
const SET: &str = "set";

/// The editor that makes a list of its target and a value.
const APPEND: &str = "append";

/// What becomes of a write that is never taken.
const EACH_TIME: &str = "the statement fails for every record";

impl Lint<'_> {
    /// Looks at what a statement writes.
    pub(super) fn written(&mut self, statement: &Statement) {
        let call = &statement.editor;
        for (param, arg) in call.def.params.iter().zip(&call.args) {
            if let Arg::Target(path) = arg {
                self.path_keys(path);
                self.pattern_keys(path);
                self.target_type(call, param.ty, path);
                self.shared_parent(statement, path);
            }
        }
        if call.def.name == SET {
            self.set(statement);
        }
        self.childless(statement);
    }

    /// A path that the editor can never work on.
    fn target_type(&mut self, call: &Call, ty: ParamType, path: &PathUse) {
        let decl = ottl_schema::path(path.path);
        let name = call.def.name;
        let message = if !decl.writable {
            format!("`{}` is read-only", decl.name)
        } else if !path.keys.is_empty() {
            return;
        } else {
            let read = decl.read;
            match ty {
                ParamType::MapTarget if !types::comparable(read, Type::Map) => {
                    format!("`{}` is {}, and `{name}` edits maps", decl.name, types::name(read))
                }
                ParamType::ListTarget if !types::comparable(read, Type::List) => {
                    format!("`{}` is {}, and `{name}` edits lists", decl.name, types::name(read))
                }
                ParamType::Target if name == APPEND && !takes(decl, path, Type::List) => {
                    format!("`{}` is {}, and `{name}` makes lists", decl.name, types::name(read))
                }
                _ => return,
            }
        };
        let doubt = self.doubt(Code::IMPOSSIBLE_WRITE, path.span, message).help(EACH_TIME);
        self.warn(doubt);
    }

    /// `set` with a value that the path never takes, or that may be nil.
    fn set(&mut self, statement: &Statement) {
        let [Arg::Target(target), value] = statement.editor.args.as_slice() else {
            return;
        };
        let decl = ottl_schema::path(target.path);
        if !decl.writable {
            return;
        }
        let Some((ty, span)) = typed(value) else { return };
        if !takes(decl, target, ty) {
            self.impossible(decl, target, value, ty, span);
        } else if is_never_stored(decl, target, value) {
            let (wanted, text) = (whole(decl).unwrap_or(types::name(decl.read)), self.source(span));
            let message = format!("`{}` takes {wanted}, and `{text}` never holds one", decl.name);
            let help = self.code_of(decl, target).unwrap_or_else(|| EACH_TIME.to_owned());
            self.warn(self.doubt(Code::IMPOSSIBLE_WRITE, span, message).help(help));
        } else if let Some(reason) = refused(decl, target, value) {
            let message = format!("`{}` never takes this value: {reason}", decl.name);
            let doubt = self.doubt(Code::IMPOSSIBLE_WRITE, span, message);
            self.warn(doubt.help(EACH_TIME));
        } else if let Some((literal, span)) = constant(Some(value)).filter(|_| target.keys.is_empty())
            && decl.access != Access::MetricType
            && self.outside_enum(decl, literal, span)
        {
            // A number that means nothing needs no other doubt.
        } else if let Some((literal, span)) = constant(Some(value)).filter(|_| target.keys.is_empty())
            && self.outside_field(decl, literal, span)
        {
            // Nor does one that becomes another.
        } else if let Arg::Eager { expr, .. } | Arg::Lazy(expr, _) = value
            && target.keys.is_empty()
            && self.other_unit(decl, expr)
        {
            // A number of another unit is something else than what it is for.
        } else if let Some(reason) = self.ineffective(decl, statement, value, ty) {
            self.warn(self.doubt(
                Code::INEFFECTIVE_WRITE,
                statement.editor.span,
                format!("this changes nothing: {reason}"),
            ));
        } else if let Arg::Eager { expr, .. } | Arg::Lazy(expr, _) = value
            && !self.nil_by_condition(expr, target)
        {
            self.unguarded(statement, decl, target, expr);
        }
    }

    /// Why a `set` that does not fail changes nothing, if that is certain.
    fn ineffective(&self, decl: &PathDecl, statement: &Statement, value: &Arg, ty: Type) -> Option<String> {
        let Some(Arg::Target(target)) = statement.editor.args.first() else { return None };
        if decl.access == Access::MetricType {
            return Some(format!("`{}` says which data a metric has, and writes leave it alone", decl.name));
        }
        if ty == Type::Nil && !self.scope.compiler.is_on(Gate::AllowNil) {
            return Some(String::from("nil is not written"));
        }
        let (Arg::Eager { expr, .. } | Arg::Lazy(expr, _)) = value else { return None };
        let is_itself = matches!(&expr.kind, Kind::Path(path) if same_path(path, target));
        // A map is written without what stands twice in it. A value of a oneof is read as zero where the other is set.
        let is_scalar = match decl.access {
            Access::Field(..) | Access::Group(..) | Access::Nested(..) => types::never_nil(expr),
            // What is not there is written as an empty value, which may be meant where it is asked for.
            Access::Attributes(_) | Access::TableAttributes(_) | Access::Cache => {
                !target.keys.is_empty() && !asks_for_nil(statement, target)
            }
            Access::Body => !asks_for_nil(statement, target),
            _ => false,
        };
        (is_scalar && is_itself).then(|| format!("`{}` is written to itself", self.source(target.span)))
    }

    #[cold]
    fn impossible(&mut self, decl: &PathDecl, target: &PathUse, value: &Arg, ty: Type, span: Span) {
        let keyed = !target.keys.is_empty() || decl.access == Access::Body;
        let message = if keyed {
            format!("{} cannot be stored in `{}`", types::name(ty), decl.name)
        } else {
            let wanted = whole(decl).unwrap_or(types::name(decl.read));
            format!("`{}` takes {wanted}, and this is {}", decl.name, types::name(ty))
        };
        let source = self.source(span);
        let help = self.code_of(decl, target).unwrap_or_else(|| match ty {
            Type::Duration if keyed => format!("{EACH_TIME}; store a number: `Milliseconds({source})`"),
            Type::Time if keyed => {
                format!(
                    "{EACH_TIME}; store a number, `UnixMilli({source})`, or a text: `FormatTime({source}, \"%F %T\")`"
                )
            }
            Type::String if decl.read == Type::Time => {
                format!("{EACH_TIME}; read a time from the text: `Time({source}, \"%Y-%m-%dT%H:%M:%S%z\")`")
            }
            Type::Int if decl.read == Type::Time => {
                format!("{EACH_TIME}; to convert a number to a time use `Unix(seconds)`")
            }
            Type::Time if decl.name.ends_with("_unix_nano") => {
                format!("{EACH_TIME}; a time is written to `{}`", decl.name.trim_end_matches("_unix_nano"))
            }
            _ => EACH_TIME.to_owned(),
        });
        let mut doubt = self.doubt(Code::IMPOSSIBLE_WRITE, span, message).help(help);
        if let (Type::Int, Some((Literal::Str(word), _))) = (decl.read, constant(Some(value)))
            && let word = String::from_utf8_lossy(word)
            && let Some(symbol) = words::symbol(self.scope.context, decl, &word)
        {
            doubt = doubt.help(format!("use the enum symbol `{symbol}`"));
            doubt = if words::is_certain(&word) { doubt.fix(span, symbol) } else { doubt };
        }
        self.warn(doubt);
    }

    /// What to write in place of a whole status.
    fn code_of(&self, decl: &PathDecl, target: &PathUse) -> Option<String> {
        let text = self.source(target.span);
        let is_status = matches!(decl.access, Access::Part(_, [StructKind::Status, ..]));
        is_status
            .then(|| format!("set `{text}.code`, to an enum symbol such as `STATUS_CODE_ERROR`, or `{text}.message`"))
    }

    /// A source that can be nil, with no condition that looks at it.
    fn unguarded(&mut self, statement: &Statement, decl: &PathDecl, target: &PathUse, source: &Expr) {
        let Kind::Path(path) = &source.kind else {
            return;
        };
        // What lies in the cache was put there by the rules themselves.
        let cached = ottl_schema::path(path.path).access == Access::Cache;
        if !source.nullable || cached || !self.scope.compiler.is_on(Gate::AllowNil) {
            return;
        }
        let look = statement.condition.as_ref().map_or(Look::None, |condition| look(condition, path));
        if look == Look::Guards || self.guards.look_at(path) {
            return;
        }
        let text = self.source(source.span);
        let stores_nil = !target.keys.is_empty()
            || matches!(decl.access, Access::Body | Access::Attributes(_) | Access::TableAttributes(_) | Access::Cache);
        // What a resource carries is the same for all that one sender sends, and known to who writes rules for it: there
        // is no doubt where the worst is an empty value.
        if stores_nil && ottl_schema::path(path.path).context == ContextId::Resource {
            return;
        }
        let consequence = if stores_nil { "then an empty value is written" } else { "then the statement fails" };
        let message = format!("`{text}` can be nil, and {consequence}");
        let help = match look {
            Look::Differs => format!("`!=` holds for nil, too: add `{text} != nil and`"),
            _ => format!("add `where {text} != nil`"),
        };
        let mut doubt = self.doubt(Code::UNGUARDED_NIL, source.span, message).help(help);
        if statement.condition.is_none() {
            let end = statement.editor.span.end;
            // A condition that always holds was written and dropped: then there is something behind the call.
            if self.text.get(end as usize..).is_some_and(|rest| rest.trim().is_empty()) {
                doubt = doubt.fix(Span::new(end, end), format!(" where {text} != nil"));
            }
        }
        // Of a cache it matters only who reads it.
        if decl.access == Access::Cache && !self.scope.shared_cache {
            self.late = Some(doubt);
        } else {
            self.warn(doubt);
        }
    }

    /// A statement about a span in a list that runs for span events: few spans have any. The same with exemplars.
    fn childless(&mut self, statement: &Statement) {
        let own = self.scope.context;
        let Some(because) = self
            .scope
            .because
            .filter(|_| matches!(own, ContextId::SpanEvent | ContextId::Exemplar | ContextId::ProfileSample))
        else {
            return;
        };
        let mut about_own = false;
        let mut owners = Vec::new();
        let mut see = |path: &PathUse| {
            let owner = ottl_schema::path(path.path).context;
            about_own |= owner == own;
            owners.push(owner);
        };
        let mut look = |expr: &Expr| {
            if let Kind::Path(path) = &expr.kind {
                see(path);
            }
        };
        walk_args(&statement.editor, &mut look);
        if let Some(condition) = &statement.condition {
            walk(condition, &mut look);
        }
        for arg in &statement.editor.args {
            if let Arg::Target(path) = arg {
                see(path);
            }
        }
        let lowest = owners.into_iter().max_by_key(|owner| context(*owner).reaches.len());
        let Some(lowest) = lowest.filter(|_| !about_own) else {
            return;
        };
        let (own, lowest) = (own.name(), lowest.name());
        let message = format!("this runs once for each {own}, and not at all where there is none");
        let doubt = self.doubt(Code::CHILDLESS_SKIPPED, statement.editor.span, message).help(format!(
            "the whole list runs in {own} because of `{because}`: put statements of {lowest} in a separate group"
        ));
        self.warn(doubt);
    }
}

/// Whether a statement's condition asks whether there is nothing at a path.
fn asks_for_nil(statement: &Statement, path: &PathUse) -> bool {
    let mut asks = false;
    if let Some(condition) = &statement.condition {
        walk(condition, &mut |expr| {
            if let Kind::Compare { op: CompareOp::Eq, left, right } = &expr.kind {
                let is_path = |side: &Expr| matches!(&side.kind, Kind::Path(other) if same_path(other, path));
                asks |= (left.ty == Type::Nil && is_path(right)) || (right.ty == Type::Nil && is_path(left));
            }
        });
    }
    asks
}

/// The type of a value, and where it stands.
fn typed(value: &Arg) -> Option<(Type, Span)> {
    match (value, constant(Some(value))) {
        (_, Some((literal, span))) => Some((literal_type(literal), span)),
        (Arg::Eager { expr, .. } | Arg::Lazy(expr, _), None) => Some((expr.ty, expr.span)),
        _ => None,
    }
}

/// Whether a `set` of this value is an error whatever the record holds.
pub(super) fn never_succeeds(target: &PathUse, value: &Arg) -> bool {
    let decl = ottl_schema::path(target.path);
    !decl.writable
        || typed(value).is_some_and(|(ty, _)| !takes(decl, target, ty))
        || is_never_stored(decl, target, value)
        || refused(decl, target, value).is_some()
}

/// What a path takes that is a part of the record as a whole.
fn whole(decl: &PathDecl) -> Option<&'static str> {
    types::is_whole(decl).then_some("a part of a record as a whole")
}

/// Whether the value lies in attributes, a body or a cache, and the path takes what none of these can hold, such as a time.
fn is_never_stored(decl: &PathDecl, target: &PathUse, value: &Arg) -> bool {
    let (Arg::Eager { expr, .. } | Arg::Lazy(expr, _)) = value else { return false };
    let Kind::Path(path) = &expr.kind else { return false };
    let from = ottl_schema::path(path.path).access;
    let is_stored = matches!(from, Access::Attributes(_) | Access::TableAttributes(_) | Access::Cache | Access::Body);
    is_stored && target.keys.is_empty() && (types::is_whole(decl) || !types::storable(decl.read))
}

/// How a condition looks at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// Not at all.
    None,
    /// It asks only whether it is another value than some, which nil is.
    Differs,
    /// In a way that may keep nil away.
    Guards,
}

/// How a condition looks at a path.
fn look(condition: &Expr, path: &PathUse) -> Look {
    let (mut found, mut has_not, mut different) = (Look::None, false, Vec::new());
    // A key that is not in a trace state is read as an empty text.
    let is_text = ottl_schema::path(path.path).keys == Keys::TraceState;
    walk(condition, &mut |expr| match &expr.kind {
        Kind::Not(_) => has_not = true,
        Kind::Compare { op: CompareOp::Ne, left, right } => {
            let is_value = |expr: &Expr| expr.as_const().is_some_and(|literal| *literal != Literal::Nil);
            different.extend(
                [(left, right), (right, left)]
                    .into_iter()
                    .filter(|(_, other)| is_value(other))
                    .map(|(side, _)| side.span),
            );
        }
        Kind::Path(other) if guards(other, path) => {
            let is_different = !is_text && same_path(other, path) && different.contains(&expr.span);
            found = if is_different && found != Look::Guards { Look::Differs } else { Look::Guards };
        }
        _ => {}
    });
    // `not (a != "x")` keeps nil away.
    if has_not && found == Look::Differs { Look::Guards } else { found }
}

/// Whether a look at `seen` is a look at `path`: it is the same, a value that `path` lies in, or the type of the metric whose
/// data have the path.
pub(super) fn guards(seen: &PathUse, path: &PathUse) -> bool {
    let is_of_metric = matches!(ottl_schema::path(path.path).context, ContextId::Metric | ContextId::DataPoint);
    if ottl_schema::path(seen.path).access == Access::MetricType && is_of_metric && path.keys.is_empty() {
        return true;
    }
    let depth = seen.keys.len();
    // A look at a whole map says nothing of its keys.
    if depth == 0 || depth >= path.keys.len() {
        return same_path(seen, path);
    }
    seen.path == path.path && seen.keys.iter().zip(&path.keys).all(same_key)
}

/// What a statement sets to a value that is not nil.
pub(super) fn set_to_a_value(statement: &Statement) -> Option<&PathUse> {
    let (SET, [Arg::Target(target), value]) = (statement.editor.def.name, statement.editor.args.as_slice()) else {
        return None;
    };
    let may_be_nil = match value {
        // Of what may be of any type, nobody says that it is not nil: `Coalesce` of what is missing is.
        Arg::Eager { expr, .. } | Arg::Lazy(expr, _) => expr.nullable || expr.ty == Type::Any,
        Arg::Const(literal, _) => *literal == Literal::Nil,
        _ => true,
    };
    (!may_be_nil).then_some(target)
}

/// Why a field does not take a constant of the right type.
fn refused(decl: &PathDecl, target: &PathUse, value: &Arg) -> Option<String> {
    let (Access::Field(_, conv) | Access::Nested(_, _, conv)) = decl.access else { return None };
    let (literal, _) = constant(Some(value)).filter(|_| target.keys.is_empty())?;
    let arena = Arena::new();
    conv.write(literal.value(&arena).ok()?, &arena).err().map(|error| error.to_string())
}

/// Whether a write of this type can succeed.
fn takes(decl: &PathDecl, target: &PathUse, ty: Type) -> bool {
    if ty == Type::Any {
        return true;
    }
    let keyed = !target.keys.is_empty();
    match decl.access {
        Access::Attributes(_) | Access::TableAttributes(_) | Access::Cache if !keyed => {
            matches!(ty, Type::Map | Type::Nil)
        }
        Access::Attributes(_) | Access::TableAttributes(_) | Access::Cache | Access::Body => types::storable(ty),
        Access::Ints { .. } | Access::Floats(_) => matches!(ty, Type::List | Type::Nil),
        Access::Part(..) => ty == Type::Nil,
        Access::MetricType | Access::MetricPoints => true,
        Access::OtelCol(_) | Access::EventIndex => true,
        Access::Field(..)
        | Access::Group(..)
        | Access::Nested(..)
        | Access::TableText(..)
        | Access::BodyText
        | Access::OneofInt { .. }
        | Access::OneofDouble { .. }
        | Access::MetricTemporality
        | Access::MetricMonotonic => ty == decl.read,
    }
}
