#![no_main]

#[path = "../bodies/presentation.rs"]
mod presentation;

libfuzzer_sys::fuzz_target!(|data: &[u8]| presentation::run(data));
