//! The normative OTTL grammar as a pest parser.
//!
//! `ottl.pest` says what OTTL is; this crate makes it executable, so that the shipped parser (`ottl-syntax`) can be
//! compared with it: both accept the same texts and build the same trees. It knows neither recovery nor good
//! messages, takes exponential time on some nested texts (bounded by [`CALL_LIMIT`]), and is never shipped.

mod convert;
mod literal;

use std::num::NonZeroUsize;
use std::sync::Once;

use ottl_syntax::ast::{BoolExpr, Statement, Value};
use pest::Parser;
use pest::iterators::Pair;

/// The parser that pest derives from the grammar.
mod generated {
    #![allow(missing_docs)] // Rules are documented in the grammar file.

    /// The derived parser.
    #[derive(pest_derive::Parser)]
    #[grammar = "ottl.pest"]
    pub struct OttlParser;
}

pub(crate) use generated::Rule;

/// The most rule calls of one run; a text that needs more counts as not accepted.
pub const CALL_LIMIT: usize = 20_000_000;

/// The deepest nesting of brackets that is tried, as in the shipped parser; the derived parser is recursive.
pub const NESTING_LIMIT: usize = 256;

/// Whether the grammar takes the text as a statement.
pub fn accepts_statement(text: &str) -> bool {
    statement(text).is_some()
}

/// Whether the grammar takes the text as a condition.
pub fn accepts_condition(text: &str) -> bool {
    condition(text).is_some()
}

/// Whether the grammar takes the text as a value expression.
pub fn accepts_value(text: &str) -> bool {
    value(text).is_some()
}

/// The tree of a statement, all spans empty; none if the grammar does not take the text.
pub fn statement(text: &str) -> Option<Statement> {
    convert::statement(parse(Rule::statement, text)?)
}

/// The tree of a condition, all spans empty; none if the grammar does not take the text.
pub fn condition(text: &str) -> Option<BoolExpr> {
    convert::bool_expr(parse(Rule::condition, text)?.into_inner().next()?)
}

/// The tree of a value expression, all spans empty; none if the grammar does not take the text.
pub fn value(text: &str) -> Option<Value> {
    convert::value(parse(Rule::value_expr, text)?.into_inner().next()?)
}

fn parse(rule: Rule, text: &str) -> Option<Pair<'_, Rule>> {
    static LIMIT: Once = Once::new();
    LIMIT.call_once(|| pest::set_call_limit(NonZeroUsize::new(CALL_LIMIT)));
    // Brackets in strings count too: the bound only has to be safe, and texts near it are not what this is for.
    let opened = text.bytes().filter(|b| matches!(b, b'(' | b'[' | b'{')).count();
    if opened > NESTING_LIMIT {
        return None;
    }
    generated::OttlParser::parse(rule, text).ok()?.next()
}
