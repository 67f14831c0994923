//! From a tree back to text.

use ottl_core::EvalError;
use ottl_core::space::trim_space;

use super::{Kind, NONE, Node, NodeId, Tree};

/// A node whose children are being written.
struct Open {
    node: NodeId,
    /// Whether the texts beside it keep their white space.
    preserve: bool,
}

impl<'a> Tree<'a> {
    /// Writes what lies in a node. Elements always have an end tag; quotes, `<`, `>` and `&` become entities.
    ///
    /// # Errors
    /// Memory, also for what links make larger than the tree; work.
    pub fn write(&self, parent: NodeId, out: &mut Vec<u8>) -> Result<(), EvalError> {
        let mut open: Vec<Open> = Vec::new();
        let mut preserve = self.preserves(parent, true);
        let mut at = self.node(parent).first;
        let mut written = 0u64;
        loop {
            if at == NONE {
                let Some(Open { node, preserve: outer }) = open.pop() else { return Ok(()) };
                let closed = self.node(node);
                if closed.kind != Kind::Declaration {
                    out.extend_from_slice(b"</");
                    self.push_name(node, out);
                    out.push(b'>');
                }
                preserve = outer;
                at = closed.next;
                continue;
            }
            written += 1;
            if written.is_multiple_of(64) {
                self.arena.spend(16)?;
                self.arena.check(open.len() * size_of::<Open>())?;
            }
            self.arena.check(out.len())?;
            let node = self.node(at);
            let inside = self.preserves(at, preserve);
            if self.push_start(at, node, inside, out) {
                open.push(Open { node: at, preserve });
                preserve = inside;
                at = node.first;
            } else {
                at = node.next;
            }
        }
    }

    /// Whether texts in a node keep their white space, given whether those around it do.
    fn preserves(&self, node: NodeId, outer: bool) -> bool {
        let space = self.attributes_of(node).iter().find(|a| a.prefix == b"xml" && a.local == b"space");
        match space.map(|a| a.value) {
            Some(b"preserve") => true,
            Some(b"default") => false,
            _ => outer,
        }
    }

    fn push_name(&self, node: NodeId, out: &mut Vec<u8>) {
        let prefix = self.detail(node).prefix;
        if !prefix.is_empty() {
            out.extend_from_slice(prefix);
            out.push(b':');
        }
        out.extend_from_slice(self.node(node).data);
    }

    /// Writes all of a node that stands in front of its children; whether it can have some.
    fn push_start(&self, id: NodeId, node: &Node<'a>, preserve: bool, out: &mut Vec<u8>) -> bool {
        let mut push = |parts: &[&[u8]]| parts.iter().for_each(|part| out.extend_from_slice(part));
        match node.kind {
            Kind::Text => push_escaped(if preserve { node.data } else { trim_space(node.data) }, out),
            Kind::Section => push(&[b"<![CDATA[", node.data, b"]]>"]),
            Kind::Comment => push(&[b"<!--", node.data, b"-->"]),
            Kind::Directive => push(&[b"<!", node.data, b">"]),
            Kind::Instruction => {
                let text = self.detail(id).text;
                push(&[b"<?", node.data, if text.is_empty() { b"" } else { b" " }, text, b"?>"]);
            }
            Kind::Declaration => {
                push(&[b"<?", node.data]);
                self.push_attributes(id, out);
                out.extend_from_slice(b"?>");
                return true;
            }
            Kind::Document | Kind::Element => {
                out.push(b'<');
                self.push_name(id, out);
                self.push_attributes(id, out);
                out.push(b'>');
                return true;
            }
        }
        false
    }

    fn push_attributes(&self, node: NodeId, out: &mut Vec<u8>) {
        for attribute in self.attributes_of(node) {
            out.push(b' ');
            if !attribute.prefix.is_empty() {
                out.extend_from_slice(attribute.prefix);
                out.push(b':');
            }
            out.extend_from_slice(attribute.local);
            out.extend_from_slice(b"=\"");
            push_escaped(attribute.value, out);
            out.push(b'"');
        }
    }
}

fn push_escaped(text: &[u8], out: &mut Vec<u8>) {
    let mut from = 0;
    for (at, byte) in text.iter().enumerate() {
        let entity: &[u8] = match byte {
            b'<' => b"&lt;",
            b'>' => b"&gt;",
            b'&' => b"&amp;",
            b'"' => b"&#34;",
            b'\'' => b"&#39;",
            _ => continue,
        };
        out.extend_from_slice(&text[from..at]);
        out.extend_from_slice(entity);
        from = at + 1;
    }
    out.extend_from_slice(&text[from..]);
}
