//! The blobs that the database refers to: the one place that knows which tables do.

use diesel::prelude::*;

use crate::db::Conn;
use crate::packaging::{Blake2b256, Sha256};
use crate::storage::Part;

/// A blob that is referred to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Reference {
    /// Its digest.
    pub(super) digest: [u8; 32],
    /// Its bytes; not known of the metadata of wheels.
    pub(super) size: Option<u64>,
    /// Its SHA-256, where it is noted.
    pub(super) sha256: Option<[u8; 32]>,
}

/// A file that has a blob, or whose metadata it is.
#[derive(Debug, Clone)]
pub(super) struct Referrer {
    /// Whether it is one of another index, which can be fetched again.
    pub(super) is_mirrored: bool,
    /// Its name.
    pub(super) filename: String,
    /// Its own bytes.
    pub(super) blake2_256: Blake2b256,
}

impl Referrer {
    /// What a blob is to the file, for people.
    pub(super) fn words(&self, digest: &Blake2b256) -> String {
        let kind = if self.is_mirrored { "the mirrored " } else { "" };
        if self.blake2_256 == *digest {
            format!("{kind}{}", self.filename)
        } else {
            format!("the metadata of {kind}{}", self.filename)
        }
    }
}

/// Digest, size and SHA-256 as they stand in a row.
type Row = (String, Option<i64>, Option<String>);

/// A table whose rows have bytes, and metadata beside them.
macro_rules! table {
    ($table:ident) => {
        mod $table {
            use diesel::prelude::*;

            use super::{Referrer, Row};
            use crate::db::Conn;
            use crate::db::schema::$table::dsl;
            use crate::packaging::Blake2b256;

            /// What refers to digests from `begin` up to but without `end`.
            pub(super) fn between(c: &mut Conn, begin: &str, end: &str) -> QueryResult<Vec<Row>> {
                let own: Vec<(String, i64, String)> = dsl::$table
                    .filter(dsl::blake2_256.ge(begin).and(dsl::blake2_256.lt(end)))
                    .select((dsl::blake2_256, dsl::size, dsl::sha256))
                    .load(c)?;
                let own =
                    own.into_iter().map(|(digest, size, sha)| (digest, Some(size), Some(sha)));
                let beside: Vec<(Option<String>, Option<String>)> = dsl::$table
                    .filter(
                        dsl::metadata_blake2_256.ge(begin).and(dsl::metadata_blake2_256.lt(end)),
                    )
                    .select((dsl::metadata_blake2_256, dsl::metadata_sha256))
                    .load(c)?;
                let beside =
                    beside.into_iter().filter_map(|(digest, sha)| Some((digest?, None, sha)));
                Ok(own.chain(beside).collect())
            }

            /// The files that have these bytes, or this metadata.
            pub(super) fn with(
                c: &mut Conn,
                digest: &Blake2b256,
                is_mirrored: bool,
            ) -> QueryResult<Vec<Referrer>> {
                let rows: Vec<(String, Blake2b256)> = dsl::$table
                    .filter(dsl::blake2_256.eq(digest).or(dsl::metadata_blake2_256.eq(digest)))
                    .order(dsl::filename)
                    .select((dsl::filename, dsl::blake2_256))
                    .load(c)?;
                let referrer =
                    |(filename, blake2_256)| Referrer { is_mirrored, filename, blake2_256 };
                Ok(rows.into_iter().map(referrer).collect())
            }
        }
    };
}

table!(files);
table!(mirror_files);

/// The blobs of a part, by digest, each once.
pub(super) fn of_part(c: &mut Conn, part: Part) -> QueryResult<Vec<Reference>> {
    let (begin, end) = (part.digits(), part.end());
    let mut rows = files::between(c, &begin, &end)?;
    rows.extend(mirror_files::between(c, &begin, &end)?);
    // What is no digest is found among the rows that contradict each other.
    let mut all: Vec<Reference> = rows.into_iter().filter_map(read).collect();
    // Of the same digest, those that know less come first.
    all.sort_unstable();
    all.dedup_by(|later, kept| {
        let is_same = later.digest == kept.digest;
        if is_same {
            *kept = *later;
        }
        is_same
    });
    Ok(all)
}

fn read((digest, size, sha256): Row) -> Option<Reference> {
    let digest = Blake2b256::parse(&digest)?.to_bytes();
    let size = size.and_then(|size| u64::try_from(size).ok());
    let sha256 = sha256.and_then(|it| Sha256::parse(&it)).map(|it| it.to_bytes());
    Some(Reference { digest, size, sha256 })
}

/// The files that have a blob or whose metadata it is; none: nothing refers to it.
pub(super) fn referrers(c: &mut Conn, digest: &Blake2b256) -> QueryResult<Vec<Referrer>> {
    let mut found = files::with(c, digest, false)?;
    found.extend(mirror_files::with(c, digest, true)?);
    Ok(found)
}
