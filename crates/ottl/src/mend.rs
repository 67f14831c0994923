//! [`Compiler::mend`]: a configuration with the fixes of its diagnostics.

use std::sync::Arc;

use ottl_diagnostics::{Code, Fix, locate};

use crate::{Compiler, Diagnostics, Location, fixes};

/// Rounds of fixing: a fix may uncover a fault that has one, too.
const ROUNDS: usize = 10;

/// A configuration with the fixes of what was found in it.
#[derive(Clone, Debug)]
pub struct Mended {
    text: Arc<str>,
    done: Vec<Mending>,
    left: Diagnostics,
}

/// A fix that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mending {
    /// Where, in the text as it was before this round of fixes.
    pub location: Location,
    /// What was wrong.
    pub code: Code,
    /// The same in words.
    pub message: String,
    /// What was written there, and what is now.
    pub old: String,
    /// Empty for what was removed.
    pub new: String,
}

impl Mended {
    /// The configuration. Without fixes it is what it was.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The fixes that were applied, in the order in which they were.
    pub fn done(&self) -> &[Mending] {
        &self.done
    }

    /// What is found in the new text; none of it has a fix, or those of one place exclude each other.
    pub fn left(&self) -> &Diagnostics {
        &self.left
    }
}

impl Compiler {
    /// A configuration with the fixes of what [`Compiler::check`] finds in it. Everything else stays as it is, byte for byte.
    ///
    /// ```
    /// let mended = ottl::Compiler::new().mend("log_statements:\n  - set(log.bodi, 1)\n");
    /// assert_eq!(mended.text(), "log_statements:\n  - set(log.body, 1)\n");
    /// assert!(mended.left().is_empty() && mended.done()[0].new == "body");
    /// ```
    pub fn mend(&self, text: &str) -> Mended {
        let mut left = self.check(text);
        let mut text: Arc<str> = Arc::from(text);
        let mut done = Vec::new();
        for _ in 0..ROUNDS {
            let round = apart(&left);
            let Some(fixed) = fixes::applied(&text, round.iter().map(|(_, fix)| fix)).filter(|_| !round.is_empty())
            else {
                break;
            };
            let after = self.check(&fixed);
            // Each is sound by itself or with the others; in doubt nothing is written.
            if after.has_errors() && !left.has_errors() {
                break;
            }
            done.extend(round.into_iter().map(|(mending, _)| mending));
            text = Arc::from(fixed);
            left = after;
        }
        Mended { text, done, left }
    }
}

/// The fixes of diagnostics, those left out that touch one before them.
fn apart(found: &Diagnostics) -> Vec<(Mending, Fix)> {
    // What the file reads is not written.
    let Some(found) = found.by_file().first() else { return Vec::new() };
    let text = found.text();
    let mut all: Vec<_> = found.iter().filter_map(|found| Some((found, found.fix.as_ref()?))).collect();
    all.sort_by_key(|(_, fix)| (fix.span.start, fix.span.end));
    let mut out: Vec<(Mending, Fix)> = Vec::with_capacity(all.len());
    for (diagnostic, fix) in all {
        if out.last().is_some_and(|(_, before)| fix.span.start <= before.span.end) {
            continue;
        }
        let mending = Mending {
            location: locate(text, fix.span.start),
            code: diagnostic.code,
            message: diagnostic.message.clone(),
            old: fix.span.of(text).to_owned(),
            new: fix.replacement.clone(),
        };
        out.push((mending, fix.clone()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixes_are_applied_until_none_is_left() {
        for (text, want, count, left) in [
            ("log_conditions:\n  - log.bodi == logs.body\n", "log_conditions:\n  - log.body == log.body\n", 2, 0),
            // The second shows when the first is mended.
            (
                "log_statements:\n  - set(log.attributes[\"a\"], log.atributes[\"b\"])\n",
                "log_statements:\n  - set(log.attributes[\"a\"], log.attributes[\"b\"]) where log.attributes[\"b\"] != nil\n",
                2,
                0,
            ),
            ("log_conditions:\n  - log.body == 1\n", "log_conditions:\n  - log.body == 1\n", 0, 0),
            (
                "metric_statements:\n  - set(attributes[\"a\"], 1)\n",
                "metric_statements:\n  - set(attributes[\"a\"], 1)\n",
                0,
                1,
            ),
            ("log_conditions: [\n", "log_conditions: [\n", 0, 1),
        ] {
            let mended = Compiler::new().mend(text);
            assert_eq!((mended.text(), mended.done().len(), mended.left().len()), (want, count, left), "{text}");
        }
    }
}
