//! Calls that extract by literal patterns from the same text: their patterns are looked for together.
//!
//! What a text lacks that a pattern needs is found for all of them by one look at it. A call whose pattern cannot match gives
//! the empty map, as it would by a search of its own; all others are made as ever. Which text it is is told by where it lies,
//! so that calls may stand together that happen to read different ones: they are then looked at one by one.

use ottl_core::function::Kernel;
use ottl_plan::{Arg, CallSite, Expr, PathUse, Plan};
use ottl_regex::PatternSet;

use crate::fast::program::extractions::{Extractions, PatternPlace};

/// With fewer calls a search of each costs less.
const FEWEST: usize = 3;

/// The sets of a plan.
pub(crate) fn extractions(plan: &Plan) -> Extractions {
    let mut texts: Vec<(&PathUse, Vec<usize>)> = Vec::new();
    for (number, call) in plan.calls.iter().enumerate() {
        let Some(path) = text_of(plan, call).filter(|_| matches!(call.kernel, Kernel::Extract(_))) else { continue };
        match texts.iter_mut().find(|(known, _)| *known == path) {
            Some((_, calls)) => calls.push(number),
            None => texts.push((path, vec![number])),
        }
    }
    let mut found = Extractions::default();
    for (_, calls) in texts.into_iter().filter(|(_, calls)| calls.len() >= FEWEST) {
        found.places.resize(plan.calls.len(), None);
        let set = found.sets.len();
        let mut patterns = Vec::with_capacity(calls.len());
        for call in calls {
            if let Kernel::Extract(extraction) = &plan.calls[call].kernel {
                found.places[call] = Some(PatternPlace { set, number: patterns.len() });
                patterns.push(extraction.pattern().clone());
            }
        }
        found.sets.push(PatternSet::new(patterns));
    }
    found
}

/// The path that the first argument of a call reads, whose other arguments are literals.
pub(super) fn text_of<'p>(plan: &'p Plan, call: &CallSite) -> Option<&'p PathUse> {
    let (Arg::Eager { expr, .. }, others) = call.args.split_first()? else { return None };
    if !others.iter().all(Arg::is_literal) {
        return None;
    }
    let Expr::Path(path) = plan.exprs[expr.0 as usize] else { return None };
    Some(&plan.paths[path as usize])
}
