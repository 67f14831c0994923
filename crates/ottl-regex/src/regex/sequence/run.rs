//! The matcher of sequences at one place of the text.
//!
//! INVARIANT: recursion goes from a step only to later ones, so it is no deeper than there are steps.

use regex_automata::util::primitives::NonMaxUsize;
use regex_syntax::hir::Look;

use super::super::literal::starts_with;
use super::super::needle::last_byte;
use super::build::{MATCH, Mode, Node, Program};
use super::{Fuel, is_word};

impl Program {
    /// As [`Program::run`], with a run that ends the pattern done on the spot.
    #[cfg_attr(not(target_family = "wasm"), inline(always))]
    pub(super) fn begin<const EARLIEST: bool, const GROUPS: bool>(
        &self,
        text: &[u8],
        node: usize,
        at: usize,
        fuel: &mut Fuel,
        slots: &mut [Option<NonMaxUsize>],
    ) -> Option<usize> {
        match self.nodes().get(node)? {
            Node::Match => Some(at),
            Node::Run { set, min, next: MATCH, .. } if !EARLIEST => {
                let end = set.run_end(text, at);
                fuel.spend(end - at);
                (end - at >= *min).then_some(end)
            }
            _ => self.run::<EARLIEST, GROUPS>(text, node, at, fuel, slots),
        }
    }

    /// The end of the match that begins with step `node` at `at`. With `EARLIEST` it may be any possible end. Fuel that
    /// is spent makes the answer worthless.
    pub(super) fn run<const EARLIEST: bool, const GROUPS: bool>(
        &self,
        text: &[u8],
        mut node: usize,
        mut at: usize,
        fuel: &mut Fuel,
        slots: &mut [Option<NonMaxUsize>],
    ) -> Option<usize> {
        loop {
            match self.nodes().get(node)? {
                Node::Match => return Some(at),
                Node::Byte { byte, next } => {
                    if text.get(at) != Some(byte) {
                        return None;
                    }
                    (node, at) = (*next, at + 1);
                }
                Node::Literal { bytes, next } => {
                    if !starts_with(text.get(at..)?, bytes) {
                        return None;
                    }
                    (node, at) = (*next, at + bytes.len());
                }
                Node::One { set, next } => {
                    let width = set.step(text, at);
                    if width == 0 {
                        return None;
                    }
                    (node, at) = (*next, at + width);
                }
                Node::Run { set, min, possessive, before, next } => {
                    if EARLIEST && *next == MATCH && *min <= 1 {
                        return (*min == 0 || text.get(at).is_some_and(|&byte| set.has(byte))).then_some(at + *min);
                    }
                    let end = set.run_end(text, at);
                    fuel.spend(end - at);
                    if end - at < *min {
                        return None;
                    }
                    if *possessive {
                        (node, at) = (*next, end);
                        continue;
                    }
                    let floor = at + min;
                    let mut end = end;
                    loop {
                        if let Some(byte) = before {
                            let hit = last_byte(&text[floor..text.len().min(end + 1)], *byte)?;
                            fuel.spend(end - (floor + hit));
                            end = floor + hit;
                        }
                        fuel.spend(1);
                        let found = match (before, self.nodes().get(*next)) {
                            (Some(_), Some(Node::Byte { next, .. })) => {
                                self.begin::<EARLIEST, GROUPS>(text, *next, end + 1, fuel, slots)
                            }
                            _ => self.run::<EARLIEST, GROUPS>(text, *next, end, fuel, slots),
                        };
                        if found.is_some() || end == floor || fuel.is_spent() {
                            return found;
                        }
                        end -= 1;
                    }
                }
                Node::Counted { set, min, max, mode, next } => {
                    let (min, max, mut count) = (*min, *max, 0);
                    let most = if *mode == Mode::Lazy || EARLIEST && *next == MATCH { min } else { max };
                    let start = at;
                    if set.is_ascii() {
                        count = set.count(text, at, most);
                        at += count as usize;
                    } else {
                        while count < most {
                            let width = set.step(text, at);
                            if width == 0 {
                                break;
                            }
                            (at, count) = (at + width, count + 1);
                        }
                    }
                    fuel.spend(at - start);
                    if count < min {
                        return None;
                    }
                    match mode {
                        Mode::Possessive => {}
                        Mode::Greedy => {
                            while count > min {
                                fuel.spend(1);
                                let found = self.run::<EARLIEST, GROUPS>(text, *next, at, fuel, slots);
                                if found.is_some() || fuel.is_spent() {
                                    return found;
                                }
                                (at, count) = (previous(text, at), count - 1);
                            }
                        }
                        Mode::Lazy => {
                            while count < max {
                                fuel.spend(1);
                                let found = self.run::<EARLIEST, GROUPS>(text, *next, at, fuel, slots);
                                if found.is_some() || fuel.is_spent() {
                                    return found;
                                }
                                let width = set.step(text, at);
                                if width == 0 {
                                    return None;
                                }
                                (at, count) = (at + width, count + 1);
                            }
                        }
                    }
                    node = *next;
                }
                Node::Optional { set, next } => (node, at) = (*next, at + set.step(text, at)),
                Node::Split { branches, fits } => {
                    let mut open = match text.get(at) {
                        Some(&byte) => fits[usize::from(byte)],
                        // What needs no byte may still fit.
                        None => u16::MAX >> (u16::BITS as usize - branches.len().clamp(1, u16::BITS as usize)),
                    };
                    loop {
                        let branch = *branches.get(open.trailing_zeros() as usize)?;
                        open &= open - 1;
                        if open == 0 {
                            node = branch;
                            break;
                        }
                        fuel.spend(1);
                        let found = self.run::<EARLIEST, GROUPS>(text, branch, at, fuel, slots);
                        if found.is_some() || fuel.is_spent() {
                            return found;
                        }
                    }
                }
                Node::Look { look, next } => {
                    if !holds(*look, text, at) {
                        return None;
                    }
                    node = *next;
                }
                Node::Save { slot, undo, next } => {
                    if GROUPS && let Some(place) = slots.get_mut(*slot) {
                        let before = std::mem::replace(place, NonMaxUsize::new(at));
                        if *undo {
                            let found = self.run::<EARLIEST, GROUPS>(text, *next, at, fuel, slots);
                            if found.is_none() {
                                slots[*slot] = before;
                            }
                            return found;
                        }
                    }
                    node = *next;
                }
            }
        }
    }
}

/// The start of the character that ends before `at`. What was passed is valid UTF-8.
fn previous(text: &[u8], at: usize) -> usize {
    let mut start = at.saturating_sub(1);
    while start > 0 && text.get(start).is_some_and(|byte| (0x80..0xc0).contains(byte)) {
        start -= 1;
    }
    start
}

fn holds(look: Look, text: &[u8], at: usize) -> bool {
    let word = |byte: Option<&u8>| byte.is_some_and(|&byte| is_word(byte));
    let before = at.checked_sub(1).and_then(|before| text.get(before));
    match look {
        Look::Start => at == 0,
        Look::End => at == text.len(),
        Look::StartLF => before.is_none_or(|&byte| byte == b'\n'),
        Look::EndLF => text.get(at).is_none_or(|&byte| byte == b'\n'),
        // The builder lets no other through.
        _ => word(before) != word(text.get(at)),
    }
}
