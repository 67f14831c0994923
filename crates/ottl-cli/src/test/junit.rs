//! What became of cases as a JUnit report: a suite for each file.
//!
//! A case that does not pass is a failure. One that could not be run, and a file that is no case file, are errors.

use ottl::visible;

use super::text::plain;
use super::{Broken, Results, Tested, Tried};
use crate::junit::{self, Ended, Suite};
use crate::terminal;

/// The report.
pub fn report(results: &Results<'_>) -> String {
    let mut suites: Vec<Suite> = Vec::new();
    for Tested { suite, tried } in &results.tested {
        let mut out = Suite::new(&visible(suite.file()));
        for Tried { case, verdict } in tried {
            let name = &visible(&suite.cases()[*case].name);
            match verdict {
                Ok(verdict) if verdict.passes() => out.add(name, Ended::Passed),
                Ok(verdict) => {
                    let at = |line: u32, column: u32| format!("{}:{line}:{column}", visible(suite.file()));
                    let texts = verdict
                        .findings
                        .iter()
                        .map(|finding| format!("{}: {}\n", at(finding.at.line, finding.at.column), plain(finding)));
                    let first = verdict.findings.first().map_or("", |finding| &finding.message);
                    out.add(name, Ended::Failed("failed", &visible(first), &texts.collect::<String>()));
                }
                Err(found) => {
                    let first = found.iter().next().map_or("", |fault| &fault.message);
                    out.add(name, Ended::NotMade("not run", first, &format!("{found}\n")));
                }
            }
        }
        suites.push(out);
    }
    for Broken { name, why, .. } in &results.broken {
        let mut out = Suite::new(&visible(name));
        match why {
            Ok(found) => {
                let first = found.iter().next().map_or("", |fault| &fault.message);
                out.add("not read", Ended::NotMade("not read", first, &format!("{found}\n")));
            }
            Err(failure) => {
                terminal::failure(failure);
                out.add("not read", Ended::NotMade("not read", &failure.to_string(), ""));
            }
        }
        suites.push(out);
    }
    junit::report("ottl test", &suites)
}
