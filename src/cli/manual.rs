//! `cheeseshop completions` and `cheeseshop man`: made of the definition of the command line.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use super::{Cli, Failure, out};
use crate::error::{Doing, Result};

/// What the binary is called.
const NAME: &str = "cheeseshop";

/// Print what a shell needs to complete commands.
#[derive(Args)]
pub(super) struct Completions {
    /// Which shell
    shell: Shell,
}

impl Completions {
    pub(super) fn run(self) {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Cli::command(), NAME, &mut script);
        out::text(&script);
    }
}

/// Print the manual page, or write one for each command.
#[derive(Args)]
pub(super) struct Man {
    /// Write the pages of all commands into this folder instead
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.out {
            Some(folder) => Ok(write_all(&folder)?),
            None => Ok(print()?),
        }
    }
}

fn print() -> Result<()> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(Cli::command()).render(&mut page);
    rendered.doing(|| "writing the manual page".to_owned())?;
    out::text(&page);
    Ok(())
}

fn write_all(folder: &Path) -> Result<()> {
    let doing = || format!("writing the manual pages into {}", folder.display());
    std::fs::create_dir_all(folder).doing(doing)?;
    clap_mangen::generate_to(Cli::command(), folder).doing(doing)
}
