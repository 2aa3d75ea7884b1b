//! Real distributions, made in memory, whole or broken on purpose.

use std::fmt::Write as _;
use std::io::{Cursor, Write};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A distribution file.
#[derive(Debug, Clone)]
pub struct Dist {
    pub filename: String,
    pub name: String,
    pub version: String,
    pub filetype: &'static str,
    pub bytes: Vec<u8>,
}

impl Dist {
    /// A small pure wheel.
    pub fn wheel(name: &str, version: &str) -> Self {
        Self::wheel_with(name, version, "Summary: A test\nRequires-Python: >=3.8\n", "")
    }

    /// A wheel with more metadata and a module with that text.
    pub fn wheel_with(name: &str, version: &str, metadata: &str, module: impl AsRef<[u8]>) -> Self {
        let stem = format!("{}-{version}", name.replace(['-', '.'], "_").to_lowercase());
        Self::build_wheel(&stem, name, version, metadata, module.as_ref())
    }

    /// A wheel whose file name and `.dist-info` folder begin with `stem`.
    pub fn wheel_of_stem(stem: &str, name: &str, version: &str) -> Self {
        Self::build_wheel(stem, name, version, "", b"")
    }

    /// A wheel of about `size` bytes that cannot be compressed.
    pub fn noisy_wheel(name: &str, version: &str, size: usize) -> Self {
        Self::wheel_with(name, version, "", noise(size))
    }

    fn build_wheel(stem: &str, name: &str, version: &str, metadata: &str, module: &[u8]) -> Self {
        let metadata =
            format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}");
        let info = format!("{stem}.dist-info");
        let tags =
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
        let members = [
            (format!("{}.py", name.replace(['-', '.'], "_")), module.to_vec()),
            (format!("{info}/METADATA"), metadata.into_bytes()),
            (format!("{info}/WHEEL"), tags.into()),
        ];
        let bytes = zip_of(&members, &info);
        let filename = format!("{stem}-py3-none-any.whl");
        Self::new(&filename, name, version, "bdist_wheel", bytes)
    }

    /// A small source distribution.
    pub fn sdist(name: &str, version: &str) -> Self {
        let stem = format!("{}-{version}", name.replace(['-', '.'], "_").to_lowercase());
        let info =
            format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nSummary: A test\n");
        let members = [
            (format!("{stem}/PKG-INFO"), info),
            (format!("{stem}/pyproject.toml"), "[build-system]\n".to_owned()),
        ];
        let bytes = tar_of(&members);
        Self::new(&format!("{stem}.tar.gz"), name, version, "sdist", bytes)
    }

    pub fn new(
        filename: &str,
        name: &str,
        version: &str,
        filetype: &'static str,
        bytes: Vec<u8>,
    ) -> Self {
        let (name, version) = (name.to_owned(), version.to_owned());
        Self { filename: filename.to_owned(), name, version, filetype, bytes }
    }

    pub fn sha256(&self) -> String {
        hex::encode(Sha256::digest(&self.bytes))
    }
}

/// Bytes without any pattern, the same each time.
pub fn noise(size: usize) -> Vec<u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(|| {
        // The step of Knuth's linear congruential generator; its high byte is random enough.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(size)
    .collect()
}

/// A wheel's archive with a complete RECORD.
fn zip_of(members: &[(String, Vec<u8>)], info: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let mut record = String::new();
    for (name, bytes) in members {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
        let digest = URL_SAFE_NO_PAD.encode(Sha256::digest(bytes));
        writeln!(record, "{name},sha256={digest},{}", bytes.len()).unwrap();
    }
    writeln!(record, "{info}/RECORD,,").unwrap();
    zip.start_file(format!("{info}/RECORD"), SimpleFileOptions::default()).unwrap();
    zip.write_all(record.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

/// A gzip-compressed tar archive.
pub fn tar_of(members: &[(String, String)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}
