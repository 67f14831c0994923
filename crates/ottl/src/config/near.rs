//! Names that are nearly others: advice, and a fix where nothing else can be meant.
//!
//! INVARIANT: a fix is never to the opposite of what is written, and never from one of a user's names to another that only looks like it.

use ottl_diagnostics::{Diagnostic, Span, is_slip};
use ottl_schema::Signal;

/// The shortest name of a user's that can be taken for a misspelt one: `eu` is not `us`.
const SHORTEST: usize = 4;

/// A diagnostic with a fix of a word of the configuration's language, if it is a slip of the finger.
pub(super) fn fixed(diagnostic: Diagnostic, span: Span, written: &str, near: &str) -> Diagnostic {
    if is_slip(written, near) { diagnostic.fix(span, near) } else { diagnostic }
}

/// The same with advice.
pub(super) fn meant(diagnostic: Diagnostic, span: Span, written: &str, near: &str) -> Diagnostic {
    fixed(diagnostic.help(format!("did you mean `{near}`?")), span, written, near)
}

/// The same for the name of a component or pipeline, which users choose.
pub(super) fn meant_name(diagnostic: Diagnostic, span: Span, written: &str, near: &str) -> Diagnostic {
    let (kind, own) = written.split_once('/').unwrap_or((written, written));
    let (near_kind, near_own) = near.split_once('/').unwrap_or((near, near));
    let is_sure = own == near_own || own.len() >= SHORTEST && (kind == near_kind || written == kind);
    let diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    if is_sure { fixed(diagnostic, span, written, near) } else { diagnostic }
}

/// Where a key belongs that does not stand in a body itself: in an item of a list, or in the list of a signal.
pub(super) fn place_of_key(name: &str, known: &[&str]) -> Option<String> {
    let what = ["statements", "conditions"].into_iter().find(|what| known.contains(&format!("log_{what}").as_str()))?;
    if ["context", "statements", "conditions"].contains(&name) {
        return Some(format!(
            "it belongs to an item of a list such as `log_{what}`: indent it below that list's `- `, as the other keys of the item"
        ));
    }
    let other = if what == "statements" { "conditions" } else { "statements" };
    if name.strip_suffix(other).is_some_and(|front| front.ends_with('_')) {
        let processor = if what == "statements" { "filter" } else { "transform" };
        return Some(format!("the {processor} processor has it; here rules stand in lists such as `log_{what}`"));
    }
    let signal = Signal::ALL.into_iter().find(|signal| signal.name() == name)?;
    Some(format!("rules stand in lists: `{}_{what}`", signal.name().trim_end_matches('s')))
}

#[cfg(test)]
mod tests {
    use ottl_diagnostics::Code;

    use super::*;

    #[test]
    fn names_that_users_chose_are_not_exchanged_lightly() {
        for (written, near, want) in [
            ("transform/scrubb", "transform/scrub", true),
            ("tranform/scrub", "transform/scrub", true),
            ("tranform", "transform", true),
            ("filter/eu", "filter/us", false),
            ("filter/prod1", "filter/prod2", false),
            ("filter/not_debug", "filter/debug", false),
            ("filter/keep_debug", "filter/drop_debug", false),
            ("logs/in", "logs/out", false),
        ] {
            let span = Span::new(0, 1);
            let found = meant_name(Diagnostic::new(Code::UNDEFINED_PROCESSOR, span, ""), span, written, near);
            assert_eq!(found.fix.is_some(), want, "{written} {near}");
        }
    }
}
