//! [`FunctionDef`]: the row that describes a function.

use std::any::Any;

use crate::Arena;

use super::{CallContext, PredicateOf};
use crate::edit::MapEdit;
use crate::ops::Coercion;
use crate::{EvalError, Value};

/// Whether a function stands as a statement or gives a value. Decides the case of the first letter of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// Changes its target; its name starts with a lower-case letter.
    Editor,
    /// Gives a value and changes nothing; its name starts with an upper-case letter.
    Converter,
}

/// What a parameter takes and what the kernel receives for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamType {
    /// A path, as [`Value::Path`]: the target of an editor. It is read, written, or edited through the context.
    Target,
    /// A path that must hold a map when the editor runs, as [`Value::Path`]; use [`CallContext::edit_map`].
    MapTarget,
    /// A path that must hold a list when the editor runs, as [`Value::Path`].
    ListTarget,
    /// Any value, as it is.
    Any,
    /// A value converted as the getter says.
    Coerced(Coercion),
    /// A string literal.
    ConstString,
    /// An int literal.
    ConstInt,
    /// A float literal.
    ConstFloat,
    /// A bool literal.
    ConstBool,
    /// A list literal of string literals, as a list of strings.
    ConstStrings,
    /// A list literal of int literals.
    ConstInts,
    /// A list literal of float literals.
    ConstFloats,
    /// A list literal whose elements are any expressions; arrives as a list of their values, each converted if a
    /// coercion is given. A lazy one arrives as a list of thunks.
    ListOf(Option<Coercion>),
    /// A list literal, or a path or converter that gives a list of strings at run time.
    Strings,
    /// A lambda with this many parameters, as [`Value::Lambda`].
    Lambda(u8),
    /// A converter named without parentheses, as [`Value::Function`].
    Function,
}

/// What the parameter takes, in words: for help, completion and documentation.
impl std::fmt::Display for ParamType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = |coercion: Coercion| match coercion {
            Coercion::StringLike => "string-like",
            Coercion::IntLike => "int-like",
            Coercion::FloatLike => "float-like",
            Coercion::BoolLike => "bool-like",
            Coercion::BytesLike => "bytes-like",
            Coercion::Int => "int",
            Coercion::Float => "float",
            strict => strict.name(),
        };
        f.write_str(match *self {
            ParamType::Target => "path",
            ParamType::MapTarget => "path of a map",
            ParamType::ListTarget => "path of a list",
            ParamType::Any => "any value",
            ParamType::Coerced(coercion) => value(coercion),
            ParamType::ConstString => "string literal",
            ParamType::ConstInt => "int literal",
            ParamType::ConstFloat => "float literal",
            ParamType::ConstBool => "bool literal",
            ParamType::ConstStrings => "list of string literals",
            ParamType::ConstInts => "list of int literals",
            ParamType::ConstFloats => "list of float literals",
            ParamType::ListOf(None) => "list, written in place, of any values",
            ParamType::ListOf(Some(coercion)) => return write!(f, "list, written in place, of {}", value(coercion)),
            ParamType::Strings => "list of strings",
            ParamType::Lambda(1) => "lambda of 1 parameter",
            ParamType::Lambda(count) => return write!(f, "lambda of {count} parameters"),
            ParamType::Function => "name of a converter",
        })
    }
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// The spelling for named arguments, in snake case.
    pub name: &'static str,
    /// What it takes.
    pub ty: ParamType,
    /// Whether it may be left out; the kernel then receives [`Value::Absent`].
    pub optional: bool,
    /// Whether the kernel evaluates it itself.
    pub lazy: bool,
    /// For a hidden parameter: the path of the record that the function reads without being told, for instance
    /// `span.parent_span_id`. Users cannot pass it.
    pub implicit: Option<&'static str>,
    /// What it is for, in a phrase, with its default.
    pub doc: &'static str,
}

impl Param {
    /// A required parameter.
    pub const fn new(name: &'static str, ty: ParamType, doc: &'static str) -> Param {
        Param { name, ty, optional: false, lazy: false, implicit: None, doc }
    }

    /// The same, but it may be left out.
    #[must_use]
    pub const fn optional(mut self) -> Param {
        self.optional = true;
        self
    }

    /// The same, but the kernel evaluates it itself.
    #[must_use]
    pub const fn lazy(mut self) -> Param {
        self.lazy = true;
        self
    }

    /// A hidden parameter that reads a path.
    pub const fn implicit(path: &'static str) -> Param {
        Param { name: "", ty: ParamType::Any, optional: false, lazy: false, implicit: Some(path), doc: "" }
    }
}

/// Whether a call can be moved, shared or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purity {
    /// The same arguments give the same result.
    Pure,
    /// The result depends on the clock or on chance.
    Volatile,
    /// It looks at the record beyond its arguments, or changes it.
    Record,
}

/// The static type of a result, for the checker's warnings. `Any` when it depends on the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say all there is")]
pub enum Type {
    Any,
    Nil,
    Bool,
    Int,
    Float,
    String,
    Bytes,
    Map,
    List,
    Time,
    Duration,
    TraceId,
    SpanId,
}

/// In which contexts a function may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Availability {
    /// Context names for statements (and their `where`); empty means every context.
    pub statements: &'static [&'static str],
    /// Context names for conditions (transform groups' `conditions`, and the filter processor); empty means every one.
    pub conditions: &'static [&'static str],
}

impl Availability {
    /// Everywhere.
    pub const EVERYWHERE: Availability = Availability { statements: &[], conditions: &[] };
    /// Statements only, in every context: the editors.
    pub const STATEMENTS: Availability = Availability { statements: &[], conditions: &["none"] };

    /// Whether a call may stand in this context.
    pub fn allows(&self, context: &str, in_condition: bool) -> bool {
        let list = if in_condition { self.conditions } else { self.statements };
        list.is_empty() || list.contains(&context)
    }
}

/// What is known of an argument when the rules are compiled.
#[derive(Clone, Copy, Debug)]
pub enum Const<'v> {
    /// Left out.
    Absent,
    /// A literal, already converted.
    Value(Value<'v>),
    /// Known at run time only.
    Dynamic,
}

impl<'v> Const<'v> {
    /// The text of a string literal.
    pub fn as_str(&self) -> Option<&'v [u8]> {
        if let Const::Value(Value::Str(s)) = self { Some(s) } else { None }
    }

    /// The number of an int literal.
    pub fn as_int(&self) -> Option<i64> {
        if let Const::Value(Value::Int(i)) = self { Some(*i) } else { None }
    }
}

/// What a function computes once from its literal arguments: a regex, a parsed format, a set of keys.
pub type Prepared = Box<dyn Any + Send + Sync>;

/// The kernel.
#[derive(Clone, Copy)]
pub enum Eval {
    /// A converter's.
    Converter(ConverterKernel),
    /// A converter's that asks something about its first argument: where that is a text or nil and all others are literals,
    /// the kernel gives what the predicate says.
    TextTest {
        /// The kernel.
        kernel: ConverterKernel,
        /// What it asks.
        predicate: PredicateOf,
    },
    /// An editor's.
    Editor(EditorKernel),
    /// An editor's that does nothing but write its second argument to its first; an engine may do that itself.
    Assign(EditorKernel),
    /// An editor's that needs nothing of the record but the map that its first argument names. An engine evaluates the
    /// arguments, hands the map over, and writes back what changed, also when the kernel fails. If what was prepared from the
    /// literals of a call site is a [`KeyFilter`](super::KeyFilter), it says all that the call does.
    MapEditor {
        /// The kernel.
        kernel: MapKernel,
        /// Whether it needs no arguments when all but the first are literals, because `prepare` has seen them.
        literals_prepared: bool,
    },
    /// An editor's that rewrites texts, each by itself, and leaves everything else alone. What was prepared from the literals
    /// of a call site is either a [`TextRewrite`](super::TextRewrite), which then says all that the call does, or something
    /// else, and the kernel is called.
    TextEditor {
        /// Which texts.
        reach: Reach,
        /// The kernel, unless there always is a rewrite.
        kernel: Option<EditorKernel>,
    },
    /// The same that does nothing but take the key that its second argument names out of the map, the last pair moving
    /// into the hole; an engine may do that itself.
    DeleteKey(MapKernel),
}

/// Which texts an [`Eval::TextEditor`] rewrites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The one that its first argument names.
    Target,
    /// The values of the map that its first argument names.
    Values,
}

/// Checks and prepares the literal arguments of a call site.
pub type Prepare = fn(&[Const<'_>]) -> Result<Option<Prepared>, String>;

/// The kernel of a converter.
pub type ConverterKernel = for<'c, 'a> fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<Value<'a>, EvalError>;

/// The kernel of an editor.
pub type EditorKernel = for<'c, 'a> fn(&mut CallContext<'c, 'a>, &[Value<'a>]) -> Result<(), EvalError>;

/// The kernel of an editor of a map.
pub type MapKernel = for<'c, 'a> fn(&MapCall<'c, 'a>, &mut MapEdit<'a>) -> Result<(), EvalError>;

/// What the kernel of an editor of a map gets beside the map.
#[derive(Clone, Copy)]
pub struct MapCall<'c, 'a> {
    /// The arguments; the first is the map's path. See [`Eval::MapEditor`] for when there may be none.
    pub args: &'c [Value<'a>],
    /// The batch's arena.
    pub arena: &'a Arena,
    prepared: Option<&'c Prepared>,
}

impl<'c, 'a> MapCall<'c, 'a> {
    /// An argument.
    #[inline]
    pub fn arg(&self, idx: usize) -> Value<'a> {
        self.args.get(idx).copied().unwrap_or(Value::Absent)
    }

    /// For engines: one call.
    #[inline]
    pub fn new(args: &'c [Value<'a>], prepared: Option<&'c Prepared>, arena: &'a Arena) -> Self {
        MapCall { args, arena, prepared }
    }

    /// What the function's `prepare` made for this call site.
    #[inline]
    pub fn prepared<T: 'static>(&self) -> Option<&'c T> {
        self.prepared.and_then(|p| p.downcast_ref())
    }
}

impl std::fmt::Debug for MapCall<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MapCall").field("args", &self.args).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Eval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Eval::Converter(_) => "Converter",
            Eval::TextTest { .. } => "TextTest",
            Eval::Editor(_) => "Editor",
            Eval::Assign(_) => "Assign",
            Eval::MapEditor { .. } => "MapEditor",
            Eval::TextEditor { .. } => "TextEditor",
            Eval::DeleteKey(_) => "DeleteKey",
        })
    }
}

/// An example that runs as a test and shows in the documentation.
#[derive(Clone, Copy, Debug)]
pub struct Example {
    /// For a converter the expression, for an editor the statement.
    pub code: &'static str,
    /// For a converter the JSON text of the result; for an editor the log record after it, as OTLP/JSON.
    pub result: &'static str,
}

/// Everything there is to know of a function.
#[derive(Clone, Copy, Debug)]
pub struct FunctionDef {
    /// The name in OTTL.
    pub name: &'static str,
    /// Editor or converter.
    pub kind: FunctionKind,
    /// The parameters in order, hidden ones last.
    pub params: &'static [Param],
    /// The static type of the result.
    pub returns: Type,
    /// Whether calls can be moved or shared.
    pub purity: Purity,
    /// Where it may be called.
    pub availability: Availability,
    /// What it does, first line as a summary.
    pub docs: &'static str,
    /// Examples; at least one.
    pub examples: &'static [Example],
    /// Checks literal arguments and prepares what depends on them alone; called once per call site at compile time.
    /// The error text is shown to the user as the reason why the call cannot be.
    pub prepare: Option<Prepare>,
    /// The kernel.
    pub eval: Eval,
}

impl FunctionDef {
    /// The parameters that a user can pass.
    pub fn visible_params(&self) -> impl Iterator<Item = &'static Param> {
        self.params.iter().filter(|p| p.implicit.is_none())
    }
}

/// Whether a named argument means this parameter: both are compared as the reference does, in camel case.
pub fn parameter_name_matches(given: &str, parameter: &str) -> bool {
    camel(given).eq(camel(parameter))
}

/// Upper camel case by the reference's ASCII rules: a letter at the start or after a separator or digit is upper-cased,
/// and of a run of capitals only the first stays one.
fn camel(name: &str) -> impl Iterator<Item = u8> + '_ {
    let mut upper_next = true;
    let mut last_upper = false;
    name.trim().bytes().filter_map(move |b| {
        let is_upper = b.is_ascii_uppercase();
        let out = if upper_next && b.is_ascii_lowercase() {
            b.to_ascii_uppercase()
        } else if !upper_next && is_upper && last_upper {
            b.to_ascii_lowercase()
        } else {
            b
        };
        last_upper = is_upper;
        if out.is_ascii_alphabetic() || out.is_ascii_digit() {
            upper_next = out.is_ascii_digit();
            Some(out)
        } else {
            upper_next = matches!(out, b'_' | b' ' | b'-' | b'.');
            None
        }
    })
}

#[cfg(test)]
mod tests {
    use super::parameter_name_matches;

    #[test]
    fn named_arguments_match_as_the_reference_matches() {
        for (given, parameter, want) in [
            ("replacementFormat", "replacement_format", true),
            ("replacement_format", "replacement_format", true),
            ("ReplacementFormat", "replacement_format", true),
            ("replacementformat", "replacement_format", false),
            ("u_r_i", "u_r_i", true),
            ("uri", "u_r_i", false),
        ] {
            assert_eq!(parameter_name_matches(given, parameter), want, "{given} {parameter}");
        }
    }
}
