//! How the records of a level are kept and asked.

use ottl_plan::Plan;
use ottl_schema::ContextId;

use super::operands::Operands;
use super::screen::Screened;
use crate::fast::levels::bit;
use crate::fast::options::{Options, Rewrite};
use crate::fast::program::paths::Touch;
use crate::fast::program::screen::Screen;
use crate::fast::program::{KeyNumbers, LevelProgram};

/// The level around messages that there are several of in each of its messages, and that ask about it.
fn around(level: ContextId) -> Option<ContextId> {
    match level {
        ContextId::DataPoint => Some(ContextId::Metric),
        ContextId::SpanEvent => Some(ContextId::Span),
        _ => None,
    }
}

/// Chooses how records are kept and asked, after all steps are there. With `probed`, what few steps ask is looked for
/// without a scan of the record. `written` are the levels that are written while the steps run: a bit each.
pub(super) fn finish(
    program: &mut LevelProgram,
    plan: &Plan,
    level: ContextId,
    touched: &Touch,
    options: Options,
    (probed, written): (bool, u16),
) {
    if options.has(Rewrite::Compact) {
        // A filter keeps nothing of its records. Spans without statements may be looked at and written by those of their events.
        let is_of_use = !program.groups.is_empty() || level == ContextId::Span;
        program.is_compact = !program.drops && is_of_use && program.needs_general().is_none();
    }
    let is_idle = program.groups.is_empty();
    if !options.has(Rewrite::Screen) || !Screen::is_for(level) || is_idle {
        return;
    }
    let screened: Vec<Screened<'_>> =
        program.steps.iter().map(|step| (step.condition.as_ref(), &step.action)).collect();
    let above = around(level).filter(|around| options.has(Rewrite::Hoist) && written & bit(*around) == 0);
    // Where the parts of a message are replaced, the current one is another one afterwards.
    let operands = match options.has(Rewrite::Operands) && written != !0 {
        true => Operands::new(plan, level, written, &program.steps, &program.groups),
        false => Operands::default(),
    };
    let mut screen = Screen::new(
        plan,
        level,
        &screened,
        &program.groups,
        &touched.keys,
        (probed, above),
        (&operands, options.has(Rewrite::Copies)),
    );
    if let Some(screen) = screen.as_mut().filter(|_| options.has(Rewrite::Again)) {
        screen.ask_again(plan, level, &screened, &touched.keys, &operands);
    }
    program.screen = screen.map(Box::new);
    if let Some(screen) = &program.screen {
        program.numbers = KeyNumbers::new(screen.keys().map(|key| touched.keys.number(key)));
        program.general = vec![0; program.steps.len().div_ceil(64)];
        for (at, step) in program.steps.iter().enumerate() {
            program.general[at / 64] |= u64::from(step.does_general) << (at % 64);
        }
    }
}
