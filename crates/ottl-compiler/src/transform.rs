//! The transform processor: groups of statements.

use ottl_plan::{CacheKey, Group, Program, TransformProgram};
use ottl_schema::{ContextId, Signal};
use ottl_syntax::ast;

use crate::check::{Prefixes, Scope};
use crate::infer::{Hints, Inferred};
use crate::rules::{GroupSpec, TransformOptions};
use crate::session::{Parsed, Session, whole};
use crate::{Compiled, Compiler};

/// Compiles all groups; a group with an error does not keep the others from being checked.
pub(crate) fn compile(
    compiler: &Compiler,
    signal: Signal,
    groups: &[GroupSpec<'_>],
    options: TransformOptions,
) -> Compiled {
    let mut session = Session::new(compiler, signal, false);
    let groups = groups.iter().filter_map(|spec| group(&mut session, spec, options)).collect();
    session.finish(Program::Transform(TransformProgram { groups, flatten_data: options.flatten_data }))
}

fn group(session: &mut Session<'_>, spec: &GroupSpec<'_>, options: TransformOptions) -> Option<Group> {
    let start = session.reported();
    let conditions: Vec<Parsed<'_, ast::BoolExpr>> =
        spec.conditions.iter().map(|text| session.parse_condition(*text)).collect();
    let statements: Vec<Parsed<'_, ast::Statement>> =
        spec.statements.iter().map(|text| session.parse_statement(*text)).collect();
    let sound = !session.failed_since(start);

    let (mut deciding, mut help) = (String::new(), String::new());
    let inferred = match spec.context {
        Some(context) => Inferred::Context(context),
        None => {
            let mut hints = Hints::new(session.compiler, false);
            for tree in statements.iter().filter_map(|p| p.tree.as_ref()) {
                hints.statement(tree);
            }
            for tree in conditions.iter().filter_map(|p| p.tree.as_ref()) {
                hints.condition(tree);
            }
            deciding = hints.deciding();
            help = hints.advice(session.signal, false);
            hints.infer(session.signal, false)
        }
    };
    let context = match inferred {
        Inferred::Context(context) | Inferred::Insufficient(context) => context,
        _ => {
            session.uninferable(&inferred, &statements, &conditions);
            if sound && !session.failed_since(start) {
                let texts = spec.statements.iter().chain(&spec.conditions);
                let first = texts.copied().next();
                session.no_context(first.map_or(spec.id, |text| text.id), first.map(whole).unwrap_or_default(), &help);
            }
            return None;
        }
    };
    if !session.takes(context) {
        session.foreign_context(spec.id, context);
        return None;
    }

    let configured = spec.context.is_some();
    // Flattened, every record has a resource and scope of its own anyway.
    let isolate = (spec.isolate || options.isolate) && !options.flatten_data;
    let scope = Scope {
        isolate: isolate || options.flatten_data && context == ContextId::Log,
        shared_cache: spec.shared_cache,
        prefixes: if configured { Prefixes::Inserted } else { Prefixes::Required },
        in_condition: false,
        because: (!configured && spec.statements.len() > 1).then_some(deciding.as_str()),
        ..session.condition_scope(context)
    };
    let condition_scope = Scope {
        prefixes: if configured { Prefixes::Optional } else { Prefixes::Required },
        in_condition: true,
        ..scope
    };
    session.begin_group();
    session.error_mode(spec.error_mode, options.error_mode);
    let conditions = session.conditions(condition_scope, &conditions);
    let statements: Vec<_> = statements.iter().filter_map(|parsed| session.statement(scope, parsed)).collect();
    let isolate = isolate && statements.iter().any(|statement| session.writes_above(statement, context));
    if matches!(inferred, Inferred::Insufficient(_)) && !session.failed_since(start) {
        let first = spec.statements.iter().chain(&spec.conditions).copied().next();
        session.no_context(
            first.map_or(spec.id, |text| text.id),
            first.map(whole).unwrap_or_default(),
            &format!(
                "an upper-case function name such as `SHA256` as an argument counts as an enum symbol; \
                 configure `context: {}`",
                context.name()
            ),
        );
    }
    Some(Group {
        context,
        conditions,
        statements,
        error_mode: spec.error_mode.unwrap_or(options.error_mode),
        cache: if spec.shared_cache { CacheKey::Shared(context) } else { CacheKey::PerRecord },
        isolate,
    })
}
