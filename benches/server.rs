//! An authoritative server in a process of its own, so that its CPU time is not counted: it
//! answers every query below `_bench-challenge` with one record, and denies all else.

use std::io::{self, BufRead as _, BufReader, Read as _};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::{env, process, thread};

const ROLE: &str = "DCV_BENCH_SERVER";
const OWNER: &[u8] = b"\x10_bench-challenge";

/// The other process. It ends when this is dropped, or when this process does.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts a server that publishes `value`.
    pub(crate) fn start(value: &str) -> Self {
        let mut child = Command::new(env::current_exe().unwrap())
            .env(ROLE, value)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().parse().unwrap();
        Self { child, address }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

/// Whether this process is to be the server.
pub(crate) fn is_wanted() -> bool {
    env::var_os(ROLE).is_some()
}

/// Serves until standard input ends.
pub(crate) fn run() {
    let value = env::var(ROLE).unwrap();
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    println!("{}", socket.local_addr().unwrap());
    thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        process::exit(0);
    });
    let mut buffer = [0; 2048];
    let mut reply = Vec::with_capacity(512);
    loop {
        let (length, client) = socket.recv_from(&mut buffer).unwrap();
        if answer(&buffer[..length], value.as_bytes(), &mut reply) {
            let _ = socket.send_to(&reply, client);
        }
    }
}

/// Writes the reply to a query; `false` where there is none.
fn answer(query: &[u8], value: &[u8], reply: &mut Vec<u8>) -> bool {
    let Some(name) = query.get(12..) else {
        return false;
    };
    let mut end = 0;
    while let Some(&length) = name.get(end).filter(|&&length| length != 0) {
        end += usize::from(length) + 1;
    }
    // The name, its final octet, type and class.
    let Some(question) = name.get(..end + 5) else {
        return false;
    };
    let found = question
        .get(..OWNER.len())
        .is_some_and(|label| label.eq_ignore_ascii_case(OWNER));
    reply.clear();
    reply.extend_from_slice(&query[..2]);
    // A reply, authoritative, with the query's RD bit; NOERROR or NXDOMAIN.
    reply.extend_from_slice(&[0x84 | query[2] & 1, if found { 0 } else { 3 }]);
    let has_edns = query[11] != 0;
    let [answers, authorities] = if found { [1, 0] } else { [0, 1] };
    reply.extend_from_slice(&[0, 1, 0, answers, 0, authorities, 0, u8::from(has_edns)]);
    reply.extend_from_slice(question);
    if found {
        let length = u8::try_from(value.len()).unwrap();
        reply.extend_from_slice(b"\xc0\x0c\0\x10\0\x01\0\0\x01\x2c\0");
        reply.extend_from_slice(&[length + 1, length]);
        reply.extend_from_slice(value);
    } else {
        // The SOA of example.com, with the root for its names.
        reply.extend_from_slice(b"\x07example\x03com\0\0\x06\0\x01\0\0\x01\x2c\0\x16\0\0");
        for number in [1_u32, 3600, 600, 86_400, 300] {
            reply.extend_from_slice(&number.to_be_bytes());
        }
    }
    if has_edns {
        reply.extend_from_slice(b"\0\0\x29\x04\xd0\0\0\0\0\0\0");
    }
    true
}
