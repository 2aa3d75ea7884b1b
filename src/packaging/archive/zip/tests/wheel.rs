//! Wheels for tests: members with a RECORD that fits, and the verdict on them.

use std::fmt::Write as _;
use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use super::build::{Part, Zip};
use crate::packaging::Filename;
use crate::packaging::archive::read_metadata;

pub(super) const FILENAME: &str = "foo-1.0-py3-none-any.whl";
pub(super) const INFO: &str = "foo-1.0.dist-info";
pub(super) const METADATA: &str = "Metadata-Version: 2.1\nName: foo\nVersion: 1.0\n";

/// A wheel before it is packed.
#[derive(Debug, Clone)]
pub(super) struct Wheel {
    pub(super) filename: String,
    pub(super) info: String,
    pub(super) members: Vec<(String, Vec<u8>)>,
    /// The text of RECORD; `None` for the right one.
    pub(super) record: Option<Vec<u8>>,
}

/// The line of RECORD for a member.
pub(super) fn line(name: &str, bytes: &[u8]) -> String {
    let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
    format!("{name},sha256={digest},{}\n", bytes.len())
}

impl Default for Wheel {
    fn default() -> Self {
        Self::named(FILENAME, INFO)
    }
}

impl Wheel {
    /// Its members: `foo.py`, `foo/data.bin`, METADATA, WHEEL and at last RECORD.
    pub(super) fn named(filename: &str, info: &str) -> Self {
        let tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
        Self { filename: filename.into(), info: info.into(), members: Vec::new(), record: None }
            .with("foo.py", "print('hello')\n".repeat(20))
            .with("foo/data.bin", "0123456789")
            .with(&format!("{info}/METADATA"), METADATA)
            .with(&format!("{info}/WHEEL"), tags)
    }

    /// Adds a member, or gives it other content.
    pub(super) fn with(mut self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref().to_vec();
        match self.members.iter_mut().find(|member| member.0 == name) {
            Some(member) => member.1 = bytes,
            None => self.members.push((name.to_owned(), bytes)),
        }
        self
    }

    pub(super) fn with_info(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let name = format!("{}/{name}", self.info);
        self.with(&name, bytes)
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.members.retain(|member| member.0 != name);
        self
    }

    /// Changes the right RECORD.
    pub(super) fn with_record(mut self, change: impl Fn(String) -> String) -> Self {
        self.record = Some(change(self.right_record()).into());
        self
    }

    pub(super) fn right_record(&self) -> String {
        let files = self.members.iter().filter(|(name, _)| !name.ends_with('/'));
        let mut record: String = files.map(|(name, bytes)| line(name, bytes)).collect();
        let _ = writeln!(record, "{}/RECORD,,", self.info);
        record
    }

    /// Packs it: `foo/data.bin` and empty members stored, the others deflated.
    pub(super) fn zip(&self) -> Zip {
        let record = self.record.clone().unwrap_or_else(|| self.right_record().into());
        let record = (format!("{}/RECORD", self.info), record);
        let pack = |(name, bytes): &(String, Vec<u8>)| {
            if bytes.is_empty() || name.ends_with(".bin") {
                Part::stored(name, bytes)
            } else {
                Part::deflated(name, bytes)
            }
        };
        let parts = self.members.iter().chain([&record]).map(pack).collect();
        Zip { parts, ..Zip::default() }
    }

    /// The verdict on it.
    pub(super) fn verdict(&self) -> Result<Vec<u8>, String> {
        verdict(&self.filename, &self.zip().bytes())
    }
}

/// The metadata of the archive, or the message of its refusal.
pub(super) fn verdict(filename: &str, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let filename = Filename::parse_alone(filename).map_err(|error| error.to_string())?;
    let message = |error: crate::packaging::archive::ArchiveError| error.to_string();
    read_metadata(Cursor::new(bytes), bytes.len() as u64, &filename).map_err(message)
}
