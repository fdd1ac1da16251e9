//! What the application tells and the DNS cannot show.

use dcv::diagnose::{Code, Hints, Severity};
use dcv::dns::{NameServer, Purpose};
use dcv::providers;

use crate::cases::{Seen, absent, asked, id};
use crate::scene::{Scene, authoritative, name, right, shown, txt};

fn nothing(hints: Hints) -> Scene {
    let mut scene = Scene::new().all(&absent("example.com"));
    scene.hints = hints;
    scene
}

// Mistake 28: seen from inside, says the user, and nowhere else.
#[test]
fn visible_inside() {
    let scene = nothing(Hints::new().visible_inside());
    assert_eq!(scene.codes(), "split-horizon");
    let finding = scene.finding(Code::SplitHorizon);
    assert_eq!(finding.severity(), Severity::Change);
    // Near misses: without the word, and where something else explains it.
    assert_eq!(nothing(Hints::new()).codes(), "not-published");
    let value = scene.challenge.record().value().to_owned();
    let mut scene = Scene::new().all(&txt(&[&format!("\"{value}\"")]));
    scene.hints = Hints::new().visible_inside();
    assert_eq!(scene.codes(), "quotes-in-value");
}

// Mistake 28: published, says the user, and nothing is found: perhaps.
#[test]
fn published() {
    let scene = nothing(Hints::new().published());
    assert_eq!(scene.codes(), "not-published split-horizon");
    let finding = scene.finding(Code::SplitHorizon);
    assert_eq!(finding.severity(), Severity::Hint);
    let mut scene = Scene::new()
        .record("one", right())
        .record("two", absent("example.com"));
    scene.hints = Hints::new().published();
    assert_eq!(scene.codes(), "negative-cached");
}

// Mistake 16: edited at one provider, says the user, and delegated to another.
#[test]
fn edited_at_another_provider() {
    let scene = |edited: &str, seen: Seen| {
        let mut scene = Scene::new();
        let question = scene.challenge.question();
        for who in ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"] {
            let seen = authoritative(seen.clone());
            let one = asked(&id("own"), question.clone(), Purpose::Record, seen);
            let server = NameServer::new(name("example.com"), name(who));
            scene.seen.push(one.with_server(server));
        }
        scene.hints = Hints::new().edited_at(edited);
        scene
    };
    let elsewhere = scene("hetzner", absent("example.com"));
    assert_eq!(elsewhere.codes(), "wrong-provider");
    let finding = elsewhere.finding(Code::WrongProvider);
    assert_eq!(shown(&finding, "provider"), "Cloudflare");
    assert_eq!(
        shown(&finding, "edited"),
        providers::find("hetzner").unwrap().name
    );
    assert_eq!(
        shown(&finding, "servers"),
        "ada.ns.cloudflare.com. bob.ns.cloudflare.com."
    );
    // Near misses: it is the right one, and what they edited is in the zone.
    let right = scene("Cloudflare", absent("example.com"));
    assert_eq!(right.codes(), "not-published");
    let value = right.challenge.record().value().to_owned();
    let edited = scene("hetzner", txt(&[&format!("\"{value}\"")]));
    assert_eq!(edited.codes(), "quotes-in-value");
}

// Mistake 16: a provider that nobody knows says nothing.
#[test]
fn an_unknown_provider() {
    let scene = nothing(Hints::new().edited_at("no such provider"));
    assert_eq!(scene.codes(), "not-published");
}
