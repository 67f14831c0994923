//! [`wire_read`]: any bytes through everything that reads OTLP.

use ottl_otlp::Signal;
use ottl_otlp::framing::{Format, FrameOptions, FrameReader, Frames, decompress, detect, signal_of_json};
use ottl_otlp::json::{Style, from_protobuf, to_protobuf};
use ottl_otlp::schema::validate;
use ottl_suite::tree;

use super::framing::{FIXED as DECOMPRESSING, MEMBER};
use super::meter::{within, within_in_all};

/// The largest message that the frame reader may hand out.
const LARGEST: usize = 4096;

/// What checking, reading and writing may hold whatever the bytes are: the levels that are open.
const FIXED: usize = 64 << 10;

/// What writing JSON may hold for each byte of a message: the names around an empty value, in a vector that grows.
const TO_JSON: usize = 64;

/// The same for pretty JSON: two bytes may be a line, which is indented by up to 200.
const PRETTY: usize = 512;

/// What reading JSON may hold for each byte of it: three bytes may be an empty message, whose length has up to five.
const FROM_JSON: usize = 24;

/// Any bytes as a message of every signal, as JSON, and as a stream of frames. What is valid survives the way to JSON and
/// back, and what a stream holds does not depend on the chunks in which it comes.
pub fn wire_read(data: &[u8]) {
    for signal in Signal::ALL {
        protobuf(signal, data);
        json(signal, data);
    }
    frames(data);
}

fn protobuf(signal: Signal, data: &[u8]) {
    let valid = within("validating", FIXED, || validate(signal, data));
    let (mut text, mut pretty) = (Vec::new(), Vec::new());
    let granted = FIXED + TO_JSON * data.len();
    let written = within("writing JSON", granted, || from_protobuf(signal, data, &mut text, Style::Compact));
    assert_eq!(valid.is_ok(), written.is_ok(), "{signal:?}: {valid:?}, but JSON: {written:?}");
    let granted = FIXED + PRETTY * data.len();
    let again = within("writing pretty JSON", granted, || from_protobuf(signal, data, &mut pretty, Style::Pretty));
    assert_eq!(again, written);
    if valid.is_err() {
        assert!(text.is_empty() && pretty.is_empty());
        return;
    }
    let (mut back, mut back_from_pretty) = (Vec::new(), Vec::new());
    let granted = FIXED + FROM_JSON * text.len();
    within("reading JSON", granted, || to_protobuf(signal, &text, &mut back))
        .unwrap_or_else(|e| panic!("{e} in {:?}", text.escape_ascii().to_string()));
    let granted = FIXED + FROM_JSON * pretty.len();
    let read = within("reading pretty JSON", granted, || to_protobuf(signal, &pretty, &mut back_from_pretty));
    assert_eq!(read, Ok(()));
    assert_eq!(back, back_from_pretty);
    assert_eq!(validate(signal, &back), Ok(()));
    let mut again = Vec::new();
    assert_eq!(from_protobuf(signal, &back, &mut again, Style::Compact), Ok(()));
    assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&text));
    let (before, after) = (tree::decode(signal.message(), data), tree::decode(signal.message(), &back));
    if let (Ok(before), Ok(after)) = (before, after)
        && !packed_in_parts(&text)
    {
        assert_eq!(before, after, "{}", text.escape_ascii());
    }
}

/// Whether the message may hold a list of 64-bit numbers in several packed pieces, which the trees read as the reference
/// does and JSON as protobuf demands (a named difference).
fn packed_in_parts(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    text.contains("\"bucketCounts\":[")
        || text.contains("\"explicitBounds\":[")
        || text.contains("\"timestampsUnixNano\":[")
}

fn json(signal: Signal, data: &[u8]) {
    let mut message = Vec::new();
    let granted = FIXED + FROM_JSON * data.len();
    match within("reading JSON", granted, || to_protobuf(signal, data, &mut message)) {
        Ok(()) => assert_eq!(validate(signal, &message), Ok(())),
        Err(error) => {
            assert!(message.is_empty());
            assert!(error.offset <= data.len(), "{error:?}");
            let (line, column) = within("a place in JSON", 0, || error.line_column(data));
            assert!(line > 0 && column > 0);
        }
    }
}

fn frames(data: &[u8]) {
    let (allowed, in_all) = (DECOMPRESSING + 4 * LARGEST, 64 * DECOMPRESSING + MEMBER * data.len());
    let _ = within("looking at JSON", FIXED, || signal_of_json(data));
    if let Ok(content) = within_in_all("decompressing", allowed, in_all, || decompress(data, LARGEST)) {
        assert!(content.len() <= LARGEST.max(data.len()));
    }
    let formats = [Format::Json, Format::Protobuf, Format::LengthPrefixed, Format::Delimited, Format::ZstdFrames];
    let detected = within("detecting", FIXED, || detect(data));
    for format in formats.into_iter().chain([detected]) {
        let mut end = 0;
        let mut frames = Frames::new(format, data);
        while let Some(frame) = within("taking a frame", 0, || frames.next()) {
            let Ok(frame) = frame else { break };
            assert!(frame.range.start >= end, "frames overlap");
            end = frame.range.end;
            assert_eq!(&data[frame.range], frame.bytes);
        }
    }
    for format in formats.into_iter().map(Some).chain([None]) {
        let options = FrameOptions { format, message_bytes: LARGEST, ..FrameOptions::default() };
        let read = |size: usize| {
            let (allowed, in_all) = (allowed + 3 * size, in_all + 64 * size);
            within_in_all("reading a stream", allowed, in_all, || read(options, data, size))
        };
        let (whole, failed) = read(data.len().max(1));
        for size in [1, 7] {
            let (messages, failed_too) = read(size);
            assert_eq!(failed, failed_too, "{format:?} in chunks of {size}");
            // How many messages come before an error depends on how much is decompressed at once.
            let both = if failed { whole.len().min(messages.len()) } else { whole.len().max(messages.len()) };
            let (whole, messages) = (whole.get(..both), messages.get(..both));
            assert!(whole.is_some() && whole == messages, "{format:?} in chunks of {size}");
        }
    }
}

/// The messages of a stream that comes in chunks, and whether it ends in an error.
fn read(options: FrameOptions, data: &[u8], size: usize) -> (Vec<Vec<u8>>, bool) {
    let mut reader = FrameReader::new(options);
    // The list is this check's, not the reader's.
    let mut messages = Vec::new();
    let mut chunks = data.chunks(size);
    loop {
        let chunk = chunks.next();
        match chunk {
            Some(chunk) => reader.push(chunk),
            None => reader.finish(),
        }
        loop {
            match reader.next() {
                Ok(Some(message)) => {
                    assert!(message.bytes.len() <= LARGEST);
                    allocation_counter::opt_out(|| messages.push(message.bytes.to_vec()));
                }
                Ok(None) => break,
                Err(_) => return (messages, true),
            }
        }
        if chunk.is_none() {
            return (messages, false);
        }
    }
}
