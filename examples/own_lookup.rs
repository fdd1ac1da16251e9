//! Brings a resolver of one's own: anything that can look up TXT records.
//!
//! ```text
//! cargo run --example own_lookup --no-default-features
//! ```
//!
//! The seam is [`TxtLookup`], one method. It suits a service that has a resolver already, sends
//! its queries through a proxy, or hosts the zones itself. Here it is the records of such a host:
//! put your client in the place of `Hosting`.
//!
//! Without the feature `resolver` the crate knows no runtime. So this program brings the timer for
//! the deadline of a check, too.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use dcv::dns::{Answer, LookupFailure, Outcome, Perspective, Soa};
use dcv::lookup::{LookupError, TxtLookup, TxtObserver};
use dcv::name::{AccountId, OwnerName, Scope};
use dcv::policy::{Policy, Timing};
use dcv::service::Dcv;
use dcv::system::Timer;

/// A zone, and the TXT records in it.
#[derive(Debug, Clone)]
struct Hosting {
    apex: OwnerName,
    records: Arc<Mutex<HashMap<OwnerName, Vec<Vec<u8>>>>>,
}

impl Hosting {
    fn publish(&self, name: &OwnerName, values: &[&str]) {
        let values = values.iter().map(|value| value.as_bytes().to_vec());
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        records.insert(name.clone(), values.collect());
    }
}

#[async_trait]
impl TxtLookup for Hosting {
    async fn lookup_txt(&self, name: &OwnerName) -> Result<Answer, LookupError> {
        if !name.is_within(&self.apex) {
            // "I could not find out" is a failure: it proves nothing and disproves nothing. The
            // cause is for your logs.
            let cause = format!("{name} is not in the zone {}", self.apex);
            return Err(LookupError::new(LookupFailure::Other, cause));
        }
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(values) = records.get(name) {
            // Records are octets, and other people's are among them: hand over all of them.
            return Ok(Answer::txt(values));
        }
        // "There is no such name" is an answer. It counts only with the SOA of the zone whose
        // word it is; a lookup that cannot show one never disproves anything.
        let soa = Soa::new(self.apex.clone(), 1, 300, 60);
        Ok(Answer::new(Outcome::nx_domain(Some(soa))))
    }
}

/// Deadlines kept by tokio; any runtime's timer is as good.
#[derive(Debug)]
struct RuntimeTimer;

#[async_trait]
impl Timer for RuntimeTimer {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let hosting = Hosting {
        apex: OwnerName::parse("example.com")?,
        records: Arc::default(),
    };
    // Who is looking, and through what. One view is enough here, because the host's own records
    // are the truth about its zone.
    let perspective = Perspective::new("hosting".parse()?);
    let dcv = Dcv::builder("example-saas")?
        .observer(TxtObserver::new(perspective, hosting.clone()))
        .policy(Policy::single_resolver())
        .timing(Timing::default().with_min_interval(Duration::ZERO))
        .timer(RuntimeTimer)
        .build()?;
    let tenant = AccountId::new("tenant-42")?;

    let elsewhere = dcv
        .issue(&tenant, &"example.net".parse()?, Scope::Host)
        .await?;
    let check = dcv.verify(&tenant, elsewhere.id()).await?;
    println!("A domain that is hosted elsewhere:\n{check}\n");

    let challenge = dcv
        .issue(&tenant, &"example.com".parse()?, Scope::Host)
        .await?;
    let check = dcv.verify(&tenant, challenge.id()).await?;
    println!("A domain without the record:\n{check}\n");

    let record = challenge.record();
    hosting.publish(record.owner(), &["a neighbour's", record.value()]);
    let check = dcv.verify(&tenant, challenge.id()).await?;
    println!("The same domain with the record:\n{check}");

    if check.is_validated() {
        Ok(())
    } else {
        Err("a published record proves control".into())
    }
}
