//! Faults as a JUnit report: a suite for each file, and in it a case for each fault.
//!
//! Errors and denied warnings are failures. What is not supported, and a file that cannot be read, are errors, which to JUnit means
//! that the test could not be made. Warnings are output of a case that passes, since JUnit has nothing between.

use std::fmt::Write as _;

use ottl::{Diagnostic, Diagnostics, Locator, Severity};

use super::text::beside;
use super::{Checked, What};
use crate::junit::{self, Ended, Suite};

/// The report.
pub fn report(all: &[Checked]) -> String {
    let suites: Vec<Suite> = all.iter().map(suite).collect();
    junit::report("ottl check", &suites)
}

fn suite(checked: &Checked) -> Suite {
    let mut suite = Suite::new(&checked.name);
    match &checked.found {
        Ok(found) if found.is_empty() => suite.add("no faults", Ended::Passed),
        Ok(found) => {
            let locator = Locator::new(found.text());
            for diagnostic in found {
                case(&mut suite, found, diagnostic, &locator);
            }
        }
        Err(why) if checked.what == What::LeftOut => suite.add("left out", Ended::Said(&why.to_string())),
        Err(failure) => suite.add("not checked", Ended::NotMade("not checked", &failure.to_string(), "")),
    }
    suite
}

fn case(suite: &mut Suite, found: &Diagnostics, diagnostic: &Diagnostic, locator: &Locator<'_>) {
    let place = locator.locate(diagnostic.span.start);
    let (code, name) = (diagnostic.code, diagnostic.code.name());
    let head = format!("{code} {name}, line {}, column {}", place.line, place.column);
    let mut text = format!("{}:{}:{}: {diagnostic}\n", found.file(), place.line, place.column);
    for line in beside(diagnostic, found.text(), locator) {
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, "{}", code.page());
    let (of, message) = (code.as_str(), &diagnostic.message);
    suite.add(
        &head,
        match diagnostic.severity() {
            Severity::Error if code.is_unsupported() => Ended::NotMade(of, message, &text),
            Severity::Error => Ended::Failed(of, message, &text),
            Severity::Warning | Severity::Hint => Ended::Said(&text),
        },
    );
}
