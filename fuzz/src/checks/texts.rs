//! [`grok`] and [`decode`]: functions that take texts apart by a language of their own, with texts and that language out of
//! the bytes.
//!
//! A call is made twice in one rule set: with the argument as a literal, where it can be one, and as an attribute. Both engines
//! give the same, within the memory that the message's length allows.

use ottl_engine::fast::Engine;
use ottl_generate::{Node, Term};
use ottl_schema::Signal;

use super::engines::{agree, options};
use super::functions::{COMPILED, compile};
use super::meter::within;

/// A grok pattern, definitions and a text, with lines between them: the pattern, so many definitions as the first byte says,
/// and the text.
pub fn grok(data: &[u8]) {
    let Some((&first, rest)) = data.split_first() else { return };
    let mut parts = rest.splitn(2 + usize::from(first % 4), |&byte| byte == b'\n');
    let pattern = parts.next().unwrap_or_default();
    let mut definitions: Vec<&[u8]> = parts.collect();
    let text = definitions.pop().unwrap_or_default();
    let list = Term::List(definitions.iter().map(|text| literal(text)).collect());
    let named_only = Term::word(if first & 4 == 0 { "false" } else { "true" });
    let arguments = [named_only, list];
    calls("ExtractGrokPatterns", pattern, &arguments, text, data);
}

/// An encoding, the first line, and what is decoded, as bytes and as a text.
pub fn decode(data: &[u8]) {
    let at = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
    let (encoding, bytes) = data.split_at(at);
    calls("Decode", encoding, &[], bytes.get(1..).unwrap_or_default(), data);
}

/// Calls the function of the body and an argument, a literal and an attribute.
fn calls(function: &str, argument: &[u8], more: &[Term], body: &[u8], data: &[u8]) {
    let attribute = |key: &str| Term::Path("log.attributes".into(), vec![Term::text(key)]);
    let call = |target: Term, argument: Term| {
        let arguments = [target, argument].into_iter().chain(more.iter().cloned()).collect();
        Term::Call(function.into(), arguments, vec![])
    };
    let set = |key: &str, value: Term| Term::Call("set".into(), vec![attribute(key), value], vec![]).to_string();
    let text = || Term::Path("log.body".into(), vec![]);
    let computed = [set("a", call(text(), attribute("arg"))), set("b", call(attribute("bytes"), attribute("arg")))];
    let written = [set("c", call(text(), literal(argument))), set("d", call(attribute("bytes"), literal(argument)))];
    let pair = |key: &str, number: u32, value: &[u8]| {
        let value = Node::Message(2, vec![Node::Bytes(number, value.to_vec())]);
        Node::Message(6, vec![Node::Bytes(1, key.into()), value])
    };
    let record =
        vec![Node::Message(5, vec![Node::Bytes(1, body.to_vec())]), pair("arg", 1, argument), pair("bytes", 7, body)];
    let message = Node::encode(&[Node::Message(1, vec![Node::Message(2, vec![Node::Message(2, record)])])]);
    for statements in [computed, written] {
        let statements: Vec<&String> = statements.iter().collect();
        let shown = || format!("{statements:#?}\n{:.4000}", message.escape_ascii());
        let compiled = within("compiling", COMPILED, || compile(Signal::Logs, "log", &statements, false));
        if let Some(plan) = compiled {
            agree(&Engine::with(&plan, options(data)), &message, &shown);
        }
    }
}

fn literal(text: &[u8]) -> Term {
    Term::text(String::from_utf8_lossy(text))
}
