//! Deciding over one answer with one record, and saying what is wrong with it.

use std::hint::black_box;

use criterion::Criterion;
use dcv::diagnose::{Hints, History, Inquiry, findings};
use regex::bytes::Regex;
use subtle::ConstantTimeEq as _;

use crate::ratio::{Bound, Report};
use crate::scene::{Scene, TOKEN, scenes};

/// Says what is wrong; in how many findings.
fn diagnose(scene: &Scene) -> usize {
    let (case, history, hints) = (scene.case(), History::new(), Hints::new());
    let now = scene.challenge.issued_at();
    let inquiry = Inquiry::new(case, &history, &hints, now);
    findings(black_box(&inquiry)).len()
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("evaluate");
    for (name, scene, _) in scenes() {
        group.bench_function(name, |bencher| bencher.iter(|| scene.decide()));
    }
    group.finish();
}

pub(crate) fn ratios(report: &mut Report) {
    let regex = Regex::new(r"(?-u)^token=([!#-\[\]-~]+)(?: expiry=([!#-\[\]-~]+))?$").unwrap();
    for (name, scene, validated) in scenes() {
        assert_eq!(scene.decide(), validated, "{name}");
        let one_record = !name.contains("probe") && !name.contains("servers");
        let bound = |most| {
            if one_record {
                Bound::AtMost(most)
            } else {
                Bound::Any
            }
        };
        let record = scene.challenge.record().value().as_bytes();
        // The goal is 250 ns where comparing 52 octets takes 83 and the regular expression 426.
        report.ratio(
            2,
            format!("evaluate, {name} / comparing 52 octets in constant time"),
            bound(3.0),
            || scene.decide(),
            || {
                let (a, b) = (black_box(TOKEN.as_bytes()), black_box(TOKEN.as_bytes()));
                bool::from(a.ct_eq(b))
            },
        );
        report.ratio(
            2,
            format!("evaluate, {name} / anchored regex"),
            Bound::Any,
            || scene.decide(),
            || regex.captures(black_box(record)).unwrap().len(),
        );
        assert_eq!(diagnose(&scene) == 0, validated, "{name}");
        report.ratio(
            2,
            format!("findings, {name} / evaluate"),
            // Explaining a stranger's record, beside deciding over it (S-16).
            if name == "foreign" {
                Bound::AtMost(20.0)
            } else {
                Bound::Any
            },
            || diagnose(&scene),
            || scene.decide(),
        );
    }
}
