use core::net::SocketAddr;
use std::fmt;

use crate::name::OwnerName;

/// One of a zone's own name servers, as it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct NameServer {
    zone: OwnerName,
    name: OwnerName,
    address: Option<SocketAddr>,
    serial: Option<u32>,
}

impl NameServer {
    /// The server `name` of the zone with the apex `zone`, not asked yet.
    #[must_use]
    pub fn new(zone: OwnerName, name: OwnerName) -> Self {
        Self {
            zone,
            name,
            address: None,
            serial: None,
        }
    }

    /// Where it was asked.
    #[must_use]
    pub fn with_address(mut self, address: SocketAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// The serial number of its copy of the zone.
    #[must_use]
    pub fn with_serial(mut self, serial: u32) -> Self {
        self.serial = Some(serial);
        self
    }

    /// The apex of the zone that it was asked as a server of.
    #[must_use]
    pub fn zone(&self) -> &OwnerName {
        &self.zone
    }

    /// Its name in the delegation.
    #[must_use]
    pub fn name(&self) -> &OwnerName {
        &self.name
    }

    /// Where it was asked; `None` when no address of it could be found.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The serial number of its copy of the zone, as far as it said it.
    #[must_use]
    pub fn serial(&self) -> Option<u32> {
        self.serial
    }
}

impl fmt::Display for NameServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if let Some(address) = self.address {
            write!(f, " ({address})")?;
        }
        Ok(())
    }
}
