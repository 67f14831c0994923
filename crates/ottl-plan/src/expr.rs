//! Expressions.

use ottl_core::function::{Const, Function, FunctionKind, Kernel, ParamType};
use ottl_core::ops::{Coercion, CompareOp, MathOp};
use ottl_core::value::Entry;
use ottl_core::{Arena, EvalError, List, ListKind, Map, Site, Value};
use ottl_schema::PathId;

/// The number of an expression in its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// A constant, owned by the plan.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the variants are those of `Value`")]
pub enum Literal {
    Nil,
    Bool(bool),
    Int(i64),
    Float(f64),
    Str(Vec<u8>),
    Bytes(Vec<u8>),
    Duration(i64),
    TraceId([u8; 16]),
    SpanId([u8; 8]),
    ProfileId([u8; 16]),
    List(ListKind, Vec<Literal>),
    Map(Vec<(Vec<u8>, Literal)>),
}

impl Literal {
    /// The constant that holds a value; none for values that no literal can have.
    pub fn of(value: &Value<'_>) -> Option<Literal> {
        Some(match value {
            Value::Nil => Literal::Nil,
            Value::Bool(b) => Literal::Bool(*b),
            Value::Int(i) => Literal::Int(*i),
            Value::Float(f) => Literal::Float(*f),
            Value::Str(s) => Literal::Str(s.to_vec()),
            Value::Bytes(b) => Literal::Bytes(b.to_vec()),
            Value::Duration(d) => Literal::Duration(*d),
            Value::TraceId(id) => Literal::TraceId(*id),
            Value::SpanId(id) => Literal::SpanId(*id),
            Value::ProfileId(id) => Literal::ProfileId(*id),
            Value::List(list) => {
                Literal::List(list.kind(), list.iter().map(|v| Literal::of(&v)).collect::<Option<_>>()?)
            }
            Value::Map(map) => Literal::Map(
                map.iter().map(|pair| Some((pair.key.to_vec(), Literal::of(&pair.value)?))).collect::<Option<_>>()?,
            ),
            _ => return None,
        })
    }

    /// The constant as a value; lists and maps are laid out in the arena, texts stay in the plan.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`] for lists and maps.
    #[inline]
    pub fn value<'a>(&'a self, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        Ok(match self {
            Literal::Nil => Value::Nil,
            Literal::Bool(b) => Value::Bool(*b),
            Literal::Int(i) => Value::Int(*i),
            Literal::Float(f) => Value::Float(*f),
            Literal::Str(s) => Value::Str(s),
            Literal::Bytes(b) => Value::Bytes(b),
            Literal::Duration(d) => Value::Duration(*d),
            Literal::TraceId(id) => Value::TraceId(*id),
            Literal::SpanId(id) => Value::SpanId(*id),
            Literal::ProfileId(id) => Value::ProfileId(*id),
            Literal::List(kind, items) => return Literal::list(*kind, items, arena),
            Literal::Map(pairs) => return Literal::map(pairs, arena),
        })
    }

    #[inline(never)]
    fn list<'a>(kind: ListKind, items: &'a [Literal], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        let mut values = arena.vec_for(items.len())?;
        for item in items {
            values.push(item.value(arena)?)?;
        }
        List::new(kind, values.into_slice()).map(Value::List)
    }

    #[inline(never)]
    fn map<'a>(pairs: &'a [(Vec<u8>, Literal)], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        let mut entries = arena.vec_for(pairs.len())?;
        for (key, value) in pairs {
            entries.push(Entry { key, value: value.value(arena)? })?;
        }
        Map::new(entries.into_slice()).map(Value::Map)
    }
}

/// An index key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyExpr {
    /// A string literal.
    Str(Vec<u8>),
    /// An int literal.
    Int(i64),
    /// Any expression; its value decides.
    Expr(ExprId),
}

/// A path of the schema with its keys, as one place of the source uses it.
#[derive(Clone, Debug, PartialEq)]
pub struct PathUse {
    /// The row.
    pub path: PathId,
    /// The keys after it.
    pub keys: Vec<KeyExpr>,
}

/// One argument of a call, hidden ones included.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// An optional parameter that was not given.
    Absent,
    /// A constant, already converted as the parameter says.
    Const(Literal),
    /// An expression, evaluated before the call and converted. Lists of expressions are [`Expr::List`] with
    /// `each` naming the conversion of the elements.
    Eager {
        /// The expression.
        expr: ExprId,
        /// The parameter's conversion.
        coerce: Option<Coercion>,
        /// The conversion of each element, for parameters that take a list of expressions.
        each: Option<Coercion>,
    },
    /// An expression that the function evaluates itself; its number is the thunk's (see [`crate::Plan::thunks`]).
    Lazy(u32),
    /// A list of such expressions, by their thunks' numbers.
    LazyList(Vec<u32>),
    /// A path to edit: its number in [`crate::Plan::paths`].
    Path(u32),
    /// A lambda: its number in [`crate::Plan::lambdas`].
    Lambda(u32),
    /// A function named without parentheses: its number in [`crate::Plan::functions`].
    Function(u32),
}

impl Arg {
    /// Whether the argument is known when the rules are compiled, so that the kernel has seen it.
    #[must_use]
    pub fn is_literal(&self) -> bool {
        matches!(self, Arg::Absent | Arg::Const(_))
    }
}

/// A call of a function.
#[derive(Debug)]
pub struct CallSite {
    /// The function.
    pub function: Function,
    /// One argument for every parameter, hidden ones included.
    pub args: Vec<Arg>,
    /// What the call does; it has seen the constant arguments.
    pub kernel: Kernel,
    /// The place in the source.
    pub site: Site,
}

impl CallSite {
    /// The arguments that the kernel looks at: the others are literals, and need not be made.
    #[inline]
    pub fn looked_at(&self) -> &[Arg] {
        match &self.kernel {
            Kernel::OfFirst(_) => &self.args[..self.args.len().min(1)],
            _ => &self.args,
        }
    }
}

/// A function that is named as an argument and called with one text.
#[derive(Debug)]
pub struct NamedFunction {
    /// The function.
    pub function: Function,
    /// What its calls do, or why there are none.
    ///
    /// COMPAT: the reference ends with a crash when the one parameter is of another type, also where that takes texts among
    /// other things, as `String` does. Here that is an error of the call.
    pub kernel: Result<Kernel, EvalError>,
}

impl NamedFunction {
    /// The function, for texts that are known at run time only.
    pub fn new(function: Function) -> NamedFunction {
        let kernel = NamedFunction::kernel(&function).map_err(EvalError::function);
        NamedFunction { function, kernel }
    }

    fn kernel(function: &Function) -> Result<Kernel, &'static str> {
        let mut params = function.visible_params();
        let (FunctionKind::Converter, Some(param), None) = (function.kind, params.next(), params.next()) else {
            return Err("the function named as an argument does not take exactly one argument");
        };
        if param.ty != ParamType::STRING {
            return Err("the function named as an argument does not take a string");
        }
        function.kernel(&[Const::Dynamic]).map_err(|_| "the function named as an argument wants a literal")
    }
}

/// A lambda: parameters become locals `first_local ..`, the body is evaluated with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LambdaDef {
    /// Number of parameters.
    pub params: u32,
    /// The slot of the first parameter; the others follow.
    pub first_local: u32,
    /// The body.
    pub body: ExprId,
}

/// An expression. Conditions are expressions whose value is a bool.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A constant: its number in [`crate::Plan::literals`].
    Const(u32),
    /// A path read: its number in [`crate::Plan::paths`].
    Path(u32),
    /// A converter call: its number in [`crate::Plan::calls`].
    Call(u32),
    /// Keys after a converter call or a local.
    Index {
        /// What is indexed.
        base: ExprId,
        /// The keys, at least one.
        keys: Vec<KeyExpr>,
        /// The place in the source.
        site: Site,
    },
    /// A lambda's parameter.
    Local(u32),
    /// `left op right`.
    Math {
        /// The operator.
        op: MathOp,
        /// Evaluated first.
        left: ExprId,
        /// Evaluated second.
        right: ExprId,
        /// The place in the source.
        site: Site,
    },
    /// The unary minus.
    Negate {
        /// The operand.
        operand: ExprId,
        /// The place in the source.
        site: Site,
    },
    /// A list literal that is no constant.
    List(Vec<ExprId>),
    /// A map literal that is no constant.
    Map {
        /// Keys and values in the order of the source; of a repeated key the last value counts.
        pairs: Vec<(KeyExpr, ExprId)>,
        /// The place in the source.
        site: Site,
    },
    /// A lambda in a place that wants a value: an opaque object, see [`crate::Plan::lambdas`].
    Lambda(u32),
    /// `left op right` as a condition.
    Compare {
        /// The operator.
        op: CompareOp,
        /// Evaluated first.
        left: ExprId,
        /// Evaluated second.
        right: ExprId,
    },
    /// All of these, from left to right, stopping at the first false or error.
    And(Vec<ExprId>),
    /// Any of these, from left to right, stopping at the first true or error.
    Or(Vec<ExprId>),
    /// The opposite.
    Not(ExprId),
    /// A converter's result that must be a bool.
    Test {
        /// The call.
        operand: ExprId,
        /// The place in the source.
        site: Site,
    },
}
