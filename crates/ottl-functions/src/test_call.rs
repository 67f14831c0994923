//! Tables of converter calls: a host that has nothing but the arguments of the row.
//!
//! Deliberately elsewhere: the host with paths that the tests of editors need.

use std::cell::Cell;

use ottl_core::Arena;
use ottl_core::edit::{MapEdit, MetricEdit, MetricView};
use ottl_core::function::{
    CallContext, Const, FunctionDef, FunctionRef, Host, LambdaRef, MetricText, ParamType, PathRef, ThunkRef,
};
use ottl_core::ops::coerce;
use ottl_core::value::{Entry, Extent};
use ottl_core::{EvalError, List, ListKind, Map, Time, Value};

/// The time of every test: 2023-11-14T22:13:20Z.
pub(crate) const NOW: i64 = 1_700_000_000_000_000_000;

type MapEditor<'f, 'a> = dyn FnMut(&mut dyn Host<'a>, &mut MapEdit<'a>) -> Result<(), EvalError> + 'f;
type MetricEditor<'f, 'a> = dyn FnMut(&mut MetricEdit<'a>) -> Result<bool, EvalError> + 'f;
type Outcome<'a> = Result<Value<'a>, EvalError>;

struct TestHost<'a> {
    arena: &'a Arena,
    thunks: Vec<Outcome<'a>>,
    forced: Cell<usize>,
}

impl<'a> TestHost<'a> {
    fn defer(&mut self, value: Outcome<'a>) -> Value<'a> {
        self.thunks.push(value);
        Value::Thunk(ThunkRef(self.thunks.len() as u32 - 1))
    }
}

fn nothing() -> EvalError {
    EvalError::function("the test has none")
}

impl<'a> Host<'a> for TestHost<'a> {
    fn arena(&self) -> &'a Arena {
        self.arena
    }

    fn force(&mut self, thunk: ThunkRef) -> Outcome<'a> {
        self.forced.set(self.forced.get() + 1);
        self.thunks[thunk.0 as usize]
    }

    fn read(&mut self, _: PathRef) -> Outcome<'a> {
        Err(nothing())
    }

    fn write(&mut self, _: PathRef, _: Value<'a>) -> Result<(), EvalError> {
        Err(nothing())
    }

    fn edit_map(&mut self, _: PathRef, _: &mut MapEditor<'_, 'a>) -> Result<(), EvalError> {
        Err(nothing())
    }

    fn call_lambda(&mut self, _: LambdaRef, _: &[Value<'a>]) -> Outcome<'a> {
        Err(nothing())
    }

    fn call_function(&mut self, _: FunctionRef, _: Value<'a>) -> Outcome<'a> {
        Err(nothing())
    }

    fn now(&self) -> Time {
        Time::from_unix_nanos(NOW)
    }

    fn random(&mut self) -> [u8; 16] {
        [0xab; 16]
    }

    fn edit_metric(&mut self, _: &mut MetricEditor<'_, 'a>) -> Result<(), EvalError> {
        Err(nothing())
    }

    fn read_metric(&mut self) -> Result<MetricView<'a>, EvalError> {
        Err(nothing())
    }

    fn replace_metric(&mut self, _: &'a [u8]) -> Result<(), EvalError> {
        Err(nothing())
    }

    fn copy_metric(&mut self) -> Result<u32, EvalError> {
        Err(nothing())
    }

    fn append_metric(&mut self, _: &'a [u8]) -> Result<(), EvalError> {
        Err(nothing())
    }

    fn patch_metric_copy(&mut self, _: u32, _: MetricText, _: &'a [u8]) {}
}

/// What a call gave, and how many lazy arguments it evaluated.
fn call<'a>(def: &FunctionDef, args: &[Value<'a>], literal: bool, arena: &'a Arena) -> (String, usize) {
    let mut host = TestHost { arena, thunks: Vec::new(), forced: Cell::new(0) };
    let (mut consts, mut given) = (Vec::new(), Vec::new());
    for (i, param) in def.params.iter().enumerate() {
        let arg = args.get(i).copied().unwrap_or(Value::Absent);
        let constant = matches!(
            param.ty,
            ParamType::ConstString
                | ParamType::ConstBool
                | ParamType::ConstInt
                | ParamType::ConstFloat
                | ParamType::ConstStrings
        );
        let converted = match (param.ty, arg) {
            (_, Value::Absent) => Ok(arg),
            (ParamType::Coerced(to), _) => coerce(to, arg, arena),
            (ParamType::ListOf(Some(to)), Value::List(list)) => list
                .iter()
                .map(|item| coerce(to, item, arena))
                .collect::<Result<Vec<_>, _>>()
                .and_then(|items| List::new(ListKind::Any, arena.copy(&items)?).map(Value::List)),
            _ => Ok(arg),
        };
        consts.push(match converted {
            Ok(Value::Absent) => Const::Absent,
            Ok(value) if constant || literal => Const::Value(value),
            Err(_) if literal => return ("refused".to_owned(), 0),
            _ => Const::Dynamic,
        });
        given.push(match (param.lazy, param.ty, arg) {
            (true, ParamType::ListOf(to), Value::List(list)) => {
                let thunks: Vec<_> = list
                    .iter()
                    .map(|item| {
                        let item = to.map_or(Ok(item), |to| coerce(to, item, arena));
                        host.defer(item)
                    })
                    .collect();
                Ok(Value::List(List::new(ListKind::Any, arena.copy(&thunks).expect("small")).expect("small")))
            }
            (true, ..) => Ok(host.defer(converted)),
            (false, ..) => converted,
        });
    }
    let Ok(kernel) = def.compile.kernel(&consts) else { return ("refused".to_owned(), 0) };
    let given = given.into_iter().collect::<Result<Vec<_>, _>>();
    let result = given.and_then(|given| kernel.call(&mut CallContext::new(&mut host), &given));
    (result.map_or_else(|_| "error".to_owned(), |value| show(&value)), host.forced.get())
}

/// Calls a converter with each row's arguments, once as if they were known at run time only and once as literals, and
/// compares the result (see [`show`]) with the row's second column. `error` is a run-time error, `refused` a call that
/// does not compile; a call with literals may always be refused instead.
pub(crate) fn check(def: &FunctionDef, cases: &[(&[Value<'static>], &str)]) {
    let arena = Arena::new();
    for (args, want) in cases {
        let (dynamic, _) = call(def, args, false, &arena);
        assert_eq!(&dynamic, want, "{} of {args:?}", def.name);
        let (literal, _) = call(def, args, true, &arena);
        assert!(literal == dynamic || literal == "refused", "{} of literals {args:?}: {literal}", def.name);
    }
}

/// What a call with literals gives, as [`check`] writes it.
pub(crate) fn with_literals(def: &FunctionDef, args: &[Value<'static>]) -> String {
    call(def, args, true, &Arena::new()).0
}

/// Checks that calls with these literals do not compile.
pub(crate) fn refuses(def: &FunctionDef, cases: &[&[Value<'static>]]) {
    for args in cases {
        assert_eq!(with_literals(def, args), "refused", "{} of {args:?}", def.name);
    }
}

/// How many lazy arguments a call evaluates.
pub(crate) fn forced(def: &FunctionDef, args: &[Value<'static>]) -> usize {
    call(def, args, false, &Arena::new()).1
}

/// A list of a kind.
pub(crate) const fn list(kind: ListKind, items: &'static [Value<'static>]) -> Value<'static> {
    match Extent::of_list(items) {
        Some(extent) => Value::List(List::Values(kind, items, extent)),
        None => Value::Nil,
    }
}

/// A map.
pub(crate) const fn map(entries: &'static [Entry<'static>]) -> Value<'static> {
    match Extent::of_map(entries) {
        Some(extent) => Value::Map(Map::Entries(entries, extent)),
        None => Value::Nil,
    }
}

/// A literal list.
pub(crate) const fn any(items: &'static [Value<'static>]) -> Value<'static> {
    list(ListKind::Any, items)
}

/// A list of an attribute.
pub(crate) const fn slice(items: &'static [Value<'static>]) -> Value<'static> {
    list(ListKind::Slice, items)
}

/// A value as a short text: `5`, `5.0`, `"text"`, `0xff`, `Slice[1, 2]`, `{key: 1}`, `5ns`.
pub(crate) fn show(value: &Value<'_>) -> String {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    match value {
        Value::Nil => "nil".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Float(f) => format!("{f:?}"),
        Value::Str(s) => match std::str::from_utf8(s) {
            Ok(s) => format!("\"{s}\""),
            Err(_) => format!("\"{}\"", s.escape_ascii()),
        },
        Value::Bytes(b) => format!("0x{}", hex(b)),
        Value::Map(map) => {
            let pair = |key: &[u8], value: &Value<'_>| format!("{}: {}", String::from_utf8_lossy(key), show(value));
            let pairs = match map {
                Map::Entries(entries, _) => entries.iter().map(|e| pair(e.key, &e.value)).collect::<Vec<_>>(),
                Map::Wire(..) => map.iter().map(|e| pair(e.key, &e.value)).collect(),
            };
            format!("{{{}}}", pairs.join(", "))
        }
        Value::List(list) => {
            let items: Vec<_> = list.iter().map(|item| show(&item)).collect();
            format!("{:?}[{}]", list.kind(), items.join(", "))
        }
        Value::Time(t) => format!("time({}, {})", t.secs, t.nanos),
        Value::Duration(nanos) => format!("{nanos}ns"),
        Value::TraceId(id) => format!("trace {}", hex(id)),
        Value::SpanId(id) => format!("span {}", hex(id)),
        Value::ProfileId(id) => format!("profile {}", hex(id)),
        Value::GoInt(i) => format!("int {i}"),
        other => format!("{other:?}"),
    }
}
