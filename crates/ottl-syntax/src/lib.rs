//! OTTL text to tokens to syntax tree, and back.
//!
//! * [`token`]: the lexer, with the rule order of the reference.
//! * [`mod@ast`]: the tree.
//! * [`parse`]: recursive descent with recovery; always a tree, and every fault found in one run.
//! * [`print`](mod@print): the standard form; parsing it gives the same tree again.
//! * [`visit`]: walks over a tree, with the scopes of lambda parameters.
//!
//! ```
//! let parsed = ottl_syntax::parse_statement(r#"set(log.body,"x")where log.attributes["a"]==1"#);
//! assert!(parsed.diagnostics.is_empty());
//! assert_eq!(
//!     ottl_syntax::print(&parsed.tree),
//!     r#"set(log.body, "x") where log.attributes["a"] == 1"#
//! );
//! ```
//!
//! Deliberately elsewhere: what names, paths and types mean (`ottl-compiler`), and the normative grammar, which is a
//! second parser used in tests.

pub mod ast;
pub mod parse;
pub mod print;
pub mod token;
pub mod visit;

pub use parse::{Limits, Parsed, parse_condition, parse_statement, parse_value};
pub use print::print;
