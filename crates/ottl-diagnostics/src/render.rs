//! Diagnostics as text for a terminal.
//!
//! The only place that names ariadne. A picture shows file, line and column, the text with what is wrong under it,
//! the other places, the help, and the fix in words.

use ariadne::{Color, Config, IndexType, Label, Report, ReportKind, Source};

use crate::{Diagnostic, Locator, Severity, Span, visible};

/// Renders diagnostics one below the other; `text` is the contents of `file_name` and all spans are offsets in it.
///
/// With `color` the text holds ANSI escape sequences. Spans outside the text are moved into it.
///
/// ```
/// use ottl_diagnostics::{Code, Diagnostic, Span, render::render};
///
/// let diagnostic = Diagnostic::new(Code::ASSIGNMENT_AS_COMPARISON, Span::new(2, 3), "`=` does not compare");
/// let picture = render(&[diagnostic], "rules.yaml", "a = 1", false);
/// assert!(picture.contains("rules.yaml:1:3"));
/// ```
pub fn render(diagnostics: &[Diagnostic], file_name: &str, text: &str, color: bool) -> String {
    let file_name = &*visible(file_name);
    if let Some(shown) = Shown::of(text) {
        let moved: Vec<Diagnostic> =
            diagnostics.iter().map(|found| found.clone().map_spans(|span| shown.span(span))).collect();
        return render(&moved, file_name, &shown.text, color);
    }
    if text.bytes().filter(|byte| *byte == b'\n').count() > MOST_LINES {
        return in_lines(diagnostics, file_name, text);
    }
    let mut out = Vec::new();
    // PERF: finding the lines of the text for each of a thousand diagnostics anew takes longer than all the rest.
    let mut source = (file_name, Source::from(text));
    for diagnostic in diagnostics {
        if !out.is_empty() {
            out.push(b'\n');
        }
        if report(diagnostic, &mut source, text, color, &mut out).is_none() {
            // Writing to memory does not fail; if a picture cannot be drawn, the words still come out.
            out.extend_from_slice(format!("{file_name}: {diagnostic}\n").as_bytes());
        }
    }
    let text = String::from_utf8_lossy(&out);
    // Blanks at line ends say nothing, and editors strip them from recorded pictures.
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + if lines.is_empty() { "" } else { "\n" }
}

/// A text with signs in the place of control characters, which a terminal would obey; lines and columns are the same.
struct Shown {
    text: String,
    /// Where characters were replaced, and how many bytes longer the text is behind each.
    longer: Vec<(u32, u32)>,
}

impl Shown {
    /// The text to draw; none where it is the text itself.
    fn of(text: &str) -> Option<Shown> {
        let mut shown = Shown { text: String::new(), longer: Vec::new() };
        let mut done = 0;
        for (at, c) in text.char_indices() {
            let ends_line = c == '\n' || c == '\r' && text[at..].starts_with("\r\n");
            if !c.is_control() || c == '\t' || ends_line {
                continue;
            }
            shown.text.push_str(&text[done..at]);
            shown.text.push(match u32::from(c) {
                code @ 0..0x20 => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
                0x7f => '\u{2421}',
                _ => '\u{fffd}',
            });
            done = at + c.len_utf8();
            shown.longer.push((done as u32, (shown.text.len() - done) as u32));
        }
        if shown.longer.is_empty() {
            return None;
        }
        shown.text.push_str(&text[done..]);
        Some(shown)
    }

    fn span(&self, span: Span) -> Span {
        let moved = |at: u32| {
            let before = self.longer.partition_point(|(end, _)| *end <= at);
            at.saturating_add(before.checked_sub(1).map_or(0, |last| self.longer[last].1))
        };
        Span::new(moved(span.start), moved(span.end))
    }
}

/// A text of more lines is not drawn: the library keeps some forty bytes for each, and draws a picture in a time that
/// grows with all of them.
const MOST_LINES: usize = 200_000;

/// Diagnostics without pictures.
fn in_lines(diagnostics: &[Diagnostic], file_name: &str, text: &str) -> String {
    let locator = Locator::new(text);
    let mut out = String::new();
    for diagnostic in diagnostics {
        let place = locator.locate(diagnostic.span.start);
        out.push_str(&format!("{file_name}:{}:{}: {diagnostic}\n", place.line, place.column));
        if let Some(help) = &diagnostic.help {
            out.push_str(&format!("  help: {help}\n"));
        }
    }
    out
}

/// A line of more bytes is shown in part: files of one line (JSON, say) would flood the terminal.
const LONG_LINE: usize = 400;

/// What is shown of a long line before the fault, and of it and what follows.
const WINDOW: (usize, usize) = (80, 120);

/// The text that is drawn, with its name.
type Named<'t> = (&'t str, Source<&'t str>);

/// Draws one diagnostic; `source` is made of `text`.
fn report(diagnostic: &Diagnostic, source: &mut Named<'_>, text: &str, color: bool, out: &mut Vec<u8>) -> Option<()> {
    let fault = range(diagnostic.span, text);
    let begin = text[..fault.start].rfind('\n').map_or(0, |end| end + 1);
    let len = text[begin..].find('\n').unwrap_or(text.len() - begin);
    let note = diagnostic.fix.as_ref().map(|fix| fix.in_words(text));
    if len <= LONG_LINE {
        return picture(diagnostic, note, source, text, color, out);
    }
    // The part is drawn as a text of its own, with as many lines before it; only the column has to be put right.
    let inside = |at: usize| range(Span::new(at as u32, at as u32), text).start;
    let (from, to) = (inside(fault.start.saturating_sub(WINDOW.0)).max(begin), inside(fault.start + WINDOW.1));
    let (from, to) = (from, to.min(begin + len));
    let mut part = diagnostic.clone();
    part.others.retain(|other| (from..to).contains(&(other.span.start as usize)));
    let first = if from > begin { "\u{2026}" } else { "" };
    let last = if to < begin + len { "\u{2026}" } else { "" };
    let place = crate::locate(text, fault.start as u32);
    let above = "\n".repeat(place.line as usize - 1) + first;
    let shift = |at: u32| ((at as usize).clamp(from, to) - from + above.len()) as u32;
    let part = part.map_spans(|span| Span::new(shift(span.start), shift(span.end)));
    let shown = format!("{above}{}{last}", &text[from..to]);
    let column = crate::locate(&shown, part.span.start).column;
    let mut drawn = Vec::new();
    picture(&part, note, &mut (source.0, Source::from(shown.as_str())), &shown, color, &mut drawn)?;
    let (wrong, right) = (format!(":{}:{column} ", place.line), format!(":{}:{} ", place.line, place.column));
    out.extend_from_slice(String::from_utf8_lossy(&drawn).replacen(&wrong, &right, 1).as_bytes());
    Some(())
}

/// Draws one diagnostic over all of its text.
fn picture(
    diagnostic: &Diagnostic,
    note: Option<String>,
    source: &mut Named<'_>,
    text: &str,
    color: bool,
    out: &mut Vec<u8>,
) -> Option<()> {
    let file_name = source.0;
    let at = |span: Span| (file_name, range(span, text));
    let (kind, main) = match diagnostic.severity() {
        Severity::Error => (ReportKind::Error, Color::Red),
        Severity::Warning => (ReportKind::Warning, Color::Yellow),
        Severity::Hint => (ReportKind::Advice, Color::Cyan),
    };
    let mut report = Report::build(kind, at(diagnostic.span))
        .with_config(Config::default().with_index_type(IndexType::Byte).with_color(color))
        .with_code(diagnostic.code)
        .with_message(&diagnostic.message)
        .with_label(
            Label::new(at(diagnostic.span))
                .with_color(main)
                .with_message(diagnostic.label.as_deref().unwrap_or("here")),
        );
    for other in &diagnostic.others {
        report = report.with_label(Label::new(at(other.span)).with_color(Color::Blue).with_message(&other.text));
    }
    if let Some(help) = &diagnostic.help {
        report = report.with_help(help);
    }
    if let Some(note) = note {
        report = report.with_note(note);
    }
    report.finish().write(source, out).ok()
}

/// A span as a byte range on character boundaries within the text.
fn range(span: Span, text: &str) -> std::ops::Range<usize> {
    let inside = |at: u32| {
        let mut at = (at as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = inside(span.start);
    start..inside(span.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::{Code, Diagnostic, Span};

    #[test]
    fn texts_of_very_many_lines_are_not_drawn() {
        let text = "#\n".repeat(super::MOST_LINES + 1) + "a = 1";
        let at = text.len() as u32 - 3;
        let diagnostic =
            Diagnostic::new(Code::ASSIGNMENT_AS_COMPARISON, Span::new(at, at + 1), "no comparison").help("think");
        let shown = render(&[diagnostic], "rules.yaml", &text, false);
        assert_eq!(shown, "rules.yaml:200002:3: error[E0115]: no comparison\n  help: think\n");
    }

    #[test]
    fn a_picture_holds_place_label_help_and_fix() {
        let text = "set(a, 1)\n  where \u{fc}b = 1";
        let diagnostic = Diagnostic::new(Code::ASSIGNMENT_AS_COMPARISON, Span::new(22, 23), "`=` does not compare")
            .label("a comparison is written `==`")
            .other(Span::new(18, 21), "compared")
            .help("think")
            .fix(Span::new(22, 23), "==");
        let picture = render(std::slice::from_ref(&diagnostic), "rules.yaml", text, false);
        for part in [
            "[E0115] Error: `=` does not compare",
            "rules.yaml:2:12",
            "a comparison is written",
            "compared",
            "think",
            "fix: replace `=` with `==`",
        ] {
            assert!(picture.contains(part), "{part} is missing in\n{picture}");
        }
        assert!(!picture.contains('\u{1b}'));
        assert!(render(&[diagnostic], "rules.yaml", text, true).contains('\u{1b}'));
    }

    /// A picture without its escape sequences.
    fn uncolored(picture: &str) -> String {
        let mut parts = picture.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
    }

    #[test]
    fn long_lines_are_shown_in_part() {
        let line = "\u{e9}".repeat(20_000);
        let text = format!("first\n{line}FAULT{line}\nlast");
        let at = text.find("FAULT").expect("it is there") as u32;
        let diagnostic = Diagnostic::new(Code::UNEXPECTED_TOKEN, Span::new(at, at + 5), "odd")
            .other(Span::new(0, 5), "far away")
            .other(Span::new(at + 5, at + 7), "near")
            .fix(Span::new(at, at + 5), "RIGHT");
        for color in [false, true] {
            let picture = uncolored(&render(std::slice::from_ref(&diagnostic), "f", &text, color));
            assert!(picture.len() < 2000 && picture.contains("FAULT") && picture.contains("near"), "{picture}");
            assert!(picture.contains("replace `FAULT` with `RIGHT`"), "{picture}");
            assert!(picture.contains("f:2:20001") && !picture.contains("far away"), "{picture}");
        }
        let picture = render(&[diagnostic], "f", &text, false);
        let rows: Vec<&str> = picture.lines().collect();
        let column = |row: &str, what| row.find(what).map(|at| row[..at].chars().count());
        assert!(rows[3].starts_with(" 2 "), "{picture}");
        assert_eq!(column(rows[3], "FAULT"), column(rows[4], "\u{2500}"), "{picture}");
    }

    #[test]
    fn control_characters_are_shown_and_not_obeyed() {
        let text = "a\u{1b}[31m\u{9b}b\r\n\u{1b}c\rd = 1\r\n";
        let at = text.find('=').expect("it is there") as u32;
        let found = Diagnostic::new(Code::ASSIGNMENT_AS_COMPARISON, Span::new(at, at + 1), "x\n::error::y\u{1b}")
            .help("p\nq")
            .fix(Span::new(at, at + 1), "\u{1b}==")
            .printable();
        let picture = render(&[found], "f\n\u{1b}", text, false);
        assert!(!picture.contains(|c: char| c.is_control() && c != '\n'), "{picture:?}");
        assert!(picture.contains(r"x\n::error::y\u{1b}") && picture.contains(r"p\nq"), "{picture}");
        assert!(picture.contains(r"f\n\u{1b}:2:6") && picture.contains("\u{241b}c\u{240d}d = 1"), "{picture}");
    }

    #[test]
    fn odd_places_are_drawn_too() {
        for (text, start, end) in
            [("", 0, 0), ("", 5, 9), ("a", 1, 1), ("\u{e9}", 1, 2), ("a\n", 2, 2), ("a", 1, 0), ("\n\n", 1, 1)]
        {
            let diagnostic = Diagnostic::new(Code::UNEXPECTED_TOKEN, Span::new(start, end), "odd");
            let picture = render(&[diagnostic], "f", text, false);
            assert!(picture.contains("E0102") && picture.contains("odd"), "{text:?} {start}..{end}:\n{picture}");
        }
    }
}
