//! Keys of attributes out of recorded telemetry.

use ottl::Signal;
use ottl::otlp::framing::FrameOptions;
use ottl::otlp::json;
use ottl::otlp::schema::{Recognised, recognise};
use ottl::service::Samples;

use crate::args::{LspArguments, Pprof};
use crate::content::is_json;
use crate::failure::Failure;
use crate::input::Input;

/// Messages of one file that are looked at: what comes later rarely has other keys.
const MOST: usize = 1000;

/// The keys of all files that were named.
///
/// # Errors
/// A file cannot be read.
pub fn read(arguments: &LspArguments) -> Result<Samples, Failure> {
    let mut samples = Samples::default();
    for path in &arguments.samples {
        let mut input = Input::open(path, FrameOptions::default(), Pprof::No)?;
        let name = input.name().clone();
        let mut count = 0;
        loop {
            let ended = input.read()?.is_none();
            while let Some(message) = input.next().map_err(|error| Failure::Failed(format!("{name}: {error}")))? {
                add(&mut samples, message.bytes, is_json(message.format, message.bytes));
                count += 1;
            }
            if ended || count >= MOST {
                break;
            }
        }
    }
    Ok(samples)
}

/// Adds a message; one that cannot be read has no keys.
fn add(samples: &mut Samples, bytes: &[u8], is_json: bool) {
    if !is_json {
        if let Recognised::As(signal) = recognise(bytes, &Signal::ALL) {
            samples.add_message(signal, bytes);
        }
        return;
    }
    for signal in Signal::ALL {
        let mut message = Vec::new();
        if json::to_protobuf(signal, bytes, &mut message).is_ok() {
            samples.add_message(signal, &message);
        }
    }
}
