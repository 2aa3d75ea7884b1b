//! A part of a bucket on a real S3 server.

use std::net::SocketAddr;
use std::path::Path;

use cheeseshop::config::{Aws, StorageUrl};
use cheeseshop::storage::Storage;

use super::Server;

/// What `tests/run` tells the S3 server, and the bucket that it makes there.
const KEY_ID: &str = "tests";
const SECRET: &str = "a secret of the tests";
const BUCKET: &str = "tests";

/// What blobs are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Store {
    Folder,
    Bucket,
}

/// Makes two tests of each function, one for each kind of storage.
macro_rules! on_both_stores {
    ($($name:ident),+ $(,)?) => {
        mod folder {
            $(#[test] fn $name() { super::$name($crate::support::Store::Folder) })+
        }
        mod bucket {
            $(#[test] fn $name() { super::$name($crate::support::Store::Bucket) })+
        }
    };
}
pub(crate) use on_both_stores;

/// The address of the S3 server.
pub fn s3() -> SocketAddr {
    let url = super::prepared("TEST_S3_URL");
    url.to_str().unwrap().strip_prefix("http://").unwrap().parse().unwrap()
}

/// The settings by which an index keeps its blobs in a part of the bucket that is named so, by way
/// of this address.
pub fn in_bucket(part: &str, by_way_of: SocketAddr) -> [(&'static str, String); 5] {
    [
        ("CHEESESHOP_STORAGE_URL", format!("s3://{BUCKET}/{part}")),
        ("AWS_ENDPOINT_URL", format!("http://{by_way_of}")),
        ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET.to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
    ]
}

impl Store {
    /// Opens a storage of its own in that folder, or in a part of the bucket that has its name.
    pub fn open(self, folder: &Path) -> Storage {
        let (url, aws) = match self {
            Self::Folder => (StorageUrl::in_folder(folder), Aws::default()),
            Self::Bucket => {
                let settings = in_bucket(folder.file_name().unwrap().to_str().unwrap(), s3());
                let settings = settings.map(|(name, value)| (name.to_owned(), value));
                (StorageUrl::parse(&settings[0].1).unwrap(), Aws::of(&settings))
            }
        };
        Storage::open(&url, folder, &aws).unwrap()
    }
}

impl Server {
    /// From its next start on it keeps its blobs in a part of the bucket of its own.
    pub fn keep_in_bucket(&mut self, by_way_of: SocketAddr) {
        let name = self.scratch().file_name().unwrap().to_str().unwrap().to_owned();
        for (name, value) in in_bucket(&name, by_way_of) {
            self.set(name, &value);
        }
    }

    /// The storage of an index that keeps its blobs in the bucket, as the server itself opens it.
    pub fn open_bucket(&self) -> Storage {
        Store::Bucket.open(self.scratch())
    }
}
