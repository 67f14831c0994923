//! Why a pattern is refused.

use std::fmt;

/// The kinds of syntax error, with the reference's wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A range of a class is reversed, or its name is unknown.
    InvalidCharRange,
    /// An unknown or malformed escape.
    InvalidEscape,
    /// A malformed group name.
    InvalidNamedCapture,
    /// An unknown group flag or a construct that RE2 does not have (look-around, `(?x)`).
    InvalidPerlOp,
    /// Two repetition operators in a row.
    InvalidRepeatOp,
    /// A repeat count above 1000, also as a product of nested counts, or reversed bounds.
    InvalidRepeatSize,
    /// The pattern is not valid UTF-8.
    InvalidUtf8,
    /// A class is not closed.
    MissingBracket,
    /// A group is not closed.
    MissingParen,
    /// A repetition operator with nothing before it.
    MissingRepeatArgument,
    /// The pattern ends in a backslash.
    TrailingBackslash,
    /// A closing parenthesis without its opening one.
    UnexpectedParen,
    /// Groups and repetitions are nested too deeply.
    NestingDepth,
    /// The pattern's program would be too large.
    TooLarge,
    /// With this pattern, those of the rule set would be too large together.
    TooManyPatterns,
}

impl ErrorKind {
    /// The text of the error without the offending part.
    pub fn message(self) -> &'static str {
        match self {
            ErrorKind::InvalidCharRange => "invalid character class range",
            ErrorKind::InvalidEscape => "invalid escape sequence",
            ErrorKind::InvalidNamedCapture => "invalid named capture",
            ErrorKind::InvalidPerlOp => "invalid or unsupported Perl syntax",
            ErrorKind::InvalidRepeatOp => "invalid nested repetition operator",
            ErrorKind::InvalidRepeatSize => "invalid repeat count",
            ErrorKind::InvalidUtf8 => "invalid UTF-8",
            ErrorKind::MissingBracket => "missing closing ]",
            ErrorKind::MissingParen => "missing closing )",
            ErrorKind::MissingRepeatArgument => "missing argument to repetition operator",
            ErrorKind::TrailingBackslash => "trailing backslash at end of expression",
            ErrorKind::UnexpectedParen => "unexpected )",
            ErrorKind::NestingDepth => "expression nests too deeply",
            ErrorKind::TooLarge => "expression too large",
            ErrorKind::TooManyPatterns => "the expressions of these rules are too large together",
        }
    }
}

/// A pattern that is not valid, in the reference's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegexError {
    kind: ErrorKind,
    offset: usize,
    fragment: Vec<u8>,
}

impl RegexError {
    /// The error about `pattern[start..end]`.
    pub(super) fn at(kind: ErrorKind, pattern: &[u8], start: usize, end: usize) -> RegexError {
        let end = end.min(pattern.len());
        let start = start.min(end);
        RegexError { kind, offset: start, fragment: pattern[start..end].to_vec() }
    }

    /// What is wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Byte offset of the offending part in the pattern.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// The offending part of the pattern, as the reference quotes it.
    pub fn fragment(&self) -> &[u8] {
        &self.fragment
    }
}

impl fmt::Display for RegexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fragment = String::from_utf8_lossy(&self.fragment);
        write!(f, "error parsing regexp: {}: `{}`", self.kind.message(), fragment)
    }
}

impl std::error::Error for RegexError {}
