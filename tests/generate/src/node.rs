//! [`Node`]: protobuf fields as a tree that keeps wire order, and its smaller variants.

use ottl_otlp::wire::{put_fixed32_field, put_fixed64_field, put_len_field, put_varint, put_varint_field};

/// A field with its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A varint.
    Varint(u32, u64),
    /// Eight bytes, little-endian.
    Fixed64(u32, u64),
    /// Four bytes, little-endian.
    Fixed32(u32, u32),
    /// Length-delimited text or bytes.
    Bytes(u32, Vec<u8>),
    /// A message.
    Message(u32, Vec<Node>),
    /// A message whose length is written with two bytes more than it needs.
    Padded(u32, Vec<Node>),
    /// Packed varints.
    PackedVarints(u32, Vec<u64>),
    /// Packed eight-byte numbers.
    PackedFixed64(u32, Vec<u64>),
}

impl Node {
    /// The field's number.
    pub fn number(&self) -> u32 {
        match self {
            Node::Varint(n, _)
            | Node::Fixed64(n, _)
            | Node::Fixed32(n, _)
            | Node::Bytes(n, _)
            | Node::Message(n, _)
            | Node::Padded(n, _)
            | Node::PackedVarints(n, _)
            | Node::PackedFixed64(n, _) => *n,
        }
    }

    /// The bytes of a message of these fields.
    pub fn encode(nodes: &[Node]) -> Vec<u8> {
        let mut out = Vec::new();
        for node in nodes {
            match node {
                Node::Varint(n, v) => put_varint_field(&mut out, *n, *v),
                Node::Fixed64(n, v) => put_fixed64_field(&mut out, *n, *v),
                Node::Fixed32(n, v) => put_fixed32_field(&mut out, *n, *v),
                Node::Bytes(n, v) => put_len_field(&mut out, *n, v),
                Node::Message(n, fields) => put_len_field(&mut out, *n, &Node::encode(fields)),
                Node::Padded(n, fields) => {
                    let content = Node::encode(fields);
                    put_varint(&mut out, u64::from(*n) << 3 | 2);
                    put_varint(&mut out, content.len() as u64);
                    if let Some(last) = out.last_mut() {
                        *last |= 0x80;
                    }
                    out.extend([0x80, 0]);
                    out.extend(content);
                }
                Node::PackedVarints(n, values) => {
                    let mut content = Vec::new();
                    values.iter().for_each(|v| put_varint(&mut content, *v));
                    put_len_field(&mut out, *n, &content);
                }
                Node::PackedFixed64(n, values) => {
                    let content: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
                    put_len_field(&mut out, *n, &content);
                }
            }
        }
        out
    }

    /// The message in the text form of the golden cases' `wire` messages.
    pub fn text(nodes: &[Node]) -> String {
        let mut parts = Vec::new();
        for node in nodes {
            parts.push(match node {
                Node::Varint(n, v) => format!("{n}: {v}"),
                Node::Fixed64(n, v) => format!("{n}: {v}i64"),
                Node::Fixed32(n, v) => format!("{n}: {v}i32"),
                Node::Bytes(n, v) => format!("{n}: {}", quoted(v)),
                Node::Message(n, fields) => format!("{n}: {{{}}}", Node::text(fields)),
                Node::Padded(..) => {
                    let bytes = Node::encode(std::slice::from_ref(node));
                    format!("0x{}", bytes.iter().map(|b| format!("{b:02x}")).collect::<String>())
                }
                Node::PackedVarints(n, values) => {
                    format!("{n}: {{{}}}", values.iter().map(u64::to_string).collect::<Vec<_>>().join(" "))
                }
                Node::PackedFixed64(n, values) => {
                    let content: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
                    format!("{n}: {}", quoted(&content))
                }
            });
        }
        parts.join(" ")
    }

    /// Smaller variants of a message, those that leave most out first. A number counts as smaller when it is 0 or 1.
    pub fn smaller(nodes: &[Node]) -> Vec<Vec<Node>> {
        let mut out = Vec::new();
        let with = |idx: usize, replacement: Option<Node>| {
            let mut copy = nodes.to_vec();
            match replacement {
                Some(node) => copy[idx] = node,
                None => drop(copy.remove(idx)),
            }
            copy
        };
        for idx in 0..nodes.len() {
            out.push(with(idx, None));
        }
        for (idx, node) in nodes.iter().enumerate() {
            match node {
                Node::Message(n, fields) => {
                    out.extend(
                        Node::smaller(fields).into_iter().map(|fields| with(idx, Some(Node::Message(*n, fields)))),
                    );
                }
                Node::Padded(n, fields) => {
                    out.push(with(idx, Some(Node::Message(*n, fields.clone()))));
                    out.extend(
                        Node::smaller(fields).into_iter().map(|fields| with(idx, Some(Node::Padded(*n, fields)))),
                    );
                }
                Node::Varint(n, v) => {
                    out.extend([0, 1].iter().filter(|s| *s < v).map(|s| with(idx, Some(Node::Varint(*n, *s)))))
                }
                Node::Fixed64(n, v) => {
                    out.extend([0, 1].iter().filter(|s| *s < v).map(|s| with(idx, Some(Node::Fixed64(*n, *s)))))
                }
                Node::Fixed32(n, v) => {
                    out.extend([0, 1].iter().filter(|s| *s < v).map(|s| with(idx, Some(Node::Fixed32(*n, *s)))))
                }
                Node::Bytes(n, v) => {
                    for part in [&v[..v.len() / 2], &v[v.len() / 2..]] {
                        if part.len() < v.len() {
                            out.push(with(idx, Some(Node::Bytes(*n, part.to_vec()))));
                        }
                    }
                }
                Node::PackedVarints(n, values) if !values.is_empty() => {
                    out.push(with(idx, Some(Node::PackedVarints(*n, values[1..].to_vec()))));
                }
                Node::PackedFixed64(n, values) if !values.is_empty() => {
                    out.push(with(idx, Some(Node::PackedFixed64(*n, values[1..].to_vec()))));
                }
                _ => {}
            }
        }
        out
    }
}

fn quoted(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for b in bytes {
        match b {
            b'"' | b'\\' => out.extend(['\\', char::from(*b)]),
            b'\n' => out.push_str("\\n"),
            // The apostrophe would end a TOML literal string.
            b' '..=b'~' if *b != b'\'' => out.push(char::from(*b)),
            _ => out.push_str(&format!("\\x{b:02x}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::Node;

    #[test]
    fn encodes_prints_and_shrinks() {
        let message = [
            Node::Message(1, vec![Node::Varint(2, 150), Node::Bytes(3, b"a\"\xff".to_vec())]),
            Node::PackedVarints(4, vec![1, 300]),
            Node::Fixed32(5, 7),
            Node::Padded(6, vec![Node::Varint(1, 9)]),
        ];
        assert_eq!(
            Node::encode(&message),
            [10, 8, 16, 150, 1, 26, 3, b'a', b'"', 255, 34, 3, 1, 172, 2, 45, 7, 0, 0, 0, 50, 0x82, 0x80, 0, 8, 9]
        );
        assert_eq!(Node::text(&message), r#"1: {2: 150 3: "a\"\xff"} 4: {1 300} 5: 7i32 0x328280000809"#);
        let smaller: Vec<_> = Node::smaller(&message).iter().map(|m| Node::text(m)).collect();
        assert!(smaller.contains(&"4: {1 300} 5: 7i32 0x328280000809".to_owned()));
        assert!(smaller.contains(&r#"1: {3: "a\"\xff"} 4: {1 300} 5: 7i32 0x328280000809"#.to_owned()));
        assert!(smaller.contains(&r#"1: {2: 150 3: "a\"\xff"} 4: {300} 5: 7i32 0x328280000809"#.to_owned()));
    }
}
