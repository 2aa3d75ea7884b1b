//! `cheeseshop mirror fetch`

use std::path::PathBuf;

use clap::Args;

use super::super::{Failure, out};
use super::progress::Progress;
use super::sources::Sources;
use crate::config::{Config, size_for_people};
use crate::error::Result;
use crate::mirror::fill::{Choice, Kinds, Missing, Pace, Report};
use crate::packaging::Version;

#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub(in crate::cli) struct Fetch {
    /// Projects, such as foo, `foo==1.0` or `foo>=1,<2`: of each the latest version that fits; also
    /// paths of uv.lock and pylock.toml
    #[arg(value_name = "NAME", required_unless_present = "files")]
    names: Vec<String>,
    /// What this file names: requirements.txt, uv.lock or pylock.toml
    #[arg(short = 'r', long = "requirement", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// All versions that fit
    #[arg(long)]
    all_versions: bool,
    /// Also versions before the final ones
    #[arg(long)]
    pre: bool,
    /// Only wheels for platforms such as `win_amd64`, `manylinux*_x86_64` or `macosx_*_arm64`;
    /// those that run everywhere, and source distributions, are always meant
    #[arg(long = "platform", value_name = "GLOB")]
    platforms: Vec<String>,
    /// Only files for this version of CPython, such as 3.12
    #[arg(long = "python", value_name = "VERSION", value_parser = python)]
    pythons: Vec<Version>,
    /// No source distributions
    #[arg(long)]
    no_sdist: bool,
    /// Do not pin what is fetched: it may leave to make room
    #[arg(long)]
    no_pin: bool,
}

fn python(text: &str) -> Result<Version, String> {
    let version = Version::parse(text).filter(Version::is_bare_release);
    version.ok_or_else(|| "not a version of Python such as 3.12".to_owned())
}

impl Fetch {
    pub(super) async fn run(self, config: &Config) -> Result<(), Failure> {
        let mirror = super::open(config)?;
        if config.mirror.offline {
            let words = "nobody is asked: mirror.offline is set";
            return Err(Failure::Failed(words.to_owned()));
        }
        let mut sources = Sources::default();
        for name in &self.names {
            sources.add_name(name)?;
        }
        for path in &self.files {
            sources.add_file(path)?;
        }
        let choice = Choice {
            kinds: Kinds {
                platforms: self.platforms,
                pythons: self.pythons,
                no_sdists: self.no_sdist,
            },
            all_versions: self.all_versions,
            prereleases: self.pre || sources.prereleases,
        };
        let (needs, mut missing) = sources.finish();
        let bar = Progress::start("pages", needs.len());
        let plan = mirror.plan(needs, &choice, &|| bar.step()).await;
        bar.end();
        let plan = plan?;
        for name in &plan.hosted {
            out::note(format!("{name}: hosted here, nothing to fetch"));
        }
        let bar = Progress::start("files", plan.len());
        let pace = |pace: Pace<'_>| match pace {
            Pace::Fetched(name) => bar.did(name, "fetched"),
            Pace::There(name) => bar.did(name, "already there"),
            Pace::Missing(..) => bar.step(),
        };
        let report = mirror.fill(plan, !self.no_pin, &pace).await;
        bar.end();
        let report = report?;
        missing.extend(report.missing.iter().cloned());
        conclude(&report, &missing)
    }
}

fn conclude(report: &Report, missing: &[Missing]) -> Result<(), Failure> {
    for Missing { what, why } in missing {
        out::note(format!("{what}: {why}"));
    }
    let Report { fetched, there, bytes, .. } = report;
    let size = size_for_people(*bytes);
    let count = missing.len();
    out::line(format!("{fetched} fetched, {there} already there ({size}), {count} not to be had"));
    if missing.is_empty() { Ok(()) } else { Err(Failure::Said) }
}
