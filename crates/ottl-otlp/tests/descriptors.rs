//! The tables against the descriptors that the protobuf compiler made of the definitions of `opentelemetry-proto`.

use std::collections::BTreeMap;

use ottl_otlp::schema::{FieldDef, Kind, Presence, messages};
use ottl_otlp::wire::{Payload, Reader};

/// The fields of a message of `descriptor.proto`: numbers and texts.
#[derive(Default)]
struct Described<'d> {
    numbers: BTreeMap<u32, u64>,
    bytes: BTreeMap<u32, Vec<&'d [u8]>>,
}

impl<'d> Described<'d> {
    fn read(message: &'d [u8]) -> Self {
        let mut described = Described::default();
        let mut reader = Reader::new(message);
        while let Some(field) = reader.next_field().expect("the compiler's output is sound") {
            match field.payload {
                Payload::Varint(value) => drop(described.numbers.insert(field.number, value)),
                Payload::Bytes(bytes) => described.bytes.entry(field.number).or_default().push(bytes),
                _ => {}
            }
        }
        described
    }

    fn messages(&self, number: u32) -> impl Iterator<Item = Described<'d>> {
        self.bytes.get(&number).into_iter().flatten().map(|bytes| Described::read(bytes))
    }

    fn text(&self, number: u32) -> &'d str {
        let found = self.bytes.get(&number).and_then(|found| found.first()).copied().unwrap_or_default();
        std::str::from_utf8(found).expect("names are text")
    }
}

/// What a field is: its number, names, type and presence, in words.
type Row = (u32, String, String, String, String);

/// Numbers of `descriptor.proto`: fields of `DescriptorProto`.
const NAME: u32 = 1;
const FIELDS: u32 = 2;
const NESTED: u32 = 3;

fn described(field: &Described<'_>) -> Row {
    const TYPES: [&str; 18] = [
        "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "group", "message",
        "bytes", "uint32", "enum", "sfixed32", "sfixed64", "sint32", "sint64",
    ];
    let (label, ty) = (field.numbers[&4], TYPES[field.numbers[&5] as usize - 1]);
    let ty = match ty {
        "message" => own_name(field.text(6).rsplit(".v1.").next().unwrap_or_default()),
        ty => ty.to_owned(),
    };
    let presence = match (label, field.numbers.contains_key(&17), field.numbers.contains_key(&9)) {
        (3, ..) => "repeated",
        (_, true, _) => "optional",
        (_, _, true) => "oneof",
        _ => "one",
    };
    (field.numbers[&3] as u32, field.text(NAME).to_owned(), field.text(10).to_owned(), ty, presence.to_owned())
}

/// The name that a message has in the tables: `Span.Event` is `SpanEvent`; of others the last part is enough.
fn own_name(path: &str) -> String {
    let path = path.rsplit(".v1development.").next().unwrap_or_default().trim_start_matches('.');
    match path.split_once('.') {
        Some(("Span", inner)) => format!("Span{inner}"),
        Some((_, inner)) => inner.to_owned(),
        None => path.to_owned(),
    }
}

fn in_tables(field: &FieldDef) -> Row {
    let ty = match field.kind {
        Kind::Bool => "bool",
        Kind::Int32 => "int32",
        Kind::Sint32 => "sint32",
        Kind::Uint32 => "uint32",
        Kind::Fixed32 => "fixed32",
        Kind::Int64 => "int64",
        Kind::Uint64 => "uint64",
        Kind::Fixed64 => "fixed64",
        Kind::Sfixed64 => "sfixed64",
        Kind::Double => "double",
        Kind::String => "string",
        Kind::Bytes | Kind::Id(_) => "bytes",
        Kind::Enum(_) => "enum",
        Kind::Message(id) => id.def().name,
    };
    let presence = match field.presence {
        Presence::Implicit | Presence::Always => "one",
        Presence::Optional => "optional",
        Presence::Oneof => "oneof",
        Presence::Repeated => "repeated",
    };
    (field.number, field.snake_name.to_owned(), field.name.to_owned(), ty.to_owned(), presence.to_owned())
}

/// The rows of a message and of those inside it, by their names in the tables.
fn collect(message: &Described<'_>, around: &str, rows: &mut BTreeMap<String, Vec<Row>>) {
    let path = format!("{around}{}", message.text(NAME));
    let mut fields: Vec<Row> = message.messages(FIELDS).map(|field| described(&field)).collect();
    fields.sort();
    rows.insert(own_name(&path), fields);
    message.messages(NESTED).for_each(|inner| collect(&inner, &format!("{path}."), rows));
}

#[test]
fn the_tables_are_what_the_definitions_say() {
    let mut rows = BTreeMap::new();
    for file in Described::read(opentelemetry_proto::DESCRIPTORS).messages(1) {
        // Services are in files of their own.
        if !file.text(2).contains("collector") {
            file.messages(4).for_each(|message| collect(&message, "", &mut rows));
        }
    }
    for def in messages() {
        // The number under which old writers sent scopes has no name in the definitions.
        let mut fields: Vec<Row> = def.fields.iter().filter(|field| field.number != 1000).map(in_tables).collect();
        fields.sort();
        assert_eq!(Some(&fields), rows.get(def.name), "{}", def.name);
    }
}
