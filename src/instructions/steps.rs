//! The steps in a DNS panel: a known provider's in its words, or everybody's.

use super::Instructions;
use super::host::{Host, without_dot};
use crate::dns::ZoneFacts;
use crate::document::{Block, Line, Span};
use crate::providers::{self, HostForm, Provider, Quotes};

pub(super) fn blocks(instructions: &Instructions) -> Vec<Block> {
    match instructions.provider {
        Some(provider) => of_provider(instructions, provider),
        None => generic(instructions),
    }
}

fn of_provider(instructions: &Instructions, provider: &Provider) -> Vec<Block> {
    let host = instructions.host();
    let zone = host.zone_text();
    let name = provider.name;
    let mut open: Line = vec![format!("Sign in to {name} and open the zone ").into()];
    open.push(Span::Literal(zone));
    if provider.menus.is_empty() {
        open.push("; its records are where you add one.".into());
    } else {
        open.push(": ".into());
        open.push(Span::Strong(provider.menus.join(" > ")));
        open.push(".".into());
    }
    let steps = vec![
        open,
        choose_type(instructions),
        enter_host(instructions, &host, provider),
        enter_value(instructions, Some(provider)),
        set_ttl(instructions, provider.min_ttl),
        vec!["Save it, and leave every other record as it is.".into()],
    ];
    let mut about: Line = vec![
        "The name servers of the zone are those of ".into(),
        Span::Strong(name.into()),
        ". The record belongs there, even if the domain was bought elsewhere.".into(),
    ];
    let servers = instructions.zone.as_ref().map(ZoneFacts::servers);
    if providers::of_servers(servers.unwrap_or_default()) != Some(provider) {
        about = vec![
            "The DNS is managed at ".into(),
            Span::Strong(name.into()),
            ".".into(),
        ];
    }
    let mut blocks = vec![Block::Paragraph(about), Block::Steps(steps)];
    if let Some(help) = provider.help {
        let text = format!("How {name} explains it");
        let url = help.into();
        blocks.push(Block::Paragraph(vec![
            Span::Link { text, url },
            format!(". These steps are as of {}; panels change.", provider.seen).into(),
        ]));
    }
    blocks
}

fn enter_host(instructions: &Instructions, host: &Host, provider: &Provider) -> Line {
    let field = provider.host_field.map_or_else(
        || vec![Span::from("the field for the name")],
        |field| vec!["the field ".into(), Span::Strong(field.into())],
    );
    let owner = instructions.record.owner();
    match provider.host_form {
        Some(HostForm::Full) => {
            let owner = Span::Literal(without_dot(owner));
            line([
                vec!["Enter ".into(), owner, " in ".into()],
                field,
                vec![".".into()],
            ])
        }
        Some(HostForm::Relative) => {
            let zone = Span::Literal(host.zone_text());
            let not_twice = vec![
                format!(". {} adds ", provider.name).into(),
                zone,
                " by itself: do not enter that again.".into(),
            ];
            match (host.name(), provider.apex) {
                ("", Some("") | None) => {
                    line([vec!["Leave ".into()], field, vec![" empty.".into()]])
                }
                ("", Some(apex)) => line([
                    vec!["Enter ".into(), Span::Literal(apex.into()), " in ".into()],
                    field,
                    not_twice,
                ]),
                (name, _) => line([
                    vec!["Enter ".into(), Span::Literal(name.into()), " in ".into()],
                    field,
                    not_twice,
                ]),
            }
        }
        None => generic_host(instructions, host, field),
    }
}

fn generic(instructions: &Instructions) -> Vec<Block> {
    let host = instructions.host();
    let open = vec![
        "Sign in where the DNS of ".into(),
        Span::Literal(host.zone_text()),
        " is managed. That is whoever runs its name servers, which need not be where the domain \
         was bought."
            .into(),
    ];
    let field = vec!["the field for the name (often called Name or Host)".into()];
    let name = generic_host(instructions, &host, field);
    let steps = vec![
        open,
        choose_type(instructions),
        name,
        enter_value(instructions, None),
        set_ttl(instructions, None),
        vec![
            "If the panel offers a proxy or a redirect for the record, leave it off. Leave every \
             other record as it is."
                .into(),
        ],
    ];
    vec![Block::Steps(steps)]
}

/// What is entered where it is not known what the panel wants.
fn generic_host(instructions: &Instructions, host: &Host, field: Line) -> Line {
    let zone = Span::Literal(host.zone_text());
    let entered = match host.name() {
        "" => line([
            vec!["Leave ".into()],
            field,
            vec![
                " empty, or enter ".into(),
                Span::Literal("@".into()),
                " where it cannot be empty".into(),
            ],
        ]),
        name => line([
            vec!["Enter ".into(), Span::Literal(name.into()), " in ".into()],
            field,
        ]),
    };
    let full = Span::Literal(without_dot(instructions.record.owner()));
    line([
        entered,
        vec![
            ". Most panels add ".into(),
            zone,
            " by themselves: do not enter that again. If yours does not, enter ".into(),
            full,
            " there.".into(),
        ],
    ])
}

fn choose_type(instructions: &Instructions) -> Line {
    let record_type = instructions.record.record_type().to_string();
    vec![
        "Add a record of the type ".into(),
        Span::Literal(record_type),
        ": not a CNAME, and not a change to a record that is there.".into(),
    ]
}

fn enter_value(instructions: &Instructions, provider: Option<&Provider>) -> Line {
    let field = match provider.and_then(|provider| provider.value_field) {
        Some(field) => vec!["the field ".into(), Span::Strong(field.into())],
        None => vec![Span::from("the field for the value")],
    };
    let value = instructions.record.value();
    let mut entered = match provider.and_then(|provider| provider.quotes) {
        Some(Quotes::Within) => line([
            vec![
                "Enter ".into(),
                Span::Literal(instructions.answer()),
                " in ".into(),
            ],
            field,
            vec![", here with the quotation marks.".into()],
        ]),
        _ => line([
            vec!["Enter ".into(), Span::Literal(value.into()), " in ".into()],
            field,
            vec![
                ", exactly so: without quotation marks around it, and without a space or a line \
                 break before or after."
                    .into(),
            ],
        ]),
    };
    if value.len() > 255 && provider.and_then(|provider| provider.quotes) != Some(Quotes::Within) {
        entered.push(
            " It is longer than 255 characters: enter it whole. In the DNS it is split into \
             strings, which most panels do by themselves."
                .into(),
        );
    }
    entered
}

fn set_ttl(instructions: &Instructions, min_ttl: Option<u32>) -> Line {
    let ttl = instructions.record.ttl().max(min_ttl.unwrap_or(0));
    vec![
        "Set the TTL to ".into(),
        Span::Literal(ttl.to_string()),
        " (seconds), or to the shortest that is offered: a mistake is forgotten sooner then."
            .into(),
    ]
}

fn line<const N: usize>(parts: [Line; N]) -> Line {
    parts.into_iter().flatten().collect()
}
