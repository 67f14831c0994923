//! What may be written at a place.
//!
//! - `names`: functions, paths, enum symbols and words; `keys`: keys of maps; `yaml`: keys of the configuration around rules.
//!
//! INVARIANT: what is proposed is what the checker takes there, as far as half a text tells.
//! Deliberately elsewhere: what the place is (`cursor`, `site`).

mod keys;
mod names;
mod yaml;

use ottl_diagnostics::Span;
use serde::Serialize;

use super::Document;
use super::site::{Quoting, Site};
use super::topic::Topic;

/// What a proposal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompletionKind {
    /// An editor.
    Editor,
    /// A converter.
    Converter,
    /// A path.
    Path,
    /// A context, or a parameter of a lambda.
    Variable,
    /// An enum symbol.
    Enum,
    /// A key of a map.
    Key,
    /// The name of an argument.
    Argument,
    /// A word or an operator of the language.
    Keyword,
    /// A key or value of the configuration around rules.
    Configuration,
    /// Several words at once.
    Snippet,
}

/// Something that may be written at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// What it is called in a list.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// Its signature, type or value, in a few words.
    pub detail: String,
    /// What it takes the place of, in the document.
    pub range: Span,
    /// What is written there, with the escapes that the quotes around it ask for.
    pub insert: String,
    /// The same with places to fill in (`${1:name}`, `$0`), where there are some.
    pub snippet: Option<String>,
    /// What [`Document::describe`] knows more of.
    pub topic: Option<Topic>,
}

/// Proposals in the making.
struct Proposals {
    word: String,
    range: Span,
    quoting: Quoting,
    found: Vec<((u8, u8), Completion)>,
}

impl Proposals {
    /// For what takes the place of a word of a rule.
    fn of_rule(document: &Document, site: &Site) -> Proposals {
        let word = site.text.get(site.cursor.start..site.at).unwrap_or_default();
        Proposals {
            word: word.to_owned(),
            range: site.range(&document.text, site.cursor.start, site.cursor.end),
            quoting: site.quoting,
            found: Vec::new(),
        }
    }

    /// Adds one that is written as it is called.
    fn add(&mut self, rank: u8, kind: CompletionKind, label: &str, detail: impl Into<String>, topic: Option<Topic>) {
        self.write(rank, kind, label, detail, topic, label, None);
    }

    /// Adds one, if it fits what is written so far; the lower the rank, the earlier it stands.
    #[expect(clippy::too_many_arguments, reason = "the fields of a proposal")]
    fn write(
        &mut self,
        rank: u8,
        kind: CompletionKind,
        label: &str,
        detail: impl Into<String>,
        topic: Option<Topic>,
        insert: &str,
        snippet: Option<String>,
    ) {
        let Some(fit) = fit(&self.word, label) else { return };
        let Some(insert) = self.quoting.write(insert) else { return };
        let snippet = snippet.and_then(|snippet| match self.quoting {
            Quoting::Double => Some(in_double_quotes(&snippet)),
            quoting => quoting.write(&snippet),
        });
        let completion = Completion {
            label: label.to_owned(),
            kind,
            detail: detail.into(),
            range: self.range,
            insert,
            snippet,
            topic,
        };
        self.found.push(((fit, rank), completion));
    }

    /// The best first.
    fn finish(mut self) -> Vec<Completion> {
        self.found.sort_by(|(rank, one), (other_rank, other)| (rank, &one.label).cmp(&(other_rank, &other.label)));
        let mut out: Vec<Completion> = self.found.into_iter().map(|(_, completion)| completion).collect();
        out.dedup_by(|one, other| one.label == other.label && one.kind == other.kind);
        out
    }
}

/// How well a label fits a word: it begins with it, holds it, or has its letters in their order.
fn fit(word: &str, label: &str) -> Option<u8> {
    if word.is_empty() || label.starts_with(word) {
        return Some(0);
    }
    let (word, label) = (word.to_ascii_lowercase(), label.to_ascii_lowercase());
    if label.starts_with(&word) {
        return Some(1);
    }
    if label.contains(&word) {
        return Some(2);
    }
    let mut letters = label.chars();
    word.chars().all(|c| letters.any(|letter| letter == c)).then_some(3)
}

/// A text as snippets have it, where `$`, `}` and `\` mean something.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$").replace('}', "\\}")
}

/// A snippet as double quotes want it. What a backslash of the snippet makes a plain character stays that.
fn in_double_quotes(snippet: &str) -> String {
    let mut out = String::with_capacity(snippet.len() + 8);
    let mut characters = snippet.chars();
    while let Some(c) = characters.next() {
        match c {
            '"' => out.push_str("\\\\\""),
            '\\' => match characters.next() {
                Some('\\') => out.push_str("\\\\\\\\"),
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            other => out.push(other),
        }
    }
    out
}

impl Document {
    /// Whether proposals are wanted at a place: the text holds rules, or they begin there. In a file that is none of ours the keys of
    /// processors would be in the way.
    pub fn wants_proposals(&self, at: u32) -> bool {
        self.holds_rules() || yaml::is_begun(&self.text, at)
    }

    /// What may be written at a place, the best first. Words that do not fit what is written there so far are left out.
    pub fn complete(&self, at: u32) -> Vec<Completion> {
        match self.site(at) {
            Some(site) => {
                let mut proposals = Proposals::of_rule(self, &site);
                names::add(self, &site, &mut proposals);
                if site.text.trim().is_empty() || site.cursor.want == super::cursor::Want::Editor {
                    // Keys are YAML itself, not a text in it.
                    if proposals.quoting == Quoting::Plain {
                        proposals.quoting = Quoting::None;
                    }
                    yaml::add_item(self, at, &mut proposals);
                }
                proposals.finish()
            }
            None => yaml::complete(self, at),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{fit, in_double_quotes};

    #[test]
    fn snippets_in_double_quotes_write_what_stands_in_them() {
        // As the document has it: `\"`, and `\\`; the dollar sign stays a plain one.
        for (snippet, want) in
            [(r#"a("${1:b}")"#, r#"a(\\"${1:b}\\")"#), (r"\\", r"\\\\"), (r"\$1 \}", r"\$1 \}"), ("\\", "\\")]
        {
            assert_eq!(in_double_quotes(snippet), want);
        }
    }

    #[test]
    fn labels_fit_by_their_letters() {
        for (word, label, want) in [
            ("", "set", Some(0)),
            ("Con", "Concat", Some(0)),
            ("con", "Concat", Some(1)),
            ("attr", "log.attributes", Some(2)),
            ("rpp", "replace_pattern", Some(3)),
            ("xyz", "set", None),
        ] {
            assert_eq!(fit(word, label), want, "{word} {label}");
        }
    }
}
