//! The certificate by which the server speaks https itself.

use std::path::PathBuf;

use super::layers::{ConfigError, Layers};

/// Where certificate and key are, both in PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate of the server first, then those that lead to one that clients know.
    pub cert_file: PathBuf,
    /// Its private key.
    pub key_file: PathBuf,
}

impl Tls {
    pub(super) fn from_layers(layers: &mut Layers) -> Result<Option<Self>, ConfigError> {
        let cert: Option<PathBuf> = layers.get("tls.cert_file", None)?;
        let key: Option<PathBuf> = layers.get("tls.key_file", None)?;
        match (cert, key) {
            (Some(cert_file), Some(key_file)) => Ok(Some(Self { cert_file, key_file })),
            (None, None) => Ok(None),
            (Some(_), None) => {
                Err(layers.contradiction("tls.cert_file", "it needs tls.key_file, too"))
            }
            (None, Some(_)) => {
                Err(layers.contradiction("tls.key_file", "it needs tls.cert_file, too"))
            }
        }
    }
}
