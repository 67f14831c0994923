//! Traces as JSON lines: an object for each step.

use std::io::Write as _;

use ottl::Trace;
use serde_json::{Value, json};

use super::Origin;
use crate::failure::Failure;

/// Writes the steps of a message; without `values` they say no value of the data but booleans.
pub(super) fn show(origin: &Origin<'_>, trace: &Trace, values: bool) -> Result<(), Failure> {
    let mut out = Vec::new();
    for step in &trace.steps {
        let mut object = serde_json::to_value(step).map_err(|error| Failure::write("standard output", error.into()))?;
        let statement = &trace.statements[step.statement];
        object["statement"] = json!({
            "number": step.statement + 1,
            "processor": statement.processor,
            "text": statement.text,
            "file": statement.file,
            "line": statement.line,
            "column": statement.column,
        });
        object["record"] = step.record.map_or(Value::Null, |record| Value::from(origin.records_before + record + 1));
        object["input"] = Value::from(origin.file);
        object["message"] = Value::from(origin.message);
        object["signal"] = Value::from(origin.signal.name());
        if !values {
            mask(&mut object);
        }
        out.extend_from_slice(object.to_string().as_bytes());
        out.push(b'\n');
    }
    if let Some(error) = &trace.error {
        let object = json!({ "input": origin.file, "message": origin.message, "error": error });
        out.extend_from_slice(object.to_string().as_bytes());
        out.push(b'\n');
    }
    std::io::stdout().write_all(&out).map_err(|error| Failure::write("standard output", error))
}

fn mask(step: &mut Value) {
    for value in step["values"].as_array_mut().into_iter().flatten() {
        if value["type"] != "bool" {
            value["value"] = Value::Null;
        }
    }
    for change in step["changes"].as_array_mut().into_iter().flatten() {
        for side in ["before", "after"] {
            if !change[side].is_null() {
                change[side] = Value::from("***");
            }
        }
    }
}
