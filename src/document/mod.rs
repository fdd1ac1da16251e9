//! Texts for people, as values: written once, shown as plain text, Markdown or HTML.
//!
//! [Instructions](crate::instructions) and [diagnoses](crate::diagnose) are documents. Whatever came
//! from the DNS stands in a [`Span::Data`], and each form shows it escaped (S-18):
//!
//! | Form | Of our words | Of a literal or of data |
//! |---|---|---|
//! | [`to_text`](Document::to_text) | what cannot be seen is shown as `\u{…}` | never broken; data in quotation marks |
//! | [`to_markdown`](Document::to_markdown) | whatever could be markup has a backslash | a code span with a fence longer than any in it |
//! | [`to_html`](Document::to_html) | `&`, `<`, `>` and quotation marks as entities | the same, in `<code>` |
//!
//! Data is cut to [`Document::MAX_DATA`] octets and escaped by [`record::escaped`](crate::record::escaped)
//! first. Only a [`Span::Link`] is ever a link.
//!
//! ```
//! use dcv::document::{Block, Document, Span};
//!
//! let mut document = Document::new();
//! document.push(Block::Paragraph(vec![
//!     "There is ".into(),
//!     Span::Data(b"<b>`\x07".to_vec()),
//!     " & no more.".into(),
//! ]));
//! assert_eq!(document.to_text(80), "There is \"<b>`\\007\" & no more.\n");
//! assert_eq!(document.to_markdown(), "There is ``<b>`\\007`` \\& no more.\n");
//! assert_eq!(
//!     document.to_html(),
//!     "<p>There is <code class=\"dcv-data\">&lt;b&gt;`\\007</code> &amp; no more.</p>\n",
//! );
//! ```

mod escape;
mod html;
mod markdown;
mod page;
mod text;

use std::fmt;

/// A text for people.
///
/// Its `Display` is the plain text at 80 columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Document {
    blocks: Vec<Block>,
}

/// A part of a [`Document`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Block {
    /// A heading, of level 1 to 3.
    Heading(u8, Line),
    /// A paragraph.
    Paragraph(Line),
    /// Steps to take, in this order.
    Steps(Vec<Line>),
    /// Items in no order.
    Items(Vec<Line>),
    /// Names with what stands for them, such as the fields of a form.
    Fields(Vec<(String, Line)>),
    /// Lines to copy as they are.
    Code(String),
}

/// A line of text.
pub type Line = Vec<Span>;

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Span {
    /// Text of this crate's or of the application's. Any white space counts as one space.
    Text(String),
    /// The same, with weight.
    Strong(String),
    /// A value of ours to copy, character by character: an owner name, a token.
    Literal(String),
    /// Octets that somebody published, shown escaped and cut (S-18).
    Data(Vec<u8>),
    /// A link of ours, with its text.
    Link {
        /// The text.
        text: String,
        /// The address. Only one of `https://`, written in the characters of a URL, becomes a
        /// link; any other is shown as a literal.
        url: String,
    },
}

/// Text on one line in which every character can be seen, for places that no form is for.
pub(crate) fn plain(text: &str) -> String {
    escape::visible(text)
}

impl Document {
    /// How many octets of a [`Span::Data`] are shown.
    pub const MAX_DATA: usize = 128;

    /// An empty document.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a block.
    pub fn push(&mut self, block: Block) {
        self.blocks.push(block);
    }

    /// The blocks, in their order.
    #[must_use]
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// As plain text, its lines at most `width` columns wide where words allow it.
    ///
    /// Nothing but printable characters and line feeds. Literals, data, addresses and code are
    /// never broken, so that they can be copied: a line that holds one may be wider.
    #[must_use]
    pub fn to_text(&self, width: usize) -> String {
        text::render(&self.blocks, width)
    }

    /// As Markdown (CommonMark), one line for each paragraph or item.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        markdown::render(&self.blocks)
    }

    /// As a fragment of HTML, to be put into a page: no style, no script, no `id`.
    ///
    /// Literals are `code.dcv-literal` and data is `code.dcv-data`; both may hold several spaces
    /// in a row, which `white-space: break-spaces` shows.
    #[must_use]
    pub fn to_html(&self) -> String {
        html::render(&self.blocks)
    }

    /// As a whole page of HTML, with a style of its own and nothing from elsewhere: no script, no
    /// image, no font. Its policy forbids them too.
    #[must_use]
    pub fn to_page(&self, title: &str) -> String {
        page::render(title, &self.blocks)
    }
}

impl Extend<Block> for Document {
    fn extend<I: IntoIterator<Item = Block>>(&mut self, blocks: I) {
        self.blocks.extend(blocks);
    }
}

impl FromIterator<Block> for Document {
    fn from_iter<I: IntoIterator<Item = Block>>(blocks: I) -> Self {
        Self {
            blocks: blocks.into_iter().collect(),
        }
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text(80))
    }
}

/// Text of ours.
impl From<&str> for Span {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// Text of ours.
impl From<String> for Span {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
