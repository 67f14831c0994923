//! What the bytes of a message are, beyond the format that their input was told to have.

use ottl::otlp::framing::{Format, detect};

/// What a message is in place of OTLP, if it was taken for protobuf because it resembles nothing.
pub fn oddity(format: Format, message: &[u8]) -> Option<&'static str> {
    // Every message begins with its field 1, or the dictionary of profiles.
    if format != Format::Protobuf || matches!(message, [0x0a | 0x12, ..]) {
        return None;
    }
    Some(match begins_like_text(message) {
        true => {
            "this is text, and OTLP/JSON begins with `{`: lines of a log become records with \
             `jq -Rc '{resourceLogs: [{scopeLogs: [{logRecords: [{body: {stringValue: .}}]}]}]}'`"
        }
        false if ottl::otlp::pprof::is_pprof(message) => {
            "this is a pprof file, which rules for profiles (`profile_statements`) read"
        }
        false => "it does not begin like OTLP; name the format with --from if it is another, such as `delimited`",
    })
}

/// Whether what begins so is text for people.
pub fn begins_like_text(message: &[u8]) -> bool {
    let head = &message[..message.len().min(64)];
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The last character may go on behind what was looked at.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or(""),
        Err(_) => return false,
    };
    !text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace())
}

/// Whether a message of an input in this format is JSON. The file exporter's frames hold either encoding.
pub fn is_json(format: Format, bytes: &[u8]) -> bool {
    match format {
        Format::Json => true,
        Format::ZstdFrames => !bytes.is_empty() && detect(bytes) == Format::Json,
        Format::Protobuf | Format::LengthPrefixed | Format::Delimited => false,
    }
}
