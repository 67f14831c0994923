//! [`pprof`]: any bytes as a pprof file and as a message of OTLP profiles.

use ottl_otlp::Signal;
use ottl_otlp::pprof::{begins_like_pprof, from_profiles, is_pprof, to_profiles};
use ottl_otlp::schema::validate;

use super::meter::within;

/// What may be written.
const LIMIT: usize = 4 << 20;

/// What the tables of a message or a file take for each of its bytes, the least entry of which has two, and what is written.
const FOR_EACH_BYTE: usize = 256;

/// A file or message is converted or refused. What is converted is a message of OTLP, or files; and a file that was written here
/// comes back byte for byte.
pub fn pprof(data: &[u8]) {
    let _ = (is_pprof(data), begins_like_pprof(data));
    let room = FOR_EACH_BYTE * data.len() + 8 * LIMIT;
    within("a pprof file", room, || {
        if let Ok(message) = to_profiles(data, LIMIT) {
            validate(Signal::Profiles, &message).expect("what is made of a file is a message");
            settles(&message);
        }
    });
    within("a message of profiles", room, || settles(data));
}

/// Takes a message to files and back until its ids are the places of the entries, which the second file has.
fn settles(message: &[u8]) {
    let Ok(converted) = from_profiles(message, LIMIT) else { return };
    for file in converted.files {
        assert!(is_pprof(&file), "what is written is a file");
        let Some(first) = again(&file) else { continue };
        assert_eq!(again(&first), Some(first.clone()), "a file comes back as it was");
    }
}

/// A file after a round trip, unless it passes the limit as a message.
fn again(file: &[u8]) -> Option<Vec<u8>> {
    let message = match to_profiles(file, LIMIT) {
        Ok(message) => message,
        Err(error) => {
            assert!(error.to_string().contains("longer than"), "{error}");
            return None;
        }
    };
    let converted = from_profiles(&message, 2 * LIMIT).expect("what was written here is sound");
    assert!(converted.left_out.is_empty(), "{:?}", converted.left_out);
    let mut files = converted.files.into_iter();
    let file = files.next().expect("a file is there");
    assert!(files.next().is_none(), "one file stays one");
    Some(file)
}
