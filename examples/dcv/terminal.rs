//! Documents on a terminal: wrapped to its width, with weight and colour where it has any.
//!
//! What is to be copied stays in one piece, however narrow the terminal is; what somebody
//! published is escaped, and may be broken anywhere (S-18).

use std::env;
use std::io::{IsTerminal as _, stdout};

use dcv::document::{Block, Span};
use dcv::record::escaped;

/// How much of a published value is shown, in octets.
const MAX_DATA: usize = 256;
/// Lines of an item in a list that is read at a glance.
const LONG_ITEM: usize = 2;

/// Where the text goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Screen {
    /// In columns.
    pub(crate) width: usize,
    /// Whether it understands colours.
    pub(crate) colour: bool,
}

/// How a piece of text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Strong,
    Title,
    Heading,
    Literal,
    Data,
    Link,
    Good,
    Bad,
    Unsure,
}

impl Style {
    /// The parameters of Select Graphic Rendition (ECMA-48).
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Title => "1;4",
            Self::Heading => "1;36",
            Self::Literal => "32",
            Self::Data => "33",
            Self::Link => "4",
            Self::Good => "1;32",
            Self::Bad => "1;31",
            Self::Unsure => "1;33",
        }
    }
}

/// Text without a blank in it, each part in its style.
type Word = Vec<(Style, String)>;

impl Screen {
    /// Lines longer than this are hard to read.
    const MAX_WIDTH: usize = 100;
    const USUAL_WIDTH: usize = 80;
    const MIN_WIDTH: usize = 20;

    /// Standard output. Colours only on a terminal, and not where `NO_COLOR` says so.
    pub(crate) fn of_stdout() -> Self {
        let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = env::var_os("TERM").is_some_and(|term| term == "dumb");
        let columns = || env::var("COLUMNS").ok()?.trim().parse().ok();
        let width = terminal_width().or_else(columns);
        Self {
            width: Self::readable(width),
            colour: stdout().is_terminal() && !dumb && !is_set("NO_COLOR"),
        }
    }

    /// The same, if it is a terminal.
    pub(crate) fn of_terminal() -> Option<Self> {
        stdout().is_terminal().then(Self::of_stdout)
    }

    fn readable(width: Option<usize>) -> usize {
        let known = width.filter(|width| *width > 0);
        let width = known.unwrap_or(Self::USUAL_WIDTH);
        width.clamp(Self::MIN_WIDTH, Self::MAX_WIDTH)
    }

    /// A text in a style.
    pub(crate) fn painted(self, style: Style, text: &str) -> String {
        match style.code() {
            code if self.colour && !code.is_empty() => format!("\x1b[{code}m{text}\x1b[0m"),
            _ => text.to_owned(),
        }
    }

    /// One paragraph of our own words.
    pub(crate) fn paragraph(self, style: Style, text: &str) -> String {
        let mut out = String::new();
        self.wrap(&mut out, ["", ""], words(style, text));
        out
    }

    /// The blocks of a document.
    pub(crate) fn show<'a>(self, blocks: impl IntoIterator<Item = &'a Block>) -> String {
        let mut out = String::new();
        let mut is_headed = true;
        for block in blocks {
            if !is_headed {
                out.push('\n');
            }
            self.block(&mut out, block);
            is_headed = matches!(block, Block::Heading(2.., _));
        }
        out
    }

    fn block(self, out: &mut String, block: &Block) {
        match block {
            Block::Heading(level, line) => {
                let style = if *level <= 1 {
                    Style::Title
                } else {
                    Style::Heading
                };
                let words = line_of(line).into_iter().map(|word| {
                    let whole = word.into_iter().map(|(_, text)| text).collect();
                    vec![(style, whole)]
                });
                self.wrap(out, ["", ""], words.collect());
            }
            Block::Paragraph(line) => self.wrap(out, ["  ", "  "], line_of(line)),
            Block::Steps(lines) => {
                let digits = lines.len().to_string().len();
                for (number, line) in (1..).zip(lines) {
                    let mark = format!("  {number:>digits$}. ");
                    self.wrap(out, [&mark, &" ".repeat(mark.len())], line_of(line));
                }
            }
            Block::Items(lines) => {
                let items = lines.iter().map(|line| {
                    let mut item = String::new();
                    self.wrap(&mut item, ["  - ", "    "], line_of(line));
                    item
                });
                let items: Vec<_> = items.collect();
                // Where one is long, room shows where the next begins.
                let is_long = items.iter().any(|item| item.lines().count() > LONG_ITEM);
                out.push_str(&items.join(if is_long { "\n" } else { "" }));
            }
            Block::Fields(fields) => self.fields(out, fields),
            Block::Code(text) => {
                for line in text.lines() {
                    let line = printable(line);
                    let line = self.painted(Style::Literal, &line);
                    out.push_str(&format!("    {line}\n"));
                }
            }
            _ => {}
        }
    }

    fn fields(self, out: &mut String, fields: &[(String, Vec<Span>)]) {
        let names: Vec<_> = fields.iter().map(|(name, _)| printable(name)).collect();
        let widest = names.iter().map(|name| columns(name)).max().unwrap_or(0);
        for (name, (_, line)) in names.iter().zip(fields) {
            let pad = " ".repeat(widest.saturating_sub(columns(name)));
            let mark = format!("    {name}{pad}  ");
            let words = line_of(line);
            let longest = words.iter().map(wide).max().unwrap_or(0);
            if longest + widest + 6 > self.width {
                // What is to be copied has a line of its own, if that helps it to stay whole.
                out.push_str(&format!("    {name}\n"));
                let indent = " ".repeat(if longest + 6 > self.width { 4 } else { 6 });
                self.wrap(out, [&indent, &indent], words);
            } else {
                self.wrap(out, [&mark, &" ".repeat(widest + 6)], words);
            }
        }
    }

    /// Writes words, with the first mark before the first line and the second before the others.
    fn wrap(self, out: &mut String, [first, rest]: [&str; 2], words: Vec<Word>) {
        let mut line = Line::new(first);
        for word in words {
            let wide = wide(&word);
            if !line.is_fresh() && line.width + 1 + wide > self.width {
                self.end(out, std::mem::replace(&mut line, Line::new(rest)));
            }
            let mut gap = !line.is_fresh();
            let mut rest_of_word = wide;
            for (style, text) in word {
                let mut left = text.as_str();
                rest_of_word -= columns(left);
                // What touches it, such as a comma, stays with its end.
                let tail = rest_of_word.min(4);
                if gap {
                    line.space(style);
                }
                gap = false;
                while style == Style::Data && columns(left) + tail > self.room(&line) {
                    let room = self.room(&line).min(columns(left).saturating_sub(1));
                    let at = left.char_indices().nth(room.max(1));
                    let Some((at, _)) = at else { break };
                    let (part, more) = left.split_at(at);
                    line.push(style, part);
                    self.end(out, std::mem::replace(&mut line, Line::new(rest)));
                    left = more;
                }
                line.push(style, left);
            }
        }
        if !line.is_fresh() {
            self.end(out, line);
        }
    }

    /// How much more fits in a line; something always does.
    fn room(self, line: &Line<'_>) -> usize {
        const LEAST: usize = 8;
        self.width.saturating_sub(line.width).max(LEAST)
    }

    fn end(self, out: &mut String, line: Line<'_>) {
        out.push_str(line.mark);
        for (style, text) in line.parts {
            out.push_str(&self.painted(style, &text));
        }
        out.push('\n');
    }
}

/// A line that is being filled.
struct Line<'a> {
    mark: &'a str,
    parts: Word,
    width: usize,
}

impl<'a> Line<'a> {
    fn new(mark: &'a str) -> Self {
        Self {
            mark,
            parts: Vec::new(),
            width: columns(mark),
        }
    }

    fn is_fresh(&self) -> bool {
        self.parts.is_empty()
    }

    /// A blank before a word of this style: in it, if what stands before is of the same.
    fn space(&mut self, next: Style) {
        let last = self.parts.last().map(|(style, _)| *style);
        let style = if last == Some(next) {
            next
        } else {
            Style::Plain
        };
        self.push(style, " ");
    }

    fn push(&mut self, style: Style, text: &str) {
        self.width += columns(text);
        match self.parts.last_mut() {
            Some((last, before)) if *last == style => before.push_str(text),
            _ => self.parts.push((style, text.to_owned())),
        }
    }
}

/// The words of a line. What touches each other is one.
fn line_of(line: &[Span]) -> Vec<Word> {
    let mut all: Vec<Word> = Vec::new();
    let mut touches = false;
    let mut add = |spaced_before: bool, next: Vec<Word>, spaced_after: bool| {
        for (index, word) in next.into_iter().enumerate() {
            match all.last_mut() {
                Some(last) if index == 0 && touches && !spaced_before => last.extend(word),
                _ => all.push(word),
            }
        }
        touches = !spaced_after;
    };
    for span in line {
        match span {
            Span::Text(text) | Span::Strong(text) => {
                let style = match span {
                    Span::Strong(_) => Style::Strong,
                    _ => Style::Plain,
                };
                let next = words(style, text);
                let is_blank = |side: Option<char>| side.is_none_or(char::is_whitespace);
                let before = text.chars().next();
                add(is_blank(before), next, is_blank(text.chars().last()));
            }
            Span::Literal(text) => {
                let word = vec![(Style::Literal, printable(text))];
                add(false, vec![word], false);
            }
            Span::Data(octets) => {
                let shown = escaped(octets, MAX_DATA);
                let word = vec![(Style::Data, format!("\"{shown}\""))];
                add(false, vec![word], false);
            }
            Span::Link { text, url } => {
                if text != url {
                    add(false, words(Style::Plain, text), true);
                }
                let url = vec![(Style::Link, format!("<{}>", printable(url)))];
                add(true, vec![url], false);
            }
            _ => {}
        }
    }
    all
}

fn words(style: Style, text: &str) -> Vec<Word> {
    let words = text.split_whitespace();
    words.map(|word| vec![(style, printable(word))]).collect()
}

/// Without anything that a terminal obeys, or that changes the direction of what follows.
fn printable(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    let shown = |c| if obeyed(c) { '\u{fffd}' } else { c };
    text.chars().map(shown).collect()
}

fn wide(word: &Word) -> usize {
    word.iter().map(|(_, text)| columns(text)).sum()
}

/// How wide a text is: our texts have no wide or combining characters.
fn columns(text: &str) -> usize {
    text.chars().count()
}

#[cfg(unix)]
fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|width| *width > 0)
}

#[cfg(not(unix))]
fn terminal_width() -> Option<usize> {
    None
}
