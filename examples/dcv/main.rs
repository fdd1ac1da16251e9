//! Domain control validation on the command line: issues challenges and checks them.
//!
//! ```text
//! cargo run --example dcv -- issue example.com --provider example-saas --account 42 --store dcv.json
//! cargo run --example dcv -- check ID --store dcv.json
//! cargo run --example dcv -- check ID --store dcv.json --server 192.0.2.53 --explain
//! cargo run --example dcv -- replay transcript.json
//! ```
//!
//! The contract for scripts:
//!
//! * Standard output holds the result and nothing else; with `--json` that is one JSON object on
//!   one line (see `output.rs`), and `issue` has other forms of its instructions (`--format`).
//!   Standard error is for people.
//! * The exit status is 0 for validated (and for a challenge issued), 1 for unproven or rejected,
//!   2 for indeterminate, and 3 for wrong usage, bad input, or a store that cannot be used; also
//!   for a transcript that cannot be written, and then alone the result is printed all the same.
//! * A challenge that was validated stays so until its proof ends: it is not looked for again. What
//!   has ended is rejected.
//!
//! It shows how to use the library with a store of one's own (`store.rs`, `file.rs`), and with DNS
//! servers of one's own choice. Whoever may read the store may check its challenges: unlike in a
//! service, nobody has to say for whom.

mod args;
mod file;
mod help;
mod output;
mod store;
mod terminal;
mod transcript;

use std::collections::HashSet;
use std::error::Error;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use dcv::challenge::{Expectation, Form};
use dcv::dns::{Group, Perspective};
use dcv::evaluate::Verdict;
use dcv::issue::Style;
use dcv::lookup::{AddressFilter, AuthoritativeLookup, DnsObserver, HickoryLookup, Observer};
use dcv::policy::{Policy, Timing};
use dcv::service::{Dcv, DcvBuilder};
use dcv::store::ChallengeStore as _;

use args::{Command, UsageError};
use store::FileStore;

type Failure = Box<dyn Error>;

const VALIDATED: u8 = 0;
const NOT_PROVEN: u8 = 1;
const INDETERMINATE: u8 = 2;
const FAILED: u8 = 3;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let done = match run().await {
        Ok((text, ended)) => print(&text).and(ended),
        Err(failure) => Err(failure),
    };
    let code = done.unwrap_or_else(|failure| {
        complain(&*failure);
        FAILED
    });
    ExitCode::from(code)
}

/// What to print, and then the exit status, or what failed beside.
async fn run() -> Result<(String, Result<u8, Failure>), Failure> {
    let (text, code) = match args::parse(std::env::args_os().skip(1))? {
        Command::Print(text) => (text, VALIDATED),
        Command::Issue(args) => issue(args).await?,
        Command::Check(args) => return check(args).await,
        Command::Replay(args) => replay(&args)?,
    };
    Ok((text, Ok(code)))
}

async fn issue(args: args::Issue) -> Result<(String, u8), Failure> {
    let form = Form::Draft(args.syntax.unwrap_or_default());
    let dcv = builder(args.provider.as_str())?
        .store(FileStore::new(args.store.clone())?)
        .style(Style::new(form.clone()))
        .build()?;
    let (account, domain) = (&args.account, &args.domain);
    let challenge = match args.reissue {
        true => dcv.reissue(account, domain, args.scope).await?,
        false => dcv.issue(account, domain, args.scope).await?,
    };
    // The challenge that is open already may have been issued in another syntax.
    let is_asked_for = |expectation: &Expectation| *expectation.form() == form;
    if args.syntax.is_some() && !challenge.expectations().iter().any(is_asked_for) {
        let id = challenge.id();
        return Err(format!(
            "challenge {id} is open for the same, in another syntax: leave --syntax out to see it"
        )
        .into());
    }
    let instructions = dcv.instructions(&challenge);
    let text = output::issued(&challenge, &instructions, args.format, &args.store)?;
    Ok((text, VALIDATED))
}

async fn check(args: args::Check) -> Result<(String, Result<u8, Failure>), Failure> {
    let store = FileStore::existing(args.store.clone())?;
    let transcript = args.transcript.as_deref();
    if transcript.is_some_and(|file| transcript::is_of_store(file, &args.store)) {
        let what = "--transcript names a file of the store, which would be lost: name another file";
        return Err(UsageError::of_check(what).into());
    }
    let Some(challenge) = store.get(&args.id).await? else {
        return Err(format!("there is no challenge {} in this store", args.id).into());
    };
    // The provider's name is for new challenges; this one has its owner name.
    let dcv = builder("unnamed")?.store(store);
    let (dcv, note) = looking_through(dcv, &args)?;
    let dcv = dcv.build()?;
    let check = dcv.verify(challenge.account(), &args.id).await?;
    let investigation = if args.explain || args.transcript.is_some() {
        Some(dcv.investigate(&check, &args.hints).await?)
    } else {
        None
    };
    let explained = investigation.as_ref().filter(|_| args.explain);
    let mut text = output::checked(&check, explained, args.json)?;
    if let (Some(note), false) = (note, args.json) {
        text.push('\n');
        text.push_str(&note);
    }
    let written = match (transcript, &investigation) {
        (Some(file), Some(investigation)) => transcript::write(file, investigation),
        _ => Ok(()),
    };
    Ok((text, written.map(|()| exit_status(check.verdict()))))
}

fn replay(args: &args::Replay) -> Result<(String, u8), Failure> {
    let investigation = transcript::read(&args.file)?;
    let code = exit_status(&investigation.inquiry().verdict());
    Ok((output::replayed(&investigation, args.json)?, code))
}

fn exit_status(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Validated { .. } => VALIDATED,
        Verdict::Unproven { .. } | Verdict::Rejected { .. } => NOT_PROVEN,
        _ => INDETERMINATE,
    }
}

fn builder(provider: &str) -> Result<DcvBuilder, Failure> {
    // A script may ask as often as it likes.
    let timing = Timing::default().with_min_interval(Duration::ZERO);
    Ok(Dcv::builder(provider)?.timing(timing))
}

/// Through the servers named, as far as they are independent, and through the zone's own where that
/// is asked for; without any, through what the library takes by itself. With what is to be said of
/// servers that do not count.
fn looking_through(
    mut dcv: DcvBuilder,
    args: &args::Check,
) -> Result<(DcvBuilder, Option<String>), Failure> {
    let observers = args.servers.iter().map(observer);
    let observers = observers.collect::<Result<Vec<_>, _>>()?;
    let perspectives: Vec<_> = observers.iter().flat_map(Observer::perspectives).collect();
    let groups: HashSet<_> = perspectives.iter().map(Perspective::group).collect();
    let (named, counting) = (perspectives.len(), groups.len());
    let note = (counting < named).then(|| {
        format!(
            "The {named} servers count as {counting}: those of one operator or one network are one \
             voice.\nWhere they are independent, say who runs each: --server NAME@ADDRESS.\n"
        )
    });
    if let Some(view) = explaining(args, perspectives.first())? {
        dcv = dcv.diagnose_through(view);
    }
    if args.authoritative {
        dcv = dcv.observer(in_network(args, AuthoritativeLookup::from_root()));
    }
    let dcv = match u8::try_from(counting + usize::from(args.authoritative))? {
        0 => return Ok((dcv, note)),
        1 => dcv.policy(Policy::single_resolver()),
        of => dcv.policy(Policy::k_of_n(of / 2 + 1, of)?),
    };
    Ok((dcv.observers(observers), note))
}

/// A server as a perspective: of its operator where that was said, otherwise of whom its address
/// shows.
fn observer(server: &args::Server) -> Result<DnsObserver<HickoryLookup>, Failure> {
    let Some(operator) = &server.operator else {
        let mut by_address = HickoryLookup::observers_for([server.address]);
        return by_address
            .pop()
            .ok_or_else(|| format!("the server {} cannot be asked", server.address).into());
    };
    let perspective = Perspective::new(server.address.to_string().parse()?);
    let group = Group::Operator(operator.clone());
    let lookup = HickoryLookup::from_servers([server.address])?;
    Ok(lookup.observe_as(perspective.with_group(group)))
}

/// The zone's own servers, for explanations only: as the first server names them, or, where the
/// network is one's own, as the root does. Elsewhere they are looked at anyway.
fn explaining(
    args: &args::Check,
    first: Option<&Perspective>,
) -> Result<Option<AuthoritativeLookup>, Failure> {
    let is_own = !args.ask.is_empty() || args.ask_port.is_some();
    let view = match (args.servers.first(), first) {
        (Some(server), Some(first)) if !args.authoritative => {
            AuthoritativeLookup::through(first, HickoryLookup::from_servers([server.address])?)
        }
        (None, _) if !args.authoritative && is_own => AuthoritativeLookup::from_root(),
        _ => return Ok(None),
    };
    Ok(Some(in_network(args, view)))
}

/// The same for a network of one's own.
fn in_network(args: &args::Check, view: AuthoritativeLookup) -> AuthoritativeLookup {
    let ranges = args.ask.iter().copied();
    let filter = ranges.fold(AddressFilter::new(), AddressFilter::allowing);
    match args.ask_port {
        Some(port) => view.with_port(port).with_filter(filter.allowing_port(port)),
        None => view.with_filter(filter),
    }
}

/// Prints the result. That it cannot be printed is a failure: nobody would know it.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| format!("the result cannot be printed: {error}").into())
}

/// An error and its causes, on standard error if that is there.
fn complain(failure: &dyn Error) {
    let mut text = format!("dcv: {failure}");
    let causes = std::iter::successors(failure.source(), |cause| (**cause).source());
    for cause in causes {
        text.push_str(": ");
        text.push_str(&cause.to_string());
    }
    let _ = writeln!(std::io::stderr(), "{text}");
}
