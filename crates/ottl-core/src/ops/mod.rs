//! What OTTL's operators and implicit conversions mean, on values alone.

mod arithmetic;
mod coerce;
mod compare;
mod index;
mod store;
mod text;
mod witness;

pub use arithmetic::{MathOp, arithmetic, int_arithmetic, negate};
pub use coerce::{Coercion, coerce};
pub use compare::{CompareOp, compare, deep_equal, same_text};
pub use index::{Key, index_converter, index_path};
pub use store::{from_raw, kept_map, map_key, map_literal, normalised, storable, store_list};
pub use text::{json_text, pdata_text, push_json_text, push_pdata_text};
pub use witness::{has_order, witnesses};
