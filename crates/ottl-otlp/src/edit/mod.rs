//! Editing a message by splicing: what is not named is copied as it is.

mod splice;
mod untouched;

pub use splice::{Left, Splicer};
pub use untouched::Untouched;
