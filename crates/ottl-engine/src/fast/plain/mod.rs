//! Plain steps: statements about attributes and fields that they name, on messages that are written as nearly all are.
//!
//! Where all statements of a level are plain ([`lower`]), a message of it is scanned, judged, edited and written in one go
//! ([`record`], [`run`]), without a node. Whatever is not plain gives the message up before anything came of it, and it
//! takes the general way: unusual encodings, repeated keys, errors, values of other types.
//! INVARIANT: results equal those of the general way; a message that is given up has changed nothing.

mod lower;
pub(super) mod record;
mod run;

use ottl_core::Bump;

pub(super) use lower::{Plain, mark};
use record::SizedPair;

/// How many arguments a plain call has at most.
const MAX_ARGS: usize = 4;

/// A pair that is the same for every record.
#[derive(Debug)]
pub(super) struct EncodedPair {
    bytes: Vec<u8>,
    pair_at: usize,
    any_at: usize,
}

impl EncodedPair {
    /// From a `KeyValue`, and where the value starts in it.
    pub fn new(pair: &[u8], any_at: usize) -> EncodedPair {
        let mut bytes = Vec::with_capacity(pair.len() + 2);
        ottl_otlp::wire::put_varint(&mut bytes, pair.len() as u64);
        let pair_at = bytes.len();
        bytes.extend_from_slice(pair);
        EncodedPair { bytes, pair_at, any_at: pair_at + any_at }
    }

    /// The pair, ready to be written.
    #[inline]
    pub fn sized(&self) -> SizedPair<'_> {
        SizedPair { bytes: &self.bytes, pair_at: self.pair_at, any_at: self.any_at }
    }

    /// The same in the arena.
    pub fn in_arena<'a>(&self, arena: &'a Bump) -> SizedPair<'a> {
        SizedPair { bytes: arena.alloc_slice_copy(&self.bytes), pair_at: self.pair_at, any_at: self.any_at }
    }
}
