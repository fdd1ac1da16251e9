#![no_main]

#[path = "../bodies/transcript.rs"]
mod transcript;

libfuzzer_sys::fuzz_target!(|data: &[u8]| transcript::run(data));
