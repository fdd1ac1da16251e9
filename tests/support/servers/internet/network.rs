//! Addresses of an Internet's own, all of them at port 53.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU8, Ordering};

use super::super::or_skip;

const DNS: u16 = 53;

/// As [`servers_or_skip`](super::super::servers_or_skip), and port 53 can be used as well.
pub(crate) fn internet_or_skip() -> bool {
    let possible = super::super::available().map_err(|missing| missing.to_string());
    or_skip(possible.and_then(|()| {
        let [second, third] = random_network();
        let addr = SocketAddr::from(([127, second, third, 1], DNS));
        let bound = UdpSocket::bind(addr).and_then(|_| TcpListener::bind(addr));
        bound
            .map(|_| ())
            .map_err(|error| format!("{addr} cannot be bound: {error}"))
    }))
}

/// A /24 inside 127.64.0.0/10 that nobody else has as long as this lives.
#[derive(Debug)]
pub(super) struct Network {
    prefix: [u8; 3],
    next: AtomicU8,
    /// Says to other processes that the network is taken.
    _claim: UdpSocket,
}

impl Network {
    pub(super) fn claim() -> Self {
        const ATTEMPTS: u32 = 100;
        /// Far from what the system gives to outgoing sockets.
        const PORT: u16 = 4053;
        let mut last = io::Error::other("no attempt");
        for _ in 0..ATTEMPTS {
            let [second, third] = random_network();
            match UdpSocket::bind(SocketAddr::from(([127, second, third, 1], PORT))) {
                Ok(claim) => {
                    return Self {
                        prefix: [127, second, third],
                        next: AtomicU8::new(10),
                        _claim: claim,
                    };
                }
                Err(error) => last = error,
            }
        }
        panic!("no network is free: {last}");
    }

    /// The next address, at port 53. There are 240 of them.
    pub(super) fn next(&self) -> SocketAddr {
        let host = self.next.fetch_add(1, Ordering::SeqCst);
        assert!((10..250).contains(&host), "no address is left");
        let [first, second, third] = self.prefix;
        SocketAddr::from((Ipv4Addr::new(first, second, third, host), DNS))
    }
}

/// The second and third octet of an address inside 127.64.0.0/10.
fn random_network() -> [u8; 2] {
    let [second, third, ..] = RandomState::new().build_hasher().finish().to_be_bytes();
    [64 | (second & 0x3f), third]
}
