//! [`Walk`]: where in a document a byte stands.
//!
//! Readers keep no path. Whoever needs one, for an error or a warning, walks the text again from its start up to that
//! byte, so that reading costs the same with and without paths.
//!
//! INVARIANT: what stands before the byte was read before, so nothing is checked here; any text ends the walk.

use std::ops::Range;

use super::scan::Scanner;
use crate::schema::{FieldDef, Kind, MessageDef, Presence, Signal};

/// What the text wants at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// The value of the whole text, of a member or of an element.
    Value,
    /// A member's name, or the end of the object where it is still empty.
    Name { first: bool },
    /// The colon after a name.
    Colon,
    /// A comma, or the end of the object or list.
    More,
    /// Nothing.
    End,
}

/// An object or a list around the place.
#[derive(Clone, Copy, Debug)]
enum Around {
    Object {
        def: Option<&'static MessageDef>,
        /// Where the name of the current member stands, without its quotes.
        name: (usize, usize),
        field: Option<&'static FieldDef>,
    },
    List {
        index: usize,
        field: Option<&'static FieldDef>,
    },
}

/// The place of one byte in a document.
pub(super) struct Walk<'t> {
    text: &'t [u8],
    around: Vec<Around>,
    root: &'static MessageDef,
    /// What is wanted where the byte stands.
    pub(super) wants: Wants,
    /// The token with the byte in it, or the first one after it; empty at the end of the text.
    pub(super) token: Range<usize>,
}

impl<'t> Walk<'t> {
    /// Walks a document of this signal up to a byte.
    pub(super) fn to(signal: Signal, text: &'t [u8], offset: usize) -> Self {
        let mut walk =
            Self { text, around: Vec::new(), root: signal.message().def(), wants: Wants::Value, token: 0..0 };
        let mut pos = 0;
        loop {
            pos += text[pos..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            let (end, is_whole) = token_end(text, pos);
            walk.token = pos..end;
            if !is_whole || end > offset {
                return walk;
            }
            pos = walk.token.end;
            walk.step();
        }
    }

    /// Goes past the token.
    fn step(&mut self) {
        let Range { start, end } = self.token;
        match self.text[start] {
            b'{' if self.wants == Wants::Value => {
                let def = self.def();
                self.around.push(Around::Object { def, name: (start, start), field: None });
                self.wants = Wants::Name { first: true };
            }
            b'[' if self.wants == Wants::Value => {
                let field = self.field();
                self.around.push(Around::List { index: 0, field });
                self.wants = Wants::Value;
            }
            b'}' | b']' => {
                self.around.pop();
                self.value_ends();
            }
            b',' => {
                self.wants = Wants::Value;
                match self.around.last_mut() {
                    Some(Around::Object { .. }) => self.wants = Wants::Name { first: false },
                    Some(Around::List { index, .. }) => *index += 1,
                    None => {}
                }
            }
            b':' => self.wants = Wants::Value,
            b'"' if matches!(self.wants, Wants::Name { .. }) => {
                let inside = (start + 1).min(end)..end.saturating_sub(1).max(start + 1);
                let known = name_at(self.text, start);
                if let Some(Around::Object { def, name, field }) = self.around.last_mut() {
                    *name = (inside.start, inside.end);
                    *field = def.and_then(|def| named(def, &known));
                }
                self.wants = Wants::Colon;
            }
            _ => self.value_ends(),
        }
    }

    fn value_ends(&mut self) {
        self.wants = if self.around.is_empty() { Wants::End } else { Wants::More };
    }

    /// The message that an object at this place is.
    fn def(&self) -> Option<&'static MessageDef> {
        match self.around.last() {
            None => Some(self.root),
            Some(Around::Object { field, .. } | Around::List { field, .. }) => match (*field)?.kind {
                Kind::Message(id) => Some(id.def()),
                _ => None,
            },
        }
    }

    /// The field whose value belongs here, or whose list this is an element of.
    pub(super) fn field(&self) -> Option<&'static FieldDef> {
        match self.around.last()? {
            Around::Object { field, .. } | Around::List { field, .. } => *field,
        }
    }

    /// Whether the place is in a list that is the value of a repeated field, next to its elements.
    pub(super) fn is_element(&self) -> bool {
        matches!(self.around.last(), Some(Around::List { field: Some(field), .. }) if field.presence == Presence::Repeated)
    }

    /// The bracket that ends what is around the place.
    pub(super) fn closing(&self) -> Option<char> {
        self.around.last().map(|around| if matches!(around, Around::Object { .. }) { '}' } else { ']' })
    }

    /// Whether the place is in no object and no list.
    pub(super) fn is_outermost(&self) -> bool {
        self.around.is_empty()
    }

    /// The place as names and indices, such as `resourceLogs[0].scopeLogs[2]`: the member or element whose value belongs
    /// there, or the object or list whose next member, element or end belongs there. Long names and deep paths are
    /// shortened.
    pub(super) fn path(&self) -> String {
        /// Names and indices at either end of a path that is too deep to be shown.
        const SHOWN: usize = 12;
        let is_value = matches!(self.wants, Wants::Value | Wants::Colon);
        let mut path = String::new();
        for (depth, around) in self.around.iter().enumerate() {
            let last = depth + 1 == self.around.len();
            if last && !is_value {
                break;
            }
            if (SHOWN..self.around.len().saturating_sub(SHOWN)).contains(&depth) {
                if depth == SHOWN {
                    path.push('…');
                }
                continue;
            }
            match around {
                Around::Object { name: (start, end), .. } => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    push_name(&mut path, &self.text[*start..*end]);
                }
                Around::List { index, .. } => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }
}

/// Appends a name as far as it can be shown on one line.
fn push_name(path: &mut String, name: &[u8]) {
    /// Characters of a name that are shown.
    const SHOWN: usize = 64;
    let name = String::from_utf8_lossy(name);
    let mut characters = name.chars();
    path.extend(characters.by_ref().take(SHOWN).map(|char| if char.is_control() { '\u{fffd}' } else { char }));
    if characters.next().is_some() {
        path.push('…');
    }
}

/// A string at its opening quote, escapes resolved; what is there of it when it is damaged.
pub(super) fn name_at(text: &[u8], start: usize) -> Vec<u8> {
    let mut scratch = Vec::new();
    let mut scanner = Scanner::new(text.get(start + 1..).unwrap_or_default());
    scanner.string(&mut scratch).map(<[u8]>::to_vec).unwrap_or_default()
}

fn named(def: &'static MessageDef, name: &[u8]) -> Option<&'static FieldDef> {
    def.fields.iter().find(|field| field.name.as_bytes() == name || field.snake_name.as_bytes() == name)
}

/// Where the token ends that starts here, and whether it does not end because the text does.
fn token_end(text: &[u8], start: usize) -> (usize, bool) {
    match text.get(start) {
        None => (start, false),
        Some(b'{' | b'}' | b'[' | b']' | b',' | b':') => (start + 1, true),
        Some(b'"') => {
            let mut at = start + 1;
            loop {
                let Some(len) = memchr::memchr2(b'"', b'\\', &text[at..]) else { return (text.len(), false) };
                if text[at + len] == b'"' {
                    return (at + len + 1, true);
                }
                at = (at + len + 2).min(text.len());
            }
        }
        Some(_) => {
            let is_word = |byte: &&u8| !byte.is_ascii_whitespace() && !b"{}[],:\"".contains(byte);
            (start + text[start..].iter().take_while(is_word).count().max(1), true)
        }
    }
}
