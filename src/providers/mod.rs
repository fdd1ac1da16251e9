//! DNS providers, as data: who serves a zone, and what their panels ask for.
//!
//! Every row of the [table](all) says only what a public document says, names the documents, and
//! the day on which they were read; what none of them says is `None`. Panels change: the row's help
//! page is the better word.
//!
//! ```
//! use dcv::name::OwnerName;
//! use dcv::providers;
//!
//! let servers = ["ada.ns.cloudflare.com.", "bob.ns.cloudflare.com."];
//! let servers: Vec<OwnerName> = servers.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
//! let provider = providers::of_servers(&servers);
//! assert_eq!(provider.map(|provider| provider.name), Some("Cloudflare"));
//! assert_eq!(providers::find("CloudFlare"), provider);
//! # Ok::<(), dcv::name::NameError>(())
//! ```

mod table;

use crate::name::OwnerName;

/// A DNS provider, as far as public documentation says it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Provider {
    /// A stable word for it, such as `cloudflare`.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What its name servers' names end in, label by label; a `#` is any one digit. Empty where no
    /// document says, and where the servers' names are shared by two providers.
    pub servers: &'static [&'static str],
    /// Where records are added in its panel: the names of the menus, from the outside.
    pub menus: &'static [&'static str],
    /// What the field for the owner name is called.
    pub host_field: Option<&'static str>,
    /// What is entered there.
    pub host_form: Option<HostForm>,
    /// What is entered there for a record at the zone's own name; an empty text where the field
    /// is left empty.
    pub apex: Option<&'static str>,
    /// What the field for the value is called.
    pub value_field: Option<&'static str>,
    /// Whether the value is entered in quotation marks.
    pub quotes: Option<Quotes>,
    /// The lowest TTL that can be set, in seconds.
    pub min_ttl: Option<u32>,
    /// A page on how records are added.
    pub help: Option<&'static str>,
    /// The documents that say all this.
    pub sources: &'static [&'static str],
    /// When they were read, as `YYYY-MM-DD`.
    pub seen: &'static str,
}

/// What a panel wants in its field for the owner name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostForm {
    /// The name without the zone's, which the panel appends.
    Relative,
    /// The whole name.
    Full,
}

/// How a panel wants the value of a TXT record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quotes {
    /// Without quotation marks; the panel adds what belongs there.
    Without,
    /// In quotation marks: without them, a value with spaces could be taken apart.
    Within,
}

/// Every provider of the table, in the order of their ids.
#[must_use]
pub fn all() -> &'static [Provider] {
    table::PROVIDERS
}

/// The provider whose name servers these are; `None` when they are nobody's, or of two.
///
/// A server counts by whole labels: `xns.cloudflare.com` is not within `ns.cloudflare.com`.
#[must_use]
pub fn of_servers<'a>(
    servers: impl IntoIterator<Item = &'a OwnerName>,
) -> Option<&'static Provider> {
    let mut found = None;
    for server in servers {
        let provider = all().iter().find(|provider| provider.serves(server))?;
        if found.is_some_and(|earlier| earlier != provider) {
            return None;
        }
        found = Some(provider);
    }
    found
}

/// The provider with this id, or with this name in any case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Provider> {
    let name = name.trim();
    all().iter().find(|provider| {
        provider.id.eq_ignore_ascii_case(name) || provider.name.eq_ignore_ascii_case(name)
    })
}

impl Provider {
    /// Whether a name server is its.
    #[must_use]
    pub fn serves(&self, server: &OwnerName) -> bool {
        self.servers.iter().any(|suffix| ends_in(server, suffix))
    }
}

/// Whether a name ends in the labels of a suffix. Names are in lower case, as the table is.
fn ends_in(name: &OwnerName, suffix: &str) -> bool {
    let mut labels = name.labels().rev();
    let mut wanted = suffix.rsplit('.');
    wanted.all(|wanted| labels.next().is_some_and(|label| is_like(label, wanted)))
}

fn is_like(label: &[u8], wanted: &str) -> bool {
    label.len() == wanted.len()
        && label
            .iter()
            .zip(wanted.bytes())
            .all(|(&octet, wanted)| match wanted {
                b'#' => octet.is_ascii_digit(),
                _ => octet == wanted,
            })
}
