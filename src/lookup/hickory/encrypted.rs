use std::net::SocketAddr;

use rustls::pki_types::ServerName;

use super::{CertificateRoots, HickoryLookup, SetupError};
use crate::lookup::exchange::{Encrypted, Exchange, Protocol};

impl HickoryLookup {
    /// Asks these servers over TLS (RFC 7858), in this order; the port is usually 853.
    ///
    /// Each must show a certificate for `server_name`, a DNS name or an IP address, that leads to
    /// one of `roots`: otherwise it is not asked, and the lookup fails with
    /// [`Certificate`](crate::dns::LookupFailure::Certificate). There is no way back to plain text.
    ///
    /// A connection is made when a server is first asked, and kept for later queries; clones of
    /// the lookup share it. Where the server has closed it, it is made again. While all queries that
    /// it has room for stay without an answer, up to seven others are made beside it.
    /// [`with_tcp_timeout`](Self::with_tcp_timeout) bounds a whole exchange, handshake included;
    /// of [`with_udp_tries`](Self::with_udp_tries) the number of tries applies.
    ///
    /// ```
    /// use dcv::lookup::HickoryLookup;
    /// # use dcv::lookup::hickory::{CertificateRoots, SetupError};
    ///
    /// # fn make(roots: &CertificateRoots) -> Result<(), Box<dyn std::error::Error>> {
    /// let server = "192.0.2.53:853".parse()?;
    /// let lookup = HickoryLookup::over_tls([server], "resolver.example.net", roots)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`SetupError::NoServers`] or [`SetupError::ServerName`].
    pub fn over_tls(
        servers: impl IntoIterator<Item = SocketAddr>,
        server_name: &str,
        roots: &CertificateRoots,
    ) -> Result<Self, SetupError> {
        let name = certified_name(server_name)?;
        let channel = Encrypted::new(Protocol::Tls, name, roots.config().clone());
        Self::with_exchange(servers, Exchange::encrypted(channel))
    }

    /// Asks these servers over HTTPS (RFC 8484, with HTTP/2 and POST), in this order; the port is
    /// usually 443.
    ///
    /// `path` is where the service is, such as `/dns-query`. For all else see
    /// [`over_tls`](Self::over_tls); an IPv6 address cannot be the `server_name` here.
    ///
    /// # Errors
    ///
    /// [`SetupError::NoServers`], [`SetupError::ServerName`] or [`SetupError::HttpsPath`].
    #[cfg(feature = "https")]
    pub fn over_https(
        servers: impl IntoIterator<Item = SocketAddr>,
        server_name: &str,
        path: &str,
        roots: &CertificateRoots,
    ) -> Result<Self, SetupError> {
        let name = certified_name(server_name)?;
        // It would have to stand in brackets in the URI, and without them in the certificate.
        if server_name.contains(':') {
            return Err(SetupError::ServerName);
        }
        let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"/-._~%".contains(&octet);
        if !path.starts_with('/') || path.len() > 256 || !path.bytes().all(is_plain) {
            return Err(SetupError::HttpsPath);
        }
        let mut config = (**roots.config()).clone();
        config.alpn_protocols = vec![b"h2".to_vec()];
        let protocol = Protocol::Https {
            authority: server_name.into(),
            path: path.into(),
        };
        let channel = Encrypted::new(protocol, name, config.into());
        Self::with_exchange(servers, Exchange::encrypted(channel))
    }
}

fn certified_name(name: &str) -> Result<ServerName<'static>, SetupError> {
    let name = ServerName::try_from(name).map_err(|_| SetupError::ServerName)?;
    Ok(name.to_owned())
}
