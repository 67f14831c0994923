//! `merge_maps`: copies the pairs of one map into another.

use ottl_core::Arena;
use ottl_core::edit::{MapEdit, MapEntry, Slot};
use ottl_core::function::{Const, FunctionDef, Kernel, ParamType};
use ottl_core::value::Entry;
use ottl_core::{EvalError, Map};

use crate::arguments;
use crate::pairs::Pairs;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("merge_maps")
    .arg("target", ParamType::MapTarget, "path of the map that grows")
    .arg("source", ParamType::MAP, "map that is copied")
    .arg("strategy", ParamType::ConstString, "`insert`, `update` or `upsert`")
    .docs(
        "Copies the pairs of a map into another.\n\n`insert` copies only keys that the target lacks, `update` only \
         keys that it has, `upsert` both. A nested map replaces the old value as a whole. Keys that are there keep \
         their place, new ones follow in the order of the source.",
    )
    .example(
        r#"merge_maps(log.attributes, {"status": 404, "new": true}, "update")"#,
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"404"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    )
    .compile(compile);

#[derive(Clone, Copy)]
struct Strategy {
    insert: bool,
    update: bool,
}

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let strategy = match args[2].as_str() {
        Some(b"insert") => Strategy { insert: true, update: false },
        Some(b"update") => Strategy { insert: false, update: true },
        Some(b"upsert") => Strategy { insert: true, update: true },
        _ => {
            return Err("the strategy must be 'insert' (new keys), 'update' (known keys) or 'upsert' (both)".to_owned());
        }
    };
    Ok(Kernel::merge_map(move |map, args, arena| merge(map, arguments::map(args, 1)?, strategy, arena)))
}

/// Beyond this product of sizes keys are looked up in an index.
const INDEXED: usize = 1 << 12;

fn merge<'a>(map: &mut MapEdit<'a>, source: Map<'a>, strategy: Strategy, arena: &'a Arena) -> Result<(), EvalError> {
    let count = source.len();
    if count == 0 {
        return Ok(());
    }
    if (map.len() + count).saturating_mul(count) > INDEXED {
        return merge_indexed(map, source, strategy, arena);
    }
    // PERF (benches, json-bodies): the results of functions lie in the arena, where a walk costs next to nothing.
    match source {
        Map::Entries(entries, _) => merge_few(map, entries.iter().copied(), strategy),
        Map::Wire(..) => merge_few(map, source.iter(), strategy),
    }
    Ok(())
}

#[inline]
fn merge_few<'a>(map: &mut MapEdit<'a>, source: impl Iterator<Item = Entry<'a>>, strategy: Strategy) {
    let mut seen = map.key_bits();
    for pair in source {
        let bit = Map::key_bit(pair.key);
        let place = if seen & bit == 0 { None } else { map.position(pair.key) };
        match place {
            Some(at) if strategy.update => map.set_at(at, pair.value),
            None if strategy.insert => {
                map.push(pair.key, pair.value);
                seen |= bit;
            }
            _ => {}
        }
    }
}

/// The same with one look-up per key whatever the sizes, also when keys of the target repeat.
#[inline(never)]
fn merge_indexed<'a>(
    map: &mut MapEdit<'a>,
    source: Map<'a>,
    strategy: Strategy,
    arena: &'a Arena,
) -> Result<(), EvalError> {
    let mut known = Pairs::with_capacity(arena, map.len())?;
    // Where the first pair with each known key is in the map.
    let mut places = arena.vec_for(map.len())?;
    for (at, pair) in map.iter().enumerate() {
        if known.position(pair.key).is_none() {
            known.push_unique(pair)?;
            places.push(at)?;
        }
    }
    for pair in source.iter() {
        match known.position(pair.key) {
            Some(at) if strategy.update => map.set_at(places[at], pair.value),
            None if strategy.insert => {
                places.push(map.len())?;
                known.push_unique(MapEntry::new(pair.key, Slot::Value(pair.value)))?;
                map.push(pair.key, pair.value);
            }
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn strategies_decide_what_is_copied() {
        let target = r#"{"a":1,"b":{"x":1}}"#;
        let args = |strategy| [Arg::Dyn(r#"{"c":3,"b":{"y":2},"c":4}"#), Arg::Lit(strategy)];
        cases(
            &DEF,
            &[
                (target, &args(r#""insert""#), r#"{"a":1,"b":{"x":1},"c":3}"#),
                (target, &args(r#""update""#), r#"{"a":1,"b":{"y":2}}"#),
                (target, &args(r#""upsert""#), r#"{"a":1,"b":{"y":2},"c":4}"#),
                (r#"{"b":1,"c":2}"#, &args(r#""insert""#), "unchanged"),
                (r#"{"a":1}"#, &args(r#""update""#), "unchanged"),
                (target, &[Arg::Dyn("null"), Arg::Lit(r#""insert""#)], "error"),
                ("null", &args(r#""insert""#), "error"),
            ],
        );
        assert!(compile_error(&DEF, &[Arg::Dyn("{}"), Arg::Lit(r#""replace""#)]).contains("strategy"));
    }

    #[test]
    fn of_a_repeated_key_the_first_pair_is_overwritten_at_any_size() {
        for count in [1, 100] {
            let more = (0..count).map(|i| format!(",\"x{i}\":0")).collect::<String>();
            let source: &'static str = Box::leak(format!("{{\"a\":3{more}}}").into_boxed_str());
            cases(
                &DEF,
                &[(
                    &format!("{{\"a\":1,\"b\":0,\"a\":2{more}}}"),
                    &[Arg::Dyn(source), Arg::Lit(r#""upsert""#)],
                    &format!("{{\"a\":3,\"b\":0,\"a\":2{more}}}"),
                )],
            );
        }
    }

    #[test]
    fn large_maps_merge_as_small_ones_do() {
        let pairs = |from: usize, to: usize| (from..to).map(|i| format!("\"{i}\":{i}")).collect::<Vec<_>>().join(",");
        let (target, source) = (format!("{{{}}}", pairs(0, 80)), format!("{{{}}}", pairs(70, 150)));
        let source: &'static str = Box::leak(source.into_boxed_str());
        for (strategy, want) in [(r#""insert""#, format!("{{{}}}", pairs(0, 150))), (r#""update""#, target.clone())] {
            cases(&DEF, &[(&target, &[Arg::Dyn(source), Arg::Lit(strategy)], &want)]);
        }
    }
}
