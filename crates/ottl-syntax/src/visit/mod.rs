//! Walks over a tree.
//!
//! A [`Visitor`] sees every path, call, enum symbol and function reference in the order of the text, lambda
//! parameters told apart from paths. This is what context inference collects.

use crate::ast::{
    Argument, ArgumentValue, BoolExpr, Call, EnumSymbol, Ident, Key, KeyKind, Lambda, LambdaBody, Literal, MathKind,
    Path, Statement, Value,
};

/// What a walk reports; every method does nothing unless it is written.
pub trait Visitor {
    /// A path that is not a lambda parameter. Its keys are walked afterwards.
    fn path(&mut self, path: &Path) {
        let _ = path;
    }

    /// A path whose first name is a parameter of an enclosing lambda. Its keys are walked afterwards.
    fn local(&mut self, path: &Path) {
        let _ = path;
    }

    /// A call of an editor or a converter. Arguments and keys are walked afterwards.
    fn call(&mut self, call: &Call) {
        let _ = call;
    }

    /// A bare upper-case word: an enum symbol or, as an argument, perhaps a function reference.
    fn enum_symbol(&mut self, symbol: &EnumSymbol) {
        let _ = symbol;
    }

    /// A bare function name of several tokens, passed as an argument.
    fn function_reference(&mut self, name: &Ident) {
        let _ = name;
    }

    /// An integer literal.
    fn int(&mut self, int: &Literal<i64>) {
        let _ = int;
    }

    /// A lambda. Its body is walked afterwards, with its parameters in scope.
    fn lambda(&mut self, lambda: &Lambda) {
        let _ = lambda;
    }
}

/// Walks over a statement: the editor, then the condition.
pub fn walk_statement(statement: &Statement, visitor: &mut impl Visitor) {
    let mut walk = Walk { visitor, locals: Vec::new() };
    walk.call(&statement.editor);
    if let Some(condition) = &statement.condition {
        walk.condition(condition);
    }
}

/// Walks over a condition.
pub fn walk_condition(condition: &BoolExpr, visitor: &mut impl Visitor) {
    Walk { visitor, locals: Vec::new() }.condition(condition);
}

/// Walks over a value.
pub fn walk_value(value: &Value, visitor: &mut impl Visitor) {
    Walk { visitor, locals: Vec::new() }.value(value);
}

/// A walk and the lambda parameters in scope; recursion is as deep as the tree, which the parser bounds.
struct Walk<'t, 'v, V> {
    visitor: &'v mut V,
    locals: Vec<&'t str>,
}

impl<'t, V: Visitor> Walk<'t, '_, V> {
    fn condition(&mut self, condition: &'t BoolExpr) {
        match condition {
            BoolExpr::Or(chain) | BoolExpr::And(chain) => {
                for operand in &chain.operands {
                    self.condition(operand);
                }
            }
            BoolExpr::Not(not) => self.condition(&not.operand),
            BoolExpr::Comparison(comparison) => {
                self.value(&comparison.left);
                self.value(&comparison.right);
            }
            BoolExpr::Converter(call) => self.call(call),
            BoolExpr::Const(_) | BoolExpr::Missing(_) => {}
        }
    }

    fn value(&mut self, value: &'t Value) {
        match value {
            Value::Nil(_)
            | Value::Bool(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Bytes(_)
            | Value::Missing(_) => {}
            Value::Int(int) => self.visitor.int(int),
            Value::Enum(symbol) => self.visitor.enum_symbol(symbol),
            Value::Path(path) => self.path(path),
            Value::Converter(call) => self.call(call),
            Value::List(list) => {
                for item in &list.items {
                    self.value(item);
                }
            }
            Value::Map(map) => {
                for entry in &map.entries {
                    self.value(&entry.key);
                    self.value(&entry.value);
                }
            }
            Value::Math(math) => match &math.kind {
                MathKind::Group(inner) | MathKind::Signed { operand: inner, .. } => self.value(inner),
                MathKind::Chain { first, rest } => {
                    self.value(first);
                    for next in rest {
                        self.value(&next.operand);
                    }
                }
            },
            Value::Lambda(lambda) => self.lambda(lambda),
        }
    }

    fn path(&mut self, path: &'t Path) {
        if self.locals.contains(&path.root()) {
            self.visitor.local(path);
        } else {
            self.visitor.path(path);
        }
        for segment in &path.segments {
            self.keys(&segment.keys);
        }
    }

    fn call(&mut self, call: &'t Call) {
        self.visitor.call(call);
        for Argument { value, .. } in &call.arguments {
            match value {
                ArgumentValue::Value(value) => self.value(value),
                ArgumentValue::Function(name) => self.visitor.function_reference(name),
            }
        }
        self.keys(&call.keys);
    }

    fn keys(&mut self, keys: &'t [Key]) {
        for key in keys {
            match &key.kind {
                KeyKind::Expr(value) => self.value(value),
                KeyKind::Int(int) => self.visitor.int(int),
                KeyKind::String(_) => {}
            }
        }
    }

    fn lambda(&mut self, lambda: &'t Lambda) {
        self.visitor.lambda(lambda);
        let outer = self.locals.len();
        // `_` cannot be read as a path, so it may stand among the names.
        self.locals.extend(lambda.params.iter().map(|param| param.text.as_str()));
        match &lambda.body {
            LambdaBody::Value(value) => self.value(value),
            LambdaBody::Condition(condition) => self.condition(condition),
        }
        self.locals.truncate(outer);
    }
}

#[cfg(test)]
mod tests {
    use super::{Visitor, walk_statement};
    use crate::ast::{Call, EnumSymbol, Ident, Path};
    use crate::{parse_statement, print};

    #[derive(Default)]
    struct Log(Vec<String>);

    impl Visitor for Log {
        fn path(&mut self, path: &Path) {
            self.0.push(format!("path {}", print(path)));
        }
        fn local(&mut self, path: &Path) {
            self.0.push(format!("local {}", print(path)));
        }
        fn call(&mut self, call: &Call) {
            self.0.push(format!("call {}", call.name.text));
        }
        fn enum_symbol(&mut self, symbol: &EnumSymbol) {
            self.0.push(format!("enum {}", symbol.name));
        }
        fn function_reference(&mut self, name: &Ident) {
            self.0.push(format!("function {}", name.text));
        }
    }

    #[test]
    fn parameters_are_in_scope_in_their_body_only() {
        let text = r#"set(a[b], Filter(x, (k, v) => v[k] == A and All(y, (z) => z.q > k)), {"m": [z]}, f=ToUpperCase) where v == -k"#;
        let parsed = parse_statement(text);
        assert_eq!(parsed.diagnostics, []);
        let mut log = Log::default();
        walk_statement(&parsed.tree, &mut log);
        assert_eq!(
            log.0,
            [
                "call set",
                "path a[b]",
                "path b",
                "call Filter",
                "path x",
                "local v[k]",
                "local k",
                "enum A",
                "call All",
                "path y",
                "local z.q",
                "local k",
                "path z",
                "function ToUpperCase",
                "path v",
                "path k",
            ]
        );
    }
}
