//! What a screen can ask: questions about attributes, fields and computed values.

use std::borrow::Cow;

use ottl_core::ops::CompareOp;
use ottl_plan::Literal;
use ottl_regex::TextPattern;

use super::operands::Asking;
use crate::fast::program::screen::{FieldTest, PairTest};

/// A question about one attribute, field or computed value.
pub(super) enum Atom<'p> {
    /// The attribute of this key is this text.
    PairText(&'p [u8], &'p [u8]),
    /// A question about the attribute of this key.
    Pair(&'p [u8], PairTest),
    /// The attribute of this key is a text that matches.
    PairPattern(&'p [u8], Cow<'p, TextPattern>, u32),
    /// There is an attribute of this key.
    Present(&'p [u8]),
    /// There is none, or it is nil.
    Absent(&'p [u8]),
    /// The field of this number, a `string` or the body, is this text.
    FieldText(u32, &'p [u8]),
    /// The field of this number is a text that matches.
    FieldPattern(u32, Cow<'p, TextPattern>, u32),
    /// A question about the field of this number.
    Field(u32, FieldTest),
    /// A question about a computed value.
    Operand(Asking<'p>),
    /// All attributes together match, keys and values.
    Values(TextPattern, u32),
}

/// What a question is about.
#[derive(PartialEq)]
pub(super) enum Subject<'p> {
    /// The attribute of this key.
    Key(&'p [u8]),
    /// The computed value of this number.
    Operand(usize),
}

impl<'p> Atom<'p> {
    /// Whether the attribute of a key compares so with a literal, which is given with its number; `any` is its `AnyValue` if it is a text.
    pub fn comparison(key: &'p [u8], op: CompareOp, (number, literal): (u32, &'p Literal), any: &[u8]) -> Atom<'p> {
        match (op, literal) {
            (CompareOp::Eq, Literal::Str(text)) => Atom::PairText(key, text),
            _ => Atom::Pair(key, PairTest::Compare { op, literal: number, any: any.into() }),
        }
    }

    /// The same question about the attribute of another key.
    pub fn of_key(self, key: &'p [u8]) -> Option<Atom<'p>> {
        match self {
            Atom::PairText(_, text) => Some(Atom::PairText(key, text)),
            Atom::Pair(_, test) => Some(Atom::Pair(key, test)),
            Atom::PairPattern(_, pattern, call) => Some(Atom::PairPattern(key, pattern, call)),
            Atom::Present(_) => Some(Atom::Present(key)),
            // Where the other attribute is missing, the copy's own key is asked about.
            _ => None,
        }
    }

    /// What it is about, if that is one attribute or computed value.
    pub fn place(&self) -> Option<Subject<'p>> {
        match self {
            Atom::PairText(key, _)
            | Atom::Pair(key, _)
            | Atom::PairPattern(key, ..)
            | Atom::Present(key)
            | Atom::Absent(key) => Some(Subject::Key(key)),
            Atom::Operand(asking) => Some(Subject::Operand(asking.operand)),
            _ => None,
        }
    }
}

impl Atom<'_> {
    /// How few records such a question is likely to hold on, and how little it costs: the lower the better.
    pub fn rank(&self) -> u32 {
        match self {
            Atom::PairText(..) => 0,
            Atom::FieldText(..) => 1,
            Atom::Pair(_, PairTest::Compare { op: CompareOp::Eq, .. }) => 2,
            Atom::PairPattern(..) => 3,
            Atom::FieldPattern(..) | Atom::Values(..) => 4,
            Atom::Pair(_, PairTest::Length(..)) | Atom::Field(_, FieldTest::Length(..)) => 4,
            Atom::Present(_) | Atom::Absent(_) => 5,
            Atom::Pair(..) | Atom::Field(..) => 6,
            Atom::Operand(..) => 7,
        }
    }
}

impl Atom<'_> {
    /// Whether it holds on nearly every record.
    ///
    /// PERF (redaction): a screen in front of a step that asks whether the body is a text makes one more walk over each record.
    pub fn is_likely(&self) -> bool {
        matches!(self, Atom::Field(_, FieldTest::IsText))
    }
}
