//! What every mistake in the configuration is answered with.

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
    Config::from_parts(&flags, environment)
        .map_err(|error| error.to_string().replace(&folder.path().display().to_string(), "DATA"))
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
    assert!(places.iter().any(|place| place == "environment CHEESESHOP_UPLOADS__MAX_FILE_SIZE"));
    Ok(())
}

#[test]
fn every_mistake_is_one_line_that_names_key_place_and_cure() {
    for (file, expected) in [
        ("nonsense = 1", "DATA/cheeseshop.toml, line 1: there is no key \"nonsense\""),
        ("[listen]", "DATA/cheeseshop.toml, line 1: \"listen\" is no table"),
        ("[mail]\n[nonsense]", "DATA/cheeseshop.toml, line 2: there is no key \"nonsense\""),
        (
            "\n[uploads]\nmax_file_sise = 1",
            "DATA/cheeseshop.toml, line 3: there is no key \"uploads.max_file_sise\"; did you mean \"uploads.max_file_size\"?",
        ),
        (
            "listen = 8080",
            "listen in DATA/cheeseshop.toml, line 1: 8080 is a number; write an address and a port, such as \"127.0.0.1:8080\", or \"unix:\" and the path of a socket",
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
            "workers = 0",
            "workers in DATA/cheeseshop.toml, line 1: 0 is not understood; write a whole number from 1 to 1024",
        ),
        (
            "storage_url = \"s3://key:secret@bucket\"",
            "storage_url in DATA/cheeseshop.toml, line 1: the value is not understood; write the path of a folder, or \"s3://bucket/prefix\"",
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
            "[domains]\nprovider = \"fastly\"",
            "domains.provider in DATA/cheeseshop.toml, line 2: \"fastly\" needs domains.api_key",
        ),
        (
            "[domains]\nprovider = \"whois\"",
            "domains.provider in DATA/cheeseshop.toml, line 2: \"whois\" is not understood; write \"fastly\", \"rdap\" or \"off\"",
        ),
        (
            "[domains]\napi_url = \"https://ada:hunter2@example.org\"",
            "domains.api_url in DATA/cheeseshop.toml, line 2: the value is not understood; write an http or https URL without password and query, such as \"https://rdap.example.org\"",
        ),
        (
            "[domains]\nbrake = -1",
            "domains.brake in DATA/cheeseshop.toml, line 2: -1 is not understood; write a whole number",
        ),
        (
            "[domains]\ndns_server = \"localhost\"",
            "domains.dns_server in DATA/cheeseshop.toml, line 2: \"localhost\" is not understood; write the address of a DNS server, such as \"192.0.2.53\" or \"127.0.0.1:5353\"",
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
            "private = true\naccounts.registration = \"open\"",
            "private in DATA/cheeseshop.toml, line 1: a private index cannot let everybody make an account; set accounts.registration to \"invite\" or \"closed\"",
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
    let strangers = load("", &[("CHEESESHOP_NONSENSE", "1")]).map(|(_, _, strangers)| strangers);
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
    let (_, effective, _) = load("domains = {provider = \"fastly\", api_key = \"hunter2\"}", &[])?;
    assert!(effective.iter().all(|value| !value.shown.contains("hunter2")));
    Ok(())
}
