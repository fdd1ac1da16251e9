//! Zones that are signed before they are served, in every way a zone can be signed.

use std::fs;
use std::process::{Command, Stdio};

use super::process::Folder;
use super::program;

/// How a zone is signed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signing<'a> {
    /// The algorithm of its keys, as `ldns-keygen` names it.
    pub(crate) algorithm: &'a str,
    /// More arguments for `ldns-signzone`: NSEC3, times.
    pub(crate) arguments: &'a [&'a str],
}

/// A zone with its signatures, and its key-signing key.
#[derive(Debug)]
pub(crate) struct Signed {
    pub(crate) zone: String,
    /// The DNSKEY record of the key-signing key.
    pub(crate) ksk: String,
    /// The DNSKEY records of both keys.
    pub(crate) keys: String,
    /// The DS record for the parent.
    pub(crate) ds: String,
}

/// Signs a zone with new keys, one for the keys and one for the rest.
pub(crate) fn sign(apex: &str, zone: &str, signing: Signing<'_>) -> Signed {
    let folder = Folder::new().unwrap_or_else(|error| panic!("no folder: {error}"));
    let folder = folder.path();
    let run = |name: &str, arguments: &[&str]| {
        let program = program(name).unwrap_or_else(|| panic!("{name} is not installed"));
        let output = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("{name} cannot be run: {error}"));
        assert!(
            output.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    };
    let read = |name: &str| {
        fs::read_to_string(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let key = ["-r", "/dev/urandom", "-a", signing.algorithm];
    let ksk = run("ldns-keygen", &[&key[..], &["-k", apex]].concat());
    let zsk = run("ldns-keygen", &[&key[..], &[apex]].concat());
    let file = folder.join("zone");
    fs::write(&file, zone).unwrap_or_else(|error| panic!("cannot write the zone: {error}"));
    let file = ["-o", apex, "-f", "signed", "zone", &ksk, &zsk];
    run("ldns-signzone", &[signing.arguments, &file].concat());
    let (ksk_record, zsk_record) = (read(&format!("{ksk}.key")), read(&format!("{zsk}.key")));
    Signed {
        zone: read("signed"),
        keys: format!("{ksk_record}{zsk_record}"),
        ksk: ksk_record.trim().to_owned(),
        ds: read(&format!("{ksk}.ds")),
    }
}
