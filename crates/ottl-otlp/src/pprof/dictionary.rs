//! [`Dictionary`]: the dictionary of an OTLP message while it is written.
//!
//! INVARIANT: the first element of each table is the one that stands for nothing. Texts, attributes and stacks are there once;
//! mappings, locations and functions are there as often as in pprof, in its order, so that their indices follow from their places.

use std::collections::HashMap;
use std::marker::PhantomData;

use super::error::{PprofError, PprofErrorKind};
use super::read::index;
use crate::wire::fields::{
    any_value, array_value, key_value_and_unit, profiles_data, profiles_dictionary as table, stack,
};
use crate::wire::{begin_len, end_len, put_len_field, put_varint, put_varint_field};

/// The value of an attribute.
#[derive(Clone, Copy, Debug)]
pub(super) enum AttributeValue<'a> {
    Text(&'a [u8]),
    Int(i64),
    True,
    Texts(&'a [&'a [u8]]),
}

/// A table of messages that are there once each.
#[derive(Debug)]
struct Table {
    number: u32,
    places: HashMap<Box<[u8]>, i32>,
    encoded: Vec<u8>,
}

impl Table {
    fn new(number: u32) -> Table {
        let mut table = Table { number, places: HashMap::new(), encoded: Vec::new() };
        table.append(&[], 0);
        table
    }

    fn append(&mut self, content: &[u8], index: i32) {
        put_len_field(&mut self.encoded, self.number, content);
        self.places.insert(content.into(), index);
    }

    /// The index of an entry, which is added if it is not there.
    fn index(&mut self, content: &[u8]) -> Result<i32, PprofError> {
        if let Some(found) = self.places.get(content) {
            return Ok(*found);
        }
        let new = index(self.places.len() as u64)?;
        self.append(content, new);
        Ok(new)
    }
}

/// A dictionary that is being written, of texts that lie elsewhere.
#[derive(Debug)]
pub(super) struct Dictionary<'a> {
    texts: Table,
    /// The indices of texts by where they lie.
    places: HashMap<(usize, usize), i32>,
    attributes: Table,
    stacks: Table,
    /// The encoded entries of the tables that are written in pprof's order.
    pub mappings: Vec<u8>,
    pub locations: Vec<u8>,
    pub functions: Vec<u8>,
    scratch: Vec<u8>,
    /// How many bytes it may have.
    limit: usize,
    lent: PhantomData<&'a [u8]>,
}

impl<'a> Dictionary<'a> {
    pub fn new(limit: usize) -> Dictionary<'a> {
        let first = |number| {
            let mut out = Vec::new();
            put_len_field(&mut out, number, &[]);
            out
        };
        Dictionary {
            texts: Table::new(table::STRING_TABLE),
            places: HashMap::new(),
            attributes: Table::new(table::ATTRIBUTE_TABLE),
            stacks: Table::new(table::STACK_TABLE),
            mappings: first(table::MAPPING_TABLE),
            locations: first(table::LOCATION_TABLE),
            functions: first(table::FUNCTION_TABLE),
            scratch: Vec::new(),
            limit,
            lent: PhantomData,
        }
    }

    /// The index of a text. One that lies in one place is looked at once.
    pub fn text(&mut self, text: &'a [u8]) -> Result<i32, PprofError> {
        let place = (text.as_ptr() as usize, text.len());
        if let Some(found) = self.places.get(&place) {
            return Ok(*found);
        }
        let index = self.texts.index(text)?;
        self.places.insert(place, index);
        Ok(index)
    }

    /// The index of an attribute.
    pub fn attribute(&mut self, key: &'a [u8], value: AttributeValue<'_>, unit: &'a [u8]) -> Result<i32, PprofError> {
        let (key, unit) = (self.text(key)?, self.text(unit)?);
        let out = &mut self.scratch;
        out.clear();
        put_index(out, key_value_and_unit::KEY_STRINDEX, key);
        let mark = begin_len(out, key_value_and_unit::VALUE, 8);
        put_value(out, value);
        end_len(out, mark);
        put_index(out, key_value_and_unit::UNIT_STRINDEX, unit);
        let index = self.attributes.index(&self.scratch)?;
        self.check()?;
        Ok(index)
    }

    /// The index of a stack of locations.
    pub fn stack(&mut self, locations: &[i32]) -> Result<i32, PprofError> {
        self.scratch.clear();
        put_indices(&mut self.scratch, stack::LOCATION_INDICES, locations);
        let index = self.stacks.index(&self.scratch)?;
        self.check()?;
        Ok(index)
    }

    /// How many bytes it has so far.
    pub fn len(&self) -> usize {
        let once = [&self.texts, &self.attributes, &self.stacks].map(|table| table.encoded.len());
        let entries = [&self.mappings, &self.locations, &self.functions].map(Vec::len);
        once.into_iter().chain(entries).sum()
    }

    /// Fails where it has more bytes than it may have.
    pub fn check(&self) -> Result<(), PprofError> {
        check_room(self.len(), self.limit)
    }

    /// Appends it to its message.
    pub fn put(&self, out: &mut Vec<u8>) {
        let mark = begin_len(out, profiles_data::DICTIONARY, self.len());
        out.extend_from_slice(&self.mappings);
        out.extend_from_slice(&self.locations);
        out.extend_from_slice(&self.functions);
        put_len_field(out, table::LINK_TABLE, &[]);
        out.extend_from_slice(&self.texts.encoded);
        out.extend_from_slice(&self.attributes.encoded);
        out.extend_from_slice(&self.stacks.encoded);
        end_len(out, mark);
    }
}

/// Appends the fields of an `AnyValue`.
pub(super) fn put_value(out: &mut Vec<u8>, value: AttributeValue<'_>) {
    match value {
        AttributeValue::Text(text) => put_len_field(out, any_value::STRING_VALUE, text),
        AttributeValue::Int(int) => put_varint_field(out, any_value::INT_VALUE, int as u64),
        AttributeValue::True => put_varint_field(out, any_value::BOOL_VALUE, 1),
        AttributeValue::Texts(texts) => {
            let mark = begin_len(out, any_value::ARRAY_VALUE, 64);
            for text in texts {
                let member = begin_len(out, array_value::VALUES, text.len() + 2);
                put_len_field(out, any_value::STRING_VALUE, text);
                end_len(out, member);
            }
            end_len(out, mark);
        }
    }
}

/// Appends a list of indices, packed, unless it is empty.
pub(super) fn put_indices(out: &mut Vec<u8>, number: u32, indices: &[i32]) {
    if indices.is_empty() {
        return;
    }
    let mark = begin_len(out, number, indices.len());
    for index in indices {
        put_varint(out, i64::from(*index) as u64);
    }
    end_len(out, mark);
}

/// Appends an index, unless it is 0.
pub(super) fn put_index(out: &mut Vec<u8>, number: u32, index: i32) {
    put_number(out, number, i64::from(index) as u64);
}

/// Appends a varint, unless it is 0.
pub(super) fn put_number(out: &mut Vec<u8>, number: u32, value: u64) {
    if value != 0 {
        put_varint_field(out, number, value);
    }
}

/// Fails where more was written than may be.
pub(super) fn check_room(written: usize, limit: usize) -> Result<(), PprofError> {
    if written > limit {
        return Err(PprofError::new(PprofErrorKind::TooLarge { limit }, ""));
    }
    Ok(())
}
