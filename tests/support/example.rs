//! Where cargo has put the examples, which are programs that tests run.

use std::path::{Path, PathBuf};

const BUILD: &str =
    "run `cargo build --examples` with the features of this test, or plain `cargo test`";

/// The program of an example. `cargo test` builds the examples before it runs the tests, but not
/// when it is asked for one test alone.
pub(crate) fn program(name: &str) -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    // From target/debug/deps/TEST to target/debug/examples/NAME.
    path.pop();
    path.pop();
    path.push("examples");
    path.push(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(path.is_file(), "{} is missing: {BUILD}", path.display());
    let built = path.metadata().unwrap().modified().unwrap();
    for source in sources(name) {
        let written = source.metadata().unwrap().modified().unwrap();
        assert!(
            written <= built,
            "{} is newer than its program: {BUILD}",
            source.display()
        );
    }
    path
}

/// The files of an example: `examples/NAME.rs`, or those in `examples/NAME`.
fn sources(name: &str) -> Vec<PathBuf> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    match examples.join(name).read_dir() {
        Ok(files) => files.map(|file| file.unwrap().path()).collect(),
        Err(_) => vec![examples.join(name).with_extension("rs")],
    }
}
