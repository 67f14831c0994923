//! The loop for `logs-100`: one search of the body for what all codes begin with, one look at one attribute.

use std::sync::LazyLock;

use memchr::memmem::Finder;
use ottl::Status;
use ottl_otlp::wire::{begin_len, end_len, put_len_field, put_varint_field};

use super::walk::{Fate, PerResource, Rules, any, field, resource_attribute, rewrite, text, value_of};

static CODE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("ERR-"));

/// The number of digits, if all of them are.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |n, c| c.is_ascii_digit().then(|| n * 10 + u32::from(c - b'0')))
}

/// The codes in the body that rules ask for: the smallest, which is written first, and the largest, which stays.
#[inline(always)]
fn codes(body: &[u8]) -> Option<(u32, u32)> {
    let codes = CODE.find_iter(body).filter_map(|at| number(body.get(at + 4..at + 8)?));
    let asked = codes.filter(|code| *code < 100 && code.is_multiple_of(2));
    asked.fold(None, |found, code| Some(found.map_or((code, code), |(a, b): (u32, u32)| (a.min(code), b.max(code)))))
}

/// The number of the job if this is the path of one that rules ask for.
#[inline(always)]
fn job(target: &[u8]) -> Option<u32> {
    let digits: &[u8; 3] = target.strip_prefix(b"/jobs/")?.try_into().ok()?;
    number(digits).filter(|job| *job < 100 && !job.is_multiple_of(2))
}

struct Found {
    production: PerResource<bool>,
    codes: Option<(u32, u32)>,
    job: Option<u32>,
}

impl Found {
    #[inline(always)]
    fn look(&mut self, resource: &[u8], record: &[u8]) -> bool {
        (self.codes, self.job) = (None, None);
        let mut at = 0;
        while let Some(part) = field(record, at) {
            at = part.end;
            let content = &record[part.content..part.end];
            if part.tag == 0x2a {
                self.codes = text_of_any(content).and_then(codes);
            } else if part.tag == 0x32
                && let Some(value) = value_of(content, b"http.target")
            {
                self.job = text(value).and_then(job).filter(|_| {
                    self.production.of(resource, |resource| {
                        resource_attribute(resource, b"deployment.environment").and_then(text) == Some(b"production")
                    })
                });
                // Bodies stand before attributes.
                break;
            }
        }
        self.codes.is_some() || self.job.is_some()
    }
}

/// The text of an encoded value, also of a long one.
fn text_of_any(value: &[u8]) -> Option<&[u8]> {
    let whole = field(value, 0)?;
    (whole.tag == 0x0a && whole.end == value.len()).then(|| &value[whole.content..])
}

impl Rules for Found {
    fn decide(&mut self, resource: &[u8], record: &[u8]) -> Option<Fate> {
        Some(if self.look(resource, record) { Fate::Changed } else { Fate::Kept })
    }

    fn write(&mut self, record: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let mark = begin_len(out, 2, record.len());
        let code = self.codes.map(|(_, code)| {
            let mut value = Vec::new();
            put_len_field(&mut value, 1, format!("ERR-{code:04}").as_bytes());
            pair(b"error.code", &value)
        });
        let job = self.job.map(|job| {
            let mut value = Vec::new();
            put_varint_field(&mut value, 3, u64::from(job));
            pair(b"job", &value)
        });
        // Neither key is in the data: both come behind the last attribute, the one of the earlier statement first.
        let mut added = [code, job];
        if let (Some((first, _)), Some(job)) = (self.codes, self.job)
            && job < first
        {
            added.reverse();
        }
        let (mut at, mut end) = (0, 0);
        while let Some(part) = field(record, at) {
            at = part.end;
            if part.tag == 0x32 {
                end = part.end;
            }
        }
        out.extend_from_slice(&record[..end]);
        added.into_iter().flatten().for_each(|pair| put_len_field(out, 6, &pair));
        out.extend_from_slice(&record[end..]);
        end_len(out, mark);
        Some(())
    }
}

/// The field content of an attribute.
fn pair(key: &[u8], value: &[u8]) -> Vec<u8> {
    let mut pair = Vec::new();
    put_len_field(&mut pair, 1, key);
    put_len_field(&mut pair, 2, value);
    pair
}

/// `logs-100`.
pub fn logs_100(input: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    let mut rules = Found { production: PerResource::new(false), codes: None, job: None };
    if !any(input, |resource, record| rules.look(resource, record))? {
        return Some(Status::Unchanged);
    }
    rewrite(input, out, &mut rules)
}

#[cfg(test)]
mod tests {
    use super::logs_100;
    use crate::data::{Special, special_logs};
    use crate::rows::find;
    use ottl::{Output, RuleSet, Status};

    #[test]
    fn records_that_match_are_written_as_the_engine_writes_them() {
        let message = special_logs(1200, |i| Special {
            body: Some(format!("ERR-{:04}: after ERR-{:04}0 and ERR-01", i % 150, (i * 7 + 3) % 120)),
            attributes: vec![("http.target".to_owned(), format!("/jobs/{:03}", i % 111))],
            ..Special::default()
        });
        let row = find("logs-100").expect("a row");
        let rules = RuleSet::compile(&row.rules).expect("the rules compile");
        let Output::Changed(ours) = rules.transform(row.signal, &message).expect("the message is sound").output else {
            panic!("some records match")
        };
        let mut out = Vec::new();
        assert_eq!(logs_100(&message, &mut out), Some(Status::Changed));
        assert!(out == ours);
    }
}
