//! Tokens to tree: recursive descent with recovery.
//!
//! The grammar is that of `grammar/ottl.pest`; this parser never goes back in the text. Where the grammar tries
//! alternatives in turn (a parenthesis may open a lambda, arithmetic or a condition), it parses what the alternatives
//! have in common and decides when it sees what follows (module `condition`), so time is linear in the length of the text.
//!
//! INVARIANT: always a tree; without diagnostics the tree has no `Missing` node, and the reference accepts the text.
//! INVARIANT: recursion is bounded by [`Limits::nesting`], whatever the input.
//! Deliberately elsewhere: everything that needs a context, a schema or a registry (`ottl-compiler`).

mod argument;
mod condition;
mod path;
mod recover;
mod slips;
mod value;

use ottl_diagnostics::{Code, Diagnostic, Span};

use crate::ast::{BoolExpr, Call, Ident, Statement, Value};
use crate::token::{Token, TokenKind, lex};

/// A tree and everything that is wrong with the text it came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed<T> {
    /// The tree; complete only if there are no diagnostics.
    pub tree: T,
    /// The faults in the order of their places. All of them are errors.
    pub diagnostics: Vec<Diagnostic>,
    /// How many tokens the text has: the tree has no more nodes than that.
    pub tokens: usize,
}

/// How large a text may be.
///
/// The reference knows neither limit; its stack and patience end somewhere beyond them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest text in bytes (default 1 MiB). More than 4 GiB is never taken.
    pub length: usize,
    /// The most brackets that may be open at once (default 256). Stack use grows with it: 256 levels fit into 512 KiB
    /// of stack in optimized builds and into 1.5 MiB without optimization.
    pub nesting: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { length: 1 << 20, nesting: 256 }
    }
}

impl Limits {
    /// Parses a statement, `editor(...)` with an optional `where` clause.
    pub fn parse_statement(&self, text: &str) -> Parsed<Statement> {
        self.parse(text, &|parser| parser.statement())
    }

    /// Parses a condition.
    pub fn parse_condition(&self, text: &str) -> Parsed<BoolExpr> {
        self.parse(text, &|parser| parser.whole_condition())
    }

    /// Parses a value expression.
    pub fn parse_value(&self, text: &str) -> Parsed<Value> {
        self.parse(text, &|parser| parser.value())
    }

    fn parse<T>(&self, text: &str, entry: &dyn Fn(&mut Parser<'_>) -> T) -> Parsed<T> {
        let longest = self.length.min(u32::MAX as usize);
        if text.len() > longest {
            // Nothing of it is read: the empty text gives a tree of the right type.
            let mut parsed = self.parse("", entry);
            let message = format!("the text is {} bytes long, and the limit is {longest}", text.len());
            let span = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
            parsed.diagnostics = vec![Diagnostic::new(Code::STATEMENT_TOO_LONG, span, message)];
            return parsed;
        }
        let mut parser = Parser::new(text, *self);
        let tree = entry(&mut parser);
        parser.expect_end();
        Parsed { tree, tokens: parser.tokens.len(), diagnostics: parser.finish() }
    }
}

/// Parses a statement with the default [`Limits`].
///
/// ```
/// let parsed = ottl_syntax::parse_statement(r#"set(log.body, "x") where log.severity_number > 8"#);
/// assert!(parsed.diagnostics.is_empty());
/// assert_eq!(parsed.tree.editor.name.text, "set");
/// assert!(parsed.tree.condition.is_some());
/// ```
pub fn parse_statement(text: &str) -> Parsed<Statement> {
    Limits::default().parse_statement(text)
}

/// Parses a condition with the default [`Limits`].
pub fn parse_condition(text: &str) -> Parsed<BoolExpr> {
    Limits::default().parse_condition(text)
}

/// Parses a value expression with the default [`Limits`].
pub fn parse_value(text: &str) -> Parsed<Value> {
    Limits::default().parse_value(text)
}

/// The state of one run over the tokens of a text.
struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// Index of the next token; at most that of the last one, which is [`TokenKind::End`].
    pos: usize,
    diagnostics: Vec<Diagnostic>,
    /// Index of the token that the last syntax error was about; a second one there would only be noise.
    last_fault: Option<usize>,
    /// No further diagnostics: the lexer or a limit cut the text short.
    truncated: bool,
    /// The closing brackets that open ones wait for, the innermost last.
    open: Vec<TokenKind>,
    limits: Limits,
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, limits: Limits) -> Self {
        let lexed = lex(text);
        Parser {
            text,
            tokens: lexed.tokens,
            pos: 0,
            diagnostics: lexed.diagnostics,
            last_fault: None,
            truncated: lexed.truncated,
            open: Vec::new(),
            limits,
        }
    }

    fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
        self.diagnostics
    }

    fn token(&self) -> Token {
        self.nth(0)
    }

    /// The token `n` places ahead; the end of the text when there are not so many.
    fn nth(&self, n: usize) -> Token {
        let end = self.text.len() as u32;
        let last = Token { kind: TokenKind::End, span: Span::new(end, end) };
        self.tokens.get(self.pos + n).copied().unwrap_or(last)
    }

    fn kind(&self) -> TokenKind {
        self.token().kind
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.kind() == kind
    }

    /// Takes the next token; the end of the text is never passed.
    fn bump(&mut self) -> Token {
        let token = self.token();
        if token.kind != TokenKind::End {
            self.pos += 1;
        }
        token
    }

    fn eat(&mut self, kind: TokenKind) -> Option<Token> {
        self.at(kind).then(|| self.bump())
    }

    fn text_of(&self, token: Token) -> &'t str {
        self.text.get(token.span.start as usize..token.span.end as usize).unwrap_or("")
    }

    /// The end of the token before the next one; where a node that has just been read ends.
    fn last_end(&self) -> u32 {
        self.pos.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(0, |token| token.span.end)
    }

    /// `start` up to the last token taken.
    fn span_from(&self, start: u32) -> Span {
        Span::new(start, self.last_end().max(start))
    }

    /// statement = ( editor | converter ) [ "where" boolExpr ]
    fn statement(&mut self) -> Statement {
        let start = self.token().span.start;
        let editor = self.statement_call();
        self.comma_before_where();
        let mut condition = self.at_where().then(|| {
            self.bump();
            self.doubled_where();
            self.condition()
        });
        while self.text_of(self.token()) == "where"
            && let Some(first) = &mut condition
        {
            self.second_where(first);
        }
        Statement { editor, condition, span: self.span_from(start) }
    }

    /// `set(...), where`
    fn comma_before_where(&mut self) {
        if self.at(TokenKind::Comma) && self.text_of(self.nth(1)) == "where" {
            let span = self.bump().span;
            let diagnostic = Diagnostic::new(Code::UNEXPECTED_TOKEN, span, "a comma before `where`");
            self.report(diagnostic.label("nothing separates an editor from its condition").fix(span, ""));
        }
    }

    /// `where where`
    fn doubled_where(&mut self) {
        let token = self.token();
        if self.text_of(token) == "where" && self.nth(1).kind.begins_value() {
            self.bump();
            let span = Span::new(token.span.start, self.token().span.start);
            let diagnostic = Diagnostic::new(Code::UNEXPECTED_TOKEN, token.span, "`where` appears twice");
            self.report(diagnostic.label("the second one").fix(span, ""));
        }
    }

    /// Another `where` behind the condition of a statement.
    #[cold]
    fn second_where(&mut self, first: &mut BoolExpr) {
        let token = self.bump();
        let at = self.last_fault;
        let second = self.condition();
        self.last_fault = at;
        let mut diagnostic = Diagnostic::new(Code::UNEXPECTED_TOKEN, token.span, "a statement has one `where`")
            .label("the second one")
            .help("join the conditions with `and`");
        // `and` binds before `or`.
        if !matches!((&*first, &second), (BoolExpr::Or(_), _) | (_, BoolExpr::Or(_))) {
            diagnostic = diagnostic.fix(token.span, "and");
        }
        self.report(diagnostic);
        *first = second;
    }

    /// A condition that is all of a text.
    fn whole_condition(&mut self) -> BoolExpr {
        let token = self.token();
        if self.text_of(token).eq_ignore_ascii_case("where") && self.nth(1).kind.begins_value() {
            self.bump();
            let end = self.token().span.start;
            self.report(
                Diagnostic::new(Code::UNEXPECTED_TOKEN, token.span, "a condition is written without `where`")
                    .label("only statements have it")
                    .help("remove it")
                    .fix(Span::new(token.span.start, end), ""),
            );
        }
        self.condition()
    }

    /// Whether the next token is the word `where`, or one that was meant as it.
    fn at_where(&mut self) -> bool {
        let token = self.token();
        self.text_of(token) == "where"
            || matches!(token.kind, TokenKind::Lower | TokenKind::Upper) && self.misspelt("where")
    }

    fn statement_call(&mut self) -> Call {
        const HELP: &str = "a statement is a call of an editor, for instance `set(log.attributes[\"a\"], 1)`";
        let first = self.token();
        if matches!(first.kind, TokenKind::Lower | TokenKind::Upper) {
            if self.nth(self.name_length()).kind == TokenKind::LeftParen {
                let name = self.name();
                let call = self.call(name);
                self.check_editor(&call);
                return call;
            }
            if matches!(self.nth(1).kind, TokenKind::Dot | TokenKind::LeftBracket | TokenKind::Equal) {
                return self.path_as_statement(HELP);
            }
            self.bump();
            let name = Ident { text: self.text_of(first).to_owned(), span: first.span };
            self.unexpected_with("`(` after the name of the editor", |d| d.help(HELP));
            self.skip_to_where();
            return Call { span: name.span, name, arguments: Vec::new(), keys: Vec::new() };
        }
        self.unexpected_with("an editor", |d| d.help(HELP));
        let at = Span::new(first.span.start, first.span.start);
        self.skip_to_where();
        Call { name: Ident { text: String::new(), span: at }, arguments: Vec::new(), keys: Vec::new(), span: at }
    }

    /// A path where an editor is wanted: mostly an assignment.
    #[cold]
    fn path_as_statement(&mut self, help: &str) -> Call {
        let path = self.path();
        let mut diagnostic = Diagnostic::new(Code::UNEXPECTED_TOKEN, path.span, "a statement begins with an editor")
            .label("this is a path");
        // `:=` is an assignment, too.
        if self.at(TokenKind::Colon) && self.nth(1).kind == TokenKind::Equal {
            self.bump();
        }
        if self.eat(TokenKind::Equal).is_some() {
            let value = self.value();
            let (target, value) = (path.span.of(self.text), value.span().of(self.text));
            let written = format!("set({target}, {value})");
            let whole = self.span_from(path.span.start);
            diagnostic = diagnostic.help(format!("write `{written}`"));
            let is_whole = self.at(TokenKind::End) || matches!(self.text_of(self.token()), "where" | "WHERE");
            if !value.is_empty() && is_whole {
                diagnostic = diagnostic.fix(whole, written);
            }
        } else {
            diagnostic = diagnostic.help(help);
        }
        self.last_fault = Some(self.pos);
        self.report(diagnostic);
        self.skip_to_where();
        let name = Ident { text: String::new(), span: path.span };
        Call { span: path.span, name, arguments: Vec::new(), keys: Vec::new() }
    }

    /// Reports what only the place of the call makes wrong: a converter's name, and keys.
    fn check_editor(&mut self, call: &Call) {
        if call.is_converter() {
            let message = format!("`{}` is a converter, and a statement begins with an editor", call.name.text);
            self.report(
                Diagnostic::new(Code::CONVERTER_AS_STATEMENT, call.name.span, message)
                    .label("editor names begin with a lower-case letter")
                    .help("a converter only computes a value; pass it to an editor: `set(path, ...)`"),
            );
        }
        self.check_editor_keys(call);
    }

    fn check_editor_keys(&mut self, call: &Call) {
        if let (Some(first), Some(last), false) = (call.keys.first(), call.keys.last(), call.is_converter()) {
            let span = first.span.to(last.span);
            self.report(
                Diagnostic::new(Code::INDEXED_EDITOR, span, "the result of an editor cannot be indexed")
                    .label("only paths and converters take keys"),
            );
        }
    }
}

#[cfg(test)]
mod tests;
