//! Configuration: default < file < environment < flag, with where each value came from.

mod jobs;
mod layers;
mod mail;
mod place;
mod proxies;
mod size;
mod value;

use std::path::{Path, PathBuf};

pub use jobs::{Jobs, Schedule};
pub use layers::{ConfigError, Effective, Layers, Place};
pub use mail::{Mail, SmtpUrl, Transport as MailTransport};
pub use place::{DatabaseUrl, Listen, PublicUrl, StorageUrl};
pub use proxies::Proxies;
pub use size::{ByteSize, for_people as size_for_people};
pub use value::{Count, LogFormat, NewProjects, Registration};

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
    /// Where the server listens.
    pub listen: Listen,
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
    /// When the periodic jobs run.
    pub jobs: Jobs,
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
        let mut layers = Layers::new(environment);
        layers.flag("data", "--data", flags.data.as_deref().map(|path| path.display().to_string()));
        layers.flag("listen", "--listen", flags.listen.clone());
        let data: PathBuf = layers.get("data", PathBuf::from(DEFAULT_DATA))?;
        if let Some(file) = find_file(flags, &data) {
            layers.read_file(&file)?;
        }
        let config = Self::from_layers(&mut layers, data)?;
        let (effective, strangers) = layers.finish()?;
        Ok((config, effective, strangers))
    }

    fn from_layers(layers: &mut Layers, data: PathBuf) -> Result<Self, ConfigError> {
        Ok(Self {
            listen: layers.get("listen", Listen::default())?,
            public_url: layers.get("public_url", None)?,
            trusted_proxies: layers.get("trusted_proxies", Proxies::default())?,
            site_name: layers.get("site_name", "cheeseshop".to_owned())?,
            secret_key_file: layers.get("secret_key_file", data.join("secret.key"))?,
            database_url: layers.get("database_url", DatabaseUrl::in_folder(&data))?,
            storage_url: layers.get("storage_url", StorageUrl::in_folder(&data))?,
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
                session_hours: layers.get("accounts.session_hours", Count(12))?,
                history_days: layers.get("accounts.history_days", Count(365))?,
            },
            require_verified_email: layers.get("accounts.require_verified_email", true)?,
            mail: Mail::from_layers(layers, &data)?,
            jobs: Jobs::from_layers(layers)?,
            private: layers.get("private", false)?,
            read_only: layers.get("read_only", false)?,
            cache_max_bytes: layers.get("cache.max_bytes", ByteSize::mib(256))?,
            data,
        })
    }
}

fn find_file(flags: &Flags, data: &Path) -> Option<PathBuf> {
    flags.config.clone().or_else(|| {
        let beside_data = data.join(FILE_NAME);
        beside_data.exists().then_some(beside_data)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(
        file: &str,
        environment: &[(&str, &str)],
    ) -> Result<(Config, Vec<Effective>, Vec<String>), String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        std::fs::write(folder.path().join(FILE_NAME), file).map_err(|error| error.to_string())?;
        let flags = Flags { data: Some(folder.path().to_owned()), ..Flags::default() };
        let environment =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Config::from_parts(&flags, environment).map_err(|error| {
            error.to_string().replace(&folder.path().display().to_string(), "DATA")
        })
    }

    #[test]
    fn later_layers_win_and_say_where_they_are() -> Result<(), String> {
        let file = "site_name = \"from file\"\n[uploads]\nmax_file_size = \"1MiB\"\n";
        let (config, effective, _) = load(file, &[("CHEESESHOP_UPLOADS__MAX_FILE_SIZE", "2MiB")])?;
        assert_eq!(config.site_name, "from file");
        assert_eq!(config.uploads.max_file_size, ByteSize::mib(2));
        let places: Vec<_> = effective
            .iter()
            .filter(|value| ["site_name", "uploads.max_file_size", "listen"].contains(&value.key))
            .map(|value| value.place.to_string())
            .collect();
        assert_eq!(places.len(), 3);
        assert_eq!(places.first().map(String::as_str), Some("default"));
        assert!(places.iter().any(|place| place.ends_with("cheeseshop.toml, line 1")));
        assert!(
            places.iter().any(|place| place == "environment CHEESESHOP_UPLOADS__MAX_FILE_SIZE")
        );
        Ok(())
    }

    #[test]
    fn every_mistake_is_one_line_that_names_key_place_and_cure() {
        for (file, expected) in [
            ("nonsense = 1", "DATA/cheeseshop.toml, line 1: there is no key \"nonsense\""),
            (
                "\n[uploads]\nmax_file_sise = 1",
                "DATA/cheeseshop.toml, line 3: there is no key \"uploads.max_file_sise\"; did you mean \"uploads.max_file_size\"?",
            ),
            (
                "listen = 8080",
                "listen in DATA/cheeseshop.toml, line 1: 8080 is a number; write an address and a port, such as \"127.0.0.1:8080\"",
            ),
            (
                "[uploads]\npasswords = \"yes\"",
                "uploads.passwords in DATA/cheeseshop.toml, line 2: \"yes\" is a text; write true or false",
            ),
            (
                "[uploads]\nmax_file_size = \"lots\"",
                "uploads.max_file_size in DATA/cheeseshop.toml, line 2: \"lots\" is not understood; write a size, such as \"100MiB\"",
            ),
            (
                "[log]\nformat = \"xml\"",
                "log.format in DATA/cheeseshop.toml, line 2: \"xml\" is not understood; write \"text\" or \"json\"",
            ),
            (
                "storage_url = \"s3://bucket\"",
                "storage_url in DATA/cheeseshop.toml, line 1: \"s3://bucket\" is not understood; write the path of a folder (other storages are not supported yet)",
            ),
            (
                "[mail]\ntransport = \"smtp\"",
                "mail.transport in DATA/cheeseshop.toml, line 2: \"smtp\" needs mail.smtp_url, such as \"smtp://mail.example.org\"",
            ),
            (
                "[mail]\nsmtp_url = \"smtp://ada:hunter2@\"",
                "mail.smtp_url in DATA/cheeseshop.toml, line 2: the value is not understood; write the URL of a mail server, such as \"smtp://user:password@mail.example.org:587?tls=required\" or \"smtps://mail.example.org\"",
            ),
            (
                "[jobs.mail]\nschedule = \"often\"",
                "jobs.mail.schedule in DATA/cheeseshop.toml, line 2: \"often\" is not understood; write six fields of cron, the first of them seconds, such as \"0 17 * * * *\"",
            ),
            (
                "trusted_proxies = [\"10.0.0.0/40\"]",
                "trusted_proxies in DATA/cheeseshop.toml, line 1: 10.0.0.0/40 is not understood; write addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]",
            ),
            (
                "trusted_proxies = [1]",
                "trusted_proxies in DATA/cheeseshop.toml, line 1: this is something else; write addresses or networks, such as [\"127.0.0.1\", \"10.0.0.0/8\"]",
            ),
            (
                "accounts.session_hours = 0",
                "accounts.session_hours in DATA/cheeseshop.toml, line 1: 0 is not understood; write a whole number from 1 to 1000000",
            ),
            (
                "accounts.registration = \"maybe\"",
                "accounts.registration in DATA/cheeseshop.toml, line 1: \"maybe\" is not understood; write \"open\", \"invite\" or \"closed\"",
            ),
            (
                "site_name = ",
                "DATA/cheeseshop.toml, line 1: this is not TOML: string values must be quoted, expected literal string",
            ),
        ] {
            match load(file, &[]) {
                Err(said) => assert_eq!(said, expected),
                Ok(_) => panic!("{file:?} was accepted"),
            }
        }
    }

    #[test]
    fn the_environment_is_checked_too() {
        let bad = load("", &[("CHEESESHOP_UPLOADS__PASSWORDS", "maybe")]).err();
        let expected = "uploads.passwords in the environment, CHEESESHOP_UPLOADS__PASSWORDS: \"maybe\" is not understood; write true or false";
        assert_eq!(bad.as_deref(), Some(expected));
        let strangers =
            load("", &[("CHEESESHOP_NONSENSE", "1")]).map(|(_, _, strangers)| strangers);
        assert_eq!(strangers, Ok(vec!["CHEESESHOP_NONSENSE".to_owned()]));
    }

    #[test]
    fn a_list_is_one_in_the_file_and_has_commas_elsewhere() -> Result<(), String> {
        let (file, ..) = load("trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]", &[])?;
        let text = ("CHEESESHOP_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8");
        let (environment, ..) = load("", &[text])?;
        assert_eq!(file.trusted_proxies, environment.trusted_proxies);
        assert_eq!(file.trusted_proxies.to_string(), "127.0.0.1/32,10.0.0.0/8");
        Ok(())
    }

    #[test]
    fn secrets_are_hidden() -> Result<(), String> {
        let (_, effective, _) = load("database_url = \"postgres://u:hunter2@db/x\"", &[])?;
        let shown = effective.iter().find(|value| value.key == "database_url");
        assert_eq!(shown.map(|value| value.shown.as_str()), Some("postgres://u:***@db/x"));
        Ok(())
    }
}
