//! [`foreign`]: formats that are not read here, by their magic numbers, so that an error can name them.

/// A format that is not read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// What people call it.
    pub name: &'static str,
    /// The command that turns a file of it, whose name follows, into what it holds; none where there is no usual one.
    pub command: Option<&'static str>,
}

const fn packed(name: &'static str, command: &'static str) -> Foreign {
    Foreign { name, command: Some(command) }
}

const fn other(name: &'static str) -> Foreign {
    Foreign { name, command: None }
}

/// Magic numbers: where they stand, and what they are of.
///
/// Source: each format's specification, and the `magic` files of `file`.
const MAGIC: [(usize, &[u8], Foreign); 26] = [
    (0, b"\xfd7zXZ\0", packed("xz", "xz -dc")),
    (0, b"\x5d\0\0\x80\0", packed("lzma", "xz -dc")),
    (0, b"\x5d\0\0\0\x04", packed("lzma", "xz -dc")),
    (0, b"LZIP", packed("lzip", "lzip -dc")),
    (0, b"BZh", packed("bzip2", "bzip2 -dc")),
    (0, b"\x1f\x8b", packed("gzip, inside of another compression", "gzip -dc")),
    (0, b"\x28\xb5\x2f\xfd", packed("zstd, inside of another compression", "zstd -dc")),
    (0, b"\x1f\x9d", packed("compress", "gzip -dc")),
    (0, b"\x04\x22\x4d\x18", packed("lz4", "lz4 -dc")),
    (0, b"\x02\x21\x4c\x18", packed("lz4", "lz4 -dc")),
    (0, b"\xff\x06\0\0sNaPpY", packed("snappy", "snzip -dc")),
    (0, b"\x82SNAPPY\0", packed("snappy", "snzip -dc")),
    (0, b"\x89LZO\0\r\n\x1a\n", packed("lzop", "lzop -dc")),
    (0, b"7z\xbc\xaf\x27\x1c", packed("7-Zip", "7z x -so")),
    (0, b"PK\x03\x04", packed("zip", "unzip -p")),
    (0, b"PK\x05\x06", packed("zip", "unzip -p")),
    (0, b"Rar!\x1a\x07", packed("rar", "unrar p -inul")),
    (257, b"ustar", packed("tar", "tar -xOf")),
    (0, b"\xff\xfe", packed("text in UTF-16", "iconv -f UTF-16 -t UTF-8")),
    (0, b"\xfe\xff", packed("text in UTF-16", "iconv -f UTF-16 -t UTF-8")),
    (0, b"PAR1", other("Parquet")),
    (0, b"Obj\x01", other("Avro")),
    (0, b"ORC", other("ORC")),
    (0, b"ARROW1", other("Arrow")),
    (0, b"SQLite format 3\0", other("a database of SQLite")),
    (0, b"%PDF-", other("PDF")),
];

/// What uncompressed input is that begins so, if it is something well-known that is not read here. Nothing of OTLP begins
/// like any of them, whatever its frames.
#[must_use]
pub fn foreign(head: &[u8]) -> Option<Foreign> {
    MAGIC.iter().find(|(at, magic, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(magic))).map(|row| row.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_numbers_are_known_and_otlp_is_not_foreign() {
        let name = |head: &[u8]| foreign(head).map(|foreign| foreign.name);
        assert_eq!(name(b"\xfd7zXZ\0\0\x04"), Some("xz"));
        assert_eq!(name(b"BZh91AY&SY"), Some("bzip2"));
        assert_eq!(name(&[&[b'a'; 100][..], &[0; 157], b"ustar  \0"].concat()), Some("tar"));
        assert_eq!(name(b"PAR1\x15\x04"), Some("Parquet"));
        assert_eq!(name(b"\xff\xfe{\0\"\0"), Some("text in UTF-16"));
        for head in
            [&b""[..], b"{\"resourceLogs\"", b"\x0a\x80\x01\x0a", b"\0\0\0\x05\x0a\x03", b"\x12\x02", b"2026-11-28"]
        {
            assert_eq!(foreign(head), None, "{}", head.escape_ascii());
        }
    }
}
