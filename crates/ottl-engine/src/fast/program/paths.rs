//! The paths of a plan, and what scans of messages have to find for them.

use std::ops::Deref;

use ottl_core::edit::KnownKeys;
use ottl_core::function::{Kernel, KeyFilter, KeySet};
use ottl_plan::{Arg, KeyExpr, Literal, Plan};
use ottl_regex::TextPattern;
use ottl_schema::{Access, ContextId, Conv, PointKind, path};

use crate::fast::levels::LEVELS;
use crate::fast::node::{BODY, Scan};

/// A path of the plan with its row looked up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PathCode {
    pub level: ContextId,
    pub access: Access,
    /// The number of its first key among those that the plan names in the attribute maps of this level.
    pub known: u8,
    pub at_hand: AtHand,
}

/// What of a message a path is, if nothing has to be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AtHand {
    /// An attribute.
    Attribute,
    /// The singular field of this number: a text, an int, a time, an id or the body.
    Field(u8),
    /// What literal keys lead to in the body, or in an attribute or a cache by the first of them.
    Behind,
    /// The type of the metric.
    MetricType,
    /// Something else.
    No,
}

impl AtHand {
    fn of(access: Access, keys: &[KeyExpr]) -> AtHand {
        match (access, keys) {
            (Access::Attributes(_), [KeyExpr::Str(_)]) => AtHand::Attribute,
            (Access::Body, []) => AtHand::Field(BODY as u8),
            (Access::Attributes(_) | Access::Body | Access::Cache, [first, ..])
                if matches!(first, KeyExpr::Str(_)) && keys.iter().all(|key| !matches!(key, KeyExpr::Expr(_))) =>
            {
                AtHand::Behind
            }
            (Access::MetricType, []) => AtHand::MetricType,
            (Access::Field(fields, conv), []) if is_at_hand(conv) => {
                let numbers = PointKind::ALL.map(|kind| fields.number(kind));
                match numbers {
                    [Some(number), ..] if numbers.iter().all(|one| *one == Some(number)) => AtHand::Field(number as u8),
                    _ => AtHand::No,
                }
            }
            _ => AtHand::No,
        }
    }
}

/// Whether a field of this conversion is read at once.
fn is_at_hand(conv: Conv) -> bool {
    matches!(
        conv,
        Conv::Str
            | Conv::I32
            | Conv::U32
            | Conv::Nanos
            | Conv::FixedInt
            | Conv::Fixed32
            | Conv::Fixed32Checked
            | Conv::Time
            | Conv::TraceId
            | Conv::SpanId
            | Conv::TraceIdText
            | Conv::SpanIdText
    )
}

/// What rules look at in the messages of a level.
#[derive(Debug)]
pub(crate) struct Touch {
    /// How its messages are scanned, by the kind of points; other messages have the first.
    pub scans: [Scan; 4],
    /// Whether rules look at nothing of them.
    pub nothing: bool,
    /// The keys of the attribute map that they name.
    pub keys: Keys,
}

/// The keys that rules name at a level. They are tables of 3 KiB, which levels do without of which rules name none.
#[derive(Debug, Default)]
pub(crate) struct Keys(Option<Box<KnownKeys>>);

impl Keys {
    fn tables(&mut self) -> &mut KnownKeys {
        self.0.get_or_insert_default()
    }
}

impl Deref for Keys {
    type Target = KnownKeys;

    #[inline]
    fn deref(&self) -> &KnownKeys {
        self.0.as_deref().unwrap_or(KnownKeys::none())
    }
}

/// The paths of a plan, by their number in it.
#[derive(Debug)]
pub(crate) struct Paths {
    codes: Vec<PathCode>,
    /// By level: the keys that rules name in its cache.
    cached: [Keys; LEVELS],
}

impl Paths {
    pub fn new(plan: &Plan) -> Paths {
        let codes = plan.paths.iter().map(|used| {
            let decl = path(used.path);
            PathCode {
                level: decl.context,
                access: decl.access,
                known: u8::MAX,
                at_hand: AtHand::of(decl.access, &used.keys),
            }
        });
        Paths { codes: codes.collect(), cached: Default::default() }
    }

    /// Gives the keys that paths of attributes and caches name their numbers.
    pub fn name_keys(&mut self, plan: &Plan, touched: &mut [Touch; LEVELS]) {
        for (code, used) in self.codes.iter_mut().zip(plan.paths.iter()) {
            let Some(KeyExpr::Str(key)) = used.keys.first() else { continue };
            let keys = match code.access {
                Access::Attributes(_) => &mut touched[code.level as usize].keys,
                Access::Cache => &mut self.cached[code.level as usize],
                _ => continue,
            };
            code.known = keys.tables().add(key).unwrap_or(u8::MAX);
        }
        for call in plan.calls.iter() {
            // Editors of maps name keys as well.
            if let (Kernel::FilterKeys(filter), Some(Arg::Path(target))) = (&call.kernel, call.args.first())
                && let Some(PathCode { level, access: Access::Attributes(_), .. }) = self.codes.get(*target as usize)
            {
                let keys = &mut touched[*level as usize].keys;
                let named = match filter {
                    KeyFilter::Only(set) => Some(set),
                    KeyFilter::AtMost(filter) => Some(filter.priority()),
                    KeyFilter::Matching(regex) | KeyFilter::NotMatching(regex) => {
                        if let Some(TextPattern::Prefix(prefix)) = regex.literal() {
                            keys.tables().add_prefix(&prefix);
                        }
                        None
                    }
                };
                for key in named.into_iter().flat_map(KeySet::iter) {
                    keys.tables().add(key);
                }
            }
            if let (Kernel::EditKeys(edit), Some(Arg::Path(target))) = (&call.kernel, call.args.first())
                && let Some(PathCode { level, access: Access::Attributes(_), .. }) = self.codes.get(*target as usize)
            {
                for key in edit.renames().into_iter().flatten() {
                    touched[*level as usize].keys.tables().add(key);
                }
            }
            if let Kernel::EditByKey(Some(key), _) = &call.kernel {
                for arg in &call.args {
                    if let Arg::Path(target) = arg
                        && let Some(PathCode { level, access: Access::Attributes(_), .. }) =
                            self.codes.get(*target as usize)
                    {
                        touched[*level as usize].keys.tables().add(key);
                    }
                }
            }
            if let (Kernel::RemoveKey, [Arg::Path(target), Arg::Const(Literal::Str(key))]) =
                (&call.kernel, call.args.as_slice())
                && let Some(PathCode { level, access: Access::Attributes(_), .. }) = self.codes.get(*target as usize)
            {
                touched[*level as usize].keys.tables().add(key);
            }
        }
    }

    #[inline]
    pub fn at(&self, n: u32) -> &PathCode {
        &self.codes[n as usize]
    }

    /// The keys that rules name in the cache of a level.
    pub fn cached(&self, level: ContextId) -> &KnownKeys {
        &self.cached[level as usize]
    }
}
