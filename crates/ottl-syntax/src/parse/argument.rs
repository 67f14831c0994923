//! Function names, calls and arguments.

use ottl_diagnostics::{Code, Diagnostic, Span};

use super::Parser;
use crate::ast::{Argument, ArgumentValue, Call, Ident, Key, KeyKind, Value};
use crate::token::TokenKind;

impl Parser<'_> {
    /// The number of tokens of the name that begins here; a name is one or more upper- and lower-case chunks.
    pub(super) fn name_length(&self) -> usize {
        let mut count = 0;
        while matches!(self.nth(count).kind, TokenKind::Lower | TokenKind::Upper) {
            count += 1;
        }
        count
    }

    /// lowerName | upperName, which begins here.
    pub(super) fn name(&mut self) -> Ident {
        let first = self.token();
        let mut text = String::with_capacity(16);
        while matches!(self.kind(), TokenKind::Lower | TokenKind::Upper) {
            let token = self.bump();
            text.push_str(self.text_of(token));
        }
        Ident { text, span: self.span_from(first.span.start) }
    }

    /// The arguments and keys of a call whose name has been read; `(` is next.
    pub(super) fn call(&mut self, name: Ident) -> Call {
        let mut arguments = Vec::with_capacity(2);
        if let Some(opening) = self.open(TokenKind::RightParen) {
            if !self.at(TokenKind::RightParen) {
                self.argument_list(&mut arguments);
            }
            self.close(opening, TokenKind::RightParen, "`,` or `)`");
        }
        let keys = self.keys();
        Call { span: self.span_from(name.span.start), name, arguments, keys }
    }

    /// argument { "," argument }
    fn argument_list(&mut self, arguments: &mut Vec<Argument>) {
        loop {
            arguments.push(self.argument());
            if !self.next_item("`,` or `)`", TokenKind::RightParen) {
                return;
            }
        }
    }

    /// Goes on to the next item of a list: true if a comma was taken and an item follows. Skips to a comma after an
    /// error.
    pub(super) fn next_item(&mut self, expected: &str, close: TokenKind) -> bool {
        if !matches!(self.kind(), TokenKind::Comma | TokenKind::End) && !self.at(close) {
            if self.ends_unclosed() {
                return false;
            }
            let token = self.token();
            let before = self.last_end();
            let (word, value) = (self.text_of(token), self.kind().begins_value());
            // What lies between may be no token, as the `%` of `5 % 2`.
            let between = Span::new(before, token.span.start).of(self.text);
            let is_apart = !between.is_empty() && between.trim().is_empty();
            let bare = if is_apart { self.bare_text(before) } else { None };
            let source = self.text;
            self.unexpected_with(expected, |d| match token.kind {
                TokenKind::Equal => {
                    d.help("arguments are separated by commas: `set(path, value)`").fix(token.span, ",")
                }
                TokenKind::Or => d.help("the first value that is not nil is `Coalesce([first, second])`"),
                TokenKind::Dot => {
                    d.help("what lies in a value is written with keys in brackets: `ParseJSON(text)[\"key\"]`")
                }
                TokenKind::And => d.help("an argument is a value; conditions stand after `where` or in a lambda"),
                _ if word == "where" => d.help("`where` stands behind the parenthesis that closes the editor"),
                _ if bare.is_some() => {
                    let span = bare.unwrap_or_default();
                    let quoted = format!("\"{}\"", span.of(source));
                    d.help(format!("strings are in double quotes: `{quoted}`")).fix(span, quoted)
                }
                _ if value && is_apart => d.help("a comma is missing before it").fix(Span::new(before, before), ","),
                _ => d,
            });
            self.skip(|kind| kind == TokenKind::Comma || kind == close);
        }
        let Some(comma) = self.eat(TokenKind::Comma) else {
            return false;
        };
        if self.at(close) {
            self.report(
                Diagnostic::new(Code::UNEXPECTED_TOKEN, comma.span, "a comma after the last item")
                    .label("nothing follows this comma")
                    .fix(comma.span, ""),
            );
            return false;
        }
        true
    }

    /// Where an item stands that is nothing but words with blanks between them, of which the first ends here.
    fn bare_text(&self, first_end: u32) -> Option<Span> {
        let end = first_end as usize;
        let start = self.text[..end].rfind([',', '(', '['])? + 1;
        let rest = &self.text[start..];
        let item = &rest[..rest.find([',', ')', ']'])?];
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ');
        let words = item.trim();
        if !words.chars().all(is_word) || !words.starts_with(char::is_alphabetic) || words.contains(" where ") {
            return None;
        }
        let at = (start + item.len() - item.trim_start().len()) as u32;
        Some(Span::new(at, at + words.len() as u32))
    }

    /// argument = [ lowerName "=" ] ( value | upperName )
    fn argument(&mut self) -> Argument {
        let start = self.token().span.start;
        let named = self.at(TokenKind::Lower) && self.nth(self.name_length()).kind == TokenKind::Equal;
        let name = named.then(|| {
            let name = self.name();
            self.bump();
            name
        });
        let value = if self.at_function_reference() {
            ArgumentValue::Function(self.name())
        } else {
            ArgumentValue::Value(self.value())
        };
        if self.at(TokenKind::Comparison) && matches!(value, ArgumentValue::Value(_)) {
            self.unexpected_with("`,` or `)`", |d| {
                d.help("an argument is a value; conditions stand after `where` or in a lambda")
            });
        }
        Argument { name, value, span: self.span_from(start) }
    }

    /// A bare function name of several tokens. One upper-case token alone is an enum symbol for the grammar.
    fn at_function_reference(&self) -> bool {
        self.at(TokenKind::Upper)
            && self.nth(1).kind == TokenKind::Lower
            && self.nth(self.name_length()).kind != TokenKind::LeftParen
            && !self.at_upper_path()
    }

    /// { key }
    pub(super) fn keys(&mut self) -> Vec<Key> {
        // One, mostly.
        let mut keys = Vec::with_capacity(usize::from(self.at(TokenKind::LeftBracket)));
        while self.at(TokenKind::LeftBracket) {
            let start = self.token().span.start;
            let Some(opening) = self.open(TokenKind::RightBracket) else {
                break;
            };
            let kind = self.key_kind();
            self.many_keys();
            self.close(opening, TokenKind::RightBracket, "`]`");
            keys.push(Key { kind, span: self.span_from(start) });
        }
        keys
    }

    /// `["a", "b"]` and `[0:5]`, where one key is wanted.
    fn many_keys(&mut self) {
        let help = match self.kind() {
            TokenKind::Comma => "one key stands in a pair of brackets; that of a map inside follows: `[\"a\"][\"b\"]`",
            TokenKind::Colon => "for a part of a string use `Substring(text, start, length)`",
            _ => return,
        };
        self.unexpected_with("`]`", |d| d.help(help));
        self.skip(|kind| kind == TokenKind::RightBracket);
    }

    /// String | Int | mathExpr
    fn key_kind(&mut self) -> KeyKind {
        let token = self.token();
        match token.kind {
            TokenKind::String => KeyKind::String(self.string()),
            TokenKind::Int => {
                let int = self.int();
                if matches!(self.kind(), TokenKind::AddSub | TokenKind::MulDiv) {
                    self.key_arithmetic(token.span);
                }
                KeyKind::Int(int)
            }
            TokenKind::Float | TokenKind::AddSub | TokenKind::LeftParen | TokenKind::Upper | TokenKind::Lower => {
                let value = self.value();
                if !matches!(
                    value,
                    Value::Float(_) | Value::Path(_) | Value::Converter(_) | Value::Math(_) | Value::Missing(_)
                ) {
                    self.bad_key(value.span());
                }
                KeyKind::Expr(value)
            }
            _ => {
                self.unexpected("a key");
                let here = self.here();
                self.skip(|kind| kind == TokenKind::RightBracket);
                KeyKind::Expr(Value::Missing(here))
            }
        }
    }

    /// `[1 + x]`: for the grammar the key ends after an integer.
    #[cold]
    fn key_arithmetic(&mut self, first: Span) {
        let text = first.of(self.text).to_owned();
        self.unexpected_with("`]`", |d| {
            d.help("arithmetic in a key cannot begin with an integer; put that into parentheses")
                .fix(first, format!("({text})"))
        });
        self.skip(|kind| kind == TokenKind::RightBracket);
    }

    #[cold]
    fn bad_key(&mut self, span: Span) {
        self.report(
            Diagnostic::new(
                Code::UNEXPECTED_TOKEN,
                span,
                "a key is a string, a number, a path, a converter call or arithmetic",
            )
            .label("cannot be a key"),
        );
    }
}
