//! What stands at a place inside of a rule, and what may be written there.
//!
//! Works on tokens alone, because half a statement is no tree: the tokens in front of the place are walked once, with a stack of
//! what is open.
//! INVARIANT: time is linear in the length of the text.
//! Deliberately elsewhere: what the names mean (`complete`, `signature`).

use ottl_diagnostics::Span;
use ottl_syntax::token::{Token, TokenKind, lex};

use crate::RuleKind;

/// What stands in a path for an index, which is no name.
pub(super) const INDEXED: &str = "[]";

/// What is open around a place, the innermost last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The parentheses of a call.
    Call(Call),
    /// The brackets of an index, and the path that it belongs to.
    Index(Vec<String>),
    /// The brackets of a list.
    List,
    /// The braces of a map; whether a value comes next, and no key.
    Map(bool),
    /// Parentheses, and the names in them so far: a lambda's parameters, if it becomes one.
    Group(Vec<String>),
}

/// A call whose parentheses are open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// The function's name.
    pub name: String,
    /// Where the name stands.
    pub span: Span,
    /// How many commas there are in front of the place.
    pub argument: usize,
    /// The name of the argument at the place, if it has one.
    pub named: Option<String>,
    /// The names that arguments in front of it have.
    pub given: Vec<String>,
    /// The path that is the first argument so far.
    pub first: Vec<String>,
}

/// What may be written at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// The editor that a statement begins with.
    Editor,
    /// A value, or a condition where [`Cursor::in_condition`] says so.
    Value,
    /// The next name of a path that has these.
    Member(Vec<String>),
    /// A key of the map at this path; the place is inside of a string.
    Key(Vec<String>),
    /// What joins the value in front of the place with others, or ends it.
    Operator,
    /// Nothing that is known: the inside of a string, a number.
    Nothing,
}

/// A place in a rule.
#[derive(Clone, Debug)]
pub(super) struct Cursor {
    /// Where the word that is being written begins, or the inside of a string.
    pub start: usize,
    /// Where it ends behind the place.
    pub end: usize,
    /// What may stand there.
    pub want: Want,
    /// What is open.
    pub frames: Vec<Frame>,
    /// Whether a condition may stand there: behind `where`, in a condition, in a lambda.
    pub in_condition: bool,
    /// Whether a lambda's body stands there, not something inside of it.
    pub in_lambda: bool,
    /// Whether the statement has its `where` in front of the place.
    pub after_where: bool,
    /// Parameters of lambdas.
    pub locals: Vec<String>,
    /// The path on the left of the comparison that the place is on the right of.
    pub compared: Vec<String>,
    /// What comes behind the word, without blanks.
    pub next: Option<char>,
}

impl Cursor {
    /// The innermost call whose parentheses are open.
    pub fn call(&self) -> Option<&Call> {
        self.frames.iter().rev().find_map(|frame| match frame {
            Frame::Call(call) => Some(call),
            _ => None,
        })
    }

    /// The call whose argument the place is, not something inside of a list or map in it.
    pub fn argument(&self) -> Option<&Call> {
        match self.frames.last() {
            Some(Frame::Call(call)) => Some(call),
            _ => None,
        }
    }

    /// The place at byte `at` of a rule; one inside of a character counts as the place in front of it.
    pub fn new(text: &str, at: usize, kind: RuleKind) -> Cursor {
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &text[..at];
        let lexed = lex(before);
        let mut tokens: Vec<Token> =
            lexed.tokens.into_iter().filter(|token| token.kind != TokenKind::End && !token.span.is_empty()).collect();
        let open = tokens.pop_if(|token| is_open_string(before, *token));
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let start = match &open {
            Some(token) => token.span.start as usize + 1,
            None => before.trim_end_matches(is_word).len(),
        };
        while open.is_none() && tokens.pop_if(|token| token.span.end as usize > start).is_some() {}
        let end = match &open {
            Some(_) => at + end_of_string(&text[at..]),
            None => text.len() - text[at..].trim_start_matches(is_word).len(),
        };
        let is_number = open.is_none() && before[start..].starts_with(|c: char| c.is_ascii_digit());
        let mut walk = Walk::new(before, kind);
        for (number, token) in tokens.iter().enumerate() {
            walk.take(&tokens, number, *token);
        }
        let want = match (&open, walk.frames.last()) {
            (Some(_), Some(Frame::Index(path))) if !walk.has_value => Want::Key(path.clone()),
            (Some(_), _) => Want::Nothing,
            _ if is_number => Want::Nothing,
            _ if walk.after_dot => Want::Member(walk.path.clone()),
            _ if tokens.is_empty() && kind == RuleKind::Statement => Want::Editor,
            _ if walk.has_value => Want::Operator,
            _ => Want::Value,
        };
        let in_lambda = walk.lambda.is_some_and(|depth| walk.frames.len() == depth);
        let is_loose = walk.frames.iter().all(|frame| matches!(frame, Frame::Group(_)));
        Cursor {
            start,
            end,
            want,
            in_condition: is_loose && (kind == RuleKind::Condition || walk.after_where) || in_lambda,
            in_lambda,
            after_where: walk.after_where,
            frames: walk.frames,
            locals: walk.locals,
            compared: walk.compared,
            next: text[end..].trim_start().chars().next(),
        }
    }
}

/// Whether the last token is a string without its end.
fn is_open_string(text: &str, token: Token) -> bool {
    let written = token.span.of(text);
    let Some(quote) = written.chars().next().filter(|_| token.kind == TokenKind::String) else { return false };
    if token.span.end as usize != text.len() {
        return false;
    }
    let mut escaped = false;
    let mut closed = false;
    for c in written[1..].chars() {
        closed = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
    }
    !closed
}

/// How many bytes there are up to the end of the string that a text begins in.
fn end_of_string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        if c == '\n' || c == '"' && !escaped {
            return if c == '"' { at } else { 0 };
        }
        escaped = c == '\\' && !escaped;
    }
    // It has none: the rest of the text is no part of it.
    0
}

/// The walk over the tokens in front of a place.
struct Walk<'t> {
    text: &'t str,
    is_statement: bool,
    frames: Vec<Frame>,
    /// Whether a value is complete, so that an operator may follow.
    has_value: bool,
    after_dot: bool,
    after_where: bool,
    /// The path that was read last.
    path: Vec<String>,
    /// Where that path ends, if nothing has followed.
    path_end: u32,
    compared: Vec<String>,
    locals: Vec<String>,
    /// The names in the parentheses that were closed last.
    closed: Vec<String>,
    /// What was open where the last lambda's body began.
    lambda: Option<usize>,
    /// Until where tokens belong to a name that was read.
    done: usize,
}

impl<'t> Walk<'t> {
    fn new(text: &'t str, kind: RuleKind) -> Walk<'t> {
        Walk {
            text,
            is_statement: kind == RuleKind::Statement,
            frames: Vec::new(),
            has_value: false,
            after_dot: false,
            after_where: false,
            path: Vec::new(),
            path_end: u32::MAX,
            compared: Vec::new(),
            locals: Vec::new(),
            closed: Vec::new(),
            lambda: None,
            done: 0,
        }
    }

    fn take(&mut self, tokens: &[Token], number: usize, token: Token) {
        if number < self.done {
            return;
        }
        let is_value = self.has_value;
        match token.kind {
            TokenKind::Upper | TokenKind::Lower | TokenKind::Underscore => return self.name(tokens, number),
            TokenKind::LeftParen => self.frames.push(Frame::Group(Vec::new())),
            TokenKind::LeftBrace => self.frames.push(Frame::Map(false)),
            TokenKind::LeftBracket if is_value => {
                let path = if self.path_end == token.span.start { self.path.clone() } else { Vec::new() };
                self.frames.push(Frame::Index(path));
            }
            TokenKind::LeftBracket => self.frames.push(Frame::List),
            TokenKind::RightParen | TokenKind::RightBracket | TokenKind::RightBrace => {
                self.close(token);
                return;
            }
            TokenKind::Dot => {
                self.after_dot = true;
                if self.path_end != token.span.start {
                    self.path.clear();
                }
            }
            TokenKind::Comma => match self.frames.last_mut() {
                Some(Frame::Call(call)) => {
                    call.given.extend(call.named.take());
                    call.argument += 1;
                }
                Some(Frame::Map(is_value)) => *is_value = false,
                _ => {}
            },
            TokenKind::Colon => {
                if let Some(Frame::Map(is_value)) = self.frames.last_mut() {
                    *is_value = true;
                }
            }
            TokenKind::Comparison => self.compared = std::mem::take(&mut self.path),
            TokenKind::Arrow => {
                self.locals.append(&mut self.closed);
                self.lambda = Some(self.frames.len());
            }
            _ => {}
        }
        self.has_value = matches!(
            token.kind,
            TokenKind::Bytes
                | TokenKind::Float
                | TokenKind::Int
                | TokenKind::String
                | TokenKind::Nil
                | TokenKind::Bool
                | TokenKind::Dot
        );
        if token.kind != TokenKind::Dot {
            self.after_dot = false;
            self.path_end = u32::MAX;
        }
        if matches!(token.kind, TokenKind::And | TokenKind::Or | TokenKind::Comma) {
            self.compared.clear();
        }
        if token.kind == TokenKind::Comma && self.lambda == Some(self.frames.len()) {
            // The next argument is none of the lambda.
            self.lambda = None;
            self.locals.clear();
        }
    }

    fn close(&mut self, token: Token) {
        self.has_value = true;
        self.after_dot = false;
        self.path_end = u32::MAX;
        match self.frames.pop() {
            Some(Frame::Index(mut path)) => {
                path.push(INDEXED.to_owned());
                self.path = path;
                self.path_end = token.span.end;
            }
            Some(Frame::Group(names)) => self.closed = names,
            Some(Frame::Call(_)) => self.path.clear(),
            _ => {}
        }
        if self.lambda.is_some_and(|depth| self.frames.len() < depth) {
            self.lambda = None;
            self.locals.clear();
        }
    }

    /// A name of one or more tokens side by side: `IsMatch` is four.
    fn name(&mut self, tokens: &[Token], number: usize) {
        let first = tokens[number].span;
        let mut span = first;
        let mut next = number + 1;
        while let Some(token) = tokens.get(next)
            && token.span.start == span.end
            && matches!(token.kind, TokenKind::Upper | TokenKind::Lower | TokenKind::Underscore | TokenKind::Int)
        {
            span = span.to(token.span);
            next += 1;
        }
        self.done = next;
        let name = span.of(self.text);
        let follows = tokens.get(next).map(|token| token.kind);
        if self.is_statement && self.frames.is_empty() && name.eq_ignore_ascii_case("where") && !self.after_dot {
            self.after_where = true;
            self.has_value = false;
            self.path.clear();
            return;
        }
        match follows {
            Some(TokenKind::LeftParen) if !self.after_dot => {
                let call = Call {
                    name: name.to_owned(),
                    span,
                    argument: 0,
                    named: None,
                    given: Vec::new(),
                    first: Vec::new(),
                };
                self.frames.push(Frame::Call(call));
                self.done = next + 1;
                self.has_value = false;
                self.path.clear();
            }
            Some(TokenKind::Equal) if matches!(self.frames.last(), Some(Frame::Call(_))) => {
                if let Some(Frame::Call(call)) = self.frames.last_mut() {
                    call.named = Some(name.to_owned());
                }
                self.done = next + 1;
                self.has_value = false;
            }
            _ => {
                if self.after_dot {
                    self.path.push(name.to_owned());
                } else {
                    self.path = vec![name.to_owned()];
                }
                match self.frames.last_mut() {
                    Some(Frame::Call(call)) if call.argument == 0 => call.first = self.path.clone(),
                    Some(Frame::Group(names)) => names.push(name.to_owned()),
                    _ => {}
                }
                self.after_dot = false;
                self.has_value = true;
                self.path_end = span.end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Frame, Want};
    use crate::RuleKind;

    fn at(marked: &str, kind: RuleKind) -> Cursor {
        let at = marked.find("$0").expect("a mark");
        Cursor::new(&marked.replace("$0", ""), at, kind)
    }

    #[test]
    fn what_is_wanted_is_told_by_the_tokens_before() {
        use Want::{Editor, Key, Member, Nothing, Operator, Value};
        let path = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
        for (text, want) in [
            ("$0", Editor),
            ("se$0", Editor),
            ("set($0", Value),
            ("set(lo$0", Value),
            ("set(log.$0", Member(path("log"))),
            ("set(log.bo$0dy, 1)", Member(path("log"))),
            ("set(log.trace_id.$0", Member(path("log.trace_id"))),
            ("set(log.attributes[\"$0", Key(path("log.attributes"))),
            ("set(log.attributes[\"a$0b\"], 1)", Key(path("log.attributes"))),
            ("set(log.attributes[$0", Value),
            ("set(log.body[\"a\"][\"$0", Key(path("log.body.[]"))),
            ("set(log.attributes[\"a\"], Con$0", Value),
            ("set(log.attributes[\"a\"]$0", Operator),
            ("set(log.attributes[\"a\"], \"$0", Nothing),
            ("set(log.attributes[\"a\"], 1$0", Nothing),
            ("set(log.body, 1) $0", Operator),
            ("set(log.body, 1) wh$0", Operator),
            ("set(log.body, 1) where $0", Value),
            ("set(log.body, 1) where log.body $0", Operator),
            ("set(log.body, 1) where log.body == $0", Value),
            ("set(log.body, [\"a\", $0", Value),
            ("set(log.body, {\"a\": $0", Value),
            ("set(log.body, Concat([$0], \"\"))", Value),
            ("replace_pattern(log.body, \"a\", function=$0", Value),
        ] {
            assert_eq!(at(text, RuleKind::Statement).want, want, "{text}");
        }
        assert_eq!(at("$0", RuleKind::Condition).want, Value);
    }

    #[test]
    fn calls_know_their_arguments() {
        for (text, want) in [
            ("set($0", Some(("set", 0, None))),
            ("set(log.body, $0", Some(("set", 1, None))),
            ("set(log.body, Concat([\"a\", $0", Some(("Concat", 0, None))),
            ("set(log.body, Concat([\"a\"], $0", Some(("Concat", 1, None))),
            ("set(log.body, Len(1), $0", Some(("set", 2, None))),
            ("limit(log.attributes, limit=$0", Some(("limit", 1, Some("limit")))),
            ("limit(log.attributes, 1)$0", None),
            ("set(log.attributes[Foo($0", Some(("Foo", 0, None))),
        ] {
            let cursor = at(text, RuleKind::Statement);
            let call = cursor.call().map(|call| (call.name.as_str(), call.argument, call.named.as_deref()));
            assert_eq!(call, want, "{text}");
        }
    }

    #[test]
    fn conditions_stand_behind_where_and_in_lambdas() {
        for (text, kind, want) in [
            ("set(log.body, $0", RuleKind::Statement, false),
            ("set(log.body, 1) where $0", RuleKind::Statement, true),
            ("set(log.body, 1) where (not $0", RuleKind::Statement, true),
            ("set(log.body, 1) where IsMatch($0", RuleKind::Statement, false),
            ("$0", RuleKind::Condition, true),
            ("log.body == 1 and $0", RuleKind::Condition, true),
            ("$0", RuleKind::Value, false),
            ("set(log.body, Filter(log.body, (k, v) => $0", RuleKind::Statement, true),
        ] {
            assert_eq!(at(text, kind).in_condition, want, "{text}");
        }
        let lambda = at("set(log.body, Filter(log.body, (k, v) => $0", RuleKind::Statement);
        assert_eq!(lambda.locals, ["k", "v"]);
        assert!(lambda.in_lambda);
        for text in
            ["set(log.body, Filter(log.body, (k, v) => Len($0", "set(log.body, Filter(log.body, (k, v) => k, $0"]
        {
            assert!(!at(text, RuleKind::Statement).in_lambda, "{text}");
        }
        assert!(matches!(lambda.frames.last(), Some(Frame::Call(call)) if call.argument == 1));
        assert_eq!(at("log.severity_number >= $0", RuleKind::Condition).compared, ["log", "severity_number"]);
    }

    #[test]
    fn every_place_of_anything_has_an_answer() {
        let text = "set(log.attributes[\"a\\\"b\"], {\"k\": [1, -2.5e3, 0xff]}) where not (IsMatch(log.body, \"\u{e9}\") or (a, b) => a.b[c(d=e)])) ]}) ..";
        for at in 0..text.len() + 2 {
            for kind in [RuleKind::Statement, RuleKind::Condition, RuleKind::Value] {
                let cursor = Cursor::new(text, at, kind);
                assert!(cursor.start <= cursor.end && cursor.end <= text.len(), "{at}");
                assert!(text.is_char_boundary(cursor.start) && text.is_char_boundary(cursor.end), "{at}");
            }
        }
    }
}
