//! The marks of option lists: `-a`, `--output=FILE`, `/V`, several with commas between.

/// The options as written, and where the description begins.
pub(super) fn read(line: &str) -> Option<(Vec<&str>, usize)> {
    let mut options = Vec::new();
    let mut at = 0;
    loop {
        let rest = line.get(at..)?;
        let length = option(rest)?;
        options.push(rest.get(..length)?);
        at += length;
        let rest = line.get(at..)?;
        if rest.starts_with(", ") {
            at += 2;
        } else {
            let spaces = rest.len() - rest.trim_start_matches(' ').len();
            return Some((options, at + spaces));
        }
    }
}

/// The length of the option here, with its argument where that leads to something right.
fn option(text: &str) -> Option<usize> {
    let name = if let Some(rest) = text.strip_prefix("--") {
        2 + long_name(rest)?
    } else if let Some(rest) = text.strip_prefix('/') {
        1 + long_name(rest)?
    } else {
        let rest = text.strip_prefix(['-', '+'])?;
        rest.starts_with(|c: char| c.is_ascii_alphanumeric()).then_some(2)?
    };
    let is_long = text.starts_with("--") || text.starts_with('/');
    let rest = text.get(name..)?;
    let gap = match rest.chars().next() {
        Some(' ') => 1,
        Some('=') if is_long => 1,
        _ => 0,
    };
    let argument = if gap == 0 && is_long { None } else { rest.get(gap..).and_then(argument) };
    [argument.map(|length| name + gap + length), Some(name)]
        .into_iter()
        .flatten()
        .find(|length| text.get(*length..).is_some_and(is_after_option))
}

fn is_after_option(rest: &str) -> bool {
    rest.is_empty() || rest == " " || rest.starts_with("  ") || rest.starts_with(", ")
}

fn long_name(text: &str) -> Option<usize> {
    text.starts_with(|c: char| c.is_ascii_alphanumeric()).then(|| word(text))
}

fn word(text: &str) -> usize {
    text.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count()
}

fn argument(text: &str) -> Option<usize> {
    if let Some(inner) = text.strip_prefix('<') {
        let length = inner.find(['<', '>'])?;
        return (length > 0 && inner.get(length..)?.starts_with('>')).then_some(length + 2);
    }
    text.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| word(text))
}
