//! Any grok pattern with definitions, and a text.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ottl_fuzz::metered(ottl_fuzz::checks::grok, data));
