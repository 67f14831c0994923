//! `limit`: keeps a map small.

use ottl_core::edit::MapEdit;
use ottl_core::function::{
    Availability, Const, Eval, Example, FunctionDef, FunctionKind, MapCall, PairsKernel, Param, ParamType, Prepared,
    Purity, Type,
};
use ottl_core::{EvalError, Value};

use crate::pairs::KeySet;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef {
    name: "limit",
    kind: FunctionKind::Editor,
    params: &[
        Param::new("target", ParamType::MapTarget, "path of the map"),
        Param::new("limit", ParamType::ConstInt, "how many keys may stay"),
        Param::new("priority_keys", ParamType::ConstStrings, "keys that stay in any case; not more than `limit`"),
    ],
    returns: Type::Nil,
    purity: Purity::Record,
    availability: Availability::STATEMENTS,
    docs: "Removes keys of a map until at most `limit` are left.\n\nPriority keys stay; of the others the first in the map's order. The keys that stay \
           keep their order.",
    examples: &[Example {
        code: r#"limit(log.attributes, 2, ["user"])"#,
        result: r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"user","value":{"kvlistValue":{"values":[{"key":"name","value":{"stringValue":"ann"}},{"key":"id","value":{"intValue":"7"}}]}}}]}"#,
    }],
    prepare: Some(prepare),
    eval: Eval::MapEditor {
        kernel: eval,
        literals_prepared: true,
        pairs: Some(PairsKernel::Keep { keep, all: Some(keeps_all) }),
    },
};

struct Limit {
    limit: usize,
    keep: KeySet,
    /// By the number of a priority key: how often it is listed. A key that is listed twice counts twice.
    listed: Vec<usize>,
}

fn prepare(args: &[Const<'_>]) -> Result<Option<Prepared>, String> {
    let limit = args[1].as_int().ok_or("the limit must be an int literal")?;
    let Const::Value(Value::List(keys)) = &args[2] else {
        return Err("the priority keys must be a list of string literals".to_owned());
    };
    let priority: Vec<Box<[u8]>> = keys.iter().filter_map(|key| key.as_str().map(Box::from)).collect();
    let limit = usize::try_from(limit).map_err(|_| format!("the limit {limit} is negative"))?;
    if limit < priority.len() {
        return Err(format!("the limit {limit} is less than the number of priority keys, {}", priority.len()));
    }
    let keep = KeySet::new(priority.iter().map(|key| &**key));
    let mut listed = vec![0; priority.len()];
    for number in priority.iter().filter_map(|key| keep.number(key)) {
        listed[number] += 1;
    }
    Ok(Some(Box::new(Limit { limit, keep, listed })))
}

impl Limit {
    /// Tells which of the keys are priority keys, and for how many these count. That decides how many others may stay, so
    /// keys are looked at twice: here, and once more only by this answer.
    fn priority_keys<'k>(&self, keys: impl Iterator<Item = &'k [u8]>, is_priority: &mut [bool]) -> usize {
        let mut count = 0;
        // A key counts once, however often the map has it; what was seen is a bit for the first keys of the list.
        let (mut seen, mut rest) = (0u64, Vec::new());
        for (key, is_priority) in keys.zip(is_priority) {
            let number = self.keep.number(key);
            *is_priority = number.is_some();
            if let Some(number) = number {
                let known = match number {
                    0..64 => {
                        let known = seen >> number & 1 != 0;
                        seen |= 1 << number;
                        known
                    }
                    _ if rest.contains(&number) => true,
                    _ => {
                        rest.push(number);
                        false
                    }
                };
                if !known {
                    count += self.listed[number];
                }
            }
        }
        count
    }
}

fn eval<'a>(call: &MapCall<'_, 'a>, map: &mut MapEdit<'a>) -> Result<(), EvalError> {
    let Some(prepared) = call.prepared::<Limit>() else {
        return Err(EvalError::function("limit was called unprepared"));
    };
    let limit = &prepared.limit;
    if map.len() <= *limit {
        return Ok(());
    }
    let is_priority = call.arena.repeat(map.len(), false)?;
    let mut count = prepared.priority_keys(map.keys(), is_priority);
    let others = is_priority.iter().filter(|is_priority| !**is_priority).count();
    let left = map.len() - others.saturating_sub(limit.saturating_sub(count));
    if !is_priority[left..].contains(&true) {
        // What goes are the last ones.
        map.truncate(left);
        return Ok(());
    }
    map.retain_places(|idx| {
        if is_priority[idx] {
            return true;
        }
        let stays = count < *limit;
        count += usize::from(stays);
        stays
    });
    Ok(())
}

fn keeps_all(prepared: &Prepared, pairs: usize) -> bool {
    prepared.downcast_ref::<Limit>().is_some_and(|limit| pairs <= limit.limit)
}

fn keep(prepared: &Prepared, keys: &[&[u8]], keep: &mut [bool]) {
    let Some(limit) = prepared.downcast_ref::<Limit>() else { return };
    if keys.len() <= limit.limit {
        return;
    }
    let mut count = limit.priority_keys(keys.iter().copied(), keep);
    for keep in keep.iter_mut().filter(|keep| !**keep) {
        *keep = count < limit.limit;
        count += usize::from(*keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn priority_keys_stay_and_the_rest_goes_by_order() {
        let map = r#"{"a":1,"b":2,"c":3,"d":4}"#;
        let args = |limit, keys| [Arg::Lit(limit), Arg::Lit(keys)];
        cases(
            &DEF,
            &[
                (map, &args("4", "[]"), "unchanged"),
                (map, &args("2", "[]"), r#"{"a":1,"b":2}"#),
                (map, &args("2", r#"["d"]"#), r#"{"a":1,"d":4}"#),
                (map, &args("2", r#"["d","d"]"#), r#"{"d":4}"#),
                (map, &args("2", r#"["x","y"]"#), r#"{"a":1,"b":2}"#),
                (map, &args("0", "[]"), "{}"),
                (r#"{"a":1,"a":2,"b":3}"#, &args("2", r#"["a"]"#), "unchanged"),
                ("7", &args("2", "[]"), "error"),
            ],
        );
        assert!(compile_error(&DEF, &args("-1", "[]")).contains("negative"));
        assert!(compile_error(&DEF, &args("1", r#"["a","b"]"#)).contains("priority"));
    }
}
