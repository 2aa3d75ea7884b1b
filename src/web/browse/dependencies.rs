//! What a release needs: its `Requires-Dist`, by extra.

use std::collections::BTreeSet;

use super::foreign;
use crate::catalog::project::Project;
use crate::db::Conn;
use crate::error::Result;
use crate::mirror::pages;
use crate::packaging::metadata::Requirement;
use crate::packaging::{CoreMetadata, NormalizedName};

/// As many are shown; the JSON API has all.
const MOST: usize = 100;
/// Longest name of one, and longest text beside it, in characters.
const LONGEST: usize = 160;

/// Something that is needed.
#[derive(Debug)]
pub(super) struct Dependency {
    /// The project's name as the release writes it.
    pub(super) name: String,
    /// Versions, extras, conditions: all that is written beside the name.
    pub(super) rest: String,
    /// The project's name if it is one of this index.
    pub(super) here: Option<NormalizedName>,
    normalized: Option<NormalizedName>,
}

/// What is needed always, or for an extra.
#[derive(Debug)]
pub(super) struct Group {
    /// The extra; empty for what is needed always.
    pub(super) extra: String,
    pub(super) needed: Vec<Dependency>,
}

/// Everything that a release needs.
#[derive(Debug)]
pub(super) struct Dependencies {
    pub(super) groups: Vec<Group>,
    /// How many more there are than are shown.
    pub(super) more: usize,
}

impl Dependencies {
    /// Reads them. What cannot be read is shown as it is.
    pub(super) fn of(metadata: &CoreMetadata) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for text in metadata.all("requires-dist").take(MOST) {
            let extra = extra_of(text).unwrap_or_default();
            let dependency = Dependency::of(text);
            match groups.iter_mut().find(|group| group.extra == extra) {
                Some(group) => group.needed.push(dependency),
                None => groups.push(Group { extra: extra.to_owned(), needed: vec![dependency] }),
            }
        }
        // The empty name stands before all others.
        groups.sort_by(|one, other| one.extra.cmp(&other.extra));
        let more = metadata.all("requires-dist").count().saturating_sub(MOST);
        Self { groups, more }
    }

    /// The names of the projects that are needed.
    fn names(&self) -> Vec<NormalizedName> {
        let all = self.groups.iter().flat_map(|group| &group.needed);
        all.filter_map(|it| it.normalized.clone()).collect()
    }

    /// Notes which of them have pages here: those that are hosted, and those that were taken from
    /// other indexes, where any are asked.
    pub(super) fn look_up(&mut self, c: &mut Conn, is_mirror: bool) -> Result<()> {
        let names = self.names();
        if names.is_empty() {
            return Ok(());
        }
        let mut here = if is_mirror { pages::among(c, &names)? } else { Vec::new() };
        here.extend(Project::among(c, names)?);
        self.are_here(&here);
        Ok(())
    }

    /// Notes which of them are projects of this index.
    fn are_here(&mut self, here: &[NormalizedName]) {
        let here: BTreeSet<_> = here.iter().map(NormalizedName::as_str).collect();
        for it in self.groups.iter_mut().flat_map(|group| &mut group.needed) {
            it.here = it.normalized.clone().filter(|name| here.contains(name.as_str()));
        }
    }
}

impl Dependency {
    fn of(text: &str) -> Self {
        let Ok(requirement) = Requirement::parse(text) else {
            let name = foreign::line(text, LONGEST);
            return Self { name, rest: String::new(), here: None, normalized: None };
        };
        let rest = text.trim_start().strip_prefix(requirement.name).unwrap_or_default();
        Self {
            name: foreign::line(requirement.name, LONGEST),
            rest: foreign::line(rest, LONGEST),
            here: None,
            // A direct reference is taken from elsewhere, whatever has that name here.
            normalized: match requirement.url {
                Some(_) => None,
                None => NormalizedName::parse(requirement.name),
            },
        }
    }
}

/// The extra for which something is needed: that of the first `extra == "…"` in its marker.
fn extra_of(text: &str) -> Option<&str> {
    let (_, marker) = text.split_once(';')?;
    let (_, behind) = marker.split_once("extra")?;
    let value = behind.trim_start().strip_prefix("==")?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (extra, _) = value.strip_prefix(quote)?.split_once(quote)?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (extra.len() <= LONGEST && extra.chars().all(is_name)).then_some(extra)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_shown_by_extra() {
        let metadata = CoreMetadata::parse(
            b"Requires-Dist: Flask>=2; python_version < '4'\nRequires-Dist: rich[jupyter]\n\
              Requires-Dist: pytest ; extra == 'test'\nRequires-Dist: a @ https://e.org/a.whl\n\
              Requires-Dist: <script>\nRequires-Dist: b>1; (os_name=='x') and extra==\"test\"\n",
        );
        let mut found = Dependencies::of(&metadata);
        let names: Vec<_> = found.names().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["flask", "rich", "pytest", "b"]);
        found.are_here(&NormalizedName::parse("flask").into_iter().collect::<Vec<_>>());
        let shown: Vec<_> = found
            .groups
            .iter()
            .map(|group| {
                let line = |it: &Dependency| {
                    format!("{}{}{}", if it.here.is_some() { "+" } else { "" }, it.name, it.rest)
                };
                (group.extra.as_str(), group.needed.iter().map(line).collect::<Vec<_>>())
            })
            .collect();
        let always = [
            "+Flask>=2; python_version < '4'",
            "rich[jupyter]",
            "a@ https://e.org/a.whl",
            "<script>",
        ];
        let test = ["pytest; extra == 'test'", "b>1; (os_name=='x') and extra==\"test\""];
        assert_eq!(
            shown,
            [("", always.to_vec()), ("test", test.to_vec())].map(|(extra, lines)| {
                (extra, lines.into_iter().map(str::to_owned).collect::<Vec<_>>())
            })
        );
        assert_eq!(found.more, 0);
    }
}
