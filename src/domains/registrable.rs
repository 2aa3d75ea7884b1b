//! Stands in until the real one is merged.

/// The last two labels.
pub fn registrable(host: &str) -> Option<String> {
    let mut labels = host.rsplit('.');
    let (tld, name) = (labels.next()?, labels.next()?);
    Some(format!("{name}.{tld}").to_lowercase())
}
