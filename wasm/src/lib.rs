//! `ottl` as a module for browsers, workers and Node: what `js/ottl.js` wraps.
//!
//! Bytes go in and out as they are; diagnostics, reports and lists go out as JSON in the forms that the library gives them. Options
//! come one by one, so that no reader of JSON has to be in the module.
//!
//! Deliberately elsewhere: the interface that people see, with its types and errors (`js`), and places as JavaScript counts them.

mod compare;
mod comparison;
mod compiler;
mod convert;
mod data;
mod document;
mod host;
mod json;
mod label;
mod messages;
mod rest;
mod rules;
mod telemetry;

use wasm_bindgen::prelude::wasm_bindgen;

/// The version of the library.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
