//! The loop for `redaction`: one search of the body, one search of all attributes for `@`, a hash.
//!
//! It relies on a body before attributes, on these standing together, and on no attribute `body.sha256`.

use std::sync::LazyLock;

use memchr::{memchr, memmem::Finder};
use ottl::Status;
use ottl_otlp::wire::{begin_len, end_len, put_len_field};
use sha2::{Digest, Sha256};

use super::walk::{Fate, Rules, field, rewrite};

static PASSWORD: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("password="));

/// What is put for addresses.
pub(super) const EMAIL: &[u8] = b"<email>";

#[derive(Default)]
struct Redaction {
    body: Vec<u8>,
    value: Vec<u8>,
}

/// Appends the text with `***` for what stands behind `password=`.
#[inline(always)]
fn passwords(text: &[u8], out: &mut Vec<u8>) {
    let mut run = 0;
    while let Some(found) = PASSWORD.find(&text[run..]) {
        let from = run + found + PASSWORD.needle().len();
        let len = text[from..].iter().take_while(|byte| **byte != b' ').count();
        out.extend_from_slice(&text[run..from]);
        if len > 0 {
            out.extend_from_slice(b"***");
        }
        run = from + len;
    }
    out.extend_from_slice(&text[run..]);
}

/// What a byte may be in an address, as bits.
const LOCAL: u8 = 1;
const DOMAIN: u8 = 2;
const TOP: u8 = 4;
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' => LOCAL | DOMAIN | TOP,
            b'0'..=b'9' | b'.' => LOCAL | DOMAIN,
            b'_' => LOCAL,
            _ => 0,
        };
        byte += 1;
    }
    kinds
};

/// Where the address around the `@` at `at` begins and ends; it does not begin before `from`.
#[inline(always)]
fn address(text: &[u8], from: usize, at: usize) -> Option<(usize, usize)> {
    let is = |byte: &u8, kind: u8| KINDS[usize::from(*byte)] & kind != 0;
    let before = text[from..at].iter().rev().take_while(|byte| is(byte, LOCAL)).count();
    let behind = &text[at + 1..];
    let behind = &behind[..behind.iter().take_while(|byte| is(byte, DOMAIN)).count()];
    // The last dot with a name before it and a letter behind it.
    let dot = (1..behind.len().saturating_sub(1)).rev().find(|i| behind[*i] == b'.' && is(&behind[i + 1], TOP))?;
    let top = behind[dot + 1..].iter().take_while(|byte| is(byte, TOP)).count();
    (before > 0).then_some((at - before, at + 1 + dot + 1 + top))
}

/// Where the first address behind `from` begins and ends.
#[inline(always)]
pub(super) fn next_address(text: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut next = from;
    // The shortest address has five bytes.
    if text.len() < from + 5 {
        return None;
    }
    while let Some(found) = memchr(b'@', &text[next..]) {
        let at = next + found;
        if let Some(found) = address(text, from, at) {
            return Some(found);
        }
        next = at + 1;
    }
    None
}

/// Appends the text with `<email>` for addresses; false if there is none, and then nothing.
#[inline(always)]
fn addresses(text: &[u8], out: &mut Vec<u8>) -> bool {
    let mut run = 0;
    while let Some((start, end)) = next_address(text, run) {
        out.extend_from_slice(&text[run..start]);
        out.extend_from_slice(EMAIL);
        run = end;
    }
    if run == 0 {
        return false;
    }
    out.extend_from_slice(&text[run..]);
    true
}

impl Redaction {
    /// Writes the attribute anew if its value is a text with an address; else false.
    #[inline(always)]
    fn attribute(&mut self, pair: &[u8], out: &mut Vec<u8>) -> Option<bool> {
        let key = field(pair, 0)?;
        let value = field(pair, key.end)?;
        let content = &pair[value.content..value.end];
        if content.first() != Some(&0x0a) {
            return Some(false);
        }
        let text = field(content, 0)?;
        self.value.clear();
        if !addresses(&content[text.content..text.end], &mut self.value) {
            return Some(false);
        }
        let mark = begin_len(out, 6, pair.len());
        out.extend_from_slice(&pair[..key.end]);
        let inner = begin_len(out, 2, content.len());
        put_len_field(out, 1, &self.value);
        end_len(out, inner);
        end_len(out, mark);
        Some(true)
    }
}

impl Rules for Redaction {
    fn decide(&mut self, _: &[u8], _: &[u8]) -> Option<Fate> {
        Some(Fate::Changed)
    }

    #[inline(always)]
    fn write(&mut self, record: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mark = begin_len(out, 2, record.len());
        let (mut run, mut at, mut hashed, mut behind) = (0, 0, false, 0);
        while at < record.len() {
            let part = field(record, at)?;
            at = part.end;
            let content = &record[part.content..part.end];
            if part.tag == 0x2a && content.first() == Some(&0x0a) {
                let text = field(content, 0)?;
                self.body.clear();
                passwords(&content[text.content..text.end], &mut self.body);
                hashed = true;
                out.extend_from_slice(&record[run..part.start]);
                let body = begin_len(out, 5, content.len());
                put_len_field(out, 1, &self.body);
                end_len(out, body);
                run = part.end;
            } else if part.tag == 0x32 {
                behind = part.end;
                if memchr(b'@', content).is_some() {
                    let copied = out.len();
                    out.extend_from_slice(&record[run..part.start]);
                    match self.attribute(content, out)? {
                        true => run = part.end,
                        false => out.truncate(copied),
                    }
                }
            }
        }
        if behind == 0 {
            return None;
        }
        out.extend_from_slice(&record[run..behind]);
        if hashed {
            out.extend_from_slice(b"\x32\x51\x0a\x0bbody.sha256\x12\x42\x0a\x40");
            for byte in Sha256::digest(&self.body) {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
            }
        }
        out.extend_from_slice(&record[behind..]);
        end_len(out, mark);
        Some(())
    }
}

/// `redaction`.
pub fn redaction(input: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    rewrite(input, out, &mut Redaction::default())
}

#[cfg(test)]
mod tests {
    use super::{addresses, passwords};

    #[test]
    fn texts_are_rewritten_as_the_patterns_say() {
        for (text, expected) in [
            ("a.b@example.com", Some("<email>")),
            ("to a@b.c, A@b.c and c_d@e.f1.g2", Some("to <email>, A@b.c and <email>2")),
            ("x@y.z@q.r", Some("<email>@q.r")),
            ("@b.c x@.c x@b. x@b", None),
            ("x@b.c.1", Some("<email>.1")),
        ] {
            let mut out = Vec::new();
            let changed = addresses(text.as_bytes(), &mut out);
            assert_eq!(changed.then(|| String::from_utf8_lossy(&out).into_owned()).as_deref(), expected, "{text}");
        }
        let mut out = Vec::new();
        passwords(b"password=a password= password=b", &mut out);
        assert_eq!(out, b"password=*** password= password=***");
    }
}
