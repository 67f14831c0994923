//! The message as a tree of fields.
//!
//! Messages that lead to records, and whatever the engine has descended into, are nodes; everything else stays the
//! bytes it was. Byte strings live as long as the run, in the message or in the arena, so values borrow from them and
//! stay what they were when a later write replaces the field.

use ottl_core::{Arena, EvalError, Value, over_budget};
use ottl_otlp::wire::{
    Field as WireField, Payload, Reader, WireError, WireErrorKind, begin_len, end_len, put_fixed32_field,
    put_fixed64_field, put_len_field, put_varint, put_varint_field,
};
use ottl_schema::FieldValue;

use std::collections::{HashMap, VecDeque};

/// The number of a node in its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct NodeId(u32);

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content<'a> {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    /// Text, bytes, packed numbers, or a message that nobody has looked into.
    Bytes(&'a [u8]),
    /// A message that somebody has.
    Node(NodeId),
}

impl<'a> From<Payload<'a>> for Content<'a> {
    fn from(payload: Payload<'a>) -> Self {
        match payload {
            Payload::Varint(v) => Content::Varint(v),
            Payload::Fixed64(v) => Content::Fixed64(v),
            Payload::Fixed32(v) => Content::Fixed32(v),
            Payload::Bytes(b) => Content::Bytes(b),
        }
    }
}

/// One field of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field<'a> {
    pub(super) number: u32,
    pub(super) content: Content<'a>,
}

#[derive(Debug, Default)]
struct Node<'a> {
    fields: Vec<Field<'a>>,
    /// A message that was not there: it is written only when it got a field.
    implicit: bool,
    /// No part of the message: writing it does not change the message.
    scratch: bool,
    /// How often fields were removed or a list was replaced.
    moves: u32,
}

/// The message.
#[derive(Debug)]
pub(super) struct Model<'a> {
    nodes: Vec<Node<'a>>,
    message: &'a [u8],
    arena: &'a Arena,
    writes: u64,
    copied_bytes: usize,
    /// Whole maps and record parts that were read since the last write. Reading one twice gives the same value, by
    /// address too: that is how the reference's live handles are told from equal copies.
    reads: HashMap<(NodeId, u32), Value<'a>>,
}

impl<'a> Model<'a> {
    /// The message as one node, [`Model::ROOT`].
    pub(super) fn new(message: &'a [u8], arena: &'a Arena) -> Result<Self, WireError> {
        let mut model = Model { nodes: Vec::new(), message, arena, writes: 0, copied_bytes: 0, reads: HashMap::new() };
        model.parse_node(message)?;
        Ok(model)
    }

    /// The node of the whole message.
    pub(super) const ROOT: NodeId = NodeId(0);

    /// The message as it came in.
    pub(super) fn message(&self) -> &'a [u8] {
        self.message
    }

    /// Where new byte strings live.
    pub(super) fn arena(&self) -> &'a Arena {
        self.arena
    }

    /// How often something of the message was written.
    pub(super) fn writes(&self) -> u64 {
        self.writes
    }

    /// How often fields of a node were removed or its lists replaced: places in its fields hold as long as this does.
    pub(super) fn moves(&self, node: NodeId) -> u32 {
        self.nodes[node.0 as usize].moves
    }

    fn moved(&mut self, node: NodeId) {
        let moves = &mut self.nodes[node.0 as usize].moves;
        *moves = moves.wrapping_add(1);
    }

    fn touch(&mut self, node: NodeId) {
        self.writes += u64::from(!self.nodes[node.0 as usize].scratch);
        self.reads.clear();
    }

    /// Remembers a value that was read whole, and gives it back as long as nothing is written.
    pub(super) fn remember(&mut self, node: NodeId, number: u32, value: Value<'a>) -> Value<'a> {
        *self.reads.entry((node, number)).or_insert(value)
    }

    /// The value that was read whole, if nothing was written since.
    pub(super) fn remembered(&self, node: NodeId, number: u32) -> Option<Value<'a>> {
        self.reads.get(&(node, number)).copied()
    }

    /// Where the bytes lie in the message; 0 for bytes that were made here.
    pub(super) fn offset(&self, bytes: &[u8]) -> usize {
        let (start, at) = (self.message.as_ptr() as usize, bytes.as_ptr() as usize);
        if at >= start && at <= start + self.message.len() { at - start } else { 0 }
    }

    /// An error of reading these bytes, placed in the message.
    pub(super) fn placed(&self, error: WireError, bytes: &[u8]) -> WireError {
        error.offset_by(self.offset(bytes))
    }

    fn parse(&self, bytes: &'a [u8]) -> Result<Vec<Field<'a>>, WireError> {
        let mut fields = Vec::new();
        let mut reader = Reader::new(bytes);
        while let Some(WireField { number, payload, .. }) = reader.next_field().map_err(|e| self.placed(e, bytes))? {
            fields.push(Field { number, content: payload.into() });
        }
        Ok(fields)
    }

    fn parse_node(&mut self, bytes: &'a [u8]) -> Result<NodeId, WireError> {
        let fields = self.parse(bytes)?;
        Ok(self.node(fields))
    }

    /// A new node, not yet part of the message.
    pub(super) fn node(&mut self, fields: Vec<Field<'a>>) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node { fields, ..Node::default() });
        id
    }

    /// A new node with fields of others; counts against the memory limit.
    pub(super) fn copied_node(&mut self, fields: Vec<Field<'a>>) -> NodeId {
        self.copied_bytes += size_of::<Node<'_>>() + fields.len() * size_of::<Field<'_>>();
        self.node(fields)
    }

    /// How many bytes copied nodes take.
    pub(super) fn copied_bytes(&self) -> usize {
        self.copied_bytes
    }

    /// A new empty node that never becomes part of the message.
    pub(super) fn scratch_node(&mut self) -> NodeId {
        let id = self.node(Vec::new());
        self.nodes[id.0 as usize].scratch = true;
        id
    }

    /// The fields of a node.
    pub(super) fn fields(&self, node: NodeId) -> &[Field<'a>] {
        &self.nodes[node.0 as usize].fields
    }

    /// Empties a node.
    pub(super) fn clear(&mut self, node: NodeId) {
        self.touch(node);
        self.nodes[node.0 as usize].fields.clear();
    }

    /// The contents of a repeated field, in order.
    pub(super) fn repeated(&self, node: NodeId, number: u32) -> impl Iterator<Item = Content<'a>> + '_ {
        self.fields(node).iter().filter(move |f| f.number == number).map(|f| f.content)
    }

    /// A singular scalar or text: its last occurrence.
    pub(super) fn scalar(&self, node: NodeId, number: u32) -> FieldValue<'a> {
        self.repeated(node, number).last().map_or(FieldValue::Absent, |content| self.value_of(content))
    }

    fn value_of(&self, content: Content<'a>) -> FieldValue<'a> {
        FieldValue::Present(match content {
            Content::Varint(v) => Payload::Varint(v),
            Content::Fixed64(v) => Payload::Fixed64(v),
            Content::Fixed32(v) => Payload::Fixed32(v),
            Content::Bytes(b) => Payload::Bytes(b),
            Content::Node(_) => Payload::Bytes(self.bytes(content).unwrap_or_default()),
        })
    }

    /// The content of a length-delimited field.
    pub(super) fn bytes(&self, content: Content<'a>) -> Result<&'a [u8], EvalError> {
        match content {
            Content::Bytes(bytes) => Ok(bytes),
            Content::Node(node) => {
                let mut out = Vec::new();
                self.encode_node(node, &mut out, self.arena.limit())?;
                Ok(self.arena.copy(&out)?)
            }
            _ => Err(WireError::new(WireErrorKind::WrongWireType, 0).into()),
        }
    }

    /// A singular message: its occurrences merge, which is what their bytes one after the other say.
    pub(super) fn merged(&self, node: NodeId, number: u32) -> Result<Option<&'a [u8]>, EvalError> {
        let mut parts = self.repeated(node, number);
        let Some(first) = parts.next() else { return Ok(None) };
        let first = self.bytes(first)?;
        let Some(second) = parts.next() else { return Ok(Some(first)) };
        let mut merged = [first, self.bytes(second)?].concat();
        for part in parts {
            merged.extend_from_slice(self.bytes(part)?);
        }
        Ok(Some(self.arena.copy(&merged)?))
    }

    /// Writes a singular field in the place of its first occurrence, or removes it.
    pub(super) fn set(&mut self, node: NodeId, number: u32, content: Option<Content<'a>>) {
        self.touch(node);
        let fields = &mut self.nodes[node.0 as usize].fields;
        let before = fields.len();
        let mut content = content;
        fields.retain_mut(|field| {
            if field.number != number {
                return true;
            }
            content.take().map(|c| field.content = c).is_some()
        });
        let is_shorter = fields.len() != before;
        if let Some(content) = content {
            fields.push(Field { number, content });
        }
        if is_shorter {
            self.moved(node);
        }
    }

    /// Writes a singular field as a conversion gave it.
    pub(super) fn set_scalar(&mut self, node: NodeId, number: u32, value: FieldValue<'a>) {
        let content = match value {
            FieldValue::Absent => None,
            FieldValue::Present(payload) => Some(payload.into()),
        };
        self.set(node, number, content);
    }

    /// Overwrites one field.
    pub(super) fn set_field(&mut self, node: NodeId, idx: usize, content: Content<'a>) {
        self.touch(node);
        self.nodes[node.0 as usize].fields[idx].content = content;
    }

    /// Appends a field.
    pub(super) fn push(&mut self, node: NodeId, number: u32, content: Content<'a>) {
        self.touch(node);
        self.nodes[node.0 as usize].fields.push(Field { number, content });
    }

    /// Replaces all occurrences of a repeated field.
    pub(super) fn replace(&mut self, node: NodeId, number: u32, contents: impl IntoIterator<Item = Content<'a>>) {
        self.touch(node);
        self.moved(node);
        let fields = &mut self.nodes[node.0 as usize].fields;
        let at = fields.iter().take_while(|f| f.number != number).count();
        fields.retain(|f| f.number != number);
        let tail = fields.split_off(at);
        fields.extend(contents.into_iter().map(|content| Field { number, content }));
        fields.extend(tail);
    }

    /// Replaces a list of messages. Elements that are nodes already stay who they are and take the new content, as the
    /// reference's copy does, so that whoever stands on one sees the new content.
    pub(super) fn replace_messages(
        &mut self,
        node: NodeId,
        number: u32,
        messages: &[&'a [u8]],
    ) -> Result<(), EvalError> {
        let old: Vec<_> = self.repeated(node, number).collect();
        let mut contents = Vec::with_capacity(messages.len());
        for (idx, bytes) in messages.iter().enumerate() {
            contents.push(match old.get(idx) {
                Some(Content::Node(kept)) => {
                    self.overwrite(*kept, bytes)?;
                    Content::Node(*kept)
                }
                _ => Content::Bytes(bytes),
            });
        }
        // What is gone reads as empty to whoever still stands on it, or walks over a list in it.
        for content in old.iter().skip(messages.len()) {
            if let Content::Node(gone) = content {
                self.moved(*gone);
                self.nodes[gone.0 as usize].fields.clear();
            }
        }
        self.replace(node, number, contents);
        Ok(())
    }

    /// Gives a node the content of a message. Nodes below it stay who they are where the new content has as many.
    pub(super) fn overwrite(&mut self, node: NodeId, bytes: &'a [u8]) -> Result<(), EvalError> {
        let mut fields = self.parse(bytes)?;
        let mut nodes: HashMap<u32, VecDeque<Option<NodeId>>> = HashMap::new();
        for Field { number, content } in self.fields(node) {
            let child = if let Content::Node(child) = content { Some(*child) } else { None };
            nodes.entry(*number).or_default().push_back(child);
        }
        for field in &mut fields {
            if let Content::Bytes(bytes) = field.content
                && let Some(Some(child)) = nodes.get_mut(&field.number).and_then(VecDeque::pop_front)
            {
                self.overwrite(child, bytes)?;
                field.content = Content::Node(child);
            }
        }
        self.touch(node);
        self.moved(node);
        self.nodes[node.0 as usize].fields = fields;
        Ok(())
    }

    /// The messages of a repeated field as nodes.
    pub(super) fn children(&mut self, node: NodeId, number: u32) -> Result<Vec<NodeId>, EvalError> {
        let mut children = Vec::new();
        self.more_children(node, number, 0, &mut children)?;
        Ok(children)
    }

    /// Appends the messages of a repeated field from this field of the node on.
    pub(super) fn more_children(
        &mut self,
        node: NodeId,
        number: u32,
        from: usize,
        children: &mut Vec<NodeId>,
    ) -> Result<(), EvalError> {
        for idx in from..self.fields(node).len() {
            if self.fields(node)[idx].number == number {
                children.push(self.child(node, idx)?);
            }
        }
        Ok(())
    }

    /// The message in one field as a node.
    pub(super) fn child(&mut self, node: NodeId, idx: usize) -> Result<NodeId, EvalError> {
        match self.fields(node)[idx].content {
            Content::Node(child) => Ok(child),
            Content::Bytes(bytes) => {
                let child = self.parse_node(bytes)?;
                self.nodes[node.0 as usize].fields[idx].content = Content::Node(child);
                Ok(child)
            }
            _ => Err(WireError::new(WireErrorKind::WrongWireType, 0).into()),
        }
    }

    /// A singular message as a node. Occurrences merge into the first; an absent message becomes an empty node that is
    /// written only when it got a field.
    pub(super) fn singular(&mut self, node: NodeId, number: u32) -> Result<NodeId, EvalError> {
        let children = self.children(node, number)?;
        let Some((&first, others)) = children.split_first() else {
            let child = self.node(Vec::new());
            self.nodes[child.0 as usize].implicit = true;
            self.nodes[node.0 as usize].fields.push(Field { number, content: Content::Node(child) });
            return Ok(child);
        };
        for &other in others {
            let fields = std::mem::take(&mut self.nodes[other.0 as usize].fields);
            self.nodes[first.0 as usize].fields.extend(fields);
        }
        if !others.is_empty() {
            let mut seen = false;
            self.nodes[node.0 as usize].fields.retain(|f| f.number != number || !std::mem::replace(&mut seen, true));
        }
        Ok(first)
    }

    /// Keeps the occurrences of a repeated field that `keep` says, one answer for each.
    pub(super) fn retain(&mut self, node: NodeId, number: u32, keep: &[bool]) {
        if keep.iter().all(|k| *k) {
            return;
        }
        self.touch(node);
        self.moved(node);
        let mut answers = keep.iter();
        self.nodes[node.0 as usize].fields.retain(|f| f.number != number || answers.next().copied().unwrap_or(true));
    }

    /// A copy of a node and all below it.
    pub(super) fn copy(&mut self, node: NodeId) -> NodeId {
        let mut fields = self.fields(node).to_vec();
        for field in &mut fields {
            if let Content::Node(child) = field.content {
                field.content = Content::Node(self.copy(child));
            }
        }
        let copy = self.copied_node(fields);
        self.nodes[copy.0 as usize].implicit = self.nodes[node.0 as usize].implicit;
        copy
    }

    /// A copy of a node and all below it, with this node in the place of those of its fields.
    pub(super) fn copied_with(&mut self, node: NodeId, is_replaced: impl Fn(&Field<'a>) -> bool, by: NodeId) -> NodeId {
        let mut by = Some(by);
        let mut fields = Vec::with_capacity(self.fields(node).len());
        for idx in 0..self.fields(node).len() {
            let Field { number, content } = self.fields(node)[idx];
            let content = if is_replaced(&Field { number, content }) {
                let Some(by) = by.take() else { continue };
                Content::Node(by)
            } else if let Content::Node(child) = content {
                Content::Node(self.copy(child))
            } else {
                content
            };
            fields.push(Field { number, content });
        }
        self.copied_node(fields)
    }

    /// The length of the message as it came.
    pub(super) fn input_len(&self) -> usize {
        self.message.len()
    }

    /// Appends the message's bytes, at most about so many: what nodes share is written for each of them.
    ///
    /// # Errors
    /// It would take more.
    pub(super) fn encode(&self, out: &mut Vec<u8>, most: usize) -> Result<(), EvalError> {
        out.reserve(self.message.len());
        self.encode_node(Model::ROOT, out, out.len().saturating_add(most))
    }

    fn encode_node(&self, node: NodeId, out: &mut Vec<u8>, most: usize) -> Result<(), EvalError> {
        self.encode_some(node, &|_, _| false, out, most)
    }

    /// Appends the fields of a node but for those that are skipped.
    pub(super) fn encode_some(
        &self,
        node: NodeId,
        skips: &dyn Fn(u32, Content<'a>) -> bool,
        out: &mut Vec<u8>,
        most: usize,
    ) -> Result<(), EvalError> {
        for Field { number, content } in self.fields(node) {
            if skips(*number, *content) {
                continue;
            }
            if out.len() > most {
                return Err(over_budget());
            }
            match *content {
                Content::Varint(v) => put_varint_field(out, *number, v),
                Content::Fixed64(v) => put_fixed64_field(out, *number, v),
                Content::Fixed32(v) => put_fixed32_field(out, *number, v),
                Content::Bytes(b) => put_len_field(out, *number, b),
                Content::Node(child) => {
                    let Node { fields, implicit, .. } = &self.nodes[child.0 as usize];
                    if *implicit && fields.is_empty() {
                        continue;
                    }
                    let mark = begin_len(out, *number, 0);
                    self.encode_node(child, out, most)?;
                    end_len(out, mark);
                }
            }
        }
        Ok(())
    }

    /// The bytes of a message with one of its scalars written.
    pub(super) fn with_scalar(
        &self,
        bytes: &'a [u8],
        number: u32,
        value: FieldValue<'a>,
    ) -> Result<&'a [u8], EvalError> {
        let mut out = Vec::with_capacity(bytes.len() + 12);
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.next_field().map_err(|e| self.placed(e, bytes))? {
            if field.number != number {
                out.extend_from_slice(&bytes[field.start..field.end]);
            }
        }
        match value {
            FieldValue::Absent => {}
            FieldValue::Present(Payload::Varint(v)) => put_varint_field(&mut out, number, v),
            FieldValue::Present(Payload::Fixed64(v)) => put_fixed64_field(&mut out, number, v),
            FieldValue::Present(Payload::Fixed32(v)) => put_fixed32_field(&mut out, number, v),
            FieldValue::Present(Payload::Bytes(b)) => put_len_field(&mut out, number, b),
        }
        Ok(self.arena.copy(&out)?)
    }

    /// A scalar of a message that is not a node: its last occurrence.
    pub(super) fn scalar_in(&self, bytes: &'a [u8], number: u32) -> Result<FieldValue<'a>, WireError> {
        let mut value = FieldValue::Absent;
        let mut reader = Reader::new(bytes);
        while let Some(field) = reader.next_field().map_err(|e| self.placed(e, bytes))? {
            if field.number == number {
                value = FieldValue::Present(field.payload);
            }
        }
        Ok(value)
    }

    /// The messages of a field, each behind a varint length, and how many they are.
    pub(super) fn part(&self, node: NodeId, number: u32) -> Result<(u32, &'a [u8]), EvalError> {
        let mut out = Vec::new();
        let mut count = 0;
        for content in self.repeated(node, number) {
            let bytes = self.bytes(content)?;
            put_varint(&mut out, bytes.len() as u64);
            out.extend_from_slice(bytes);
            count += 1;
        }
        Ok((count, self.arena.copy(&out)?))
    }
}
