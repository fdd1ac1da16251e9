//! What observations tell of the zone around a name.

use std::time::Duration;

use dcv::dns::{RecordType, ZoneFacts};

use crate::cases::absent;
use crate::scene::{Scene, name, names, right};

fn facts(scene: &Scene) -> Option<ZoneFacts> {
    ZoneFacts::of(scene.challenge.owner(), &scene.seen)
}

fn servers(scene: &Scene) -> Vec<String> {
    let facts = facts(scene).unwrap();
    facts.servers().iter().map(ToString::to_string).collect()
}

// Mistake 16: the servers of a zone are those of its delegation, whatever the zone itself lists;
// what it lists is better than nothing.
#[test]
fn the_delegation_names_the_servers() {
    let listed = names(&["ns8.example.net", "ns1.example.net"]);
    let listing = Scene::new().probed(name("example.com"), RecordType::NS, listed);
    assert_eq!(servers(&listing), ["ns1.example.net.", "ns8.example.net."]);
    let delegated = listing.server("ns2", absent("example.com"));
    assert_eq!(servers(&delegated), ["ns2.example.net."]);
}

// L-02: the deepest zone around the name counts, and of its denials the longest.
#[test]
fn the_zone_around_a_name() {
    assert_eq!(facts(&Scene::new().record("one", right())), None);
    let scene = Scene::new()
        .record("one", absent("com"))
        .record("two", absent("example.com"))
        .record("home", absent("example.net"));
    let facts = facts(&scene).unwrap();
    assert_eq!(*facts.apex(), name("example.com"));
    assert_eq!(facts.negative_ttl(), Some(Duration::from_secs(300)));
    assert_eq!(facts.servers(), []);
}
