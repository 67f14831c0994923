//! Changing a tree: adding, taking out, naming anew.

use ottl_core::EvalError;

use super::{Kind, NONE, NodeId, Tree};

impl<'a> Tree<'a> {
    /// Makes a node the last child of another one. COMPAT: where it was before, it is still found.
    pub fn append(&mut self, parent: NodeId, child: NodeId) {
        let last = self.node(parent).last;
        let previous = if self.node(parent).first == NONE { NONE } else { last };
        let node = self.node_mut(child);
        (node.parent, node.next) = (parent, NONE);
        node.previous = previous;
        match previous {
            NONE => self.node_mut(parent).first = child,
            previous => self.node_mut(previous).next = child,
        }
        self.node_mut(parent).last = child;
    }

    /// Puts a node behind another one and all its siblings.
    pub(super) fn append_sibling(&mut self, sibling: NodeId, node: NodeId, tail: &mut NodeId) {
        let parent = self.node(sibling).parent;
        // What stands beside the document has no parent to look its last one up in.
        let last = if parent == NONE { *tail } else { self.node(parent).last };
        let new = self.node_mut(node);
        (new.parent, new.previous, new.next) = (parent, last, NONE);
        self.node_mut(last).next = node;
        match parent {
            NONE => *tail = node,
            parent => self.node_mut(parent).last = node,
        }
    }

    /// Takes a node out of its parent; one without parent stays.
    pub fn remove(&mut self, node: NodeId) {
        let (parent, previous, next) = (self.node(node).parent, self.node(node).previous, self.node(node).next);
        if parent == NONE {
            return;
        }
        match previous {
            NONE => self.node_mut(parent).first = next,
            previous => self.node_mut(previous).next = next,
        }
        match next {
            NONE => self.node_mut(parent).last = previous,
            next => self.node_mut(next).previous = previous,
        }
        let node = self.node_mut(node);
        (node.parent, node.previous, node.next) = (NONE, NONE, NONE);
    }

    /// Takes an attribute out of a node. COMPAT: it is looked for by its name without prefix, and so found only if it has
    /// none.
    ///
    /// # Errors
    /// Work.
    pub fn remove_attribute(&mut self, node: NodeId, name: &[u8]) -> Result<(), EvalError> {
        let (first, count) = self.node(node).attributes;
        self.arena.spend(u64::from(count) / 8)?;
        let attributes = &mut self.attributes[first as usize..][..count as usize];
        // A name with a colon at its end would be split there.
        let (prefix, local) = split(name);
        if let Some(at) = attributes.iter().position(|a| a.prefix == prefix && a.local == local) {
            attributes.copy_within(at + 1.., at);
            self.node_mut(node).attributes.1 = count - 1;
        }
        Ok(())
    }

    /// Takes the nodes of another tree over, linked as they are there. The first child of its top; none without one.
    ///
    /// # Errors
    /// Memory.
    pub fn adopt(&mut self, other: &Tree<'a>) -> Result<Option<NodeId>, EvalError> {
        let nodes = self.nodes.len() as NodeId;
        let (attributes, details) = (self.attributes.len() as u32, self.details.len() as u32);
        let moved = |node: NodeId| if node == NONE { NONE } else { node + nodes };
        for node in &*other.nodes {
            let mut node = *node;
            node.parent = moved(node.parent);
            node.first = moved(node.first);
            node.last = moved(node.last);
            node.previous = moved(node.previous);
            node.next = moved(node.next);
            node.attributes.0 += attributes;
            node.detail += details;
            self.nodes.push(node)?;
        }
        self.attributes.extend(other.attributes.iter().copied())?;
        self.details.extend(other.details.iter().copied())?;
        let first = moved(other.node(other.top).first);
        Ok((first != NONE).then_some(first))
    }

    /// Makes a node and the ones behind it the last children of another one, each as it is reached.
    ///
    /// # Errors
    /// Work: the nodes may come back to themselves.
    pub fn append_chain(&mut self, parent: NodeId, first: Option<NodeId>) -> Result<(), EvalError> {
        let mut next = first;
        while let Some(node) = next {
            let behind = self.node(node).next;
            next = (behind != NONE).then_some(behind);
            self.append(parent, node);
            self.arena.spend(1)?;
        }
        Ok(())
    }

    /// Empties a text.
    pub fn blank(&mut self, text: NodeId) {
        self.node_mut(text).data = &[];
    }

    /// Makes a text an element of this name that holds the text.
    ///
    /// # Errors
    /// Memory.
    pub fn wrap(&mut self, text: NodeId, name: &'a [u8]) -> Result<(), EvalError> {
        let inner = self.add_text(self.node(text).data)?;
        let node = self.node_mut(text);
        (node.kind, node.data, node.first, node.last) = (Kind::Element, name, inner, inner);
        Ok(())
    }
}

/// A name in its prefix and the rest, as the reference's tree splits it.
pub(super) fn split(name: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b':', name) {
        Some(at) if at > 0 => (&name[..at], &name[at + 1..]),
        _ => (&[], name),
    }
}
