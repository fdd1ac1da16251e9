//! What a zone full of crafted records costs whoever explains it (S-16): at the owner name, at
//! every name that is looked at beside it, at four servers, each record another.

use std::hint::black_box;

use criterion::Criterion;
use dcv::challenge::Challenge;
use dcv::diagnose::{Hints, Investigation, Probe, plan};
use dcv::dns::{
    Answer, Group, MAX_RECORDS, NameServer, Observation, Outcome, Perspective, PerspectiveId,
    Purpose, Question, RecordData, ResourceRecord, Txt, View,
};
use dcv::name::OwnerName;
use dcv::policy::{Policy, Rules};
use dcv::transcript::Transcript;
use time::UtcDateTime;

use crate::ratio::Report;
use crate::scene::{TOKEN, challenge};

/// How many milliseconds of CPU a diagnosis, its report and a transcript may take.
const MOST: f64 = 50.0;

/// The most octets that an answer has.
const ANSWER: usize = 64 * 1024 - 512;

/// The record number `n` of answer number `answer`, of at most so many octets.
type Craft = fn(usize, usize, usize) -> Vec<u8>;

/// Kinds of records, with how many of them an answer has.
const KINDS: [(&str, usize, Craft); 11] = [
    ("quoted, split and cut", 255, |answer, n, room| {
        padded(
            format!("\u{a0}\"'tOken=gezDgnbv \u{200b}gy3tqo {answer}/{n}"),
            " \"\u{200b}\u{a0}'x",
            room,
        )
    }),
    ("beginnings of the token", 255, |answer, n, room| {
        padded(format!("{answer}/{n} "), "gezdgnbv gezdgnbvg", room)
    }),
    ("tokens with a mistake", 255, |answer, n, room| {
        let at = n % TOKEN.len();
        let (before, after) = TOKEN.split_at(at);
        let token = format!("\"token={before}\u{ad}9{after}\"").to_uppercase();
        padded(format!("{token} {answer}/{n}"), " \t\u{2003}", room)
    }),
    ("tokens in other text", 255, |answer, n, room| {
        padded(
            format!("{answer}/{n} TXT \"{}\" \u{ff02}", TOKEN.to_uppercase()),
            "' ",
            room,
        )
    }),
    ("other tokens", 255, |answer, n, _| {
        format!("token=n{answer:0>5}x{n:0>5}zdgnbvgy3tqojqgezdgnbvgy3tqojqgezz").into_bytes()
    }),
    ("bare tokens", 255, |answer, n, _| {
        let number = format!("{:0>8}", answer * 256 + n);
        let letters = number.bytes().map(|digit| char::from(digit - b'0' + b'a'));
        format!("{}{:.44}", letters.collect::<String>(), TOKEN).into_bytes()
    }),
    ("attributes", 255, |answer, n, room| {
        let mut text = format!("token={answer}x{n}");
        for key in 0..31 {
            text.push_str(&format!(
                " {key}={}",
                "v".repeat((room / 32).saturating_sub(4))
            ));
        }
        text.into_bytes()
    }),
    ("few, everywhere", 32, |_, n, _| {
        let token = TOKEN.to_uppercase();
        format!(
            "\u{a0}\"x{n} TXT \u{200b}{} {}\"",
            &token[..20],
            &token[20..]
        )
        .into_bytes()
    }),
    ("long", 1, |answer, n, room| {
        padded(
            format!("{answer}/{n} \"gezdgnbv "),
            " gezd\u{200b}gnbv'",
            room,
        )
    }),
    ("long attributes", 1, |answer, n, room| {
        let mut text = format!("token={answer}x{n}");
        for key in 0..31 {
            text.push_str(&format!(
                " {key}={}",
                "v".repeat((room / 32).saturating_sub(4))
            ));
        }
        text.into_bytes()
    }),
    ("strangers", 255, |answer, n, room| {
        padded(
            format!("google-site-verification={answer}/{n}"),
            "abcdefgh",
            room,
        )
    }),
];

fn padded(start: String, filling: &str, room: usize) -> Vec<u8> {
    let octets = start.bytes().chain(filling.bytes().cycle());
    octets.take(room).collect()
}

fn name(text: &str) -> OwnerName {
    text.parse().unwrap()
}

fn id(text: &str) -> PerspectiveId {
    text.parse().unwrap()
}

/// As many answers as a check and a diagnosis can have, each of the most octets.
struct World {
    challenge: Challenge,
    rules: Rules,
    seen: Vec<Observation>,
    asked: Vec<Probe>,
    now: UtcDateTime,
    answers: usize,
    craft: Craft,
    records: usize,
    octets: usize,
}

impl World {
    fn new((_, records, craft): (&str, usize, Craft), octets: usize) -> Self {
        let now = UtcDateTime::from_unix_timestamp(1_800_000_000).unwrap();
        let eye = |who: &str| Perspective::new(id(who)).with_group(Group::Operator(id(who)));
        let own = eye("own").with_view(View::Authoritative);
        let policy = Policy::k_of_n(2, 3).unwrap();
        let mut world = Self {
            challenge: challenge("example.com", 1, now),
            rules: Rules::new(policy, vec![eye("one"), eye("two"), own]).unwrap(),
            seen: Vec::new(),
            asked: Vec::new(),
            now,
            answers: 0,
            craft,
            records,
            octets,
        };
        let question = world.challenge.question();
        let sibling = Question::txt(name("_nobody.example.com"));
        for who in ["one", "two"] {
            world.see(who, None, &question, Purpose::Record);
            world.see(who, None, &sibling, Purpose::WildcardProbe);
        }
        for server in 0..4 {
            world.see("own", Some(server), &question, Purpose::Record);
            world.see("own", Some(server), &sibling, Purpose::WildcardProbe);
        }
        world
    }

    fn see(&mut self, who: &str, server: Option<usize>, question: &Question, purpose: Purpose) {
        let answer = self.answers;
        self.answers += 1;
        let room = self.octets / self.records;
        let records = (0..self.records).map(|n| {
            let data = Txt::joined(&(self.craft)(answer, n, room));
            ResourceRecord::new(300, RecordData::Txt(data))
        });
        let answer = Answer::new(Outcome::Records(records.collect())).with_authoritative(true);
        let now = self.now;
        let one = Observation::replayed(id(who), question.clone(), purpose, now, now, Ok(answer));
        self.seen.push(match server {
            Some(n) => one.with_server(NameServer::new(
                name("example.com"),
                name(&format!("ns{n}.example.net")),
            )),
            None => one,
        });
    }

    /// The same answer at the owner name, as of so many servers.
    fn alike((_, records, craft): (&str, usize, Craft), servers: usize) -> Investigation {
        let mut world = Self::new(("", records, craft), ANSWER);
        world.seen.clear();
        let question = world.challenge.question();
        for server in 0..servers {
            world.answers = 0;
            world.see("own", Some(server), &question, Purpose::Diagnosis);
        }
        world.investigation(3)
    }

    fn investigation(&self, rounds: u8) -> Investigation {
        let (challenge, rules) = (self.challenge.clone(), self.rules.clone());
        Investigation::new(challenge, rules, self.seen.clone(), self.now)
            .with_hints(Hints::new().published().edited_at("cloudflare"))
            .after(rounds, self.asked.clone(), 0)
    }

    /// Asks what is planned, in every round, and is answered with as much everywhere. The
    /// investigation before each round, and after the last.
    fn rounds(mut self) -> Vec<Investigation> {
        let mut stages = vec![self.investigation(0)];
        for round in 1..=3 {
            let probes = plan(&stages.last().unwrap().inquiry());
            for probe in &probes {
                let Some(question) = probe.question() else {
                    continue;
                };
                let servers = match probe {
                    Probe::Delegated(_) => 4,
                    Probe::Servers { servers, .. } => servers.len(),
                    _ => 0,
                };
                for server in 0..servers {
                    self.see("own", Some(server), question, Purpose::Diagnosis);
                }
                if servers == 0 {
                    self.see("one", None, question, Purpose::Diagnosis);
                }
            }
            self.asked.extend(probes);
            stages.push(self.investigation(round));
        }
        stages
    }
}

/// All the work of a diagnosis: a plan for each round, the findings, and a report.
fn diagnose(stages: &[Investigation]) -> usize {
    let planned = stages
        .iter()
        .map(|stage| plan(&black_box(stage).inquiry()).len());
    let planned: usize = planned.sum();
    let last = stages.last().unwrap();
    planned + last.diagnosis().for_tenant().findings().len()
}

/// A report in every form, of a diagnosis that is known.
fn report(known: &dcv::diagnose::Diagnosis) -> usize {
    let report = black_box(known).for_tenant();
    let document = report.document();
    let json = serde_json::to_string(&report).unwrap();
    document.to_text(72).len()
        + document.to_html().len()
        + document.to_markdown().len()
        + json.len()
}

/// A transcript of about as many octets as one may have: of records that fill it, or, where they are
/// strangers', of what is left of them.
fn transcript((what, records, craft): (&str, usize, Craft)) -> (Investigation, Transcript) {
    for share in 4..64 {
        let octets = ANSWER / share;
        let records = records.min(octets / 64).max(1);
        let stages = World::new((what, records, craft), octets).rounds();
        let last = stages.last().unwrap().clone();
        if let Ok(transcript) = Transcript::of(&last) {
            return (last, transcript);
        }
    }
    panic!("{what}: nothing fits");
}

/// A transcript that no check writes: one answer, of as many records or of the most there may be,
/// again and again, as far as the octets of a transcript go.
fn crafted_transcript(kind: (&str, usize, Craft), most: bool) -> Option<String> {
    let written = Transcript::of(&World::alike(kind, 1)).ok()?;
    let mut json: serde_json::Value = serde_json::from_str(&written.to_json()).unwrap();
    let seen = json["observations"].as_array_mut().unwrap();
    let records = &mut seen[0]["result"]["answer"]["outcome"]["records"];
    let count = records.as_array()?.len();
    if most {
        *records = (0..MAX_RECORDS)
            .map(|n| serde_json::json!([0, n % count]))
            .collect();
    }
    let one = seen[0].clone();
    let room = Transcript::MAX_OCTETS.checked_sub(json.to_string().len())?;
    let more = room / (one.to_string().len() + 1);
    let seen = json["observations"].as_array_mut().unwrap();
    seen.extend(vec![one; more.min(Transcript::MAX_OBSERVATIONS - 1)]);
    Some(json.to_string())
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("crafted");
    group.sample_size(10);
    for kind in KINDS {
        let stages = World::new(kind, ANSWER).rounds();
        group.bench_function(kind.0, |bencher| bencher.iter(|| diagnose(&stages)));
    }
    group.finish();
}

pub(crate) fn bounds(report_of: &mut Report) {
    for kind in KINDS {
        let what = kind.0;
        let stages = World::new(kind, ANSWER).rounds();
        report_of.millis(format!("diagnosis, {what}"), MOST, || diagnose(&stages));
        let last = stages.last().unwrap();
        report_of.millis(format!("transcript of it, {what}"), MOST, || {
            Transcript::of(last).map(|one| one.to_json().len())
        });
        // Named often, it becomes large again.
        let alike = [16, 48, 64, 96, 128, 256, 512]
            .into_iter()
            .map(|count| World::alike(kind, count))
            .map_while(|one| Transcript::of(&one).ok())
            .last();
        if let Some(transcript) = alike {
            let json = transcript.to_json();
            let count = transcript.replay().observations().len();
            report_of.millis(
                format!("transcript of {count} like answers, {what}"),
                MOST,
                || {
                    let read = Transcript::from_json(black_box(&json)).unwrap();
                    read.replay().diagnosis().for_tenant().findings().len()
                },
            );
        }
        for (most, of) in [
            (false, "an answer"),
            (true, "an answer of the most records"),
        ] {
            let Some(json) = crafted_transcript(kind, most) else {
                continue;
            };
            report_of.millis(
                format!("crafted transcript of {of} again and again, {what}"),
                MOST,
                || {
                    let read = Transcript::from_json(black_box(&json));
                    read.map(|one| one.replay().diagnosis().for_tenant().findings().len())
                },
            );
        }
        let known = last.diagnosis();
        report_of.millis(format!("cached report, {what}"), MOST, || report(&known));

        let (before, transcript) = transcript(kind);
        let json = transcript.to_json();
        let kib = json.len() / 1024;
        report_of.millis(
            format!("transcript of {kib} KiB, {what}: written"),
            MOST,
            || Transcript::of(&before).map(|one| one.to_json().len()),
        );
        report_of.millis(
            format!("transcript of {kib} KiB, {what}: replayed"),
            MOST,
            || {
                let read = Transcript::from_json(black_box(&json)).unwrap();
                read.replay().diagnosis().for_tenant().findings().len()
            },
        );
    }
}
