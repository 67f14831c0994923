//! How many records differ in which fields.

use std::collections::{BTreeMap, HashSet};

use ottl::otlp::Difference;

/// Fields that are told apart; further ones are counted together.
const MOST: usize = 1000;

/// Records by the fields that they differ in.
#[derive(Debug, Default)]
pub struct Fields {
    counts: BTreeMap<String, u64>,
    /// Records that differ in fields beyond those.
    others: u64,
}

impl Fields {
    /// Counts what differs in so many records.
    pub fn add(&mut self, paths: &[String], records: u64) {
        for path in paths {
            if let Some(count) = self.counts.get_mut(path) {
                *count += records;
            } else if self.counts.len() < MOST {
                self.counts.insert(path.clone(), records);
            } else {
                self.others += records;
            }
        }
    }

    /// The fields with how many records differ in them, most first.
    pub fn rows(&self) -> Vec<(&str, u64)> {
        let mut rows: Vec<_> = self.counts.iter().map(|(path, count)| (path.as_str(), *count)).collect();
        rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        rows
    }

    /// Records that differ in further fields.
    pub fn others(&self) -> u64 {
        self.others
    }
}

/// The paths of differences, each once, with `*` for indexes.
pub fn paths(differences: &[Difference]) -> Vec<String> {
    let mut seen = HashSet::new();
    differences.iter().map(|difference| general(&difference.path)).filter(|path| seen.insert(path.clone())).collect()
}

/// A path with `*` for indexes: `log.body[2]` is `log.body[*]`.
fn general(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(at) = rest.find('[') {
        out.push_str(&rest[..=at]);
        rest = &rest[at + 1..];
        if rest.starts_with('"') {
            // A key, in which anything may stand.
            let end = end_of_text(rest);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if let Some(end) = rest.find(']') {
            out.push('*');
            rest = &rest[end..];
        }
    }
    out.push_str(rest);
    out
}

/// Where the text in quotes ends that stands at the beginning.
fn end_of_text(text: &str) -> usize {
    let mut is_escaped = true;
    for (at, character) in text.char_indices() {
        match character {
            '"' if !is_escaped => return at + 1,
            '\\' if !is_escaped => is_escaped = true,
            _ => is_escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_left_out_and_keys_are_not() {
        for (path, want) in [
            ("log.body", "log.body"),
            (r#"log.body["a"][12].b[0]"#, r#"log.body["a"][*].b[*]"#),
            (r#"log.attributes["a[0]\"[1]"][2]"#, r#"log.attributes["a[0]\"[1]"][*]"#),
            (r#"log.attributes[""]"#, r#"log.attributes[""]"#),
        ] {
            assert_eq!(general(path), want);
        }
    }
}
