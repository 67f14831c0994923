//! Globs as text: [`parse`] turns a pattern into a [`Node`], and [`regex`] says what the node means as a regular
//! expression.
//!
//! Invariant: braces are at most [`NESTING`] deep, so whatever walks nodes may recurse. What a node really matches is
//! the business of `matcher`.

use std::fmt::Write as _;

/// Braces inside each other; as many as groups in a regular expression.
const NESTING: usize = 250;

const UNREADABLE: &str = "could not read rune";
const END: &str = "unexpected end of input";

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// One after the other.
    Sequence(Vec<Node>),
    /// `{a,b}`.
    AnyOf(Vec<Node>),
    /// What is left of an alternative of which everything was shared with the others.
    Nothing,
    /// `*` and `**`, by the number of stars.
    Super(u8),
    /// `?`.
    Single,
    /// `[abc]`.
    List {
        chars: Vec<char>,
        not: bool,
    },
    /// `[a-z]`.
    Range {
        lo: char,
        hi: char,
        not: bool,
    },
    Text(String),
}

/// Parses a pattern into a sequence.
///
/// # Errors
/// A message for a malformed class, for text that is not UTF-8, and for braces that are nested too deeply.
pub(super) fn parse(pattern: &[u8]) -> Result<Node, String> {
    let valid = match std::str::from_utf8(pattern) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&pattern[..error.valid_up_to()]).unwrap_or_default(),
    };
    // The reference takes a genuine U+FFFD for a decoding error as well.
    let text = valid.split(char::REPLACEMENT_CHARACTER).next().unwrap_or_default();
    let readable = text.len() == pattern.len();
    Parser { rest: text, readable, open: Vec::new() }.run()
}

struct Parser<'p> {
    rest: &'p str,
    /// Whether `rest` leads to the end of the pattern and not to text that cannot be read.
    readable: bool,
    /// For each open brace: the sequence it stands in, and the alternatives before the current one.
    open: Vec<(Vec<Node>, Vec<Node>)>,
}

impl Parser<'_> {
    /// COMPAT: NUL counts as the end: between pieces everything after it is lost, in a text it only ends the text.
    fn next(&mut self) -> Result<Option<char>, String> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        match next {
            None if !self.readable => Err(UNREADABLE.to_owned()),
            other => Ok(other.filter(|c| *c != '\0')),
        }
    }

    fn peek(&self) -> Result<Option<char>, String> {
        match self.rest.chars().next() {
            None if !self.readable => Err(UNREADABLE.to_owned()),
            other => Ok(other),
        }
    }

    fn run(mut self) -> Result<Node, String> {
        let mut current = Vec::new();
        loop {
            let before = self.rest;
            let Some(c) = self.next()? else { break };
            match c {
                '*' if self.peek()? == Some('*') => {
                    self.next()?;
                    current.push(Node::Super(2));
                }
                '*' => current.push(Node::Super(1)),
                '?' => current.push(Node::Single),
                // Text that cannot be read ends a class like the end of the pattern.
                '[' => current.push(self.class().map_err(|e| if e == UNREADABLE { END.to_owned() } else { e })?),
                '{' if self.open.len() == NESTING => return Err("too many braces inside each other".to_owned()),
                '{' => self.open.push((std::mem::take(&mut current), Vec::new())),
                ',' if !self.open.is_empty() => {
                    let alternative = Node::Sequence(std::mem::take(&mut current));
                    if let Some((_, alternatives)) = self.open.last_mut() {
                        alternatives.push(alternative);
                    }
                }
                '}' if !self.open.is_empty() => self.close(&mut current),
                _ => {
                    self.rest = before;
                    let in_braces = !self.open.is_empty();
                    let text =
                        self.text(|c| matches!(c, '?' | '*' | '[' | '{') || (in_braces && matches!(c, '}' | ',')))?;
                    if !text.is_empty() {
                        current.push(Node::Text(text));
                    }
                }
            }
        }
        // Braces may stay open to the end.
        while !self.open.is_empty() {
            self.close(&mut current);
        }
        Ok(Node::Sequence(current))
    }

    fn close(&mut self, current: &mut Vec<Node>) {
        if let Some((outer, mut alternatives)) = self.open.pop() {
            alternatives.push(Node::Sequence(std::mem::replace(current, outer)));
            current.push(Node::AnyOf(alternatives));
        }
    }

    /// Text up to a character that ends it; a backslash takes the next character literally.
    fn text(&mut self, ends: impl Fn(char) -> bool) -> Result<String, String> {
        let mut text = String::new();
        loop {
            let before = self.rest;
            match self.next()? {
                None => return Ok(text),
                Some('\\') => match self.next()? {
                    None => return Ok(text),
                    Some(c) => text.push(c),
                },
                Some(c) if ends(c) => {
                    self.rest = before;
                    return Ok(text);
                }
                Some(c) => text.push(c),
            }
        }
    }

    /// A class behind its bracket: `!`, then either `lo-hi]` or a list of characters.
    fn class(&mut self) -> Result<Node, String> {
        let end = || END.to_owned();
        let not = self.rest.starts_with('!');
        if not {
            self.rest = &self.rest[1..];
        }
        let before = self.rest;
        let lo = self.next()?.ok_or_else(end)?;
        let node = if self.peek()? == Some('-') {
            self.next()?;
            let hi = self.next()?.ok_or_else(end)?;
            Node::Range { lo, hi, not }
        } else {
            self.rest = before;
            let chars: Vec<char> = self.text(|c| c == ']')?.chars().collect();
            Node::List { chars, not }
        };
        if self.next()?.ok_or_else(end)? != ']' {
            return Err("expected close range character".to_owned());
        }
        match node {
            Node::Range { lo, hi, .. } if hi < lo => {
                Err(format!("hi character '{hi}' should be greater than lo '{lo}'"))
            }
            Node::List { chars, .. } if chars.is_empty() => Err("could not parse range".to_owned()),
            node => Ok(node),
        }
    }
}

/// What a node means, as a regular expression for a whole text.
pub(super) fn regex(node: &Node) -> String {
    let mut out = String::from(r"(?s)\A");
    write(node, &mut out);
    out.push_str(r"\z");
    out
}

fn write(node: &Node, out: &mut String) {
    match node {
        Node::Sequence(nodes) => nodes.iter().for_each(|node| write(node, out)),
        Node::AnyOf(nodes) => {
            out.push_str("(?:");
            for (idx, node) in nodes.iter().enumerate() {
                if idx > 0 {
                    out.push('|');
                }
                write(node, out);
            }
            out.push(')');
        }
        Node::Nothing => {}
        Node::Super(_) => out.push_str(".*"),
        Node::Single => out.push('.'),
        Node::List { chars, not } => {
            out.push_str(if *not { "[^" } else { "[" });
            chars.iter().for_each(|c| code(*c, out));
            out.push(']');
        }
        Node::Range { lo, hi, not } => {
            out.push_str(if *not { "[^" } else { "[" });
            code(*lo, out);
            out.push('-');
            code(*hi, out);
            out.push(']');
        }
        Node::Text(text) => text.chars().for_each(|c| code(c, out)),
    }
}

fn code(c: char, out: &mut String) {
    if c.is_ascii_alphanumeric() {
        out.push(c);
    } else {
        // Writing to a string cannot fail.
        let _ = write!(out, r"\x{{{:x}}}", u32::from(c));
    }
}
