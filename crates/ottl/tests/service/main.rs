//! What editors ask: marked texts and the answers, recorded for review.
//!
//! A file of `fixtures` holds cases: a line `----- title`, the text with the place marked as `$0`, a line `=====`, and the answer. Words
//! behind the title in braces say what the text is: `{statement traces span}`. `UPDATE_EXPECT=1` writes the answers.

mod bounds;
mod same;

use std::fmt::Write as _;
use std::path::PathBuf;

use ottl::schema::{ContextId, context_by_name};
use ottl::service::{Document, DocumentKind, Samples};
use ottl::{Compiler, ProcessorKind, RuleKind, Signal, Span};

/// A proposal is shown with what it would write, if that is something else than its label.
fn complete(document: &Document, at: u32) -> String {
    const SHOWN: usize = 14;
    let found = document.complete(at);
    let mut out = String::new();
    for one in found.iter().take(SHOWN) {
        let _ = write!(out, "{} [{:?}] {}", one.label, one.kind, one.detail);
        let written = one.snippet.as_ref().unwrap_or(&one.insert);
        if *written != one.label {
            let _ = write!(out, " => {written:?}");
        }
        let replaced = one.range.of(document.text());
        if !replaced.is_empty() {
            let _ = write!(out, " for {replaced:?}");
        }
        out = out.replace(" \n", "\n").trim_end().to_owned() + "\n";
    }
    if found.len() > SHOWN {
        let _ = writeln!(out, "and {} more", found.len() - SHOWN);
    }
    out
}

fn hover(document: &Document, at: u32) -> String {
    match document.hover(at) {
        Some(hover) => {
            let about = hover.range.of(document.text());
            format!("{about:?} {}\n{}\n", hover.codes.join(" "), hover.markdown).replace(" \n", "\n")
        }
        None => String::new(),
    }
}

fn signature(document: &Document, at: u32) -> String {
    let Some(help) = document.signature(at) else { return String::new() };
    let mut out = format!("{}\n{}\n", help.label, help.summary);
    for (number, param) in help.parameters.iter().enumerate() {
        assert!(param.label.of(&help.label).contains(&param.name), "{}: {}", help.label, param.name);
        let mark = if help.active == Some(number) { "*" } else { " " };
        let given = if param.given { ", given" } else { "" };
        let optional = if param.optional { ", optional" } else { "" };
        let _ = writeln!(out, "{mark} {}: {}{optional}{given}", param.name, param.takes);
    }
    out
}

fn symbols(document: &Document, _: u32) -> String {
    fn show(symbols: &[ottl::service::Symbol], depth: usize, document: &Document, out: &mut String) {
        for symbol in symbols {
            let whole = symbol.range.of(document.text());
            let ends = (whole.lines().next().unwrap_or_default(), whole.lines().last().unwrap_or_default());
            let by = "  ".repeat(depth);
            let detail = if symbol.detail.is_empty() { String::new() } else { format!(" ({})", symbol.detail) };
            let _ = writeln!(
                out,
                "{by}{:?} {}{detail}: {:?} to {:?}",
                symbol.kind,
                symbol.name,
                ends.0.trim(),
                ends.1.trim()
            );
            assert!(symbol.range.start <= symbol.selection.start && symbol.selection.end <= symbol.range.end);
            show(&symbol.children, depth + 1, document, out);
        }
    }
    let mut out = String::new();
    show(&document.symbols(), 0, document, &mut out);
    out
}

fn tokens(document: &Document, _: u32) -> String {
    document.tokens().iter().fold(String::new(), |mut out, token| {
        let _ = writeln!(out, "{:?} {}", token.token_type, token.range.of(document.text()));
        out
    })
}

/// The text with the hints in it.
fn hints(document: &Document, _: u32) -> String {
    let mut text = document.text().to_owned();
    for hint in document.hints().iter().rev() {
        text.insert_str(hint.at as usize, &format!(" «{}»", hint.label));
    }
    text
}

fn edited(text: &str, edits: &[ottl::service::TextEdit]) -> String {
    let mut out = text.to_owned();
    for edit in edits.iter().rev() {
        out.replace_range(edit.range.start as usize..edit.range.end as usize, &edit.replacement);
    }
    out
}

fn format(document: &Document, _: u32) -> String {
    document.format(None).map_or_else(|why| format!("error: {why}\n"), |edits| edited(document.text(), &edits))
}

fn actions(document: &Document, at: u32) -> String {
    document.actions(Span::new(at, at)).iter().fold(String::new(), |mut out, action| {
        let fixed = edited(document.text(), &action.edits);
        let old: Vec<&str> = document.text().lines().collect();
        let _ = writeln!(out, "{} {}{}", action.code, action.title, if action.is_fix { "" } else { " (no fix)" });
        for line in fixed.lines().filter(|line| !old.contains(line)) {
            let _ = writeln!(out, "  + {line}");
        }
        out
    })
}

/// What the words behind a title say that a text is.
fn kind_of(words: &str) -> DocumentKind {
    let mut found = (None, None, None, None, false);
    for word in words.split_whitespace() {
        match word {
            "filter" => found.3 = Some(ProcessorKind::Filter),
            "transform" => found.3 = Some(ProcessorKind::Transform),
            "rules" => found.4 = true,
            "statement" => found.0 = Some(RuleKind::Statement),
            "condition" => found.0 = Some(RuleKind::Condition),
            "value" => found.0 = Some(RuleKind::Value),
            word => match Signal::ALL.into_iter().find(|signal| signal.name() == word) {
                Some(signal) => found.1 = Some(signal),
                None => found.2 = Some(context_by_name(word).expect("a word that is known")),
            },
        }
    }
    match found {
        (None, None, None, kind, false) => DocumentKind::Configuration(kind),
        (kind, signal, context, _, _) => DocumentKind::Rules { kind, signal, context },
    }
}

fn samples() -> Samples {
    let mut samples = Samples::default();
    for (context, key, value) in [
        (ContextId::Log, "http.method", "\"GET\""),
        (ContextId::Log, "it's \"odd\"", "1"),
        (ContextId::Resource, "service.name", "\"cart\""),
        (ContextId::Span, "odd #h", "1"),
        (ContextId::Span, "odd: c", "1"),
        (ContextId::Span, "odd\n\u{85}", "1"),
    ] {
        samples.add(context, "attributes", key, value);
    }
    samples
}

fn run(name: &str, answer: fn(&Document, u32) -> String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/service/fixtures/{name}.txt"));
    let recorded = std::fs::read_to_string(&path).expect("fixtures");
    let mut new = String::new();
    for case in recorded.split("----- ").skip(1) {
        let (title, rest) = case.split_once('\n').expect("a title");
        let (text, _) = rest.split_once("=====\n").expect("an answer");
        let words = title.split_once('{').map_or("", |(_, words)| words.trim_end_matches('}'));
        let marked = text.strip_suffix('\n').unwrap_or(text);
        let at = marked.find("$0");
        let mut document = Document::new(Compiler::new(), kind_of(words), marked.replacen("$0", "", 1));
        document.set_samples(samples());
        let answer = answer(&document, at.unwrap_or_default() as u32);
        let _ = write!(new, "----- {title}\n{text}=====\n{answer}");
        if !new.ends_with('\n') {
            new.push('\n');
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &new).expect("the file of the fixtures");
        return;
    }
    let differs = new.lines().zip(recorded.lines()).find(|(new, recorded)| new != recorded);
    assert!(new == recorded, "{name}: UPDATE_EXPECT=1 writes the new answers; the first that differs: {differs:?}");
}

#[test]
fn completion() {
    run("complete", complete);
}

#[test]
fn hovering() {
    run("hover", hover);
}

#[test]
fn signatures() {
    run("signature", signature);
}

#[test]
fn outlines() {
    run("symbols", symbols);
}

#[test]
fn colours() {
    run("tokens", tokens);
}

#[test]
fn remarks() {
    run("hints", hints);
}

#[test]
fn standard_forms() {
    run("format", format);
}

#[test]
fn offers() {
    run("actions", actions);
}
