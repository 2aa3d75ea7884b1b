//! `entry_points.txt`: the scripts that an installer writes.
//! Source: <https://packaging.python.org/en/latest/specifications/entry-points/>

use std::collections::HashSet;

use super::WheelError;

/// The sections whose names become files.
const SCRIPTS: [&str; 2] = ["console_scripts", "gui_scripts"];

/// What ends a line for `str.splitlines` of Python (docs.python.org/3/library/stdtypes.html#str.splitlines).
const ENDS: [char; 10] =
    ['\n', '\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];

/// Checks that it can be read, and the names that become files, by whomever they are seen.
pub(super) fn check(bytes: &[u8]) -> Result<(), WheelError> {
    let text = str::from_utf8(bytes).map_err(|_| WheelError::EntryPointsNotUtf8)?;
    check_as_configuration(text)?;
    check_lines(text)
}

/// Reads it as Python's `configparser` does with `=` as the only delimiter.
fn check_as_configuration(text: &str) -> Result<(), WheelError> {
    let mut section: Option<&str> = None;
    let mut seen = HashSet::new();
    // How deep the last option stands: what stands deeper continues its value.
    let mut option: Option<usize> = None;
    for (at, line) in text.lines().enumerate() {
        let broken = || WheelError::EntryPointsLine(at + 1);
        let bare = line.trim();
        if bare.is_empty() || bare.starts_with(['#', ';']) {
            continue;
        }
        let depth = line.chars().take_while(|letter| letter.is_whitespace()).count();
        if option.is_some_and(|option| depth > option) {
            continue;
        }
        if let Some(name) = section_name(bare) {
            section = Some(name);
            option = None;
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
        option = Some(depth);
    }
    Ok(())
}

/// Checks the scripts that `importlib.metadata` sees, by which pip reads the file: it knows no
/// continued lines, and ends lines at more characters.
fn check_lines(text: &str) -> Result<(), WheelError> {
    let mut is_of_scripts = false;
    for line in text.split(ENDS).map(str::trim) {
        if line.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with('[') && line.ends_with(']') {
            is_of_scripts = SCRIPTS.contains(&line.trim_matches(['[', ']']));
        } else if let (true, Some((name, _))) = (is_of_scripts, line.split_once('=')) {
            check_script(name.trim())?;
        }
    }
    Ok(())
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
            // As in the descriptions of old projects.
            "\n    [a]\n    x = foo\n    [console_scripts]\n    foo = foo:main\n      [extra]\n    ",
            "[console_scripts]\nfoo = foo:main\u{c}\n# a\rcomment\n[a]\nx = 1\r2 = 3\n",
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
            ("[x]\na = 1\n [console_scripts]\n../b = 2", WheelError::ScriptName("../b".into())),
            ("[x]\na = 1\r[console_scripts]\r../b = 2", WheelError::ScriptName("../b".into())),
            ("[x]\na = 1\u{85}[console_scripts]\n../b = 2", WheelError::ScriptName("../b".into())),
        ] {
            assert_eq!(check(text.as_bytes()), Err(error), "{text:?}");
        }
        assert_eq!(check(b"[a]\nx = \xff"), Err(WheelError::EntryPointsNotUtf8));
    }
}
