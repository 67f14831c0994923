//! Running programs: what one run knows, the current messages, evaluating and acting.

mod act;
mod answers;
mod at_hand;
mod body;
mod cache;
mod client;
mod current;
mod eval;
mod extractions;
mod int;
mod kept;
mod keyed;
mod looked;
pub mod messages;
pub mod metric;
pub(crate) mod metric_edits;
mod parents;
mod path;
mod peek;
pub mod position;
pub mod screen;
pub mod state;
mod tables;
mod test;
mod texts;
