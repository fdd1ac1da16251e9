//! A whole verification against the bare exchanges that it stands on: the same questions to the
//! same server, one at a time and 64 at a time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dcv::challenge::Challenge;
use dcv::clock::Clock as _;
use dcv::lookup::HickoryLookup;
use dcv::policy::{Policy, Wildcards};
use dcv::system::{SystemClock, TokioTimer};
use dcv::verify::{DnsVerifier, Verifier as _};
use futures_util::StreamExt as _;
use futures_util::stream::iter;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::client::Client;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::udp::UdpClientStream;
use hickory_resolver::net::xfer::{DnsHandle as _, DnsRequestSender as _, FirstAnswer as _};
use hickory_resolver::proto::op::{DnsRequest, DnsRequestOptions, Query};
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{Resolver, TokioResolver};
use tokio::runtime::Runtime;

use crate::ratio::{Bound, Report, cpu};
use crate::scene::challenge;
use crate::server::Server;

const CHALLENGES: usize = 256;
const TIMEOUT: Duration = Duration::from_secs(2);

/// The challenges, and the names that a verification of each asks for.
struct Field {
    address: SocketAddr,
    challenges: Vec<Challenge>,
    owners: Vec<Name>,
    siblings: Vec<Name>,
    provider: TokioRuntimeProvider,
}

impl Field {
    fn verifier(&self, wildcards: Wildcards) -> DnsVerifier {
        let observers = HickoryLookup::observers_for([self.address]);
        observers
            .into_iter()
            .fold(
                DnsVerifier::builder(Arc::new(SystemClock::new()), Arc::new(TokioTimer::new()))
                    .policy(Policy::single_resolver().with_wildcards(wildcards)),
                |builder, observer| builder.observer(observer),
            )
            .build()
            .unwrap()
    }

    /// What is asked about challenge `index`: the record, and the probe where wildcards are
    /// refused.
    fn names(&self, index: usize, wildcards: Wildcards) -> impl Iterator<Item = &Name> {
        let probe = (wildcards == Wildcards::Reject).then(|| &self.siblings[index]);
        [&self.owners[index]].into_iter().chain(probe)
    }

    fn resolver(&self) -> TokioResolver {
        let mut udp = ConnectionConfig::udp();
        udp.port = self.address.port();
        let server = NameServerConfig::new(self.address.ip(), true, vec![udp]);
        let config = ResolverConfig::from_name_servers(vec![server]);
        let mut builder = Resolver::builder_with_config(config, self.provider.clone());
        let options = builder.options_mut();
        options.cache_size = 0;
        options.use_hosts_file = ResolveHosts::Never;
        options.attempts = 1;
        options.case_randomization = true;
        builder.build().unwrap()
    }

    fn stream(&self) -> UdpClientStream<TokioRuntimeProvider> {
        UdpClientStream::builder(self.address, self.provider.clone())
            .with_timeout(Some(TIMEOUT))
            .build()
    }

    fn client(&self) -> Client<TokioRuntimeProvider> {
        let (client, background) = Client::from_sender(self.stream());
        tokio::spawn(background);
        client
    }
}

/// As a verification asks.
fn options() -> DnsRequestOptions {
    let mut options = DnsRequestOptions::default();
    options.use_edns = true;
    options.edns_payload_len = 1232;
    options.case_randomization = true;
    options
}

/// A name in absolute form, with its labels as hickory takes them.
fn hickory_name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

/// A server, and what is asked of it.
struct Scene {
    _server: Server,
    runtime: Runtime,
    field: Field,
}

fn scene() -> Scene {
    let now = SystemClock::new().now();
    let challenges: Vec<Challenge> = (0..CHALLENGES)
        .map(|index| challenge(&format!("d{index}.example.com"), 1, now))
        .collect();
    let server = Server::start(challenges[0].record().value());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let names = |of: fn(&Challenge) -> String| {
        let names = challenges.iter().map(of);
        names.map(|name| hickory_name(&name)).collect()
    };
    let field = Field {
        address: server.address(),
        owners: names(|challenge| challenge.owner().to_string()),
        siblings: names(|challenge| format!("_6d3f0c1c9a7b24e5d8f60a13.{}.", challenge.domain())),
        provider: TokioRuntimeProvider::new(),
        challenges,
    };
    Scene {
        _server: server,
        runtime,
        field,
    }
}

pub(crate) fn ratios(report: &mut Report) {
    let scene = scene();
    let (runtime, field) = (&scene.runtime, &scene.field);
    for wildcards in [Wildcards::Accept, Wildcards::Reject] {
        for in_flight in [1, 64] {
            against(report, runtime, field, wildcards, in_flight);
        }
    }
}

fn against(
    report: &mut Report,
    runtime: &Runtime,
    field: &Field,
    wildcards: Wildcards,
    in_flight: usize,
) {
    let asks = match wildcards {
        Wildcards::Accept => "record only",
        _ => "record and probe",
    };
    let what = |against: &str| format!("verify / {against}, {asks}, {in_flight} in flight");
    let count = if report.is_quick() { 1 } else { 128 };
    let next = AtomicUsize::new(0);
    let indices = || {
        let from = next.fetch_add(count, Ordering::Relaxed);
        (from..from + count).map(|index| index % CHALLENGES)
    };

    let verifier = field.verifier(wildcards);
    let verify = || {
        let looks = iter(indices()).map(|index| verifier.examine(&field.challenges[index]));
        let check = looks.buffer_unordered(in_flight).for_each(async |done| {
            assert!(done.verdict().is_validated(), "{:?}", done.verdict());
        });
        runtime.block_on(check);
    };

    let client = runtime.block_on(async { field.client() });
    let exchange = || {
        let exchanges = iter(indices()).map(async |index| {
            for name in field.names(index, wildcards) {
                let query = Query::query(name.clone(), RecordType::TXT);
                let reply = client.lookup(query, options()).first_answer().await;
                assert!(reply.unwrap().metadata.authoritative);
            }
        });
        runtime.block_on(
            exchanges
                .buffer_unordered(in_flight)
                .for_each(async |()| ()),
        );
    };
    let bound = Bound::AtMost(1.15);
    report.ratio(1, what("hickory's UDP client"), bound, verify, exchange);

    let stream = || {
        let exchanges = iter(indices()).map(async |index| {
            for name in field.names(index, wildcards) {
                let query = Query::query(name.clone(), RecordType::TXT);
                let request = DnsRequest::from_query(query, options());
                let reply = field.stream().send_message(request).first_answer().await;
                assert!(reply.unwrap().metadata.authoritative);
            }
        });
        runtime.block_on(
            exchanges
                .buffer_unordered(in_flight)
                .for_each(async |()| ()),
        );
    };
    report.ratio(1, what("its stream alone"), Bound::Any, verify, stream);

    let resolver = runtime.block_on(async { field.resolver() });
    let resolve = || {
        let lookups = iter(indices()).map(async |index| {
            for name in field.names(index, wildcards) {
                let found = resolver.lookup(name.clone(), RecordType::TXT).await;
                let negative = |error: &hickory_resolver::net::NetError| error.is_nx_domain();
                assert!(found.as_ref().err().is_none_or(negative));
            }
        });
        runtime.block_on(lookups.buffer_unordered(in_flight).for_each(async |()| ()));
    };
    report.ratio(
        1,
        what("hickory-resolver"),
        Bound::AtMost(0.75),
        verify,
        resolve,
    );
}

/// How much is verified at 1, 16, 128 and 1024 in flight, beside the bare exchanges of the same
/// names in the same run, turn by turn; and that nothing is lost.
pub(crate) fn load(quick: bool) {
    let scene = scene();
    let (runtime, field) = (&scene.runtime, &scene.field);
    println!("\nrecord and wildcard probe, two queries a verification; medians of the turns");
    println!("in flight  verifications/s  CPU µs each  of the bare client's CPU  lost");
    for in_flight in [1, 16, 128, 1024] {
        let (turns, count) = match (quick, in_flight) {
            (true, _) => (1, in_flight),
            (false, 1) => (7, 2000),
            (false, _) => (7, 8192),
        };
        let verifier = field.verifier(Wildcards::Reject);
        let client = runtime.block_on(async { field.client() });
        let (mut rates, mut costs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        let mut lost = 0;
        for _ in 0..turns {
            let begun = (Instant::now(), cpu());
            let looks = iter(0..count).map(|index| {
                let challenge = &field.challenges[index % CHALLENGES];
                verifier.examine(challenge)
            });
            let looks = looks.buffer_unordered(in_flight);
            let validated = looks.filter(|done| {
                let validated = done.verdict().is_validated();
                async move { validated }
            });
            lost += count - runtime.block_on(validated.count());
            let cost = cpu() - begun.1;
            let each = f64::from(u32::try_from(count).unwrap());
            rates.push(each / begun.0.elapsed().as_secs_f64());
            costs.push(1e6 * cost / each);

            let begun = cpu();
            let exchanges = iter(0..count).map(async |index| {
                for name in field.names(index % CHALLENGES, Wildcards::Reject) {
                    let query = Query::query(name.clone(), RecordType::TXT);
                    let _ = client.lookup(query, options()).first_answer().await;
                }
            });
            let exchanges = exchanges.buffer_unordered(in_flight);
            runtime.block_on(exchanges.for_each(async |()| ()));
            ratios.push(cost / (cpu() - begun));
        }
        let [rate, cost, ratio] = [rates, costs, ratios].map(median);
        println!("{in_flight:>9}  {rate:>15.0}  {cost:>11.1}  {ratio:>24.2}  {lost:>4}");
        assert_eq!(lost, 0, "verifications were lost at {in_flight} in flight");
    }
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}
