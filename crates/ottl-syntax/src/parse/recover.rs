//! What happens at a token that the grammar does not want.
//!
//! One fault gives one diagnostic: after an error the parser skips to a place where the enclosing construct can go
//! on, and a second error at the same token is swallowed.

use ottl_diagnostics::{Code, Diagnostic, Span};

use super::Parser;
use crate::token::{Token, TokenKind};

/// More diagnostics than this help nobody; parsing goes on for the tree's sake.
const MOST_DIAGNOSTICS: usize = 64;

impl Parser<'_> {
    #[cold]
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MOST_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reports that the next token is not what the grammar wants; `expected` reads on from "expected".
    #[cold]
    pub(super) fn unexpected(&mut self, expected: &str) {
        self.unexpected_with(expected, |diagnostic| diagnostic);
    }

    /// [`Parser::unexpected`] with advice that `add` attaches, unless the token itself suggests better.
    #[cold]
    pub(super) fn unexpected_with(&mut self, expected: &str, add: impl FnOnce(Diagnostic) -> Diagnostic) {
        let token = self.token();
        if self.last_fault == Some(self.pos) || (self.truncated && token.kind == TokenKind::End) {
            return;
        }
        self.last_fault = Some(self.pos);
        let message = format!("expected {expected}, found {}", self.describe(token));
        let diagnostic =
            Diagnostic::new(Code::UNEXPECTED_TOKEN, token.span, message).label(format!("expected {expected}"));
        let keyword = match self.text_of(token) {
            "AND" => Some("and"),
            "OR" => Some("or"),
            "NOT" => Some("not"),
            "WHERE" => Some("where"),
            "True" => Some("true"),
            "False" => Some("false"),
            "Nil" | "None" | "Null" => Some("nil"),
            _ => None,
        };
        let diagnostic = match (keyword, habit(self.text_of(token))) {
            (Some(keyword), _) => diagnostic.help("keywords are written in lower case").fix(token.span, keyword),
            (None, Some((help, Some(fix)))) => diagnostic.help(help).fix(token.span, fix),
            (None, Some((help, None))) => diagnostic.help(help),
            (None, None) if token.kind == TokenKind::LeftParen && self.is_behind_name() => {
                diagnostic.help("a path has no methods: functions are called with it, as in `IsMatch(log.body, \"x\")`")
            }
            (None, None) => match self.quote_before(token) {
                Some(help) => diagnostic.help(help),
                None => add(diagnostic),
            },
        };
        self.report(diagnostic);
    }

    /// What to do where a text ended sooner than was meant: it touches the token that is not wanted.
    fn quote_before(&self, token: Token) -> Option<&'static str> {
        let before = self.pos.checked_sub(1).and_then(|i| self.tokens.get(i))?;
        let touches = before.kind == TokenKind::String && before.span.end == token.span.start;
        let is_word = matches!(token.kind, TokenKind::Lower | TokenKind::Upper | TokenKind::Int);
        (touches && is_word).then(|| match self.text_of(*before) {
            "\"\"" => "a string has one pair of double quotes",
            text if text.contains("${") => {
                "strings have no placeholders: join strings with `Concat([\"a\", path], \"\")`"
            }
            _ => "a quote inside a text is written `\\\"`",
        })
    }

    /// Whether the token before the next one is a name that touches it.
    fn is_behind_name(&self) -> bool {
        let before = self.pos.checked_sub(1).and_then(|i| self.tokens.get(i));
        before.is_some_and(|token| {
            matches!(token.kind, TokenKind::Lower | TokenKind::Upper) && token.span.end == self.token().span.start
        })
    }

    /// A token as a message names it.
    fn describe(&self, token: Token) -> String {
        match token.kind {
            TokenKind::End => "the end of the text".to_owned(),
            TokenKind::String => "a string".to_owned(),
            _ => format!("`{}`", self.text_of(token)),
        }
    }

    /// Enters a bracket whose opening token is next. Gives the opening token, or none when the nesting is too deep:
    /// then the rest of the text is gone and the caller returns what it has.
    pub(super) fn open(&mut self, close: TokenKind) -> Option<Token> {
        if self.open.len() >= usize::from(self.limits.nesting) {
            let message = format!("more than {} brackets are open at once", self.limits.nesting);
            let span = self.token().span;
            self.abandon(
                Diagnostic::new(Code::NESTING_TOO_DEEP, span, message)
                    .label("one bracket too many")
                    .help("compute parts of it in separate statements, for instance into `cache`"),
            );
            return None;
        }
        self.open.push(close);
        Some(self.bump())
    }

    /// Gives up: one last diagnostic, and the next token is the end.
    #[cold]
    fn abandon(&mut self, diagnostic: Diagnostic) {
        if !self.truncated {
            self.report(diagnostic);
        }
        self.truncated = true;
        self.pos = self.tokens.len().saturating_sub(1);
    }

    /// Leaves a bracket: takes the closing token, skipping what stands before it after an error.
    ///
    /// `expected` is what else could stand here, for instance "`,` or `)`".
    pub(super) fn close(&mut self, opening: Token, close: TokenKind, expected: &str) {
        if !self.at(close) {
            if self.ends_unclosed() {
                // What follows goes on outside.
                self.open.pop();
                return;
            }
            if self.at(TokenKind::End) {
                self.unclosed(opening);
            } else {
                self.unexpected(expected);
                self.skip(|kind| kind == close);
            }
        }
        self.eat(close);
        self.open.pop();
    }

    /// Whether `and`, `or` or `where` is next.
    fn at_connective(&self) -> bool {
        matches!(self.kind(), TokenKind::And | TokenKind::Or) || self.text_of(self.token()) == "where"
    }

    /// Whether brackets should have been closed before the next token: it is `and`, `or` or `where`, which no bracket of values has,
    /// and what follows does not close all that is open. Then that is reported, once.
    #[cold]
    pub(super) fn ends_unclosed(&mut self) -> bool {
        if !self.at_connective() || self.truncated {
            return false;
        }
        if self.last_fault == Some(self.pos) {
            // A bracket inside of this one has told it.
            return true;
        }
        let brackets = self.open.iter().filter(|close| !counterpart(**close).is_empty());
        let open = brackets.count();
        let closed = self.closed_ahead();
        let word = self.text_of(self.token());
        let missing =
            if word == "where" { if closed == 0 { open } else { 0 } } else { open.saturating_sub(closed).min(1) };
        if missing == 0 {
            return false;
        }
        let closing: String = self.open.iter().rev().map(|close| counterpart(*close)).take(missing).collect();
        let end = self.last_end();
        let message = format!("`{closing}` is missing before `{word}`");
        self.last_fault = Some(self.pos);
        self.report(
            Diagnostic::new(Code::UNCLOSED_BRACKET, Span::new(end, end), message)
                .label("this belongs here")
                .fix(Span::new(end, end), closing),
        );
        true
    }

    /// How many of the open brackets what follows closes.
    fn closed_ahead(&self) -> usize {
        let (mut nested, mut closed) = (0usize, 0);
        for token in self.tokens.get(self.pos..).unwrap_or_default() {
            match token.kind {
                TokenKind::LeftParen | TokenKind::LeftBrace | TokenKind::LeftBracket => nested += 1,
                TokenKind::RightParen | TokenKind::RightBrace | TokenKind::RightBracket if nested > 0 => nested -= 1,
                TokenKind::RightParen | TokenKind::RightBrace | TokenKind::RightBracket => closed += 1,
                _ => {}
            }
        }
        closed
    }

    #[cold]
    fn unclosed(&mut self, opening: Token) {
        let end = self.token().span;
        if self.truncated || self.last_fault == Some(self.pos) {
            return;
        }
        self.last_fault = Some(self.pos);
        let bracket = self.text_of(opening).to_owned();
        let missing: String = self.open.iter().rev().map(|close| counterpart(*close)).collect();
        self.report(
            Diagnostic::new(Code::UNCLOSED_BRACKET, opening.span, format!("`{bracket}` is never closed"))
                .label("opened here")
                .other(end, format!("`{missing}` is missing"))
                .fix(end, missing),
        );
    }

    /// Skips tokens up to one that `stop` takes, or one that closes a bracket opened outside, or the end.
    /// Brackets that are opened on the way are skipped whole.
    pub(super) fn skip(&mut self, stop: impl Fn(TokenKind) -> bool) {
        let mut nested = 0usize;
        loop {
            let kind = self.kind();
            if kind == TokenKind::End || (nested == 0 && stop(kind)) {
                return;
            }
            match kind {
                TokenKind::LeftParen | TokenKind::LeftBrace | TokenKind::LeftBracket => nested += 1,
                TokenKind::RightParen | TokenKind::RightBrace | TokenKind::RightBracket => {
                    if nested > 0 {
                        nested -= 1;
                    } else if self.open.contains(&kind) {
                        return;
                    }
                }
                _ => {}
            }
            self.bump();
        }
    }

    /// Skips to the `where` of a statement whose editor could not be read.
    pub(super) fn skip_to_where(&mut self) {
        while !self.at(TokenKind::End) && self.text_of(self.token()) != "where" {
            self.bump();
        }
    }

    /// Reports whatever is left when the entry point has what it wants.
    pub(super) fn expect_end(&mut self) {
        if self.at(TokenKind::End) {
            return;
        }
        let token = self.token();
        match token.kind {
            TokenKind::RightParen | TokenKind::RightBrace | TokenKind::RightBracket => {
                if self.last_fault == Some(self.pos) {
                    return;
                }
                let message = format!("`{}` closes nothing", self.text_of(token));
                self.report(
                    Diagnostic::new(Code::UNCLOSED_BRACKET, token.span, message)
                        .label("no bracket is open here")
                        .fix(token.span, ""),
                );
            }
            _ => {
                // A name with a parenthesis, at once or behind a comma, is another statement.
                let skipped = usize::from(token.kind == TokenKind::Comma);
                let is_name = |n: usize| matches!(self.nth(n).kind, TokenKind::Lower | TokenKind::Upper);
                let mut next = skipped;
                while is_name(next) {
                    next += 1;
                }
                let is_call = next > skipped && self.nth(next).kind == TokenKind::LeftParen;
                let is_second = is_call || skipped == 0 && self.kind().begins_value();
                let is_last = skipped == 1 && self.nth(1).kind == TokenKind::End;
                self.unexpected_with("the end of the text", |d| {
                    if is_last {
                        d.help("take it out: what separates items of a list is the line").fix(token.span, "")
                    } else if is_second {
                        d.help("one item, one statement or condition: begin the next with `- `")
                    } else {
                        d
                    }
                });
            }
        }
    }

    /// An empty place before the next token.
    pub(super) fn here(&self) -> Span {
        let start = self.token().span.start;
        Span::new(start, start)
    }
}

/// The text of a closing bracket; nothing for the levels that lambdas take.
fn counterpart(close: TokenKind) -> &'static str {
    match close {
        TokenKind::RightBrace => "}",
        TokenKind::RightBracket => "]",
        TokenKind::RightParen => ")",
        _ => "",
    }
}

/// What a word of another language stands for, where it is no more than a word here: advice, and what to put in its
/// place.
#[cold]
fn habit(word: &str) -> Option<(&'static str, Option<&'static str>)> {
    Some(match word {
        "if" | "when" => ("a condition follows `where`", Some("where")),
        "then" => ("nothing follows a condition: what it means is up to where it stands", None),
        "unless" => ("a condition follows `where`, and is negated with `not (...)`", None),
        "else" | "elif" | "otherwise" => ("write a statement of its own, with `where not (...)`", None),
        "xor" => ("write `(a and not b) or (not a and b)`", None),
        "nor" => ("write `not (a or b)`", None),
        "is" => ("whether there is a value is asked with `== nil` and `!= nil`", Some("==")),
        "in" => ("whether a list holds a value is asked with `ContainsValue([\"a\", \"b\"], value)`", None),
        "=>" => ("the parameters of a lambda stand in parentheses: `(key, value) => ...`; `>=` compares", None),
        _ => return None,
    })
}
