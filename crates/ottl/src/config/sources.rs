//! The texts of a configuration, one behind the other, so that a place in any of them is one number.
//!
//! The first ones were given, and are one configuration together; `${file:PATH}` in them adds others. Nearly always there is one.
//! INVARIANT: each text begins on a line of its own, behind a line break that belongs to none.

use std::ops::Range;
use std::sync::Arc;

use ottl_diagnostics::{Fix, Span};

/// A file's name, and where its text begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub name: Arc<str>,
    pub start: u32,
    /// The path of the reference that read it; none for what was given.
    path: Option<Arc<str>>,
}

/// The texts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sources {
    text: String,
    parts: Vec<Part>,
}

impl Sources {
    /// A configuration of one file.
    pub fn of(name: &Arc<str>, text: &str) -> Sources {
        let mut sources = Sources::default();
        sources.add(name.clone(), text);
        sources
    }

    /// Adds a file that was given.
    pub fn add(&mut self, name: Arc<str>, text: &str) {
        self.push(name, text, None);
    }

    /// The number of the text that a reference reads, if one has read it before.
    pub fn read_by(&self, path: &str) -> Option<usize> {
        self.parts.iter().position(|part| part.path.as_deref() == Some(path))
    }

    /// Adds what a reference reads; gives its number.
    pub fn include(&mut self, path: &str, name: &str, text: &str) -> usize {
        self.push(Arc::from(name), text, Some(Arc::from(path)));
        self.parts.len() - 1
    }

    fn push(&mut self, name: Arc<str>, text: &str, path: Option<Arc<str>>) {
        if !self.parts.is_empty() {
            self.text.push('\n');
        }
        self.parts.push(Part { name, start: self.text.len() as u32, path });
        self.text.push_str(text);
    }

    /// All texts.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The files in their order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The numbers of those that were given.
    pub fn given(&self) -> Range<usize> {
        0..self.parts.iter().take_while(|part| part.path.is_none()).count()
    }

    /// The number of the file that a byte belongs to.
    pub fn part_at(&self, at: u32) -> usize {
        self.parts.partition_point(|part| part.start <= at).saturating_sub(1)
    }

    /// The bytes of a file.
    pub fn range(&self, part: usize) -> Range<usize> {
        let start = self.parts.get(part).map_or(self.text.len(), |part| part.start as usize);
        start..self.parts.get(part + 1).map_or(self.text.len(), |next| next.start as usize - 1)
    }

    /// The text of a file.
    pub fn part(&self, part: usize) -> &str {
        self.text.get(self.range(part)).unwrap_or("")
    }

    /// The texts with edits, each of which is one of a file; none if they overlap.
    pub fn edited<'f>(&self, fixes: impl Iterator<Item = &'f Fix>) -> Option<Sources> {
        let fixes: Vec<&Fix> = fixes.collect();
        let mut out = Sources::default();
        for (number, part) in self.parts.iter().enumerate() {
            let of_part = fixes.iter().filter(|fix| self.part_at(fix.span.start) == number);
            let moved: Vec<Fix> =
                of_part.map(|fix| Fix { span: back(fix.span, part.start), ..(*fix).clone() }).collect();
            out.push(part.name.clone(), &crate::fixes::applied(self.part(number), &moved)?, part.path.clone());
        }
        Some(out)
    }
}

/// A range of a text that begins at `start` as one of that text alone.
pub(crate) fn back(span: Span, start: u32) -> Span {
    Span::new(span.start.saturating_sub(start), span.end.saturating_sub(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_belong_to_files_and_edits_do() {
        let mut sources = Sources::of(&Arc::from("a"), "one\ntwo");
        sources.add(Arc::from("b"), "");
        assert_eq!((sources.include("p", "c", "three"), sources.given()), (2, 0..2));
        assert_eq!(sources.text(), "one\ntwo\n\nthree");
        let parts: Vec<usize> = (0..16).map(|at| sources.part_at(at)).collect();
        assert_eq!(parts, [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 2, 2]);
        assert_eq!([0, 1, 2].map(|part| sources.part(part)), ["one\ntwo", "", "three"]);
        assert_eq!((sources.read_by("p"), sources.read_by("c")), (Some(2), None));
        let edit = |start, end, text: &str| Fix { span: Span::new(start, end), replacement: text.to_owned() };
        let edited = sources.edited([edit(9, 10, "T"), edit(7, 7, "!")].iter()).expect("apart");
        assert_eq!([0, 1, 2].map(|part| edited.part(part).to_owned()), ["one\ntwo!", "", "Three"]);
        assert_eq!(edited.read_by("p"), Some(2));
    }
}
