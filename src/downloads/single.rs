//! Single downloads: who has got what.

use diesel::prelude::*;

use crate::db::schema::{download_files as files, downloads, tokens};
use crate::db::{Conn, DownloadId};
use crate::error::{Error, Result};
use crate::packaging::{NormalizedName, Sha256, Version};
use crate::time::Time;

/// A download by a known caller. Names are as they were then.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Download {
    /// Its id: later ones have higher ones.
    pub id: DownloadId,
    /// When.
    pub at: Time,
    /// Which account.
    pub username: String,
    /// The number of the API token; none: a password or a session.
    pub token: Option<i64>,
    /// How the token is called, where it is still there.
    pub token_label: Option<String>,
    /// From which address.
    pub ip: Option<String>,
    /// With which program, as it calls itself.
    pub agent: Option<String>,
    /// What was downloaded: the project,
    pub project: String,
    /// the version,
    pub version: String,
    /// the file,
    pub filename: String,
    /// and its digest.
    pub sha256: String,
}

/// Which downloads are wanted; what is not set does not matter.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Those of one project.
    pub project: Option<NormalizedName>,
    /// Those of one version: 1.0 and 1.0.0 are the same.
    pub version: Option<Version>,
    /// Those of one file.
    pub file: Option<String>,
    /// Those of files with this SHA-256 or BLAKE2b-256, which look alike.
    pub digest: Option<Sha256>,
    /// Those by one account; upper and lower case are told apart.
    pub user: Option<String>,
    /// Those from this moment on.
    pub since: Option<Time>,
    /// Those before this one: the next page begins behind the last download of the page before.
    pub before: Option<DownloadId>,
}

impl Wanted {
    /// Reads what somebody typed; what is empty does not matter.
    ///
    /// Errors say what is no name, version or digest.
    pub fn parse(
        project: &str,
        version: &str,
        file: &str,
        digest: &str,
        user: &str,
    ) -> Result<Self> {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Ok(Self {
            project: read(project, NormalizedName::parse, "the name of a project")?,
            version: read(version, Version::parse, "a version")?,
            file: some(file),
            digest: read(digest, Sha256::parse, "a SHA-256 or BLAKE2b-256: 64 hexadecimal digits")?,
            user: some(user),
            ..Self::default()
        })
    }
}

fn read<T>(text: &str, parse: impl Fn(&str) -> Option<T>, what: &str) -> Result<Option<T>> {
    if text.is_empty() {
        return Ok(None);
    }
    let wrong = || Error::invalid("This cannot be looked for", format!("{text:?} is not {what}."));
    parse(text).map(Some).ok_or_else(wrong)
}

/// The latest downloads first, at most `limit`.
pub fn list(c: &mut Conn, wanted: &Wanted, limit: i64) -> QueryResult<Vec<Download>> {
    let mut query = downloads::table
        .inner_join(files::table)
        .left_join(tokens::table)
        .select((
            downloads::id,
            downloads::at,
            downloads::username,
            downloads::token_id,
            tokens::label.nullable(),
            downloads::ip,
            downloads::user_agent,
            files::project,
            files::version,
            files::filename,
            files::sha256,
        ))
        .into_boxed();
    if let Some(project) = &wanted.project {
        query = query.filter(files::project.eq(project.clone()));
    }
    if let Some(version) = &wanted.version {
        query = query.filter(files::version_key.eq(version.key()));
    }
    if let Some(file) = &wanted.file {
        query = query.filter(files::filename.eq(file.clone()));
    }
    if let Some(digest) = &wanted.digest {
        let digest = digest.as_str().to_owned();
        query = query.filter(files::sha256.eq(digest.clone()).or(files::blake2_256.eq(digest)));
    }
    if let Some(user) = &wanted.user {
        query = query.filter(downloads::username.eq(user.clone()));
    }
    if let Some(since) = wanted.since {
        query = query.filter(downloads::at.ge(since));
    }
    if let Some(before) = wanted.before {
        query = query.filter(downloads::id.lt(before));
    }
    query.order(downloads::id.desc()).limit(limit).load(c)
}
