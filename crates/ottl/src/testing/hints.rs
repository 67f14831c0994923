//! What to do about a case file that is not YAML or JSON. What is said of rules (`config::hints`) is about statements, and the
//! slips of case files are those of texts in `{}` and `[]`.

use ottl_diagnostics::{Code, Diagnostic};

/// A text in brackets that YAML takes for more.
const IN_BRACKETS: &str =
    "put the string in single quotes: inside `{}` and `[]` an unquoted one ends at commas, brackets and `: `";

/// A text behind a key that YAML takes for more.
const PLAIN: &str = "put the string in single quotes: `: ` in an unquoted string begins a map";

/// A text that begins like something else.
const SIGN: &str = "put the string in single quotes: its first character is special in YAML";

/// A key in the wrong column.
const COLUMN: &str = "keys of one map begin in the same column: indent this one as the others";

/// A text in quotes that ends too early.
const QUOTES: &str = "inside double quotes `\"` is written `\\\"`; in single quotes it stays as it is";

/// The fault of a file that cannot be read, with what to do about it.
pub(super) fn advised(fault: Diagnostic, file: &str, text: &str) -> Diagnostic {
    if fault.code != Code::INVALID_YAML {
        return fault;
    }
    if file.to_ascii_lowercase().ends_with(".json") {
        // Advice about YAML would be none.
        let message = fault.message.replacen("invalid YAML", "invalid JSON", 1);
        return Diagnostic { message, help: None, ..fault };
    }
    match advice(&fault, text) {
        Some(help) => fault.help(help),
        None => fault,
    }
}

fn advice(fault: &Diagnostic, text: &str) -> Option<&'static str> {
    let at = fault.span.start as usize;
    let begin = text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let line = text[begin..].lines().next()?;
    let (before, rest) = line.split_at_checked(at - begin)?;
    if before.trim_end().ends_with('"') && rest.starts_with(|c: char| c.is_alphanumeric()) {
        return Some(QUOTES);
    }
    // Tabs and missing commas are told as anywhere.
    if fault.help.as_ref().is_some_and(|help| help.contains("comma ") || help.contains("tabs")) {
        return None;
    }
    let is_sign = |text: &str| text.starts_with(['%', '@', '`', '*', '&', '!', '|', '>']);
    if is_sign(rest) || is_sign(before.trim_end().rsplit([' ', '{', '[']).next().unwrap_or("")) {
        return Some(SIGN);
    }
    if before.contains(['{', '[']) {
        return Some(IN_BRACKETS);
    }
    let own = before.trim_start_matches([' ', '-']);
    match (own.contains(": "), fault.message.contains("mapping values are not allowed")) {
        (true, true) => Some(PLAIN),
        (false, true) => Some(COLUMN),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::Suite;

    /// What is proposed in place of slips: the help of the one fault, and the line with its fix.
    #[test]
    fn slips_have_ways_out() {
        let head = "rules: a\ncases:\n";
        let record = |signal: &str, fields: &str| {
            format!("{head}  - {{name: a, input: {{{signal}: [{{{fields}}}]}}, expect: dropped}}\n")
        };
        let json = |key: &str| format!(r#"{{"resourceLogs": [{{{key}: 1}}]}}"#);
        let mut wrong = Vec::new();
        for (file, text, help, fixed) in [
            (
                "a",
                record("logs", "severity_number: ERROR"),
                "did you mean `SEVERITY_NUMBER_ERROR`?",
                "number: SEVERITY_NUMBER_ERROR}",
            ),
            (
                "a",
                record("logs", "severity_number: \"warning\""),
                "`SEVERITY_NUMBER_WARN`?",
                "number: \"SEVERITY_NUMBER_WARN\"}",
            ),
            ("a", record("spans", "kind: 'server'"), "`SPAN_KIND_SERVER`?", "kind: 'SPAN_KIND_SERVER'}"),
            ("a", record("logs", "severity_number: '9'"), "write it without quotes", ""),
            ("a", record("spans", "status: ERROR"), "write `{code: STATUS_CODE_ERROR}`", ""),
            ("a", record("logs", "\"bodi\": a"), "did you mean `body`?", "[{\"body\": a}]"),
            ("a", record("logs", "body: a, bodi: b"), "did you mean `body`?", "body: b}]"),
            (
                "a",
                format!("{head}  - {{name: a, input: '{}', expect: dropped}}\n", json("\"scopeLog\"")),
                "`scopeLogs`?",
                "{\"scopeLogs\": 1}",
            ),
            (
                "a",
                format!("{head}  - {{name: a, input: {:?}, expect: dropped}}\n", json("\"scopeLog\"")),
                "`scopeLogs`?",
                "{\\\"scopeLogs\\\": 1}",
            ),
            ("a", record("logs", "body: order: 5"), "inside `{}` and `[]`", ""),
            ("a", record("logs", "body: %x"), "special in YAML", ""),
            ("a", record("logs", "body: \"a \"b\" c\""), "inside double quotes", ""),
            ("a", format!("{head}  - name: a: b\n    expect: dropped\n"), "in an unquoted string begins a map", ""),
            ("a", format!("{head}  - name: a\n     expect: dropped\n"), "in the same column", ""),
        ] {
            let found = Suite::read(file, &text).expect_err("a fault");
            let fault = found.iter().next().expect("a fault");
            let is_fixed = fault.fix.as_ref().map_or(fixed.is_empty(), |fix| {
                let mut text = text.clone();
                text.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
                !fixed.is_empty() && text.contains(fixed)
            });
            if found.iter().count() != 1 || !is_fixed || !fault.help.as_ref().is_some_and(|said| said.contains(help)) {
                wrong.push(format!("{text}{found}\n{fault:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let found = Suite::read("a.test.json", "{\"rules\": \"a\",\n \"cases\": [ }").expect_err("no JSON").to_string();
        assert!(found.starts_with("a.test.json:2:11: error[E0601]: invalid JSON: "), "{found}");
    }
}
