//! Format and signal from the first bytes.

use super::Format;
use crate::Signal;
use crate::json::Scanner;
use crate::wire::read_varint;

/// Bytes that decide: a stream waits for so many before the format is settled, and looks no further, so that the answer
/// does not depend on how much has come.
pub(super) const PREFIX: usize = 16;
pub(super) const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
pub(super) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Tags that start an OTLP message: field 1 of every signal, and field 2, the dictionary of profiles, both
/// length-delimited.
const FIRST_TAGS: [u8; 2] = [0x0a, 0x12];

/// The format of a whole uncompressed input (or of the file exporter's frames, which are compressed one by one).
///
/// JSON starts with a brace (or with a bracket, which its reader refuses), a bare message with the tag of its first
/// field, and lengths of four bytes with a zero byte unless the first message has 16 MiB or more. Empty and blank
/// inputs are JSON without a message. What resembles nothing is taken for a bare protobuf message, whose reader will
/// say what is wrong.
#[must_use]
pub fn detect(bytes: &[u8]) -> Format {
    detect_prefix(bytes, true)
}

/// As [`detect`]; `complete` says whether `bytes` is the whole input, so that lengths can be held against it.
pub(super) fn detect_prefix(bytes: &[u8], complete: bool) -> Format {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = text.trim_ascii_start();
    // A line break and the tag of field 1 are the same byte: then the brace needs a witness.
    let certain = bytes.first() != Some(&0x0a);
    if text.is_empty() || (text[0] == b'{' && (certain || has_member(&text[1..], complete))) {
        return Format::Json;
    }
    // A list is no message, but its reader can say so: neither protobuf nor a length that is bearable begins so.
    if text[0] == b'[' && (certain || text[1..].trim_ascii_start().starts_with(b"{\"")) {
        return Format::Json;
    }
    if bytes.get(4..8) == Some(&ZSTD_MAGIC) {
        return Format::ZstdFrames;
    }
    let is_first_tag = |byte: &u8| FIRST_TAGS.contains(byte);
    if bytes.first().is_some_and(is_first_tag)
        && let Ok((len, start)) = read_varint(bytes, 1)
        && (!complete || len <= (bytes.len() - start) as u64)
    {
        return Format::Protobuf;
    }
    if let Some(&len) = bytes.first_chunk::<4>() {
        let len = u64::from(u32::from_be_bytes(len));
        let fits = !complete || len <= bytes.len() as u64 - 4;
        let plausible = len == 0 || bytes.get(4).is_some_and(|byte| is_first_tag(byte) || bytes[0] == 0);
        if fits && plausible {
            return Format::LengthPrefixed;
        }
    }
    Format::Protobuf
}

/// Whether what follows a brace is an empty object or a member whose name is one of OTLP's, as far as it is there.
fn has_member(after_brace: &[u8], complete: bool) -> bool {
    const NAMES: &[u8] = b"\"resource";
    let text = after_brace.trim_ascii_start();
    text.starts_with(b"}") || text.starts_with(NAMES) || (!complete && NAMES.starts_with(text))
}

/// Names of the one member of an OTLP/JSON message that tells its signal.
pub(super) const MEMBERS: [(&str, Signal); 8] = {
    let (mut members, mut at) = ([("", Signal::Logs); 8], 0);
    while at < Signal::ALL.len() {
        let list = Signal::ALL[at].lists()[0];
        members[2 * at] = (list.name, Signal::ALL[at]);
        members[2 * at + 1] = (list.snake_name, Signal::ALL[at]);
        at += 1;
    }
    members
};

/// The signal of an OTLP/JSON message, from the first member that tells it; `None` when none does (`{}`), or when the
/// text is damaged before one does.
#[must_use]
pub fn signal_of_json(text: &[u8]) -> Option<Signal> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut scanner = Scanner::new(text);
    let mut scratch = Vec::new();
    scanner.expect(b'{').ok()?;
    loop {
        scanner.expect(b'"').ok()?;
        let name = scanner.string(&mut scratch).ok()?;
        if let Some((_, signal)) = MEMBERS.iter().find(|(member, _)| member.as_bytes() == name) {
            return Some(*signal);
        }
        scanner.expect(b':').ok()?;
        scanner.skip_value().ok()?;
        scanner.expect(b',').ok()?;
    }
}
