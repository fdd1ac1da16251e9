//! A challenge, and whatever perspectives may say of it, looked at live and replayed.
//!
//! Whatever is seen, there is a verdict. It is `Validated` only when, by a reading of the records
//! that shares nothing with the library's, enough independent groups saw the token; and it has a
//! witness only when a running verification saw it (S-3, S-4, S-5, S-8).

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use async_trait::async_trait;
use dcv::challenge::{Form, State};
use dcv::clock::{Clock as _, ManualClock};
use dcv::dns::{
    Answer, Group, LookupFailure, Observation, Outcome, Perspective, PerspectiveId, Provenance,
    Purpose, Question, RecordData, Security, Trust, View,
};
use dcv::evaluate::{Case, Examination, Verdict, evaluate, examine, is_settled};
use dcv::evidence::Evidence;
use dcv::lifecycle::{LifecycleError, Occasion, advance};
use dcv::lookup::{Look, Observer};
use dcv::name::{DomainName, OwnerName};
use dcv::policy::{Timing, Wildcards};
use dcv::record::Syntax;
use dcv::system::{SharedSuffixes, Timer as _};
use dcv::verify::{DnsVerifier, Verifier as _};
use time::{Duration, UtcDateTime};

use crate::scene::{ALIAS, PREFIX, Scene, Script, TOKEN, Target, name};

/// Takes `data` as choices of a [`Scene`].
pub(crate) fn run(data: &[u8]) {
    let Some(scene) = Scene::read(data) else {
        return;
    };
    let live = look(&scene);
    let (seen, now) = (live.observations(), live.finished_at());
    assert!(seen.iter().all(|one| one.provenance() == Provenance::Live));
    check(&scene, seen, now, live.verdict());
    assert_eq!(
        live.verdict().is_validated(),
        live.verdict().witness().is_some()
    );
    check_step(&scene, &live);

    // The same again from a transcript, and with one observation of it among live ones.
    let stored: Vec<Observation> = seen.iter().map(through_json).collect();
    check_replay(&scene, &stored, now, live.verdict());
    if let (Some(first), [_, rest @ ..]) = (stored.first(), seen) {
        let mixed = [std::slice::from_ref(first), rest].concat();
        check_replay(&scene, &mixed, now, live.verdict());
    }

    // What nobody may have seen in this way: other ages, other questions, more than once.
    let made = scene.made_up();
    let verdict = evaluate(&Case::new(&scene.challenge, &scene.rules, &made, scene.now));
    check(&scene, &made, scene.now, &verdict);
    check_replay(&scene, &made, scene.now, &verdict);
    check_order(&scene, &made, &verdict);
    check_settled(&scene, &made, &verdict);
}

/// A perspective that plays its script.
#[derive(Debug)]
struct Actor {
    perspective: Perspective,
    script: Script,
    owner: OwnerName,
    domain: DomainName,
    clock: ManualClock,
}

#[async_trait]
impl Observer for Actor {
    fn perspectives(&self) -> Vec<Perspective> {
        vec![self.perspective.clone()]
    }

    async fn observe(&self, question: &Question, look: &Look<'_>) -> Vec<Observation> {
        let started = look.now();
        match self.script.delay {
            Some(delay) => self.clock.sleep(delay).await,
            None => std::future::pending().await,
        }
        let labels = self.owner.labels().count() - question.name().labels().count();
        let target = match *question.name() == self.owner {
            true => Target::Record,
            false => Target::Probe(labels),
        };
        // Who walks on to where the alias leads tells of that too.
        let follows = target == Target::Record && self.perspective.view() == View::Authoritative;
        let sights = self
            .script
            .sights
            .iter()
            .filter(|one| one.target == target || follows && one.target == Target::Follow);
        sights
            .map(|one| {
                let started = started - Duration::seconds(one.took);
                let asked = match one.target {
                    Target::Follow => Question::txt(name(ALIAS)),
                    Target::Record | Target::Probe(_) => question.clone(),
                };
                let result = one.result(asked.name());
                let (who, asked) = (self.perspective.id(), one.question(&asked));
                match one.server(&self.domain) {
                    Some(server) => {
                        let during = (started, look.now());
                        look.record_at(who, server, &asked, during, result)
                    }
                    None => look.record(who, &asked, started, result),
                }
            })
            .collect()
    }
}

fn look(scene: &Scene) -> Examination {
    let clock = ManualClock::new(scene.now);
    let shared = Arc::new(clock.clone());
    let mut verifier = DnsVerifier::builder(shared.clone(), shared)
        .policy(scene.rules.policy().clone())
        .formats(scene.formats.clone())
        .suffixes(SharedSuffixes::new(scene.guard));
    for (perspective, script) in scene.rules.perspectives().iter().zip(&scene.scripts) {
        verifier = verifier.observer(Actor {
            perspective: perspective.clone(),
            script: script.clone(),
            owner: scene.challenge.owner().clone(),
            domain: scene.challenge.domain().clone(),
            clock: clock.clone(),
        });
    }
    let verifier = verifier.build().expect("rules that worked before");
    let begun = clock.now();
    let examination = drive(&clock, verifier.examine(&scene.challenge));
    assert!(clock.now() - begun <= Duration::try_from(DnsVerifier::DEADLINE).expect("short"));
    examination
}

/// Whether anything has called for the future to be polled again.
#[derive(Default)]
struct Called(AtomicBool);

impl Wake for Called {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs a future to its end, and moves the clock whenever nothing else can happen.
fn drive<F: Future>(clock: &ManualClock, future: F) -> F::Output {
    let mut future = pin!(future);
    let called = Arc::new(Called::default());
    let waker = Waker::from(called.clone());
    for _ in 0..1000 {
        if let Poll::Ready(done) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return done;
        }
        if !called.0.swap(false, Ordering::Relaxed) {
            clock.advance(std::time::Duration::from_secs(1));
        }
    }
    panic!("a check ends");
}

fn through_json(one: &Observation) -> Observation {
    let text = serde_json::to_string(one).expect("plain data");
    serde_json::from_str(&text).expect("what was written")
}

/// The next step of the challenge: proven with a witness, and with evidence of bounded size.
fn check_step(scene: &Scene, live: &Examination) {
    let occasion = Occasion::Examined(live);
    let step = advance(
        &scene.challenge,
        occasion,
        &Timing::default(),
        live.finished_at(),
    );
    if !scene.challenge.is_open() {
        assert!(matches!(step, Err(LifecycleError::Closed { .. })));
        return;
    }
    let step = step.expect("a live look").expect("a step");
    let next = step.next();
    let proven = matches!(next.state(), State::Validated { .. });
    assert_eq!(proven, live.verdict().is_validated());
    assert_eq!(next.revision(), scene.challenge.revision() + 1);
    if let Some(evidence) = next.evidence() {
        let text = serde_json::to_vec(evidence).expect("plain data");
        assert!(text.len() <= Evidence::MAX_OCTETS);
    }
    let text = serde_json::to_string(next).expect("plain data");
    assert_eq!(
        &serde_json::from_str::<dcv::challenge::Challenge>(&text).expect("own"),
        next
    );
}

/// A replay comes to the same verdict, without a witness, and moves nothing (S-4).
fn check_replay(scene: &Scene, seen: &[Observation], now: UtcDateTime, before: &Verdict) {
    let replay = examine(&Case::new(&scene.challenge, &scene.rules, seen, now));
    let verdict = replay.verdict();
    assert_eq!(
        (verdict.name(), verdict.code()),
        (before.name(), before.code())
    );
    if seen.is_empty() {
        return;
    }
    assert!(verdict.witness().is_none() && replay.evidence().is_none());
    let occasion = Occasion::Examined(&replay);
    let step = advance(&scene.challenge, occasion, &Timing::default(), now);
    if verdict.is_validated() {
        assert_eq!(step, Err(LifecycleError::NoWitness));
    }
}

/// The order of the observations changes nothing.
fn check_order(scene: &Scene, seen: &[Observation], before: &Verdict) {
    for turn in 0..seen.len() {
        let mut turned = seen.to_vec();
        turned.rotate_left(turn);
        turned.reverse();
        let verdict = evaluate(&Case::new(
            &scene.challenge,
            &scene.rules,
            &turned,
            scene.now,
        ));
        assert_eq!(
            (verdict.name(), verdict.code()),
            (before.name(), before.code())
        );
    }
}

/// A decision that is called settled before all have spoken is the decision at the end, whatever
/// they say of the record; and of its siblings, unless aliases there show a wildcard that rotates:
/// nobody is waited for only because he might see one (S-8).
fn check_settled(scene: &Scene, all: &[Observation], end: &Verdict) {
    let perspectives = scene.rules.perspectives();
    for said in 0..=perspectives.len() {
        for probes in [false, true] {
            let before = |one: &Observation, count: usize| {
                let mut who = perspectives.iter().take(count);
                who.any(|perspective| perspective.id() == one.perspective())
            };
            let is_early = |one: &&Observation| {
                let next = before(one, said + 1) && one.purpose() == Purpose::Record;
                before(one, said) || probes && next
            };
            let early: Vec<_> = all.iter().filter(is_early).cloned().collect();
            let open: Vec<PerspectiveId> = perspectives
                .iter()
                .skip(said)
                .map(|perspective| perspective.id().clone())
                .collect();
            let case = Case::new(&scene.challenge, &scene.rules, &early, scene.now);
            if !is_settled(&case, &open) {
                continue;
            }
            let verdict = evaluate(&case);
            let is_late =
                |one: &Observation| one.purpose() == Purpose::WildcardProbe && !before(one, said);
            let rotates = all.iter().any(|one| {
                is_late(one)
                    && one
                        .result()
                        .is_ok_and(|answer| !answer.aliases().is_empty())
            });
            if !rotates {
                assert_eq!(verdict.name(), end.name(), "{said} have spoken");
            }
            let of_record: Vec<_> = all.iter().filter(|one| !is_late(one)).cloned().collect();
            let case = Case::new(&scene.challenge, &scene.rules, &of_record, scene.now);
            assert_eq!(verdict.name(), evaluate(&case).name(), "{said} have spoken");
        }
    }
}

/// `Validated` has its reasons.
fn check(scene: &Scene, seen: &[Observation], now: UtcDateTime, verdict: &Verdict) {
    if !verdict.is_validated() {
        return;
    }
    assert!(scene.challenge.is_open() && now < scene.challenge.expires_at());
    let sees = |who: &&Perspective| sees(scene, seen, now, who);
    let witnesses: Vec<&Perspective> = scene.rules.perspectives().iter().filter(sees).collect();
    let groups = |unknown: bool| {
        let mut groups: Vec<&Group> = witnesses.iter().map(|who| who.group()).collect();
        groups.retain(|group| unknown || **group != Group::Unknown);
        groups.sort_by_key(|group| format!("{group:?}"));
        groups.dedup();
        groups.len()
    };
    let mut all = scene.rules.perspectives().iter();
    let unknown = all.all(|who| *who.group() == Group::Unknown);
    let secure = witnesses.iter().any(|who| {
        let mut own = records(scene, seen, now, who);
        who.trust() == Trust::Validating
            && own.any(|one| one.is_ok_and(|answer| answer.security() == Security::Secure))
    });
    let needed = usize::from(scene.rules.quorum().needed());
    assert!(
        groups(unknown) >= needed || secure,
        "nobody saw the token: {seen:#?}"
    );

    for who in scene.rules.perspectives() {
        let own: Vec<_> = records(scene, seen, now, who).collect();
        // Whoever contradicts itself counts for nothing (S-3).
        let first = own.first();
        let refuses = matches!(
            first,
            Some(Err(
                LookupFailure::Bogus { .. } | LookupFailure::UnverifiedWildcard
            ))
        );
        let agree = own.iter().all(|one| {
            let kind =
                |one: &Result<_, &LookupFailure>| matches!(one, Err(LookupFailure::Bogus { .. }));
            one.is_err()
                && first.is_some_and(|first| kind(first) == kind(one))
                && matches!(
                    one,
                    Err(LookupFailure::Bogus { .. } | LookupFailure::UnverifiedWildcard)
                )
        });
        assert!(who.trust() == Trust::Untrusted || !(refuses && agree));
        assert!(
            who.view() == View::Recursive || !denies(scene, seen, now, who),
            "an authoritative denial"
        );
    }
    if scene.rules.has_authoritative_view() && !secure {
        let mut views = witnesses.iter();
        assert!(
            views.any(|who| who.view() == View::Authoritative),
            "unconfirmed"
        );
    }
}

/// What a perspective saw at the owner name, as far as it counts.
fn records<'a>(
    scene: &'a Scene,
    seen: &'a [Observation],
    now: UtcDateTime,
    who: &'a Perspective,
) -> impl Iterator<Item = Result<&'a Answer, &'a LookupFailure>> {
    let counted = seen.iter().filter(move |one| counts(scene, one, now, who));
    counted
        .filter(|one| one.purpose() == Purpose::Record)
        .filter(|one| *one.question() == scene.challenge.question())
        .map(Observation::result)
}

/// Of this perspective, from within the challenge's validity, and no older than a minute.
fn counts(scene: &Scene, one: &Observation, now: UtcDateTime, who: &Perspective) -> bool {
    let (from, to) = (scene.challenge.issued_at(), scene.challenge.expires_at());
    let oldest = now - Duration::MINUTE;
    one.perspective() == who.id()
        && from <= one.started_at()
        && one.started_at() <= one.finished_at()
        && oldest <= one.finished_at()
        && one.finished_at() <= now.min(to)
}

/// What counts of a perspective's word at a name, for this purpose.
fn told<'a>(
    scene: &'a Scene,
    seen: &'a [Observation],
    now: UtcDateTime,
    who: &'a Perspective,
    at: &'a OwnerName,
) -> Vec<&'a Observation> {
    let counted = seen.iter().filter(|one| counts(scene, one, now, who));
    counted
        .filter(|one| one.purpose() == Purpose::Record && one.question().name() == at)
        .collect()
}

/// By server: everything that was told of it.
fn by_server<'a>(told: &[&'a Observation]) -> Vec<Vec<&'a Observation>> {
    let mut servers: Vec<Vec<&Observation>> = Vec::new();
    for one in told {
        match servers
            .iter_mut()
            .find(|server| server.iter().any(|other| other.server() == one.server()))
        {
            Some(server) => server.push(one),
            None => servers.push(vec![one]),
        }
    }
    servers
}

/// More than half of the zone's servers show the token, each time, with authority, or lead to a name
/// whose servers do; or half, where all others are silent; and none is unheard (S-2).
fn confirms(scene: &Scene, seen: &[Observation], now: UtcDateTime, who: &Perspective) -> bool {
    let mut at = scene.challenge.owner().clone();
    for _ in 0..=8 {
        let mut servers = by_server(&told(scene, seen, now, who, &at));
        // Servers of a zone above are none of this one: they may contradict, and do not count.
        let depth = |server: &[&Observation]| {
            let named = server.first().and_then(|one| one.server());
            named.map(|server| server.zone().labels().count())
        };
        let deepest = servers.iter().filter_map(|server| depth(server)).max();
        servers.retain(|server| depth(server).is_none_or(|own| Some(own) == deepest));
        let all = |server: &[&Observation], says: &dyn Fn(&Answer) -> bool| {
            let mut answers = server.iter().map(|one| one.result());
            answers.all(|one| one.is_ok_and(|answer| answer.is_authoritative() && says(answer)))
        };
        let failing = |is: &dyn Fn(&LookupFailure) -> bool| {
            let fails =
                |server: &&Vec<&Observation>| server.iter().any(|one| one.result().is_err_and(is));
            servers.iter().filter(fails).count()
        };
        if failing(&LookupFailure::is_ours) > 0 {
            return false;
        }
        let silent = failing(&|failure| *failure == LookupFailure::Timeout);
        let half = |says: &dyn Fn(&Answer) -> bool| {
            let count = servers.iter().filter(|server| all(server, says)).count();
            let most = count * 2 > servers.len();
            count > 0 && (most || count * 2 == servers.len() && count + silent == servers.len())
        };
        if half(&|answer| holds(scene, answer)) {
            return true;
        }
        let leads = |answer: &Answer, to: &OwnerName| {
            matches!(answer.outcome(), Outcome::Elsewhere)
                && answer
                    .aliases()
                    .last()
                    .is_some_and(|alias| alias.target() == to)
        };
        let mut targets = servers.iter().flatten().filter_map(|one| {
            let alias = one.result().ok()?.aliases().last()?;
            Some(alias.target().clone())
        });
        match targets.find(|to| half(&|answer| leads(answer, to))) {
            Some(target) => at = target,
            None => return false,
        }
    }
    false
}

/// It saw the token each time, and, where wildcards prove nothing, not in the same way at a name
/// beside it: both behind an alias, or both without.
fn sees(scene: &Scene, seen: &[Observation], now: UtcDateTime, who: &Perspective) -> bool {
    let authoritative = who.view() == View::Authoritative;
    let mut own: Vec<_> = records(scene, seen, now, who).collect();
    let found = |one: &Result<&Answer, _>| one.is_ok_and(|answer| holds(scene, answer));
    if authoritative {
        if !confirms(scene, seen, now, who) {
            return false;
        }
        // Those that show it, or lead to it: they are what a wildcard is told by.
        let shows = |answer: &Answer| {
            holds(scene, answer) || matches!(answer.outcome(), Outcome::Elsewhere)
        };
        own.retain(|one| one.is_ok_and(|answer| answer.is_authoritative() && shows(answer)));
    } else if own.is_empty() || !own.iter().all(found) {
        return false;
    }
    if scene.rules.policy().wildcards() == Wildcards::Accept {
        return true;
    }
    let below = scene.challenge.owner().labels().count();
    let above = scene.challenge.domain().labels().count();
    ((above + 1)..=below).all(|labels| {
        let probe = |one: &&Observation| {
            counts(scene, one, now, who)
                && one.purpose() == Purpose::WildcardProbe
                && one.question().name().labels().count() == labels
                && one.question().name() != scene.challenge.owner()
                // A server that fails, or has no say, does not spoil what another one shows.
                && (!authoritative || is_plain_word(one))
        };
        let mut probes = seen.iter().filter(probe).peekable();
        let differs = |sibling: &Answer, one: &Result<&Answer, _>| {
            one.is_ok_and(|own| own.aliases().is_empty() != sibling.aliases().is_empty())
        };
        let clean = |one: &Observation| {
            one.result().is_ok_and(|sibling| {
                !holds(scene, sibling) || own.iter().all(|one| differs(sibling, one))
            })
        };
        probes.peek().is_some() && probes.all(clean)
    })
}

/// An authoritative answer of which nothing is in doubt.
fn is_plain_word(one: &Observation) -> bool {
    one.result().is_ok_and(|answer| {
        answer.is_authoritative()
            && !answer
                .extended_errors()
                .iter()
                .any(|error| matches!(error.code(), 3 | 4 | 15))
            && answer.final_name(one.question().name()).is_some()
    })
}

/// All that its servers say is that the zone has no such name, each of them once and with
/// authority, and nothing of it is in doubt.
fn denies(scene: &Scene, seen: &[Observation], now: UtcDateTime, who: &Perspective) -> bool {
    let own = told(scene, seen, now, who, scene.challenge.owner());
    let root = name(".");
    let denial = |answer: &Answer| match answer.outcome() {
        Outcome::Absent(absence) => absence.soa().is_some_and(|soa| *soa.owner() == root),
        Outcome::Records(all) => !all.is_empty() && !holds(scene, answer),
        _ => false,
    };
    let plain = |one: &&Observation| {
        let answer = one.result().ok().filter(|_| is_plain_word(one));
        answer.is_some_and(|answer| answer.aliases().is_empty() && denial(answer))
    };
    let once = by_server(&own).len() == own.len();
    !own.is_empty() && once && own.iter().all(plain)
}

/// Whether a record of the answer holds the token in the form of the challenge.
fn holds(scene: &Scene, answer: &Answer) -> bool {
    let Outcome::Records(records) = answer.outcome() else {
        return false;
    };
    let form = scene.challenge.expectations().first().expect("one").form();
    records.iter().any(|record| match record.data() {
        RecordData::Txt(txt) => shows(form, txt.data()),
        _ => false,
    })
}

fn shows(form: &Form, data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else {
        return false;
    };
    let text_without_spaces = text.trim_matches(' ');
    let value = |pair: &str| {
        let (key, value) = pair.trim_matches(' ').split_once('=')?;
        key.eq_ignore_ascii_case("token").then(|| value.to_owned())
    };
    match form {
        Form::Exact => text == TOKEN,
        Form::Custom(_) => text.strip_prefix(PREFIX) == Some(TOKEN),
        _ if text_without_spaces == TOKEN => true,
        Form::Draft(Syntax::LegacyComma) => {
            let values: Vec<String> = text.split(',').filter_map(value).collect();
            values == [TOKEN]
        }
        _ => {
            let pairs: Vec<&str> = text_without_spaces.split(' ').collect();
            let values: Vec<String> = pairs.iter().copied().filter_map(value).collect();
            values == [TOKEN] && pairs.first().copied().and_then(value).is_some()
        }
    }
}
