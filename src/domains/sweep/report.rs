//! What a run did, in words.

use std::fmt;
use std::time::Duration;

use crate::time;

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Domains that were asked about.
    pub asked: u64,
    /// Those of them about which nobody answered.
    pub failed: u64,
    /// Domains that had lapsed or changed hands with addresses in them.
    pub domains: usize,
    /// Addresses that lost their verification.
    pub unverified: usize,
    /// Administrators who keep an address because nobody else could log in.
    pub kept: Vec<String>,
    /// The brake stopped it: so many domains of so many.
    pub held_back: Option<(i64, i64)>,
    /// The provider asked to wait for so long; the next run goes on.
    pub put_off: Option<Duration>,
    /// The top-level domains whose registry was left alone while others were asked, and why; the
    /// next run asks about the rest of their domains.
    pub left: Vec<(String, String)>,
    /// How long it waited for the database.
    pub database: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domains = if self.asked == 1 { "domain" } else { "domains" };
        write!(f, "{} {domains} checked, {} not answered", self.asked, self.failed)?;
        match self.held_back {
            Some((domains, checked)) => write!(
                f,
                ", nothing unverified: {domains} of {checked} domains lapsed or changed hands, \
                 which waits for `cheeseshop domains sweep --confirm`"
            )?,
            None => write!(
                f,
                ", {} lapsed or in other hands, {} {} unverified",
                self.domains,
                self.unverified,
                if self.unverified == 1 { "address" } else { "addresses" }
            )?,
        }
        for name in &self.kept {
            write!(f, "; {name} keeps an address as the last administrator with a verified one")?;
        }
        if let Some(wait) = self.put_off {
            let wait = time::span_for_people(wait);
            write!(f, "; the provider asks to wait for {wait}, so the next run does the rest")?;
        }
        for (name, why) in &self.left {
            write!(
                f,
                "; the registry of .{name} {why}; the next run asks about its other domains"
            )?;
        }
        write!(f, "; {:.1} s were spent in the database", self.database.as_secs_f64())
    }
}
