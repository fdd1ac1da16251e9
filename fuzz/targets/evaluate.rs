#![no_main]

#[path = "../bodies/evaluate.rs"]
mod evaluate;
#[path = "../bodies/scene.rs"]
mod scene;

libfuzzer_sys::fuzz_target!(|data: &[u8]| evaluate::run(data));
