//! pprof's `profile.proto` to OTLP profiles and back.
//!
//! Both are lists of samples, each a stack of locations with labels and values. What differs:
//!
//! - pprof has several values for each sample, an OTLP profile one; so there is a profile for each sample type, and profiles
//!   whose samples line up become one file again;
//! - pprof's tables belong to a file and are referred to by id, those of OTLP belong to a message and are referred to by index;
//! - what OTLP has no field for are attributes, by the semantic conventions for pprof (`names`).
//!
//! What a round trip keeps, and what pprof cannot hold, is in `spec/pprof.md`. Messages are protobuf without compression; see
//! [`crate::framing::decompress`].
//!
//! INVARIANT: memory is a multiple of the input and of the limit of the output. Nothing is believed of an input: each
//! reference is looked up, and one that leads nowhere is an error.

mod dictionary;
mod error;
mod fields;
mod from_otlp;
mod names;
mod otlp;
mod read;
mod tables;
mod to_otlp;
mod write;

pub use error::{PprofError, PprofErrorKind};
pub use from_otlp::{Converted, LeftOut, from_profiles};
pub use to_otlp::to_profiles;

use crate::wire::{Payload, Reader};

/// Whether uncompressed bytes, of which these may be the first only, look like a pprof file: the first field is one that no OTLP
/// message has, or a sample type, whose fields are numbers.
#[must_use]
pub fn begins_like_pprof(head: &[u8]) -> bool {
    let Ok(Some(first)) = Reader::new(head).next_field() else { return false };
    let fields::profile::SAMPLE_TYPE = first.number else {
        return (fields::profile::MAPPING..=fields::profile::DOC_URL).contains(&first.number);
    };
    let Ok(content) = first.bytes() else { return false };
    let mut inside = Reader::new(content);
    let mut is_type = !content.is_empty();
    while let Ok(Some(field)) = inside.next_field() {
        is_type &= field.number <= fields::value_type::UNIT && matches!(field.payload, Payload::Varint(_));
    }
    is_type && inside.is_empty()
}

/// Whether uncompressed bytes are a pprof file: it has a string table, whose first text is empty, where no OTLP message has a
/// field.
#[must_use]
pub fn is_pprof(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    while let Ok(Some(field)) = reader.next_field() {
        match (field.number, field.payload) {
            (fields::profile::STRING_TABLE, Payload::Bytes(text)) => return text.is_empty(),
            (fields::profile::SAMPLE_TYPE..=fields::profile::DOC_URL, _) => {}
            _ => return false,
        }
    }
    false
}
