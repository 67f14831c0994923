//! Merging: which groups run together, level by level, in one walk over the message.

use ottl_plan::{CacheKey, ErrorMode, Group, Plan};
use ottl_schema::ContextId;

use super::survey::survey_group;
use crate::fast::levels::bit;
use crate::fast::options::{Options, Rewrite};
use crate::fast::program::pass::{Alone, Cut, Pass};

/// Cuts the groups of a transform program into passes.
///
/// The reference runs every group over the whole message before the next. Two groups may run level by level in one
/// walk when nobody can see the difference: the later one lies at the same depth or deeper, neither writes what lies
/// above its own level or what the walk of the other goes over, they share no cache, neither adds to what profiles share
/// where the other looks at it (an index that leads nowhere leads somewhere then), and neither gives up the message on an
/// error (the group that fails first decides which error is reported).
pub(crate) fn passes(plan: &Plan, groups: &[Group], options: Options) -> Vec<Pass> {
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
        let before = passes.last().map(|pass| pass.touched).unwrap_or_default();
        let adds = before.adds_shared && touched.uses_shared || before.uses_shared && touched.adds_shared;
        let adds = adds.then_some(Cut::Shared);
        let cut = closed.or(alone).or(is_above).or(same_cache).or(adds);
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
            // Such a group is the only one of its pass.
            pass.isolates = group.isolate && above != 0;
        }
    }
    passes
}
