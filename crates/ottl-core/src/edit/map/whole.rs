//! A map value that is edited and written again as a whole: what nobody touched is copied as it is written.

use std::ops::Range;

use ottl_otlp::any::tags;
use ottl_otlp::wire::fields::{any_value, key_value_list};
use ottl_otlp::wire::{Reader, begin_len, end_len, put_len_field};

use super::{KnownKeys, MapEdit, MapEntry, Piece, Slot};
use crate::EvalError;
use crate::value::{Extent, encode_sized_any, encode_sized_pair};

impl<'a> MapEdit<'a> {
    /// Takes up the pairs of a checked `KeyValueList` message; not a change.
    ///
    /// # Errors
    /// Damage in its framing.
    pub fn load_list(&mut self, list: &'a [u8]) -> Result<(), EvalError> {
        self.reset();
        self.start(list, KnownKeys::none());
        let mut at = 0;
        loop {
            at = self.load_fields(at, tags::MEMBER);
            let Some(field) = Reader::new(list.get(at..).unwrap_or_default()).next_field()? else { break };
            if field.number == key_value_list::VALUES {
                self.load_field(at as u32);
            }
            at += field.end;
        }
        Ok(self.verify()?)
    }

    /// Of the pairs that do not lie in the message they were taken up from: a bound of their bytes, and how deep the deepest
    /// value is that was written. Values that lie there are no deeper than the map was.
    pub fn written_extent(&self) -> (usize, u16) {
        let (mut size, mut depth) = (0, 0);
        for other in self.pairs.iter().filter_map(|pair| pair.in_others()) {
            let MapEntry { key, value, raw } = &self.others[other];
            let len = match value {
                Slot::Value(value) => {
                    depth = value.depth().max(depth);
                    value.size()
                }
                Slot::Wire(any) => any.len().max(raw.len()),
            };
            size += key.len() + len + Extent::ELEMENT;
        }
        (size, depth)
    }

    /// Appends the `AnyValue` message of the map.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let mark = begin_len(out, any_value::KVLIST_VALUE, self.message.len());
        let copied = |run: Range<usize>| self.message.get(run).unwrap_or_default();
        let mut run = 0..0;
        for piece in self.pieces() {
            match piece {
                Piece::Input(start, end) if start == run.end => run.end = end,
                Piece::Input(start, end) => {
                    out.extend_from_slice(copied(run));
                    run = start..end;
                }
                Piece::Entry(MapEntry { key, value, raw }) => {
                    out.extend_from_slice(copied(std::mem::take(&mut run)));
                    match value {
                        _ if !raw.is_empty() => put_len_field(out, key_value_list::VALUES, raw),
                        Slot::Value(value) => {
                            out.push(tags::MEMBER);
                            encode_sized_pair(out, key, value);
                        }
                        Slot::Wire(any) => {
                            out.push(tags::MEMBER);
                            encode_sized_any(out, key, any);
                        }
                    }
                }
            }
        }
        out.extend_from_slice(copied(run));
        end_len(out, mark);
    }
}
