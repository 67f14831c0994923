//! [`to_profiles`]: a pprof file to a message of OTLP profiles.

use std::collections::HashMap;

use super::dictionary::{AttributeValue, Dictionary, check_room, put_index, put_indices, put_number, put_value};
use super::error::{PprofError, PprofErrorKind};
use super::read::{ValueType, Whole, each, no_entry, number, numbers};
use super::{fields, names};
use crate::schema::topology::groups;
use crate::wire::fields::{
    any_value, array_value, function, instrumentation_scope, key_value, line, location, mapping, profile,
    profiles_dictionary as table, sample, value_type,
};
use crate::wire::{begin_len, end_len, put_fixed64_field, put_len_field, put_varint, put_varint_field};

/// Converts a pprof file, which is not compressed, to an OTLP message with a profile for each of its sample types.
///
/// `limit` is how many bytes the message may have at most: each profile repeats the samples with their labels.
///
/// ```
/// use ottl_otlp::{Signal, json, pprof};
///
/// // One sample type, two samples without a stack, a string table.
/// let file = b"\x0a\x04\x08\x01\x10\x02\x12\x03\x12\x01\x07\x12\x03\x12\x01\x05\x32\x00\x32\x03cpu\x32\x02ns";
/// assert!(pprof::is_pprof(file));
/// let message = pprof::to_profiles(file, 1 << 20)?;
/// let files = pprof::from_profiles(&message, 1 << 20)?.files;
/// assert_eq!(files.len(), 1);
/// # Ok::<(), pprof::PprofError>(())
/// ```
///
/// # Errors
/// Damage, a reference that leads nowhere, a message beyond the limit.
pub fn to_profiles(bytes: &[u8], limit: usize) -> Result<Vec<u8>, PprofError> {
    let whole = Whole::read(bytes)?;
    let mut making =
        Making { whole, dictionary: Dictionary::new(limit), build_ids: HashMap::new(), labels: HashMap::new() };
    making.tables(bytes)?;
    let samples = making.samples(bytes)?;
    let attributes = making.profile_attributes()?;

    let mut out = Vec::new();
    let resource = begin_len(&mut out, groups::RESOURCES, bytes.len());
    put_len_field(&mut out, groups::SUBJECT, &[]);
    let scope = begin_len(&mut out, groups::SCOPES, bytes.len());
    let subject = begin_len(&mut out, groups::SUBJECT, 64);
    making.scope_attributes(&mut out)?;
    end_len(&mut out, subject);
    // A file without sample types is a profile without one, so that the rest of it is not lost.
    let types = making.whole.sample_types.clone();
    let types = if types.is_empty() { vec![ValueType::default()] } else { types };
    for (nth, ty) in types.into_iter().enumerate() {
        let mark = begin_len(&mut out, groups::RECORDS, bytes.len());
        making.value_type(&mut out, profile::SAMPLE_TYPE, ty).map_err(|e| e.inside(&format!("sample_type[{nth}]")))?;
        samples.put(nth, &mut out, limit)?;
        making.put_scalars(&mut out)?;
        put_indices(&mut out, profile::ATTRIBUTE_INDICES, &attributes);
        end_len(&mut out, mark);
        check_room(out.len(), limit)?;
    }
    put_len_field(&mut out, groups::SCHEMA_URL, names::SCHEMA_URL.as_bytes());
    end_len(&mut out, scope);
    put_len_field(&mut out, groups::SCHEMA_URL, names::SCHEMA_URL.as_bytes());
    end_len(&mut out, resource);
    check_room(out.len() + making.dictionary.len(), limit)?;
    making.dictionary.put(&mut out);
    Ok(out)
}

/// A message that is being made of a file.
///
/// INVARIANT: a text of the file is looked at once, however often it is referred to.
struct Making<'a> {
    whole: Whole<'a>,
    dictionary: Dictionary<'a>,
    /// The attributes that build ids and labels are: key, text, number and unit, as the file refers to them.
    build_ids: HashMap<i64, Option<i32>>,
    labels: HashMap<[i64; 4], i32>,
}

/// What is the same for all values of the samples, and the values.
#[derive(Default)]
struct Samples {
    /// By sample: its stack, and where its attributes end.
    samples: Vec<(i32, usize)>,
    attributes: Vec<i32>,
    /// By sample, then by type.
    values: Vec<u64>,
}

impl Samples {
    /// Appends the samples with their values of one type.
    fn put(&self, nth: usize, out: &mut Vec<u8>, limit: usize) -> Result<(), PprofError> {
        let types = self.values.len().checked_div(self.samples.len()).unwrap_or(0);
        let mut start = 0;
        for (place, (stack, end)) in self.samples.iter().enumerate() {
            let mark = begin_len(out, profile::SAMPLES, 16);
            put_index(out, sample::STACK_INDEX, *stack);
            put_indices(out, sample::ATTRIBUTE_INDICES, &self.attributes[start..*end]);
            if let Some(value) = self.values.get(place * types + nth).filter(|_| nth < types) {
                let packed = begin_len(out, sample::VALUES, 1);
                put_varint(out, *value);
                end_len(out, packed);
            }
            end_len(out, mark);
            start = *end;
            check_room(out.len(), limit)?;
        }
        Ok(())
    }
}

impl<'a> Making<'a> {
    /// The index in the dictionary of a text of the file.
    fn text(&mut self, index: i64) -> Result<i32, PprofError> {
        let text = self.whole.text(index)?;
        self.dictionary.text(text)
    }

    /// The index in the dictionary of the attribute that a build id is, unless it is empty.
    fn build_id(&mut self, index: i64) -> Result<Option<i32>, PprofError> {
        if let Some(found) = self.build_ids.get(&index) {
            return Ok(*found);
        }
        let attribute = match self.whole.text(index)? {
            [] => None,
            id => Some(self.dictionary.attribute(names::BUILD_ID, AttributeValue::Text(id), b"")?),
        };
        self.build_ids.insert(index, attribute);
        Ok(attribute)
    }

    fn value_type(&mut self, out: &mut Vec<u8>, field: u32, ty: ValueType) -> Result<(), PprofError> {
        let name = self.text(ty.ty).map_err(|error| error.inside("type"))?;
        let unit = self.text(ty.unit).map_err(|error| error.inside("unit"))?;
        let mark = begin_len(out, field, 4);
        put_index(out, value_type::TYPE_STRINDEX, name);
        put_index(out, value_type::UNIT_STRINDEX, unit);
        end_len(out, mark);
        Ok(())
    }

    fn put_scalars(&mut self, out: &mut Vec<u8>) -> Result<(), PprofError> {
        if self.whole.time_nanos != 0 {
            put_fixed64_field(out, profile::TIME_UNIX_NANO, self.whole.time_nanos);
        }
        put_number(out, profile::DURATION_NANO, self.whole.duration_nanos);
        let period_type = self.whole.period_type;
        self.value_type(out, profile::PERIOD_TYPE, period_type).map_err(|error| error.inside("period_type"))?;
        put_number(out, profile::PERIOD, self.whole.period);
        Ok(())
    }

    /// Mappings, locations and functions.
    fn tables(&mut self, bytes: &'a [u8]) -> Result<(), PprofError> {
        use fields::profile as of;
        let (mut mappings, mut locations, mut functions) = (0, 0, 0);
        each(bytes, |field| {
            let (done, name, place) = match field.number {
                of::MAPPING => (self.mapping(field.bytes()?), "mapping", &mut mappings),
                of::LOCATION => (self.location(field.bytes()?), "location", &mut locations),
                of::FUNCTION => (self.function(field.bytes()?), "function", &mut functions),
                _ => return Ok(()),
            };
            done.map_err(|error| error.inside(&format!("{name}[{place}]")))?;
            *place += 1;
            self.dictionary.check()
        })
    }

    fn function(&mut self, entry: &[u8]) -> Result<(), PprofError> {
        use fields::function as of;
        let (mut name, mut system_name, mut filename, mut start_line) = (0, 0, 0, 0);
        each(entry, |field| {
            let (to, called) = match field.number {
                of::NAME => (&mut name, "name"),
                of::SYSTEM_NAME => (&mut system_name, "system_name"),
                of::FILENAME => (&mut filename, "filename"),
                of::START_LINE => {
                    start_line = number(&field)?;
                    return Ok(());
                }
                _ => return Ok(()),
            };
            *to = self.text(number(&field)? as i64).map_err(|error| error.inside(called))?;
            Ok(())
        })?;
        let mut out = Vec::with_capacity(entry.len());
        put_index(&mut out, function::NAME_STRINDEX, name);
        put_index(&mut out, function::SYSTEM_NAME_STRINDEX, system_name);
        put_index(&mut out, function::FILENAME_STRINDEX, filename);
        put_number(&mut out, function::START_LINE, start_line);
        put_len_field(&mut self.dictionary.functions, table::FUNCTION_TABLE, &out);
        Ok(())
    }

    fn mapping(&mut self, entry: &[u8]) -> Result<(), PprofError> {
        use fields::mapping as of;
        let (mut start, mut limit, mut offset, mut filename) = (0, 0, 0, 0);
        let mut attributes = Vec::new();
        each(entry, |field| {
            let value = number(&field);
            let flag = match field.number {
                of::MEMORY_START => return set(&mut start, value?),
                of::MEMORY_LIMIT => return set(&mut limit, value?),
                of::FILE_OFFSET => return set(&mut offset, value?),
                of::FILENAME => {
                    let text = self.text(value? as i64);
                    return set(&mut filename, text.map_err(|error| error.inside("filename"))?);
                }
                of::BUILD_ID => {
                    let id = self.build_id(value? as i64).map_err(|error| error.inside("build_id"))?;
                    attributes.extend(id);
                    return Ok(());
                }
                of::HAS_FUNCTIONS => names::HAS_FUNCTIONS,
                of::HAS_FILENAMES => names::HAS_FILENAMES,
                of::HAS_LINE_NUMBERS => names::HAS_LINE_NUMBERS,
                of::HAS_INLINE_FRAMES => names::HAS_INLINE_FRAMES,
                _ => return Ok(()),
            };
            if value? != 0 {
                attributes.push(self.dictionary.attribute(flag, AttributeValue::True, b"")?);
            }
            Ok(())
        })?;
        let mut out = Vec::with_capacity(entry.len());
        put_number(&mut out, mapping::MEMORY_START, start);
        put_number(&mut out, mapping::MEMORY_LIMIT, limit);
        put_number(&mut out, mapping::FILE_OFFSET, offset);
        put_index(&mut out, mapping::FILENAME_STRINDEX, filename);
        put_indices(&mut out, mapping::ATTRIBUTE_INDICES, &attributes);
        put_len_field(&mut self.dictionary.mappings, table::MAPPING_TABLE, &out);
        Ok(())
    }

    fn location(&mut self, entry: &[u8]) -> Result<(), PprofError> {
        use fields::location as of;
        let (mut of_mapping, mut address, mut is_folded) = (0, 0, false);
        let (mut lines, mut count) = (Vec::with_capacity(entry.len()), 0);
        each(entry, |field| {
            match field.number {
                of::MAPPING_ID => {
                    let index = self.whole.mappings.index(number(&field)?, "mappings");
                    of_mapping = index.map_err(|error| error.inside("mapping_id"))?;
                }
                of::ADDRESS => address = number(&field)?,
                of::LINE => {
                    let mark = begin_len(&mut lines, location::LINES, 8);
                    self.line(field.bytes()?, &mut lines).map_err(|error| error.inside(&format!("line[{count}]")))?;
                    end_len(&mut lines, mark);
                    count += 1;
                }
                of::IS_FOLDED => is_folded = number(&field)? != 0,
                _ => {}
            }
            Ok(())
        })?;
        let mut out = Vec::with_capacity(entry.len());
        put_index(&mut out, location::MAPPING_INDEX, of_mapping);
        put_number(&mut out, location::ADDRESS, address);
        out.append(&mut lines);
        if is_folded {
            let folded = self.dictionary.attribute(names::IS_FOLDED, AttributeValue::True, b"")?;
            put_indices(&mut out, location::ATTRIBUTE_INDICES, &[folded]);
        }
        put_len_field(&mut self.dictionary.locations, table::LOCATION_TABLE, &out);
        Ok(())
    }

    fn line(&mut self, entry: &[u8], out: &mut Vec<u8>) -> Result<(), PprofError> {
        use fields::line as of;
        each(entry, |field| {
            match field.number {
                of::FUNCTION_ID => {
                    let index = self.whole.functions.index(number(&field)?, "functions");
                    put_index(out, line::FUNCTION_INDEX, index.map_err(|error| error.inside("function_id"))?);
                }
                of::LINE => put_number(out, line::LINE, number(&field)?),
                of::COLUMN => put_number(out, line::COLUMN, number(&field)?),
                _ => {}
            }
            Ok(())
        })
    }

    fn samples(&mut self, bytes: &'a [u8]) -> Result<Samples, PprofError> {
        let mut samples = Samples::default();
        let mut ids = Vec::new();
        let mut stack = Vec::new();
        each(bytes, |field| {
            if field.number != fields::profile::SAMPLE {
                return Ok(());
            }
            let read = self.sample(field.bytes()?, &mut samples, &mut ids, &mut stack);
            read.map_err(|error| error.inside(&format!("sample[{}]", samples.samples.len())))?;
            samples.samples.push((self.dictionary.stack(&stack)?, samples.attributes.len()));
            Ok(())
        })?;
        Ok(samples)
    }

    fn sample(
        &mut self,
        entry: &'a [u8],
        samples: &mut Samples,
        ids: &mut Vec<u64>,
        stack: &mut Vec<i32>,
    ) -> Result<(), PprofError> {
        use fields::sample as of;
        let first = samples.values.len();
        let mut labels = 0;
        ids.clear();
        stack.clear();
        each(entry, |field| {
            match field.number {
                of::LOCATION_ID => numbers(&field, ids)?,
                of::VALUE => numbers(&field, &mut samples.values)?,
                of::LABEL => {
                    let label = self.label(field.bytes()?);
                    samples.attributes.push(label.map_err(|error| error.inside(&format!("label[{labels}]")))?);
                    labels += 1;
                }
                _ => {}
            }
            Ok(())
        })?;
        for (place, id) in ids.iter().enumerate() {
            let index = match id {
                0 => Err(no_entry(0, "locations", self.whole.locations.count)),
                id => self.whole.locations.index(*id, "locations"),
            };
            stack.push(index.map_err(|error| error.inside(&format!("location_id[{place}]")))?);
        }
        let (values, types) = (samples.values.len() - first, self.whole.sample_types.len());
        if values != types {
            return Err(PprofError::new(PprofErrorKind::Values { values, types }, "value"));
        }
        Ok(())
    }

    /// A label as an attribute: a text if it has one, else a number.
    fn label(&mut self, entry: &[u8]) -> Result<i32, PprofError> {
        use fields::label as of;
        let (mut key, mut text, mut num, mut unit) = (0, 0, 0, 0);
        each(entry, |field| {
            match field.number {
                of::KEY => key = number(&field)? as i64,
                of::STR => text = number(&field)? as i64,
                of::NUM => num = number(&field)? as i64,
                of::NUM_UNIT => unit = number(&field)? as i64,
                _ => {}
            }
            Ok(())
        })?;
        let parts = [key, text, num, unit];
        if let Some(found) = self.labels.get(&parts) {
            return Ok(*found);
        }
        let key = self.whole.text(key).map_err(|error| error.inside("key"))?;
        let attribute = if text != 0 {
            let text = self.whole.text(text).map_err(|error| error.inside("str"))?;
            self.dictionary.attribute(key, AttributeValue::Text(text), b"")?
        } else {
            let unit = self.whole.text(unit).map_err(|error| error.inside("num_unit"))?;
            self.dictionary.attribute(key, AttributeValue::Int(num), unit)?
        };
        self.labels.insert(parts, attribute);
        Ok(attribute)
    }

    /// The attributes of each profile.
    fn profile_attributes(&mut self) -> Result<Vec<i32>, PprofError> {
        let mut attributes = Vec::new();
        let Whole { drop_frames, keep_frames, doc_url, .. } = self.whole;
        for (key, index, name) in [
            (names::DROP_FRAMES, drop_frames, "drop_frames"),
            (names::KEEP_FRAMES, keep_frames, "keep_frames"),
            (names::DOC_URL, doc_url, "doc_url"),
        ] {
            let text = self.whole.text(index).map_err(|error| error.inside(name))?;
            if !text.is_empty() {
                attributes.push(self.dictionary.attribute(key, AttributeValue::Text(text), b"")?);
            }
        }
        let mut comments = Vec::with_capacity(self.whole.comments.len());
        for (place, index) in self.whole.comments.iter().enumerate() {
            let text = self.whole.text(*index as i64);
            comments.push(text.map_err(|error| error.inside(&format!("comment[{place}]")))?);
        }
        if !comments.is_empty() {
            attributes.push(self.dictionary.attribute(names::COMMENT, AttributeValue::Texts(&comments), b"")?);
        }
        Ok(attributes)
    }

    /// The attributes of the scope: in which order the sample types stood, and which is the default.
    fn scope_attributes(&self, out: &mut Vec<u8>) -> Result<(), PprofError> {
        let index = self.whole.default_sample_type;
        let default = self.whole.text(index).map_err(|error| error.inside("default_sample_type"))?;
        if !default.is_empty() {
            put_attribute(out, names::DEFAULT_SAMPLE_TYPE, |out| put_value(out, AttributeValue::Text(default)));
        }
        put_attribute(out, names::SAMPLE_TYPE_ORDER, |out| {
            let list = begin_len(out, any_value::ARRAY_VALUE, 64);
            for place in 0..self.whole.sample_types.len() {
                let member = begin_len(out, array_value::VALUES, 2);
                put_varint_field(out, any_value::INT_VALUE, place as u64);
                end_len(out, member);
            }
            end_len(out, list);
        });
        Ok(())
    }
}

fn set<T>(to: &mut T, value: T) -> Result<(), PprofError> {
    *to = value;
    Ok(())
}

fn put_attribute(out: &mut Vec<u8>, key: &[u8], value: impl FnOnce(&mut Vec<u8>)) {
    let pair = begin_len(out, instrumentation_scope::ATTRIBUTES, 64);
    put_len_field(out, key_value::KEY, key);
    let mark = begin_len(out, key_value::VALUE, 8);
    value(out);
    end_len(out, mark);
    end_len(out, pair);
}
