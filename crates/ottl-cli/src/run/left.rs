//! Messages that stay protobuf: what rules do not change of them is left where they came, and not copied.
//!
//! Deliberately elsewhere: what comes of all messages together (`pieces`).

use std::ops::Range;

use ottl::otlp::Signal;
use ottl::otlp::edit::Untouched;

use super::message::{Fault, Settings, frame_len};
use super::pieces::LEAST;
use crate::rules::{Outcome, Worker};

/// What a message need not be copied for: see [`super::pieces`].
pub struct Left<'l> {
    /// What stays of the messages before.
    pub runs: &'l mut Untouched,
    /// Where the message lies among them, with the frame that it has where it stays as it is.
    pub framed: Range<usize>,
}

impl Settings<'_> {
    /// Runs the rules over a message that is laid out as it came, and appends what they made of it; what they did not change is
    /// left where it is.
    pub(super) fn leave(
        &self,
        signal: Signal,
        input: &[u8],
        worker: &mut Worker,
        Left { runs, framed }: Left<'_>,
        untouched: &mut Untouched,
        out: &mut Vec<u8>,
    ) -> Result<Outcome, Fault> {
        let (start, came) = (out.len(), framed.end - input.len());
        let frame = framed.start..came;
        out.resize(start + frame.len(), 0);
        let made = out.len();
        untouched.least = LEAST;
        let outcome = self.transform(signal, input, worker, out, Some(&mut *untouched))?;
        match outcome {
            Outcome::Changed => {
                if !frame.is_empty() {
                    let len = frame_len(out.len() - made + untouched.bytes())?;
                    out[start..made].copy_from_slice(&len);
                }
                runs.append(untouched, came, made);
            }
            Outcome::Unchanged => {
                out.truncate(start);
                if !runs.leave(start, framed.start, framed.end) {
                    if !frame.is_empty() {
                        out.extend_from_slice(&frame_len(input.len())?);
                    }
                    out.extend_from_slice(input);
                }
            }
            Outcome::Dropped => out.truncate(start),
        }
        Ok(outcome)
    }
}
