//! What all profiles of a message share: its dictionary of texts and attributes.
//!
//! - `dictionary`: the tables, and what statements add to them.
//! - `attributes`: the attributes of a profile, which are indices into the dictionary.
//! - `references`: resources and scopes whose keys and texts lie in the dictionary, too.
//!
//! INVARIANT: what is in the tables stays as it is, where it is: other profiles refer to it. Statements only add.

mod attributes;
mod dictionary;
mod references;

pub(crate) use attributes::{indices, packed};
pub(crate) use dictionary::Dictionary;
pub(crate) use references::{refer, resolved};
