//! The part of the module that is loaded when it is needed. `wasm/build` splits the module in two; the first part asks JavaScript for the second
//! one when it calls a function of it.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "./rest.js")]
extern "C" {
    #[wasm_bindgen(js_name = needRest)]
    fn need_rest();
}

/// Asks for the second part, where it is not there yet. Nothing else keeps the import in a module that was not split.
#[wasm_bindgen(js_name = askForRest)]
pub fn ask_for_rest() {
    need_rest();
}
