//! Two things measured against each other.
//!
//! Bare times move by a third between runs. So both sides are run in turns within one run, by the
//! CPU time of this process, and what is reported is the median of the ratios of all rounds.

use std::fmt;
use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};

/// The ratios of a run, with what they should be.
#[derive(Debug)]
pub(crate) struct Report {
    quick: bool,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    goal: u8,
    what: String,
    found: f64,
    bound: Bound,
}

/// What a number should be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
    /// Shown for comparison.
    Any,
}

impl Report {
    /// A report; `quick` runs everything a few times only, to see that it works.
    pub(crate) fn new(quick: bool) -> Self {
        let rows = Vec::new();
        Self { quick, rows }
    }

    /// Whether everything is run a few times only.
    #[cfg_attr(not(feature = "resolver"), allow(dead_code, reason = "asked there"))]
    pub(crate) fn is_quick(&self) -> bool {
        self.quick
    }

    /// How much more CPU time `a` takes than `b`.
    pub(crate) fn ratio<A, B>(
        &mut self,
        goal: u8,
        what: impl Into<String>,
        bound: Bound,
        mut a: impl FnMut() -> A,
        mut b: impl FnMut() -> B,
    ) {
        let (rounds, batch) = if self.quick { (1, 0.0) } else { (101, 0.002) };
        let (count_a, count_b) = (batch_size(&mut a, batch), batch_size(&mut b, batch));
        let mut found: Vec<f64> = (0..rounds)
            .map(|round| {
                // Whoever comes second may find a warmer machine.
                if round % 2 == 0 {
                    let a = seconds(&mut a, count_a);
                    a / seconds(&mut b, count_b)
                } else {
                    let b = seconds(&mut b, count_b);
                    seconds(&mut a, count_a) / b
                }
            })
            .collect();
        found.sort_by(f64::total_cmp);
        self.row(goal, what, found[found.len() / 2], bound);
    }

    /// How many milliseconds of CPU time something takes, whatever the machine.
    pub(crate) fn millis<T>(
        &mut self,
        what: impl Into<String>,
        most: f64,
        mut run: impl FnMut() -> T,
    ) {
        let rounds = if self.quick { 1 } else { 5 };
        let mut found: Vec<f64> = (0..rounds).map(|_| seconds(&mut run, 1) * 1000.0).collect();
        found.sort_by(f64::total_cmp);
        self.row(16, what, found[found.len() / 2], Bound::AtMost(most));
    }

    fn row(&mut self, goal: u8, what: impl Into<String>, found: f64, bound: Bound) {
        let what = what.into();
        self.rows.push(Row {
            goal,
            what,
            found,
            bound,
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|row| row.what.chars().count()).max();
        let width = width.unwrap_or_default();
        writeln!(
            f,
            "\ngoal  {:width$}  measured   bound",
            "ratio of CPU time"
        )?;
        for row in &self.rows {
            let (bound, met) = match row.bound {
                Bound::AtMost(most) => (format!("≤ {most}"), Some(row.found <= most)),
                Bound::AtLeast(least) => (format!("≥ {least}"), Some(row.found >= least)),
                Bound::Any => ("-".to_owned(), None),
            };
            let met = match met {
                _ if self.quick => "",
                Some(true) => "met",
                Some(false) => "NOT MET",
                None => "",
            };
            let (goal, what, found) = (row.goal, &row.what, row.found);
            let line = format!("{goal:>4}  {what:width$}  {found:8.2}   {bound:8} {met}");
            writeln!(f, "{}", line.trim_end())?;
        }
        if self.quick {
            writeln!(f, "One short round: these numbers say nothing.")?;
        }
        Ok(())
    }
}

/// How often to run something for it to take so many seconds.
fn batch_size<T>(run: &mut impl FnMut() -> T, least: f64) -> u32 {
    let mut count = 1;
    while seconds(run, count) * f64::from(count) < least {
        count *= 2;
    }
    count
}

/// The CPU time of one run, over `count` runs.
fn seconds<T>(run: &mut impl FnMut() -> T, count: u32) -> f64 {
    let before = cpu();
    for _ in 0..count {
        black_box(run());
    }
    (cpu() - before).max(1e-9) / f64::from(count)
}

/// The CPU time of this process, in seconds.
#[expect(
    clippy::cast_precision_loss,
    reason = "a benchmark runs for minutes, not years"
)]
pub(crate) fn cpu() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}
