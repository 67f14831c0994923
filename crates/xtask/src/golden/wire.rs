//! A readable text for protobuf messages, so that wire-level cases can be written by hand.
//!
//! `N: 5` a varint, `N: 5i32` and `N: 5i64` fixed widths, `N: {...}` and `N: "..."` length-delimited,
//! `0xHEX` raw bytes wherever a field or a value may stand, `"..."` alone in braces raw text.
//! Strings know `\n`, `\"`, `\\` and `\xHH`. Everything is written as told: wrong order,
//! duplicates and damage are the point.

use base64::Engine as _;

type Error = Box<dyn std::error::Error>;

/// Turns the text into base64 of the message.
pub fn base64(text: &str) -> Result<String, Error> {
    Ok(base64::engine::general_purpose::STANDARD.encode(bytes(text)?))
}

fn bytes(text: &str) -> Result<Vec<u8>, Error> {
    let mut reader = Reader { text: text.as_bytes(), at: 0 };
    let message = reader.message()?;
    reader.blank();
    if reader.at < reader.text.len() {
        return Err(reader.unexpected());
    }
    Ok(message)
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn unexpected(&self) -> Error {
        let rest = String::from_utf8_lossy(&self.text[self.at.min(self.text.len())..]);
        format!("unexpected `{}`", rest.chars().take(20).collect::<String>()).into()
    }

    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn blank(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    fn word(&mut self) -> &str {
        let start = self.at;
        while self.peek().is_ascii_alphanumeric() {
            self.at += 1;
        }
        std::str::from_utf8(&self.text[start..self.at]).unwrap_or_default()
    }

    /// Fields up to a closing brace or the end.
    fn message(&mut self) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        loop {
            self.blank();
            match self.peek() {
                0 | b'}' => return Ok(out),
                b'"' => out.extend(self.string()?),
                _ => {
                    let word = self.word().to_owned();
                    if let Some(hex) = word.strip_prefix("0x") {
                        out.extend(hex_bytes(hex)?);
                        continue;
                    }
                    let number: u64 = word.parse().map_err(|_| self.unexpected())?;
                    if self.peek() == b':' {
                        self.at += 1;
                        self.value(number, &mut out)?;
                    } else {
                        varint(number, &mut out);
                    }
                }
            }
        }
    }

    fn value(&mut self, number: u64, out: &mut Vec<u8>) -> Result<(), Error> {
        self.blank();
        let content = match self.peek() {
            b'{' => {
                self.at += 1;
                let content = self.message()?;
                if self.peek() != b'}' {
                    return Err(self.unexpected());
                }
                self.at += 1;
                content
            }
            b'"' => self.string()?,
            _ => {
                let negative = self.peek() == b'-';
                self.at += usize::from(negative);
                let word = self.word().to_owned();
                if let Some(fixed) = word.strip_suffix("i64") {
                    varint(number << 3 | 1, out);
                    out.extend(fixed.parse::<u64>()?.to_le_bytes());
                } else if let Some(fixed) = word.strip_suffix("i32") {
                    varint(number << 3 | 5, out);
                    out.extend(fixed.parse::<u32>()?.to_le_bytes());
                } else if let Some(raw) = word.strip_prefix("0x") {
                    varint(number << 3, out);
                    out.extend(hex_bytes(raw)?);
                } else {
                    let value: u64 = word.parse().map_err(|_| self.unexpected())?;
                    varint(number << 3, out);
                    varint(if negative { value.wrapping_neg() } else { value }, out);
                }
                return Ok(());
            }
        };
        varint(number << 3 | 2, out);
        varint(content.len() as u64, out);
        out.extend(content);
        Ok(())
    }

    fn string(&mut self) -> Result<Vec<u8>, Error> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let byte = *self.text.get(self.at).ok_or("unclosed string")?;
            self.at += 1;
            match byte {
                b'"' => return Ok(out),
                b'\\' => {
                    let escape = self.peek();
                    self.at += 1;
                    match escape {
                        b'n' => out.push(b'\n'),
                        b'x' => {
                            let digits = self.text.get(self.at..self.at + 2).ok_or("short \\x")?;
                            out.extend(hex_bytes(std::str::from_utf8(digits)?)?);
                            self.at += 2;
                        }
                        b'"' | b'\\' => out.push(escape),
                        _ => return Err("unknown escape".into()),
                    }
                }
                _ => out.push(byte),
            }
        }
    }
}

fn hex_bytes(hex: &str) -> Result<Vec<u8>, Error> {
    if !hex.len().is_multiple_of(2) {
        return Err("odd number of hex digits".into());
    }
    (0..hex.len()).step_by(2).map(|i| Ok(u8::from_str_radix(hex.get(i..i + 2).ok_or("bad hex")?, 16)?)).collect()
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn texts_become_bytes() {
        let rows: &[(&str, &[u8])] = &[
            ("", b""),
            ("1: 150", &[8, 150, 1]),
            ("1: -1", &[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
            ("2: \"hi\\xff\"", &[18, 3, b'h', b'i', 255]),
            ("3: {1: 1 1: 2}", &[26, 4, 8, 1, 8, 2]),
            ("4: {1 2 300}", &[34, 4, 1, 2, 172, 2]),
            ("5: 1i32 6: 1i64", &[45, 1, 0, 0, 0, 49, 1, 0, 0, 0, 0, 0, 0, 0]),
            ("1: 0x8000 0xff", &[8, 128, 0, 255]),
        ];
        for (text, expected) in rows {
            assert_eq!(bytes(text).ok().as_deref(), Some(*expected), "{text}");
        }
        for wrong in ["1: {", "1", "x: 1", "1: \"a", "}", "1: \"\\q\""] {
            // A lone number is a bare varint, which is what packed lists are made of.
            assert_eq!(bytes(wrong).is_err(), wrong != "1", "{wrong}");
        }
    }
}
