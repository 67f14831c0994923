//! `flatten`: turns nested maps and lists into keys with dots.

use ottl_core::Arena;
use ottl_core::ArenaVec;
use ottl_core::edit::{MapEdit, MapEntry, Slot};
use ottl_core::function::{Const, FunctionDef, Kernel, ParamType};
use ottl_core::number::push_int;
use ottl_core::{EvalError, List, Map, Value};

use crate::pairs::Pairs;
use crate::scratch;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::editor("flatten")
    .arg("target", ParamType::MapTarget, "path of the map")
    .optional("prefix", ParamType::ConstString, "text before each key, with a dot between; default none")
    .optional("depth", ParamType::ConstInt, "how many levels are opened, at least 1; default all")
    .optional("resolve_conflicts", ParamType::ConstBool, "whether keys that collide are numbered; default false")
    .docs(
        "Replaces nested maps and lists by their elements under keys such as `a.b` and `a.0`.\n\nEmpty maps and \
         lists disappear. Of keys that collide the first keeps its place and the last gives the value; with \
         `resolve_conflicts` the later ones get the suffixes `.0`, `.1` and so on instead, and elements of lists \
         that are no containers collide under the key of their list.",
    )
    .example(
        "flatten(log.attributes)",
        r#"{"body":{"stringValue":"GET /users/7"},"attributes":[{"key":"method","value":{"stringValue":"GET"}},{"key":"status","value":{"intValue":"200"}},{"key":"user.name","value":{"stringValue":"ann"}},{"key":"user.id","value":{"intValue":"7"}},{"key":"tags.0","value":{"stringValue":"a"}},{"key":"tags.1","value":{"stringValue":"b"}}]}"#,
    )
    .compile(compile);

struct Options {
    prefix: Box<[u8]>,
    depth: i64,
    resolve_conflicts: bool,
}

fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let depth = args[2].as_int().unwrap_or(i64::MAX);
    if depth < 1 {
        return Err(format!("the depth {depth} is less than 1"));
    }
    let options = Options {
        prefix: Box::from(args[1].as_str().unwrap_or_default()),
        depth,
        resolve_conflicts: matches!(args[3], Const::Value(Value::Bool(true))),
    };
    Ok(Kernel::edit_map(move |map, _, arena| flatten(map, &options, arena)))
}

fn flatten<'a>(map: &mut MapEdit<'a>, options: &Options, arena: &'a Arena) -> Result<(), EvalError> {
    scratch::with_text(|path| {
        let mut flat = Flat {
            arena,
            options,
            path,
            pairs: Pairs::with_capacity(arena, map.len() * 2)?,
            suffixes: arena.vec(),
            differs: false,
        };
        flat.root(map)?;
        if flat.differs {
            map.replace(flat.pairs.entries().iter().copied());
        }
        Ok(())
    })
}

/// The map under construction. Depths count as in the reference, where a list takes a level of its own.
struct Flat<'f, 'a> {
    arena: &'a Arena,
    options: &'f Options,
    /// The key so far.
    path: &'f mut Vec<u8>,
    pairs: Pairs<'a>,
    /// With `resolve_conflicts`: the next suffix of each pair's key.
    suffixes: ArenaVec<'a, u64>,
    /// Whether the pairs are other ones than the map's: a key was made, a container was opened, or keys collided.
    differs: bool,
}

impl<'a> Flat<'_, 'a> {
    fn root(&mut self, map: &MapEdit<'a>) -> Result<(), EvalError> {
        self.path.extend_from_slice(&self.options.prefix);
        if !self.path.is_empty() {
            self.path.push(b'.');
        }
        let prefixed = !self.path.is_empty();
        for pair in map.iter() {
            let value = pair.value()?;
            let container = matches!(value, Value::Map(_) | Value::List(_));
            // PERF: a pair that stays as it is needs no copy of its key.
            if !prefixed && !container && self.keep(pair)? {
                continue;
            }
            self.differs = true;
            self.within(|path| path.extend_from_slice(pair.key), |flat| flat.value(value, 0))?;
        }
        Ok(())
    }

    /// Takes a pair of the map over, unless its key collides and is to be numbered.
    #[inline]
    fn keep(&mut self, pair: MapEntry<'a>) -> Result<bool, EvalError> {
        if !self.options.resolve_conflicts {
            self.differs |= !self.pairs.put(pair)?;
            return Ok(true);
        }
        let new = self.pairs.position(pair.key).is_none();
        if new {
            self.pairs.push_unique(pair)?;
            self.suffixes.push(0)?;
        }
        Ok(new)
    }

    /// Does something with a longer path.
    #[inline]
    fn within(
        &mut self,
        extend: impl FnOnce(&mut Vec<u8>),
        act: impl FnOnce(&mut Self) -> Result<(), EvalError>,
    ) -> Result<(), EvalError> {
        let len = self.path.len();
        extend(self.path);
        let result = act(self);
        self.path.truncate(len);
        result
    }

    /// A value whose key is the path.
    #[inline]
    fn value(&mut self, value: Value<'a>, depth: i64) -> Result<(), EvalError> {
        match value {
            Value::Map(map) if depth < self.options.depth => self.map(map, depth + 1),
            Value::List(list) if depth < self.options.depth => self.list(list, depth),
            leaf => self.put(leaf),
        }
    }

    fn map(&mut self, map: Map<'a>, depth: i64) -> Result<(), EvalError> {
        let len = self.path.len();
        if len > 0 {
            self.path.push(b'.');
        }
        map.try_each(|key, value| self.within(|path| path.extend_from_slice(key), |flat| flat.value(*value, depth)))?;
        self.path.truncate(len);
        Ok(())
    }

    fn list(&mut self, list: List<'a>, depth: i64) -> Result<(), EvalError> {
        for (item, idx) in list.iter().zip(0_i64..) {
            let opens = depth + 1 < self.options.depth;
            let numbered = |path: &mut Vec<u8>| {
                path.push(b'.');
                push_int(path, idx);
            };
            match item {
                Value::Map(map) if opens => self.within(numbered, |flat| flat.map(map, depth + 2))?,
                Value::List(inner) if opens => self.within(numbered, |flat| {
                    for (item, idx) in inner.iter().zip(0_i64..) {
                        // COMPAT: the reference forgets the dot before the index in a list of lists.
                        flat.within(|path| push_int(path, idx), |flat| flat.value(item, depth + 3))?;
                    }
                    Ok(())
                })?,
                leaf if self.options.resolve_conflicts => self.put(leaf)?,
                leaf => self.within(numbered, |flat| flat.put(leaf))?,
            }
        }
        Ok(())
    }

    #[inline]
    fn put(&mut self, value: Value<'a>) -> Result<(), EvalError> {
        if self.options.resolve_conflicts
            && let Some(at) = self.pairs.position(self.path)
        {
            return self.put_numbered(value, at);
        }
        self.put_path(value)
    }

    /// A value whose key is that of pair `at`.
    fn put_numbered(&mut self, value: Value<'a>, at: usize) -> Result<(), EvalError> {
        let suffix = self.suffixes[at];
        self.suffixes[at] += 1;
        let extend = |path: &mut Vec<u8>| {
            path.push(b'.');
            push_int(path, suffix as i64);
        };
        self.within(extend, |flat| flat.put_path(value))
    }

    fn put_path(&mut self, value: Value<'a>) -> Result<(), EvalError> {
        let key = self.arena.copy(self.path)?;
        if self.pairs.put(MapEntry::new(key, Slot::Value(value)))? && self.options.resolve_conflicts {
            self.suffixes.push(0)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::editor_host::{Arg, cases, compile_error};

    #[test]
    fn containers_become_keys() {
        let map = r#"{"a":1,"b":{"c":2,"d":{"e":null}},"l":[1,{"x":2},[3,[4]],[]],"m":{}}"#;
        cases(
            &DEF,
            &[
                (map, &[], r#"{"a":1,"b.c":2,"b.d.e":null,"l.0":1,"l.1.x":2,"l.20":3,"l.21.0":4}"#),
                (r#"{"a":{"b":1}}"#, &[Arg::Lit(r#""p""#)], r#"{"p.a.b":1}"#),
                (r#"{"a":1}"#, &[Arg::Lit(r#""p""#)], r#"{"p.a":1}"#),
                (
                    map,
                    &[Arg::Absent, Arg::Lit("1")],
                    r#"{"a":1,"b.c":2,"b.d":{"e":null},"l.0":1,"l.1":{"x":2},"l.2":[3,[4]],"l.3":[]}"#,
                ),
                (r#"{"":{"a":1}}"#, &[], r#"{"a":1}"#),
                (r#"{"a":1,"b":"x"}"#, &[], "unchanged"),
                (r#"{"a":1,"b":"x"}"#, &[Arg::Absent, Arg::Absent, Arg::Lit("true")], "unchanged"),
                ("{}", &[Arg::Lit(r#""p""#)], "unchanged"),
                (r#"{"a":1,"a":2}"#, &[], r#"{"a":2}"#),
                ("null", &[], "error"),
            ],
        );
        assert!(compile_error(&DEF, &[Arg::Absent, Arg::Lit("0")]).contains("depth"));
    }

    #[test]
    fn collisions_overwrite_or_count() {
        let map = r#"{"a.b":1,"x":0,"a":{"b":2},"l":["p","q","r"]}"#;
        cases(
            &DEF,
            &[
                (map, &[], r#"{"a.b":2,"x":0,"l.0":"p","l.1":"q","l.2":"r"}"#),
                (
                    map,
                    &[Arg::Absent, Arg::Absent, Arg::Lit("true")],
                    r#"{"a.b":1,"x":0,"a.b.0":2,"l":"p","l.0":"q","l.1":"r"}"#,
                ),
            ],
        );
    }

    #[test]
    fn output_is_bounded() {
        let key = "k".repeat(1 << 16);
        let leaves = (0..2000).map(|i| format!("\"{i}\":1")).collect::<Vec<_>>().join(",");
        cases(&DEF, &[(&format!("{{\"{key}\":{{{leaves}}}}}"), &[], "error")]);
    }
}
