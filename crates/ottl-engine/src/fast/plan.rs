//! What the engine works out of a plan once: resolved paths, and which groups run together in one pass.

use ottl_core::edit::KnownKeys;
use ottl_core::function::{FunctionKind, Kernel, KeyFilter, KeySet};
use ottl_plan::{Arg, CacheKey, ErrorMode, Expr, ExprId, Group, KeyExpr, Literal, Plan, Program};
use ottl_regex::TextPattern;
use ottl_schema::{Access, ContextId, Fields, PointKind, path};

use super::levels::{LEVELS, bit};
use super::node::{BODY, Scan, Shape};
use super::options::{Options, Rewrite};
use super::program::LevelProgram;

/// A path of the plan with its row looked up.
#[derive(Clone, Copy, Debug)]
pub(super) struct PathCode {
    pub level: ContextId,
    pub access: Access,
    /// The number of its first key among those that the plan names in the attribute maps of this level.
    pub known: u8,
}

/// What rules look at in the messages of a level.
#[derive(Debug)]
pub(super) struct Touch {
    /// How its messages are scanned, by the kind of points; other messages have the first.
    pub scans: [Scan; 4],
    /// Whether rules look at nothing of them.
    pub nothing: bool,
    /// The keys of the attribute map that they name.
    pub keys: KnownKeys,
}

/// The paths of a plan, by their number in it.
#[derive(Debug)]
pub(super) struct Paths(Vec<PathCode>);

impl Paths {
    pub fn new(plan: &Plan) -> Paths {
        Paths(
            plan.paths
                .iter()
                .map(|used| {
                    let decl = path(used.path);
                    PathCode { level: decl.context, access: decl.access, known: u8::MAX }
                })
                .collect(),
        )
    }

    /// Gives the keys that attribute paths name their numbers.
    pub fn name_keys(&mut self, plan: &Plan, touched: &mut [Touch; LEVELS]) {
        for (code, used) in self.0.iter_mut().zip(&plan.paths) {
            if let (Access::Attributes(_), Some(KeyExpr::Str(key))) = (code.access, used.keys.first()) {
                code.known = touched[code.level as usize].keys.add(key).unwrap_or(u8::MAX);
            }
        }
        for call in &plan.calls {
            // Editors of maps name keys as well.
            if let (Kernel::FilterKeys(filter), Some(Arg::Path(target))) = (&call.kernel, call.args.first())
                && let Some(PathCode { level, access: Access::Attributes(_), .. }) = self.0.get(*target as usize)
            {
                let keys = &mut touched[*level as usize].keys;
                let named = match filter {
                    KeyFilter::Only(set) => Some(set),
                    KeyFilter::AtMost(filter) => Some(filter.priority()),
                    KeyFilter::Matching(regex) | KeyFilter::NotMatching(regex) => {
                        if let Some(TextPattern::Prefix(prefix)) = regex.literal() {
                            keys.add_prefix(&prefix);
                        }
                        None
                    }
                };
                for key in named.into_iter().flat_map(KeySet::iter) {
                    keys.add(key);
                }
            }
            if let (Kernel::RemoveKey, [Arg::Path(target), Arg::Const(Literal::Str(key))]) =
                (&call.kernel, call.args.as_slice())
                && let Some(PathCode { level, access: Access::Attributes(_), .. }) = self.0.get(*target as usize)
            {
                touched[*level as usize].keys.add(key);
            }
        }
    }

    #[inline]
    pub fn at(&self, n: u32) -> PathCode {
        self.0[n as usize]
    }
}

/// Which levels something reads and writes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Touched {
    /// Bit per level: any path of it.
    pub any: u16,
    /// Bit per level: its attribute map.
    pub pairs: u16,
    /// Bit per level: written, or possibly written.
    pub written: u16,
    /// By level: bits of the singular fields.
    pub fields: [u32; LEVELS],
    /// By level: in how many places rules look for one attribute or one field of it.
    pub places: [u8; LEVELS],
    /// Bit per level: rules use it in other ways, too.
    pub whole: u16,
    /// Bit per level: rules use it in ways that compact records do not know.
    pub general: u16,
    /// Bit per level: its parts that are levels themselves (`span.events`, `metric.data_points`) may be replaced.
    pub parts: u16,
}

impl Touched {
    fn add(&mut self, other: Touched) {
        self.any |= other.any;
        self.pairs |= other.pairs;
        self.written |= other.written;
        self.parts |= other.parts;
        self.whole |= other.whole;
        self.general |= other.general;
        for (place, more) in self.places.iter_mut().zip(other.places) {
            *place = place.saturating_add(more);
        }
        for (fields, more) in self.fields.iter_mut().zip(other.fields) {
            *fields |= more;
        }
    }

    /// By level: what a scan has to keep.
    pub fn wanted(&self) -> [Touch; LEVELS] {
        std::array::from_fn(|i| Touch {
            scans: POINT_KINDS
                .map(|kind| Scan::new(Shape::of(ContextId::ALL[i], kind), self.fields[i], self.pairs & 1 << i != 0)),
            nothing: self.any & 1 << i == 0,
            keys: KnownKeys::default(),
        })
    }

    /// Bit per level: rules write nothing of it and look at so few places that looking for each costs less than a scan.
    pub fn few_places(&self) -> u16 {
        let few = (0..LEVELS).filter(|i| self.places[*i] <= FEW).fold(0, |bits, i| bits | 1 << i);
        few & !self.whole & !self.written
    }
}

/// All kinds of points, by their number.
const POINT_KINDS: [PointKind; 4] =
    [PointKind::Number, PointKind::Histogram, PointKind::Exponential, PointKind::Summary];

/// How many places are few. PERF (filter-logs, filter-spans): a scan costs about as much as four searches.
pub(super) const FEW: u8 = 4;

/// What a whole plan touches.
pub(super) fn touched(plan: &Plan) -> Touched {
    let mut touched = Touched::default();
    match &plan.program {
        Program::Transform(program) => {
            program.groups.iter().for_each(|group| touched.add(survey_group(plan, group)));
        }
        Program::Filter(program) => {
            let mut survey = Survey::new(plan);
            for (condition, _) in program.stages.iter().flat_map(|s| &s.conditions).flat_map(|(_, list)| list) {
                survey.expr(*condition);
            }
            touched = survey.touched;
        }
    }
    touched
}

/// Walks expressions and collects the paths they touch.
pub(super) struct Survey<'p> {
    pub plan: &'p Plan,
    pub touched: Touched,
    /// Whether a cache is read or written.
    pub cache: bool,
    /// Whether every call gives the same result for the same arguments.
    pub pure: bool,
}

impl<'p> Survey<'p> {
    pub fn new(plan: &'p Plan) -> Self {
        Survey { plan, touched: Touched::default(), cache: false, pure: true }
    }

    pub fn expr(&mut self, id: ExprId) {
        match &self.plan.exprs[id.0 as usize] {
            Expr::Const(_) | Expr::Local(_) => {}
            Expr::Path(n) => self.path(*n, false),
            Expr::Call(n) => self.call(*n),
            Expr::Index { base, keys, .. } => {
                self.expr(*base);
                self.keys(keys);
            }
            Expr::Math { left, right, .. } | Expr::Compare { left, right, .. } => {
                self.expr(*left);
                self.expr(*right);
            }
            Expr::Negate { operand, .. } | Expr::Test { operand, .. } | Expr::Not(operand) => self.expr(*operand),
            Expr::List(items) | Expr::And(items) | Expr::Or(items) => items.iter().for_each(|i| self.expr(*i)),
            Expr::Map { pairs, .. } => pairs.iter().for_each(|(_, v)| self.expr(*v)),
            Expr::Lambda(n) => self.expr(self.plan.lambdas[*n as usize].body),
        }
    }

    fn keys(&mut self, keys: &[KeyExpr]) {
        for key in keys {
            if let KeyExpr::Expr(e) = key {
                self.expr(*e);
            }
        }
    }

    fn path(&mut self, n: u32, written: bool) {
        let used = &self.plan.paths[n as usize];
        let decl = path(used.path);
        let level = bit(decl.context);
        self.touched.any |= level;
        let idx = decl.context as usize;
        let place = |touched: &mut Touched| touched.places[idx] = touched.places[idx].saturating_add(1);
        match decl.access {
            Access::Attributes(_) => {
                self.touched.pairs |= level;
                match used.keys.first() {
                    Some(KeyExpr::Str(_)) => place(&mut self.touched),
                    _ => self.touched.whole |= level,
                }
                if !matches!(used.keys.first(), Some(KeyExpr::Str(_))) || written && used.keys.len() > 1 {
                    self.touched.general |= level;
                }
            }
            Access::Field(fields, _) => {
                place(&mut self.touched);
                self.touched.fields[idx] |= numbers(fields);
                self.own_fields(decl.context, fields);
            }
            Access::Body | Access::BodyText => {
                self.touched.whole |= level;
                self.touched.fields[idx] |= 1 << BODY;
            }
            Access::Nested(outer, ..) => {
                self.touched.whole |= level;
                self.touched.fields[idx] |= numbers(outer);
                self.own_fields(decl.context, outer);
            }
            Access::Cache => self.cache = true,
            Access::OtelCol(_) => {}
            other => {
                self.touched.whole |= level;
                self.touched.general |= level;
                self.touched.fields[idx] = !0;
                if written && matches!(other, Access::Part(..) | Access::MetricPoints) {
                    self.touched.parts |= level;
                }
            }
        }
        if written {
            self.touched.written |= level;
        }
        self.keys(&used.keys);
    }

    /// A compact record knows fields that have a tag of one byte and are none of a oneof.
    fn own_fields(&mut self, level: ContextId, fields: Fields) {
        let unknown = POINT_KINDS.iter().any(|kind| {
            let shape = Shape::of(level, *kind);
            fields.number(*kind).is_some_and(|number| number > 15 || shape.oneof >> number & 1 != 0)
        });
        if unknown {
            self.touched.general |= bit(level);
        }
    }

    /// A call. An editor without a target works on the metric of the record.
    pub fn call(&mut self, n: u32) {
        let plan = self.plan;
        let site = &plan.calls[n as usize];
        let editor = site.function.kind == FunctionKind::Editor;
        self.pure &= super::code::repeatable(site.function.purity);
        let mut has_target = false;
        for arg in &site.args {
            match arg {
                Arg::Absent | Arg::Const(_) | Arg::Function(_) => {}
                Arg::Eager { expr, .. } => self.expr(*expr),
                Arg::Lazy(thunk) => self.expr(plan.thunks[*thunk as usize].0),
                Arg::LazyList(thunks) => thunks.iter().for_each(|t| self.expr(plan.thunks[*t as usize].0)),
                Arg::Path(n) => {
                    has_target = true;
                    self.path(*n, editor);
                }
                Arg::Lambda(n) => self.expr(plan.lambdas[*n as usize].body),
            }
        }
        if editor && !has_target {
            let metric = bit(ContextId::Metric);
            self.touched.any |= metric;
            self.touched.written |= metric;
            self.touched.parts |= metric;
            self.touched.whole |= metric;
            self.touched.fields[ContextId::Metric as usize] = !0;
            self.touched.general |= metric;
        }
    }
}

/// Groups that run together, level by level, in one walk over the message.
#[derive(Debug, Default)]
pub(super) struct Pass {
    /// Numbers of the groups in the program, by level, in order.
    pub groups: [Vec<u32>; LEVELS],
    /// What they touch.
    pub touched: Touched,
    /// Bit per level: written by a statement of a lower level.
    pub from_below: u16,
    /// Bit per level: has groups. In a filter, so has a level without conditions: what is empty there is dropped.
    pub active: u16,
    /// By level: what is done.
    pub levels: [LevelProgram; LEVELS],
    /// Whether one of its groups has a cache that all records share.
    pub shares_cache: bool,
    /// Why its first group does not run in the pass before; the first pass has no reason.
    pub cut: Option<Cut>,
    /// Whether errors are hidden if it leaves nothing of the message.
    pub hides_errors: bool,
}

impl Pass {
    /// Bit per level: something writes it. What a resource's own statements write is not fixed while they run.
    pub fn written(&self) -> u16 {
        self.from_below | self.touched.written
    }
}

/// Why a group does not run in one walk with the groups before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// The group of this number has a reason to run in a walk of its own: the later one, or the one before.
    Alone(usize, Alone),
    /// It lies above the level of the group before.
    Above,
    /// It has the cache of this context, which a group before it shares.
    Cache(ContextId),
    /// Merging is switched off.
    SwitchedOff,
}

/// Why a group runs in a walk of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alone {
    /// It writes levels above its own: a bit each.
    WritesAbove(u16),
    /// It may replace parts of these levels that are levels themselves.
    ReplacesParts(u16),
    /// It gives up the message on an error.
    Propagates,
}

/// Bits of the numbers of a field in all kinds of point messages.
fn numbers(fields: Fields) -> u32 {
    use PointKind::{Exponential, Histogram, Number, Summary};
    [Number, Histogram, Exponential, Summary].iter().filter_map(|kind| fields.number(*kind)).fold(0, |b, n| b | 1 << n)
}

fn survey_group(plan: &Plan, group: &Group) -> Touched {
    let mut survey = Survey::new(plan);
    for (condition, _) in &group.conditions {
        survey.expr(*condition);
    }
    for statement in &group.statements {
        if let Some(condition) = statement.condition {
            survey.expr(condition);
        }
        survey.call(statement.editor);
    }
    survey.touched
}

/// Cuts the groups of a transform program into passes.
///
/// The reference runs every group over the whole message before the next. Two groups may run level by level in one
/// walk when nobody can see the difference: the later one lies at the same depth or deeper, neither writes what lies
/// above its own level or what the walk of the other goes over, they share no cache, and neither gives up the message
/// on an error (the group that fails first decides which error is reported).
pub(super) fn passes(plan: &Plan, groups: &[Group], options: Options) -> Vec<Pass> {
    let mut passes: Vec<Pass> = Vec::new();
    let mut last_depth = 0;
    let mut closed = None;
    let mut caches: Vec<ContextId> = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let touched = survey_group(plan, group);
        let level = bit(group.context);
        let above = touched.written & !level & !bit(ContextId::OtelCol);
        let alone = match touched.parts {
            _ if above != 0 => Some(Alone::WritesAbove(above)),
            parts if parts != 0 => Some(Alone::ReplacesParts(parts)),
            _ => (group.error_mode == ErrorMode::Propagate).then_some(Alone::Propagates),
        }
        .map(|why| Cut::Alone(number, why));
        let shared = match group.cache {
            CacheKey::Shared(context) => Some(context),
            CacheKey::PerRecord => None,
        };
        let is_above = (group.context.depth() < last_depth).then_some(Cut::Above);
        let same_cache = shared.filter(|context| caches.contains(context)).map(Cut::Cache);
        let cut = closed.or(alone).or(is_above).or(same_cache);
        if cut.is_some() || passes.is_empty() {
            passes.push(Pass { cut: cut.filter(|_| number > 0), ..Pass::default() });
            caches.clear();
        }
        closed = alone.or_else(|| (!options.has(Rewrite::Merge)).then_some(Cut::SwitchedOff));
        last_depth = group.context.depth();
        caches.extend(shared);
        if let Some(pass) = passes.last_mut() {
            pass.groups[group.context as usize].push(number as u32);
            pass.touched.add(touched);
            pass.from_below |= above;
            pass.active |= level;
            pass.shares_cache |= shared.is_some();
        }
    }
    passes
}
