//! Reads Rust source as far as the architecture test needs: words, punctuation and paths, without
//! comments, literals and test code. It knows no grammar; what it misreads shows up as a complaint
//! about a line, never as silence about a whole file.

/// A word or one punctuation character, with the line it stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// A path such as `crate::name::OwnerName`, its groups taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) line: usize,
    /// Followed by `!`: the name of a macro, which lives outside the modules.
    pub(crate) is_macro: bool,
}

impl Path {
    /// Whether the path is `segments` or lies below it.
    pub(crate) fn starts_with(&self, segments: &[&str]) -> bool {
        self.segments.len() >= segments.len()
            && self
                .segments
                .iter()
                .zip(segments)
                .all(|(ours, theirs)| ours == theirs)
    }
}

/// The words of a source text outside comments, literals and items under `#[cfg(test)]`, and the
/// names of the modules under `#[cfg(test)]` that live in files of their own.
pub(crate) fn words(source: &str) -> (Vec<Word>, Vec<String>) {
    without_tests(&lex(source))
}

/// Every path in `words` that begins with `crate`, `super`, `std` or `core`, the `super`s resolved
/// against `module`, the module that the file holds.
pub(crate) fn paths(words: &[Word], module: &[String]) -> Vec<Path> {
    let mut found = Vec::new();
    let mut here = module.to_vec();
    // The depths at which the inline modules that enclose the current word began.
    let mut inline = Vec::new();
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate() {
        match word.text.as_str() {
            "{" => {
                if at >= 2 && text(words, at - 2) == "mod" {
                    here.push(text(words, at - 1).to_owned());
                    inline.push(depth);
                }
                depth += 1;
            }
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last() == Some(&depth) {
                    inline.pop();
                    here.pop();
                }
            }
            "crate" | "super" | "std" | "core" if !continues_a_path(words, at) => {
                let mut written = Vec::new();
                path_tree(words, at, &[], &mut written);
                found.extend(written.into_iter().filter_map(|path| resolve(path, &here)));
            }
            _ => {}
        }
    }
    found
}

/// Whether the word at `at` follows `name::`. A leading `::` begins a path.
fn continues_a_path(words: &[Word], at: usize) -> bool {
    at >= 3
        && text(words, at - 1) == ":"
        && text(words, at - 2) == ":"
        && (is_name(text(words, at - 3)) || text(words, at - 3) == ">")
}

/// Reads the path at `at`, with everything its groups expand to, and returns where it ends.
fn path_tree(words: &[Word], mut at: usize, before: &[String], found: &mut Vec<Path>) -> usize {
    let mut segments = before.to_vec();
    loop {
        let line = words.get(at).map_or(0, |word| word.line);
        match text(words, at) {
            "{" => {
                at += 1;
                while !matches!(text(words, at), "}" | "") {
                    let end = path_tree(words, at, &segments, found);
                    // Over whatever is no path here, such as `as name`, up to the next one.
                    at = end.max(at + 1);
                    while !matches!(text(words, at), "," | "}" | "") {
                        at += 1;
                    }
                    at += usize::from(text(words, at) == ",");
                }
                return at + 1;
            }
            "*" => {
                segments.push("*".to_owned());
                found.push(Path {
                    segments,
                    line,
                    is_macro: false,
                });
                return at + 1;
            }
            name if is_name(name) => {
                segments.push(name.to_owned());
                at += 1;
                if text(words, at) == ":" && text(words, at + 1) == ":" {
                    at += 2;
                    continue;
                }
                let is_macro = text(words, at) == "!" && text(words, at + 1) != "=";
                found.push(Path {
                    segments,
                    line,
                    is_macro,
                });
                return at;
            }
            _ => {
                // `Vec::<u8>` and its like: the path is over for our purpose.
                found.push(Path {
                    segments,
                    line,
                    is_macro: false,
                });
                return at;
            }
        }
    }
}

/// Turns `super::…` into `crate::…`. A path above the crate is no path.
fn resolve(mut path: Path, here: &[String]) -> Option<Path> {
    let ups = path
        .segments
        .iter()
        .take_while(|segment| *segment == "super")
        .count();
    if ups > 0 {
        let kept = here.len().checked_sub(ups)?;
        let mut segments = vec!["crate".to_owned()];
        segments.extend(here.iter().take(kept).cloned());
        segments.extend(path.segments.drain(ups..));
        path.segments = segments;
    }
    Some(path)
}

fn text(words: &[Word], at: usize) -> &str {
    words.get(at).map_or("", |word| word.text.as_str())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first == '_' || first.is_alphabetic())
}

/// Drops each item under `#[cfg(test)]` or `#[cfg(all(test, …))]`.
fn without_tests(words: &[Word]) -> (Vec<Word>, Vec<String>) {
    const ONLY_TESTS: [&[&str]; 2] = [
        &["#", "[", "cfg", "(", "test", ")"],
        &["#", "[", "cfg", "(", "all", "(", "test"],
    ];
    let mut kept = Vec::new();
    let mut modules = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let is_test = ONLY_TESTS.iter().any(|attribute| {
            attribute
                .iter()
                .enumerate()
                .all(|(i, expected)| text(words, at + i) == *expected)
        });
        if !is_test {
            kept.extend(words.get(at).cloned());
            at += 1;
            continue;
        }
        while text(words, at) == "#" {
            at = after_group(words, at + 1);
        }
        let end = after_item(words, at);
        if let Some(name) = words.get(at..end).and_then(module_in_own_file) {
            modules.push(name);
        }
        at = end;
    }
    (kept, modules)
}

/// `mod name;`, perhaps with a visibility before it.
fn module_in_own_file(item: &[Word]) -> Option<String> {
    let [.., keyword, name, end] = item else {
        return None;
    };
    (keyword.text == "mod" && end.text == ";").then(|| name.text.clone())
}

/// The place behind the bracketed group that opens at `at`.
fn after_group(words: &[Word], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < words.len() {
        match text(words, at) {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            break;
        }
    }
    at
}

/// The place behind the item at `at`: behind its `;`, or behind its body.
fn after_item(words: &[Word], mut at: usize) -> usize {
    let ends_in_semicolon =
        (at..at + 5).any(|i| matches!(text(words, i), "use" | "const" | "static" | "type"));
    while at < words.len() {
        match text(words, at) {
            ";" => return at + 1,
            "{" if !ends_in_semicolon => return after_group(words, at),
            "(" | "[" | "{" => at = after_group(words, at),
            _ => at += 1,
        }
    }
    at
}

fn lex(source: &str) -> Vec<Word> {
    let chars: Vec<char> = source.chars().collect();
    let peek = |at: usize| chars.get(at).copied().unwrap_or('\0');
    let mut words = Vec::new();
    let mut line = 1;
    let mut at = 0;
    while at < chars.len() {
        let start = at;
        match (peek(at), peek(at + 1)) {
            ('/', '/') => at += chars.iter().skip(at).take_while(|c| **c != '\n').count(),
            ('/', '*') => at = after_block_comment(&chars, at),
            ('"', _) => at = after_string(&chars, at),
            // A character, as against a lifetime or a loop label.
            ('\'', '\\') => at = after_quoted(&chars, at + 1, '\''),
            ('\'', _) if peek(at + 2) == '\'' => at += 3,
            (first, _) if first == '_' || first.is_alphanumeric() => {
                at += chars
                    .iter()
                    .skip(at)
                    .take_while(|c| **c == '_' || c.is_alphanumeric())
                    .count();
                let word: String = chars.iter().take(at).skip(start).collect();
                match (word.as_str(), peek(at), peek(at + 1)) {
                    ("b" | "c", '"', _) => at = after_string(&chars, at),
                    ("b", '\'', _) => at = after_quoted(&chars, at + 1, '\''),
                    ("r" | "br" | "cr", '"', _) | ("r" | "br" | "cr", '#', '"' | '#') => {
                        at = after_raw_string(&chars, at);
                    }
                    // `r#type` is the word `type`.
                    ("r", '#', _) => at += 1,
                    _ => words.push(Word { text: word, line }),
                }
            }
            (first, _) => {
                if !first.is_whitespace() {
                    words.push(Word {
                        text: first.to_string(),
                        line,
                    });
                }
                at += 1;
            }
        }
        line += chars
            .iter()
            .take(at)
            .skip(start)
            .filter(|c| **c == '\n')
            .count();
    }
    words
}

fn after_block_comment(chars: &[char], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while at < chars.len() {
        match (chars.get(at), chars.get(at + 1)) {
            (Some('/'), Some('*')) => (depth, at) = (depth + 1, at + 2),
            (Some('*'), Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn after_string(chars: &[char], at: usize) -> usize {
    after_quoted(chars, at + 1, '"')
}

/// The place behind the next `quote` that no backslash escapes.
fn after_quoted(chars: &[char], mut at: usize, quote: char) -> usize {
    while let Some(next) = chars.get(at) {
        match next {
            '\\' => at += 2,
            next if *next == quote => return at + 1,
            _ => at += 1,
        }
    }
    at
}

fn after_raw_string(chars: &[char], at: usize) -> usize {
    let hashes = chars.iter().skip(at).take_while(|c| **c == '#').count();
    let mut at = at + hashes + 1;
    while at < chars.len() {
        let closes = chars.get(at) == Some(&'"')
            && chars.iter().skip(at + 1).take_while(|c| **c == '#').count() >= hashes;
        at += 1;
        if closes {
            return at + hashes;
        }
    }
    at
}
