//! Lambdas and their parameters.
//!
//! Parameters get slots by nesting: those of an inner lambda follow those of the outer ones, which it sees too.

use std::collections::HashMap;

use ottl_core::Gate;
use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_syntax::ast;

use super::Checker;
use crate::hir::Lambda;

impl<'t> Checker<'_, 't> {
    /// Checks a lambda.
    pub fn lambda(&mut self, lambda: &'t ast::Lambda) -> Option<Lambda> {
        if !self.scope.compiler.is_on(Gate::Lambda) {
            self.fault(
                Diagnostic::new(Code::LAMBDA_DISABLED, lambda.span, "lambdas are disabled")
                    .help(format!("enable the gate `{}`", Gate::Lambda.name())),
            );
            return None;
        }
        let mut distinct = true;
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for param in lambda.params.iter().filter(|p| p.text != "_") {
            if let Some(first) = seen.insert(&param.text, param.span) {
                distinct = false;
                let message = format!("the lambda has two parameters `{}`", param.text);
                self.fault(
                    Diagnostic::new(Code::DUPLICATE_LOCAL, param.span, message)
                        .other(first, "the first one")
                        .help("rename one, or write `_` for a parameter that is not used"),
                );
            }
        }
        let first_local = self.locals.len();
        // `_` takes a slot and is never found: it cannot be written as a path.
        self.locals.extend(lambda.params.iter().map(|p| p.text.as_str()));
        let body = match &lambda.body {
            ast::LambdaBody::Value(value) => self.value(value),
            ast::LambdaBody::Condition(condition) => self.condition(condition),
        };
        self.locals.truncate(first_local);
        let body = body?;
        distinct.then_some(Lambda { params: lambda.params.len() as u32, first_local: first_local as u32, body })
    }
}
