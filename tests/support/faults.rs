//! A DNS server on loopback that does what its script says, wrong things above all.

#![allow(dead_code, reason = "not every test needs every fault")]

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_server::proto::op::{Edns, Message, OpCode, Query, ResponseCode};
use hickory_server::proto::rr::rdata::opt::EdnsOption;
use hickory_server::proto::rr::rdata::{A, AAAA, CNAME, NS, NULL, SOA, TXT};
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::{JoinHandle, yield_now};

/// A query that reached the server.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) message: Message,
    pub(crate) from: SocketAddr,
    pub(crate) over_tcp: bool,
}

impl Asked {
    /// The question as it came, in its letter case.
    pub(crate) fn query(&self) -> Query {
        self.message.queries[0].clone()
    }

    /// The asked name in lower case.
    pub(crate) fn name(&self) -> String {
        self.query().name().to_lowercase().to_ascii()
    }

    /// A reply that belongs to this query, empty and authoritative.
    pub(crate) fn reply(&self) -> Message {
        let mut reply = Message::response(self.message.metadata.id, OpCode::Query);
        reply.metadata.authoritative = true;
        reply.add_query(self.query());
        reply.set_edns(Edns::new());
        reply
    }

    /// A reply with these records in its answer section.
    pub(crate) fn answer(&self, records: impl IntoIterator<Item = Record>) -> Vec<Send> {
        let mut reply = self.reply();
        reply.add_answers(records);
        vec![Send::Message(reply)]
    }

    /// A reply with this RCODE.
    pub(crate) fn refuse(&self, code: ResponseCode) -> Vec<Send> {
        let mut reply = self.reply();
        reply.metadata.response_code = code;
        vec![Send::Message(reply)]
    }

    /// An empty reply with the TC bit.
    pub(crate) fn truncated(&self) -> Vec<Send> {
        let mut reply = self.reply();
        reply.metadata.truncation = true;
        vec![Send::Message(reply)]
    }
}

/// What the server sends.
#[derive(Debug, Clone)]
pub(crate) enum Send {
    Message(Message),
    Octets(Vec<u8>),
    /// Over UDP: the message to somebody who asked before.
    To(SocketAddr, Message),
    /// Over TCP: the message octet by octet, with a pause after each.
    Drip(Message),
    /// Over TCP: this many octets of the message, then the end of the connection.
    Cut(Message, usize),
}

type Script = dyn Fn(&Asked) -> Vec<Send> + std::marker::Send + Sync;

/// Ends with its value.
#[derive(Debug)]
pub(crate) struct FaultServer {
    addr: SocketAddr,
    seen: Arc<Mutex<Vec<Asked>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl FaultServer {
    /// A server on UDP and TCP.
    pub(crate) async fn start(
        script: impl Fn(&Asked) -> Vec<Send> + std::marker::Send + Sync + 'static,
    ) -> Self {
        loop {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            let addr = tcp.local_addr().unwrap();
            // The same port may be taken for UDP: then another one is tried.
            if let Ok(udp) = UdpSocket::bind(addr).await {
                return Self::run(Some(tcp), udp, Arc::new(script));
            }
        }
    }

    /// A server on UDP and TCP at this address, which must be free.
    pub(crate) async fn start_at(
        addr: SocketAddr,
        script: impl Fn(&Asked) -> Vec<Send> + std::marker::Send + Sync + 'static,
    ) -> Self {
        // Somebody's query may have gone out from this very port a moment ago, and waits for its reply.
        let bound = async {
            loop {
                let (tcp, udp) = (TcpListener::bind(addr).await, UdpSocket::bind(addr).await);
                match (tcp, udp) {
                    (Ok(tcp), Ok(udp)) => return (tcp, udp),
                    _ => yield_now().await,
                }
            }
        };
        let bound = tokio::time::timeout(Duration::from_secs(20), bound).await;
        let (tcp, udp) = bound.unwrap_or_else(|_| panic!("{addr} is taken"));
        Self::run(Some(tcp), udp, Arc::new(script))
    }

    /// A server on UDP alone: TCP connections to it are refused.
    pub(crate) async fn start_without_tcp(
        script: impl Fn(&Asked) -> Vec<Send> + std::marker::Send + Sync + 'static,
    ) -> Self {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        Self::run(None, udp, Arc::new(script))
    }

    fn run(tcp: Option<TcpListener>, udp: UdpSocket, script: Arc<Script>) -> Self {
        let addr = udp.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = vec![tokio::spawn(serve_udp(udp, seen.clone(), script.clone()))];
        if let Some(tcp) = tcp {
            tasks.push(tokio::spawn(serve_tcp(tcp, seen.clone(), script)));
        }
        Self { addr, seen, tasks }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The queries that came so far.
    pub(crate) fn seen(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for FaultServer {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// An address on loopback at which nobody listens.
pub(crate) async fn closed_port() -> SocketAddr {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap()
        .local_addr()
        .unwrap()
}

fn asked(octets: &[u8], from: SocketAddr, over_tcp: bool) -> Asked {
    Asked {
        message: Message::from_vec(octets).unwrap(),
        from,
        over_tcp,
    }
}

async fn serve_udp(socket: UdpSocket, seen: Arc<Mutex<Vec<Asked>>>, script: Arc<Script>) {
    let mut buffer = vec![0; 4096];
    loop {
        let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
        let asked = asked(&buffer[..length], from, false);
        seen.lock().unwrap().push(asked.clone());
        for send in script(&asked) {
            let mut to = from;
            let octets = match send {
                Send::Message(message) => message.to_vec().unwrap(),
                Send::To(earlier, message) => {
                    to = earlier;
                    message.to_vec().unwrap()
                }
                Send::Octets(octets) => octets,
                Send::Drip(_) | Send::Cut(..) => panic!("a datagram comes whole"),
            };
            socket.send_to(&octets, to).await.unwrap();
        }
    }
}

async fn serve_tcp(listener: TcpListener, seen: Arc<Mutex<Vec<Asked>>>, script: Arc<Script>) {
    loop {
        let (mut stream, from) = listener.accept().await.unwrap();
        let mut length = [0; 2];
        stream.read_exact(&mut length).await.unwrap();
        let mut octets = vec![0; u16::from_be_bytes(length).into()];
        stream.read_exact(&mut octets).await.unwrap();
        let asked = asked(&octets, from, true);
        seen.lock().unwrap().push(asked.clone());
        let sends = script(&asked);
        tokio::spawn(async move {
            for send in sends {
                // The client may have gone: that is what some tests are about.
                if write_tcp(&mut stream, send).await.is_err() {
                    return;
                }
            }
        });
    }
}

async fn write_tcp(stream: &mut TcpStream, send: Send) -> std::io::Result<()> {
    let framed = |octets: Vec<u8>| {
        let length = u16::try_from(octets.len()).unwrap();
        [length.to_be_bytes().to_vec(), octets].concat()
    };
    match send {
        Send::Message(message) => stream.write_all(&framed(message.to_vec().unwrap())).await,
        Send::Octets(octets) => stream.write_all(&framed(octets)).await,
        Send::To(..) => panic!("a stream leads to who has opened it"),
        Send::Drip(message) => {
            for octet in framed(message.to_vec().unwrap()) {
                stream.write_all(&[octet]).await?;
                stream.flush().await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok(())
        }
        Send::Cut(message, octets) => {
            stream
                .write_all(&framed(message.to_vec().unwrap())[..octets])
                .await
        }
    }
}

/// A name in presentation form, without escapes.
pub(crate) fn name(text: &str) -> Name {
    let labels = text
        .trim_end_matches('.')
        .split('.')
        .filter(|label| !label.is_empty());
    Name::from_labels(labels.map(str::as_bytes)).unwrap()
}

pub(crate) fn txt(owner: &str, strings: &[&[u8]]) -> Record {
    Record::from_rdata(
        name(owner),
        300,
        RData::TXT(TXT::from_bytes(strings.to_vec())),
    )
}

pub(crate) fn cname(owner: &str, target: &str) -> Record {
    Record::from_rdata(name(owner), 300, RData::CNAME(CNAME(name(target))))
}

pub(crate) fn dname(owner: &str, target: &str) -> Record {
    let mut octets = Vec::new();
    for label in name(target).iter() {
        octets.push(u8::try_from(label.len()).unwrap());
        octets.extend_from_slice(label);
    }
    octets.push(0);
    let rdata = NULL::with(octets);
    Record::from_rdata(
        name(owner),
        300,
        RData::Unknown {
            code: RecordType::from(39),
            rdata,
        },
    )
}

pub(crate) fn ns(owner: &str, server: &str) -> Record {
    Record::from_rdata(name(owner), 300, RData::NS(NS(name(server))))
}

pub(crate) fn a(owner: &str, address: Ipv4Addr) -> Record {
    Record::from_rdata(name(owner), 300, RData::A(A(address)))
}

pub(crate) fn aaaa(owner: &str, address: Ipv6Addr) -> Record {
    Record::from_rdata(name(owner), 300, RData::AAAA(AAAA(address)))
}

/// A SOA with the serial 7, a TTL of 900 and a minimum of 60.
pub(crate) fn soa(apex: &str) -> Record {
    let (server, person) = (name("ns.example.com"), name("hostmaster.example.com"));
    let soa = SOA::new(server, person, 7, 7200, 600, 86400, 60);
    Record::from_rdata(name(apex), 900, RData::SOA(soa))
}

/// The same with another serial.
pub(crate) fn soa_with_serial(apex: &str, serial: u32) -> Record {
    let mut record = soa(apex);
    if let RData::SOA(soa) = &mut record.data {
        soa.serial = serial;
    }
    record
}

/// Adds an Extended DNS Error (RFC 8914).
pub(crate) fn with_extended_error(mut reply: Message, code: u16, text: &[u8]) -> Message {
    let data = [&code.to_be_bytes(), text].concat();
    reply
        .edns
        .get_or_insert_with(Edns::new)
        .options_mut()
        .insert(EdnsOption::Unknown(15, data));
    reply
}
