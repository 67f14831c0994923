//! [`Maker`]: messages of little input and much repetition.

use ottl_generate::{Choices, Node};
use ottl_schema::Signal;

use super::words::{FLOATS, INTS, TEXTS};

/// How often a piece is repeated.
const TIMES: [usize; 16] = [1, 1, 1, 1, 1, 2, 2, 3, 5, 17, 100, 300, 1000, 10_000, 30_000, 100_000];

/// The keys of attributes that statements name.
pub(super) const KEYS: [&str; 6] = ["v0", "v1", "v2", "v3", "k0", "k1"];

/// Makes data of choices. Pieces of it are repeated; all of it together is at most so large.
pub(super) struct Maker<'m, 'b> {
    pub choices: &'m mut Choices<'b>,
    /// The end of the input, of which texts are cut.
    pub raw: &'b [u8],
    /// How many bytes may still be made.
    pub room: usize,
}

impl Maker<'_, '_> {
    /// How often something of this size is repeated.
    fn times(&mut self, size: usize) -> usize {
        let times = self.choices.pick(&TIMES).min(self.room / size.max(1)).max(1);
        self.room = self.room.saturating_sub(times * size);
        times
    }

    /// A piece of text: of the list, or of the input.
    pub fn piece(&mut self) -> Vec<u8> {
        if !self.raw.is_empty() && self.choices.below(3) == 0 {
            let from = self.choices.below(self.raw.len());
            let len = 1 + self.choices.below(64);
            return self.raw[from..self.raw.len().min(from + len)].to_vec();
        }
        self.choices.pick(TEXTS).as_bytes().to_vec()
    }

    fn text(&mut self) -> Vec<u8> {
        let piece = self.piece();
        let mut text = piece.repeat(self.times(piece.len()));
        if self.choices.one_in(3) {
            text.extend(self.piece());
        }
        text
    }

    /// The fields of an `AnyValue`.
    fn value(&mut self, depth: usize) -> Vec<Node> {
        match self.choices.below(if depth == 0 { 8 } else { 14 }) {
            0..4 => vec![Node::Bytes(1, self.text())],
            4 => vec![Node::Varint(3, self.choices.pick(INTS) as u64)],
            5 => vec![Node::Fixed64(4, self.choices.pick(FLOATS).to_bits())],
            6 => vec![Node::Varint(2, self.choices.below(2) as u64)],
            7 => vec![Node::Bytes(7, self.text())],
            8..10 => vec![Node::Message(5, self.items(1, depth - 1))],
            10..12 => vec![Node::Message(6, self.pairs(1, depth - 1))],
            12 => self.deep(),
            _ => vec![],
        }
    }

    fn items(&mut self, number: u32, depth: usize) -> Vec<Node> {
        let mut items = Vec::new();
        for _ in 0..self.choices.below(4) {
            let item = Node::Message(number, self.value(depth));
            // A node of the tree takes more than its bytes.
            let times = self.times(Node::encode(std::slice::from_ref(&item)).len() + 32);
            items.extend(std::iter::repeat_n(item, times));
        }
        items
    }

    /// Pairs, whose keys are the same or numbered where they are repeated.
    fn pairs(&mut self, number: u32, depth: usize) -> Vec<Node> {
        let mut pairs = Vec::new();
        for _ in 0..self.choices.below(4) {
            let (key, value) = (self.piece(), self.value(depth));
            let numbered = self.choices.below(2) == 0;
            let size = key.len() + Node::encode(&value).len();
            for i in 0..self.times(size + 64) {
                let key = if numbered { [&b"k"[..], i.to_string().as_bytes()].concat() } else { key.clone() };
                pairs.push(pair(number, &key, value.clone()));
            }
        }
        pairs
    }

    /// Lists and maps inside each other.
    fn deep(&mut self) -> Vec<Node> {
        let maps = self.choices.below(2) == 0;
        let mut value = vec![Node::Varint(3, 1)];
        for _ in 0..self.choices.pick(&[3, 100, 400, 509, 512, 600]) {
            value = if maps { vec![Node::Message(6, vec![pair(1, b"k0", value)])] } else { vec![list(value)] };
        }
        value
    }

    /// Attributes: those that statements name first.
    fn attributes(&mut self, number: u32, depth: usize) -> Vec<Node> {
        let mut pairs = Vec::new();
        for key in KEYS.iter().take(2 + self.choices.below(4)) {
            pairs.push(pair(number, key.as_bytes(), self.value(depth)));
        }
        if self.choices.one_in(3) {
            pairs.extend(self.pairs(number, depth));
        }
        pairs
    }

    /// A message with a resource, a scope and records, some of them repeated.
    pub fn message(&mut self, signal: Signal) -> Vec<u8> {
        let resource = Node::Message(1, if self.choices.one_in(2) { self.attributes(1, 2) } else { vec![] });
        let name = Node::Bytes(1, self.piece());
        let scope = Node::Message(1, if self.choices.one_in(3) { vec![name] } else { vec![] });
        let mut records = vec![scope];
        for _ in 0..1 + self.choices.below(2) {
            let record = Node::Message(2, self.record(signal));
            let times = self.times(Node::encode(std::slice::from_ref(&record)).len() + 64);
            records.extend(std::iter::repeat_n(record, times));
        }
        Node::encode(&[Node::Message(1, vec![resource, Node::Message(2, records)])])
    }

    fn record(&mut self, signal: Signal) -> Vec<Node> {
        match signal {
            Signal::Logs => {
                let mut fields = vec![Node::Varint(2, self.choices.below(25) as u64), Node::Message(5, self.value(2))];
                fields.extend(self.attributes(6, 2));
                // A body that comes again and again.
                let body = Node::Message(5, vec![]);
                let times = if self.choices.one_in(8) { self.times(32) } else { 0 };
                fields.extend(std::iter::repeat_n(body, times));
                fields
            }
            Signal::Traces => {
                let mut fields = vec![Node::Bytes(3, self.piece()), Node::Bytes(5, self.piece())];
                fields.extend(self.attributes(9, 2));
                let event = Node::Message(11, self.attributes(3, 1));
                let times = self.times(Node::encode(std::slice::from_ref(&event)).len() + 64);
                fields.extend(std::iter::repeat_n(event, times.min(1000)));
                fields
            }
            Signal::Metrics => self.metric(),
            Signal::Profiles => Vec::new(),
        }
    }

    fn metric(&mut self) -> Vec<Node> {
        let kind = self.choices.pick(&[5, 7, 9, 10, 11]);
        let mut data = Vec::new();
        for _ in 0..1 + self.choices.below(3) {
            let point = Node::Message(1, self.point(kind));
            let times = self.times(Node::encode(std::slice::from_ref(&point)).len() + 64);
            data.extend(std::iter::repeat_n(point, times));
        }
        if kind != 5 && kind != 11 {
            data.push(Node::Varint(2, self.choices.below(3) as u64));
        }
        vec![Node::Bytes(1, self.piece()), Node::Bytes(3, b"s".to_vec()), Node::Message(kind, data)]
    }

    fn point(&mut self, kind: u32) -> Vec<Node> {
        const EXTREMES: &[i64] = &[0, 1, -1, 20, -10, i32::MAX as i64, i32::MIN as i64, 1000];
        let attributes = match kind {
            9 => 9,
            10 => 1,
            _ => 7,
        };
        let mut fields = self.attributes(attributes, 1);
        let count = self.choices.pick(INTS) as u64;
        match kind {
            9 => {
                let buckets = self.choices.below(5);
                fields.push(Node::Fixed64(4, count));
                fields.push(Node::PackedFixed64(6, vec![count; buckets]));
                fields.push(Node::PackedFixed64(7, (1..buckets).map(|i| (i as f64).to_bits()).collect()));
            }
            10 => {
                let zigzag = |v: i64| ((v << 1) ^ (v >> 63)) as u64;
                fields.push(Node::Fixed64(4, count));
                fields.push(Node::Varint(6, zigzag(self.choices.pick(EXTREMES))));
                for number in [8, 9] {
                    let times = self.times(1).min(2000);
                    let buckets = vec![self.choices.pick(INTS) as u64; times];
                    let offset = zigzag(self.choices.pick(EXTREMES));
                    fields.push(Node::Message(number, vec![Node::Varint(1, offset), Node::PackedVarints(2, buckets)]));
                }
            }
            11 => {
                fields.push(Node::Fixed64(4, count));
                let quantile = Node::Message(6, vec![Node::Fixed64(1, 0.5f64.to_bits())]);
                let times = self.times(64);
                fields.extend(std::iter::repeat_n(quantile, times));
            }
            _ if self.choices.below(2) == 0 => fields.push(Node::Fixed64(6, count)),
            _ => fields.push(Node::Fixed64(4, self.choices.pick(FLOATS).to_bits())),
        }
        fields
    }
}

fn pair(number: u32, key: &[u8], value: Vec<Node>) -> Node {
    Node::Message(number, vec![Node::Bytes(1, key.to_vec()), Node::Message(2, value)])
}

fn list(item: Vec<Node>) -> Node {
    Node::Message(5, vec![Node::Message(1, item)])
}
