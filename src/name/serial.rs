//! Names as text for `serde`; reading goes through the constructors (S-4).

use super::{AccountId, DomainName, OwnerName, ProviderName, Scope};

crate::serial::as_text! {
    DomainName: "a domain name", |name| name, str::parse;
    OwnerName: "an absolute name in presentation form", |name| name, str::parse;
    Scope: "host, wildcard or domain", |scope| scope, str::parse;
    ProviderName: "a provider name", |name| name, str::parse;
    AccountId: "an account identifier", |id| id.as_str(), str::parse;
}
