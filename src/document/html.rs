//! HTML: a fragment of a page.

use super::escape::{code, data, is_link, literal, visible};
use super::{Block, Span};

pub(super) fn render(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        render_block(&mut out, block);
    }
    out
}

fn render_block(out: &mut String, block: &Block) {
    match block {
        Block::Heading(level, line) => {
            let level = (*level).clamp(1, 3);
            out.push_str(&format!("<h{level}>"));
            inline(out, line);
            out.push_str(&format!("</h{level}>\n"));
        }
        Block::Paragraph(line) => element(out, "p", line),
        Block::Steps(lines) => list(out, "ol", lines),
        Block::Items(lines) => list(out, "ul", lines),
        Block::Fields(fields) => {
            out.push_str("<dl>\n");
            for (name, line) in fields {
                out.push_str("<dt>");
                out.push_str(&escape(&visible(name)));
                out.push_str("</dt>\n");
                element(out, "dd", line);
            }
            out.push_str("</dl>\n");
        }
        Block::Code(text) => {
            out.push_str("<pre><code>");
            for (index, line) in code(text).iter().enumerate() {
                if index > 0 {
                    out.push('\n');
                }
                out.push_str(&escape(line));
            }
            out.push_str("</code></pre>\n");
        }
    }
}

fn list(out: &mut String, name: &str, lines: &[Vec<Span>]) {
    out.push_str(&format!("<{name}>\n"));
    for line in lines {
        element(out, "li", line);
    }
    out.push_str(&format!("</{name}>\n"));
}

fn element(out: &mut String, name: &str, line: &[Span]) {
    out.push_str(&format!("<{name}>"));
    inline(out, line);
    out.push_str(&format!("</{name}>\n"));
}

fn inline(out: &mut String, line: &[Span]) {
    for span in line {
        match span {
            Span::Text(text) => out.push_str(&escape(&visible(text))),
            Span::Strong(text) => {
                out.push_str("<strong>");
                out.push_str(&escape(&visible(text)));
                out.push_str("</strong>");
            }
            Span::Literal(text) => code_element(out, "dcv-literal", &literal(text)),
            Span::Data(octets) => code_element(out, "dcv-data", &data(octets)),
            Span::Link { text, url } if is_link(url) => {
                let text = if text.trim().is_empty() { url } else { text };
                out.push_str("<a href=\"");
                out.push_str(&escape(url));
                out.push_str("\" rel=\"noopener noreferrer\">");
                out.push_str(&escape(&visible(text)));
                out.push_str("</a>");
            }
            Span::Link { text, url } => {
                if !text.is_empty() && visible(text) != *url {
                    out.push_str(&escape(&visible(text)));
                    out.push(' ');
                }
                code_element(out, "dcv-literal", &literal(url));
            }
        }
    }
}

fn code_element(out: &mut String, class: &str, text: &str) {
    out.push_str("<code class=\"");
    out.push_str(class);
    out.push_str("\">");
    out.push_str(&escape(text));
    out.push_str("</code>");
}

/// Text, or the value of an attribute in either kind of quotation marks.
pub(super) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(c),
        }
    }
    safe
}
