//! [`framing`]: streams that are framed and compressed, sound and not, through the reader.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;

use ottl_generate::Choices;
use ottl_otlp::Signal;
use ottl_otlp::framing::{
    Format, FrameErrorKind, FrameOptions, FrameReader, decompress, detect, foreign, signal_of_json,
};
use ottl_otlp::json::to_protobuf;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::meter::{within, within_in_all};

/// The bytes at the start of an input that say what is done to the others.
const HEAD: usize = 32;

/// The largest stream that is made of an input.
const STREAM: usize = 1 << 20;

/// The largest message that the reader may hand out.
const MESSAGE: usize = 1 << 16;

/// What a stream may decompress to.
const DECOMPRESSED: u64 = 4 << 20;

/// What the reader may hold beside messages: the output of one step of gzip, which is at most 4 MiB, in a vector that grows, and
/// the tables of a codec.
pub(super) const FIXED: usize = 20 << 20;

/// What may be asked for in all for each byte of a stream: a member of gzip is at least 20 bytes, and its tables are 72 KiB.
pub(super) const MEMBER: usize = 4 << 10;

/// How often something is repeated.
const TIMES: [usize; 8] = [1, 2, 3, 10, 100, 1000, 10_000, 100_000];

/// The stream that the head makes of the body: repeated, framed, compressed, cut and damaged, several times over.
fn stream(choices: &mut Choices<'_>, body: &[u8]) -> Vec<u8> {
    let mut stream = body.to_vec();
    for _ in 0..choices.below(7) {
        stream = match choices.below(9) {
            0 | 1 => {
                let times = choices.pick(&TIMES);
                stream.repeat(times.min(STREAM / stream.len().max(1)).max(1))
            }
            2 => gzip(&stream),
            3 => compress_to_vec(&stream[..], CompressionLevel::Fastest),
            4 => [&(stream.len() as u32).to_be_bytes()[..], &stream].concat(),
            5 => {
                let mut framed = Vec::new();
                ottl_otlp::wire::put_varint(&mut framed, stream.len() as u64);
                [framed, stream].concat()
            }
            6 => {
                let cut = choices.below(stream.len() + 1);
                stream[..stream.len() - cut].to_vec()
            }
            7 if !stream.is_empty() => {
                let at = choices.below(stream.len());
                stream[at] ^= 1 << choices.below(8);
                stream
            }
            _ => {
                let blank = choices.pick(&[b' ', b'\n', 0, b'{', b'[', b'"', 0xff]);
                let blanks = vec![blank; choices.pick(&TIMES).min(STREAM)];
                if choices.below(2) == 0 { [blanks, stream].concat() } else { [stream, blanks].concat() }
            }
        };
        if stream.len() > STREAM {
            stream.truncate(STREAM);
        }
    }
    stream
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("vectors take everything")
}

/// A stream made of any bytes through the reader, in pieces of any size: no message passes its limit, the messages do not
/// depend on the pieces, and the reader holds no more than a message and a step of decompression.
pub fn framing(data: &[u8]) {
    let (head, body) = data.split_at(data.len().min(HEAD));
    let mut choices = Choices::from_bytes(head);
    let formats = [Format::Json, Format::Protobuf, Format::LengthPrefixed, Format::Delimited, Format::ZstdFrames];
    let format = if choices.below(2) == 0 { None } else { Some(choices.pick(&formats)) };
    let piece = choices.pick(&[1 << 16, 1, 3, 100, 4096, 1 << 20]);
    let stream = stream(&mut choices, body);
    let options =
        FrameOptions { format, message_bytes: MESSAGE, decompressed_bytes: DECOMPRESSED, ..FrameOptions::default() };

    // One byte at a time is for small streams.
    let piece = if stream.len() > 1 << 16 { piece.max(100) } else { piece };
    let read = |piece: usize| {
        let allowed = FIXED + 4 * MESSAGE + 3 * piece;
        let in_all = 64 * allowed + MEMBER * stream.len();
        within_in_all("reading a stream", allowed, in_all, || read(options, &stream, piece))
    };
    let (whole, failed) = read(stream.len().max(1));
    let (messages, failed_too) = read(piece);
    let shown = || format!("{format:?} in pieces of {piece}: {failed:?}, {failed_too:?}");
    assert_eq!(failed.is_some(), failed_too.is_some(), "{}", shown());
    // How many messages come before an error depends on how much is decompressed at once.
    let both = if failed.is_some() { whole.len().min(messages.len()) } else { whole.len().max(messages.len()) };
    assert!(whole.get(..both).is_some() && whole.get(..both) == messages.get(..both), "{}", shown());

    within("looking at a stream", 1 << 20, || {
        let _ = (detect(&stream), signal_of_json(&stream), foreign(&stream));
    });
    let in_all = 64 * FIXED + MEMBER * stream.len();
    let content = within_in_all("decompressing", FIXED + 4 * MESSAGE, in_all, || decompress(&stream, MESSAGE));
    if let Ok(content) = content {
        assert!(content.len() <= MESSAGE.max(stream.len()));
    }
}

/// The messages of a stream that comes in pieces, each as its hash, and why it ended too soon.
fn read(options: FrameOptions, stream: &[u8], piece: usize) -> (Vec<u64>, Option<FrameErrorKind>) {
    let mut reader = FrameReader::new(options);
    // The list is this check's, not the reader's.
    let mut messages = Vec::new();
    let mut pieces = stream.chunks(piece);
    loop {
        let next = pieces.next();
        match next {
            Some(piece) => reader.push(piece),
            None => reader.finish(),
        }
        loop {
            match reader.next() {
                Ok(Some(message)) => {
                    assert!(message.bytes.len() <= MESSAGE);
                    let mut hasher = DefaultHasher::new();
                    message.bytes.hash(&mut hasher);
                    allocation_counter::opt_out(|| messages.push(hasher.finish()));
                    if message.format == Format::Json && messages.len() <= 4 {
                        json(message.bytes);
                    }
                    if messages.len() % 16 == 1 {
                        assert!(reader.take().len() <= MESSAGE);
                    }
                }
                Ok(None) => break,
                Err(error) => return (messages, Some(error.kind)),
            }
        }
        if next.is_none() {
            return (messages, None);
        }
    }
}

/// A text as OTLP/JSON: what is made of it is a multiple of it.
fn json(text: &[u8]) {
    for signal in Signal::ALL {
        within("reading JSON", (1 << 20) + 64 * text.len(), || {
            let mut message = Vec::new();
            if let Err(error) = to_protobuf(signal, text, &mut message) {
                let _ = error.line_column(text);
            }
        });
    }
}
