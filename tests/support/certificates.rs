//! Certificates of the test's own.

#![allow(dead_code, reason = "not every test needs every helper")]

use dcv::lookup::hickory::CertificateRoots;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

/// An authority that a test can trust, or not.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM.
pub(crate) struct Certificate {
    pub(crate) pem: String,
    pub(crate) key: String,
}

impl Certificate {
    /// As a server takes it.
    pub(crate) fn parts(&self) -> (&str, &str) {
        (&self.pem, &self.key)
    }
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages.push(KeyUsagePurpose::KeyCertSign);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    /// Its own certificate, in PEM.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Its own certificate, in DER.
    pub(crate) fn der(&self) -> &[u8] {
        self.0.der()
    }

    /// Trust in this authority and no other.
    pub(crate) fn roots(&self) -> CertificateRoots {
        CertificateRoots::from_pem(self.pem().as_bytes()).unwrap()
    }

    /// A certificate for a server of this name, valid now.
    pub(crate) fn certify(&self, name: &str) -> Certificate {
        self.certify_until(name, OffsetDateTime::now_utc() + Duration::DAY)
    }

    /// One that ended yesterday.
    pub(crate) fn certify_expired(&self, name: &str) -> Certificate {
        self.certify_until(name, OffsetDateTime::now_utc() - Duration::DAY)
    }

    fn certify_until(&self, name: &str, end: OffsetDateTime) -> Certificate {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = end - Duration::WEEK;
        params.not_after = end;
        let purposes = &mut params.extended_key_usages;
        purposes.push(ExtendedKeyUsagePurpose::ServerAuth);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Certificate {
            pem: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}
