//! File names of distributions.
//! Sources: <https://packaging.python.org/en/latest/specifications/binary-distribution-format/>,
//! <https://packaging.python.org/en/latest/specifications/source-distribution-format/>

use std::fmt;

use super::{NormalizedName, Version};

/// Longest file name that is taken: with `.metadata` behind it, it still fits the 255 bytes
/// that most file systems allow.
const LONGEST: usize = 240;
/// The ending of a wheel.
const WHEEL: &str = ".whl";

/// Wheel or source distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PackageType {
    /// A wheel (`.whl`).
    Wheel,
    /// A source distribution (`.tar.gz`, and `.zip` of older times).
    Sdist,
}

impl PackageType {
    /// The word that upload forms and the JSON API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wheel => "bdist_wheel",
            Self::Sdist => "sdist",
        }
    }

    /// Reads that word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "bdist_wheel" => Some(Self::Wheel),
            "sdist" => Some(Self::Sdist),
            _ => None,
        }
    }
}

/// Why a file name is not that of a distribution.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilenameError {
    /// A control character, a path separator or another character that no file name needs.
    #[error("it may only have printable ASCII characters without blanks and path separators")]
    Characters,
    /// Too many bytes.
    #[error("it is longer than {LONGEST} bytes")]
    Length,
    /// Neither wheel nor source distribution.
    #[error("it must end with .whl, .tar.gz or .zip")]
    Extension,
    /// The number of parts between dashes is off.
    #[error(
        "a wheel is named {{name}}-{{version}}(-{{build}})-{{python}}-{{abi}}-{{platform}}.whl"
    )]
    WheelParts,
    /// No dash between name and version.
    #[error("a source distribution is named {{name}}-{{version}}.tar.gz")]
    SdistParts,
    /// The part before the version is not a project name.
    #[error("{0:?} is not a valid project name")]
    Name(String),
    /// The part behind the name is not a version.
    #[error("{0:?} is not a valid version")]
    Version(String),
    /// The build tag does not begin with a digit.
    #[error("the build tag {0:?} must begin with a digit")]
    Build(String),
    /// A compatibility tag is empty or has other characters than letters, digits, `_` and `.`.
    #[error("the tag {0:?} is not a valid compatibility tag")]
    Tag(String),
}

/// The name of a distribution file, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filename {
    text: String,
    package_type: PackageType,
    name: NormalizedName,
    version: Version,
    /// Name and version as they stand in the file name, joined by a dash.
    stem: String,
    python_tag: String,
}

impl Filename {
    /// Takes a file name apart. For a source distribution `project` is the name that the
    /// uploader gave: `foo-1.0-1.tar.gz` can be told apart only with it.
    pub fn parse(text: &str, project: &NormalizedName) -> Result<Self, FilenameError> {
        Self::parse_for(text, Some(project))
    }

    /// Takes a file name apart without knowing the project: the version of a source distribution
    /// is taken to begin behind the last dash.
    pub fn parse_alone(text: &str) -> Result<Self, FilenameError> {
        Self::parse_for(text, None)
    }

    /// The project that a file name speaks of, as [`Filename::parse_alone`] finds it; whether the
    /// rest is right is not looked at.
    pub fn project_of(text: &str) -> Option<NormalizedName> {
        let (name, _) = match text.strip_suffix(WHEEL) {
            Some(stem) => stem.split_once('-')?,
            None => split_sdist(sdist_stem(text)?, None)?,
        };
        NormalizedName::parse(name)
    }

    fn parse_for(text: &str, project: Option<&NormalizedName>) -> Result<Self, FilenameError> {
        check_characters(text)?;
        if let Some(stem) = text.strip_suffix(WHEEL) {
            return parse_wheel(text, stem);
        }
        parse_sdist(text, sdist_stem(text).ok_or(FilenameError::Extension)?, project)
    }

    /// The whole file name.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Wheel or source distribution, by the extension.
    pub fn package_type(&self) -> PackageType {
        self.package_type
    }

    /// The project that the file name speaks of.
    pub fn name(&self) -> &NormalizedName {
        &self.name
    }

    /// The version that the file name speaks of.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// `{name}-{version}` exactly as written: the beginning of a wheel's `.dist-info` folder
    /// and the top folder of a source distribution.
    pub fn stem(&self) -> &str {
        &self.stem
    }

    /// The Python tag of a wheel, `source` for a source distribution: PyPI's `python_version`.
    pub fn python_tag(&self) -> &str {
        &self.python_tag
    }

    /// Whether this is a source distribution packed as ZIP.
    pub fn is_zip_sdist(&self) -> bool {
        self.package_type == PackageType::Sdist && self.text.ends_with(".zip")
    }
}

impl fmt::Display for Filename {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A file name of a source distribution without its ending.
fn sdist_stem(text: &str) -> Option<&str> {
    text.strip_suffix(".tar.gz").or_else(|| text.strip_suffix(".zip"))
}

fn check_characters(text: &str) -> Result<(), FilenameError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+!~@=,".contains(&byte);
    if !text.bytes().all(allowed) {
        return Err(FilenameError::Characters);
    }
    if text.len() > LONGEST { Err(FilenameError::Length) } else { Ok(()) }
}

fn parse_wheel(text: &str, stem: &str) -> Result<Filename, FilenameError> {
    let parts: Vec<&str> = stem.split('-').collect();
    let (name, version, build, tags) = match parts.as_slice() {
        [name, version, tags @ ..] if tags.len() == 3 => (*name, *version, None, tags),
        [name, version, build, tags @ ..] if tags.len() == 3 => {
            (*name, *version, Some(*build), tags)
        }
        _ => return Err(FilenameError::WheelParts),
    };
    if let Some(build) = build
        && !build.starts_with(|c: char| c.is_ascii_digit())
    {
        return Err(FilenameError::Build(build.to_owned()));
    }
    let python_tag = (*tags.first().ok_or(FilenameError::WheelParts)?).to_owned();
    // A digit here is a build tag in the wrong place, or a variant label of a draft standard.
    if python_tag.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(FilenameError::Tag(python_tag));
    }
    if let Some(bad) = tags.iter().find(|tag| !is_tag_set(tag)) {
        return Err(FilenameError::Tag((*bad).to_owned()));
    }
    if name.contains("__") {
        return Err(FilenameError::Name(name.to_owned()));
    }
    Ok(Filename {
        text: text.to_owned(),
        package_type: PackageType::Wheel,
        name: parse_name(name)?,
        // In a wheel's file name a dash of the version is written as an underscore; no version
        // in normal form has one, so an underscore is refused here.
        version: parse_version(version)?,
        stem: format!("{name}-{version}"),
        python_tag,
    })
}

fn parse_sdist(
    text: &str,
    stem: &str,
    project: Option<&NormalizedName>,
) -> Result<Filename, FilenameError> {
    let (name, version) = split_sdist(stem, project).ok_or(FilenameError::SdistParts)?;
    Ok(Filename {
        text: text.to_owned(),
        package_type: PackageType::Sdist,
        name: parse_name(name)?,
        version: parse_version(version)?,
        stem: stem.to_owned(),
        python_tag: "source".to_owned(),
    })
}

/// Splits at the dash before which the project's own name stands, else at the last dash.
fn split_sdist<'a>(stem: &'a str, project: Option<&NormalizedName>) -> Option<(&'a str, &'a str)> {
    let belongs = |(at, _): &(usize, &str)| {
        stem.split_at_checked(*at)
            .and_then(|(name, _)| NormalizedName::parse(name))
            .is_some_and(|name| Some(&name) == project)
    };
    let at = stem.match_indices('-').find(belongs).map(|(at, _)| at).or_else(|| stem.rfind('-'))?;
    let (name, rest) = stem.split_at_checked(at)?;
    Some((name, rest.strip_prefix('-')?))
}

fn parse_name(text: &str) -> Result<NormalizedName, FilenameError> {
    NormalizedName::parse(text).ok_or_else(|| FilenameError::Name(text.to_owned()))
}

fn parse_version(text: &str) -> Result<Version, FilenameError> {
    let written = Version::parse(text).filter(|_| !text.contains(char::is_whitespace));
    written.ok_or_else(|| FilenameError::Version(text.to_owned()))
}

/// A compressed tag set: tags joined by dots.
fn is_tag_set(text: &str) -> bool {
    let is_tag = |tag: &str| {
        !tag.is_empty() && tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    text.split('.').all(is_tag)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str, project: &str) -> Result<Filename, FilenameError> {
        let project = NormalizedName::parse(project).ok_or(FilenameError::SdistParts)?;
        Filename::parse(text, &project)
    }

    #[test]
    fn names_that_are_taken() {
        for (text, name, version, tag) in [
            ("foo-1.0-py3-none-any.whl", "foo", "1.0", "py3"),
            ("Foo.Bar-1.0-py3-none-any.whl", "foo-bar", "1.0", "py3"),
            ("foo-1.0-1-py3-none-any.whl", "foo", "1.0", "py3"),
            ("foo-1.0-1build-py3-none-any.whl", "foo", "1.0", "py3"),
            ("foo-1.0+l.1-py3-none-any.whl", "foo", "1.0+l.1", "py3"),
            ("foo-1.0-py3.py2-none-any.whl", "foo", "1.0", "py3.py2"),
            ("foo-1!1.0-cp311-abi3.abi3t-manylinux_2_17_x86_64.whl", "foo", "1!1.0", "cp311"),
            ("foo-1.0.tar.gz", "foo", "1.0", "source"),
            ("foo_bar-1.0.tar.gz", "foo-bar", "1.0", "source"),
            ("foo-bar-1.0.tar.gz", "foo-bar", "1.0", "source"),
            ("foo-1.0.zip", "foo", "1.0", "source"),
            ("foo-1.0-1.tar.gz", "foo", "1.0.post1", "source"),
        ] {
            let parsed = parse(text, name);
            assert_eq!(parsed.as_ref().map(|f| f.name().as_str()), Ok(name), "{text}");
            assert_eq!(parsed.as_ref().map(|f| f.version().to_string()), Ok(version.to_owned()));
            assert_eq!(parsed.as_ref().map(Filename::python_tag), Ok(tag));
            let alone = Filename::parse_alone(text).map(|f| f.name().clone()).ok();
            assert_eq!(Filename::project_of(text), alone, "{text}");
        }
    }

    #[test]
    fn names_that_are_refused() {
        for bad in [
            "foo__bar-1.0-py3-none-any.whl",
            "foo-1.0-b1-py3-none-any.whl",
            "foo-1.0-any.whl",
            "foo-1.0_1-py3-none-any.whl",
            "foo-1.0-py3--any.whl",
            "foo-1.0-3py-none-any.whl",
            "foo-1.0-py3-none-any.WHL",
            "foo-1.0-py3-none-any-x86_v3.whl",
            "foo-1.0.tgz",
            "foo.tar.gz",
            "-1.0.tar.gz",
            "foo-latest.tar.gz",
            "foo-1.0.tar.bz2",
            "foo-1.0.egg",
            "../foo-1.0.tar.gz",
            "a\\foo-1.0.tar.gz",
            "foo-1.0 .tar.gz",
            "foo-1.0.tar.gz\n",
            "föo-1.0.tar.gz",
            "",
            ".whl",
            ".tar.gz",
            "foo-1.0-py3-none-an\0y.whl",
        ] {
            assert!(parse(bad, "foo").is_err(), "{bad:?}");
        }
        let long = format!("foo-1.0-py3-none-{}.whl", "a".repeat(LONGEST));
        assert_eq!(parse(&long, "foo"), Err(FilenameError::Length));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".*") {
            let _ = parse(&text, "foo");
        }

        #[test]
        fn no_near_miss_makes_it_panic(text in "[a-z_.-]{0,8}-?[0-9.]{0,4}(-[a-z0-9_.]{0,4}){0,5}(\\.whl|\\.tar\\.gz)") {
            let _ = parse(&text, "foo");
            if let Ok(alone) = Filename::parse_alone(&text) {
                let project = Filename::project_of(&text);
                prop_assert_eq!(project.as_ref(), Some(alone.name()));
            }
        }
    }
}
