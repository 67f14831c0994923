//! The check of OTTL that other components than the transform and the filter processor hold.
//!
//! Nothing is kept of it but what is wrong.

use ottl_compiler::{GroupSpec, Limits as RuleLimits, SourceText, TransformOptions};
use ottl_core::function::{Availability, CallContext, FunctionDef, Type};
use ottl_core::{EvalError, Value};
use ottl_diagnostics::Diagnostic;
use ottl_schema::{ContextId, context, context_by_name};
use ottl_syntax::ast::Path;
use ottl_syntax::visit::{Visitor, walk_condition, walk_statement, walk_value};

use crate::Signal;
use crate::config::{Asked, Check, Configuration};

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
    for list in configuration.checks.chunk_by(|a, b| a.list == b.list) {
        let Some(first) = list.first() else { continue };
        let of = |check: &Check| Some((check.place, configuration.places.get(check.place as usize)?.text()));
        let texts: Vec<SourceText<'_>> = list.iter().filter_map(of).map(|(id, text)| SourceText { id, text }).collect();
        let Some(text) = texts.first().copied() else { continue };
        let context_id = first.context.unwrap_or_else(|| told(&compiler, first.asked, text.text));
        compiler.implied_error_mode = first.implied_error_mode;
        // Faults of the group itself are none of the file.
        let mut group = GroupSpec { id: u32::MAX, context: Some(context_id), ..GroupSpec::default() };
        let compiled = match first.asked {
            Asked::Value => compiler.check_value(context_id, text, first.is_number),
            asked => {
                match asked {
                    Asked::Condition => group.conditions = texts,
                    _ => group.statements = texts,
                }
                let signal = context(context_id).signals.first().copied().unwrap_or(Signal::Logs);
                compiler.compile_transform(signal, &[group], TransformOptions::default())
            }
        };
        compiler.limits.tokens = compiler.limits.tokens.saturating_sub(compiled.tokens);
        out.extend(compiled.diagnostics.into_iter().filter(|(id, _)| *id != u32::MAX));
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
