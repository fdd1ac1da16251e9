//! Fills the templates of a phrasebook. No template fails.

use crate::document::{Line, Span};

/// A part that is being read: the whole template, or an optional part of it.
#[derive(Default)]
struct Open {
    line: Line,
    text: String,
    is_missing: bool,
}

impl Open {
    fn flush(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.line.push(Span::Text(text));
        }
    }

    /// Adds spans, joining text with the text before it.
    fn extend(&mut self, line: Line) {
        for span in line {
            match span {
                Span::Text(text) => self.text.push_str(&text),
                other => {
                    self.flush();
                    self.line.push(other);
                }
            }
        }
    }

    fn close(mut self) -> Line {
        self.flush();
        self.line
    }
}

/// What is at the beginning of a template.
enum Token<'t> {
    Text(&'t str),
    Key(&'t str),
    Begin,
    End,
}

/// The template's first token, and the rest of the template.
fn token(template: &str) -> Option<(Token<'_>, &str)> {
    let mut chars = template.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    Some(match first {
        '[' => (Token::Begin, rest),
        ']' => (Token::End, rest),
        '\\' => {
            // A backslash at the very end stands for itself.
            let text = if rest.is_empty() { template } else { rest };
            let end = text.chars().next().map_or(0, char::len_utf8);
            let (text, rest) = text.split_at_checked(end)?;
            (Token::Text(text), rest)
        }
        '{' => match rest.split_once('}') {
            Some((key, rest)) => (Token::Key(key), rest),
            None => (Token::Text(template), ""),
        },
        _ => {
            let end = template.find(['[', ']', '{', '\\']);
            let (text, rest) = template.split_at_checked(end.unwrap_or(template.len()))?;
            (Token::Text(text), rest)
        }
    })
}

/// The template with what `value` says for each key; `missing` stands for what is not known.
pub(super) fn fill(
    mut template: &str,
    value: &dyn Fn(&str) -> Option<Line>,
    missing: &str,
) -> Line {
    let mut outer = Vec::new();
    let mut open = Open::default();
    while let Some((token, rest)) = token(template) {
        template = rest;
        match token {
            Token::Text(text) => open.text.push_str(text),
            Token::Key(key) => match value(key) {
                Some(line) => open.extend(line),
                // What is missing takes the innermost optional part with it.
                None if outer.is_empty() => open.text.push_str(missing),
                None => open.is_missing = true,
            },
            Token::Begin => outer.push(std::mem::take(&mut open)),
            Token::End => open = end(open, &mut outer),
        }
    }
    while !outer.is_empty() {
        open = end(open, &mut outer);
    }
    open.close()
}

/// Ends the innermost part.
fn end(mut open: Open, outer: &mut Vec<Open>) -> Open {
    let Some(mut around) = outer.pop() else {
        open.text.push(']');
        return open;
    };
    if !open.is_missing {
        around.extend(open.close());
    }
    around
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails where it panics")]

    use proptest::prelude::*;

    use super::*;

    fn filled(template: &str) -> String {
        let value = |key: &str| match key {
            "a" => Some(vec![Span::Text("A".into())]),
            "data" => Some(vec![Span::Data(b"[{a}]".to_vec())]),
            _ => None,
        };
        let spans = fill(template, &value, "?").into_iter();
        spans
            .map(|span| match span {
                Span::Text(text) => text,
                Span::Data(octets) => format!("<{}>", String::from_utf8(octets).unwrap()),
                other => format!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn templates_are_filled() {
        for (template, expected) in [
            ("", ""),
            ("plain", "plain"),
            ("{a}", "A"),
            ("x {a}{a} y", "x AA y"),
            ("{b}", "?"),
            ("{}{ a }{A}", "???"),
            ("x[ {a}] y", "x A y"),
            ("x[ {b}] y", "x y"),
            ("x[ {a} {b}] y", "x y"),
            ("[x]", "x"),
            ("x[ {a}[, {b}].]", "x A."),
            ("x[ {b}[, {a}].]", "x"),
            ("[[[{a}]]]", "A"),
            // Escapes.
            (r"\{a\} \[x\] \\ \ä", r"{a} [x] \ ä"),
            (r"[\]{a}]", "]A"),
            ("\\", "\\"),
            // What has no end, or no beginning.
            ("x [y {a}", "x y A"),
            ("x [y {b}", "x "),
            ("x] {a}", "x] A"),
            ("x {a", "x {a"),
            ("[x {a] y", "x {a] y"),
            ("x}", "x}"),
            // A value is never read as a template.
            ("{data}{b}", "<[{a}]>?"),
        ] {
            assert_eq!(filled(template), expected, "{template}");
        }
    }

    #[test]
    fn depth_costs_nothing() {
        let deep = format!("{}{{a}}{}", "[".repeat(100_000), "]".repeat(100_001));
        assert_eq!(filled(&deep), "A]");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_template_fails(template in r"(\PC|[\\{}\[\]a]){0,40}") {
            let shown = filled(&template);
            prop_assert!(shown.len() <= 8 * template.len() + 8);
        }
    }
}
