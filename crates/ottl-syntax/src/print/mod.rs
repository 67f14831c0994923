//! The standard form of a tree.
//!
//! One blank around operators and after commas, none elsewhere; decimal integers; parentheses around conditions only
//! where the tree needs them. INVARIANT: parsing the form of a tree without `Missing` nodes gives an equal tree but
//! for the spans. In trees with errors a missing node prints as `?`, which does not parse.

use std::fmt::Write;

use crate::ast::{
    Argument, ArgumentValue, BoolChain, BoolExpr, Call, Comparison, Key, KeyKind, Lambda, LambdaBody, Map, Math,
    MathKind, Path, Sign, Statement, Value,
};

/// A node of the tree that has a standard form.
pub trait Print {
    /// Appends the standard form.
    fn print_to(&self, out: &mut String);
}

/// The standard form of a node.
///
/// ```
/// let parsed = ottl_syntax::parse_condition("not(a==1)and  Is Match(b,\"x\")");
/// assert_eq!(ottl_syntax::print(&parsed.tree), r#"not a == 1 and IsMatch(b, "x")"#);
/// ```
pub fn print(node: &impl Print) -> String {
    let mut out = String::new();
    node.print_to(&mut out);
    out
}

impl Print for Statement {
    fn print_to(&self, out: &mut String) {
        self.editor.print_to(out);
        if let Some(condition) = &self.condition {
            out.push_str(" where ");
            condition.print_to(out);
        }
    }
}

impl Print for BoolExpr {
    fn print_to(&self, out: &mut String) {
        match self {
            BoolExpr::Or(chain) => chain_to(out, chain, " or ", |operand| matches!(operand, BoolExpr::Or(_))),
            BoolExpr::And(chain) => {
                chain_to(out, chain, " and ", |operand| matches!(operand, BoolExpr::Or(_) | BoolExpr::And(_)));
            }
            BoolExpr::Not(not) => {
                out.push_str("not ");
                let parentheses = matches!(*not.operand, BoolExpr::Or(_) | BoolExpr::And(_) | BoolExpr::Not(_));
                operand_to(out, &not.operand, parentheses);
            }
            BoolExpr::Comparison(comparison) => comparison.print_to(out),
            BoolExpr::Const(literal) => out.push_str(if literal.value { "true" } else { "false" }),
            BoolExpr::Converter(call) => call.print_to(out),
            BoolExpr::Missing(_) => out.push('?'),
        }
    }
}

fn chain_to(out: &mut String, chain: &BoolChain, operator: &str, parentheses: fn(&BoolExpr) -> bool) {
    for (i, operand) in chain.operands.iter().enumerate() {
        if i > 0 {
            out.push_str(operator);
        }
        operand_to(out, operand, parentheses(operand) || ends_in_lambda(operand));
    }
}

fn operand_to(out: &mut String, operand: &BoolExpr, parentheses: bool) {
    if parentheses {
        out.push('(');
    }
    operand.print_to(out);
    if parentheses {
        out.push(')');
    }
}

/// Whether the body of a lambda at the end would take in an operator that follows.
fn ends_in_lambda(condition: &BoolExpr) -> bool {
    match condition {
        BoolExpr::Comparison(comparison) => matches!(comparison.right, Value::Lambda(_)),
        BoolExpr::Not(not) => ends_in_lambda(&not.operand),
        _ => false,
    }
}

impl Print for Comparison {
    fn print_to(&self, out: &mut String) {
        match &self.left {
            // The parentheses end the body before the operator.
            Value::Lambda(lambda) => lambda_to(out, lambda, true),
            left => left.print_to(out),
        }
        let _ = write!(out, " {} ", self.op.as_str());
        self.right.print_to(out);
    }
}

impl Print for Value {
    fn print_to(&self, out: &mut String) {
        match self {
            Value::Nil(_) => out.push_str("nil"),
            Value::Bool(literal) => out.push_str(if literal.value { "true" } else { "false" }),
            Value::Int(literal) => {
                let _ = write!(out, "{}", literal.value);
            }
            Value::Float(literal) => float_to(out, literal.value),
            Value::String(literal) => string_to(out, &literal.value),
            Value::Bytes(literal) => {
                out.push_str("0x");
                for byte in &literal.value {
                    let _ = write!(out, "{byte:02x}");
                }
            }
            Value::Enum(symbol) => out.push_str(&symbol.name),
            Value::Path(path) => path.print_to(out),
            Value::Converter(call) => call.print_to(out),
            Value::List(list) => {
                out.push('[');
                joined(out, &list.items, |out, item| item.print_to(out));
                out.push(']');
            }
            Value::Map(map) => map.print_to(out),
            Value::Math(math) => math.print_to(out),
            Value::Lambda(lambda) => lambda_to(out, lambda, false),
            Value::Missing(_) => out.push('?'),
        }
    }
}

fn joined<T>(out: &mut String, items: &[T], item_to: impl Fn(&mut String, &T)) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        item_to(out, item);
    }
}

impl Print for Path {
    fn print_to(&self, out: &mut String) {
        for (i, segment) in self.segments.iter().enumerate() {
            if i > 0 {
                out.push('.');
            }
            out.push_str(&segment.name);
            keys_to(out, &segment.keys);
        }
    }
}

fn keys_to(out: &mut String, keys: &[Key]) {
    for key in keys {
        out.push('[');
        match &key.kind {
            KeyKind::String(literal) => string_to(out, &literal.value),
            KeyKind::Int(literal) => {
                let _ = write!(out, "{}", literal.value);
            }
            KeyKind::Expr(value) => value.print_to(out),
        }
        out.push(']');
    }
}

impl Print for Call {
    fn print_to(&self, out: &mut String) {
        name_to(out, &self.name.text);
        out.push('(');
        joined(out, &self.arguments, |out, argument| argument.print_to(out));
        out.push(')');
        keys_to(out, &self.keys);
    }
}

impl Print for Argument {
    fn print_to(&self, out: &mut String) {
        if let Some(name) = &self.name {
            name_to(out, &name.text);
            out.push('=');
        }
        match &self.value {
            ArgumentValue::Value(value) => value.print_to(out),
            ArgumentValue::Function(name) => name_to(out, &name.text),
        }
    }
}

/// A function or parameter name. A last chunk that is a keyword needs a blank: `Xor` is no name, `Xo r` is.
fn name_to(out: &mut String, name: &str) {
    let chunk = name.rfind(|c: char| c.is_ascii_uppercase()).map_or(name, |upper| {
        let rest = &name[upper + 1..];
        // Digits and underscores after a capital belong to its chunk.
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_')
    });
    match chunk {
        "nil" | "not" | "or" | "and" | "true" | "false" => {
            let split = name.len() - chunk.len() + 1;
            out.push_str(&name[..split]);
            out.push(' ');
            out.push_str(&name[split..]);
        }
        _ => out.push_str(name),
    }
}

impl Print for Map {
    fn print_to(&self, out: &mut String) {
        out.push('{');
        joined(out, &self.entries, |out, entry| {
            entry.key.print_to(out);
            out.push_str(": ");
            entry.value.print_to(out);
        });
        out.push('}');
    }
}

impl Print for Math {
    fn print_to(&self, out: &mut String) {
        match &self.kind {
            MathKind::Group(inner) => {
                out.push('(');
                inner.print_to(out);
                out.push(')');
            }
            MathKind::Signed { sign, operand } => {
                out.push(if *sign == Sign::Minus { '-' } else { '+' });
                operand.print_to(out);
            }
            MathKind::Chain { first, rest } => {
                first.print_to(out);
                for next in rest {
                    let _ = write!(out, " {} ", next.op.as_str());
                    next.operand.print_to(out);
                }
            }
        }
    }
}

fn lambda_to(out: &mut String, lambda: &Lambda, compared: bool) {
    out.push('(');
    joined(out, &lambda.params, |out, param| out.push_str(&param.text));
    out.push_str(") => ");
    match &lambda.body {
        LambdaBody::Value(value) => value.print_to(out),
        // A bool without parentheses would be a value.
        LambdaBody::Condition(condition) => {
            operand_to(out, condition, compared || matches!(condition, BoolExpr::Const(_)));
        }
    }
}

/// A float always has a decimal point, for `1e3` is not one.
fn float_to(out: &mut String, value: f64) {
    let digits = format!("{value:?}");
    match digits.split_once('e') {
        Some((mantissa, exponent)) if !mantissa.contains('.') => {
            let _ = write!(out, "{mantissa}.0e{exponent}");
        }
        _ => out.push_str(&digits),
    }
}

fn string_to(out: &mut String, value: &str) {
    out.push('"');
    for c in value.chars() {
        string_char_to(out, c);
    }
    out.push('"');
}

/// Appends a character as it stands inside a string literal.
pub fn string_char_to(out: &mut String, c: char) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c.is_control() => {
            let _ = write!(out, "\\u{:04x}", c as u32);
        }
        c => out.push(c),
    }
}
