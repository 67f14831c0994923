//! A random program over a random message, in both engines.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ottl_fuzz::metered(ottl_fuzz::checks::engines_agree, data));
