//! [`Compiler::mend`]: a configuration with the fixes of its diagnostics.

use std::sync::Arc;

use ottl_diagnostics::{Code, Fix, locate};

use crate::{Compiler, Diagnostics, Location, fixes};

/// Rounds of fixing: a fix may uncover a fault that has one, too.
const ROUNDS: usize = 10;

/// A configuration with the fixes of what was found in it.
#[derive(Clone, Debug)]
pub struct Mended {
    texts: Vec<Arc<str>>,
    done: Vec<Mending>,
    left: Diagnostics,
}

/// A fix that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mending {
    /// In which of the files that were given.
    pub file: usize,
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
    /// The configuration, of several files the first one. Without fixes it is what it was.
    pub fn text(&self) -> &str {
        self.texts.first().map_or("", |text| text)
    }

    /// The files that were given, in their order.
    pub fn texts(&self) -> impl ExactSizeIterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
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
        mended(vec![Arc::from(text)], |texts| self.check(&texts[0]))
    }

    /// The same for files that make one configuration, each by its name: see [`Compiler::check_files`]. Each file gets the fixes of what
    /// is found in it.
    pub fn mend_files(&self, files: &[(&str, &str)]) -> Mended {
        let texts = files.iter().map(|(_, text)| Arc::from(*text)).collect();
        mended(texts, |texts| {
            let files: Vec<(&str, &str)> = files.iter().zip(texts).map(|((name, _), text)| (*name, &**text)).collect();
            self.check_files(&files)
        })
    }
}

/// Files with the fixes of what `check` finds in them.
fn mended(mut texts: Vec<Arc<str>>, check: impl Fn(&[Arc<str>]) -> Diagnostics) -> Mended {
    let mut left = check(&texts);
    let mut done = Vec::new();
    for _ in 0..ROUNDS {
        let mut fixed = texts.clone();
        let mut round = Vec::new();
        // What the files read is not written.
        for (number, found) in left.by_file().iter().enumerate().take(texts.len()) {
            let of_file = apart(number, found);
            let Some(text) = fixes::applied(&texts[number], of_file.iter().map(|(_, fix)| fix)) else { continue };
            fixed[number] = Arc::from(text);
            round.extend(of_file.into_iter().map(|(mending, _)| mending));
        }
        if round.is_empty() {
            break;
        }
        let after = check(&fixed);
        // Each is sound by itself or with the others; in doubt nothing is written.
        if after.has_errors() && !left.has_errors() {
            break;
        }
        done.extend(round);
        texts = fixed;
        left = after;
    }
    Mended { texts, done, left }
}

/// The fixes of a file's diagnostics, those left out that touch one before them.
fn apart(file: usize, found: &Diagnostics) -> Vec<(Mending, Fix)> {
    let text = found.text();
    let mut all: Vec<_> = found.iter().filter_map(|found| Some((found, found.fix.as_ref()?))).collect();
    all.sort_by_key(|(_, fix)| (fix.span.start, fix.span.end));
    let mut out: Vec<(Mending, Fix)> = Vec::with_capacity(all.len());
    for (diagnostic, fix) in all {
        if out.last().is_some_and(|(_, before)| fix.span.start <= before.span.end) {
            continue;
        }
        let mending = Mending {
            file,
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

    #[test]
    fn each_file_of_a_configuration_gets_its_fixes() {
        let base = "processors:\n  transform:\n    log_statements:\n      - set(log.bodi, 1)\n";
        let over = "service:\n  pipelines:\n    logs:\n      processors: [tranform]\n      exporters: [debug]\n";
        let mended = Compiler::new().mend_files(&[("base.yaml", base), ("prod.yaml", over)]);
        let texts: Vec<&str> = mended.texts().collect();
        assert_eq!(texts, [base.replace("bodi", "body"), over.replace("tranform", "transform")]);
        let files: Vec<usize> = mended.done().iter().map(|done| done.file).collect();
        assert_eq!((files, mended.left().has_errors()), (vec![0, 1], false));
        assert_eq!(mended.done()[1].location.line, 4);
    }
}
