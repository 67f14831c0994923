//! Text to tokens.
//!
//! The reference tries its token rules in order and takes the first that matches; this lexer takes the longest match
//! and corrects the places where the two differ (keywords glued to upper-case letters, a lone underscore).
//! INVARIANT: tokens lie in ascending order, on character boundaries, and the last one is [`TokenKind::End`].
//! A fault never stops the lexer: it becomes a diagnostic, and where the intention is plain (`&&`, `'text'`) the
//! token that was meant stands in the list, so that the parser can go on.
//! Deliberately elsewhere: the decoding of literals that reach the tree (`literal`), and `where`, which is an ordinary
//! word that the parser recognises by its text.

mod fault;
mod literal;

pub(crate) use literal::{decode_bytes, decode_float, decode_int, decode_string};

use logos::Logos;
use ottl_diagnostics::{Diagnostic, Span};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `0x` and hexadecimal digits.
    Bytes,
    /// Digits with a decimal point.
    Float,
    /// Digits.
    Int,
    /// A string in double quotes.
    String,
    /// `nil`
    Nil,
    /// `not`
    Not,
    /// `or`
    Or,
    /// `and`
    And,
    /// `==` `!=` `>=` `<=` `>` `<`
    Comparison,
    /// `=>`
    Arrow,
    /// `+` `-`
    AddSub,
    /// `*` `/`
    MulDiv,
    /// `true` `false`
    Bool,
    /// `=`
    Equal,
    /// `(`
    LeftParen,
    /// `)`
    RightParen,
    /// `{`
    LeftBrace,
    /// `}`
    RightBrace,
    /// `:`
    Colon,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `[`
    LeftBracket,
    /// `]`
    RightBracket,
    /// A run of upper-case letters, digits and underscores, an upper-case letter first.
    Upper,
    /// A run of lower-case letters, digits and underscores, a lower-case letter first.
    Lower,
    /// `_` alone.
    Underscore,
    /// The end of the text; always the last token, always empty.
    End,
}

impl TokenKind {
    /// Whether a value or a condition may begin with it.
    pub(crate) fn begins_value(self) -> bool {
        !matches!(
            self,
            TokenKind::Or
                | TokenKind::And
                | TokenKind::Comparison
                | TokenKind::Arrow
                | TokenKind::MulDiv
                | TokenKind::Equal
                | TokenKind::RightParen
                | TokenKind::RightBrace
                | TokenKind::Colon
                | TokenKind::Comma
                | TokenKind::Dot
                | TokenKind::LeftBracket
                | TokenKind::RightBracket
                | TokenKind::End
        )
    }
}

/// One token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// The bytes it was written in.
    pub span: Span,
}

/// The tokens of a text and the faults found on the way.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// In ascending order; the last one is [`TokenKind::End`].
    pub tokens: Vec<Token>,
    /// Unknown characters, unclosed strings, bad escapes.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether a string or a limit swallowed the end of the text, so that complaints about the end mean nothing.
    pub truncated: bool,
}

/// The rules as logos sees them; keywords are told apart afterwards.
#[derive(Clone, Copy, Debug, Logos)]
#[logos(skip r"[ \t\n\f\r]+")]
enum Rule {
    #[regex("0x[a-fA-F0-9]+")]
    Bytes,
    #[regex(r"([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")]
    Float,
    #[regex("[0-9]+")]
    Int,
    #[regex(r#""(\\[^\n]|[^\\"])*""#)]
    String,
    #[token("==")]
    #[token("!=")]
    #[token(">=")]
    #[token("<=")]
    #[token(">")]
    #[token("<")]
    Comparison,
    #[token("=>")]
    Arrow,
    #[token("+")]
    #[token("-")]
    AddSub,
    #[token("*")]
    #[token("/")]
    MulDiv,
    #[token("=")]
    Equal,
    #[token("(")]
    LeftParen,
    #[token(")")]
    RightParen,
    #[token("{")]
    LeftBrace,
    #[token("}")]
    RightBrace,
    #[token(":")]
    Colon,
    #[token(",")]
    Comma,
    #[token(".")]
    Dot,
    #[token("[")]
    LeftBracket,
    #[token("]")]
    RightBracket,
    #[regex("[A-Z][A-Z0-9_]*")]
    Upper,
    #[regex("[a-z][a-z0-9_]*")]
    Lower,
    #[token("_")]
    Underscore,
}

/// Splits a text into tokens.
///
/// Offsets are 32 bits wide, so a text of 4 GiB or more is cut; the parser's limit on the length of a statement refuses
/// such a text before it comes here.
pub fn lex(text: &str) -> Tokens {
    let mut length = text.len().min(u32::MAX as usize);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    let text = &text[..length];
    let mut lexer = Lexer { text, tokens: Vec::with_capacity(text.len() / 4 + 2), faults: fault::Faults::new(text) };
    let mut from = 0;
    while let Some(next) = lexer.run(from) {
        from = next;
    }
    let end = text.len() as u32;
    lexer.push(TokenKind::End, end, end);
    let (diagnostics, truncated) = lexer.faults.finish();
    Tokens { tokens: lexer.tokens, diagnostics, truncated }
}

/// The state of one run over a text.
struct Lexer<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    faults: fault::Faults<'t>,
}

impl Lexer<'_> {
    fn push(&mut self, kind: TokenKind, start: u32, end: u32) {
        self.tokens.push(Token { kind, span: Span::new(start, end) });
    }

    /// Lexes from byte `from` to the next fault or the end; gives the place to go on after a fault.
    fn run(&mut self, from: usize) -> Option<usize> {
        let mut rules = Rule::lexer(self.text.get(from..)?);
        while let Some(rule) = rules.next() {
            let range = rules.span();
            let (start, end) = (from + range.start, from + range.end);
            let kind = rule.ok().and_then(|rule| self.classify(rule, start, end));
            let Some(kind) = kind else {
                if let Some(end) = self.pattern_operator(start) {
                    return Some(end);
                }
                let (meant, resume) = self.faults.at(start);
                if let Some(kind) = meant {
                    self.push(kind, start as u32, resume as u32);
                }
                return Some(resume);
            };
            if kind == TokenKind::String {
                self.faults.check_escapes(start, end);
            }
            self.push(kind, start as u32, end as u32);
        }
        None
    }

    /// `=~` or `!~`, the operators that other languages match patterns with, as a comparison that the parser refuses.
    fn pattern_operator(&mut self, start: usize) -> Option<usize> {
        let rest = self.text.get(start..)?;
        if rest.starts_with("!~") {
            self.push(TokenKind::Comparison, start as u32, start as u32 + 2);
            return Some(start + 2);
        }
        let last =
            self.tokens.last_mut().filter(|last| last.kind == TokenKind::Equal && last.span.end == start as u32)?;
        if !rest.starts_with('~') {
            return None;
        }
        *last = Token { kind: TokenKind::Comparison, span: Span::new(last.span.start, start as u32 + 1) };
        Some(start + 1)
    }

    /// The token that the reference's rule order makes of a match; none if no rule takes it.
    fn classify(&self, rule: Rule, start: usize, end: usize) -> Option<TokenKind> {
        let next = self.text.as_bytes().get(end).copied().unwrap_or(b' ');
        Some(match rule {
            Rule::Bytes => TokenKind::Bytes,
            Rule::Float => TokenKind::Float,
            Rule::Int => TokenKind::Int,
            Rule::String => TokenKind::String,
            Rule::Comparison => TokenKind::Comparison,
            Rule::Arrow => TokenKind::Arrow,
            Rule::AddSub => TokenKind::AddSub,
            // Two in a row are no operators: they begin a comment in other languages.
            Rule::MulDiv if self.text[start..].starts_with("//") => return None,
            Rule::MulDiv => TokenKind::MulDiv,
            Rule::Equal => TokenKind::Equal,
            Rule::LeftParen => TokenKind::LeftParen,
            Rule::RightParen => TokenKind::RightParen,
            Rule::LeftBrace => TokenKind::LeftBrace,
            Rule::RightBrace => TokenKind::RightBrace,
            Rule::Colon => TokenKind::Colon,
            Rule::Comma => TokenKind::Comma,
            Rule::Dot => TokenKind::Dot,
            Rule::LeftBracket => TokenKind::LeftBracket,
            Rule::RightBracket => TokenKind::RightBracket,
            Rule::Upper => TokenKind::Upper,
            // A keyword ends where the next character is not part of a word: `nilX` is `nil`, a name, and `X`.
            Rule::Lower if next.is_ascii_uppercase() => TokenKind::Lower,
            Rule::Lower => match &self.text[start..end] {
                "nil" => TokenKind::Nil,
                "not" => TokenKind::Not,
                "or" => TokenKind::Or,
                "and" => TokenKind::And,
                "true" | "false" => TokenKind::Bool,
                _ => TokenKind::Lower,
            },
            Rule::Underscore if next.is_ascii_alphanumeric() || next == b'_' => return None,
            Rule::Underscore => TokenKind::Underscore,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{TokenKind, lex};

    /// Kind and text of every token but the last, `kind:text` joined by blanks.
    fn listing(text: &str) -> String {
        let tokens = lex(text);
        assert_eq!(tokens.tokens.last().map(|t| t.kind), Some(TokenKind::End));
        let words: Vec<String> = tokens.tokens[..tokens.tokens.len() - 1]
            .iter()
            .map(|t| format!("{:?}:{}", t.kind, t.span.of(text)))
            .collect();
        words.join(" ")
    }

    #[test]
    fn rules_are_tried_in_the_order_of_the_reference() {
        for (text, expected) in [
            ("IsMatch", "Upper:I Lower:s Upper:M Lower:atch"),
            ("UUIDv7 SHA256", "Upper:UUID Lower:v7 Upper:SHA256"),
            ("nil nilX nil_x", "Nil:nil Lower:nil Upper:X Lower:nil_x"),
            ("Xor Xnot orA", "Upper:X Or:or Upper:X Not:not Lower:or Upper:A"),
            ("0x1F 0x 0xg", "Bytes:0x1F Int:0 Lower:x Int:0 Lower:xg"),
            ("1e3 .5 5. 1.e3 1..2", "Int:1 Lower:e3 Float:.5 Float:5. Float:1.e3 Float:1. Float:.2"),
            ("0x1.5 5.e", "Bytes:0x1 Float:.5 Float:5. Lower:e"),
            ("== = => =>= ==>", "Comparison:== Equal:= Arrow:=> Arrow:=> Equal:= Comparison:== Comparison:>"),
            ("a.b[1]", "Lower:a Dot:. Lower:b LeftBracket:[ Int:1 RightBracket:]"),
            ("_ (_)", "Underscore:_ LeftParen:( Underscore:_ RightParen:)"),
            ("\"a\\\"b\" \"\n\"", "String:\"a\\\"b\" String:\"\n\""),
            ("a\t\n\r\u{c}b", "Lower:a Lower:b"),
        ] {
            assert_eq!(listing(text), expected, "{text}");
            assert!(lex(text).diagnostics.is_empty(), "{text}");
        }
    }

    #[test]
    fn operators_for_patterns_are_comparisons_that_the_parser_refuses() {
        assert_eq!(listing("a =~ b !~ c ~"), "Lower:a Comparison:=~ Lower:b Comparison:!~ Lower:c");
        assert_eq!(lex("a =~ b !~ c").diagnostics.len(), 0);
    }

    #[test]
    fn faults_give_the_token_that_was_meant() {
        for (text, expected, faults) in [
            ("a && b", "Lower:a And:&& Lower:b", 1),
            ("a || !b", "Lower:a Or:|| Not:! Lower:b", 2),
            ("'x y'", "String:'x y'", 1),
            ("a ;; #b", "Lower:a", 1),
            ("a ;; ", "Lower:a", 1),
            ("a // b\nc", "Lower:a Lower:c", 1),
            ("a#b", "Lower:a Lower:b", 1),
            ("_a", "Lower:a", 1),
            ("\u{e9}t\u{e9} x", "Lower:t Lower:x", 2),
            ("\"open", "String:\"open", 1),
            ("\"a\\\nb\" c", "String:\"a\\\nb\" Lower:c", 1),
            ("\u{b} a", "Lower:a", 1),
        ] {
            assert_eq!(listing(text), expected, "{text}");
            assert_eq!(lex(text).diagnostics.len(), faults, "{text}");
        }
    }
}
