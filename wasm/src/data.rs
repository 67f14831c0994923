//! Data sets: which there are, and how they come in.

use ottl::DataSet;
use serde::Serialize;
use wasm_bindgen::JsError;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::json;

/// A data set, as JavaScript sees it.
#[derive(Serialize)]
struct Row {
    name: &'static str,
    file: &'static str,
    about: &'static str,
    loaded: bool,
}

/// All data sets, as JSON.
#[wasm_bindgen(js_name = dataSets)]
pub fn data_sets() -> String {
    let row = |set: DataSet| Row { name: set.name(), file: set.file(), about: set.about(), loaded: set.is_there() };
    json::text(&DataSet::ALL.map(row))
}

/// Takes the bytes of a data set's file.
///
/// # Errors
/// There is no set of this name, or these are not its bytes.
#[wasm_bindgen(js_name = loadData)]
pub fn load_data(name: &str, bytes: &[u8]) -> Result<(), JsError> {
    let set = DataSet::by_name(name).ok_or_else(|| JsError::new(&format!("there is no data set `{name}`")))?;
    set.load(bytes).map_err(|error| JsError::new(&error.to_string()))
}
