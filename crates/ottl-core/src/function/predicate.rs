//! [`TextPredicate`]: a question about a text, as data, so that engines can ask many at once.

use ottl_regex::TextPattern;

use crate::ops::CompareOp;

/// A question about a text.
#[derive(Clone, Debug)]
pub enum TextPredicate {
    /// Whether it is one at all.
    IsText,
    /// Whether it matches.
    Matches(TextPattern),
    /// How its length compares with a number.
    Length(LengthTest),
}

/// How the length of a text, in bytes, compares with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthTest {
    /// The comparison; the length stands on its left.
    pub op: CompareOp,
    /// The number.
    pub number: i64,
}

impl LengthTest {
    /// The answer for a text.
    #[inline]
    pub fn holds(self, text: &[u8]) -> bool {
        self.op.of(&(text.len() as i64), &self.number)
    }
}

impl TextPredicate {
    /// The answer for a text, or for nil: no question is answered by yes for that.
    #[inline]
    pub fn holds(&self, text: Option<&[u8]>) -> bool {
        match (self, text) {
            (_, None) => false,
            (TextPredicate::IsText, Some(_)) => true,
            (TextPredicate::Matches(pattern), Some(text)) => pattern.is_match(text),
            (TextPredicate::Length(test), Some(text)) => test.holds(text),
        }
    }
}
