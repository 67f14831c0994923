//! A registry of signatures: the parameters of the reference's functions with kernels that do nothing.

use ottl_core::function::{
    Availability, CallContext, Const, FunctionDef, FunctionKind, Kernel, Param, ParamType, Purity, Registry, Type,
};
use ottl_core::ops::Coercion;
use ottl_core::{EvalError, Gate, Value};

use ParamType::{
    Any, ConstBool, ConstFloat, ConstFloats, ConstInt, ConstString, ConstStrings, Elements, Function, Lambda, ListOf,
    ListTarget, MapTarget, Target,
};

const STR: ParamType = ParamType::Coerced(Coercion::String);
const INT: ParamType = ParamType::Coerced(Coercion::Int);
const FLOAT: ParamType = ParamType::Coerced(Coercion::Float);
const BOOL: ParamType = ParamType::Coerced(Coercion::Bool);
const MAP: ParamType = ParamType::Coerced(Coercion::Map);
const LIST: ParamType = ParamType::Coerced(Coercion::List);
const TIME: ParamType = ParamType::Coerced(Coercion::Time);
const DURATION: ParamType = ParamType::Coerced(Coercion::Duration);
const STR_LIKE: ParamType = ParamType::Coerced(Coercion::StringLike);
const INT_LIKE: ParamType = ParamType::Coerced(Coercion::IntLike);
const FLOAT_LIKE: ParamType = ParamType::Coerced(Coercion::FloatLike);
const BOOL_LIKE: ParamType = ParamType::Coerced(Coercion::BoolLike);
const BYTES_LIKE: ParamType = ParamType::Coerced(Coercion::BytesLike);

const fn p(name: &'static str, ty: ParamType) -> Param {
    Param::new(name, ty, "")
}

const fn o(name: &'static str, ty: ParamType) -> Param {
    Param::new(name, ty, "").optional()
}

fn no_value<'a>(_: &mut CallContext<'_, 'a>, _: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Nil)
}

fn no_edit<'a>(_: &mut CallContext<'_, 'a>, _: &[Value<'a>]) -> Result<(), EvalError> {
    Ok(())
}

/// Refuses a constant base outside 2 to 36.
fn check_base(args: &[Const<'_>]) -> Result<Kernel, String> {
    match args.get(1).and_then(Const::as_int) {
        Some(base) if !(2..=36).contains(&base) => Err(format!("the base {base} is not in 2..36")),
        _ => Ok(Kernel::value(no_value)),
    }
}

fn is_empty_list(arg: Option<&Const<'_>>) -> bool {
    matches!(arg, Some(Const::Value(Value::List(list))) if list.is_empty())
}

/// Wants an item or items.
fn check_append(args: &[Const<'_>]) -> Result<Kernel, String> {
    let absent = args.iter().skip(1).all(|arg| matches!(arg, Const::Absent));
    if absent { Err(String::from("there is nothing to append")) } else { Ok(Kernel::edit(no_edit)) }
}

/// Wants a list.
fn check_keys(args: &[Const<'_>]) -> Result<Kernel, String> {
    match args.get(1) {
        Some(Const::Value(Value::List(_)) | Const::Dynamic) => Ok(Kernel::edit(no_edit)),
        _ => Err(String::from("the keys are no list")),
    }
}

/// Wants at least one value.
fn check_coalesce(args: &[Const<'_>]) -> Result<Kernel, String> {
    if is_empty_list(args.first()) { Err(String::from("the list is empty")) } else { Ok(Kernel::value(no_value)) }
}

/// Wants at least one bound.
fn check_bounds(args: &[Const<'_>]) -> Result<Kernel, String> {
    if is_empty_list(args.get(1)) { Err(String::from("the list is empty")) } else { Ok(Kernel::edit(no_edit)) }
}

const ONLY_SPAN: Availability = Availability { statements: &["span"], conditions: &["span"] };
const LOG_STATEMENTS: Availability = Availability { statements: &["log"], conditions: &["none"] };
const METRIC_STATEMENTS: Availability = Availability { statements: &["metric"], conditions: &["none"] };
const METRIC_CONDITIONS: Availability = Availability { statements: &["none"], conditions: &["metric"] };

const fn base(name: &'static str, kind: FunctionKind) -> FunctionDef {
    match kind {
        FunctionKind::Editor => FunctionDef::editor(name).returns(Type::Any).purity(Purity::Pure).edit(no_edit),
        FunctionKind::Converter => FunctionDef::converter(name).value(no_value),
    }
}

macro_rules! functions {
    ($($name:literal $kind:ident [$($param:expr),*] $(-> $ty:ident)? $(in $place:ident)? $(by $compile:ident)?;)*) => {
        const FUNCTIONS: &[&FunctionDef] = &[$(
            {
                const DEF: FunctionDef = base($name, FunctionKind::$kind)
                    $(.param($param))*
                    $(.returns(Type::$ty))?
                    $(.availability($place))?
                    $(.compile($compile))?;
                &DEF
            }
        ),*];
    };
}

functions! {
    "set" Editor [p("target", Target), p("value", Any)];
    "append" Editor [p("target", Target), o("value", Any), o("values", ListOf(None))] by check_append;
    "delete_key" Editor [p("target", MapTarget), p("key", STR)];
    "delete_index" Editor [p("target", ListTarget), p("start_index", INT), o("end_index", INT)];
    "keep_keys" Editor [p("target", MapTarget), p("keys", Elements(Some(Coercion::String)))] by check_keys;
    "limit" Editor [p("target", MapTarget), p("limit", ConstInt), p("priority_keys", ConstStrings)];
    "merge_maps" Editor [p("target", MapTarget), p("source", MAP), p("strategy", ConstString)];
    "flatten" Editor [p("target", MapTarget), o("prefix", ConstString), o("depth", ConstInt), o("resolve_conflicts", ConstBool)];
    "replace_pattern" Editor [p("target", Target), p("regex_pattern", STR), p("replacement", STR), o("function", Function), o("replacement_format", STR)];
    "copy_metric" Editor [o("name", STR), o("description", STR), o("unit", STR)] in METRIC_STATEMENTS;
    "scale_metric" Editor [p("multiplier", ConstFloat), o("unit", STR)] in METRIC_STATEMENTS;
    "convert_exponential_histogram_to_histogram" Editor [p("distribution", ConstString), p("explicit_bounds", ConstFloats)] in METRIC_STATEMENTS by check_bounds;
    "All" Converter [p("source", Any), p("predicate", Lambda(2))] -> Bool;
    "Filter" Converter [p("source", Any), p("predicate", Lambda(2))];
    "Reduce" Converter [p("source", Any), p("seed", Any), p("accumulator", Lambda(3))];
    "Bool" Converter [p("target", BOOL_LIKE)] -> Bool;
    "Coalesce" Converter [p("values", ListOf(None)).lazy()] by check_coalesce;
    "CommunityID" Converter [p("source_i_p", STR), p("source_port", INT), p("destination_i_p", STR), p("destination_port", INT), o("protocol", STR), o("seed", INT)] -> String;
    "Concat" Converter [p("vals", Elements(None)), p("delimiter", STR)] -> String;
    "ContainsValue" Converter [p("target", LIST), p("item", Any)] -> Bool;
    "Double" Converter [p("target", FLOAT_LIKE)] -> Float;
    "Duration" Converter [p("duration", STR)] -> Duration;
    "FormatTime" Converter [p("time", TIME), p("format", ConstString)] -> String;
    "HasPrefix" Converter [p("value", STR), p("prefix", STR)] -> Bool;
    "Hours" Converter [p("duration", DURATION)] -> Float;
    "Int" Converter [p("target", INT_LIKE)] -> Int;
    "IsBool" Converter [p("target", BOOL)] -> Bool;
    "IsDouble" Converter [p("target", FLOAT)] -> Bool;
    "IsInt" Converter [p("target", INT)] -> Bool;
    "IsMap" Converter [p("target", MAP)] -> Bool;
    "IsMatch" Converter [p("target", STR_LIKE), p("pattern", STR)] -> Bool;
    "IsRootSpan" Converter [Param::implicit("span.parent_span_id")] -> Bool in ONLY_SPAN;
    "IsString" Converter [p("target", STR)] -> Bool;
    "HasAttrKeyOnDatapoint" Converter [p("key", ConstString)] -> Bool in METRIC_CONDITIONS;
    "Len" Converter [p("target", Any)] -> Int;
    "Now" Converter [] -> Time;
    "ParseCEF" Converter [p("target", STR)] -> Map in LOG_STATEMENTS;
    "ParseInt" Converter [p("target", STR), p("base", INT)] -> Int by check_base;
    "ParseJSON" Converter [p("target", STR)];
    "ParseSeverity" Converter [p("target", Any), p("mapping", MAP)] -> String;
    "SHA256" Converter [p("target", STR)] -> String;
    "SpanID" Converter [p("bytes", BYTES_LIKE)] -> SpanId;
    "Split" Converter [p("target", STR), p("delimiter", STR)] -> List;
    "String" Converter [p("target", STR_LIKE)] -> String;
    "Substring" Converter [p("target", STR), p("start", INT), p("length", INT), o("utf8_safe", ConstBool)] -> String;
    "ToUpperCase" Converter [p("target", STR)] -> String;
    "UnixSeconds" Converter [p("time", TIME)] -> Int;
}

/// A function that versions have since one, behind a gate.
const NEW: FunctionDef = base("ToValidUTF8", FunctionKind::Converter)
    .param(p("target", STR))
    .since(ottl_core::Target::V0_165)
    .gate(Gate::Experimental)
    .returns(Type::String);

/// The registry.
pub fn registry() -> Registry {
    Registry::new(FUNCTIONS.iter().copied().chain([&NEW]))
}
