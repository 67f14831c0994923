//! The fixes of diagnostics: which are worth proposing, and applying them.
//!
//! INVARIANT: a fix that is proposed was tried. The text with it compiles as far as the text did before, its diagnostic is gone, and
//! none as bad has come in its place: not from the rules, and not from the YAML around them. Nor does one begin where the fix is, and
//! no comparison, write or call that has it is one that can never do anything.
//! INVARIANT: the texts that are compiled for that are bounded, and what is beyond the bound has no fix.

use std::collections::BTreeMap;

use ottl_diagnostics::{Code, Diagnostic, Fix, Severity};

use crate::Diagnostics;
use crate::config::Sources;

/// Texts that are compiled to try fixes, and their bytes.
const MOST_TRIES: usize = 40;
const MOST_BYTES: usize = 16 << 20;

/// Times that a diagnostic is found while fixes are tried: what is wrong takes longer to check than what is right.
const MOST_FOUND: usize = 4000;

/// What a fix of an error must not lead to: rules that compile, and cannot do what they say.
const EMPTY: [Code; 3] = [Code::DECIDED_COMPARISON, Code::IMPOSSIBLE_WRITE, Code::IMPOSSIBLE_ARGUMENT];

/// Diagnostics by code.
type Tally = BTreeMap<&'static str, usize>;

/// A text with edits, which must not overlap; none if they do, or lie outside.
pub(crate) fn applied<'f>(text: &str, fixes: impl IntoIterator<Item = &'f Fix>) -> Option<String> {
    let mut fixes: Vec<&Fix> = fixes.into_iter().collect();
    fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
    let mut out = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for fix in fixes {
        out.push_str(text.get(done..fix.span.start as usize)?);
        out.push_str(&fix.replacement);
        done = fix.span.end as usize;
    }
    out.push_str(text.get(done..)?);
    Some(out)
}

/// Where the edits are in the text that has them.
fn places<'f>(fixes: impl Iterator<Item = &'f Fix>) -> Vec<(u32, u32)> {
    let mut fixes: Vec<&Fix> = fixes.collect();
    fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
    let (mut out, mut read, mut written) = (Vec::with_capacity(fixes.len()), 0, 0);
    for fix in fixes {
        let start = written + fix.span.start.saturating_sub(read);
        read = fix.span.end;
        written = start.saturating_add(fix.replacement.len() as u32);
        out.push((start, written));
    }
    out
}

/// How bad a diagnostic is, as a number.
fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 2,
        Severity::Warning => 1,
        Severity::Hint => 0,
    }
}

fn tally<'d>(diagnostics: impl Iterator<Item = &'d Diagnostic>, least: u8) -> Tally {
    let mut tally = Tally::new();
    for diagnostic in diagnostics.filter(|diagnostic| rank(diagnostic.severity()) >= least) {
        *tally.entry(diagnostic.code.as_str()).or_default() += 1;
    }
    tally
}

/// Takes those fixes away that do not mend what they are for, or break something. `check` gives the diagnostics of texts.
pub(crate) fn keep_sound(diagnostics: &mut Diagnostics, check: impl Fn(&Sources) -> Diagnostics) {
    let fixed: Vec<usize> =
        diagnostics.iter().enumerate().filter(|(_, found)| found.fix.is_some()).map(|(index, _)| index).collect();
    if fixed.is_empty() {
        return;
    }
    if diagnostics.left_out() > 0 {
        // Behind those that are mended others would appear that were there all along.
        diagnostics.drop_fixes(&fixed);
        return;
    }
    let mut trial = Trial {
        tries: MOST_TRIES
            .min(MOST_BYTES / diagnostics.sources().text().len().max(1))
            .min(MOST_FOUND / diagnostics.len().max(1)),
        unsound: Vec::new(),
        before: diagnostics,
        check: &check,
    };
    trial.settle(&fixed);
    let unsound = trial.unsound;
    diagnostics.drop_fixes(&unsound);
}

/// One run over the fixes of a text.
struct Trial<'t> {
    before: &'t Diagnostics,
    check: &'t dyn Fn(&Sources) -> Diagnostics,
    /// How often may still be compiled.
    tries: usize,
    unsound: Vec<usize>,
}

impl Trial<'_> {
    /// Finds the unsound ones among some: together if all are sound, else half by half.
    fn settle(&mut self, some: &[usize]) {
        if self.tries == 0 {
            self.unsound.extend_from_slice(some);
            return;
        }
        self.tries -= 1;
        if self.holds(some) {
            return;
        }
        match some {
            [_] | [] => self.unsound.extend_from_slice(some),
            _ => {
                let (first, second) = some.split_at(some.len() / 2);
                self.settle(first);
                self.settle(second);
            }
        }
    }

    /// Whether the text with these fixes has their diagnostics no more, and no others that are as bad.
    fn holds(&self, some: &[usize]) -> bool {
        let all: Vec<&Diagnostic> = self.before.iter().collect();
        let fixed = || some.iter().filter_map(|index| all.get(*index).copied());
        let Some(edited) = self.before.sources().edited(fixed().filter_map(|found| found.fix.as_ref())) else {
            return false;
        };
        let least = fixed().map(|found| rank(found.severity())).min().unwrap_or_default();
        let mut allowed = tally(self.before.iter(), least);
        for (code, count) in tally(fixed(), least) {
            let left = allowed.entry(code).or_default();
            *left = left.saturating_sub(count);
        }
        let after = (self.check)(&edited);
        let places = places(fixed().filter_map(|found| found.fix.as_ref()));
        let is_there = |found: &Diagnostic| places.iter().any(|&(start, end)| (start..end).contains(&found.span.start));
        if after.iter().any(|found| rank(found.severity()) >= least && is_there(found)) {
            return false;
        }
        let is_empty = |found: &Diagnostic| {
            let around = |&(start, end): &(u32, u32)| found.span.start <= start && end <= found.span.end;
            EMPTY.contains(&found.code) && places.iter().any(around)
        };
        if after.iter().any(is_empty) {
            return false;
        }
        tally(after.iter(), least).iter().all(|(code, count)| allowed.get(code).is_some_and(|most| count <= most))
    }
}

#[cfg(test)]
mod tests {
    use ottl_diagnostics::Span;

    use super::*;

    #[test]
    fn edits_are_applied_where_they_stand() {
        let edit = |start, end, text: &str| Fix { span: Span::new(start, end), replacement: text.to_owned() };
        let some = [edit(4, 4, "!"), edit(0, 1, "xy"), edit(2, 3, "")];
        assert_eq!(applied("abcd", &some).as_deref(), Some("xybd!"));
        assert_eq!(places(some.iter()), [(0, 2), (3, 3), (4, 5)]);
        assert_eq!(applied("abcd", &[edit(0, 3, ""), edit(2, 4, "")]), None);
        assert_eq!(applied("abcd", &[edit(3, 5, "")]), None);
        assert_eq!(applied("a\u{e9}", &[edit(2, 3, "")]), None);
        assert_eq!(applied("ab", &[]).as_deref(), Some("ab"));
    }
}
