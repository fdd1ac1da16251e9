//! Mistake by mistake: what is said of it.

use dcv::diagnose::{Code, Finding, MAX_PER_SERVER, MAX_QUESTIONS, MAX_ROUNDS, Report};

use crate::servers::internet_or_skip;
use crate::table::mistakes;
use crate::world::{Case, Eyes, World};

/// What one diagnosis came to.
struct Row {
    name: String,
    eyes: Eyes,
    verdict: String,
    codes: Vec<String>,
    /// Questions through the resolver, questions at each name server, and queries in all.
    asked: (usize, usize, u32),
    faults: Vec<String>,
}

// Peers' thirty mistakes, `not-published`, their combinations and their near misses; S-4, S-16, S-17.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mistake_is_found_on_real_servers() {
    if !internet_or_skip() {
        return;
    }
    let mut cases = Vec::new();
    let only = std::env::var("DCV_MISTAKE").unwrap_or_default();
    for mistake in mistakes()
        .into_iter()
        .filter(|one| one.name.starts_with(&only))
    {
        cases.extend(Case::of(mistake).await);
    }
    let mut world = World::start(&cases);
    let mut rows = Vec::new();
    for case in &cases {
        for eyes in [Eyes::All, Eyes::Alone] {
            rows.push(row(&mut world, case, eyes).await);
        }
    }
    print(&rows);
    let faults: Vec<_> = rows
        .iter()
        .flat_map(|row| {
            row.faults
                .iter()
                .map(|fault| format!("{}: {fault}", row.name))
        })
        .collect();
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

async fn row(world: &mut World, case: &Case, eyes: Eyes) -> Row {
    let (dcv, check, hints) = world.check(case, eyes).await;
    let investigation = dcv.investigate(&check, &hints).await.unwrap();
    let diagnosis = investigation.diagnosis();
    let report = diagnosis.for_operator();
    let expected = match eyes {
        Eyes::All => &case.mistake.codes,
        Eyes::Alone => &case.mistake.alone,
    };
    let codes = codes(report);
    let mut faults = Vec::new();
    let mut fault =
        |text: String| faults.push(format!("line {}, {eyes:?}: {text}", case.mistake.line));
    let is_chance = expected.iter().any(|code| code == "*");
    if case.with_right {
        if !check.is_validated() {
            fault(format!(
                "the right record beside it does not prove: {check}"
            ));
        }
    } else if is_chance {
        // By a resolver alone this depends on which server it asks.
    } else if expected.is_empty() != check.is_validated() && !case.is_over() {
        fault(format!("is {}", check.verdict()));
    } else if codes != *expected {
        let seen = investigation.observations().iter();
        let seen: Vec<_> = seen.map(|one| format!("  {one:?}")).collect();
        fault(format!(
            "says {codes:?}, not {expected:?}; saw\n{}",
            seen.join("\n")
        ));
    }
    if let Some(never) = &case.mistake.never
        && codes.contains(never)
        && !is_chance
    {
        fault(format!("says {never}"));
    }
    // S-16: what a diagnosis asks is bounded; what it sees changes no verdict (S-4).
    let asked = (
        investigation.resolver_questions(),
        investigation.server_questions(),
    );
    if asked.0 > MAX_QUESTIONS || asked.1 > MAX_PER_SERVER || investigation.rounds() > MAX_ROUNDS {
        fault(format!(
            "asks {asked:?} in {} rounds",
            investigation.rounds()
        ));
    }
    if investigation.inquiry().verdict().code() != check.verdict().code() && !case.is_over() {
        fault("the diagnosis changes the verdict".into());
    }
    for finding in report.findings() {
        if !case.is_over() && finding.seen().is_empty() && !is_told(finding) {
            fault(format!("does not say where {} was seen", finding.code()));
        }
    }
    let more = if case.with_right { " + right" } else { "" };
    Row {
        name: format!("{}{more}", case.mistake.name),
        eyes,
        verdict: format!("{}/{}", check.verdict().name(), check.verdict().code()),
        codes,
        asked: (asked.0, asked.1, investigation.queries()),
        faults,
    }
}

/// What rests on the word of the user, and was seen nowhere.
fn is_told(finding: &Finding) -> bool {
    matches!(finding.code(), Code::SplitHorizon | Code::WrongProvider)
}

fn codes(report: Report<'_>) -> Vec<String> {
    let findings = report.findings().iter().map(Finding::code);
    findings.map(|code| code.to_string()).collect()
}

fn print(rows: &[Row]) {
    println!("| case | eyes | verdict | findings | resolver | servers | queries |");
    println!("|---|---|---|---|---|---|---|");
    for row in rows {
        let (resolver, servers, queries) = row.asked;
        println!(
            "| {} | {:?} | {} | {} | {resolver} | {servers} | {queries} |{}",
            row.name,
            row.eyes,
            row.verdict,
            row.codes.join(", "),
            if row.faults.is_empty() { "" } else { " ✗" }
        );
    }
}
