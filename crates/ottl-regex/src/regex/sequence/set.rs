//! Sets of characters as the matcher of sequences tests them: by the first byte.

use regex_syntax::hir::{Class, ClassUnicode};

use super::super::needle::find_byte;
use super::super::text::width;

/// As many characters outside ASCII as a set lists one by one.
const LISTED: usize = 8;

/// As many bytes in a row are looked for from the last one on.
pub(super) const LONG: usize = 4;

/// Bytes that are tested one after the other without a loop.
const GROUP: usize = 8;

/// What of the characters outside ASCII is in a set.
#[derive(Debug, Clone)]
pub(super) enum Wide {
    /// None.
    Nothing,
    /// All, invalid bytes included, which are U+FFFD.
    Everything,
    /// These, encoded. U+FFFD is none of them.
    Listed(Box<[Box<[u8]>]>),
}

/// How the end of a run is found.
#[derive(Debug, Clone)]
enum Stop {
    /// By the table.
    Table,
    /// At the only byte that is not in the set.
    Byte(u8),
    /// At the end of the text.
    End,
}

/// A set of characters.
#[derive(Debug, Clone)]
pub(super) struct Set {
    /// Bytes that a character of the set can begin with.
    first: Box<[bool; 256]>,
    wide: Wide,
    stop: Stop,
}

impl Set {
    /// The set of a class; `None` if it is of neither form of [`Wide`].
    pub(super) fn new(class: &Class) -> Option<Set> {
        let set = match class {
            Class::Unicode(set) => set.clone(),
            Class::Bytes(set) => set.to_unicode_class()?,
        };
        let mut first = Box::new([false; 256]);
        for range in set.ranges() {
            for c in u32::from(range.start())..=u32::from(range.end()).min(0x7f) {
                first[c as usize] = true;
            }
        }
        let wide = wide(&set)?;
        match &wide {
            Wide::Nothing => {}
            Wide::Everything => first[0x80..].fill(true),
            Wide::Listed(encodings) => encodings.iter().for_each(|bytes| first[usize::from(bytes[0])] = true),
        }
        let mut out = first.iter().enumerate().filter(|(_, is_in)| !**is_in).map(|(byte, _)| byte as u8);
        let stop = match (&wide, out.next(), out.next()) {
            (Wide::Everything, None, _) => Stop::End,
            (Wide::Everything, Some(byte), None) => Stop::Byte(byte),
            _ => Stop::Table,
        };
        Some(Set { first, wide, stop })
    }

    /// Bytes that a character of the set can begin with.
    pub(super) fn first(&self) -> &[bool; 256] {
        &self.first
    }

    /// What is in the set beyond ASCII.
    pub(super) fn wide(&self) -> &Wide {
        &self.wide
    }

    /// Whether a character of the set can begin with this byte.
    #[inline]
    pub(super) fn has(&self, byte: u8) -> bool {
        self.first[usize::from(byte)]
    }

    /// The first byte at or after `at` that is not in the set, or the end. Only for sets without listed characters.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn run_end(&self, text: &[u8], at: usize) -> usize {
        let Some(rest) = text.get(at..) else { return at };
        let len = match self.stop {
            Stop::Table => self.first_outside(rest),
            Stop::Byte(byte) => find_byte(rest, byte),
            Stop::End => None,
        };
        at + len.unwrap_or(rest.len())
    }

    /// The first place at or after `from` where `min` bytes in a row are such that a character of the set can begin with them.
    ///
    /// PERF (extractg): looked at from the last of so many bytes on, most bytes of a text are not looked at.
    #[inline]
    pub(super) fn next_run(&self, text: &[u8], mut from: usize, min: usize) -> Option<usize> {
        if min < LONG {
            return text.get(from..)?.iter().position(|&byte| self.has(byte)).map(|at| from + at);
        }
        loop {
            let bytes = text.get(from..from.checked_add(min)?)?;
            match bytes.iter().rposition(|&byte| !self.has(byte)) {
                Some(outside) => from += outside + 1,
                None => return Some(from),
            }
        }
    }

    /// The place of the first byte that no character of the set begins with.
    ///
    /// PERF (tenant): bytes are told in groups, in which there are only tests of them; of one by one they are half.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    fn first_outside(&self, text: &[u8]) -> Option<usize> {
        let (groups, rest) = text.as_chunks::<GROUP>();
        for (number, group) in groups.iter().enumerate() {
            for (at, &byte) in group.iter().enumerate() {
                if !self.has(byte) {
                    return Some(number * GROUP + at);
                }
            }
        }
        rest.iter().position(|&byte| !self.has(byte)).map(|at| text.len() - rest.len() + at)
    }

    /// How many bytes at the end of a text are such that a character of the set can begin with them.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn count_back(&self, text: &[u8]) -> usize {
        let (rest, groups) = text.as_rchunks::<GROUP>();
        for (number, group) in groups.iter().rev().enumerate() {
            for (at, &byte) in group.iter().rev().enumerate() {
                if !self.has(byte) {
                    return number * GROUP + at;
                }
            }
        }
        text.len() - rest.iter().rposition(|&byte| !self.has(byte)).map_or(0, |at| at + 1)
    }

    /// Whether all characters of the set are ASCII.
    #[inline]
    pub(super) fn is_ascii(&self) -> bool {
        matches!(self.wide, Wide::Nothing)
    }

    /// How many characters from `at` on are in the set, at most `max`. Only for sets that are ASCII.
    #[inline]
    pub(super) fn count(&self, text: &[u8], at: usize, max: u32) -> u32 {
        let rest = text.get(at..).unwrap_or_default();
        let rest = rest.get(..max as usize).unwrap_or(rest);
        rest.iter().position(|&byte| !self.has(byte)).unwrap_or(rest.len()) as u32
    }

    /// The length in bytes of the character at `at`, 0 if it is not in the set.
    #[inline]
    pub(super) fn step(&self, text: &[u8], at: usize) -> usize {
        let Some(&byte) = text.get(at) else { return 0 };
        if !self.has(byte) {
            return 0;
        }
        if byte.is_ascii() {
            return 1;
        }
        match &self.wide {
            Wide::Nothing => 0,
            Wide::Everything => width(text, at),
            Wide::Listed(encodings) => {
                encodings.iter().find(|bytes| text[at..].starts_with(bytes)).map_or(0, |bytes| bytes.len())
            }
        }
    }
}

/// The characters outside ASCII; `None` if they are neither few nor all.
fn wide(set: &ClassUnicode) -> Option<Wide> {
    let mut count = 0usize;
    for range in set.ranges().iter().filter(|range| !range.end().is_ascii()) {
        let start = u32::from(range.start()).max(0x80);
        if start == 0x80 && range.end() == char::MAX {
            return Some(Wide::Everything);
        }
        count = count.saturating_add((u32::from(range.end()) - start) as usize + 1);
    }
    if count == 0 {
        return Some(Wide::Nothing);
    }
    if count > LISTED {
        return None;
    }
    let chars = set.ranges().iter().flat_map(|range| range.start()..=range.end()).filter(|c| !c.is_ascii());
    let listed: Vec<char> = chars.collect();
    if listed.contains(&char::REPLACEMENT_CHARACTER) {
        return None;
    }
    let encode = |c: &char| c.encode_utf8(&mut [0; 4]).as_bytes().into();
    Some(Wide::Listed(listed.iter().map(encode).collect()))
}
