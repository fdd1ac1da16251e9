//! Each fact is the right one.

use std::time::Duration;

use dcv::dns::RecordType;
use dcv::instructions::{HostBasis, Removal};
use dcv::lifecycle::{self, Occasion};
use dcv::name::Scope;
use dcv::policy::Timing;
use dcv::providers;
use dcv::suffix::{SuffixGuard, SuffixList, SuffixPolicy};

use crate::cases::{self, Plan};
use crate::{asks, known, led_to, name, zone};

// I-02: the host is relative to the zone where that is known, and to the registrable domain else.
#[test]
fn the_host_is_relative_to_the_right_name() {
    let rows: &[(&'static str, Option<&str>, &str, &str, HostBasis)] = &[
        // The domain, the zone that was seen, the host, what it is relative to, and why.
        (
            "example.com",
            None,
            "_p-challenge",
            "example.com.",
            HostBasis::RegistrableDomain,
        ),
        (
            "a.b.example.co.uk",
            None,
            "_p-challenge.a.b",
            "example.co.uk.",
            HostBasis::RegistrableDomain,
        ),
        (
            "shop.example.com",
            Some("example.com"),
            "_p-challenge.shop",
            "example.com.",
            HostBasis::ZoneCut,
        ),
        (
            "shop.example.com",
            Some("shop.example.com"),
            "_p-challenge",
            "shop.example.com.",
            HostBasis::ZoneCut,
        ),
        (
            "shop.example.com",
            Some("_p-challenge.shop.example.com"),
            "",
            "_p-challenge.shop.example.com.",
            HostBasis::ZoneCut,
        ),
        (
            "shop.example.com",
            Some("com"),
            "_p-challenge.shop.example",
            "com.",
            HostBasis::ZoneCut,
        ),
        // A suffix that is proven itself has no registrable domain.
        (
            "github.io",
            None,
            "_p-challenge",
            "github.io.",
            HostBasis::Domain,
        ),
    ];
    for (domain, apex, host, base, basis) in rows {
        let challenge = asks(domain, Scope::Host);
        let mut instructions = challenge.instructions();
        if let Some(apex) = apex {
            instructions = instructions.in_zone(zone(&challenge, apex, &[]));
        }
        let found = instructions.host();
        let found = (found.name(), found.zone().to_string(), found.basis());
        assert_eq!(
            found,
            (*host, (*base).to_owned(), *basis),
            "{domain} {apex:?}"
        );
    }
}

// A zone of somebody else's owner name says nothing.
#[test]
fn a_zone_that_the_name_is_not_in_is_not_taken() {
    let (ours, theirs) = (
        asks("example.com", Scope::Host),
        asks("example.net", Scope::Host),
    );
    let servers = ["ada.ns.cloudflare.com"];
    let instructions = ours
        .instructions()
        .in_zone(zone(&theirs, "example.net", &servers));
    assert_eq!(instructions, ours.instructions());
}

// The list that the application uses decides what is registrable.
#[test]
fn the_registrable_domain_is_that_of_the_list_in_force() {
    let list = b"// ===BEGIN ICANN DOMAINS===\ncom\nexample.com\n// ===END ICANN DOMAINS===\n\
        // ===BEGIN PRIVATE DOMAINS===\ngithub.io\n// ===END PRIVATE DOMAINS===\n";
    let guard = SuffixGuard::new(SuffixList::parse(list).unwrap(), SuffixPolicy::strict());
    let instructions = asks("a.b.example.com", Scope::Host).instructions();
    assert_eq!(instructions.host().name(), "_p-challenge.a.b");
    assert_eq!(
        instructions.with_guard(&guard).host().name(),
        "_p-challenge.a"
    );
}

// L-02: what the SOA says of negative answers is told, and that it was not seen.
#[test]
fn the_wait_is_that_of_the_zone() {
    let unknown = asks("example.com", Scope::Host).instructions();
    assert_eq!(unknown.negative_ttl(), None);
    assert!(squeezed(&unknown.to_string()).contains("which was not seen yet"));
    let known = known();
    assert_eq!(known.negative_ttl(), Some(Duration::from_secs(1800)));
    let text = squeezed(&known.to_string());
    assert!(
        text.contains("denying it for 30 minutes, as the zone's SOA record says"),
        "{text}"
    );
}

// The provider is found by the zone's servers, or named.
#[test]
fn the_provider_is_whose_servers_they_are() {
    let challenge = asks("example.com", Scope::Host);
    let by_servers = |servers: &[&str]| {
        let facts = zone(&challenge, "example.com", servers);
        let provider = challenge.instructions().in_zone(facts).provider();
        provider.map(|provider| provider.id)
    };
    assert_eq!(by_servers(&["ns59.domaincontrol.com"]), Some("godaddy"));
    assert_eq!(by_servers(&["ns1.example.com"]), None);
    assert_eq!(by_servers(&[]), None);
    let seen = led_to(&challenge, "example.com", "ns-1.awsdns-00.com");
    let provider = challenge.instructions().in_zone(seen).provider();
    assert_eq!(provider.map(|provider| provider.id), Some("route53"));

    let named = challenge
        .instructions()
        .at_provider(providers::find("hover").unwrap());
    assert_eq!(named.provider().map(|provider| provider.id), Some("hover"));
    assert!(named.to_string().contains("The DNS is managed at Hover."));
    // What was seen is the better word, where it says anything.
    let facts = zone(&challenge, "example.com", &["ns59.domaincontrol.com"]);
    let seen = named.clone().in_zone(facts).provider();
    assert_eq!(seen.map(|provider| provider.id), Some("godaddy"));
    let facts = zone(&challenge, "example.com", &["ns1.example.com"]);
    let named = named.in_zone(facts);
    assert_eq!(named.provider().map(|provider| provider.id), Some("hover"));
    assert!(named.to_string().contains("The DNS is managed at Hover."));
    let seen = known().to_string();
    assert!(seen.contains("The name servers of the zone are those of Cloudflare."));
}

// Every provider's steps name its fields, the host without the zone, and the value as its panel
// wants it.
#[test]
fn the_steps_are_those_of_the_provider() {
    let challenge = asks("example.com", Scope::Host);
    for provider in providers::all() {
        let instructions = challenge.instructions().at_provider(provider);
        let markdown = instructions.document().to_markdown();
        let steps = markdown.split("## Add it").nth(1).unwrap();
        let steps = steps.split("As a line of a zone file").next().unwrap();
        for field in [provider.host_field, provider.value_field]
            .into_iter()
            .flatten()
        {
            assert!(
                steps.contains(&format!("**{field}**")),
                "{}: {steps}",
                provider.id
            );
        }
        assert!(steps.contains("`_p-challenge`"), "{}: {steps}", provider.id);
        let quoted = format!("`{}`", instructions.answer());
        let is_quoted = provider.quotes == Some(providers::Quotes::Within);
        assert_eq!(
            steps.contains(&quoted),
            is_quoted,
            "{}: {steps}",
            provider.id
        );
        let bare = format!("`{}`", challenge.record().value());
        assert_eq!(
            steps.contains(&bare),
            !is_quoted,
            "{}: {steps}",
            provider.id
        );
        if let Some(help) = provider.help {
            assert!(steps.contains(help), "{}: {steps}", provider.id);
        }
    }
    // At the zone's own name, what the panel calls that.
    let facts = zone(&challenge, "_p-challenge.example.com", &["ns1.linode.com"]);
    let text = challenge.instructions().in_zone(facts).to_string();
    assert!(text.contains("Leave the field Hostname empty."), "{text}");
    let facts = zone(
        &challenge,
        "_p-challenge.example.com",
        &["ns59.domaincontrol.com"],
    );
    let text = challenge.instructions().in_zone(facts).to_string();
    assert!(text.contains("Enter @ in the field Name."), "{text}");
}

// A panel's lowest TTL is told where it is above the record's.
#[test]
fn the_ttl_is_one_that_the_panel_takes() {
    let plan = Plan {
        timing: Timing::default().with_record_ttl(0),
        ..Plan::default()
    };
    let azure = providers::find("azure-dns").unwrap();
    let instructions = plan.challenge().instructions();
    assert!(
        instructions
            .to_string()
            .contains("Set the TTL to 0 (seconds)")
    );
    let instructions = instructions.at_provider(azure);
    assert!(
        instructions
            .to_string()
            .contains("Set the TTL to 1 (seconds)")
    );
}

// S-18: names of servers are somebody else's, in every form.
#[test]
fn foreign_names_are_shown_and_nothing_else() {
    let hostile = [
        &b"<script>alert(1)</script>"[..],
        b"`](https://evil.example/)",
        b"**x**\n# y\r\n\x1b[31m",
        b"https://evil.example/?<a href=x>",
        b"\xe2\x80\xae\xc2\xa0\"'&",
    ];
    let challenge = asks("example.com", Scope::Host);
    for label in hostile {
        let server = name("evil.example").child(label).unwrap().to_string();
        let facts = zone(&challenge, "example.com", &[&server]);
        let instructions = challenge.instructions().in_zone(facts);
        let document = instructions.document();
        let html = document.to_html();
        for markup in ["<script", "<a ", "&lt;a href=x&gt;\""] {
            assert!(!html.contains(markup), "{markup}: {html}");
        }
        let json = serde_json::to_string(&instructions).unwrap();
        let mail = instructions.email();
        for form in [
            &html,
            &document.to_markdown(),
            &document.to_text(80),
            &json,
            &mail.body,
        ] {
            let is_ours = |c: char| c == '\n' || matches!(c, ' '..='~');
            assert!(form.chars().all(is_ours), "{form}");
        }
        let markdown = document.to_markdown();
        let line = markdown.lines().find(|line| line.contains("evil.example"));
        let line = line.unwrap_or_else(|| panic!("{markdown}"));
        assert!(line.ends_with("`."), "a code span: {line}");
        assert!(!mail.subject.contains("evil") && !mail.body.contains("evil"));
        assert!(!instructions.commands().concat().contains("evil"));
    }
}

// S-18: commands hold our own names alone, and nothing that a shell obeys.
#[test]
fn commands_are_harmless() {
    let evil = "evil;reboot.ns.example";
    let challenge = asks("example.com", Scope::Host);
    let facts = zone(
        &challenge,
        "example.com",
        &[r"evil\;reboot.ns.example", r"\$\(id\).example"],
    );
    let instructions = challenge.instructions().in_zone(facts);
    for command in instructions.commands() {
        let harmless = |c: char| c.is_ascii_alphanumeric() || " ._+=-".contains(c);
        assert!(command.chars().all(harmless), "{command}");
        assert!(
            !command.contains("reboot") && !command.contains("id"),
            "{command}"
        );
    }
    assert_eq!(
        instructions.commands(),
        [
            "dig +short TXT _p-challenge.example.com.",
            "nslookup -type=TXT _p-challenge.example.com.",
            "dig +trace TXT _p-challenge.example.com.",
        ]
    );
    let text = instructions.to_string();
    assert!(!text.contains(evil) && !text.contains(r"evil\;"), "{text}");
    let html = instructions.document().to_html();
    assert!(!html.contains("<a "), "{html}");
    // An owner name that only a store that was tampered with can hold.
    for label in [
        "_p;reboot",
        "_p$(id)",
        "_p'",
        "_p`id`",
        "_p|x",
        "_p&x",
        "_p>x",
        "_p!x",
    ] {
        let owner = name("example.com")
            .child(label.as_bytes())
            .unwrap()
            .to_string();
        let challenge = cases::edited(&challenge, |written| {
            written["record"]["owner"] = owner.clone().into();
        });
        assert_eq!(
            challenge.instructions().commands(),
            Vec::<String>::new(),
            "{label}"
        );
        assert!(
            !challenge.instructions().to_string().contains("dig"),
            "{label}"
        );
    }
}

// E-01, E-08, E-09: the record may go once it was seen, and when it can prove nothing any more.
#[test]
fn it_is_told_when_the_record_may_go() {
    let challenge = asks("example.com", Scope::Host);
    let pending = challenge.instructions();
    assert_eq!(pending.removal(), Removal::OnceValidated);
    let text = squeezed(&pending.to_string());
    assert!(
        text.contains("Remove it when the service says that control is proven"),
        "{text}"
    );
    assert!(text.contains("Publish it by 2026-11-25"), "{text}");

    let timing = Timing::default();
    let at = cases::now();
    let examination = cases::validation(&challenge, at);
    let occasions = [
        (
            Occasion::Examined(&examination),
            at,
            "This was proven on 2026-11-18",
        ),
        (Occasion::Cancelled, at, "This request was cancelled."),
        (
            Occasion::Elapsed,
            challenge.expires_at(),
            "This request ended on 2026-11-25",
        ),
    ];
    for (occasion, at, standing) in occasions {
        let next = lifecycle::advance(&challenge, occasion, &timing, at);
        let next = next.unwrap().unwrap();
        let closed = next.next().instructions();
        assert_eq!(closed.removal(), Removal::Now);
        let text = squeezed(&closed.to_string());
        assert!(text.contains(standing), "{text}");
        assert!(
            text.contains("Remove it now, if it is still there"),
            "{text}"
        );
        assert!(!text.contains("Publish it by"), "{text}");
    }
}

// L-01, E-09: the TTL, how long a proof counts, and how to take it back, as they are set.
#[test]
fn durations_are_told_in_words() {
    for (ttl, words) in [
        (1, "1 second"),
        (45, "45 seconds"),
        (300, "5 minutes"),
        (3600, "1 hour"),
        (5400, "1 hour 30 minutes"),
        (90_061, "1 day 1 hour"),
        (86_460, "1 day"),
        (0, "0 seconds"),
    ] {
        let lifetime = Duration::from_secs(u64::from(ttl) * 2);
        let timing = Timing::default()
            .with_record_ttl(ttl)
            .with_proof_lifetime(lifetime);
        let plan = Plan {
            timing: timing.clone(),
            ..Plan::default()
        };
        let instructions = plan.challenge().instructions();
        assert!(!squeezed(&instructions.to_string()).contains("It ends by itself"));
        let instructions = instructions.with_timing(&timing);
        let text = squeezed(&instructions.to_string());
        assert!(
            text.contains(&format!("TTL {ttl} seconds ({words})")),
            "{text}"
        );
        assert!(text.contains("It ends by itself"), "{text}");
        assert_eq!(instructions.proof_lifetime(), Some(lifetime));
    }
}

// I-01, I-04, SC-03: who asks and for what, and nothing of the account.
#[test]
fn the_service_and_the_scope_are_named() {
    let text = squeezed(&known().to_string());
    assert!(
        text.starts_with("Prove that you control shop.example.com"),
        "{text}"
    );
    assert!(text.contains("Example SaaS asks for a record"), "{text}");
    assert!(
        text.contains("in control of shop.example.com and every name below it."),
        "{text}"
    );
    let every = [
        text,
        known().document().to_page("x"),
        known().document().to_markdown(),
        serde_json::to_string(&known()).unwrap(),
        known().email().body,
    ];
    for form in every {
        assert!(!form.contains("tenant-42"), "{form}");
    }
    let unnamed = asks("example.com", Scope::Host).instructions();
    assert!(
        unnamed
            .to_string()
            .contains("The service asks for a record")
    );
    assert_eq!(unnamed.clone().for_service(" \n").service(), None);
    let long = unnamed.for_service("x".repeat(1000));
    assert_eq!(long.service().map(str::len), Some(64));
}

// I-03, I-05, I-06: that the record is public, what it shows, and how to know that this is genuine.
#[test]
fn it_is_told_what_others_see() {
    let text = squeezed(&known().to_string());
    for passage in [
        "The record is public. It names no person and no account",
        "shows that the domain is used with Example SaaS",
        "compare it with what Example SaaS shows you when you are signed in",
    ] {
        assert!(text.contains(passage), "{passage}: {text}");
    }
}

#[test]
fn the_facts_are_those_of_the_challenge() {
    let challenge = asks("example.com", Scope::Wildcard);
    let instructions = challenge.instructions();
    assert_eq!(instructions.challenge(), challenge.id());
    assert_eq!(instructions.domain(), challenge.domain());
    assert_eq!(instructions.scope(), Scope::Wildcard);
    assert_eq!(instructions.record(), challenge.record());
    assert_eq!(instructions.record().record_type(), RecordType::TXT);
    assert_eq!(instructions.issued_at(), challenge.issued_at());
    assert_eq!(instructions.expires_at(), challenge.expires_at());
    assert_eq!(instructions.state(), challenge.state());
    assert_eq!(instructions.zone(), None);
    assert_eq!(instructions.zone_line(), challenge.record().to_string());
    // No token in what is logged.
    assert!(!format!("{instructions:?}").contains(cases::TOKEN));
}

fn squeezed(text: &str) -> String {
    text.split_whitespace()
        .filter(|word| *word != "-")
        .collect::<Vec<_>>()
        .join(" ")
}
