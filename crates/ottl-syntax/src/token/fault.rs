//! Places where no token begins.
//!
//! Cold code: it runs only on texts with errors, and guesses what was meant.

use ottl_diagnostics::{Code, Diagnostic, Span};

use super::{TokenKind, literal};

/// More faults than this tell nobody anything; the rest of the text is still lexed.
const MOST_FAULTS: usize = 64;

/// The faults of one text.
pub(super) struct Faults<'t> {
    text: &'t str,
    diagnostics: Vec<Diagnostic>,
    truncated: bool,
}

impl<'t> Faults<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Faults { text, diagnostics: Vec::new(), truncated: false }
    }

    pub(super) fn finish(self) -> (Vec<Diagnostic>, bool) {
        (self.diagnostics, self.truncated)
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MOST_FAULTS {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Reports unknown escapes in the string token `start..end`.
    pub(super) fn check_escapes(&mut self, start: usize, end: usize) {
        let raw = &self.text[start..end];
        if !raw.contains('\\') {
            return;
        }
        let mut bad = Vec::new();
        literal::unescape(raw, &mut |escape| bad.push(escape));
        // `\n` in `C:\dir\new` is no more meant than `\d` is.
        let is_mixed = !bad.is_empty() && literal::has_control(raw);
        for escape in bad {
            let span = Span::new(escape.span.start + start as u32, escape.span.end + start as u32);
            let text = span.of(self.text);
            let diagnostic = Diagnostic::new(
                Code::INVALID_ESCAPE,
                span,
                format!("`{}` in a string {}", text.replace('\n', "\\n"), escape.reason),
            )
            .label("unknown escape");
            let behind = self.text[span.end as usize..].chars().next();
            let is_group = text == "\\$" && behind.is_some_and(|c| c == '{' || c.is_ascii_alphanumeric());
            self.report(if is_group {
                diagnostic.help("`$` needs no backslash: in a replacement `$1` is a group, and `$$1` the text `$1`")
            } else if let Some(group) = text.strip_prefix('\\').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
                let group: String = group.chars().take_while(char::is_ascii_digit).collect();
                diagnostic.help(format!(
                    "in a replacement `${group}` is what a group of the pattern matched (`$${group}` in a Collector's file); patterns \
                     cannot refer to their groups"
                ))
            } else if is_mixed {
                diagnostic.help(
                    "a backslash is written `\\\\`; other escapes of this string are read as such, `\\n` as a line break",
                )
            } else {
                diagnostic
                    .help("a backslash is written `\\\\`, in regular expressions too: `\"\\\\d+\"`")
                    .fix(Span::new(span.start, span.start), "\\")
            });
        }
    }

    /// Reports what stands at byte `start`, where no token begins.
    ///
    /// Returns the token that was probably meant, and the byte after the fault, which lies behind `start`.
    pub(super) fn at(&mut self, start: usize) -> (Option<TokenKind>, usize) {
        let rest = &self.text[start..];
        match rest.as_bytes().first() {
            Some(b'"') => self.string(start),
            Some(quote @ (b'\'' | b'`')) => self.other_quotes(start, char::from(*quote)),
            Some(b'#' | b'/') if self.is_comment(start) => (None, self.comment(start)),
            _ => {
                if let Some((kind, end)) = self.doubtful_operator(start) {
                    return (Some(kind), end);
                }
                if let Some(end) = self.typographic(start) {
                    return (Some(TokenKind::String), end);
                }
                for (written, kind, meant) in [
                    ("&&", TokenKind::And, "and"),
                    ("&", TokenKind::And, "and"),
                    ("||", TokenKind::Or, "or"),
                    ("|", TokenKind::Or, "or"),
                    ("!", TokenKind::Not, "not"),
                ] {
                    if rest.starts_with(written) {
                        return (Some(kind), self.operator(start, written, meant));
                    }
                }
                (None, self.characters(start))
            }
        }
    }

    /// Whether a comment of another language begins here: `//`, or `#` behind a blank.
    fn is_comment(&self, start: usize) -> bool {
        self.text[start..].starts_with("//") || self.text[..start].chars().next_back().is_none_or(char::is_whitespace)
    }

    /// A comment, up to the end of its line.
    fn comment(&mut self, start: usize) -> usize {
        let end = self.text[start..].find('\n').map_or(self.text.len(), |length| start + length);
        let span = Span::new(start as u32, end as u32);
        let mark = if self.text[start..].starts_with('#') { "#" } else { "//" };
        let diagnostic =
            Diagnostic::new(Code::UNKNOWN_TOKEN, span, format!("`{mark}` begins no comment inside a statement"))
                .label("part of the statement");
        let comment = span.of(self.text).trim_start_matches(['#', '/']).trim_start();
        let word = comment.split(char::is_whitespace).next().unwrap_or_default();
        let diagnostic = if matches!(word, "where" | "and" | "or") {
            // Whether it is meant to hold or not, nobody knows but who wrote it.
            diagnostic.help(format!("without `{mark}` the `{word}` holds; take it out if it is not meant to"))
        } else if self.text[..start].trim().is_empty() && self.text[end..].trim().is_empty() {
            self.truncated = true;
            diagnostic.help("take the item out: a comment stands in the file, on a line of its own, after `#`")
        } else {
            diagnostic
                .help("put the comment into the file, behind the quotes or on a line above the item, after `#`")
                .fix(span, "")
        };
        self.report(diagnostic);
        end
    }

    /// An operator that means one thing here and another there: none is put in its place.
    fn doubtful_operator(&mut self, start: usize) -> Option<(TokenKind, usize)> {
        let rest = &self.text[start..];
        let (kind, length, help) = if rest.starts_with("!!") {
            let length = rest.len() - rest.trim_start_matches('!').len();
            (TokenKind::Not, length, "a condition is negated by one `not` before it")
        } else if rest.starts_with("~=") {
            let help =
                "`!=` asks whether values differ, and `IsMatch(text, \"pattern\")` whether a text fits a pattern";
            (TokenKind::Comparison, 2, help)
        } else {
            return None;
        };
        let span = Span::new(start as u32, (start + length) as u32);
        let message = format!("`{}` is not an operator", span.of(self.text));
        self.report(Diagnostic::new(Code::UNKNOWN_TOKEN, span, message).label("unknown operator").help(help));
        Some((kind, span.end as usize))
    }

    /// A string in typographic quotes without other quotes in it.
    fn typographic(&mut self, start: usize) -> Option<usize> {
        const QUOTES: [char; 3] = ['\u{201c}', '\u{201d}', '\u{201e}'];
        let inner = self.text[start..].strip_prefix(QUOTES)?;
        let length = inner.find(QUOTES)?;
        let body = &inner[..length];
        let end = self.text.len() - inner[length..].len() + '\u{201d}'.len_utf8();
        if body.contains(['"', '\\']) || self.touches_word(start, end) {
            return None;
        }
        let span = Span::new(start as u32, end as u32);
        self.report(
            Diagnostic::new(Code::UNKNOWN_TOKEN, span, "typographic quotes do not quote strings")
                .label("a string in other quotes")
                .help("strings are written in straight double quotes")
                .fix(span, format!("\"{body}\"")),
        );
        Some(end)
    }

    /// Whether a word or a quote stands at once before or behind a place: then its quotes are perhaps none.
    fn touches_word(&self, start: usize, end: usize) -> bool {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'' | '"' | '`' | '\u{201c}'..='\u{201e}');
        self.text[..start].ends_with(is_word) || self.text[end..].starts_with(is_word)
    }

    fn operator(&mut self, start: usize, written: &str, meant: &str) -> usize {
        let span = Span::new(start as u32, (start + written.len()) as u32);
        // Words need a blank where the operator needed none: `!x` becomes `not x`.
        let glued = self.text[span.end as usize..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let replacement = if glued { format!("{meant} ") } else { meant.to_owned() };
        self.report(
            Diagnostic::new(Code::UNKNOWN_TOKEN, span, format!("`{written}` is not an operator"))
                .label("unknown operator")
                .help(format!("write `{meant}`"))
                .fix(span, replacement),
        );
        span.end as usize
    }

    /// A double quote that begins no string: never closed, or with a backslash before a line break.
    fn string(&mut self, start: usize) -> (Option<TokenKind>, usize) {
        let bytes = self.text.as_bytes();
        let mut at = start + 1;
        let mut end = None;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' => at += 2,
                b'"' => {
                    end = Some(at + 1);
                    break;
                }
                _ => at += 1,
            }
        }
        if let Some(end) = end {
            self.check_escapes(start, end);
            return (Some(TokenKind::String), end);
        }
        self.truncated = true;
        let end = self.text.len();
        self.report(
            Diagnostic::new(Code::UNCLOSED_STRING, Span::new(start as u32, end as u32), "the string is never closed")
                .label("begins here")
                .help("end the string with `\"`; a quote inside it is written `\\\"`"),
        );
        (Some(TokenKind::String), end)
    }

    /// A string in single quotes or backticks.
    fn other_quotes(&mut self, start: usize, quote: char) -> (Option<TokenKind>, usize) {
        let Some(length) = self.text[start + 1..].find(quote) else {
            let span = Span::new(start as u32, start as u32 + 1);
            self.report(
                Diagnostic::new(Code::UNKNOWN_TOKEN, span, format!("{} do not quote strings", called(quote)))
                    .label("unknown character")
                    .help("strings are written in double quotes"),
            );
            return (None, start + 1);
        };
        let span = Span::new(start as u32, (start + length + 2) as u32);
        let body = &self.text[start + 1..start + 1 + length];
        let message = format!("{} do not quote strings", called(quote));
        let mut diagnostic = Diagnostic::new(Code::UNKNOWN_TOKEN, span, message)
            .label("a string in other quotes")
            .help("strings are written in double quotes");
        if let Some(quoted) = requoted(body).filter(|_| !self.touches_word(start, span.end as usize)) {
            diagnostic = diagnostic.fix(span, quoted);
        }
        self.report(diagnostic);
        (Some(TokenKind::String), span.end as usize)
    }

    /// A run of one unknown character, however often it is repeated.
    fn characters(&mut self, start: usize) -> usize {
        let rest = &self.text[start..];
        let first = rest.chars().next().unwrap_or(' ');
        let run = rest.len() - rest.trim_start_matches(first).len();
        let end = start + run.max(first.len_utf8());
        let span = Span::new(start as u32, end as u32);
        let mut diagnostic =
            Diagnostic::new(Code::UNKNOWN_TOKEN, span, format!("`{}` means nothing here", first.escape_debug()))
                .label("unknown character");
        diagnostic = match first {
            ';' if rest[end - start..].trim_start().is_empty() => {
                diagnostic.help("one text is one statement, and it has no terminator").fix(span, "")
            }
            ';' => {
                // What follows is a statement of its own, and not looked at.
                self.truncated = true;
                self.report(diagnostic.help("one item, one statement: begin the next with `- `"));
                return self.text.len();
            }
            '#' => diagnostic.help("there are no comments inside a statement"),
            '?' if run > 1 => diagnostic.help("the first value that is not nil is `Coalesce([first, second])`"),
            '$' if rest[1..].starts_with(|c: char| c.is_ascii_digit()) => diagnostic
                .help("a group of a pattern is read with `ExtractPatterns(text, \"(?P<name>...)\")[\"name\"]`"),
            '?' => diagnostic.help("there is no conditional operator: write a statement with `where` for each case"),
            '~' => diagnostic.help("to match a pattern use `IsMatch(text, \"pattern\")`"),
            '%' => diagnostic.help("arithmetic knows `+`, `-`, `*` and `/`"),
            '_' => diagnostic.help("names begin with a letter; `_` alone is a lambda parameter that is not used"),
            '$' => diagnostic.help(
                "variables such as `${env:NAME}` are expanded in the configuration, before the statement is read",
            ),
            '\u{201c}' | '\u{201d}' | '\u{201e}' => diagnostic.help("strings are written in straight double quotes"),
            '\u{a0}' => diagnostic.help("this is a non-breaking space; write a plain one").fix(span, " "),
            c if c.is_alphabetic() => diagnostic
                .help("names consist of the letters a to z, digits and underscores; other text belongs in a string"),
            _ => diagnostic,
        };
        self.report(diagnostic);
        end
    }
}

/// A text of other quotes in double ones. In these a backslash of a pattern is written twice; where it is already, or stands before a
/// quote, it stays. None where both ways are mixed.
fn requoted(body: &str) -> Option<String> {
    let is_escaped = |next: Option<char>| matches!(next, Some('\\' | 'n' | 't' | 'r' | '"' | '\''));
    let mut out = String::from('"');
    let mut chars = body.chars().peekable();
    let (mut is_doubled, mut is_single) = (false, false);
    while let Some(next) = chars.next() {
        match next {
            '\\' if is_escaped(chars.peek().copied()) => {
                let escaped = chars.next()?;
                is_doubled |= escaped == '\\';
                // A single quote needs no backslash any more.
                out.extend((escaped != '\'').then_some('\\'));
                out.push(escaped);
            }
            '\\' => {
                is_single = true;
                out.push_str("\\\\");
            }
            '"' => out.push_str("\\\""),
            other => out.push(other),
        }
    }
    out.push('"');
    (!(is_doubled && is_single)).then_some(out)
}

/// The name of quotes that quote nothing.
fn called(quote: char) -> &'static str {
    if quote == '`' { "backticks" } else { "single quotes" }
}
