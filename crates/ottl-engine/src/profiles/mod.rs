//! What all profiles of a message share: its dictionary of texts and attributes.
//!
//! - `dictionary`: the tables, and what statements add to them.
//! - `attributes`: the attributes of a profile, which are indices into the dictionary.
//! - `references`: resources and scopes whose keys and texts lie in the dictionary, too.
//!
//! INVARIANT: what is in the tables stays as it is, where it is: other profiles refer to it. Statements only add.

mod attributes;
mod dictionary;
mod references;

pub(crate) use attributes::{indices, packed};
pub(crate) use dictionary::{Dictionary, text};
pub(crate) use references::{refer, resolved};

#[cfg(test)]
mod tests {
    use super::*;
    use ottl_core::{Arena, Value};
    use ottl_otlp::Signal;
    use ottl_otlp::json::{Style, from_protobuf, to_protobuf};

    fn message(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        to_protobuf(Signal::Profiles, text.as_bytes(), &mut out).expect("OTLP/JSON");
        out
    }

    fn json(message: &[u8]) -> String {
        let mut out = Vec::new();
        from_protobuf(Signal::Profiles, message, &mut out, Style::Compact).expect("a message");
        String::from_utf8(out).expect("text")
    }

    const TABLES: &str =
        r#""dictionary":{"stringTable":["","k","v"],"attributeTable":[{"keyStrindex":1,"value":{"intValue":"1"}}]}"#;

    #[test]
    fn what_is_written_is_found_or_added_at_the_end() {
        let message = message(&format!("{{{TABLES}}}"));
        let mut dictionary = Dictionary::default();
        dictionary.begin(1 << 20);
        dictionary.load(&message).expect("tables");
        assert_eq!(dictionary.put_text(b"v", &message), Ok(2));
        assert_eq!(dictionary.put_text(b"w", &message), Ok(3));
        assert_eq!(dictionary.put_text(b"w", &message), Ok(3));
        let mut indices = vec![0];
        for (value, expected) in [(1, 0), (2, 1), (1, 0), (2, 1)] {
            dictionary.put_pair(&mut indices, b"k", &Value::Int(value), &message).expect("room");
            assert_eq!(indices, [expected]);
        }
        // A NaN is not equal to itself.
        for expected in [2, 3] {
            dictionary.put_pair(&mut indices, b"k", &Value::Float(f64::NAN), &message).expect("room");
            assert_eq!(indices, [expected]);
        }
        let mut out = message.clone();
        dictionary.finish(0, &mut out).expect("a message");
        let text = json(&out);
        assert!(text.contains(r#""stringTable":["","k","v","w"]"#), "{text}");
        assert!(text.contains(r#"{"keyStrindex":1,"value":{"intValue":"2"}}"#), "{text}");
    }

    #[test]
    fn indices_that_lead_nowhere_are_errors() {
        let message = message(&format!("{{{TABLES}}}"));
        let arena = Arena::new();
        let mut dictionary = Dictionary::default();
        dictionary.load(&message).expect("tables");
        for index in [1, -1, i32::MAX, i32::MIN] {
            assert!(dictionary.map(&[index], &message, &arena).is_err());
            assert!(dictionary.first(&[index], b"k", &message, &arena).is_err());
            assert!(dictionary.text(index.max(3), &message, &arena).is_err());
        }
    }

    #[test]
    fn additions_have_a_limit() {
        let message = message(&format!("{{{TABLES}}}"));
        let mut dictionary = Dictionary::default();
        dictionary.begin(200);
        dictionary.load(&message).expect("tables");
        let added = (0..100).take_while(|n| dictionary.put_text(format!("{n}").as_bytes(), &message).is_ok()).count();
        assert!((1..5).contains(&added), "{added}");
    }

    #[test]
    fn references_are_resolved_and_come_back() {
        let text = format!(
            r#"{{"resourceProfiles":[{{"resource":{{"attributes":[{{"keyStrindex":1,"value":{{"stringValueStrindex":2}}}},{{"key":"own","keyStrindex":1,"value":{{"stringValue":""}}}},{{"keyStrindex":9,"value":{{"intValue":"1"}}}}]}},"scopeProfiles":[{{"scope":{{"attributes":[{{"key":"x","value":{{"arrayValue":{{"values":[{{"stringValueStrindex":1}}]}}}}}}]}}}}]}}],{TABLES}}}"#
        );
        let message = message(&text);
        let plain = resolved(&message).expect("sound").expect("it has references");
        let seen = json(&plain);
        assert!(seen.contains(r#""key":"k""#) && seen.contains(r#""stringValue":"v""#), "{seen}");
        assert!(seen.contains(r#""stringValue":"k""#) && seen.contains(r#""keyStrindex":9"#), "{seen}");
        assert_eq!(resolved(b""), Ok(None));
        let mut again = b"before".to_vec();
        again.extend_from_slice(&plain);
        refer(6, &mut again, 1 << 20).expect("room");
        assert!(again.starts_with(b"before"));
        let seen = json(&again[6..]);
        assert!(seen.contains(r#""keyStrindex":1"#) && seen.contains(r#""stringValueStrindex":2"#), "{seen}");
        assert!(seen.contains(r#""stringTable":["","k","v","own","x"]"#), "{seen}");
        // References of references are the same message.
        let once = again[6..].to_vec();
        let mut twice = resolved(&once).expect("sound").expect("it has references");
        refer(0, &mut twice, 1 << 20).expect("room");
        assert_eq!(json(&once), json(&twice));
        // A scope in front of its resource.
        let mut turned = vec![
            0x0a, 22, 0x12, 9, 0x0a, 7, 0x1a, 5, 0x0a, 1, b's', 0x12, 0, 0x0a, 9, 0x0a, 7, 0x0a, 1, b'r', 0x12, 2,
            0x10, 1,
        ];
        refer(0, &mut turned, 1 << 20).expect("room");
        assert!(json(&turned).contains(r#""stringTable":["r","s"]"#), "{}", json(&turned));
    }
}
