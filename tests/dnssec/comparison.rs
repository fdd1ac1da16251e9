//! Case by case: what a validating resolver says, and what is found in the process.

use dcv::lookup::HickoryLookup;
use dcv::lookup::hickory::{TrustAnchors, TrustedPath};

use crate::rows::rows;
use crate::servers::servers_or_skip;
use crate::world::{World, look, lookup_at, txt};

const TABLE: &str = include_str!("../data/dnssec/comparison.tsv");

// D-02, D-03: where hickory's validator and unbound agree and where not, as the manual says it.
// An upgrade of either that changes it fails here.
#[tokio::test]
async fn the_validators_agree_as_the_table_says() {
    if !servers_or_skip() {
        return;
    }
    let world = World::start();
    let (validating, plain) = (world.unbound(&[&world.root.ksk]), world.unbound(&[]));
    let trusting = lookup_at(validating.addr())
        .trusting_validation(TrustedPath::Loopback)
        .unwrap();
    let anchored = |anchor: &str| -> TrustAnchors { anchor.parse().unwrap() };
    let in_process = |server, anchor: &str| -> HickoryLookup {
        lookup_at(server).validating(anchored(anchor)).unwrap()
    };
    // The root's key, or that of the zone in between; through a resolver, or at the servers.
    let ours = [
        in_process(plain.addr(), &world.root.ksk),
        in_process(plain.addr(), &world.test.ksk),
        in_process(world.knot.addr(), &world.root.ksk),
        in_process(world.knot.addr(), &world.test.ksk).without_recursion(),
    ];
    println!(
        "{:28} {:24} {:24} queries",
        "name", "unbound", "in the process"
    );
    let mut wrong = Vec::new();
    for (line, [name, by_resolver, by_us]) in rows::<3>(TABLE) {
        let question = txt(&format!("{name}.test"));
        let (theirs, _) = look(&trusting, &question).await;
        let mut found = Vec::new();
        for lookup in &ours {
            found.push(look(lookup, &question).await);
        }
        let words: Vec<_> = found.iter().map(|(word, _)| word.as_str()).collect();
        let queries: Vec<_> = found.iter().map(|(_, queries)| *queries).collect();
        let agreed = if words.iter().all(|word| *word == words[0]) {
            words[0].to_owned()
        } else {
            words.join(" | ")
        };
        println!("{name:28} {theirs:24} {agreed:24} {queries:?}");
        if theirs != by_resolver || agreed != by_us {
            wrong.push(format!(
                "line {line}: {name}: {theirs} (not {by_resolver}), {agreed} (not {by_us})"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
