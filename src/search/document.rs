//! What of a project the search looks in.

use std::collections::BTreeSet;

use super::words::{classifier_mark, grams, python_marks, squeeze, variants, words};
use crate::catalog::project::{Project, Status};
use crate::catalog::ranked;
use crate::catalog::release::Release;
use crate::db::Conn;
use crate::error::Result;
use crate::packaging::{CoreMetadata, NormalizedName};
use crate::time::Time;

/// How much of a description is looked in, in bytes: nearly all are shorter, and who has more says
/// at the beginning what it is about.
const MOST_TEXT: usize = 64 * 1024;
/// How many different words of it.
const MOST_WORDS: usize = 4_000;
/// How much of a summary or of keywords is kept, in characters: they are lines.
const LONGEST_LINE: usize = 512;
/// How many classifiers a project is found by: more than there are known ones.
const MOST_CLASSIFIERS: usize = 1_000;

/// A project as the search knows it.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// Serial of its last change.
    pub(super) id: i64,
    pub(super) normalized: NormalizedName,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) summary: String,
    pub(super) keywords: String,
    pub(super) requires_python: Option<String>,
    pub(super) status: Status,
    pub(super) updated_at: Time,
    /// Tokens of its classifiers and of the Python versions that it works with.
    pub(super) marks: BTreeSet<String>,
    /// Words of name, summary and keywords.
    pub(super) heads: BTreeSet<String>,
    /// Pieces of the name.
    pub(super) letters: BTreeSet<String>,
    /// Words of everything.
    pub(super) texts: BTreeSet<String>,
}

impl Document {
    /// Reads a project; `None` where it is not to be found: it is quarantined or has no release.
    pub(super) fn read(c: &mut Conn, project: Project) -> Result<Option<Self>> {
        let status = project.status();
        if status == Status::Quarantined {
            return Ok(None);
        }
        let releases = ranked::releases(c, project.id)?;
        let Some(latest) = ranked::latest(&releases) else { return Ok(None) };
        let release = Release::by_version(c, project.id, &latest.version)?;
        let newest = Release::newest_of(c, project.id, 1)?.pop();
        let (Some(release), Some(newest)) = (release, newest) else { return Ok(None) };
        // One project that cannot be read must not keep all others out of the index.
        let metadata = release.metadata().unwrap_or_else(|error| {
            tracing::warn!(project = %project.normalized, error = error.chain(), "no words to find it by");
            CoreMetadata::default()
        });
        let version = latest.version.to_string();
        Ok(Some(Self::of(project, version, &metadata, (status, newest.created_at))))
    }

    fn of(
        project: Project,
        version: String,
        metadata: &CoreMetadata,
        (status, updated_at): (Status, Time),
    ) -> Self {
        let line = |field| cut(metadata.one(field).unwrap_or_default());
        let (summary, keywords) = (line("summary"), line("keywords"));
        let requires_python = metadata.requires_python().map(str::to_owned);
        let classifiers: Vec<_> = metadata.all("classifier").take(MOST_CLASSIFIERS).collect();
        let mut marks: BTreeSet<_> = classifiers.iter().map(|it| classifier_mark(it)).collect();
        marks.extend(python_marks(requires_python.as_deref()));
        let squeezed = squeeze(project.normalized.as_str());
        let mut letters = variants(&squeezed);
        letters.extend(grams(&squeezed));
        let mut heads: BTreeSet<String> = [squeezed].into();
        for text in [&project.name, &summary, &keywords] {
            heads.extend(words(text));
        }
        let mut texts = heads.clone();
        let classifiers = classifiers.into_iter().map(beginning);
        let whole = classifiers.chain([beginning(metadata.description())]);
        for word in whole.flat_map(words) {
            if texts.len() >= MOST_WORDS {
                break;
            }
            texts.insert(word);
        }
        heads.extend(marks.iter().cloned());
        texts.extend(marks.iter().cloned());
        Self {
            id: project.last_serial,
            normalized: project.normalized,
            name: project.name,
            version,
            summary,
            keywords,
            requires_python,
            status,
            updated_at,
            marks,
            heads,
            letters,
            texts,
        }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(LONGEST_LINE).collect()
}

/// As much of a text as is looked in.
fn beginning(text: &str) -> &str {
    let end = text.floor_char_boundary(MOST_TEXT);
    text.get(..end).unwrap_or_default()
}
