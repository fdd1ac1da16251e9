//! The instructions in English.

use std::time::Duration;

use super::host::without_dot;
use super::{HostBasis, Instructions, Removal, steps, words};
use crate::challenge::State;
use crate::document::{Block, Document, Line, Span};

pub(super) fn document(instructions: &Instructions) -> Document {
    let mut document = Document::new();
    let domain = instructions.domain.both_forms();
    let title = format!("Prove that you control {domain}");
    document.push(Block::Heading(1, vec![title.into()]));
    if let Some(standing) = standing(instructions) {
        document.push(Block::Paragraph(standing));
    }
    document.push(Block::Paragraph(purpose(instructions)));
    document.push(heading("The record"));
    document.push(Block::Fields(fields(instructions)));
    document.push(heading("Add it"));
    document.extend(steps::blocks(instructions));
    document.push(Block::Paragraph(vec!["As a line of a zone file:".into()]));
    document.push(Block::Code(instructions.zone_line()));
    document.extend(check(instructions));
    document.push(heading("How long it takes, and how long it counts"));
    document.push(Block::Items(times(instructions)));
    document.push(heading("Good to know"));
    document.push(Block::Items(notes(instructions)));
    document
}

fn heading(text: &str) -> Block {
    Block::Heading(2, vec![text.into()])
}

/// Who asks, at the beginning of a sentence.
pub(super) fn who(instructions: &Instructions) -> Span {
    match &instructions.service {
        Some(service) => Span::Strong(service.clone()),
        None => "The service".into(),
    }
}

/// The same within a sentence.
pub(super) fn whom(instructions: &Instructions) -> Span {
    match &instructions.service {
        Some(service) => Span::Text(service.clone()),
        None => "the service".into(),
    }
}

/// What is different because the challenge does not wait any more.
pub(super) fn standing(instructions: &Instructions) -> Option<Line> {
    let text = match instructions.state {
        State::Pending if instructions.held => held(instructions),
        State::Pending => return None,
        State::Validated { at, until } => format!(
            "This was proven on {}, and counts until {}. There is nothing left to publish: the \
             record may be removed.",
            words::instant(at),
            words::instant(until)
        ),
        State::Ended { .. } => "This was proven, and does not count any more. Publishing the \
                                record again proves nothing: ask for a new one, and remove the \
                                record if it is there."
            .into(),
        State::Expired { .. } => format!(
            "This request ended on {} without the record being seen. Publishing it now proves \
             nothing: ask for a new one, and remove the record if it is there.",
            words::instant(instructions.expires_at)
        ),
        State::Cancelled { .. } => "This request was cancelled. Publishing the record proves \
                                    nothing: remove it if it is there."
            .into(),
    };
    Some(vec![Span::Strong(text)])
}

/// It is over by a clock that could be wrong (S-7).
fn held(instructions: &Instructions) -> String {
    let closed = match instructions.closes_at {
        // To the minute it is the next one: before that, a check might still be too early.
        Some(at) => {
            let at = at.checked_add(time::Duration::MINUTE).unwrap_or(at);
            format!("A check from {} on closes it.", words::instant(at))
        }
        None => "Two checks, an hour apart, close it.".into(),
    };
    format!(
        "By our clock this request ended on {} without the record being seen. Publishing it now \
         proves nothing: have it reissued, which puts a new one in its place at once. {closed}",
        words::instant(instructions.expires_at)
    )
}

fn purpose(instructions: &Instructions) -> Line {
    let authorises = instructions.authorises();
    vec![
        who(instructions),
        " asks for a record in the DNS that only somebody who controls the domain can add. It \
         authorises "
            .into(),
        whom(instructions),
        " to take the account that asked for it as being in control of ".into(),
        Span::Strong(authorises),
        ".".into(),
    ]
}

pub(super) fn fields(instructions: &Instructions) -> Vec<(String, Line)> {
    let record = &instructions.record;
    let literal = |text: String| vec![Span::Literal(text)];
    let mut fields = Vec::new();
    let unicode = instructions.domain.to_unicode();
    if unicode != instructions.domain.as_str() {
        let domain = vec![
            format!("{unicode}, in the DNS ").into(),
            Span::Literal(instructions.domain.to_string()),
        ];
        fields.push(("Domain".into(), domain));
    }
    fields.push(("Full name".into(), literal(record.owner().to_string())));
    fields.push(("Host".into(), host(instructions)));
    fields.push(("Type".into(), literal(record.record_type().to_string())));
    fields.push(("Value".into(), literal(record.value().into())));
    let words = words::duration(Duration::from_secs(record.ttl().into()));
    let ttl = vec![
        Span::Literal(record.ttl().to_string()),
        format!(" seconds ({words})").into(),
    ];
    fields.push(("TTL".into(), ttl));
    fields
}

fn host(instructions: &Instructions) -> Line {
    let host = instructions.host();
    let zone = Span::Literal(host.zone_text());
    let name = match host.name() {
        "" => vec!["the zone's own name".into()],
        name => vec![Span::Literal(name.into())],
    };
    let basis = match host.basis() {
        HostBasis::ZoneCut => vec![
            " (the full name without that of the zone, ".into(),
            zone,
            ")".into(),
        ],
        HostBasis::RegistrableDomain | HostBasis::Domain => vec![
            " (the full name without ".into(),
            zone,
            "; if your zone has another name, leave that out instead)".into(),
        ],
    };
    name.into_iter().chain(basis).collect()
}

fn check(instructions: &Instructions) -> Vec<Block> {
    let commands = instructions.commands();
    if commands.is_empty() {
        return Vec::new();
    }
    let mut intro: Line = vec![
        "Each of these shows the record once it is there. The first two ask your resolver, which \
         may still remember that it was not; the last one goes to the zone's own name servers"
            .into(),
    ];
    let servers = instructions.zone.as_ref().map(|zone| zone.servers());
    for (index, server) in servers.unwrap_or_default().iter().enumerate() {
        intro.push(if index == 0 { ": " } else { ", " }.into());
        intro.push(Span::Data(without_dot(server).into_bytes()));
    }
    intro.push(".".into());
    vec![
        heading("Check it"),
        Block::Paragraph(intro),
        Block::Code(commands.join("\n")),
        Block::Paragraph(vec!["The record in the answer must be:".into()]),
        Block::Code(instructions.answer()),
    ]
}

/// Whether publishing the record can still prove anything.
pub(super) fn is_awaited(instructions: &Instructions) -> bool {
    instructions.state == State::Pending && !instructions.held
}

pub(super) fn times(instructions: &Instructions) -> Vec<Line> {
    let mut times: Vec<Line> = Vec::new();
    if is_awaited(instructions) {
        times.push(vec![
            Span::Strong("Publish it by".into()),
            format!(
                " {}. After that a new record has to be asked for.",
                words::instant(instructions.expires_at)
            )
            .into(),
        ]);
        times.push(wait(instructions));
    }
    times.push(removal(instructions));
    times.push(revocation(instructions));
    times
}

/// L-02.
fn wait(instructions: &Instructions) -> Line {
    let usual = match instructions.negative_ttl() {
        Some(negative_ttl) => format!(
            " is normal for a few minutes. Caches that were asked before the record was there may \
             go on denying it for {}, as the zone's SOA record says.",
            words::duration(negative_ttl)
        ),
        None => " is normal for a few minutes. Caches that were asked before the record was there \
                 may go on denying it for as long as the zone's SOA record says, which was not \
                 seen yet: often an hour, seldom more than a day."
            .into(),
    };
    vec![
        Span::Strong("Waiting".into()),
        usual.into(),
        " Ask for the check only when the record is published.".into(),
    ]
}

/// E-08, E-09.
fn removal(instructions: &Instructions) -> Line {
    let mut line: Line = vec![Span::Strong("Remove it".into())];
    match instructions.removal() {
        Removal::OnceValidated => {
            line.push(" when ".into());
            line.push(whom(instructions));
            line.push(
                " says that control is proven; it is not needed after that. If that does not \
                 happen in time, remove it too."
                    .into(),
            );
        }
        Removal::Now => line.push(" now, if it is still there: it is not needed any more.".into()),
    }
    line
}

fn revocation(instructions: &Instructions) -> Line {
    let mut line: Line = vec![Span::Strong("To take it back".into())];
    line.push(" before it is proven, remove the record. After that, cancel the proof at ".into());
    line.push(whom(instructions));
    line.push(": removing the record does not end it.".into());
    if let Some(lifetime) = instructions.proof_lifetime {
        line.push(
            format!(
                " It ends by itself {} after it was given.",
                words::duration(lifetime)
            )
            .into(),
        );
    }
    line
}

/// I-01, I-03, I-05, I-06.
fn notes(instructions: &Instructions) -> Vec<Line> {
    vec![
        vec![
            "The record is public. It names no person and no account, but its name shows that the \
             domain is used with "
                .into(),
            whom(instructions),
            ".".into(),
        ],
        vec![
            "Nothing here is secret but the value, and that proves nothing for anybody else: you \
             can pass this on to whoever manages the DNS."
                .into(),
        ],
        vec![
            "If this reached you by a way that you do not trust, compare it with what ".into(),
            whom(instructions),
            " shows you when you are signed in.".into(),
        ],
    ]
}
