//! Pins what was found of the libraries under the words of the crate, where something relies on it.
//! A test that fails here after an upgrade says which of our decisions to look at again. What is
//! relied on of the network client stands in `hickory_pins.rs`.
#![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use publicsuffix::{Psl, Type};
use rand::rngs::SysRng;
use rand::{TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

const LOWER: base32::Alphabet = base32::Alphabet::Rfc4648Lower { padding: false };

// T-02, T-04: what we write is what the drafts and ACME write.
#[test]
fn base32_encodes_lower_case_without_padding() {
    assert_eq!(base32::encode(LOWER, b""), "");
    assert_eq!(base32::encode(LOWER, b"foobar"), "mzxw6ytboi");
    assert_eq!(base32::encode(LOWER, &[0; 20]).len(), 32);
    assert_eq!(base32::encode(LOWER, &[0xff; 25]), "7".repeat(40));
}

// One library writes base32, the other reads it: they mean the same.
#[test]
fn both_libraries_mean_the_same_base32() {
    for length in 0..40_u8 {
        let bytes: Vec<u8> = (0..length)
            .map(|byte| byte.wrapping_mul(37) ^ 0xa5)
            .collect();
        let written = data_encoding::BASE32_NOPAD
            .encode(&bytes)
            .to_ascii_lowercase();
        assert_eq!(written, base32::encode(LOWER, &bytes));
        assert_eq!(base32::decode(LOWER, &written), Some(bytes));
    }
}

// T-12: two texts can decode alike, so a token is compared as it is written, and where something is
// decoded it is encoded again to see whether it was the one text for its bytes.
#[test]
fn base32_decodes_more_than_it_encodes() {
    let decoded = |text| base32::decode(LOWER, text);
    assert_eq!(decoded("my"), Some(b"f".to_vec()));
    assert_eq!(decoded("mz"), decoded("my"), "stray bits are dropped");
    assert_eq!(
        decoded("mym"),
        decoded("my"),
        "and so is a character too many"
    );
    assert_eq!(decoded("m"), Some(Vec::new()));
    assert_eq!(decoded("MY"), None, "upper case is another alphabet");
    assert_eq!(decoded("my======"), None, "and so is padding");
}

/// A few rules of every kind, as a list that is read at run time.
fn read_list() -> publicsuffix::List {
    const TEXT: &str = "// ===BEGIN ICANN DOMAINS===
com
jp
*.kawasaki.jp
!city.kawasaki.jp
uk
co.uk
cn
公司.cn
// ===END ICANN DOMAINS===
// ===BEGIN PRIVATE DOMAINS===
*.compute.amazonaws.com
github.io
// ===END PRIVATE DOMAINS===
";
    TEXT.parse().unwrap()
}

/// The suffix, the division it stands in, and the registrable domain.
type Found = (String, Option<&'static str>, Option<String>);

fn found(list: &impl Psl, name: &str) -> Found {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let suffix = list.suffix(name.as_bytes()).unwrap();
    let division = suffix.typ().map(|division| match division {
        Type::Icann => "ICANN",
        Type::Private => "PRIVATE",
    });
    let domain = list.domain(name.as_bytes());
    (
        text(suffix.as_bytes()),
        division,
        domain.map(|domain| text(domain.as_bytes())),
    )
}

/// (name, suffix, division, registrable domain)
const SUFFIXES: &[(&str, &str, Option<&str>, Option<&str>)] = &[
    ("com", "com", Some("ICANN"), None),
    ("www.example.com", "com", Some("ICANN"), Some("example.com")),
    ("co.uk", "co.uk", Some("ICANN"), None),
    ("a.b.co.uk", "co.uk", Some("ICANN"), Some("b.co.uk")),
    ("github.io", "github.io", Some("PRIVATE"), None),
    (
        "u.github.io",
        "github.io",
        Some("PRIVATE"),
        Some("u.github.io"),
    ),
    // A wildcard rule makes suffixes of what is below, and leaves the name itself an ordinary one:
    // a look one label deeper finds it out.
    ("kawasaki.jp", "jp", Some("ICANN"), Some("kawasaki.jp")),
    (
        "dcv-probe.kawasaki.jp",
        "dcv-probe.kawasaki.jp",
        Some("ICANN"),
        None,
    ),
    (
        "city.kawasaki.jp",
        "kawasaki.jp",
        Some("ICANN"),
        Some("city.kawasaki.jp"),
    ),
    (
        "dcv-probe.compute.amazonaws.com",
        "dcv-probe.compute.amazonaws.com",
        Some("PRIVATE"),
        None,
    ),
    // U-labels of the list meet A-labels of the name (the feature `punycode` of publicsuffix).
    (
        "foo.xn--55qx5d.cn",
        "xn--55qx5d.cn",
        Some("ICANN"),
        Some("foo.xn--55qx5d.cn"),
    ),
    // The implicit rule: whatever stands last is a suffix, of no division.
    ("host.lan", "lan", None, Some("host.lan")),
    // No lower case, no syntax: names must be checked before they get here.
    ("EXAMPLE.CO.UK", "UK", None, Some("CO.UK")),
    ("a..com", "com", Some("ICANN"), Some(".com")),
];

// PS-01, PS-02, S-9: both lists agree, on what they should know and on what they do not check.
#[test]
fn both_suffix_lists_agree() {
    let read = read_list();
    for &(name, suffix, division, domain) in SUFFIXES {
        let expected = (suffix.to_owned(), division, domain.map(str::to_owned));
        assert_eq!(found(&psl::List, name), expected, "{name}, compiled in");
        assert_eq!(found(&read, name), expected, "{name}, read");
    }
}

// S-9: a final dot is kept in the result and is not a label, so ours is taken off before.
#[test]
fn suffix_lists_keep_a_final_dot() {
    for name in ["example.com.", "a.example.co.uk."] {
        let (suffix, _, domain) = found(&psl::List, name);
        assert!(suffix.ends_with('.'), "{name}: {suffix}");
        assert!(domain.unwrap().ends_with('.'), "{name}");
        assert_eq!(found(&read_list(), name).0, suffix, "{name}");
    }
}

/// With the options of `DomainName`.
fn to_ascii(name: &str) -> Option<String> {
    let options = (AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    Uts46::new()
        .to_ascii(name.as_bytes(), options.0, options.1, DnsLength::Ignore)
        .ok()
        .map(Into::into)
}

// N-06: what UTS-46 does for a domain name with the options we use, and what it leaves to us.
#[test]
fn uts46_maps_and_refuses() {
    for (name, expected) in [
        ("EXAMPLE.com", Some("example.com")),
        ("Bücher.example", Some("xn--bcher-kva.example")),
        ("faß.example", Some("xn--fa-hia.example")),
        ("ＥＸＡＭＰＬＥ。com", Some("example.com")),
        // Real names have hyphens in the third and fourth places.
        ("r3---sn.example", Some("r3---sn.example")),
        ("-a.example", None),
        ("a-.example", None),
        ("a_b.example", None),
        ("*.example", None),
        ("a b.example", None),
        ("xn--a.example", None),
        ("xn--\u{fc}.example", None),
        // Left to us: empty labels, lengths, addresses.
        ("a..example", Some("a..example")),
        ("example.com.", Some("example.com.")),
        ("192.0.2.1", Some("192.0.2.1")),
    ] {
        assert_eq!(to_ascii(name).as_deref(), expected, "{name}");
    }
    let long = "a".repeat(64);
    assert_eq!(to_ascii(&long), Some(long), "lengths are not checked");
}

fn rfc3339(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

// E-03: `time` takes more than RFC 3339 has, and folds a leap second: the reader of an expiry goes
// by its own grammar.
#[test]
fn rfc3339_of_time_is_lenient() {
    let plain = rfc3339("2023-02-08T02:03:19Z").unwrap();
    assert_eq!(plain.unix_timestamp(), 1_675_821_799);
    for lenient in [
        "2023-02-08t02:03:19z",
        "2023-02-08 02:03:19Z",
        "2023-02-08T02:03:19-00:00",
        "2023-02-08T02:03:19+00:00",
    ] {
        assert_eq!(rfc3339(lenient), Some(plain), "{lenient}");
    }
    let leap = rfc3339("2016-12-31T23:59:60Z").unwrap();
    assert_eq!((leap.second(), leap.nanosecond()), (59, 999_999_999));
    assert!(rfc3339("0000-01-01T00:00:00Z").is_some());
    for refused in [
        "2023-02-08",
        "2023-02-08T24:00:00Z",
        "2023-02-08T02:03:60Z",
        "2023-02-08T02:03:19Z ",
        "2023-02-08T02:03:19",
    ] {
        assert_eq!(rfc3339(refused), None, "{refused}");
    }
}

// The stored times of challenges are written in this form: UTC, `Z`, as many decimals as needed.
#[test]
fn rfc3339_of_time_writes_utc() {
    let plain = rfc3339("2023-02-08T04:03:19.250+02:00").unwrap();
    let utc = plain.to_offset(UtcOffset::UTC);
    assert_eq!(utc.format(&Rfc3339).unwrap(), "2023-02-08T02:03:19.25Z");
}

// T-12: slices of different length are different, without a panic and without a look at the bytes
// they share; equal ones are equal in every octet.
#[test]
fn constant_time_comparison_is_of_whole_slices() {
    let equal = |a: &[u8], b: &[u8]| bool::from(a.ct_eq(b));
    assert!(equal(b"abc", b"abc"));
    for other in [&b"abcd"[..], b"ab", b"", b"abC", b"abc\0"] {
        assert!(!equal(b"abc", other), "{other:?}");
        assert!(!equal(other, b"abc"), "{other:?}");
    }
    // Two empty ones are equal: an empty token must be refused before it comes here.
    assert!(equal(b"", b""));
}

// T-01, T-06: randomness is the operating system's, and its failure an error that we pass on.
#[test]
fn the_random_source_is_the_systems_and_may_fail() {
    fn draw<R: TryCryptoRng>(mut source: R) -> Result<[u8; 32], R::Error> {
        let mut bytes = [0; 32];
        source.try_fill_bytes(&mut bytes)?;
        Ok(bytes)
    }
    assert_eq!(size_of::<SysRng>(), 0, "it has no state of its own");
    let (one, other): (_, Result<_, <SysRng as TryRng>::Error>) =
        (draw(SysRng).unwrap(), draw(SysRng));
    assert_ne!(one, other.unwrap());
}

// M-02: the hash under account labels and fingerprints (FIPS 180-2, appendix B.1).
#[test]
fn sha256_is_sha256() {
    let digest = Sha256::digest(b"abc");
    assert_eq!(
        data_encoding::HEXLOWER.encode(&digest),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

// T-03: base64url has characters that a label must not have, and no padding as we use it.
#[test]
fn base64url_is_unpadded_and_strict() {
    let encoding = data_encoding::BASE64URL_NOPAD;
    assert_eq!(encoding.encode(&[0xfb, 0xff]), "-_8");
    assert_eq!(encoding.decode(b"-_8").unwrap(), [0xfb, 0xff]);
    assert!(encoding.decode(b"-_9").is_err(), "stray bits are refused");
    // A digest is 43 characters; the drafts' sample value has stray bits in its last one.
    let sample = b"cE3A8qQpEzAIYq-T9DWNdLJ1_YRXamdxcjGTbzrOH5L";
    assert_eq!(sample.len(), 43);
    assert!(encoding.decode(sample).is_err());
}
