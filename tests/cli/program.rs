//! Runs the program.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;

/// What a run has left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs `dcv` and holds it to what is true of every run, but one whose transcript cannot be written.
pub(crate) async fn dcv<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    let run = run(args).await;
    // Either there is a result, or somebody is told why not.
    assert_eq!(run.stdout.is_empty(), run.code == 3, "{run:?}");
    run
}

/// Runs `dcv check` with a transcript that cannot be written: there is a result, and somebody is told
/// why that is all.
pub(crate) async fn unwritten<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    let run = run(args).await;
    assert!(run.code == 3 && !run.stdout.is_empty(), "{run:?}");
    run
}

async fn run<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Run {
    let child = Command::new(crate::example::program("dcv"))
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    // Far over the deadline of a check: for a program that hangs, not a measurement.
    let limit = Duration::from_secs(120);
    let output = tokio::time::timeout(limit, child.wait_with_output());
    let output = output.await.expect("the program ends").unwrap();
    let run = Run {
        code: output.status.code().expect("no signal ends it"),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    };
    assert!((0..=3).contains(&run.code), "{run:?}");
    assert!(!run.stderr.contains("panicked"), "{run:?}");
    assert_eq!(run.stderr.is_empty(), run.code != 3, "{run:?}");
    // No octet that a terminal obeys (S-18).
    let printed = run.stdout.chars().chain(run.stderr.chars());
    assert!(
        printed.into_iter().all(|c| c == '\n' || !c.is_control()),
        "{run:?}"
    );
    run
}

impl Run {
    /// The one JSON object that was printed.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        let value: Value = serde_json::from_str(&self.stdout).unwrap();
        assert!(value.is_object(), "{self:?}");
        value
    }

    /// Holds that the program refused to work, and said this.
    pub(crate) fn refused(&self, why: &str) {
        assert_eq!(self.code, 3, "{self:?}");
        assert!(
            self.stderr.contains(why),
            "`{why}` is not in: {}",
            self.stderr
        );
    }
}

/// A directory of a test's own, with a store in it.
#[derive(Debug)]
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("cli-{}-{count}", std::process::id());
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Where the store is, as an argument.
    pub(crate) fn store(&self) -> String {
        self.path("dcv.json")
            .into_os_string()
            .into_string()
            .unwrap()
    }

    /// Everything that is in the directory.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Runs `dcv issue DOMAIN --json …` for a usual provider and account.
    pub(crate) async fn issue(&self, domain: &str, more: &[&str]) -> Run {
        let store = self.store();
        let usual = [
            "issue",
            domain,
            "--provider",
            "example-saas",
            "--store",
            &store,
        ];
        let named = more.iter().any(|option| option.starts_with("--account"));
        let account: &[&str] = if named { &[] } else { &["--account", "42"] };
        dcv(usual.iter().chain(account).chain(more).chain(&["--json"])).await
    }

    /// A challenge for `example.com`.
    pub(crate) async fn challenge(&self, more: &[&str]) -> Issued {
        let run = self.issue("example.com", more).await;
        assert_eq!(run.code, 0, "{run:?}");
        Issued(run.json())
    }

    /// Runs `dcv check ID --json --server …`.
    pub(crate) async fn check(&self, id: &str, servers: &[String]) -> Run {
        let store = self.store();
        let servers = servers.iter().flat_map(|server| ["--server", server]);
        dcv(["check", id, "--store", &store, "--json"]
            .into_iter()
            .chain(servers))
        .await
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What `dcv issue --json` printed.
#[derive(Debug)]
pub(crate) struct Issued(pub(crate) Value);

impl Issued {
    pub(crate) fn id(&self) -> &str {
        self.0["id"].as_str().unwrap()
    }

    pub(crate) fn owner(&self) -> dcv::name::OwnerName {
        self.0["record"]["owner"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) fn value(&self) -> &str {
        self.0["record"]["value"].as_str().unwrap()
    }

    /// The token alone.
    pub(crate) fn token(&self) -> &str {
        let value = self.value().strip_prefix("token=").unwrap();
        value.split([' ', ',']).next().unwrap()
    }
}
