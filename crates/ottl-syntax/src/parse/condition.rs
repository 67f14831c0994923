//! Conditions.
//!
//! A parenthesis in a condition may hold arithmetic (`(a + 1) > 2`) or a condition (`(a > 1) and b`), and a body of a
//! lambda may be a value or a condition. Both kinds are read by the same functions; what they read is an [`Either`]
//! until the next token or the place decides.

use ottl_diagnostics::{Code, Diagnostic, Span};

use super::Parser;
use crate::ast::{BoolChain, BoolExpr, CompareOp, Comparison, Math, MathKind, Not, Value};
use crate::token::{Token, TokenKind};

/// A value as long as nothing made it a condition.
pub(super) enum Either {
    /// A value; a bool literal, a converter call or either in parentheses may still become a condition.
    Value(Value),
    /// A condition: `not`, a comparison or a chain was read.
    Condition(BoolExpr),
}

impl Either {
    fn span(&self) -> Span {
        match self {
            Either::Value(value) => value.span(),
            Either::Condition(condition) => condition.span(),
        }
    }
}

/// Among so many faults of a text the one is looked for that another one is about, too.
const MOST_FAULTS: usize = 100;

impl Parser<'_> {
    /// boolExpr
    pub(super) fn condition(&mut self) -> BoolExpr {
        let either = self.condition_or_value();
        self.condition_from(either)
    }

    /// boolExpr | value
    pub(super) fn condition_or_value(&mut self) -> Either {
        let first = self.term();
        self.bool_chain(first, TokenKind::Or)
    }

    /// term = boolValue { "and" boolValue }, or a value
    fn term(&mut self) -> Either {
        let first = self.bool_value();
        self.bool_chain(first, TokenKind::And)
    }

    /// `first { operator operand }` of one precedence.
    fn bool_chain(&mut self, first: Either, operator: TokenKind) -> Either {
        if !self.at_operator(operator) {
            return first;
        }
        let mut operands = Vec::with_capacity(4);
        operands.push(self.condition_from(first));
        while self.at_operator(operator) {
            self.bump();
            let operand = if self.at(TokenKind::Comparison) {
                let left = self.without_left_side(operands.last());
                let first = self.comparison(Either::Value(left));
                if operator == TokenKind::Or { self.bool_chain(first, TokenKind::And) } else { first }
            } else if operator == TokenKind::Or {
                self.term()
            } else {
                self.bool_value()
            };
            let operand = match operand {
                Either::Value(value) if self.without_comparison(operands.last(), &value, operator == TokenKind::Or) => {
                    BoolExpr::Missing(value.span())
                }
                other => self.condition_from(other),
            };
            operands.push(operand);
        }
        let span = operands.iter().fold(operands[0].span(), |span, operand| span.to(operand.span()));
        let chain = BoolChain { operands, span };
        Either::Condition(if operator == TokenKind::Or { BoolExpr::Or(chain) } else { BoolExpr::And(chain) })
    }

    /// Whether `and` or `or` is next, or a word that was meant as it.
    fn at_operator(&mut self, operator: TokenKind) -> bool {
        let keyword = if operator == TokenKind::Or { "or" } else { "and" };
        self.at(operator) || matches!(self.kind(), TokenKind::Lower | TokenKind::Upper) && self.misspelt(keyword)
    }

    /// boolValue = [ "not" ] ( comparison | Boolean | converter | "(" boolExpr ")" ), or a value
    fn bool_value(&mut self) -> Either {
        let Some(not) = self.eat(TokenKind::Not).or_else(|| self.other_not()) else {
            return self.plain_bool_value();
        };
        if self.at(TokenKind::Not) {
            self.unexpected_with("a condition", |d| {
                d.help("only one `not` stands before a condition; use parentheses")
            });
            while self.eat(TokenKind::Not).is_some() {}
        }
        let operand = self.plain_bool_value();
        let operand = Box::new(self.condition_from(operand));
        Either::Condition(BoolExpr::Not(Not { operand, span: self.span_from(not.span.start) }))
    }

    /// `NOT`, `no` or `nt`, which the grammar takes for the first part of a converter's name; says so.
    fn other_not(&mut self) -> Option<Token> {
        let is_word = matches!(self.kind(), TokenKind::Lower | TokenKind::Upper);
        (is_word && self.misspelt("not")).then(|| self.bump())
    }

    fn plain_bool_value(&mut self) -> Either {
        let mut left = match self.kind() {
            TokenKind::LeftParen if self.at_lambda() => Either::Value(self.lambda(TokenKind::Comparison)),
            TokenKind::LeftParen => self.parenthesis(),
            _ => Either::Value(self.value()),
        };
        while matches!(self.kind(), TokenKind::Comparison | TokenKind::Equal) {
            if matches!(left, Either::Condition(_)) && self.lambda_is_compared() {
                break;
            }
            left = self.comparison(left);
        }
        match &left {
            Either::Value(value @ (Value::Path(_) | Value::Math(_) | Value::String(_) | Value::Converter(_)))
                if matches!(self.kind(), TokenKind::Lower | TokenKind::Upper | TokenKind::Not)
                    && self.operator_in_words(value.span()) =>
            {
                Either::Condition(BoolExpr::Missing(value.span()))
            }
            _ => left,
        }
    }

    /// Whether a comparison operator here belongs to a lambda around this place: in `() => a == 1 == 2` the body is
    /// `a == 1`, and the lambda is compared with 2.
    fn lambda_is_compared(&self) -> bool {
        let levels = self.open.iter().rev();
        levels
            .take_while(|level| matches!(level, TokenKind::Arrow | TokenKind::Comparison))
            .any(|level| *level == TokenKind::Comparison)
    }

    /// "(" ( boolExpr | mathExpr ) ")", and the arithmetic that goes on after it
    fn parenthesis(&mut self) -> Either {
        let start = self.token().span.start;
        let Some(opening) = self.open(TokenKind::RightParen) else {
            return Either::Value(Value::Missing(self.here()));
        };
        let inner = self.condition_or_value();
        self.close(opening, TokenKind::RightParen, "an operator or `)`");
        match inner {
            Either::Value(
                inner @ (Value::Int(_)
                | Value::Float(_)
                | Value::Path(_)
                | Value::Converter(_)
                | Value::Math(_)
                | Value::Missing(_)),
            ) => {
                let group = Math { kind: MathKind::Group(inner), span: self.span_from(start) };
                Either::Value(self.arithmetic(Value::Math(Box::new(group))))
            }
            Either::Value(inner)
                if !matches!(inner, Value::Bool(_))
                    && matches!(self.kind(), TokenKind::Comparison | TokenKind::AddSub | TokenKind::MulDiv) =>
            {
                self.not_an_operand(&inner);
                Either::Value(self.arithmetic(inner))
            }
            other => Either::Condition(self.condition_from(other)),
        }
    }

    /// value OpComparison value; the left side has been read and the operator is next.
    fn comparison(&mut self, left: Either) -> Either {
        let start = left.span().start;
        let token = self.operator();
        let right = self.value();
        // Of a chain it is not certain what is compared with what.
        let is_chain =
            matches!(left, Either::Condition(_)) || matches!(self.kind(), TokenKind::Comparison | TokenKind::Equal);
        let op = self.compare_op(token, is_chain);
        if matches!(self.text_of(token), "=~" | "!~") {
            self.pattern_comparison(token, left.span(), right.span(), is_chain);
        }
        let left = match left {
            Either::Value(left) => left,
            Either::Condition(condition) => {
                self.compared_condition(&condition, token, right.span());
                return Either::Condition(condition);
            }
        };
        let span = self.span_from(start);
        Either::Condition(BoolExpr::Comparison(Box::new(Comparison { left, op, op_span: token.span, right, span })))
    }

    fn compare_op(&mut self, token: Token, is_chain: bool) -> CompareOp {
        match self.text_of(token) {
            "==" => CompareOp::Eq,
            "!=" => CompareOp::Ne,
            "<" => CompareOp::Lt,
            "<=" => CompareOp::Le,
            ">" => CompareOp::Gt,
            ">=" => CompareOp::Ge,
            _ => {
                if token.kind == TokenKind::Equal {
                    let diagnostic =
                        Diagnostic::new(Code::ASSIGNMENT_AS_COMPARISON, token.span, "`=` does not compare")
                            .label("a comparison is written `==`");
                    self.report(if is_chain { diagnostic } else { diagnostic.fix(token.span, "==") });
                }
                CompareOp::Eq
            }
        }
    }

    /// The operator that is next, and the parts of others that are glued to it: `===`, `<>`.
    fn operator(&mut self) -> Token {
        let token = self.bump();
        let next = self.token();
        let is_glued = next.span.start == token.span.end
            && matches!(next.kind, TokenKind::Equal | TokenKind::Comparison | TokenKind::Arrow);
        if !is_glued {
            return token;
        }
        self.bump();
        let span = token.span.to(next.span);
        let written = span.of(self.text).to_owned();
        let meant = match written.as_str() {
            "<>" | "!==" => "!=",
            "=<" | "<==" => "<=",
            ">==" | "=>=" => ">=",
            _ => "==",
        };
        self.report(
            Diagnostic::new(Code::UNEXPECTED_TOKEN, span, format!("`{written}` is not an operator"))
                .label("unknown operator")
                .help(format!("write `{meant}`"))
                .fix(span, meant),
        );
        Token { kind: TokenKind::Comparison, span }
    }

    /// A comparison by `=~` or `!~`.
    #[cold]
    fn pattern_comparison(&mut self, operator: Token, left: Span, right: Span, is_chain: bool) {
        let written = self.text_of(operator);
        let pattern = if right.is_empty() { "\"pattern\"" } else { right.of(self.text) };
        let call = format!("IsMatch({}, {pattern})", left.of(self.text));
        let meant = if written == "!~" { format!("not {call}") } else { call };
        let mut diagnostic =
            Diagnostic::new(Code::UNKNOWN_TOKEN, operator.span, format!("`{written}` is not an operator"))
                .label("unknown operator")
                .help(format!("write `{meant}`"));
        if !right.is_empty() && !is_chain {
            diagnostic = diagnostic.fix(left.to(right), meant);
        }
        self.report(diagnostic);
    }

    #[cold]
    fn compared_condition(&mut self, condition: &BoolExpr, op: Token, right: Span) {
        let written = self.text_of(op);
        let diagnostic = Diagnostic::new(Code::COMPARED_CONDITION, op.span, "a condition cannot be compared")
            .label("the left side is already a condition")
            .other(condition.span(), "this condition");
        let is_order = |text: &str| text.starts_with(['<', '>']);
        self.report(match condition {
            // `1 < a < 5`
            BoolExpr::Comparison(first)
                if is_order(written) && is_order(first.op_span.of(self.text)) && !right.is_empty() =>
            {
                let middle = first.right.span().of(self.text);
                let behind = Span::new(condition.span().end, condition.span().end);
                diagnostic
                    .help(format!(
                        "write `{} and {middle} {written} {}`",
                        condition.span().of(self.text),
                        right.of(self.text)
                    ))
                    .fix(behind, format!(" and {middle}"))
            }
            _ => diagnostic.help("join comparisons with `and`, and negate a condition with `not`"),
        });
    }

    /// What stands in the place of a condition, as one; plain values are reported.
    fn condition_from(&mut self, either: Either) -> BoolExpr {
        let value = match either {
            Either::Condition(condition) => return condition,
            Either::Value(value) => value,
        };
        match value {
            Value::Bool(literal) => BoolExpr::Const(literal),
            Value::Converter(call) => BoolExpr::Converter(call),
            Value::Missing(span) => BoolExpr::Missing(span),
            Value::Math(math) => match math.kind {
                MathKind::Group(inner @ (Value::Converter(_) | Value::Math(_) | Value::Missing(_))) => {
                    self.condition_from(Either::Value(inner))
                }
                _ => self.not_a_condition(&Value::Math(math)),
            },
            other => self.not_a_condition(&other),
        }
    }

    #[cold]
    fn not_a_condition(&mut self, value: &Value) -> BoolExpr {
        let span = value.span();
        match self.kind() {
            TokenKind::End if self.truncated => return BoolExpr::Missing(span),
            TokenKind::End
            | TokenKind::And
            | TokenKind::Or
            | TokenKind::Comma
            | TokenKind::RightParen
            | TokenKind::RightBracket
            | TokenKind::RightBrace => {}
            _ => {
                self.unexpected("a comparison operator");
                return BoolExpr::Missing(span);
            }
        }
        // `!a` is more than `not a` away from a condition.
        if self.text.get(..span.start as usize).is_some_and(|before| before.ends_with('!')) {
            let faults = self.diagnostics.iter_mut().take(MOST_FAULTS);
            faults.filter(|fault| fault.span.end == span.start).for_each(|fault| fault.fix = None);
        }
        let diagnostic = Diagnostic::new(Code::VALUE_AS_CONDITION, span, "a value alone is not a condition")
            .label("expected a comparison, a converter call, `true` or `false`");
        self.report(match value {
            Value::Path(path) => diagnostic.help(format!(
                "compare it: `{0} == true`, or `{0} != nil` for whether there is a value",
                path.span.of(self.text)
            )),
            _ => diagnostic.help("compare the value with something: `... == ...`"),
        });
        BoolExpr::Missing(span)
    }
}
