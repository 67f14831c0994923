//! pprof's messages, read field by field where they lie.

use super::error::{PprofError, PprofErrorKind};
use super::fields;
use crate::wire::{Field, Payload, Reader, WireError, packed_varints};

/// A field of a pprof message that holds one number.
pub(super) fn number(field: &Field<'_>) -> Result<u64, PprofError> {
    Ok(field.varint()?)
}

/// Appends the numbers of a repeated field, packed or not.
pub(super) fn numbers(field: &Field<'_>, into: &mut Vec<u64>) -> Result<(), PprofError> {
    match field.payload {
        Payload::Varint(value) => into.push(value),
        Payload::Bytes(packed) => {
            for value in packed_varints(packed) {
                into.push(value.map_err(|error: WireError| error.offset_by(field.content_start()))?);
            }
        }
        _ => return Err(field.wrong_wire_type().into()),
    }
    Ok(())
}

/// Calls a function with every field of a message.
pub(super) fn each<'a>(
    message: &'a [u8],
    mut take: impl FnMut(Field<'a>) -> Result<(), PprofError>,
) -> Result<(), PprofError> {
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        take(field)?;
    }
    Ok(())
}

/// What the whole of a pprof file says, but for its samples and the content of its tables.
#[derive(Debug, Default)]
pub(super) struct Whole<'a> {
    /// The string table.
    pub texts: Vec<&'a [u8]>,
    pub sample_types: Vec<ValueType>,
    pub samples: usize,
    pub mappings: Ids,
    pub locations: Ids,
    pub functions: Ids,
    pub drop_frames: i64,
    pub keep_frames: i64,
    pub time_nanos: u64,
    pub duration_nanos: u64,
    pub period_type: ValueType,
    pub period: u64,
    pub comments: Vec<u64>,
    pub default_sample_type: i64,
    pub doc_url: i64,
}

/// A `ValueType`: indices into the string table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct ValueType {
    pub ty: i64,
    pub unit: i64,
}

impl<'a> Whole<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Whole<'a>, PprofError> {
        use fields::profile as of;
        let mut whole = Whole::default();
        each(bytes, |field| {
            match field.number {
                of::SAMPLE_TYPE => {
                    let inside = ValueType::default().read(field.bytes()?);
                    let place = whole.sample_types.len();
                    whole.sample_types.push(inside.map_err(|e| e.inside(&format!("sample_type[{place}]")))?);
                }
                of::SAMPLE => {
                    field.bytes()?;
                    whole.samples += 1;
                }
                of::MAPPING => whole.mappings.add(field.bytes()?, fields::mapping::ID, "mapping")?,
                of::LOCATION => whole.locations.add(field.bytes()?, fields::location::ID, "location")?,
                of::FUNCTION => whole.functions.add(field.bytes()?, fields::function::ID, "function")?,
                of::STRING_TABLE => whole.texts.push(field.bytes()?),
                of::DROP_FRAMES => whole.drop_frames = number(&field)? as i64,
                of::KEEP_FRAMES => whole.keep_frames = number(&field)? as i64,
                of::TIME_NANOS => whole.time_nanos = number(&field)?,
                of::DURATION_NANOS => whole.duration_nanos = number(&field)?,
                of::PERIOD_TYPE => {
                    let inside = whole.period_type.read(field.bytes()?);
                    whole.period_type = inside.map_err(|error| error.inside("period_type"))?;
                }
                of::PERIOD => whole.period = number(&field)?,
                of::COMMENT => numbers(&field, &mut whole.comments)?,
                of::DEFAULT_SAMPLE_TYPE => whole.default_sample_type = number(&field)? as i64,
                of::DOC_URL => whole.doc_url = number(&field)? as i64,
                _ => {}
            }
            Ok(())
        })?;
        match whole.texts.first() {
            Some([]) => Ok(whole),
            _ => Err(PprofError::new(PprofErrorKind::FirstText, "string_table[0]")),
        }
    }

    /// A text by its index.
    pub fn text(&self, index: i64) -> Result<&'a [u8], PprofError> {
        let found = usize::try_from(index).ok().and_then(|index| self.texts.get(index));
        found.copied().ok_or_else(|| no_entry(index, "texts", self.texts.len()))
    }
}

/// The error of a reference that leads nowhere.
#[cold]
pub(super) fn no_entry(reference: i64, of: &'static str, entries: usize) -> PprofError {
    PprofError::new(PprofErrorKind::NoEntry { reference, of, entries }, "")
}

impl ValueType {
    /// What another occurrence of the message makes of it.
    fn read(mut self, bytes: &[u8]) -> Result<ValueType, PprofError> {
        each(bytes, |field| {
            match field.number {
                fields::value_type::TYPE => self.ty = number(&field)? as i64,
                fields::value_type::UNIT => self.unit = number(&field)? as i64,
                _ => {}
            }
            Ok(())
        })?;
        Ok(self)
    }
}

/// The ids of a table, in the order of its entries. An entry's index in the dictionary of OTLP is its place, counted from 1.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// How many there are.
    pub count: usize,
    /// Their places by id, unless the ids are the places, as those of nearly all writers are.
    places: Option<std::collections::HashMap<u64, u32>>,
}

impl Ids {
    fn add(&mut self, entry: &[u8], field_of_id: u32, table: &'static str) -> Result<(), PprofError> {
        let place = || format!("{table}[{}].id", self.count);
        let mut id = 0;
        let read = each(entry, |field| {
            if field.number == field_of_id {
                id = number(&field)?;
            }
            Ok(())
        });
        read.map_err(|error| error.inside(&format!("{table}[{}]", self.count)))?;
        if id == 0 {
            return Err(PprofError::new(PprofErrorKind::NoId, place()));
        }
        let next = self.count as u64 + 1;
        let index = index(next)?;
        if self.places.is_none() && id != next {
            // The ids up to here are the places.
            self.places = Some((1..next).map(|id| (id, id as u32)).collect());
        }
        if let Some(places) = &mut self.places
            && places.insert(id, index as u32).is_some()
        {
            return Err(PprofError::new(PprofErrorKind::DuplicateId(id), place()));
        }
        self.count += 1;
        Ok(())
    }

    /// The index in the dictionary of the entry with this id; 0, which stands for nothing, is 0.
    pub fn index(&self, id: u64, of: &'static str) -> Result<i32, PprofError> {
        let found = match &self.places {
            _ if id == 0 => Some(0),
            None => (id <= self.count as u64).then_some(id as i32),
            Some(places) => places.get(&id).map(|place| *place as i32),
        };
        found.ok_or_else(|| no_entry(id as i64, of, self.count))
    }
}

/// A number as an index of OTLP.
pub(super) fn index(number: u64) -> Result<i32, PprofError> {
    i32::try_from(number).map_err(|_| PprofError::new(PprofErrorKind::TooMany, ""))
}
