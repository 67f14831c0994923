//! The attributes of a profile: indices into the attribute table of the dictionary.
//!
//! COMPAT: whoever reads them gets a copy, and whoever writes them looks for an attribute of the table that has the new
//! value and no unit, or adds one; the unit of the one before is not kept.

use ottl_core::value::{Entry, encode_any};
use ottl_core::{Arena, EvalError, Map, Value};
use ottl_otlp::wire::{Payload, Reader, WireError, packed_varints, put_varint};

use super::Dictionary;

/// The indices in a message: those of this field, packed or not.
///
/// # Errors
/// Damage of the field.
pub(crate) fn indices(record: &[u8], number: u32) -> Result<Vec<i32>, WireError> {
    let mut indices = Vec::new();
    let mut reader = Reader::new(record);
    while let Some(field) = reader.next_field()? {
        if field.number != number {
            continue;
        }
        match field.payload {
            Payload::Varint(index) => indices.push(index as i32),
            Payload::Bytes(packed) => {
                for index in packed_varints(packed) {
                    indices.push(index? as i32);
                }
            }
            _ => return Err(field.wrong_wire_type()),
        }
    }
    Ok(indices)
}

/// Indices as the content of a packed field.
pub(crate) fn packed(indices: &[i32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(indices.len() * 2);
    for index in indices {
        put_varint(&mut out, i64::from(*index) as u64);
    }
    out
}

impl Dictionary {
    /// The attributes with these indices. Of those that have the same key, the first one has the place and the last one the
    /// value.
    ///
    /// # Errors
    /// An index is none of the tables, or the arena is full.
    pub fn map<'a>(&self, indices: &[i32], message: &'a [u8], arena: &'a Arena) -> Result<Map<'a>, EvalError> {
        let mut entries: Vec<Entry<'a>> = Vec::with_capacity(indices.len().min(1024));
        let mut places = std::collections::HashMap::new();
        for index in indices {
            let (key, value) = self.attribute(*index, message, arena)?;
            let place = *places.entry(key).or_insert(entries.len());
            match entries.get_mut(place) {
                Some(entry) => entry.value = value,
                None => entries.push(Entry { key, value }),
            }
        }
        Map::new(arena.copy(&entries)?)
    }

    /// The value of the attribute with a key that a write begins with: that of the first one.
    ///
    /// # Errors
    /// As [`Dictionary::map`].
    pub fn first<'a>(
        &self,
        indices: &[i32],
        name: &[u8],
        message: &'a [u8],
        arena: &'a Arena,
    ) -> Result<Option<Value<'a>>, EvalError> {
        for index in indices {
            let (key, value) = self.attribute(*index, message, arena)?;
            if key == name {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    /// The indices of all pairs of a map, and how many attributes were compared on the way.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub fn put_map(&mut self, map: Map<'_>, message: &[u8]) -> Result<(Vec<i32>, usize), EvalError> {
        let (mut indices, mut work) = (Vec::with_capacity(map.len()), 0);
        for Entry { key, value } in map.iter() {
            let (index, _, compared) = self.put(key, &value, message)?;
            indices.push(index);
            work += 1 + compared;
        }
        Ok((indices, work))
    }

    /// Gives the attribute with a key this value: in the place of the first one with that key, or at the end.
    ///
    /// COMPAT: if an attribute in front of that one is the very one that would be written, nothing is.
    ///
    /// # Errors
    /// [`ottl_core::ErrorKind::Budget`].
    pub fn put_pair(
        &mut self,
        indices: &mut Vec<i32>,
        name: &[u8],
        value: &Value<'_>,
        message: &[u8],
    ) -> Result<usize, EvalError> {
        let (index, key, compared) = self.put(name, value, message)?;
        let work = compared + indices.len();
        for place in indices.iter_mut() {
            if *place == index {
                return Ok(work);
            }
            if self.key(*place) == Some(key) {
                *place = index;
                return Ok(work);
            }
        }
        indices.push(index);
        Ok(work)
    }

    /// The index of a pair, the index of its key, and how many attributes were compared.
    fn put(&mut self, key: &[u8], value: &Value<'_>, message: &[u8]) -> Result<(i32, i32, usize), EvalError> {
        let key = self.put_text(key, message)?;
        let mut any = Vec::new();
        encode_any(&mut any, value);
        let (index, compared) = self.put_attribute(key, (&any, value), message)?;
        Ok((index, key, compared))
    }
}
