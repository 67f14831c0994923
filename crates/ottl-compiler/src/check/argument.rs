//! One argument for one parameter.
//!
//! COMPAT: a constant parameter takes the bare literal only; a sign or parentheses make it an expression.
//! COMPAT: literals for converting parameters are converted now, and a failure is an error now.

use ottl_core::function::{FunctionDef, Param, ParamType};
use ottl_core::ops::Coercion;
use ottl_core::{Gate, ListKind};
use ottl_diagnostics::{Code, Diagnostic, Span};
use ottl_plan::Literal;
use ottl_syntax::ast::{self, Argument, ArgumentValue, Value};

use super::Checker;
use super::value::list_of;
use crate::advice::words;
use crate::constant;
use crate::hir::{Arg, Expr, Kind};

/// What an argument is for, for messages.
#[derive(Clone, Copy)]
struct For<'c> {
    def: &'c FunctionDef,
    param: &'c Param,
}

impl<'c, 't> Checker<'c, 't> {
    /// Checks the argument of a parameter.
    pub fn argument(&mut self, def: &'c FunctionDef, param: &'c Param, argument: &'t Argument) -> Option<Arg> {
        let place = For { def, param };
        if param.ty == ParamType::Function {
            return self.function_argument(place, &argument.value);
        }
        let value = match &argument.value {
            ArgumentValue::Value(value) => value,
            ArgumentValue::Function(name) => {
                self.function_as_value(&name.text, name.span);
                return None;
            }
        };
        match param.ty {
            ParamType::Target | ParamType::MapTarget | ParamType::ListTarget => self.target(place, value),
            ParamType::Any => self.expression(place, value, None),
            ParamType::Coerced(to) => self.expression(place, value, Some(to)),
            ParamType::ConstString | ParamType::ConstInt | ParamType::ConstFloat | ParamType::ConstBool => {
                self.constant(place, value, param.ty)
            }
            ParamType::ConstStrings => self.constants(place, value, ParamType::ConstString, ListKind::Strings),
            ParamType::ConstInts => self.constants(place, value, ParamType::ConstInt, ListKind::Ints),
            ParamType::ConstFloats => self.constants(place, value, ParamType::ConstFloat, ListKind::Floats),
            ParamType::ListOf(each) => match value {
                Value::List(list) => self.list_argument(place, list, each, ListKind::Any),
                other => {
                    self.no_list(place, other);
                    None
                }
            },
            ParamType::Elements(each) => match value {
                Value::List(list) => self.list_argument(place, list, each, ListKind::Any),
                other => self.computed_list(place, other),
            },
            ParamType::Lambda(arity) => self.lambda_argument(place, value, arity),
            ParamType::Function => None,
        }
    }

    /// Reports an argument of the wrong form.
    #[cold]
    fn misfit(&mut self, place: For<'c>, span: Span, code: Code, wanted: &str) {
        self.fault(misfit(place, span, code, wanted));
    }

    /// A value that would do in another spelling.
    #[cold]
    fn misspelt(&mut self, place: For<'c>, span: Span, code: Code, wanted: &str, spelling: String) {
        self.fault(misfit(place, span, code, wanted).help(format!("write `{spelling}`")).fix(span, spelling));
    }

    /// What stands in the place of a list literal; a single literal only lacks the brackets.
    #[cold]
    fn no_list(&mut self, place: For<'c>, value: &Value) {
        const WANTED: &str = "a list literal";
        let span = value.span();
        match value {
            // What follows may be meant as the other items.
            Value::String(_) | Value::Int(_) | Value::Float(_)
                if place.def.visible_params().last().is_none_or(|last| last.name != place.param.name) =>
            {
                self.fault(
                    misfit(place, span, Code::NOT_A_LIST, WANTED)
                        .help(format!("items stand in brackets: `[{}, ...]`", ottl_syntax::print(value))),
                );
            }
            Value::String(_) | Value::Int(_) | Value::Float(_) => {
                self.misspelt(place, span, Code::NOT_A_LIST, WANTED, format!("[{}]", ottl_syntax::print(value)));
            }
            Value::Path(_) | Value::Converter(_) => self.fault(
                misfit(place, span, Code::NOT_A_LIST, WANTED)
                    .help(format!("items stand in brackets: `[{}]`", ottl_syntax::print(value))),
            ),
            _ => self.misfit(place, span, Code::NOT_A_LIST, WANTED),
        }
    }

    fn target(&mut self, place: For<'c>, value: &'t Value) -> Option<Arg> {
        match value {
            Value::Path(path) if self.local(path.root()).is_none() => self.path(path).map(Arg::Target),
            other => {
                self.misfit(place, other.span(), Code::NOT_A_PATH, "a path");
                None
            }
        }
    }

    fn expression(&mut self, place: For<'c>, value: &'t Value, to: Option<Coercion>) -> Option<Arg> {
        let expr = self.value(value)?;
        let expr = self.convert_literal(place, expr, to)?;
        let span = expr.span;
        Some(match expr.kind {
            Kind::Const(literal) => Arg::Const(literal, span),
            _ if place.param.lazy => Arg::Lazy(expr, to),
            _ => Arg::Eager { expr, coerce: to, each: None },
        })
    }

    /// A literal becomes what its parameter receives; everything else stays as it is.
    fn convert_literal(&mut self, place: For<'c>, expr: Expr, to: Option<Coercion>) -> Option<Expr> {
        let Some(to) = to else {
            return Some(expr);
        };
        let span = expr.span;
        let is_list = matches!(&expr.kind, Kind::Const(Literal::List(..)));
        let reason = match expr.kind {
            Kind::Const(literal) => match constant::coerced(literal, to) {
                Ok(literal) => return Some(Expr::constant(literal, span)),
                Err(error) => error.to_string(),
            },
            // A lambda is a literal too, and converts to nothing but text.
            Kind::Lambda(_) if to != Coercion::StringLike => format!("expected {} but got a lambda", to.name()),
            _ => return Some(expr),
        };
        let wanted = format!("a value that converts to {}", to.name());
        let message = format!(
            "the parameter `{}` of `{}` takes {wanted}, and this literal does not",
            place.param.name, place.def.name
        );
        let fault = Diagnostic::new(Code::UNCONVERTIBLE_LITERAL, span, message).label(reason);
        self.fault(match is_list {
            true => fault.help("it takes one, and no list: write a statement for each"),
            false => fault,
        });
        None
    }

    /// A bare literal of the kind that `ty` names.
    fn constant(&mut self, place: For<'c>, value: &'t Value, ty: ParamType) -> Option<Arg> {
        let (literal, wanted) = literal(value, ty);
        match literal {
            Some(literal) => Some(Arg::Const(literal, value.span())),
            None => {
                let spelling = match (value, ty) {
                    (Value::Int(int), ParamType::ConstFloat) => Some(format!("{}.0", int.value)),
                    // `"4096"`, `"true"`.
                    (Value::String(text), ParamType::ConstInt) if text.value.parse::<u32>().is_ok() => {
                        Some(text.value.trim_start_matches('+').to_owned())
                    }
                    (Value::String(text), ParamType::ConstBool) => words::literal(&text.value)
                        .filter(|literal| matches!(*literal, "true" | "false"))
                        .map(str::to_owned),
                    _ => None,
                };
                if let Some(spelling) = spelling {
                    self.misspelt(place, value.span(), Code::WRONG_LITERAL_KIND, wanted, spelling);
                } else if !matches!(value, Value::Missing(_)) {
                    self.misfit(place, value.span(), Code::WRONG_LITERAL_KIND, wanted);
                }
                None
            }
        }
    }

    /// A list literal of bare literals.
    fn constants(&mut self, place: For<'c>, value: &'t Value, ty: ParamType, kind: ListKind) -> Option<Arg> {
        let Value::List(list) = value else {
            self.no_list(place, value);
            return None;
        };
        let mut literals = Some(Vec::with_capacity(list.items.len()));
        for item in &list.items {
            let (found, wanted) = literal(item, ty);
            match (&mut literals, found) {
                (Some(literals), Some(found)) => literals.push(found),
                (_, Some(_)) => {}
                (_, None) => {
                    literals = None;
                    let wanted = format!("a list whose every item is {wanted}");
                    self.misfit(place, item.span(), Code::WRONG_LITERAL_KIND, &wanted);
                }
            }
        }
        Some(Arg::Const(Literal::List(kind, literals?), list.span))
    }

    /// A list literal of any expressions.
    fn list_argument(
        &mut self,
        place: For<'c>,
        list: &'t ast::List,
        each: Option<Coercion>,
        kind: ListKind,
    ) -> Option<Arg> {
        let items: Vec<Option<Expr>> = list
            .items
            .iter()
            .map(|item| {
                let expr = self.value(item)?;
                self.convert_literal(place, expr, each)
            })
            .collect();
        let items: Vec<Expr> = items.into_iter().collect::<Option<_>>()?;
        let expr = list_of(items, kind, list.span);
        Some(match expr.kind {
            Kind::Const(literal) => Arg::Const(literal, list.span),
            Kind::List(items) if place.param.lazy => Arg::LazyList(items, each),
            kind => Arg::Eager { expr: Expr { kind, ..expr }, coerce: None, each },
        })
    }

    /// A list that is known at run time only. Of literals nil and bytes may stand there; the function sees to them.
    fn computed_list(&mut self, place: For<'c>, value: &'t Value) -> Option<Arg> {
        let expr = self.value(value)?;
        let span = expr.span;
        match expr.kind {
            Kind::Const(literal @ (Literal::Nil | Literal::Bytes(_)))
                if self.scope.compiler.is_on(Gate::DynamicSliceArguments) =>
            {
                Some(Arg::Const(literal, span))
            }
            Kind::Const(_) => {
                self.no_list(place, value);
                None
            }
            _ if !self.scope.compiler.is_on(Gate::DynamicSliceArguments) => {
                self.disabled("lists that paths and converters give are", span, Gate::DynamicSliceArguments);
                None
            }
            _ => Some(Arg::Eager { expr, coerce: None, each: None }),
        }
    }

    fn lambda_argument(&mut self, place: For<'c>, value: &'t Value, arity: u8) -> Option<Arg> {
        let Value::Lambda(lambda) = value else {
            self.misfit(place, value.span(), Code::NOT_A_LAMBDA, "a lambda");
            return None;
        };
        let checked = self.lambda(lambda)?;
        if checked.params != u32::from(arity) {
            let message = format!(
                "`{}` wants a lambda with {arity} {}, not {}",
                place.def.name,
                if arity == 1 { "parameter" } else { "parameters" },
                checked.params
            );
            self.fault(
                Diagnostic::new(Code::WRONG_LAMBDA_ARITY, lambda.span, message)
                    .help("write `_` for a parameter that is not used"),
            );
            return None;
        }
        Some(Arg::Lambda(Box::new(checked)))
    }

    fn function_argument(&mut self, place: For<'c>, value: &'t ArgumentValue) -> Option<Arg> {
        match value.function_name() {
            Some(name) => self.function_reference(name, value.span()).cloned().map(Arg::Function),
            None => {
                let wanted = "the name of a converter, without parentheses";
                self.misfit(place, value.span(), Code::NOT_A_FUNCTION_NAME, wanted);
                None
            }
        }
    }
}

fn misfit(place: For<'_>, span: Span, code: Code, wanted: &str) -> Diagnostic {
    let message = format!("the parameter `{}` of `{}` takes {wanted}", place.param.name, place.def.name);
    Diagnostic::new(code, span, message)
}

/// The literal that a value is, if it is of the kind that the constant parameter takes, and what that kind is called.
fn literal(value: &Value, ty: ParamType) -> (Option<Literal>, &'static str) {
    match ty {
        ParamType::ConstInt => (
            match value {
                Value::Int(i) => Some(Literal::Int(i.value)),
                _ => None,
            },
            "an integer literal without a sign",
        ),
        ParamType::ConstFloat => (
            match value {
                Value::Float(f) => Some(Literal::Float(f.value)),
                _ => None,
            },
            "a literal with a decimal point and without a sign",
        ),
        ParamType::ConstBool => (
            match value {
                Value::Bool(b) => Some(Literal::Bool(b.value)),
                _ => None,
            },
            "`true` or `false`",
        ),
        _ => (
            match value {
                Value::String(s) => Some(Literal::Str(s.value.as_bytes().to_vec())),
                _ => None,
            },
            "a string literal",
        ),
    }
}
