//! Zstandard that is read by libzstd, several times as fast as by the decoder in Rust that the libraries bring along.
//!
//! INVARIANT: libzstd gets a block at a time, so that what one makes is given away before the next can turn out to be damaged.

use ottl::otlp::framing::{ZstdDamage, ZstdDecoder};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation as _, OutBuffer};

/// The largest that a block makes: RFC 8878, 3.1.1.2.4.
const BLOCK: usize = 128 << 10;

/// The largest window of libzstd, as a power of two; half as large where addresses have 32 bits.
const MOST: u32 = if cfg!(target_pointer_width = "64") { 31 } else { 30 };

/// A decoder for windows of at most so many bytes.
pub fn decoder(window: u64) -> Box<dyn ZstdDecoder> {
    Box::new(Libzstd { window, decoder: None, made: Vec::new() })
}

struct Libzstd {
    window: u64,
    /// Nothing before the first frame.
    decoder: Option<Decoder<'static>>,
    made: Vec<u8>,
}

impl Libzstd {
    fn feed(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), ZstdDamage> {
        let decoder = self.decoder.as_mut().ok_or(ZstdDamage)?;
        let mut input = InBuffer::around(input);
        loop {
            let mut made = OutBuffer::around(&mut self.made[..]);
            decoder.run(&mut input, &mut made).map_err(|_| ZstdDamage)?;
            let len = made.pos();
            out.extend_from_slice(&self.made[..len]);
            // Where there was room left, nothing more was to be made.
            if len < self.made.len() && input.pos() == input.src.len() {
                return Ok(());
            }
        }
    }
}

impl ZstdDecoder for Libzstd {
    fn frame(&mut self, header: &[u8]) -> Result<(), ZstdDamage> {
        let decoder = match &mut self.decoder {
            Some(decoder) => decoder,
            none => {
                let mut decoder = Decoder::new().map_err(|_| ZstdDamage)?;
                // Windows are looked at before, to the byte.
                let log = self.window.max(1).checked_next_power_of_two().map_or(MOST, u64::trailing_zeros);
                decoder.set_parameter(DParameter::WindowLogMax(log.clamp(10, MOST))).map_err(|_| ZstdDamage)?;
                self.made.resize(BLOCK, 0);
                none.insert(decoder)
            }
        };
        // The frame before may not have come to its end.
        decoder.reinit().map_err(|_| ZstdDamage)?;
        self.feed(header, &mut Vec::new())
    }

    fn block(&mut self, block: &[u8], has_checksum: bool, out: &mut Vec<u8>) -> Result<(), ZstdDamage> {
        let (block, checksum) = block.split_at(block.len() - if has_checksum { 4 } else { 0 });
        self.feed(block, out)?;
        if has_checksum { self.feed(checksum, out) } else { Ok(()) }
    }

    fn rest(&mut self, _: &mut Vec<u8>) -> Result<bool, ZstdDamage> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use ottl::otlp::framing::{FrameErrorKind, FrameOptions, FrameReader};
    use zstd::bulk::Compressor;

    use super::*;

    /// What comes out of an input in chunks, and why no more does.
    fn read(input: &[u8], reader: FrameReader) -> (Vec<Vec<u8>>, Option<FrameErrorKind>) {
        let (mut reader, mut messages) = (reader, Vec::new());
        let mut chunks = input.chunks(10_007);
        let mut ended = false;
        loop {
            match (reader.next(), ended) {
                (Ok(Some(message)), _) => messages.push(message.bytes.to_vec()),
                (Ok(None), true) => return (messages, None),
                (Ok(None), false) => match chunks.next() {
                    Some(chunk) => reader.push(chunk),
                    None => {
                        ended = true;
                        reader.finish();
                    }
                },
                (Err(error), _) => return (messages, Some(error.kind)),
            }
        }
    }

    fn lines() -> Vec<u8> {
        let mut seed = 7_u64;
        let mut line = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{{\"resourceLogs\":[{{\"schemaUrl\":\"{:x}\"}}]}}\n", seed >> 20)
        };
        (0..20_000).map(|_| line()).collect::<String>().into_bytes()
    }

    fn compressed(content: &[u8], level: i32, checksum: bool) -> Vec<u8> {
        let mut compressor = Compressor::new(level).expect("memory");
        compressor.include_checksum(checksum).expect("a flag");
        compressor.compress(content).expect("memory")
    }

    #[test]
    fn both_decoders_read_the_same() {
        let lines = lines();
        let (first, second) = lines.split_at(300_001);
        let skipped = [0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
        let inputs = [
            compressed(&lines, 1, true),
            compressed(&lines, 19, false),
            [&compressed(first, 3, true)[..], &skipped, &compressed(b"", 3, false), &compressed(second, 3, false)]
                .concat(),
        ];
        let options = FrameOptions::default();
        for (index, input) in inputs.iter().enumerate() {
            let whole = read(input, FrameReader::new(options).with_zstd(decoder));
            assert_eq!((whole.0.len(), whole.1), (20_000, None), "{index}");
            for cut in [input.len(), input.len() - 1, input.len() - 5, input.len() / 4 * 3, input.len() / 2, 12, 5] {
                let (messages, error) = read(&input[..cut], FrameReader::new(options).with_zstd(decoder));
                let expected = read(&input[..cut], FrameReader::new(options));
                assert_eq!((messages.len(), error), (expected.0.len(), expected.1), "{index}, cut to {cut}");
                assert!(messages == expected.0);
            }
        }
    }

    #[test]
    fn what_comes_before_damage_is_read() {
        let mut input = compressed(&lines(), 3, true);
        let len = input.len();
        input[len - 2] ^= 1;
        let (messages, error) = read(&input, FrameReader::new(FrameOptions::default()).with_zstd(decoder));
        assert_eq!((messages.len(), error), (20_000, Some(FrameErrorKind::BadZstd)), "a checksum");
        for at in [len / 2, len / 4 * 3, len - 100] {
            let mut damaged = input.clone();
            damaged[at..at + 40].fill(0xff);
            let (messages, error) = read(&damaged, FrameReader::new(FrameOptions::default()).with_zstd(decoder));
            assert_eq!(error, Some(FrameErrorKind::BadZstd), "{at}");
            assert!(messages.len() > 20_000 / len * at / 2, "{at}: {}", messages.len());
        }
    }

    #[test]
    fn windows_have_a_limit() {
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x11, 0, 0];
        frame.extend(b"{}");
        for (exponent, limit, expected) in [
            (0x88_u8, 128 << 20, None),
            (0x89, 128 << 20, Some(FrameErrorKind::WindowTooLarge)),
            (0x90, 256 << 20, None),
            (0xff, u64::MAX, Some(FrameErrorKind::BadZstd)),
            (0x00, 1023, Some(FrameErrorKind::WindowTooLarge)),
            (0x00, 1024, None),
        ] {
            frame[5] = exponent;
            let options = FrameOptions { zstd_window: limit, ..FrameOptions::default() };
            let (messages, error) = read(&frame, FrameReader::new(options).with_zstd(decoder));
            assert_eq!((messages.len(), error), (usize::from(expected.is_none()), expected), "{exponent:x} {limit}");
        }
    }
}
