//! How an S3 bucket is reached: the variables of the environment that all tools for S3 read.

use std::fmt;

use url::Url;

use super::layers::{ConfigError, Effective, Layers, Place};

/// Whether the value of a variable may be shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Yes,
    No,
}

/// Who sends larger files to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The index itself.
    Index,
    /// The bucket, by links that the index hands out.
    Bucket,
}

impl Delivery {
    pub(super) fn from_layers(layers: &mut Layers) -> Result<Self, ConfigError> {
        let by_bucket = layers.get("storage.redirect", false)?;
        Ok(if by_bucket { Self::Bucket } else { Self::Index })
    }
}

/// The variables that are read; all others that begin with `AWS_` set nothing here.
const VARIABLES: [(&str, Shown); 15] = [
    ("AWS_ACCESS_KEY_ID", Shown::Yes),
    ("AWS_SECRET_ACCESS_KEY", Shown::No),
    ("AWS_SESSION_TOKEN", Shown::No),
    ("AWS_REGION", Shown::Yes),
    ("AWS_DEFAULT_REGION", Shown::Yes),
    ("AWS_ENDPOINT_URL", Shown::Yes),
    ("AWS_ENDPOINT_URL_S3", Shown::Yes),
    ("AWS_ENDPOINT_URL_STS", Shown::Yes),
    ("AWS_ROLE_ARN", Shown::Yes),
    ("AWS_ROLE_SESSION_NAME", Shown::Yes),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", Shown::Yes),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", Shown::Yes),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", Shown::Yes),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Shown::Yes),
    ("AWS_VIRTUAL_HOSTED_STYLE_REQUEST", Shown::Yes),
];

/// Endpoint, keys and region as the environment has them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Aws(Vec<(&'static str, String)>);

impl Aws {
    /// Picks the variables out of an environment. One that is empty is not set.
    pub fn of(environment: &[(String, String)]) -> Self {
        let picked = VARIABLES.into_iter().filter_map(|(name, _)| {
            let (_, value) = environment.iter().find(|(known, _)| known == name)?;
            (!value.is_empty()).then(|| (name, value.clone()))
        });
        Self(picked.collect())
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// All variables that are set, with their values.
    pub fn values(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The server that is asked instead of Amazon's own.
    pub fn endpoint(&self) -> Option<&str> {
        self.get("AWS_ENDPOINT_URL_S3").or_else(|| self.get("AWS_ENDPOINT_URL"))
    }

    /// Refuses what no bucket can be reached by.
    pub(super) fn check(&self, layers: &Layers) -> Result<(), ConfigError> {
        let wrong = |words: String| Err(layers.contradiction("storage_url", &words));
        for name in ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"] {
            if self.get(name).is_some_and(|text| !is_endpoint(text)) {
                return wrong(format!("{name} in the environment is no http or https URL"));
            }
        }
        let [id, secret] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"];
        if self.get(id).is_some() != self.get(secret).is_some() {
            return wrong(format!("of {id} and {secret} only one is set in the environment"));
        }
        Ok(())
    }

    /// What `cheeseshop config` shows of them.
    pub(super) fn effective(&self) -> impl Iterator<Item = Effective> {
        self.0.iter().map(|(name, value)| {
            let is_secret = VARIABLES.contains(&(*name, Shown::No));
            let shown = if is_secret { "***".to_owned() } else { shown(value) };
            Effective::new(name, shown, value, Place::Environment((*name).to_owned()))
        })
    }
}

fn is_endpoint(text: &str) -> bool {
    Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none())
}

/// A URL may have a password in it.
fn shown(value: &str) -> String {
    if value.contains('@') { super::place::without_password(value) } else { value.to_owned() }
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
