//! Against servers that others have written.

use crate::program::{Issued, Place};
use crate::servers::wire::{Question, Type};
use crate::servers::{Knot, Unbound, UnboundConfig, servers_or_skip};

fn zone(serial: u32, record: &str) -> String {
    format!(
        "$ORIGIN example.com.\n$TTL 60\n@ SOA ns hostmaster {serial} 3600 600 86400 5\n@ NS ns\n\
         ns A 127.0.0.1\n{record}"
    )
}

async fn concludes(place: &Place, issued: &Issued, server: String, code: i32, reason: &str) {
    let run = place.check(issued.id(), &[server]).await;
    assert_eq!(run.code, code, "{run:?}");
    assert_eq!(run.json()["reason"], reason, "{run:?}");
}

// published at the zone's server, and seen there and through a resolver.
#[tokio::test]
async fn a_record_in_a_real_zone_proves() {
    if !servers_or_skip() {
        return;
    }
    let places = [Place::new(), Place::new()];
    let [first, second] = [
        places[0].challenge(&[]).await,
        places[1].challenge(&[]).await,
    ];
    let mut knot = Knot::start(&[("example.com", &zone(1, ""))]);
    let at_knot = knot.addr().to_string();
    concludes(&places[0], &first, at_knot.clone(), 1, "no-such-name").await;

    let owner = first.owner();
    let records = [&first, &second].map(|issued| format!("{owner} TXT \"{}\"\n", issued.value()));
    let ready = Question::new(&owner.to_string(), Type::TXT);
    knot.replace("example.com", &zone(2, &records.concat()), ready);
    concludes(&places[0], &first, at_knot, 0, "quorum").await;
    let unbound = Unbound::start(&UnboundConfig {
        stubs: &[("example.com", knot.addr())],
        ..Default::default()
    });
    concludes(&places[1], &second, unbound.addr().to_string(), 0, "quorum").await;
}
