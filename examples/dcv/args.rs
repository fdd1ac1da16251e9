//! The command line: what was asked for, or why it cannot be understood.

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use dcv::diagnose::Hints;
use dcv::dns::PerspectiveId;
use dcv::lookup::AddressRange;
use dcv::name::{AccountId, DomainName, ProviderName, Scope};
use dcv::policy::Rules;
use dcv::record::{Syntax, escaped};
use dcv::token::ChallengeId;
use lexopt::{Arg, Parser};

use crate::help::{ABOUT, CHECK, ISSUE, REPLAY};

/// What was asked for.
#[derive(Debug)]
pub(crate) enum Command {
    /// Print this text.
    Print(String),
    /// `dcv issue`
    Issue(Issue),
    /// `dcv check`
    Check(Check),
    /// `dcv replay`
    Replay(Replay),
}

/// `dcv issue`
#[derive(Debug)]
pub(crate) struct Issue {
    pub(crate) domain: DomainName,
    pub(crate) scope: Scope,
    pub(crate) provider: ProviderName,
    pub(crate) account: AccountId,
    pub(crate) store: PathBuf,
    /// `None` when any syntax will do.
    pub(crate) syntax: Option<Syntax>,
    pub(crate) format: Format,
    /// Whether to replace the challenge that is open.
    pub(crate) reissue: bool,
}

/// How the instructions are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    Markdown,
    /// A whole page.
    Html,
    Json,
    /// The line of a zone file.
    Zone,
}

impl std::str::FromStr for Format {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text {
            "text" => Self::Text,
            "markdown" => Self::Markdown,
            "html" => Self::Html,
            "json" => Self::Json,
            "zone" => Self::Zone,
            _ => return Err("there are the formats text, markdown, html, json and zone"),
        })
    }
}

/// A DNS server to ask.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// Who runs it, where that was said.
    pub(crate) operator: Option<PerspectiveId>,
}

/// `dcv check`
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) id: ChallengeId,
    pub(crate) store: PathBuf,
    /// Each address once; none for the default.
    pub(crate) servers: Vec<Server>,
    /// Whether to ask the zone's own servers beside these.
    pub(crate) authoritative: bool,
    /// Which name servers are asked beside those of the public Internet, and at which port.
    pub(crate) ask: Vec<AddressRange>,
    pub(crate) ask_port: Option<u16>,
    pub(crate) explain: bool,
    pub(crate) transcript: Option<PathBuf>,
    pub(crate) hints: Hints,
    pub(crate) json: bool,
}

/// `dcv replay`
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) file: PathBuf,
    pub(crate) json: bool,
}

/// A command line that cannot be understood, in words for a person.
#[derive(Debug, thiserror::Error)]
#[error("{what}\nTry `dcv {}--help`.", command.map(|command| format!("{command} ")).unwrap_or_default())]
pub(crate) struct UsageError {
    what: String,
    command: Option<&'static str>,
}

impl UsageError {
    /// The arguments of `dcv check` can be read, and not be followed.
    pub(crate) fn of_check(what: &str) -> Self {
        Self {
            what: what.to_owned(),
            command: Some("check"),
        }
    }
}

/// Reads the arguments after the program's name.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command, UsageError> {
    let mut parser = Parser::from_args(args);
    let wrong = |what: String| UsageError {
        what,
        command: None,
    };
    match parser
        .next()
        .map_err(|error| wrong(shown(&error.to_string())))?
    {
        None => Err(wrong(
            "nothing to do: give `issue`, `check` or `replay`".into(),
        )),
        Some(Arg::Long("help") | Arg::Short('h')) => Ok(Command::Print(ABOUT.into())),
        Some(Arg::Long("version") | Arg::Short('V')) => Ok(Command::Print(format!(
            "dcv {}\n",
            env!("CARGO_PKG_VERSION")
        ))),
        Some(Arg::Value(command)) if command == "issue" => {
            issue(parser).map_err(|what| UsageError {
                what,
                command: Some("issue"),
            })
        }
        Some(Arg::Value(command)) if command == "check" => {
            check(parser).map_err(|what| UsageError {
                what,
                command: Some("check"),
            })
        }
        Some(Arg::Value(command)) if command == "replay" => {
            replay(parser).map_err(|what| UsageError {
                what,
                command: Some("replay"),
            })
        }
        Some(Arg::Value(other)) => Err(wrong(format!(
            "there is no command `{}`, only `issue`, `check` and `replay`",
            shown(&other.to_string_lossy())
        ))),
        Some(option) => Err(wrong(unknown(&option))),
    }
}

fn issue(parser: Parser) -> Result<Command, String> {
    let names = ["provider", "account", "store", "scope", "syntax", "format"];
    let Some(mut given) = Given::read(parser, "DOMAIN", &names, &[], &["json", "reissue"])? else {
        return Ok(Command::Print(ISSUE.into()));
    };
    let text = given.text("DOMAIN")?;
    let (domain, implied) = Scope::split(&text).map_err(told("DOMAIN"))?;
    let named = given.optional("scope")?;
    let named: Option<Scope> = named
        .map(|scope| scope.parse().map_err(told("--scope")))
        .transpose()?;
    let scope = match (implied, named) {
        (Some(implied), Some(named)) if implied != named => {
            return Err(format!(
                "*.{domain} asks for the scope {implied}, but --scope says {named}: \
                 leave one of the two out"
            ));
        }
        (implied, named) => named.or(implied).unwrap_or(Scope::Host),
    };
    let syntax = given.optional("syntax")?;
    let format = given.optional("format")?;
    let format: Option<Format> = format
        .map(|format| format.parse().map_err(told("--format")))
        .transpose()?;
    let format = match (format, given.is_set("json")) {
        (None | Some(Format::Json), true) => Format::Json,
        (Some(_), true) => return Err("--json and another --format exclude each other".into()),
        (format, false) => format.unwrap_or(Format::Text),
    };
    Ok(Command::Issue(Issue {
        domain,
        scope,
        provider: given
            .text("provider")?
            .parse()
            .map_err(told("--provider"))?,
        account: given.text("account")?.parse().map_err(told("--account"))?,
        store: given.path("store")?,
        syntax: syntax
            .map(|syntax| syntax.parse().map_err(told("--syntax")))
            .transpose()?,
        format,
        reissue: given.is_set("reissue"),
    }))
}

fn check(parser: Parser) -> Result<Command, String> {
    let single = ["store", "transcript", "edited-at", "ask-port"];
    let flags = ["json", "authoritative", "explain", "hint-published"];
    let repeated = ["server", "ask"];
    let Some(mut given) = Given::read(parser, "ID", &single, &repeated, &flags)? else {
        return Ok(Command::Print(CHECK.into()));
    };
    let mut servers = Vec::new();
    for text in given.all("server")? {
        let (operator, text) = match text.rsplit_once('@') {
            Some((operator, address)) => {
                (Some(operator.parse().map_err(told("--server"))?), address)
            }
            None => (None, &*text),
        };
        let address = server(text)?;
        // Whoever is asked twice still has one opinion.
        if servers
            .iter()
            .any(|known: &Server| known.address == address)
        {
            return Err(format!("the server {address} is named twice"));
        }
        servers.push(Server { address, operator });
    }
    if servers.len() > Rules::MAX_PERSPECTIVES {
        let max = Rules::MAX_PERSPECTIVES;
        return Err(format!(
            "{} servers are too many: name at most {max}",
            servers.len()
        ));
    }
    let explain = given.is_set("explain");
    let transcript = given.take("transcript").map(PathBuf::from);
    let mut hints = Hints::new();
    if given.is_set("hint-published") {
        hints = hints.published();
    }
    if let Some(provider) = given.optional("edited-at")? {
        hints = hints.edited_at(&provider);
    }
    if hints != Hints::new() && !explain && transcript.is_none() {
        return Err(
            "--hint-published and --edited-at tell something to --explain: add that".into(),
        );
    }
    let ranges = given.all("ask")?.into_iter();
    let ranges = ranges.map(|range| range.parse().map_err(told("--ask")));
    let ask = ranges.collect::<Result<Vec<_>, _>>()?;
    let port = given.optional("ask-port")?;
    let port = port.map(|port| match port.parse() {
        Ok(port) if port != 0 => Ok(port),
        _ => Err(format!("--ask-port {} is not a port", shown(&port))),
    });
    Ok(Command::Check(Check {
        id: given.text("ID")?.parse().map_err(told("ID"))?,
        store: given.path("store")?,
        servers,
        authoritative: given.is_set("authoritative"),
        ask,
        ask_port: port.transpose()?,
        explain,
        transcript,
        hints,
        json: given.is_set("json"),
    }))
}

fn replay(parser: Parser) -> Result<Command, String> {
    let Some(mut given) = Given::read(parser, "FILE", &[], &[], &["json"])? else {
        return Ok(Command::Print(REPLAY.into()));
    };
    Ok(Command::Replay(Replay {
        file: given.path("FILE")?,
        json: given.is_set("json"),
    }))
}

/// The address of a server, at port 53 unless it says otherwise.
fn server(text: &str) -> Result<SocketAddr, String> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = text
        .parse::<SocketAddr>()
        .or_else(|_| text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53)))
        .ok()
        .or_else(|| Some(SocketAddr::new(IpAddr::V6(bare?.parse().ok()?), 53)));
    let Some(mut address) = address else {
        return Err(format!(
            "--server {} is not an address: write 192.0.2.1, 192.0.2.1:53, 2001:db8::1 \
             or [2001:db8::1]:53",
            shown(text)
        ));
    };
    // The IPv4 address in an IPv6 one is the same server.
    if let IpAddr::V4(ip) = address.ip().to_canonical() {
        address.set_ip(ip.into());
    }
    if address.port() == 0 || address.ip().is_unspecified() || address.ip().is_multicast() {
        return Err(format!(
            "--server {address} is not an address at which one server answers"
        ));
    }
    Ok(address)
}

/// The arguments of one command, each option with its values as they came.
struct Given {
    values: Vec<(&'static str, OsString)>,
    flags: Vec<&'static str>,
}

impl Given {
    /// Takes the one positional argument, `single` options at most once, `repeated` ones any number
    /// of times, and `flags` without a value. `None` when help was asked for.
    fn read(
        mut parser: Parser,
        positional: &'static str,
        single: &[&'static str],
        repeated: &[&'static str],
        flags: &[&'static str],
    ) -> Result<Option<Self>, String> {
        let mut given = Self {
            values: Vec::new(),
            flags: Vec::new(),
        };
        while let Some(arg) = parser.next().map_err(|error| shown(&error.to_string()))? {
            let name = match arg {
                Arg::Long("help") | Arg::Short('h') => return Ok(None),
                Arg::Value(value) if !given.has(positional) => {
                    given.values.push((positional, value));
                    continue;
                }
                Arg::Value(value) => {
                    return Err(format!(
                        "`{}` is one argument too many: there is one {positional}",
                        shown(&value.to_string_lossy())
                    ));
                }
                option @ Arg::Short(_) => return Err(unknown(&option)),
                Arg::Long(name) if flags.contains(&name) => {
                    if given.is_set(name) {
                        return Err(format!("--{name} is given twice"));
                    }
                    given
                        .flags
                        .extend(flags.iter().filter(|flag| **flag == name));
                    continue;
                }
                Arg::Long(name) => {
                    let mut known = single.iter().chain(repeated);
                    match known.find(|known| **known == name) {
                        Some(known) => *known,
                        None => return Err(unknown(&Arg::Long(name))),
                    }
                }
            };
            if given.has(name) && !repeated.contains(&name) {
                return Err(format!("--{name} is given twice"));
            }
            given.values.push((name, value(&mut parser, name)?));
        }
        Ok(Some(given))
    }

    fn is_set(&self, flag: &str) -> bool {
        self.flags.contains(&flag)
    }

    fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(given, _)| *given == name)
    }

    fn take(&mut self, name: &str) -> Option<OsString> {
        let index = self.values.iter().position(|(given, _)| *given == name)?;
        Some(self.values.remove(index).1)
    }

    fn required(&mut self, name: &str) -> Result<OsString, String> {
        self.take(name)
            .ok_or_else(|| format!("{} is missing", title(name)))
    }

    fn text(&mut self, name: &str) -> Result<String, String> {
        utf8(name, self.required(name)?)
    }

    fn path(&mut self, name: &str) -> Result<PathBuf, String> {
        self.required(name).map(PathBuf::from)
    }

    fn optional(&mut self, name: &str) -> Result<Option<String>, String> {
        self.take(name).map(|value| utf8(name, value)).transpose()
    }

    fn all(&mut self, name: &str) -> Result<Vec<String>, String> {
        std::iter::from_fn(|| self.optional(name).transpose()).collect()
    }
}

/// The value of the option just read: `--option=value`, or the next argument.
fn value(parser: &mut Parser, name: &str) -> Result<OsString, String> {
    let value = match parser.optional_value() {
        Some(value) => value,
        None => match parser.value() {
            // `--store --json` is a forgotten value, not a file of that name.
            Ok(value) if !value.to_string_lossy().starts_with('-') => value,
            _ => {
                return Err(format!(
                    "--{name} needs a value (--{name}=VALUE if it begins with a hyphen)"
                ));
            }
        },
    };
    if value.is_empty() {
        return Err(format!("the value of --{name} is empty"));
    }
    Ok(value)
}

fn utf8(name: &str, value: OsString) -> Result<String, String> {
    value
        .into_string()
        .map_err(|_| format!("{} is not UTF-8 text", title(name)))
}

/// How an argument is called: `--store`, `DOMAIN`.
fn title(name: &str) -> String {
    if name.starts_with(|first: char| first.is_ascii_uppercase()) {
        name.into()
    } else {
        format!("--{name}")
    }
}

/// Puts an argument's name before what is wrong with it.
fn told<E: std::fmt::Display>(title: &'static str) -> impl Fn(E) -> String {
    move |error| format!("{title}: {error}")
}

fn unknown(option: &Arg<'_>) -> String {
    let option = match option {
        Arg::Short(short) => format!("-{short}"),
        Arg::Long(long) => format!("--{long}"),
        Arg::Value(value) => value.to_string_lossy().into_owned(),
    };
    format!("there is no option `{}`", shown(&option))
}

/// What somebody typed, safe to print.
fn shown(text: &str) -> String {
    escaped(text.as_bytes(), 100).to_string()
}
