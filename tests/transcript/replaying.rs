//! A replay comes to the same, and proves nothing.

use std::sync::Arc;

use dcv::challenge::Form;
use dcv::diagnose::{Hints, History, Investigation, Origin, Probe, findings, plan};
use dcv::dns::{
    Alias, Answer, ExtendedError, LookupFailure, NameServer, Observation, Outcome, Provenance,
    Purpose, Question, RecordData, RecordType, ReplyMismatch, ResourceRecord, Security, Txt,
};
use dcv::evaluate::{Case, Verdict, examine};
use dcv::lifecycle::{LifecycleError, Occasion, advance};
use dcv::name::{OwnerName, Scope};
use dcv::policy::{Policy, Rules, Timing, Wildcards};
use dcv::record::{FormatId, Formats, PrefixFormat, Syntax};
use dcv::suffix::{SuffixGuard, SuffixList, SuffixPolicy};
use dcv::token::TokenFingerprint;
use dcv::transcript::{ListVersion, Transcript, TranscriptError};

use crate::cases::{
    self, Plan, Seen, absent, asked, challenge, edited, found, id, matched, now, saw, soa,
};
use crate::{investigation, single};

fn name(text: &str) -> OwnerName {
    OwnerName::parse(text).unwrap()
}

/// Every kind of answer and failure.
fn every_kind() -> Vec<Seen> {
    let error = || {
        vec![
            ExtendedError::new(22, b"no\x1breach"),
            ExtendedError::new(9, b""),
        ]
    };
    let records = vec![
        ResourceRecord::new(0, RecordData::Name(name("ns.example.net"))),
        ResourceRecord::new(u32::MAX, RecordData::Other(vec![0, 255])),
        ResourceRecord::new(
            60,
            RecordData::Txt(Txt::from_strings([&b"token="[..], b"", b"\xff"])),
        ),
    ];
    let alias = |from: &str, to: &str| Alias::new(name(from), name(to), 30);
    let mut all = vec![
        found(&challenge()),
        absent("example.com"),
        Ok(Answer::new(Outcome::no_data(None))),
        Ok(Answer::new(Outcome::no_data(Some(soa(
            "a\\000b.example.com",
        ))))),
        Ok(Answer::new(Outcome::Elsewhere).with_aliases(vec![
            alias("a.example", "b.example"),
            alias("b.example", "c.example"),
        ])),
        Ok(Answer::new(Outcome::AliasLoop).with_extended_errors(error())),
        Ok(Answer::new(Outcome::AliasTooLong).with_authoritative(true)),
        Ok(Answer::new(Outcome::Records(records)).with_signed_until(now())),
        Ok(Answer::new(Outcome::Records(Vec::new()))),
    ];
    for security in [
        Security::Indeterminate,
        Security::Insecure,
        Security::Secure,
    ] {
        all.push(Ok(Answer::txt(["token=x"]).with_security(security)));
    }
    let failures = [
        LookupFailure::Timeout,
        LookupFailure::Server {
            rcode: 2,
            extended: error(),
        },
        LookupFailure::Bogus { extended: error() },
        LookupFailure::BrokenChain {
            at: name("x.example"),
        },
        LookupFailure::Referral,
        LookupFailure::Truncated,
        LookupFailure::TooLarge,
        LookupFailure::Mismatch(ReplyMismatch::Id),
        LookupFailure::Mismatch(ReplyMismatch::Question),
        LookupFailure::Mismatch(ReplyMismatch::Case),
        LookupFailure::Mismatch(ReplyMismatch::NotAReply),
        LookupFailure::MalformedReply,
        LookupFailure::Transport,
        LookupFailure::Certificate,
        LookupFailure::NotDelegated,
        LookupFailure::NoAddress,
        LookupFailure::AddressRefused,
        LookupFailure::Throttled,
        LookupFailure::UnverifiedWildcard,
        LookupFailure::BudgetExhausted,
        LookupFailure::Unsupported,
        LookupFailure::Other,
    ];
    all.extend(failures.map(Err));
    all
}

/// An investigation with everything that one can have.
fn everything() -> Investigation {
    let challenge = challenge();
    let who = id("one");
    let mut seen = Vec::new();
    for (index, kind) in every_kind().into_iter().enumerate() {
        let purposes = [
            Purpose::Record,
            Purpose::WildcardProbe,
            Purpose::Diagnosis,
            Purpose::Unchecked,
        ];
        let question = Question::new(challenge.owner().clone(), RecordType::from_code(16));
        let one = asked(&who, question, purposes[index % 4], kind).with_attempt(1 + index as u32);
        let server = NameServer::new(name("example.com"), name("ns1.example.com"));
        seen.push(match index % 3 {
            0 => one,
            1 => one.with_server(server),
            _ => one.with_server(
                server
                    .with_address("[2001:db8::1]:53".parse().unwrap())
                    .with_serial(7),
            ),
        });
    }
    let question = || Question::new(name("example.com"), RecordType::NS);
    let fingerprint = TokenFingerprint::from_bytes([5; 32]);
    let probes = vec![
        Probe::Resolver(question()),
        Probe::Unchecked(question()),
        Probe::Delegated(question()),
        Probe::Servers {
            question: question(),
            servers: vec![name("ns.example.net")],
        },
        Probe::Token(fingerprint),
    ];
    let elsewhere = Origin::Elsewhere {
        domain: "example.net".parse().unwrap(),
        scope: Scope::Domain,
        issued_at: cases::issued(),
    };
    let earlier = Origin::Earlier {
        issued_at: cases::issued(),
    };
    let token = |n: u8| TokenFingerprint::from_bytes([n; 32]);
    let history = History::new()
        .with_token(fingerprint, Origin::OtherAccount)
        .with_token(token(6), elsewhere)
        .with_token(token(7), earlier)
        .with_token(token(8), Origin::Unknown)
        .with_proof(cases::issued());
    let hints = Hints::new()
        .published()
        .edited_at("a \"panel\"")
        .visible_inside();
    investigation(&challenge, &single(), seen)
        .with_history(history)
        .with_hints(hints)
        .with_next_check_at(Some(now() + time::Duration::HOUR))
        .after(3, probes, 17)
        .at(now() + time::Duration::MINUTE)
}

/// The same in all that can be asked of it.
fn assert_same(before: &Investigation, after: &Investigation) {
    assert_eq!(before.challenge(), after.challenge());
    assert_eq!(before.rules().policy(), after.rules().policy());
    assert_eq!(before.rules().perspectives(), after.rules().perspectives());
    assert_eq!(before.observations(), after.observations());
    assert_eq!(before.asked(), after.asked());
    assert_eq!(before.rounds(), after.rounds());
    assert_eq!(before.queries(), after.queries());
    assert_eq!(before.history(), after.history());
    assert_eq!(before.hints(), after.hints());
    assert_eq!(before.decided_at(), after.decided_at());
    assert_eq!(before.now(), after.now());
    assert_eq!(before.next_check_at(), after.next_check_at());
    assert_eq!(before.inquiry().verdict(), after.inquiry().verdict());
    assert_eq!(findings(&before.inquiry()), findings(&after.inquiry()));
    assert_eq!(plan(&before.inquiry()), plan(&after.inquiry()));
}

// S-4: every kind of thing that is seen is there again
#[test]
fn everything_comes_back() {
    let before = everything();
    let transcript = Transcript::of(&before).unwrap();
    let again = Transcript::from_json(&transcript.to_json()).unwrap();
    assert_eq!(again, transcript);
    assert_same(&before, &again.replay());
    assert_eq!(Transcript::of(&again.replay()), Ok(transcript));
}

// S-4: a live look, with a witness, becomes a replay without one, and moves nothing
#[test]
fn a_replay_has_no_witness() {
    let challenge = challenge();
    let live = cases::validation(&challenge, now());
    assert!(live.verdict().witness().is_some());
    let rules = single();
    let transcript = Transcript::of_examination(&challenge, &rules, &live).unwrap();
    let direct = investigation(&challenge, &rules, live.observations().to_vec());
    for replay in [
        transcript.replay(),
        transcript.replay_with(SuffixGuard::default(), Formats::new()),
        direct,
    ] {
        let verdict = replay.inquiry().verdict();
        assert!(verdict.is_validated() && verdict.witness().is_none());
        let mut seen = replay.observations().iter();
        assert!(seen.all(|one| one.provenance() == Provenance::Replayed));
        let case = Case::new(
            replay.challenge(),
            replay.rules(),
            replay.observations(),
            now(),
        );
        let again = examine(&case);
        assert!(again.evidence().is_none());
        let step = advance(
            &challenge,
            Occasion::Examined(&again),
            &Timing::default(),
            now(),
        );
        assert_eq!(step, Err(LifecycleError::NoWitness));
    }
}

// S-15: an examination is of one challenge in one revision
#[test]
fn an_examination_belongs_to_its_challenge() {
    let challenge = challenge();
    let live = cases::validation(&challenge, now());
    let later = edited(&challenge, |written| written["revision"] = 2.into());
    let other = Plan {
        id: 2,
        ..Plan::default()
    }
    .challenge();
    for wrong in [later, other] {
        let refused = Transcript::of_examination(&wrong, &single(), &live);
        assert_eq!(refused, Err(TranscriptError::OtherChallenge));
    }
}

// K-13: without the application's format there is no telling; with it the verdict is the same
#[test]
fn formats_are_named_and_not_kept() {
    let own = PrefixFormat::new("own", "own=").unwrap();
    let formats = Formats::new().with(Arc::new(own)).unwrap();
    let form = Form::Custom(FormatId::new("own").unwrap());
    let plan = Plan {
        form,
        formats: formats.clone(),
        ..Plan::default()
    };
    let challenge = plan.challenge();
    let rules = single().with_formats(formats.clone());
    // What is not kept of the second would be a format's too, for all that is known then.
    let foreign = saw(&id("one"), &challenge, Ok(Answer::txt(["v=spf1 -all"])));
    for (seen, code) in [
        (matched(&id("one"), &challenge), "quorum"),
        (vec![foreign], "different"),
    ] {
        let before = investigation(&challenge, &rules, seen);
        assert_eq!(before.inquiry().verdict().code(), code);
        let transcript = Transcript::of(&before).unwrap();
        let [format] = transcript.formats() else {
            panic!("{:?}", transcript.formats());
        };
        assert_eq!(format.as_str(), "own");
        let without = transcript.replay().inquiry().verdict();
        assert_eq!(without.code(), "unknown-format");
        let with = transcript.replay_with(SuffixGuard::default(), formats.clone());
        assert_eq!(with.inquiry().verdict(), before.inquiry().verdict());
    }
}

// S-9: the policy of the suffix guard is kept, its list named
#[test]
fn the_suffix_list_is_named() {
    let list = SuffixList::parse(
        b"// VERSION: 2026-11-20_08-00-00_UTC\n\
          // ===BEGIN ICANN DOMAINS===\nexample.com\n// ===END ICANN DOMAINS===\n\
          // ===BEGIN PRIVATE DOMAINS===\n// ===END PRIVATE DOMAINS===\n",
    )
    .unwrap();
    let challenge = challenge();
    let policy = SuffixPolicy::strict().allow_unlisted();
    let guard = SuffixGuard::new(list.clone(), policy);
    let seen = matched(&id("one"), &challenge);
    let before = investigation(&challenge, &single().with_guard(guard.clone()), seen);
    assert_eq!(before.inquiry().verdict().code(), "suffix");

    let transcript = Transcript::of(&before).unwrap();
    assert_eq!(*transcript.list(), ListVersion::of(&list));
    assert_eq!(
        transcript.list().to_string(),
        "the suffix list of 2026-11-20_08-00-00_UTC"
    );
    // By another list this is another case, and the two can be told apart.
    let replay = transcript.replay();
    assert_eq!(replay.rules().guard().policy(), policy);
    assert_ne!(
        *transcript.list(),
        ListVersion::of(replay.rules().guard().list())
    );
    assert!(replay.inquiry().verdict().is_validated());
    let same = transcript.replay_with(guard, Formats::new());
    assert_eq!(same.inquiry().verdict(), before.inquiry().verdict());

    let compiled = ListVersion::of(&SuffixList::compiled()).to_string();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        compiled,
        format!("the suffix list compiled into dcv {version}")
    );
}

// S-2, S-3, S-8: what is left out changes no verdict, whatever stands beside the record
#[test]
fn a_verdict_does_not_hang_on_what_is_left_out() {
    let challenge = challenge();
    let value = challenge.record().value();
    let foreign: Vec<String> = (0..40).map(|n| format!("service-{n}=value")).collect();
    let policy = Policy::single_resolver().with_wildcards(Wildcards::Accept);
    let rules = Rules::new(policy, vec![cases::eye("one")]).unwrap();
    for (own, expected) in [
        (Some(value), "validated"),
        (Some("token=a token=b"), "unproven"),
        (Some("token=other"), "unproven"),
        (None, "unproven"),
    ] {
        for place in [0, 3, 20, 40] {
            let mut values: Vec<&str> = foreign.iter().map(String::as_str).collect();
            if let Some(own) = own {
                values.insert(place, own);
            }
            let seen = vec![saw(&id("one"), &challenge, Ok(Answer::txt(values)))];
            let before = investigation(&challenge, &rules, seen);
            let after = Transcript::of(&before).unwrap().replay();
            let verdict: Verdict = after.inquiry().verdict();
            assert_eq!(verdict.name(), expected);
            assert_eq!(before.inquiry().verdict(), verdict);
            // Those that are only counted are counted by findings too.
            let found = findings(&after.inquiry());
            assert_eq!(findings(&before.inquiry()), found);
        }
    }
    let seen: Vec<Observation> = Vec::new();
    let nothing = investigation(&challenge, &rules, seen);
    let after = Transcript::of(&nothing).unwrap().replay();
    assert_eq!(after.inquiry().verdict(), nothing.inquiry().verdict());
}

// K-03: the key of the legacy syntax may stand anywhere, far behind where findings look
#[test]
fn what_is_half_ours_is_kept_however_long_it_is() {
    let form = Form::Draft(Syntax::LegacyComma);
    let challenge = Plan {
        form,
        ..Plan::default()
    }
    .challenge();
    let value = format!("a={},token=", "x".repeat(2000));
    let seen = vec![saw(&id("one"), &challenge, Ok(Answer::txt([value])))];
    let before = investigation(&challenge, &single(), seen);
    assert_eq!(before.inquiry().verdict().code(), "malformed");
    let after = Transcript::of(&before).unwrap().replay();
    assert_eq!(after.inquiry().verdict(), before.inquiry().verdict());
}
