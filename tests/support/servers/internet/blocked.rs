//! In front of a server: UDP passes, TCP does not.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// What comes of connections over TCP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tcp {
    /// They are refused.
    Refused,
    /// They are made, and nobody ever says a word.
    Silent,
}

/// Ends with its value.
#[derive(Debug)]
pub(super) struct UdpRelay {
    addr: SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    _silent: Option<TcpListener>,
}

impl UdpRelay {
    pub(super) fn start(addr: SocketAddr, server: SocketAddr, tcp: Tcp) -> io::Result<Self> {
        let silent = match tcp {
            Tcp::Refused => None,
            Tcp::Silent => Some(TcpListener::bind(addr)?),
        };
        let socket = UdpSocket::bind(addr)?;
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = is_over.clone();
        let thread = thread::spawn(move || {
            let mut buffer = vec![0; 65_535];
            while let Ok((length, client)) = socket.recv_from(&mut buffer) {
                if seen.load(Ordering::SeqCst) {
                    return;
                }
                let query = buffer.get(..length).unwrap_or_default();
                if let Ok(reply) = pass_on(query, server) {
                    // The client may have gone.
                    let _ = socket.send_to(&reply, client);
                }
            }
        });
        Ok(Self {
            addr,
            is_over,
            thread: Some(thread),
            _silent: silent,
        })
    }
}

fn pass_on(query: &[u8], server: SocketAddr) -> io::Result<Vec<u8>> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(Duration::from_secs(2)))?;
    socket.send_to(query, server)?;
    let mut reply = vec![0; 65_535];
    let length = socket.recv(&mut reply)?;
    reply.truncate(length);
    Ok(reply)
}

impl Drop for UdpRelay {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Any datagram wakes it up.
        let woken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
            .and_then(|socket| socket.send_to(&[0], self.addr));
        if let (Ok(_), Some(thread)) = (woken, self.thread.take()) {
            let _ = thread.join();
        }
    }
}
