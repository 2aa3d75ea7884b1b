//! Sizes in bytes, as people write them.

use std::fmt;

const UNITS: [(&str, u64); 5] =
    [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

/// A number of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// So many mebibytes.
    pub const fn mib(count: u64) -> Self {
        Self(count << 20)
    }

    /// So many gibibytes.
    pub const fn gib(count: u64) -> Self {
        Self(count << 30)
    }

    /// Reads a number with a unit (`100MiB`, `10 GiB`) or a bare number of bytes. The shorter
    /// `100M` and the decimal-looking `100MB` mean the same powers of two.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = text.strip_prefix(digits)?.trim();
        let factor = UNITS.iter().find_map(|(name, factor)| {
            let bare = name.trim_end_matches("iB");
            let spellings = [(*name).to_owned(), bare.to_owned(), format!("{bare}B")];
            spellings.iter().any(|known| known.eq_ignore_ascii_case(unit)).then_some(*factor)
        });
        let factor = if unit.is_empty() { 1 } else { factor? };
        digits.parse::<u64>().ok()?.checked_mul(factor).map(Self)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole =
            |(_, factor): &&(&str, u64)| self.0 >= *factor && self.0.is_multiple_of(*factor);
        match UNITS.iter().rev().find(whole) {
            Some((unit, factor)) => write!(f, "{}{unit}", self.0 / factor),
            None => write!(f, "{}B", self.0),
        }
    }
}

/// A size for reading: one decimal and the largest unit that fits.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
pub fn for_people(bytes: u64) -> String {
    let unit = UNITS.iter().rev().find(|(_, factor)| bytes >= *factor);
    match unit {
        Some((unit, factor)) if *factor > 1 => {
            format!("{:.1} {unit}", bytes as f64 / *factor as f64)
        }
        _ => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_a_number_and_a_unit() {
        for (text, bytes) in [
            ("100MiB", 100 << 20),
            ("100 mib", 100 << 20),
            ("1M", 1 << 20),
            ("1MB", 1 << 20),
            ("12", 12),
            ("12B", 12),
            ("10GiB", 10 << 30),
            ("0", 0),
        ] {
            assert_eq!(ByteSize::parse(text), Some(ByteSize(bytes)), "{text}");
        }
        for bad in ["", "MiB", "1.5MiB", "-1", "lots", "1XiB", "99999999999TiB"] {
            assert_eq!(ByteSize::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_size_is_shown_as_it_may_be_written() {
        for text in ["100MiB", "10GiB", "1B", "1025B", "0B"] {
            assert_eq!(ByteSize::parse(text).map(|size| size.to_string()).as_deref(), Some(text));
        }
        assert_eq!(for_people(1536), "1.5 KiB");
        assert_eq!(for_people(12), "12 B");
    }
}
