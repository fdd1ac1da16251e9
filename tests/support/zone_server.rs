//! An authoritative server of one zone, in the process, by hickory-server.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_server::Server;
use hickory_server::net::runtime::TokioRuntimeProvider;
use hickory_server::proto::rr::{Name, Record};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use tokio::net::{TcpListener, UdpSocket};

/// Ends with its value.
pub(crate) struct ZoneServer {
    addr: SocketAddr,
    _server: Server<Catalog>,
}

impl ZoneServer {
    /// Serves `records` as the zone `apex`, over UDP and TCP.
    pub(crate) async fn start(apex: &Name, records: impl IntoIterator<Item = Record>) -> Self {
        let mut zone = InMemoryZoneHandler::<TokioRuntimeProvider>::empty(
            apex.clone(),
            ZoneType::Primary,
            AxfrPolicy::Deny,
        );
        for record in records {
            assert!(zone.upsert_mut(record.clone(), 0), "{record}");
        }
        let mut catalog = Catalog::new();
        catalog.upsert(apex.into(), vec![Arc::new(zone)]);
        let (udp, tcp) = loop {
            let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            if let Ok(udp) = UdpSocket::bind(tcp.local_addr().unwrap()).await {
                break (udp, tcp);
            }
        };
        let addr = udp.local_addr().unwrap();
        let mut server = Server::new(catalog);
        server.register_socket(udp);
        server.register_listener(tcp, Duration::from_secs(5), 32);
        Self {
            addr,
            _server: server,
        }
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.addr
    }
}
