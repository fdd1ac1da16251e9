//! The record at another name.

use dcv::diagnose::{Code, History, Origin};
use dcv::dns::RecordType;
use dcv::token::Token;

use crate::cases::{Plan, absent, found, issued};
use crate::scene::{Scene, name, right, shown, through_from, txt};

fn nothing() -> Scene {
    Scene::new().all(&absent("example.com"))
}

// Mistakes 1 to 3: each place by its code, and the name that it was found at.
#[test]
fn a_record_at_another_name() {
    for (place, code) in [
        (
            "_p-challenge.example.com.example.com",
            Code::ZoneNameDoubled,
        ),
        ("example.com", Code::RecordAtApex),
        ("p-challenge.example.com", Code::RecordAtWrongName),
        ("-p-challenge.example.com", Code::RecordAtWrongName),
        ("_p-challenge.www.example.com", Code::RecordAtWrongName),
        ("www.example.com", Code::RecordAtWrongName),
        ("_p-wildcard-challenge.example.com", Code::RecordAtWrongName),
    ] {
        let scene = nothing().probed(name(place), RecordType::TXT, right());
        assert_eq!(scene.codes(), code.as_str(), "{place}");
        let finding = scene.finding(code);
        assert_eq!(shown(&finding, "found"), format!("{place}."));
        assert_eq!(finding.seen().len(), 1);
        // Near misses: other people's records there, a token of nobody's, nothing, an alias.
        for seen in [
            txt(&["v=spf1 -all"]),
            txt(&["token=nfzwkidbobyg62lonfxw4zltorqw4zdb"]),
            absent("example.com"),
            through_from(&name(place), &["elsewhere.example.net"], right()),
        ] {
            let scene = nothing().probed(name(place), RecordType::TXT, seen);
            assert_eq!(scene.codes(), "not-published", "{place}");
        }
    }
}

// Mistake 3: with the domain below what was registered, the host field is relative to either.
#[test]
fn a_record_at_the_wrong_level() {
    let plan = Plan {
        domain: "shop.example.com",
        ..Plan::default()
    };
    let challenge = plan.challenge();
    for (place, code) in [
        ("_p-challenge.example.com", Code::RecordAtWrongName),
        ("example.com", Code::RecordAtApex),
        ("shop.example.com", Code::RecordAtApex),
        (
            "_p-challenge.shop.example.com.example.com",
            Code::ZoneNameDoubled,
        ),
        (
            "_p-challenge.shop.example.com.shop.example.com",
            Code::ZoneNameDoubled,
        ),
    ] {
        let scene = Scene::of(challenge.clone())
            .all(&absent("example.com"))
            .probed(name(place), RecordType::TXT, found(&challenge));
        assert_eq!(scene.codes(), code.as_str(), "{place}");
        assert_eq!(shown(&scene.finding(code), "host"), "_p-challenge.shop");
    }
}

// Mistakes 1 and 5: at the wrong name and with quotation marks, and both are said.
#[test]
fn two_mistakes_in_one_record() {
    let value = nothing().challenge.record().value().to_owned();
    let place = name("_p-challenge.example.com.example.com");
    let scene = nothing().probed(
        place.clone(),
        RecordType::TXT,
        txt(&[&format!("\"{value}\"")]),
    );
    assert_eq!(scene.codes(), "zone-name-doubled quotes-in-value");
    let quotes = scene.finding(Code::QuotesInValue);
    assert_eq!(shown(&quotes, "found"), place.to_string());
}

// Mistakes 1 and 11: an old token of the account's at the wrong name; another's is nobody's business
// there (S-17).
#[test]
fn an_old_token_at_the_wrong_name() {
    let old = "nfzwkidbobyg62lonfxw4zltorqw4zdb";
    let fingerprint = Token::new(old).unwrap().fingerprint();
    let place = name("_p-challenge.example.com.example.com");
    let value = format!("token={old}");
    let mut scene = nothing().probed(place, RecordType::TXT, txt(&[&value]));
    let earlier = Origin::Earlier {
        issued_at: issued(),
    };
    scene.history = History::new().with_token(fingerprint, earlier);
    assert_eq!(scene.codes(), "zone-name-doubled stale-token");
    scene.history = History::new().with_token(fingerprint, Origin::OtherAccount);
    assert_eq!(scene.codes(), "not-published");
}

// Mistakes 5 and 2: what is wrong at the owner name comes before what is elsewhere.
#[test]
fn the_owner_name_comes_first() {
    let value = nothing().challenge.record().value().to_owned();
    let scene = Scene::new().all(&txt(&[&format!("'{value}'")])).probed(
        name("example.com"),
        RecordType::TXT,
        right(),
    );
    assert_eq!(scene.codes(), "quotes-in-value record-at-apex");
}

// T-12: a copy elsewhere is no mistake as soon as the record is where it belongs.
#[test]
fn a_copy_beside_the_right_record() {
    let scene = Scene::new()
        .record("one", right())
        .record("two", absent("example.com"))
        .probed(name("example.com"), RecordType::TXT, right());
    assert_eq!(scene.codes(), "negative-cached");
}
