//! Values, paths, calls and their arguments.

use ottl_diagnostics::Span;

use super::BoolExpr;

/// A name and where it stands.
///
/// A function name may have been written in several pieces (`Is Match`); the text is the joined name then, and the
/// span covers all pieces.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ident {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A decoded literal and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Literal<T> {
    /// The decoded value.
    pub value: T,
    /// Where it stands, quotes included.
    pub span: Span,
}

/// Anything that may stand as an argument, on a side of a comparison, in a list or in a map.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `nil`.
    Nil(Span),
    /// `true` or `false`.
    Bool(Literal<bool>),
    /// An integer without a sign; `010` is octal 8, as in the reference.
    Int(Literal<i64>),
    /// A number with a decimal point, without a sign; always finite.
    Float(Literal<f64>),
    /// A string with its escapes decoded.
    String(Literal<String>),
    /// A byte string, `0x0aff`.
    Bytes(Literal<Vec<u8>>),
    /// A bare upper-case word. As an argument it may also name a function: `SHA256` is one token, and only the
    /// function's declaration can tell which of the two is meant.
    Enum(EnumSymbol),
    /// A path, or a parameter of an enclosing lambda.
    Path(Path),
    /// A converter call with its keys. In a tree with errors it may be an editor's.
    Converter(Call),
    /// `[a, b]`.
    List(List),
    /// `{"a": 1}`.
    Map(Map),
    /// Arithmetic: an operator, a sign or parentheses.
    Math(Box<Math>),
    /// `(a, b) => body`.
    Lambda(Box<Lambda>),
    /// A place where the parser found no value; only in trees with errors.
    Missing(Span),
}

impl Value {
    /// The bytes the value was written in.
    pub fn span(&self) -> Span {
        match self {
            Value::Nil(span) | Value::Missing(span) => *span,
            Value::Bool(literal) => literal.span,
            Value::Int(literal) => literal.span,
            Value::Float(literal) => literal.span,
            Value::String(literal) => literal.span,
            Value::Bytes(literal) => literal.span,
            Value::Enum(symbol) => symbol.span,
            Value::Path(path) => path.span,
            Value::Converter(call) => call.span,
            Value::List(list) => list.span,
            Value::Map(map) => map.span,
            Value::Math(math) => math.span,
            Value::Lambda(lambda) => lambda.span,
        }
    }

    /// The number that the value is without any evaluation: a literal, possibly with one sign, possibly in
    /// parentheses. Integers wrap when the sign does not fit, as everywhere in the language.
    pub fn number(&self) -> Option<Number> {
        match self {
            Value::Int(literal) => Some(Number::Int(literal.value)),
            Value::Float(literal) => Some(Number::Float(literal.value)),
            Value::Math(math) => match &math.kind {
                MathKind::Group(inner) => inner.number(),
                MathKind::Signed { sign: Sign::Plus, operand } => operand.number(),
                MathKind::Signed { sign: Sign::Minus, operand } => Some(match operand.number()? {
                    Number::Int(value) => Number::Int(value.wrapping_neg()),
                    Number::Float(value) => Number::Float(-value),
                }),
                MathKind::Chain { .. } => None,
            },
            _ => None,
        }
    }
}

/// A number that stands in the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// Without a decimal point.
    Int(i64),
    /// With a decimal point.
    Float(f64),
}

/// A bare upper-case word, for instance `SPAN_KIND_SERVER`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EnumSymbol {
    /// The word.
    pub name: String,
    /// Where it stands.
    pub span: Span,
}

/// Segments joined by dots, for instance `resource.attributes["service.name"]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// At least one.
    pub segments: Vec<Segment>,
    /// From the first segment to the last key.
    pub span: Span,
}

impl Path {
    /// The split that the grammar of the reference makes: a first name directly followed by a dot is the context
    /// segment, whether or not such a context exists; the rest are the fields.
    ///
    /// `log.body` gives `(Some(log), [body])`, `body` and `attributes["a"].x` give `(None, all segments)`.
    pub fn split_context(&self) -> (Option<&Segment>, &[Segment]) {
        match self.segments.as_slice() {
            [context, fields @ ..] if !fields.is_empty() && context.keys.is_empty() => (Some(context), fields),
            all => (None, all),
        }
    }

    /// The first name: a context, a field, or a parameter of an enclosing lambda.
    pub fn root(&self) -> &str {
        self.segments.first().map_or("", |segment| &segment.name)
    }
}

/// A name within a path, with the keys that index it.
#[derive(Clone, Debug, PartialEq)]
pub struct Segment {
    /// Lower-case letters, digits and underscores, a letter first.
    pub name: String,
    /// Where the name stands, keys excluded.
    pub name_span: Span,
    /// The keys, in the order written.
    pub keys: Vec<Key>,
    /// From the name to the last key.
    pub span: Span,
}

/// An index in square brackets, on a path segment or a converter call.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// What stands between the brackets.
    pub kind: KeyKind,
    /// The brackets included.
    pub span: Span,
}

/// What stands between the brackets of a key.
#[derive(Clone, Debug, PartialEq)]
pub enum KeyKind {
    /// A string literal.
    String(Literal<String>),
    /// An integer literal without a sign.
    Int(Literal<i64>),
    /// A number, a path, a converter call or arithmetic, evaluated for each record. `[-1]` is one of these.
    Expr(Value),
}

/// A function call: an editor or a converter, by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The function's name. An upper-case first letter makes it a converter.
    pub name: Ident,
    /// The arguments, in the order written.
    pub arguments: Vec<Argument>,
    /// Keys after the call; none on an editor in a tree without errors.
    pub keys: Vec<Key>,
    /// From the name to the closing parenthesis or the last key.
    pub span: Span,
}

impl Call {
    /// Whether the name is a converter's (an upper-case first letter).
    pub fn is_converter(&self) -> bool {
        self.name.text.starts_with(|c: char| c.is_ascii_uppercase())
    }
}

/// One argument of a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// The parameter's name in `name=value`; positional without.
    pub name: Option<Ident>,
    /// What is passed.
    pub value: ArgumentValue,
    /// From the name, if any, to the end of the value.
    pub span: Span,
}

/// What is passed as an argument.
#[derive(Clone, Debug, PartialEq)]
pub enum ArgumentValue {
    /// A value. [`Value::Enum`] may turn out to be a function reference of one token, such as `SHA256`.
    Value(Value),
    /// A bare function name of several tokens, such as `ToUpperCase`.
    Function(Ident),
}

impl ArgumentValue {
    /// The bytes the argument's value was written in.
    pub fn span(&self) -> Span {
        match self {
            ArgumentValue::Value(value) => value.span(),
            ArgumentValue::Function(name) => name.span,
        }
    }

    /// The name of the function that is referred to, if the parameter wants one: a bare function name, or a bare
    /// upper-case word that would otherwise be an enum symbol.
    pub fn function_name(&self) -> Option<&str> {
        match self {
            ArgumentValue::Function(name) => Some(&name.text),
            ArgumentValue::Value(Value::Enum(symbol)) => Some(&symbol.name),
            ArgumentValue::Value(_) => None,
        }
    }
}

/// A list literal.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// The elements.
    pub items: Vec<Value>,
    /// The brackets included.
    pub span: Span,
}

/// A map literal.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    /// The entries in the order written; of a repeated key the last value counts.
    pub entries: Vec<MapEntry>,
    /// The braces included.
    pub span: Span,
}

/// One `"key": value`.
#[derive(Clone, Debug, PartialEq)]
pub struct MapEntry {
    /// The key: a string, a path or a converter call.
    pub key: Value,
    /// The value.
    pub value: Value,
    /// From the key to the end of the value.
    pub span: Span,
}

/// Arithmetic.
#[derive(Clone, Debug, PartialEq)]
pub struct Math {
    /// What kind, and the operands: numbers, paths, converter calls or again arithmetic.
    pub kind: MathKind,
    /// The whole expression.
    pub span: Span,
}

/// The kinds of arithmetic.
#[derive(Clone, Debug, PartialEq)]
pub enum MathKind {
    /// `(x)`: kept, because a literal in parentheses is not a constant argument.
    Group(Value),
    /// `-x` or `+x`; the operand is a number, path, call or group.
    Signed {
        /// The sign.
        sign: Sign,
        /// What it stands before.
        operand: Value,
    },
    /// `a + b - c` or `a * b / c`, evaluated from the left; operators of one precedence only, so that an operand of
    /// a sum may be a product, while any operand of a product is signed, grouped or a single value.
    Chain {
        /// The leftmost operand.
        first: Value,
        /// Operators and their right operands; at least one.
        rest: Vec<MathRest>,
    },
}

/// An operator and the operand to its right.
#[derive(Clone, Debug, PartialEq)]
pub struct MathRest {
    /// The operator.
    pub op: MathOp,
    /// Where the operator stands.
    pub op_span: Span,
    /// The operand after it.
    pub operand: Value,
}

/// A sign before an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    /// `+`
    Plus,
    /// `-`
    Minus,
}

/// A binary arithmetic operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MathOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
}

impl MathOp {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            MathOp::Add => "+",
            MathOp::Sub => "-",
            MathOp::Mul => "*",
            MathOp::Div => "/",
        }
    }
}

/// A function written in place, `(a, b) => body`.
#[derive(Clone, Debug, PartialEq)]
pub struct Lambda {
    /// The parameters; `_` may occur and is never bound.
    pub params: Vec<Ident>,
    /// What it computes.
    pub body: LambdaBody,
    /// From the opening parenthesis to the end of the body.
    pub span: Span,
}

/// The body of a lambda.
#[derive(Clone, Debug, PartialEq)]
pub enum LambdaBody {
    /// A value.
    Value(Value),
    /// A condition: the body holds a comparison, `not`, `and` or `or`.
    Condition(BoolExpr),
}

impl LambdaBody {
    /// The bytes the body was written in.
    pub fn span(&self) -> Span {
        match self {
            LambdaBody::Value(value) => value.span(),
            LambdaBody::Condition(condition) => condition.span(),
        }
    }
}
