//! Formats told by content, messages split from slices and from chunks of every size, hostile frames.

use std::io::Write as _;

use ottl_otlp::Signal;
use ottl_otlp::framing::{
    Compression, Format, FrameErrorKind, FrameOptions, FrameReader, Frames, decompress, detect, signal_of_json,
};
use ottl_otlp::wire::{put_len_field, put_varint};

/// A logs message whose one resource has a schema URL of so many bytes.
fn message(len: usize) -> Vec<u8> {
    let mut resource = Vec::new();
    put_len_field(&mut resource, 3, &vec![b'u'; len]);
    let mut message = Vec::new();
    put_len_field(&mut message, 1, &resource);
    message
}

fn prefixed(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        out.extend_from_slice(&(message.len() as u32).to_be_bytes());
        out.extend_from_slice(message);
    }
    out
}

fn delimited(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for message in messages {
        put_varint(&mut out, message.len() as u64);
        out.extend_from_slice(message);
    }
    out
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("into memory");
    encoder.finish().expect("into memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

#[test]
fn what_is_read_in_place_is_what_is_pushed() {
    let messages = [message(0), message(300), message(5), message(4000)];
    for input in [prefixed(&messages), gzip(&prefixed(&messages)), zstd(&prefixed(&messages))] {
        for most in [1, 7, 1000, 1 << 20] {
            let mut reader = FrameReader::new(FrameOptions::default());
            let (mut source, mut read) = (&input[..], Vec::new());
            loop {
                let len = reader.read_from(&mut source, most).expect("from memory");
                assert!(len == most || source.is_empty(), "{len} {most}");
                if len == 0 {
                    reader.finish();
                }
                while let Some(message) = reader.next().expect("sound") {
                    read.push(message.bytes.to_vec());
                }
                if len == 0 {
                    break;
                }
            }
            assert_eq!(read, messages, "{most}");
        }
    }
}

/// Everything a reader says about an input that comes in chunks of `size`.
fn read(input: &[u8], size: usize, options: FrameOptions) -> (Vec<Vec<u8>>, Option<FrameErrorKind>) {
    let mut reader = FrameReader::new(options);
    let mut messages = Vec::new();
    let mut drain = |reader: &mut FrameReader| loop {
        match reader.next() {
            Ok(Some(message)) => {
                let bytes = message.bytes.to_vec();
                // Reading goes on the same whether a message is taken or only looked at.
                if messages.len() % 2 == 1 {
                    assert_eq!(reader.take(), bytes);
                    assert_eq!(reader.take(), b"");
                }
                messages.push(bytes);
            }
            Ok(None) => return None,
            Err(error) => return Some(error.kind),
        }
    };
    for chunk in input.chunks(size) {
        reader.push(chunk);
        if let Some(kind) = drain(&mut reader) {
            return (messages, Some(kind));
        }
    }
    reader.finish();
    let error = drain(&mut reader);
    (messages, error)
}

#[test]
fn formats_are_told_by_content() {
    let large = vec![message(20_000_000)];
    let rows: [(&str, Vec<u8>, Format); 17] = [
        ("empty", vec![], Format::Json),
        ("blank", b" \n\n".to_vec(), Format::Json),
        ("document", b"{\"resourceLogs\":[]}".to_vec(), Format::Json),
        ("line break first", b"\n{\"resourceLogs\":[]}".to_vec(), Format::Json),
        ("indented", b"\n\n  {\n  \"resourceSpans\": []\n}".to_vec(), Format::Json),
        ("list", b"[ 1 ]".to_vec(), Format::Json),
        ("list behind a line break", b"\n[\n{\"resourceLogs\":[]}]".to_vec(), Format::Json),
        ("byte order mark", b"\xef\xbb\xbf{}".to_vec(), Format::Json),
        ("message", message(3), Format::Protobuf),
        ("message of 123 bytes, which is a brace", message(119), Format::Protobuf),
        ("large message", message(200_000), Format::Protobuf),
        ("frames", prefixed(&[message(3), message(500)]), Format::LengthPrefixed),
        ("frame without content", prefixed(&[vec![]]), Format::LengthPrefixed),
        ("large frame", prefixed(&large), Format::LengthPrefixed),
        ("profiles with the dictionary first", vec![0x12, 0x02, 0x2a, 0x00], Format::Protobuf),
        ("frames of the file exporter", prefixed(&[zstd(&message(9))]), Format::ZstdFrames),
        ("garbage", b"garbage that is nothing".to_vec(), Format::Protobuf),
    ];
    assert_eq!(message(121)[..2], [0x0a, b'{'], "the message that looks like JSON");
    for (name, bytes, expected) in rows {
        assert_eq!(detect(&bytes), expected, "{name}");
    }
}

#[test]
fn signals_are_told_by_the_first_telling_member() {
    let rows: [(&str, Option<Signal>); 9] = [
        (r#"{"resourceLogs":[]}"#, Some(Signal::Logs)),
        (r#" { "resource_spans" : [] }"#, Some(Signal::Traces)),
        (r#"{"x":{"resourceLogs":[]},"resourceMetrics":[]}"#, Some(Signal::Metrics)),
        (r#"{"resourceProfiles":[]}"#, Some(Signal::Profiles)),
        (r#"{"resource\u004cogs":[]}"#, Some(Signal::Logs)),
        ("{}", None),
        ("", None),
        (r#"{"x":]}"#, None),
        (r#"["resourceLogs"]"#, None),
    ];
    for (text, expected) in rows {
        assert_eq!(signal_of_json(text.as_bytes()), expected, "{text}");
    }
}

#[test]
fn the_format_does_not_depend_on_how_much_has_come() {
    let rows: [&[u8]; 4] = [
        b"\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\x0a\x02\x12\x00",
        b"\n                        {\"resourceLogs\":[]}",
        b"\n{                        \"resourceLogs\":[]}",
        b"\n{ \"x\": 1, \"resourceLogs\":[]}",
    ];
    for input in rows {
        let whole = read(input, input.len(), FrameOptions::default());
        for size in 1..input.len() {
            let found = read(input, size, FrameOptions::default());
            assert_eq!(found, whole, "{} in chunks of {size}", input.escape_ascii());
        }
    }
}

#[test]
fn messages_come_out_whatever_the_chunks() {
    let logs = br#"{"resourceLogs":[{"schemaUrl":"a}\"\\"}]}"#.to_vec();
    let spans = br#"{"resourceSpans":[]}"#.to_vec();
    let indented = b"{\n\"resourceMetrics\": [\n{\"resource\": {}}\n]\n}".to_vec();
    let texts = vec![logs.clone(), spans.clone(), indented];
    let cut = br#"{"resourceLogs":[{"schemaUrl":"#.to_vec();
    let open_string = br#"{"resourceLogs":[{"schemaUrl":"oh"#.to_vec();
    let damaged = vec![cut.clone(), open_string, b"garbage".to_vec(), spans.clone(), cut];
    let messages = vec![message(3), message(0), message(400)];
    let compressed: Vec<Vec<u8>> = messages.iter().map(|message| zstd(message)).collect();
    let json_frames: Vec<Vec<u8>> = texts.iter().map(|text| zstd(text)).collect();
    let two_members = [gzip(&texts.join(&b'\n')), gzip(b"\n\n")].concat();
    let skippable = [zstd(&prefixed(&messages)), vec![0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]].concat();
    type Row = (&'static str, Vec<u8>, Option<Format>, Vec<Vec<u8>>);
    let rows: Vec<Row> = vec![
        ("nothing", vec![], None, vec![]),
        ("blank", b"\n \n".to_vec(), None, vec![]),
        ("lines", [texts.join(&b'\n'), b"\n".to_vec()].concat(), None, texts.clone()),
        ("no line breaks", texts.concat(), None, texts.clone()),
        ("damaged lines", damaged.join(&b'\n'), None, damaged.clone()),
        ("one message", message(300), None, vec![message(300)]),
        ("frames", prefixed(&messages), None, messages.clone()),
        ("delimited", delimited(&messages), Some(Format::Delimited), messages.clone()),
        ("file exporter", prefixed(&compressed), None, messages.clone()),
        ("file exporter, JSON", prefixed(&json_frames), None, texts.clone()),
        ("gzip of lines", two_members, None, texts.clone()),
        ("gzip of frames", gzip(&prefixed(&messages)), None, messages.clone()),
        ("gzip of a message", gzip(&message(100_000)), None, vec![message(100_000)]),
        ("gzip of nothing", gzip(b""), None, vec![]),
        ("zstd of frames", skippable, None, messages.clone()),
        ("zstd of lines", zstd(&texts.join(&b'\n')), None, texts.clone()),
        ("zstd of a message", zstd(&message(300_000)), None, vec![message(300_000)]),
    ];
    for (name, input, format, expected) in rows {
        for size in [1, 2, 3, 7, 64, 1 << 20] {
            if size == 1 && input.len() > 10_000 {
                continue;
            }
            let options = FrameOptions { format, ..FrameOptions::default() };
            let (found, error) = read(&input, size, options);
            assert!(found == expected && error.is_none(), "{name} by {size}: {} messages, {error:?}", found.len());
        }
        if Compression::detect(&input) == Compression::None && detect(&input) != Format::ZstdFrames {
            let format = format.unwrap_or_else(|| detect(&input));
            let found: Result<Vec<_>, _> =
                Frames::new(format, &input).map(|frame| frame.map(|frame| frame.bytes)).collect();
            assert_eq!(found.expect(name), expected, "{name} as a slice");
        }
    }
}

#[test]
fn messages_of_text_have_lines_and_columns() {
    let input = "\u{feff}{}\n\n  {\n\"a\":\n{}}{} \t{\"b\":\"\u{e4}\"}\n{\"open\n{\"resourceLogs\":[}";
    let expected = [(1, 1), (3, 3), (5, 4), (5, 8), (6, 1), (7, 1)];
    for size in [1, 2, 5, 1000] {
        let mut reader = FrameReader::new(FrameOptions::default());
        let mut found = Vec::new();
        for chunk in input.as_bytes().chunks(size) {
            reader.push(chunk);
            while let Some(message) = reader.next().expect("text") {
                found.extend(message.position);
            }
        }
        reader.finish();
        while let Some(message) = reader.next().expect("text") {
            found.extend(message.position);
        }
        assert_eq!(found, expected, "by {size}");
    }
    let mut reader = FrameReader::new(FrameOptions::default());
    reader.push(&prefixed(&[message(3)]));
    reader.finish();
    assert_eq!(reader.next().expect("a frame").expect("a message").position, None);
}

#[test]
fn hostile_frames_end_in_errors() {
    let bomb = gzip(&vec![0; 10_000_000]);
    let zstd_bomb = zstd(&vec![b' '; 10_000_000]);
    let mut flipped = gzip(&message(1000));
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x55;
    let cut = |mut bytes: Vec<u8>, by: usize| {
        bytes.truncate(bytes.len() - by);
        bytes
    };
    let frames = prefixed(&[message(3), message(4)]);
    let long_length = vec![0x80; 11];
    let rows: Vec<(&str, Vec<u8>, Option<Format>, FrameErrorKind)> = vec![
        ("cut frame", cut(frames.clone(), 1), None, FrameErrorKind::Truncated),
        ("cut length", frames[..frames.len() - message(4).len() - 2].to_vec(), None, FrameErrorKind::Truncated),
        (
            "announced too large",
            vec![0, 0xff, 0xff, 0xff, 0x0a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            None,
            FrameErrorKind::TooLarge,
        ),
        ("long length", long_length, Some(Format::Delimited), FrameErrorKind::BadLength),
        ("cut varint", vec![0x80], Some(Format::Delimited), FrameErrorKind::Truncated),
        ("large message", message(2_000_000), None, FrameErrorKind::TooLarge),
        ("endless line", [b"{\"a\":\"".to_vec(), vec![b'x'; 2_000_000]].concat(), None, FrameErrorKind::TooLarge),
        ("gzip bomb", bomb.clone(), Some(Format::Protobuf), FrameErrorKind::TooLarge),
        ("zstd bomb in a frame", prefixed(&[zstd_bomb]), None, FrameErrorKind::TooLarge),
        ("flipped gzip", flipped, None, FrameErrorKind::BadGzip),
        ("cut gzip", cut(gzip(&message(1000)), 5), None, FrameErrorKind::CutGzip),
        ("gzip and garbage", [gzip(b"{}"), b"garbage garbage".to_vec()].concat(), None, FrameErrorKind::BadGzip),
        ("cut zstd", cut(zstd(&message(1000)), 5), None, FrameErrorKind::CutZstd),
        ("cut zstd frame", prefixed(&[cut(zstd(&message(1000)), 5)]), None, FrameErrorKind::CutZstd),
    ];
    for (name, input, format, expected) in rows {
        for size in [100, 1 << 20] {
            let options = FrameOptions { format, message_bytes: 1_000_000, ..FrameOptions::default() };
            let (_, error) = read(&input, size, options);
            assert_eq!(error, Some(expected), "{name} by {size}");
        }
    }
    assert_eq!(decompress(&bomb, 1000).map_err(|error| error.kind), Err(FrameErrorKind::TooLarge));
    assert_eq!(decompress(&bomb, 10_000_000).map(|content| content.len()), Ok(10_000_000));
    assert!(matches!(decompress(b"plain", 0), Ok(std::borrow::Cow::Borrowed(b"plain"))));
}

/// A Zstandard frame of so many blocks that repeat a byte 131 072 times each.
fn zstd_of_runs(byte: u8, blocks: usize) -> Vec<u8> {
    // RFC 8878, 3.1.1: a window of 2 MiB; blocks of type 1, of which the last one says so.
    let mut out = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
    for block in 1..=blocks {
        let header = 131_072 << 3 | 1 << 1 | u32::from(block == blocks);
        out.extend_from_slice(&header.to_le_bytes()[..3]);
        out.push(byte);
    }
    out
}

#[test]
fn what_decompresses_to_too_much_ends_at_the_limit() {
    let defaults = FrameOptions::default();
    let inside = zstd_of_runs(b' ', 512);
    let beyond = zstd_of_runs(b' ', 600);
    let zeros = gzip(&vec![0; 70 << 20]);
    let strict = FrameOptions { format: Some(Format::LengthPrefixed), decompression_ratio: 100, ..defaults };
    let generous = FrameOptions { decompression_ratio: 100_000, ..defaults };
    let total = FrameOptions { decompressed_bytes: 1_000_000, ..defaults };
    let ratio = Some(FrameErrorKind::DecompressionRatio);
    // Every frame by itself is within the limits, all of them together are not.
    let frames = prefixed(&vec![zstd_of_runs(b' ', 60); 10]);
    let rows = [
        ("64 MiB of blanks", &inside, defaults, None),
        ("75 MiB of blanks", &beyond, defaults, ratio),
        ("75 MiB of blanks, allowed", &beyond, generous, None),
        ("75 MiB of blanks in all", &beyond, total, Some(FrameErrorKind::DecompressedTooLarge)),
        ("70 MiB of empty frames", &zeros, strict, ratio),
        ("frames that are compressed one by one", &frames, defaults, ratio),
        ("the same in all", &frames, total, Some(FrameErrorKind::DecompressedTooLarge)),
    ];
    for (name, input, options, expected) in rows {
        let mut reader = FrameReader::new(options);
        reader.push(input);
        reader.finish();
        let error = loop {
            match reader.next() {
                Ok(Some(_)) => {}
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        assert_eq!(error.map(|error| error.kind), expected, "{name}");
        if let Some(error) = error {
            let limit = error.kind.limit().expect("a limit");
            assert!(error.to_string().contains(limit), "{error}");
        }
    }
    assert_eq!(decompress(&beyond, usize::MAX).map_err(|error| error.kind), Err(FrameErrorKind::DecompressionRatio));
}

#[test]
fn windows_are_held_against_their_limit() {
    let options = FrameOptions { zstd_window: 300, ..FrameOptions::default() };
    let window = Some(FrameErrorKind::WindowTooLarge);
    // RFC 8878, 3.1.1.1: a window of 1 KiB, and frames of one segment whose content's size takes one, two, four and eight bytes.
    let rows: [(&[u8], _); 7] = [
        (&[0x00, 0x00], window),
        (&[0x20, 2], None),
        (&[0x60, 44, 0], None),
        (&[0x60, 45, 0], window),
        (&[0xa0, 45, 1, 0, 0], window),
        (&[0xe0, 0, 0, 0, 0, 0, 0, 0, 0x80], window),
        // A checksum and a dictionary stand in front of the size.
        (&[0xa5, 9, 45, 1, 0, 0], window),
    ];
    for (header, expected) in rows {
        let input = [&[0x28, 0xb5, 0x2f, 0xfd], header, &[0x11, 0, 0], b"{}"].concat();
        let (messages, error) = read(&input, 1, options);
        assert_eq!(error, expected, "{header:x?}");
        assert_eq!(messages.len(), usize::from(expected.is_none()), "{header:x?}");
    }
}

#[test]
fn blanks_between_documents_are_not_kept() {
    let mut reader = FrameReader::new(FrameOptions { message_bytes: 1000, ..FrameOptions::default() });
    reader.push(b"{\"resourceLogs\":[]}");
    for _ in 0..100 {
        while let Ok(Some(_)) = reader.next() {}
        assert_eq!(reader.pending(), 0);
        reader.push(&[b' '; 997]);
    }
    reader.push(b"\n{}");
    reader.finish();
    let last = reader.next().expect("blanks are no message").expect("a message");
    assert_eq!((last.bytes, last.offset), (&b"{}"[..], 19 + 99_700 + 1));
}

#[test]
fn what_was_whole_before_the_end_comes_out() {
    // Differing lengths, so that compression has something to do.
    let messages: Vec<Vec<u8>> = (0..3000).map(|number| message(number % 700)).collect();
    let frames = prefixed(&messages);
    let lines = (0..20_000).map(|number| format!("{{\"resourceLogs\":[{{\"schemaUrl\":\"{}\"}}]}}\n", number * 7919));
    let lines = lines.collect::<String>().into_bytes();
    for (name, whole, cut) in [
        ("gzip of frames", gzip(&frames), FrameErrorKind::CutGzip),
        ("zstd of frames", zstd(&frames), FrameErrorKind::CutZstd),
        ("gzip of lines", gzip(&lines), FrameErrorKind::CutGzip),
        ("zstd of lines", zstd(&lines), FrameErrorKind::CutZstd),
        ("frames", frames.clone(), FrameErrorKind::Truncated),
    ] {
        let (all, error) = read(&whole, 1 << 16, FrameOptions::default());
        assert_eq!(error, None, "{name}");
        let (found, error) = read(&whole[..whole.len() / 4 * 3], 1 << 16, FrameOptions::default());
        assert_eq!(error, Some(cut), "{name}");
        assert!(found.len() > all.len() / 2, "{name}: {} of {}", found.len(), all.len());
        assert_eq!(found, all[..found.len()], "{name}");
    }
}

#[test]
fn any_damage_to_compressed_input_is_survived() {
    for input in [gzip(&message(300)), zstd(&message(300)), prefixed(&[zstd(&message(300))])] {
        for index in 0..input.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut damaged = input.clone();
                damaged[index] ^= flip;
                let options = FrameOptions { message_bytes: 1 << 20, ..FrameOptions::default() };
                let (messages, _) = read(&damaged, 64, options);
                assert!(messages.iter().all(|message| message.len() <= 1 << 20));
            }
            let (messages, _) = read(&input[..index], 64, FrameOptions::default());
            assert!(messages.len() <= 1, "cut at {index}");
        }
    }
}
