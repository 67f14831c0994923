//! Profiles between pprof and OTLP.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ottl_fuzz::metered(ottl_fuzz::checks::pprof, data));
