//! Markdown, as CommonMark reads it.

use super::escape::{code, data, is_link, literal, visible};
use super::{Block, Span};

pub(super) fn render(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut was_list = None;
    for block in blocks {
        let mut part = String::new();
        render_block(&mut part, block);
        if part.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        // Two lists of a kind, one after the other, would be read as one.
        let list = list_of(block);
        if list.is_some() && list == was_list {
            out.push_str("<!-- -->\n\n");
        }
        was_list = list;
        out.push_str(&part);
    }
    out
}

/// The mark of a block's list.
fn list_of(block: &Block) -> Option<char> {
    match block {
        Block::Steps(_) => Some('.'),
        Block::Items(_) | Block::Fields(_) => Some('-'),
        _ => None,
    }
}

fn render_block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(level, line) => {
            let marks = usize::from(*level).clamp(1, 3);
            item(out, &format!("{} ", "#".repeat(marks)), line);
        }
        Block::Paragraph(line) => item(out, "", line),
        Block::Steps(lines) => {
            let lines = lines.iter().map(|line| inline(line));
            let lines = lines.filter(|line| !line.is_empty());
            for (index, line) in lines.enumerate() {
                out.push_str(&format!("{}. {line}\n", index + 1));
            }
        }
        Block::Items(lines) => lines.iter().for_each(|line| item(out, "- ", line)),
        Block::Fields(fields) => {
            for (name, line) in fields {
                let mut named = vec![Span::Strong(format!("{name}:")), Span::from(" ")];
                named.extend_from_slice(line);
                item(out, "- ", &named);
            }
        }
        Block::Code(text) => {
            let lines = code(text);
            let longest = lines.iter().map(|line| longest_fence(line)).max();
            let fence = "`".repeat(longest.map_or(3, |longest| (longest + 1).max(3)));
            out.push_str(&fence);
            for line in &lines {
                out.push('\n');
                out.push_str(line);
            }
            out.push('\n');
            out.push_str(&fence);
            out.push('\n');
        }
    }
}

fn item(out: &mut String, mark: &str, line: &[Span]) {
    let line = inline(line);
    if !line.is_empty() {
        out.push_str(mark);
        out.push_str(&line);
        out.push('\n');
    }
}

/// One line of inlines. Whatever would begin a block at its front has a backslash.
fn inline(line: &[Span]) -> String {
    let parts: Vec<Part> = line.iter().flat_map(parts).collect();
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Raw(raw) => {
                // Two code spans that touch would be read as one with a longer fence.
                if out.ends_with('`') && raw.starts_with('`') {
                    out.push(' ');
                }
                out.push_str(raw);
            }
            Part::Strong(raw) => {
                let next = parts.get(index + 1).and_then(Part::first);
                if can_be_strong(out.chars().next_back(), next) {
                    out.push_str("**");
                    out.push_str(raw);
                    out.push_str("**");
                } else {
                    out.push_str(raw);
                }
            }
        }
    }
    guard_front(out.trim())
}

/// A piece of a line, as Markdown.
enum Part {
    Raw(String),
    Strong(String),
}

impl Part {
    fn first(&self) -> Option<char> {
        match self {
            Self::Raw(raw) => raw.chars().next(),
            Self::Strong(_) => Some('*'),
        }
    }
}

fn parts(span: &Span) -> Vec<Part> {
    let parts = match span {
        Span::Text(text) => vec![Part::Raw(escape(text))],
        Span::Strong(text) => {
            // Marks do not count beside white space of their own.
            let raw = escape(text);
            let inner = raw.trim();
            let before = if raw.starts_with(' ') { " " } else { "" };
            let after = if raw.ends_with(' ') { " " } else { "" };
            let strong = if inner.is_empty() {
                Part::Raw(String::new())
            } else {
                Part::Strong(inner.into())
            };
            vec![Part::Raw(before.into()), strong, Part::Raw(after.into())]
        }
        Span::Literal(text) => vec![Part::Raw(code_span(&literal(text)))],
        Span::Data(octets) => vec![Part::Raw(code_span(&data(octets)))],
        Span::Link { text, url } if is_link(url) => {
            let text = if text.trim().is_empty() { url } else { text };
            let url = url.replace('&', "&amp;");
            vec![Part::Raw(format!("[{}](<{url}>)", escape(text).trim()))]
        }
        Span::Link { text, url } => {
            let text = if text.is_empty() || visible(text) == *url {
                String::new()
            } else {
                format!("{} ", escape(text))
            };
            vec![Part::Raw(text), Part::Raw(code_span(&literal(url)))]
        }
    };
    let is_empty = |part: &Part| matches!(part, Part::Raw(raw) if raw.is_empty());
    parts.into_iter().filter(|part| !is_empty(part)).collect()
}

/// Whether marks of emphasis are read as such between these characters, whatever is inside.
fn can_be_strong(before: Option<char>, after: Option<char>) -> bool {
    let opens = matches!(before, None | Some(' ' | '('));
    let closes = matches!(
        after,
        None | Some(' ' | ',' | '.' | ';' | ':' | ')' | '!' | '?')
    );
    opens && closes
}

/// Text in which nothing is markup, in CommonMark or in the extensions that are common.
fn escape(text: &str) -> String {
    let mut raw = String::with_capacity(text.len());
    let shown = visible(text);
    let mut before = ['\0'; 3];
    let mut rest = shown.chars();
    while let Some(c) = rest.next() {
        match c {
            // With a backslash it could still be taken for a part of a fence.
            '`' => raw.push_str("&#96;"),
            '\\' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '&' | '!' | '|' | '~' | '#'
            | '^' | '$' | '@' | '=' => {
                raw.push('\\');
                raw.push(c);
            }
            // What some readers take for an address and make a link of.
            ':' if rest.as_str().starts_with("//") => raw.push_str("\\:"),
            '.' if before.iter().all(|c| matches!(c, 'w' | 'W')) => raw.push_str("\\."),
            _ => raw.push(c),
        }
        let [_, second, third] = before;
        before = [second, third, c];
    }
    raw
}

/// Puts a backslash where the front of a line would be a mark of a list, a rule or a heading.
fn guard_front(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = line.split_at_checked(digits).unwrap_or((line, ""));
    let is_mark = if number.is_empty() {
        rest.starts_with(['-', '+', ':'])
    } else {
        rest.starts_with(['.', ')'])
    };
    if is_mark {
        format!("{number}\\{rest}")
    } else {
        line.into()
    }
}

/// A code span that is read as exactly this text.
fn code_span(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_fence(text) + 1);
    let touches = text.starts_with('`') || text.ends_with('`');
    let is_blank = text.bytes().all(|octet| octet == b' ');
    let would_be_cut = text.starts_with(' ') && text.ends_with(' ') && !is_blank;
    let pad = if touches || would_be_cut { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// The most backticks in a row.
fn longest_fence(text: &str) -> usize {
    let runs = text.split(|c| c != '`');
    runs.map(str::len).max().unwrap_or(0)
}
