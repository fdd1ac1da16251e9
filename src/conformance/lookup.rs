use super::Report;
use crate::dns::{
    AbsenceKind, Alias, Answer, LookupFailure, MAX_ALIASES, Outcome, Question, RecordData,
    RecordType, Txt,
};
use crate::lookup::{Budget, DnsLookup, LookupError, TxtLookup};
use crate::name::{NameError, OwnerName};

/// The zone that the suites for lookups ask for.
///
/// 1. Choose an apex, and load [`records`](Self::records) into a server of your own, or into
///    whatever your lookup answers from.
/// 2. Run [`txt_lookup`], and [`dns_lookup`] if the lookup can ask for any type.
/// 3. Expect [`Report::is_conforming`].
#[derive(Debug, Clone)]
pub struct LookupZone {
    apex: OwnerName,
    names: Names,
    failing: Option<OwnerName>,
}

#[derive(Debug, Clone)]
struct Names {
    one: OwnerName,
    split: OwnerName,
    several: OwnerName,
    octets: OwnerName,
    odd: OwnerName,
    no_txt: OwnerName,
    missing: OwnerName,
    /// The first is asked for, the last holds the record.
    chain: Vec<OwnerName>,
    dangling: OwnerName,
    /// Each an alias of the next, the last one of the first.
    ring: Vec<OwnerName>,
    /// One alias more than are walked.
    long: Vec<OwnerName>,
}

const ONE: &[u8] = b"token=one";
const SPLIT: [&[u8]; 3] = [b"token=sp", b"", b"lit expiry=never"];
const SEVERAL: [&[u8]; 3] = [b"v=spf1 -all", b"token=first", b"token=second"];
const OCTETS: &[u8] = b"caf\xe9\x00\x7f\xff\"\\";
const ODD: &[u8] = b"token=odd";
const CHAIN: &[u8] = b"token=chain";

impl LookupZone {
    /// The zone under `apex`.
    ///
    /// # Errors
    ///
    /// [`NameError`] when `apex` is so long that no names fit below it.
    pub fn new(apex: OwnerName) -> Result<Self, NameError> {
        let row = |name: &str, count: usize| {
            (0..count)
                .map(|n| apex.child(format!("{name}{n}").as_bytes()))
                .collect::<Result<Vec<_>, _>>()
        };
        let names = Names {
            one: apex.child(b"one")?,
            split: apex.child(b"split")?,
            several: apex.child(b"several")?,
            octets: apex.child(b"octets")?,
            odd: apex.child(b"dot.and\xffoctet")?,
            no_txt: apex.child(b"no-txt")?,
            missing: apex.child(b"missing")?,
            chain: row("chain", 4)?,
            dangling: apex.child(b"dangling")?,
            ring: row("ring", 3)?,
            long: row("long", MAX_ALIASES + 2)?,
        };
        Ok(Self {
            apex,
            names,
            failing: None,
        })
    }

    /// Names a domain name, in this zone or elsewhere, for which the lookup gets no answer: a
    /// server that refuses, or is silent. Without one that failures are failures is not checked.
    #[must_use]
    pub fn with_failing(mut self, name: OwnerName) -> Self {
        self.failing = Some(name);
        self
    }

    /// The apex, where a SOA belongs.
    #[must_use]
    pub fn apex(&self) -> &OwnerName {
        &self.apex
    }

    /// The records to publish, besides SOA and NS at the apex: owner, type and data. Nothing else
    /// may stand in the zone, and no wildcard.
    #[must_use]
    pub fn records(&self) -> Vec<(OwnerName, RecordType, RecordData)> {
        let names = &self.names;
        let txt = |owner: &OwnerName, strings: &[&[u8]]| {
            let data = Txt::from_strings(strings.iter().copied());
            (owner.clone(), RecordType::TXT, RecordData::Txt(data))
        };
        let mut records = vec![
            txt(&names.one, &[ONE]),
            txt(&names.split, &SPLIT),
            txt(&names.octets, &[OCTETS]),
            txt(&names.odd, &[ODD]),
            (
                names.no_txt.clone(),
                RecordType::A,
                RecordData::Other(vec![192, 0, 2, 1]),
            ),
            alias(&names.dangling, &names.missing),
        ];
        records.extend(SEVERAL.map(|value| txt(&names.several, &[value])));
        records.extend(aliases(&names.chain));
        records.extend(aliases(&names.long));
        records.extend(aliases(&names.ring));
        if let (Some(first), Some(last)) = (names.ring.first(), names.ring.last()) {
            records.push(alias(last, first));
        }
        for (end, data) in [
            (names.chain.last(), CHAIN),
            (names.long.last(), b"token=long"),
        ] {
            records.extend(end.map(|end| txt(end, &[data])));
        }
        records
    }
}

fn alias(owner: &OwnerName, target: &OwnerName) -> (OwnerName, RecordType, RecordData) {
    (
        owner.clone(),
        RecordType::CNAME,
        RecordData::Name(target.clone()),
    )
}

fn aliases(names: &[OwnerName]) -> impl Iterator<Item = (OwnerName, RecordType, RecordData)> + '_ {
    names
        .iter()
        .zip(names.iter().skip(1))
        .map(|(owner, target)| alias(owner, target))
}

/// Checks a [`TxtLookup`] against the zone.
pub async fn txt_lookup(lookup: &dyn TxtLookup, zone: &LookupZone) -> Report {
    let mut report = Report::new(format!("{lookup:?} as TxtLookup"));
    let names = &zone.names;
    for (check, name, expected) in [
        ("a record", &names.one, &[ONE][..]),
        (
            "character-strings are joined without a separator",
            &names.split,
            &[&SPLIT.concat()],
        ),
        (
            "every record is given, apart from the others",
            &names.several,
            &SEVERAL,
        ),
        ("octets are kept as they are", &names.octets, &[OCTETS]),
        ("a name is asked for label by label", &names.odd, &[ODD]),
    ] {
        let answer = lookup.lookup_txt(name).await;
        report.record(check, holds(answer, name, expected, &[]));
    }
    for (check, name, kind) in [
        (
            "a name that does not exist",
            &names.missing,
            AbsenceKind::NxDomain,
        ),
        (
            "a name without TXT records",
            &names.no_txt,
            AbsenceKind::NoData,
        ),
    ] {
        report.record(
            check,
            is_absent(lookup.lookup_txt(name).await, name, kind, zone, &[]),
        );
    }
    if let [first, .., last] = names.chain.as_slice() {
        let answer = lookup.lookup_txt(first).await;
        let result = holds(answer, last, &[CHAIN], &names.chain);
        report.record("aliases are followed and given in order", result);
    }
    let answer = lookup.lookup_txt(&names.dangling).await;
    let path = [names.dangling.clone(), names.missing.clone()];
    report.record(
        "an alias to a name that does not exist",
        match answer {
            // Nothing is claimed that is not known.
            Err(_) => Ok(()),
            answer => is_absent(answer, &names.missing, AbsenceKind::NxDomain, zone, &path),
        },
    );
    for (check, row) in [
        ("aliases in a circle end", &names.ring),
        ("more aliases than are walked are no answer", &names.long),
    ] {
        if let Some(first) = row.first() {
            report.record(check, leads_nowhere(lookup.lookup_txt(first).await));
        }
    }
    if let Some(name) = &zone.failing {
        let result = match lookup.lookup_txt(name).await {
            Err(_) => Ok(()),
            Ok(answer) => Err(format!("expected an error, got {answer:?}")),
        };
        report.record("a failure is an error, never an absence", result);
    }
    report
}

/// Checks a [`DnsLookup`] against the zone. Run [`txt_lookup`] too.
pub async fn dns_lookup(lookup: &dyn DnsLookup, zone: &LookupZone) -> Report {
    let mut report = Report::new(format!("{lookup:?} as DnsLookup"));
    let names = &zone.names;

    let budget = Budget::default();
    let answer = lookup
        .lookup(&Question::txt(names.one.clone()), &budget)
        .await;
    report.record("a record", holds(answer, &names.one, &[ONE], &[]));
    let result = if budget.spent() > 0 {
        Ok(())
    } else {
        Err("nothing was spent".to_owned())
    };
    report.record("queries are taken from the budget", result);

    let answer = lookup
        .lookup(&Question::txt(names.one.clone()), &Budget::new(0))
        .await;
    let result = match answer {
        Err(error) if *error.failure() == LookupFailure::BudgetExhausted => Ok(()),
        other => Err(format!(
            "expected that the budget is exhausted, got {other:?}"
        )),
    };
    report.record("nothing is asked beyond the budget", result);

    let question = Question::new(names.no_txt.clone(), RecordType::A);
    let expected = RecordData::Other(vec![192, 0, 2, 1]);
    let answer = lookup.lookup(&question, &Budget::default()).await;
    report.record("another type", has_data(answer, &expected));

    if let [first, second, ..] = names.chain.as_slice() {
        let question = Question::new(first.clone(), RecordType::CNAME);
        let answer = lookup.lookup(&question, &Budget::default()).await;
        let result = has_data(answer, &RecordData::Name(second.clone()));
        report.record("an alias that is asked for is not followed", result);
    }
    report
}

type Looked = Result<Answer, LookupError>;

/// The answer, if it walked exactly along `path` (no aliases when that is empty).
fn along(looked: Looked, path: &[OwnerName]) -> Result<Answer, String> {
    let answer = looked.map_err(|error| format!("no answer: {error}"))?;
    let walked = answer
        .aliases()
        .iter()
        .map(|alias: &Alias| (alias.owner(), alias.target()));
    if !walked.eq(path.iter().zip(path.iter().skip(1))) {
        return Err(format!("other aliases than {path:?}: {answer:?}"));
    }
    Ok(answer)
}

fn holds(
    looked: Looked,
    at: &OwnerName,
    expected: &[&[u8]],
    path: &[OwnerName],
) -> Result<(), String> {
    let answer = along(looked, path)?;
    let Outcome::Records(records) = answer.outcome() else {
        return Err(format!("expected records at {at}, got {answer:?}"));
    };
    let mut found: Vec<&[u8]> = Vec::new();
    for record in records {
        match record.data() {
            RecordData::Txt(txt) => found.push(txt.data()),
            other => return Err(format!("a record that is not TXT: {other:?}")),
        }
    }
    let mut expected = expected.to_vec();
    found.sort_unstable();
    expected.sort_unstable();
    if found != expected {
        return Err(format!(
            "expected the records {expected:?} at {at}, got {found:?}"
        ));
    }
    Ok(())
}

fn has_data(looked: Looked, expected: &RecordData) -> Result<(), String> {
    let answer = along(looked, &[])?;
    match answer.outcome() {
        Outcome::Records(records) if matches!(records.as_slice(), [one] if one.data() == expected) => {
            Ok(())
        }
        other => Err(format!("expected {expected:?}, got {other:?}")),
    }
}

fn is_absent(
    looked: Looked,
    at: &OwnerName,
    kind: AbsenceKind,
    zone: &LookupZone,
    path: &[OwnerName],
) -> Result<(), String> {
    let answer = along(looked, path)?;
    let Outcome::Absent(absence) = answer.outcome() else {
        return Err(format!("expected {kind:?} at {at}, got {answer:?}"));
    };
    if absence.kind() != kind {
        return Err(format!(
            "expected {kind:?} at {at}, got {:?}",
            absence.kind()
        ));
    }
    match absence.soa() {
        Some(soa) if soa.owner() == zone.apex() => Ok(()),
        Some(soa) => Err(format!(
            "expected the SOA of {}, got that of {}",
            zone.apex(),
            soa.owner()
        )),
        None => Err("the SOA is missing, so that the answer disproves nothing".to_owned()),
    }
}

/// A resolver in between may have given up: then there is an error.
fn leads_nowhere(looked: Looked) -> Result<(), String> {
    match looked {
        Err(_) => Ok(()),
        Ok(answer) => match answer.outcome() {
            Outcome::AliasLoop | Outcome::AliasTooLong => Ok(()),
            other => Err(format!(
                "expected a loop, too many aliases or an error, got {other:?}"
            )),
        },
    }
}
