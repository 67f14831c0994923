//! Every function of the library with arguments that data may choose, and no call may panic.
//!
//! Arguments are drawn from the ends of each type and from texts that mean something to some parser: all of them for a
//! parameter or two, a sample for more. Arithmetic that wraps panics here, because tests check for overflow. What the
//! calls answer is not looked at; the tables of each function do that.

mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};

use ottl_core::Arena;
use ottl_core::function::{FunctionDef, ParamType};
use ottl_core::value::{Entry, Zone};
use ottl_core::{List, ListKind, Map, Time, Value};

use crate::editor_host::TestHost;
use crate::metric_text::metric;
use crate::registry;
use words::{FLOATS, INTS, TEXTS};

const METRICS: [&str; 8] = [
    "empty",
    "gauge 9223372036854775807; -9223372036854775808",
    "sum cumulative [a=1] 1.5 @18446744073709551615; [a=2] 7 ^1",
    "histogram delta count=18446744073709551615 sum=nan counts=18446744073709551615/1 bounds=1; count=1 counts=5/5 bounds=1",
    "histogram delta count=1 bounds=1/2/3; count=1 counts=1/1/1/1",
    "exp delta count=1 scale=2147483647 pos=-2147483648:1/2 neg=2147483647:1; count=1 scale=-2147483648 pos=2147483647:3",
    "exp delta count=1 pos=0:1; count=1 pos=1000:18446744073709551615; count=1 neg=-5:1/1",
    "summary count=18446744073709551615 sum=inf q=0/1/1/2",
];

/// A small generator of numbers (xorshift64*, Vigna 2016).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound as u64) as usize
    }
}

fn lists<'a>(items: &'a [Value<'a>], kinds: &[ListKind]) -> Vec<Value<'a>> {
    kinds.iter().map(|kind| Value::List(List::new(*kind, items).expect("small"))).collect()
}

/// The values that arguments and targets are drawn from.
fn vocabulary(arena: &Arena) -> Vec<Value<'_>> {
    let mut values = vec![Value::Nil, Value::Bool(true), Value::Bool(false)];
    values.extend(INTS.iter().copied().map(Value::Int));
    values.extend([i64::MIN, -1, i64::MAX].map(Value::GoInt));
    values.extend(FLOATS.iter().copied().map(Value::Float));
    values.extend(TEXTS.iter().map(|text| Value::Str(text.as_bytes())));
    values.extend([&b"\xff"[..], b"\xe2\x82", b"a\xffb\x80", b"\0", b"\xed\xa0\x80"].map(Value::Str));
    values.extend([&b""[..], b"\xff", b"\0\x01\x02\x03\x04\x05\x06\x07"].map(Value::Bytes));
    values.push(Value::TraceId([0xff; 16]));
    values.push(Value::SpanId([0; 8]));
    values.push(Value::ProfileId([1; 16]));
    for secs in [0, i64::MIN, i64::MAX, -62_135_596_801, 253_402_300_800, 1 << 40] {
        for zone in [Zone::Utc, Zone::Fixed(86_399), Zone::Fixed(-86_399)] {
            values.push(Value::Time(Time { secs, nanos: 999_999_999, zone }));
        }
    }
    values.extend([0, 1, -1, i64::MIN, i64::MAX, 3_600_000_000_000].map(Value::Duration));
    let scalars = arena.copy(&values).expect("no limit");
    let (ints, floats): (Vec<_>, Vec<_>) =
        (INTS.iter().copied().map(Value::Int).collect(), FLOATS.iter().copied().map(Value::Float).collect());
    let texts: Vec<_> = TEXTS.iter().map(|text| Value::Str(text.as_bytes())).collect();
    values.extend(lists(scalars, &[ListKind::Any, ListKind::Slice]));
    values.extend(lists(&[], &[ListKind::Any, ListKind::Slice, ListKind::Strings]));
    values.extend(lists(&[Value::Nil, Value::Nil], &[ListKind::Any, ListKind::Slice]));
    values.extend(lists(arena.copy(&ints).expect("no limit"), &[ListKind::Any, ListKind::Ints, ListKind::Uints]));
    values.extend(lists(arena.copy(&floats).expect("no limit"), &[ListKind::Slice, ListKind::Floats]));
    values.extend(lists(arena.copy(&texts).expect("no limit"), &[ListKind::Any, ListKind::Slice, ListKind::Strings]));
    values.extend(lists(&[Value::Bool(true)], &[ListKind::Bools]));
    let wide = arena.repeat(2000, Value::Int(1)).expect("no limit");
    values.extend(lists(wide, &[ListKind::Any, ListKind::Slice]));
    let entry = |key: &'static str, value| Entry { key: key.as_bytes(), value };
    let pairs: Vec<_> = TEXTS.iter().zip(scalars.iter()).map(|(key, value)| entry(key, *value)).collect();
    values.push(Value::Map(Map::EMPTY));
    values.push(Value::Map(Map::new(arena.copy(&pairs).expect("no limit")).expect("small")));
    let twice = [entry("a", Value::Int(1)), entry("a", Value::Str(b"\xff")), entry("", Value::Nil)];
    values.push(Value::Map(Map::new(arena.copy(&twice).expect("no limit")).expect("small")));
    values.push(deep(arena, 200));
    values.push(Value::Str(arena.repeat(100_000, b'a').expect("no limit")));
    values
}

/// Lists and maps inside each other.
fn deep(arena: &Arena, depth: usize) -> Value<'_> {
    let mut value = Value::Str(b"x");
    for level in 0..depth {
        value = if level % 2 == 0 {
            Value::List(List::new(ListKind::Slice, arena.copy(&[value]).expect("no limit")).expect("not too deep"))
        } else {
            Value::Map(Map::new(arena.copy(&[Entry { key: b"k", value }]).expect("no limit")).expect("not too deep"))
        };
    }
    value
}

/// One call; `row` says what each argument and the target are, by their numbers in the vocabulary.
fn call<'a>(def: &FunctionDef, arena: &'a Arena, values: &[Value<'a>], row: &[usize], literal: bool, metric: &'a [u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let pick = |place: usize| values.get(row[place]).copied().unwrap_or(Value::Absent);
        let args: Vec<_> = (0..def.params.len()).map(pick).collect();
        let mut host = TestHost::new(arena, pick(def.params.len()));
        host.lambda = |args| Ok(args.get(1).copied().unwrap_or(Value::Bool(true)));
        host.metric = metric;
        host.call_values(def, &args, literal).is_some_and(|result| result.is_ok())
    }));
    if outcome.is_err() {
        let args: Vec<_> = row.iter().map(|at| values.get(*at)).map(|v| format!("{v:.100?}")).collect();
        panic!("{} panics with literal={literal} {}", def.name, args.join(" ").chars().take(600).collect::<String>());
    }
}

#[test]
fn no_function_panics_whatever_its_arguments_are() {
    const SAMPLE: usize = 500;
    let arena = Arena::new();
    let values = vocabulary(&arena);
    let metrics = METRICS.map(metric);
    let mut numbers = Numbers(7);
    let registry = registry();
    for def in registry.iter() {
        let inner = Arena::new();
        // Parameters that take nothing from the vocabulary need no numbers of their own.
        let is_free = |param: &ottl_core::function::Param| {
            !matches!(
                param.ty,
                ParamType::Target
                    | ParamType::MapTarget
                    | ParamType::ListTarget
                    | ParamType::Lambda(_)
                    | ParamType::Function
            )
        };
        let has_target = def.params.iter().any(|param| !is_free(param));
        let free = def.params.iter().filter(|param| is_free(param)).count() + usize::from(has_target);
        let all = (values.len() + 1).pow(free as u32);
        let rounds = if free <= 1 { all } else { SAMPLE.min(all) };
        for round in 0..rounds {
            let mut row = Vec::new();
            for param in &def.params {
                row.push(match param.ty {
                    _ if !is_free(param) => 0,
                    _ if free == 1 => round,
                    // Most draws that are no literal of the right type end at once: draw again.
                    ty => draw(&mut numbers, &values, ty, param.optional),
                });
            }
            row.push(if free == 1 { round } else { numbers.below(values.len()) });
            let metric = &metrics[round % metrics.len()];
            for literal in [false, true] {
                call(def, &inner, &values, &row, literal, metric);
            }
        }
    }
}

/// The number of a value that fits the type as far as the type can tell; one behind the last is an absent argument.
fn draw(numbers: &mut Numbers, values: &[Value<'_>], ty: ParamType, optional: bool) -> usize {
    use ottl_core::ops::Coercion;
    if optional && numbers.below(4) == 0 {
        return values.len();
    }
    loop {
        let at = numbers.below(values.len());
        let fits = match ty {
            ParamType::ConstString | ParamType::Coerced(Coercion::String) => matches!(values[at], Value::Str(_)),
            ParamType::ConstInt | ParamType::Coerced(Coercion::Int) => matches!(values[at], Value::Int(_)),
            ParamType::ConstFloat | ParamType::Coerced(Coercion::Float) => matches!(values[at], Value::Float(_)),
            ParamType::ConstBool | ParamType::Coerced(Coercion::Bool) => matches!(values[at], Value::Bool(_)),
            ParamType::Coerced(Coercion::Time) => matches!(values[at], Value::Time(_)),
            ParamType::Coerced(Coercion::Duration) => matches!(values[at], Value::Duration(_)),
            ParamType::Coerced(Coercion::Map) => matches!(values[at], Value::Map(_)),
            ParamType::ListOf(_) | ParamType::ConstStrings | ParamType::Coerced(Coercion::List) => {
                matches!(values[at], Value::List(_))
            }
            _ => true,
        };
        if fits {
            return at;
        }
    }
}

#[test]
fn arithmetic_and_conversions_never_panic() {
    use ottl_core::ops::{Coercion, CompareOp, MathOp, arithmetic, coerce, compare, negate};
    let arena = Arena::new();
    let values = vocabulary(&arena);
    for left in &values {
        for right in &values {
            for op in [MathOp::Add, MathOp::Sub, MathOp::Mul, MathOp::Div] {
                let _result = arithmetic(op, *left, *right);
            }
            for op in [CompareOp::Eq, CompareOp::Lt] {
                let _result = compare(op, left, right);
            }
        }
        let _result = negate(*left);
        for to in
            [Coercion::StringLike, Coercion::IntLike, Coercion::FloatLike, Coercion::BoolLike, Coercion::BytesLike]
        {
            let _result = coerce(to, *left, &arena);
        }
    }
}
