//! The sweep of the mail domains, with what an index has.

use super::App;
use crate::domains::sweep::{Clock, How, Progress, Report, Rules, Sweeper, sweep};
use crate::error::Result;
use crate::jobs::Lease;

impl App {
    /// Sweeps the mail domains as the run that has this lease; `None` where no provider is
    /// configured.
    pub async fn sweep_domains(
        &self,
        lease: &Lease,
        how: How,
        progress: Progress<'_>,
    ) -> Result<Option<Report>> {
        let Some(asker) = &self.asker else { return Ok(None) };
        let (rules, clock) = (Rules::of(&self.config.domains), Clock::start());
        let sweeper = Sweeper { db: &self.db, asker, rules: &rules, clock, progress };
        let report = sweep(&sweeper, lease, how).await?;
        self.mailer.wake();
        Ok(Some(report))
    }
}
