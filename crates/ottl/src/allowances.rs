//! Comments that allow warnings: `# ottl: allow(W0304)`, with a reason behind them if one likes.
//!
//! At the end of a line a comment is for the statement, key or group that stands there; on a line of its own it is for what
//! follows; before everything else in the file it is for all of it. What belongs to a line is what is indented deeper than it, as in
//! YAML, and the list under a key that is not indented.
//!
//! Comments are looked for in the text of the file and not in its YAML: configurations lie in block texts of other files, where YAML
//! sees no comments. A text in quotes that ends like a comment is taken for one; that allows a warning on one line and harms nothing.

use std::ops::Range;

use ottl_diagnostics::{CODES, Code, Diagnostic, Severity, Span, near_name};

/// What a comment for the checker begins with.
const MARK: &str = "ottl:";

/// Codes of which one diagnostic is said for all of a processor, so that others are allowed without being there.
const SAID_ONCE: [Code; 2] = [Code::IMPLIED_PROPAGATE, Code::CHOSEN_PROPAGATE];

/// What a comment allows, and where.
struct Allowance {
    allowed: Allowed,
    /// The comment.
    span: Span,
    /// Bytes of the file.
    range: Range<usize>,
}

/// What a comment allows.
struct Allowed {
    codes: Vec<Code>,
    /// All warnings.
    all: bool,
}

/// What is wrong with a comment, and what to write.
struct Fault {
    message: String,
    help: String,
}

impl Allowance {
    fn allows(&self, diagnostic: &Diagnostic) -> bool {
        (self.allowed.all || self.allowed.codes.contains(&diagnostic.code))
            && self.range.contains(&(diagnostic.span.start as usize))
    }

    /// What is said of codes that are allowed, and not found where they are.
    fn unused(&self, found: &[Diagnostic]) -> Option<Diagnostic> {
        let is_found = |code: &Code| found.iter().any(|other| other.code == *code && self.allows(other));
        let is_unused = |code: &Code| *code != Code::UNUSED_ALLOWANCE && !SAID_ONCE.contains(code) && !is_found(code);
        let unused: Vec<&str> =
            self.allowed.codes.iter().filter(|code| is_unused(code)).map(|code| code.as_str()).collect();
        if unused.is_empty() {
            return None;
        }
        let message = format!("this comment allows {}, but there is no such warning here", unused.join(", "));
        let help = match unused.len() == self.allowed.codes.len() {
            true => "remove the comment: it could hide a later mistake",
            false => "remove the code from the comment: it could hide a later mistake",
        };
        Some(Diagnostic::new(Code::UNUSED_ALLOWANCE, self.span, message).help(help))
    }
}

/// The diagnostics that no comment allows, and those of comments that allow nothing. Errors cannot be allowed.
pub fn applied(text: &str, mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    if !text.contains(MARK) {
        return diagnostics;
    }
    let (allowances, faults) = found(text);
    diagnostics.extend(faults);
    // Of what has an error nobody knows what else it would have.
    if !diagnostics.iter().any(|diagnostic| diagnostic.severity() == Severity::Error) {
        let unused: Vec<Diagnostic> =
            allowances.iter().filter_map(|allowance| allowance.unused(&diagnostics)).collect();
        diagnostics.extend(unused);
    }
    diagnostics.retain(|diagnostic| {
        diagnostic.code.severity() == Severity::Error
            || !allowances.iter().any(|allowance| allowance.allows(diagnostic))
    });
    diagnostics
}

/// A line without the blanks at both ends.
struct Line<'t> {
    /// Where the line begins.
    start: usize,
    /// Where its text begins.
    content: usize,
    text: &'t str,
}

impl Line<'_> {
    fn indent(&self) -> usize {
        self.content - self.start
    }

    /// Whether there is something on it besides a comment.
    fn is_content(&self) -> bool {
        !self.text.is_empty() && !self.text.starts_with('#') && self.text != "---" && !self.text.starts_with('%')
    }

    fn is_item(&self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }

    /// Whether a list item or a key begins here; other lines go on with what is above.
    fn begins(&self) -> bool {
        let key = || {
            let (name, rest) = self.text.split_once(':').unwrap_or((self.text, "none"));
            let plain = |c: char| c.is_alphanumeric() || "_-./".contains(c);
            (rest.is_empty() || rest.starts_with(' ')) && name.trim_matches(['"', '\'']).chars().all(plain)
        };
        self.is_item() || key()
    }
}

fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = start + line.len() - line.trim_start().len();
        lines.push(Line { start, content, text: line.trim() });
        start += line.len();
    }
    lines
}

/// The comments of a file, and what is wrong with them.
fn found(text: &str) -> (Vec<Allowance>, Vec<Diagnostic>) {
    let lines = lines(text);
    let (mut allowances, mut faults) = (Vec::new(), Vec::new());
    for (number, line) in lines.iter().enumerate() {
        let Some((at, comment)) = comment(line) else { continue };
        let start = line.content + at;
        let span = Span::new(start as u32, (start + comment.len()) as u32);
        match allowed(comment) {
            Ok(Some(allowed)) => {
                let range = scope(&lines, number, at > 0, text.len());
                allowances.push(Allowance { allowed, span, range });
            }
            Ok(None) => {}
            Err(Fault { message, help }) => {
                faults.push(Diagnostic::new(Code::INVALID_ALLOWANCE, span, message).help(help));
            }
        }
    }
    (allowances, faults)
}

/// The comment for the checker on a line, from its `#` on, and where it begins in the line's text.
fn comment<'t>(line: &Line<'t>) -> Option<(usize, &'t str)> {
    let is_ours = |rest: &str| rest.trim_start_matches('#').trim_start().starts_with(MARK);
    let text = line.text;
    if text.starts_with('#') {
        return is_ours(text).then_some((0, text));
    }
    let (at, _) = text.match_indices(" #").filter(|(at, _)| is_ours(&text[at + 1..])).last()?;
    Some((at + 1, &text[at + 1..]))
}

/// What a comment allows; nothing where it is a comment of another kind.
fn allowed(comment: &str) -> Result<Option<Allowed>, Fault> {
    const FORM: &str = "write `# ottl: allow(W0304)`, with several codes `# ottl: allow(W0304, W0401)`";
    let fault = |message: String, help: &str| Fault { message, help: help.to_owned() };
    let rest = comment.trim_start_matches('#').trim_start().strip_prefix(MARK).unwrap_or("").trim_start();
    let Some(rest) = rest.strip_prefix("allow") else {
        // People also write sentences that begin like that; what looks like an order is one.
        let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
        let orders = ["allow", "ignore", "disable", "deny", "warn", "expect", "off", "skip"];
        let near = near_name(word, orders).is_some() || orders.contains(&word);
        let behind = rest[word.len()..].trim_start();
        return match near && (behind.is_empty() || behind.starts_with(['(', '='])) {
            true => Err(fault(format!("comments for the checker have no `{word}`"), FORM)),
            false => Ok(None),
        };
    };
    let list = rest.trim_start().strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let Some((list, _)) = list else {
        return Err(fault("this comment allows nothing".to_owned(), FORM));
    };
    let mut allowed = Allowed { codes: Vec::new(), all: false };
    for name in list.split(',').map(str::trim) {
        match Code::by_name(name) {
            _ if name == "warnings" => allowed.all = true,
            Some(code) if code.severity() == Severity::Error => {
                let message = format!("{code} is an error, and errors cannot be allowed");
                return Err(fault(message, "only warnings can: their codes begin with W"));
            }
            Some(code) => allowed.codes.push(code),
            None => {
                let warnings = CODES.iter().filter(|code| code.severity() == Severity::Warning);
                let near = near_name(name, warnings.flat_map(|code| [code.as_str(), code.name()]));
                let help = near.map_or(FORM.to_owned(), |near| format!("did you mean `{near}`?"));
                return Err(fault(format!("there is no warning `{name}`"), &help));
            }
        }
    }
    Ok(Some(allowed))
}

/// What a comment on a line is for; `behind`: something stands before it.
fn scope(lines: &[Line<'_>], number: usize, behind: bool, end: usize) -> Range<usize> {
    let first = if behind {
        // A text of several lines begins above.
        let begin = |line: &usize| lines[*line].is_content() && lines[*line].begins();
        (0..=number).rev().find(begin).unwrap_or(number)
    } else {
        if !lines[..number].iter().any(Line::is_content) {
            return 0..end;
        }
        let Some(first) = (number..lines.len()).find(|line| lines[*line].is_content()) else { return end..end };
        first
    };
    let line = &lines[first];
    let belongs = |next: &Line<'_>| {
        next.indent() > line.indent() || (next.indent() == line.indent() && next.is_item() && !line.is_item())
    };
    let after = lines[first + 1..].iter().find(|next| next.is_content() && !belongs(next));
    line.start..after.map_or(end + 1, |next| next.start)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines, from 1, on which a warning is allowed.
    fn allowed_lines(text: &str) -> Vec<usize> {
        let at = |line: &Line<'_>| Span::new(line.content as u32, line.content as u32);
        let all: Vec<Diagnostic> =
            lines(text).iter().map(|line| Diagnostic::new(Code::UNGUARDED_NIL, at(line), "nil")).collect();
        let mut left = applied(text, all.clone());
        left.retain(|d| d.code != Code::UNUSED_ALLOWANCE);
        assert!(left.iter().all(|d| d.code == Code::UNGUARDED_NIL), "{left:?}");
        (1..=all.len()).filter(|line| !left.contains(&all[line - 1])).collect()
    }

    #[test]
    fn comments_are_for_what_they_stand_at() {
        let rows: [(&str, &[usize]); 13] = [
            ("a:\n  - x # ottl: allow(W0304)\n  - y\n", &[2]),
            ("a:\n  # ottl: allow(W0304): it is always there\n  - x\n  - y\n", &[3]),
            ("a:\n  # ottl: allow(W0304)\n\n  # why\n  - x\n  - y\n", &[5]),
            ("# ottl: allow(W0304)\na:\n  - x\nb:\n  - y\n", &[1, 2, 3, 4, 5]),
            ("---\n\n# ottl: allow(unguarded-nil)\na: 1\n", &[1, 2, 3, 4]),
            ("a: # ottl: allow(W0304)\n- x\n- y\nb:\n- z\n", &[1, 2, 3]),
            ("e: 1\n# ottl: allow(W0302, W0304)\na:\n  - x\n  - y\nb:\n  - z\n", &[3, 4, 5]),
            ("a:\n  - context: log # ottl: allow(W0304)\n    statements:\n      - x\n  - context: log\n", &[2, 3, 4]),
            ("a:\n  - context: log\n    statements: # ottl: allow(W0304)\n      - x\n    c: 1\n", &[3, 4]),
            ("a:\n  - set(x,\n      y) # ottl: allow(warnings)\n  - z\n", &[2, 3]),
            ("a:\n  - > # ottl: allow(W0304)\n    set(x,\n    y)\n  - z\n", &[2, 3, 4]),
            ("a:\n  # ottl: allow(W0304)\n", &[]),
            ("data:\n  r.yaml: |\n    a:\n      # ottl: allow(w0304)\n      - x\n      - y\n", &[5]),
        ];
        for (text, want) in rows {
            assert_eq!(allowed_lines(text), want, "{text}");
        }
    }

    #[test]
    fn comments_that_allow_nothing_are_named() {
        let rows = [
            ("# ottl: allow(W9999)", "there is no warning `W9999`", "write"),
            ("# ottl: allow(W0340)", "there is no warning `W0340`", "did you mean `W0304`?"),
            ("# ottl: allow(unguarded-nill)", "there is no warning", "did you mean `unguarded-nil`?"),
            ("# ottl: allow(E0203)", "E0203 is an error", "only warnings"),
            ("# ottl: allow()", "there is no warning ``", "write"),
            ("# ottl: allow W0304", "this comment allows nothing", "write"),
            ("# ottl: disable(W0304)", "comments for the checker have no `disable`", "write"),
            ("- x # ottl: alow(W0304)", "comments for the checker have no `alow`", "write"),
        ];
        for (text, message, help) in rows {
            let faults = applied(text, Vec::new());
            assert_eq!(faults.len(), 1, "{text}");
            assert!(faults[0].message.starts_with(message), "{text}: {}", faults[0].message);
            assert!(
                faults[0].help.as_ref().is_some_and(|found| found.starts_with(help)),
                "{text}: {:?}",
                faults[0].help
            );
            assert!(faults[0].span.of(text).starts_with("# ottl:"), "{text}");
        }
        for text in
            ["# ottl: rules of the shop", "# see ottl: allow(W9999)", "a: '# ottl: b'", "#", "- \"x # ottl: y\""]
        {
            assert_eq!(applied(text, Vec::new()), [], "{text}");
        }
    }

    #[test]
    fn what_is_allowed_and_not_there_is_named() {
        let at =
            |text: &str, code: Code| Diagnostic::new(code, Span::new(text.find('x').unwrap_or(0) as u32, 0), "odd");
        let (nil, write, error) = (Code::UNGUARDED_NIL, Code::IMPOSSIBLE_WRITE, Code::UNKNOWN_PATH);
        let rows: [(&str, &[Code], &str); 10] = [
            ("- x # ottl: allow(W0304)", &[nil], ""),
            ("- x # ottl: allow(W0304)", &[write], "W0304"),
            ("- x # ottl: allow(W0304, W0302)", &[nil], "W0302"),
            ("- x # ottl: allow(W0304, W0302)", &[], "W0304, W0302"),
            ("- x # ottl: allow(warnings)", &[], ""),
            ("- x # ottl: allow(warnings, W0304)", &[write], ""),
            ("- x # ottl: allow(W0304)", &[error], ""),
            ("- x # ottl: allow(W0304, H0651)", &[], ""),
            ("# ottl: allow(W0304)\n- x\n", &[], "W0304"),
            ("- x # ottl: allow(W0405)", &[], ""),
        ];
        for (text, codes, want) in rows {
            let left = applied(text, codes.iter().map(|code| at(text, *code)).collect());
            let said: Vec<&str> = left
                .iter()
                .filter(|one| one.code == Code::UNUSED_ALLOWANCE)
                .filter_map(|one| one.message.strip_prefix("this comment allows ")?.split(", but there").next())
                .collect();
            assert_eq!(said.concat(), want, "{text} with {codes:?}");
        }
    }

    #[test]
    fn errors_cannot_be_allowed() {
        let text = "# ottl: allow(warnings)\na: 1\n";
        let error = Diagnostic::new(Code::UNKNOWN_PATH, Span::new(24, 25), "no");
        assert_eq!(applied(text, vec![error.clone()]), [error]);
    }
}
