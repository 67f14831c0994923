//! What editors ask of rules: diagnostics, completion, hover, signatures, formatting, symbols, tokens, hints and fixes.
//!
//! A [`Document`] is a text and answers about it. Questions and answers are plain data that serialize; places are byte ranges of
//! the text, and [`Lines`] turns them into lines and columns and back. Nothing here looks at files, and half-written texts are
//! what it is for.
//!
//! ```
//! use ottl::service::{Document, DocumentKind};
//!
//! let text = "log_statements:\n  - set(log.attributes[\"a\"], Con";
//! let document = Document::new(ottl::Compiler::new(), DocumentKind::default(), text);
//! let found = document.complete(text.len() as u32);
//! assert_eq!(found[0].label, "Concat");
//! assert_eq!(found[0].snippet.as_deref(), Some("Concat(${1:vals}, ${2:delimiter})"));
//! ```
//!
//! - `reading`, `site`: the rules of a document, and which of them a place is in; `cursor`: what may stand there.
//! - `rules`: the check of documents that are rules alone.
//! - `complete`, `topic`, `signature`: names and what they are.
//! - `symbols`, `tokens`, `hints`, `actions`, `edits`: what is shown of a whole document, and what changes it.
//! - `lines`: places as editors count them; `samples`: what is known of the telemetry.
//!
//! INVARIANT: nothing panics at any place of any text, and time is linear in the length of the document.
//! Deliberately elsewhere: what is wrong with rules (the compiler), and the protocols of editors.

mod actions;
mod complete;
mod cursor;
mod document;
mod edits;
mod hints;
mod lines;
mod reading;
mod rules;
mod samples;
mod signature;
mod site;
mod symbols;
mod tokens;
mod topic;

pub use actions::Action;
pub use complete::{Completion, CompletionKind};
pub use document::{Document, DocumentKind};
pub use edits::TextEdit;
pub use hints::Hint;
pub use lines::{Encoding, Lines, Position};
pub use samples::Samples;
pub use signature::{ParameterHelp, SignatureHelp};
pub use symbols::{Symbol, SymbolKind};
pub use tokens::{SemanticToken, TokenType};
pub use topic::{Hover, Topic};
