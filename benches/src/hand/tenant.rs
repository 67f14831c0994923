//! The loop for `tenant`: one walk notes where the parts of a record lie and what becomes of its attributes, one pass over
//! the body says whether it has to be looked at closer, then the record is put together in memory of its own and appended.
//!
//! It relies on a severity text before a body before attributes, on these standing together, on bodies that are texts, on
//! status codes that are numbers, on a resource before its scopes, on no key twice, and on no attributes with the keys that
//! statements make up. It gives up where a message is not like that.

mod pen;
mod resource;
mod scan;
#[cfg(test)]
mod tests;
mod texts;

use std::cell::RefCell;

use ottl::Status;
use ottl_otlp::wire::put_len_field;
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};

use super::redaction::{EMAIL, next_address};
use super::walk::{Fate, Field, Pairs, Rules, field, rewrite, varint};
use pen::Pen;
use scan::*;
use texts::{BODY_LIMIT, is_alarm, redact, redact_addresses, signs};

/// As many attributes as a record may have.
const LIMIT: usize = 24;

/// `SEVERITY_NUMBER_ERROR`.
const ERROR: u8 = 17;

/// Severity texts, as fields.
const TEXT_ERROR: &[u8] = b"\x1a\x05ERROR";
const TEXT_INFO: &[u8] = b"\x1a\x04INFO";
const TEXT_WARN: &[u8] = b"\x1a\x04WARN";

/// Where a record begins in the memory in which it is put together: there is room for its length before it.
const HEAD: usize = 8;

/// What is kept from record to record, and from message to message what is only memory.
struct Tenant {
    /// Where the resource lies of which the next three are.
    resource: usize,
    /// The attributes `env` and `team`, as fields, and where they end.
    behind: Vec<u8>,
    env: usize,
    team: usize,
    /// Attributes of the resource, and of the record.
    pairs: Pairs,
    items: [Item; MOST],
    /// A text that is rewritten.
    text: Vec<u8>,
    /// The record that is put together.
    record: Vec<u8>,
}

thread_local! {
    static TENANT: RefCell<Tenant> = const {
        RefCell::new(Tenant {
            resource: 0,
            behind: Vec::new(),
            env: 0,
            team: 0,
            pairs: Pairs::new(),
            items: [Item::NONE; MOST],
            text: Vec::new(),
            record: Vec::new(),
        })
    };
}

/// Half a block of what is hashed, and a mask of which a part keeps as much of one as is wanted.
const HALF: usize = 32;
static HALVES: [u8; 2 * HALF] = {
    let mut halves = [0; 2 * HALF];
    let mut at = 0;
    while at < HALF {
        halves[at] = 0xff;
        at += 1;
    }
    halves
};

/// The digest of the text between these places of a record, as digits.
#[inline(always)]
fn digest(record: &[u8], start: usize, end: usize) -> [u8; 64] {
    let (text, mut digest) = (&record[start..end], [0; 32]);
    if text.len() < 56 {
        let mut block = [0; 64];
        match record[start..].first_chunk::<HALF>().zip(HALVES.get(HALF.wrapping_sub(text.len())..)) {
            // Without a call, and in pieces as they are read again.
            Some((window, mask)) => {
                for ((byte, read), mask) in block.iter_mut().zip(window).zip(mask) {
                    *byte = read & mask;
                }
            }
            None => block[..text.len()].copy_from_slice(text),
        }
        block[text.len()] = 0x80;
        block[56..].copy_from_slice(&(8 * text.len() as u64).to_be_bytes());
        let mut state =
            [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
        compress256(&mut state, &[block]);
        for (bytes, word) in digest.as_chunks_mut().0.iter_mut().zip(state) {
            *bytes = u32::to_be_bytes(word);
        }
    } else {
        digest = Sha256::digest(text).into();
    }
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let mut digits = [0; 64];
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(digest) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    digits
}

#[cold]
fn remove_headers(found: &mut Found, items: &mut [Item; MOST]) {
    for way in [Way::Authorization, Way::Cookie] {
        if let Some(index) = items[..found.count].iter().position(|item| item.way == way) {
            found.swap_remove(items, index);
        }
    }
}

/// Leaves as many attributes as a record may have, also of those that it would get behind the others.
#[cold]
fn limit(found: &mut Found, items: &mut [Item; MOST]) {
    let mut others = LIMIT - items[..found.count].iter().filter(|item| item.is_priority()).count();
    let mut stays = |priority: bool| {
        let stays = priority || others > 0;
        others -= usize::from(stays && !priority);
        stays
    };
    for item in &mut items[..found.count] {
        if item.way != Way::Internal && !stays(item.is_priority()) {
            item.way = Way::Internal;
        }
    }
    for bit in [USER, SLOW, CLASS, ENV, TEAM, PROBE] {
        if found.has & bit != 0 && !stays(false) {
            found.has &= !bit;
        }
    }
}

/// Writes an attribute that does not stay as it is.
#[inline(always)]
fn attribute(record: &[u8], item: &Item, pen: &mut Pen<'_>) -> Option<()> {
    let (start, value, end) = (item.start as usize, item.value as usize, item.end as usize);
    // Another key has nine bytes more at most, and an address of five bytes becomes seven.
    if record[start + 1] > 90 {
        pen.put(&long(record, item)?);
        return Some(());
    }
    let begun = pen.at();
    if item.text {
        return text(record, item, pen);
    }
    match item.way {
        Way::Method => pen.field(b"\x32\0\x0a\x13http.request.method", record, value - 2, end),
        Way::Code => pen.field(b"\x32\0\x0a\x19http.response.status_code", record, value - 2, end),
        Way::Path => {
            const HEAD: &[u8; 12] = b"\x32\0\x0a\x08url.path";
            pen.field(HEAD, record, value - 2, end);
            pen.patch(begun + HEAD.len() + 1, end - value);
            pen.patch(begun + HEAD.len() + 3, end - value - 2);
        }
        _ => pen.copy(record, start, end),
    }
    Some(())
}

/// Writes an attribute whose text may have addresses.
#[inline(always)]
fn text(record: &[u8], item: &Item, pen: &mut Pen<'_>) -> Option<()> {
    let (start, value, end) = (item.start as usize, item.value as usize, item.end as usize);
    let begun = pen.at();
    match item.way {
        Way::Method => pen.put(b"\x32\0\x0a\x13http.request.method"),
        Way::Path => pen.put(b"\x32\0\x0a\x08url.path"),
        _ => pen.copy(record, start, value - 2),
    }
    let len_at = pen.at() + 1;
    pen.put(b"\x12\0\x0a\0");
    let mut run = value + 2;
    while let Some((from, to)) = next_address(&record[..end], run) {
        pen.copy(record, run, from);
        pen.put(EMAIL);
        run = to;
    }
    pen.copy(record, run, end);
    pen.patch(len_at, pen.at() - len_at - 1);
    pen.patch(len_at + 2, pen.at() - len_at - 3);
    pen.patch(begun + 1, pen.at() - begun - 2);
    Some(())
}

/// The field of an attribute whose lengths may have any number of bytes.
#[cold]
fn long(record: &[u8], item: &Item) -> Option<Vec<u8>> {
    let parts = parts::<ATTRIBUTE>(record, item.start as usize)?;
    let mut any = &record[parts.value..parts.end];
    let key = match item.way {
        Way::Method => &b"http.request.method"[..],
        Way::Path => b"url.path",
        Way::Code => b"http.response.status_code",
        _ => &record[parts.key..parts.key_end],
    };
    let (mut text, mut encoded, mut pair, mut field) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    if parts.text != 0 {
        redact_addresses(&record[parts.text..item.end as usize], &mut text);
        put_len_field(&mut encoded, 1, &text);
        any = &encoded;
    }
    put_len_field(&mut pair, 1, key);
    put_len_field(&mut pair, 2, any);
    put_len_field(&mut field, 6, &pair);
    Some(field)
}

/// What stands before the attributes.
struct Front {
    /// The severity number, and where it is if it has one byte.
    level: i32,
    level_at: usize,
    severity: Field,
    body: Field,
    /// Where the body's text begins.
    text: usize,
    end: usize,
}

/// What stands before the attributes, if all of it is there with lengths of one byte.
#[inline(always)]
fn usual_front(record: &[u8]) -> Option<Front> {
    let [0x09, _, _, _, _, _, _, _, _, 0x10, level @ ..0x80, 0x1a, len @ ..0x80] = record.first_chunk::<13>()? else {
        return None;
    };
    let end = 13 + usize::from(*len);
    let severity = Field { tag: 0x1a, start: 11, content: 13, end };
    let [0x2a, len @ ..0x80, 0x0a, inner] = record.get(end..)?.first_chunk::<4>()? else { return None };
    let body = Field { tag: 0x2a, start: end, content: end + 2, end: end + 2 + usize::from(*len) };
    (inner + 2 == *len && body.end <= record.len()).then_some(Front {
        level: i32::from(*level),
        level_at: 10,
        severity,
        body,
        text: end + 4,
        end: body.end,
    })
}

/// What stands before the attributes.
#[cold]
fn front(record: &[u8]) -> Option<Front> {
    let (mut number, mut severity, mut body, mut at) = (None, None, None, 0);
    while at < record.len() && record[at] != 0x32 {
        let part = field(record, at)?;
        match part.tag {
            0x10 => number = Some(part),
            0x1a => severity = Some(part),
            0x2a => body = Some(part),
            _ => {}
        }
        at = part.end;
    }
    let (severity, body) = (severity?, body?);
    let text = text_of(record, body.content, body.end)?;
    let level = number.map_or(Some(0), |number| varint(record, number))? as i32;
    let one = number.filter(|number| number.end == number.content + 1 && number.end <= severity.start);
    let level_at = one.map_or(usize::MAX, |number| number.content);
    (severity.start < body.start).then_some(Front { level, level_at, severity, body, text, end: at })
}

/// Whether what stands behind the attributes is nothing that should stand before them, or be one.
#[inline(always)]
fn is_back(record: &[u8], mut at: usize) -> bool {
    if let [0x4a, 16, back @ ..] = &record[at..]
        && let Some([0x52, 8]) = back.get(16..18)
        && back.get(26) == Some(&0x59)
        && back.len() == 35
    {
        return true;
    }
    while let Some(part) = field(record, at) {
        if matches!(part.tag, 0x10 | 0x1a | 0x2a | 0x32) {
            return false;
        }
        at = part.end;
    }
    at == record.len()
}

impl Rules for Tenant {
    fn resource(&mut self, content: &[u8], out: &mut Vec<u8>) -> Option<()> {
        self.resource = content.as_ptr() as usize;
        (self.env, self.team) = resource::resource(content, &mut self.pairs, out, &mut self.behind)?;
        Some(())
    }

    #[inline(always)]
    fn decide(&mut self, resource: &[u8], _: &[u8]) -> Option<Fate> {
        (resource.as_ptr() as usize == self.resource).then_some(Fate::Changed)
    }

    #[inline(always)]
    fn write(&mut self, record: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let Front { level, level_at, severity, body, text, end: first } = match usual_front(record) {
            Some(front) => front,
            None => front(record)?,
        };
        let mut found = Found::default();
        let last = attributes(record, first, &mut self.items, &mut found)?;
        if !is_back(record, last) {
            return None;
        }

        // The order of attributes.
        if found.has & SESSION != 0 {
            found.swap_remove(&mut self.items, found.session);
        }
        if found.has & (AUTHORIZATION | COOKIE) != 0 {
            remove_headers(&mut found, &mut self.items);
        }
        found.has |= if self.env > 0 { ENV } else { 0 };
        found.has |= if self.team > self.env { TEAM } else { 0 };
        let made = (found.has & (USER | SLOW | CLASS | ENV | TEAM | PROBE)).count_ones() as usize;
        if found.count - found.internals + made > LIMIT {
            limit(&mut found, &mut self.items);
        }

        // Severity and body.
        let signs = signs(&record[text..body.end]);
        let rewritten = signs.secret || signs.card;
        if rewritten {
            redact(&record[text..body.end], signs.card, &mut self.text);
        }
        let mut set_level = false;
        let of_severity = &record[severity.content..severity.end];
        let mut set_text = match of_severity.len() {
            3 if of_severity == b"err" => {
                set_level = level != i32::from(ERROR);
                Some(TEXT_ERROR)
            }
            4 if of_severity == b"info" => Some(TEXT_INFO),
            7 if of_severity == b"warning" => Some(TEXT_WARN),
            _ => None,
        };
        if signs.alarm && !set_level && level < i32::from(ERROR) {
            let body = if rewritten { &self.text } else { &record[text..body.end] };
            if is_alarm(body) {
                set_text = Some(TEXT_ERROR);
            }
        }

        let needed = 2 * record.len() + self.behind.len() + 1024;
        if self.record.len() < needed {
            self.record.resize(needed, 0);
        }
        let mut pen = Pen::new(&mut self.record, HEAD);
        let mut run = 0;
        if let Some(text) = set_text {
            pen.copy(record, 0, severity.start);
            if set_level {
                if level_at == usize::MAX {
                    return None;
                }
                pen.patch(HEAD + level_at, usize::from(ERROR));
            }
            pen.put(text);
            run = severity.end;
        }
        let whole = if rewritten { self.text.len() } else { body.end - text };
        if rewritten || whole > BODY_LIMIT {
            pen.copy(record, run, body.start);
            let len = whole.min(BODY_LIMIT);
            pen.begin([0x2a, 0x0a], len);
            if rewritten {
                pen.copy(&self.text, 0, len);
            } else {
                pen.copy(record, text, text + len);
            }
            run = body.end;
        }

        // Attributes.
        let mut end = first;
        for item in &self.items[..found.count] {
            let start = item.start as usize;
            match item.way {
                Way::Internal => continue,
                Way::Kept | Way::Priority if !item.text && start == end => {}
                Way::Kept | Way::Priority if !item.text => {
                    if run < end {
                        pen.copy(record, run, end);
                    }
                    run = start;
                }
                _ => {
                    if run < end {
                        pen.copy(record, run, end);
                    }
                    attribute(record, item, &mut pen)?;
                    run = item.end as usize;
                }
            }
            end = item.end as usize;
        }
        pen.copy(record, run, end);
        if found.has & USER != 0 {
            pen.put(b"\x32\x50\x0a\x0aenduser.id\x12\x42\x0a\x40");
            pen.put(&digest(record, found.email.0, found.email.1));
        }
        pen.put_if(found.has & SLOW != 0, b"\x32\x0a\x0a\x04slow\x12\x02\x10\x01");
        let mut class = *b"\x32\x1a\x0a\x11http.status_class\x12\x05\x0a\x03?xx";
        class[25] = found.class;
        pen.put_if(found.has & CLASS != 0, &class);
        if found.has & ENV != 0 {
            pen.copy(&self.behind, 0, self.env);
        }
        if found.has & TEAM != 0 {
            pen.copy(&self.behind, self.env, self.team);
        }
        pen.put_if(found.has & PROBE != 0, b"\x32\x0b\x0a\x05probe\x12\x02\x10\x01");
        pen.copy(record, last, record.len());
        pen.finish(HEAD, out);
        Some(())
    }
}

/// `tenant`.
pub fn tenant(input: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    TENANT.with_borrow_mut(|tenant| {
        tenant.resource = 0;
        rewrite(input, out, tenant)
    })
}
