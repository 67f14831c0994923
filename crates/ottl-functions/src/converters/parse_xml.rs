//! `ParseXML`: an XML element as a map.

use ottl_core::function::{CallContext, FunctionDef, ParamType, Type};
use ottl_core::space::trim_space;
use ottl_core::value::{Entry, MAX_DEPTH};
use ottl_core::{Arena, ArenaVec, EvalError, ListKind, Value};
use ottl_xml::tokens::{Token, Tokens};

use crate::arguments;
use crate::xml::put;

/// The function's row.
pub const DEF: FunctionDef = FunctionDef::converter("ParseXML")
    .arg("target", ParamType::STRING, "the text of an XML element")
    .returns(Type::Map)
    .docs(
        "The map of an XML element: `tag`, its name without prefix, and, where there are such, `content`, its text, \
         `attributes`, a map of texts, and `children`, a list of such maps.\n\nEach piece of the text loses the white \
         space at its ends. Comments, instructions and directives are left out, and so is what stands in front of the \
         element. Bytes behind its end, a declared encoding other than UTF-8 and more than 256 elements inside each \
         other are errors.",
    )
    .example(
        r#"ParseXML("<a id=\"1\"><b>x</b></a>")"#,
        r#"{"tag":"a","attributes":{"id":"1"},"children":[{"tag":"b","content":"x"}]}"#,
    )
    .value(eval);

/// An element whose end has not come.
struct Open<'a> {
    tag: &'a [u8],
    attributes: Value<'a>,
    text: &'a [u8],
    /// The text, if it is made of several pieces.
    joined: Option<ArenaVec<'a, u8>>,
    /// Its first child among the finished elements.
    first: usize,
}

fn eval<'a>(ctx: &mut CallContext<'_, 'a>, args: &[Value<'a>]) -> Result<Value<'a>, EvalError> {
    let text = arguments::text(args, 0)?;
    parse(text, ctx.arena()).map_err(|error| error.of(0))
}

fn parse<'a>(text: &'a [u8], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
    let mut tokens = Tokens::new(text, None, arena);
    let mut attributes = arena.vec();
    let mut open: ArenaVec<'a, Open<'a>> = arena.vec();
    // The finished children of the elements that are open, those of the innermost one last.
    let mut done: ArenaVec<'a, Value<'a>> = arena.vec();
    loop {
        attributes.clear();
        let Some(token) = tokens.next(&mut attributes)? else {
            return Err(EvalError::function("the XML text has no element"));
        };
        match token {
            // An element and the list of its children are two levels of values.
            Token::Start(_) if open.len() >= MAX_DEPTH as usize / 2 => {
                return Err(EvalError::function("XML elements nest too deep"));
            }
            Token::Start(name) => {
                let mut entries = arena.vec_for(attributes.len())?;
                for attribute in &*attributes {
                    put(&mut entries, attribute.local, Value::Str(attribute.value))?;
                }
                let attributes = if entries.is_empty() { Value::Absent } else { arena.map(entries.into_slice())? };
                open.push(Open { tag: name.local, attributes, text: &[], joined: None, first: done.len() })?;
            }
            Token::Text(text) => {
                if let Some(element) = open.last_mut() {
                    element.add(trim_space(text), arena)?;
                }
            }
            Token::End => {
                let Some(element) = open.pop() else { continue };
                let children = arena.copy(&done[element.first..])?;
                while done.len() > element.first {
                    done.pop();
                }
                let value = element.value(children, arena)?;
                if open.is_empty() {
                    if tokens.is_at_end() {
                        return Ok(value);
                    }
                    return Err(EvalError::function("there are bytes behind the XML element"));
                }
                done.push(value)?;
            }
            Token::Comment(_) | Token::Instruction(..) | Token::Directive(_) => {}
        }
    }
}

impl<'a> Open<'a> {
    fn add(&mut self, piece: &'a [u8], arena: &'a Arena) -> Result<(), EvalError> {
        if self.text.is_empty() {
            self.text = piece;
            return Ok(());
        }
        if self.joined.is_none() {
            let mut joined = arena.vec_for(self.text.len() + piece.len())?;
            joined.extend_from_slice(self.text)?;
            self.joined = Some(joined);
        }
        match &mut self.joined {
            Some(joined) => joined.extend_from_slice(piece),
            None => Ok(()),
        }
    }

    fn value(self, children: &'a [Value<'a>], arena: &'a Arena) -> Result<Value<'a>, EvalError> {
        let mut entries = arena.vec_for(4)?;
        entries.push(Entry { key: b"tag", value: Value::Str(self.tag) })?;
        let text = self.joined.map_or(self.text, |joined| joined.into_slice());
        if !text.is_empty() {
            entries.push(Entry { key: b"content", value: Value::Str(text) })?;
        }
        if !self.attributes.is_absent() {
            entries.push(Entry { key: b"attributes", value: self.attributes })?;
        }
        if !children.is_empty() {
            entries.push(Entry { key: b"children", value: arena.list(ListKind::Slice, children)? })?;
        }
        arena.map(entries.into_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Value::{Bytes, Nil, Str};

    use crate::test_call::check;

    #[test]
    fn cases() {
        check(
            &DEF,
            &[
                (&[Str(b"<a/>")], "{tag: \"a\"}"),
                (
                    &[Str(b" x <!-- y --><p:a> b <c/> d<![CDATA[ e ]]></p:a>")],
                    "{tag: \"a\", content: \"bde\", children: Slice[{tag: \"c\"}]}",
                ),
                (&[Str(b"<a x='1' p:x='2' xmlns:y='3'/>")], "{tag: \"a\", attributes: {x: \"2\", y: \"3\"}}"),
                (&[Str(b"<a/>\n")], "error"),
                (&[Str(b"<a/><b/>")], "error"),
                (&[Str(b"")], "error"),
                (&[Str(b"x")], "error"),
                (&[Str(b"<a>")], "error"),
                (&[Str(b"<?xml encoding='latin1'?><a/>")], "error"),
                (&[Nil], "error"),
                (&[Bytes(b"<a/>")], "error"),
            ],
        );
    }

    #[test]
    fn depth_is_bounded() {
        let arena = Arena::new();
        for (depth, fits) in [(256, true), (257, false), (100_000, false)] {
            let text = "<a x='1'>".repeat(depth) + &"</a>".repeat(depth);
            assert_eq!(parse(text.as_bytes(), &arena).is_ok(), fits, "{depth}");
        }
    }
}
