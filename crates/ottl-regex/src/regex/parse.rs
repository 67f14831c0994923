//! The parser of Go's regular expression syntax (`regexp/syntax`, Perl flags), straight into
//! [`Hir`].
//!
//! Invariant: a pattern is accepted here exactly when the reference accepts it, except for the
//! documented limit on nesting ([`MAX_NESTING`]) and for the Unicode version of the tables. The
//! parser keeps an explicit stack, so the depth of a pattern never becomes depth of recursion
//! here. Group names live in [`Parsed`], not in the `Hir`: Go allows the same name twice.
//!
//! Character classes are next door in `class`; what is done with the tree is in `engine`.

use regex_syntax::hir::{Capture, Class, ClassUnicode, Dot, Hir, HirKind, Look, Repetition};

use super::class;
use super::error::{ErrorKind, RegexError};

/// The deepest nesting of groups, repetitions and alternations that is accepted. The reference
/// allows 1000 levels; the automaton compiler recurses, so we stop where its stack is safe on a
/// thread with 2 MiB even without optimisation.
pub const MAX_NESTING: u32 = 250;

/// The largest number of copies that nested counted repetitions may make, as in the reference.
const MAX_REPEAT: u32 = 1000;

/// The largest program, counted in instructions of the reference (128 MiB at 40 bytes each).
const MAX_SIZE: u64 = (128 << 20) / 40;

/// Memory that a node of the tree takes, a range of a class (in the tree and in the program), and an instruction of
/// the program, in bytes.
const NODE_BYTES: u64 = 256;
/// What a character outside classes takes once those beside it are one literal.
const CHAR_BYTES: u64 = 32;
const RANGE_BYTES: u64 = 16;
const INST_BYTES: u64 = 16;

/// Groups times instructions: what the ways to match remember of the groups is at most this often 32 bytes.
const MAX_GROUP_INSTS: u64 = 1 << 20;

/// A parsed pattern: the tree and the facts about it that the engine needs.
#[derive(Debug)]
pub(super) struct Parsed {
    /// The tree. Capture groups are numbered from 1 in order of their opening parenthesis.
    pub(super) hir: Hir,
    /// Names by group number; entry 0 stands for the whole match and is `None`.
    pub(super) names: Vec<Option<String>>,
    /// Whether some part of the pattern can match U+FFFD, which is how Go sees an invalid byte.
    pub(super) matches_replacement: bool,
    /// A generous estimate of the automaton's size in states.
    pub(super) cost: u64,
    /// How deep the tree is.
    pub(super) height: u32,
    /// An estimate of the memory that the tree and its program take, in bytes.
    pub(super) weight: u64,
}

#[derive(Clone, Copy)]
struct Flags {
    fold: bool,
    multi_line: bool,
    dot_newline: bool,
    ungreedy: bool,
}

/// A piece of the tree.
enum Piece {
    /// Characters that stand side by side, and the length of the last one: it may yet be repeated by itself.
    Text {
        bytes: Vec<u8>,
        last: usize,
    },
    Tree(Hir),
}

impl Piece {
    fn into_hir(self) -> Hir {
        match self {
            Piece::Text { bytes, .. } => Hir::literal(bytes),
            Piece::Tree(hir) => hir,
        }
    }
}

/// One parsed piece with the measures that the limits need.
///
/// PERF: characters side by side are one piece from the start. As one each, joined when the branch ends, they took half
/// of the time of parsing and half of its memory.
struct Node {
    piece: Piece,
    /// Largest product of counted repetitions along any path below.
    repeats: u32,
    height: u32,
    /// Instructions of the reference's program.
    size: u64,
    /// Estimated states of our automaton.
    cost: u64,
}

impl Node {
    fn tree(hir: Hir, size: u64, cost: u64) -> Node {
        Node { piece: Piece::Tree(hir), repeats: 1, height: 1, size, cost }
    }

    /// One character.
    fn char(bytes: Vec<u8>) -> Node {
        let last = bytes.len();
        Node { piece: Piece::Text { bytes, last }, repeats: 1, height: 1, size: 1, cost: last as u64 }
    }

    /// Whether it is a concatenation of characters.
    fn is_long_text(&self) -> bool {
        matches!(&self.piece, Piece::Text { .. }) && self.size > 1
    }
}

/// An open group (or the whole pattern at the bottom of the stack).
struct Frame {
    /// Flags to restore at the closing parenthesis.
    flags: Flags,
    /// Number of the capture group, if it captures.
    capture: Option<u32>,
    branches: Vec<Node>,
    items: Vec<Node>,
}

/// Which parentheses are groups that a match is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Groups {
    All,
    /// Those with a name; the others only hold together what is in them.
    Named,
}

/// Parses a pattern that weighs at most `max_weight` bytes.
pub(super) fn parse(pattern: &[u8], max_weight: u64, groups: Groups) -> Result<Parsed, RegexError> {
    Parser::new(pattern, max_weight, groups).run()
}

/// The decoded character at `at`, and the offset behind it.
pub(super) fn next_char(pattern: &[u8], at: usize) -> Result<(char, usize), RegexError> {
    let rest = &pattern[at..];
    let len = match rest.first() {
        Some(0..=0x7f) => 1,
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => 0,
    };
    rest.get(..len)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.chars().next())
        .map(|c| (c, at + len))
        .ok_or_else(|| RegexError::at(ErrorKind::InvalidUtf8, pattern, at, pattern.len()))
}

/// Takes what a repetition repeats: of a text its last character.
fn last_piece(items: &mut Vec<Node>) -> Option<Node> {
    if let Some(Node { piece: Piece::Text { bytes, last }, size, cost, .. }) = items.last_mut()
        && *size > 1
    {
        // The repetition stands behind the rest then, so nothing asks for the length of its last character.
        let char = bytes.split_off(bytes.len() - *last);
        *size -= 1;
        *cost -= *last as u64;
        return Some(Node::char(char));
    }
    items.pop()
}

struct Parser<'p> {
    pattern: &'p [u8],
    at: usize,
    flags: Flags,
    stack: Vec<Frame>,
    names: Vec<Option<String>>,
    matches_replacement: bool,
    /// Bytes of the nodes so far, and how many they may be together with the program.
    weight: u64,
    max_weight: u64,
    groups: Groups,
}

impl<'p> Parser<'p> {
    fn new(pattern: &'p [u8], max_weight: u64, groups: Groups) -> Parser<'p> {
        let flags = Flags { fold: false, multi_line: false, dot_newline: false, ungreedy: false };
        Parser {
            pattern,
            at: 0,
            flags,
            stack: vec![Frame { flags, capture: None, branches: Vec::new(), items: Vec::new() }],
            names: vec![None],
            matches_replacement: false,
            weight: 0,
            max_weight,
            groups,
        }
    }

    fn error(&self, kind: ErrorKind, start: usize, end: usize) -> RegexError {
        RegexError::at(kind, self.pattern, start, end)
    }

    fn run(mut self) -> Result<Parsed, RegexError> {
        // Where the repetition operator directly before the current token began, if there was
        // one: Go refuses `a**`, but allows `a*(?i)*`.
        let mut last_repeat = None;
        while let Some(&byte) = self.pattern.get(self.at) {
            let start = self.at;
            let mut repeat = None;
            match byte {
                b'(' => self.open()?,
                b'|' => {
                    self.at += 1;
                    self.end_branch()?;
                }
                b')' => self.close()?,
                b'^' => {
                    let look = if self.flags.multi_line { Look::StartLF } else { Look::Start };
                    self.push_look(look, 1)?;
                }
                b'$' => {
                    let look = if self.flags.multi_line { Look::EndLF } else { Look::End };
                    self.push_look(look, 1)?;
                }
                b'.' => {
                    self.at += 1;
                    self.matches_replacement = true;
                    let dot = if self.flags.dot_newline { Dot::AnyChar } else { Dot::AnyCharExceptLF };
                    self.push(Node::tree(Hir::dot(dot), 1, 16))?;
                }
                b'[' => {
                    let (set, end) = class::bracketed(self.pattern, self.at, self.flags.fold)?;
                    self.at = end;
                    self.push_class(set)?;
                }
                b'*' | b'+' | b'?' => {
                    self.at += 1;
                    let (min, max) = match byte {
                        b'*' => (0, None),
                        b'+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    self.repeat(start, min, max, false, last_repeat)?;
                    repeat = Some(start);
                }
                b'{' => match self.counts() {
                    None => {
                        self.at += 1;
                        self.push_char('{')?;
                    }
                    Some((min, max, end)) => {
                        let (Some(min), true) = (min, max.is_none_or(|max| max.is_some())) else {
                            return Err(self.error(ErrorKind::InvalidRepeatSize, start, end));
                        };
                        let max = max.flatten();
                        if min > MAX_REPEAT || max.is_some_and(|max| max > MAX_REPEAT || max < min) {
                            return Err(self.error(ErrorKind::InvalidRepeatSize, start, end));
                        }
                        self.at = end;
                        self.repeat(start, min, max, true, last_repeat)?;
                        repeat = Some(start);
                    }
                },
                b'\\' => self.escape()?,
                _ => {
                    let (c, next) = next_char(self.pattern, self.at)?;
                    self.at = next;
                    self.push_char(c)?;
                }
            }
            last_repeat = repeat;
        }
        self.end_branch()?;
        if self.stack.len() > 1 {
            return Err(self.error(ErrorKind::MissingParen, 0, self.pattern.len()));
        }
        let frame = self.stack.pop();
        let node = self.alternate(frame.map(|frame| frame.branches).unwrap_or_default())?;
        self.check_weight(node.size)?;
        if node.size.saturating_mul(self.names.len() as u64) > MAX_GROUP_INSTS && self.names.len() > 1 {
            return Err(self.error(ErrorKind::TooLarge, 0, self.pattern.len()));
        }
        Ok(Parsed {
            weight: self.weight + node.size * INST_BYTES,
            cost: node.cost,
            height: node.height,
            hir: node.piece.into_hir(),
            names: self.names,
            matches_replacement: self.matches_replacement,
        })
    }

    /// Refuses what has become too heavy, with a program of `size` instructions.
    fn check_weight(&self, size: u64) -> Result<(), RegexError> {
        if self.weight + size * INST_BYTES > self.max_weight {
            return Err(self.error(ErrorKind::TooLarge, 0, self.pattern.len()));
        }
        Ok(())
    }

    fn push(&mut self, node: Node) -> Result<(), RegexError> {
        self.weight += match &node.piece {
            Piece::Tree(hir) if !matches!(hir.kind(), HirKind::Literal(_)) => NODE_BYTES,
            _ => CHAR_BYTES,
        };
        self.check_weight(node.size)?;
        if node.size > MAX_SIZE {
            return Err(self.error(ErrorKind::TooLarge, 0, self.pattern.len()));
        }
        if node.height > MAX_NESTING {
            return Err(self.error(ErrorKind::NestingDepth, 0, self.pattern.len()));
        }
        if let Some(frame) = self.stack.last_mut() {
            frame.items.push(node);
        }
        Ok(())
    }

    fn push_look(&mut self, look: Look, width: usize) -> Result<(), RegexError> {
        self.at += width;
        self.push(Node::tree(Hir::look(look), 1, 1))
    }

    fn push_char(&mut self, c: char) -> Result<(), RegexError> {
        if self.flags.fold {
            return self.push_class(class::folded(c));
        }
        self.matches_replacement |= c == char::REPLACEMENT_CHARACTER;
        let mut buf = [0; 4];
        let text = c.encode_utf8(&mut buf).as_bytes();
        let before = self.stack.last_mut().and_then(|frame| frame.items.last_mut());
        let Some(Node { piece: Piece::Text { bytes, last }, size, cost, .. }) = before else {
            return self.push(Node::char(text.to_vec()));
        };
        bytes.extend_from_slice(text);
        *last = text.len();
        *size += 1;
        *cost += text.len() as u64;
        self.weight += CHAR_BYTES;
        self.check_weight(1)
    }

    fn push_class(&mut self, set: ClassUnicode) -> Result<(), RegexError> {
        self.matches_replacement |= class::contains(&set, char::REPLACEMENT_CHARACTER);
        self.weight += set.ranges().len() as u64 * RANGE_BYTES;
        let cost = set.ranges().len() as u64 * 8;
        self.push(Node::tree(Hir::class(Class::Unicode(set)), 1, cost))
    }

    /// Ends a branch: what was collected since the last `|` or `(` becomes one concatenation.
    fn end_branch(&mut self) -> Result<(), RegexError> {
        let Some(frame) = self.stack.last_mut() else { return Ok(()) };
        let mut items = std::mem::take(&mut frame.items);
        let node = if items.len() == 1 && !items[0].is_long_text() {
            items.remove(0)
        } else {
            let mut node = Node::tree(Hir::empty(), 0, 1);
            for item in &items {
                node.repeats = node.repeats.max(item.repeats);
                node.height = node.height.max(item.height + 1);
                node.size += item.size;
                node.cost += item.cost;
            }
            node.size = node.size.max(1);
            node.piece = Piece::Tree(Hir::concat(items.into_iter().map(|item| item.piece.into_hir()).collect()));
            node
        };
        if node.size > MAX_SIZE {
            return Err(self.error(ErrorKind::TooLarge, 0, self.pattern.len()));
        }
        frame.branches.push(node);
        Ok(())
    }

    fn alternate(&self, mut branches: Vec<Node>) -> Result<Node, RegexError> {
        if branches.len() == 1 {
            return Ok(branches.remove(0));
        }
        let mut node = Node::tree(Hir::empty(), 0, 1);
        for branch in &branches {
            node.repeats = node.repeats.max(branch.repeats);
            node.height = node.height.max(branch.height + 1);
            node.size += branch.size + 1;
            node.cost += branch.cost + 1;
        }
        if node.size > MAX_SIZE {
            return Err(self.error(ErrorKind::TooLarge, 0, self.pattern.len()));
        }
        node.piece =
            Piece::Tree(Hir::alternation(branches.into_iter().map(|branch| branch.piece.into_hir()).collect()));
        Ok(node)
    }

    fn close(&mut self) -> Result<(), RegexError> {
        self.at += 1;
        self.end_branch()?;
        if self.stack.len() < 2 {
            return Err(self.error(ErrorKind::UnexpectedParen, 0, self.pattern.len()));
        }
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        self.flags = frame.flags;
        let mut node = self.alternate(frame.branches)?;
        // What a group holds is one piece for what follows, also if it is a text.
        let mut hir = node.piece.into_hir();
        if let Some(index) = frame.capture {
            hir = Hir::capture(Capture { index, name: None, sub: Box::new(hir) });
            node.height += 1;
            node.size += 2;
            node.cost += 2;
        }
        node.piece = Piece::Tree(hir);
        self.push(node)
    }

    /// Opens a group: `(`, `(?flags)`, `(?flags:`, `(?P<name>` or `(?<name>`.
    fn open(&mut self) -> Result<(), RegexError> {
        let start = self.at;
        if self.pattern.get(start + 1) != Some(&b'?') {
            self.at += 1;
            return match self.groups {
                Groups::All => self.open_capture(None),
                Groups::Named => self.open_group(None),
            };
        }
        let rest = &self.pattern[start..];
        let name_start = if rest.len() > 4 && rest[2] == b'P' && rest[3] == b'<' {
            Some(start + 4)
        } else if rest.len() > 3 && rest[2] == b'<' {
            Some(start + 3)
        } else {
            None
        };
        if let Some(name_start) = name_start {
            return self.open_named(start, name_start);
        }
        let mut flags = self.flags;
        let mut set = true;
        let mut saw_flag = false;
        let mut at = start + 2;
        while at < self.pattern.len() {
            let (c, next) = next_char(self.pattern, at)?;
            at = next;
            match c {
                'i' => flags.fold = set,
                'm' => flags.multi_line = set,
                's' => flags.dot_newline = set,
                'U' => flags.ungreedy = set,
                '-' if set => {
                    set = false;
                    saw_flag = false;
                    continue;
                }
                ':' | ')' if set || saw_flag => {
                    if c == ':' {
                        self.open_group(None)?;
                    }
                    self.flags = flags;
                    self.at = at;
                    return Ok(());
                }
                _ => return Err(self.error(ErrorKind::InvalidPerlOp, start, at)),
            }
            saw_flag = true;
        }
        Err(self.error(ErrorKind::InvalidPerlOp, start, at))
    }

    fn open_named(&mut self, start: usize, name_start: usize) -> Result<(), RegexError> {
        let Some(len) = self.pattern[start..].iter().position(|&byte| byte == b'>') else {
            class::check_utf8(self.pattern, start, self.pattern.len())?;
            return Err(self.error(ErrorKind::InvalidNamedCapture, start, self.pattern.len()));
        };
        let end = start + len;
        let name = self.pattern.get(name_start..end).unwrap_or_default();
        class::check_utf8(self.pattern, name_start, end)?;
        let valid = !name.is_empty() && name.iter().all(|&b| b == b'_' || b.is_ascii_alphanumeric());
        if !valid {
            return Err(self.error(ErrorKind::InvalidNamedCapture, start, end + 1));
        }
        let name = String::from_utf8_lossy(name).into_owned();
        self.at = end + 1;
        self.open_capture(Some(name))
    }

    fn open_capture(&mut self, name: Option<String>) -> Result<(), RegexError> {
        let index = self.names.len() as u32;
        self.names.push(name);
        self.open_group(Some(index))
    }

    fn open_group(&mut self, capture: Option<u32>) -> Result<(), RegexError> {
        // The height of what is inside is only known at the closing parenthesis; bounding the
        // number of open groups here keeps the stack small before that.
        if self.stack.len() as u32 > MAX_NESTING * 4 {
            return Err(self.error(ErrorKind::NestingDepth, 0, self.pattern.len()));
        }
        self.stack.push(Frame { flags: self.flags, capture, branches: Vec::new(), items: Vec::new() });
        Ok(())
    }

    /// Reads `{n}`, `{n,}` or `{n,m}` at the current position. `None`: not a repetition, the
    /// brace is a literal. The inner options are `None` for numbers that are far too large; a
    /// missing upper bound is `max == None`.
    #[allow(clippy::type_complexity)]
    fn counts(&self) -> Option<(Option<u32>, Option<Option<u32>>, usize)> {
        let mut at = self.at + 1;
        let min = self.number(&mut at)?;
        let mut max = Some(min);
        if self.pattern.get(at) == Some(&b',') {
            at += 1;
            if self.pattern.get(at) == Some(&b'}') {
                max = None;
            } else {
                max = Some(self.number(&mut at)?);
            }
        }
        (self.pattern.get(at) == Some(&b'}')).then_some((min, max, at + 1))
    }

    fn number(&self, at: &mut usize) -> Option<Option<u32>> {
        let digits = self.pattern[*at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let text = &self.pattern[*at..*at + digits];
        if digits == 0 || digits > 1 && text[0] == b'0' {
            return None;
        }
        *at += digits;
        Some(text.iter().try_fold(0u32, |value, &digit| value.checked_mul(10)?.checked_add(u32::from(digit - b'0'))))
    }

    fn repeat(
        &mut self,
        start: usize,
        min: u32,
        max: Option<u32>,
        counted: bool,
        last_repeat: Option<usize>,
    ) -> Result<(), RegexError> {
        let mut greedy = !self.flags.ungreedy;
        if self.pattern.get(self.at) == Some(&b'?') {
            self.at += 1;
            greedy = !greedy;
        }
        if let Some(last) = last_repeat {
            return Err(self.error(ErrorKind::InvalidRepeatOp, last, self.at));
        }
        let Some(mut node) = self.stack.last_mut().and_then(|frame| last_piece(&mut frame.items)) else {
            return Err(self.error(ErrorKind::MissingRepeatArgument, start, self.at));
        };
        if counted {
            let copies = max.unwrap_or(min);
            node.repeats = if max == Some(0) { 1 } else { node.repeats.saturating_mul(copies.max(1)) };
            if (min >= 2 || max.is_some_and(|max| max >= 2)) && node.repeats > MAX_REPEAT {
                return Err(self.error(ErrorKind::InvalidRepeatSize, start, self.at));
            }
        }
        node.size = match (min, max) {
            (0, None) => 2 + node.size,
            (_, None) => 1 + u64::from(min) * node.size,
            (_, Some(max)) => (u64::from(max) * node.size + u64::from(max - min)).max(1),
        };
        node.cost = (node.cost + 2).saturating_mul(u64::from(max.unwrap_or(min + 1).max(1)));
        node.height += 1;
        let sub = Box::new(node.piece.into_hir());
        node.piece = Piece::Tree(Hir::repetition(Repetition { min, max, greedy, sub }));
        self.push(node)
    }

    fn escape(&mut self) -> Result<(), RegexError> {
        let start = self.at;
        match self.pattern.get(start + 1) {
            Some(b'A') => return self.push_look(Look::Start, 2),
            Some(b'z') => return self.push_look(Look::End, 2),
            Some(b'b') => return self.push_look(Look::WordAscii, 2),
            Some(b'B') => return self.push_look(Look::WordAsciiNegate, 2),
            Some(b'C') => return Err(self.error(ErrorKind::InvalidEscape, start, start + 2)),
            Some(b'Q') => return self.quoted(),
            _ => {}
        }
        if let Some((set, end)) = class::escaped(self.pattern, start, self.flags.fold)? {
            self.at = end;
            return self.push_class(set);
        }
        let (code, end) = class::escape_char(self.pattern, start)?;
        self.at = end;
        match char::from_u32(code) {
            Some(c) => self.push_char(c),
            // A surrogate: valid syntax that no text contains.
            None => self.push_class(ClassUnicode::empty()),
        }
    }

    /// `\Q...\E`: everything between is literal; the `\E` may be missing.
    fn quoted(&mut self) -> Result<(), RegexError> {
        self.at += 2;
        let rest = &self.pattern[self.at..];
        let end = rest.windows(2).position(|pair| pair == br"\E").map_or(rest.len(), |at| at);
        let stop = self.at + end;
        while self.at < stop {
            let (c, next) = next_char(&self.pattern[..stop], self.at)?;
            self.at = next;
            self.push_char(c)?;
        }
        self.at = (stop + 2).min(self.pattern.len());
        Ok(())
    }
}
