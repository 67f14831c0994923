//! JUnit reports: suites of cases, as tools for continuous integration read them.

use std::fmt::Write as _;

use crate::markup::escaped;

/// A report of what a verb did.
pub fn report(verb: &str, suites: &[Suite]) -> String {
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let (tests, failures, errors) = (sum(|suite| suite.tests), sum(|suite| suite.failures), sum(|suite| suite.errors));
    let _ = writeln!(out, "<testsuites name=\"{verb}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">");
    for Suite { name, tests, failures, errors, cases } in suites {
        let name = escaped(name);
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n{cases}  </testsuite>"
        );
    }
    out.push_str("</testsuites>\n");
    out
}

/// A file's cases, counted.
#[derive(Default)]
pub struct Suite {
    name: String,
    tests: usize,
    failures: usize,
    errors: usize,
    cases: String,
}

/// How a case ended.
pub enum Ended<'e> {
    Passed,
    /// It passed, and this is said.
    Said(&'e str),
    /// It failed: the type, the message and the text.
    Failed(&'e str, &'e str, &'e str),
    /// It could not be made.
    NotMade(&'e str, &'e str, &'e str),
}

impl Suite {
    /// A file without cases.
    pub fn new(name: &str) -> Suite {
        Suite { name: name.to_owned(), ..Suite::default() }
    }

    /// Adds a case.
    pub fn add(&mut self, name: &str, ended: Ended<'_>) {
        self.tests += 1;
        let (file, name) = (escaped(&self.name), escaped(name));
        let fault = |tag: &str, of: &str, message: &str, text: &str| {
            let (of, message) = (escaped(of), escaped(message));
            match text {
                "" => format!("<{tag} type=\"{of}\" message=\"{message}\"/>"),
                text => format!("<{tag} type=\"{of}\" message=\"{message}\">{}</{tag}>", escaped(text)),
            }
        };
        let body = match ended {
            Ended::Passed => String::new(),
            Ended::Said(text) => format!("<system-out>{}</system-out>", escaped(text)),
            Ended::Failed(of, message, text) => {
                self.failures += 1;
                fault("failure", of, message, text)
            }
            Ended::NotMade(of, message, text) => {
                self.errors += 1;
                fault("error", of, message, text)
            }
        };
        let head = format!("classname=\"{file}\" name=\"{name}\"");
        let _ = match &*body {
            "" => writeln!(self.cases, "    <testcase {head}/>"),
            body => writeln!(self.cases, "    <testcase {head}>\n      {body}\n    </testcase>"),
        };
    }
}
