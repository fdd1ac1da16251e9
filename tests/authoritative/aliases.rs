//! Aliases into other zones, and wildcards.

use crate::faults::{cname, txt};
use crate::lab::Zone;
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
