//! The signal of protobuf input, which does not name it: told from the first message of each input that tells, read
//! whole, before anything of the input is worked on. Each later message is looked at, too, as far as its first fields.
//!
//! INVARIANT: no message is transformed by the rules of another signal than its own, as far as its bytes tell, unless
//! `--signal` insists.

use ottl::otlp::Signal;
use ottl::otlp::framing::Format;
use ottl::otlp::schema::{Recognised, recognise, recognise_within};

use crate::content::is_json;
use crate::failure::Failure;
use crate::rules::Program;

/// Fields of a message that are looked at when its input's signal is known: a record or a few.
const LOOK: usize = 32;

/// The signal of the protobuf messages of one input.
pub struct SignalOfInput {
    served: Vec<Signal>,
    signal: Option<Signal>,
    settled: bool,
}

impl SignalOfInput {
    /// Of an input that nothing has been read of; `served` are the signals that have rules, `only` is the one that was asked for.
    pub fn new(served: Vec<Signal>, only: Option<Signal>) -> SignalOfInput {
        let sole = if let [signal] = served[..] { Some(signal) } else { None };
        SignalOfInput { served, signal: only.or(sole), settled: only.is_some() }
    }

    /// The signal of protobuf, now that this message has come; none where it must be asked for.
    ///
    /// # Errors
    /// The rules are not for this input.
    pub fn settle(&mut self, file: &str, format: Format, message: &[u8]) -> Result<Option<Signal>, Failure> {
        if self.settled || is_json(format, message) {
            return Ok(self.signal);
        }
        let wanted = if self.served.is_empty() { &Signal::ALL[..] } else { &self.served };
        match recognise(message, wanted) {
            Recognised::As(signal) if wanted.contains(&signal) => {
                self.signal = Some(signal);
                self.settled = true;
            }
            Recognised::As(signal) => {
                return Err(Failure::Refused(format!("{file}: {}", stranger(signal, &self.served))));
            }
            // It is as it is under any rules.
            Recognised::Nothing if message.is_empty() => return Ok(self.signal.or(wanted.first().copied())),
            Recognised::Several | Recognised::Nothing => {}
        }
        Ok(self.signal)
    }
}

/// The signal of a message that should be of the one that its input is of.
///
/// # Errors
/// What it is instead.
pub fn checked(program: &Program, message: &[u8], assumed: Signal) -> Result<Signal, String> {
    if message.is_empty() {
        return Ok(assumed);
    }
    match recognise_within(message, &[assumed], LOOK) {
        Recognised::As(signal) if signal != assumed => {
            let served = program.signals();
            if served.is_empty() || served.contains(&signal) { Ok(signal) } else { Err(stranger(signal, &served)) }
        }
        _ => Ok(assumed),
    }
}

/// What is said of data that the rules are not for.
pub fn stranger(signal: Signal, served: &[Signal]) -> String {
    let data = signal.name();
    let names: Vec<&str> = served.iter().map(|signal| signal.name()).collect();
    let insist: Vec<String> = names.iter().map(|name| format!("--signal {name}")).collect();
    format!(
        "this is {data}, and the rules are for {}: add --signal {data} to let it pass through, or {} to take it for \
         that all the same",
        names.join(" and "),
        insist.join(" or ")
    )
}

/// What is said of protobuf without a signal.
pub const UNKNOWN: &str = "protobuf does not tell its signal here, and the rules are not for exactly one: add --signal";
