//! Messages as the reference's marshaler writes them, which is what a Collector sends: it fills a buffer from its end, so fields
//! stand in reverse, values before their keys, and a resource behind its scopes.

use ottl::Signal;
use ottl_otlp::schema::{Kind, MessageId};
use ottl_otlp::wire::{Reader, WireError, put_len_field};

/// The same message with the fields of each message in reverse. Elements of lists keep their order.
///
/// # Errors
/// Damage in the message.
pub fn marshaled(signal: Signal, message: &[u8]) -> Result<Vec<u8>, WireError> {
    let mut out = Vec::with_capacity(message.len());
    put_reversed(&mut out, signal.message(), message)?;
    Ok(out)
}

fn put_reversed(out: &mut Vec<u8>, id: MessageId, message: &[u8]) -> Result<(), WireError> {
    let mut fields = Vec::new();
    let mut reader = Reader::new(message);
    while let Some(field) = reader.next_field()? {
        fields.push(field);
    }
    // Numbers are not in that order: those of points have their attributes first.
    fields.sort_by_key(|field| std::cmp::Reverse(id.def().index_of(field.number)));
    for field in fields {
        match id.def().field(field.number).map(|def| def.kind) {
            Some(Kind::Message(inner)) => {
                let mut content = Vec::new();
                put_reversed(&mut content, inner, field.bytes()?)?;
                put_len_field(out, field.number, &content);
            }
            _ => out.extend_from_slice(&message[field.start..field.end]),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::marshaled;
    use crate::rows::find;

    #[test]
    fn what_was_marshaled_stays_as_it_is() {
        let read = |name: &str| {
            let file = format!("{}/../tests/samples/marshaler/{name}.pb", env!("CARGO_MANIFEST_DIR"));
            std::fs::read(file).expect("a sample")
        };
        for (name, row) in [("logs", "structural"), ("traces", "spans"), ("metrics", "metrics"), ("summary", "metrics")]
        {
            let signal = find(row).expect("a row").signal;
            let sample = read(name);
            assert_eq!(marshaled(signal, &sample).expect("it is sound"), sample, "{name}");
        }
    }
}
