//! Protobuf wire primitives: fields out of a byte slice, fields into a buffer.
//!
//! The reader is zero-copy and allocation-free; it accepts and refuses what the reference's unmarshaler
//! accepts and refuses (see [`Reader`]). The writer appends to a `Vec<u8>`. Nothing here knows which
//! message it is looking at: field numbers are in [`fields`], whole messages in [`crate::schema`].

mod error;
pub mod fields;
mod packed;
mod reader;
mod writer;

pub use error::{WireError, WireErrorKind};
pub use packed::{PackedFixed32, PackedFixed64, PackedVarints, packed_fixed32, packed_fixed64, packed_varints};
pub use reader::{Field, Payload, Reader, read_varint, zigzag_decode};
pub use writer::{
    Mark, WireType, begin_len, begin_wide_len, end_len, end_len_beside, end_wide_len, put_fixed32_field,
    put_fixed64_field, put_len_field, put_tag, put_varint, put_varint_field, varint_len, zigzag_encode,
};
