//! Configuration: default < file < environment < flag, with where each value came from.

mod aws;
mod domains;
mod jobs;
mod layers;
mod mail;
mod metrics;
mod mirror;
mod netrc;
mod patterns;
mod place;
mod proxies;
pub mod served;
mod size;
mod tls;
mod value;
mod workers;

use std::path::{Path, PathBuf};

pub use aws::{Aws, Delivery};
pub use domains::{ApiKey, ApiUrl, DnsServer, DomainProvider, Domains, OnExpired, TrustedDomains};
pub use jobs::{Jobs, Schedule};
pub use layers::{ConfigError, Effective, Layers, Place};
pub use mail::{Mail, SmtpUrl, Transport as MailTransport};
pub use metrics::BearerToken;
pub use mirror::{ClaimNames, Mirror, UpstreamUrl, Upstreams};
pub use netrc::Netrc;
pub use patterns::{Allowed, NamePatterns, glob_fits};
pub use place::{BucketUrl, DatabaseUrl, Listen, PublicUrl, StorageUrl};
pub use proxies::Proxies;
pub use size::{ByteSize, for_people as size_for_people};
pub use tls::Tls;
pub use value::{Count, LogFormat, NewProjects, Registration, SecondFactorRule};
pub use workers::Workers;

/// The name of the configuration file that is looked for in the data folder.
pub const FILE_NAME: &str = "cheeseshop.toml";
/// Where everything is kept unless something else is said.
pub const DEFAULT_DATA: &str = "cheeseshop-data";

/// What the command line says about the configuration.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config FILE`.
    pub config: Option<PathBuf>,
    /// `--data DIR`.
    pub data: Option<PathBuf>,
    /// `--listen ADDR:PORT`.
    pub listen: Option<String>,
}

/// Everything that can be configured, in final types.
#[derive(Debug, Clone)]
pub struct Config {
    /// The folder that holds whatever has no other place.
    pub data: PathBuf,
    /// The configuration file that was read.
    pub file: Option<PathBuf>,
    /// Where the server listens.
    pub listen: Listen,
    /// How many threads answer requests.
    pub workers: Workers,
    /// The certificate by which the server speaks https; none: it speaks http.
    pub tls: Option<Tls>,
    /// What absolute URLs start with; from `listen` where it is not set.
    pub public_url: Option<PublicUrl>,
    /// Whose word counts about where a request comes from.
    pub trusted_proxies: Proxies,
    /// Title of the pages.
    pub site_name: String,
    /// The file with the key that signs and encrypts.
    pub secret_key_file: PathBuf,
    /// Which database.
    pub database_url: DatabaseUrl,
    /// Which blob storage.
    pub storage_url: StorageUrl,
    /// How a bucket is reached, where the storage is one.
    pub aws: Aws,
    /// Who sends larger files to clients.
    pub delivery: Delivery,
    /// How log lines look.
    pub log_format: LogFormat,
    /// What may be uploaded, and how.
    pub uploads: Uploads,
    /// How many bytes of ready pages are kept in memory.
    pub cache_max_bytes: ByteSize,
    /// What accounts may do.
    pub accounts: Accounts,
    /// Whether uploads need an account with a verified primary address.
    pub require_verified_email: bool,
    /// How mails leave.
    pub mail: Mail,
    /// How lapsed mail domains are looked for.
    pub domains: Domains,
    /// What is taken from other indexes.
    pub mirror: Mirror,
    /// How many days single downloads of a private index are kept; their numbers are for good.
    pub downloads_keep_days: Count,
    /// When the periodic jobs run.
    pub jobs: Jobs,
    /// What opens `/metrics`; none: only this machine may read it.
    pub metrics_token: Option<BearerToken>,
    /// Whether reading needs a login or a token, too.
    pub private: bool,
    /// Refuses every change.
    pub read_only: bool,
}

/// What accounts may do.
#[derive(Debug, Clone, Copy)]
pub struct Accounts {
    /// Who may make one.
    pub registration: Registration,
    /// Who must have a second factor for the pages.
    pub require_2fa: SecondFactorRule,
    /// How many hours a login lasts.
    pub session_hours: Count,
    /// How many days security events are kept.
    pub history_days: Count,
}

/// What may be uploaded, and how.
#[derive(Debug, Clone)]
pub struct Uploads {
    /// Largest file.
    pub max_file_size: ByteSize,
    /// Largest sum of all files of a project.
    pub max_project_size: ByteSize,
    /// Whether user name and password are taken beside API tokens.
    pub passwords: bool,
    /// Whether file names are taken that are valid but not normalized.
    pub legacy_names: bool,
    /// Who may create a project by uploading.
    pub new_projects: NewProjects,
    /// Whether dependencies may name a URL.
    pub allow_direct_references: bool,
    /// How many days after its first file a release takes no more of them; none: always.
    pub release_closed_after_days: Option<u32>,
}

impl Config {
    /// Reads all layers of this process.
    ///
    /// Returns the configuration, the list of effective values, and the environment variables
    /// that look like ours but are not.
    pub fn load(flags: &Flags) -> Result<(Self, Vec<Effective>, Vec<String>), ConfigError> {
        let environment = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            Some((name, value.to_string_lossy().into_owned()))
        });
        Self::from_parts(flags, environment)
    }

    fn from_parts(
        flags: &Flags,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<(Self, Vec<Effective>, Vec<String>), ConfigError> {
        let environment: Vec<_> = environment.collect();
        let aws = Aws::of(&environment);
        let mut layers = Layers::new(environment.into_iter());
        layers.flag("data", "--data", flags.data.as_deref().map(|path| path.display().to_string()));
        layers.flag("listen", "--listen", flags.listen.clone());
        let data: PathBuf = layers.get("data", PathBuf::from(DEFAULT_DATA))?;
        let file = find_file(flags, &data);
        if let Some(file) = &file {
            layers.read_file(file)?;
        }
        let config = Self { file, ..Self::from_layers(&mut layers, data, aws)? };
        let (mut effective, strangers) = layers.finish()?;
        if matches!(config.storage_url, StorageUrl::S3(_)) {
            effective.extend(config.aws.effective());
        }
        Ok((config, effective, strangers))
    }

    fn from_layers(layers: &mut Layers, data: PathBuf, aws: Aws) -> Result<Self, ConfigError> {
        let config = Self::read(layers, data, aws)?;
        if config.private && config.accounts.registration == Registration::Open {
            let words = "a private index cannot let everybody make an account; set \
                         accounts.registration to \"invite\" or \"closed\"";
            return Err(layers.contradiction("private", words));
        }
        if config.tls.is_some() && matches!(config.listen, Listen::Socket(_)) {
            let words = "a Unix socket is served without TLS; listen on an address, or let the \
                         proxy in front of the socket speak https";
            return Err(layers.contradiction("tls.cert_file", words));
        }
        match config.storage_url {
            StorageUrl::S3(_) => config.aws.check(layers)?,
            StorageUrl::Folder(_) if config.delivery == Delivery::Bucket => {
                let words = "only downloads from a bucket can be redirected to it; set storage_url \
                             to \"s3://bucket/prefix\"";
                return Err(layers.contradiction("storage.redirect", words));
            }
            StorageUrl::Folder(_) => {}
        }
        Ok(config)
    }

    fn read(layers: &mut Layers, data: PathBuf, aws: Aws) -> Result<Self, ConfigError> {
        Ok(Self {
            listen: layers.get("listen", Listen::default())?,
            workers: layers.get("workers", Workers::default())?,
            tls: Tls::from_layers(layers)?,
            public_url: layers.get("public_url", None)?,
            trusted_proxies: layers.get("trusted_proxies", Proxies::default())?,
            site_name: layers.get("site_name", "cheeseshop".to_owned())?,
            secret_key_file: layers.get("secret_key_file", data.join("secret.key"))?,
            database_url: layers.get("database_url", DatabaseUrl::in_folder(&data))?,
            storage_url: layers.get("storage_url", StorageUrl::in_folder(&data))?,
            delivery: Delivery::from_layers(layers)?,
            log_format: layers.get("log.format", LogFormat::Text)?,
            uploads: Uploads {
                max_file_size: layers.get("uploads.max_file_size", ByteSize::mib(100))?,
                max_project_size: layers.get("uploads.max_project_size", ByteSize::gib(10))?,
                passwords: layers.get("uploads.passwords", true)?,
                legacy_names: layers.get("uploads.legacy_names", false)?,
                new_projects: layers.get("uploads.new_projects", NewProjects::Everyone)?,
                allow_direct_references: layers.get("uploads.allow_direct_references", false)?,
                release_closed_after_days: layers.get("uploads.release_closed_after_days", None)?,
            },
            accounts: Accounts {
                registration: layers.get("accounts.registration", Registration::Invite)?,
                require_2fa: layers.get("accounts.require_2fa", SecondFactorRule::Off)?,
                session_hours: layers.get("accounts.session_hours", Count(12))?,
                history_days: layers.get("accounts.history_days", Count(365))?,
            },
            require_verified_email: layers.get("accounts.require_verified_email", true)?,
            mail: Mail::from_layers(layers, &data)?,
            domains: Domains::from_layers(layers)?,
            mirror: Mirror::from_layers(layers)?,
            downloads_keep_days: layers.get("downloads.keep_days", Count(90))?,
            jobs: Jobs::from_layers(layers)?,
            metrics_token: layers.get("metrics.token", None)?,
            private: layers.get("private", false)?,
            read_only: layers.get("read_only", false)?,
            cache_max_bytes: layers.get("cache.max_bytes", ByteSize::mib(256))?,
            data,
            aws,
            file: None,
        })
    }
}

impl Config {
    /// What absolute URLs start with for whoever does not serve: as configured, or where the
    /// server is reached that runs, or where one would listen.
    pub fn url(&self) -> PublicUrl {
        let url = self.public_url.clone().or_else(|| served::noted(&self.data));
        url.unwrap_or_else(|| self.listen.url(self.tls.is_some()))
    }
}

fn find_file(flags: &Flags, data: &Path) -> Option<PathBuf> {
    flags.config.clone().or_else(|| {
        let beside_data = data.join(FILE_NAME);
        beside_data.exists().then_some(beside_data)
    })
}

#[cfg(test)]
mod tests;
