//! The table of mistakes.

use crate::rows;

const TABLE: &str = include_str!("../data/mistakes.tsv");

/// One row of the table.
#[derive(Debug, Clone)]
pub(crate) struct Mistake {
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) records: Vec<String>,
    pub(crate) deeds: Vec<Deed>,
    /// What is said by the default set-up; nothing where the record proves.
    pub(crate) codes: Vec<String>,
    /// What is said by a resolver alone.
    pub(crate) alone: Vec<String>,
    pub(crate) never: Option<String>,
    pub(crate) proves_beside: bool,
}

/// Something that is done to the zone, its servers or the challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    /// The challenge is for this label below the zone.
    Below(String),
    /// The challenge takes the place of an earlier one.
    Reissue,
    /// Every resolver was asked before anything was published.
    Primed,
    /// Only this server has the records.
    At(String),
    /// This server has the records under an older serial.
    Older(String),
    /// The zone's servers name this one as the only server, which they are not delegated to; it has
    /// the right record, or nothing.
    Elsewhere { server: String, published: bool },
    /// The user says that they edited the zone at this provider.
    EditedAt(String),
    /// The user says that the record is published.
    Published,
    /// This server does not know the zone.
    Forget(String),
    /// The zone is delegated to two servers whose names begin so, or to two of this provider.
    Servers(String),
    /// The zone is signed.
    Signed,
    /// It is signed, and the signatures have expired.
    Expired,
    /// There is no zone.
    None,
    /// A resolver of an unknown operator sees the record.
    Inside,
    /// The resolver that looks alone has these lines more, in which `{apex}` is the zone.
    Resolver(&'static str),
    /// So many days pass before the check.
    Pass(u64),
    /// The challenge is given up.
    Cancel,
    /// The record is removed once it has proven.
    Remove,
}

impl Deed {
    fn read(text: &str) -> Self {
        let (deed, what) = text.split_once('=').unwrap_or((text, ""));
        let what = what.to_owned();
        match deed {
            "below" => Self::Below(what),
            "reissue" => Self::Reissue,
            "primed" => Self::Primed,
            "at" => Self::At(what),
            "older" => Self::Older(what),
            "elsewhere" => Self::Elsewhere {
                server: what,
                published: true,
            },
            "elsewhere-empty" => Self::Elsewhere {
                server: what,
                published: false,
            },
            "edited-at" => Self::EditedAt(what),
            "published" => Self::Published,
            "forget" => Self::Forget(what),
            "servers" => Self::Servers(what),
            "signed" => Self::Signed,
            "expired" => Self::Expired,
            "none" => Self::None,
            "inside" => Self::Inside,
            "refusing" => Self::Resolver("    local-zone: \"{apex}.\" always_refuse\n"),
            "silent" => Self::Resolver("    local-zone: \"{apex}.\" always_deny\n"),
            "denying" => Self::Resolver("    local-zone: \"{apex}.\" always_nxdomain\n"),
            "pass" => Self::Pass(what.trim_end_matches('d').parse().unwrap()),
            "cancel" => Self::Cancel,
            "remove" => Self::Remove,
            _ => panic!("`{text}` is nothing that can be done"),
        }
    }
}

/// Every row.
pub(crate) fn mistakes() -> Vec<Mistake> {
    let rows = rows::rows::<7>(TABLE).into_iter();
    rows.map(
        |(line, [name, records, deeds, codes, alone, never, beside])| {
            let codes = list(&codes, " + ", "proven");
            let alone = match alone.as_str() {
                "=" => codes.clone(),
                alone => list(alone, " + ", "proven"),
            };
            Mistake {
                line,
                name,
                records: list(&records, " ;; ", "-"),
                deeds: list(&deeds, ",", "-")
                    .iter()
                    .map(|deed| Deed::read(deed))
                    .collect(),
                codes,
                alone,
                never: (never != "-").then_some(never),
                proves_beside: beside == "proves",
            }
        },
    )
    .collect()
}

fn list(text: &str, divided: &str, empty: &str) -> Vec<String> {
    if text == empty {
        return Vec::new();
    }
    text.split(divided).map(str::to_owned).collect()
}
