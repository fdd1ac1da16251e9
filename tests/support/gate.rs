//! A relay that stands where a server is expected, and lets nothing through until it is opened.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// UDP alone. Ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Gate {
    opened: watch::Sender<bool>,
    asked: watch::Receiver<usize>,
    task: JoinHandle<()>,
}

impl Gate {
    /// At `addr`, which must be free, in front of `server`. Once it is open, every query takes
    /// `delay` more.
    pub(crate) async fn start_at(addr: SocketAddr, server: SocketAddr, delay: Duration) -> Self {
        let socket = Arc::new(UdpSocket::bind(addr).await.unwrap());
        let (opened, open) = watch::channel(false);
        let (count, asked) = watch::channel(0);
        let task = tokio::spawn(async move {
            let mut buffer = vec![0; 4096];
            loop {
                let (length, client) = socket.recv_from(&mut buffer).await.unwrap();
                count.send_modify(|count| *count += 1);
                let (query, back, mut open) =
                    (buffer[..length].to_vec(), socket.clone(), open.clone());
                tokio::spawn(async move {
                    // The gate may be gone by then.
                    if open.wait_for(|open| *open).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(delay).await;
                    let upstream = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                    upstream.send_to(&query, server).await.unwrap();
                    let mut reply = vec![0; 65_535];
                    let (length, _) = upstream.recv_from(&mut reply).await.unwrap();
                    back.send_to(&reply[..length], client).await.unwrap();
                });
            }
        });
        Self {
            opened,
            asked,
            task,
        }
    }

    /// Lets everything through from now on.
    pub(crate) fn open(&self) {
        let _ = self.opened.send(true);
    }

    /// Waits until so many queries have come.
    pub(crate) async fn asked(&self, count: usize) {
        let mut asked = self.asked.clone();
        asked.wait_for(|asked| *asked >= count).await.unwrap();
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.task.abort();
    }
}
