//! The suffix guard against the compiled list it stands on.

use std::hint::black_box;

use criterion::Criterion;
use dcv::name::{DomainName, Scope};
use dcv::suffix::SuffixGuard;

use crate::ratio::{Bound, Report};

/// Short and deep, ICANN and PRIVATE, wildcard rules and exceptions.
const NAMES: [&str; 28] = [
    "example.com",
    "www.example.com",
    "mail.eu.example.com",
    "example.org",
    "example.net",
    "a.b.c.d.example.net",
    "example.co.uk",
    "shop.example.co.uk",
    "example.com.au",
    "example.co.jp",
    "www.example.tokyo.jp",
    "example.chiyoda.tokyo.jp",
    "city.kobe.jp",
    "www.city.kobe.jp",
    "x.y.kobe.jp",
    "example.de",
    "example.fr",
    "example.io",
    "example.dev",
    "someone.github.io",
    "app.someone.github.io",
    "bucket.s3.amazonaws.com",
    "host.eu-west-1.compute.amazonaws.com",
    "tenant.azurewebsites.net",
    "xn--bcher-kva.de",
    "example.xn--p1ai",
    "www.example.museum",
    "example.bd",
];

fn check(guard: &SuffixGuard, names: &[DomainName]) {
    for name in names {
        black_box(guard.check(black_box(name), Scope::Host).is_ok());
    }
}

fn bare(names: &[DomainName]) {
    for name in names {
        black_box(psl::suffix(black_box(name.as_str().as_bytes())));
    }
}

fn names() -> Vec<DomainName> {
    NAMES.iter().map(|name| name.parse().unwrap()).collect()
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let (guard, names) = (SuffixGuard::default(), names());
    let mut group = criterion.benchmark_group("suffix of 28 names");
    group.bench_function("check", |bencher| bencher.iter(|| check(&guard, &names)));
    group.bench_function("psl", |bencher| bencher.iter(|| bare(&names)));
    group.finish();
}

pub(crate) fn ratios(report: &mut Report) {
    let (guard, names) = (SuffixGuard::default(), names());
    report.ratio(
        4,
        "suffix check of 28 names / bare psl",
        Bound::AtMost(1.5),
        || check(&guard, &names),
        || bare(&names),
    );
    report.ratio(
        4,
        "registrable domain of 28 names / bare psl",
        Bound::AtMost(1.5),
        || {
            for name in &names {
                black_box(guard.registrable_str(black_box(name)));
            }
        },
        || bare(&names),
    );
}
