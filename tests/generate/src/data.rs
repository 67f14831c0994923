//! Random messages, made from the message tables.

use ottl_otlp::schema::{FieldDef, Kind, MessageId, Presence, Signal};

use crate::families::Words;
use crate::vocabulary::{self, FLOATS, INTS, KEYS, NAMES, Slot, TIMES};
use crate::{Choices, Node};

/// Fields of profiles that other signals must not carry.
const DICTIONARY_FIELDS: &[&str] = &["key_strindex", "string_value_strindex"];

/// The field that writers of old used for scopes.
const DEPRECATED: u32 = 1000;

/// A message of a few records; with the words of a family, of more, in which those words are.
pub(crate) fn message(choices: &mut Choices<'_>, signal: Signal, words: Option<&Words>) -> Vec<Node> {
    let records = words.map_or(5, |words| words.records);
    let mut data = Data { choices, words, records, last_key: 0, refers: signal == Signal::Profiles };
    let mut nodes = data.message(signal.message(), 0);
    match choices.below(4) {
        0 | 1 => {}
        2 => reverse(&mut nodes),
        _ => shuffle(choices, &mut nodes),
    }
    if choices.one_in(4) {
        disturb(choices, &mut nodes);
    }
    nodes
}

struct Data<'c, 'b> {
    choices: &'c mut Choices<'b>,
    words: Option<&'c Words>,
    /// How many records may still come.
    records: usize,
    /// The number of the last key among the words.
    last_key: usize,
    /// Whether keys and texts may be references into a dictionary.
    refers: bool,
}

impl Data<'_, '_> {
    fn message(&mut self, id: MessageId, depth: usize) -> Vec<Node> {
        match id {
            MessageId::AnyValue => {
                if let Some(value) = self.word_value() {
                    return value;
                }
                let slot = KEYS[self.choices.below(KEYS.len())].1;
                return self.value(slot, depth);
            }
            MessageId::KeyValue => return self.pair(depth),
            _ => {}
        }
        let fields = id.def().fields;
        let members: Vec<_> = fields.iter().filter(|f| f.presence == Presence::Oneof).collect();
        // One member of the oneof, or none.
        let member = (!members.is_empty() && !self.choices.one_in(12)).then(|| self.choices.pick(&members).number);
        let mut nodes = Vec::new();
        for field in fields.iter().filter(|f| f.number != DEPRECATED && !DICTIONARY_FIELDS.contains(&f.snake_name)) {
            match field.presence {
                Presence::Oneof => {
                    if member == Some(field.number) {
                        self.field(field, depth, &mut nodes);
                    }
                }
                Presence::Repeated => self.repeated(field, depth, &mut nodes),
                Presence::Implicit | Presence::Always | Presence::Optional => {
                    if !self.choices.one_in(4) {
                        self.field(field, depth, &mut nodes);
                    }
                }
            }
        }
        nodes
    }

    fn repeated(&mut self, field: &FieldDef, depth: usize, nodes: &mut Vec<Node>) {
        let Kind::Message(inner) = field.kind else {
            return self.numbers(field, nodes);
        };
        let many = match inner {
            MessageId::KeyValue => self.choices.below(self.words.map_or(5, |words| words.pairs) + 1),
            MessageId::ResourceLogs
            | MessageId::ResourceSpans
            | MessageId::ResourceMetrics
            | MessageId::ResourceProfiles => [1, 1, 2, 1, 2, 0][self.choices.below(6)],
            MessageId::ScopeLogs | MessageId::ScopeSpans | MessageId::ScopeMetrics | MessageId::ScopeProfiles => {
                [1, 1, 2, 1, 2, 0][self.choices.below(6)]
            }
            MessageId::LogRecord | MessageId::Span | MessageId::Metric | MessageId::Profile => {
                let many = [1, 2, 1, 3, 2, 0][self.choices.below(6)];
                let many = if self.words.is_some() { many * 2 + self.choices.below(4) } else { many };
                let many = many.min(self.records);
                self.records -= many;
                many
            }
            MessageId::NumberDataPoint
            | MessageId::HistogramDataPoint
            | MessageId::ExponentialHistogramDataPoint
            | MessageId::SummaryDataPoint => [1, 2, 1, 3, 0][self.choices.below(5)],
            MessageId::KeyValueAndUnit => 1 + self.choices.below(7),
            MessageId::EntityRef => usize::from(self.choices.one_in(8)),
            _ => [0, 1, 2, 0][self.choices.below(4)],
        };
        for _ in 0..many {
            self.field(field, depth, nodes);
        }
    }

    /// Repeated numbers and texts, packed or one by one.
    fn numbers(&mut self, field: &FieldDef, nodes: &mut Vec<Node>) {
        let many = self.choices.below(4);
        if field.kind == Kind::String {
            // As the format demands of the table of texts.
            if field.snake_name == "string_table" && !self.choices.one_in(12) {
                nodes.push(Node::Bytes(field.number, Vec::new()));
            }
            for _ in 0..many * 3 {
                // Of the dictionary: keys as well as other texts.
                let text = match self.choices.below(3) {
                    0 => self.text(field.snake_name),
                    _ => KEYS[self.choices.below(7)].0.as_bytes().to_vec(),
                };
                nodes.push(Node::Bytes(field.number, text));
            }
            return;
        }
        let fixed = matches!(field.kind, Kind::Fixed64 | Kind::Double);
        let values: Vec<u64> = (0..many)
            .map(|i| match field.kind {
                Kind::Double => (i as f64 * 2.5).to_bits(),
                Kind::Int32 => self.index(),
                _ => self.choices.below(300) as u64,
            })
            .collect();
        let packed = !self.choices.one_in(3);
        match (packed, fixed) {
            (true, true) => nodes.push(Node::PackedFixed64(field.number, values)),
            (true, false) => nodes.push(Node::PackedVarints(field.number, values)),
            (false, true) => nodes.extend(values.iter().map(|v| Node::Fixed64(field.number, *v))),
            (false, false) => nodes.extend(values.iter().map(|v| Node::Varint(field.number, *v))),
        }
    }

    fn field(&mut self, field: &FieldDef, depth: usize, nodes: &mut Vec<Node>) {
        let n = field.number;
        let node = match field.kind {
            Kind::Message(inner) => Node::Message(n, self.message(inner, depth + 1)),
            Kind::Bool => Node::Varint(n, self.choices.below(2) as u64),
            Kind::Enum(names) => Node::Varint(n, self.enumerated(names.len())),
            Kind::Int32 => Node::Varint(n, self.index()),
            Kind::Int64 => Node::Varint(n, self.int() as u64),
            Kind::Uint64 => Node::Varint(n, self.int() as u64),
            Kind::Uint32 => Node::Varint(n, u64::from(self.int() as u32)),
            Kind::Sint32 => Node::Varint(n, u64::from(zigzag(self.int() as i32))),
            Kind::Fixed32 => Node::Fixed32(n, self.int() as u32),
            Kind::Fixed64 if field.snake_name.contains("time") => {
                let reach = if self.choices.one_in(5) { TIMES.len() } else { 5 };
                Node::Fixed64(n, TIMES[self.choices.below(reach)])
            }
            Kind::Fixed64 | Kind::Sfixed64 => Node::Fixed64(n, self.int() as u64),
            Kind::Double => Node::Fixed64(n, self.float().to_bits()),
            Kind::Bytes => Node::Bytes(n, self.bytes()),
            Kind::String => Node::Bytes(n, self.text(field.snake_name)),
            Kind::Id(len) => Node::Bytes(n, self.id(len)),
        };
        nodes.push(node);
    }

    /// An index into a table: mostly one that is there.
    fn index(&mut self) -> u64 {
        if self.choices.one_in(40) { self.int() as u64 } else { self.choices.below(6) as u64 }
    }

    fn enumerated(&mut self, many: usize) -> u64 {
        match self.choices.below(30) {
            28 => 99,
            29 => -1i64 as u64,
            _ => self.choices.below(many) as u64,
        }
    }

    fn int(&mut self) -> i64 {
        let reach = if self.choices.one_in(4) { INTS.len() } else { 8 };
        INTS[self.choices.below(reach)]
    }

    fn float(&mut self) -> f64 {
        let reach = if self.choices.one_in(3) { FLOATS.len() } else { 5 };
        FLOATS[self.choices.below(reach)]
    }

    fn bytes(&mut self) -> Vec<u8> {
        let all: [&[u8]; 6] = [b"", b"\x00", b"abc", b"\xff\xfe", &[1, 2, 3, 4, 5, 6, 7, 8], &[7; 16]];
        self.choices.pick(&all).to_vec()
    }

    fn id(&mut self, len: u8) -> Vec<u8> {
        match self.choices.below(8) {
            0 => Vec::new(),
            1 => vec![0; usize::from(len)],
            2 => vec![0xab; usize::from(len)],
            _ => (1..=len).collect(),
        }
    }

    fn text(&mut self, field: &str) -> Vec<u8> {
        if self.choices.one_in(60) {
            return b"bro\xffken \xc3".to_vec();
        }
        if let Some(words) = self.words
            && !self.choices.one_in(4)
        {
            return words.texts[self.choices.below(words.texts.len())].clone().into_bytes();
        }
        match field {
            "name" | "event_name" | "version" => self.choices.pick(NAMES).as_bytes().to_vec(),
            "trace_state" => {
                self.choices.pick(&["", "a=1", "a=1,b=2", "k=v , a=x", "broken", "a=1,a=2"]).as_bytes().to_vec()
            }
            "schema_url" => self.choices.pick(&["", "https://opentelemetry.io/schemas/1.9.0", "s"]).as_bytes().to_vec(),
            "severity_text" => self.choices.pick(&["INFO", "", "warn", "Error"]).as_bytes().to_vec(),
            _ => self.choices.pick(vocabulary::TEXTS).as_bytes().to_vec(),
        }
    }

    /// A value that the rules of a family ask about: mostly a text.
    fn word_value(&mut self) -> Option<Vec<Node>> {
        let words = self.words?;
        match self.choices.below(16) {
            0..11 => {
                Some(vec![Node::Bytes(1, words.texts[self.choices.below(words.texts.len())].clone().into_bytes())])
            }
            11 => Some(vec![Node::Varint(3, self.choices.pick(&[5, 0, 1, 42]))]),
            12 => Some(vec![Node::Varint(2, 1)]),
            _ => None,
        }
    }

    /// A pair of a family.
    fn word_pair(&mut self) -> Option<Vec<Node>> {
        let words = self.words?;
        if self.choices.one_in(10) {
            return None;
        }
        let keys = if self.choices.one_in(3) { &words.parents } else { &words.keys };
        if !self.choices.one_in(10) {
            self.last_key = self.choices.below(keys.len());
        }
        let key = keys.get(self.last_key).or(keys.first())?;
        let value = self.word_value()?;
        Some(vec![Node::Bytes(1, key.clone().into_bytes()), Node::Message(2, value)])
    }

    fn pair(&mut self, depth: usize) -> Vec<Node> {
        if let Some(pair) = self.word_pair() {
            return pair;
        }
        let reach = if self.choices.one_in(3) { KEYS.len() } else { 7 };
        let (mut key, mut slot) = KEYS[self.choices.below(reach)];
        // Values of other types behind keys that rules ask about.
        if let Some(words) = self.words
            && !self.choices.one_in(3)
        {
            key = &words.keys[self.choices.below(words.keys.len())];
        }
        if self.choices.one_in(10) {
            slot = KEYS[self.choices.below(KEYS.len())].1;
        }
        if self.refers && self.choices.one_in(3) {
            let key = Node::Varint(3, self.index());
            return vec![key, Node::Message(2, vec![Node::Varint(8, self.index())])];
        }
        let mut nodes = vec![Node::Bytes(1, key.as_bytes().to_vec())];
        match self.choices.below(40) {
            38 => drop(nodes.pop()),
            39 => return nodes,
            _ => {}
        }
        nodes.push(Node::Message(2, self.value(slot, depth + 1)));
        nodes
    }

    /// The fields of an `AnyValue`.
    fn value(&mut self, slot: Slot, depth: usize) -> Vec<Node> {
        let texts = vocabulary::texts(slot);
        if !texts.is_empty() {
            if self.choices.one_in(80) {
                return vec![Node::Bytes(1, b"a\xffb \xe9".to_vec())];
            }
            return vec![Node::Bytes(1, self.choices.pick(texts).as_bytes().to_vec())];
        }
        match slot {
            Slot::Int => vec![Node::Varint(3, self.int() as u64)],
            Slot::Float => vec![Node::Fixed64(4, self.float().to_bits())],
            Slot::Bool => vec![Node::Varint(2, self.choices.below(2) as u64)],
            Slot::Bytes => vec![Node::Bytes(7, self.bytes())],
            Slot::List if depth < 9 => {
                let many = self.choices.below(4);
                let slot =
                    [Slot::Text, Slot::Int, Slot::Float, Slot::Bool, Slot::Any, Slot::Map][self.choices.below(6)];
                let items = (0..many).map(|_| Node::Message(1, self.value(slot, depth + 2))).collect();
                vec![Node::Message(5, items)]
            }
            Slot::Map if depth < 9 => {
                let many = self.choices.below(4);
                vec![Node::Message(6, (0..many).map(|_| Node::Message(1, self.pair(depth + 2))).collect())]
            }
            Slot::Any if depth < 9 => {
                let slot =
                    [Slot::Text, Slot::Int, Slot::Float, Slot::Bool, Slot::Bytes, Slot::Map, Slot::List, Slot::Empty]
                        [self.choices.below(8)];
                self.value(slot, depth + 1)
            }
            _ => Vec::new(),
        }
    }
}

fn zigzag(v: i32) -> u32 {
    ((v << 1) ^ (v >> 31)) as u32
}

/// The reference's own order: last field first. Fields of one number keep their order, because lists are ordered.
fn reverse(nodes: &mut [Node]) {
    nodes.sort_by_key(|node| std::cmp::Reverse(node.number()));
    for node in nodes {
        if let Node::Message(_, fields) = node {
            reverse(fields);
        }
    }
}

/// Any order at all.
fn shuffle(choices: &mut Choices<'_>, nodes: &mut [Node]) {
    for idx in (1..nodes.len()).rev() {
        nodes.swap(idx, choices.below(idx + 1));
    }
    for node in nodes {
        if let Node::Message(_, fields) = node {
            shuffle(choices, fields);
        }
    }
}

/// Unknown fields, singular fields that come twice, messages in two parts, lengths with more bytes than they need.
fn disturb(choices: &mut Choices<'_>, nodes: &mut Vec<Node>) {
    for node in nodes.iter_mut() {
        if let Node::Message(_, fields) = node {
            disturb(choices, fields);
        }
    }
    if choices.one_in(8) {
        let unknown = [
            Node::Varint(100, 7),
            Node::Bytes(99, b"unknown".to_vec()),
            Node::Fixed64(2000, 1),
            Node::Fixed32(77, 1),
            Node::Message(66, vec![Node::Varint(1, 1)]),
        ];
        let at = choices.below(nodes.len() + 1);
        nodes.insert(at, unknown[choices.below(unknown.len())].clone());
    }
    if choices.one_in(16) && !nodes.is_empty() {
        let again = nodes[choices.below(nodes.len())].clone();
        nodes.push(again);
    }
    if choices.one_in(16) && !nodes.is_empty() {
        let at = choices.below(nodes.len());
        if let Node::Message(n, fields) = &mut nodes[at]
            && fields.len() > 1
        {
            let second = Node::Message(*n, fields.split_off(fields.len() / 2));
            nodes.insert(at + 1, second);
        }
    }
    if choices.one_in(12) && !nodes.is_empty() {
        let at = choices.below(nodes.len());
        if let Node::Message(n, fields) = &mut nodes[at] {
            nodes[at] = Node::Padded(*n, std::mem::take(fields));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_sound_and_varied() {
        for signal in Signal::ALL {
            let mut distinct = std::collections::BTreeSet::new();
            for seed in 0..300 {
                let bytes = Node::encode(&message(&mut Choices::seeded(seed), signal, None));
                ottl_otlp::schema::validate(signal, &bytes).expect("messages are sound");
                assert!(bytes.len() < 100_000);
                distinct.insert(bytes);
            }
            assert!(distinct.len() > 200, "{signal:?}: {}", distinct.len());
        }
    }
}
