//! Plain text: words wrapped, literals whole.

use super::escape::{code, data, is_link, literal, visible};
use super::{Block, Span};

/// A column narrower than this is of no use: what stands for a name goes below it then.
const NARROW: usize = 24;

pub(super) fn render(blocks: &[Block], width: usize) -> String {
    let mut out = String::new();
    for block in blocks {
        let mut part = String::new();
        render_block(&mut part, block, width);
        if part.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&part);
    }
    out
}

fn render_block(out: &mut String, block: &Block, width: usize) {
    match block {
        Block::Heading(level, line) => {
            let before = out.len();
            wrap(out, "", "", line, width);
            let written = out.get(before..).unwrap_or_default();
            let columns = written.lines().map(columns).max().unwrap_or(0);
            let rule = match level {
                0 | 1 => '=',
                2 => '-',
                _ => return,
            };
            if columns > 0 {
                out.extend(std::iter::repeat_n(rule, columns));
                out.push('\n');
            }
        }
        Block::Paragraph(line) => wrap(out, "", "", line, width),
        Block::Steps(lines) => {
            let digits = lines.len().to_string().len();
            for (index, line) in lines.iter().enumerate() {
                let mark = format!(" {:>digits$}. ", index + 1);
                wrap(out, &mark, &" ".repeat(mark.len()), line, width);
            }
        }
        Block::Items(lines) => {
            for line in lines {
                wrap(out, " - ", "   ", line, width);
            }
        }
        Block::Fields(fields) => render_fields(out, fields, width),
        Block::Code(text) => {
            for line in code(text) {
                let line = format!("    {line}");
                out.push_str(line.trim_end());
                out.push('\n');
            }
        }
    }
}

fn render_fields(out: &mut String, fields: &[(String, Vec<Span>)], width: usize) {
    let names: Vec<String> = fields.iter().map(|(name, _)| visible(name)).collect();
    let widest = names.iter().map(|name| columns(name)).max().unwrap_or(0);
    let indent = widest + 4;
    for (name, (_, line)) in names.iter().zip(fields) {
        if width < indent + NARROW {
            out.push_str(format!("  {name}").trim_end());
            out.push('\n');
            wrap(out, "    ", "    ", line, width);
            continue;
        }
        let gap = indent - 2 - columns(name);
        let mark = format!("  {name}{}", " ".repeat(gap));
        wrap(out, &mark, &" ".repeat(indent), line, width);
    }
}

/// Writes a line, broken between words; `mark` goes before the first part of it and `indent`
/// before the others.
fn wrap(out: &mut String, mark: &str, indent: &str, line: &[Span], width: usize) {
    let mut current = String::from(mark);
    let mut used = columns(mark);
    let mut is_fresh = true;
    for word in words(line) {
        let wide = columns(&word);
        if !is_fresh && used + 1 + wide > width {
            out.push_str(&current);
            out.push('\n');
            current.clear();
            current.push_str(indent);
            used = columns(indent);
            is_fresh = true;
        }
        if !is_fresh {
            current.push(' ');
            used += 1;
        }
        current.push_str(&word);
        used += wide;
        is_fresh = false;
    }
    let current = if is_fresh {
        current.trim_end()
    } else {
        &current
    };
    if !current.is_empty() {
        out.push_str(current);
        out.push('\n');
    }
}

/// The words of a line. A literal is one word with whatever touches it.
fn words(line: &[Span]) -> Vec<String> {
    let mut words = Vec::new();
    let mut open = String::new();
    for span in line {
        match span {
            Span::Text(text) | Span::Strong(text) => split(&mut words, &mut open, text),
            Span::Literal(text) => open.push_str(&literal(text)),
            Span::Data(octets) if octets.is_empty() => open.push_str(&data(octets)),
            Span::Data(octets) => {
                open.push('"');
                open.push_str(&data(octets));
                open.push('"');
            }
            Span::Link { text, url } => {
                if visible(text) != *url {
                    split(&mut words, &mut open, text);
                    if !text.trim().is_empty() {
                        close(&mut words, &mut open);
                    }
                }
                if is_link(url) {
                    open.push('<');
                    open.push_str(url);
                    open.push('>');
                } else {
                    open.push_str(&literal(url));
                }
            }
        }
    }
    close(&mut words, &mut open);
    words
}

fn split(words: &mut Vec<String>, open: &mut String, text: &str) {
    for c in visible(text).chars() {
        if c == ' ' {
            close(words, open);
        } else {
            open.push(c);
        }
    }
}

fn close(words: &mut Vec<String>, open: &mut String) {
    if !open.is_empty() {
        words.push(std::mem::take(open));
    }
}

/// How many columns of a terminal a text takes, as near as its characters alone tell.
fn columns(text: &str) -> usize {
    let wide = |c: char| {
        matches!(
            c,
            '\u{1100}'..='\u{115e}'
                | '\u{2e80}'..='\u{303e}'
                | '\u{3041}'..='\u{a4cf}'
                | '\u{ac00}'..='\u{d7a3}'
                | '\u{f900}'..='\u{faff}'
                | '\u{fe30}'..='\u{fe6f}'
                | '\u{ff00}'..='\u{ff60}'
                | '\u{ffe0}'..='\u{ffe6}'
                | '\u{1f300}'..='\u{1faff}'
                | '\u{20000}'..='\u{3fffd}'
        )
    };
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}
