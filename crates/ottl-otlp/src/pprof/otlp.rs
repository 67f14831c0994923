//! Profiles and samples of OTLP, and which profiles are one pprof file.

use std::collections::HashSet;

use super::error::{PprofError, PprofErrorKind};
use super::read::each;
use super::tables::{index, indices};
use crate::wire::fields::{profile, sample, value_type};
use crate::wire::{Field, Payload, Reader, packed_fixed64, packed_varints};

/// A `ValueType`: indices into the dictionary's texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct ValueType {
    pub ty: i32,
    pub unit: i32,
}

impl ValueType {
    fn read(mut self, bytes: &[u8]) -> Result<ValueType, PprofError> {
        each(bytes, |field| {
            match field.number {
                value_type::TYPE_STRINDEX => self.ty = index(&field)?,
                value_type::UNIT_STRINDEX => self.unit = index(&field)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(self)
    }
}

/// What a pprof file has once, whatever its sample types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Common {
    pub time: u64,
    pub duration: u64,
    pub period_type: ValueType,
    pub period: u64,
    pub attributes: Vec<i32>,
}

/// An OTLP profile.
#[derive(Clone, Debug, Default)]
pub(super) struct Profile<'a> {
    pub bytes: &'a [u8],
    /// Its place among the profiles of its scope.
    pub place: usize,
    pub sample_type: ValueType,
    pub samples: usize,
    pub common: Common,
    pub has_id: bool,
    pub dropped_attributes: u64,
    pub has_payload: bool,
}

impl<'a> Profile<'a> {
    pub fn read(bytes: &'a [u8], place: usize) -> Result<Profile<'a>, PprofError> {
        let mut found = Profile { bytes, place, ..Profile::default() };
        let common = &mut found.common;
        each(bytes, |field| {
            match field.number {
                profile::SAMPLE_TYPE => found.sample_type = found.sample_type.read(field.bytes()?)?,
                profile::SAMPLES => {
                    field.bytes()?;
                    found.samples += 1;
                }
                profile::TIME_UNIX_NANO => common.time = field.fixed64()?,
                profile::DURATION_NANO => common.duration = field.varint()?,
                profile::PERIOD_TYPE => common.period_type = common.period_type.read(field.bytes()?)?,
                profile::PERIOD => common.period = field.varint()?,
                profile::PROFILE_ID => found.has_id = field.bytes()?.iter().any(|byte| *byte != 0),
                profile::DROPPED_ATTRIBUTES_COUNT => found.dropped_attributes = u64::from(field.varint()? as u32),
                profile::ORIGINAL_PAYLOAD => found.has_payload = !field.bytes()?.is_empty(),
                profile::ATTRIBUTE_INDICES => indices(&field, &mut common.attributes)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Its samples, in order.
    pub fn samples(&self) -> Samples<'a> {
        Samples { reader: Reader::new(self.bytes) }
    }

    /// Whether the samples of both are the same but for their values.
    fn lines_up(&self, other: &Profile<'a>) -> Result<bool, PprofError> {
        if self.common != other.common || self.samples != other.samples {
            return Ok(false);
        }
        let (mut one, mut another) = (Sample::default(), Sample::default());
        for (place, (left, right)) in self.samples().zip(other.samples()).enumerate() {
            let inside = |error: PprofError| error.inside(&format!("samples[{place}]"));
            one.read(left?).map_err(inside)?;
            another.read(right?).map_err(inside)?;
            if (one.stack, one.link, &one.attributes) != (another.stack, another.link, &another.attributes) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The samples of a profile.
pub(super) struct Samples<'a> {
    reader: Reader<'a>,
}

impl<'a> Iterator for Samples<'a> {
    type Item = Result<&'a [u8], PprofError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.reader.next_field() {
                Ok(Some(field)) if field.number == profile::SAMPLES => return Some(field.bytes().map_err(Into::into)),
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(error) => return Some(Err(error.into())),
            }
        }
    }
}

/// A sample of OTLP.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub stack: i32,
    pub link: i32,
    pub attributes: Vec<i32>,
    /// What was measured, all observations together.
    pub total: i64,
    /// How many times of observations it has.
    pub times: usize,
}

impl Sample {
    /// Reads a sample in the place of the one before.
    pub fn read(&mut self, bytes: &[u8]) -> Result<(), PprofError> {
        self.attributes.clear();
        (self.stack, self.link, self.times) = (0, 0, 0);
        let (mut values, mut total) = (0_usize, Some(0_i64));
        each(bytes, |field| {
            match field.number {
                sample::STACK_INDEX => self.stack = index(&field)?,
                sample::LINK_INDEX => self.link = index(&field)?,
                sample::ATTRIBUTE_INDICES => indices(&field, &mut self.attributes)?,
                sample::VALUES => {
                    let mut add = |value: u64| {
                        values += 1;
                        total = total.and_then(|total| total.checked_add(value as i64));
                    };
                    match field.payload {
                        Payload::Varint(value) => add(value),
                        _ => {
                            for value in packed_varints(field.bytes()?) {
                                add(value.map_err(|error| error.offset_by(field.content_start()))?);
                            }
                        }
                    }
                }
                sample::TIMESTAMPS_UNIX_NANO => self.times += times(&field)?,
                _ => {}
            }
            Ok(())
        })?;
        // Times without values stand for one each.
        self.total = if values == 0 {
            self.times as i64
        } else {
            total.ok_or_else(|| PprofError::new(PprofErrorKind::Overflow, "values"))?
        };
        Ok(())
    }
}

fn times(field: &Field<'_>) -> Result<usize, PprofError> {
    match field.payload {
        Payload::Fixed64(_) => Ok(1),
        _ => Ok(packed_fixed64(field.bytes()?).map_err(|error| error.offset_by(field.content_start()))?.len()),
    }
}

/// The profiles of a scope, those of one file together: ones that follow each other, differ in their sample types and nothing
/// else, and whose samples line up. Where it is known that all are of one file (`are_one`), types may be the same, too.
pub(super) fn files(profiles: Vec<Profile<'_>>, are_one: bool) -> Result<Vec<Vec<Profile<'_>>>, PprofError> {
    let mut files: Vec<Vec<Profile<'_>>> = Vec::new();
    let mut types = HashSet::new();
    for next in profiles {
        if let Some(file) = files.last_mut()
            && let Some(first) = file.first()
            && (are_one || !types.contains(&next.sample_type))
            && first.lines_up(&next).map_err(|error| error.inside(&format!("profiles[{}]", next.place)))?
        {
            types.insert(next.sample_type);
            file.push(next);
            continue;
        }
        types.clear();
        types.insert(next.sample_type);
        files.push(vec![next]);
    }
    Ok(files)
}
