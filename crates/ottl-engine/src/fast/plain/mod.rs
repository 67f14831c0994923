//! Plain steps: statements about attributes and fields that they name, on messages that are written as nearly all are.
//!
//! Where all statements of a level are plain ([`lower`]), a message of it is scanned, judged, edited and written in one go
//! ([`record`], [`run`]), without a node. Whatever is not plain gives the message up before anything came of it, and it
//! takes the general way: unusual encodings, repeated keys, errors, values of other types.
//! INVARIANT: results equal those of the general way; a message that is given up has changed nothing.

mod lower;
pub(super) mod record;
mod run;

use ottl_core::Value;
use ottl_core::value::encode_sized_pair;
use ottl_otlp::edit::Splicer;
use ottl_otlp::wire::{begin_len, end_len};
use ottl_schema::{ContextId, PointKind};

use super::plan::{Touch, bit};
use super::transform::{Place, Transform};
pub(super) use lower::{Plain, mark};
use record::{Record, SizedPair};

/// How many arguments a plain call has at most.
const MAX_ARGS: usize = 4;

impl<'a> Transform<'_, 'a, '_> {
    /// Runs the groups of a level on a message without children of interest, if they and it are plain.
    #[inline]
    pub fn plain_leaf(
        &mut self,
        level: ContextId,
        kind: PointKind,
        raw: &'a [u8],
        place: Place,
        splicer: &mut Splicer<'_, '_>,
    ) -> Option<()> {
        let pass = self.pass;
        if pass.plain & bit(level) == 0 {
            return None;
        }
        let Touch { scans, keys, .. } = &self.state.wanted[level as usize];
        let arena = self.state.arena;
        let record = self.plain.get_or_insert_with(|| Record::new(arena));
        record.scan(raw, level, &scans[kind as usize], keys)?;
        let numbers = &pass.groups[level as usize];
        let done = self.state.run_plain(record, numbers)?;
        self.state.count_plain(numbers, done);
        if record.changed() {
            self.state.has_written = true;
            let out = splicer.replace(place.start, place.end);
            let mark = begin_len(out, place.number, raw.len());
            record.emit(out);
            end_len(out, mark);
        }
        Some(())
    }
}

/// A pair that is the same for every record.
#[derive(Debug)]
pub(super) struct EncodedPair {
    bytes: Vec<u8>,
    pair_at: usize,
    any_at: usize,
}

impl EncodedPair {
    /// From key and value.
    pub fn new(key: &[u8], value: &Value<'_>) -> EncodedPair {
        let mut bytes = Vec::new();
        let (pair_at, any_at) = encode_sized_pair(&mut bytes, key, value);
        EncodedPair { pair_at, any_at, bytes }
    }

    /// The pair, ready to be written.
    #[inline]
    pub fn sized(&self) -> SizedPair<'_> {
        SizedPair { bytes: &self.bytes, pair_at: self.pair_at, any_at: self.any_at }
    }
}
