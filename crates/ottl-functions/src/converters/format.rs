//! `Format`: a text from a format and values.

use ottl_core::Arena;
use ottl_core::ArenaVec;
use ottl_core::function::{CallContext, Const, FunctionDef, Kernel, ParamType, Type};
use ottl_core::{EvalError, List, ListKind, StructKind, Value, over_budget};

use crate::arguments;
use crate::hex;
use crate::scratch;
use crate::sprintf::{Arg, MAX_DEPTH, MAX_TEXT, Template, TooLong, sprintf};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("Format")
    .arg("format", ParamType::ConstString, "the format, of `%` verbs")
    .arg("vals", ParamType::ListOf(None), "the values, in the order of their verbs")
    .returns(Type::String)
    .docs(
        "A text from a format in the manner of `printf`, with the verbs, flags and indexes of Go.\n\nA verb that \
         does not fit its value prints a note in the text, as does a missing or surplus value; nothing is an \
         error.",
    )
    .example(r#"Format("%05d %s", [42, "a"])"#, r#""00042 a""#)
    .example(r#"Format("%d", ["a"])"#, r#""%!d(string=a)""#)
    .compile(compile);

/// Reads the format.
fn compile(args: &[Const<'_>]) -> Result<Kernel, String> {
    let template = args.first().and_then(Const::as_str).and_then(Template::new);
    Ok(Kernel::value(move |ctx, args| eval(ctx, args, template.as_ref())))
}

fn eval<'a>(
    ctx: &mut CallContext<'_, 'a>,
    args: &[Value<'a>],
    template: Option<&Template>,
) -> Result<Value<'a>, EvalError> {
    let format = arguments::text(args, 0)?;
    let list = arguments::list(args, 1)?;
    let arena = ctx.arena();
    scratch::with_text(|out| {
        let most = arena.room().min(MAX_TEXT);
        match template {
            Some(template) if template.verbs().len() == list.len() => {
                let mut verbs = template.verbs().iter();
                list.try_each(|value| {
                    let Some(verb) = verbs.next() else { return Ok(()) };
                    // PERF (calls): what is made here is read here.
                    let printed = match value {
                        Value::Int(int) => verb.print(out, &Arg::Int(*int), most),
                        Value::Str(text) => verb.print(out, &Arg::Str(text), most),
                        value => verb.print(out, &argument(value, arena, 0)?, most),
                    };
                    printed.map_err(|TooLong| too_long(most))
                })?;
                out.extend_from_slice(template.tail());
            }
            _ => sprintf(out, format, items(list, arena, 0)?, most).map_err(|TooLong| too_long(most))?,
        }
        if out.len() > most {
            return Err(too_long(most));
        }
        Ok(Value::Str(arena.copy(out)?))
    })
}

#[cold]
fn too_long(most: usize) -> EvalError {
    if most < MAX_TEXT { over_budget() } else { EvalError::function("the text would exceed 64 MiB") }
}

fn items<'a>(list: List<'a>, arena: &'a Arena, depth: usize) -> Result<&'a [Arg<'a>], EvalError> {
    let mut out = arena.vec();
    list.try_each(|item| out.push(argument(item, arena, depth)?))?;
    Ok(out.into_slice())
}

/// The value as the formatter takes it. The reference prints addresses for stored maps and lists and for parts of
/// records; here maps and lists print their content, and parts print as nothing.
fn argument<'a>(value: &Value<'a>, arena: &'a Arena, depth: usize) -> Result<Arg<'a>, EvalError> {
    Ok(match value {
        // The printer goes no deeper.
        Value::List(_) | Value::Map(_) if depth > MAX_DEPTH => Arg::Nil,
        Value::Bool(b) => Arg::Bool(*b),
        Value::Int(i) => Arg::Int(*i),
        Value::GoInt(i) => named("int", Arg::Int(*i), arena)?,
        Value::Float(f) => Arg::Float(*f),
        Value::Str(text) => Arg::Str(text),
        Value::Bytes(bytes) => Arg::Bytes(bytes),
        Value::Time(time) => Arg::Time(*time),
        Value::Duration(nanos) => Arg::Duration(*nanos),
        Value::TraceId(id) => id_argument("pcommon.TraceID", id, arena)?,
        Value::SpanId(id) => id_argument("pcommon.SpanID", id, arena)?,
        Value::ProfileId(id) => id_argument("pprofile.ProfileID", id, arena)?,
        Value::List(list) => list_argument(*list, arena, depth + 1)?,
        Value::Map(map) => {
            let mut pairs: ArenaVec<'a, (&'a [u8], Arg<'a>)> = arena.vec();
            for entry in map.iter() {
                pairs.push((entry.key, argument(&entry.value, arena, depth + 1)?))?;
            }
            pairs.sort_by_key(|(key, _)| *key);
            named("pcommon.Map", Arg::Map(pairs.into_slice()), arena)?
        }
        Value::Struct(part) => named(part_type(part.kind), Arg::Nil, arena)?,
        _ => Arg::Nil,
    })
}

fn list_argument<'a>(list: List<'a>, arena: &'a Arena, depth: usize) -> Result<Arg<'a>, EvalError> {
    let ty = match list.kind() {
        ListKind::Any => return Ok(Arg::List(items(list, arena, depth)?)),
        ListKind::Slice => "pcommon.Slice",
        ListKind::Strings => "[]string",
        ListKind::Ints => "[]int64",
        ListKind::Uints => "[]uint64",
        ListKind::Floats => "[]float64",
        ListKind::Bools => "[]bool",
        ListKind::Times => "[]time.Time",
    };
    // COMPAT: the reference reads empty counts, bounds and times as nil slices.
    if list.is_empty() && matches!(list.kind(), ListKind::Uints | ListKind::Floats | ListKind::Times) {
        return Ok(Arg::NilSlice(ty));
    }
    let items = if list.kind() == ListKind::Uints { counts(list, arena)? } else { items(list, arena, depth)? };
    named(ty, Arg::List(items), arena)
}

fn counts<'a>(list: List<'a>, arena: &'a Arena) -> Result<&'a [Arg<'a>], EvalError> {
    let mut out = arena.vec_for(list.len())?;
    out.extend(list.iter().map(|item| Arg::Uint(item.as_int().unwrap_or(0).cast_unsigned())))?;
    Ok(out.into_slice())
}

fn named<'a>(ty: &'static str, arg: Arg<'a>, arena: &'a Arena) -> Result<Arg<'a>, EvalError> {
    Ok(Arg::Named { ty, arg: arena.alloc(arg)? })
}

fn part_type(kind: StructKind) -> &'static str {
    match kind {
        StructKind::SpanEvents => "ptrace.SpanEventSlice",
        StructKind::SpanLinks => "ptrace.SpanLinkSlice",
        StructKind::Status => "ptrace.Status",
        StructKind::NumberPoints => "pmetric.NumberDataPointSlice",
        StructKind::HistogramPoints => "pmetric.HistogramDataPointSlice",
        StructKind::ExponentialHistogramPoints => "pmetric.ExponentialHistogramDataPointSlice",
        StructKind::SummaryPoints => "pmetric.SummaryDataPointSlice",
        StructKind::Exemplars => "pmetric.ExemplarSlice",
        StructKind::Buckets => "pmetric.ExponentialHistogramDataPointBuckets",
        StructKind::QuantileValues => "pmetric.SummaryDataPointValueAtQuantileSlice",
        StructKind::ValueType => "pprofile.ValueType",
        StructKind::Samples => "pprofile.SampleSlice",
    }
}

/// An id, whose text is its hexadecimal digits; one of zeros has none.
fn id_argument<'a>(ty: &'static str, id: &[u8], arena: &'a Arena) -> Result<Arg<'a>, EvalError> {
    let text = if id.iter().all(|&byte| byte == 0) { &[] } else { hex::encode(id, arena)? };
    Ok(Arg::Id { ty, text, bytes: arena.copy(id)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bool, Bytes, Duration, Float, Int, Nil, SpanId, Str};

    use crate::test_call::{any, check, list, slice};

    const COUNTS: Value<'static> = list(ListKind::Uints, &[Int(1), Int(-1)]);

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"%d-%s-%v-%t"), any(&[Int(1), Str(b"a"), Nil, Bool(true)])], "\"1-a-<nil>-true\""),
                (&[Str(b"%v %v"), any(&[Float(1e21), Duration(90_000_000_000)])], "\"1e+21 1m30s\""),
                (&[Str(b"%v"), any(&[const { slice(&[Int(1), Str(b"a")]) }])], "\"[1 a]\""),
                (&[Str(b"%d"), any(&[])], "\"%!d(MISSING)\""),
                (&[Str(b"%v|%x"), any(&[SpanId([0; 8]), Bytes(b"\xab")])], "\"|ab\""),
                (&[Str(b"x"), any(&[Int(2)])], "\"x%!(EXTRA int64=2)\""),
                (&[Str(b"%d"), any(&[SpanId([0, 1, 2, 3, 4, 5, 6, 7])])], "\"[0 1 2 3 4 5 6 7]\""),
                (&[Str(b""), any(&[SpanId([0; 8])])], "\"%!(EXTRA pcommon.SpanID=)\""),
                (&[Str(b"%v"), any(&[Value::Map(ottl_core::Map::EMPTY)])], "\"map[]\""),
                (
                    &[Str(b"%#w|%#w|%w"), any(&[Bytes(b"\x01\xfe"), Bytes(b""), Bytes(b"\x01")])],
                    "\"[]uint8{%!w(uint8=0x1), %!w(uint8=0xfe)}|[]uint8(nil)|[%!w(uint8=1)]\"",
                ),
                (
                    &[Str(b"%#v|%#v|%p|%#p"), any(&[Bytes(b""), const { any(&[Bytes(b"")]) }, Bytes(b""), Bytes(b"")])],
                    "\"[]byte(nil)|[]interface {}{[]uint8(nil)}|0x0|0\"",
                ),
                (
                    &[Str(b"%v %#v %x"), any(&[COUNTS, COUNTS, COUNTS])],
                    "\"[1 18446744073709551615] []uint64{0x1, 0xffffffffffffffff} [1 ffffffffffffffff]\"",
                ),
                (
                    &[
                        Str(b"%#v %v"),
                        any(&[const { list(ListKind::Floats, &[]) }, const { list(ListKind::Uints, &[]) }]),
                    ],
                    "\"[]float64(nil) []\"",
                ),
                (&[Str(b"%*d"), any(&[Value::GoInt(3), Int(7)])], "\"  7\""),
                (&[Str(b"%v"), Nil], "error"),
            ],
        );
    }

    #[test]
    fn what_does_not_fit_is_not_made() {
        let (ones, mut failed) = ([Arg::Int(1); 3], 0);
        for format in [
            "%9999999d",
            "%-9999999s",
            "%09999999d",
            "%.9999999d",
            "%.9999999f",
            "%.9999999e",
            "%.9999999x",
            "%#.9999999g",
            "%.9999999U",
            "%9999999v|",
            "x%9999999t",
        ] {
            for arg in [Arg::Int(1), Arg::Float(1.5), Arg::Str(b"a"), Arg::Bool(true), Arg::List(&ones)] {
                let mut out = Vec::new();
                let made = sprintf(&mut out, format.as_bytes(), &[arg], 1 << 20);
                assert!(out.capacity() <= 1 << 12, "{format} of {arg:?} made {}", out.capacity());
                failed += usize::from(made.is_err());
            }
        }
        // The others are cut, or the verb does not know the precision.
        assert!(failed > 30, "{failed}");
    }

    #[test]
    fn numbers_that_a_record_chooses_are_bounded() {
        let text = |format: &str, arg: Arg<'_>, number: i64| {
            let mut out = Vec::new();
            sprintf(&mut out, format.as_bytes(), &[Arg::Int(number), arg], MAX_TEXT).map(|()| out)
        };
        let zeros = |count: usize| "0".repeat(count);
        for (format, arg, want) in [
            ("%.*f", Arg::Float(1.5), format!("1.5{}", zeros(999_999))),
            ("%.*e", Arg::Float(1.5), format!("1.5{}e+00", zeros(999_999))),
            ("%.*x", Arg::Float(1.5), format!("0x1.8{}p+00", zeros(999_999))),
            ("%.*g", Arg::Float(1.5), "1.5".to_owned()),
            ("%#.*g", Arg::Float(1.5), format!("1.5{}", zeros(999_998))),
            ("%.*U", Arg::Int(10), format!("U+{}A", zeros(999_999))),
            ("%.*d", Arg::Int(10), format!("{}10", zeros(999_998))),
            ("%.*s", Arg::Str(b"abc"), "abc".to_owned()),
            ("%*d", Arg::Int(10), format!("{}10", " ".repeat(999_998))),
            ("%-*d", Arg::Int(10), format!("10{}", " ".repeat(999_998))),
            ("%0*.2f", Arg::Float(-1.5), format!("-{}1.50", zeros(999_995))),
        ] {
            let got = text(format, arg, 1_000_000);
            assert!(got.is_ok_and(|got| got == want.as_bytes()), "{format}");
        }
        let exact = text("%.*f", Arg::Float(f64::from_bits(1)), 70_000).expect("short enough");
        assert_eq!((exact.len(), &exact[1072..1080]), (70_002, &b"56250000"[..]), "the smallest double ends here");
        for number in [1_000_001, i64::MIN, i64::MAX] {
            assert!(text("%.*f", Arg::Float(1.5), number).is_ok_and(|text| text.starts_with(b"%!(BADPREC)1.5")));
            assert!(text("%*f", Arg::Float(1.5), number).is_ok_and(|text| text.starts_with(b"%!(BADWIDTH)1.5")));
        }
        // Each element is padded by itself, and an index names one argument any number of times.
        let (many, bytes) = ([Arg::Int(1); 100], [0; 100]);
        let nested = [Arg::List(&many)];
        for arg in [Arg::List(&many), Arg::List(&nested), Arg::Bytes(&bytes)] {
            assert_eq!(text("%.*d", arg, 1_000_000), Err(TooLong));
        }
        assert_eq!(text("%[2]*[1]d", Arg::Int(1_000_000), 1).map(|text| text.len()), Ok(1_000_000));
        assert_eq!(text(&"%[2]*[1]d".repeat(100), Arg::Int(1_000_000), 1), Err(TooLong));
    }
}
