//! Faults as a JUnit report: a suite for each file, and in it a case for each fault.
//!
//! Errors and denied warnings are failures. What is not supported, and a file that cannot be read, are errors, which to JUnit means
//! that the test could not be made. Warnings are output of a case that passes, since JUnit has nothing between.

use std::fmt::Write as _;

use ottl::{Diagnostic, Diagnostics, Locator, Severity};

use super::Checked;

/// The report.
pub fn report(all: &[Checked]) -> String {
    let suites: Vec<Suite> = all.iter().map(suite).collect();
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let (tests, failures, errors) = (sum(|suite| suite.tests), sum(|suite| suite.failures), sum(|suite| suite.errors));
    let _ =
        writeln!(out, "<testsuites name=\"ottl check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">");
    for (suite, checked) in suites.iter().zip(all) {
        let Suite { tests, failures, errors, cases } = suite;
        let name = escaped(&checked.name);
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
struct Suite {
    tests: usize,
    failures: usize,
    errors: usize,
    cases: String,
}

fn suite(checked: &Checked) -> Suite {
    let mut suite = Suite::default();
    let file = escaped(&checked.name);
    match &checked.found {
        Ok(found) if found.is_empty() => suite.add(&format!("classname=\"{file}\" name=\"no faults\""), ""),
        Ok(found) => {
            let locator = Locator::new(found.text());
            for diagnostic in found {
                case(&mut suite, &file, found, diagnostic, &locator);
            }
        }
        Err(failure) => {
            suite.errors += 1;
            let message = escaped(&failure.to_string());
            suite.add(
                &format!("classname=\"{file}\" name=\"not checked\""),
                &format!("<error type=\"not checked\" message=\"{message}\"/>"),
            );
        }
    }
    suite
}

fn case(suite: &mut Suite, file: &str, found: &Diagnostics, diagnostic: &Diagnostic, locator: &Locator<'_>) {
    let place = locator.locate(diagnostic.span.start);
    let (code, name) = (diagnostic.code, diagnostic.code.name());
    let head = format!("classname=\"{file}\" name=\"{code} {name}, line {}, column {}\"", place.line, place.column);
    let mut text = format!("{}:{}:{}: {diagnostic}\n", found.file(), place.line, place.column);
    if let Some(help) = &diagnostic.help {
        let _ = writeln!(text, "{help}");
    }
    let _ = writeln!(text, "{}", code.page());
    let (text, message) = (escaped(&text), escaped(&diagnostic.message));
    let body = match diagnostic.severity() {
        Severity::Error if code.is_unsupported() => {
            suite.errors += 1;
            format!("<error type=\"{code}\" message=\"{message}\">{text}</error>")
        }
        Severity::Error => {
            suite.failures += 1;
            format!("<failure type=\"{code}\" message=\"{message}\">{text}</failure>")
        }
        Severity::Warning | Severity::Hint => format!("<system-out>{text}</system-out>"),
    };
    suite.add(&head, &body);
}

impl Suite {
    fn add(&mut self, head: &str, body: &str) {
        self.tests += 1;
        let _ = match body {
            "" => writeln!(self.cases, "    <testcase {head}/>"),
            body => writeln!(self.cases, "    <testcase {head}>\n      {body}\n    </testcase>"),
        };
    }
}

/// A text in XML 1.0, which has no control characters.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn texts_are_escaped() {
        assert_eq!(
            super::escaped("a<b> & \"c\"\n\u{1}\r\u{e9}"),
            "a&lt;b&gt; &amp; &quot;c&quot;\n\u{fffd}\u{fffd}\u{e9}"
        );
    }
}
