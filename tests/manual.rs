//! Keeps the manual's table of requirements whole and true: every id is there once, what it says is
//! shown by tests that exist and name the id, and what is left for later is said to be.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails where it panics"
)]

use std::path::Path;
use std::{fs, io};

const MANUAL: &str = "src/manual/requirements.md";

/// The families of ids: how many there are, from 1 on.
const REQUIRED: &[(&str, u32)] = &[
    ("N", 7),
    ("SC", 4),
    ("T", 13),
    ("X", 7),
    ("K", 15),
    ("E", 9),
    ("P", 5),
    ("L", 3),
    ("M", 3),
    ("A", 1),
    ("D", 6),
    ("PS", 4),
    ("I", 6),
    ("S", 18),
];

/// Ids of families of which nothing else is done.
const REQUIRED_ALONE: &[&str] = &["DG-05"];

/// Families whose ids may only be cited when the table has them.
const OTHER_FAMILIES: &[&str] = &["C", "DG", "NS"];

/// What this version does not do at all. Taking something off this list is progress; putting
/// something on it has to be argued for.
const LATER: &[&str] = &["P-01", "P-02", "P-05", "D-01", "D-05", "D-06", "S-1"];

/// What it does in part.
const PARTLY: &[&str] = &["E-08", "S-6", "S-7", "S-12", "S-13", "S-14"];

/// Reads a file of the package; `None` when there is none.
type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

#[derive(Debug, PartialEq, Eq)]
struct Row<'a> {
    id: &'a str,
    text: &'a str,
    tests: Vec<&'a str>,
}

/// The rows of the tables, told by an id in their first cell.
fn rows(manual: &str) -> Vec<Row<'_>> {
    let cells = manual.lines().filter_map(|line| line.strip_prefix("| "));
    let rows = cells.filter_map(|line| {
        let (id, rest) = line.split_once(" |")?;
        let (text, tests) = rest.trim_end().strip_suffix('|')?.rsplit_once(" |")?;
        let is_id = ids(id).first().is_some_and(|only| only == id);
        is_id.then(|| Row {
            id,
            text,
            tests: tests.split('`').skip(1).step_by(2).collect(),
        })
    });
    rows.collect()
}

/// What is wrong with the table.
fn faults(manual: &str, read: Read<'_>) -> Vec<String> {
    let rows = rows(manual);
    let mut faults = Vec::new();
    for id in required() {
        match rows.iter().filter(|row| row.id == id).count() {
            1 => {}
            count => faults.push(format!("{id} is there {count} times")),
        }
    }
    for row in &rows {
        if !required().any(|id| id == row.id) {
            faults.push(format!("{} is not required: add it to the list", row.id));
        }
        faults.extend(row_faults(row, read).map(|fault| format!("{}: {fault}", row.id)));
    }
    faults
}

fn row_faults<'a>(row: &'a Row<'_>, read: Read<'a>) -> impl Iterator<Item = String> + 'a {
    let says_later = row.text.contains("**Later");
    let listed_later = LATER.contains(&row.id);
    let listed_partly = PARTLY.contains(&row.id);
    let standing = match (says_later, row.tests.is_empty()) {
        (false, true) => Some("neither shown by a test nor said to be for later"),
        (_, false) if listed_later => Some("listed as for later, and shown by a test"),
        (true, true) if listed_partly => Some("listed as done in part, and not shown by a test"),
        (true, true) if !listed_later => Some("for later, and not listed as such"),
        (true, false) if !listed_partly => Some("done in part, and not listed as such"),
        (false, false) if listed_partly => Some("listed as done in part, and not said to be"),
        _ => None,
    };
    let tests = row.tests.iter();
    let tests = tests.filter_map(move |test| test_fault(test, row.id, read));
    standing.map(str::to_owned).into_iter().chain(tests)
}

fn test_fault(test: &str, id: &str, read: Read<'_>) -> Option<String> {
    let Some((path, name)) = test.split_once("::") else {
        return Some(format!("`{test}` is no `file::test`"));
    };
    let Some(source) = read(path) else {
        return Some(format!("there is no {path}"));
    };
    match test_text(&source, name) {
        None => Some(format!("there is no test {name} in {path}")),
        Some(text) if !ids(&text).iter().any(|cited| cited == id) => {
            Some(format!("{name} in {path} does not name the id"))
        }
        Some(_) => None,
    }
}

/// A test with the comment and the attributes in front of it, in formatted source.
fn test_text(source: &str, name: &str) -> Option<String> {
    let lines: Vec<&str> = source.lines().collect();
    let head = format!("fn {name}(");
    let at = lines.iter().position(|line| {
        let line = line.trim_start();
        line.strip_prefix("async ")
            .unwrap_or(line)
            .starts_with(&head)
    })?;
    let (above, below) = lines.split_at(at);
    let start = above.iter().rposition(|line| line.trim().is_empty());
    let front = above.get(start.map_or(0, |blank| blank + 1)..)?;
    let is_test = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("#[test]") || line.starts_with("#[tokio::test")
    };
    front.iter().any(is_test).then_some(())?;
    let first = *below.first()?;
    let indent = first.strip_suffix(first.trim_start())?;
    let end = format!("{indent}}}");
    let length = below.iter().position(|line| *line == end)?;
    Some([front, below.get(..length)?].concat().join("\n"))
}

fn required() -> impl Iterator<Item = String> {
    let families = REQUIRED.iter();
    let ids = families.flat_map(|(family, count)| (1..=*count).map(|number| id(family, number)));
    ids.chain(REQUIRED_ALONE.iter().map(|id| (*id).to_owned()))
}

/// Security rules are numbered as numbers, requirements with two digits.
fn id(family: &str, number: u32) -> String {
    if family == "S" {
        format!("{family}-{number}")
    } else {
        format!("{family}-{number:02}")
    }
}

/// Every id that a text names, those between the ends of "K-01 to K-15" too.
fn ids(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut found: Vec<(String, u32)> = Vec::new();
    let mut is_range = false;
    for word in text.split(|c: char| !is_part(c)).filter(|w| !w.is_empty()) {
        match parse(word) {
            Some((family, number)) => {
                match found.last() {
                    Some((before, first)) if is_range && before == family => {
                        let between = first + 1..number;
                        found.extend(between.map(|number| (family.to_owned(), number)));
                    }
                    _ => {}
                }
                found.push((family.to_owned(), number));
                is_range = false;
            }
            None => is_range = word == "to",
        }
    }
    let ids = found.iter().map(|(family, number)| id(family, *number));
    ids.collect()
}

fn parse(word: &str) -> Option<(&str, u32)> {
    let (family, digits) = word.split_once('-')?;
    let is_known = REQUIRED.iter().any(|(known, _)| *known == family);
    if !is_known && !OTHER_FAMILIES.contains(&family) {
        return None;
    }
    let number = digits.parse().ok()?;
    (number < 100 && id(family, number) == word).then_some((family, number))
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

/// Every text file below a folder, with its path.
fn files(folder: &Path, found: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, found)?;
        } else if path
            .extension()
            .is_some_and(|end| end == "rs" || end == "md")
        {
            found.push((path.display().to_string(), fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

#[test]
fn the_table_is_whole_and_true() {
    let faults = faults(&read(MANUAL).unwrap(), &read);
    assert!(faults.is_empty(), "{MANUAL}:\n{}", faults.join("\n"));
}

/// Whoever reads an id in the code can look it up.
#[test]
fn no_id_is_cited_that_the_table_lacks() -> io::Result<()> {
    let manual = read(MANUAL).unwrap();
    let known: Vec<_> = rows(&manual).iter().map(|row| row.id).collect();
    let mut found = Vec::new();
    for folder in ["src", "tests", "examples", "benches"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        if folder.is_dir() {
            files(&folder, &mut found)?;
        }
    }
    assert!(found.len() > 50, "the sources were not found");
    for (path, text) in found
        .iter()
        .filter(|(path, _)| !path.ends_with("tests/manual.rs"))
    {
        for id in ids(text) {
            assert!(known.contains(&id.as_str()), "{path} cites {id}");
        }
    }
    Ok(())
}

const SOURCE: &str = "\
const A: u8 = 1;

// N-01, K-01 to K-03
#[test]
fn shows() {
    assert!(true);
}

/// S-18
#[tokio::test]
async fn shows_too() {
    // T-12: within.
}

proptest! {
    // X-02
    #[test]
    fn any(a: u8) {
        assert!(a);
    }
}

// N-02
fn helps() {
}
";

fn source(path: &str) -> Option<String> {
    (path == "tests/a.rs").then(|| SOURCE.to_owned())
}

#[test]
fn what_is_shown_passes() {
    for row in [
        "| N-01 | §6.2 | It does. | `tests/a.rs::shows` |",
        "| K-02 | §6.2 | It does. | `tests/a.rs::shows` |",
        "| S-18 | §6.2 | It does \\| or not. | `tests/a.rs::shows_too` |",
        "| T-12 | §6.2 | It does. | `tests/a.rs::shows_too` |",
        "| X-02 | §6.2 | It does. | `tests/a.rs::any` |",
        "| P-01 | §6.2 | **Later:** it will. | |",
    ] {
        let rows = rows(row);
        assert_eq!(rows.len(), 1, "{row}");
        let faults: Vec<_> = row_faults(&rows[0], &source).collect();
        assert_eq!(faults, Vec::<String>::new(), "{row}");
    }
}

/// Each sample breaks one rule, and the fault found says which.
#[test]
fn every_rule_is_able_to_fail() {
    let complete: String = required().map(|id| format!("| {id} | | a | |\n")).collect();
    let count = |text: &str, fault: &str| {
        let found = faults(text, &source);
        found.iter().filter(|one| one.contains(fault)).count()
    };
    assert_eq!(count(&complete, "times"), 0);
    assert_eq!(count("", "is there 0 times"), required().count());
    let missing = complete.replace("| K-07 |", "| - |");
    assert_eq!(count(&missing, "K-07 is there 0 times"), 1);
    let twice = format!("{complete}| S-1 | | a | |\n");
    assert_eq!(count(&twice, "S-1 is there 2 times"), 1);
    assert_eq!(count("| S-19 | | a | |", "S-19 is not required"), 1);

    for (row, expected) in [
        ("| N-01 | | a | |", "neither shown"),
        ("| P-01 | | a | |", "neither shown"),
        ("| N-01 | | **Later:** b. | |", "for later, and not listed"),
        (
            "| N-01 | | a. **Later:** b. | `tests/a.rs::shows` |",
            "in part, and not listed",
        ),
        ("| S-6 | | **Later:** b. | |", "in part, and not shown"),
        ("| S-6 | | a | `tests/a.rs::shows` |", "not said to be"),
        (
            "| P-01 | | **Later:** b. | `tests/a.rs::shows` |",
            "for later, and shown",
        ),
        ("| N-01 | | a | `shows` |", "no `file::test`"),
        (
            "| N-01 | | a | `tests/b.rs::shows` |",
            "there is no tests/b.rs",
        ),
        (
            "| N-01 | | a | `tests/a.rs::show` |",
            "there is no test show in",
        ),
        (
            "| N-02 | | a | `tests/a.rs::helps` |",
            "there is no test helps in",
        ),
        ("| N-02 | | a | `tests/a.rs::shows` |", "does not name"),
        ("| K-04 | | a | `tests/a.rs::shows` |", "does not name"),
        ("| X-02 | | a | `tests/a.rs::shows_too` |", "does not name"),
        (
            "| N-01 | | a | `tests/a.rs::shows`, `tests/a.rs::any` |",
            "any in tests/a.rs does not",
        ),
    ] {
        let rows = rows(row);
        let found: Vec<_> = row_faults(&rows[0], &source).collect();
        let is_found = found.iter().any(|fault| fault.contains(expected));
        assert!(is_found, "{row}: {found:?}");
    }
}

#[test]
fn ids_are_told_from_what_looks_like_one() {
    let text = "N-01, S-9; PS-04. P-256 SHA-256 UTF-8 S-09 N-1 XN-01 N-01-a K-13 to K-15 to T-01";
    let expected = ["N-01", "S-9", "PS-04", "K-13", "K-14", "K-15", "T-01"];
    assert_eq!(ids(text), expected);
}

/// What is wrong with the walk through all that counts: `(a)` in a cell is a line `* (a) …` that names
/// the tests, which exist; each line is of some cell; and no cell is empty.
fn walk_faults(page: &str, read: Read<'_>) -> Vec<String> {
    let shown = |line: &str| {
        let rest = line.strip_prefix("* (")?;
        Some(rest.split_once(')')?.0.to_owned())
    };
    let cells: Vec<&str> = page.lines().filter(|line| line.starts_with("| ")).collect();
    let cited = |text: &str| -> Vec<String> {
        let parts = text
            .split('(')
            .skip(1)
            .filter_map(|part| part.split_once(')'));
        let letters = parts.map(|(inside, _)| inside.to_owned());
        letters.filter(|inside| inside.len() == 1).collect()
    };
    let used: Vec<String> = cells.iter().flat_map(|line| cited(line)).collect();
    let listed: Vec<String> = page.lines().filter_map(shown).collect();
    let mut faults = Vec::new();
    for letter in &used {
        if !listed.contains(letter) {
            faults.push(format!("({letter}) names no test"));
        }
    }
    for letter in &listed {
        if !used.contains(letter) {
            faults.push(format!("({letter}) is of no cell"));
        }
    }
    // The corner of a table is no cell.
    for line in &cells {
        let inner = line.trim_matches('|');
        if inner.split('|').skip(1).any(|cell| cell.trim().is_empty()) {
            faults.push(format!("a cell is empty: {line}"));
        }
    }
    let tests = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|text| text.contains(".rs::"));
    for test in tests {
        let (path, name) = test.split_once("::").unwrap_or((test, ""));
        match read(path) {
            None => faults.push(format!("there is no {path}")),
            Some(source) if test_text(&source, name).is_none() => {
                faults.push(format!("there is no test {name} in {path}"));
            }
            Some(_) => {}
        }
    }
    faults
}

// S-2: every cell of the walk is filled, and the tests that it names exist.
#[test]
fn every_cell_of_the_walk_is_shown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(folder.join(path)).ok();
    let page = read("src/manual/counting.md").unwrap();
    assert_eq!(walk_faults(&page, &read), Vec::<String>::new());
    for (from, to, fault) in [
        ("* (g) ", "* (y) ", "(g) names no test"),
        ("* (g) ", "* (y) ", "(y) is of no cell"),
        (
            "one_server_alone_gives_no_address",
            "nothing",
            "no test nothing",
        ),
        (
            "tests/exchange.rs",
            "tests/nowhere.rs",
            "no tests/nowhere.rs",
        ),
        ("| asked again (e) |", "| |", "a cell is empty"),
    ] {
        let found = walk_faults(&page.replacen(from, to, 1), &read);
        assert!(
            found.iter().any(|one| one.contains(fault)),
            "{fault}: {found:?}"
        );
    }
}
