//! JSON that comes as a whole, which is looked at in blocks, against the same JSON in chunks too small for a block.

use ottl_otlp::framing::{Format, FrameOptions, FrameReader};

/// A message, its offset, and its line and column.
type Said = (Vec<u8>, u64, Option<(u64, u64)>);

/// What a reader says of each message of JSON in chunks of this size.
fn read(input: &[u8], size: usize) -> Vec<Said> {
    let mut reader = FrameReader::new(FrameOptions { format: Some(Format::Json), ..FrameOptions::default() });
    let mut messages = Vec::new();
    let mut chunks = input.chunks(size.max(1));
    let mut ended = false;
    loop {
        match reader.next().expect("any text is split") {
            Some(message) => messages.push((message.bytes.to_vec(), message.offset, message.position)),
            None if ended => return messages,
            None => match chunks.next() {
                Some(chunk) => reader.push(chunk),
                None => {
                    ended = true;
                    reader.finish();
                }
            },
        }
    }
}

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn one_of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len())]
    }
}

/// A document with its white space; `damage` makes one byte in so many another one.
fn document(numbers: &mut Numbers, damage: usize) -> String {
    let texts =
        ["plain text of some length, to fill a block", "{\\\"in\\\":[\\\"side\\\"]}", "a\\\\", "\\\"}]}", "é ü", ""];
    let member = numbers.one_of(&["resourceLogs", "resourceSpans", "resourceMetrics", "other"]);
    // One line, several, and the line breaks of another system.
    let space = numbers.one_of(&["", "", " ", "\n  ", "\r\n"]);
    let mut text = format!("{{\"{member}\":[{{{space}\"scopeLogs\":{space}[{{\"logRecords\":[");
    for index in 0..numbers.below(6) {
        let (key, value) = (numbers.one_of(&texts), numbers.one_of(&texts));
        let comma = if index > 0 { "," } else { "" };
        text += &format!(
            "{comma}{space}{{\"attributes\":[{{\"key\":\"{key}\",{space}\"value\":{{\"stringValue\":\"{value}\"}}}}]}}"
        );
    }
    text += &format!("{space}]}}]}}]{space}}}");
    let mut bytes = text.into_bytes();
    for byte in &mut bytes {
        if damage > 0 && numbers.below(damage) == 0 {
            *byte = b"\"\\{}[]\n, "[numbers.below(9)];
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn blocks_split_as_bytes_do() {
    let mut numbers = Numbers(1);
    let mut messages = 0;
    for round in 0..2000 {
        let mut input = String::new();
        for _ in 0..numbers.below(8) {
            let damage = [0, 0, 20, 100, 1000][round % 5];
            input += &document(&mut numbers, damage);
            // On lines of their own, or one after the other.
            input += numbers.one_of(&["\n", "\n", "\r\n", "\n\n ", "", " "]);
        }
        let expected = read(input.as_bytes(), 1);
        messages += expected.len();
        for size in [input.len(), 63, 64, 200, 1 + numbers.below(1000)] {
            assert_eq!(read(input.as_bytes(), size), expected, "chunks of {size}: {input:?}");
        }
    }
    assert!(messages > 10_000, "{messages}");
}
