//! `merge_maps`: copies the pairs of one map into another.

use ottl_core::edit::{MapEdit, MapEntry, Slot};
use ottl_core::function::{
    Availability, CallContext, Const, Eval, Example, FunctionDef, FunctionKind, Host, Param, ParamType, Prepared,
    Purity, Type,
};
use ottl_core::ops::Coercion;
use ottl_core::{EvalError, Map, Value};

use crate::pairs::{Pairs, has_duplicates};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef {
    name: "merge_maps",
    kind: FunctionKind::Editor,
    params: &[
        Param::new("target", ParamType::MapTarget, "path of the map that grows"),
        Param::new("source", ParamType::Coerced(Coercion::Map), "map that is copied"),
        Param::new("strategy", ParamType::ConstString, "`insert`, `update` or `upsert`"),
    ],
    returns: Type::Nil,
    purity: Purity::Record,
    availability: Availability::STATEMENTS,
    docs: "Copies the pairs of a map into another.\n\n`insert` copies only keys that the target lacks, `update` only keys that it has, `upsert` \
           both. A nested map replaces the old value as a whole. Keys that are there keep their place, new ones follow in the order of the source.",
    examples: &[Example {
        code: r#"merge_maps(log.attributes, {"status": 404, "new": true}, "update")"#,
        result: r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"404"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}},{"key":"tags","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}}]}"#,
    }],
    prepare: Some(prepare),
    eval: Eval::Editor(eval),
};

#[derive(Clone, Copy)]
struct Strategy {
    insert: bool,
    update: bool,
}

fn prepare(args: &[Const<'_>]) -> Result<Option<Prepared>, String> {
    let strategy = match args[2].as_str() {
        Some(b"insert") => Strategy { insert: true, update: false },
        Some(b"update") => Strategy { insert: false, update: true },
        Some(b"upsert") => Strategy { insert: true, update: true },
        _ => return Err("the strategy must be 'insert', 'update' or 'upsert'".to_owned()),
    };
    Ok(Some(Box::new(strategy)))
}

/// Beyond this product of sizes the target is indexed first.
const INDEXED: usize = 1 << 12;

fn eval<'a>(cx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<(), EvalError> {
    let Some(&strategy) = cx.prepared::<Strategy>() else {
        return Err(EvalError::function("merge_maps was called unprepared"));
    };
    let Value::Map(source) = args[1] else { return Err(EvalError::function("the source must be a map")) };
    cx.edit_map(args[0], |host, map| {
        let count = source.len();
        if (map.len() + count).saturating_mul(count) > INDEXED && !has_duplicates(map.iter(), host.arena()) {
            merge_indexed(host, map, source, strategy);
            return Ok(());
        }
        for pair in source.iter() {
            match map.position(pair.key) {
                Some(at) if strategy.update => map.set_at(at, pair.value),
                None if strategy.insert => map.push(pair.key, pair.value),
                _ => {}
            }
        }
        Ok(())
    })
}

fn merge_indexed<'a>(host: &mut dyn Host<'a>, map: &mut MapEdit<'a>, source: Map<'a>, strategy: Strategy) {
    let mut pairs = Pairs::with_capacity(host.arena(), map.len() + source.len());
    map.iter().for_each(|pair| pairs.push_unique(pair));
    let mut changed = false;
    for pair in source.iter() {
        let known = pairs.position(pair.key).is_some();
        if known && strategy.update || !known && strategy.insert {
            pairs.put(MapEntry::new(pair.key, Slot::Value(pair.value)));
            changed = true;
        }
    }
    if changed {
        map.replace(pairs.entries().iter().copied());
    }
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
    fn large_maps_merge_as_small_ones_do() {
        let pairs = |from: usize, to: usize| (from..to).map(|i| format!("\"{i}\":{i}")).collect::<Vec<_>>().join(",");
        let (target, source) = (format!("{{{}}}", pairs(0, 80)), format!("{{{}}}", pairs(70, 150)));
        let source: &'static str = Box::leak(source.into_boxed_str());
        for (strategy, want) in [(r#""insert""#, format!("{{{}}}", pairs(0, 150))), (r#""update""#, target.clone())] {
            cases(&DEF, &[(&target, &[Arg::Dyn(source), Arg::Lit(strategy)], &want)]);
        }
    }
}
