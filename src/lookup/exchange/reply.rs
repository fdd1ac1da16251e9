//! A server's reply, read into our own words.

use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::rdata::opt::EdnsOption;
use hickory_resolver::proto::rr::{DNSClass, Name, RData, Record};
use hickory_resolver::proto::serialize::binary::{
    BinDecodable, BinDecoder, BinEncodable, BinEncoder, NameEncoding,
};

use crate::dns::{
    ExtendedError, LookupFailure, MAX_RDATA, MAX_RECORDS, RecordData, RecordType, Soa, Txt,
};
use crate::name::OwnerName;

/// The parts of a reply that an answer is made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) rcode: u16,
    pub(crate) authoritative: bool,
    /// The answer section, as it came: foreign records too.
    pub(crate) records: Vec<Rr>,
    /// The SOA of the authority section.
    pub(crate) soa: Option<Soa>,
    /// Whether the reply only names other servers.
    pub(crate) referral: bool,
    pub(crate) extended_errors: Vec<ExtendedError>,
}

/// A record of the answer section.
#[derive(Debug, Clone)]
pub(crate) struct Rr {
    pub(crate) owner: OwnerName,
    pub(crate) record_type: RecordType,
    pub(crate) ttl: u32,
    pub(crate) data: RecordData,
}

impl Reply {
    /// Reads a message that answers a question about `asked`.
    ///
    /// # Errors
    ///
    /// [`LookupFailure::TooLarge`] past [`MAX_RDATA`], or past [`MAX_RECORDS`] of other types than
    /// TXT, which are compared with each other (S-16); and [`LookupFailure::MalformedReply`] when a
    /// record's data makes no sense.
    pub(crate) fn read(message: &Message, asked: &OwnerName) -> Result<Self, LookupFailure> {
        if is_crowded(&message.answers) {
            return Err(LookupFailure::TooLarge);
        }
        let mut records: Vec<Rr> = Vec::new();
        let mut octets = 0;
        for record in message
            .answers
            .iter()
            .filter(|record| record.dns_class == DNSClass::IN)
        {
            // Most records share their owner with the question or with the record before.
            let known = records.last().map(|last| &last.owner);
            let known = known
                .into_iter()
                .chain([asked])
                .find(|known| is_same(&record.name, known));
            let owner = match known {
                Some(known) => known.clone(),
                None => owner_name(&record.name)?,
            };
            let (data, length) = read_data(&record.data)?;
            octets += FRAME + length;
            if octets > MAX_RDATA {
                return Err(LookupFailure::TooLarge);
            }
            let record_type = RecordType::from_code(record.record_type().into());
            records.push(Rr {
                owner,
                record_type,
                ttl: ttl(record),
                data,
            });
        }
        let soa = message.authorities.iter().find_map(read_soa).transpose()?;
        let names_servers = || {
            let mut authorities = message.authorities.iter();
            authorities.any(|record| matches!(record.data, RData::NS(_)))
        };
        Ok(Self {
            rcode: message.metadata.response_code.into(),
            authoritative: message.metadata.authoritative,
            referral: soa.is_none() && !message.metadata.authoritative && names_servers(),
            records,
            soa,
            extended_errors: extended_errors(message),
        })
    }
}

impl Reply {
    /// What of the reply a server of the zone `apex` can speak for: the rest is somebody else's.
    pub(crate) fn within(mut self, apex: &OwnerName) -> Self {
        self.records.retain(|record| record.owner.is_within(apex));
        self.soa = self.soa.filter(|soa| soa.owner().is_within(apex));
        self
    }

    /// The SOA that a reply to the question for it holds.
    pub(crate) fn soa_of(message: &Message, apex: &OwnerName) -> Option<Soa> {
        let records = message.answers.iter();
        let read = records.filter_map(read_soa).filter_map(Result::ok);
        read.into_iter().find(|soa| soa.owner() == apex)
    }
}

/// The least that a record takes beside its data: a name of one octet, type, class, TTL and length.
/// So whatever a message of 64 KiB holds is read, and no more records than it can hold.
const FRAME: usize = 11;

/// Whether there are more records than are kept, other than TXT records: those may be as many as
/// the octets allow, as strangers publish them at names that the user does not choose (S-16).
pub(crate) fn is_crowded(section: &[Record]) -> bool {
    let others = section
        .iter()
        .filter(|record| !matches!(record.data, RData::TXT(_)));
    others.count() > MAX_RECORDS
}

/// A TTL with its highest bit set counts as zero (RFC 2181 §8).
fn ttl(record: &Record) -> u32 {
    if i32::try_from(record.ttl).is_ok() {
        record.ttl
    } else {
        0
    }
}

fn read_soa(record: &Record) -> Option<Result<Soa, LookupFailure>> {
    let RData::SOA(soa) = &record.data else {
        return None;
    };
    let read = |owner| Soa::new(owner, soa.serial, ttl(record), soa.minimum);
    Some(owner_name(&record.name).map(read))
}

/// The data of a record, and how many octets of it are kept.
fn read_data(data: &RData) -> Result<(RecordData, usize), LookupFailure> {
    let name = match data {
        RData::TXT(txt) => {
            let txt = Txt::from_strings(txt.txt_data.iter().map(|string| &**string));
            let length = txt.data().len();
            return Ok((RecordData::Txt(txt), length));
        }
        RData::CNAME(target) => owner_name(target)?,
        RData::NS(server) => owner_name(server)?,
        RData::PTR(target) => owner_name(target)?,
        RData::Unknown { code, rdata } if u16::from(*code) == RecordType::DNAME.code() => {
            // Its target is never compressed (RFC 6672 §2.5), so that it can be read alone.
            let target = Name::read(&mut BinDecoder::new(&rdata.anything));
            owner_name(&target.map_err(|_| LookupFailure::MalformedReply)?)?
        }
        other => {
            let mut octets = Vec::new();
            let mut encoder = BinEncoder::new(&mut octets);
            encoder.set_name_encoding(NameEncoding::Uncompressed);
            other
                .emit(&mut encoder)
                .map_err(|_| LookupFailure::MalformedReply)?;
            let length = octets.len();
            return Ok((RecordData::Other(octets), length));
        }
    };
    let length = name.as_wire().len();
    Ok((RecordData::Name(name), length))
}

/// Extended DNS errors (RFC 8914 §2): a code in two octets, then text.
fn extended_errors(message: &Message) -> Vec<ExtendedError> {
    const EXTENDED_ERROR: u16 = 15;
    let Some(edns) = &message.edns else {
        return Vec::new();
    };
    let options = edns.options().as_ref().iter();
    options
        .filter(|(code, _)| u16::from(*code) == EXTENDED_ERROR)
        .filter_map(|(_, option)| match option {
            EdnsOption::Unknown(_, data) => {
                let (code, text) = data.split_first_chunk::<2>()?;
                Some(ExtendedError::new(u16::from_be_bytes(*code), text))
            }
            _ => None,
        })
        .take(8)
        .collect()
}

fn is_same(name: &Name, known: &OwnerName) -> bool {
    let mut labels = known.labels();
    name.iter().all(|label| {
        labels
            .next()
            .is_some_and(|other| label.eq_ignore_ascii_case(other))
    }) && labels.next().is_none()
}

/// Our name for one of hickory's: label by label, never through text, whose escapes hickory
/// reads in another way than RFC 1035 (as octal numbers).
pub(crate) fn owner_name(name: &Name) -> Result<OwnerName, LookupFailure> {
    OwnerName::from_labels(name.iter()).map_err(|_| LookupFailure::MalformedReply)
}

/// Hickory's name for one of ours, absolute.
pub(crate) fn hickory_name(name: &OwnerName) -> Result<Name, LookupFailure> {
    Name::read(&mut BinDecoder::new(name.as_wire())).map_err(|_| LookupFailure::Unsupported)
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::op::OpCode;
    use hickory_resolver::proto::rr::rdata::{A, TXT};

    use super::*;

    fn read(data: &TXT, records: usize) -> Result<usize, LookupFailure> {
        let mut message = Message::response(1, OpCode::Query);
        let record = Record::from_rdata(Name::root(), 60, RData::TXT(data.clone()));
        message.add_answers(std::iter::repeat_n(record, records));
        Reply::read(&message, &OwnerName::root()).map(|reply| reply.records.len())
    }

    // S-16: the bound holds whatever the transport can carry.
    #[test]
    fn octets_are_bounded() {
        let large = TXT::from_bytes(vec![&[b'x'; 255]; 128]);
        assert_eq!(read(&large, MAX_RDATA / (255 * 128)), Ok(2));
        assert_eq!(read(&large, 3), Err(LookupFailure::TooLarge));
        // And so are records of next to nothing: as many as fit into a message, and no more.
        let small = TXT::from_bytes(vec![&[]]);
        let most = MAX_RDATA / FRAME;
        assert_eq!(read(&small, most), Ok(most));
        assert_eq!(read(&small, most + 1), Err(LookupFailure::TooLarge));
    }

    // S-16: other records are compared with each other: there are no more of them than are kept.
    #[test]
    fn records_of_other_types_are_few() {
        for (count, expected) in [
            (MAX_RECORDS, Ok(MAX_RECORDS)),
            (MAX_RECORDS + 1, Err(LookupFailure::TooLarge)),
        ] {
            let mut message = Message::response(1, OpCode::Query);
            let record = Record::from_rdata(Name::root(), 60, RData::A(A::new(192, 0, 2, 1)));
            message.add_answers(std::iter::repeat_n(record, count));
            let read = Reply::read(&message, &OwnerName::root());
            assert_eq!(read.map(|reply| reply.records.len()), expected);
        }
    }
}
