//! A mail to whoever manages the DNS.

use super::{Instructions, english, words};
use crate::document::{Block, Document, Span};

/// A mail as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Email {
    /// The subject: words of ours, the domain in A-labels, and the service's name. One line.
    pub subject: String,
    /// The text, in lines of 72 columns where nothing has to stay whole.
    pub body: String,
}

pub(super) fn of(instructions: &Instructions) -> Email {
    let domain = &instructions.domain;
    let subject = match &instructions.service {
        Some(service) => format!("Please add a DNS record for {domain} ({service})"),
        None => format!("Please add a DNS record for {domain}"),
    };
    let mut body = Document::new();
    body.push(Block::Paragraph(vec!["Hello,".into()]));
    if let Some(standing) = english::standing(instructions) {
        body.push(Block::Paragraph(standing));
    }
    body.push(Block::Paragraph(vec![
        "please add one record to the DNS of ".into(),
        Span::Literal(instructions.host().zone_text()),
        " for me. ".into(),
        english::who(instructions),
        " asks for it, to see that our account may act for ".into(),
        instructions.authorises().into(),
        ".".into(),
    ]));
    body.push(Block::Fields(english::fields(instructions)));
    body.push(Block::Paragraph(vec!["As a line of a zone file:".into()]));
    body.push(Block::Code(instructions.zone_line()));
    body.push(Block::Paragraph(vec![
        "It goes beside what is there: please change no other record. The value has no quotation \
         marks of its own, and many panels add the zone's name to the host by themselves."
            .into(),
    ]));
    let commands = instructions.commands();
    if !commands.is_empty() {
        body.push(Block::Paragraph(vec![
            "This shows whether it is there:".into(),
        ]));
        body.push(Block::Code(commands.join("\n")));
    }
    body.push(Block::Items(english::times(instructions)));
    if english::is_awaited(instructions) {
        body.push(Block::Paragraph(vec![
            "Please tell me when it is done: it is looked for then, and until ".into(),
            words::instant(instructions.expires_at).into(),
            ". The record is public and holds no secret.".into(),
        ]));
    }
    Email {
        subject,
        body: body.to_text(72),
    }
}
