//! Owner names of every scope and with a feature prefix, and wildcards above each of their labels.

use dcv::name::{DomainName, Naming, ProviderName, Scope};
use dcv::service::Dcv;

use crate::relay::Relay;
use crate::scene::{PROVIDER, account, at, examine, report, verdict};
use crate::servers::{Knot, servers_or_skip};

/// Where the value stands in the zone, and what comes of it with how many queries. `@` is the
/// owner name, `*.1` a wildcard beside its first label, `*.2` beside its second.
const ROWS: &[(&str, &str, u32)] = &[
    ("@", "validated/quorum", 4),
    ("*.1", "rejected/wildcard", 4),
    ("*.2", "rejected/wildcard", 4),
    // A wildcard of somebody else's beside the record changes nothing.
    ("@ *.2", "validated/quorum", 4),
];

// S-8: a sibling at every level between the owner name and the domain. N-03, SC-02
#[tokio::test]
async fn a_wildcard_above_any_label_proves_nothing() {
    if !servers_or_skip() {
        return;
    }
    let naming = Naming::builder(ProviderName::new(PROVIDER).unwrap())
        .with_feature("mail")
        .build()
        .unwrap();
    let dcv = Dcv::builder(PROVIDER)
        .unwrap()
        .naming(naming)
        .build()
        .unwrap();
    for scope in [Scope::Host, Scope::Wildcard, Scope::Domain] {
        for (number, &(places, expected, queries)) in ROWS.iter().enumerate() {
            let domain = DomainName::parse(&format!("{scope}-{number}.example.com")).unwrap();
            let challenge = dcv.issue(&account(), &domain, scope).await.unwrap();
            let (owner, value) = (challenge.owner(), challenge.record().value());
            let first = owner.parent().unwrap();
            let second = first.parent().unwrap();
            assert_eq!(second.to_string(), format!("{domain}."));
            let mut zone =
                "$ORIGIN example.com.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 5\n\
                            @ NS ns\nns A 127.0.0.1\n"
                    .to_owned();
            let alone = places.split_once(' ').is_none();
            for place in places.split(' ') {
                zone += &match place {
                    "@" => format!("{owner} TXT \"{value}\"\n"),
                    "*.1" => format!("*.{first} TXT \"{value}\"\n"),
                    "*.2" if alone => format!("*.{second} TXT \"{value}\"\n"),
                    "*.2" => format!("*.{second} TXT \"v=spf1 -all\"\n"),
                    other => panic!("{other}"),
                };
            }
            let knot = Knot::start(&[("example.com", &zone)]);
            let relay = Relay::start(knot.addr()).await;
            let examination = examine(&at(relay.addr()), &challenge).await;
            let found = (verdict(&examination), relay.over_udp());
            println!("{scope:<9} {places:<6} {:<19} {} queries", found.0, found.1);
            assert_eq!(
                found,
                (expected.to_owned(), queries),
                "{}",
                report(&examination)
            );
        }
    }
}
