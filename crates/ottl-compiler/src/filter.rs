//! The filter processor: conditions.

use ottl_plan::{ErrorMode, FilterProgram, FilterStage, GroupSource, Program};
use ottl_schema::{ContextId, Signal};
use ottl_syntax::ast;

use crate::check::{Prefixes, Scope};
use crate::hir::Expr;
use crate::infer::{Hints, Inferred};
use crate::rules::{ConditionList, FilterRules, FilterSpec};
use crate::session::{Parsed, Session, whole};
use crate::{Compiled, Compiler};

/// Compiles all conditions; one with an error does not keep the others from being checked.
pub(crate) fn compile(compiler: &Compiler, signal: Signal, rules: &FilterRules<'_>, error_mode: ErrorMode) -> Compiled {
    let mut session = Session::new(compiler, signal, true);
    let stages = match rules {
        FilterRules::Newer(specs) => specs.iter().map(|spec| newer(&mut session, spec, error_mode)).collect(),
        FilterRules::Older(lists) => vec![older(&mut session, lists, error_mode)],
    };
    session.finish(Program::Filter(FilterProgram { stages }))
}

fn newer(session: &mut Session<'_>, spec: &FilterSpec<'_>, error_mode: ErrorMode) -> FilterStage {
    session.error_mode(spec.error_mode, error_mode);
    let parsed: Vec<_> = spec.conditions.iter().map(|text| session.parse_condition(*text)).collect();
    let mut levels: Levels<'_, '_> = Vec::new();
    let foreign = spec.context.filter(|context| !session.takes(*context));
    if let Some(context) = foreign {
        session.foreign_context(spec.id, context);
    }
    for parsed in parsed.iter().filter(|_| foreign.is_none()) {
        let (context, prefixes) = match spec.context {
            Some(context) => (Some(context), Prefixes::Inserted),
            None => (infer(session, parsed), Prefixes::Required),
        };
        let Some(context) = context else {
            continue;
        };
        if let Some(condition) = session.condition(scope(session, context, prefixes), parsed) {
            level(&mut levels, context).push((condition, parsed));
        }
    }
    let conditions = lowered(session, levels);
    FilterStage { conditions, error_mode: spec.error_mode.unwrap_or(error_mode), hides_errors: true }
}

/// What a condition of a filter is checked against.
fn scope<'c>(session: &Session<'c>, context: ContextId, prefixes: Prefixes) -> Scope<'c> {
    Scope { prefixes, ..session.condition_scope(context) }
}

/// The context of a single condition; none after the reason why there is none has been reported.
fn infer(session: &mut Session<'_>, parsed: &Parsed<'_, ast::BoolExpr>) -> Option<ContextId> {
    let tree = parsed.tree.as_ref()?;
    let mut hints = Hints::new(session.compiler, true);
    hints.condition(tree);
    let advice = hints.advice(session.signal, true);
    let inferred = hints.infer(session.signal, true);
    let start = session.reported();
    let help = match inferred {
        Inferred::Context(context) => return Some(context),
        Inferred::Insufficient(context) => {
            // Checking the condition where it nearly belongs says best what is missing.
            session.condition(scope(session, context, Prefixes::Required), parsed);
            format!("configure `context: {}`", context.name())
        }
        _ => {
            session.uninferable(&inferred, &[], std::slice::from_ref(parsed));
            advice
        }
    };
    if !session.failed_since(start) {
        session.no_context(parsed.text.id, whole(parsed.text), &help);
    }
    None
}

fn older(session: &mut Session<'_>, lists: &[ConditionList<'_>], error_mode: ErrorMode) -> FilterStage {
    session.error_mode(None, error_mode);
    let parsed: Vec<Vec<_>> =
        lists.iter().map(|list| list.conditions.iter().map(|text| session.parse_condition(*text)).collect()).collect();
    let mut levels: Levels<'_, '_> = Vec::new();
    for (list, parsed) in lists.iter().zip(&parsed) {
        let foreign = !session.takes(list.context);
        if foreign {
            session.foreign_context(list.id, list.context);
        }
        // COMPAT: a list without conditions drops nothing but parents without children, as any other list does.
        level(&mut levels, list.context);
        for parsed in parsed.iter().filter(|_| !foreign) {
            let scope = scope(session, list.context, Prefixes::Optional);
            if let Some(condition) = session.condition(scope, parsed) {
                level(&mut levels, list.context).push((condition, parsed));
            }
        }
    }
    FilterStage { conditions: lowered(session, levels), error_mode, hides_errors: false }
}

/// The conditions of each context, with their texts.
type Levels<'p, 's> = Vec<(ContextId, Vec<(Expr, &'p Parsed<'s, ast::BoolExpr>)>)>;

/// The conditions of a context, which are there from now on.
fn level<'l, 'p, 's>(
    levels: &'l mut Levels<'p, 's>,
    context: ContextId,
) -> &'l mut Vec<(Expr, &'p Parsed<'s, ast::BoolExpr>)> {
    let idx = levels.iter().position(|(id, _)| *id == context).unwrap_or_else(|| {
        levels.push((context, Vec::new()));
        levels.len() - 1
    });
    &mut levels[idx].1
}

/// The conditions of each context in the order of the contexts.
fn lowered(session: &mut Session<'_>, mut levels: Levels<'_, '_>) -> Vec<(ContextId, Vec<GroupSource>)> {
    levels.sort_by_key(|(context, _)| *context);
    levels.into_iter().map(|(context, conditions)| (context, session.lower_conditions(conditions))).collect()
}
