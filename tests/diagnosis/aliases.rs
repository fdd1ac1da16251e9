//! Aliases, wildcards and other types at the owner name.

use dcv::challenge::Challenge;
use dcv::diagnose::{Code, Severity};
use dcv::dns::{LookupFailure, Outcome, RecordType};
use dcv::name::OwnerName;
use dcv::suffix::{SuffixGuard, SuffixList, SuffixPolicy};

use crate::cases::{Plan, TOKEN, absent, all_probed, challenge, edited, found, id};
use crate::scene::{Scene, name, nodata, other, right, shown, through, through_from, txt};

/// The name beside the owner name that a plan asks for.
fn sibling(scene: &Scene) -> OwnerName {
    let owner = scene.challenge.owner();
    let plan = scene.plan();
    let mut asked = plan.iter().filter_map(|probe| probe.question());
    let beside = asked.find(|question| {
        let name = question.name();
        name != owner && name.parent() == owner.parent() && name.to_string().len() > 36
    });
    beside.unwrap_or_else(|| panic!("{plan:?}")).name().clone()
}

// Mistake 17: an alias hides what is beside it.
#[test]
fn an_alias_at_the_owner_name() {
    for seen in [nodata("example.net"), txt(&["v=spf1 -all"])] {
        let chain = ["a.example.net", "b.example.net"];
        let scene = Scene::new().all(&through(&chain, seen));
        assert_eq!(scene.codes(), "cname-at-owner");
        let finding = scene.finding(Code::CnameAtOwner);
        assert_eq!(shown(&finding, "target"), "a.example.net.");
        assert_eq!(shown(&finding, "other"), "b.example.net.");
    }
    // Near misses: what stands at its end is nearly right, and right.
    let value = challenge().record().value().to_owned();
    let quoted = format!("\"{value}\"");
    let scene = Scene::new().all(&through(&["a.example.net"], txt(&[&quoted])));
    assert_eq!(scene.codes(), "quotes-in-value");
    let finding = scene.finding(Code::QuotesInValue);
    assert_eq!(shown(&finding, "found"), "a.example.net.");
    let scene = Scene::new()
        .record("one", through(&["a.example.net"], right()))
        .record("two", absent("example.com"));
    assert_eq!(scene.codes(), "negative-cached");
}

// Mistake 17, S-9: below a private suffix no alias is followed, right as its end may be.
#[test]
fn an_alias_that_is_refused() {
    let plan = Plan {
        domain: "github.io",
        ..Plan::default()
    };
    let mut scene = Scene::of(plan.challenge());
    let policy = SuffixPolicy::strict().allow_private_suffixes();
    let guard = SuffixGuard::new(SuffixList::compiled(), policy);
    scene.rules = scene.rules.with_guard(guard);
    let right = found(&scene.challenge);
    let owner = scene.challenge.owner().clone();
    let scene = scene.all(&through_from(&owner, &["a.example.net"], right));
    assert_eq!(scene.codes(), "cname-at-owner");
}

// Mistake 18: the alias leads to a name that does not exist, and that one is blamed.
#[test]
fn an_alias_of_nothing() {
    let chain = ["a.example.net", "b.example.net"];
    let scene = Scene::new().all(&through(&chain, absent("example.net")));
    assert_eq!(scene.codes(), "cname-dangling");
    let finding = scene.finding(Code::CnameDangling);
    assert_eq!(shown(&finding, "target"), "b.example.net.");
    assert_eq!(shown(&finding, "via"), "a.example.net.");
    // Near miss: the owner name itself does not exist.
    assert_eq!(
        Scene::new().all(&absent("example.com")).codes(),
        "not-published"
    );
}

// Mistake 19, DG-05: in a circle, or too far.
#[test]
fn an_alias_in_a_circle() {
    let circle = ["a.example.net", "_p-challenge.example.com"];
    for outcome in [Outcome::AliasLoop, Outcome::AliasTooLong] {
        let seen = through(&circle, Ok(dcv::dns::Answer::new(outcome)));
        let scene = Scene::new().all(&seen);
        assert_eq!(scene.codes(), "cname-loop");
        assert_eq!(
            shown(&scene.finding(Code::CnameLoop), "chain"),
            "_p-challenge.example.com. a.example.net. _p-challenge.example.com."
        );
    }
}

// Mistake 19: a resolver that still goes round, when the zone has the record by now.
#[test]
fn a_circle_of_before() {
    let round = through(
        &["a.example.net"],
        Ok(dcv::dns::Answer::new(Outcome::AliasLoop)),
    );
    let mut scene = Scene::new()
        .record("one", round)
        .server("ns1", crate::scene::authoritative(right()));
    assert_eq!(scene.codes(), "undetermined");
    scene.history = dcv::diagnose::History::new().with_proof(crate::cases::issued());
    assert_eq!(scene.codes(), "undetermined");
}

// S-5: servers send on to others, whose answers belong to the owner name.
#[test]
fn an_alias_to_other_servers() {
    use dcv::dns::{Answer, NameServer, Purpose, Question};
    let leads = through(&["t.example.net"], Ok(Answer::new(Outcome::Elsewhere)));
    let leads = leads.map(|answer| answer.with_authoritative(true));
    let scene = |seen: crate::cases::Seen| {
        let mut scene = Scene::new().server("ns1", leads.clone());
        let question = Question::txt(name("t.example.net"));
        let seen = seen.map(|answer| answer.with_authoritative(true));
        let one = crate::cases::asked(&id("own"), question, Purpose::Record, seen);
        let other = NameServer::new(name("example.net"), name("ns1.example.org"));
        scene.seen.push(one.with_server(other));
        scene
    };
    let value = challenge().record().value().to_owned();
    let quoted = scene(txt(&[&format!("\"{value}\"")]));
    assert_eq!(quoted.codes(), "quotes-in-value cname-at-owner");
    let cached = scene(right()).record("one", absent("example.com"));
    assert_eq!(cached.codes(), "negative-cached");
}

// Mistake 20, S-8: a wildcard shows the record everywhere.
#[test]
fn a_wildcard_shows_the_record() {
    let challenge = challenge();
    let with = |seen: crate::cases::Seen| {
        let mut scene = Scene::of(challenge.clone()).all(&right());
        for who in ["one", "two", "own"] {
            let seen = crate::scene::authoritative(seen.clone());
            scene
                .seen
                .extend(all_probed(&id(who), &challenge, 0, &seen));
        }
        scene
    };
    let scene = with(right());
    assert_eq!(scene.codes(), "wildcard-synthesised");
    let finding = scene.finding(Code::WildcardSynthesised);
    assert_eq!(shown(&finding, "wildcard"), "*.example.com.");
    // Near miss: a wildcard with something else.
    let scene = with(txt(&["v=spf1 -all"]));
    assert_eq!(scene.codes(), "");
    let scene = Scene::new().all(&Err(LookupFailure::UnverifiedWildcard));
    assert_eq!(scene.codes(), "wildcard-synthesised");
}

// Mistakes 17 and 20: an alias that every name has is a wildcard's.
#[test]
fn a_wildcard_alias() {
    let hidden = || Scene::new().all(&through(&["web.example.net"], nodata("example.net")));
    let beside = sibling(&hidden());
    let same = through_from(&beside, &["web.example.net"], nodata("example.net"));
    let scene = hidden().probed(beside.clone(), RecordType::TXT, same);
    assert_eq!(scene.codes(), "wildcard-synthesised");
    // Near miss: the alias is the owner name's own.
    let scene = hidden().probed(beside, RecordType::TXT, absent("example.com"));
    assert_eq!(scene.codes(), "cname-at-owner");
}

// Mistake 4: the token as the target of an alias.
#[test]
fn the_token_as_a_target() {
    for target in [format!("{TOKEN}.example.com"), TOKEN.to_owned()] {
        let scene = Scene::new().all(&through(&[&target], absent(".")));
        assert_eq!(scene.codes(), "wrong-record-type");
        let finding = scene.finding(Code::WrongRecordType);
        assert_eq!(shown(&finding, "types"), "CNAME");
        assert_eq!(shown(&finding, "target"), format!("{target}."));
    }
}

// Mistake 4: a record of another type; what a wildcard has everywhere is nobody's mistake.
#[test]
fn a_record_of_another_type() {
    let owner = || challenge().owner().clone();
    let empty = || Scene::new().all(&nodata("example.com")).rounds(1);
    let address = other(&[&[192, 0, 2, 1]]);
    let found = || empty().probed(owner(), RecordType::A, address.clone());
    let beside = sibling(&found());
    let own = found().probed(beside.clone(), RecordType::A, absent("example.com"));
    assert_eq!(own.codes(), "wrong-record-type");
    let finding = own.finding(Code::WrongRecordType);
    assert_eq!(shown(&finding, "types"), "A");
    // Near misses: a wildcard's, which may be, and none at all.
    let everywhere = found().probed(beside, RecordType::A, address.clone());
    assert_eq!(everywhere.codes(), "not-published");
    assert_eq!(found().codes(), "not-published wrong-record-type");
    let finding = found().finding(Code::WrongRecordType);
    assert_eq!(finding.severity(), Severity::Hint);
    let none = empty().probed(owner(), RecordType::A, nodata("example.com"));
    assert_eq!(none.codes(), "not-published");
}

// Mistake 4: the type that SPF once had, with the very value.
#[test]
fn the_value_as_spf() {
    let owner = challenge().owner().clone();
    let value = challenge().record().value().to_owned();
    let mut wire = vec![u8::try_from(value.len()).unwrap()];
    wire.extend(value.bytes());
    let empty = || Scene::new().all(&nodata("example.com"));
    let scene = empty().probed(owner.clone(), RecordType::from_code(99), other(&[&wire]));
    assert_eq!(scene.codes(), "wrong-record-type");
    let finding = scene.finding(Code::WrongRecordType);
    assert_eq!(finding.severity(), Severity::Change);
    assert_eq!(shown(&finding, "types"), "TYPE99");
    // Near miss: a policy for mail, in a form that breaks off.
    let scene = empty().probed(owner, RecordType::from_code(99), other(&[b"\x30v=spf1"]));
    assert_eq!(scene.codes(), "not-published wrong-record-type");
}

/// A challenge that wants an alias, as later ones will.
fn alias_challenge() -> Challenge {
    edited(&challenge(), |written| {
        written["record"]["record_type"] = "CNAME".into();
        written["record"]["value"] = "t.example.net".into();
    })
}

// Mistake 21: the addresses of the target stand where the alias should be.
#[test]
fn a_flattened_alias() {
    let owner = challenge().owner().clone();
    let target = name("t.example.net");
    let address = other(&[&[192, 0, 2, 1], &[192, 0, 2, 2]]);
    let turned = other(&[&[192, 0, 2, 2], &[192, 0, 2, 1]]);
    let scene = |theirs| {
        Scene::of(alias_challenge())
            .all(&nodata("example.com"))
            .probed(owner.clone(), RecordType::A, address.clone())
            .probed(target.clone(), RecordType::A, theirs)
    };
    assert_eq!(scene(turned).codes(), "flattened-cname");
    // Near misses: other addresses, and a challenge that wants TXT.
    assert_eq!(scene(other(&[&[192, 0, 2, 9]])).codes(), "not-published");
    let asks = Scene::of(alias_challenge())
        .all(&nodata("example.com"))
        .plan();
    let asks: Vec<_> = asks.iter().filter_map(|probe| probe.question()).collect();
    let addresses = asks.iter().filter(|one| one.record_type() == RecordType::A);
    assert_eq!(addresses.count(), 2);
}
