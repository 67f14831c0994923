//! How JSON is laid out, and text that is laid out anew without being read.

/// How JSON is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// No white space at all: what the reference writes.
    #[default]
    Compact,
    /// A line per member and element, indented by two spaces a level.
    Pretty,
}

/// Deeper lines are indented no further: a nest of thousands of levels would grow quadratically.
const MAX_INDENT: usize = 100;

/// Starts a line at this depth.
pub(super) fn put_line(out: &mut Vec<u8>, indent: usize) {
    out.push(b'\n');
    out.resize(out.len() + 2 * indent.min(MAX_INDENT), b' ');
}

/// Appends a document that was read before without reading it again: in the pretty style indented anew, in the compact one
/// without its line breaks and the white space around them. All else stays, members that OTLP does not have included.
pub fn put_laid_out(out: &mut Vec<u8>, text: &[u8], style: Style) {
    put_text(out, text, style, 0);
}

/// Appends a JSON text that was read before: in the pretty style indented anew, in the compact one without its line breaks
/// and the white space around them.
pub(super) fn put_text(out: &mut Vec<u8>, text: &[u8], style: Style, indent: usize) {
    let mut indent = indent;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let rest = &text[at..];
        let len = match byte {
            b'"' => string_len(rest),
            _ if byte.is_ascii_whitespace() => rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count(),
            _ => 1,
        };
        let token = &rest[..len];
        at += len;
        match (byte, style) {
            (b'"', _) => put_string_token(out, token),
            (b' ' | b'\n' | b'\t' | b'\r', Style::Compact) if !token.contains(&b'\n') => out.extend_from_slice(token),
            (b' ' | b'\n' | b'\t' | b'\r', _) => {}
            (b'{' | b'[', Style::Pretty) => {
                let blanks = text[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                out.push(byte);
                // The closing bracket is two above the opening one in ASCII.
                if text.get(at + blanks) == Some(&(byte + 2)) {
                    out.push(byte + 2);
                    at += blanks + 1;
                } else {
                    indent += 1;
                    put_line(out, indent);
                }
            }
            (b'}' | b']', Style::Pretty) => {
                indent = indent.saturating_sub(1);
                put_line(out, indent);
                out.push(byte);
            }
            (b',', Style::Pretty) => {
                out.push(byte);
                put_line(out, indent);
            }
            (b':', Style::Pretty) => out.extend_from_slice(b": "),
            _ => out.push(byte),
        }
    }
}

/// Appends a string as it stands; a raw line break, which is read after an escape, is escaped.
fn put_string_token(out: &mut Vec<u8>, token: &[u8]) {
    let mut rest = token;
    while let Some(at) = memchr::memchr(b'\n', rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(b"\\n");
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// How long the string is that starts here, quotes included.
fn string_len(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(len) = text.get(at..).and_then(|rest| memchr::memchr2(b'"', b'\\', rest)) {
        if text[at + len] == b'"' {
            return at + len + 1;
        }
        at += len + 2;
    }
    text.len()
}
