//! Names: of domains, of their owners in the DNS, of the scopes a proof has, and of the parties.
//!
//! | Word | Type |
//! |---|---|
//! | the domain whose control is to be proven | [`DomainName`] |
//! | any absolute name in the DNS | [`OwnerName`] |
//! | what a proof covers | [`Scope`] |
//! | the Application Service Provider, who asks | [`ProviderName`] |
//! | the User, who answers | [`AccountId`] |
//! | how challenge names are composed of these | [`Naming`] |
//!
//! Every constructor checks; a value that exists is valid. Names compare case-insensitively
//! because they are kept in one case.
//!
//! ```
//! use dcv::name::{AccountId, DomainName, Naming, ProviderName, Scope};
//!
//! let domain: DomainName = "Bücher.Example.".parse()?;
//! assert_eq!(domain.as_str(), "xn--bcher-kva.example");
//!
//! let naming = Naming::new(ProviderName::new("example-saas")?)?;
//! let owner = naming.owner(&domain, Scope::Domain, &AccountId::new("tenant-42")?)?;
//! assert_eq!(owner.to_string(), "_example-saas-domain-challenge.xn--bcher-kva.example.");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod domain;
mod error;
mod excerpt;
mod naming;
mod owner;
mod party;
mod registry;
mod scope;
#[cfg(feature = "serde")]
mod serial;
mod word;

pub use domain::DomainName;
pub use error::{NameError, Place, UrlPart};
pub use naming::{AccountLabels, Naming, NamingBuilder, NamingError};
pub use owner::{OwnerLabels, OwnerName};
pub use party::{AccountId, PartyError, ProviderName};
pub use scope::Scope;
pub use word::WordFault;

/// Octets a label may have (RFC 1035 §2.3.4).
pub(crate) const MAX_LABEL: usize = 63;
/// Octets a name may have as text without its final dot, which are 255 in wire form.
pub(crate) const MAX_NAME: usize = 253;
