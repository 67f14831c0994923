//! What the words of rules are, for colours.

use ottl_diagnostics::{Span, TextMap};
use ottl_schema::context_by_name;
use ottl_syntax::token::{Token, TokenKind, lex};
use serde::Serialize;

use super::Document;
use super::reading::Rule;
use crate::RuleKind;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenType {
    /// `where`, `and`, `or`, `not`, `nil`, `true`, `false`.
    Keyword,
    /// An editor.
    Function,
    /// A converter.
    Method,
    /// A context that a path begins with.
    Namespace,
    /// A name in a path.
    Property,
    /// The name of an argument, or a parameter of a lambda.
    Parameter,
    /// An enum symbol.
    EnumMember,
    /// A string literal.
    String,
    /// A number, or bytes.
    Number,
    /// A sign.
    Operator,
}

impl TokenType {
    /// All of them.
    pub const ALL: [TokenType; 10] = [
        TokenType::Keyword,
        TokenType::Function,
        TokenType::Method,
        TokenType::Namespace,
        TokenType::Property,
        TokenType::Parameter,
        TokenType::EnumMember,
        TokenType::String,
        TokenType::Number,
        TokenType::Operator,
    ];
}

/// A word of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SemanticToken {
    /// Where it stands; on one line, unless it is a string that goes over several.
    pub range: Span,
    /// What it is.
    #[serde(rename = "type")]
    pub token_type: TokenType,
}

impl Document {
    /// The words of all rules in the order of the document; brackets and commas are none.
    pub fn tokens(&self) -> Vec<SemanticToken> {
        let mut out: Vec<SemanticToken> = Vec::new();
        for rule in &self.reading().rules {
            self.of_rule(rule, &mut out);
        }
        out
    }

    fn of_rule(&self, rule: &Rule, out: &mut Vec<SemanticToken>) {
        let text = rule.text.as_str();
        let map = rule.map();
        let tokens = lex(text).tokens;
        let mut done = 0;
        let mut locals: Vec<&str> = Vec::new();
        for number in 0..tokens.len() {
            if number < done {
                continue;
            }
            let end = end_of_name(&tokens, number);
            let span = tokens[number].span.to(tokens[end.saturating_sub(1).max(number)].span);
            done = end.max(number + 1);
            if tokens[number].kind == TokenKind::Arrow {
                locals.extend(parameters(&tokens[..number], text));
            }
            let Some(token_type) = type_of(&tokens, number, done, text, rule.kind, &locals) else { continue };
            let range = whole(&map, rule, span, &self.text);
            // Where the way to the document is only known roughly, words do not lie over each other.
            let start = out.last().map_or(0, |last| last.range.end).max(range.start);
            if start < range.end {
                out.push(SemanticToken { range: Span::new(start, range.end), token_type });
            }
        }
    }
}

/// The range of a word in the document; one that ends with an escape has all of it.
fn whole(map: &TextMap, rule: &Rule, span: Span, document: &str) -> Span {
    let range = map.span(span);
    let next = match (span.end as usize) < rule.text.as_str().len() {
        true => map.offset(span.end),
        false => rule.content_end(document),
    };
    let escape = Span::new(range.end, next.max(range.end)).of(document).trim_end().len();
    Span::new(range.start, range.end + escape as u32)
}

fn is_part_of_name(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Upper | TokenKind::Lower | TokenKind::Underscore)
}

/// The number behind the last token of the name that begins at one; that number itself if none does.
fn end_of_name(tokens: &[Token], number: usize) -> usize {
    if !is_part_of_name(tokens[number].kind) {
        return number;
    }
    let mut end = number + 1;
    while tokens.get(end).is_some_and(|next| {
        next.span.start == tokens[end - 1].span.end && (is_part_of_name(next.kind) || next.kind == TokenKind::Int)
    }) {
        end += 1;
    }
    end
}

/// The names in the parentheses that tokens end with.
fn parameters<'t>(tokens: &[Token], text: &'t str) -> Vec<&'t str> {
    let open = tokens.iter().rposition(|token| token.kind == TokenKind::LeftParen).unwrap_or(tokens.len());
    tokens[open..].iter().filter(|token| token.kind == TokenKind::Lower).map(|token| token.span.of(text)).collect()
}

fn type_of(
    tokens: &[Token],
    first: usize,
    next: usize,
    text: &str,
    kind: RuleKind,
    locals: &[&str],
) -> Option<TokenType> {
    let token = tokens[first];
    Some(match token.kind {
        TokenKind::Nil | TokenKind::Not | TokenKind::Or | TokenKind::And | TokenKind::Bool => TokenType::Keyword,
        TokenKind::String => TokenType::String,
        TokenKind::Bytes | TokenKind::Float | TokenKind::Int => TokenType::Number,
        TokenKind::Comparison | TokenKind::Arrow | TokenKind::AddSub | TokenKind::MulDiv | TokenKind::Equal => {
            TokenType::Operator
        }
        TokenKind::Upper | TokenKind::Lower | TokenKind::Underscore => {
            let name = text.get(token.span.start as usize..tokens[next - 1].span.end as usize).unwrap_or_default();
            let before = first.checked_sub(1).map(|before| tokens[before].kind);
            let behind = tokens.get(next).map(|behind| behind.kind);
            let is_converter = name.starts_with(|c: char| c.is_ascii_uppercase());
            match behind {
                _ if before == Some(TokenKind::Dot) => TokenType::Property,
                Some(TokenKind::LeftParen) if is_converter => TokenType::Method,
                Some(TokenKind::LeftParen) if name != "where" => TokenType::Function,
                Some(TokenKind::Equal) => TokenType::Parameter,
                _ if name == "where" && kind == RuleKind::Statement && first > 0 => TokenType::Keyword,
                _ if locals.contains(&name) => TokenType::Parameter,
                Some(TokenKind::Dot) if context_by_name(name).is_some() => TokenType::Namespace,
                // A word in capitals is an enum symbol; one that is not names a converter.
                _ if is_converter && name.contains(|c: char| c.is_ascii_lowercase()) => TokenType::Method,
                _ if is_converter => TokenType::EnumMember,
                _ => TokenType::Property,
            }
        }
        _ => return None,
    })
}
