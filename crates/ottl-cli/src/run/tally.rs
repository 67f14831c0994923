//! Failures that a run goes on after: the first of each kind are said, the others counted, and the last is said at the
//! end.
//!
//! INVARIANT: what is written and kept is bounded, however many messages fail.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::args::ReportForm;
use crate::terminal;

/// Failures of a kind that are said one by one.
const MOST: u64 = 20;
/// Kinds that are told apart; further ones are one kind.
const KINDS: usize = 20;
/// Bytes of a failure's text that tell its kind.
const KEY: usize = 200;

/// One failure.
#[derive(Debug)]
pub struct Failed {
    /// What is wrong, which tells the kind.
    pub what: String,
    /// The same with its place, for people.
    pub text: String,
    /// The same for machines: an object.
    pub record: Value,
}

impl Failed {
    /// The failure of a whole input.
    pub fn whole(text: String) -> Failed {
        let record = json!({ "severity": "error", "message": text });
        Failed { what: text.clone(), text, record }
    }
}

#[derive(Debug, Default)]
struct Kind {
    count: u64,
    /// The last one that was not said.
    last: Option<Failed>,
}

/// Failures by kind.
#[derive(Debug)]
pub struct Tally {
    form: ReportForm,
    kinds: HashMap<String, Kind>,
    total: u64,
}

impl Tally {
    /// None yet.
    pub fn new(form: ReportForm) -> Tally {
        Tally { form, kinds: HashMap::new(), total: 0 }
    }

    /// How many there were.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Counts a failure and says it, if there were few of its kind.
    pub fn add(&mut self, failed: Failed) {
        self.total += 1;
        let mut key = key(&failed.what);
        if self.kinds.len() >= KINDS && !self.kinds.contains_key(&key) {
            key.clear();
        }
        let kind = self.kinds.entry(key).or_default();
        kind.count += 1;
        if kind.count > MOST {
            kind.last = Some(failed);
            return;
        }
        match self.form {
            ReportForm::Text => terminal::error(&failed.text),
            ReportForm::Json => terminal::plain(format!("{}\n", failed.record)),
        }
    }

    /// Says of each kind how many were not said, and the last of them.
    pub fn finish(&mut self) {
        let mut rest: Vec<(u64, Failed)> =
            self.kinds.drain().filter_map(|(_, kind)| Some((kind.count, kind.last?))).collect();
        rest.sort_by(|(_, one), (_, other)| one.what.cmp(&other.what));
        for (count, Failed { text, mut record, .. }) in rest {
            match self.form {
                ReportForm::Text => {
                    terminal::error(format!("{} more like these, the last: {text}", count - MOST));
                }
                ReportForm::Json => {
                    if let Value::Object(members) = &mut record {
                        members.insert("count".to_owned(), count.into());
                    }
                    terminal::plain(format!("{record}\n"));
                }
            }
        }
    }
}

/// What failures of one kind have in common: their text without its numbers.
fn key(text: &str) -> String {
    let mut key = String::new();
    for character in text.chars() {
        let is_digit = character.is_ascii_digit();
        if key.len() >= KEY {
            break;
        }
        if !is_digit {
            key.push(character);
        } else if !key.ends_with('0') {
            key.push('0');
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_do_not_depend_on_numbers() {
        assert_eq!(key("too long (byte 17 of 4)"), key("too long (byte 170001 of 30)"));
        assert_ne!(key("too long (byte 17)"), key("too short (byte 17)"));
        assert!(key(&"x\u{20ac}".repeat(1000)).len() <= KEY + 2);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut tally = Tally::new(ReportForm::Json);
        tally.kinds.extend((0..KINDS).map(|kind| (format!("kind {}", "x".repeat(kind)), Kind::default())));
        for kind in 0..1000 {
            tally.add(Failed::whole("y".repeat(kind)));
        }
        assert_eq!((tally.total(), tally.kinds.len()), (1000, KINDS + 1));
    }
}
