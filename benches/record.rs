//! Reading a record against an anchored regular expression that does the same.

use std::hint::black_box;

use criterion::Criterion;
use dcv::record::{Reading, Syntax, parse};
use regex::bytes::Regex;

use crate::ratio::{Bound, Report};

const CANONICAL: &str = "token=gezdgnbvgy3tqojqgezdgnbvgy3tqojqgezdgnbvgy3tqojqgeza \
                         expiry=2027-01-22T08:00:00Z";
const ATTRIBUTES: &str = "token=gezdgnbvgy3tqojqgezdgnbvgy3tqojqgezdgnbvgy3tqojqgeza \
                          note=x expiry=2027-01-22T08:00:00Z";
const COMMA: &str = "expiry=2027-01-22T08:00:00Z,\
                     token=gezdgnbvgy3tqojqgezdgnbvgy3tqojqgezdgnbvgy3tqojqgeza";
const FOREIGN: &str = "v=spf1 include:_spf.example.net ip4:192.0.2.0/24 -all";

struct Case {
    name: &'static str,
    rdata: &'static str,
    syntax: Syntax,
    /// The regular expression for this one layout, and how many times as long it takes at least.
    pattern: &'static str,
    bound: Bound,
}

const CASES: [Case; 3] = [
    Case {
        name: "canonical",
        rdata: CANONICAL,
        syntax: Syntax::Space,
        pattern: r"(?-u)^token=([!#-\[\]-~]+)(?: expiry=([!#-\[\]-~]+))?$",
        bound: Bound::AtLeast(10.0),
    },
    Case {
        name: "any order, attributes",
        rdata: ATTRIBUTES,
        syntax: Syntax::Space,
        pattern: r"(?-u)^token=([!#-\[\]-~]+) ([A-Za-z0-9_-]+)=([!#-\[\]-~]+) ([A-Za-z0-9_-]+)=([!#-\[\]-~]+)$",
        bound: Bound::AtLeast(5.0),
    },
    Case {
        name: "any order, legacy comma",
        rdata: COMMA,
        syntax: Syntax::LegacyComma,
        pattern: r"(?-u)^(?:expiry=[!#-+\--\[\]-~]+,)?token=([!#-+\--\[\]-~]+)$",
        bound: Bound::AtLeast(5.0),
    },
];

fn read(rdata: &str, syntax: Syntax) -> usize {
    let record = parse(black_box(rdata.as_bytes()), syntax, Reading::Lenient).unwrap();
    record.token().len()
}

fn read_by(regex: &Regex, rdata: &str) -> usize {
    let found = regex.captures(black_box(rdata.as_bytes())).unwrap();
    found.get(1).unwrap().len()
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("record");
    for case in &CASES {
        group.bench_function(case.name, |bencher| {
            bencher.iter(|| read(case.rdata, case.syntax));
        });
    }
    group.bench_function("foreign", |bencher| {
        bencher.iter(|| read(FOREIGN, Syntax::Space));
    });
    group.finish();
}

pub(crate) fn ratios(report: &mut Report) {
    for case in &CASES {
        let regex = Regex::new(case.pattern).unwrap();
        assert_eq!(read(case.rdata, case.syntax), read_by(&regex, case.rdata));
        report.ratio(
            2,
            format!("anchored regex / parse, {}", case.name),
            case.bound,
            || read_by(&regex, case.rdata),
            || read(case.rdata, case.syntax),
        );
    }
}
