//! Members of JSON that OTLP does not have: told once for each input, at the end.
//!
//! INVARIANT: at most [`MOST`] of them are remembered, however many inputs there are; the others are only counted.

use std::sync::{Arc, Mutex, PoisonError};

use ottl::otlp::Signal;
use ottl::otlp::json::Notes;
use ottl::otlp::schema::MessageId;

use super::message::Incoming;
use crate::terminal::Voice;

/// How many members are told apart in all.
const MOST: usize = 200;

/// Members that OTLP does not have, of messages of one input.
#[derive(Debug, Default)]
pub struct Members {
    met: Vec<Met>,
    more: u64,
}

/// One of them.
#[derive(Debug)]
struct Met {
    parent: MessageId,
    name: Vec<u8>,
    today: Option<&'static str>,
    count: u64,
    /// Number of the first message with it.
    number: u64,
    /// Where it stands first.
    place: String,
}

impl Members {
    /// Adds those of a message.
    pub fn add(&mut self, notes: &Notes, signal: Signal, message: Incoming<'_>) {
        for member in notes.unknown() {
            let known = self.met.iter_mut().find(|met| met.parent == member.parent && met.name == member.name);
            if let Some(known) = known {
                known.count += member.count;
            } else if self.met.len() < MOST {
                let path = member.path(signal, message.bytes);
                let breaks = message.bytes[..member.offset].iter().filter(|byte| **byte == b'\n').count() as u64;
                let place = match message.position {
                    Some((line, _)) => format!("line {}: {path}", line + breaks),
                    None => format!("message {}: {path}", message.number),
                };
                self.met.push(Met {
                    parent: member.parent,
                    name: member.name.clone(),
                    today: member.name_of_today(),
                    count: member.count,
                    number: message.number,
                    place,
                });
            } else {
                self.more += member.count;
            }
        }
        self.more += notes.more_unknown();
    }
}

/// The same of all inputs, from all threads.
#[derive(Debug, Default)]
pub struct AllMembers(Mutex<All>);

#[derive(Debug, Default)]
struct All {
    met: Vec<(Arc<str>, Met)>,
    more: u64,
}

impl AllMembers {
    /// Adds what one thread has met in an input.
    pub fn merge(&self, file: &Arc<str>, members: Members) {
        if members.met.is_empty() && members.more == 0 {
            return;
        }
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.more += members.more;
        for met in members.met {
            let is_same = |(other, known): &&mut (Arc<str>, Met)| {
                other == file && known.parent == met.parent && known.name == met.name
            };
            if let Some((_, known)) = all.met.iter_mut().find(is_same) {
                let count = known.count + met.count;
                if met.number < known.number {
                    *known = met;
                }
                known.count = count;
            } else if all.met.len() < MOST {
                all.met.push((file.clone(), met));
            } else {
                all.more += met.count;
            }
        }
    }

    /// Says what was met, file by file, in the order in which it stands there.
    pub fn tell(&self, voice: &mut Voice) {
        let mut all = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        all.met.sort_by(|(file, met), (other_file, other)| (file, met.number).cmp(&(other_file, other.number)));
        for (file, met) in &all.met {
            let times = if met.count == 1 { String::new() } else { format!(", {} times", met.count) };
            let today = met.today.map(|name| format!("; it is now called `{name}`")).unwrap_or_default();
            voice.warn(format!("{file}: {}: not a member of OTLP, so rules do not see it{times}{today}", met.place));
        }
        if all.more > 0 {
            voice.warn(format!("{} further members that OTLP does not have", all.more));
        }
    }
}
