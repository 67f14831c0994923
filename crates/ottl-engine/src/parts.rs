//! Messages in parts: runs of whole resources, each a message by itself, so that several threads can share one message; and the
//! reports of the parts as that of the message.
//!
//! INVARIANT: a part is only made where nothing else stands beside the resources, so that the parts one after the other are the
//! message, and what becomes of them is what becomes of it.
//!
//! Deliberately elsewhere: whether rules allow it ([`crate::Engine::why_whole`]), and the threads.

use ottl_otlp::schema::topology::groups::RESOURCES;
use ottl_otlp::wire::Reader;
use ottl_plan::Plan;

use crate::{Limits, Report};

/// Cuts a message between its resources into at most so many parts of about the same size. None if that makes no two parts, if
/// fields of other kinds stand beside the resources, or if the message is damaged.
pub fn parts(message: &[u8], most: usize) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::with_capacity(most);
    let (mut start, mut number) = (0, 1);
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field().ok()? {
        if field.number != RESOURCES || field.bytes().is_err() {
            return None;
        }
        while number < most {
            // In wide numbers, because the product may be larger than memory.
            let wanted = (message.len() as u128 * number as u128 / most as u128) as usize;
            if field.end < wanted {
                break;
            }
            number += 1;
            let end = if field.end - wanted <= wanted.saturating_sub(field.start) { field.end } else { field.start };
            if end > start && end < message.len() {
                parts.push(&message[start..end]);
                start = end;
            }
        }
    }
    parts.push(&message[start..]);
    (parts.len() > 1).then_some(parts)
}

/// How many resources a message has.
pub fn resources(message: &[u8]) -> u32 {
    let (mut reader, mut count) = (Reader::new(message), 0);
    while let Ok(Some(field)) = reader.next_field() {
        count += u32::from(field.number == RESOURCES);
    }
    count
}

impl Report {
    /// Whether a part of a message went as it would have gone in the whole: no statement met a limit of memory, which is another
    /// one for the whole, and no error decides what becomes of all of it.
    pub fn is_of_part(&self) -> bool {
        self.all_failures().all(|failures| failures.fatal == 0 && !failures.first.error.must_surface())
    }

    /// Whether anything failed.
    pub fn has_failures(&self) -> bool {
        self.all_failures().next().is_some()
    }

    /// Adds what was counted for the parts of a message, in their order, each with the number of resources in front of it: the
    /// same as if the message had been run in one piece.
    pub fn join<'r>(&mut self, parts: impl IntoIterator<Item = (u32, &'r Report)>, plan: &Plan, limits: &Limits) {
        self.begin();
        for (before, part) in parts {
            self.add_counters(part);
            for failures in part.all_failures() {
                let mut failures = *failures;
                failures.first.place = failures.first.place.behind(before);
                self.add(failures);
            }
            for error in &part.errors {
                let mut error = *error;
                error.place = error.place.behind(before);
                self.list(error, limits, plan);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_whole_resources_of_about_the_same_size() {
        let resource = |len: usize| {
            let mut field = vec![0x0a, len as u8];
            field.resize(len + 2, 0);
            field
        };
        let cut = |lens: &[usize], most| {
            let message: Vec<u8> = lens.iter().flat_map(|len| resource(*len)).collect();
            let parts = parts(&message, most)?;
            assert_eq!(parts.concat(), message);
            Some(parts.into_iter().map(resources).collect::<Vec<_>>())
        };
        assert_eq!(cut(&[10; 8], 2), Some(vec![4, 4]));
        assert_eq!(cut(&[10; 8], 3), Some(vec![3, 2, 3]));
        assert_eq!(cut(&[100, 10, 10, 10], 2), Some(vec![1, 3]));
        assert_eq!(cut(&[10, 10, 10, 100], 2), Some(vec![3, 1]));
        assert_eq!(cut(&[10, 100, 10], 3), Some(vec![1, 1, 1]));
        assert_eq!(cut(&[10], 2), None);
        assert_eq!(cut(&[], 2), None);
        assert_eq!(cut(&[0; 3], 100), Some(vec![1, 1, 1]));
        // Something else beside the resources, and damage.
        for strange in [&[0x12, 0][..], &[0x08, 1], &[0x0a, 5]] {
            assert_eq!(parts(&[&resource(5)[..], &resource(5), strange].concat(), 2), None);
        }
    }
}
