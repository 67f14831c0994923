//! [`Tables`]: the dictionary of an OTLP message, read where it lies.

use super::error::PprofError;
use super::read::{each, no_entry};
use crate::any::{self, AnyRef};
use crate::wire::fields::{
    any_value, array_value, key_value, key_value_and_unit, profiles_data, profiles_dictionary as table,
};
use crate::wire::{Field, Payload, Reader, packed_varints};

/// The tables of a dictionary: the bytes of each entry.
#[derive(Debug, Default)]
pub(super) struct Tables<'a> {
    texts: Vec<&'a [u8]>,
    pub mappings: Vec<&'a [u8]>,
    pub locations: Vec<&'a [u8]>,
    pub functions: Vec<&'a [u8]>,
    links: Vec<&'a [u8]>,
    attributes: Vec<&'a [u8]>,
    stacks: Vec<&'a [u8]>,
}

/// An attribute of the dictionary.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute<'a> {
    pub key: &'a [u8],
    pub value: AnyRef<'a>,
    pub unit: &'a [u8],
}

/// An index as it lies in a message; what does not fit is cut off, as the reference does it.
pub(super) fn index(field: &Field<'_>) -> Result<i32, PprofError> {
    Ok(field.varint()? as i32)
}

/// Appends the indices of a repeated field, packed or not.
pub(super) fn indices(field: &Field<'_>, into: &mut Vec<i32>) -> Result<(), PprofError> {
    match field.payload {
        Payload::Varint(value) => into.push(value as i32),
        Payload::Bytes(packed) => {
            for value in packed_varints(packed) {
                into.push(value.map_err(|error| error.offset_by(field.content_start()))? as i32);
            }
        }
        _ => return Err(field.wrong_wire_type().into()),
    }
    Ok(())
}

/// An entry by its index; of every table the first one stands for nothing, also where it is not there.
pub(super) fn entry<'a>(list: &[&'a [u8]], index: i32, of: &'static str) -> Result<&'a [u8], PprofError> {
    match usize::try_from(index).ok().and_then(|index| list.get(index)) {
        Some(found) => Ok(found),
        None if index == 0 => Ok(&[]),
        None => Err(no_entry(i64::from(index), of, list.len())),
    }
}

impl<'a> Tables<'a> {
    /// The tables of a message.
    pub fn read(message: &'a [u8]) -> Result<Tables<'a>, PprofError> {
        let mut tables = Tables::default();
        each(message, |field| {
            if field.number == profiles_data::DICTIONARY {
                tables.add(field.bytes()?).map_err(|error| error.inside("dictionary"))?;
            }
            Ok(())
        })?;
        Ok(tables)
    }

    fn add(&mut self, dictionary: &'a [u8]) -> Result<(), PprofError> {
        each(dictionary, |field| {
            let list = match field.number {
                table::MAPPING_TABLE => &mut self.mappings,
                table::LOCATION_TABLE => &mut self.locations,
                table::FUNCTION_TABLE => &mut self.functions,
                table::LINK_TABLE => &mut self.links,
                table::STRING_TABLE => &mut self.texts,
                table::ATTRIBUTE_TABLE => &mut self.attributes,
                table::STACK_TABLE => &mut self.stacks,
                _ => return Ok(()),
            };
            list.push(field.bytes()?);
            Ok(())
        })
    }

    /// A text.
    pub fn text(&self, index: i32) -> Result<&'a [u8], PprofError> {
        entry(&self.texts, index, "texts")
    }

    /// The bytes of a link.
    pub fn link(&self, index: i32) -> Result<&'a [u8], PprofError> {
        entry(&self.links, index, "links")
    }

    /// The bytes of a stack.
    pub fn stack(&self, index: i32) -> Result<&'a [u8], PprofError> {
        entry(&self.stacks, index, "stacks")
    }

    /// An attribute.
    pub fn attribute(&self, index: i32) -> Result<Attribute<'a>, PprofError> {
        let bytes = entry(&self.attributes, index, "attributes")?;
        let read = || {
            let (mut key, mut unit, mut value) = (0, 0, &[][..]);
            each(bytes, |field| {
                match field.number {
                    key_value_and_unit::KEY_STRINDEX => key = self::index(&field)?,
                    key_value_and_unit::UNIT_STRINDEX => unit = self::index(&field)?,
                    key_value_and_unit::VALUE => value = field.bytes()?,
                    _ => {}
                }
                Ok(())
            })?;
            Ok(Attribute {
                key: self.text(key).map_err(|error| error.inside("keyStrindex"))?,
                value: self.value(value).map_err(|error| error.inside("value"))?,
                unit: self.text(unit).map_err(|error| error.inside("unitStrindex"))?,
            })
        };
        read().map_err(|error: PprofError| error.inside(&format!("dictionary.attributeTable[{index}]")))
    }

    /// A value, which may be a text of the dictionary.
    pub fn value(&self, bytes: &'a [u8]) -> Result<AnyRef<'a>, PprofError> {
        match AnyRef::read(bytes)? {
            AnyRef::Empty => match last_varint(bytes, any_value::STRING_VALUE_STRINDEX)? {
                Some(index) => Ok(AnyRef::Text(self.text(index as i32)?)),
                None => Ok(AnyRef::Empty),
            },
            value => Ok(value),
        }
    }

    /// The elements of a list; one for anything else.
    pub fn elements(&self, value: AnyRef<'a>) -> Result<Vec<AnyRef<'a>>, PprofError> {
        let AnyRef::List(list) = value else { return Ok(vec![value]) };
        let mut elements = Vec::new();
        each(list.bytes, |field| {
            if field.number == array_value::VALUES {
                elements.push(self.value(field.bytes()?)?);
            }
            Ok(())
        })?;
        Ok(elements)
    }

    /// An attribute that lies in its map, whose texts may be those of the dictionary.
    pub fn pair(&self, bytes: &'a [u8]) -> Result<(&'a [u8], AnyRef<'a>), PprofError> {
        let pair = any::key_value(bytes)?;
        let key = match pair.key {
            [] => match last_varint(bytes, key_value::KEY_STRINDEX)? {
                Some(index) => self.text(index as i32)?,
                None => &[],
            },
            key => key,
        };
        Ok((key, self.value(pair.value)?))
    }
}

/// The last occurrence of a varint field.
fn last_varint(message: &[u8], number: u32) -> Result<Option<u64>, PprofError> {
    let mut reader = Reader::new(message);
    let mut found = None;
    while let Some(field) = reader.next_field()? {
        if field.number == number {
            found = Some(field.varint()?);
        }
    }
    Ok(found)
}
