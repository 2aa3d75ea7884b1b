//! The `cheeseshop` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    cheeseshop::cli::run()
}
