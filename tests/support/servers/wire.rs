//! Just enough of the DNS protocol to see whether a server does what it should, written without the
//! library and its dependencies so that it shares no mistake with them.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

/// How long to wait for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) const NOERROR: u8 = 0;
pub(crate) const SERVFAIL: u8 = 2;
pub(crate) const NXDOMAIN: u8 = 3;
pub(crate) const REFUSED: u8 = 5;

/// A type of record, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type(pub(crate) u16);

impl Type {
    pub(crate) const A: Self = Self(1);
    pub(crate) const NS: Self = Self(2);
    pub(crate) const CNAME: Self = Self(5);
    pub(crate) const SOA: Self = Self(6);
    pub(crate) const TXT: Self = Self(16);
    pub(crate) const AAAA: Self = Self(28);
    pub(crate) const DNAME: Self = Self(39);
    pub(crate) const DS: Self = Self(43);
    pub(crate) const DNSKEY: Self = Self(48);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Udp,
    Tcp,
}

const IN: u16 = 1;
const CHAOS: u16 = 3;

/// What to ask: with EDNS (1232 octets), RD and AD set.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    name: String,
    rtype: Type,
    class: u16,
}

impl Question {
    pub(crate) fn new(name: &str, rtype: Type) -> Self {
        Self {
            name: name.to_owned(),
            rtype,
            class: IN,
        }
    }

    pub(super) fn chaos_txt(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            rtype: Type::TXT,
            class: CHAOS,
        }
    }

    pub(super) fn is_chaos(&self) -> bool {
        self.class == CHAOS
    }

    fn to_wire(&self, id: u16) -> Vec<u8> {
        const RD_AND_AD: u16 = 0x0120;
        let mut wire = Vec::new();
        for number in [id, RD_AND_AD, 1, 0, 0, 1] {
            wire.extend(number.to_be_bytes());
        }
        for label in self.name.split('.').filter(|label| !label.is_empty()) {
            wire.push(u8::try_from(label.len()).unwrap_or(u8::MAX));
            wire.extend(label.bytes());
        }
        wire.push(0);
        wire.extend(self.rtype.0.to_be_bytes());
        wire.extend(self.class.to_be_bytes());
        // OPT: the root, type 41, 1232 octets, version 0, no flags, no options.
        wire.extend([0, 0, 41, 0x04, 0xd0, 0, 0, 0, 0, 0, 0]);
        wire
    }
}

/// A record of an answer. Its data may hold compressed names, which nobody here reads.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) rtype: Type,
    pub(crate) data: Vec<u8>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} \"{}\"", self.rtype, self.data.escape_ascii())
    }
}

/// A server's answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) rcode: u8,
    pub(crate) authoritative: bool,
    pub(crate) truncated: bool,
    pub(crate) authentic: bool,
    pub(crate) answers: Vec<Record>,
    pub(crate) authority: Vec<Record>,
    pub(crate) additional: Vec<Record>,
}

impl Reply {
    /// The TXT records of the answer, the strings of each put together.
    pub(crate) fn texts(&self) -> Vec<Vec<u8>> {
        let texts = self
            .answers
            .iter()
            .filter(|record| record.rtype == Type::TXT);
        texts
            .map(|record| {
                let mut reader = Reader {
                    wire: &record.data,
                    at: 0,
                };
                let mut text = Vec::new();
                while let Some(string) = reader.u8().and_then(|len| reader.take(len.into())) {
                    text.extend(string);
                }
                text
            })
            .collect()
    }

    /// The serial of the SOA record in the answer, which five numbers of four octets end.
    pub(crate) fn serial(&self) -> Option<u32> {
        let is_soa = |record: &&Record| record.rtype == Type::SOA;
        let data = &self.answers.iter().find(is_soa)?.data;
        let at = data.len().checked_sub(20)?;
        let serial = data.get(at..)?.first_chunk()?;
        Some(u32::from_be_bytes(*serial))
    }

    /// How many records of a type the answer holds.
    pub(crate) fn count(&self, rtype: Type) -> usize {
        self.answers
            .iter()
            .filter(|record| record.rtype == rtype)
            .count()
    }
}

/// Asks a server. Over UDP a truncated answer is returned as it is.
pub(crate) fn ask(addr: SocketAddr, transport: Transport, asked: &Question) -> io::Result<Reply> {
    // Loopback, and a socket of its own for each question: the id need not be a secret.
    const ID: u16 = 0x4443;
    let query = asked.to_wire(ID);
    let wire = match transport {
        Transport::Udp => ask_udp(addr, &query)?,
        Transport::Tcp => ask_tcp(addr, &query)?,
    };
    parse(&wire, ID).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("not an answer: {}", wire.escape_ascii()),
        )
    })
}

fn ask_udp(addr: SocketAddr, query: &[u8]) -> io::Result<Vec<u8>> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.connect(addr)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.send(query)?;
    let mut wire = vec![0; 65_535];
    let len = socket.recv(&mut wire)?;
    wire.truncate(len);
    Ok(wire)
}

fn ask_tcp(addr: SocketAddr, query: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect_timeout(&addr, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let len = u16::try_from(query.len()).map_err(io::Error::other)?;
    stream.write_all(&[&len.to_be_bytes(), query].concat())?;
    let mut len = [0; 2];
    stream.read_exact(&mut len)?;
    let mut wire = vec![0; u16::from_be_bytes(len).into()];
    stream.read_exact(&mut wire)?;
    Ok(wire)
}

fn parse(wire: &[u8], id: u16) -> Option<Reply> {
    let mut reader = Reader { wire, at: 0 };
    if reader.u16()? != id {
        return None;
    }
    let flags = reader.u16()?;
    let is_set = |bit: u16| flags & (1 << bit) != 0;
    let mut count = || reader.u16();
    let [questions, answers, authority, additional] = [count()?, count()?, count()?, count()?];
    for _ in 0..questions {
        reader.name()?;
        reader.take(4)?;
    }
    is_set(15).then_some(())?;
    Some(Reply {
        rcode: (flags & 0x0f) as u8,
        authoritative: is_set(10),
        truncated: is_set(9),
        authentic: is_set(5),
        answers: reader.records(answers)?,
        authority: reader.records(authority)?,
        additional: reader.records(additional)?,
    })
}

struct Reader<'a> {
    wire: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(len)?;
        let taken = self.wire.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    /// Passes over a name, which a pointer or the root ends.
    fn name(&mut self) -> Option<()> {
        loop {
            match self.u8()? {
                0 => return Some(()),
                0xc0.. => return self.u8().map(|_| ()),
                len => self.take(len.into())?,
            };
        }
    }

    fn records(&mut self, count: u16) -> Option<Vec<Record>> {
        (0..count)
            .map(|_| {
                self.name()?;
                let rtype = Type(self.u16()?);
                // Class and TTL.
                self.take(6)?;
                let len = self.u16()?;
                Some(Record {
                    rtype,
                    data: self.take(len.into())?.to_vec(),
                })
            })
            .collect()
    }
}
