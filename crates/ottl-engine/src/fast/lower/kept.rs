//! Which places in bodies are kept once they were looked up: those that several expressions look at or into.

use ottl_plan::{Expr, KeyExpr, Plan};
use ottl_schema::{Access, path};

use crate::fast::program::kept::{KeptPlace, KeptPlaces};

/// How many places are kept at most.
const MOST: usize = 32;

/// How many keys lead to one at most: finding an inner one recurs.
const DEEPEST: usize = 8;

/// The places of a plan.
pub(crate) fn kept(plan: &Plan) -> KeptPlaces {
    let mut counted: Vec<(&[KeyExpr], usize)> = Vec::new();
    for expr in &plan.exprs {
        let Expr::Path(number) = expr else { continue };
        let keys = keys_of(plan, *number);
        for len in 1..=keys.len().min(DEEPEST) {
            let outer = &keys[..len];
            match counted.iter_mut().find(|(known, _)| *known == outer) {
                Some((_, count)) => *count += 1,
                None => counted.push((outer, 1)),
            }
        }
    }
    // Where all look further into the same place, that one is enough.
    let is_passed = |(keys, count): &(&[KeyExpr], usize)| {
        counted.iter().any(|(inner, same)| inner.len() > keys.len() && same == count && inner.starts_with(keys))
    };
    let several = counted.iter().filter(|one| one.1 > 1 && !is_passed(one));
    let mut chosen: Vec<&[KeyExpr]> = several.map(|(keys, _)| *keys).collect();
    chosen.sort_by_key(|keys| keys.len());
    chosen.truncate(MOST);
    let mut kept = KeptPlaces::default();
    for keys in chosen {
        let outer = innermost(&kept.places, keys);
        kept.places.push(KeptPlace { keys: keys.to_vec(), outer });
    }
    if !kept.places.is_empty() {
        let numbers = 0..plan.paths.len() as u32;
        let of_path = |number| innermost(&kept.places, keys_of(plan, number)).map(|(place, _)| place);
        kept.by_path = numbers.map(of_path).collect();
    }
    kept
}

/// The keys of a path that lies behind literal keys in a body; none of another one.
fn keys_of(plan: &Plan, number: u32) -> &[KeyExpr] {
    match plan.paths.get(number as usize) {
        Some(used)
            if matches!(path(used.path).access, Access::Body)
                && matches!(used.keys.first(), Some(KeyExpr::Str(_)))
                && used.keys.iter().all(|key| !matches!(key, KeyExpr::Expr(_))) =>
        {
            &used.keys
        }
        _ => &[],
    }
}

/// The last of these places that keys lead to or past, and how many lead to it.
fn innermost(places: &[KeptPlace], keys: &[KeyExpr]) -> Option<(u8, usize)> {
    let number = places.iter().rposition(|place| keys.starts_with(&place.keys))?;
    Some((number as u8, places[number].keys.len()))
}
