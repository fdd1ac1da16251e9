//! Signs zones before anybody serves them, with BIND's tools: so every server can hold a signed
//! copy, an old one too.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::super::process::Folder;
use super::super::program;

/// How a zone is signed, and what its parent says of that.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Signing {
    algorithm: Algorithm,
    denial: Denial,
    expired: bool,
    chain: Chain,
}

#[derive(Clone, Copy, Debug, Default)]
enum Algorithm {
    #[default]
    Ecdsa,
    Rsa,
}

#[derive(Clone, Copy, Debug, Default)]
enum Denial {
    #[default]
    Nsec,
    Nsec3 {
        iterations: u16,
        opt_out: bool,
    },
}

/// What is wrong between a zone and its parent, if anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Chain {
    #[default]
    Whole,
    /// The parent knows of no keys: an island.
    NoDs,
    /// The parent's digest is of another key.
    WrongDs,
    /// The parent has a digest, the zone has neither keys nor signatures.
    NoKeys,
}

impl Signing {
    /// ECDSA P-256, NSEC, valid, and with its DS record in the parent.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// RSA of 2048 bits with SHA-256. A key takes a third of a second.
    pub(crate) fn rsa(self) -> Self {
        Self {
            algorithm: Algorithm::Rsa,
            ..self
        }
    }

    /// NSEC3 without salt. BIND's signer goes up to 150 iterations.
    pub(crate) fn nsec3(self, iterations: u16) -> Self {
        Self {
            denial: Denial::Nsec3 {
                iterations,
                opt_out: false,
            },
            ..self
        }
    }

    /// NSEC3 that says nothing of unsigned delegations.
    pub(crate) fn opt_out(self) -> Self {
        Self {
            denial: Denial::Nsec3 {
                iterations: 0,
                opt_out: true,
            },
            ..self
        }
    }

    /// Signatures that ended long ago.
    pub(crate) fn expired(self) -> Self {
        Self {
            expired: true,
            ..self
        }
    }

    /// No DS record in the parent.
    pub(crate) fn without_ds(self) -> Self {
        Self {
            chain: Chain::NoDs,
            ..self
        }
    }

    /// The DS record of another key in the parent.
    pub(crate) fn with_wrong_ds(self) -> Self {
        Self {
            chain: Chain::WrongDs,
            ..self
        }
    }

    /// The DS record in the parent, and a zone that is not signed.
    pub(crate) fn without_keys(self) -> Self {
        Self {
            chain: Chain::NoKeys,
            ..self
        }
    }
}

/// The one key of a zone, and how it is used.
#[derive(Debug)]
pub(super) struct Signer {
    folder: Folder,
    apex: String,
    /// What the files of the key are called, without their endings.
    key: String,
    signing: Signing,
}

impl Signer {
    pub(super) fn new(apex: &str, signing: Signing) -> Self {
        let folder = Folder::new().unwrap_or_else(|error| panic!("no folder: {error}"));
        let algorithm: &[&str] = match signing.algorithm {
            Algorithm::Ecdsa => &["-a", "ECDSAP256SHA256"],
            Algorithm::Rsa => &["-a", "RSASHA256", "-b", "2048"],
        };
        let mut signer = Self {
            folder,
            apex: apex.to_owned(),
            key: String::new(),
            signing,
        };
        let arguments = [&["-q", "-f", "KSK"], algorithm, &[apex]].concat();
        signer.key = signer.run("dnssec-keygen", &arguments).trim().to_owned();
        signer
    }

    /// The zone as it is served.
    pub(super) fn sign(&self, zone: &str) -> String {
        if self.signing.chain == Chain::NoKeys {
            return zone.to_owned();
        }
        let zone = format!("{zone}\n{}\n", self.dnskey());
        fs::write(self.path("zone"), zone)
            .unwrap_or_else(|error| panic!("the zone cannot be written: {error}"));
        let mut arguments = vec!["-z", "-P", "-q", "-o", &self.apex, "-f", "signed"];
        if self.signing.expired {
            arguments.extend(["-s", "20200101000000", "-e", "20200201000000"]);
        }
        let count;
        if let Denial::Nsec3 {
            iterations,
            opt_out,
        } = self.signing.denial
        {
            count = iterations.to_string();
            arguments.extend(["-3", "-", "-H", &count]);
            if opt_out {
                arguments.push("-A");
            }
        }
        arguments.extend(["zone", &self.key]);
        self.run("dnssec-signzone", &arguments);
        self.read("signed")
    }

    /// What the parent holds.
    pub(super) fn ds(&self) -> String {
        match self.signing.chain {
            Chain::NoDs => String::new(),
            Chain::WrongDs => {
                let (before, digest) = self
                    .true_ds()
                    .rsplit_once(' ')
                    .map(|(before, digest)| (before.to_owned(), digest.to_owned()))
                    .unwrap_or_default();
                let wrong: String = digest.chars().rev().collect();
                format!("{before} {wrong}")
            }
            Chain::Whole | Chain::NoKeys => self.true_ds(),
        }
    }

    /// The key's SHA-256 digest as a DS record.
    pub(super) fn true_ds(&self) -> String {
        let file = format!("{}.key", self.key);
        let ds = self.run("dnssec-dsfromkey", &["-2", &file]);
        ds.trim().to_owned()
    }

    /// The public key as a DNSKEY record.
    pub(super) fn dnskey(&self) -> String {
        let file = self.read(&format!("{}.key", self.key));
        let record = file.lines().find(|line| !line.starts_with(';'));
        record.unwrap_or_default().to_owned()
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name))
            .unwrap_or_else(|error| panic!("{name} cannot be read: {error}"))
    }

    fn run(&self, name: &str, arguments: &[&str]) -> String {
        let program = program(name).unwrap_or_else(|| panic!("{name} is not installed"));
        let output = Command::new(program)
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("{name} cannot be run: {error}"));
        assert!(
            output.status.success(),
            "{name} {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}
