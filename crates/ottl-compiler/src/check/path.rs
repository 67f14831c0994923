//! Paths: which context, which row, which keys.

use ottl_core::function::Type;
use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_schema::{ContextId, Keys, PathDecl, PathId, context, context_by_name, path_by_name, paths};
use ottl_syntax::ast::{Path, Segment};

use super::{Checker, Prefixes};
use crate::advice::one_of;
use crate::advice::paths::{self as advice, joined};
use crate::hir::{Expr, Kind, PathUse};

/// The older name of the scope in paths.
const SCOPE_ALIAS: &str = "instrumentation_scope";

/// A path split into what owns it and the rest.
struct Owned<'t> {
    owner: ContextId,
    /// How the owner was written; the statement's own context if it was not.
    prefix: &'t str,
    fields: &'t [Segment],
}

impl<'t> Checker<'_, 't> {
    /// Checks a path that is read, or a lambda parameter.
    pub fn path_value(&mut self, path: &'t Path) -> Option<Expr> {
        let Some(slot) = self.local(path.root()) else {
            let used = self.path(path)?;
            return Some(read(used));
        };
        if path.segments.len() > 1 {
            let message = format!("`{}` is a lambda parameter and has no fields", path.root());
            self.fault(Diagnostic::new(Code::FIELD_OF_LOCAL, path.span, message).help("index it instead: `[\"key\"]`"));
            return None;
        }
        let segment = path.segments.first()?;
        let base = Expr::new(Kind::Local(slot), Type::Any, segment.name_span);
        self.indexed(Some(base), &segment.keys, path.span)
    }

    /// Checks a path that is no lambda parameter.
    pub fn path(&mut self, path: &'t Path) -> Option<PathUse> {
        let owned = self.owner(path);
        let mut keys = Some(Vec::new());
        for segment in &path.segments {
            // All keys are checked; only the last segment can have some that count, see below.
            let checked = self.keys(&segment.keys);
            keys = keys.and(checked);
        }
        let owned = owned?;
        let id = self.row(path, &owned)?;
        let decl = ottl_schema::path(id);
        let last = path.segments.last()?;
        let stray = path.segments.iter().find(|segment| {
            let takes = std::ptr::eq(*segment, last) && decl.keys != Keys::None;
            !segment.keys.is_empty() && !takes
        });
        if let Some(segment) = stray {
            self.unused_keys(segment, decl);
            return None;
        }
        if decl.keys == Keys::TraceState && last.keys.len() > 1 {
            let message = format!("`{}` takes one key", decl.name);
            self.fault(Diagnostic::new(Code::UNUSED_KEYS, keys_span(last), message));
            return None;
        }
        Some(PathUse { path: id, keys: keys?, span: path.span })
    }

    /// The row of a path that a function reads by itself, if the context can reach it.
    pub fn implicit(&self, name: &str) -> Option<PathId> {
        let (owner, rest) = name.split_once('.')?;
        let owner = context_by_name(owner)?;
        let reaches = context(self.scope.context).reaches.contains(&owner);
        reaches.then(|| path_by_name(owner, rest)).flatten()
    }

    /// Which context owns the path, by the rules for prefixes.
    fn owner(&mut self, path: &'t Path) -> Option<Owned<'t>> {
        let own = self.scope.context;
        let own_path = Owned { owner: own, prefix: own.name(), fields: &path.segments };
        match self.scope.prefixes {
            Prefixes::Optional => {
                let first = path.segments.first()?;
                let alias = first.name == SCOPE_ALIAS && context(own).reaches.contains(&ContextId::Scope);
                // COMPAT: the library's conditions of samples can name the profile, which their statements cannot.
                let around = own.parent().filter(|parent| parent.name() == first.name);
                match self.accepted(&first.name).or(alias.then_some(ContextId::Scope)).or(around) {
                    Some(owner) => Some(Owned { owner, prefix: &first.name, fields: &path.segments[1..] }),
                    None => Some(own_path),
                }
            }
            mode => match path.split_context() {
                (Some(first), fields) => match self.accepted(&first.name) {
                    Some(owner) => Some(Owned { owner, prefix: &first.name, fields }),
                    None if mode == Prefixes::Inserted
                        && (known_context(&first.name).is_none() || has_field(own, &first.name)) =>
                    {
                        Some(own_path)
                    }
                    None => {
                        self.bad_context(path, first);
                        None
                    }
                },
                (None, _) if mode == Prefixes::Inserted => Some(own_path),
                (None, _) => {
                    self.missing_context(path);
                    None
                }
            },
        }
    }

    /// The context of this name, if paths of the statement may begin with it.
    fn accepted(&self, name: &str) -> Option<ContextId> {
        let decl = context(self.scope.context);
        if name == SCOPE_ALIAS {
            return decl.scope_alias.then_some(ContextId::Scope);
        }
        decl.reaches.iter().copied().find(|id| id.name() == name)
    }

    /// The row, after the check that a cache belongs to the statement's own context.
    fn row(&mut self, path: &'t Path, owned: &Owned<'t>) -> Option<PathId> {
        let own = self.scope.context.name();
        let first = owned.fields.first().map(|f| f.name.as_str());
        if first == Some("cache") && owned.prefix != own {
            let prefix = path.segments.first()?.name_span;
            let message = format!("statements of the context {own} have only their own cache");
            self.fault(
                Diagnostic::new(Code::FOREIGN_CACHE, path.span, message)
                    .label(format!("the cache of {}", owned.prefix))
                    .help(format!("write `{own}.cache`"))
                    .fix(prefix, own),
            );
            return None;
        }
        let found = match owned.fields {
            [] => None,
            [only] => path_by_name(owned.owner, &only.name),
            many => path_by_name(owned.owner, &joined(many)),
        };
        if found.is_none() {
            self.unknown_path(path, owned);
        }
        found
    }

    #[cold]
    fn unknown_path(&mut self, path: &'t Path, owned: &Owned<'t>) {
        let owner = owned.owner;
        // Where a path needs no context, another one in front of it is no slip of this one's fields.
        if let [first, _, ..] = owned.fields
            && std::ptr::eq(owned.fields, path.segments.as_slice())
            && known_context(&first.name).is_some()
            && !has_field(owner, &first.name)
        {
            self.fault(self.unreachable(first));
            return;
        }
        let name = joined(owned.fields);
        let message = if name.is_empty() {
            format!("`{}` is a context, not a path", owned.prefix)
        } else {
            format!("the context {} has no path `{name}`", owner.name())
        };
        let diagnostic = Diagnostic::new(Code::UNKNOWN_PATH, path.span, message);
        let unknown = advice::Unknown {
            path,
            owner,
            fields: owned.fields,
            own: self.scope.context,
            contexts: &self.scope.contexts(),
            beside: self.beside,
        };
        self.fault(unknown.advised(diagnostic));
    }

    /// A path that begins with no context.
    #[cold]
    fn missing_context(&mut self, path: &Path) {
        self.fault(advice::missing_context(path, &self.scope.contexts(), self.scope.context, self.beside));
    }

    /// A path whose first name is not a context that it may begin with.
    #[cold]
    fn bad_context(&mut self, path: &Path, first: &Segment) {
        let own = self.scope.context;
        let reaches = context(own).reaches;
        let whole = joined(&path.segments);
        // Where nobody named a context, the rules run in one that has the path once it is named.
        if reaches.iter().chain(&self.scope.contexts()).any(|id| path_by_name(*id, &whole).is_some()) {
            return self.missing_context(path);
        }
        self.fault(match known_context(&first.name) {
            Some(_) => self.unreachable(first),
            None => {
                let names: Vec<&str> = reaches.iter().map(|id| id.name()).collect();
                advice::unknown_context(path, first, &names)
            }
        });
    }

    /// A context that paths may not begin with here.
    #[cold]
    fn unreachable(&self, first: &Segment) -> Diagnostic {
        let own = self.scope.context;
        let what = if self.scope.in_condition { "conditions" } else { "statements" };
        let message = format!("{what} of the context {} cannot reach the context {}", own.name(), first.name);
        let names: Vec<&str> = context(own).reaches.iter().map(|id| id.name()).collect();
        Diagnostic::new(Code::UNREACHABLE_CONTEXT, first.name_span, message)
            .help(format!("paths may begin with {}", one_of(&names)))
    }

    #[cold]
    fn unused_keys(&mut self, segment: &Segment, decl: &PathDecl) {
        let message = format!("`{}` takes no keys here", segment.name);
        let diagnostic = Diagnostic::new(Code::UNUSED_KEYS, keys_span(segment), message);
        self.fault(if decl.keys == Keys::None {
            diagnostic.help(format!("`{}` is not a map or list", decl.name))
        } else {
            diagnostic.help(format!("keys follow the whole path `{}`", decl.name))
        });
    }
}

/// A context of any signal, by the name that paths use.
pub(crate) fn known_context(name: &str) -> Option<&str> {
    context_by_name(name).is_some().then_some(name)
}

fn has_field(owner: ContextId, name: &str) -> bool {
    paths().any(|(_, p)| p.context == owner && p.name.split('.').next() == Some(name))
}

fn keys_span(segment: &Segment) -> Span {
    Span::new(segment.name_span.end, segment.span.end)
}

/// The value of a path.
fn read(used: PathUse) -> Expr {
    let decl = ottl_schema::path(used.path);
    let span = used.span;
    let (ty, nullable) = match (used.keys.is_empty(), decl.keys) {
        (true, _) => (decl.read, decl.nullable),
        (false, Keys::TraceState) => (Type::String, true),
        (false, _) => (Type::Any, true),
    };
    Expr { nullable, ..Expr::new(Kind::Path(used), ty, span) }
}
