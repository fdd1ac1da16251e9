//! Texts for people, as values: written once, shown as plain text, Markdown or HTML.
//!
//! [Instructions](crate::instructions) and [diagnoses](crate::diagnose) are documents. Whatever came
//! from the DNS stands in a [`Span::Data`], and each form shows it escaped (S-18).

/// A text for people.
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
    /// Text of this crate's or of the application's.
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
        /// The address.
        url: String,
    },
}

impl Document {
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
    #[must_use]
    pub fn to_text(&self, width: usize) -> String {
        let _ = width;
        String::new()
    }

    /// As Markdown (CommonMark).
    #[must_use]
    pub fn to_markdown(&self) -> String {
        String::new()
    }

    /// As a fragment of HTML, to be put into a page.
    #[must_use]
    pub fn to_html(&self) -> String {
        String::new()
    }

    /// As a whole page of HTML, with a style of its own and nothing from elsewhere.
    #[must_use]
    pub fn to_page(&self, title: &str) -> String {
        let _ = title;
        String::new()
    }
}
