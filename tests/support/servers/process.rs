//! Starts a server, waits until it answers, and ends it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, io, process, thread};

use super::program;
use super::wire::{self, Question, Transport};

/// How long a server may take until it answers. Far above what any takes.
const START: Duration = Duration::from_secs(30);

/// How long a server may take to end before it is killed.
const END: Duration = Duration::from_secs(5);

const POLL: Duration = Duration::from_millis(10);

/// What a server's configuration is made of.
pub(super) struct Setting<'a> {
    pub(super) addr: SocketAddr,
    /// The same port on IPv6, where the machine has that.
    pub(super) addr_v6: Option<SocketAddr>,
    pub(super) folder: &'a Path,
    /// What the server must answer to `id.server CH TXT`, so that whoever answers at the port is
    /// known to be this very server: sockets may share a port.
    pub(super) identity: &'a str,
}

impl Setting<'_> {
    /// Where to listen: on IPv4, and on IPv6 where the machine has that.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        std::iter::once(self.addr).chain(self.addr_v6)
    }

    /// Writes a file into the server's folder and returns its path.
    pub(super) fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.join(name);
        if let Err(error) = fs::write(&path, text) {
            panic!("cannot write {}: {error}", path.display());
        }
        path.display().to_string()
    }
}

/// A running server.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    guard: Child,
    addr: SocketAddr,
    addr_v6: Option<SocketAddr>,
    folder: Folder,
}

impl Process {
    /// Starts `name` with the arguments that `prepare` returns and waits until it answers at its
    /// address over UDP and TCP, and answers each of `ready` without an error and with records. The
    /// error holds the end of the server's log.
    pub(super) fn start(
        name: &str,
        ready: &[Question],
        prepare: impl Fn(&Setting<'_>) -> Vec<String>,
    ) -> Result<Self, String> {
        const ATTEMPTS: u32 = 5;
        let mut attempt = 1;
        loop {
            match Self::start_once(name, ready, &prepare) {
                // Somebody else took the port between our looking and the server's binding.
                Err(error) if attempt < ATTEMPTS && error.contains("in use") => attempt += 1,
                outcome => return outcome,
            }
        }
    }

    fn start_once(
        name: &str,
        ready: &[Question],
        prepare: &impl Fn(&Setting<'_>) -> Vec<String>,
    ) -> Result<Self, String> {
        let failed = |what: &str, error: io::Error| format!("{name}: {what}: {error}");
        let program = program(name).ok_or_else(|| format!("{name} is not installed"))?;
        let folder = Folder::new().map_err(|error| failed("no folder", error))?;
        let (addr, addr_v6) = free_address().map_err(|error| failed("no free port", error))?;
        let identity = format!("{name}-{}-{}", process::id(), addr.port());
        let arguments = prepare(&Setting {
            addr,
            addr_v6,
            folder: &folder.0,
            identity: &identity,
        });
        let output = File::create(folder.0.join("output.log"));
        let (stdout, stderr) = output
            .and_then(|output| Ok((output.try_clone()?, output)))
            .map_err(|error| failed("no log", error))?;
        let child = Command::new(program)
            .args(arguments)
            .current_dir(&folder.0)
            .stdin(Stdio::null())
            .stdout(stdout)
            .stderr(stderr)
            .spawn()
            .map_err(|error| failed("cannot be run", error))?;
        let mut server = match guard(&child) {
            Ok(guard) => Self {
                child,
                guard,
                addr,
                addr_v6,
                folder,
            },
            Err(error) => {
                let mut child = child;
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed("cannot be guarded", error));
            }
        };
        match server.wait_until_ready(&identity, ready) {
            Ok(()) => Ok(server),
            Err(why) => Err(format!("{name}: {why}; its log ends:\n{}", server.log())),
        }
    }

    pub(super) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its address on IPv6, for a server that listens there.
    pub(super) fn addr_v6(&self) -> Option<SocketAddr> {
        self.addr_v6
    }

    /// Makes the server read its configuration again, and waits until it answers `ready` without
    /// an error and with records.
    pub(super) fn reload(&mut self, ready: Question) {
        let reload = Command::new("sh")
            .args(["-c", "kill -HUP \"$1\"", "reload"])
            .arg(self.child.id().to_string())
            .status();
        match reload {
            Ok(status) if status.success() => {}
            outcome => panic!("the server cannot be told to reload: {outcome:?}"),
        }
        if let Err(why) = self.wait_for(vec![(ready, Transport::Udp)], None) {
            panic!("{why}; its log ends:\n{}", self.log());
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder.0
    }

    fn wait_until_ready(&mut self, identity: &str, ready: &[Question]) -> Result<(), String> {
        let mut open = vec![
            (Question::chaos_txt("id.server"), Transport::Udp),
            (Question::chaos_txt("id.server"), Transport::Tcp),
        ];
        open.extend(
            ready
                .iter()
                .map(|question| (question.clone(), Transport::Udp)),
        );
        self.wait_for(open, Some(identity))
    }

    fn wait_for(
        &mut self,
        mut open: Vec<(Question, Transport)>,
        identity: Option<&str>,
    ) -> Result<(), String> {
        let is_another = |reply: &wire::Reply| {
            identity.is_some_and(|identity| reply.texts() != [identity.as_bytes()])
        };
        let begun = Instant::now();
        while let Some((question, transport)) = open.first() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("ended at once ({status})"));
            }
            let seen = match wire::ask(self.addr, *transport, question) {
                Ok(reply) if question.is_chaos() && is_another(&reply) => {
                    return Err(format!("another server answers at {}", self.addr));
                }
                Ok(reply) if reply.rcode == wire::NOERROR && !reply.answers.is_empty() => {
                    open.remove(0);
                    continue;
                }
                Ok(reply) => format!("{reply:?}"),
                Err(error) => error.to_string(),
            };
            if begun.elapsed() > START {
                return Err(format!(
                    "not ready for {question:?} after {START:?}: {seen}"
                ));
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    /// The end of whatever the server wrote into files named `*.log`.
    fn log(&self) -> String {
        const LINES: usize = 30;
        let mut logs: Vec<_> = fs::read_dir(&self.folder.0)
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .collect();
        logs.sort();
        let text: String = logs
            .iter()
            .filter_map(|path| fs::read(path).ok())
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect();
        let lines: Vec<_> = text.lines().collect();
        let tail = lines
            .get(lines.len().saturating_sub(LINES)..)
            .unwrap_or_default();
        if tail.is_empty() {
            "(empty)".to_owned()
        } else {
            tail.join("\n")
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Ok(Some(_)) = self.child.try_wait() {
            // Its process id may be another's by now, so the guard must not act.
            let _ = self.guard.kill();
        } else {
            drop(self.guard.stdin.take());
            let begun = Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && begun.elapsed() < END {
                thread::sleep(POLL);
            }
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
        let _ = self.guard.wait();
        // The server's own children may hold its sockets for a moment longer.
        let begun = Instant::now();
        while TcpStream::connect_timeout(&self.addr, END).is_ok() && begun.elapsed() < END {
            thread::sleep(POLL);
        }
    }
}

/// A process that asks `child` to end as soon as this process lets go of its input, be it because
/// the handle is dropped or because this process was killed.
fn guard(child: &Child) -> io::Result<Child> {
    Command::new("sh")
        .args([
            "-c",
            "read -r _; kill -TERM \"$1\"",
            "guard",
            &child.id().to_string(),
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// A loopback address whose port is free for UDP and TCP, and was not given out before; and the
/// same port on IPv6, where the machine has that.
fn free_address() -> io::Result<(SocketAddr, Option<SocketAddr>)> {
    static GIVEN: Mutex<Option<HashSet<u16>>> = Mutex::new(None);
    const ATTEMPTS: u32 = 100;
    let has_v6 = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let is_free = |addr: SocketAddr| UdpSocket::bind(addr).is_ok();
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let given = given.get_or_insert_default();
    for _ in 0..ATTEMPTS {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = tcp.local_addr()?;
        let v6 = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), addr.port());
        let v6_is_free = || is_free(v6) && TcpListener::bind(v6).is_ok();
        if is_free(addr) && (!has_v6 || v6_is_free()) && given.insert(addr.port()) {
            return Ok((addr, has_v6.then_some(v6)));
        }
    }
    Err(io::Error::other("no port is free for both UDP and TCP"))
}

/// A new folder, removed with everything in it on drop.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn new() -> io::Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        loop {
            let count = COUNT.fetch_add(1, Ordering::Relaxed);
            // Short: a control socket's path is limited to about a hundred bytes.
            let path = env::temp_dir().join(format!("dcv-{}-{count}", process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                // Left behind by an earlier process of the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
