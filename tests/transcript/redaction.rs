//! Other people's records are named, and not kept.

use std::sync::Arc;

use dcv::challenge::Form;
use dcv::dns::{Answer, Outcome, RecordData, ResourceRecord, Txt, Withheld};
use dcv::name::OwnerName;
use dcv::record::{FormatId, Formats, PrefixFormat, escaped};
use dcv::transcript::Transcript;

use crate::cases::{self, Plan, TOKEN, challenge};
use crate::rows::rows;
use crate::{investigation, kept, of_answer, single};

// S-4, S-17, S-18: what could matter is kept, of everything else the key, the length and a digest
#[test]
fn foreign_records_are_not_kept() {
    let table = include_str!("../data/transcript/redaction.tsv");
    for (line, [value, expected]) in rows(table) {
        let data = kept(&challenge(), &[&value]);
        let shown = match &data[..] {
            [RecordData::Txt(txt)] => {
                assert_eq!(txt.data(), value.as_bytes());
                "kept".to_owned()
            }
            [RecordData::Withheld(one)] => {
                assert!(one.is_txt() && one.more() == 0);
                assert_eq!(one.octets() as usize, value.len(), "line {line}");
                assert_eq!(*one, Withheld::txt(value.as_bytes()));
                assert!(one.prefix().len() <= 32 && one.prefix().len() < value.len());
                escaped(one.prefix(), 32).to_string()
            }
            other => panic!("line {line}: {other:?}"),
        };
        assert_eq!(shown, expected, "line {line}: {value:?}");
    }
}

// The digest is that of the data: 32 octets that anybody can compare.
#[test]
fn the_digest_tells_whether_it_was_the_same() {
    let one = Withheld::txt(b"v=spf1 -all");
    let hex: String = one.digest().iter().map(|o| format!("{o:02x}")).collect();
    assert_eq!(
        hex,
        "f90139dd9ab3a23e305d0a48208573464dd6f0b556aafb018bd315174ca4cac6"
    );
    assert_ne!(one, Withheld::txt(b"v=spf1 ~all"));
    assert_eq!(one.to_string(), "v... (11 octets, not kept)");
    assert_eq!(
        format!("{:?}", Withheld::other(&[1; 70]).and_more(3)),
        "Withheld(... (70 octets, not kept) and 3 more)"
    );
}

// S-16: four are told of, the others counted, and the record is kept wherever it stands
#[test]
fn many_records_are_counted() {
    let challenge = challenge();
    let mut values: Vec<String> = (0..200).map(|n| format!("service-{n}=value")).collect();
    values.insert(150, challenge.record().value().to_owned());
    let data = kept(&challenge, &values);
    assert_eq!(data.len(), 5);
    let more: Vec<u32> = data
        .iter()
        .filter_map(|one| match one {
            RecordData::Withheld(one) => Some(one.more()),
            _ => None,
        })
        .collect();
    assert_eq!(more, [0, 0, 0, 196]);
    assert!(matches!(&data[4], RecordData::Txt(txt) if txt.data() == values[150].as_bytes()));
}

// Names of servers and addresses are what a diagnosis needs; anything long is not, unless it is
// the record in another type.
#[test]
fn records_of_other_types_are_kept_while_they_are_short() {
    let name =
        |n: usize| RecordData::Name(OwnerName::parse(&format!("ns{n}.example.net")).unwrap());
    // As TXT records are written, in short strings.
    let strings = TOKEN.as_bytes().chunks(4);
    let mut wire: Vec<u8> = strings
        .flat_map(|part| [&b"\x04"[..], part].concat())
        .collect();
    wire.extend([30].into_iter().chain([b' '; 30]));
    let mut all = vec![
        RecordData::Other(vec![192, 0, 2, 1]),
        RecordData::Other(vec![7; 64]),
        RecordData::Other(format!("{:>70}", &TOKEN[..8]).into_bytes()),
        RecordData::Other(wire),
    ];
    all.extend((0..20).map(name));
    all.extend((65..75).map(|octets| RecordData::Other(vec![7; octets])));
    let kept = kept_of(&all);
    assert_eq!((kept.len(), &kept[..24]), (28, &all[..24]));
    let told: Vec<(bool, usize, u32, u32)> = kept[24..]
        .iter()
        .map(|one| match one {
            RecordData::Withheld(one) => {
                (one.is_txt(), one.prefix().len(), one.octets(), one.more())
            }
            other => panic!("{other:?} was kept"),
        })
        .collect();
    let told_of = |octets, more| (false, 0, octets, more);
    assert_eq!(
        told,
        [
            told_of(65, 0),
            told_of(66, 0),
            told_of(67, 0),
            told_of(68, 6)
        ]
    );
}

fn kept_of(all: &[RecordData]) -> Vec<RecordData> {
    let records = all.iter().map(|one| ResourceRecord::new(60, one.clone()));
    let answer = Answer::new(Outcome::Records(records.collect()));
    let transcript = Transcript::of(&of_answer(&challenge(), answer)).unwrap();
    let replay = transcript.replay();
    let Outcome::Records(kept) = replay.observations()[0].result().unwrap().outcome() else {
        panic!("no records");
    };
    kept.iter().map(|one| one.data().clone()).collect()
}

// L-02: how long a cache holds what it said is known by the longest TTL
#[test]
fn the_longest_ttl_is_kept() {
    let ttls = [60, 60, 60, 60, 60, 600, 60];
    let records = ttls.iter().enumerate().map(|(n, ttl)| {
        let data = RecordData::Txt(Txt::joined(format!("service-{n}=value").as_bytes()));
        ResourceRecord::new(*ttl, data)
    });
    let answer = Answer::new(Outcome::Records(records.collect()));
    let transcript = Transcript::of(&of_answer(&challenge(), answer)).unwrap();
    let replay = transcript.replay();
    let Outcome::Records(kept) = replay.observations()[0].result().unwrap().outcome() else {
        panic!("no records");
    };
    let ttls: Vec<u32> = kept.iter().map(|one| one.ttl()).collect();
    assert_eq!(ttls, [60, 60, 60, 600]);
}

// K-13, S-12: a record that the application's own format takes for its own is kept
#[test]
fn records_of_own_formats_are_kept() {
    let own = PrefixFormat::new("own", "own-verification=").unwrap();
    let formats = Formats::new().with(Arc::new(own)).unwrap();
    let plan = Plan {
        form: Form::Custom(FormatId::new("own").unwrap()),
        formats: formats.clone(),
        ..Plan::default()
    };
    let challenge = plan.challenge();
    let answer = Answer::txt(["own-verification=another", "token=another"]);
    let seen = vec![cases::saw(&cases::id("one"), &challenge, Ok(answer))];
    for (rules, own) in [(single().with_formats(formats), true), (single(), false)] {
        let before = investigation(&challenge, &rules, seen.clone());
        let replay = Transcript::of(&before).unwrap().replay();
        let Outcome::Records(records) = replay.observations()[0].result().unwrap().outcome() else {
            panic!("no records");
        };
        let kept = |index: usize| matches!(records[index].data(), RecordData::Txt(_));
        assert_eq!((kept(0), kept(1)), (own, false));
    }
}
