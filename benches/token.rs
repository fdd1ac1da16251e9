//! Drawing a token against the bare call to the operating system for as many bytes.

use std::hint::black_box;

use criterion::Criterion;
use dcv::system::RandomTokens;
use dcv::token::{Token, TokenPurpose};
use rand::TryRng as _;
use rand::rngs::SysRng;

use crate::ratio::{Bound, Report};

const BYTES: usize = 32;

fn draw(tokens: &RandomTokens) -> Token {
    tokens.draw(black_box(TokenPurpose::Value)).unwrap()
}

fn bare() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    SysRng.try_fill_bytes(&mut bytes).unwrap();
    bytes
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let tokens = RandomTokens::new().with_bytes(BYTES).unwrap();
    let mut group = criterion.benchmark_group("token");
    group.bench_function("issue", |bencher| bencher.iter(|| draw(&tokens)));
    group.bench_function("getrandom", |bencher| bencher.iter(bare));
    group.finish();
}

pub(crate) fn ratios(report: &mut Report) {
    let tokens = RandomTokens::new().with_bytes(BYTES).unwrap();
    let what = "token of 32 bytes / getrandom of 32 bytes";
    report.ratio(3, what, Bound::AtMost(1.3), || draw(&tokens), bare);
}
