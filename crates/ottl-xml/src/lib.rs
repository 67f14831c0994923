//! XML as the reference reads, searches and writes it.
//!
//! Three layers, each of which knows only what stands in front of it: [`tokens`] (Go's `encoding/xml`), [`tree`] (the
//! nodes, reader and writer of antchfx/xmlquery) and [`xpath`] (the dialect of antchfx/xpath). All of it lives in the
//! arena of the message and borrows from the text where it can.
//!
//! INVARIANT: nothing recurses over a document, so its depth is bounded by memory alone. Expressions nest at most
//! [`xpath::MAX_DEPTH`] deep. What a search walks and what a document takes is charged to the message.
//!
//! COMPAT: much of what these libraries do is neither XML nor XPath as they are specified. Where a comment says no more,
//! the library does it so.
//! Deliberately elsewhere: what the functions of OTTL make of it (`ottl-functions`).

pub mod names;
pub mod tokens;
pub mod tree;
pub mod xpath;

use ottl_core::{Arena, EvalError};

/// Turns the rest of a document, which declares an encoding by this label, into UTF-8; `None` if there is no such encoding.
pub type Charset = for<'a> fn(label: &[u8], text: &'a [u8], arena: &'a Arena) -> Result<Option<&'a [u8]>, EvalError>;

/// The text with every letter in lower case, for the function `lower-case` of XPath.
pub type LowerCase = for<'a> fn(text: &'a [u8], arena: &'a Arena) -> Result<&'a [u8], EvalError>;
