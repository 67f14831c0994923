//! Any bytes through everything that reads OTLP.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ottl_fuzz::metered(ottl_fuzz::checks::wire_read, data));
