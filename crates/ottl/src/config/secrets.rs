//! The values of variables, and diagnostics without them.
//!
//! Rules hold tokens and passwords by `${env:NAME}`. Messages quote what the compiler saw, which is the value; what is
//! shown is what the file says, which is the name.
//! INVARIANT: no diagnostic shows a value of a variable, nor four bytes in a row of one that neither the file itself
//! has nor a word of the language or of diagnostics.

use std::collections::BTreeMap;

use ottl_diagnostics::{CODES, Diagnostic};
use ottl_schema::{ContextId, context};

/// Bytes of a value that give it away.
const TELLING: usize = 4;

/// The variables that a configuration read.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    /// Values by reference; once all are known, without those that the file shows itself.
    values: BTreeMap<String, String>,
    /// The telling parts of values that the file does not have.
    parts: Parts,
}

/// A set of byte sequences of the length [`TELLING`]. Few that were never added count as added.
#[derive(Debug, Default)]
struct Parts {
    bits: Vec<u64>,
}

impl Parts {
    /// The number of bits: 2 MiB.
    const BITS: u32 = 24;

    fn place(part: &[u8]) -> usize {
        let number = part.iter().fold(0u32, |number, byte| number << 8 | u32::from(*byte));
        (number.wrapping_mul(0x9e37_79b1) >> (32 - Self::BITS)) as usize
    }

    /// Puts in the parts of a text, or takes them out.
    fn set(&mut self, text: &str, present: bool) {
        self.bits.resize(1 << (Self::BITS - 6), 0);
        for part in text.as_bytes().windows(TELLING) {
            let place = Parts::place(part);
            let bit = 1 << (place % 64);
            let word = &mut self.bits[place / 64];
            *word = if present { *word | bit } else { *word & !bit };
        }
    }

    fn meet(&self, text: &str) -> bool {
        !self.bits.is_empty()
            && text.as_bytes().windows(TELLING).map(Parts::place).any(|at| self.bits[at / 64] >> (at % 64) & 1 != 0)
    }
}

impl Secrets {
    /// Remembers the value of a reference, such as `env:TOKEN`.
    pub fn add(&mut self, name: &str, value: &str) {
        if !value.is_empty() && !self.values.contains_key(name) {
            self.values.insert(name.to_owned(), value.to_owned());
        }
    }

    /// All values are known: what the file itself shows is none that has to be hidden.
    pub fn seal(&mut self, file: &str) {
        self.values.retain(|_, value| match value.len() {
            0..TELLING => !file.contains(&format!("\"{value}\"")),
            _ => !file.contains(value.as_str()),
        });
        self.values.values().for_each(|value| self.parts.set(value, true));
        if !self.values.is_empty() {
            self.parts.set(file, false);
            // A value may be a statement, and messages have parts of its words: `there` one of `where`.
            words().for_each(|word| self.parts.set(&word, false));
        }
    }

    /// The diagnostic without values. `expanded`: whether the text that it is about has references, so that parts of
    /// values may stand anywhere, and fixes may quote what the file does not have.
    pub fn hide(&self, mut diagnostic: Diagnostic, expanded: bool) -> Diagnostic {
        if expanded && diagnostic.fix.as_ref().is_some_and(|fix| fix.replacement.contains('$')) {
            diagnostic.fix = None;
        }
        if self.values.is_empty() {
            return diagnostic;
        }
        if diagnostic.fix.as_ref().is_some_and(|fix| self.shows(&fix.replacement, expanded)) {
            diagnostic.fix = None;
        }
        diagnostic.message = self.hidden(diagnostic.message, expanded).unwrap_or_else(|| {
            let fault = diagnostic.code.name().replace('-', " ");
            format!("{fault}, about the value of a variable, which is not shown")
        });
        diagnostic.label = diagnostic.label.and_then(|label| self.hidden(label, expanded));
        diagnostic.help = diagnostic.help.and_then(|help| self.hidden(help, expanded));
        for other in &mut diagnostic.others {
            let text = std::mem::take(&mut other.text);
            other.text = self.hidden(text, expanded).unwrap_or_else(|| "here".to_owned());
        }
        diagnostic
    }

    /// A name out of the configuration, such as a processor's.
    pub fn name(&self, name: &str) -> String {
        self.hidden(name.to_owned(), true).unwrap_or_else(|| "a name out of a variable".to_owned())
    }

    /// The text with references in place of whole values; `None` when parts of values are left.
    fn hidden(&self, mut text: String, expanded: bool) -> Option<String> {
        if !self.shows(&text, expanded) {
            return Some(text);
        }
        let mut values: Vec<_> = self.values.iter().filter(|(_, value)| value.len() >= TELLING).collect();
        // A value may be a part of another.
        values.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        for (name, value) in values {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), &format!("${{{name}}}"));
            }
        }
        (!self.shows(&text, expanded)).then_some(text)
    }

    /// Whether a text shows a value or, in what is about expanded text, a telling part of one.
    fn shows(&self, text: &str, expanded: bool) -> bool {
        let whole = self.values.values().any(|value| match value.len() {
            // So short a value is told by the quotes around it.
            0..TELLING => expanded && ['`', '"'].iter().any(|quote| text.contains(&format!("{quote}{value}{quote}"))),
            _ => text.contains(value.as_str()),
        });
        // What is about another text may quote this one, between backticks: the path for whose sake a list runs where it does.
        let quoted = || match (text.find('`'), text.rfind('`')) {
            // A value may end the quotation that it stands in.
            (Some(first), Some(last)) if self.values.values().any(|value| value.contains('`')) => {
                self.parts.meet(&text[first..last])
            }
            _ => text.split('`').skip(1).step_by(2).any(|quoted| self.parts.meet(quoted)),
        };
        whole || if expanded { self.parts.meet(text) } else { quoted() }
    }
}

/// Words of the language and of diagnostics: a value that has one gives nothing away by it.
fn words() -> impl Iterator<Item = String> {
    let contexts = || ContextId::ALL.into_iter().map(context);
    let paths =
        contexts().flat_map(|context| context.paths).map(|path| format!(", {}.{}", path.context.name(), path.name));
    let enums = contexts().flat_map(|context| context.enums).map(|(name, _)| (*name).to_owned());
    let functions: Vec<_> = ottl_functions::registry().iter().map(|function| function.name.to_owned()).collect();
    let codes = CODES.iter().map(|code| code.name().replace('-', " "));
    let keywords = [" where ", " and ", " or ", " not ", "true", "false"].map(str::to_owned);
    keywords.into_iter().chain(paths).chain(enums).chain(functions).chain(codes)
}

#[cfg(test)]
mod tests {
    use ottl_diagnostics::{Code, Span};

    use super::*;

    #[test]
    fn values_become_names_and_parts_of_values_go() {
        let mut secrets = Secrets::default();
        secrets.add("env:TOKEN", "s3cr3t.t0k3n");
        secrets.add("env:LEVEL", "INFO");
        secrets.add("env:ONE", "7");
        secrets.seal("set(log.severity_text, \"INFO\") where x == \"${env:TOKEN}\"");
        let hidden = |message: &str| {
            let diagnostic =
                Diagnostic::new(Code::UNKNOWN_PATH, Span::default(), message).fix(Span::default(), message);
            let hidden = secrets.hide(diagnostic, true);
            (hidden.message, hidden.fix.is_some())
        };
        for (message, want, fix) in [
            ("no path `s3cr3t.t0k3n`", "no path `${env:TOKEN}`", false),
            ("no path `s3cr3t`", "unknown path, about the value of a variable, which is not shown", false),
            ("no path `INFO`", "no path `INFO`", true),
            ("no path `log.severity_text`", "no path `log.severity_text`", true),
            ("the number `7`", "unknown path, about the value of a variable, which is not shown", false),
            ("takes 7 arguments", "takes 7 arguments", true),
            ("write `${x}`", "write `${x}`", false),
        ] {
            assert_eq!(hidden(message), (want.to_owned(), fix), "{message}");
        }
        assert_eq!(secrets.name("transform/s3cr3t.t0k3n"), "transform/${env:TOKEN}");
    }

    #[test]
    fn words_of_the_language_are_no_secrets() {
        let mut secrets = Secrets::default();
        secrets.add(
            "env:STATEMENT",
            r#"set(log.attributes["k"], "s3cr3t") where log.severity_number >= SEVERITY_NUMBER_INFO"#,
        );
        secrets.seal("log_conditions: ['${env:STATEMENT}']");
        let hidden = |message: &str| secrets.hidden(message.to_owned(), true);
        for public in ["there are several pipelines", "no path `log.severity_numbe`"] {
            assert_eq!(hidden(public).as_deref(), Some(public));
        }
        assert_eq!(hidden("no path `log.s3cr3`"), None);
    }
}
