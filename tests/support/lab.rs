//! A small DNS of scripted servers, each at an address of its own, all at one port.

#![allow(dead_code, reason = "not every test needs every helper")]

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};

use dcv::lookup::{AddressFilter, AuthoritativeLookup};
use hickory_server::proto::op::{Message, ResponseCode};
use hickory_server::proto::rr::{Name, Record, RecordType};

use tokio::net::UdpSocket;

use crate::faults::{Asked, FaultServer, Send, a, name, ns, soa_with_serial};

/// Ends with its value.
#[derive(Debug)]
pub(crate) struct Lab {
    network: [u8; 2],
    port: u16,
    servers: HashMap<u8, FaultServer>,
}

impl Lab {
    /// A network below 127.0.0.0/8 in which nobody serves yet.
    pub(crate) async fn new() -> Self {
        static NEXT: AtomicU8 = AtomicU8::new(1);
        let probe = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let port = probe.unwrap().local_addr().unwrap().port();
        // The process takes one half of the address, the test in it the other.
        let process = u8::try_from(std::process::id() % 60).unwrap();
        let network = [192 + process, NEXT.fetch_add(1, Ordering::Relaxed)];
        let servers = HashMap::new();
        Self {
            network,
            port,
            servers,
        }
    }

    pub(crate) fn v4(&self, host: u8) -> Ipv4Addr {
        let [high, low] = self.network;
        Ipv4Addr::new(127, high, low, host)
    }

    pub(crate) fn socket(&self, host: u8) -> SocketAddr {
        SocketAddr::new(IpAddr::V4(self.v4(host)), self.port)
    }

    pub(crate) async fn script(
        &mut self,
        host: u8,
        script: impl Fn(&Asked) -> Vec<Send> + std::marker::Send + Sync + 'static,
    ) {
        let server = FaultServer::start_at(self.socket(host), script).await;
        self.servers.insert(host, server);
    }

    pub(crate) async fn serve(&mut self, host: u8, zone: Zone) {
        self.script(host, move |asked| vec![Send::Message(zone.answer(asked))])
            .await;
    }

    /// How many queries a server has got.
    pub(crate) fn asked(&self, host: u8) -> usize {
        self.servers[&host].seen().len()
    }

    /// How many queries all servers have got.
    pub(crate) fn asked_in_all(&self) -> usize {
        self.servers
            .values()
            .map(|server| server.seen().len())
            .sum()
    }

    /// How many of those came over TCP.
    pub(crate) fn asked_over_tcp(&self) -> usize {
        let seen = self.servers.values().flat_map(FaultServer::seen);
        seen.filter(|asked| asked.over_tcp).count()
    }

    /// Lets everything in this network pass.
    pub(crate) fn filter(&self) -> AddressFilter {
        AddressFilter::new()
            .allowing("127.0.0.0/8".parse().unwrap())
            .allowing_port(self.port)
    }

    /// The authoritative view from the root that stands at host 1.
    pub(crate) fn view(&self) -> AuthoritativeLookup {
        AuthoritativeLookup::from_hints([IpAddr::V4(self.v4(1))])
            .unwrap()
            .with_port(self.port)
            .with_filter(self.filter())
    }
}

/// A zone as one server has it.
#[derive(Debug, Clone)]
pub(crate) struct Zone {
    apex: String,
    serial: u32,
    records: Vec<Record>,
    cuts: Vec<String>,
    authoritative: bool,
}

impl Zone {
    pub(crate) fn new(apex: &str) -> Self {
        Self {
            apex: apex.to_owned(),
            serial: 7,
            records: Vec::new(),
            cuts: Vec::new(),
            authoritative: true,
        }
    }

    pub(crate) fn with(mut self, record: Record) -> Self {
        self.records.push(record);
        self
    }

    pub(crate) fn serial(mut self, serial: u32) -> Self {
        self.serial = serial;
        self
    }

    /// Answers without the AA bit.
    pub(crate) fn lame(mut self) -> Self {
        self.authoritative = false;
        self
    }

    /// Delegates a zone to a server, with its address where one is given.
    pub(crate) fn delegate(mut self, child: &str, server: &str, glue: Option<Ipv4Addr>) -> Self {
        self.records.push(ns(child, server));
        self.records.extend(glue.map(|address| a(server, address)));
        if !self.cuts.iter().any(|cut| cut == child) {
            self.cuts.push(child.to_owned());
        }
        self
    }

    fn at(&self, owner: &Name) -> Vec<Record> {
        let records = self.records.iter();
        records.filter(|one| one.name == *owner).cloned().collect()
    }

    pub(crate) fn answer(&self, asked: &Asked) -> Message {
        let mut reply = asked.reply();
        let mut at = asked.query().name().to_lowercase();
        let wanted = asked.query().query_type();
        reply.metadata.authoritative = self.authoritative;
        let cut = self.cuts.iter().map(|cut| name(cut));
        if let Some(cut) = cut
            .filter(|cut| cut.zone_of(&at))
            .max_by_key(Name::num_labels)
        {
            reply.metadata.authoritative = false;
            for delegation in self.at(&cut) {
                if let hickory_server::proto::rr::RData::NS(server) = &delegation.data {
                    reply.add_additionals(self.at(&server.0));
                }
                reply.add_authority(delegation);
            }
            return reply;
        }
        if !name(&self.apex).zone_of(&at) {
            reply.metadata.authoritative = false;
            reply.metadata.response_code = ResponseCode::Refused;
            return reply;
        }
        loop {
            let here = self.at(&at);
            let right = |one: &&Record| one.record_type() == wanted;
            if at == name(&self.apex) && wanted == RecordType::SOA {
                reply.add_answer(soa_with_serial(&self.apex, self.serial));
                return reply;
            }
            let found: Vec<_> = here.iter().filter(right).cloned().collect();
            if !found.is_empty() {
                reply.add_answers(found);
                return reply;
            }
            let alias = here.iter().find_map(|one| match &one.data {
                hickory_server::proto::rr::RData::CNAME(target) => Some((one, target)),
                _ => None,
            });
            let Some((alias, target)) = alias else {
                let below = self.records.iter().any(|one| at.zone_of(&one.name));
                if !below && at != name(&self.apex) {
                    reply.metadata.response_code = ResponseCode::NXDomain;
                }
                reply.add_authority(soa_with_serial(&self.apex, self.serial));
                return reply;
            };
            reply.add_answer(alias.clone());
            at = target.0.to_lowercase();
            if !name(&self.apex).zone_of(&at) {
                return reply;
            }
        }
    }
}
