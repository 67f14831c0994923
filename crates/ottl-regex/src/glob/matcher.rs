//! What a glob matches: gobwas/glob's matchers, with what they get wrong.
//!
//! COMPAT: that library looks for the pieces of a pattern by shortcuts which are visible: `a*a` fits "a" since prefix
//! and suffix may overlap, `é?` does not fit "éb" since rows of pieces with a fixed length count bytes, and what
//! alternatives have in common is taken out first. So the shortcuts are taken here too, one for one. Where the library
//! crashes, and where the work would have no bound, the answer is [`Gone`].

use memchr::memmem;

use super::syntax::Node;
use crate::regex::char_at;

/// Pieces that are looked at together when a pattern is simplified, which takes the cube of their number.
const PIECES: usize = 64;

/// Matchers of a glob.
const MATCHERS: usize = 512;

/// There is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Gone;

/// What fits a part of a text.
#[derive(Debug, Clone)]
pub(super) enum Matcher {
    Nothing,
    /// Anything at all.
    Super,
    Single,
    List {
        chars: Vec<char>,
        not: bool,
    },
    Range {
        lo: char,
        hi: char,
        not: bool,
    },
    Text {
        text: Box<[u8]>,
        chars: usize,
    },
    Prefix(Box<[u8]>),
    Suffix(Box<[u8]>),
    PrefixSuffix(Box<[u8]>, Box<[u8]>),
    /// Whether the needle is there, or not there.
    Contains {
        needle: Box<[u8]>,
        not: bool,
    },
    /// At least so many characters.
    Min(usize),
    /// At most so many characters.
    Max(usize),
    /// All fit.
    EveryOf(Vec<Matcher>),
    AnyOf(Vec<Matcher>),
    /// Matchers of fixed lengths, one after the other.
    Row {
        matchers: Vec<Matcher>,
        chars: usize,
    },
    Tree(Box<Tree>),
}

/// A matcher that is looked for, and what has to fit before and behind it; nothing if absent.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    value: Matcher,
    left: Option<Matcher>,
    right: Option<Matcher>,
    left_chars: Option<usize>,
    right_chars: Option<usize>,
    chars: Option<usize>,
}

/// The matcher of a pattern; none if it has too many pieces.
pub(super) fn compile(node: &Node) -> Option<Matcher> {
    let mut budget = MATCHERS;
    // Counted beforehand, since alternatives are compared with each other.
    count(node, &mut budget)?;
    let mut budget = MATCHERS;
    compile_node(node, &mut budget)
}

/// Takes the nodes of a tree from a budget.
fn count(node: &Node, budget: &mut usize) -> Option<()> {
    *budget = budget.checked_sub(1)?;
    match node {
        Node::Sequence(nodes) | Node::AnyOf(nodes) => nodes.iter().try_for_each(|node| count(node, budget)),
        _ => Some(()),
    }
}

fn compile_node(node: &Node, budget: &mut usize) -> Option<Matcher> {
    *budget = budget.checked_sub(1)?;
    let matcher = match node {
        Node::AnyOf(nodes) => {
            if let Some(shared) = share(nodes) {
                return compile_node(&shared, budget);
            }
            return Some(Matcher::AnyOf(children(nodes, budget)?));
        }
        Node::Sequence(nodes) if nodes.is_empty() => return Some(Matcher::Nothing),
        Node::Sequence(nodes) => join(minimize(children(nodes, budget)?)),
        Node::Nothing => Matcher::Nothing,
        Node::Super(_) => Matcher::Super,
        Node::Single => Matcher::Single,
        Node::List { chars, not } => Matcher::List { chars: chars.clone(), not: *not },
        Node::Range { lo, hi, not } => Matcher::Range { lo: *lo, hi: *hi, not: *not },
        Node::Text(text) => Matcher::text(text.as_bytes()),
    };
    Some(matcher.simplified())
}

fn children(nodes: &[Node], budget: &mut usize) -> Option<Vec<Matcher>> {
    if nodes.len() > PIECES {
        return None;
    }
    nodes.iter().map(|node| Some(compile_node(node, budget)?.simplified())).collect()
}

/// Alternatives without what all of them begin or end with, between that.
fn share(nodes: &[Node]) -> Option<Node> {
    let alternatives: Vec<&[Node]> = nodes
        .iter()
        .map(|node| match node {
            Node::Sequence(nodes) => Some(nodes.as_slice()),
            _ => None,
        })
        .collect::<Option<_>>()?;
    let (left, right) = shared(&alternatives);
    if left == 0 && right == 0 {
        return None;
    }
    let first = alternatives.first()?;
    let mut rests: Vec<Node> = Vec::new();
    for nodes in &alternatives {
        let rest = match nodes.get(left..nodes.len().saturating_sub(right)) {
            None | Some([]) => Node::Nothing,
            Some(rest) => Node::Sequence(rest.to_vec()),
        };
        if !rests.contains(&rest) {
            rests.push(rest);
        }
    }
    let mut result = Vec::new();
    if left > 0 {
        result.push(Node::Sequence(first[..left].to_vec()));
    }
    match rests.as_slice() {
        [Node::Nothing] => {}
        [rest] => result.push(rest.clone()),
        _ => result.push(Node::AnyOf(rests)),
    }
    if right > 0 {
        result.push(Node::Sequence(first[first.len() - right..].to_vec()));
    }
    Some(Node::Sequence(result))
}

/// How many nodes all alternatives have in common at the left and at the right.
fn shared(alternatives: &[&[Node]]) -> (usize, usize) {
    if alternatives.len() <= 1 {
        return (0, 0);
    }
    let (mut shortest, mut len) = (0, usize::MAX);
    for (idx, nodes) in alternatives.iter().enumerate() {
        if nodes.len() < len {
            (shortest, len) = (idx, nodes.len());
        }
    }
    let model = alternatives[shortest];
    let (mut left_ends, mut right_ends) = (false, false);
    let (mut left, mut right) = (0, 0);
    for i in 0..len {
        if left + right >= len || (left_ends && right_ends) {
            break;
        }
        let j = len - 1 - i;
        for (idx, nodes) in alternatives.iter().enumerate() {
            if left_ends && right_ends {
                break;
            }
            if idx == shortest {
                continue;
            }
            left_ends = left_ends || model[i] != nodes[i];
            // Where everything so far is shared at the left, the right must not take it again.
            right_ends = right_ends || (!left_ends && j <= i);
            right_ends = right_ends || model[j] != nodes[j + nodes.len() - len];
        }
        left += usize::from(!left_ends);
        right += usize::from(!right_ends);
    }
    (left, right)
}

/// A run of matchers as one, where there is one for that.
fn glue(matchers: &[Matcher]) -> Option<Matcher> {
    if matchers.len() <= 1 {
        return None;
    }
    glue_every(matchers).or_else(|| {
        let chars = matchers.iter().map(Matcher::chars).sum::<Option<usize>>()?;
        Some(Matcher::Row { matchers: matchers.to_vec(), chars })
    })
}

fn glue_every(matchers: &[Matcher]) -> Option<Matcher> {
    let (mut any, mut min) = (false, 0);
    let mut excluded: Option<&[char]> = None;
    for matcher in matchers {
        let chars: &[char] = match matcher {
            Matcher::Super => {
                any = true;
                &[]
            }
            Matcher::Single => {
                min += 1;
                &[]
            }
            Matcher::List { chars, not: true } => {
                min += 1;
                chars
            }
            _ => return None,
        };
        if *excluded.get_or_insert(chars) != chars {
            return None;
        }
    }
    let excluded = excluded.unwrap_or_default();
    if min == 0 {
        return Some(Matcher::Super);
    }
    if any && excluded.is_empty() {
        return Some(Matcher::Min(min));
    }
    let mut every = vec![Matcher::Min(min)];
    if !any {
        every.push(Matcher::Max(min));
    }
    if !excluded.is_empty() {
        // The characters as one text: another slip of the library.
        let needle: String = excluded.iter().collect();
        every.push(Matcher::Contains { needle: needle.into_bytes().into(), not: true });
    }
    Some(Matcher::EveryOf(every))
}

/// Glues the longest run that can be glued, again and again.
fn minimize(mut matchers: Vec<Matcher>) -> Vec<Matcher> {
    loop {
        let mut done: Option<(Matcher, usize, usize)> = None;
        for left in 0..matchers.len() {
            for right in (left + 1..=matchers.len()).rev() {
                let Some(glued) = glue(&matchers[left..right]) else { continue };
                let better = done.as_ref().is_none_or(|(done, from, to)| {
                    let longer = done.chars().is_some_and(|a| glued.chars().is_some_and(|b| b > a));
                    longer || to - from < right - left
                });
                if better {
                    done = Some((glued, left, right));
                }
            }
        }
        let Some((glued, left, right)) = done else { return matchers };
        matchers.splice(left..right, [glued]);
    }
}

/// A sequence as a tree: the last of the longest matchers with a fixed length is looked for first.
fn join(mut matchers: Vec<Matcher>) -> Matcher {
    if matchers.len() == 1 {
        return matchers.remove(0);
    }
    if let Some(glued) = glue(&matchers) {
        return glued;
    }
    let fixed = matchers.iter().enumerate().filter_map(|(idx, matcher)| Some((matcher.chars()?, idx))).max();
    let idx = fixed.map_or(0, |(_, idx)| idx);
    let right = matchers.split_off(idx + 1);
    let Some(value) = matchers.pop() else { return Matcher::Nothing };
    let side = |matchers: Vec<Matcher>| if matchers.is_empty() { None } else { Some(join(matchers)) };
    Matcher::tree(value, side(matchers), side(right))
}

impl Matcher {
    fn text(text: &[u8]) -> Matcher {
        Matcher::Text { text: text.into(), chars: chars(text).count() }
    }

    fn tree(value: Matcher, left: Option<Matcher>, right: Option<Matcher>) -> Matcher {
        let left_chars = left.as_ref().map_or(Some(0), Matcher::chars);
        let right_chars = right.as_ref().map_or(Some(0), Matcher::chars);
        let chars = (|| Some(left_chars? + value.chars()? + right_chars?))();
        Matcher::Tree(Box::new(Tree { value, left, right, left_chars, right_chars, chars }))
    }

    /// The number of characters, where it is fixed.
    fn chars(&self) -> Option<usize> {
        match self {
            Matcher::Nothing => Some(0),
            Matcher::Single | Matcher::List { .. } | Matcher::Range { .. } => Some(1),
            Matcher::Text { chars, .. } | Matcher::Row { chars, .. } => Some(*chars),
            Matcher::Tree(tree) => tree.chars,
            // One without a fixed length is overlooked while none with one has been seen.
            Matcher::AnyOf(matchers) => {
                let mut chars = None;
                for matcher in matchers {
                    match (chars, matcher.chars()) {
                        (None, new) => chars = new,
                        (Some(old), Some(new)) if old == new => {}
                        _ => return None,
                    }
                }
                chars
            }
            _ => None,
        }
    }

    /// The same as a matcher that knows a shortcut.
    fn simplified(self) -> Matcher {
        match self {
            Matcher::AnyOf(mut matchers) if matchers.len() == 1 => matchers.remove(0),
            Matcher::List { chars, not: false } if chars.len() == 1 => {
                Matcher::text(chars.iter().collect::<String>().as_bytes())
            }
            Matcher::Tree(mut tree) => {
                tree.left = tree.left.map(Matcher::simplified);
                tree.right = tree.right.map(Matcher::simplified);
                let Matcher::Text { text, .. } = &tree.value else { return Matcher::Tree(tree) };
                match (&tree.left, &tree.right) {
                    (None, None) => Matcher::text(text),
                    (Some(Matcher::Super), Some(Matcher::Super)) => {
                        Matcher::Contains { needle: text.clone(), not: false }
                    }
                    (Some(Matcher::Super), None) => Matcher::Suffix(text.clone()),
                    (None, Some(Matcher::Super)) => Matcher::Prefix(text.clone()),
                    (None, Some(Matcher::Suffix(suffix))) => Matcher::PrefixSuffix(text.clone(), suffix.clone()),
                    (Some(Matcher::Prefix(prefix)), None) => Matcher::PrefixSuffix(prefix.clone(), text.clone()),
                    _ => Matcher::Tree(tree),
                }
            }
            other => other,
        }
    }

    /// Whether a text fits as a whole. `steps` are the bytes that may be looked at.
    pub(super) fn fits(&self, text: &[u8], steps: &mut usize) -> Result<bool, Gone> {
        *steps = steps.checked_sub(1 + text.len()).ok_or(Gone)?;
        Ok(match self {
            Matcher::Nothing => text.is_empty(),
            Matcher::Super => true,
            Matcher::Single | Matcher::List { .. } | Matcher::Range { .. } => {
                // The empty text passes for U+FFFD.
                let (c, len) = chars(text).next().map_or((char::REPLACEMENT_CHARACTER, 0), |(_, c, len)| (c, len));
                len == text.len() && self.takes(c)
            }
            Matcher::Text { text: own, .. } => **own == *text,
            Matcher::Prefix(prefix) => text.starts_with(prefix),
            Matcher::Suffix(suffix) => text.ends_with(suffix),
            Matcher::PrefixSuffix(prefix, suffix) => text.starts_with(prefix) && text.ends_with(suffix),
            Matcher::Contains { needle, not } => memmem::find(text, needle).is_some() != *not,
            Matcher::Min(min) => chars(text).nth(min - 1).is_some(),
            Matcher::Max(max) => chars(text).nth(*max).is_none(),
            Matcher::EveryOf(matchers) => {
                for matcher in matchers {
                    if !matcher.fits(text, steps)? {
                        return Ok(false);
                    }
                }
                true
            }
            Matcher::AnyOf(matchers) => {
                for matcher in matchers {
                    if matcher.fits(text, steps)? {
                        return Ok(true);
                    }
                }
                false
            }
            Matcher::Row { matchers, chars: count } => {
                chars(text).take(count + 1).count() == *count && row(matchers, text, steps)?
            }
            Matcher::Tree(tree) => tree.fits(text, steps)?,
        })
    }

    /// Whether a matcher for one character takes this one.
    fn takes(&self, c: char) -> bool {
        match self {
            Matcher::List { chars, not } => chars.contains(&c) != *not,
            Matcher::Range { lo, hi, not } => (*lo..=*hi).contains(&c) != *not,
            _ => true,
        }
    }

    /// The first place where the matcher fits, and the lengths it can have there, which may go beyond the text.
    fn find(&self, text: &[u8], steps: &mut usize) -> Result<Option<(usize, Vec<usize>)>, Gone> {
        *steps = steps.checked_sub(1 + text.len()).ok_or(Gone)?;
        // The characters of a part: where each ends, by the length of what was decoded.
        let ends =
            |from: usize, part: &[u8]| chars(part).map(|(idx, c, _)| from + idx + c.len_utf8()).collect::<Vec<_>>();
        let starts = |from: usize, part: &[u8]| {
            chars(part).map(|(idx, ..)| from + idx).chain([from + part.len()]).collect::<Vec<_>>()
        };
        Ok(match self {
            Matcher::Nothing => Some((0, vec![0])),
            Matcher::Super => Some((0, starts(0, text))),
            Matcher::Single | Matcher::List { .. } | Matcher::Range { .. } => {
                chars(text).find(|(_, c, _)| self.takes(*c)).map(|(idx, c, _)| (idx, vec![c.len_utf8()]))
            }
            Matcher::Text { text: own, .. } => memmem::find(text, own).map(|idx| (idx, vec![own.len()])),
            Matcher::Prefix(prefix) => memmem::find(text, prefix).map(|idx| {
                let len = prefix.len();
                let mut lengths = vec![len];
                lengths.extend(ends(len, &text[idx + len..]));
                (idx, lengths)
            }),
            Matcher::Suffix(suffix) => memmem::find(text, suffix).map(|idx| (0, vec![idx + suffix.len()])),
            Matcher::PrefixSuffix(prefix, suffix) => memmem::find(text, prefix).and_then(|idx| {
                let mut lengths = Vec::new();
                let mut rest = &text[idx..];
                while let Some(at) = memmem::rfind(rest, suffix) {
                    lengths.push(at + suffix.len());
                    rest = &rest[..at];
                }
                lengths.reverse();
                (!lengths.is_empty()).then_some((idx, lengths))
            }),
            Matcher::Contains { needle, not } => match (memmem::find(text, needle), not) {
                (None, false) => None,
                (Some(idx), false) => {
                    let from = idx + needle.len();
                    Some((0, starts(from, &text[from..])))
                }
                (idx, true) => Some((0, starts(0, &text[..idx.unwrap_or(text.len())]))),
            },
            Matcher::Min(min) if text.len() < *min => None,
            Matcher::Min(min) => {
                let lengths = ends(0, text).split_off((min - 1).min(chars(text).count()));
                (!lengths.is_empty()).then_some((0, lengths))
            }
            Matcher::Max(max) => {
                let mut lengths = vec![0];
                lengths.extend(ends(0, text).into_iter().take(*max));
                Some((0, lengths))
            }
            Matcher::EveryOf(matchers) => return find_every(matchers, text, steps),
            Matcher::AnyOf(matchers) => {
                let mut best: Option<(usize, Vec<usize>)> = None;
                for matcher in matchers {
                    let Some((idx, lengths)) = matcher.find(text, steps)? else { continue };
                    match &mut best {
                        Some((at, _)) if *at < idx => {}
                        Some((at, known)) if *at == idx => *known = merge(known, &lengths),
                        _ => best = Some((idx, lengths)),
                    }
                }
                best
            }
            Matcher::Row { matchers, chars: count } => {
                for (idx, ..) in chars(text) {
                    if text.len() - idx < *count {
                        break;
                    }
                    if row(matchers, &text[idx..], steps)? {
                        return Ok(Some((idx, vec![*count])));
                    }
                }
                None
            }
            // Trees are not found inside of others.
            Matcher::Tree(_) => None,
        })
    }
}

impl Tree {
    fn fits(&self, text: &[u8], steps: &mut usize) -> Result<bool, Gone> {
        if self.chars.is_some_and(|chars| chars > text.len()) {
            return Ok(false);
        }
        let mut offset = self.left_chars.unwrap_or(0);
        // May be negative in the library, where nothing is searched either.
        let limit = text.len().saturating_sub(self.right_chars.unwrap_or(0));
        let side = |matcher: &Option<Matcher>, part: &[u8], steps: &mut usize| match matcher {
            Some(matcher) => matcher.fits(part, steps),
            None => Ok(part.is_empty()),
        };
        while offset < limit {
            let Some((idx, lengths)) = self.value.find(&text[offset..limit], steps)? else { return Ok(false) };
            let at = offset + idx;
            if side(&self.left, &text[..at], steps)? {
                for len in lengths.iter().rev() {
                    if side(&self.right, text.get(at + len..).unwrap_or_default(), steps)? {
                        return Ok(true);
                    }
                }
            }
            offset = at + chars(&text[at..]).next().map_or(0, |(.., len)| len);
        }
        Ok(false)
    }
}

/// Whether matchers of fixed lengths fit the beginning of a text one after the other.
fn row(matchers: &[Matcher], text: &[u8], steps: &mut usize) -> Result<bool, Gone> {
    let mut rest = text;
    for matcher in matchers {
        let length = matcher.chars().unwrap_or_default();
        let (mut count, mut last) = (0, 0);
        for (idx, ..) in chars(rest) {
            last = idx;
            count += 1;
            if count == length {
                break;
            }
        }
        if count < length {
            return Ok(false);
        }
        // The last character is taken for one byte. An end beyond the text crashes the library.
        let (Some(part), Some(behind)) = (rest.get(..=last), rest.get(last + 1..)) else { return Err(Gone) };
        if !matcher.fits(part, steps)? {
            return Ok(false);
        }
        rest = behind;
    }
    Ok(true)
}

/// Where all matchers fit: those that are glued this way fit from the beginning, so their lengths can be compared.
fn find_every(matchers: &[Matcher], text: &[u8], steps: &mut usize) -> Result<Option<(usize, Vec<usize>)>, Gone> {
    let mut common: Option<Vec<usize>> = None;
    for matcher in matchers {
        let Some((_, lengths)) = matcher.find(text, steps)? else { return Ok(None) };
        common = Some(match common {
            None => lengths,
            Some(mut common) => {
                // They ascend but for bytes that are no text.
                if lengths.is_sorted() {
                    common.retain(|len| lengths.binary_search(len).is_ok());
                } else {
                    *steps = steps.checked_sub(common.len().saturating_mul(lengths.len())).ok_or(Gone)?;
                    common.retain(|len| lengths.contains(len));
                }
                common
            }
        });
    }
    Ok(common.filter(|common| !common.is_empty()).map(|common| (0, common)))
}

/// Two ascending lists as one, with what is in both only once.
fn merge(a: &[usize], b: &[usize]) -> Vec<usize> {
    let mut out = Vec::with_capacity(a.len() + b.len());
    let (mut x, mut y) = (0, 0);
    while let (Some(left), Some(right)) = (a.get(x), b.get(y)) {
        out.push(*left.min(right));
        x += usize::from(left <= right);
        y += usize::from(right <= left);
    }
    out.extend_from_slice(&a[x..]);
    out.extend_from_slice(&b[y..]);
    out
}

/// The characters of a text with their places and widths; a byte that begins none is U+FFFD, one byte wide.
fn chars(text: &[u8]) -> impl Iterator<Item = (usize, char, usize)> + '_ {
    let mut idx = 0;
    std::iter::from_fn(move || {
        let (c, len) = char_at(text, idx)?;
        let at = idx;
        idx += len;
        Some((at, c, len))
    })
}
