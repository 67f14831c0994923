//! `ParseSimplifiedXML`: an XML document as a map by the names of its elements.

use std::collections::HashMap;

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::value::Entry;
use ottl_core::{Arena, ArenaVec, EvalError, List, ListKind, Value};
use ottl_xml::tree::{Kind, NodeId, Tree};

use crate::{arguments, xml};

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ParseSimplifiedXML")
    .arg("target", ParamType::STRING, "the text of an XML document")
    .returns(Type::Map)
    .docs(
        "The map of an XML document by the names of its elements, without prefixes: an element without elements in it \
         is its first text, another one a map, and elements of one name beside each other are a list.\n\nAttributes \
         and texts beside elements are left out, and so are elements in which nothing is left.",
    )
    .example(r#"ParseSimplifiedXML("<a id=\"1\"><b>x</b><c>1</c><c>2</c></a>")"#, r#"{"a":{"b":"x","c":["1","2"]}}"#)
    .value(eval);

/// How deep elements may lie in each other, as in the reference.
const DEEPEST: usize = 10_000;

/// Up to this many children, names are counted without an index.
const FEW: usize = 16;

/// A map under construction.
struct Open<'a> {
    /// The elements that are still to be looked at, last first.
    rest: ArenaVec<'a, NodeId>,
    /// The names that more than one of all elements has.
    repeated: HashMap<&'a [u8], Option<usize>>,
    entries: ArenaVec<'a, Entry<'a>>,
    /// The elements of the lists among the entries.
    lists: Vec<ArenaVec<'a, Value<'a>>>,
    /// The element of the map, in the map around it.
    node: NodeId,
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    let arena = ctx.arena();
    let tree = xml::document(text, arena).map_err(|error| error.of(0))?;
    simplified(&tree, arena).map_err(|error| error.of(0))
}

fn simplified<'a>(tree: &Tree<'a>, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let mut outer: Vec<Open<'a>> = Vec::new();
    let mut open = Open::of(tree, tree.top(), arena)?;
    loop {
        let Some(node) = open.rest.pop() else {
            let name_of = open.node;
            let value = open.value(arena)?;
            let Some(around) = outer.pop() else { return Ok(value) };
            open = around;
            if !matches!(value, Value::Map(map) if map.is_empty()) {
                open.put(tree.data(name_of), value)?;
            }
            continue;
        };
        if tree.children(node).next().is_none() {
            continue;
        }
        let name = tree.data(node);
        if let Some(list) = open.repeated.get_mut(name)
            && list.is_none()
        {
            *list = Some(open.lists.len());
            open.lists.push(arena.vec());
            open.entries.push(Entry { key: name, value: Value::Absent })?;
        }
        match leaf(tree, node) {
            text @ [_, ..] => open.put(name, Value::Str(text))?,
            [] if outer.len() >= DEEPEST => return Err(EvalError::function("XML elements nest too deep")),
            [] => {
                arena.check(outer.len() * size_of::<Open<'_>>())?;
                let inner = Open::of(tree, node, arena)?;
                outer.push(std::mem::replace(&mut open, inner));
            }
        }
    }
}

impl<'a> Open<'a> {
    /// The map of an element that nothing has been put into.
    fn of(tree: &Tree<'a>, node: NodeId, arena: &'a Arena) -> Result<Open<'a>, EvalError> {
        let mut rest = arena.vec();
        rest.extend(tree.children(node).filter(|&child| tree.kind(child) == Kind::Element))?;
        rest.reverse();
        let mut repeated = HashMap::new();
        if rest.len() <= FEW {
            for (at, &child) in rest.iter().enumerate() {
                if rest[..at].iter().any(|&other| tree.data(other) == tree.data(child)) {
                    repeated.insert(tree.data(child), None);
                }
            }
        } else {
            arena.check(rest.len() * 64)?;
            let mut counts = HashMap::new();
            for &child in &*rest {
                *counts.entry(tree.data(child)).or_insert(0usize) += 1;
            }
            repeated.extend(counts.into_iter().filter(|&(_, count)| count > 1).map(|(name, _)| (name, None)));
        }
        Ok(Open { rest, repeated, entries: arena.vec(), lists: Vec::new(), node })
    }

    /// Puts a value under a name, or at the end of the list under it.
    fn put(&mut self, name: &'a [u8], value: Value<'a>) -> Result<(), EvalError> {
        match self.repeated.get(name) {
            Some(Some(list)) => self.lists[*list].push(value),
            _ => self.entries.push(Entry { key: name, value }),
        }
    }

    /// The finished map.
    fn value(self, arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        let Open { mut entries, lists, .. } = self;
        let mut lists = lists.into_iter();
        for entry in entries.iter_mut().filter(|entry| entry.value.is_absent()) {
            let elements = lists.next().map_or(&[][..], |list| list.into_slice());
            entry.value = match elements {
                [] => Value::List(List::empty(ListKind::Slice)),
                elements => arena.list(ListKind::Slice, elements)?,
            };
        }
        arena.map(entries.into_slice())
    }
}

/// The first text of an element that has no elements in it.
fn leaf<'a>(tree: &Tree<'a>, node: NodeId) -> &'a [u8] {
    let mut text = None;
    for child in tree.children(node) {
        match tree.kind(child) {
            Kind::Element => return &[],
            Kind::Text | Kind::Section => text = text.or(Some(tree.data(child))),
            _ => {}
        }
    }
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"<a>x</a>")], "{a: \"x\"}"),
                (&[Str(b"<a>x</a><b/><c> </c>")], "{a: \"x\", c: \" \"}"),
                (&[Str(b"<p:a xmlns:p='u'><b>1</b>t<c><d/></c></p:a>")], "{a: {b: \"1\"}}"),
                (&[Str(b"<a><b>1</b><c>2</c><b><d>3</d></b><b/></a>")], "{a: {b: Slice[\"1\", {d: \"3\"}], c: \"2\"}}"),
                (&[Str(b"<a><b><c/></b><b><c/></b></a>")], "{a: {b: Slice[]}}"),
                (&[Str(b"<a><![CDATA[<x>]]>y</a>")], "{a: \"<x>\"}"),
                (&[Str(b"<a/>")], "{}"),
                (&[Str(b"")], "error"),
                (&[Str(b"<a>")], "error"),
                (&[Nil], "error"),
            ],
        );
    }

    #[test]
    fn depth_is_bounded() {
        let arena = Arena::new();
        let nest = |depth: usize, inner: &str| "<a>".repeat(depth) + inner + &"</a>".repeat(depth);
        for (text, fits) in
            [(nest(512, "x"), true), (nest(513, "x"), false), (nest(DEEPEST, ""), true), (nest(DEEPEST + 2, ""), false)]
        {
            let text = arena.copy(text.as_bytes()).expect("no limit");
            let tree = xml::document(text, &arena).expect("well formed");
            assert_eq!(simplified(&tree, &arena).is_ok(), fits);
        }
    }
}
