//! DNS servers that do not answer as they should.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// A server that gives every question back with an error code. It ends when it is dropped.
pub(crate) struct Failing {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Failing {
    pub(crate) async fn start(rcode: u8) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let task = tokio::spawn(async move {
            let mut message = [0; 512];
            loop {
                let (size, from) = socket.recv_from(&mut message).await.unwrap();
                // A reply (QR) with this code (RCODE), otherwise the question as it came.
                message[2] |= 0x80;
                message[3] = message[3] & 0xf0 | rcode;
                socket.send_to(&message[..size], from).await.unwrap();
            }
        });
        Self { address, task }
    }

    pub(crate) fn at(&self) -> String {
        self.address.to_string()
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A server that never answers, as long as the socket is there.
pub(crate) async fn silent() -> (UdpSocket, String) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap().to_string();
    (socket, address)
}
