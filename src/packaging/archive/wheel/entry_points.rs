//! `entry_points.txt`: the scripts that an installer writes.
//! Source: <https://packaging.python.org/en/latest/specifications/entry-points/>

use std::collections::HashSet;

use super::WheelError;

/// The sections whose names become files.
const SCRIPTS: [&str; 2] = ["console_scripts", "gui_scripts"];

/// What ends a line for some readers (`str.splitlines` of Python) and not for others. A carriage
/// return is only left where no line feed follows it.
const OTHER_ENDS: [char; 9] =
    ['\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];

/// Reads it as Python's `configparser` does with `=` as the only delimiter, and checks the names
/// that become files. Other readers, that of `importlib.metadata` among them, know no continued
/// lines: what they would take for a script is checked, too.
pub(super) fn check(bytes: &[u8]) -> Result<(), WheelError> {
    let text = str::from_utf8(bytes).map_err(|_| WheelError::EntryPointsNotUtf8)?;
    let mut section: Option<&str> = None;
    let mut seen = HashSet::new();
    let mut in_value = false;
    for (at, line) in text.lines().enumerate() {
        let broken = || WheelError::EntryPointsLine(at + 1);
        if line.contains(OTHER_ENDS) {
            return Err(broken());
        }
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        if in_value && line.starts_with(char::is_whitespace) {
            check_continued(bare, section).map_err(|error| error.unwrap_or_else(broken))?;
            continue;
        }
        if let Some(name) = section_name(bare) {
            section = Some(name);
            in_value = false;
            continue;
        }
        let (name, _) = bare.split_once('=').ok_or_else(broken)?;
        let (name, section) = (name.trim(), section.ok_or_else(broken)?);
        if name.is_empty() {
            return Err(broken());
        }
        if SCRIPTS.contains(&section) {
            check_script(name)?;
        }
        if !seen.insert((section, name)) {
            return Err(WheelError::EntryPointRepeated(name.into()));
        }
        in_value = true;
    }
    Ok(())
}

/// Checks a line that continues a value for some readers; an error without words where it begins a
/// section for the others.
fn check_continued(bare: &str, section: Option<&str>) -> Result<(), Option<WheelError>> {
    if section_name(bare).is_some() {
        return Err(None);
    }
    match bare.split_once('=') {
        Some((name, _)) if section.is_some_and(|it| SCRIPTS.contains(&it)) => {
            check_script(name.trim()).map_err(Some)
        }
        _ => Ok(()),
    }
}

fn section_name(line: &str) -> Option<&str> {
    let (name, _) = line.strip_prefix('[')?.rsplit_once(']')?;
    (!name.is_empty()).then_some(name)
}

/// `[\w.-]+`, and nothing that is a folder.
fn check_script(name: &str) -> Result<(), WheelError> {
    let is_word = |letter: char| letter.is_alphanumeric() || "_.-".contains(letter);
    let fits = name.chars().all(is_word) && name != "." && name != "..";
    if fits { Ok(()) } else { Err(WheelError::ScriptName(name.into())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_installers_take_is_taken() {
        for text in [
            "",
            "[console_scripts]\nfoo = foo:main\n",
            "[console_scripts]\r\nfoo=foo:main\r\n\r\n[gui_scripts]\r\nfoo = foo:gui\r\n",
            "# comment\n; another\n[console_scripts]\nfoo-bar.x_1 = foo:main [extra]\n",
            "[other]\nany name: at/all = foo\n  continued\n\tand = on\n",
            "[console_scripts]\n",
            "[a]\nx = 1\n[b]\nx = 1\n",
            "[console_scripts]\nłukasz = foo:main",
        ] {
            assert_eq!(check(text.as_bytes()), Ok(()), "{text:?}");
        }
    }

    #[test]
    fn what_leads_astray_is_refused() {
        for (text, error) in [
            ("foo = bar", WheelError::EntryPointsLine(1)),
            ("[console_scripts]\nfoo", WheelError::EntryPointsLine(2)),
            ("[console_scripts]\nfoo: bar", WheelError::EntryPointsLine(2)),
            ("[console_scripts]\n = bar", WheelError::EntryPointsLine(2)),
            ("[console_scripts\nfoo = bar", WheelError::EntryPointsLine(1)),
            ("[console_scripts]\n../foo = bar", WheelError::ScriptName("../foo".into())),
            ("[gui_scripts]\na\\b = bar", WheelError::ScriptName("a\\b".into())),
            ("[gui_scripts]\na b = bar", WheelError::ScriptName("a b".into())),
            ("[console_scripts]\n.. = bar", WheelError::ScriptName("..".into())),
            ("[console_scripts]\na = 1\na = 2", WheelError::EntryPointRepeated("a".into())),
            ("[console_scripts]\na = 1\n  ../b = 2", WheelError::ScriptName("../b".into())),
            ("[x]\na = 1\n [console_scripts]\n../b = 2", WheelError::EntryPointsLine(3)),
            ("[x]\na = 1\r[console_scripts]\r../b = 2", WheelError::EntryPointsLine(2)),
            ("[x]\na = 1\u{85}[console_scripts]", WheelError::EntryPointsLine(2)),
        ] {
            assert_eq!(check(text.as_bytes()), Err(error), "{text:?}");
        }
        assert_eq!(check(b"[a]\nx = \xff"), Err(WheelError::EntryPointsNotUtf8));
    }
}
