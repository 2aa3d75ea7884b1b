//! `cheeseshop mirror quarantine|allow|release`

use clap::Args;

use super::super::{Failure, out};
use crate::accounts::Visit;
use crate::accounts::act::Order;
use crate::config::Config;
use crate::db::{Db, MirrorRuleId};
use crate::error::{Kind, Result};
use crate::mirror::administer::{self, Target};
use crate::time::{self, Time};

/// What a rule is about.
#[derive(Args)]
struct What {
    /// The project
    #[arg(default_value = "", hide_default_value = true)]
    project: String,
    /// Only this version of it
    #[arg(long, default_value = "", hide_default_value = true, conflicts_with = "file")]
    version: String,
    /// Only this file of it
    #[arg(long, value_name = "FILENAME", default_value = "", hide_default_value = true)]
    file: String,
}

#[derive(Args)]
pub(in crate::cli) struct Quarantine {
    #[command(flatten)]
    what: What,
    /// Whatever has this SHA-256, of any project
    #[arg(long, value_name = "SHA256", default_value = "", hide_default_value = true)]
    digest: String,
    /// Why; readers see it
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Args)]
pub(in crate::cli) struct Allow {
    #[command(flatten)]
    what: What,
    /// The last day, such as 2026-12-31
    #[arg(long, value_name = "DAY", value_parser = last_day)]
    until: Time,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Args)]
pub(in crate::cli) struct Release {
    /// The number of the rule, as `mirror status` shows it
    rule: i64,
    /// Why
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    reason: String,
}

fn last_day(text: &str) -> Result<Time, String> {
    time::end_of_day(text).ok_or_else(|| "not a day such as 2026-12-31".to_owned())
}

impl What {
    fn target(&self, digest: &str) -> Result<Target, Failure> {
        let target = Target::parse(&self.project, &self.version, &self.file, digest);
        target.map_err(|error| Failure::Usage(error.detail().to_owned()))
    }
}

fn order(reason: &str) -> Result<Order, Failure> {
    Ok(Order::operator(Visit::operator()).because(reason)?)
}

fn database(config: &Config) -> Result<Db, Failure> {
    let db = Db::open(&config.database_url, config.read_only)?;
    db.check_writable()?;
    Ok(db)
}

impl Quarantine {
    pub(super) async fn run(self, config: &Config) -> Result<(), Failure> {
        let (target, order) = (self.what.target(&self.digest)?, order(&self.reason)?);
        let add = move |c: &mut _| administer::quarantine(c, &order, &target);
        let id = database(config)?.write(add).await?;
        out::line(format!("rule {}: quarantined", id.get()));
        Ok(())
    }
}

impl Allow {
    pub(super) async fn run(self, config: &Config) -> Result<(), Failure> {
        let (target, order) = (self.what.target("")?, order(&self.reason)?);
        let until = self.until;
        let add = move |c: &mut _| administer::allow(c, &order, &target, until);
        let id = database(config)?.write(add).await?;
        out::line(format!("rule {}: allowed until {}", id.get(), time::for_people(until)));
        Ok(())
    }
}

impl Release {
    pub(super) async fn run(self, config: &Config) -> Result<(), Failure> {
        let (id, order) = (self.rule, order(&self.reason)?);
        let lift = move |c: &mut _| administer::lift(c, &order, MirrorRuleId::new(id));
        match database(config)?.write(lift).await {
            Ok(rule) => {
                let about =
                    if rule.project.is_empty() { "a digest".to_owned() } else { rule.project };
                out::line(format!("rule {id} about {about} is lifted"));
                Ok(())
            }
            Err(error) if error.kind() == Kind::NotFound => {
                Err(Failure::Failed(format!("there is no rule {id}")))
            }
            Err(error) => Err(error.into()),
        }
    }
}
