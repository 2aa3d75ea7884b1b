//! How the file names of uploads are spelled, and which are spelled as of old.
//! Sources: <https://packaging.python.org/en/latest/specifications/source-distribution-format/>
//! (PEP 625), <https://packaging.python.org/en/latest/specifications/binary-distribution-format/>

use super::{Filename, NormalizedName, PackageType};

/// Why a file name is one of older times. Installers still take it; new files have none of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LegacyName {
    /// A source distribution packed as ZIP (PEP 625).
    #[error("a source distribution is packed as .tar.gz; its name should be {0:?}")]
    Zip(String),
    /// Name or version of a source distribution are spelled in another way (PEP 625).
    #[error("the name of a source distribution is normalized; it should be {0:?}")]
    Sdist(String),
    /// The name part of a wheel is spelled in another way.
    #[error("the first part of a wheel's name is the normalized project name; it should be {0:?}")]
    Wheel(String),
}

impl Filename {
    /// The file name as it should be: a source distribution is
    /// `{name}-{version}.tar.gz` with both normalized; a wheel begins with the normalized name,
    /// while its version may be spelled in any permitted way, as PyPI has it.
    pub fn normalized_form(&self) -> String {
        let name = escaped(self.name());
        match self.package_type() {
            PackageType::Sdist => format!("{name}-{}.tar.gz", self.version()),
            PackageType::Wheel => {
                let rest = self.as_str().split_once('-').map_or("", |(_, rest)| rest);
                format!("{name}-{rest}")
            }
        }
    }

    /// Why this is not the normalized form, with that form; `None` where it is.
    pub fn legacy_reason(&self) -> Option<LegacyName> {
        let normal = self.normalized_form();
        match self.package_type() {
            _ if normal == self.as_str() => None,
            PackageType::Sdist if self.is_zip_sdist() => Some(LegacyName::Zip(normal)),
            PackageType::Sdist => Some(LegacyName::Sdist(normal)),
            PackageType::Wheel => Some(LegacyName::Wheel(normal)),
        }
    }
}

/// A normalized name as file names have it: dashes separate their parts, so the name has none.
fn escaped(name: &NormalizedName) -> String {
    name.as_str().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_normalized() {
        for text in [
            "foo-1.0.tar.gz",
            "foo_bar-1.0.0.tar.gz",
            "foo-1!1.0+l.1.tar.gz",
            "foo_bar-1.0-py3-none-any.whl",
            "foo-1.0RC1-1-py3-none-any.whl",
            "foo-01.0-py3-none-any.whl",
        ] {
            let parsed = Filename::parse_alone(text);
            assert_eq!(parsed.map(|name| name.legacy_reason()), Ok(None), "{text}");
        }
    }

    /// Without the project's name, the last dash decides.
    #[test]
    fn an_ambiguous_name_is_never_normalized() {
        let parsed = Filename::parse_alone("foo-1.0-1.tar.gz");
        assert_eq!(parsed.as_ref().map(|name| name.name().as_str()), Ok("foo-1-0"));
        let reason = parsed.map(|name| name.legacy_reason());
        assert_eq!(reason, Ok(Some(LegacyName::Sdist("foo_1_0-1.tar.gz".into()))));
    }

    #[test]
    fn names_that_are_not() {
        for (text, project, expected) in [
            ("foo-1.0.zip", "foo", LegacyName::Zip("foo-1.0.tar.gz".into())),
            ("Foo-1.0.tar.gz", "foo", LegacyName::Sdist("foo-1.0.tar.gz".into())),
            ("foo-bar-1.0.tar.gz", "foo-bar", LegacyName::Sdist("foo_bar-1.0.tar.gz".into())),
            ("foo.bar-1.0.tar.gz", "foo-bar", LegacyName::Sdist("foo_bar-1.0.tar.gz".into())),
            ("foo__bar-1.0.tar.gz", "foo-bar", LegacyName::Sdist("foo_bar-1.0.tar.gz".into())),
            ("foo-1.0RC1.tar.gz", "foo", LegacyName::Sdist("foo-1.0rc1.tar.gz".into())),
            ("foo-1.0-1.tar.gz", "foo", LegacyName::Sdist("foo-1.0.post1.tar.gz".into())),
            (
                "Foo.Bar-1.0-1-py3-none-any.whl",
                "foo-bar",
                LegacyName::Wheel("foo_bar-1.0-1-py3-none-any.whl".into()),
            ),
        ] {
            let reason = NormalizedName::parse(project)
                .and_then(|project| Filename::parse(text, &project).ok()?.legacy_reason());
            assert_eq!(reason, Some(expected), "{text}");
        }
    }
}
