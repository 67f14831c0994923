//! [`Written`] and [`Reads`]: which places of its record an action writes, and which a condition looks at.
//!
//! INVARIANT: what an action may write of the record of its level is among what is said here, and so is what a condition may
//! look at; both may say more. Levels above do not count: who asks looks after them by itself.

use ottl_core::edit::KnownKeys;
use ottl_core::function::{FunctionKind, Purity};
use ottl_plan::{Arg, ExprId, KeyExpr, Plan};
use ottl_schema::{Access, ContextId, Fields, PathDecl, path};

use super::survey::Survey;
use crate::fast::levels::bit;
use crate::fast::node::{BODY, Shape};
use crate::fast::program::NotShared;
use crate::fast::program::action::{Action, Assign, PairsEdit, WholeMap};
use crate::fast::program::cond::{Cond, TextOf};
use crate::fast::program::effects::POINT_KINDS;

/// What a path names of the record of a level.
enum Place<'p> {
    /// Nothing: it names another level, or no part of a message.
    Elsewhere,
    /// The attribute of this key, or something in it.
    Pair(&'p [u8]),
    /// All attributes.
    Pairs,
    /// These fields: a bit each.
    Fields(u32),
    /// Anything.
    Anything,
}

impl<'p> Place<'p> {
    fn new(plan: &'p Plan, number: u32, level: ContextId) -> Place<'p> {
        let Some(used) = plan.paths.get(number as usize) else { return Place::Anything };
        let decl = path(used.path);
        match decl.access {
            Access::Cache | Access::OtelCol(_) => Place::Elsewhere,
            // A record whose list is replaced is gone, and reads as empty.
            Access::Part(..) | Access::MetricPoints => Place::Anything,
            _ if decl.context != level => Place::Elsewhere,
            Access::Attributes(_) => match used.keys.first() {
                Some(KeyExpr::Str(key)) => Place::Pair(key),
                _ => Place::Pairs,
            },
            Access::Field(fields, _) | Access::Nested(fields, ..) => Place::Fields(rivals(level, fields)),
            Access::Body | Access::BodyText => Place::Fields(1 << BODY),
            _ => Place::Anything,
        }
    }
}

/// Bits of a field's numbers in all kinds of points, and of those that cannot stand beside it.
fn rivals(level: ContextId, fields: Fields) -> u32 {
    let of_kind = |kind| fields.number(kind).map_or(0, |number| Shape::of(level, kind).rivals(1 << (number & 31)));
    POINT_KINDS.into_iter().map(of_kind).fold(0, |bits, more| bits | more)
}

/// What an action writes of the record of its level.
#[derive(Clone, Copy, Debug)]
pub(super) struct Written<'p> {
    pub what: What<'p>,
    /// Whether it may take pairs out: of a key that is there twice, another pair is the first one then.
    pub takes_pairs_out: bool,
    /// Whether it may write a cache.
    pub caches: bool,
}

/// The places that are written.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<'p> {
    Nothing,
    /// The attribute of this key.
    Pair(&'p [u8]),
    /// The attributes that such an edit may take out; without one, any.
    Pairs(Option<&'p PairsEdit>),
    /// These fields: a bit each.
    Fields(u32),
    Anything,
}

impl<'p> Written<'p> {
    pub fn new(plan: &'p Plan, level: ContextId, action: &'p Action) -> Written<'p> {
        let mut caches = false;
        let (of, what, takes_pairs_out) = match action {
            Action::Drop => (level, What::Nothing, false),
            Action::Noted { action, .. } => return Written::new(plan, level, action),
            Action::Assign(Assign { level: of, key, .. }) => (*of, What::Pair(key.named().key), false),
            Action::Rename(rename) => return Written::new(plan, level, &rename.copy),
            Action::Delete { level: of, key } => (*of, What::Pair(key.named().key), true),
            Action::SetField { level: of, number, .. } => (*of, What::field(*of, *number), false),
            Action::SetInner { level: of, outer, .. } => (*of, What::field(*of, *outer), false),
            Action::RewriteText { level: of, of: text, .. } => match text {
                TextOf::Attribute(key) => (*of, What::Pair(key.named().key), false),
                TextOf::Field(number) => (*of, What::field(*of, *number), false),
                TextOf::Body => (*of, What::field(*of, BODY), false),
            },
            Action::EditMap { map, .. }
            | Action::EditKeys { map, .. }
            | Action::FilterKeys { map, .. }
            | Action::RewriteValues { map, .. } => {
                let edit = if let Action::FilterKeys { pairs, .. } = action { Some(pairs) } else { None };
                match map {
                    WholeMap::Cache(of) => {
                        caches = true;
                        (*of, What::Nothing, false)
                    }
                    WholeMap::Attributes(of) => {
                        (*of, What::Pairs(edit), !matches!(action, Action::RewriteValues { .. }))
                    }
                }
            }
            Action::Write { path, .. } => return Written::path(plan, *path, level),
            Action::Call(call) => return Written::call(plan, *call, level),
        };
        match of == level {
            true => Written { what, takes_pairs_out, caches },
            false => Written { what: What::Nothing, takes_pairs_out: false, caches },
        }
    }

    fn path(plan: &'p Plan, number: u32, level: ContextId) -> Written<'p> {
        let (what, takes_pairs_out) = match Place::new(plan, number, level) {
            Place::Elsewhere => (What::Nothing, false),
            Place::Pair(key) => (What::Pair(key), false),
            Place::Pairs => (What::Pairs(None), true),
            Place::Fields(fields) => (What::Fields(fields), false),
            Place::Anything => (What::Anything, true),
        };
        let caches = match plan.paths.get(number as usize) {
            Some(used) => matches!(path(used.path).access, Access::Cache),
            None => true,
        };
        Written { what, takes_pairs_out, caches }
    }

    /// An editor writes what its paths name; one without a path, and one that looks beyond its arguments, anything.
    fn call(plan: &'p Plan, call: u32, level: ContextId) -> Written<'p> {
        let anything = Written { what: What::Anything, takes_pairs_out: true, caches: true };
        let Some(site) = plan.calls.get(call as usize) else { return anything };
        if site.function.kind != FunctionKind::Editor || site.function.purity == Purity::Record {
            return anything;
        }
        let mut paths = site.args.iter().filter_map(|arg| if let Arg::Path(path) = arg { Some(*path) } else { None });
        match (paths.next(), paths.next()) {
            (Some(path), None) => Written::path(plan, path, level),
            _ => anything,
        }
    }

    /// Whether it may write the attribute of a key, of those that have these numbers.
    pub fn has_pair(&self, key: &[u8], known: &KnownKeys) -> bool {
        match self.what {
            What::Nothing | What::Fields(_) => false,
            What::Anything | What::Pairs(None | Some(PairsEdit::Filter)) => true,
            What::Pair(written) => written == key,
            What::Pairs(Some(PairsEdit::Known { stay, .. })) => {
                known.number(key).is_none_or(|number| stay >> number & 1 == 0)
            }
            What::Pairs(Some(PairsEdit::Prefix { prefix, stay, .. })) => key.starts_with(prefix) != *stay,
        }
    }

    /// Whether it may write any attribute.
    pub fn has_pairs(&self) -> bool {
        !matches!(self.what, What::Nothing | What::Fields(_))
    }

    /// The fields that it may write: a bit each.
    pub fn fields(&self) -> u32 {
        match self.what {
            What::Nothing | What::Pair(_) | What::Pairs(_) => 0,
            What::Fields(fields) => fields,
            What::Anything => !0,
        }
    }
}

impl What<'_> {
    fn field(level: ContextId, number: u32) -> Self {
        let of_kind = |kind| Shape::of(level, kind).rivals(1 << (number & 31));
        What::Fields(POINT_KINDS.into_iter().map(of_kind).fold(0, |bits, more| bits | more))
    }
}

/// What a condition looks at in the record of its level.
#[derive(Clone, Debug, Default)]
pub(super) struct Reads<'p> {
    /// The attributes of these keys.
    keys: Vec<&'p [u8]>,
    /// All attributes.
    all_pairs: bool,
    /// These fields: a bit each.
    fields: u32,
    /// Whether it looks at the message, for each record: it is no constant, and not computed once for a resource or scope.
    is_of_record: bool,
}

impl<'p> Reads<'p> {
    /// What a condition looks at, one without operands. Bits of `written` are the levels that something of the walk writes.
    ///
    /// # Errors
    /// It may give something else without a write to its record.
    pub fn new(plan: &'p Plan, level: ContextId, written: u16, condition: &'p Cond) -> Result<Reads<'p>, NotShared> {
        let mut reads = Reads { is_of_record: true, ..Reads::default() };
        let others = written & !bit(level);
        match condition {
            Cond::Expr(id) | Cond::Sure(id) | Cond::Ints { expr: id, .. } => reads.expr(plan, level, others, *id)?,
            Cond::Text { expr, .. } => reads.expr(plan, level, others, *expr)?,
            Cond::Attribute { level: of, .. }
            | Cond::Body { level: of, .. }
            | Cond::Field { level: of, .. }
            | Cond::FieldText { level: of, .. }
                if others & bit(*of) != 0 =>
            {
                return Err(NotShared::WrittenElsewhere);
            }
            Cond::Attribute { level: of, key, .. } if *of == level => reads.keys.push(key.named().key),
            Cond::Field { level: of, number, .. } | Cond::FieldText { level: of, number, .. } if *of == level => {
                reads.fields |= 1 << (number & 31);
            }
            Cond::Body { level: of, .. } if *of == level => reads.fields |= 1 << BODY,
            Cond::Attribute { .. } | Cond::Body { .. } | Cond::Field { .. } | Cond::FieldText { .. } => {}
            // Nothing of the walk writes what it looks at.
            Cond::PerParent { .. } => reads.is_of_record = false,
            // Their operands say what they look at.
            Cond::And(_) | Cond::Or(_) | Cond::Not(_) | Cond::Shared { .. } => {}
        }
        Ok(reads)
    }

    /// What a computed value looks at, and whether at the cache of its level.
    ///
    /// # Errors
    /// It may be another one without a write to its record or to that cache.
    pub fn of_value(
        plan: &'p Plan,
        level: ContextId,
        written: u16,
        id: ExprId,
    ) -> Result<(Reads<'p>, bool), NotShared> {
        let mut reads = Reads::default();
        let looks_at_cache = reads.value(plan, level, written & !bit(level), id)?;
        Ok((reads, looks_at_cache))
    }

    fn expr(&mut self, plan: &'p Plan, level: ContextId, others: u16, id: ExprId) -> Result<(), NotShared> {
        match self.value(plan, level, others, id)? {
            true => Err(NotShared::LooksBeside),
            false => Ok(()),
        }
    }

    /// Takes in what a value looks at. Whether it looks at the cache of its level.
    fn value(&mut self, plan: &'p Plan, level: ContextId, others: u16, id: ExprId) -> Result<bool, NotShared> {
        let mut survey = Survey { paths: Some(Vec::new()), ..Survey::new(plan) };
        survey.expr(id);
        let any = survey.touched.any;
        let paths = survey.paths.unwrap_or_default();
        let of_cache = |number: &u32| plan.paths.get(*number as usize).map(|used| path(used.path));
        let is_elsewhere = |decl: &PathDecl| matches!(decl.access, Access::Cache) && decl.context != level;
        if paths.iter().filter_map(of_cache).any(is_elsewhere) || any & bit(ContextId::OtelCol) != 0 {
            return Err(NotShared::LooksBeside);
        }
        if !survey.pure {
            return Err(NotShared::Impure);
        }
        if any & others != 0 {
            return Err(NotShared::WrittenElsewhere);
        }
        self.is_of_record = any != 0;
        for path in paths {
            match Place::new(plan, path, level) {
                Place::Elsewhere => {}
                Place::Pair(key) => self.keys.push(key),
                Place::Pairs => self.all_pairs = true,
                Place::Fields(fields) => self.fields |= fields,
                Place::Anything => {
                    self.all_pairs = true;
                    self.fields = !0;
                }
            }
        }
        Ok(survey.cache)
    }

    /// Takes in what others look at.
    pub fn add(&mut self, other: &Reads<'p>) {
        self.keys.extend(&other.keys);
        self.all_pairs |= other.all_pairs;
        self.fields |= other.fields;
        self.is_of_record |= other.is_of_record;
    }

    /// Whether it looks at nothing of its record, but a cache.
    pub fn is_of_cache_alone(&self) -> bool {
        self.keys.is_empty() && !self.all_pairs && self.fields == 0
    }

    /// Whether it looks at the message, for each record.
    pub fn is_of_record(&self) -> bool {
        self.is_of_record
    }

    /// Whether a write may change what is seen. With `is_once`, no key is there twice.
    pub fn sees(&self, written: &Written<'_>, known: &KnownKeys, is_once: bool) -> bool {
        let has_pairs = self.all_pairs || !self.keys.is_empty();
        self.fields & written.fields() != 0
            || written.takes_pairs_out && !is_once && has_pairs
            || self.all_pairs && written.has_pairs()
            || self.keys.iter().any(|key| written.has_pair(key, known))
    }
}
