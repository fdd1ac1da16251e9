#![no_main]

#[path = "../bodies/evaluate.rs"]
mod evaluate;

libfuzzer_sys::fuzz_target!(|data: &[u8]| evaluate::run(data));
