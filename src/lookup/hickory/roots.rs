use std::fmt;
use std::sync::Arc;

use hickory_resolver::net::tls::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::SetupError;

/// Whose certificates count: the roots that a server's certificate must lead to.
///
/// Give the root of the operator of the resolvers, or one of your own; the fewer, the fewer who can
/// stand in for a server. Clones share what TLS remembers of its sessions.
///
/// ```no_run
/// use dcv::lookup::hickory::CertificateRoots;
///
/// let roots = CertificateRoots::from_pem(&std::fs::read("fleet-root.pem")?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CertificateRoots {
    config: Arc<ClientConfig>,
    /// How many; the platform does not say.
    count: Option<usize>,
}

impl CertificateRoots {
    /// The certificates of a PEM file, all of which must be readable. What else is in it is passed
    /// over.
    ///
    /// # Errors
    ///
    /// [`SetupError::NoCertificateRoots`] when there is none, [`SetupError::CertificateRoots`] when
    /// one cannot be read.
    pub fn from_pem(pem: &[u8]) -> Result<Self, SetupError> {
        let certificates = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| SetupError::CertificateRoots(error.into()))?;
        Self::of(certificates)
    }

    /// These certificates, each in DER.
    ///
    /// # Errors
    ///
    /// As of [`from_pem`](Self::from_pem).
    pub fn from_der(
        certificates: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<Self, SetupError> {
        let certificates = certificates.into_iter();
        Self::of(certificates.map(|der| CertificateDer::from(der.as_ref().to_vec())))
    }

    /// The roots of the platform: the operating system's, with its own rules about them.
    ///
    /// # Errors
    ///
    /// [`SetupError::PlatformRoots`] when the system has none, or they cannot be read.
    #[cfg(feature = "platform-roots")]
    pub fn platform() -> Result<Self, SetupError> {
        // With this feature on, these are hickory's roots too.
        let config = hickory_resolver::net::tls::client_config()
            .map_err(|error| SetupError::PlatformRoots(error.into()))?;
        Ok(Self {
            config: Arc::new(config),
            count: None,
        })
    }

    fn of(
        certificates: impl IntoIterator<Item = CertificateDer<'static>>,
    ) -> Result<Self, SetupError> {
        let refused = |error: rustls::Error| SetupError::CertificateRoots(error.into());
        let mut roots = RootCertStore::empty();
        for certificate in certificates {
            roots.add(certificate).map_err(refused)?;
        }
        let count = roots.len();
        if count == 0 {
            return Err(SetupError::NoCertificateRoots);
        }
        // Not hickory's own configuration, whose roots depend on the features of the build.
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(refused)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            config: Arc::new(config),
            count: Some(count),
        })
    }

    pub(super) fn config(&self) -> &Arc<ClientConfig> {
        &self.config
    }
}

impl fmt::Debug for CertificateRoots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateRoots")
            .field("count", &self.count)
            .finish_non_exhaustive()
    }
}
