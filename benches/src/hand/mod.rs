//! Loops written by hand: what an expert would write for exactly the rules of one workload, as the limit. One file each.
//!
//! They read the message that the engine reads and write what it writes, but know the rules by heart. They rely on sound
//! messages in the field order of SDKs and on lengths that fit the data here; what they write is compared byte by byte.
//! A message that they leave as it is they do not copy, no more than the engine does.

mod filter_100;
mod filter_logs;
mod filter_spans;
mod logs_100;
mod metrics;
mod redaction;
mod spans;
mod structural;
mod tenant;
mod walk;

use ottl::Status;

pub use filter_100::filter_100;
pub use filter_logs::filter_logs;
pub use filter_spans::filter_spans;
pub use logs_100::logs_100;
pub use metrics::metrics;
pub use redaction::redaction;
pub use spans::spans;
pub use structural::structural;
pub use tenant::tenant;

/// A loop written for one row: from a message to what is appended to a buffer. None if the message is not written as the
/// loop relies on.
pub type ByHand = fn(&[u8], &mut Vec<u8>) -> Option<Status>;
