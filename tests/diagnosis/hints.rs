//! What the application tells and the DNS cannot show.

use dcv::diagnose::{Code, Hints, Severity};

use crate::cases::absent;
use crate::scene::{Scene, right, txt};

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

// Mistake 16: a provider that nobody knows says nothing.
#[test]
fn an_unknown_provider() {
    let scene = nothing(Hints::new().edited_at("no such provider"));
    assert_eq!(scene.codes(), "not-published");
}
