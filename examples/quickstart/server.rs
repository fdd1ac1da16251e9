//! A DNS server for one zone, in this process: it stands for the DNS provider of a domain, so that
//! the story needs no network.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dcv::name::OwnerName;
use dcv::record::presentation::character_strings;
use hickory_server::Server;
use hickory_server::proto::rr::rdata::{NS, SOA, TXT};
use hickory_server::proto::rr::{Name, RData, Record};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneHandler, ZoneType};
use tokio::net::{TcpListener, UdpSocket};

/// An authoritative server on loopback. It answers until it is dropped.
pub(crate) struct DnsServer {
    zone: Arc<InMemoryZoneHandler>,
    address: SocketAddr,
    _server: Server<Catalog>,
}

impl DnsServer {
    /// Serves a zone that has a SOA and a name server, but no other records yet.
    pub(crate) async fn start(apex: &str, ip: IpAddr) -> Result<Self, Box<dyn Error>> {
        let apex = Name::from_ascii(apex)?.append_domain(&Name::root())?;
        let host = apex.prepend_label("ns")?;
        let mailbox = apex.prepend_label("hostmaster")?;
        let soa = SOA::new(host.clone(), mailbox, 1, 3600, 600, 86_400, 60);
        let mut zone =
            InMemoryZoneHandler::empty(apex.clone(), ZoneType::Primary, AxfrPolicy::Deny);
        zone.upsert_mut(Record::from_rdata(apex.clone(), 300, RData::SOA(soa)), 1);
        zone.upsert_mut(
            Record::from_rdata(apex.clone(), 300, RData::NS(NS(host))),
            1,
        );
        let zone = Arc::new(zone);
        let mut catalog = Catalog::new();
        catalog.upsert(apex.into(), vec![zone.clone() as Arc<dyn ZoneHandler>]);

        let (udp, tcp) = bind(ip).await?;
        let address = udp.local_addr()?;
        let mut server = Server::new(catalog);
        server.register_socket(udp);
        server.register_listener(tcp, Duration::from_secs(5), 32);
        Ok(Self {
            zone,
            address,
            _server: server,
        })
    }

    /// Where it listens, over UDP and TCP.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds a TXT record, as a domain's owner does in the panel of a DNS provider.
    pub(crate) async fn publish(
        &self,
        owner: &OwnerName,
        value: &str,
        ttl: u32,
    ) -> Result<(), Box<dyn Error>> {
        let owner = Name::from_labels(owner.labels())?;
        let strings = character_strings(value.as_bytes()).collect();
        let data = RData::TXT(TXT::from_bytes(strings));
        let serial = self.zone.serial().await.wrapping_add(1);
        if !self
            .zone
            .upsert(Record::from_rdata(owner, ttl, data), serial)
            .await
        {
            return Err("the zone has that record already".into());
        }
        Ok(())
    }
}

/// A free port of its own, for UDP and TCP alike.
async fn bind(ip: IpAddr) -> std::io::Result<(UdpSocket, TcpListener)> {
    let mut tries = 0;
    loop {
        let udp = UdpSocket::bind((ip, 0)).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            // Some other program may have the port for TCP.
            Err(error) if tries == 8 => return Err(error),
            Err(_) => tries += 1,
        }
    }
}
