//! What is typed to confirm an act that cannot be taken back, compared exactly.

use crate::error::{Error, Result};

/// Whether the typed version is this one.
pub(super) fn version(typed: &str, version: &str) -> Result<()> {
    same(typed, version, "version")
}

/// Whether the typed name is this one, as its owner spells it; blanks around it are dropped.
pub(super) fn project(typed: &str, name: &str) -> Result<()> {
    same(typed.trim(), name, "name of the project")
}

fn same(typed: &str, expected: &str, what: &str) -> Result<()> {
    if typed == expected {
        return Ok(());
    }
    let words = match typed {
        "" => format!("Type the {what}, {expected}, to confirm."),
        _ => format!("Nothing was done: what you typed is not the {what}, {expected}."),
    };
    Err(Error::invalid("That does not confirm it", words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_same_text_confirms() {
        for (typed, is_right) in
            [("1.0", true), ("1.0 ", false), ("1.0.0", false), ("", false), ("v1.0", false)]
        {
            assert_eq!(version(typed, "1.0").is_ok(), is_right, "{typed:?}");
        }
        for (typed, is_right) in
            [("Foo.Bar", true), (" Foo.Bar\t", true), ("foo-bar", false), ("", false), (" ", false)]
        {
            assert_eq!(project(typed, "Foo.Bar").is_ok(), is_right, "{typed:?}");
        }
    }
}
