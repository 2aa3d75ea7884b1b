//! Asking the operator for a password.

use std::io::{IsTerminal, Read};

use super::Failure;

/// Asks twice on a terminal, reads the first line of standard input otherwise.
pub(super) fn ask_password(from_stdin: bool) -> Result<String, Failure> {
    if from_stdin {
        return read_stdin();
    }
    if std::io::stdin().is_terminal() {
        return type_twice();
    }
    let words = "there is no terminal to ask for the password on; use --password-stdin";
    Err(Failure::Usage(words.to_owned()))
}

fn read_stdin() -> Result<String, Failure> {
    let mut text = String::new();
    let limit = crate::accounts::password::LONGEST as u64 * 4 + 2;
    let read = std::io::stdin().take(limit).read_to_string(&mut text);
    read.map_err(|error| Failure::Failed(format!("reading the password: {error}")))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn type_twice() -> Result<String, Failure> {
    let ask = |prompt| {
        rpassword::prompt_password(prompt)
            .map_err(|error| Failure::Failed(format!("reading the password: {error}")))
    };
    let first = ask("Password: ")?;
    if ask("Again: ")? != first {
        return Err(Failure::Failed("the two passwords differ".to_owned()));
    }
    Ok(first)
}
