//! Which pages the book has, and where.
//!
//! `docs/SUMMARY.md` lists texts of the repository by their names there. A few of them stand for more than a text: the lists of functions,
//! paths, codes and verbs have a page for each of these below them, made of the same rows as those of `spec/`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ottl::function::{FunctionDef, FunctionKind};
use ottl::schema::{ContextId, context};
use pulldown_cmark::{Event, Tag};

use super::links;
use super::page::{Maker, Page, anchors, dead_links, parser};
use super::told::Told;
use super::tries::{Tries, example};
use crate::codegen::{self, cell, line};
use crate::repository;

type Error = Box<dyn std::error::Error>;

const SUMMARY: &str = "docs/SUMMARY.md";
const FUNCTIONS: &str = "spec/functions.md";
const PATHS: &str = "spec/paths.md";
const DIAGNOSTICS: &str = "spec/diagnostics";
const COMMAND: &str = "docs/command.md";

/// A finished page.
pub struct Made {
    /// Where it is in the book.
    pub place: String,
    /// What mdBook takes.
    pub text: String,
}

/// The book before mdBook.
pub struct Book {
    /// All pages.
    pub pages: Vec<Made>,
    /// The table of contents.
    summary: String,
    /// Files that pages link to, and where they are in the book.
    files: Vec<(PathBuf, String)>,
    /// The folder of `book.toml` and what it names.
    settings: PathBuf,
    playground: String,
}

/// Where a text of the repository is in the book; `docs/` is its top.
fn place(source: &str) -> String {
    match source {
        DIAGNOSTICS => "reference/diagnostics.md".to_owned(),
        "editors/README.md" => "guides/editors.md".to_owned(),
        "wasm/README.md" => "guides/browser.md".to_owned(),
        "CHANGELOG.md" => "changelog.md".to_owned(),
        source => match source.strip_prefix("spec/") {
            Some(rest) => format!("reference/{rest}"),
            None => source.strip_prefix("docs/").unwrap_or(source).to_owned(),
        },
    }
}

impl Book {
    /// Makes all pages out of the repository.
    pub fn gather(root: &Path, told: &Told, repository: Option<&str>, playground: &str) -> Result<Book, Error> {
        let contents = with_all_of_spec(root, &std::fs::read_to_string(root.join(SUMMARY))?)?;
        let (mut listed, mut summary) = (Vec::new(), String::new());
        for line in contents.lines() {
            let Some((title, source)) = entry(line) else {
                summary.push_str(&format!("{line}\n"));
                continue;
            };
            let indent = line.len() - line.trim_start().len();
            let pages = pages_of(root, told, &title, &source)?;
            for (number, page) in pages.iter().enumerate() {
                let indent = if number == 0 { indent } else { indent + 2 };
                let mark = if line.trim_start().starts_with('-') { "- " } else { "" };
                summary.push_str(&format!("{:indent$}{mark}[{}]({})\n", "", page.title, page.place));
            }
            listed.extend(pages);
        }
        let mut places: BTreeMap<String, String> = BTreeMap::new();
        for page in &listed {
            places.entry(page.source.clone()).or_insert_with(|| page.place.clone());
            if let Some(part) = part_of(page) {
                places.insert(part, page.place.clone());
            }
        }
        let mut files = Vec::new();
        for extension in ["json", "yaml", "pest", "rs"] {
            for folder in ["docs/cookbook", "spec", "examples", "grammar", "crates/ottl/examples"] {
                let folder = root.join(folder);
                for file in if folder.is_dir() { repository::files(&folder, extension)? } else { Vec::new() } {
                    let source = file.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
                    let to = source.strip_prefix("docs/").map_or_else(|| format!("files/{source}"), str::to_owned);
                    places.insert(source, to.clone());
                    files.push((file, to));
                }
            }
        }
        let codes: Vec<String> = listed.iter().filter_map(|page| page.code.clone()).collect();
        let tries = Tries::read(root, &codes)?;
        let maker = Maker { places: &places, repository, playground, tries: &tries };
        let mut pages = Vec::new();
        for page in &listed {
            pages.push(Made { place: page.place.clone(), text: maker.make(page)? });
        }
        for function in ottl::registry().iter() {
            let place = place_of(function);
            let page = pages.iter_mut().find(|page| page.place == place);
            page.ok_or("a function without a page")?.text += &examples(&maker, told, function, &place)?;
        }
        Ok(Book { pages, summary, files, settings: root.join("docs"), playground: playground.to_owned() })
    }

    /// The links that lead to nothing.
    pub fn dead_links(&self) -> Vec<String> {
        let mut there: BTreeMap<String, Vec<String>> =
            self.pages.iter().map(|page| (page.place.clone(), anchors(&page.text))).collect();
        there.extend(self.files.iter().map(|(_, place)| (place.clone(), Vec::new())));
        self.pages.iter().flat_map(|page| dead_links(&page.place, &page.text, &self.playground, &there)).collect()
    }

    /// Writes what mdBook takes, and nothing else, into a folder.
    pub fn write(&self, folder: &Path) -> Result<(), Error> {
        let sources = folder.join("src");
        if sources.is_dir() {
            std::fs::remove_dir_all(&sources)?;
        }
        let texts = self.pages.iter().map(|page| (&page.place, &page.text));
        for (place, text) in texts.chain([(&"SUMMARY.md".to_owned(), &self.summary)]) {
            let file = sources.join(place);
            std::fs::create_dir_all(file.parent().unwrap_or(&sources))?;
            std::fs::write(file, text)?;
        }
        for (file, place) in &self.files {
            let to = sources.join(place);
            std::fs::create_dir_all(to.parent().unwrap_or(&sources))?;
            std::fs::copy(file, to)?;
        }
        for name in ["book.toml", "book.css"] {
            std::fs::copy(self.settings.join(name), folder.join(name))?;
        }
        Ok(())
    }
}

/// The table of contents with the pages of `spec/` that it does not name behind the last one that it does: what is specified is in the book.
fn with_all_of_spec(root: &Path, contents: &str) -> Result<String, Error> {
    let mut lines: Vec<String> = contents.lines().map(str::to_owned).collect();
    let mut at = lines
        .iter()
        .rposition(|line| line.contains("(../spec/"))
        .ok_or("the table of contents has no page of spec/")?;
    let folder = root.join("spec");
    for file in repository::files(&folder, "md")?.into_iter().filter(|file| file.parent() == Some(&*folder)) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let link = format!("(../spec/{name})");
        if name.ends_with(".md") && name != "README.md" && !contents.contains(&link) {
            let text = std::fs::read_to_string(&file)?;
            let title = text.lines().next().unwrap_or_default().trim_start_matches("# ").to_owned();
            at += 1;
            lines.insert(at, format!("- [{title}]{link}"));
        }
    }
    Ok(lines.join("\n"))
}

/// The title of an entry of the table of contents, and the text that it names.
fn entry(line: &str) -> Option<(String, String)> {
    let mut title = String::new();
    let mut source = None;
    for event in parser(line.trim_start()) {
        match event {
            Event::Start(Tag::Link { dest_url, .. }) => {
                source = links::target(SUMMARY, &dest_url).map(|(file, _)| file)
            }
            Event::Text(text) | Event::Code(text) if source.is_some() => title.push_str(&text),
            _ => {}
        }
    }
    source.map(|source| (title, source))
}

/// The page of a text, and those that belong below it.
fn pages_of(root: &Path, told: &Told, title: &str, source: &str) -> Result<Vec<Page>, Error> {
    let page =
        |text| Page { title: title.to_owned(), place: place(source), source: source.to_owned(), code: None, text };
    let mut below = Vec::new();
    let text = match source {
        FUNCTIONS => {
            let registry = ottl::registry();
            let (mut out, mut list) = (FUNCTIONS_HEAD.to_owned(), BTreeMap::new());
            for (kind, heading) in [(FunctionKind::Editor, "Editors"), (FunctionKind::Converter, "Converters")] {
                line!(out, "\n## {heading}\n\n| function | what |\n|---|---|");
                for function in registry.iter().filter(|function| function.kind == kind) {
                    let first = function.docs.lines().next().unwrap_or_default();
                    let place = place_of(function);
                    line!(
                        out,
                        "| [`{}`](functions.md#{}) | {} |",
                        function.name,
                        function.name.to_lowercase(),
                        cell(first)
                    );
                    list.insert(
                        (kind == FunctionKind::Converter, function.name),
                        (place, codegen::functions::description(function)),
                    );
                }
            }
            for ((_, name), (place, text)) in list {
                let text = format!("# {name}\n\n{text}");
                below.push(Page { title: name.to_owned(), place, source: source.to_owned(), code: None, text });
            }
            out
        }
        PATHS => {
            let mut out = PATHS_HEAD.to_owned();
            for decl in ContextId::ALL.map(context) {
                let signals: Vec<&str> = decl.signals.iter().map(|signal| signal.name()).collect();
                line!(
                    out,
                    "| [`{}`](paths.md#{}) | {} | {} |",
                    decl.name,
                    decl.name,
                    signals.join(", "),
                    decl.paths.len()
                );
                let text = format!("# {}\n\n{}", decl.name, codegen::paths::description(decl));
                let place = format!("reference/paths/{}.md", decl.name);
                below.push(Page { title: decl.name.to_owned(), place, source: source.to_owned(), code: None, text });
            }
            out
        }
        DIAGNOSTICS => {
            let mut out = DIAGNOSTICS_HEAD.to_owned();
            for file in repository::files(&root.join(source), "md")? {
                let text = std::fs::read_to_string(&file)?;
                let code = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let title = text.lines().next().unwrap_or_default().trim_start_matches("# ").to_owned();
                let (_, name) = title.split_once(": ").ok_or_else(|| format!("{code} has no name"))?;
                let first = text.split("\n\n").nth(1).unwrap_or_default();
                line!(out, "| [{code}](diagnostics/{code}.md) | {name} | {} |", cell(first));
                let source = format!("{DIAGNOSTICS}/{code}.md");
                below.push(Page { title, place: place(&source), source, code: Some(code), text });
            }
            out
        }
        COMMAND => {
            let mut out = std::fs::read_to_string(root.join(source))?;
            line!(out, "\n| verb | what |\n|---|---|");
            for (verb, about, help) in &told.verbs {
                line!(out, "| [`ottl {verb}`](command/{verb}.md) | {} |", cell(about));
                let source = format!("docs/command/{verb}.md");
                let text = format!("# ottl {verb}\n\n```text\n{}\n```\n", help.trim_end());
                below.push(Page { title: format!("ottl {verb}"), place: place(&source), source, code: None, text });
            }
            out
        }
        _ => {
            let text = std::fs::read_to_string(root.join(source)).map_err(|error| format!("{source}: {error}"))?;
            // That a file is generated is nothing to readers of a book.
            let paragraphs = text.split("\n\n").filter(|text| !text.starts_with("Generated by `cargo xtask codegen`"));
            included(root, source, &paragraphs.collect::<Vec<_>>().join("\n\n"))?
        }
    };
    Ok(std::iter::once(page(text)).chain(below).collect())
}

/// Which part of a text is a page of its own: links to it name that as an anchor.
fn part_of(page: &Page) -> Option<String> {
    let is_part = page.source == FUNCTIONS || page.source == PATHS;
    (is_part && page.place != place(&page.source)).then(|| format!("{}#{}", page.source, page.title.to_lowercase()))
}

fn place_of(function: &FunctionDef) -> String {
    format!("reference/functions/{}.md", function.name)
}

/// The examples of a function, each with what comes of it.
fn examples(maker: &Maker<'_>, told: &Told, function: &FunctionDef, place: &str) -> Result<String, Error> {
    let mut out = "\n## Examples\n".to_owned();
    for (number, one) in function.examples.iter().enumerate() {
        let shared = example(function, one)?;
        let code = maker.code(place, "ottl", one.code, Some(&shared))?;
        let (code, link) = code.split_once("\n\n").unwrap_or((&code, ""));
        let result = match (function.kind, told.changes.get(&(function.name.to_owned(), number))) {
            (FunctionKind::Editor, Some(lines)) => format!("```diff\n{}\n```", lines.trim_end()),
            (FunctionKind::Editor, None) => format!("```json\n{}\n```", one.result),
            (FunctionKind::Converter, _) => format!("gives\n\n```json\n{}\n```", one.result),
        };
        line!(out, "\n{code}\n\n{result}\n\n{link}");
    }
    Ok(out)
}

/// A text with the files, or parts of files, that it asks for by `{{#include FILE}}` and `{{#include FILE:PART}}`. A part begins behind a line
/// with `ANCHOR: PART` and ends at one with `ANCHOR_END: PART`.
fn included(root: &Path, source: &str, text: &str) -> Result<String, Error> {
    let mut parts = text.split("{{#include ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (what, rest) = part.split_once("}}").ok_or_else(|| format!("{source}: an include that does not end"))?;
        let (link, anchor) = what.split_once(':').map_or((what, None), |(link, anchor)| (link, Some(anchor)));
        let (file, _) = links::target(source, link.trim()).ok_or_else(|| format!("{source}: {link}"))?;
        let whole = std::fs::read_to_string(root.join(&file)).map_err(|error| format!("{source}: {file}: {error}"))?;
        match anchor {
            None => out.push_str(whole.trim_end()),
            Some(name) => {
                let is = |line: &str, mark: &str| line.trim_end().ends_with(&format!("{mark}: {name}"));
                let inside = whole.lines().skip_while(|line| !is(line, "ANCHOR")).skip(1);
                let mut lines: Vec<&str> = inside.take_while(|line| !is(line, "ANCHOR_END")).collect();
                // A part begins at the margin; what lies further out, as in raw strings, stays.
                let Some(indent) = lines.first().map(|line| &line[..line.len() - line.trim_start().len()]) else {
                    return Err(format!("{source}: {file} has no part {name}").into());
                };
                lines.iter_mut().for_each(|line| *line = line.strip_prefix(indent).unwrap_or(line));
                out.push_str(&lines.join("\n"));
            }
        }
        out.push_str(rest);
    }
    Ok(out)
}

const FUNCTIONS_HEAD: &str = "\
# Functions

Editors change telemetry; a statement begins with one. Converters return values. In signatures, an optional parameter is in brackets. A *literal*
must be written in place; everything else can be any expression. A *string-like* value is a string or has a string form, and so on; plain types are
not converted. Every example is a test. `ottl functions NAME` prints the same text, and `ottl functions WORDS` searches functions by what they do.
";

const PATHS_HEAD: &str = "\
# Paths

A path names a field of the telemetry. It begins with the context that has the field: `log.body`, `resource.attributes[\"service.name\"]`. Statements of
a context can also use the paths of the levels above it. The type is that of a read without keys; *any* depends on the data. *Nil* marks
fields that can be absent. [Semantics](semantics.md#writing) says what can be written and what happens then.

| context | signals | paths |
|---|---|---|
";

const DIAGNOSTICS_HEAD: &str = "\
# Diagnostics

These are the diagnostics of `ottl check`, editors and the playground, by code: `E` is an error, `W` a warning, `H` a hint. `ottl explain CODE` prints
the same pages. A comment in the rules allows a warning: `# ottl: allow(W0304)`.

| code | name | what |
|---|---|---|
";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Book, entry};
    use crate::docs::told::Told;
    use crate::repository;

    fn book() -> Book {
        let told = Told { verbs: vec![("run".to_owned(), "Run".to_owned(), "help".to_owned())], ..Told::default() };
        Book::gather(&repository::root(), &told, None, "../playground/").expect("the pages can be made")
    }

    #[test]
    fn links_lead_somewhere_and_everything_has_a_page() {
        let book = book();
        assert_eq!(book.dead_links(), Vec::<String>::new());
        let places: BTreeSet<String> = book.pages.iter().map(|page| page.place.to_lowercase()).collect();
        assert_eq!(
            places.len(),
            book.pages.len(),
            "names that differ in the case of letters only are one file on some systems"
        );
        for function in ottl::registry().iter() {
            assert!(
                places.contains(&format!("reference/functions/{}.md", function.name.to_lowercase())),
                "{}",
                function.name
            );
        }
        for folder in ["docs", "spec"] {
            for file in repository::files(&repository::root().join(folder), "md").expect("a folder") {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                let name = name.to_lowercase();
                let is_there = places.iter().any(|place| place.ends_with(&name));
                assert!(
                    is_there || ["summary.md", "readme.md"].contains(&&*name),
                    "{} is in no table of contents",
                    file.display()
                );
            }
        }
        let tries: usize = book.pages.iter().map(|page| page.text.matches("class=\"try\"").count()).sum();
        assert!(tries > 400, "{tries} links to the playground");
    }

    #[test]
    fn entries_name_texts_of_the_repository() {
        let wanted = |title: &str, source: &str| Some((title.to_owned(), source.to_owned()));
        assert_eq!(entry("  - [The `a`](../spec/a.md)"), wanted("The a", "spec/a.md"));
        assert_eq!(entry("[b](guides/b.md)"), wanted("b", "docs/guides/b.md"));
        assert_eq!(entry("# Part"), None);
    }
}
