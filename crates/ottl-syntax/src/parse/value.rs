//! Values: literals, arithmetic, lists, maps, lambdas.

use ottl_diagnostics::{Code, Diagnostic};

use super::Parser;
use super::condition::Either;
use super::slips::is_duration;
use crate::ast::{
    EnumSymbol, Ident, Lambda, LambdaBody, List, Literal, Map, MapEntry, Math, MathKind, MathOp, MathRest, Sign, Value,
};
use crate::token::{Token, TokenKind, decode_bytes, decode_float, decode_int, decode_string};

impl Parser<'_> {
    /// value
    pub(super) fn value(&mut self) -> Value {
        let token = self.token();
        let value = match token.kind {
            TokenKind::Nil => Value::Nil(self.bump().span),
            TokenKind::Bool => Value::Bool(self.bool()),
            TokenKind::String => Value::String(self.string()),
            TokenKind::Bytes => Value::Bytes(self.bytes()),
            TokenKind::LeftBracket => self.list(),
            TokenKind::LeftBrace => self.map(),
            TokenKind::LeftParen if self.at_lambda() => return self.lambda(TokenKind::Arrow),
            TokenKind::Upper if self.at_upper_path() => {
                let path = Value::Path(self.path());
                return self.arithmetic(path);
            }
            TokenKind::Upper if self.nth(self.name_length()).kind != TokenKind::LeftParen => self.symbol(),
            TokenKind::Upper | TokenKind::Lower | TokenKind::Int | TokenKind::Float => {
                let operand = self.operand();
                return self.arithmetic(operand);
            }
            TokenKind::AddSub | TokenKind::LeftParen => {
                let operand = self.factor();
                return self.arithmetic(operand);
            }
            kind => {
                let before = self.pos.checked_sub(1).and_then(|at| self.tokens.get(at));
                let joins = before.is_some_and(|token| matches!(token.kind, TokenKind::And | TokenKind::Or));
                self.unexpected_with("a value", |d| match kind {
                    TokenKind::MulDiv => d.help("a pattern is a string: put it in double quotes"),
                    TokenKind::Not => d.help("an argument is a value; conditions stand after `where` or in a lambda"),
                    TokenKind::And | TokenKind::Or => d.help("it joins two conditions, and the first one is missing"),
                    TokenKind::End if joins => {
                        d.help("`and` and `or` join two conditions, and the second one is missing")
                    }
                    _ => d,
                });
                return Value::Missing(self.here());
            }
        };
        if matches!(self.kind(), TokenKind::AddSub | TokenKind::MulDiv) {
            self.not_an_operand(&value);
            // Read on as if it were one, so that the rest is looked at too.
            return self.arithmetic(value);
        }
        if self.at(TokenKind::LeftBracket) && !matches!(value, Value::Missing(_)) {
            self.unexpected_with("an operator or the end of the value", |d| {
                d.help("only paths and converter calls can be indexed")
            });
            self.keys();
        }
        value
    }

    pub(super) fn string(&mut self) -> Literal<String> {
        let token = self.bump();
        Literal { value: decode_string(self.text_of(token)), span: token.span }
    }

    pub(super) fn int(&mut self) -> Literal<i64> {
        let token = self.bump();
        let value = decode_int(self.text_of(token));
        if let Err(reason) = value {
            self.bad_number(token, reason);
        }
        Literal { value: value.unwrap_or(0), span: token.span }
    }

    fn float(&mut self) -> Literal<f64> {
        let token = self.bump();
        let value = decode_float(self.text_of(token));
        if let Err(reason) = value {
            self.bad_number(token, reason);
        }
        Literal { value: value.unwrap_or(0.0), span: token.span }
    }

    #[cold]
    fn bad_number(&mut self, token: Token, reason: &'static str) {
        let text = self.text_of(token);
        let mut diagnostic =
            Diagnostic::new(Code::INVALID_NUMBER, token.span, format!("`{text}` is not a number: {reason}"));
        let decimal = text.trim_start_matches('0');
        if token.kind == TokenKind::Int && text.starts_with('0') && decode_int(decimal).is_ok() {
            diagnostic = diagnostic.help("write the decimal number without leading zeros").fix(token.span, decimal);
        }
        self.report(diagnostic);
    }

    fn bool(&mut self) -> Literal<bool> {
        let token = self.bump();
        Literal { value: self.text_of(token) == "true", span: token.span }
    }

    fn bytes(&mut self) -> Literal<Vec<u8>> {
        let token = self.bump();
        let value = decode_bytes(self.text_of(token));
        if value.is_none() {
            self.report(
                Diagnostic::new(Code::ODD_BYTE_LITERAL, token.span, "a byte string has an odd number of digits")
                    .label("two hexadecimal digits make one byte")
                    .help("numbers are written in decimal; for bytes add the missing digit"),
            );
        }
        Literal { value: value.unwrap_or_default(), span: token.span }
    }

    /// Uppercase !( Lowercase )
    fn symbol(&mut self) -> Value {
        if self.nth(1).kind == TokenKind::Lower {
            let at = self.pos;
            let written = self.nth(0).span.to(self.nth(self.name_length() - 1).span).of(self.text).to_owned();
            let constant = match written.as_str() {
                "True" => Some("true"),
                "False" => Some("false"),
                "Nil" | "None" | "Null" => Some("nil"),
                _ => None,
            };
            let name = self.name();
            let message = match constant {
                Some(_) => format!("`{written}` is not a literal"),
                None => format!("`{}` is not a value", name.text),
            };
            let diagnostic = Diagnostic::new(Code::UNEXPECTED_TOKEN, name.span, message);
            self.last_fault = Some(at);
            self.report(match constant {
                Some(literal) => diagnostic.label("literals are written in lower case").fix(name.span, literal),
                None if matches!(written.as_str(), "NaN" | "Nan" | "Inf" | "Infinity") => {
                    diagnostic.label("there is no literal for this number").help("to test for NaN, write `x != x`")
                }
                None => diagnostic.label("expected `(` after the name of a converter").help(format!(
                    "strings are in double quotes: `\"{written}\"`; a converter is called: `{written}(...)`"
                )),
            });
            return Value::Missing(name.span);
        }
        let token = self.bump();
        Value::Enum(EnumSymbol { name: self.text_of(token).to_owned(), span: token.span })
    }

    /// "[" [ value { "," value } ] "]"
    fn list(&mut self) -> Value {
        let start = self.token().span.start;
        let mut items = Vec::new();
        if let Some(opening) = self.open(TokenKind::RightBracket) {
            if !self.at(TokenKind::RightBracket) {
                loop {
                    items.push(self.value());
                    if !self.next_item("`,` or `]`", TokenKind::RightBracket) {
                        break;
                    }
                }
            }
            self.close(opening, TokenKind::RightBracket, "`,` or `]`");
        }
        Value::List(List { items, span: self.span_from(start) })
    }

    /// "{" { ( String | converter | path ) ":" value [ "," ] } "}"
    fn map(&mut self) -> Value {
        let start = self.token().span.start;
        let mut entries = Vec::new();
        if let Some(opening) = self.open(TokenKind::RightBrace) {
            while !matches!(self.kind(), TokenKind::RightBrace | TokenKind::End) {
                let from = self.pos;
                match self.map_entry() {
                    Some(entry) => entries.push(entry),
                    None => self.skip(|kind| matches!(kind, TokenKind::Comma | TokenKind::RightBrace)),
                }
                self.eat(TokenKind::Comma);
                // Only a closing bracket of something outside stops the skipping without progress.
                if self.pos == from {
                    break;
                }
            }
            self.close(opening, TokenKind::RightBrace, "`}`");
        }
        Value::Map(Map { entries, span: self.span_from(start) })
    }

    fn map_entry(&mut self) -> Option<MapEntry> {
        let key_token = self.token();
        let is_call = || self.nth(self.name_length()).kind == TokenKind::LeftParen;
        let key = match key_token.kind {
            TokenKind::String => Value::String(self.string()),
            TokenKind::Lower => self.operand(),
            TokenKind::Upper if is_call() => self.operand(),
            kind => {
                let word = (kind == TokenKind::Upper).then(|| self.text_of(key_token).to_owned());
                self.unexpected_with("a key or `}`", |d| match word {
                    Some(word) => d
                        .help("a key is a string, a path or a converter call")
                        .fix(key_token.span, format!("\"{word}\"")),
                    None => d,
                });
                return None;
            }
        };
        if self.eat(TokenKind::Colon).is_none() {
            self.unexpected("`:` after the key");
            return None;
        }
        let value = self.value();
        Some(MapEntry { key, value, span: self.span_from(key_token.span.start) })
    }

    /// Whether a parenthesis opens the parameters of a lambda: nothing else is followed by an arrow.
    pub(super) fn at_lambda(&self) -> bool {
        let mut ahead = 1;
        while matches!(self.nth(ahead).kind, TokenKind::Lower | TokenKind::Underscore) {
            match self.nth(ahead + 1).kind {
                TokenKind::Comma => ahead += 2,
                TokenKind::RightParen => {
                    ahead += 1;
                    break;
                }
                _ => return false,
            }
        }
        self.nth(ahead).kind == TokenKind::RightParen && self.nth(ahead + 1).kind == TokenKind::Arrow
    }

    /// "(" [ param { "," param } ] ")" "=>" lambdaBody
    ///
    /// `level` stands for the lambda in the list of open brackets until its body ends, for bodies nest without
    /// brackets of their own: [`TokenKind::Comparison`] if a comparison may follow the lambda, else
    /// [`TokenKind::Arrow`].
    pub(super) fn lambda(&mut self, level: TokenKind) -> Value {
        let start = self.token().span.start;
        if self.open(level).is_none() {
            return Value::Missing(self.here());
        }
        let mut params = Vec::new();
        while let TokenKind::Lower | TokenKind::Underscore | TokenKind::Comma = self.kind() {
            let token = self.bump();
            if token.kind != TokenKind::Comma {
                params.push(Ident { text: self.text_of(token).to_owned(), span: token.span });
            } else if self.at(TokenKind::RightParen) {
                self.unexpected("a parameter");
            }
        }
        self.eat(TokenKind::RightParen);
        self.eat(TokenKind::Arrow);
        let body = self.lambda_body();
        self.open.pop();
        if matches!(body, LambdaBody::Value(Value::Lambda(_))) {
            self.report(
                Diagnostic::new(Code::LAMBDA_RETURNING_LAMBDA, body.span(), "the body of a lambda cannot be a lambda")
                    .label("must be a value or a condition")
                    .help("give the outer lambda all parameters"),
            );
        }
        Value::Lambda(Box::new(Lambda { params, body, span: self.span_from(start) }))
    }

    /// value !( OpOr | OpAnd | OpComparison ) | boolExpr
    fn lambda_body(&mut self) -> LambdaBody {
        match self.condition_or_value() {
            Either::Value(value) => LambdaBody::Value(value),
            Either::Condition(condition) => LambdaBody::Condition(condition),
        }
    }

    /// Goes on with arithmetic whose first factor has been read.
    pub(super) fn arithmetic(&mut self, first: Value) -> Value {
        let product = self.chain(first, TokenKind::MulDiv);
        self.chain(product, TokenKind::AddSub)
    }

    /// `first { operator operand }` of one precedence.
    fn chain(&mut self, first: Value, operators: TokenKind) -> Value {
        if !self.at(operators) {
            return first;
        }
        let start = first.span().start;
        let mut rest = Vec::new();
        while let Some(token) = self.eat(operators) {
            let op = match self.text_of(token) {
                "+" => MathOp::Add,
                "-" => MathOp::Sub,
                "*" => MathOp::Mul,
                _ => MathOp::Div,
            };
            let factor = self.factor();
            let operand = if operators == TokenKind::AddSub { self.chain(factor, TokenKind::MulDiv) } else { factor };
            rest.push(MathRest { op, op_span: token.span, operand });
        }
        Value::Math(Box::new(Math { kind: MathKind::Chain { first, rest }, span: self.span_from(start) }))
    }

    /// [ OpAddSub ] ( mathLiteral | "(" mathExpr ")" )
    fn factor(&mut self) -> Value {
        let Some(sign_token) = self.eat(TokenKind::AddSub) else {
            return self.operand();
        };
        if self.at(TokenKind::AddSub) {
            self.unexpected_with("a number, a path, a converter call or `(`", |d| {
                d.help("at most one sign stands before an operand; use parentheses")
            });
            while self.eat(TokenKind::AddSub).is_some() {}
        }
        let sign = if self.text_of(sign_token) == "-" { Sign::Minus } else { Sign::Plus };
        let operand = self.operand();
        let span = self.span_from(sign_token.span.start);
        Value::Math(Box::new(Math { kind: MathKind::Signed { sign, operand }, span }))
    }

    /// mathLiteral | "(" mathExpr ")"
    fn operand(&mut self) -> Value {
        match self.kind() {
            TokenKind::Int | TokenKind::Float => {
                let token = self.token();
                let is_int = token.kind == TokenKind::Int;
                let number = if is_int { Value::Int(self.int()) } else { Value::Float(self.float()) };
                if self.at(TokenKind::Lower) {
                    self.unit(token);
                }
                number
            }
            TokenKind::Lower | TokenKind::Upper if self.nth(self.name_length()).kind == TokenKind::LeftParen => {
                let name = self.name();
                let call = self.call(name);
                if !call.is_converter() {
                    self.editor_as_value(&call.name);
                    self.check_editor_keys(&call);
                }
                Value::Converter(call)
            }
            TokenKind::Lower => Value::Path(self.path()),
            TokenKind::Upper if self.at_upper_path() => Value::Path(self.path()),
            TokenKind::LeftParen => self.group(),
            TokenKind::Nil
            | TokenKind::Bool
            | TokenKind::String
            | TokenKind::Bytes
            | TokenKind::Upper
            | TokenKind::LeftBrace
            | TokenKind::LeftBracket => {
                let value = self.bare_value();
                self.not_an_operand(&value);
                value
            }
            _ => {
                self.unexpected("a number, a path, a converter call or `(`");
                Value::Missing(self.here())
            }
        }
    }

    /// A value that takes no arithmetic, read in the place of an operand.
    #[cold]
    fn bare_value(&mut self) -> Value {
        match self.kind() {
            TokenKind::Nil => Value::Nil(self.bump().span),
            TokenKind::Bool => Value::Bool(self.bool()),
            TokenKind::String => Value::String(self.string()),
            TokenKind::Bytes => Value::Bytes(self.bytes()),
            TokenKind::LeftBracket => self.list(),
            TokenKind::LeftBrace => self.map(),
            _ => self.symbol(),
        }
    }

    #[cold]
    pub(super) fn not_an_operand(&mut self, value: &Value) {
        let (what, help) = match value {
            Value::Missing(_) => return,
            Value::String(_) => ("a string", "join strings with `Concat([...], \"\")`"),
            Value::Nil(_) => ("`nil`", "compare with `nil` first"),
            Value::Bool(_) => ("a bool", "only numbers, times and durations are computed with"),
            Value::Bytes(_) => ("a byte string", "only numbers, times and durations are computed with"),
            Value::Enum(_) => ("an enum symbol", "write its number"),
            Value::List(_) => ("a list", "only numbers, times and durations are computed with"),
            Value::Map(_) => ("a map", "only numbers, times and durations are computed with"),
            _ => ("a lambda", "only numbers, times and durations are computed with"),
        };
        let diagnostic =
            Diagnostic::new(Code::INVALID_OPERAND, value.span(), format!("{what} cannot be part of arithmetic"))
                .label("operands are numbers, paths, converter calls and parenthesised arithmetic");
        // `log.time + "1h"`
        let span = value.span();
        let duration = matches!(value, Value::String(text) if !text.value.is_empty() && is_duration(&text.value));
        self.report(if duration {
            let call = format!("Duration({})", span.of(self.text));
            diagnostic.help(format!("a duration is `{call}`")).fix(span, call)
        } else {
            diagnostic.help(help)
        });
    }

    #[cold]
    fn editor_as_value(&mut self, name: &Ident) {
        self.report(
            Diagnostic::new(Code::EDITOR_AS_VALUE, name.span, format!("`{}` is an editor and has no value", name.text))
                .label("converter names begin with an upper-case letter")
                .help("an editor changes data and can only begin a statement"),
        );
    }

    /// "(" mathExpr ")"
    fn group(&mut self) -> Value {
        let start = self.token().span.start;
        let Some(opening) = self.open(TokenKind::RightParen) else {
            return Value::Missing(self.here());
        };
        let factor = self.factor();
        let inner = self.arithmetic(factor);
        self.close(opening, TokenKind::RightParen, "an operator or `)`");
        Value::Math(Box::new(Math { kind: MathKind::Group(inner), span: self.span_from(start) }))
    }
}
