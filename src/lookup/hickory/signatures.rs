//! How long the signatures of a reply hold (S-6).

use time::{Duration, UtcDateTime};

use crate::lookup::exchange::Rr;

const RRSIG: u16 = 46;

/// When the first of the signatures among these records expires.
///
/// The earliest, although an RRset with two signatures holds until the later one: whoever trusts
/// another's validation does not know which of them was checked.
pub(super) fn first_expiry(records: &[Rr], now: UtcDateTime) -> Option<UtcDateTime> {
    records
        .iter()
        .filter(|rr| rr.record_type.code() == RRSIG)
        .filter_map(|rr| match &rr.data {
            crate::dns::RecordData::Other(octets) => expiration(octets),
            _ => None,
        })
        .filter_map(|expiration| instant(expiration, now))
        .min()
}

/// The field of the RDATA (RFC 4034 §3.1): type, algorithm and labels, original TTL, expiration.
fn expiration(rdata: &[u8]) -> Option<u32> {
    let (field, _) = rdata.get(8..)?.split_first_chunk::<4>()?;
    Some(u32::from_be_bytes(*field))
}

/// The instant of a serial number of seconds: within 68 years of now (RFC 4034 §3.1.5).
pub(super) fn instant(expiration: u32, now: UtcDateTime) -> Option<UtcDateTime> {
    let seconds = u32::try_from(now.unix_timestamp().rem_euclid(1 << 32)).ok()?;
    let ahead = expiration.wrapping_sub(seconds).cast_signed();
    let whole = now.replace_nanosecond(0).ok()?;
    whole.checked_add(Duration::seconds(ahead.into()))
}

/// The earlier of two instants, either of which may be missing.
pub(super) fn earlier(a: Option<UtcDateTime>, b: Option<UtcDateTime>) -> Option<UtcDateTime> {
    a.into_iter().chain(b).min()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails where it panics")]
mod tests {
    use super::*;
    use crate::dns::{RecordData, RecordType};
    use crate::name::OwnerName;

    fn rr(code: u16, octets: Vec<u8>) -> Rr {
        Rr {
            owner: OwnerName::root(),
            record_type: RecordType::from_code(code),
            ttl: 60,
            data: RecordData::Other(octets),
        }
    }

    fn rrsig(expiration: u32) -> Rr {
        let mut octets = vec![0, 16, 13, 3, 0, 0, 1, 44];
        octets.extend(expiration.to_be_bytes());
        octets.extend([0; 10]);
        rr(RRSIG, octets)
    }

    // S-6: the first signature to expire bounds the answer; what is no signature, or too short to
    // be one, says nothing.
    #[test]
    fn the_first_to_expire_counts() {
        let now = UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let records = [
            rrsig(1_800_000_900),
            rrsig(1_800_000_600),
            rr(99, vec![0; 20]),
            rr(RRSIG, vec![0; 11]),
        ];
        let at = |ahead| now.checked_add(Duration::seconds(ahead));
        assert_eq!(first_expiry(&records, now), at(600));
        assert_eq!(first_expiry(&records[..1], now), at(900));
        assert_eq!(first_expiry(&records[2..], now), None);
        // One that has expired already is told as it is.
        assert_eq!(first_expiry(&[rrsig(1_799_999_000)], now), at(-1000));
    }

    // The field has 32 bits and goes round in 2106.
    #[test]
    fn serial_numbers_go_round() {
        let now = UtcDateTime::from_unix_timestamp((1 << 32) - 10).unwrap();
        let later = instant(90, now).unwrap();
        assert_eq!((later - now).whole_seconds(), 100);
        let earlier = instant(u32::MAX - 99, now).unwrap();
        assert_eq!((earlier - now).whole_seconds(), -90);
    }
}
