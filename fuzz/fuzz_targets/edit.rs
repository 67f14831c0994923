//! Any message through a program of a fixed list, in both engines.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ottl_fuzz::metered(ottl_fuzz::checks::edit, data));
