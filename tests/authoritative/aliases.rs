//! Aliases into other zones, and wildcards.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dcv::challenge::Challenge;

use crate::faults::{Asked, cname, txt};
use crate::lab::{Lab, Zone};
use crate::scene::{OWNER, challenge, examine, lab, lab_of_two, lab_with_target, said, verdict};

// S-2, DG-05: an alias into another zone is followed to all servers of that zone, and each zone's
// servers have to agree.
#[tokio::test]
async fn aliases_are_followed_across_zones() {
    let challenge = challenge().await;
    let to = |target: &str| Zone::new("example.com").with(cname(OWNER, target));
    for (what, targets, expected, asked) in [
        (
            "both lead there",
            ["t.example.net"; 2],
            "validated/quorum",
            4,
        ),
        (
            "they lead to two names",
            ["t.example.net", "u.example.net"],
            "indeterminate/servers-disagree",
            2,
        ),
        (
            "nothing is there",
            ["u.example.net"; 2],
            "unproven/target-missing",
            4,
        ),
        (
            "back to where it began",
            ["back.example.net"; 2],
            "unproven/alias-loop",
            4,
        ),
    ] {
        let mut lab = lab_with_target(&challenge).await;
        for (host, target) in [11, 12].into_iter().zip(targets) {
            lab.serve(host, to(target)).await;
        }
        let examination = examine(lab.view(), &challenge).await;
        assert_eq!(
            verdict(&examination),
            expected,
            "{what}: {:?}",
            said(&examination)
        );
        assert_eq!(said(&examination).len(), asked, "{what}");
    }
}

// S-16, DG-05: eight aliases are walked in all, however many zones they lead through.
#[tokio::test]
async fn aliases_end_across_zones() {
    let challenge = challenge().await;
    for (steps, expected) in [(7, "validated/quorum"), (8, "unproven/alias-too-long")] {
        let mut lab = lab_of_two().await;
        let at = |step: usize| match step {
            0 => OWNER.to_owned(),
            step if step == steps => "t.example.net".to_owned(),
            step => format!("s{step}.example.com"),
        };
        let zone = (0..steps).fold(Zone::new("example.com"), |zone, step| {
            zone.with(cname(&at(step), &at(step + 1)))
        });
        for host in [11, 12] {
            lab.serve(host, zone.clone()).await;
        }
        let value = challenge.record().value().as_bytes();
        for host in [21, 22] {
            let zone = Zone::new("example.net")
                .with(cname("t.example.net", "u.example.net"))
                .with(txt("u.example.net", &[value]));
            lab.serve(host, zone).await;
        }
        let examination = examine(lab.view(), &challenge).await;
        assert_eq!(
            verdict(&examination),
            expected,
            "{steps}: {:?}",
            said(&examination)
        );
    }
}

// S-8: a wildcard is found out at the zone's own servers as well, behind an alias too.
#[tokio::test]
async fn wildcards_are_found_out() {
    let challenge = challenge().await;
    let value = challenge.record().value().to_owned();
    let mut lab = lab().await;
    for host in 11..=13 {
        let value = value.clone();
        lab.script(host, move |asked| {
            asked.answer([txt(&asked.name(), &[value.as_bytes()])])
        })
        .await;
    }
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(verdict(&examination), "rejected/wildcard");

    let mut lab = lab_with_target(&challenge).await;
    for host in [11, 12] {
        lab.script(host, |asked| {
            asked.answer([cname(&asked.name(), "t.example.net")])
        })
        .await;
    }
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(verdict(&examination), "rejected/wildcard");
}

/// Servers of `example.com` at which every name is an alias: number so much of all queries leads to the
/// record at `t.example.net` where this says so, and to `u.example.net` otherwise.
async fn rotating(
    challenge: &Challenge,
    leads: impl Fn(usize, &Asked) -> bool + Send + Sync + 'static,
) -> Lab {
    let mut lab = lab_with_target(challenge).await;
    let (leads, count) = (Arc::new(leads), Arc::new(AtomicUsize::new(0)));
    for host in [11, 12] {
        let (leads, count) = (leads.clone(), count.clone());
        lab.script(host, move |asked| {
            let number = count.fetch_add(1, Ordering::SeqCst);
            let target = if leads(number, asked) {
                "t.example.net"
            } else {
                "u.example.net"
            };
            asked.answer([cname(&asked.name(), target)])
        })
        .await;
    }
    lab
}

// S-8: a wildcard alias with several targets proves nothing, whichever of them leads to the record: in
// turn, by weight, or until some instant.
#[tokio::test]
async fn rotating_wildcards_prove_nothing() {
    let challenge = challenge().await;
    for every in 2..=5 {
        for first in 0..every {
            let lab = rotating(&challenge, move |number, _| number % every != first).await;
            let examination = examine(lab.view(), &challenge).await;
            assert!(
                !examination.verdict().is_validated(),
                "all but {first} of {every}"
            );
        }
    }
    for until in 0..16 {
        let lab = rotating(&challenge, move |number, _| number < until).await;
        let examination = examine(lab.view(), &challenge).await;
        assert!(!examination.verdict().is_validated(), "until {until}");
        let lab = rotating(&challenge, move |number, _| number >= until).await;
        let examination = examine(lab.view(), &challenge).await;
        assert!(!examination.verdict().is_validated(), "from {until} on");
    }
    for weight in [25, 50, 75, 90] {
        // A generator of its own, so that every run is the same.
        let lab = rotating(&challenge, move |number, _| {
            let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed >> 32) % 100 < weight
        })
        .await;
        for look in 0..80 {
            let examination = examine(lab.view(), &challenge).await;
            assert!(
                !examination.verdict().is_validated(),
                "{weight} of 100, look {look}"
            );
        }
    }
}

// S-8: an alias of the owner name's own beside a wildcard alias that stays where it is proves.
#[tokio::test]
async fn an_alias_beside_a_wildcard_proves() {
    let challenge = challenge().await;
    let lab = rotating(&challenge, |_, asked| {
        asked.name().trim_end_matches('.') == OWNER
    })
    .await;
    let examination = examine(lab.view(), &challenge).await;
    assert_eq!(
        verdict(&examination),
        "validated/quorum",
        "{:?}",
        said(&examination)
    );
}
