//! A host for the tests of editors, lambda converters and metric functions: one target, one metric, arguments in JSON.

use ottl_core::Arena;
use ottl_core::edit::{MapEdit, MetricEdit, MetricView};
use ottl_core::function::{
    CallContext, Const, FunctionDef, FunctionRef, Host, LambdaRef, MapEditor, MetricEditor, MetricText, ParamType,
    PathRef, ThunkRef,
};
use ottl_core::ops::coerce;
use ottl_core::value::Entry;
use ottl_core::{ErrorKind, EvalError, List, ListKind, Map, Time, Value};

use crate::metric_text;

/// An argument of a test. Texts are JSON; `1.0` is a float, `1` an int.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg {
    /// A literal.
    Lit(&'static str),
    /// A value known at run time only.
    Dyn(&'static str),
    /// An expression that fails.
    Fails,
    /// An optional parameter that is left out.
    Absent,
    /// A converter by name: `upper`, `number` (gives an int) or `fail`.
    Function(&'static str),
}

const FUNCTIONS: [&str; 3] = ["upper", "number", "fail"];

type Lambda = for<'a> fn(&[Value<'a>]) -> Result<Value<'a>, EvalError>;

/// The host.
pub(crate) struct TestHost<'a> {
    arena: &'a Arena,
    /// The value of the only path.
    pub(crate) target: Value<'a>,
    /// Whether the target was written.
    pub(crate) written: bool,
    thunks: Vec<Result<Value<'a>, EvalError>>,
    /// How many lazy arguments were evaluated.
    pub(crate) forced: usize,
    /// What calling a lambda gives.
    pub(crate) lambda: Lambda,
    /// The metric of the record, as a message.
    pub(crate) metric: &'a [u8],
    /// Copies of the metric: the texts that were overridden.
    pub(crate) copies: Vec<Vec<(MetricText, &'a [u8])>>,
    /// The metrics that were appended to the scope.
    pub(crate) appended: Vec<&'a [u8]>,
}

impl<'a> TestHost<'a> {
    /// A host with this target.
    pub(crate) fn new(arena: &'a Arena, target: Value<'a>) -> Self {
        TestHost {
            arena,
            target,
            written: false,
            thunks: Vec::new(),
            forced: 0,
            lambda: |_| Err(EvalError::function("the test has no lambda")),
            metric: &[],
            copies: Vec::new(),
            appended: Vec::new(),
        }
    }

    /// Calls a function; `Err(Ok(text))` is a compile error.
    fn call(&mut self, def: &FunctionDef, args: &[Arg]) -> Result<Value<'a>, Result<String, EvalError>> {
        let (mut consts, mut given) = (Vec::new(), Vec::new());
        let mut args = args.iter();
        for param in &def.params {
            if matches!(param.ty, ParamType::Target | ParamType::MapTarget | ParamType::ListTarget) {
                consts.push(Const::Dynamic);
                given.push(Ok(Value::Path(PathRef(0))));
                continue;
            }
            let (constant, value) = match args.next().copied().unwrap_or(Arg::Absent) {
                Arg::Lit(text) => (true, self.convert(param.ty, text)),
                Arg::Dyn(text) => (false, self.convert(param.ty, text)),
                Arg::Fails => (false, Err(EvalError::function("the expression fails"))),
                Arg::Absent => (true, Ok(Value::Absent)),
                Arg::Function(name) => {
                    let number = FUNCTIONS.iter().position(|f| *f == name).expect("a function of the test host");
                    (false, Ok(Value::Function(FunctionRef(number as u32))))
                }
            };
            consts.push(match value {
                Ok(Value::Absent) => Const::Absent,
                Ok(value) if constant => Const::Value(value),
                _ => Const::Dynamic,
            });
            given.push(if param.lazy && !constant {
                self.thunks.push(value);
                Ok(Value::Thunk(ThunkRef(self.thunks.len() as u32 - 1)))
            } else {
                value
            });
        }
        let kernel = def.compile.kernel(&consts).map_err(Ok)?;
        let given = given.into_iter().collect::<Result<Vec<_>, _>>().map_err(Err)?;
        kernel.call(&mut CallContext::new(self), &given).map_err(Err)
    }

    /// Calls a function with one value for each parameter, converted as an engine does it, and known when the rules are
    /// compiled or not. `None` is a call that an engine would not make.
    pub(crate) fn call_values(
        &mut self,
        def: &FunctionDef,
        args: &[Value<'a>],
        literal: bool,
    ) -> Option<Result<Value<'a>, EvalError>> {
        let (mut consts, mut given) = (Vec::new(), Vec::new());
        for (param, arg) in def.params.iter().zip(args) {
            let value = match (param.ty, *arg) {
                (_, Value::Absent) => Value::Absent,
                (ParamType::Target | ParamType::MapTarget | ParamType::ListTarget, _) => Value::Path(PathRef(0)),
                (ParamType::Lambda(_), _) => Value::Lambda(LambdaRef(0)),
                (ParamType::Function, _) => Value::Function(FunctionRef(0)),
                (ParamType::Coerced(to), arg) => coerce(to, arg, self.arena).ok()?,
                (ParamType::ListOf(Some(to)), Value::List(list)) => {
                    let items: Result<Vec<_>, _> = list.iter().map(|item| coerce(to, item, self.arena)).collect();
                    Value::List(List::new(ListKind::Any, self.arena.copy(&items.ok()?).ok()?).ok()?)
                }
                (_, arg) => arg,
            };
            let fits = match param.ty {
                ParamType::ConstString => matches!(value, Value::Str(_) | Value::Absent),
                ParamType::ConstInt => matches!(value, Value::Int(_) | Value::Absent),
                ParamType::ConstFloat => matches!(value, Value::Float(_) | Value::Absent),
                ParamType::ConstBool => matches!(value, Value::Bool(_) | Value::Absent),
                ParamType::ListOf(_) | ParamType::ConstStrings => matches!(value, Value::List(_) | Value::Absent),
                _ => true,
            };
            if !fits {
                return None;
            }
            let constant = matches!(
                param.ty,
                ParamType::ConstString
                    | ParamType::ConstInt
                    | ParamType::ConstFloat
                    | ParamType::ConstBool
                    | ParamType::ConstStrings
            );
            consts.push(match value {
                Value::Absent => Const::Absent,
                Value::Path(_) | Value::Lambda(_) | Value::Function(_) => Const::Dynamic,
                value if constant || literal => Const::Value(value),
                _ => Const::Dynamic,
            });
            given.push(match (param.lazy, value) {
                (true, Value::List(list)) if matches!(param.ty, ParamType::ListOf(_)) => {
                    let first = self.thunks.len() as u32;
                    self.thunks.extend(list.iter().map(Ok));
                    let thunks: Vec<_> =
                        (first..self.thunks.len() as u32).map(|idx| Value::Thunk(ThunkRef(idx))).collect();
                    Value::List(List::new(ListKind::Any, self.arena.copy(&thunks).ok()?).ok()?)
                }
                (true, value) if !literal && !value.is_absent() => {
                    self.thunks.push(Ok(value));
                    Value::Thunk(ThunkRef(self.thunks.len() as u32 - 1))
                }
                (_, value) => value,
            });
        }
        let kernel = def.compile.kernel(&consts).ok()?;
        Some(kernel.call(&mut CallContext::new(self), &given))
    }

    fn convert(&self, ty: ParamType, text: &str) -> Result<Value<'a>, EvalError> {
        let value = parse(text, ListKind::Any, self.arena);
        if let ParamType::Coerced(to) = ty { coerce(to, value, self.arena) } else { Ok(value) }
    }
}

impl<'a> Host<'a> for TestHost<'a> {
    fn arena(&self) -> &'a Arena {
        self.arena
    }

    fn force(&mut self, thunk: ThunkRef) -> Result<Value<'a>, EvalError> {
        self.forced += 1;
        self.thunks[thunk.0 as usize]
    }

    fn read(&mut self, _: PathRef) -> Result<Value<'a>, EvalError> {
        Ok(self.target)
    }

    fn write(&mut self, _: PathRef, value: Value<'a>) -> Result<(), EvalError> {
        self.target = value;
        self.written = true;
        Ok(())
    }

    fn edit_map(&mut self, _: PathRef, edit: &mut MapEditor<'_, 'a>) -> Result<(), EvalError> {
        let Value::Map(map) = self.target else {
            return Err(ErrorKind::Type { expected: "map", got: self.target.type_name() }.into());
        };
        let mut pairs = MapEdit::new();
        pairs.load(map)?;
        let result = edit(self, &mut pairs);
        if pairs.changed() {
            self.target = Value::Map(pairs.to_map(self.arena)?);
            self.written = true;
        }
        result
    }

    fn call_lambda(&mut self, _: LambdaRef, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
        (self.lambda)(args)
    }

    fn call_function(&mut self, function: FunctionRef, arg: Value<'a>) -> Result<Value<'a>, EvalError> {
        match (FUNCTIONS[function.0 as usize], arg) {
            ("upper", Value::Str(text)) => Ok(Value::Str(self.arena.copy(&text.to_ascii_uppercase())?)),
            ("number", _) => Ok(Value::Int(1)),
            _ => Err(EvalError::function("the function fails")),
        }
    }

    fn now(&self) -> Time {
        Time::default()
    }

    fn random(&mut self) -> [u8; 16] {
        [0; 16]
    }

    fn edit_metric(&mut self, edit: &mut MetricEditor<'_, 'a>) -> Result<(), EvalError> {
        let mut metric = MetricEdit::decode(self.metric)?;
        if edit(&mut metric)? {
            let mut out = Vec::new();
            metric.encode(&mut out);
            self.replace_metric(self.arena.copy(&out)?)?;
        }
        Ok(())
    }

    fn read_metric(&mut self) -> Result<MetricView<'a>, EvalError> {
        Ok(MetricView::new(self.metric)?)
    }

    fn replace_metric(&mut self, metric: &'a [u8]) -> Result<(), EvalError> {
        self.metric = metric;
        self.written = true;
        Ok(())
    }

    fn copy_metric(&mut self) -> Result<u32, EvalError> {
        self.copies.push(Vec::new());
        Ok(self.copies.len() as u32 - 1)
    }

    fn append_metric(&mut self, metric: &'a [u8]) -> Result<(), EvalError> {
        self.appended.push(metric);
        Ok(())
    }

    fn patch_metric_copy(&mut self, copy: u32, field: MetricText, text: &'a [u8]) {
        self.copies[copy as usize].push((field, text));
    }
}

/// Runs an editor over rows of target, arguments and expected target. `unchanged` means that the target was not
/// written, `error` that the call failed and wrote nothing.
pub(crate) fn cases(def: &FunctionDef, rows: &[(&str, &[Arg], &str)]) {
    for (target, args, want) in rows {
        let arena = Arena::with_limit(64 << 20);
        let mut host = TestHost::new(&arena, parse(target, ListKind::Slice, &arena));
        let got = match host.call(def, args) {
            Ok(_) if host.written => show(&host.target),
            Ok(_) => "unchanged".to_owned(),
            Err(Err(_)) if !host.written => "error".to_owned(),
            Err(Err(error)) => format!("{error} after writing {}", show(&host.target)),
            Err(Ok(text)) => format!("does not compile: {text}"),
        };
        assert_eq!(&got, want, "{} on {target} with {args:?}", def.name);
    }
}

/// How many lazy arguments a call evaluates.
pub(crate) fn forced(def: &FunctionDef, target: &str, args: &[Arg]) -> usize {
    let arena = Arena::with_limit(64 << 20);
    let mut host = TestHost::new(&arena, parse(target, ListKind::Slice, &arena));
    let _outcome = host.call(def, args);
    host.forced
}

/// The compile error of a call.
pub(crate) fn compile_error(def: &FunctionDef, args: &[Arg]) -> String {
    let arena = Arena::with_limit(64 << 20);
    match TestHost::new(&arena, Value::Nil).call(def, args) {
        Err(Ok(text)) => text,
        other => panic!("{} with {args:?} compiles: {:?}", def.name, other.is_ok()),
    }
}

/// The result of a converter with a source and a lambda, or `error`.
pub(crate) fn with_lambda(def: &FunctionDef, source: &str, lambda: Lambda) -> String {
    let arena = Arena::with_limit(64 << 20);
    let mut host = TestHost::new(&arena, Value::Nil);
    host.lambda = lambda;
    let value = parse(source, ListKind::Any, &arena);
    let args = [value, Value::Lambda(LambdaRef(0))];
    let kernel = def.compile.kernel(&[Const::Dynamic, Const::Dynamic]).expect("there are no literals");
    kernel.call(&mut CallContext::new(&mut host), &args).map_or_else(|_| "error".to_owned(), |value| show(&value))
}

/// What a function did to a metric: its outcome, the metric if it was written, and the texts of the copies.
pub(crate) type MetricOutcome = (Result<String, EvalError>, Option<Vec<u8>>, Vec<Vec<(MetricText, Vec<u8>)>>);

/// Runs a function on a metric message.
pub(crate) fn on_metric(def: &FunctionDef, metric: &[u8], args: &[Arg]) -> MetricOutcome {
    let arena = Arena::with_limit(64 << 20);
    let mut host = TestHost::new(&arena, Value::Nil);
    host.metric = arena.copy(metric).expect("no limit");
    let outcome = match host.call(def, args) {
        Ok(value) => Ok(show(&value)),
        Err(Err(error)) => Err(error),
        Err(Ok(text)) => panic!("{} with {args:?} does not compile: {text}", def.name),
    };
    let copies = host.copies.iter().map(|texts| texts.iter().map(|(f, t)| (*f, t.to_vec())).collect()).collect();
    (outcome, host.written.then(|| host.metric.to_vec()), copies)
}

/// The metrics that a function appended to the scope of a metric, each as its name, its unit and its text; `error` if it
/// failed. The metric itself must not be written.
pub(crate) fn appended(def: &FunctionDef, text: &'static str, args: &[Arg]) -> String {
    let arena = Arena::with_limit(64 << 20);
    let mut host = TestHost::new(&arena, Value::Nil);
    host.metric = arena.copy(&metric_text::metric(text)).expect("no limit");
    let outcome = host.call(def, args);
    assert!(!host.written, "{} wrote {text}", def.name);
    match outcome {
        Ok(_) => host.appended.iter().map(|metric| metric_text::titled(metric)).collect::<Vec<_>>().join(" | "),
        Err(Err(_)) => "error".to_owned(),
        Err(Ok(text)) => panic!("{} with {args:?} does not compile: {text}", def.name),
    }
}

/// The same for a function that takes the type of a summary as its fourth argument, which is hidden.
pub(crate) fn appended_to_summary(def: &FunctionDef, text: &'static str, args: &[Arg]) -> String {
    let mut args = args.to_vec();
    args.resize(3, Arg::Absent);
    args.push(Arg::Dyn("5"));
    appended(def, text, &args)
}

/// A value from JSON; object keys keep their order and may repeat, `\xHH` is a byte.
fn parse<'a>(text: &str, lists: ListKind, arena: &'a Arena) -> Value<'a> {
    let mut rest = text.as_bytes();
    let value = parse_value(&mut rest, lists, arena);
    assert!(rest.is_empty(), "text behind the value in {text}");
    value
}

fn parse_value<'a>(rest: &mut &[u8], lists: ListKind, arena: &'a Arena) -> Value<'a> {
    let open = rest[0];
    match open {
        b'"' => Value::Str(parse_text(rest, arena)),
        b'[' | b'{' => {
            *rest = &rest[1..];
            let (mut items, mut pairs) = (Vec::new(), Vec::new());
            while !matches!(rest[0], b']' | b'}') {
                if rest[0] == b',' {
                    *rest = &rest[1..];
                }
                if open == b'[' {
                    items.push(parse_value(rest, lists, arena));
                } else {
                    let key = parse_text(rest, arena);
                    *rest = &rest[1..];
                    pairs.push(Entry { key, value: parse_value(rest, lists, arena) });
                }
            }
            *rest = &rest[1..];
            if open == b'[' {
                Value::List(List::new(lists, arena.copy(&items).expect("small")).expect("small"))
            } else {
                Value::Map(Map::new(arena.copy(&pairs).expect("small")).expect("small"))
            }
        }
        _ => {
            let len = rest.iter().position(|b| b",]}".contains(b)).unwrap_or(rest.len());
            let word = std::str::from_utf8(&rest[..len]).expect("ASCII");
            *rest = &rest[len..];
            match word {
                "null" => Value::Nil,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                number if number.contains('.') => Value::Float(number.parse().expect("a float")),
                number => Value::Int(number.parse().expect("an int")),
            }
        }
    }
}

fn parse_text<'a>(rest: &mut &[u8], arena: &'a Arena) -> &'a [u8] {
    let mut out = Vec::new();
    let mut at = 1;
    while rest[at] != b'"' {
        if rest[at..].starts_with(b"\\x") {
            let digits = std::str::from_utf8(&rest[at + 2..at + 4]).expect("two digits");
            out.push(u8::from_str_radix(digits, 16).expect("hex digits"));
            at += 4;
        } else {
            out.push(rest[at]);
            at += 1;
        }
    }
    *rest = &rest[at + 1..];
    arena.copy(&out).expect("no limit")
}

/// The value as [`parse`] reads it.
fn show(value: &Value<'_>) -> String {
    let quoted = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => format!("\"{text}\""),
        Err(_) => format!("\"{}\"", bytes.escape_ascii()),
    };
    match value {
        Value::Nil => "null".to_owned(),
        Value::Bool(b) => b.to_string(),
        Value::Int(i) => i.to_string(),
        Value::Float(f) => format!("{f:?}"),
        Value::Str(text) => quoted(text),
        Value::Map(map) => {
            let pairs: Vec<_> = map.iter().map(|e| format!("{}:{}", quoted(e.key), show(&e.value))).collect();
            format!("{{{}}}", pairs.join(","))
        }
        Value::List(list) => format!("[{}]", list.iter().map(|item| show(&item)).collect::<Vec<_>>().join(",")),
        other => format!("{other:?}"),
    }
}
