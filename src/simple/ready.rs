//! Pages as ready bytes: each form of a page in each content encoding, with its ETag.

use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::body::Body;
use super::compress;

/// Bytes of the digest that an ETag carries: 128 bits tell any two pages apart.
const ETAG_BYTES: usize = 16;

/// The forms of a page that differ in their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// HTML, under either of its content types.
    Html,
    /// JSON.
    Json,
}

/// How the bytes of a representation are encoded (RFC 9110 section 8.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As they are.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 8878.
    Zstd,
}

/// The encodings that a client takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Encodings {
    /// Whether it takes gzip,
    pub gzip: bool,
    /// and zstd.
    pub zstd: bool,
}

/// One representation of a page, ready to be sent.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The body. Cloning it copies nothing.
    pub body: Body,
    /// Its strong ETag, with the quotes.
    pub etag: Bytes,
    /// The ETag of the same bytes under the content type `application/vnd.pypi.simple.v1+html`,
    /// which makes another representation of them.
    pub etag_v1: Bytes,
    /// Its encoding.
    pub encoding: Encoding,
}

/// One form of a page in all its encodings. The compressed ones of a large page come a little
/// later than the page itself; until then it is sent as it is.
#[derive(Debug)]
pub struct Representations {
    identity: Ready,
    gzip: OnceLock<Ready>,
    zstd: OnceLock<Ready>,
}

impl Encoding {
    /// Its name in `Content-Encoding`; none where nothing was done.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
        }
    }

    /// What tells its ETag from that of the identity.
    fn mark(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gz",
            Self::Zstd => "-zs",
        }
    }
}

impl Representations {
    /// A page as it is, not compressed yet.
    pub fn of(text: String) -> Self {
        let core = core_of([text.as_bytes()]);
        Self::identity(Body::from(Bytes::from(text)), &core)
    }

    /// The same of a body whose ETag has this core.
    pub(super) fn identity(body: Body, core: &str) -> Self {
        let identity = ready(body, core, Encoding::Identity);
        Self { identity, gzip: OnceLock::new(), zstd: OnceLock::new() }
    }

    /// The same with a gzip form made elsewhere.
    pub(super) fn with_gzip(self, gzip: Body, core: &str) -> Self {
        let _ = self.gzip.set(ready(gzip, core, Encoding::Gzip));
        self
    }

    /// The smallest representation that is ready and taken.
    pub fn best(&self, taken: Encodings) -> &Ready {
        let zstd = if taken.zstd { self.zstd.get() } else { None };
        let gzip = || if taken.gzip { self.gzip.get() } else { None };
        zstd.or_else(gzip).unwrap_or(&self.identity)
    }

    /// Makes the compressed representations where they are worth it. Takes a while for a large
    /// page.
    pub(super) fn compress(&self) {
        let Some(text) = self.identity.body.whole() else { return };
        let core = String::from_utf8_lossy(&self.identity.etag).trim_matches('"').to_owned();
        if let Some(bytes) = compress::gzip(text) {
            let _ = self.gzip.set(ready(bytes.into(), &core, Encoding::Gzip));
        }
        if let Some(bytes) = compress::zstd(text) {
            let _ = self.zstd.set(ready(bytes.into(), &core, Encoding::Zstd));
        }
    }

    /// Bytes that it keeps in memory.
    pub fn size(&self) -> usize {
        let others = [self.gzip.get(), self.zstd.get()];
        let all = others.into_iter().flatten().chain([&self.identity]);
        all.map(|ready| ready.body.len()).sum()
    }
}

fn ready(body: Body, core: &str, encoding: Encoding) -> Ready {
    let mark = encoding.mark();
    let etag = format!("\"{core}{mark}\"").into();
    Ready { body, etag, etag_v1: format!("\"{core}{mark}-v1\"").into(), encoding }
}

/// The strong ETag of a body that is sent as it is, with the quotes.
pub fn etag(body: &[u8]) -> String {
    format!("\"{}\"", core_of([body]))
}

/// The part of the ETag that all encodings of the same text share.
pub(super) fn core_of<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for piece in pieces {
        hasher.update(piece);
    }
    let short = hasher.finalize().iter().copied().take(ETAG_BYTES).collect::<Vec<u8>>();
    URL_SAFE_NO_PAD.encode(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: Encodings = Encodings { gzip: true, zstd: true };

    #[test]
    fn every_encoding_has_an_etag_of_its_own() {
        let page = Representations::of("abc ".repeat(10_000));
        assert_eq!(page.best(BOTH).encoding, Encoding::Identity);
        page.compress();
        let none = page.best(Encodings::default());
        let gzip = page.best(Encodings { gzip: true, zstd: false });
        let zstd = page.best(BOTH);
        assert_eq!(
            [none.encoding, gzip.encoding, zstd.encoding],
            [Encoding::Identity, Encoding::Gzip, Encoding::Zstd]
        );
        assert!(none.etag != gzip.etag && gzip.etag != zstd.etag && none.etag != zstd.etag);
        assert!(zstd.body.len() < none.body.len() && page.size() > none.body.len());
    }

    #[test]
    fn what_does_not_get_smaller_stays_as_it_is() {
        let page = Representations::of("abc".to_owned());
        page.compress();
        assert_eq!(page.best(BOTH).encoding, Encoding::Identity);
    }
}
