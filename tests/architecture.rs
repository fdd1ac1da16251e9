//! Guards the floors of the crate: which module may use which, and that the floors below the seams
//! stay free of IO, clocks, randomness and `async`. A new module must be given a floor here.

#[path = "support/source.rs"]
mod source;

use std::path::Path;
use std::{fs, io};

use source::Word;

/// The first floor whose modules may do IO, read clocks and wait.
const SEAMS: u8 = 3;

/// The top: may use everything, and nothing may use it.
const TOP: u8 = 5;

/// The floor of each module. Modules use their own floor and those below it.
const FLOORS: &[(&str, u8)] = &[
    ("name", 0),
    ("token", 0),
    ("record", 0),
    ("suffix", 0),
    ("clock", 0),
    ("serial", 0),
    ("document", 0),
    ("providers", 0),
    ("challenge", 1),
    ("policy", 1),
    ("dns", 1),
    ("evidence", 1),
    ("issue", 2),
    ("evaluate", 2),
    ("lifecycle", 2),
    ("diagnose", 2),
    ("instructions", 2),
    ("transcript", 2),
    ("lookup", SEAMS),
    ("store", SEAMS),
    ("verify", SEAMS),
    ("system", SEAMS),
    ("service", 4),
    ("worker", 4),
    ("conformance", TOP),
];

/// Modules of documentation: no code, and so no floor.
const DOCUMENTATION: &[&str] = &["manual"];

/// Where the network client and the runtime may be named: these files, and those below a folder of
/// the same name. Everything else reaches them through a seam.
const ADAPTERS: &[&str] = &[
    "src/lookup/authoritative",
    "src/lookup/exchange",
    "src/lookup/follow",
    "src/lookup/hickory",
    "src/system/timer",
];

/// The files longer than [`LONG`], each with the reason.
const LONG_FILES: &[(&str, &str)] = &[];

const LONG: usize = 500;
const LONG_LIB: usize = 120;

/// What is wrong with one file, as `path:line: what is wrong and what to do`.
fn faults(path: &str, text: &str) -> Vec<String> {
    let mut faults = length_faults(path, text);
    let module = module_of(path);
    let floor = match module.first() {
        None => TOP,
        Some(name) if DOCUMENTATION.contains(&name.as_str()) => {
            faults.extend(code_faults(path, text));
            return faults;
        }
        Some(name) => match floor_of(name) {
            Some(floor) => floor,
            None => {
                faults.push(format!(
                    "{path}:1: `{name}` has no floor; give it one in FLOORS"
                ));
                return faults;
            }
        },
    };
    let (words, _) = source::words(text);
    faults.extend(import_faults(path, floor, &module, &words));
    if floor < SEAMS {
        faults.extend(purity_faults(path, &module, &words));
    }
    if !is_adapter(path) {
        faults.extend(
            words
                .iter()
                .filter(|word| is_runtime(&word.text))
                .map(|word| {
                    format!(
                        "{path}:{}: `{}` belongs in an adapter (see ADAPTERS)",
                        word.line, word.text
                    )
                }),
        );
    }
    faults
}

fn length_faults(path: &str, text: &str) -> Vec<String> {
    let lines = text.lines().count();
    if path == "src/lib.rs" && lines > LONG_LIB {
        vec![format!(
            "{path}:1: {lines} lines; the crate root has at most {LONG_LIB}"
        )]
    } else if lines > LONG && !LONG_FILES.iter().any(|(long, _)| *long == path) {
        vec![format!(
            "{path}:1: {lines} lines; split it, or list it in LONG_FILES with a reason"
        )]
    } else {
        Vec::new()
    }
}

/// Anything in a module of documentation but modules and the texts that are included.
fn code_faults(path: &str, text: &str) -> Option<String> {
    const ALLOWED: [&str; 4] = ["pub", "mod", "doc", "include_str"];
    let (words, _) = source::words(text);
    let is_name = |at: usize| {
        at.checked_sub(1)
            .and_then(|before| words.get(before))
            .is_some_and(|before| before.text == "mod")
    };
    let (_, code) = words.iter().enumerate().find(|(at, word)| {
        let is_punctuation = !word.text.contains(|c: char| c.is_alphanumeric());
        !is_punctuation && !ALLOWED.contains(&word.text.as_str()) && !is_name(*at)
    })?;
    Some(format!(
        "{path}:{}: code (`{}`) in a module of documentation",
        code.line, code.text
    ))
}

/// Paths that lead up, or that do not say where they lead.
fn import_faults(path: &str, floor: u8, module: &[String], words: &[Word]) -> Vec<String> {
    if floor == TOP {
        return Vec::new();
    }
    let mut faults = Vec::new();
    for used in source::paths(words, module) {
        let [root, target, ..] = used.segments.as_slice() else {
            continue;
        };
        if root != "crate" || used.is_macro {
            continue;
        }
        let fault = match floor_of(target) {
            Some(theirs) if theirs <= floor => continue,
            Some(theirs) => format!("floor {floor} uses `{target}` of floor {theirs}"),
            None => format!("`crate::{target}` is not a module; name the item by its module"),
        };
        faults.push(format!("{path}:{}: {fault}", used.line));
    }
    faults
}

/// What the floors below the seams must not hold.
fn purity_faults(path: &str, module: &[String], words: &[Word]) -> Vec<String> {
    let fault = |line, what: &str| format!("{path}:{line}: {what} below floor {SEAMS}");
    let mut faults = Vec::new();
    for used in source::paths(words, module) {
        const IO: [&str; 7] = ["env", "fs", "io", "net", "os", "process", "thread"];
        let is_io = IO.iter().any(|io| used.starts_with(&["std", io]));
        // `io::Error` and the like would be IO in disguise. `core::net` has addresses alone: values.
        if is_io || used.starts_with(&["std", "*"]) {
            faults.push(fault(
                used.line,
                &format!("IO (`{}`)", used.segments.join("::")),
            ));
        }
    }
    for (at, word) in words.iter().enumerate() {
        let follows_clock = || {
            const CLOCKS: [&str; 4] = ["Instant", "SystemTime", "UtcDateTime", "OffsetDateTime"];
            matches!(words.get(at.saturating_sub(3)..at), Some([clock, first, second])
                if CLOCKS.contains(&clock.text.as_str()) && first.text == ":" && second.text == ":")
        };
        let what = match word.text.as_str() {
            "async" | "await" | "async_trait" | "futures_util" => "`async`",
            "rand" | "SysRng" | "OsRng" | "ThreadRng" | "getrandom" => "a random source",
            "SystemTime" | "now_utc" | "now_local" => "a clock reading",
            "now" if follows_clock() => "a clock reading",
            text if is_named_after_runtime(text) => "the runtime or the network client",
            _ => continue,
        };
        faults.push(fault(word.line, &format!("{what} (`{}`)", word.text)));
    }
    faults
}

fn floor_of(module: &str) -> Option<u8> {
    FLOORS
        .iter()
        .find(|(name, _)| *name == module)
        .map(|(_, floor)| *floor)
}

/// `src/record/expiry.rs` is `record::expiry`, `src/record/mod.rs` is `record`, `src/lib.rs` is the
/// root.
fn module_of(path: &str) -> Vec<String> {
    let inner = path.strip_prefix("src/").unwrap_or(path);
    let inner = inner.strip_suffix(".rs").unwrap_or(inner);
    let inner = inner.strip_suffix("/mod").unwrap_or(inner);
    if inner == "lib" {
        Vec::new()
    } else {
        inner.split('/').map(str::to_owned).collect()
    }
}

fn is_adapter(path: &str) -> bool {
    ADAPTERS.iter().any(|adapter| {
        path.strip_prefix(adapter)
            .is_some_and(|rest| rest == ".rs" || rest.starts_with(['/', '_']))
    })
}

/// The crates themselves.
fn is_runtime(word: &str) -> bool {
    matches!(word, "tokio" | "rustls") || word.starts_with("tokio_") || word.starts_with("hickory_")
}

/// Their names in any form: the pure floors do not know that they exist.
fn is_named_after_runtime(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    word.contains("tokio") || word.contains("hickory")
}

/// Every source file of the library with its text, without the files that hold only tests.
fn library() -> io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    read_folder("src", &mut files)?;
    let tests: Vec<Vec<String>> = files
        .iter()
        .flat_map(|(path, text)| {
            let module = module_of(path);
            let (_, tests) = source::words(text);
            tests
                .into_iter()
                .map(move |test| [module.as_slice(), &[test]].concat())
        })
        .collect();
    files.retain(|(path, _)| !tests.iter().any(|test| module_of(path).starts_with(test)));
    Ok(files)
}

fn read_folder(folder: &str, found: &mut Vec<(String, String)>) -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut entries = fs::read_dir(root.join(folder))?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = format!("{folder}/{}", entry.file_name().display());
        if entry.file_type()?.is_dir() {
            read_folder(&path, found)?;
        } else if path.ends_with(".rs") {
            let text = fs::read_to_string(entry.path())?;
            found.push((path, text));
        }
    }
    Ok(())
}

#[test]
fn the_library_keeps_to_its_floors() -> io::Result<()> {
    let files = library()?;
    assert!(
        files.iter().any(|(path, _)| path == "src/lib.rs"),
        "the library was not found"
    );
    let faults: Vec<_> = files
        .iter()
        .flat_map(|(path, text)| faults(path, text))
        .collect();
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
    Ok(())
}

#[test]
fn no_exception_outlives_its_file() -> io::Result<()> {
    let files = library()?;
    for (long, reason) in LONG_FILES {
        let lines = files
            .iter()
            .find(|(path, _)| path == long)
            .map(|(_, text)| text.lines().count());
        assert!(
            lines.is_some_and(|lines| lines > LONG),
            "{long} is not long; unlist it"
        );
        assert!(!reason.is_empty(), "{long} is listed without a reason");
    }
    Ok(())
}

/// Each sample breaks one rule, and the fault found says which and where.
#[test]
fn every_rule_is_able_to_fail() {
    const BAD: &[(&str, &str, &str)] = &[
        (
            "src/name/mod.rs",
            "use crate::record::Record;\nuse crate::dns::Answer;",
            ":2: floor 0",
        ),
        (
            "src/name/mod.rs",
            "use crate::{\n  suffix::A,\n  lookup::{B, C},\n};",
            ":3: floor 0",
        ),
        (
            "src/record/expiry.rs",
            "use super::super::policy::Policy;",
            ":1: floor 0",
        ),
        (
            "src/issue.rs",
            "fn f() {\n    super::store::g();\n}",
            ":2: floor 2",
        ),
        (
            "src/issue.rs",
            "mod inner {\n    use super::super::service;\n}",
            ":2: floor 2",
        ),
        (
            "src/issue.rs",
            "macro_rules! m { () => { $crate::verify::f() } }",
            ":1: floor 2",
        ),
        (
            "src/store/mod.rs",
            "use crate::service::Dcv;",
            ":1: floor 3",
        ),
        (
            "src/service.rs",
            "#[cfg(feature = \"conformance\")]\nuse crate::conformance::x;",
            ":2: floor 4",
        ),
        ("src/dns.rs", "use crate::*;", "`crate::*` is not a module"),
        ("src/dns.rs", "use super::*;", "`crate::*` is not a module"),
        (
            "src/dns.rs",
            "use crate::Dcv;",
            "`crate::Dcv` is not a module",
        ),
        ("src/policy.rs", "use std::fs;", "IO (`std::fs`)"),
        (
            "src/policy.rs",
            "use std::{fmt, net::IpAddr};",
            "IO (`std::net::IpAddr`)",
        ),
        (
            "src/policy.rs",
            "fn f(a: ::std::net::UdpSocket) {}",
            "IO (`std::net::UdpSocket`)",
        ),
        (
            "src/policy.rs",
            "use std::thread::{self, sleep};",
            "IO (`std::thread::self`)",
        ),
        ("src/policy.rs", "use std::*;", "IO (`std::*`)"),
        (
            "src/token/mod.rs",
            "use rand::TryRng;",
            "a random source (`rand`)",
        ),
        (
            "src/token/mod.rs",
            "fn f() { SysRng.fill() }",
            "a random source (`SysRng`)",
        ),
        ("src/evaluate.rs", "async fn f() {}", "`async` (`async`)"),
        (
            "src/evaluate.rs",
            "let f = async move {};",
            "`async` (`async`)",
        ),
        ("src/evaluate.rs", "let f = g().await;", "`async` (`await`)"),
        (
            "src/evaluate.rs",
            "#[async_trait]\ntrait T {}",
            "`async` (`async_trait`)",
        ),
        (
            "src/clock.rs",
            "use std::time::SystemTime;",
            "a clock reading (`SystemTime`)",
        ),
        (
            "src/clock.rs",
            "let t = std::time::Instant::now();",
            "a clock reading (`now`)",
        ),
        (
            "src/clock.rs",
            "let t = UtcDateTime::now();",
            "a clock reading (`now`)",
        ),
        (
            "src/clock.rs",
            "let t = OffsetDateTime::now_utc();",
            "a clock reading (`now_utc`)",
        ),
        (
            "src/dns.rs",
            "struct TokioThing;",
            "the runtime or the network client (`TokioThing`)",
        ),
        (
            "src/dns.rs",
            "use hickory_resolver::proto;",
            "belongs in an adapter",
        ),
        (
            "src/lookup/mod.rs",
            "use hickory_resolver::proto;",
            "belongs in an adapter",
        ),
        (
            "src/lookup/hickoryish.rs",
            "use hickory_resolver::proto;",
            "belongs in an adapter",
        ),
        (
            "src/service.rs",
            "fn f() { tokio::spawn(g()); }",
            "belongs in an adapter",
        ),
        (
            "src/service.rs",
            "use rustls::ClientConfig;",
            "belongs in an adapter",
        ),
        (
            "src/lib.rs",
            "pub use tokio::spawn;",
            "belongs in an adapter",
        ),
        (
            "src/manual/mod.rs",
            "pub mod page {\n    fn f() {}\n}",
            ":2: code (`fn`) in a module of documentation",
        ),
        (
            "src/manual/page.rs",
            "use crate::service::Dcv;",
            "code (`use`)",
        ),
        (
            "src/store/mod.rs",
            "use crate::manual::page;",
            "`crate::manual` is not a module",
        ),
        ("src/util.rs", "", "`util` has no floor"),
        ("src/util/mod.rs", "", "`util` has no floor"),
        // What hides from a careless reader of Rust.
        (
            "src/dns.rs",
            "const A: &str = \"\\\"\"; use crate::store::B;",
            ":1: floor 1",
        ),
        (
            "src/dns.rs",
            "const A: &str = r#\"\"\"#;\nuse crate::store::B;",
            ":2: floor 1",
        ),
        (
            "src/dns.rs",
            "const A: &str = \"\n\n\";\nuse crate::store::B;",
            ":4: floor 1",
        ),
        (
            "src/dns.rs",
            "const A: u8 = b'\"';\nuse crate::store::B;",
            ":2: floor 1",
        ),
        (
            "src/dns.rs",
            "const A: char = '\\'';\nuse crate::store::B;",
            ":2: floor 1",
        ),
        (
            "src/dns.rs",
            "fn f<'a>(a: &'a str) {}\nuse crate::store::B;",
            ":2: floor 1",
        ),
        (
            "src/dns.rs",
            "/* /* */ */ use crate::store::B;",
            ":1: floor 1",
        ),
        (
            "src/dns.rs",
            "#[cfg(test)]\nuse a::{b, c};\nuse crate::store::B;",
            ":3: floor 1",
        ),
        (
            "src/dns.rs",
            "#[cfg(test)]\nmod tests { fn f() {} }\nuse crate::store::B;",
            ":3: floor 1",
        ),
        (
            "src/dns.rs",
            "#[cfg(not(test))]\nuse crate::store::B;",
            ":2: floor 1",
        ),
    ];
    for (path, text, expected) in BAD {
        let found = faults(path, text);
        assert!(
            found.iter().any(|fault| fault.contains(expected)),
            "{path}: {text}: {found:?}"
        );
    }
    for (path, lines, expected) in [
        ("src/lib.rs", LONG_LIB + 1, "the crate root has at most"),
        ("src/store/memory.rs", LONG + 1, "split it"),
    ] {
        let found = faults(path, &"\n".repeat(lines));
        assert!(
            found.iter().any(|fault| fault.contains(expected)),
            "{path}: {found:?}"
        );
    }
}

#[test]
fn what_is_allowed_passes() {
    const GOOD: &[(&str, &str)] = &[
        (
            "src/dns.rs",
            "use crate::name::{DomainName, OwnerName as Owner};\nuse crate::policy::P;",
        ),
        (
            "src/record/expiry.rs",
            "use super::metadata::M;\npub(crate) mod a { use super::super::B; }",
        ),
        (
            "src/record/mod.rs",
            "mod expiry;\npub use expiry::Expiry;\npub(in crate::record) fn f() {}",
        ),
        (
            "src/dns.rs",
            "/// Seen by `crate::lookup`, in async code.\n// tokio\n/* rand */ fn f() {}",
        ),
        (
            "src/dns.rs",
            "const A: &str = \"async tokio crate::store::B\";",
        ),
        (
            "src/dns.rs",
            "const A: &[u8] = br##\"async \"# std::fs\"##;",
        ),
        (
            "src/dns.rs",
            "#[cfg(test)]\n#[allow(x)]\nmod tests {\n    use std::fs;\n}",
        ),
        (
            "src/dns.rs",
            "#[cfg(all(test, feature = \"serde\"))]\nmod tests { use std::fs; }",
        ),
        (
            "src/clock.rs",
            "trait Clock { fn now(&self) -> UtcDateTime; }\nfn f() { c.now() }",
        ),
        (
            "src/policy.rs",
            "use std::{fmt, time::Duration};\nfn f() { crate::words!(x) }",
        ),
        (
            "src/policy.rs",
            "let operand = random; let network = std::mem::take(&mut r);",
        ),
        (
            "src/lookup/hickory.rs",
            "use hickory_resolver::proto;\nasync fn f() {}",
        ),
        ("src/lookup/hickory/udp.rs", "use hickory_resolver::proto;"),
        (
            "src/lookup/mod.rs",
            "#[cfg(feature = \"resolver\")]\nmod hickory;\npub use hickory::H;",
        ),
        ("src/system/timer.rs", "use tokio::time::sleep;"),
        (
            "src/system/mod.rs",
            "use rand::rngs::SysRng;\nlet t = UtcDateTime::now();",
        ),
        (
            "src/service.rs",
            "use crate::lookup::HickoryLookup;\nuse std::net::IpAddr;",
        ),
        (
            "src/conformance/mod.rs",
            "use crate::service::Dcv;\nuse crate::Error;",
        ),
        (
            "src/manual/mod.rs",
            "//! Text.\n\n#[doc = include_str!(\"page.md\")]\npub mod page {}\nmod more;",
        ),
        (
            "src/lib.rs",
            "pub use crate::service::Dcv;\npub use lookup::HickoryLookup;",
        ),
    ];
    for (path, text) in GOOD {
        assert_eq!(faults(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
