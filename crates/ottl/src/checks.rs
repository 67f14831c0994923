//! The check of OTTL that other components than the transform and the filter processor hold.
//!
//! Nothing is kept of it but what is wrong.

use ottl_compiler::{GroupSpec, Limits as RuleLimits, SourceText, TransformOptions};
use ottl_core::function::{Availability, CallContext, FunctionDef, Type};
use ottl_core::{EvalError, Value};
use ottl_diagnostics::{Code, Diagnostic, Severity};
use ottl_schema::{ContextId, context, context_by_name};
use ottl_syntax::ast::Path;
use ottl_syntax::visit::{Visitor, walk_condition, walk_statement, walk_value};

use crate::Signal;
use crate::config::{Asked, Configuration};

/// `AdjustedCount`, which the connector `signaltometrics` adds for spans.
const ADJUSTED_COUNT: FunctionDef = FunctionDef::converter("AdjustedCount")
    .returns(Type::Float)
    .availability(Availability { statements: &["span"], conditions: &["span"] })
    .docs("How many spans the span stands for, by the sampling threshold of its trace state.")
    .value(never);

/// What is checked here never runs.
fn never<'a>(_: &mut CallContext<'_, 'a>, _: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    Ok(Value::Nil)
}

/// What turns a value into a condition, which is what can be compiled.
const AS_CONDITION: &str = " != nil";

/// What is wrong with the texts of other components, by the numbers of their places; ranges are ranges in the texts.
pub(crate) fn check(
    rules: &ottl_compiler::Compiler,
    configuration: &Configuration,
    limits: RuleLimits,
) -> Vec<(u32, Diagnostic)> {
    let mut out = Vec::new();
    if configuration.checks.is_empty() {
        return out;
    }
    let mut compiler = ottl_compiler::Compiler { limits, ..rules.clone() };
    compiler.registry.add(ADJUSTED_COUNT);
    for check in &configuration.checks {
        let Some(place) = configuration.places.get(check.place as usize) else { continue };
        let text = place.text();
        let context_id = check.context.unwrap_or_else(|| told(&compiler, check.asked, text));
        if check.asked == Asked::Value {
            let parsed = compiler.limits.text.parse_value(text);
            if !parsed.diagnostics.is_empty() {
                out.extend(parsed.diagnostics.into_iter().map(|fault| (check.place, fault)));
                continue;
            }
        }
        let whole = match check.asked {
            Asked::Value => format!("{text}{AS_CONDITION}"),
            _ => text.to_owned(),
        };
        let texts = vec![SourceText { text: &whole, id: check.place }];
        // Faults of the group itself are none of the file.
        let mut group = GroupSpec { id: u32::MAX, context: Some(context_id), ..GroupSpec::default() };
        match check.asked {
            Asked::Statement => group.statements = texts,
            Asked::Condition | Asked::Value => group.conditions = texts,
        }
        compiler.implied_error_mode = check.implied_error_mode;
        let signal = context(context_id).signals.first().copied().unwrap_or(Signal::Logs);
        let compiled = compiler.compile_transform(signal, &[group], TransformOptions::default());
        compiler.limits.tokens = compiler.limits.tokens.saturating_sub(compiled.tokens);
        let faults = compiled.diagnostics.into_iter().filter(|(id, _)| *id == check.place);
        // A value is compared with nil here alone, so that other warnings about it are about nothing.
        let is_meant =
            |fault: &Diagnostic| fault.severity() == Severity::Error || fault.code == Code::IMPLIED_PROPAGATE;
        out.extend(faults.filter(|(_, fault)| check.asked != Asked::Value || is_meant(fault)));
    }
    out
}

/// The context that a text's paths tell: the deepest one they name, else the resource.
pub(crate) fn told(compiler: &ottl_compiler::Compiler, asked: Asked, text: &str) -> ContextId {
    let mut named = Named(ContextId::Resource);
    let text_limits = &compiler.limits.text;
    match asked {
        Asked::Condition => walk_condition(&text_limits.parse_condition(text).tree, &mut named),
        Asked::Statement => walk_statement(&text_limits.parse_statement(text).tree, &mut named),
        Asked::Value => walk_value(&text_limits.parse_value(text).tree, &mut named),
    }
    named.0
}

/// The deepest context that paths name.
struct Named(ContextId);

impl Visitor for Named {
    fn path(&mut self, path: &Path) {
        let (first, _) = path.split_context();
        let named = first.and_then(|first| context_by_name(&first.name));
        if let Some(named) = named.filter(|named| *named != ContextId::OtelCol) {
            self.0 = self.0.max(named);
        }
    }
}
