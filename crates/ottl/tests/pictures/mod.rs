//! Pictures of diagnostics, which are recorded in `tests/ui/CODE.toml` as `expect`.
//!
//! With the environment variable `UPDATE_EXPECT` set, what is printed is written into the fixtures, for review.

use std::path::{Path, PathBuf};

use ottl::{Code, Diagnostics};
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
struct Recorded {
    #[serde(default)]
    expect: String,
}

/// The folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Holds what is found for the fixture of each code against its picture.
pub fn are_as_recorded<F: DeserializeOwned>(codes: impl Iterator<Item = Code>, find: impl Fn(Code, &F) -> Diagnostics) {
    let mut faults = Vec::new();
    for code in codes {
        let path = root().join(format!("tests/ui/{code}.toml"));
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let wrong = |error| -> ! { panic!("{}: {error}", path.display()) };
        let fixture: F = toml::from_str(&source).unwrap_or_else(|error| wrong(error));
        let Recorded { expect } = toml::from_str(&source).unwrap_or_else(|error| wrong(error));
        let picture = find(code, &fixture).render(false);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            let head = source.split("expect = ").next().unwrap_or("");
            std::fs::write(&path, format!("{head}expect = '''\n{picture}'''\n")).expect("a writable fixture");
        } else if picture != expect {
            faults.push(format!("{code}\n{picture}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
