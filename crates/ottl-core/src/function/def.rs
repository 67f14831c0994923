//! [`FunctionDef`]: the row that describes a function.

use std::any::Any;

use crate::Arena;

use super::{CallContext, Param, ParamType, PredicateOf, ShortList};
use crate::edit::MapEdit;
use crate::{EvalError, Value};

/// Whether a function stands as a statement or gives a value. Decides the case of the first letter of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FunctionKind {
    /// Changes its target; its name starts with a lower-case letter.
    Editor,
    /// Gives a value and changes nothing; its name starts with an upper-case letter.
    Converter,
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

/// The most parameters that a function has.
pub const MAX_PARAMS: usize = 8;

/// The most examples that a function has.
pub const MAX_EXAMPLES: usize = 4;

/// Everything there is to know of a function. It is put together by its methods, in a constant or while a program runs:
///
/// ```
/// use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
/// use ottl_core::{EvalError, Value};
///
/// const DOUBLE: FunctionDef = FunctionDef::converter("Twice")
///     .arg("number", ParamType::INT, "the number")
///     .returns(Type::Int)
///     .docs("A number twice.")
///     .example("Twice(2)", "4")
///     .value(twice);
///
/// fn twice<'a>(_: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
///     Ok(args[0].as_int().map_or(Value::Nil, |number| Value::Int(number.wrapping_mul(2))))
/// }
/// # assert_eq!(DOUBLE.params.len(), 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct FunctionDef {
    /// The name in OTTL.
    pub name: &'static str,
    /// Editor or converter.
    pub kind: FunctionKind,
    /// The parameters in order, hidden ones last.
    pub params: ShortList<Param, MAX_PARAMS>,
    /// The static type of the result.
    pub returns: Type,
    /// Whether calls can be moved or shared.
    pub purity: Purity,
    /// Where it may be called.
    pub availability: Availability,
    /// What it does, first line as a summary.
    pub docs: &'static str,
    /// Examples; at least one.
    pub examples: ShortList<Example, MAX_EXAMPLES>,
    /// Checks literal arguments and prepares what depends on them alone; called once per call site at compile time.
    /// The error text is shown to the user as the reason why the call cannot be.
    pub prepare: Option<Prepare>,
    /// The kernel.
    pub eval: Eval,
}

impl FunctionDef {
    /// A converter without parameters that is pure, gives any type, and may be called everywhere.
    #[must_use]
    pub const fn converter(name: &'static str) -> Self {
        FunctionDef::new(name, FunctionKind::Converter, Type::Any, Purity::Pure, Availability::EVERYWHERE)
    }

    /// An editor without parameters that may stand in every context.
    #[must_use]
    pub const fn editor(name: &'static str) -> Self {
        FunctionDef::new(name, FunctionKind::Editor, Type::Nil, Purity::Record, Availability::STATEMENTS)
    }

    const fn new(
        name: &'static str,
        kind: FunctionKind,
        returns: Type,
        purity: Purity,
        availability: Availability,
    ) -> Self {
        FunctionDef {
            name,
            kind,
            params: ShortList::empty(Param::implicit("")),
            returns,
            purity,
            availability,
            docs: "",
            examples: ShortList::empty(Example { code: "", result: "" }),
            prepare: None,
            eval: Eval::Converter(|_, _| Err(EvalError::function("the function has no kernel"))),
        }
    }

    /// With one required parameter more: its spelling for named arguments, what it takes, and what it is for.
    ///
    /// # Panics
    /// There are [`MAX_PARAMS`] already.
    #[must_use]
    pub const fn arg(self, name: &'static str, ty: ParamType, doc: &'static str) -> Self {
        self.param(Param::new(name, ty, doc))
    }

    /// With one more that may be left out; the kernel then receives [`Value::Absent`].
    ///
    /// # Panics
    /// As [`FunctionDef::arg`].
    #[must_use]
    pub const fn optional(self, name: &'static str, ty: ParamType, doc: &'static str) -> Self {
        self.param(Param::new(name, ty, doc).optional())
    }

    /// With one parameter more of any kind.
    ///
    /// # Panics
    /// As [`FunctionDef::arg`].
    #[must_use]
    pub const fn param(mut self, param: Param) -> Self {
        self.params = self.params.with(param);
        self
    }

    /// With this static type of the result.
    #[must_use]
    pub const fn returns(mut self, ty: Type) -> Self {
        self.returns = ty;
        self
    }

    /// With another purity.
    #[must_use]
    pub const fn purity(mut self, purity: Purity) -> Self {
        self.purity = purity;
        self
    }

    /// In these contexts only.
    #[must_use]
    pub const fn availability(mut self, availability: Availability) -> Self {
        self.availability = availability;
        self
    }

    /// With this documentation.
    #[must_use]
    pub const fn docs(mut self, docs: &'static str) -> Self {
        self.docs = docs;
        self
    }

    /// With one example more; see [`Example`] for what its result is.
    ///
    /// # Panics
    /// There are [`MAX_EXAMPLES`] already.
    #[must_use]
    pub const fn example(mut self, code: &'static str, result: &'static str) -> Self {
        self.examples = self.examples.with(Example { code, result });
        self
    }

    /// With this way of preparing literal arguments.
    #[must_use]
    pub const fn prepare(mut self, prepare: Prepare) -> Self {
        self.prepare = Some(prepare);
        self
    }

    /// The converter with this kernel.
    #[must_use]
    pub const fn value(self, kernel: ConverterKernel) -> Self {
        self.eval(Eval::Converter(kernel))
    }

    /// The editor with this kernel.
    #[must_use]
    pub const fn edit(self, kernel: EditorKernel) -> Self {
        self.eval(Eval::Editor(kernel))
    }

    /// The function with this kernel.
    #[must_use]
    pub const fn eval(mut self, eval: Eval) -> Self {
        self.eval = eval;
        self
    }

    /// The parameters that a user can pass.
    pub fn visible_params(&self) -> impl Iterator<Item = &Param> {
        self.params.iter().filter(|p| p.implicit.is_none())
    }
}
