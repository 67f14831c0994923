//! Words in the place of keywords, operators and units: slips of the finger, and habits of other languages.
//!
//! Cold code: it runs on texts with errors alone, and gives them advice.
//! INVARIANT: a fix is offered only where nothing else can be meant; a word that turns the meaning round (`nor`, `unless`) has none.

use ottl_diagnostics::{Code, Diagnostic, Span};

use super::Parser;
use crate::ast::{BoolExpr, CompareOp, Value};
use crate::token::{Token, TokenKind};

/// Units that `Duration` reads.
const UNITS: [&str; 6] = ["ns", "us", "ms", "s", "m", "h"];

/// Other words for units, and the one that `Duration` reads, with how many of it they are.
const OTHER_UNITS: [(&[&str], &str); 5] = [
    (&["sec", "secs", "second", "seconds"], "`Duration(\"1s\")`"),
    (&["min", "mins", "minute", "minutes"], "`Duration(\"1m\")`"),
    (&["hr", "hrs", "hour", "hours"], "`Duration(\"1h\")`"),
    (&["d", "day", "days"], "`Duration(\"24h\")`: there is no longer unit than the hour"),
    (&["w", "week", "weeks"], "`Duration(\"168h\")`: there is no longer unit than the hour"),
];

/// Whether a word is a keyword with two letters swapped, one doubled or one left out.
fn is_slip(word: &str, keyword: &str) -> bool {
    let (short, long) = if word.len() < keyword.len() { (word, keyword) } else { (keyword, word) };
    if !word.is_ascii() || word.len() < 2 || long.len() - short.len() > 1 {
        return false;
    }
    if short.len() == long.len() {
        let sorted = |text: &str| {
            let mut letters = text.as_bytes().to_vec();
            letters.sort_unstable();
            letters
        };
        return word != keyword && sorted(word) == sorted(keyword);
    }
    (0..long.len()).any(|at| {
        let without = format!("{}{}", &long[..at], &long[at + 1..]);
        let is_double = at > 0 && long.as_bytes()[at] == long.as_bytes()[at - 1];
        without == short && (long == keyword || is_double)
    })
}

/// Whether a text is what `Duration` reads: numbers, each with a unit; an empty one is, too.
pub(super) fn is_duration(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let letters = rest[digits..].find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len() - digits);
        if digits == 0 || !UNITS.contains(&&rest[digits..digits + letters]) {
            return false;
        }
        rest = &rest[digits + letters..];
    }
    true
}

impl Parser<'_> {
    /// The word that is next, however its letters are written, and how many tokens it has.
    pub(super) fn word(&self) -> (Span, usize) {
        let mut span = self.token().span;
        let mut chunks = 1;
        let is_chunk = |token: Token| matches!(token.kind, TokenKind::Lower | TokenKind::Upper);
        while is_chunk(self.token()) && is_chunk(self.nth(chunks)) && self.nth(chunks).span.start == span.end {
            span = span.to(self.nth(chunks).span);
            chunks += 1;
        }
        (span, chunks)
    }

    /// Whether the word that is next was meant as this keyword, with a value behind it; says so, and makes it one token.
    #[cold]
    pub(super) fn misspelt(&mut self, keyword: &str) -> bool {
        let (span, chunks) = self.word();
        let written = span.of(self.text);
        let behind = self.nth(chunks);
        if !behind.kind.begins_value() || behind.kind == TokenKind::AddSub || behind.span.start == span.end {
            return false;
        }
        let is_case = written.eq_ignore_ascii_case(keyword);
        if !is_case && !is_slip(&written.to_ascii_lowercase(), keyword) {
            return false;
        }
        if self.last_fault != Some(self.pos) {
            self.last_fault = Some(self.pos);
            let label = if is_case { "keywords are written in lower case" } else { "no keyword" };
            let mut diagnostic =
                Diagnostic::new(Code::UNEXPECTED_TOKEN, span, format!("`{written}` is not a keyword")).label(label);
            if !is_case {
                diagnostic = diagnostic.help(format!("did you mean `{keyword}`?"));
            } else if keyword == "not" {
                // Before a converter it is read as a part of the name.
                diagnostic = diagnostic.help("`not` is written in lower case");
            }
            self.report(diagnostic.fix(span, keyword));
        }
        self.pos += chunks - 1;
        true
    }

    /// A unit at once behind a number: `1h`.
    #[cold]
    pub(super) fn unit(&mut self, number: Token) {
        let (unit, chunks) = self.word();
        if unit.start != number.span.end {
            return;
        }
        let whole = number.span.to(unit);
        let written = whole.of(self.text);
        let word = unit.of(self.text).to_ascii_lowercase();
        let other = OTHER_UNITS.iter().find(|(words, _)| words.contains(&word.as_str()));
        let diagnostic = Diagnostic::new(Code::UNEXPECTED_TOKEN, whole, format!("`{written}` is not a number"))
            .label("a unit stands in the text of a duration");
        let diagnostic = match other {
            _ if is_duration(written) => {
                let meant = format!("Duration(\"{written}\")");
                diagnostic.help(format!("write `{meant}`")).fix(whole, meant)
            }
            Some((_, form)) => diagnostic.help(format!("a duration is written like {form}")),
            None => return,
        };
        self.last_fault = Some(self.pos);
        self.report(diagnostic);
        self.pos += chunks;
    }

    /// `and < 13`: a comparison whose left side is that of the one before. Gives the operand.
    #[cold]
    pub(super) fn without_left_side(&mut self, before: Option<&BoolExpr>) -> Value {
        let here = self.here();
        if let Some(BoolExpr::Comparison(comparison)) = before
            && self.last_fault != Some(self.pos)
        {
            let left = comparison.left.span().of(self.text);
            let token = self.token();
            let operator = self.text_of(token);
            let diagnostic =
                Diagnostic::new(Code::UNEXPECTED_TOKEN, token.span, format!("expected a value, found `{operator}`"))
                    .label("a comparison has two sides")
                    .help(format!("write `{left} {operator} ...`"));
            let diagnostic = if left.is_empty() { diagnostic } else { diagnostic.fix(here, format!("{left} ")) };
            self.report(diagnostic);
        } else {
            self.unexpected("a value");
        }
        Value::Missing(here)
    }

    /// `a == 1 or 2`: a value that is meant for the comparison before it. Whether it was said.
    #[cold]
    pub(super) fn without_comparison(&mut self, before: Option<&BoolExpr>, value: &Value, is_or: bool) -> bool {
        let Some(BoolExpr::Comparison(comparison)) = before else { return false };
        let is_literal = matches!(value, Value::String(_) | Value::Int(_) | Value::Float(_) | Value::Enum(_));
        let ends = matches!(
            self.kind(),
            TokenKind::End | TokenKind::And | TokenKind::Or | TokenKind::RightParen | TokenKind::Comma
        );
        if !is_literal || !ends {
            return false;
        }
        let left = comparison.left.span().of(self.text);
        let operator = comparison.op_span.of(self.text);
        let span = value.span();
        let written = format!("{left} {operator} {}", span.of(self.text));
        let diagnostic = Diagnostic::new(Code::VALUE_AS_CONDITION, span, "a value alone is not a condition")
            .label("expected a comparison, a converter call, `true` or `false`");
        let is_plain = matches!((comparison.op, is_or), (CompareOp::Eq, true) | (CompareOp::Ne, false));
        self.report(if is_plain {
            let before = Span::new(span.start, span.start);
            diagnostic.help(format!("write `{written}`")).fix(before, format!("{left} {operator} "))
        } else if comparison.op == CompareOp::Ne {
            diagnostic.help(format!("for none of them, join the comparisons with `and`: `... and {written}`"))
        } else {
            diagnostic.help(format!("each comparison has two sides: `{written}`"))
        });
        true
    }

    /// `not`, in letters of any case.
    fn any_not(&mut self) -> Option<Token> {
        self.text_of(self.token()).eq_ignore_ascii_case("not").then(|| self.bump())
    }

    /// A word in the place of a comparison operator: `between`, `in`, `is not`. What stands left of it has been read.
    #[cold]
    pub(super) fn operator_in_words(&mut self, left: Span) -> bool {
        let start = self.pos;
        let not = self.any_not();
        let (span, chunks) = self.word();
        let word = span.of(self.text).to_ascii_lowercase().replace('_', "");
        let at = not.map_or(span, |not| not.span.to(span));
        let is_known = [
            "in",
            "contains",
            "includes",
            "matches",
            "match",
            "like",
            "regex",
            "startswith",
            "beginswith",
            "endswith",
            "between",
            "exists",
            "is",
            "eq",
            "equals",
            "equal",
            "ne",
            "gt",
            "lt",
            "ge",
            "gte",
            "le",
            "lte",
        ]
        .contains(&word.as_str());
        if !is_known || self.last_fault == Some(start) {
            self.pos = start;
            return false;
        }
        self.pos += chunks;
        let written = at.of(self.text);
        let diagnostic =
            Diagnostic::new(Code::UNEXPECTED_TOKEN, at, format!("expected a comparison operator, found `{written}`"))
                .label("expected a comparison operator");
        let (text, negated) = (left.of(self.text), if not.is_some() { "not " } else { "" });
        if word == "exists" {
            let symbol = if not.is_some() { "== nil" } else { "!= nil" };
            self.report(diagnostic.help(format!("whether there is a value is asked with `{symbol}`")).fix(at, symbol));
            return true;
        }
        let symbol = match word.as_str() {
            "eq" | "equals" | "equal" => Some("=="),
            "ne" => Some("!="),
            "gt" => Some(">"),
            "lt" => Some("<"),
            "ge" | "gte" => Some(">="),
            "le" | "lte" => Some("<="),
            _ => None,
        };
        if let Some(symbol) = symbol {
            let diagnostic = diagnostic.help(format!("write `{symbol}`"));
            self.report(if not.is_some() { diagnostic } else { diagnostic.fix(at, symbol) });
            self.value();
            return true;
        }
        if word == "is" {
            let not = not.or_else(|| self.any_not());
            let symbol = if not.is_some() { "!=" } else { "==" };
            let at = not.map_or(at, |not| at.to(not.span));
            let diagnostic = diagnostic.help("whether there is a value is asked with `== nil` and `!= nil`");
            let (null, chunks) = self.word();
            if ["null", "none"].contains(&null.of(self.text).to_ascii_lowercase().as_str()) {
                self.report(diagnostic.fix(at.to(null), format!("{symbol} nil")));
                self.pos += chunks;
                return true;
            }
            let is_literal = matches!(self.kind(), TokenKind::Nil | TokenKind::Bool);
            self.report(if is_literal { diagnostic.fix(at, symbol) } else { diagnostic });
            self.value();
            return true;
        }
        let fault = self.diagnostics.len();
        let right = self.value();
        let least = right.span().of(self.text);
        let is_clean = self.diagnostics.len() == fault;
        let is_text = matches!(right, Value::String(_));
        let (help, fix) = match word.as_str() {
            "in" if matches!(right, Value::List(_)) => {
                let meant = format!("{negated}ContainsValue({least}, {text})");
                (format!("write `{meant}`"), Some(meant))
            }
            "in" if matches!(right, Value::Path(_)) => (
                format!(
                    "ask for a key of a map with `{least}[{text}] != nil`, for an element of a list with \
                     `{negated}ContainsValue({least}, {text})`"
                ),
                None,
            ),
            "in" => (
                format!("whether a list holds a value is asked with `{negated}ContainsValue([\"a\", \"b\"], {text})`"),
                None,
            ),
            "startswith" | "beginswith" | "endswith" => {
                let function = if word == "endswith" { "HasSuffix" } else { "HasPrefix" };
                let meant = format!("{negated}{function}({text}, {least})");
                (format!("write `{meant}`"), is_text.then_some(meant))
            }
            "between" if self.at(TokenKind::And) => {
                self.bump();
                let most = self.value().span().of(self.text);
                let meant = format!("{negated}({text} >= {least} and {text} <= {most})");
                (format!("write `{meant}`"), (!most.is_empty()).then_some(meant))
            }
            "between" => (format!("write both bounds: `{text} >= 1 and {text} <= 5`"), None),
            "contains" | "includes" => (
                format!(
                    "ask with `{negated}IsMatch({text}, \"part\")` for a part of a string, with \
                     `{negated}ContainsValue({text}, value)` for an element"
                ),
                None,
            ),
            _ => (format!("to match a pattern use `{negated}IsMatch({text}, \"pattern\")`"), None),
        };
        let whole = left.to(self.span_from(left.start));
        let fix = fix.filter(|_| is_clean && self.diagnostics.len() == fault && !least.is_empty());
        let diagnostic = diagnostic.help(help);
        self.report(match fix {
            Some(meant) => diagnostic.fix(whole, meant),
            None => diagnostic,
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{is_duration, is_slip};

    #[test]
    fn slips_have_the_letters_of_the_keyword() {
        for (word, keyword) in [
            ("were", "where"),
            ("whre", "where"),
            ("wher", "where"),
            ("hwere", "where"),
            ("wheree", "where"),
            ("adn", "and"),
            ("andd", "and"),
            ("ad", "and"),
            ("ro", "or"),
            ("orr", "or"),
            ("nt", "not"),
            ("nto", "not"),
            ("nott", "not"),
        ] {
            assert!(is_slip(word, keyword), "{word}");
        }
        for (word, keyword) in [
            ("where", "where"),
            ("nor", "or"),
            ("xor", "or"),
            ("o", "or"),
            ("nand", "and"),
            ("knot", "not"),
            ("dont", "not"),
        ] {
            assert!(!is_slip(word, keyword), "{word}");
        }
    }

    #[test]
    fn durations_are_numbers_with_units() {
        for text in ["1h", "1.5s", "1h30m", "500ms"] {
            assert!(is_duration(text), "{text}");
        }
        for text in ["1d", "1", "h", "1hh", "1h30"] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
