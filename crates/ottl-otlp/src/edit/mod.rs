//! Editing a message by splicing: what is not named is copied as it is.

mod splice;

pub use splice::Splicer;
