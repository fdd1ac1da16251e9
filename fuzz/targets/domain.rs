#![no_main]

#[path = "../bodies/domain.rs"]
mod domain;

libfuzzer_sys::fuzz_target!(|data: &[u8]| domain::run(data));
