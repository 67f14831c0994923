//! `ParseCLF` of any text, in both engines, and of texts that were written for it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ottl_fuzz::metered(ottl_fuzz::checks::parse_clf, data));
