//! A page of the book, and how the text of a file becomes one.
//!
//! Links name files of the repository in the text that a page is made of, and pages of the book in the page. Blocks of code get their
//! colours, and a link to the playground where it can show what they say.
//! Deliberately elsewhere: which pages there are (`book`).

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::colour::{colours, escaped};
use super::links;
use super::share::Shared;
use super::tries::Tries;

type Error = Box<dyn std::error::Error>;

/// A text that becomes a page.
pub struct Page {
    /// What the table of contents calls it.
    pub title: String,
    /// Where it is in the book.
    pub place: String,
    /// The file of the repository whose links it has.
    pub source: String,
    /// The code that it is about, if it is about one.
    pub code: Option<String>,
    /// Markdown, with links as `source` has them.
    pub text: String,
}

/// What pages are made with.
pub struct Maker<'b> {
    /// The place in the book of files of the repository, pages and others.
    pub places: &'b BTreeMap<String, String>,
    /// What files of the repository that are not in the book are found behind; without it, links to them are texts.
    pub repository: Option<&'b str>,
    /// The folder of the playground as the book's first page names it.
    pub playground: &'b str,
    /// What blocks open.
    pub tries: &'b Tries,
}

/// The form of Markdown that mdBook reads.
pub fn parser(text: &str) -> Parser<'_> {
    let tables = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    Parser::new_ext(text, tables | Options::ENABLE_HEADING_ATTRIBUTES | Options::ENABLE_TASKLISTS)
}

impl Maker<'_> {
    /// The page as mdBook takes it.
    pub fn make(&self, page: &Page) -> Result<String, Error> {
        let mut changes: Vec<(Range<usize>, String)> = Vec::new();
        let mut code: Option<(String, String)> = None;
        for (event, range) in parser(&page.text).into_offset_iter() {
            match event {
                Event::Start(Tag::Link { dest_url, .. }) if !links::is_foreign(&dest_url) => {
                    let text = &page.text[range.clone()];
                    let Some(at) = text.rfind(&format!("]({dest_url}")) else {
                        return Err(format!("{}: this link has no form that is known: {text}", page.source).into());
                    };
                    let whole = range.start + at + 2..range.start + at + 2 + dest_url.len();
                    match self.link(page, &dest_url)? {
                        Some(link) => changes.push((whole, link)),
                        // What nobody can follow is its text.
                        None => {
                            changes.push((range.start..range.start + 1, String::new()));
                            changes.push((range.start + at..range.end, String::new()));
                        }
                    }
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(marks))) => {
                    code = Some((marks.to_string(), String::new()))
                }
                Event::Text(text) if code.is_some() => code.iter_mut().for_each(|(_, code)| code.push_str(&text)),
                Event::End(TagEnd::CodeBlock) => {
                    if let Some((marks, text)) = code.take() {
                        changes.extend(self.block(page, &marks, &text)?.map(|block| (range, block)));
                    }
                }
                _ => {}
            }
        }
        changes.sort_by_key(|(range, _)| range.start);
        let (mut out, mut done) = (String::new(), 0);
        for (range, text) in changes {
            out.push_str(&page.text[done..range.start]);
            out.push_str(&text);
            done = range.end;
        }
        out.push_str(&page.text[done..]);
        Ok(out)
    }

    /// How a page names what another file of the repository became.
    fn link(&self, page: &Page, link: &str) -> Result<Option<String>, Error> {
        let Some((file, anchor)) = links::target(&page.source, link) else {
            return Err(format!("{}: {link} leads out of the repository", page.source).into());
        };
        let hash = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
        // Parts of some files are pages of their own.
        let part = anchor.and_then(|_| self.places.get(&format!("{file}{hash}")));
        Ok(match (part, self.places.get(&file)) {
            (Some(part), _) => Some(links::relative(&page.place, part)),
            (None, Some(place)) if *place == page.place && anchor.is_some() => Some(hash),
            (None, Some(place)) => Some(links::relative(&page.place, place) + &hash),
            (None, None) => self.repository.map(|repository| format!("{repository}{file}{hash}")),
        })
    }

    /// A block of code, if it is not as mdBook shall have it.
    fn block(&self, page: &Page, marks: &str, text: &str) -> Result<Option<String>, Error> {
        let language = marks.split([' ', ',']).next().unwrap_or_default();
        if !matches!(language, "ottl" | "yaml") {
            return Ok(None);
        }
        let opened = self.tries.block(marks, text, page.code.as_deref());
        Ok(Some(self.code(&page.place, language, text, opened.as_ref())?))
    }

    /// A block with colours, and below it a link to the playground.
    pub fn code(&self, place: &str, language: &str, text: &str, opened: Option<&Shared>) -> Result<String, Error> {
        let link = match opened {
            Some(shared) => {
                let page = links::relative(place, self.playground);
                format!("<p class=\"try\"><a href=\"{}{}\">Try it</a></p>\n", escaped(&page), shared.fragment()?)
            }
            None => String::new(),
        };
        let code = colours(language, text.trim_end_matches('\n'));
        // A language that is named would be coloured again by mdBook's own script.
        Ok(format!("<pre><code class=\"nohighlight\">{code}\n</code></pre>\n\n{link}"))
    }
}

/// What others may link to in a page: its headings as mdBook names them, and what HTML names.
pub fn anchors(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut heading: Option<(Option<String>, String)> = None;
    for event in parser(text) {
        match event {
            Event::Start(Tag::Heading { id, .. }) => heading = Some((id.map(|id| id.to_string()), String::new())),
            Event::Text(text) | Event::Code(text) => heading.iter_mut().for_each(|(_, title)| title.push_str(&text)),
            Event::End(TagEnd::Heading(_)) => {
                let Some((id, title)) = heading.take() else { continue };
                let name = id.unwrap_or_else(|| name_of(&title));
                let same = found.iter().filter(|other| **other == name).count();
                found.push(if same == 0 { name } else { format!("{name}-{same}") });
            }
            Event::InlineHtml(html) | Event::Html(html) => {
                found.extend(html.split("id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
            }
            _ => {}
        }
    }
    found
}

/// How a heading is named in addresses.
fn name_of(title: &str) -> String {
    let letters = title.trim().chars().filter_map(|c| match c {
        c if c.is_alphanumeric() || c == '_' || c == '-' => Some(c.to_lowercase().next().unwrap_or(c)),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    });
    letters.collect()
}

/// The links of a page that lead to nothing in the book.
pub fn dead_links(place: &str, text: &str, playground: &str, anchors: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut dead = Vec::new();
    for event in parser(text) {
        let Event::Start(Tag::Link { dest_url: link, .. } | Tag::Image { dest_url: link, .. }) = event else {
            continue;
        };
        if links::is_foreign(&link) || link.starts_with(&links::relative(place, playground)) {
            continue;
        }
        let is_there = links::target(place, &link).is_some_and(|(file, anchor)| {
            anchors.get(&file).is_some_and(|names| anchor.is_none_or(|anchor| names.iter().any(|name| name == anchor)))
        });
        if !is_there {
            dead.push(format!("{place}: {link}"));
        }
    }
    dead
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{anchors, dead_links};

    #[test]
    fn headings_are_named_as_in_addresses() {
        let text = "# A `b` c?\n\n## A b c\n\n## Own {#own}\n\n| a |\n|---|\n| <a id=\"cell\"></a>x |\n";
        assert_eq!(anchors(text), ["a-b-c", "a-b-c-1", "own", "cell"]);
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let there = BTreeMap::from([("a/b.md".to_owned(), vec!["x".to_owned()]), ("a/c.md".to_owned(), Vec::new())]);
        let text =
            "[1](c.md) [2](b.md#x) [3](#x) [4](b.md#y) [5](../d.md) [6](https://e.com) [7](../../playground/#1.a)";
        assert_eq!(dead_links("a/b.md", text, "../playground/", &there), ["a/b.md: b.md#y", "a/b.md: ../d.md"]);
    }
}
