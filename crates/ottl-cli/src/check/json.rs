//! Faults as one JSON array: an object for each, in the form of [`ottl::Diagnostics::records`].

use ottl::Diagnostics;

use super::Checked;

/// The array, on one line.
pub fn array(all: &[Checked]) -> String {
    let found = all.iter().filter_map(|checked| checked.found.as_ref().ok());
    let records: Vec<_> = found.flat_map(Diagnostics::records).collect();
    // Texts, numbers and lists of them: there is nothing that JSON cannot write.
    serde_json::to_string(&records).unwrap_or_else(|_| "[]".to_owned()) + "\n"
}
