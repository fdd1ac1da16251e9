use std::collections::BTreeSet;

use super::catalogue::{COMMON, Contract, PARAMS, own, read};
use crate::diagnose::{Code, English, Part, Phrasebook};

const PAGE: &str = include_str!("../../manual/diagnosis.md");

/// The section about a code.
fn section(code: Code) -> &'static str {
    let head = format!("\n## `{code}`\n");
    let mut sections = PAGE.match_indices(&head);
    let (at, _) = sections
        .next()
        .unwrap_or_else(|| panic!("the manual has no section on {code}"));
    assert!(sections.next().is_none(), "two sections on {code}");
    let text = &PAGE[at + head.len()..];
    text.find("\n#").map_or(text, |end| &text[..end])
}

/// The item of a section that begins with this word.
fn item(section: &'static str, word: &str) -> &'static str {
    let head = format!("* **{word}:** ");
    let (_, text) = section
        .split_once(head.as_str())
        .unwrap_or_else(|| panic!("no item {word} in {section}"));
    text.find("\n* **").map_or(text, |end| &text[..end])
}

/// The parameters in an item, with a `?` where they are optional.
fn listed(item: &str) -> Vec<(String, bool)> {
    let mut parts = item.split('`');
    parts.next();
    let mut listed = Vec::new();
    while let (Some(key), Some(rest)) = (parts.next(), parts.next()) {
        listed.push((key.to_owned(), rest.starts_with('?')));
    }
    listed
}

#[test]
fn the_manual_has_every_code_with_its_parameters() {
    for code in Code::ALL {
        let section = section(code);
        for word in [
            "Means",
            "Found out",
            "Cannot be told apart",
            "Tell the user",
        ] {
            assert!(item(section, word).len() > 10, "{code}: {word}");
        }
        let expected: Vec<_> = own(code)
            .into_iter()
            .map(|contract| (contract.key.to_owned(), contract.is_optional))
            .collect();
        assert_eq!(listed(item(section, "Parameters")), expected, "{code}");
        // How rustdoc makes an anchor of the heading.
        assert!(code.documentation().ends_with(&format!("#{code}")));
    }
    let sections = PAGE.matches("\n## ").count();
    assert_eq!(sections, Code::ALL.len(), "a section is of no code");
    for contract in read(COMMON) {
        assert!(PAGE.contains(&format!("\n| `{}` | ", contract.key)));
    }
    let codes: BTreeSet<Code> = PARAMS.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, BTreeSet::from(Code::ALL));
}

/// The keys in a template: those outside of optional parts, and all.
fn keys(template: &str) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let (mut always, mut all) = (BTreeSet::new(), BTreeSet::new());
    let mut depth = 0;
    for (at, c) in template.char_indices() {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            '{' => {
                let key = template[at + 1..].split_once('}').unwrap().0;
                all.insert(key);
                if depth == 0 {
                    always.insert(key);
                }
            }
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{template}");
    (always, all)
}

/// What may be hidden from a user, though the code always has it (S-17).
fn may_be_hidden(contract: &Contract) -> bool {
    match (contract.key, contract.kind) {
        ("owner" | "zone" | "registrable" | "parent", _) => false,
        ("characters" | "length" | "format", _) => true,
        (_, kind) => matches!(kind, "Name" | "Names" | "Data"),
    }
}

// S-17: no sentence says that something is hidden, and none needs what a code may not have.
#[test]
fn english_keeps_to_the_contract() {
    for code in Code::ALL {
        let mut contracts = read(COMMON);
        contracts.extend(own(code));
        let mut used = BTreeSet::new();
        for part in Part::ALL {
            let template = English.template(code, part);
            let (always, all) = keys(template);
            for key in &all {
                let contract = contracts.iter().find(|contract| contract.key == *key);
                let contract =
                    contract.unwrap_or_else(|| panic!("{code} has no {key}: {template}"));
                let is_sure = !contract.is_optional && !may_be_hidden(contract);
                assert!(
                    is_sure || !always.contains(key),
                    "{code}, {key}: {template}"
                );
            }
            used.extend(all);
            if part != Part::Why {
                assert!(!template.is_empty(), "{code}: {part:?}");
            }
            let stops = template.ends_with(['.', ']']);
            assert!(
                template.is_empty() || stops == (part != Part::Title),
                "{template}"
            );
        }
        for contract in own(code) {
            assert!(
                used.contains(contract.key),
                "{code} never says {}",
                contract.key
            );
        }
    }
}
