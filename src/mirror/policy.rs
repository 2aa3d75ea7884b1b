//! Which names may be asked for at other indexes at all.
//!
//! A name of ours is never asked for: neither what is hosted here, nor what was, nor what nobody
//! or only some may use. So nobody can put anything under such a name by publishing it elsewhere,
//! and no index learns what projects a company has.

use std::collections::BTreeSet;

use diesel::prelude::*;

use crate::catalog::{former, prefix, prohibited};
use crate::config;
use crate::db::Conn;
use crate::db::schema::{former_projects, mirror_pages, mirror_rules, prohibited_names, projects};
use crate::mirror::rule;
use crate::packaging::NormalizedName;

/// What holds for a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRule {
    /// It is one of ours.
    Local(Ours),
    /// The configuration does not let it be taken from elsewhere.
    Denied,
    /// It may be asked for.
    Allowed,
}

/// Why a name is one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ours {
    /// A project here has it, quarantined or not.
    Hosted,
    /// A project here had it.
    Former,
    /// An administrator prohibited it.
    Prohibited,
    /// It is covered by a reserved prefix (PEP 752).
    Reserved,
}

/// What holds for a name now.
pub fn name_rule(
    c: &mut Conn,
    config: &config::Mirror,
    name: &NormalizedName,
) -> QueryResult<NameRule> {
    let hosted = projects::table.filter(projects::normalized.eq(name)).select(projects::id);
    if diesel::select(diesel::dsl::exists(hosted)).get_result(c)? {
        return Ok(NameRule::Local(Ours::Hosted));
    }
    if former::is_kept(c, name)? {
        return Ok(NameRule::Local(Ours::Former));
    }
    if prohibited::reason(c, name)?.is_some() {
        return Ok(NameRule::Local(Ours::Prohibited));
    }
    if prefix::covering(c, name)?.is_some() {
        return Ok(NameRule::Local(Ours::Reserved));
    }
    let is_allowed = is_allowed(config, name);
    Ok(if is_allowed { NameRule::Allowed } else { NameRule::Denied })
}

/// Whether the configuration lets a name be taken from elsewhere.
fn is_allowed(config: &config::Mirror, name: &NormalizedName) -> bool {
    config.allow.fit(name.as_str()) && !config.deny.fit(name.as_str())
}

/// The names of all pages that are kept and may be shown now, from the indexes for which `knows`
/// says so; projects that an administrator quarantined are not listed.
pub(super) fn listed(
    c: &mut Conn,
    config: &config::Mirror,
    knows: impl Fn(&str) -> bool,
) -> QueryResult<BTreeSet<NormalizedName>> {
    let hosted = projects::table.select(projects::normalized);
    let former = former_projects::table.select(former_projects::normalized);
    let prohibited = prohibited_names::table.select(prohibited_names::normalized);
    let held = mirror_rules::table
        .filter(mirror_rules::action.eq(rule::QUARANTINE))
        .filter(mirror_rules::version.is_null())
        .filter(mirror_rules::filename.is_null())
        .filter(mirror_rules::sha256.is_null())
        .select(mirror_rules::project);
    let rows: Vec<(NormalizedName, String)> = mirror_pages::table
        .filter(mirror_pages::name.ne_all(hosted))
        .filter(mirror_pages::name.ne_all(former))
        .filter(mirror_pages::name.ne_all(prohibited))
        .filter(mirror_pages::name.ne_all(held))
        .select((mirror_pages::name, mirror_pages::upstream))
        .load(c)?;
    let reserved = prefix::names(c)?;
    let is_shown = |name: &NormalizedName, upstream: &str| {
        knows(upstream)
            && is_allowed(config, name)
            && !reserved.iter().any(|prefix| prefix::covers(prefix, name))
    };
    Ok(rows
        .into_iter()
        .filter(|(name, upstream)| is_shown(name, upstream))
        .map(|(name, _)| name)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::project::Project;
    use crate::config::{Config, DatabaseUrl, Flags};
    use crate::db::Db;
    use crate::error::{Error, Result};
    use crate::packaging::ProjectName;
    use crate::time;

    fn name(text: &str) -> Result<NormalizedName> {
        NormalizedName::parse(text).ok_or_else(|| Error::not_found(text))
    }

    #[tokio::test]
    async fn names_of_ours_go_before_what_the_configuration_says() -> Result<()> {
        let folder = tempfile::tempdir().map_err(|error| Error::internal("tempdir", error))?;
        let text = "mirror = {allow = [\"*-x\", \"hosted\", \"a*\"], deny = [\"abc-?\"]}";
        let written = std::fs::write(folder.path().join("cheeseshop.toml"), text);
        written.map_err(|error| Error::internal("writing", error))?;
        let flags = Flags { data: Some(folder.path().to_owned()), ..Flags::default() };
        let (config, ..) =
            Config::load(&flags).map_err(|error| Error::internal("configuring", error))?;
        let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("x.db")), false)?;
        db.write(move |c| {
            let hosted = ProjectName::parse("Hosted").ok_or_else(|| Error::not_found("name"))?;
            Project::create(c, &hosted, time::now())?;
            prohibited::add(c, &name("abc-x")?, "no", time::now())?;
            prefix::add(c, &name("acme")?, &[], "ours", time::now())?;
            prefix::add(c, &name("acme-lab")?, &[], "ours", time::now())?;
            for (text, expected) in [
                ("hosted", NameRule::Local(Ours::Hosted)),
                ("abc-x", NameRule::Local(Ours::Prohibited)),
                ("acme", NameRule::Local(Ours::Reserved)),
                ("Acme.Lab_x", NameRule::Local(Ours::Reserved)),
                ("acmelab", NameRule::Allowed),
                ("abc-y", NameRule::Denied),
                ("abc-yy", NameRule::Allowed),
                ("some-x", NameRule::Allowed),
                ("other", NameRule::Denied),
            ] {
                assert_eq!(name_rule(c, &config.mirror, &name(text)?)?, expected, "{text}");
            }
            Ok(())
        })
        .await
    }
}
