//! Real DNS servers as child processes, for tests: knot and nsd answer for zones, unbound and BIND
//! resolve, and `Internet` puts them together.
//!
//! Each runs as the current user on a free loopback port, keeps everything it writes in a folder of
//! its own below the temporary directory, and ends when its handle is dropped or the test process
//! ends, however it ends. Do not keep a handle in a `static`: statics are not dropped, and the folder
//! would stay.
//!
//! ```ignore
//! #[path = "support/servers/mod.rs"]
//! mod servers;
//!
//! #[test]
//! fn a_resolver_sees_the_record() {
//!     if !servers::servers_or_skip() {
//!         return;
//!     }
//!     let zone = servers::zone::fill(servers::zone::EXAMPLE_COM, "_saas-challenge", |case| …);
//!     let knot = servers::Knot::start(&[("example.com", &zone)]);
//!     let stubs = [("example.com", knot.addr())];
//!     let unbound = servers::Unbound::start(&servers::UnboundConfig { stubs: &stubs, ..Default::default() });
//!     // … look up at `unbound.addr()`
//! }
//! ```
#![allow(dead_code, unused_imports, reason = "every test uses its own part")]
#![allow(clippy::panic, reason = "a server that does not start fails the test")]

mod bind;
pub(crate) mod internet;
mod knot;
mod nsd;
mod process;
pub(crate) mod signing;
mod unbound;
pub(crate) mod wire;
pub(crate) mod zone;

use std::path::PathBuf;
use std::{env, fmt, io, thread};

pub(crate) use bind::{Bind, BindConfig};
pub(crate) use internet::{Internet, Signing, Zone, internet_or_skip};
pub(crate) use knot::Knot;
pub(crate) use nsd::Nsd;
pub(crate) use unbound::{Unbound, UnboundConfig};

/// What a test needs is not installed.
#[derive(Debug)]
pub(crate) struct Missing(Vec<&'static str>);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "not installed: {} (Debian: apt-get install knot nsd unbound bind9 ldnsutils)",
            self.0.join(", ")
        )
    }
}

/// Whether every server program is installed.
pub(crate) fn available() -> Result<(), Missing> {
    let programs = [
        "knotd",
        "nsd",
        "unbound",
        "named",
        "dnssec-keygen",
        "dnssec-signzone",
        "dnssec-dsfromkey",
        "ldns-signzone",
    ];
    let missing: Vec<_> = programs
        .into_iter()
        .filter(|name| program(name).is_none())
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Missing(missing))
    }
}

/// Whether to run the calling test. Where the servers are missing this says on standard error that
/// the test was not run, and why. `DCV_TEST_SERVERS=1` makes that a failure, `DCV_TEST_SERVERS=0`
/// leaves these tests out.
pub(crate) fn servers_or_skip() -> bool {
    or_skip(available().map_err(|missing| missing.to_string()))
}

fn or_skip(possible: Result<(), String>) -> bool {
    let wish = env::var("DCV_TEST_SERVERS").unwrap_or_default();
    let reason = match (possible, wish.as_str()) {
        (_, "0") => "DCV_TEST_SERVERS=0".to_owned(),
        (Ok(()), _) => return true,
        (Err(why), "1") => panic!("DCV_TEST_SERVERS=1, but {why}"),
        (Err(why), _) => why,
    };
    let test = thread::current().name().unwrap_or("this test").to_owned();
    // Past the capture of the test harness, which would hide the line of a test that passes.
    let _ = io::Write::write_all(
        &mut io::stderr(),
        format!("{test}: NOT RUN: {reason}\n").as_bytes(),
    );
    false
}

/// Where a program is. Servers are often outside the search path of ordinary users.
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
}
