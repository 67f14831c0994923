//! The checks, one for each target.
//!
//! INVARIANT: a check depends on nothing but its bytes. It panics when a property does not hold, and returns otherwise,
//! whatever the bytes are.

mod config;
mod edit;
mod engines;
mod framing;
mod functions;
mod grammar;
mod meter;
mod parse;
mod parsers;
mod pprof;
mod programs;
mod spans;
mod texts;
mod wire;
mod xml;

pub use config::config;
pub use edit::edit;
pub use engines::engines_agree;
pub use framing::framing;
pub use functions::functions;
pub use grammar::grammar_agreement;
pub use parse::parse;
pub use parsers::{parse_cef, parse_clf, parse_csv, parse_elf, parse_int, parse_leef};
pub use pprof::pprof;
pub use texts::{decode, grok};
pub use wire::wire_read;
pub use xml::{xml, xpath};

/// A check of bytes.
pub type Check = fn(&[u8]);

/// The checks with the names of their targets, which are also the names of the folders of inputs.
pub const CHECKS: [(&str, Check); 19] = [
    ("config", config),
    ("decode", decode),
    ("edit", edit),
    ("engines_agree", engines_agree),
    ("framing", framing),
    ("functions", functions),
    ("grammar_agreement", grammar_agreement),
    ("grok", grok),
    ("parse", parse),
    ("parse_cef", parse_cef),
    ("parse_clf", parse_clf),
    ("parse_csv", parse_csv),
    ("parse_elf", parse_elf),
    ("parse_int", parse_int),
    ("parse_leef", parse_leef),
    ("pprof", pprof),
    ("wire_read", wire_read),
    ("xml", xml),
    ("xpath", xpath),
];
