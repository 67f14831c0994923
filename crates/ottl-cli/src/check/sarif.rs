//! Faults as a SARIF 2.1.0 log, which code scanning reads.
//!
//! Source of the names: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0. Codes are rules, with their pages as
//! help; fixes are replacements. Columns count characters.

use ottl::{CODES, Code, Diagnostic, Diagnostics, Locator, Severity, Span};
use serde_json::{Map, Value, json};

use super::{Checked, What};
use crate::pages;

/// The log, over several lines.
pub fn log(all: &[Checked]) -> String {
    let found = || all.iter().filter_map(|checked| checked.found.as_ref().ok());
    let used: Vec<Code> =
        CODES.iter().copied().filter(|code| found().flatten().any(|diagnostic| diagnostic.code == *code)).collect();
    let results: Vec<Value> = found().flat_map(|found| results(found, &used)).collect();
    let failed = all.iter().filter_map(|checked| Some((checked, checked.found.as_ref().err()?)));
    let notifications: Vec<Value> = failed
        .map(|(checked, failure)| {
            json!({
                "level": if checked.what == What::LeftOut { "note" } else { "error" },
                "message": { "text": failure.to_string() },
                "locations": [{ "physicalLocation": { "artifactLocation": artifact(&checked.name) } }],
            })
        })
        .collect();
    let is_whole = all.iter().all(|checked| checked.found.is_ok() || checked.what == What::LeftOut);
    let mut invocation = json!({ "executionSuccessful": is_whole });
    if !notifications.is_empty() {
        invocation["toolExecutionNotifications"] = Value::Array(notifications);
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "ottl",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": used.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            }},
            "invocations": [invocation],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// What a code is about: its page.
fn rule(code: Code) -> Value {
    let page = pages::PAGES.iter().find(|(name, _)| *name == code.as_str()).map_or("", |(_, page)| *page);
    let first = page.split("\n\n").nth(1).unwrap_or("").replace('\n', " ");
    let mut rule = json!({
        "id": code.as_str(),
        "name": code.name(),
        "shortDescription": { "text": first },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(code.severity()) },
    });
    let address = code.page();
    if address.contains("://") {
        rule["helpUri"] = address.into();
    }
    rule
}

fn results(found: &Diagnostics, used: &[Code]) -> Vec<Value> {
    let locator = Locator::new(found.text());
    found.iter().map(|diagnostic| result(diagnostic, found.file(), used, &locator)).collect()
}

fn result(diagnostic: &Diagnostic, file: &str, used: &[Code], locator: &Locator<'_>) -> Value {
    let location = |span: Span| json!({ "artifactLocation": artifact(file), "region": region(span, locator) });
    let text = match &diagnostic.help {
        Some(help) => format!("{}\n{help}", diagnostic.message),
        None => diagnostic.message.clone(),
    };
    let mut result = json!({
        "ruleId": diagnostic.code.as_str(),
        "ruleIndex": used.iter().position(|code| *code == diagnostic.code),
        "level": level(diagnostic.severity()),
        "message": { "text": text },
        "locations": [{ "physicalLocation": location(diagnostic.span) }],
    });
    let beside = |span: Span, text: &str| json!({ "physicalLocation": location(span), "message": { "text": text } });
    let others = diagnostic.others.iter().map(|other| beside(other.span, &other.text));
    let related: Vec<Value> =
        others.chain(diagnostic.repeats.iter().map(|span| beside(*span, "the same here"))).collect();
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    if let Some(fix) = &diagnostic.fix {
        result["fixes"] = json!([{
            "description": { "text": diagnostic.help.as_deref().unwrap_or(&diagnostic.message) },
            "artifactChanges": [{
                "artifactLocation": artifact(file),
                "replacements": [{
                    "deletedRegion": region(fix.span, locator),
                    "insertedContent": { "text": fix.replacement },
                }],
            }],
        }]);
    }
    if diagnostic.code.is_unsupported() {
        result["properties"] = Value::Object(Map::from_iter([("unsupported".to_owned(), true.into())]));
    }
    result
}

fn region(span: Span, locator: &Locator<'_>) -> Value {
    let (start, end) = (locator.locate(span.start), locator.locate(span.end));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

/// Where a file is: a path that is relative to the folder of the run, or an address.
fn artifact(file: &str) -> Value {
    let path = if cfg!(windows) { file.replace('\\', "/") } else { file.to_owned() };
    let path = path.strip_prefix("./").unwrap_or(&path);
    let is_drive = cfg!(windows) && path.as_bytes().get(1) == Some(&b':');
    let uri = match (path.starts_with('/'), is_drive) {
        (true, _) => format!("file://{}", encoded(path)),
        (false, true) => format!("file:///{}:{}", &path[..1], encoded(&path[2..])),
        (false, false) => encoded(path),
    };
    json!({ "uri": uri })
}

/// A path in a URI.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'+' | b'@' | b'=' | b',' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_uris() {
        for (file, uri) in [
            ("rules/a.yaml", "rules/a.yaml"),
            ("./rules/a b%.yaml", "rules/a%20b%25.yaml"),
            ("/etc/ottl/\u{e9}.yaml", "file:///etc/ottl/%C3%A9.yaml"),
            ("a:b.yaml", "a%3Ab.yaml"),
            ("standard input", "standard%20input"),
        ] {
            assert_eq!(artifact(file)["uri"], uri);
        }
    }
}
