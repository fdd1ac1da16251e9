//! Tables of cases: lines of fields with tabs between; `#` begins a comment. A field in double
//! quotes is a JSON string, so that every character can be written.

/// The rows of `table`, each with the number of its line.
pub(crate) fn rows<const N: usize>(table: &str) -> Vec<(usize, [String; N])> {
    let mut rows = Vec::new();
    for (line, text) in (1..).zip(table.lines()) {
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let fields: Vec<String> = text.split('\t').map(field).collect();
        let count = fields.len();
        let fields = fields.try_into();
        rows.push((
            line,
            fields.unwrap_or_else(|_| panic!("line {line} has {count} fields")),
        ));
    }
    assert!(!rows.is_empty(), "the table is empty");
    rows
}

fn field(text: &str) -> String {
    if text.starts_with('"') {
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    } else {
        text.to_owned()
    }
}
