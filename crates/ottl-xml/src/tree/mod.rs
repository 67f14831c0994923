//! [`Tree`]: the nodes of a document, in one list, linked by their numbers.
//!
//! COMPAT: the links are those of the reference, also where a node stands in two places: adding a node somewhere does not
//! take it out of where it was, and writing follows the links. So a document may become one in which nodes repeat, or
//! come back to themselves; whoever follows links has to charge for it.

mod build;
mod links;
mod write;

use ottl_core::{Arena, ArenaVec, EvalError};

use crate::tokens::Attribute;

/// The number of a node.
pub type NodeId = u32;

/// No node.
pub(crate) const NONE: NodeId = NodeId::MAX;

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The document itself.
    Document,
    /// `<?xml ...?>`.
    Declaration,
    /// An element.
    Element,
    /// Text.
    Text,
    /// The text of a CDATA section.
    Section,
    /// `<!--...-->`.
    Comment,
    /// `<!...>`.
    Directive,
    /// `<?target text?>`.
    Instruction,
}

/// A node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) kind: Kind,
    /// A text of nothing but white space.
    pub(crate) is_blank: bool,
    /// How deep the node lies, as the reference counts while it reads.
    level: u32,
    pub(crate) parent: NodeId,
    pub(crate) first: NodeId,
    pub(crate) last: NodeId,
    pub(crate) previous: NodeId,
    pub(crate) next: NodeId,
    /// Its attributes: the first one, and how many.
    pub(crate) attributes: (u32, u32),
    /// What else it has, by its number in `Tree::details`.
    pub(crate) detail: u32,
    /// The name of an element without prefix, the target of an instruction, the text of everything else.
    pub(crate) data: &'a [u8],
}

/// What only some nodes have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Detail<'a> {
    /// The prefix of an element.
    pub(crate) prefix: &'a [u8],
    /// The namespace of an element.
    pub(crate) uri: &'a [u8],
    /// The text of an instruction.
    pub(crate) text: &'a [u8],
}

/// The nodes of a document.
#[derive(Debug)]
pub struct Tree<'a> {
    arena: &'a Arena,
    pub(crate) nodes: ArenaVec<'a, Node<'a>>,
    pub(crate) attributes: ArenaVec<'a, Attribute<'a>>,
    /// The first one says nothing.
    pub(crate) details: ArenaVec<'a, Detail<'a>>,
    top: NodeId,
}

impl<'a> Tree<'a> {
    /// A tree of one node.
    fn with_top(kind: Kind, room: usize, arena: &'a Arena) -> Result<Tree<'a>, EvalError> {
        let mut tree =
            Tree { arena, nodes: arena.vec_for(room)?, attributes: arena.vec(), details: arena.vec_for(1)?, top: 0 };
        tree.details.push(Detail::default())?;
        tree.top = tree.add(kind, &[], 0)?;
        Ok(tree)
    }

    /// An element without name and content: what the reference takes an empty text for where it inserts something.
    ///
    /// # Errors
    /// Memory.
    pub fn unnamed(arena: &'a Arena) -> Result<Tree<'a>, EvalError> {
        Tree::with_top(Kind::Element, 1, arena)
    }

    /// The arena that the tree lives in.
    pub fn arena(&self) -> &'a Arena {
        self.arena
    }

    /// The node that everything lies in.
    pub fn top(&self) -> NodeId {
        self.top
    }

    /// What a node is.
    pub fn kind(&self, node: NodeId) -> Kind {
        self.node(node).kind
    }

    /// The name of an element without prefix, the target of an instruction, the text of everything else.
    pub fn data(&self, node: NodeId) -> &'a [u8] {
        self.node(node).data
    }

    /// The children of a node, by the links as they are.
    pub fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        let id = |node: NodeId| (node != NONE).then_some(node);
        std::iter::successors(id(self.node(node).first), move |&child| id(self.node(child).next))
    }

    /// The text between the tags of an element.
    ///
    /// # Errors
    /// Memory and work.
    pub fn inner_text(&self, node: NodeId) -> Result<&'a [u8], EvalError> {
        // Nearly all elements that are asked for hold one text.
        let only = self.node(node).first;
        if only != NONE && self.node(only).next == NONE && is_text(self.node(only).kind) {
            return Ok(self.node(only).data);
        }
        let mut out = self.arena.vec();
        let mut walked = 0u64;
        let mut at = node;
        loop {
            let here = self.node(at);
            walked += 1;
            if walked.is_multiple_of(64) {
                self.arena.spend(16)?;
            }
            if is_text(here.kind) {
                out.extend_from_slice(here.data)?;
            }
            // Nothing but elements has children.
            if here.first != NONE {
                at = here.first;
                continue;
            }
            while at != node && self.node(at).next == NONE {
                at = self.node(at).parent;
            }
            if at == node {
                return Ok(out.into_slice());
            }
            at = self.node(at).next;
        }
    }

    #[inline]
    pub(crate) fn node(&self, id: NodeId) -> &Node<'a> {
        &self.nodes[id as usize]
    }

    #[inline]
    pub(crate) fn node_mut(&mut self, id: NodeId) -> &mut Node<'a> {
        &mut self.nodes[id as usize]
    }

    pub(crate) fn detail(&self, node: NodeId) -> &Detail<'a> {
        &self.details[self.node(node).detail as usize]
    }

    /// The attributes of a node.
    pub(crate) fn attributes_of(&self, node: NodeId) -> &[Attribute<'a>] {
        let (first, count) = self.node(node).attributes;
        &self.attributes[first as usize..][..count as usize]
    }

    /// A node that is linked with nothing.
    fn add(&mut self, kind: Kind, data: &'a [u8], level: u32) -> Result<NodeId, EvalError> {
        let id = self.nodes.len() as NodeId;
        self.nodes.push(Node {
            kind,
            is_blank: false,
            level,
            parent: NONE,
            first: NONE,
            last: NONE,
            previous: NONE,
            next: NONE,
            attributes: (0, 0),
            detail: 0,
            data,
        })?;
        Ok(id)
    }

    /// A document that is linked with nothing.
    ///
    /// # Errors
    /// Memory.
    pub fn add_document(&mut self) -> Result<NodeId, EvalError> {
        self.add(Kind::Document, &[], 0)
    }

    /// A text that is linked with nothing.
    ///
    /// # Errors
    /// Memory.
    pub fn add_text(&mut self, text: &'a [u8]) -> Result<NodeId, EvalError> {
        self.add(Kind::Text, text, 0)
    }

    /// An element of this name that holds one text, linked with nothing else.
    ///
    /// # Errors
    /// Memory.
    pub fn add_element(&mut self, name: &'a [u8], text: &'a [u8]) -> Result<NodeId, EvalError> {
        let element = self.add(Kind::Element, name, 0)?;
        let text = self.add_text(text)?;
        self.node_mut(element).first = text;
        Ok(element)
    }
}

pub(crate) fn is_text(kind: Kind) -> bool {
    matches!(kind, Kind::Text | Kind::Section)
}
