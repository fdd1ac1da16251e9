#![no_main]

#[allow(dead_code)] // It has what `evaluate` needs too.
#[path = "../bodies/scene.rs"]
mod scene;
#[path = "../bodies/transcript.rs"]
mod transcript;

libfuzzer_sys::fuzz_target!(|data: &[u8]| transcript::run(data));
