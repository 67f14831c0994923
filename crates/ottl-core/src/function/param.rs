//! [`Param`]: a parameter of a function, what it takes, and how it is named.

use crate::ops::Coercion;

/// What a parameter takes and what the kernel receives for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParamType {
    /// A path, as [`Value::Path`](crate::Value::Path): the target of an editor. It is read, written, or edited through the
    /// context.
    Target,
    /// A path that must hold a map when the editor runs, as [`Value::Path`](crate::Value::Path); see
    /// [`CallContext::edit_map`](super::CallContext::edit_map).
    MapTarget,
    /// A path that must hold a list when the editor runs, as [`Value::Path`](crate::Value::Path).
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
    /// A list literal as for `ListOf`, or what gives a list when the rules run: then it arrives as whatever value it is, and
    /// nothing is converted. The literals nil and bytes arrive, too.
    Elements(Option<Coercion>),
    /// A lambda with this many parameters, as [`Value::Lambda`](crate::Value::Lambda).
    Lambda(u8),
    /// A converter named without parentheses, as [`Value::Function`](crate::Value::Function).
    Function,
}

#[expect(missing_docs, reason = "each is the conversion of its name")]
impl ParamType {
    pub const STRING: ParamType = ParamType::Coerced(Coercion::String);
    pub const INT: ParamType = ParamType::Coerced(Coercion::Int);
    pub const FLOAT: ParamType = ParamType::Coerced(Coercion::Float);
    pub const BOOL: ParamType = ParamType::Coerced(Coercion::Bool);
    pub const TIME: ParamType = ParamType::Coerced(Coercion::Time);
    pub const DURATION: ParamType = ParamType::Coerced(Coercion::Duration);
    pub const MAP: ParamType = ParamType::Coerced(Coercion::Map);
    pub const LIST: ParamType = ParamType::Coerced(Coercion::List);
    pub const STRING_LIKE: ParamType = ParamType::Coerced(Coercion::StringLike);
    pub const INT_LIKE: ParamType = ParamType::Coerced(Coercion::IntLike);
    pub const FLOAT_LIKE: ParamType = ParamType::Coerced(Coercion::FloatLike);
    pub const BOOL_LIKE: ParamType = ParamType::Coerced(Coercion::BoolLike);
    pub const BYTES_LIKE: ParamType = ParamType::Coerced(Coercion::BytesLike);
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
            ParamType::Elements(None) => "list of any values",
            ParamType::Elements(Some(coercion)) => return write!(f, "list of {}", value(coercion)),
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
    /// Whether it may be left out; the kernel then receives [`Value::Absent`](crate::Value::Absent).
    pub optional: bool,
    /// Whether the kernel evaluates it itself.
    pub lazy: bool,
    /// For a hidden parameter: the path of the record that the function reads, or reads and writes, without being
    /// told, for instance `span.parent_span_id`. Users cannot pass it.
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

    /// A hidden parameter that is a path: the kernel reads and writes it.
    pub const fn implicit_target(path: &'static str) -> Param {
        Param { ty: ParamType::Target, ..Param::implicit(path) }
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
