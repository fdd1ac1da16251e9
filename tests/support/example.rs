//! Where cargo has put the examples, which are programs that tests run.

use std::path::PathBuf;

/// The program of an example. `cargo test` builds the examples before it runs a test.
pub(crate) fn program(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    // From target/debug/deps/TEST to target/debug/examples/NAME.
    path.pop();
    path.pop();
    path.push("examples");
    path.push(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "{} is missing: run `cargo build --examples` with the features of this test, or plain \
         `cargo test`",
        path.display()
    );
    path
}
