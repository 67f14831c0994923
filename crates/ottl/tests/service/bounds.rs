//! Every place of every file of rules, also with the text cut there, has answers.

use std::path::{Path, PathBuf};

use ottl::service::{Document, DocumentKind, Encoding};
use ottl::{Compiler, Span};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.extension().and_then(|extension| extension.to_str()) {
            _ if path.is_dir() => files(&path, out),
            Some("yaml") => out.push(path),
            _ => {}
        }
    }
}

pub fn samples() -> Vec<String> {
    let mut found = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples");
    for name in ["rules", "configurations"] {
        files(&folder.join(name), &mut found);
    }
    found.sort();
    assert!(found.len() > 200);
    found.iter().map(|path| std::fs::read_to_string(path).expect("a text")).collect()
}

fn document(text: &str) -> Document {
    Document::new(Compiler::new(), DocumentKind::default(), text)
}

/// Asks everything that is asked at a place; what comes back lies in the text.
fn ask(document: &Document, at: u32) {
    let inside = |span: Span| {
        let range = span.start as usize..span.end as usize;
        assert!(document.text().get(range).is_some(), "{span:?} at {at}");
    };
    for one in document.complete(at) {
        inside(one.range);
        assert!(one.range.start <= at && at <= one.range.end, "{one:?} at {at}");
    }
    if let Some(hover) = document.hover(at) {
        inside(hover.range);
    }
    if let Some(help) = document.signature(at) {
        assert!(help.active.is_none_or(|active| active < help.parameters.len()));
    }
}

/// Asks everything that is asked of a whole text.
fn ask_all(document: &Document) {
    let mut last = 0;
    for token in document.tokens() {
        assert!(token.range.start >= last && token.range.end as usize <= document.text().len());
        last = token.range.end;
    }
    for hint in document.hints() {
        assert!(document.text().is_char_boundary(hint.at as usize));
    }
    document.symbols();
    let _ = document.format(None);
    for found in document.diagnostics() {
        document.actions(found.span);
    }
}

#[test]
fn every_place_of_every_file_of_rules_has_answers() {
    for (number, text) in samples().iter().enumerate() {
        let whole = document(text);
        ask_all(&whole);
        // All places of one file out of ten, and of the others each that a step of its own comes by.
        let step = if number % 10 == 0 { 1 } else { 29 };
        for at in (0..=text.len() as u32).step_by(step) {
            ask(&whole, at);
        }
    }
}

#[test]
fn texts_that_end_anywhere_have_answers() {
    for (number, text) in samples().iter().enumerate() {
        for end in (number % 31..=text.len()).step_by(31).filter(|end| text.is_char_boundary(*end)) {
            let cut = document(&text[..end]);
            ask(&cut, end as u32);
        }
        let half = document(&text[..text.len() / 2]);
        ask_all(&half);
    }
}

#[test]
fn an_edited_document_is_the_text_that_it_has_become() {
    let text = &samples()[0];
    let mut document = document(text);
    let mut want = text.clone();
    for (number, (start, length, new)) in
        [(0, 0, "# é\n"), (2, 2, ""), (40, 0, "'"), (40, 1, ""), (60, 10, "set(log.body, 1)\n"), (9999, 5, "x")]
            .into_iter()
            .enumerate()
    {
        let (from, to) = (start.min(want.len()), (start + length).min(want.len()));
        document.edit(Span::new(start as u32, (start + length) as u32), new);
        want.replace_range(from..to, new);
        assert_eq!(document.text(), want, "{number}");
        let fresh = self::document(&want);
        assert_eq!(document.diagnostics().to_string(), fresh.diagnostics().to_string(), "{number}");
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for at in (0..want.len() as u32).filter(|at| want.is_char_boundary(*at as usize)).step_by(7) {
                // Between a carriage return and its line feed is no place for an editor.
                let position = document.lines().position(&want, at, encoding);
                assert_eq!(document.lines().offset(&want, position, encoding), at, "{at} {encoding:?}");
            }
        }
    }
}

#[test]
fn hostile_texts_have_answers() {
    let deep = format!("log_statements:\n  - set(log.body, {}", "Concat([".repeat(5000));
    let brackets = format!("log_statements:\n  - {}", "[".repeat(5000));
    let long = format!("log_statements:\n  - set(log.body, \"{}", "é".repeat(100_000));
    let lines = "- \n".repeat(20_000);
    for text in
        [deep.as_str(), &brackets, &long, &lines, "\u{feff}log_statements: [\"", "a: &a [*a, ", "\r\r\n\n- '", ""]
    {
        let document = document(text);
        ask_all(&document);
        for at in [0, 3, text.len() / 2, text.len(), text.len() + 9] {
            document.complete(at as u32);
            document.hover(at as u32);
            document.signature(at as u32);
        }
    }
}
