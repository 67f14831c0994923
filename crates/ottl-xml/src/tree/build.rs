//! From a text to its tree.
//!
//! COMPAT: what stands in front of the first element or instruction becomes a sibling of the document, and so is neither
//! written nor found. An element that comes first gets a declaration in front of it. Prefixes are looked up by namespace,
//! the last one that named it, wherever that was.

use std::collections::HashMap;

use ottl_core::space::trim_space;
use ottl_core::{Arena, EvalError};

use super::links::split;
use super::{Detail, Kind, NodeId, Tree};
use crate::Charset;
use crate::tokens::{Attribute, Name, Token, Tokens, XML_NAMESPACE};

/// Bytes that a known namespace takes, at most.
const PREFIX_BYTES: usize = 128;

/// How much of a tag the reference sets aside.
const SET_ASIDE: usize = 4096;

/// The prefix of a namespace, and the level at which it was named.
type Named<'a> = (&'a [u8], u32);

/// The prefixes of namespaces, once there are others than `xml`.
#[derive(Default)]
struct Prefixes<'a>(Option<HashMap<&'a [u8], Named<'a>>>);

impl<'a> Prefixes<'a> {
    fn of(&self, uri: &[u8]) -> Option<&'a [u8]> {
        match &self.0 {
            None => (uri == XML_NAMESPACE).then_some(b"xml"),
            Some(known) => known.get(uri).map(|&(prefix, _)| prefix),
        }
    }

    /// Takes note of what an attribute names.
    fn note(&mut self, attribute: &Attribute<'a>, level: u32, arena: &Arena) -> Result<(), EvalError> {
        let is_default = attribute.local == b"xmlns";
        if !is_default && attribute.prefix != b"xmlns" {
            return Ok(());
        }
        let known = self.0.get_or_insert_with(|| HashMap::from([(XML_NAMESPACE, (&b"xml"[..], 0))]));
        arena.check(known.len() * PREFIX_BYTES)?;
        if !is_default {
            known.insert(attribute.value, (attribute.local, level));
        } else if known.get(attribute.value).is_none_or(|&(_, named)| named >= level) {
            known.insert(attribute.value, (&[], level));
        }
        Ok(())
    }
}

struct Builder<'a> {
    tree: Tree<'a>,
    prefixes: Prefixes<'a>,
    level: u32,
    /// The node that the next one is put beside, below or behind.
    at: NodeId,
    /// The last sibling of the document.
    tail: NodeId,
}

impl<'a> Tree<'a> {
    /// The tree of a text.
    ///
    /// # Errors
    /// What is wrong with the text; memory and work.
    pub fn parse(text: &'a [u8], charset: Charset, arena: &'a Arena) -> Result<Tree<'a>, EvalError> {
        // A `<` begins a tag, and about every second one is that of an end, beside which there is at most one text.
        let room = memchr::memchr_iter(b'<', text).count() + 2;
        let tree = Tree::with_top(Kind::Document, room, arena)?;
        let mut builder = Builder { tree, prefixes: Prefixes::default(), level: 0, at: 0, tail: 0 };
        let mut tokens = Tokens::new(text, Some(charset), arena);
        loop {
            let first = builder.tree.attributes.len();
            let Some(token) = tokens.next(&mut builder.tree.attributes)? else { break };
            match token {
                Token::Start(name) => builder.element(name, first, tokens.source())?,
                Token::End => builder.level -= 1,
                Token::Text(text) => builder.text(text, tokens.source())?,
                Token::Comment(text) => builder.plain(Kind::Comment, text)?,
                Token::Directive(text) => builder.plain(Kind::Directive, text)?,
                Token::Instruction(target, text) => builder.instruction(target, text)?,
            }
        }
        let tree = builder.tree;
        let mut beside = Some(tree.top);
        while let Some(node) = beside.filter(|&node| node != super::NONE) {
            if tree.children(node).any(|child| tree.kind(child) == Kind::Element) {
                return Ok(tree);
            }
            beside = Some(tree.node(node).next);
        }
        Err(EvalError::function("the XML text has no element"))
    }
}

impl<'a> Builder<'a> {
    /// Links a node to the one before it.
    fn place(&mut self, node: NodeId) {
        let level = self.tree.node(node).level;
        let before = self.tree.node(self.at).level;
        if level > before {
            self.tree.append(self.at, node);
            return;
        }
        for _ in level + 1..before {
            self.at = self.tree.node(self.at).parent;
        }
        let beside = if level == before { self.at } else { self.tree.node(self.at).parent };
        self.tree.append_sibling(beside, node, &mut self.tail);
    }

    fn plain(&mut self, kind: Kind, text: &'a [u8]) -> Result<(), EvalError> {
        let node = self.tree.add(kind, text, self.level)?;
        self.place(node);
        Ok(())
    }

    fn text(&mut self, text: &'a [u8], source: &[u8]) -> Result<(), EvalError> {
        // COMPAT: a text that only looks like a section is taken for one.
        let source = source.strip_prefix(b"<").unwrap_or(source);
        let is_section = source.get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"![CDATA["));
        let node = self.tree.add(if is_section { Kind::Section } else { Kind::Text }, text, self.level)?;
        self.tree.node_mut(node).is_blank = !is_section && trim_space(text).is_empty();
        self.place(node);
        Ok(())
    }

    fn element(&mut self, name: Name<'a>, first: usize, source: &[u8]) -> Result<(), EvalError> {
        let count = self.tree.attributes.len() - first;
        if self.level == 0 {
            self.missing_declaration()?;
        }
        for at in first..first + count {
            self.prefixes.note(&self.tree.attributes[at], self.level, self.tree.arena)?;
        }
        if !name.space.is_empty() && self.prefixes.of(name.space).is_none() {
            return Err(EvalError::function("an XML element has a prefix that stands for no namespace"));
        }
        for attribute in &mut self.tree.attributes[first..first + count] {
            if let Some(prefix) = self.prefixes.of(attribute.uri) {
                attribute.prefix = prefix;
            }
        }
        let node = self.tree.add(Kind::Element, name.local, self.level)?;
        self.tree.node_mut(node).attributes = (first as u32, count as u32);
        self.place(node);
        if !name.space.is_empty() {
            let prefix = self.prefixes.of(name.space).filter(|prefix| is_written(source, prefix, name.local));
            self.detail(node, Detail { prefix: prefix.unwrap_or_default(), uri: name.space, text: &[] })?;
        }
        self.at = node;
        self.level += 1;
        Ok(())
    }

    /// Adds the declaration `<?xml version="1.0"?>`.
    fn missing_declaration(&mut self) -> Result<(), EvalError> {
        let node = self.tree.add(Kind::Declaration, b"xml", 1)?;
        let at = self.tree.attributes.len();
        self.tree.attributes.push(Attribute { prefix: &[], local: b"version", value: b"1.0", uri: &[] })?;
        self.tree.node_mut(node).attributes = (at as u32, 1);
        self.tree.append(self.at, node);
        self.at = node;
        self.level = 1;
        Ok(())
    }

    fn instruction(&mut self, target: &'a [u8], text: &'a [u8]) -> Result<(), EvalError> {
        let level = if self.tree.kind(self.at) == Kind::Document { self.level + 1 } else { self.level };
        let is_declaration = target == b"xml";
        let kind = if is_declaration { Kind::Declaration } else { Kind::Instruction };
        let node = self.tree.add(kind, target, level)?;
        let first = self.tree.attributes.len();
        for pair in text.split(|&byte| byte == b' ') {
            let pair = trim_space(pair);
            let Some(at) = memchr::memchr(b'=', pair).filter(|&at| at > 0) else { continue };
            let (prefix, local) = split(&pair[..at]);
            let known = &self.tree.attributes[first..];
            self.tree.arena.spend((known.len() / 32) as u64)?;
            if known.iter().any(|a| a.prefix == prefix && a.local == local) {
                continue;
            }
            let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
            let mut value = &pair[at + 1..];
            while value.first().is_some_and(is_quote) {
                value = &value[1..];
            }
            while value.last().is_some_and(is_quote) {
                value = &value[..value.len() - 1];
            }
            self.tree.attributes.push(Attribute { prefix, local, value, uri: &[] })?;
        }
        let count = self.tree.attributes.len() - first;
        self.tree.node_mut(node).attributes = (first as u32, count as u32);
        if !is_declaration {
            self.detail(node, Detail { text: trim_space(text), ..Detail::default() })?;
        }
        self.place(node);
        self.at = node;
        self.level = level;
        Ok(())
    }

    fn detail(&mut self, node: NodeId, detail: Detail<'a>) -> Result<(), EvalError> {
        if self.tree.details.last() != Some(&detail) {
            self.tree.details.push(detail)?;
        }
        self.tree.node_mut(node).detail = (self.tree.details.len() - 1) as u32;
        Ok(())
    }
}

/// Whether a tag is written with this prefix; else it loses the one that it has.
fn is_written(source: &[u8], prefix: &[u8], local: &[u8]) -> bool {
    let len = prefix.len() + local.len() + 2;
    let source = &source[..source.len().min(len).min(SET_ASIDE)];
    let is_name = |source: &[u8]| {
        let rest = source.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(b":"));
        rest.is_some_and(|rest| rest.starts_with(local))
    };
    is_name(source) || source.strip_prefix(b"<").is_some_and(is_name)
}
