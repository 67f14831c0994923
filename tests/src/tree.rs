//! Messages as trees that are equal exactly when two outputs count as the same.
//!
//! Driven by the message tables, and independent of both engines. Defaults are left out, unknown fields dropped, the
//! order of fields forgotten; lists keep their order unless it is to be ignored.

use std::collections::BTreeMap;

use ottl_otlp::schema::{FieldDef, Kind, MessageId, Presence};
use ottl_otlp::wire::{
    Field, Payload, Reader, WireError, WireErrorKind, WireType, packed_fixed32, packed_fixed64, packed_varints,
    put_fixed32_field, put_fixed64_field, put_len_field, put_varint_field, zigzag_decode,
};

/// A decoded value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tree {
    /// A number that is not a double.
    Number(i64),
    /// The bits of a double; all NaN are one, and so are both zeros.
    Double(u64),
    /// Text, bytes or an id.
    Bytes(Vec<u8>),
    /// A message: field numbers with their values, in order.
    Message(BTreeMap<u32, Vec<Tree>>),
}

impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Tree::Number(n) => write!(f, "{n}"),
            Tree::Double(bits) => write!(f, "{:?}", f64::from_bits(*bits)),
            Tree::Bytes(bytes) => write!(f, "\"{}\"", bytes.escape_ascii()),
            Tree::Message(fields) => {
                f.write_str("{")?;
                for (number, values) in fields {
                    for value in values {
                        write!(f, " {number}:{value:?}")?;
                    }
                }
                f.write_str(" }")
            }
        }
    }
}

/// How deep messages may nest here.
const MAX_DEPTH: usize = 2_000;

/// Decodes a message.
///
/// # Errors
/// Damage anywhere in it, known fields of the wrong wire type included.
pub fn decode(message: MessageId, bytes: &[u8]) -> Result<Tree, WireError> {
    decode_at(message, bytes, 0)
}

fn decode_at(message: MessageId, bytes: &[u8], depth: usize) -> Result<Tree, WireError> {
    if depth > MAX_DEPTH {
        return Err(WireError::new(WireErrorKind::TooDeep, 0));
    }
    let def = message.def();
    let mut fields: BTreeMap<u32, Vec<Tree>> = BTreeMap::new();
    // Occurrences of a singular message merge: their bytes one after the other are the message.
    let mut merged: BTreeMap<u32, (MessageId, Vec<u8>)> = BTreeMap::new();
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field()? {
        let Some(known) = def.field(field.number) else { continue };
        if known.presence == Presence::Oneof {
            for other in def.fields.iter().filter(|f| f.presence == Presence::Oneof) {
                fields.remove(&other.number);
            }
        }
        match (known.kind, known.presence) {
            (Kind::Message(inner), Presence::Implicit | Presence::Always | Presence::Optional) => {
                merged.entry(field.number).or_insert((inner, Vec::new())).1.extend_from_slice(field.bytes()?);
            }
            (Kind::Message(inner), _) => {
                let value = decode_at(inner, field.bytes()?, depth + 1)?;
                put(&mut fields, known, value);
            }
            _ => {
                // The reference starts over at every packed occurrence of a fixed-width list.
                if matches!(field.payload, Payload::Bytes(_)) && known.kind.wire_type() == WireType::Fixed64 {
                    fields.remove(&field.number);
                }
                for value in scalars(known, field.payload).ok_or_else(|| field.wrong_wire_type())? {
                    put(&mut fields, known, value?);
                }
            }
        }
    }
    for (number, (inner, bytes)) in merged {
        let value = decode_at(inner, &bytes, depth + 1)?;
        if value != Tree::Message(BTreeMap::new()) {
            fields.insert(number, vec![value]);
        }
    }
    fields.retain(|number, values| {
        let implicit = def.field(*number).is_some_and(|f| f.presence == Presence::Implicit);
        !(implicit && values.iter().all(is_default))
    });
    // Old messages carry scopes in a deprecated field, which counts where the field of today is empty.
    if let Some(deprecated) = fields.remove(&1000) {
        fields.entry(2).or_insert(deprecated);
    }
    Ok(Tree::Message(fields))
}

fn put(fields: &mut BTreeMap<u32, Vec<Tree>>, field: &FieldDef, value: Tree) {
    let values = fields.entry(field.number).or_default();
    if field.presence != Presence::Repeated {
        values.clear();
    }
    values.push(value);
}

fn is_default(value: &Tree) -> bool {
    match value {
        Tree::Number(n) => *n == 0,
        Tree::Double(bits) => *bits == 0,
        // Ids of zeros are empty ids.
        Tree::Bytes(bytes) => bytes.is_empty(),
        Tree::Message(_) => false,
    }
}

type Scalars<'a> = Box<dyn Iterator<Item = Result<Tree, WireError>> + 'a>;

/// The values of one occurrence of a field; none if its wire type is wrong.
fn scalars<'a>(field: &FieldDef, payload: Payload<'a>) -> Option<Scalars<'a>> {
    let kind = field.kind;
    let one = |tree| -> Option<Scalars<'a>> { Some(Box::new(std::iter::once(Ok(tree)))) };
    match (kind, payload) {
        (Kind::Double, Payload::Fixed64(bits)) => one(double(bits)),
        (Kind::Fixed64 | Kind::Sfixed64, Payload::Fixed64(bits)) => one(Tree::Number(bits as i64)),
        (Kind::Fixed32, Payload::Fixed32(bits)) => one(Tree::Number(i64::from(bits))),
        (Kind::Id(_), Payload::Bytes(id)) if id.iter().all(|b| *b == 0) => one(Tree::Bytes(Vec::new())),
        (Kind::String | Kind::Bytes | Kind::Id(_), Payload::Bytes(bytes)) => one(Tree::Bytes(bytes.to_vec())),
        (
            Kind::Bool | Kind::Int32 | Kind::Sint32 | Kind::Uint32 | Kind::Int64 | Kind::Uint64 | Kind::Enum(_),
            Payload::Varint(v),
        ) => one(varint(kind, v)),
        (_, Payload::Bytes(packed)) if field.presence == Presence::Repeated && kind.packable() => Some(match kind {
            Kind::Double => match packed_fixed64(packed) {
                Ok(values) => Box::new(values.map(|v| Ok(double(v)))),
                Err(error) => Box::new(std::iter::once(Err(error))),
            },
            Kind::Fixed64 | Kind::Sfixed64 => match packed_fixed64(packed) {
                Ok(values) => Box::new(values.map(|v| Ok(Tree::Number(v as i64)))),
                Err(error) => Box::new(std::iter::once(Err(error))),
            },
            Kind::Fixed32 => match packed_fixed32(packed) {
                Ok(values) => Box::new(values.map(|v| Ok(Tree::Number(i64::from(v))))),
                Err(error) => Box::new(std::iter::once(Err(error))),
            },
            _ => Box::new(packed_varints(packed).map(move |v| v.map(|v| varint(kind, v)))),
        }),
        _ => None,
    }
}

fn varint(kind: Kind, v: u64) -> Tree {
    Tree::Number(match kind {
        Kind::Bool => i64::from(v != 0),
        Kind::Int32 | Kind::Enum(_) => i64::from(v as i32),
        Kind::Sint32 => i64::from(zigzag_decode(v & 0xffff_ffff) as i32),
        Kind::Uint32 => i64::from(v as u32),
        _ => v as i64,
    })
}

fn double(bits: u64) -> Tree {
    let value = f64::from_bits(bits);
    Tree::Double(if value.is_nan() {
        f64::NAN.to_bits()
    } else if value == 0.0 {
        0
    } else {
        bits
    })
}

/// The same message with the fields of each message inside it in the order of their numbers; elements of lists keep theirs.
/// Of what is singular only what counts is left: messages are put together if they came in parts, and left out if there is
/// nothing in them, as are empty keys; of numbers, texts and members of a oneof the last one stays. Tags, lengths and varints
/// are as short as they can be. All else stays: unknown fields, those of values only if `strangers` says so, defaults that
/// are written out, and what is packed.
///
/// # Errors
/// Damage, and known messages that are something else.
pub fn in_order(message: MessageId, bytes: &[u8], strangers: bool) -> Result<Vec<u8>, WireError> {
    const KEY: u32 = 1;
    let is_value =
        matches!(message, MessageId::AnyValue | MessageId::ArrayValue | MessageId::KeyValueList | MessageId::KeyValue);
    let def = message.def();
    let mut fields: BTreeMap<u32, Vec<u8>> = BTreeMap::new();
    let mut merged: BTreeMap<u32, (MessageId, Vec<u8>)> = BTreeMap::new();
    let mut reader = Reader::new(bytes);
    while let Some(field) = reader.next_field()? {
        let Some(known) = def.field(field.number) else {
            if strangers || !is_value {
                put_field(fields.entry(field.number).or_default(), &field);
            }
            continue;
        };
        match known.presence {
            Presence::Oneof => {
                for other in def.fields.iter().filter(|f| f.presence == Presence::Oneof) {
                    fields.remove(&other.number);
                }
            }
            Presence::Repeated => {}
            _ => drop(fields.remove(&field.number)),
        }
        match (known.kind, known.presence) {
            (Kind::Message(inner), Presence::Implicit | Presence::Always | Presence::Optional) => {
                merged.entry(field.number).or_insert((inner, Vec::new())).1.extend_from_slice(field.bytes()?);
            }
            (Kind::Message(inner), _) => {
                let content = in_order(inner, field.bytes()?, strangers)?;
                put_len_field(fields.entry(field.number).or_default(), field.number, &content);
            }
            _ if message == MessageId::KeyValue && field.number == KEY && field.bytes()?.is_empty() => {}
            _ => put_field(fields.entry(field.number).or_default(), &field),
        }
    }
    for (number, (inner, parts)) in merged {
        let content = in_order(inner, &parts, strangers)?;
        if !content.is_empty() {
            put_len_field(fields.entry(number).or_default(), number, &content);
        }
    }
    Ok(fields.into_values().flatten().collect())
}

fn put_field(out: &mut Vec<u8>, field: &Field<'_>) {
    match field.payload {
        Payload::Varint(v) => put_varint_field(out, field.number, v),
        Payload::Fixed64(v) => put_fixed64_field(out, field.number, v),
        Payload::Fixed32(v) => put_fixed32_field(out, field.number, v),
        Payload::Bytes(bytes) => put_len_field(out, field.number, bytes),
    }
}

/// Forgets the order of all lists of messages, at every depth.
pub fn sort(tree: &mut Tree) {
    let Tree::Message(fields) = tree else { return };
    for values in fields.values_mut() {
        values.iter_mut().for_each(sort);
        if values.iter().all(|v| matches!(v, Tree::Message(_))) {
            values.sort();
        }
    }
}
