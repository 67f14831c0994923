//! From the syntax tree to the steps of a sequence.
//!
//! Steps are made from the last to the first, so that each knows what can follow it. Beside the shapes that it does
//! not know, the builder refuses
//!
//! - what may match nothing, unless it is anchored: empty matches have rules of their own;
//! - runs over all characters outside ASCII which might be given back inside a character. What follows such a run has
//!   to begin with an ASCII character or a literal, because both stand only where a character starts;
//! - U+FFFD in literals, which matches invalid bytes too.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look, Repetition};

use super::super::few::TwoBytes;
use super::super::rarity;
use super::set::{LONG, Set, Wide};
use super::{Needle, Start, is_word};

/// More steps than this are left to the automata. It also bounds the recursion of a run.
const STEPS: usize = 96;

/// How far a byte may stand behind the start of a match that is found by it.
const FIXED: usize = 64;

/// As many branches as a choice may have.
const BRANCHES: usize = 16;

/// The place of the step that ends a match.
pub(super) const MATCH: usize = 0;

/// When a run gives characters back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Never: what follows always fits after the longest run, or never fits after a shorter one.
    Possessive,
    /// One by one from the longest.
    Greedy,
    /// It takes one by one from the shortest.
    Lazy,
}

/// One step of a sequence; `next` is the place of the one that follows.
#[derive(Debug)]
pub(super) enum Node {
    /// The match ends here.
    Match,
    /// One byte.
    Byte { byte: u8, next: usize },
    /// A longer literal.
    Literal { bytes: Box<[u8]>, next: usize },
    /// One character.
    One { set: Set, next: usize },
    /// At least `min` bytes of a set without listed characters, as many as there are. `before` is the byte that
    /// what follows begins with, if it is always the same.
    Run { set: Set, min: usize, possessive: bool, before: Option<u8>, next: usize },
    /// A counted number of characters.
    Counted { set: Set, min: u32, max: u32, mode: Mode, next: usize },
    /// The first of the branches that leads to a match. `fits` has a bit for each branch that the next byte lets pass.
    Split { branches: Box<[usize]>, fits: Box<[u16; 256]> },
    /// One character or none, without giving it back.
    Optional { set: Set, next: usize },
    /// A condition on the place.
    Look { look: Look, next: usize },
    /// The place is an end of a group. With `undo` it is forgotten when what follows does not fit.
    Save { slot: usize, undo: bool, next: usize },
}

/// What can follow from a step on.
#[derive(Debug, Clone)]
pub(super) struct Ahead {
    /// Bytes that can come next.
    first: Box<[bool; 256]>,
    /// Whether some of them are of a set with all characters outside ASCII.
    any_wide: bool,
    /// Whether the match may end without another byte and before the end of the text.
    ends: bool,
    /// Whether the match is certain.
    always: bool,
    /// Whether the match may end without another byte, also at the end of the text.
    empty: bool,
}

impl Ahead {
    /// Whether the match can go on or end where a character of the set comes next.
    fn meets(&self, set: &Set) -> bool {
        self.ends || set.first().iter().zip(self.first.iter()).any(|(&here, &there)| here && there)
    }
}

/// The steps of a pattern.
#[derive(Debug)]
pub(super) struct Program {
    nodes: Vec<Node>,
    entry: usize,
}

struct Builder {
    nodes: Vec<Node>,
    ahead: Vec<Ahead>,
    /// Whether groups are marked.
    groups: bool,
    /// How many branches surround what is being built.
    branches: usize,
}

impl Program {
    /// Builds the steps, and says what can follow from each; `None` for what is not a sequence.
    pub(super) fn build(hir: &Hir, groups: bool) -> Option<(Program, Vec<Ahead>)> {
        let end = Ahead { first: Box::new([false; 256]), any_wide: false, ends: true, always: true, empty: true };
        let mut builder = Builder { nodes: vec![Node::Match], ahead: vec![end], groups, branches: 0 };
        let entry = builder.node(hir, MATCH)?;
        Some((Program { nodes: builder.nodes, entry }, builder.ahead))
    }

    /// The first step.
    #[inline]
    pub(super) fn entry(&self) -> usize {
        self.entry
    }

    /// Whether the first step is a choice between sequences.
    pub(super) fn begins_with_choice(&self) -> bool {
        matches!(self.nodes.get(self.entry), Some(Node::Split { .. }))
    }

    /// The steps.
    #[inline]
    pub(super) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Bytes that every match has, each with how many bytes of ASCII stand before it in every match.
    fn fixed_bytes(&self) -> Vec<(usize, u8)> {
        let (mut node, mut offset, mut fixed) = (self.entry, 0, Vec::new());
        while let Some(next) = self.nodes.get(node)
            && offset < FIXED
        {
            (node, offset) = match next {
                Node::One { set, next } if set.is_ascii() => (*next, offset + 1),
                Node::Counted { set, min, max, next, .. } if set.is_ascii() && min == max => {
                    (*next, offset + *min as usize)
                }
                Node::Byte { byte, next } => {
                    fixed.push((offset, *byte));
                    (*next, offset + 1)
                }
                Node::Literal { bytes, next } => {
                    fixed.extend((offset..).zip(bytes.iter().copied()));
                    (*next, offset + bytes.len())
                }
                _ => break,
            };
        }
        fixed
    }

    /// A byte that is worth looking for, and how many bytes of ASCII stand before it in every match.
    fn fixed_byte(&self) -> Option<(u8, usize)> {
        let fixed = self.fixed_bytes().into_iter().rev();
        let (offset, byte) = fixed.max_by_key(|(_, byte)| rarity(*byte))?;
        (offset > 0 && rarity(byte) >= rarity(b'.')).then_some((byte, offset))
    }

    /// Two bytes that every match has at their distance, one of them worth looking for.
    pub(super) fn two_bytes(&self) -> Option<TwoBytes> {
        let fixed = self.fixed_bytes();
        let is_rare = fixed.iter().any(|(_, byte)| rarity(*byte) >= rarity(b'.'));
        is_rare.then(|| TwoBytes::rarest(fixed.iter().copied()))?.map(|(two, _)| two)
    }

    /// What can stand around the first place of a byte in a match of a pattern that begins with a run before it: sets of bytes, of
    /// what can be in front of it and behind it.
    pub(super) fn around(hir: &Hir, byte: u8) -> Option<[Box<[bool; 256]>; 2]> {
        let (program, ahead) = Program::build(hir, false)?;
        let (Node::Run { set, min: 1.., next, .. } | Node::Counted { set, min: 1.., next, .. }) =
            program.nodes.get(program.entry)?
        else {
            return None;
        };
        match program.nodes.get(*next)? {
            Node::Byte { byte: own, next } if *own == byte && !matches!(set.wide(), Wide::Listed(_)) => {
                let Ahead { first, ends, empty, .. } = ahead.get(*next)?;
                let behind = if *ends || *empty { Box::new([true; 256]) } else { first.clone() };
                Some([Box::new(*set.first()), behind])
            }
            _ => None,
        }
    }

    /// The start of a pattern that begins with a counted run before a byte that is not in it.
    fn counted_before(&self) -> Option<Start> {
        let Node::Counted { set, min: min @ 1.., max, next, .. } = self.nodes.get(self.entry)? else { return None };
        let byte = match self.nodes.get(*next)? {
            Node::Byte { byte, .. } => *byte,
            Node::Literal { bytes, .. } => *bytes.first()?,
            _ => return None,
        };
        let (min, max) = (*min as usize, *max as usize);
        let node = self.behind_byte(*next);
        (set.is_ascii() && !set.has(byte)).then(|| Start::RunBefore { set: set.clone(), min, max, byte, node })
    }

    /// The step behind the byte with which a step begins, and its length; this step where it is no byte.
    fn behind_byte(&self, node: usize) -> (usize, usize) {
        if let Some(Node::Byte { next, .. }) = self.nodes.get(node) { (*next, 1) } else { (node, 0) }
    }

    /// Where matches can start; of a program without groups. `None` for what may match nothing.
    pub(super) fn start(&self, hir: &Hir, ahead: &[Ahead]) -> Option<Start> {
        let properties = hir.properties();
        if properties.look_set_prefix().contains(Look::Start) {
            let node = match self.nodes.get(self.entry)? {
                Node::Look { look: Look::Start, next } => *next,
                _ => self.entry,
            };
            return Some(Start::Text { node });
        }
        if properties.minimum_len() == Some(0) {
            return None;
        }
        let (all, ahead) = (ahead, ahead.get(self.entry)?);
        let run = |set: &Set, min, max, node, ahead: &Ahead| {
            let then = ahead.first.clone();
            Start::Run { set: set.clone(), min, max, node, then, may_end: ahead.empty }
        };
        let (fixed, counted) = (self.fixed_byte(), self.counted_before());
        Some(match self.nodes.get(self.entry)? {
            Node::Byte { byte, next } => {
                let then = all.get(*next)?;
                // Where nothing has to follow, anything may.
                let first = if then.empty { Box::new([true; 256]) } else { then.first.clone() };
                Start::Byte { byte: *byte, after: *next, then: first, may_end: then.empty }
            }
            Node::Literal { bytes, next } => Start::Literal { needle: Needle::new(bytes), after: *next },
            Node::Run { set, min, before: Some(byte), next, .. } if !set.has(*byte) => {
                let node = self.behind_byte(*next);
                Start::RunBefore { set: set.clone(), min: *min, max: usize::MAX, byte: *byte, node }
            }
            _ if fixed.is_some() => {
                let (byte, offset) = fixed?;
                Start::Before { byte, offset, first: ahead.first.clone() }
            }
            Node::Counted { .. } if counted.is_some() => counted?,
            // What can follow such a run comes only where it ends.
            Node::Run { set, min, next, .. } if *min > 0 && !all.get(*next)?.meets(set) => {
                run(set, *min, usize::MAX, *next, all.get(*next)?)
            }
            Node::Counted { set, min, max, next, .. } if *min > 0 && set.is_ascii() && !all.get(*next)?.meets(set) => {
                run(set, *min as usize, *max as usize, *next, all.get(*next)?)
            }
            // The start of a run is the start of a character, unless it may be empty before another that is not ASCII.
            Node::Run { set, min, .. } if *min > 0 || !ahead.any_wide || matches!(set.wide(), Wide::Everything) => {
                Start::Bytes { first: ahead.first.clone(), run: Some(set.clone()), chars: false, words: false }
            }
            // Whatever follows, and however many it takes, the least are there.
            Node::Counted { set, min, .. } if *min as usize >= LONG && set.is_ascii() => {
                Start::Long { set: set.clone(), min: *min as usize }
            }
            node => {
                let words = matches!(node, Node::Look { look: Look::WordAscii, .. })
                    && ahead.first.iter().zip(0..=u8::MAX).all(|(&first, byte)| !first || is_word(byte));
                Start::Bytes { first: ahead.first.clone(), run: None, chars: ahead.any_wide, words }
            }
        })
    }
}

impl Builder {
    fn push(&mut self, node: Node, ahead: Ahead) -> Option<usize> {
        if self.nodes.len() >= STEPS {
            return None;
        }
        self.nodes.push(node);
        self.ahead.push(ahead);
        Some(self.nodes.len() - 1)
    }

    fn node(&mut self, hir: &Hir, next: usize) -> Option<usize> {
        match hir.kind() {
            HirKind::Empty => Some(next),
            HirKind::Literal(literal) => self.literal(&literal.0, next),
            HirKind::Class(class) => {
                let set = Set::new(class)?;
                let ahead = self.set_ahead(&set);
                self.push(Node::One { set, next }, ahead)
            }
            HirKind::Look(look) => self.look(*look, next),
            HirKind::Repetition(repetition) => self.repetition(repetition, next),
            HirKind::Capture(capture) if self.groups => {
                let slot = capture.index as usize * 2;
                let end = self.save(slot + 1, next)?;
                let inner = self.node(&capture.sub, end)?;
                self.save(slot, inner)
            }
            HirKind::Capture(capture) => self.node(&capture.sub, next),
            HirKind::Concat(subs) => subs.iter().rev().try_fold(next, |next, sub| self.node(sub, next)),
            HirKind::Alternation(subs) => {
                self.branches += 1;
                let branches = subs.iter().map(|sub| self.node(sub, next)).collect::<Option<Vec<_>>>()?;
                self.branches -= 1;
                self.split(branches)
            }
        }
    }

    fn literal(&mut self, bytes: &[u8], next: usize) -> Option<usize> {
        let text = std::str::from_utf8(bytes).ok()?;
        if text.contains(char::REPLACEMENT_CHARACTER) {
            return None;
        }
        let mut ahead =
            Ahead { first: Box::new([false; 256]), any_wide: false, ends: false, always: false, empty: false };
        ahead.first[usize::from(*bytes.first()?)] = true;
        // Without groups between them, literals are one.
        let mut whole = bytes.to_vec();
        let node = match &self.nodes[next] {
            Node::Byte { byte, next } => {
                whole.push(*byte);
                Node::Literal { bytes: whole.into(), next: *next }
            }
            Node::Literal { bytes, next } => {
                whole.extend_from_slice(bytes);
                Node::Literal { bytes: whole.into(), next: *next }
            }
            _ => match bytes {
                [byte] => Node::Byte { byte: *byte, next },
                _ => Node::Literal { bytes: whole.into(), next },
            },
        };
        self.push(node, ahead)
    }

    fn look(&mut self, look: Look, next: usize) -> Option<usize> {
        let mut ahead = self.ahead[next].clone();
        ahead.always = false;
        match look {
            Look::Start | Look::StartLF => {}
            // Only the end of the text follows.
            Look::End => {
                ahead.first.fill(false);
                ahead.any_wide = false;
                ahead.ends = false;
            }
            Look::EndLF => {
                // Nothing but a newline can follow; its match may end there.
                ahead.first.fill(false);
                ahead.first[usize::from(b'\n')] = true;
                ahead.any_wide = false;
                ahead.ends = false;
            }
            // Next to a word byte, so never inside a character.
            Look::WordAscii => {}
            _ => return None,
        }
        self.push(Node::Look { look, next }, ahead)
    }

    fn save(&mut self, slot: usize, next: usize) -> Option<usize> {
        let ahead = self.ahead[next].clone();
        self.push(Node::Save { slot, undo: self.branches > 0, next }, ahead)
    }

    fn split(&mut self, branches: Vec<usize>) -> Option<usize> {
        if branches.len() > BRANCHES {
            return None;
        }
        let mut fits = Box::new([0; 256]);
        let mut ahead =
            Ahead { first: Box::new([false; 256]), any_wide: false, ends: false, always: false, empty: false };
        for (idx, branch) in branches.iter().map(|&branch| &self.ahead[branch]).enumerate() {
            for (fits, &first) in fits.iter_mut().zip(branch.first.iter()) {
                *fits |= u16::from(first || branch.ends) << idx;
            }
            ahead.first.iter_mut().zip(branch.first.iter()).for_each(|(all, one)| *all |= one);
            ahead.any_wide |= branch.any_wide;
            ahead.ends |= branch.ends;
            ahead.always |= branch.always;
            ahead.empty |= branch.empty;
        }
        self.push(Node::Split { branches: branches.into(), fits }, ahead)
    }

    /// What can follow a character of the set that must be there.
    fn set_ahead(&self, set: &Set) -> Ahead {
        let any_wide = matches!(set.wide(), Wide::Everything);
        Ahead { first: Box::new(*set.first()), any_wide, ends: false, always: false, empty: false }
    }

    fn repetition(&mut self, repetition: &Repetition, next: usize) -> Option<usize> {
        let Repetition { min, max, greedy, ref sub } = *repetition;
        match sub.kind() {
            HirKind::Class(class) => return self.run(Set::new(class)?, min, max, greedy, next),
            HirKind::Literal(literal) if literal.0.len() == 1 && literal.0[0].is_ascii() => {
                let byte = char::from(literal.0[0]);
                let class = ClassUnicode::new([ClassUnicodeRange::new(byte, byte)]);
                return self.run(Set::new(&Class::Unicode(class))?, min, max, greedy, next);
            }
            _ => {}
        }
        // Copies of what may be empty, and repetition without end, are the automata's.
        let max = max?;
        if sub.properties().minimum_len() == Some(0) {
            return None;
        }
        let exit = next;
        let mut entry = next;
        for copy in (0..max).rev() {
            let optional = copy >= min;
            self.branches += usize::from(optional);
            let taken = self.node(sub, entry)?;
            self.branches -= usize::from(optional);
            entry = match (optional, greedy) {
                (false, _) => taken,
                (true, true) => self.split(vec![taken, exit])?,
                (true, false) => self.split(vec![exit, taken])?,
            };
        }
        Some(entry)
    }

    fn run(&mut self, set: Set, min: u32, max: Option<u32>, greedy: bool, next: usize) -> Option<usize> {
        let after = &self.ahead[next];
        let possessive = greedy && (after.always || !after.meets(&set));
        let any_wide = matches!(set.wide(), Wide::Everything);
        let counted = matches!(set.wide(), Wide::Listed(_)) || max.is_some() || !greedy || any_wide && min > 1;
        let fixed = max == Some(min);
        // Given back byte by byte: it has to be seen where a character starts.
        if any_wide && greedy && !possessive && !fixed && (counted || after.any_wide || after.ends) {
            return None;
        }
        let mut ahead = self.set_ahead(&set);
        if min == 0 {
            ahead.first.iter_mut().zip(after.first.iter()).for_each(|(all, one)| *all |= one);
            ahead.any_wide |= after.any_wide;
            ahead.ends = after.ends;
            ahead.always = after.always;
            ahead.empty = after.empty;
        }
        let before = match &self.nodes[next] {
            Node::Byte { byte, .. } => Some(*byte),
            Node::Literal { bytes, .. } => bytes.first().copied(),
            _ => None,
        };
        let node = if counted {
            let mode = match (greedy, possessive || fixed) {
                (_, true) => Mode::Possessive,
                (true, false) => Mode::Greedy,
                (false, false) => Mode::Lazy,
            };
            match (mode, min, max) {
                (Mode::Possessive, 0, Some(1)) => Node::Optional { set, next },
                _ => Node::Counted { set, min, max: max.unwrap_or(u32::MAX), mode, next },
            }
        } else {
            Node::Run { set, min: min as usize, possessive, before, next }
        };
        self.push(node, ahead)
    }
}
