//! Faults as one JSON array: an object for each, in the form of [`ottl::Diagnostics::records`]. A file or folder that was not checked has
//! one that is called `not-checked`, or `left-out`, and has no code.

use serde_json::json;

use super::{Checked, What};

/// The array, on one line.
pub fn array(all: &[Checked]) -> String {
    let mut records = Vec::new();
    for checked in all {
        match &checked.found {
            // Texts, numbers and lists of them: there is nothing that JSON cannot write.
            Ok(found) => records.extend(found.records().filter_map(|record| serde_json::to_string(&record).ok())),
            Err(why) => records.push(unchecked(checked, &why.to_string())),
        }
    }
    format!("[{}]\n", records.join(","))
}

/// What was not checked, with as much of a record as there is.
fn unchecked(checked: &Checked, why: &str) -> String {
    let (name, severity) = match checked.what {
        What::File | What::Folder => ("not-checked", "error"),
        What::LeftOut => ("left-out", "hint"),
    };
    json!({
        "file": checked.name, "code": null, "name": name, "severity": severity, "unsupported": false,
        "range": { "start": 0, "end": 0 }, "line": 1, "column": 1, "end_line": 1, "end_column": 1,
        "message": why, "label": null, "help": null, "fix": null, "page": null,
    })
    .to_string()
}
