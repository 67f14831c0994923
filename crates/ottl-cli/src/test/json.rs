//! What became of cases as one JSON array: an object for each.

use ottl::testing::{Case, Finding, Mismatch, MismatchKind, Suite};
use serde_json::{Value, json};

use super::{Broken, Results, Tested, Tried};
use crate::terminal;

/// The array, on one line.
pub fn array(results: &Results<'_>) -> String {
    let mut out: Vec<Value> = Vec::new();
    for Tested { suite, tried } in &results.tested {
        for Tried { case, verdict } in tried {
            let case = &suite.cases()[*case];
            let (status, findings, notes, diagnostics) = match verdict {
                Ok(verdict) => {
                    let status = if verdict.passes() { "passed" } else { "failed" };
                    let findings = verdict.findings.iter().map(finding).collect();
                    let notes = verdict.unasked.iter().chain(&verdict.notes).cloned().collect();
                    (status, findings, notes, Vec::new())
                }
                Err(found) => {
                    ("not_run", Vec::new(), Vec::<String>::new(), found.records().map(|record| json!(record)).collect())
                }
            };
            out.push(json!({
                "file": suite.file(),
                "name": case.name,
                "line": case.location.line,
                "column": case.location.column,
                "status": status,
                "findings": findings,
                "notes": notes,
                "diagnostics": diagnostics,
            }));
        }
    }
    for Broken { name, why, .. } in &results.broken {
        match why {
            Ok(found) => {
                let diagnostics: Vec<Value> = found.records().map(|record| json!(record)).collect();
                out.push(json!({ "file": name, "status": "not_run", "diagnostics": diagnostics }));
            }
            Err(failure) => {
                terminal::failure(failure);
                out.push(json!({ "file": name, "status": "not_run", "error": failure.to_string() }));
            }
        }
    }
    format!("{}\n", Value::Array(out))
}

/// The cases by themselves, as they are named.
pub fn list<'c>(cases: impl Iterator<Item = (&'c Suite, &'c Case)>) -> String {
    let row = |(suite, case): (&Suite, &Case)| json!({ "file": suite.file(), "name": case.name, "line": case.location.line, "column": case.location.column });
    format!("{}\n", Value::Array(cases.map(row).collect()))
}

fn finding(finding: &Finding) -> Value {
    json!({
        "line": finding.at.line,
        "column": finding.at.column,
        "message": finding.message,
        "records": finding.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
    })
}

fn mismatch(mismatch: &Mismatch) -> Value {
    let kind = match mismatch.kind {
        MismatchKind::Differs => "differs",
        MismatchKind::Missing => "missing",
        MismatchKind::Unexpected => "unexpected",
        MismatchKind::Grouped => "grouped",
        MismatchKind::Asked => "asked",
    };
    let lines = mismatch.lines.iter().map(|line| {
        let side = match (mismatch.kind, line.is_received) {
            (_, true) => "received",
            (MismatchKind::Asked, false) => "input",
            (_, false) => "expected",
        };
        json!({ "path": line.path, "side": side, "value": line.value })
    });
    json!({ "place": mismatch.place, "kind": kind, "fields": lines.collect::<Vec<_>>() })
}
