//! Records for JavaScript as JSON texts.

use serde::Serialize;

/// The text. What is written here are names, numbers and texts, which cannot fail.
pub(crate) fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}
