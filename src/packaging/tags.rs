//! Compatibility tags of wheels: for which Python and platform one is made.
//! Source: <https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/>

/// The platform of wheels that run everywhere.
pub const ANY: &str = "any";
/// The ABI of wheels that run with all later versions, too.
const ABI3: &str = "abi3";
/// The ABI of wheels that need none.
const NONE: &str = "none";

/// The tags in the name of a wheel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tags<'a> {
    python: &'a str,
    abi: &'a str,
    platform: &'a str,
}

impl<'a> Tags<'a> {
    /// Those in a file name; `None` where it is not the name of a wheel.
    pub fn of(filename: &'a str) -> Option<Self> {
        let mut parts = filename.strip_suffix(".whl")?.rsplitn(4, '-');
        let (platform, abi, python) = (parts.next()?, parts.next()?, parts.next()?);
        parts.next()?;
        Some(Self { python, abi, platform })
    }

    /// The platforms that it is for.
    pub fn platforms(self) -> impl Iterator<Item = &'a str> {
        self.platform.split('.')
    }

    /// Whether CPython of a version, such as 3 and 12, can use it.
    pub fn fits_python(self, major: u64, minor: u64) -> bool {
        let is_open = self.abi.split('.').any(|abi| abi == ABI3 || abi == NONE);
        self.python.split('.').any(|tag| {
            let Some((implementation, version)) = split(tag) else { return false };
            match (implementation, version) {
                ("py", (its, None)) => its == major,
                ("py", (its, Some(least))) => its == major && least <= minor,
                ("cp", (its, None)) => its == major && is_open,
                ("cp", (its, Some(least))) => {
                    its == major && (least == minor || is_open && least <= minor)
                }
                _ => false,
            }
        })
    }
}

/// `cp312` is CPython 3.12, `py3` any Python 3: the first digit is the major version.
fn split(tag: &str) -> Option<(&str, (u64, Option<u64>))> {
    let at = tag.find(|c: char| c.is_ascii_digit())?;
    let (implementation, digits) = tag.split_at_checked(at)?;
    let (major, minor) = digits.split_at_checked(1)?;
    let minor = if minor.is_empty() { None } else { Some(minor.parse().ok()?) };
    Some((implementation, (major.parse().ok()?, minor)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_fit_the_pythons_they_are_made_for() {
        for (tags, minor, expected) in [
            ("py3-none-any", 12, true),
            ("py2.py3-none-any", 12, true),
            ("py2-none-any", 12, false),
            ("py310-none-any", 12, true),
            ("py313-none-any", 12, false),
            ("cp312-cp312-win_amd64", 12, true),
            ("cp311-cp311-win_amd64", 12, false),
            ("cp37-abi3-win_amd64", 12, true),
            ("cp313-abi3-win_amd64", 12, false),
            ("cp36.cp37-abi3-win_amd64", 6, true),
            ("cp39-none-win_amd64", 12, true),
            ("pp310-pypy310_pp73-win_amd64", 10, false),
            ("cp3x-cp3x-any", 12, false),
            ("x-y-z", 12, false),
        ] {
            let name = format!("foo-1.0-{tags}.whl");
            let fits = Tags::of(&name).map(|tags| tags.fits_python(3, minor));
            assert_eq!(fits, Some(expected), "{tags} {minor}");
        }
    }

    #[test]
    fn tags_are_the_last_three_parts() {
        let platforms = |name| Tags::of(name).map(|tags| tags.platforms().collect::<Vec<_>>());
        let name = "foo-1.0-1build-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl";
        let expected = ["manylinux_2_17_x86_64", "manylinux2014_x86_64"];
        assert_eq!(platforms(name).as_deref(), Some(&expected[..]));
        assert_eq!(platforms("foo-1.0.tar.gz"), None);
        assert_eq!(platforms("py3-none-any.whl"), None);
    }
}
