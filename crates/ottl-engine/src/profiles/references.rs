//! References into the dictionary in the attributes of resources and scopes: keys and texts that are indices of its texts.
//!
//! Rules see what they refer to: a message that has them is run with the texts in their place, and gets them back in the
//! result, as the reference writes it.
//! COMPAT: a key that stands there as well wins over its reference; references that lead nowhere stay.

use ottl_core::EvalError;
use ottl_otlp::schema::MessageId;
use ottl_otlp::schema::topology::{self, groups};
use ottl_otlp::wire::fields::{any_value, array_value, key_value, key_value_list};
use ottl_otlp::wire::{Field, Payload, Reader, begin_len, end_len, put_len_field, put_varint_field};

use super::Dictionary;

/// How deep values are looked into: as deep as the reference reads messages.
const MOST_LEVELS: u32 = 100;

/// A message with the texts in place of the references to them; nothing if it has none.
///
/// # Errors
/// Damage of what is looked into.
pub(crate) fn resolved(message: &[u8]) -> Result<Option<Vec<u8>>, EvalError> {
    let mut search = Rewrite { way: Way::Find(false), out: Vec::new() };
    search.message(message, Level::Message, 0)?;
    if !matches!(search.way, Way::Find(true)) {
        return Ok(None);
    }
    let mut dictionary = Dictionary::default();
    dictionary.load(message)?;
    let way = Way::Resolve { dictionary: &dictionary, message };
    let mut rewrite = Rewrite { way, out: Vec::with_capacity(message.len()) };
    rewrite.message(message, Level::Message, 0)?;
    Ok(Some(rewrite.out))
}

/// Puts references to the dictionary in place of the texts, in a message that begins here in `out` and ends with it.
///
/// # Errors
/// Damage of what is looked into, or [`ottl_core::ErrorKind::Budget`]: more than so many bytes would be added.
pub(crate) fn refer(base: usize, out: &mut Vec<u8>, room: usize) -> Result<(), EvalError> {
    let message = out.split_off(base);
    let mut dictionary = Dictionary::default();
    dictionary.begin(room);
    dictionary.load(&message)?;
    add_texts(&mut dictionary, &message, (&message, Level::Message), 0)?;
    let way = Way::Refer { dictionary: &mut dictionary, message: &message };
    let mut rewrite = Rewrite { way, out: std::mem::take(out) };
    let result = rewrite.message(&message, Level::Message, 0);
    *out = rewrite.out;
    result?;
    dictionary.finish(base, out)
}

/// What is done with keys and texts.
enum Way<'d> {
    /// Whether there is a reference; nothing is written.
    Find(bool),
    Resolve {
        dictionary: &'d Dictionary,
        message: &'d [u8],
    },
    Refer {
        dictionary: &'d mut Dictionary,
        message: &'d [u8],
    },
}

/// The messages on the way to keys and texts.
#[derive(Clone, Copy)]
enum Level {
    Message,
    ResourceGroup,
    Resource,
    ScopeGroup,
    Scope,
    Pair,
    Any,
    Array,
    Pairs,
}

impl Level {
    /// What a field of such a message holds, if it leads on.
    const fn inside(self, number: u32) -> Option<Level> {
        const RESOURCE_ATTRIBUTES: u32 = topology::number(MessageId::Resource, "attributes");
        const SCOPE_ATTRIBUTES: u32 = topology::number(MessageId::InstrumentationScope, "attributes");
        match (self, number) {
            (Level::Message, groups::RESOURCES) => Some(Level::ResourceGroup),
            (Level::ResourceGroup, groups::SUBJECT) => Some(Level::Resource),
            (Level::ResourceGroup, groups::SCOPES) => Some(Level::ScopeGroup),
            (Level::ScopeGroup, groups::SUBJECT) => Some(Level::Scope),
            (Level::Resource, RESOURCE_ATTRIBUTES) | (Level::Scope, SCOPE_ATTRIBUTES) => Some(Level::Pair),
            (Level::Pair, key_value::VALUE) => Some(Level::Any),
            (Level::Any, any_value::ARRAY_VALUE) => Some(Level::Array),
            (Level::Any, any_value::KVLIST_VALUE) => Some(Level::Pairs),
            (Level::Array, array_value::VALUES) => Some(Level::Any),
            (Level::Pairs, key_value_list::VALUES) => Some(Level::Pair),
            _ => None,
        }
    }
}

/// A message on its way into another.
struct Rewrite<'d> {
    way: Way<'d>,
    out: Vec<u8>,
}

impl Rewrite<'_> {
    fn message(&mut self, message: &[u8], level: Level, depth: u32) -> Result<(), EvalError> {
        // Whether a pair has a key of its own decides what its reference is.
        let has_key = matches!(level, Level::Pair) && has_text(message, key_value::KEY)?;
        let mut reader = Reader::new(message);
        while let Some(field) = reader.next_field()? {
            if let (Some(inside), Payload::Bytes(content)) = (level.inside(field.number), field.payload)
                && depth < MOST_LEVELS
            {
                if matches!(self.way, Way::Find(_)) {
                    self.message(content, inside, depth + 1)?;
                } else {
                    let mark = begin_len(&mut self.out, field.number, content.len());
                    self.message(content, inside, depth + 1)?;
                    end_len(&mut self.out, mark);
                }
                continue;
            }
            let is_done = match level {
                Level::Pair => self.text(&field, (key_value::KEY, key_value::KEY_STRINDEX), has_key)?,
                Level::Any => self.text(&field, (any_value::STRING_VALUE, any_value::STRING_VALUE_STRINDEX), false)?,
                _ => false,
            };
            if !is_done && !matches!(self.way, Way::Find(_)) {
                self.out.extend_from_slice(&message[field.start..field.end]);
            }
        }
        Ok(())
    }

    /// A field that may be a text, or a reference to one: whether something else was written in its place.
    fn text(&mut self, field: &Field<'_>, (text, reference): (u32, u32), has_text: bool) -> Result<bool, EvalError> {
        match (&mut self.way, field.payload) {
            (Way::Find(found), Payload::Varint(index)) if field.number == reference => {
                *found |= index != 0 && !has_text;
                Ok(false)
            }
            (Way::Resolve { dictionary, message }, Payload::Varint(index)) if field.number == reference => {
                if has_text || index as i32 <= 0 {
                    return Ok(false);
                }
                let Some(found) = dictionary.read_text(index as i32, message) else { return Ok(false) };
                // A key that is empty is not written; an empty text is.
                if !found.is_empty() || reference != key_value::KEY_STRINDEX {
                    put_len_field(&mut self.out, text, found);
                }
                Ok(true)
            }
            (Way::Refer { dictionary, message }, Payload::Bytes(content))
                if field.number == text && !content.is_empty() =>
            {
                let index = dictionary.put_text(content, message)?;
                put_varint_field(&mut self.out, reference, i64::from(index) as u64);
                Ok(true)
            }
            _ => Ok(false),
        }
    }
}

/// Adds the texts that are to become references, in the order of the fields' numbers: what they get does not depend on the
/// order that a message happens to be written in.
fn add_texts(
    dictionary: &mut Dictionary,
    message: &[u8],
    (content, level): (&[u8], Level),
    depth: u32,
) -> Result<(), EvalError> {
    let text = match level {
        Level::Pair => key_value::KEY,
        Level::Any => any_value::STRING_VALUE,
        _ => 0,
    };
    let mut fields = Vec::new();
    let mut reader = Reader::new(content);
    while let Some(field) = reader.next_field()? {
        if let Payload::Bytes(bytes) = field.payload
            && (field.number == text || level.inside(field.number).is_some())
        {
            fields.push((field.number, bytes));
        }
    }
    fields.sort_by_key(|(number, _)| *number);
    for (number, bytes) in fields {
        match level.inside(number) {
            Some(inside) if depth < MOST_LEVELS => add_texts(dictionary, message, (bytes, inside), depth + 1)?,
            None if !bytes.is_empty() => {
                dictionary.put_text(bytes, message)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Whether a message has a text in this field that is not empty.
fn has_text(message: &[u8], number: u32) -> Result<bool, EvalError> {
    let mut reader = Reader::new(message);
    let mut has = false;
    while let Some(field) = reader.next_field()? {
        if field.number == number {
            has = matches!(field.payload, Payload::Bytes(text) if !text.is_empty());
        }
    }
    Ok(has)
}
