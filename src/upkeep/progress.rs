//! Who is told how far things have come.

/// Somebody who watches.
pub trait Progress: Send + Sync {
    /// A stage begins: what is done, and in how many steps.
    fn begin(&self, what: &'static str, steps: u64);

    /// So many steps of it are done.
    fn step(&self, steps: u64);
}

/// Nobody.
impl Progress for () {
    fn begin(&self, _: &'static str, _: u64) {}

    fn step(&self, _: u64) {}
}
