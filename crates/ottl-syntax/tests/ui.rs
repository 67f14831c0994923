//! The pictures of diagnostics: `tests/ui/CODE.toml` holds a text and what is printed for it.
//!
//! This test runs the codes that the parser reports (`E01xx` and the limits `E0501` and `E0502`). With the environment
//! variable `UPDATE_EXPECT` set it writes what is printed into the files instead, for review.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use ottl_diagnostics::{CODES, render::render};
use ottl_syntax::{Limits, Parsed};
use serde::Deserialize;

/// A fixture.
#[derive(Deserialize)]
struct Fixture {
    /// `statement`, `condition` or `value`.
    kind: String,
    /// What is parsed.
    text: String,
    /// Limits other than the defaults.
    limits: Option<FixtureLimits>,
    /// What is printed, without colour.
    expect: String,
}

/// Limits of a fixture.
#[derive(Deserialize)]
struct FixtureLimits {
    length: Option<usize>,
    nesting: Option<u16>,
}

impl Fixture {
    fn limits(&self) -> Limits {
        let default = Limits::default();
        match &self.limits {
            None => default,
            Some(limits) => Limits {
                length: limits.length.unwrap_or(default.length),
                nesting: limits.nesting.unwrap_or(default.nesting),
            },
        }
    }

    /// What is printed, and the codes.
    fn run(&self) -> (String, Vec<&'static str>) {
        let limits = self.limits();
        match self.kind.as_str() {
            "statement" => self.picture(limits.parse_statement(&self.text)),
            "condition" => self.picture(limits.parse_condition(&self.text)),
            "value" => self.picture(limits.parse_value(&self.text)),
            other => panic!("unknown kind {other}"),
        }
    }

    fn picture<T>(&self, parsed: Parsed<T>) -> (String, Vec<&'static str>) {
        let codes = parsed.diagnostics.iter().map(|d| d.code.as_str()).collect();
        (render(&parsed.diagnostics, "rules.ottl", &self.text, false), codes)
    }

    /// The fixture as its file has it, with `expect` replaced.
    fn file(source: &str, expect: &str) -> String {
        let head = source.split("expect = ").next().unwrap_or("");
        let mut out = head.to_owned();
        let _ = write!(out, "expect = '''\n{expect}'''\n");
        out
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/ui")
}

#[test]
fn every_code_of_the_parser_has_its_picture() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for code in CODES
        .iter()
        .map(|code| code.as_str())
        .filter(|code| code.starts_with("E01") || matches!(*code, "E0501" | "E0502"))
    {
        let path = folder().join(format!("{code}.toml"));
        let Ok(source) = std::fs::read_to_string(&path) else {
            wrong.push(format!("{code} has no fixture {}", path.display()));
            continue;
        };
        let fixture: Fixture = toml::from_str(&source).unwrap_or_else(|error| panic!("{code}: {error}"));
        let (printed, codes) = fixture.run();
        if !codes.contains(&code) {
            wrong.push(format!("{code} is not reported, but {codes:?}"));
        } else if update {
            std::fs::write(&path, Fixture::file(&source, &printed)).expect("the fixture can be written");
        } else if printed != fixture.expect {
            wrong.push(format!("{code} prints\n{printed}instead of\n{}", fixture.expect));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
