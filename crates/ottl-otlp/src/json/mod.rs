//! OTLP/JSON to protobuf bytes and back, each in one streaming pass without a tree of values.
//!
//! Reading accepts what the reference's decoder accepts: camelCase and snake_case names, 64-bit and 32-bit
//! integers as numbers or decimal strings, floats as numbers or strings with `NaN` and `Infinity`, enums as numbers
//! or names, ids as hex in any case, padded base64, `null` for messages, lists and strings, unknown fields. Of
//! several values of one field the last wins, lists append and messages merge. Writing gives byte for byte what the
//! reference writes. The full rules and the named differences are in `spec/otlp-json.md`.
//!
//! INVARIANT: nesting is bounded by [`crate::schema::MAX_DEPTH`], and neither direction recurses.

mod direct;
mod error;
mod fault;
mod layout;
mod like;
mod notes;
mod number;
mod pairs;
mod put;
mod read;
mod runs;
mod scan;
mod text;
mod values;
mod walk;
mod write;

pub use error::{JsonError, JsonErrorKind};
pub use fault::JsonFault;
pub use layout::{Style, put_laid_out};
pub use like::Original;
pub use notes::{Notes, UnknownMember};
pub use number::{put_f64, put_float};
pub use put::put_hex;
pub use read::{messages, read, to_protobuf};
pub(crate) use scan::Scanner;
pub use text::put_string;
pub use write::{from_protobuf, from_protobuf_like, stream_from_protobuf, stream_from_protobuf_like};
