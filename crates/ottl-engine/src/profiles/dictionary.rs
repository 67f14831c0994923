//! [`Dictionary`]: the texts and attributes that the profiles of a message refer to by their place in its tables.
//!
//! It owns nothing of the message but places in it, so that memory which outlives the message can keep it.

use std::collections::HashMap;
use std::ops::Range;

use ottl_core::ops::deep_equal;
use ottl_core::value::decode_any;
use ottl_core::{Arena, ErrorKind, EvalError, Value, over_budget};
use ottl_otlp::Signal;
use ottl_otlp::schema::{MessageId, topology};
use ottl_otlp::wire::fields::{key_value_and_unit, profiles_dictionary};
use ottl_otlp::wire::{Reader, WireType, begin_len, end_len, put_len_field, put_tag, put_varint, put_varint_field};

/// The field of the message that holds the dictionary.
const DICTIONARY: u32 = topology::number(Signal::Profiles.message(), "dictionary");
const _: () = assert!(matches!(Signal::Profiles.message(), MessageId::ProfilesData));

/// The largest index that a table may have.
const MOST_ENTRIES: usize = i32::MAX as usize;

/// Bytes of the message, or bytes that were added.
#[derive(Clone, Debug)]
enum Stored {
    Read(Range<usize>),
    Added(Range<usize>),
}

impl Stored {
    fn bytes<'b>(&self, message: &'b [u8], added: &'b [u8]) -> &'b [u8] {
        match self {
            Stored::Read(range) => &message[range.clone()],
            Stored::Added(range) => &added[range.clone()],
        }
    }
}

/// One attribute: the index of its key, its value, and the index of its unit.
#[derive(Clone, Debug)]
struct Attribute {
    key: i32,
    /// An `AnyValue`.
    value: Stored,
    unit: i32,
}

/// Where texts and attributes are, for those who write; made by the first write.
#[derive(Debug, Default)]
struct Index {
    texts: HashMap<Vec<u8>, i32>,
    /// By key: the attributes without a unit.
    attributes: HashMap<i32, Vec<i32>>,
}

/// The tables of a message, as far as profiles refer to them, with what was added.
#[derive(Debug, Default)]
pub(crate) struct Dictionary {
    is_loaded: bool,
    texts: Vec<Stored>,
    attributes: Vec<Attribute>,
    /// How many of them were read.
    read_texts: usize,
    read_attributes: usize,
    added: Vec<u8>,
    index: Option<Index>,
    /// How many bytes may be added.
    room: usize,
}

impl Dictionary {
    /// That of the next message, to which so many bytes may be added.
    pub fn begin(&mut self, room: usize) {
        *self = Dictionary { room, ..Dictionary::default() };
    }

    /// Reads the tables of the message, unless that was done.
    ///
    /// # Errors
    /// Damage of the tables.
    pub fn load(&mut self, message: &[u8]) -> Result<(), EvalError> {
        if self.is_loaded {
            return Ok(());
        }
        let mut reader = Reader::new(message);
        while let Some(field) = reader.next_field()? {
            if field.number == DICTIONARY {
                self.read(field.bytes()?, field.content_start())?;
            }
        }
        (self.read_texts, self.read_attributes) = (self.texts.len(), self.attributes.len());
        self.is_loaded = true;
        Ok(())
    }

    /// Reads a dictionary that lies here in the message. Repeated ones merge.
    fn read(&mut self, content: &[u8], base: usize) -> Result<(), EvalError> {
        let mut reader = Reader::new(content);
        while let Some(field) = reader.next_field().map_err(|e| e.offset_by(base))? {
            let at = base + field.content_start();
            match field.number {
                profiles_dictionary::STRING_TABLE => {
                    let len = field.bytes()?.len();
                    self.texts.push(Stored::Read(at..at + len));
                }
                profiles_dictionary::ATTRIBUTE_TABLE => {
                    let attribute = attribute(field.bytes()?, at)?;
                    self.attributes.push(attribute);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The text with an index.
    ///
    /// # Errors
    /// There is none, or the arena is full.
    pub fn text<'a>(&self, index: i32, message: &'a [u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
        let stored = usize::try_from(index).ok().and_then(|index| self.texts.get(index));
        self.bytes(stored.ok_or(OUT_OF_TABLE)?, message, arena)
    }

    /// The text of the message with an index; none of those that were added.
    pub fn read_text<'a>(&self, index: i32, message: &'a [u8]) -> Option<&'a [u8]> {
        match self.texts.get(usize::try_from(index).ok()?)? {
            Stored::Read(range) => message.get(range.clone()),
            Stored::Added(_) => None,
        }
    }

    /// The attribute with an index: its key, and its value.
    ///
    /// # Errors
    /// There is none, or its key is none, or its value is damaged.
    pub fn attribute<'a>(
        &self,
        index: i32,
        message: &'a [u8],
        arena: &'a Arena,
    ) -> Result<(&'a [u8], Value<'a>), EvalError> {
        let attribute = usize::try_from(index).ok().and_then(|index| self.attributes.get(index)).ok_or(OUT_OF_TABLE)?;
        let key = self.text(attribute.key, message, arena)?;
        Ok((key, decode_any(self.bytes(&attribute.value, message, arena)?)?))
    }

    /// The index of the key of the attribute with an index.
    pub fn key(&self, index: i32) -> Option<i32> {
        usize::try_from(index).ok().and_then(|index| self.attributes.get(index)).map(|attribute| attribute.key)
    }

    fn bytes<'a>(&self, stored: &Stored, message: &'a [u8], arena: &'a Arena) -> Result<&'a [u8], EvalError> {
        match stored {
            Stored::Read(range) => Ok(&message[range.clone()]),
            Stored::Added(range) => arena.copy(&self.added[range.clone()]).map(|bytes| &*bytes),
        }
    }

    /// The index that a field gets whose text, at the index `now`, is overwritten; nothing if it keeps its own.
    ///
    /// COMPAT: where a text stands twice, the index stays the one that was there.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    pub fn overwrite_text(&mut self, now: i32, text: &[u8], message: &[u8]) -> Result<Option<i32>, EvalError> {
        let current = usize::try_from(now).ok().and_then(|now| self.texts.get(now));
        if now != 0 && current.is_some_and(|current| current.bytes(message, &self.added) == text) {
            return Ok(None);
        }
        self.put_text(text, message).map(Some)
    }

    /// The index of a text, which is added if there is no such text.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    pub fn put_text(&mut self, text: &[u8], message: &[u8]) -> Result<i32, EvalError> {
        if let Some(found) = self.index(message).texts.get(text) {
            return Ok(*found);
        }
        let at = table_index(self.texts.len())?;
        let stored = self.add(text)?;
        self.texts.push(stored);
        self.index(message).texts.insert(text.to_vec(), at);
        Ok(at)
    }

    /// The index of an attribute without a unit, which is added if there is no equal one; and how many were compared.
    ///
    /// COMPAT: a value that does not equal itself, one that holds a NaN, is added each time.
    ///
    /// # Errors
    /// [`ErrorKind::Budget`].
    pub fn put_attribute(
        &mut self,
        key: i32,
        (any, value): (&[u8], &Value<'_>),
        message: &[u8],
    ) -> Result<(i32, usize), EvalError> {
        self.index(message);
        let (read, added) = (&self.attributes, &self.added);
        let candidates =
            self.index.as_ref().and_then(|index| index.attributes.get(&key)).map_or(&[][..], Vec::as_slice);
        let equal = candidates.iter().find(|index| {
            let bytes = read[**index as usize].value.bytes(message, added);
            decode_any(bytes).is_ok_and(|other| deep_equal(&other, value))
        });
        let compared = candidates.len();
        if let Some(found) = equal {
            return Ok((*found, compared));
        }
        let at = table_index(self.attributes.len())?;
        let value = self.add(any)?;
        self.attributes.push(Attribute { key, value, unit: 0 });
        self.index(message).attributes.entry(key).or_default().push(at);
        Ok((at, compared))
    }

    fn add(&mut self, bytes: &[u8]) -> Result<Stored, EvalError> {
        let start = self.added.len();
        // An entry takes room of its own, too.
        if start
            + bytes.len()
            + 64 * (self.texts.len() - self.read_texts + self.attributes.len() - self.read_attributes)
            > self.room
        {
            return Err(over_budget());
        }
        self.added.extend_from_slice(bytes);
        Ok(Stored::Added(start..self.added.len()))
    }

    fn index(&mut self, message: &[u8]) -> &mut Index {
        let (texts, attributes, added) = (&self.texts, &self.attributes, &self.added);
        self.index.get_or_insert_with(|| {
            let mut index = Index::default();
            for (at, stored) in (0..).zip(texts) {
                let text = stored.bytes(message, added);
                // Of equal ones the first counts.
                if !index.texts.contains_key(text) {
                    index.texts.insert(text.to_vec(), at);
                }
            }
            for (at, attribute) in (0..).zip(attributes) {
                if attribute.unit == 0 {
                    index.attributes.entry(attribute.key).or_default().push(at);
                }
            }
            index
        })
    }

    /// Puts what was added into a message, which begins here in `out` and ends with it.
    ///
    /// # Errors
    /// Damage of the message.
    pub fn finish(&self, base: usize, out: &mut Vec<u8>) -> Result<(), EvalError> {
        let mut tables = Vec::new();
        for stored in &self.texts[self.read_texts..] {
            put_len_field(&mut tables, profiles_dictionary::STRING_TABLE, self.of_added(stored));
        }
        for attribute in &self.attributes[self.read_attributes..] {
            let value = self.of_added(&attribute.value);
            let mark = begin_len(&mut tables, profiles_dictionary::ATTRIBUTE_TABLE, value.len() + 12);
            if attribute.key != 0 {
                put_varint_field(&mut tables, key_value_and_unit::KEY_STRINDEX, i64::from(attribute.key) as u64);
            }
            put_len_field(&mut tables, key_value_and_unit::VALUE, value);
            end_len(&mut tables, mark);
        }
        if tables.is_empty() {
            return Ok(());
        }
        let mut last = None;
        let mut reader = Reader::new(&out[base..]);
        while let Some(field) = reader.next_field()? {
            if field.number == DICTIONARY {
                last = Some((base + field.start, base + field.content_start(), base + field.end));
            }
        }
        let Some((start, content, end)) = last else {
            put_len_field(out, DICTIONARY, &tables);
            return Ok(());
        };
        let mut head = Vec::new();
        put_tag(&mut head, DICTIONARY, WireType::Len);
        put_varint(&mut head, (end - content + tables.len()) as u64);
        out.splice(end..end, tables);
        out.splice(start..content, head);
        Ok(())
    }

    fn of_added(&self, stored: &Stored) -> &[u8] {
        match stored {
            Stored::Added(range) => &self.added[range.clone()],
            Stored::Read(_) => &[],
        }
    }
}

/// The text that a write stores.
///
/// # Errors
/// [`ErrorKind::NilWrite`], [`ErrorKind::UnsupportedWrite`]: the value is no text.
pub(crate) fn text(value: Value<'_>) -> Result<&[u8], EvalError> {
    match value {
        Value::Str(text) => Ok(text),
        Value::Nil => Err(ErrorKind::NilWrite.into()),
        other => Err(ErrorKind::UnsupportedWrite { expected: "string", got: other.type_name() }.into()),
    }
}

/// The error of an index that no table has.
const OUT_OF_TABLE: ErrorKind = ErrorKind::WrongRecord("the dictionary has no entry with this index");

fn table_index(len: usize) -> Result<i32, EvalError> {
    if len >= MOST_ENTRIES { Err(over_budget()) } else { Ok(len as i32) }
}

/// An attribute of the table, which lies here in the message.
fn attribute(content: &[u8], base: usize) -> Result<Attribute, EvalError> {
    let mut attribute = Attribute { key: 0, value: Stored::Read(base..base), unit: 0 };
    let mut reader = Reader::new(content);
    while let Some(field) = reader.next_field().map_err(|e| e.offset_by(base))? {
        match field.number {
            key_value_and_unit::KEY_STRINDEX => attribute.key = field.varint()? as i32,
            key_value_and_unit::UNIT_STRINDEX => attribute.unit = field.varint()? as i32,
            key_value_and_unit::VALUE => {
                let len = field.bytes()?.len();
                let at = base + field.content_start();
                attribute.value = Stored::Read(at..at + len);
            }
            _ => {}
        }
    }
    Ok(attribute)
}
