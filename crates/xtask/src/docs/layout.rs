//! JSON for people, as the playground lays it out: what fits into a line stays on one, but a record has a field on each.
//!
//! INVARIANT: members keep their order and values their text. Deliberately elsewhere: OTLP/JSON as the command writes it (`ottl-otlp`).

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

type Text<T> = Result<T, serde_json::Error>;

const WIDTH: usize = 82;

/// The members of an object in their order.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        struct Ordered;
        impl<'de> Visitor<'de> for Ordered {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Ordered)
    }
}

/// The text of a document, laid out.
pub fn layout(json: &str) -> Text<String> {
    let mut out = String::new();
    put(&mut out, &serde_json::from_str::<Box<RawValue>>(json)?, 0, 0)?;
    Ok(out)
}

fn compact(value: &RawValue) -> Text<String> {
    let text = value.get();
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text)?;
            let member = |(name, value): &(String, Box<RawValue>)| {
                Ok(format!("{}: {}", serde_json::to_string(name)?, compact(value)?))
            };
            let members = members.iter().map(member).collect::<Text<Vec<_>>>()?;
            if members.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", members.join(", ")) }
        }
        Some(b'[') => {
            let items: Vec<Box<RawValue>> = serde_json::from_str(text)?;
            format!("[{}]", items.iter().map(|item| compact(item)).collect::<Text<Vec<_>>>()?.join(", "))
        }
        _ => text.to_owned(),
    })
}

/// Writes a value behind `before` bytes of a line that is indented by `indent`.
fn put(out: &mut String, value: &RawValue, indent: usize, before: usize) -> Text<()> {
    let text = value.get();
    let line = compact(value)?;
    let fits = indent + before + line.len() <= WIDTH && !line.contains("[{") && !line.contains("}, {");
    match text.as_bytes().first() {
        Some(b'{') if !fits => {
            let Members(members) = serde_json::from_str(text)?;
            for (number, (name, value)) in members.iter().enumerate() {
                let name = format!("{}: ", serde_json::to_string(name)?);
                start(out, number, '{', indent);
                out.push_str(&name);
                put(out, value, indent + 2, name.len())?;
            }
            end(out, '}', indent);
        }
        Some(b'[') if !fits => {
            let items: Vec<Box<RawValue>> = serde_json::from_str(text)?;
            for (number, item) in items.iter().enumerate() {
                start(out, number, '[', indent);
                put(out, item, indent + 2, 0)?;
            }
            end(out, ']', indent);
        }
        _ => out.push_str(&line),
    }
    Ok(())
}

fn start(out: &mut String, number: usize, open: char, indent: usize) {
    out.push(if number == 0 { open } else { ',' });
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent + 2));
}

fn end(out: &mut String, close: char, indent: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
    out.push(close);
}

#[cfg(test)]
mod tests {
    use super::layout;

    #[test]
    fn short_values_stay_on_a_line_and_records_have_lines() {
        let text = r#"{"z":[{"a":1.50,"list":[1,2],"e":{}}],"b":{"x":"y"}}"#;
        let wanted =
            "{\n  \"z\": [\n    { \"a\": 1.50, \"list\": [1, 2], \"e\": {} }\n  ],\n  \"b\": { \"x\": \"y\" }\n}";
        assert_eq!(layout(text).expect("JSON"), wanted);
    }
}
