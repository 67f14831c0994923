//! Run-time errors: small, copyable, formatted only when somebody reads them.

use std::fmt;

use ottl_otlp::wire::WireError;

use crate::value::TypeName;

/// Which expression or statement of a plan an error arose in; the plan resolves it to a range of the source. The default
/// is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site(pub u32);

impl Default for Site {
    fn default() -> Self {
        Site(u32::MAX)
    }
}

/// Why an evaluation failed, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvalError {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The expression that failed; the default until the engine fills it in.
    pub site: Site,
    /// The argument of the call at the site that is to blame: its number among the parameters of the function.
    pub argument: Option<u8>,
}

/// The kinds of run-time errors. They carry no text of the record, so a report never shows payload by accident.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A strict getter met another type, or nil: the reference's "type error", which `IsString` and the like catch.
    Type {
        /// What the parameter takes.
        expected: &'static str,
        /// What came.
        got: TypeName,
    },
    /// A coercing getter cannot convert this type.
    Unconvertible {
        /// What the parameter takes.
        expected: &'static str,
        /// What came.
        got: TypeName,
    },
    /// A text that should be a number, a bool, an id, a URL … is none.
    BadText(&'static str),
    /// A text that should be a regular expression is none, and why.
    BadPattern(&'static str),
    /// A text does not fit the layout that another argument is, by its number among the parameters.
    Layout(u8),
    /// A path does not take a value of this type.
    UnsupportedWrite {
        /// What the path takes.
        expected: &'static str,
        /// What came.
        got: TypeName,
    },
    /// A path that cannot hold nil was given nil.
    NilWrite,
    /// The path cannot be written.
    ReadOnly,
    /// An integer outside the range that the path can store.
    OutOfRange,
    /// A part of a text that is empty, begins before the text or ends behind it.
    Part {
        /// Where it was to start, in bytes.
        start: i64,
        /// How many bytes it was to have.
        length: i64,
        /// How many bytes the text has; at most `u32::MAX` is told.
        of: u32,
    },
    /// An index outside a list.
    IndexOutOfBounds {
        /// The index.
        index: i64,
        /// How many elements the list has; at most `u32::MAX` is told.
        of: u32,
    },
    /// A key of a converter result that is not there.
    KeyNotFound,
    /// A value that has no elements was indexed.
    NotIndexable(TypeName),
    /// A key that is neither a string nor an int, or not the one that the container needs.
    BadKey(TypeName),
    /// An arithmetic operand of the wrong type.
    Operand(TypeName),
    /// Integer or float division by zero.
    DivisionByZero,
    /// A converter used as a condition returned something else than a bool.
    NotBool(TypeName),
    /// The data point, metric or record lacks what the path names.
    WrongRecord(&'static str),
    /// A function refused its arguments; the text says why.
    Function(&'static str),
    /// The same about a place in a text.
    FunctionAt {
        /// Why.
        reason: &'static str,
        /// How many bytes of the text stand before the place; at most `u32::MAX` is told.
        at: u32,
    },
    /// A lambda returned something the function cannot use.
    LambdaResult(TypeName),
    /// A limit of the engine was reached; the text names it. Fails the whole message whatever the error mode.
    Limit(&'static str),
    /// The embedder ended the run. Fails the whole message.
    Cancelled,
    /// What the statement would make passes a limit; the text names it. Fails the statement alone.
    Budget(&'static str),
    /// The message is damaged at a place that was walked. Fails the whole message whatever the error mode.
    Damaged(WireError),
}

impl EvalError {
    /// An error whose site is not known yet.
    #[cold]
    pub fn new(kind: ErrorKind) -> Self {
        EvalError { kind, site: Site::default(), argument: None }
    }

    /// A function's refusal.
    #[cold]
    pub fn function(text: &'static str) -> Self {
        EvalError::new(ErrorKind::Function(text))
    }

    /// A function's refusal of a text, for what stands at a byte of it.
    #[cold]
    pub fn function_at(reason: &'static str, at: usize) -> Self {
        EvalError::new(ErrorKind::FunctionAt { reason, at: u32::try_from(at).unwrap_or(u32::MAX) })
    }

    /// Whether this is one of the reference's type errors, which type tests turn into `false`.
    pub fn is_type_error(&self) -> bool {
        matches!(self.kind, ErrorKind::Type { .. })
    }

    /// Whether the message must be given up whatever the error mode says.
    pub fn is_fatal(&self) -> bool {
        matches!(self.kind, ErrorKind::Damaged(_) | ErrorKind::Limit(_) | ErrorKind::Cancelled)
    }

    /// Whether this has to end the statement even where functions pass over errors: it is not about the value at hand.
    pub fn must_surface(&self) -> bool {
        self.is_fatal() || matches!(self.kind, ErrorKind::Budget(_))
    }

    /// The same error as the fault of an argument, by its number among the parameters of the function: unless it arose in
    /// an expression inside, is the fault of another argument already, or of no argument.
    #[cold]
    #[must_use]
    pub fn of(mut self, argument: usize) -> Self {
        if self.site == Site::default() && self.argument.is_none() && !self.must_surface() {
            self.argument = u8::try_from(argument).ok();
        }
        self
    }

    /// The same error at a place.
    #[must_use]
    pub fn at(mut self, site: Site) -> Self {
        self.site = site;
        self
    }
}

impl ErrorKind {
    /// An index outside a list of so many elements.
    #[cold]
    pub fn out_of_bounds(index: i64, of: usize) -> Self {
        ErrorKind::IndexOutOfBounds { index, of: u32::try_from(of).unwrap_or(u32::MAX) }
    }

    /// Whether two errors say the same but for numbers: a report counts them together.
    pub fn is_same_kind(&self, other: &ErrorKind) -> bool {
        match (self, other) {
            (ErrorKind::IndexOutOfBounds { .. }, ErrorKind::IndexOutOfBounds { .. }) => true,
            (ErrorKind::Part { .. }, ErrorKind::Part { .. }) => true,
            (ErrorKind::FunctionAt { reason: a, .. }, ErrorKind::FunctionAt { reason: b, .. }) => a == b,
            (ErrorKind::Damaged(a), ErrorKind::Damaged(b)) => a.kind == b.kind,
            (a, b) => a == b,
        }
    }
}

impl From<ErrorKind> for EvalError {
    fn from(kind: ErrorKind) -> Self {
        EvalError::new(kind)
    }
}

impl From<WireError> for EvalError {
    fn from(error: WireError) -> Self {
        EvalError::new(ErrorKind::Damaged(error))
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::Type { expected, got } => write!(f, "expected {expected} but got {got}"),
            ErrorKind::Unconvertible { expected, got } => write!(f, "cannot convert {got} to {expected}"),
            ErrorKind::BadText(what) => write!(f, "the text is not a valid {what}"),
            ErrorKind::BadPattern(why) => write!(f, "the text is not a valid regular expression: {why}"),
            ErrorKind::Layout(_) => f.write_str("the text does not fit the layout"),
            ErrorKind::UnsupportedWrite { expected, got } => write!(f, "expects {expected} but got {got}"),
            ErrorKind::NilWrite => f.write_str("this path cannot be set to nil"),
            ErrorKind::ReadOnly => f.write_str("this path is read-only"),
            ErrorKind::OutOfRange => f.write_str("the number is out of range for this path"),
            ErrorKind::Part { start, length, of } if *start < 0 || *length < 1 => write!(
                f,
                "start {start} with length {length}: a part of a text starts at 0 or later and has at least one byte (the \
                 text has {of})"
            ),
            ErrorKind::Part { start, length, of } => {
                write!(f, "start {start} with length {length} leaves the text, which has {of} bytes")
            }
            ErrorKind::IndexOutOfBounds { index, of } => write!(f, "index {index} is out of bounds: the list has {of}"),
            ErrorKind::KeyNotFound => f.write_str("the map has no such key"),
            ErrorKind::NotIndexable(ty) => write!(f, "a value of type {ty} cannot be indexed this way"),
            ErrorKind::BadKey(ty) => write!(f, "a key of type {ty} does not fit here"),
            ErrorKind::Operand(ty) => write!(f, "arithmetic does not take {ty}"),
            ErrorKind::DivisionByZero => f.write_str("division by zero"),
            ErrorKind::NotBool(ty) => write!(f, "a condition must be bool but is {ty}"),
            ErrorKind::WrongRecord(text) | ErrorKind::Function(text) => f.write_str(text),
            ErrorKind::FunctionAt { reason, at } => write!(f, "{reason} (at byte {at})"),
            ErrorKind::LambdaResult(ty) => write!(f, "the lambda expression returned {ty}, which cannot be used here"),
            ErrorKind::Limit(text) | ErrorKind::Budget(text) => write!(f, "limit reached: {text}"),
            ErrorKind::Cancelled => f.write_str("cancelled"),
            ErrorKind::Damaged(error) => write!(f, "damaged message: {error}"),
        }
    }
}

impl std::error::Error for EvalError {}
