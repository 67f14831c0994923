//! Messages of either encoding, and signals by their names.

use ottl::Signal;
use ottl::otlp::framing::{self, Format};
use ottl::otlp::json::{self, Notes, Original, Style};
use ottl::otlp::schema::{Recognised, recognise};

/// How a message is encoded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json(Style),
    Protobuf,
}

impl Encoding {
    /// By its name in JavaScript.
    pub(crate) fn by_name(name: &str) -> Result<Encoding, String> {
        Ok(match name {
            "json" => Encoding::Json(Style::Compact),
            "json-pretty" => Encoding::Json(Style::Pretty),
            "protobuf" => Encoding::Protobuf,
            _ => return Err(format!("there is no encoding `{name}`: `json`, `json-pretty` or `protobuf`")),
        })
    }

    /// The encoding of a message, from its bytes.
    pub(crate) fn of(message: &[u8]) -> Encoding {
        match framing::detect(message) {
            Format::Json => Encoding::Json(Style::Compact),
            _ => Encoding::Protobuf,
        }
    }
}

pub(crate) fn signal(name: &str) -> Result<Signal, String> {
    let found = Signal::ALL.into_iter().find(|signal| signal.name() == name);
    found.ok_or_else(|| format!("there is no signal `{name}`: `traces`, `metrics`, `logs` or `profiles`"))
}

/// The signal of a message: the one that is named, or the one that JSON tells.
pub(crate) fn signal_of(name: Option<&str>, message: &[u8], encoding: Encoding) -> Result<Signal, String> {
    match (name, encoding) {
        (Some(name), _) => signal(name),
        (None, Encoding::Json(_)) => framing::signal_of_json(message)
            .ok_or_else(|| "no member of the message tells its signal, such as `resourceLogs`".to_owned()),
        (None, Encoding::Protobuf) => Err("protobuf does not tell its signal: name it".to_owned()),
    }
}

/// The signal of a message as far as its bytes tell. Where protobuf could be of several, it is of the one that is `wanted`.
pub(crate) fn told(message: &[u8], encoding: Encoding, wanted: &[Signal]) -> Option<Signal> {
    if let Encoding::Json(_) = encoding {
        return framing::signal_of_json(message);
    }
    match recognise(message, if wanted.is_empty() { &Signal::ALL } else { wanted }) {
        Recognised::As(signal) => Some(signal),
        Recognised::Several | Recognised::Nothing => None,
    }
}

/// What a message is in place of OTLP, if it is well-known or text.
pub(crate) fn stranger(message: &[u8]) -> Option<String> {
    if let Some(foreign) = framing::foreign(message) {
        return Some(format!("this is {}, which is not read here", foreign.name));
    }
    // Every message begins with its field 1, or the dictionary of profiles.
    let is_text = !matches!(message, [] | [0x0a | 0x12, ..]) && std::str::from_utf8(message).is_ok();
    is_text.then(|| "this is text, and OTLP/JSON begins with `{`".to_owned())
}

/// A message that was read: as protobuf, and what JSON has beside it.
pub(crate) struct Read {
    protobuf: Option<Vec<u8>>,
    notes: Notes,
}

impl Read {
    pub(crate) fn new(signal: Signal, message: &[u8], encoding: Encoding) -> Result<Read, String> {
        let mut read = Read { protobuf: None, notes: Notes::default() };
        if let Encoding::Json(_) = encoding {
            let mut protobuf = Vec::with_capacity(message.len());
            json::read(signal, message, &mut protobuf, &mut read.notes)
                .map_err(|error| error.explain(signal, message).to_string())?;
            read.protobuf = Some(protobuf);
        }
        Ok(read)
    }

    /// The protobuf message.
    pub(crate) fn protobuf<'m>(&'m self, message: &'m [u8]) -> &'m [u8] {
        self.protobuf.as_deref().unwrap_or(message)
    }

    /// A new message in this encoding. What did not change of JSON is the text that it was.
    pub(crate) fn write(&self, signal: Signal, message: &[u8], new: Vec<u8>, to: Encoding) -> Result<Vec<u8>, String> {
        let Encoding::Json(style) = to else { return Ok(new) };
        let mut text = Vec::with_capacity(message.len().max(new.len()));
        let written = match &self.protobuf {
            Some(protobuf) => {
                let original = Original { text: message, protobuf, notes: &self.notes, others: true };
                json::from_protobuf_like(signal, &new, original, &mut text, style).map(drop)
            }
            None => json::from_protobuf(signal, &new, &mut text, style),
        };
        written.map_err(|error| error.to_string())?;
        Ok(text)
    }
}
