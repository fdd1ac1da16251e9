//! A relay in front of a server that counts what passes.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinHandle;

/// Passes queries on to a server and replies back. Ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Relay {
    addr: SocketAddr,
    counts: Arc<Counts>,
    tasks: [JoinHandle<()>; 2],
}

#[derive(Debug, Default)]
struct Counts {
    datagrams: AtomicU32,
    connections: AtomicU32,
}

impl Relay {
    pub(crate) async fn start(server: SocketAddr) -> Self {
        loop {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let addr = tcp.local_addr().unwrap();
            // The same port may be taken for UDP: then another one is tried.
            let Ok(udp) = UdpSocket::bind(addr).await else {
                continue;
            };
            let counts = Arc::new(Counts::default());
            let tasks = [
                tokio::spawn(relay_udp(udp, server, counts.clone())),
                tokio::spawn(relay_tcp(tcp, server, counts.clone())),
            ];
            return Self {
                addr,
                counts,
                tasks,
            };
        }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How many queries came over UDP.
    pub(crate) fn over_udp(&self) -> u32 {
        self.counts.datagrams.load(Ordering::SeqCst)
    }

    /// How many connections were made over TCP, each for one query.
    pub(crate) fn over_tcp(&self) -> u32 {
        self.counts.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn relay_udp(socket: UdpSocket, server: SocketAddr, counts: Arc<Counts>) {
    let socket = Arc::new(socket);
    let mut buffer = vec![0; 65_535];
    loop {
        let (length, client) = socket.recv_from(&mut buffer).await.unwrap();
        counts.datagrams.fetch_add(1, Ordering::SeqCst);
        let (query, back) = (buffer[..length].to_vec(), socket.clone());
        tokio::spawn(async move {
            let upstream = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            upstream.send_to(&query, server).await.unwrap();
            let mut reply = vec![0; 65_535];
            let (length, _) = upstream.recv_from(&mut reply).await.unwrap();
            back.send_to(&reply[..length], client).await.unwrap();
        });
    }
}

async fn relay_tcp(listener: TcpListener, server: SocketAddr, counts: Arc<Counts>) {
    loop {
        let (mut client, _) = listener.accept().await.unwrap();
        counts.connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(async move {
            let mut upstream = TcpStream::connect(server).await.unwrap();
            // The client may end the connection in any way.
            let _ = copy_bidirectional(&mut client, &mut upstream).await;
        });
    }
}
