//! A line to a server over TCP, that can be cut and held.

#![allow(dead_code, reason = "not every test needs every helper")]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Passes on what a client and a server say to each other. Ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Line {
    addr: SocketAddr,
    state: Arc<watch::Sender<State>>,
    task: JoinHandle<()>,
}

#[derive(Debug, Default, Clone, Copy)]
struct State {
    /// Connections that were made so far, and those that are still there.
    made: u32,
    open: u32,
    /// What the server says stays here,
    holds: bool,
    /// until it is released. How many times that was done.
    released: u32,
    /// Something is kept back.
    held: bool,
    /// Connections that the client speaks on next are cut instead.
    cuts: bool,
}

impl Line {
    pub(crate) async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        let state = Arc::new(watch::Sender::new(State::default()));
        let task = tokio::spawn(accept(listener, server, state.clone()));
        Self { addr, state, task }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How many connections were made so far.
    pub(crate) fn made(&self) -> u32 {
        self.state.borrow().made
    }

    /// Waits until no connection is left.
    pub(crate) async fn is_empty(&self) {
        self.wait(|state| state.open == 0).await;
    }

    /// Keeps back what the server says from now on.
    pub(crate) fn hold(&self) {
        self.state.send_modify(|state| state.holds = true);
    }

    /// Waits until the server has said something that is kept back.
    pub(crate) async fn holds_something(&self) {
        self.wait(|state| state.held).await;
    }

    /// Passes on what was kept back, and all that comes.
    pub(crate) fn release(&self) {
        self.state.send_modify(|state| {
            state.holds = false;
            state.held = false;
            state.released += 1;
        });
    }

    /// Cuts the connection that the client speaks on next, before the server hears of it.
    pub(crate) fn cut_next(&self) {
        self.state.send_modify(|state| state.cuts = true);
    }

    async fn wait(&self, until: impl FnMut(&State) -> bool) {
        let mut states = self.state.subscribe();
        states.wait_for(until).await.unwrap();
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, server: SocketAddr, state: Arc<watch::Sender<State>>) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let state = state.clone();
        state.send_modify(|state| {
            state.made += 1;
            state.open += 1;
        });
        tokio::spawn(async move {
            let server = TcpStream::connect(server).await.unwrap();
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::select! {
                () = upward(from_client, to_server, &state) => {}
                () = downward(from_server, to_client, &state) => {}
            }
            state.send_modify(|state| state.open -= 1);
        });
    }
}

/// Ends with either side, and so ends the connection: nobody here speaks after the other has left.
async fn upward(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    state: &watch::Sender<State>,
) {
    let mut buffer = vec![0; 65_535];
    while let Ok(length @ 1..) = client.read(&mut buffer).await {
        let cut = state.send_if_modified(|state| std::mem::take(&mut state.cuts));
        if cut || server.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

async fn downward(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    state: &watch::Sender<State>,
) {
    let mut states = state.subscribe();
    let mut buffer = vec![0; 65_535];
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        let mut round = 0;
        state.send_if_modified(|state| {
            round = state.released;
            state.holds && !std::mem::replace(&mut state.held, true)
        });
        let released = states.wait_for(|state| !state.holds || state.released > round);
        let released = released.await.is_ok();
        if !released || client.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
