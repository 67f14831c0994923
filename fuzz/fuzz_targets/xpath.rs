//! Any text as an XPath expression over fixed documents.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ottl_fuzz::metered(ottl_fuzz::checks::xpath, data));
