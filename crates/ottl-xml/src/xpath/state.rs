//! What a running expression remembers: where it is, and a [`Slot`] for each query.

use std::collections::{HashMap, HashSet};

use ottl_core::EvalError;

use super::LowerCase;
use super::parse::Test;
use super::program::{NodeTest, Program, QueryId};
use crate::tree::{Kind, NONE, NodeId, Tree};

/// A node, or an attribute of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) node: NodeId,
    /// The number of the attribute; `NONE` for the node itself.
    pub(super) attribute: u32,
}

impl Place {
    pub(super) fn of(node: NodeId) -> Place {
        Place { node, attribute: NONE }
    }
}

/// What one query remembers.
#[derive(Debug)]
pub(super) struct Slot {
    /// Where its walk is.
    pub(super) place: Place,
    /// Where the walk inside of that one is.
    pub(super) inner: Place,
    pub(super) level: u32,
    /// The position of the node that it gave last.
    pub(super) position: u32,
    pub(super) is_walking: bool,
    pub(super) is_first: bool,
    pub(super) is_inside: bool,
    /// It has given all that it has.
    pub(super) is_done: bool,
    pub(super) more: Option<Box<More>>,
}

/// What few queries remember.
#[derive(Debug, Default)]
pub(super) struct More {
    /// Nodes that were found at once, and how many of them were given.
    pub(super) found: Vec<Place>,
    pub(super) given: usize,
    /// The identities of all nodes that were given.
    pub(super) known: HashSet<u64>,
    /// How many nodes of each level passed.
    pub(super) passed: HashMap<u32, u32>,
}

impl Slot {
    pub(super) const NEW: Slot = Slot {
        place: Place { node: 0, attribute: NONE },
        inner: Place { node: 0, attribute: NONE },
        level: 0,
        position: 0,
        is_walking: false,
        is_first: false,
        is_inside: false,
        is_done: false,
        more: None,
    };

    pub(super) fn more(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }
}

/// A value, or a query whose nodes are the value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer<'r> {
    Truth(bool),
    Number(f64),
    Text(&'r [u8]),
    Nodes(QueryId, usize),
}

/// Work that costs about as much as a quarter of a step of the message is counted one by one, and charged in portions.
const PORTION: u32 = 1024;

/// Nodes that are remembered between two looks at the memory they take.
const REMEMBERED: usize = 4096;

/// An expression that is running.
pub(super) struct Run<'r, 'a> {
    pub(super) tree: &'r Tree<'a>,
    pub(super) program: &'r Program,
    pub(super) lower_case: LowerCase,
    /// The current node, which queries move.
    pub(super) current: Place,
    pub(super) slots: Vec<Slot>,
    ticks: u32,
    remembered: usize,
    /// For each node its number among its siblings, without blank texts; made when it is first needed.
    ordinals: Vec<u32>,
}

impl<'r, 'a> Run<'r, 'a> {
    pub(super) fn new(tree: &'r Tree<'a>, program: &'r Program, lower_case: LowerCase) -> Run<'r, 'a> {
        Run {
            tree,
            program,
            lower_case,
            current: Place::of(tree.top()),
            slots: Vec::new(),
            ticks: 0,
            remembered: 0,
            ordinals: Vec::new(),
        }
    }

    /// Charges one move.
    #[inline]
    pub(super) fn tick(&mut self) -> Result<(), EvalError> {
        self.ticks += 1;
        if self.ticks < PORTION { Ok(()) } else { self.charge() }
    }

    #[cold]
    fn charge(&mut self) -> Result<(), EvalError> {
        self.ticks = 0;
        self.tree.arena().spend(u64::from(PORTION) / 4)
    }

    /// Charges what a look at a text costs.
    pub(super) fn look_at(&mut self, text: &[u8]) -> Result<(), EvalError> {
        if text.len() < 64 { self.tick() } else { self.tree.arena().spend(text.len() as u64 / 64) }
    }

    /// Charges a node that is remembered.
    pub(super) fn remember(&mut self) -> Result<(), EvalError> {
        self.remembered += 1;
        if self.remembered.is_multiple_of(REMEMBERED) {
            self.tree.arena().check(self.remembered * 32)?;
        }
        self.tick()
    }

    /// Makes room for a query that begins anew; where its slots are.
    pub(super) fn enter(&mut self, query: QueryId) -> Result<usize, EvalError> {
        let slots = self.program.slots.get(query as usize).copied().flatten();
        let Some(slots) = slots else {
            return Err(EvalError::function("the XPath axis `namespace` is not known"));
        };
        let base = self.slots.len();
        self.slots.extend((0..slots).map(|_| Slot::NEW));
        self.tree.arena().check(self.slots.len() * size_of::<Slot>())?;
        Ok(base)
    }

    /// Goes to the parent.
    pub(super) fn to_parent(&self, at: &mut Place) -> bool {
        if at.attribute != NONE {
            at.attribute = NONE;
            return true;
        }
        let parent = self.tree.node(at.node).parent;
        if parent != NONE {
            at.node = parent;
        }
        parent != NONE
    }

    /// Goes to the first child.
    #[inline]
    pub(super) fn to_child(&self, at: &mut Place) -> bool {
        let child = self.tree.node(at.node).first;
        if at.attribute != NONE || child == NONE {
            return false;
        }
        at.node = child;
        true
    }

    /// Goes to the next attribute.
    pub(super) fn to_attribute(&self, at: &mut Place) -> bool {
        let next = at.attribute.wrapping_add(1);
        let there_is = next < self.tree.node(at.node).attributes.1;
        if there_is {
            at.attribute = next;
        }
        there_is
    }

    /// Goes to the next sibling that is no blank text. COMPAT: without such it goes, too, to the last one.
    #[inline]
    pub(super) fn to_next(&self, at: &mut Place) -> bool {
        self.to_sibling(at, |node| self.tree.node(node).next)
    }

    /// The same with the one before.
    pub(super) fn to_previous(&self, at: &mut Place) -> bool {
        self.to_sibling(at, |node| self.tree.node(node).previous)
    }

    #[inline]
    fn to_sibling(&self, at: &mut Place, sibling: impl Fn(NodeId) -> NodeId) -> bool {
        if at.attribute != NONE {
            return false;
        }
        loop {
            let node = sibling(at.node);
            if node == NONE {
                return false;
            }
            at.node = node;
            if !self.tree.node(node).is_blank {
                return true;
            }
        }
    }

    /// Goes to the first sibling.
    pub(super) fn to_first(&self, at: &mut Place) {
        if at.attribute == NONE {
            let parent = self.tree.node(at.node).parent;
            at.node = if parent == NONE { self.tree.top() } else { self.tree.node(parent).first };
        }
    }

    /// What a place counts as; nothing is what the document does.
    #[inline]
    pub(super) fn kind(&self, at: Place) -> Option<Test> {
        match self.tree.kind(at.node) {
            Kind::Element if at.attribute != NONE => Some(Test::Attribute),
            Kind::Element | Kind::Instruction => Some(Test::Element),
            Kind::Text | Kind::Section | Kind::Directive => Some(Test::Text),
            Kind::Comment => Some(Test::Comment),
            Kind::Document | Kind::Declaration => None,
        }
    }

    /// Whether a place is what a step takes.
    #[inline]
    pub(super) fn passes(&self, test: u32, at: Place) -> bool {
        let NodeTest { test, prefix, local } = &self.program.tests[test as usize];
        (*test == Test::Any || self.kind(at) == Some(*test))
            && (local.is_empty() && prefix.is_empty()
                || **local == *self.local_name(at) && **prefix == *self.prefix(at))
    }

    pub(super) fn local_name(&self, at: Place) -> &'a [u8] {
        match self.tree.attributes_of(at.node).get(at.attribute as usize) {
            Some(attribute) if at.attribute != NONE => attribute.local,
            _ => self.tree.data(at.node),
        }
    }

    pub(super) fn prefix(&self, at: Place) -> &'a [u8] {
        match self.tree.attributes_of(at.node).get(at.attribute as usize) {
            Some(attribute) if self.kind(at) == Some(Test::Attribute) => attribute.prefix,
            _ => self.tree.detail(at.node).prefix,
        }
    }

    pub(super) fn uri(&self, at: Place) -> &'a [u8] {
        match self.tree.attributes_of(at.node).get(at.attribute as usize) {
            Some(attribute) => attribute.uri,
            None => self.tree.detail(at.node).uri,
        }
    }

    /// The text of a place. COMPAT: sections by themselves have none.
    pub(super) fn text(&mut self, at: Place) -> Result<&'a [u8], EvalError> {
        let text = match self.tree.kind(at.node) {
            Kind::Element => match self.tree.attributes_of(at.node).get(at.attribute as usize) {
                Some(attribute) => attribute.value,
                None => self.tree.inner_text(at.node)?,
            },
            Kind::Text | Kind::Comment => self.tree.data(at.node),
            _ => &[],
        };
        self.look_at(text)?;
        Ok(text)
    }

    /// What tells a place from others. COMPAT: its name, its text and the numbers of it and of all around it among their
    /// siblings, hashed; attributes of one name and value in one element are the same.
    pub(super) fn identity(&mut self, at: Place) -> Result<u64, EvalError> {
        if self.ordinals.is_empty() {
            self.number_siblings()?;
        }
        let mut hash = Fnv::new();
        let mut node = at.node;
        match self.kind(at) {
            None => return Ok(hash.0),
            Some(Test::Element) => {
                hash.add(self.prefix(at));
                hash.add(self.local_name(at));
            }
            Some(_) => {
                hash.add(self.local_name(at));
                hash.add(b"=");
                let text = self.text(at)?;
                hash.add(text);
            }
        }
        if at.attribute != NONE {
            hash.add(b"-1");
        }
        while node != NONE {
            self.tick()?;
            hash.add_number(self.ordinals[node as usize]);
            node = self.tree.node(node).parent;
        }
        Ok(hash.0)
    }

    fn number_siblings(&mut self) -> Result<(), EvalError> {
        let count = self.tree.nodes.len();
        self.tree.arena().check(count * size_of::<u32>())?;
        self.tree.arena().spend(count as u64 / 16)?;
        self.ordinals = vec![1; count];
        let top = std::iter::once(self.tree.top());
        for first in top.chain(self.tree.nodes.iter().map(|node| node.first)) {
            let (mut child, mut before) = (first, 0);
            while child != NONE {
                self.ordinals[child as usize] = before + 1;
                let here = self.tree.node(child);
                before += u32::from(!here.is_blank);
                child = here.next;
            }
        }
        Ok(())
    }
}

/// The hash FNV-1a of 64 bits.
struct Fnv(u64);

impl Fnv {
    fn new() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn add(&mut self, text: &[u8]) {
        for &byte in text {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// A hyphen and a number.
    fn add_number(&mut self, number: u32) {
        let mut digits = Vec::with_capacity(12);
        digits.push(b'-');
        ottl_core::number::push_int(&mut digits, i64::from(number));
        self.add(&digits);
    }
}
