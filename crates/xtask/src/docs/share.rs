//! Links that open the playground with rules and telemetry in it.
//!
//! INVARIANT: the fragment has the form that `wasm/playground/src/share.ts` reads and writes: `#1.` and raw deflate of JSON, in base64 for
//! addresses. `wasm/playground/tests/links.json` holds some, which a test here writes and one of the page reads.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

/// What a link holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub struct Shared {
    /// A body, or a Collector's configuration.
    pub rules: String,
    /// OTLP/JSON.
    pub telemetry: String,
}

impl Shared {
    /// The fragment of the page's address.
    pub fn fragment(&self) -> Result<String, serde_json::Error> {
        let bytes = miniz_oxide::deflate::compress_to_vec(&serde_json::to_vec(self)?, 9);
        Ok(format!("#1.{}", URL_SAFE_NO_PAD.encode(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::{Shared, URL_SAFE_NO_PAD};
    use crate::repository;

    #[test]
    fn a_fragment_holds_rules_and_telemetry() {
        let rules = "log_statements:\n  - set(log.body, \"\u{e4}\u{1f600}\") # why\n".repeat(40);
        let shared = Shared { rules, telemetry: "{\"resourceLogs\":[]}".to_owned() };
        let fragment = shared.fragment().expect("texts are JSON");
        let bytes = URL_SAFE_NO_PAD.decode(fragment.strip_prefix("#1.").expect("the form")).expect("base64");
        let json = miniz_oxide::inflate::decompress_to_vec(&bytes).expect("deflate");
        assert_eq!(serde_json::from_slice::<Shared>(&json).expect("JSON"), shared);
    }

    /// The links that the page's own test reads are those that are written here. `UPDATE_EXPECT` writes them anew.
    #[test]
    fn the_page_is_tested_with_such_links() {
        let place = repository::root().join("wasm/playground/tests/links.json");
        let texts = [
            ("", ""),
            ("log_statements:\n  - set(log.body, \"x\")\n", "{\"resourceLogs\":[]}"),
            ("# \u{20ac} \u{1f600} \u{0}\n", "{\n  \"resourceSpans\": []\n}\n"),
            (&"trace_statements:\n  - set(span.name, \"GET\")\n".repeat(500), "{}"),
        ];
        let links = texts.map(|(rules, telemetry)| {
            let shared = Shared { rules: rules.to_owned(), telemetry: telemetry.to_owned() };
            let fragment = shared.fragment().expect("texts are JSON");
            serde_json::json!({ "fragment": fragment, "rules": shared.rules, "telemetry": shared.telemetry })
        });
        let text = serde_json::to_string_pretty(&links).expect("JSON") + "\n";
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(place, text).expect("the file can be written");
        } else {
            assert_eq!(std::fs::read_to_string(place).expect("the file is there"), text);
        }
    }
}
