//! Every function with arguments out of hostile data, in both engines.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ottl_fuzz::metered(ottl_fuzz::checks::functions, data));
