//! What warnings are taken for: nothing, warnings, or errors.
//!
//! Deliberately elsewhere: what the file itself allows (`allowances`), which is stronger.

use std::collections::HashMap;

use ottl_diagnostics::{Code, Diagnostic, Severity};

/// What a warning is taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// It is not reported.
    Allow,
    /// It is reported, and the rules compile.
    #[default]
    Warn,
    /// It is an error.
    Deny,
}

/// The levels of warnings: one for all of them, and those of single codes, which are stronger whatever the order in which they
/// were set. Errors stay errors.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Levels {
    all: Level,
    codes: HashMap<&'static str, Level>,
}

impl Levels {
    /// Sets the level of the warnings that have none of their own.
    pub fn set_all(&mut self, level: Level) {
        self.all = level;
    }

    /// Sets the level of a code; for an error it means nothing.
    pub fn set(&mut self, code: Code, level: Level) {
        self.codes.insert(code.as_str(), level);
    }

    /// The level of a code.
    pub fn level(&self, code: Code) -> Level {
        match code.severity() {
            Severity::Error => Level::Deny,
            Severity::Warning => self.codes.get(code.as_str()).copied().unwrap_or(self.all),
            // Denying all warnings denies no hints.
            Severity::Hint => self.codes.get(code.as_str()).copied().unwrap_or(match self.all {
                Level::Deny => Level::Warn,
                level => level,
            }),
        }
    }

    /// The diagnostics that remain, each as what it is taken for.
    pub(crate) fn applied(&self, mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        diagnostics.retain_mut(|diagnostic| {
            let level = self.level(diagnostic.code);
            diagnostic.denied = level == Level::Deny && diagnostic.code.severity() != Severity::Error;
            level != Level::Allow
        });
        diagnostics
    }
}

#[cfg(test)]
mod tests {
    use ottl_diagnostics::Span;

    use super::*;

    #[test]
    fn a_code_is_stronger_than_all_and_errors_stay() {
        let (nil, write, error) = (Code::UNGUARDED_NIL, Code::IMPOSSIBLE_WRITE, Code::UNKNOWN_PATH);
        type Row<'r> = (Level, Option<Level>, &'r [(Code, bool)]);
        let rows: [Row<'_>; 5] = [
            (Level::Warn, None, &[(nil, false), (write, false), (error, false)]),
            (Level::Deny, None, &[(nil, true), (write, true), (error, false)]),
            (Level::Deny, Some(Level::Allow), &[(write, true), (error, false)]),
            (Level::Deny, Some(Level::Warn), &[(nil, false), (write, true), (error, false)]),
            (Level::Allow, Some(Level::Deny), &[(nil, true), (error, false)]),
        ];
        for (all, of_nil, want) in rows {
            let mut levels = Levels::default();
            if let Some(level) = of_nil {
                levels.set(nil, level);
            }
            levels.set_all(all);
            levels.set(error, Level::Allow);
            let found = [nil, write, error].map(|code| Diagnostic::new(code, Span::new(0, 1), "odd")).to_vec();
            let left = levels.applied(found);
            assert_eq!(left.iter().map(|d| (d.code, d.denied)).collect::<Vec<_>>(), want, "{all:?} {of_nil:?}");
        }
    }
}
