//! The classifiers that are known everywhere.
//! Source: the Python package `trove-classifiers` 2026.9.21.13, those out of use left out

/// All of them by name, one a line.
pub const KNOWN: &str = include_str!("data/classifiers.txt");

#[cfg(test)]
mod tests {
    use super::KNOWN;

    #[test]
    fn the_list_is_sorted_and_clean() {
        assert!(KNOWN.lines().is_sorted());
        assert!(KNOWN.lines().all(|line| !line.is_empty() && line.trim() == line));
        assert!(KNOWN.lines().any(|line| line == "Programming Language :: Rust"));
    }
}
