//! [`Writer`]: one pprof file of profiles whose samples line up.
//!
//! INVARIANT: an entry's id is its index in the dictionary of OTLP, which is never 0 for what is there. What many samples,
//! locations or mappings refer to is read and encoded once, so that the work is a multiple of the input and the output; and
//! what a file takes depends on what it refers to, not on the size of the dictionary.

use std::collections::{BTreeSet, HashMap};

use super::dictionary::{check_room, put_number};
use super::error::{PprofError, PprofErrorKind};
use super::from_otlp::{LeftOut, Origin};
use super::otlp::{Common, Profile, Sample, Samples, ValueType};
use super::read::{each, no_entry};
use super::tables::{Attribute, Tables, entry, index, indices};
use super::{fields as to, names};
use crate::any::AnyRef;
use crate::json::put_f64;
use crate::wire::fields::{function, line, link, location, mapping, stack};
use crate::wire::{begin_len, end_len, put_len_field, put_varint};

/// A file that is being written.
pub(super) struct Writer<'t, 'a, 'l> {
    tables: &'t Tables<'a>,
    left_out: &'l mut LeftOut,
    /// How many bytes it may have, and what the limit was for all.
    room: usize,
    limit: usize,
    out: Vec<u8>,
    /// The string table, and where each text is in it: by its bytes, and by where these lie.
    strings: Vec<Text<'a>>,
    texts: HashMap<Text<'a>, u64>,
    places: HashMap<(usize, usize), u64>,
    /// The second empty text, for labels: the first one says that a label is none.
    empty: Option<u64>,
    /// What was read of the dictionary, by index: attributes, the labels that some of them are, the locations of stacks, and the
    /// labels of links.
    attributes: HashMap<i32, Attribute<'a>>,
    labels: HashMap<i32, Label>,
    stacks: HashMap<i32, Vec<u8>>,
    links: HashMap<i32, Vec<u8>>,
    /// What is referred to.
    locations: BTreeSet<usize>,
    mappings: BTreeSet<usize>,
    functions: BTreeSet<usize>,
}

/// A label as it is written, and what it does not hold of its attribute.
struct Label {
    encoded: Vec<u8>,
    left_out: Option<&'static str>,
}

/// A text of the message, or one that was made of a number.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Text<'a> {
    There(&'a [u8]),
    Made(Vec<u8>),
}

impl Text<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Text::There(bytes) => bytes,
            Text::Made(bytes) => bytes,
        }
    }
}

impl<'t, 'a, 'l> Writer<'t, 'a, 'l> {
    pub fn new(tables: &'t Tables<'a>, left_out: &'l mut LeftOut, room: usize, limit: usize) -> Writer<'t, 'a, 'l> {
        Writer {
            tables,
            left_out,
            room,
            limit,
            out: Vec::new(),
            strings: vec![Text::There(&[])],
            texts: HashMap::new(),
            places: HashMap::new(),
            empty: None,
            attributes: HashMap::new(),
            labels: HashMap::new(),
            stacks: HashMap::new(),
            links: HashMap::new(),
            locations: BTreeSet::new(),
            mappings: BTreeSet::new(),
            functions: BTreeSet::new(),
        }
    }

    /// The file. `all` says that the tables belong to it alone: what nothing refers to is kept.
    pub fn write(mut self, profiles: &[Profile<'a>], origin: &Origin<'a>, all: bool) -> Result<Vec<u8>, PprofError> {
        let is_untyped = origin.is_untyped(profiles);
        let profiles = origin.ordered(profiles);
        let Some(first) = profiles.first() else { return Ok(self.out) };
        if !is_untyped {
            for profile in &profiles {
                let at = |error: PprofError| error.inside(&format!("profiles[{}].sampleType", profile.place));
                self.value_type(to::profile::SAMPLE_TYPE, profile.sample_type).map_err(at)?;
            }
        }
        self.samples(&profiles, is_untyped)?;
        self.entries(all)?;
        let at = |error: PprofError| error.inside(&format!("profiles[{}]", first.place));
        self.scalars(&first.common, origin).map_err(at)?;
        for text in &self.strings {
            put_len_field(&mut self.out, to::profile::STRING_TABLE, text.bytes());
        }
        self.check()?;
        Ok(self.out)
    }

    fn check(&self) -> Result<(), PprofError> {
        let is_within = check_room(self.out.len(), self.room);
        is_within.map_err(|_| PprofError::new(PprofErrorKind::TooLarge { limit: self.limit }, ""))
    }

    /// Where a text of the dictionary is in the string table.
    fn text(&mut self, index: i32) -> Result<u64, PprofError> {
        let text = self.tables.text(index)?;
        Ok(self.there(text))
    }

    /// Where a text of the message is in the string table. One that lies in one place is looked at once.
    fn there(&mut self, text: &'a [u8]) -> u64 {
        let place = (text.as_ptr() as usize, text.len());
        if let Some(found) = self.places.get(&place) {
            return *found;
        }
        let index = self.string(Text::There(text));
        self.places.insert(place, index);
        index
    }

    /// An attribute by its index.
    fn attribute(&mut self, index: i32) -> Result<Attribute<'a>, PprofError> {
        if let Some(known) = self.attributes.get(&index) {
            return Ok(*known);
        }
        let attribute = self.tables.attribute(index)?;
        self.attributes.insert(index, attribute);
        Ok(attribute)
    }

    fn string(&mut self, text: Text<'a>) -> u64 {
        if text.bytes().is_empty() {
            return 0;
        }
        if let Some(found) = self.texts.get(&text) {
            return *found;
        }
        let index = self.strings.len() as u64;
        self.strings.push(text.clone());
        self.texts.insert(text, index);
        index
    }

    /// The text of a label, which has another index than one that is not there.
    fn label_text(&mut self, text: Text<'a>) -> u64 {
        match text {
            Text::There(text) if !text.is_empty() => return self.there(text),
            Text::Made(_) => return self.string(text),
            Text::There(_) => {}
        }
        let strings = &mut self.strings;
        *self.empty.get_or_insert_with(|| {
            strings.push(Text::There(&[]));
            strings.len() as u64 - 1
        })
    }

    fn value_type(&mut self, field: u32, ty: ValueType) -> Result<(), PprofError> {
        let name = self.text(ty.ty).map_err(|error| error.inside("typeStrindex"))?;
        let unit = self.text(ty.unit).map_err(|error| error.inside("unitStrindex"))?;
        let mark = begin_len(&mut self.out, field, 4);
        put_number(&mut self.out, to::value_type::TYPE, name);
        put_number(&mut self.out, to::value_type::UNIT, unit);
        end_len(&mut self.out, mark);
        Ok(())
    }

    fn samples(&mut self, profiles: &[&Profile<'a>], is_untyped: bool) -> Result<(), PprofError> {
        let mut all: Vec<Samples<'a>> = profiles.iter().map(|profile| profile.samples()).collect();
        let count = profiles.first().map_or(0, |profile| profile.samples);
        let (mut sample, mut values) = (Sample::default(), Vec::with_capacity(profiles.len()));
        for place in 0..count {
            values.clear();
            for (samples, profile) in all.iter_mut().zip(profiles) {
                let at = |error: PprofError| error.inside(&format!("profiles[{}].samples[{place}]", profile.place));
                let Some(next) = samples.next() else { break };
                sample.read(next.map_err(at)?).map_err(at)?;
                values.push(sample.total);
                self.left_out.add("timestamps", sample.times as u64);
            }
            let profile = profiles.last().map_or(0, |profile| profile.place);
            // What is the same in all of them is taken from the last.
            let values = if is_untyped { &[][..] } else { &values };
            let written = self.sample(&sample, values);
            written.map_err(|error| error.inside(&format!("profiles[{profile}].samples[{place}]")))?;
            self.check()?;
        }
        Ok(())
    }

    fn sample(&mut self, sample: &Sample, values: &[i64]) -> Result<(), PprofError> {
        let mark = begin_len(&mut self.out, to::profile::SAMPLE, 64);
        self.stack(sample.stack).map_err(|error| error.inside("stackIndex"))?;
        if !values.is_empty() {
            let packed = begin_len(&mut self.out, to::sample::VALUE, values.len());
            values.iter().for_each(|value| put_varint(&mut self.out, *value as u64));
            end_len(&mut self.out, packed);
        }
        for (place, index) in sample.attributes.iter().enumerate() {
            self.label(*index).map_err(|error| error.inside(&format!("attributeIndices[{place}]")))?;
        }
        self.link(sample.link).map_err(|error| error.inside("linkIndex"))?;
        end_len(&mut self.out, mark);
        Ok(())
    }

    /// The locations of a stack.
    fn stack(&mut self, index: i32) -> Result<(), PprofError> {
        if !self.stacks.contains_key(&index) {
            let encoded = self.read_stack(index)?;
            self.stacks.insert(index, encoded);
        }
        let ids = self.stacks.get(&index).filter(|ids| !ids.is_empty());
        ids.into_iter().for_each(|ids| put_len_field(&mut self.out, to::sample::LOCATION_ID, ids));
        Ok(())
    }

    /// The ids of a stack's locations, packed.
    fn read_stack(&mut self, index: i32) -> Result<Vec<u8>, PprofError> {
        let bytes = self.tables.stack(index)?;
        let mut found = Vec::new();
        each(bytes, |field| {
            if field.number == stack::LOCATION_INDICES {
                indices(&field, &mut found)?;
            }
            Ok(())
        })?;
        let entries = self.tables.locations.len();
        let mut encoded = Vec::with_capacity(found.len());
        for index in found {
            let place = usize::try_from(index).ok().filter(|place| (1..entries).contains(place));
            self.locations.insert(place.ok_or_else(|| no_entry(i64::from(index), "locations", entries))?);
            put_varint(&mut encoded, index as u64);
        }
        Ok(encoded)
    }

    /// The label that an attribute of a sample is.
    fn label(&mut self, index: i32) -> Result<(), PprofError> {
        if !self.labels.contains_key(&index) {
            let attribute = self.attribute(index)?;
            let label = self.read_label(attribute);
            self.labels.insert(index, label);
        }
        if let Some(label) = self.labels.get(&index) {
            self.out.extend_from_slice(&label.encoded);
            label.left_out.into_iter().for_each(|what| self.left_out.add(what, 1));
        }
        Ok(())
    }

    fn read_label(&mut self, Attribute { key, value, unit }: Attribute<'a>) -> Label {
        let text = match value {
            AnyRef::Text(text) => Text::There(text),
            AnyRef::Bool(true) => Text::There(b"true"),
            AnyRef::Bool(false) => Text::There(b"false"),
            AnyRef::Double(number) => {
                let mut text = Vec::new();
                put_f64(&mut text, number);
                // What is no number is a text in JSON.
                Text::Made(text.into_iter().filter(|byte| *byte != b'"').collect())
            }
            AnyRef::Int(number) => {
                let (key, unit) = (self.there(key), self.there(unit));
                let mut encoded = Vec::new();
                let mark = begin_len(&mut encoded, to::sample::LABEL, 8);
                put_number(&mut encoded, to::label::KEY, key);
                put_number(&mut encoded, to::label::NUM, number as u64);
                put_number(&mut encoded, to::label::NUM_UNIT, unit);
                end_len(&mut encoded, mark);
                return Label { encoded, left_out: None };
            }
            AnyRef::Empty | AnyRef::Bytes(_) | AnyRef::List(_) | AnyRef::Map(_) => {
                let left_out = Some("attributes of samples that are no text and no number");
                return Label { encoded: Vec::new(), left_out };
            }
        };
        let left_out = (!unit.is_empty()).then_some("units of texts");
        Label { encoded: self.text_label(key, text), left_out }
    }

    fn text_label(&mut self, key: &'a [u8], text: Text<'a>) -> Vec<u8> {
        let (key, text) = (self.there(key), self.label_text(text));
        let mut encoded = Vec::new();
        let mark = begin_len(&mut encoded, to::sample::LABEL, 8);
        put_number(&mut encoded, to::label::KEY, key);
        put_number(&mut encoded, to::label::STR, text);
        end_len(&mut encoded, mark);
        encoded
    }

    /// Two labels for a link.
    fn link(&mut self, index: i32) -> Result<(), PprofError> {
        if !self.links.contains_key(&index) {
            let encoded = self.read_link(index)?;
            self.links.insert(index, encoded);
        }
        self.links.get(&index).into_iter().for_each(|labels| self.out.extend_from_slice(labels));
        Ok(())
    }

    fn read_link(&mut self, index: i32) -> Result<Vec<u8>, PprofError> {
        let bytes = self.tables.link(index)?;
        let mut encoded = Vec::new();
        each(bytes, |field| {
            let name = match field.number {
                link::TRACE_ID => names::TRACE_ID,
                link::SPAN_ID => names::SPAN_ID,
                _ => return Ok(()),
            };
            let id = field.bytes()?;
            if id.iter().any(|byte| *byte != 0) {
                let digits = id.iter().flat_map(|byte| [byte >> 4, byte & 15]);
                let hex = digits.map(|digit| b"0123456789abcdef"[usize::from(digit)]).collect();
                encoded.extend(self.text_label(name, Text::Made(hex)));
            }
            Ok(())
        })?;
        Ok(encoded)
    }

    /// Mappings, locations and functions: all of them, or those that are referred to.
    fn entries(&mut self, all: bool) -> Result<(), PprofError> {
        let tables = self.tables;
        if all {
            let every = |table: &[&[u8]]| (1..table.len()).collect();
            self.locations = every(&tables.locations);
            self.mappings = every(&tables.mappings);
            self.functions = every(&tables.functions);
        }
        // Locations are looked at first: they say which of the others are referred to, which stand before and behind them.
        let before = std::mem::take(&mut self.out);
        for place in std::mem::take(&mut self.locations) {
            let done = self.location(place, tables.locations[place]);
            done.map_err(|error| in_table(error, "locationTable", place))?;
            self.check()?;
        }
        let locations = std::mem::replace(&mut self.out, before);
        for place in std::mem::take(&mut self.mappings) {
            let done = self.mapping(place, tables.mappings[place]);
            done.map_err(|error| in_table(error, "mappingTable", place))?;
            self.check()?;
        }
        self.out.extend_from_slice(&locations);
        for place in std::mem::take(&mut self.functions) {
            let done = self.function(place, tables.functions[place]);
            done.map_err(|error| in_table(error, "functionTable", place))?;
            self.check()?;
        }
        Ok(())
    }

    fn location(&mut self, id: usize, bytes: &'a [u8]) -> Result<(), PprofError> {
        let tables = self.tables;
        let (mut of_mapping, mut address) = (0, 0);
        let (mut attributes, mut lines) = (Vec::new(), Vec::new());
        each(bytes, |field| {
            match field.number {
                location::MAPPING_INDEX => {
                    of_mapping = index(&field)?;
                    let found = entry(&tables.mappings, of_mapping, "mappings");
                    found.map_err(|error| error.inside("mappingIndex"))?;
                }
                location::ADDRESS => address = field.varint()?,
                location::LINES => lines.push(field.bytes()?),
                location::ATTRIBUTE_INDICES => indices(&field, &mut attributes)?,
                _ => {}
            }
            Ok(())
        })?;
        refer(&mut self.mappings, of_mapping);
        let mark = begin_len(&mut self.out, to::profile::LOCATION, bytes.len() + 2);
        put_number(&mut self.out, to::location::ID, id as u64);
        put_number(&mut self.out, to::location::MAPPING_ID, of_mapping as u64);
        put_number(&mut self.out, to::location::ADDRESS, address);
        for (place, line) in lines.into_iter().enumerate() {
            self.line(line).map_err(|error| error.inside(&format!("lines[{place}]")))?;
        }
        let mut is_folded = false;
        for index in attributes {
            match self.attribute(index)? {
                Attribute { key: names::IS_FOLDED, value: AnyRef::Bool(flag), .. } => is_folded = flag,
                _ => self.left_out.add("attributes of locations", 1),
            }
        }
        put_number(&mut self.out, to::location::IS_FOLDED, u64::from(is_folded));
        end_len(&mut self.out, mark);
        Ok(())
    }

    fn line(&mut self, bytes: &[u8]) -> Result<(), PprofError> {
        let (mut of, mut at, mut column) = (0, 0, 0);
        each(bytes, |field| {
            match field.number {
                line::FUNCTION_INDEX => of = index(&field)?,
                line::LINE => at = field.varint()?,
                line::COLUMN => column = field.varint()?,
                _ => {}
            }
            Ok(())
        })?;
        if of == 0 {
            // Readers of pprof take no line without one.
            self.left_out.add("lines without a function", 1);
            return Ok(());
        }
        entry(&self.tables.functions, of, "functions").map_err(|error| error.inside("functionIndex"))?;
        refer(&mut self.functions, of);
        let mark = begin_len(&mut self.out, to::location::LINE, 8);
        put_number(&mut self.out, to::line::FUNCTION_ID, of as u64);
        put_number(&mut self.out, to::line::LINE, at);
        put_number(&mut self.out, to::line::COLUMN, column);
        end_len(&mut self.out, mark);
        Ok(())
    }

    fn mapping(&mut self, id: usize, bytes: &'a [u8]) -> Result<(), PprofError> {
        let (mut start, mut limit, mut offset, mut filename) = (0, 0, 0, 0);
        let mut attributes = Vec::new();
        each(bytes, |field| {
            match field.number {
                mapping::MEMORY_START => start = field.varint()?,
                mapping::MEMORY_LIMIT => limit = field.varint()?,
                mapping::FILE_OFFSET => offset = field.varint()?,
                mapping::FILENAME_STRINDEX => filename = index(&field)?,
                mapping::ATTRIBUTE_INDICES => indices(&field, &mut attributes)?,
                _ => {}
            }
            Ok(())
        })?;
        let filename = self.text(filename).map_err(|error| error.inside("filenameStrindex"))?;
        let mark = begin_len(&mut self.out, to::profile::MAPPING, bytes.len() + 2);
        put_number(&mut self.out, to::mapping::ID, id as u64);
        put_number(&mut self.out, to::mapping::MEMORY_START, start);
        put_number(&mut self.out, to::mapping::MEMORY_LIMIT, limit);
        put_number(&mut self.out, to::mapping::FILE_OFFSET, offset);
        put_number(&mut self.out, to::mapping::FILENAME, filename);
        for index in attributes {
            let Attribute { key, value, .. } = self.attribute(index)?;
            let (field, value) = match (key, value) {
                (names::BUILD_ID, AnyRef::Text(id)) => (to::mapping::BUILD_ID, self.there(id)),
                (names::HAS_FUNCTIONS, AnyRef::Bool(flag)) => (to::mapping::HAS_FUNCTIONS, u64::from(flag)),
                (names::HAS_FILENAMES, AnyRef::Bool(flag)) => (to::mapping::HAS_FILENAMES, u64::from(flag)),
                (names::HAS_LINE_NUMBERS, AnyRef::Bool(flag)) => (to::mapping::HAS_LINE_NUMBERS, u64::from(flag)),
                (names::HAS_INLINE_FRAMES, AnyRef::Bool(flag)) => (to::mapping::HAS_INLINE_FRAMES, u64::from(flag)),
                _ => {
                    self.left_out.add("attributes of mappings", 1);
                    continue;
                }
            };
            put_number(&mut self.out, field, value);
        }
        end_len(&mut self.out, mark);
        Ok(())
    }

    fn function(&mut self, id: usize, bytes: &'a [u8]) -> Result<(), PprofError> {
        let (mut name, mut system_name, mut filename, mut start_line) = (0, 0, 0, 0);
        each(bytes, |field| {
            match field.number {
                function::NAME_STRINDEX => name = index(&field)?,
                function::SYSTEM_NAME_STRINDEX => system_name = index(&field)?,
                function::FILENAME_STRINDEX => filename = index(&field)?,
                function::START_LINE => start_line = field.varint()?,
                _ => {}
            }
            Ok(())
        })?;
        let name = self.text(name).map_err(|error| error.inside("nameStrindex"))?;
        let system_name = self.text(system_name).map_err(|error| error.inside("systemNameStrindex"))?;
        let filename = self.text(filename).map_err(|error| error.inside("filenameStrindex"))?;
        let mark = begin_len(&mut self.out, to::profile::FUNCTION, bytes.len() + 2);
        put_number(&mut self.out, to::function::ID, id as u64);
        put_number(&mut self.out, to::function::NAME, name);
        put_number(&mut self.out, to::function::SYSTEM_NAME, system_name);
        put_number(&mut self.out, to::function::FILENAME, filename);
        put_number(&mut self.out, to::function::START_LINE, start_line);
        end_len(&mut self.out, mark);
        Ok(())
    }

    /// Everything that a file has once, but for its string table.
    fn scalars(&mut self, common: &Common, origin: &Origin<'a>) -> Result<(), PprofError> {
        use to::profile as of;
        let mut comments = Comments::default();
        for index in &common.attributes {
            let Attribute { key, value, .. } = self.attribute(*index)?;
            let (field, text) = match (key, value) {
                (names::DROP_FRAMES, AnyRef::Text(text)) => (of::DROP_FRAMES, text),
                (names::KEEP_FRAMES, AnyRef::Text(text)) => (of::KEEP_FRAMES, text),
                (names::DOC_URL, AnyRef::Text(text)) => (of::DOC_URL, text),
                _ => {
                    if !comments.take(key, value, self.tables)? {
                        self.left_out.add("attributes of profiles", 1);
                    }
                    continue;
                }
            };
            let text = self.there(text);
            put_number(&mut self.out, field, text);
        }
        put_number(&mut self.out, of::TIME_NANOS, common.time);
        put_number(&mut self.out, of::DURATION_NANOS, common.duration);
        if common.period_type != ValueType::default() {
            self.value_type(of::PERIOD_TYPE, common.period_type).map_err(|error| error.inside("periodType"))?;
        }
        put_number(&mut self.out, of::PERIOD, common.period);
        let comments: Vec<u64> = comments.ordered().map(|text| self.there(text)).collect();
        if !comments.is_empty() {
            let packed = begin_len(&mut self.out, of::COMMENT, comments.len());
            comments.iter().for_each(|comment| put_varint(&mut self.out, *comment));
            end_len(&mut self.out, packed);
        }
        let default = self.there(origin.default_sample_type);
        put_number(&mut self.out, of::DEFAULT_SAMPLE_TYPE, default);
        Ok(())
    }
}

/// Notes that an entry is referred to, unless it stands for nothing.
fn refer(used: &mut BTreeSet<usize>, index: i32) {
    used.extend(usize::try_from(index).ok().filter(|place| *place > 0));
}

/// An error of an entry of a table.
fn in_table(error: PprofError, table: &str, place: usize) -> PprofError {
    error.inside(&format!("dictionary.{table}[{place}]"))
}

/// The comments of a profile: those of a list, and those of attributes that have numbers.
#[derive(Default)]
struct Comments<'a> {
    listed: Vec<&'a [u8]>,
    numbered: Vec<(u64, &'a [u8])>,
}

impl<'a> Comments<'a> {
    /// Whether an attribute is one, or several.
    fn take(&mut self, key: &[u8], value: AnyRef<'a>, tables: &Tables<'a>) -> Result<bool, PprofError> {
        if key == names::COMMENT {
            let mut texts = Vec::new();
            for element in tables.elements(value)? {
                let AnyRef::Text(text) = element else { return Ok(false) };
                texts.push(text);
            }
            self.listed.append(&mut texts);
            return Ok(true);
        }
        let number = key.strip_prefix(names::COMMENT).and_then(|rest| rest.strip_prefix(b"."));
        let number = number.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| digits.parse().ok());
        match (number, value) {
            (Some(number), AnyRef::Text(text)) => {
                self.numbered.push((number, text));
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn ordered(mut self) -> impl Iterator<Item = &'a [u8]> {
        self.numbered.sort_by_key(|(number, _)| *number);
        self.listed.into_iter().chain(self.numbered.into_iter().map(|(_, text)| text))
    }
}
