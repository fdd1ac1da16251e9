use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

/// Which addresses out of the DNS may be connected to (S-10).
///
/// Whoever controls a zone chooses the addresses of its name servers, and would have us talk to
/// machines that only we can reach. Unless allowed, nothing but addresses of the public Internet
/// passes, at port 53. What an IPv6 address wraps (IPv4-mapped, 6to4, Teredo, NAT64) is looked at
/// in its stead.
///
/// ```
/// use dcv::lookup::AddressFilter;
///
/// let filter = AddressFilter::new();
/// assert!(filter.admits("9.9.9.9:53".parse()?));
/// assert!(!filter.admits("9.9.9.9:80".parse()?));
/// assert!(!filter.admits("10.0.0.53:53".parse()?));
/// assert!(!filter.admits("[::ffff:127.0.0.1]:53".parse()?));
///
/// let inside = filter.allowing("10.0.0.0/24".parse()?);
/// assert!(inside.admits("10.0.0.53:53".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressFilter {
    allowed: Vec<AddressRange>,
    denied: Vec<AddressRange>,
    ports: Vec<u16>,
}

impl Default for AddressFilter {
    fn default() -> Self {
        Self::new()
    }
}

impl AddressFilter {
    /// Public addresses, at port 53.
    #[must_use]
    pub fn new() -> Self {
        Self {
            allowed: Vec::new(),
            denied: Vec::new(),
            ports: vec![53],
        }
    }

    /// Lets these addresses pass too: name servers of one's own network.
    #[must_use]
    pub fn allowing(mut self, range: AddressRange) -> Self {
        self.allowed.push(range);
        self
    }

    /// Lets these addresses never pass, whatever else is allowed: public addresses that lead into
    /// one's own network.
    #[must_use]
    pub fn denying(mut self, range: AddressRange) -> Self {
        self.denied.push(range);
        self
    }

    /// Lets this port pass too.
    #[must_use]
    pub fn allowing_port(mut self, port: u16) -> Self {
        self.ports.push(port);
        self
    }

    /// Whether to connect to this address.
    #[must_use]
    pub fn admits(&self, address: SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        let carried = match ip {
            IpAddr::V4(_) => None,
            IpAddr::V6(v6) => carried(v6),
        };
        let forms = || std::iter::once(ip).chain(carried.map(IpAddr::V4));
        let within = |ranges: &[AddressRange], form| ranges.iter().any(|one| one.contains(form));
        if !self.ports.contains(&address.port()) || forms().any(|form| within(&self.denied, form)) {
            return false;
        }
        forms().any(|form| within(&self.allowed, form)) || is_public(ip)
    }
}

/// The IPv4 address that an IPv6 address leads to, of those that always lead to one.
pub(super) fn carried(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match ip.segments() {
        // IPv4-compatible, and NAT64 under the well-known prefix (RFC 6052).
        [0, 0, 0, 0, 0, 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(v4(high, low))
        }
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => Some(v4(high, low)),
        // Teredo (RFC 4380): the client's address, inverted.
        [0x2001, 0, .., high, low] => Some(v4(!high, !low)),
        _ => None,
    }
}

fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match carried(v6) {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

/// Whatever IANA's registry of special-purpose addresses does not set apart.
fn is_public_v4(ip: Ipv4Addr) -> bool {
    !matches!(
        ip.octets(),
        [0 | 10 | 127 | 224.., ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

/// Global unicast, less what is set apart in it. NAT64 under a local prefix (64:ff9b:1::/48) is
/// not in it: where the IPv4 address stands hangs on the network.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, third, ..] = ip.segments();
    let global = first & 0xe000 == 0x2000;
    let set_apart = match first {
        // Protocol assignments, and documentation.
        0x2001 => second < 0x0200 || second == 0x0db8,
        0x3fff => second < 0x1000,
        // AS112.
        0x2620 => second == 0x004f && third == 0x8000,
        _ => false,
    };
    global && !set_apart
}

/// A range of addresses, such as `10.0.0.0/8`, `fd00::/8` or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    network: IpAddr,
    prefix: u8,
}

/// A text that is no [`AddressRange`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no range of addresses: write it as in 10.0.0.0/8 or fd00::/8")]
#[non_exhaustive]
pub struct AddressRangeError;

impl AddressRange {
    /// The addresses that share their first `prefix` bits with `network`.
    ///
    /// # Errors
    ///
    /// [`AddressRangeError`] when the prefix is longer than an address.
    pub fn new(network: IpAddr, prefix: u8) -> Result<Self, AddressRangeError> {
        let longest = if network.is_ipv4() { 32 } else { 128 };
        if prefix > longest {
            return Err(AddressRangeError);
        }
        Ok(Self { network, prefix })
    }

    /// Whether the address lies in it.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        match (self.network, ip) {
            (IpAddr::V4(network), IpAddr::V4(ip)) => {
                let differing = network.to_bits() ^ ip.to_bits();
                differing.leading_zeros() >= self.prefix.into()
            }
            (IpAddr::V6(network), IpAddr::V6(ip)) => {
                let differing = network.to_bits() ^ ip.to_bits();
                differing.leading_zeros() >= self.prefix.into()
            }
            _ => false,
        }
    }
}

impl FromStr for AddressRange {
    type Err = AddressRangeError;

    fn from_str(text: &str) -> Result<Self, AddressRangeError> {
        let (network, prefix) = match text.split_once('/') {
            Some((network, prefix)) => (network, Some(prefix)),
            None => (text, None),
        };
        let network: IpAddr = network.parse().map_err(|_| AddressRangeError)?;
        let prefix = match prefix {
            // Digits alone: `parse` would take a sign too.
            Some(digits) if digits.bytes().all(|octet| octet.is_ascii_digit()) => {
                digits.parse().map_err(|_| AddressRangeError)?
            }
            Some(_) => return Err(AddressRangeError),
            None if network.is_ipv4() => 32,
            None => 128,
        };
        Self::new(network, prefix)
    }
}
