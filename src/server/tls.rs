//! The certificate that the server shows: read from files, and read again when they change, without
//! a connection noticing.

use std::fs::{self, Metadata};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::config::Tls;
use crate::error::{Doing, Error, Result};

/// How often the files are looked at.
const EVERY: Duration = Duration::from_secs(2);

/// What tells one version of a file from another: when it was written, how long it is, and when it
/// got other rights, as what could not be read may be readable then.
type Stamp = Option<(SystemTime, u64, Altered)>;
/// Seconds and nanoseconds; always the same where the system does not say it.
type Altered = (i64, i64);

/// A certificate and its key.
#[derive(Debug)]
pub(super) struct Certificate {
    files: Mutex<(Tls, [Stamp; 2])>,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads the files. Blocks.
    pub(super) fn open(files: &Tls) -> Result<Arc<Self>> {
        let stamps = stamps(files);
        let current = RwLock::new(Arc::new(read(files)?));
        Ok(Arc::new(Self { files: Mutex::new((files.clone(), stamps)), current }))
    }

    /// What the server speaks with it.
    pub(super) fn server_config(self: &Arc<Self>) -> Result<ServerConfig> {
        let failed = |error| Error::internal("setting up TLS", error);
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(failed)?;
        Ok(config.with_no_client_auth().with_cert_resolver(self.clone()))
    }

    /// Shows what these files have from now on. Where they cannot be used, all stays as it was;
    /// returns whether it has changed. Blocks.
    pub(super) fn refresh(&self, wanted: Option<&Tls>) -> bool {
        let mut known = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let files = wanted.cloned().unwrap_or_else(|| known.0.clone());
        let found = (files.clone(), stamps(&files));
        if *known == found {
            return false;
        }
        // Once a version of the files: what is wrong with it stays wrong.
        *known = found;
        match read(&files) {
            Ok(new) => {
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
                tracing::info!(file = %files.cert_file.display(), "a new certificate is shown");
                true
            }
            Err(error) => {
                let error = error.chain();
                tracing::error!(error, "the new certificate cannot be used; the old one is shown");
                false
            }
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// Looks at the files for ever.
pub(super) async fn follow(certificate: Arc<Certificate>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let certificate = certificate.clone();
        // Whatever became of it was logged, and it looks again.
        let _ = tokio::task::spawn_blocking(move || certificate.refresh(None)).await;
    }
}

fn stamps(files: &Tls) -> [Stamp; 2] {
    let stamp = |found: Metadata| Some((found.modified().ok()?, found.len(), altered(&found)));
    [&files.cert_file, &files.key_file].map(|path| fs::metadata(path).ok().and_then(stamp))
}

#[cfg(unix)]
fn altered(found: &Metadata) -> Altered {
    use std::os::unix::fs::MetadataExt;
    (found.ctime(), found.ctime_nsec())
}

#[cfg(not(unix))]
fn altered(_: &Metadata) -> Altered {
    (0, 0)
}

fn read(files: &Tls) -> Result<CertifiedKey> {
    let certificates = bytes(&files.cert_file)?;
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(&certificates)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(&files.cert_file, "a certificate", error))?;
    if certificates.is_empty() {
        return Err(unusable(&files.cert_file, "a certificate", "it has none"));
    }
    let key = PrivateKeyDer::from_pem_slice(&bytes(&files.key_file)?)
        .map_err(|error| unusable(&files.key_file, "a private key", error))?;
    CertifiedKey::from_der(certificates, key, &ring::default_provider()).map_err(|error| {
        let pair = format!("{} with {}", files.cert_file.display(), files.key_file.display());
        Error::internal(format!("using the certificate {pair}"), error)
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).doing(|| format!("reading {}", path.display()))
}

fn unusable(
    path: &Path,
    what: &str,
    error: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::internal(format!("reading {what} in PEM from {}", path.display()), error)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Instant;

    use super::*;

    #[test]
    fn a_file_with_other_rights_is_read_again() -> std::io::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("key.pem");
        fs::write(&path, "")?;
        let files = Tls { cert_file: path.clone(), key_file: path.clone() };
        let before = stamps(&files);
        assert_eq!(stamps(&files), before);
        // Times of files are as exact as the clock of the kernel, which may not have moved yet.
        let begun = Instant::now();
        while stamps(&files) == before {
            assert!(begun.elapsed() < Duration::from_secs(10));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        }
        Ok(())
    }
}
