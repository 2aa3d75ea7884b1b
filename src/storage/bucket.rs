//! Blobs in a bucket of an S3 server.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::TryStreamExt;
use http::Method;
use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::client::SpawnedReqwestConnector;
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::signer::{SignedUrlOptions, Signer};
use object_store::{
    BackoffConfig, ClientOptions, Error as StoreError, ObjectStore, ObjectStoreExt, RetryConfig,
};
use rustls::crypto::{CryptoProvider, ring};

use super::engine::Engine;
use super::folder::SpoolFile;
use super::multipart::{self, Turns};
use crate::config::{Aws, BucketUrl};
use crate::error::{Doing, Error, Result};

/// A server that takes no connection within this time is away.
const CONNECT: Duration = Duration::from_secs(3);
/// How long a server may be silent in the middle of an answer.
const SILENCE: Duration = Duration::from_secs(15);
/// How often a request is made again, and until when a new try may begin: clients wait for 15 to
/// 60 seconds in all.
const RETRIES: usize = 3;
const RETRY_FOR: Duration = Duration::from_secs(10);
/// The first pause before another try, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long a question is waited for by those who hold others up: two in a row take less time than
/// the database leaves to a transaction that says nothing.
const PATIENCE: Duration = Duration::from_secs(3);
/// For how long the last success stands for the next probe: whoever looks after many replicas asks
/// each of them every few seconds.
const PROBED: Duration = Duration::from_secs(5);
/// What probes write.
const PROBE: &str = "probe";
/// How long a link may be used: a client follows it at once, but clocks differ.
const LINK: Duration = Duration::from_mins(5);
/// What every blob is to those who get it from the bucket itself.
const CONTENT_TYPE: &str = "application/octet-stream";

/// A bucket, or a part of one.
pub(super) struct Bucket {
    store: Arc<PrefixStore<AmazonS3>>,
    engine: Engine,
    turns: Turns,
    probed: Mutex<Option<Instant>>,
}

impl Bucket {
    pub(super) fn open(url: &BucketUrl, aws: &Aws) -> Result<Self> {
        let engine = Engine::start()?;
        let connector = SpawnedReqwestConnector::new(engine.place()?);
        let s3 = builder(url, aws).with_http_connector(connector).build();
        let s3 =
            s3.map_err(|error| Error::internal(format!("opening the storage {url}"), error))?;
        let store = Arc::new(PrefixStore::new(s3, url.prefix.as_str()));
        Ok(Self { store, engine, turns: Turns::default(), probed: Mutex::default() })
    }

    /// Everything below the prefix.
    pub(super) fn store(&self) -> Arc<dyn ObjectStore> {
        self.store.clone()
    }

    /// Keeps a spooled file; whole, or nothing of it.
    pub(super) async fn put(&self, file: SpoolFile, key: Key) -> Result<()> {
        let (store, turns) = (self.store.clone(), self.turns.clone());
        // Brought to its end also where the client hangs up: parts that are on their way would
        // stay in the bucket.
        self.engine
            .run(async move { multipart::put(&*store, &turns, file.into_file()?, &key).await })
            .await
    }

    /// Keeps bytes.
    pub(super) async fn put_bytes(&self, bytes: bytes::Bytes, key: Key) -> Result<()> {
        let store = self.store.clone();
        let put = async move { store.put(&key, bytes.into()).await.map_err(put_failed) };
        self.engine.run(put).await.map(drop)
    }

    /// Copies an object into a temporary file; `None` where it is not there. Blocks.
    pub(super) fn fetch(&self, file: std::fs::File, key: Key) -> Result<Option<std::fs::File>> {
        let store = self.store.clone();
        self.engine.wait(async move {
            let found = match store.get(&key).await {
                Ok(found) => found,
                Err(StoreError::NotFound { .. }) => return Ok(None),
                Err(error) => return Err(failed("reading a blob", error)),
            };
            let mut file = tokio::fs::File::from_std(file);
            let mut pieces = found.into_stream();
            while let Some(piece) =
                pieces.try_next().await.map_err(|error| failed("reading a blob", error))?
            {
                write(&mut file, &piece).await.doing(|| "copying a blob".to_owned())?;
            }
            rewind(&mut file).await.doing(|| "copying a blob".to_owned())?;
            Ok(Some(file.into_std().await))
        })
    }

    /// Whether an object is there. Blocks.
    pub(super) fn has(&self, key: Key) -> Result<bool> {
        let store = self.store.clone();
        self.engine.wait(in_time(async move {
            match store.head(&key).await {
                Ok(_) => Ok(true),
                Err(StoreError::NotFound { .. }) => Ok(false),
                Err(error) => Err(failed("looking for a blob", error)),
            }
        }))
    }

    /// Removes an object that was written longer than `age` ago. Blocks.
    pub(super) fn remove_if_older(&self, key: Key, age: Duration) -> Result<bool> {
        let store = self.store.clone();
        self.engine.wait(in_time(async move {
            let written = match store.head(&key).await {
                Ok(found) => SystemTime::from(found.last_modified),
                Err(StoreError::NotFound { .. }) => return Ok(false),
                Err(error) => return Err(failed("looking for a blob", error)),
            };
            if SystemTime::now().duration_since(written).is_ok_and(|since| since > age) {
                store.delete(&key).await.map_err(|error| failed("removing a blob", error))?;
                return Ok(true);
            }
            Ok(false)
        }))
    }

    /// Whether it takes something.
    pub(super) async fn probe(&self) -> Result<()> {
        let last = *self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        if last.is_some_and(|last| last.elapsed() < PROBED) {
            return Ok(());
        }
        let put = self.put_bytes(bytes::Bytes::from_static(b"?"), Key::from(PROBE));
        in_time(put).await?;
        *self.probed.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Ok(())
    }

    /// A link by which whoever has it gets the object for a few minutes, to be kept under this
    /// name.
    pub(super) async fn link(&self, key: &Key, filename: &str) -> Result<String> {
        // Nothing in the name may end the quotes.
        let filename = filename.replace(|c: char| c.is_control() || "\"\\".contains(c), "_");
        let disposition = format!("attachment; filename=\"{filename}\"");
        let answer = [
            ("response-content-disposition", disposition.as_str()),
            ("response-content-type", CONTENT_TYPE),
        ];
        let options = SignedUrlOptions::new().with_query(answer);
        let signed = self.store.signed_url_opts(Method::GET, key, LINK, &options).await;
        signed.map(String::from).map_err(|error| failed("signing a link", error))
    }
}

fn builder(url: &BucketUrl, aws: &Aws) -> AmazonS3Builder {
    // The TLS library looks for its cryptography here. A second set-up changes nothing.
    if CryptoProvider::get_default().is_none() {
        drop(ring::default_provider().install_default());
    }
    let own = aws.endpoint();
    let client = ClientOptions::new()
        .with_allow_http(own.is_some_and(|endpoint| endpoint.starts_with("http://")))
        .with_connect_timeout(CONNECT)
        .with_read_timeout(SILENCE)
        // A slow client may take as long as it likes for a large file.
        .with_timeout_disabled()
        .with_default_content_type(CONTENT_TYPE);
    let backoff = BackoffConfig {
        init_backoff: FIRST_PAUSE,
        max_backoff: LONGEST_PAUSE,
        ..BackoffConfig::default()
    };
    let retry = RetryConfig { backoff, max_retries: RETRIES, retry_timeout: RETRY_FOR };
    let builder = AmazonS3Builder::new()
        // Amazon's own servers want the bucket in the host name, whose certificate knows no
        // further dots; other servers want it in the path.
        .with_virtual_hosted_style_request(own.is_none() && !url.name.contains('.'))
        .with_client_options(client)
        .with_retry(retry)
        .with_bucket_name(url.name.as_str())
        // One object at a time is removed, and not all servers know the other way.
        .with_disable_bulk_delete(true);
    aws.values().fold(builder, |builder, (name, value)| {
        match name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            Ok(key) => builder.with_config(key, value),
            Err(_) => builder,
        }
    })
}

/// What an error of the bucket means: most of the time it does not answer, and will again.
pub(super) fn failed(doing: &str, error: StoreError) -> Error {
    match error {
        StoreError::Generic { .. } | StoreError::JoinError { .. } => away().because(error),
        error => Error::internal(doing, error),
    }
}

/// What an error of writing means. (No bucket of that name is not found, either.)
pub(super) fn put_failed(error: StoreError) -> Error {
    failed("writing to the bucket", error)
}

fn away() -> Error {
    Error::unavailable("The storage does not answer; try again in a moment.")
}

async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(away()))
}

async fn write(file: &mut tokio::fs::File, piece: &[u8]) -> std::io::Result<()> {
    use tokio::io::AsyncWriteExt;
    file.write_all(piece).await
}

async fn rewind(file: &mut tokio::fs::File) -> std::io::Result<()> {
    use tokio::io::{AsyncSeekExt, AsyncWriteExt};
    file.flush().await?;
    file.rewind().await.map(drop)
}
