//! The table. A row says what its sources say, and nothing else.

use super::{HostForm, Provider, Quotes};

/// When the sources were read.
const SEEN: &str = "2026-11-25";

/// A row of which nothing is known.
const UNKNOWN: Provider = Provider {
    id: "",
    name: "",
    servers: &[],
    menus: &[],
    host_field: None,
    host_form: None,
    apex: None,
    value_field: None,
    quotes: None,
    min_ttl: None,
    help: None,
    sources: &[],
    seen: SEEN,
};

pub(super) const PROVIDERS: &[Provider] = &[
    Provider {
        id: "azure-dns",
        name: "Azure DNS",
        servers: &[
            "azure-dns.com",
            "azure-dns.net",
            "azure-dns.org",
            "azure-dns.info",
        ],
        menus: &["DNS zones", "the zone", "Record set"],
        host_field: Some("Name"),
        apex: Some("@"),
        value_field: Some("Value"),
        help: Some("https://learn.microsoft.com/azure/dns/dns-operations-recordsets-portal"),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Without),
        min_ttl: Some(1),
        sources: &[
            "https://learn.microsoft.com/azure/dns/dns-zones-records",
            "https://learn.microsoft.com/azure/dns/dns-delegate-domain-azure-dns",
            "https://github.com/MicrosoftDocs/microsoft-365-docs/blob/20150f096c38145ffb9867a893488314e8084753/microsoft-365/admin/dns/create-dns-records-for-azure-dns-zones.md",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "cloudflare",
        name: "Cloudflare",
        servers: &["ns.cloudflare.com"],
        menus: &["DNS", "Records", "Add record"],
        host_field: Some("Name"),
        apex: Some("@"),
        value_field: Some("Content"),
        help: Some(
            "https://developers.cloudflare.com/dns/manage-dns-records/how-to/create-dns-records/",
        ),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Without),
        sources: &[
            "https://developers.cloudflare.com/dns/manage-dns-records/reference/dns-record-types/",
            "https://github.com/MicrosoftDocs/microsoft-365-docs/blob/0af00e830c159fc0c982e6e56bfc6e49960dad09/microsoft-365/admin/dns/create-dns-records-at-cloudflare.md",
            "https://github.com/tbckr/trident/blob/26a0286a58224e5a3cb335e45ce61124e5b61e52/internal/detect/patterns.yaml",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "digitalocean",
        name: "DigitalOcean",
        servers: &["ns#.digitalocean.com"],
        apex: Some("@"),
        host_form: Some(HostForm::Relative),
        sources: &[
            "https://docs.digitalocean.com/reference/terraform/reference/resources/record",
            "https://github.com/AnalogJ/lexicon/blob/060b65b7fd6cbc348ce5c28ab46a99d63fc856c8/lexicon/providers/digitalocean.py",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "dnsimple",
        name: "DNSimple",
        servers: &[
            "dnsimple.com",
            "dnsimple-edge.com",
            "dnsimple-edge.net",
            "dnsimple-edge.io",
            "dnsimple-edge.org",
        ],
        menus: &["Domains", "the domain", "DNS", "Add Record"],
        host_field: Some("Name"),
        apex: Some("@"),
        value_field: Some("Content"),
        help: Some("https://support.dnsimple.com/articles/how-to-add-dns-records/"),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Without),
        sources: &[
            "https://support.dnsimple.com/articles/how-to-add-dns-records/",
            "https://support.dnsimple.com/articles/txt-record-format/",
            "https://support.dnsimple.com/articles/dnsimple-nameservers/",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "dnsmadeeasy",
        name: "DNS Made Easy",
        servers: &["dnsmadeeasy.com"],
        host_field: Some("Name"),
        apex: Some(""),
        value_field: Some("Value"),
        help: Some("https://help.dnsmadeeasy.com/managed-dns/dns-record-types/txt-record/"),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Within),
        sources: &[
            "https://help.dnsmadeeasy.com/managed-dns/dns-record-types/txt-record/",
            "https://github.com/indianajson/can-i-take-over-dns/blob/01f10bd6f373a44eaf359441b76db600c7371eff/README.md",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "dreamhost",
        name: "DreamHost",
        servers: &["dreamhost.com"],
        menus: &["Domains", "Manage Domains", "DNS"],
        host_field: Some("Name"),
        apex: Some(""),
        value_field: Some("Value"),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Without),
        sources: &[
            "https://github.com/MicrosoftDocs/microsoft-365-docs/blob/1c7b9093dbf431a17141c9251e4ce46d79bba4e5/microsoft-365/admin/dns/create-dns-records-at-dreamhost.md",
            "https://github.com/dns-lexicon/dns-lexicon/blob/da771a561e7815ecb1ba8369c7ee62f1db27e761/src/lexicon/_private/providers/dreamhost.py",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "godaddy",
        name: "GoDaddy",
        servers: &["domaincontrol.com"],
        menus: &["Domain Portfolio", "the domain", "DNS", "Add New Record"],
        host_field: Some("Name"),
        apex: Some("@"),
        value_field: Some("Value"),
        help: Some("https://www.godaddy.com/help/add-a-txt-record-19232"),
        host_form: Some(HostForm::Relative),
        sources: &[
            "https://www.godaddy.com/pl-pl/help/dodawanie-rekordu-txt-19232",
            "https://github.com/AnalogJ/lexicon/blob/04f233f5d317f79ef6049b13eb4e6c299ef07d87/lexicon/providers/godaddy.py",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "hetzner",
        name: "Hetzner",
        servers: &["ns.hetzner.com", "ns.hetzner.de"],
        sources: &[
            "https://github.com/dns-lexicon/dns-lexicon/blob/058dd83e30c9466f004d7178e5c4e34c9096405b/src/lexicon/_private/providers/hetzner.py",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "hover",
        name: "Hover",
        servers: &["hover.com"],
        menus: &["the domain", "DNS", "Add New"],
        host_field: Some("Hostname"),
        apex: Some("@"),
        value_field: Some("Value"),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Without),
        sources: &[
            "https://github.com/MicrosoftDocs/microsoft-365-docs/blob/00000d12eef4cb2b13d2c89593f6dc3034c1439f/microsoft-365/admin/dns/create-dns-records-at-hover.md",
            "https://github.com/AnalogJ/lexicon/blob/f97208ef8897d2700597248f7ead758b8b4cd8b0/lexicon/providers/hover.py",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "inwx",
        name: "INWX",
        servers: &[
            "ns.inwx.de",
            "ns2.inwx.de",
            "ns3.inwx.eu",
            "ns4.inwx.com",
            "ns5.inwx.net",
            "ns.domrobot.com",
            "ns.domrobot.net",
            "ns.domrobot.org",
            "ns.domrobot.info",
            "ns.domrobot.biz",
        ],
        sources: &[
            "https://github.com/dns-lexicon/dns-lexicon/blob/137f95eddd8455af7ae998127b0f3755d8024137/src/lexicon/_private/providers/inwx.py",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "ionos",
        name: "IONOS",
        servers: &["ui-dns.biz", "ui-dns.com", "ui-dns.de", "ui-dns.org"],
        menus: &[
            "Domains and SSL",
            "the domain's gear",
            "DNS",
            "Add record",
            "TXT",
        ],
        host_field: Some("Host name"),
        apex: Some(""),
        value_field: Some("Value"),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Without),
        sources: &[
            "https://github.com/MicrosoftDocs/microsoft-365-docs/blob/1f15ce27f2f413fcdc9e6de5c2a47b2e0211d576/microsoft-365/admin/dns/create-dns-records-at-ionos-com.md",
            "https://github.com/dns-lexicon/dns-lexicon/blob/main/src/lexicon/_private/providers/ionos.py",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "linode",
        name: "Linode (Akamai)",
        servers: &["ns#.linode.com"],
        host_field: Some("Hostname"),
        apex: Some(""),
        value_field: Some("Value"),
        help: Some(
            "https://www.linode.com/docs/products/networking/dns-manager/guides/txt-record/",
        ),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Without),
        sources: &[
            "https://www.linode.com/docs/products/networking/dns-manager/guides/txt-record/",
            "https://www.linode.com/docs/products/networking/dns-manager/guides/authoritative-name-servers/",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "name-com",
        name: "name.com",
        servers: &["name.com"],
        menus: &["My Domains", "the domain", "DNS Records"],
        host_field: Some("Host"),
        apex: Some(""),
        value_field: Some("Answer"),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Without),
        sources: &[
            "https://github.com/MicrosoftDocs/microsoft-365-docs/blob/0eb0f75b4d7f74cf3d92696f8c73db67ab44202a/microsoft-365/admin/dns/create-dns-records-at-name-com.md",
            "https://github.com/AnalogJ/lexicon/blob/4d30298a85afc29a881335574b858ec7a4e86f9b/lexicon/providers/namecom.py",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "namecheap",
        name: "Namecheap",
        servers: &["registrar-servers.com"],
        menus: &["Domain List", "Manage", "Advanced DNS", "Add New Record"],
        host_field: Some("Host"),
        apex: Some("@"),
        value_field: Some("Value"),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Without),
        sources: &[
            "https://github.com/MicrosoftDocs/microsoft-365-docs/blob/0b815e6ee7a94c7690c8259efb58a3bd7366a629/microsoft-365/admin/dns/create-dns-records-at-namecheap.md",
            "https://github.com/tbckr/trident/blob/26a0286a58224e5a3cb335e45ce61124e5b61e52/internal/detect/patterns.yaml",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "ns1",
        name: "NS1",
        // Its servers serve other providers' zones too.
        servers: &[],
        menus: &["DNS", "Zones", "the zone", "Records", "Add record"],
        apex: Some(""),
        help: Some("https://help.ns1.com/hc/en-us/articles/360020258073-Creating-a-DNS-record"),
        host_form: Some(HostForm::Relative),
        sources: &["https://help.ns1.com/hc/en-us/articles/360020258073-Creating-a-DNS-record"],
        ..UNKNOWN
    },
    Provider {
        id: "ovhcloud",
        name: "OVHcloud",
        // Customers' own machines were named below `ovh.net` too, with longer numbers.
        servers: &[
            "dns#.ovh.net",
            "dns##.ovh.net",
            "dns###.ovh.net",
            "ns#.ovh.net",
            "ns##.ovh.net",
            "ns###.ovh.net",
        ],
        menus: &[
            "Domain names",
            "the domain",
            "DNS zone",
            "Add an entry",
            "TXT",
        ],
        host_field: Some("Sub-domain"),
        apex: Some(""),
        value_field: Some("Value"),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Without),
        sources: &[
            "https://github.com/ovh/docs/blob/04f9ff73432eb4f4fd4ff1c59aa25e06c7031565/pages/web_cloud/domains/dns_zone_edit/guide.en-gb.md",
            "https://github.com/MicrosoftDocs/microsoft-365-docs/blob/01bed715c85bfc60a637854cfabcd8e47866a609/microsoft-365/admin/dns/create-dns-records-at-ovh.md",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "porkbun",
        name: "Porkbun",
        servers: &["ns.porkbun.com"],
        sources: &[
            "https://github.com/dns-lexicon/dns-lexicon/blob/a0a2ab21d94bfa3eef0d0b084a496db15756c0f0/src/lexicon/_private/providers/porkbun.py",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "route53",
        name: "Amazon Route 53",
        servers: &[
            "awsdns-##.com",
            "awsdns-##.net",
            "awsdns-##.org",
            "awsdns-##.co.uk",
        ],
        menus: &["Hosted zones", "the zone"],
        host_field: Some("Name"),
        apex: Some(""),
        value_field: Some("Value"),
        help: Some(
            "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html#TXTFormat",
        ),
        host_form: Some(HostForm::Relative),
        quotes: Some(Quotes::Within),
        sources: &[
            "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html",
            "https://github.com/MicrosoftDocs/microsoft-365-docs/blob/01bed715c85bfc60a637854cfabcd8e47866a609/microsoft-365/admin/dns/create-dns-records-at-aws.md",
            "https://github.com/indianajson/can-i-take-over-dns/blob/01f10bd6f373a44eaf359441b76db600c7371eff/README.md",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "squarespace",
        name: "Squarespace",
        // Its servers' names are Google Cloud DNS's too.
        servers: &[],
        menus: &["Domains", "the domain", "DNS", "Add record"],
        host_field: Some("Host"),
        value_field: Some("Data"),
        host_form: Some(HostForm::Relative),
        sources: &[
            "https://help.flodesk.com/en/articles/9583973-video-guide-how-to-verify-a-domain-in-squarespace-manually",
            "https://help.pledgebox.com/portal/en/kb/articles/connecting-a-squarespace-domain-to-pledgebox",
        ],
        ..UNKNOWN
    },
    Provider {
        id: "vercel",
        name: "Vercel",
        servers: &["vercel-dns.com"],
        help: Some("https://vercel.com/docs/projects/domains/working-with-dns"),
        sources: &[
            "https://github.com/AnalogJ/lexicon/blob/1e069694a941a6998035f94763dddbbd43da0d83/lexicon/providers/vercel.py",
            "https://vercel.com/docs/projects/domains/working-with-dns",
        ],
        ..UNKNOWN
    },
];
