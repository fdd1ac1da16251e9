//! Who may say where the servers of a zone are, and what they speak for.

use dcv::dns::Outcome;
use dcv::lookup::{AuthoritativeLookup, FixedLookup};
use hickory_server::proto::rr::RecordType;

use crate::faults::{a, cname, ns, txt};
use crate::lab::{Lab, Zone};
use crate::scene::{OWNER, challenge, examine, lab, record, said, verdict};

// S-10: an address counts only from a server of the zone that the name lies in, whatever else
// it says. Here `com` gives addresses of another top-level domain.
#[tokio::test]
async fn glue_counts_within_its_zone_only() {
    let (mut lab, challenge) = (Lab::new().await, challenge().await);
    let root = Zone::new("")
        .delegate("com", "a.gtld.com", Some(lab.v4(2)))
        .delegate("net", "a.gtld.net", Some(lab.v4(3)));
    lab.serve(1, root).await;
    let com = Zone::new("com").delegate("example.com", "ns.provider.net", Some(lab.v4(66)));
    lab.serve(2, com).await;
    let net = Zone::new("net").delegate("provider.net", "ns.provider.net", Some(lab.v4(4)));
    lab.serve(3, net).await;
    let provider = Zone::new("provider.net")
        .with(ns("provider.net", "ns.provider.net"))
        .with(a("ns.provider.net", lab.v4(11)));
    lab.serve(4, provider).await;
    let zone = Zone::new("example.com").with(record(&challenge));
    lab.serve(11, zone.clone()).await;
    lab.serve(66, zone).await;

    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(said(&examination), ["ns.provider.net. 1 record"]);
    assert_eq!(lab.asked(66), 0, "the address was believed");
    let server = examination.observations()[0].server().unwrap();
    assert_eq!(server.address().unwrap().ip(), lab.v4(11));
}

// S-2: one server of three cannot lead the others' answers away by a delegation of its own.
#[tokio::test]
async fn one_server_alone_delegates_nothing() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in [11, 12] {
        lab.serve(host, Zone::new("example.com")).await;
    }
    let liar = Zone::new("example.com").delegate(OWNER, "ns.example.com", Some(lab.v4(66)));
    lab.serve(13, liar).await;
    lab.serve(66, Zone::new(OWNER).with(record(&challenge)))
        .await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(
        said(&examination),
        [
            "ns1.example.com. absent, serial 7",
            "ns2.example.com. absent, serial 7",
            "ns3.example.com. Referral",
        ]
    );
    assert_eq!(lab.asked(66), 0, "the delegation was followed");
    assert_eq!(verdict(&examination), "unproven/no-such-name");
}

// S-2: nor does it where it was asked for an address first: what it said then leads nobody but those
// who look for addresses. The zone of the alias's target is delegated to an honest server too.
#[tokio::test]
async fn one_server_asked_for_an_address_delegates_nothing() {
    let challenge = challenge().await;
    let mut lab = Lab::new().await;
    let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
    lab.serve(1, root.delegate("net", "a.gtld.net", Some(lab.v4(3))))
        .await;
    lab.serve(
        2,
        Zone::new("com").delegate("example.com", "ns.dns.example.net", None),
    )
    .await;
    let net = Zone::new("net").delegate("example.net", "honest.example.net", Some(lab.v4(21)));
    lab.serve(
        3,
        net.delegate("example.net", "liar.example.net", Some(lab.v4(22))),
    )
    .await;
    let alias = cname(OWNER, "proof.dns.example.net");
    lab.serve(11, Zone::new("example.com").with(alias)).await;
    // The honest one is silent where addresses are concerned, so that the liar is heard.
    let honest = Zone::new("example.net");
    lab.script(21, move |asked| match asked.query().query_type() {
        RecordType::TXT => vec![crate::faults::Send::Message(honest.answer(asked))],
        _ => Vec::new(),
    })
    .await;
    let glue = Some(lab.v4(31));
    lab.serve(
        22,
        Zone::new("example.net").delegate("dns.example.net", "evil.dns.example.net", glue),
    )
    .await;
    let value = challenge.record().value();
    let evil = Zone::new("dns.example.net").with(a("ns.dns.example.net", lab.v4(11)));
    lab.serve(
        31,
        evil.with(txt("proof.dns.example.net", &[value.as_bytes()])),
    )
    .await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(
        said(&examination),
        [
            "honest.example.net. absent, serial 7",
            "liar.example.net. Referral",
            "ns.dns.example.net. Elsewhere",
        ]
    );
    // One of two denies it, and the other is not silent: that vetoes, and decides nothing.
    assert_eq!(verdict(&examination), "indeterminate/lookup-failed");
}

// S-2: nor does one server of a provider alone say where the name servers are that its customers'
// zones are delegated to. Who is asked first is chance, so it is tried often.
#[tokio::test]
async fn one_server_alone_places_no_name_server() {
    let challenge = challenge().await;
    let mut lab = Lab::new().await;
    let root = Zone::new("").delegate("com", "a.gtld.com", Some(lab.v4(2)));
    lab.serve(1, root.delegate("net", "a.gtld.net", Some(lab.v4(3))))
        .await;
    let com = Zone::new("com").delegate("example.com", "ns1.provider.net", None);
    lab.serve(2, com.delegate("example.com", "ns2.provider.net", None))
        .await;
    let mut net = Zone::new("net");
    for host in 11..=13 {
        let server = format!("dns{}.provider.net", host - 10);
        net = net.delegate("provider.net", &server, Some(lab.v4(host)));
    }
    lab.serve(3, net).await;
    let provider = |host| {
        Zone::new("provider.net")
            .with(a("ns1.provider.net", host))
            .with(a("ns2.provider.net", host))
    };
    let (honest, lie) = (provider(lab.v4(21)), provider(lab.v4(66)));
    lab.serve(11, honest.clone()).await;
    lab.serve(12, honest).await;
    lab.serve(13, lie).await;
    lab.serve(21, Zone::new("example.com")).await;
    lab.serve(66, Zone::new("example.com").with(record(&challenge)))
        .await;
    for _ in 0..24 {
        let examination = examine(lab.view(), &challenge).await;
        assert_eq!(verdict(&examination), "unproven/no-such-name");
    }
    assert_eq!(lab.asked(66), 0, "the liar's address was believed");
}

// S-2: nor does one server alone say where the servers of a cut are that the others name as well. Whose
// delegation is read first is not chance: the liar's name is the first.
#[tokio::test]
async fn one_server_alone_gives_no_address() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for (host, child) in [(11, 66), (12, 21), (13, 21)] {
        let glue = Some(lab.v4(child));
        let zone = Zone::new("example.com").delegate(OWNER, "ns.challenges.example.com", glue);
        lab.serve(host, zone).await;
    }
    lab.serve(21, Zone::new(OWNER)).await;
    lab.serve(66, Zone::new(OWNER).with(record(&challenge)))
        .await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(lab.asked(66), 0, "the liar's address was believed");
    assert_eq!(
        said(&examination),
        ["ns.challenges.example.com. absent, serial 7"]
    );
}

// L-03: a cut below the zone, as for a label that is handed to somebody else, is followed.
#[tokio::test]
async fn a_cut_below_the_zone_is_followed() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        let zone =
            Zone::new("example.com").delegate(OWNER, "ns.challenges.example.com", Some(lab.v4(21)));
        lab.serve(host, zone).await;
    }
    lab.serve(21, Zone::new(OWNER).with(record(&challenge)))
        .await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(said(&examination), ["ns.challenges.example.com. 1 record"]);
    let server = examination.observations()[0].server().unwrap();
    assert_eq!(server.zone().to_string(), format!("{OWNER}."));
}

// S-2, S-3: through a resolver the view is in the resolver's group. The resolver names the servers of
// the top-level domain, and nobody further down: its cache may hold what a server of the zone planted.
#[tokio::test]
async fn a_resolver_can_name_the_servers() {
    use dcv::dns::{Answer, Group, Perspective, Question, RecordData, RecordType, ResourceRecord};
    let (mut lab, challenge) = (lab().await, challenge().await);
    for host in 11..=13 {
        lab.serve(host, Zone::new("example.com").with(record(&challenge)))
            .await;
    }
    lab.serve(66, Zone::new("example.com").with(txt(OWNER, &[b"planted"])))
        .await;
    let resolver = FixedLookup::new();
    let answer = |data| {
        Ok(Answer::new(Outcome::Records(vec![ResourceRecord::new(
            60, data,
        )])))
    };
    for (zone, server, host) in [
        ("com", "a.gtld.com", 2),
        ("example.com", "ns1.example.com", 66),
    ] {
        let name = server.parse().unwrap();
        resolver.set_question(
            Question::new(zone.parse().unwrap(), RecordType::NS),
            answer(RecordData::Name(name)),
        );
        resolver.set_question(
            Question::new(server.parse().unwrap(), RecordType::A),
            answer(RecordData::Other(lab.v4(host).octets().to_vec())),
        );
    }
    let group = Group::Operator("a-resolver".parse().unwrap());
    let perspective = Perspective::new("resolver".parse().unwrap()).with_group(group.clone());
    let view = AuthoritativeLookup::through(&perspective, resolver)
        .with_port(lab.socket(11).port())
        .with_filter(lab.filter());
    use dcv::lookup::Observer as _;
    assert_eq!(view.perspectives()[0].group(), &group);
    let examination = examine(view, &challenge).await;
    assert_eq!(
        said(&examination),
        [1, 2, 3].map(|n| format!("ns{n}.example.com. 1 record"))
    );
    assert_eq!(verdict(&examination), "validated/quorum");
    assert_eq!((lab.asked(1), lab.asked(66)), (0, 0));
}

// S-2, S-10: what a server says of another zone's names is not heard: it may host a zone of that
// name that nobody has delegated to it.
#[tokio::test]
async fn a_server_speaks_for_its_own_zone_only() {
    let (mut lab, challenge) = (lab().await, challenge().await);
    let value = challenge.record().value().to_owned();
    for host in 11..=13 {
        let value = value.clone();
        lab.script(host, move |asked| {
            let target = "t.victim.net";
            asked.answer([cname(OWNER, target), txt(target, &[value.as_bytes()])])
        })
        .await;
    }
    let examination = examine(lab.view(), &challenge).await;
    assert!(!examination.verdict().is_validated());
    let first = examination.observations()[0].result().unwrap();
    assert_eq!(*first.outcome(), Outcome::Elsewhere);
    assert_eq!(first.aliases().len(), 1);
}
