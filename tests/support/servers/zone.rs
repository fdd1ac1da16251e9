//! Zone files with places to fill in.

/// `example.com`, one case per name.
pub(crate) const EXAMPLE_COM: &str = include_str!("../../data/zones/example.com.zone");

/// `example.net`, where aliases of `example.com` lead.
pub(crate) const EXAMPLE_NET: &str = include_str!("../../data/zones/example.net.zone");

/// Fills in a zone file: `label` is the first label of the challenge owner names, and `value` gives
/// for a case such as `plain` (which is about `plain.example.com`) the value that its record holds.
///
/// The values are those of tokens, so they are made when the test runs. See the head of
/// `example.com.zone` for the places.
pub(crate) fn fill(zone: &str, label: &str, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::new();
    for line in zone.lines() {
        if line.starts_with(';') {
            continue;
        }
        let line = line.replace("@LABEL@", label);
        let line = replace(&line, "VALUE", |case| escape(value(case).as_bytes()));
        let line = replace(&line, "HEAD", |case| escape(halves(&value(case)).0));
        let line = replace(&line, "TAIL", |case| escape(halves(&value(case)).1));
        for line in repeat(line) {
            filled.push_str(&line);
            filled.push('\n');
        }
    }
    filled
}

/// The cases whose values a zone file asks for.
pub(crate) fn cases(zone: &str) -> impl Iterator<Item = &str> {
    let places = zone.lines().filter(|line| !line.starts_with(';'));
    let places = places.flat_map(|line| line.split('@'));
    places.filter_map(|place| {
        let (kind, case) = place.strip_suffix(')')?.split_once('(')?;
        matches!(kind, "VALUE" | "HEAD").then_some(case)
    })
}

/// A zone without the records of one case. Knot cannot sign an RRset as large as that of `huge`.
pub(crate) fn without(zone: &str, case: &str) -> String {
    let case = format!(".{case} ");
    let lines = zone.lines().filter(|line| !line.contains(&case));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Replaces each `@PLACE(argument)@`.
fn replace(line: &str, place: &str, with: impl Fn(&str) -> String) -> String {
    let mut replaced = String::new();
    let mut rest = line;
    let open = format!("@{place}(");
    while let Some((before, after)) = rest.split_once(&open) {
        let Some((argument, after)) = after.split_once(")@") else {
            panic!("no end of the place in {line}");
        };
        replaced.push_str(before);
        replaced.push_str(&with(argument));
        rest = after;
    }
    replaced + rest
}

/// One line for each filler that the line asks for.
fn repeat(line: String) -> Vec<String> {
    let Some((_, after)) = line.split_once("@FILL(") else {
        return vec![line];
    };
    let numbers = after
        .split_once(")@")
        .and_then(|(numbers, _)| numbers.split_once(','));
    let numbers = numbers.and_then(|(count, size)| Some((count.parse().ok()?, size.parse().ok()?)));
    let Some((count, size)) = numbers else {
        panic!("not @FILL(count,size)@: {line}")
    };
    (0_usize..count)
        .map(|number| replace(&line, "FILL", |_| filler(number, size)))
        .collect()
}

/// `size` octets as quoted strings, different for each number.
fn filler(number: usize, size: usize) -> String {
    const STRING: usize = 255;
    let text: Vec<u8> = format!("filler {number} ")
        .bytes()
        .chain([b'x'; 1].repeat(size))
        .collect();
    let strings = text.iter().take(size).copied().collect::<Vec<_>>();
    strings
        .chunks(STRING)
        .map(|s| format!("\"{}\"", escape(s)))
        .collect::<Vec<_>>()
        .join(" ")
}

fn halves(value: &str) -> (&[u8], &[u8]) {
    let bytes = value.as_bytes();
    bytes.split_at(bytes.len() / 2)
}

/// The inside of a quoted string of a zone file.
fn escape(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\{byte:03}")),
        }
    }
    text
}
