//! The command line.

use crate::support::{Backend, Dist, Server, on_both};

on_both!(
    accounts_are_managed,
    accounts_are_invited_and_kept_in_order,
    tokens_are_printed_alone,
    a_folder_is_imported,
    mistakes_are_one_line,
    the_configuration_is_shown,
);

fn accounts_are_managed(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    server.add_user("Ada");
    server.ok(&["user", "add", "bob", "--email", "bob@example.org", "--admin", "--password-stdin"]);
    let shown: serde_json::Value =
        serde_json::from_str(&server.ok(&["user", "show", "ADA", "--json"])).unwrap();
    assert_eq!(shown["username"], "Ada");
    assert_eq!(
        shown["emails"],
        serde_json::json!([{"email": "Ada@example.org", "primary": true, "verified": true, "unverify_reason": null}])
    );
    let listed: serde_json::Value =
        serde_json::from_str(&server.ok(&["user", "list", "--json"])).unwrap();
    assert_eq!(listed[1]["username"], "bob");
    assert_eq!(
        (&listed[1]["admin"], &listed[1]["emails"][0]["verified"]),
        (&true.into(), &false.into())
    );
    server.ok(&["user", "disable", "bob"]);
    assert!(server.ok(&["user", "list"]).contains("disabled"));
    server.ok(&["user", "enable", "bob"]);
    assert!(server.ok(&["user", "show", "bob"]).contains("disabled  no"));
    server.ok(&["user", "set-password", "bob", "--password-stdin"]);
    let refused = |arguments: &[&str], input: &str, code: i32, words: &str| {
        let output = server.run_command(arguments, input);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert_eq!(said, format!("cheeseshop: {words}\n"));
        assert!(output.stdout.is_empty());
    };
    let good = "a good password\n";
    let add = |name, email| ["user", "add", name, "--email", email, "--password-stdin"];
    refused(&add("aDa", "x@example.org"), good, 1, "there is already an account named aDa");
    refused(
        &add("x", "ADA@example.org"),
        good,
        1,
        "there is already an account with the address ADA@example.org",
    );
    refused(&add("x", "nonsense"), good, 2, "\"nonsense\" is not a mail address");
    refused(
        &add("x", "x@example.org"),
        "short\n",
        1,
        "A password has 8 to 4096 characters and no NUL among them.",
    );
    refused(&["user", "show", "nobody"], "", 1, "there is no account named nobody");
    refused(
        &["user", "add", "x", "--email", "x@example.org"],
        "",
        2,
        "there is no terminal to ask for the password on; use --password-stdin",
    );
}

fn accounts_are_invited_and_kept_in_order(backend: Backend) {
    let mut server = Server::prepare(backend, &[]);
    server.set("CHEESESHOP_PUBLIC_URL", "https://packages.example.org/pypi");
    let link = server.ok(&["user", "invite", "--note", "for Ada"]);
    let start = "https://packages.example.org/pypi/account/register/?invitation=";
    assert_eq!(link.trim().strip_prefix(start).map(str::len), Some(43), "{link}");
    server.add_user("ada");
    server.ok(&["user", "add-service", "ci"]);
    server.ok(&["user", "add", "bea", "--email", "bea@example.org", "--password-stdin"]);
    server.ok(&["user", "verify-email", "bea"]);
    let show = |name: &str| -> serde_json::Value {
        serde_json::from_str(&server.ok(&["user", "show", name, "--json"])).unwrap()
    };
    assert_eq!(show("bea")["emails"][0]["verified"], true);
    assert_eq!(show("ci")["service"], true);
    assert_eq!(show("ci")["emails"], serde_json::json!([]));
    server.sql("UPDATE users SET totp_secret = 'x', totp_enabled_at = created_at");
    assert_eq!(show("ada")["second_factor"], true);
    server.ok(&["user", "reset-2fa", "ada"]);
    assert_eq!(show("ada")["second_factor"], false);
    assert!(server.ok(&["user", "show", "ada"]).contains("2fa       no"));
    for (arguments, words) in [
        (vec!["user", "reset-2fa", "bob"], "there is no account named bob"),
        (vec!["user", "verify-email", "ci"], "This account has no such address."),
        (vec!["user", "add-service", "ADA"], "there is already an account named ADA"),
        (
            vec!["user", "set-password", "ci", "--password-stdin"],
            "A service account has no password; it has API tokens only.",
        ),
        (
            vec!["user", "add", "eve", "--email", "eve@example.org", "--password-stdin"],
            "This password is too easy to guess. ",
        ),
    ] {
        let input = if arguments[2] == "eve" { "password1\n" } else { "a good pass phrase\n" };
        let output = server.run_command(&arguments, input);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.starts_with(&format!("cheeseshop: {words}")), "{said}");
    }
}

fn tokens_are_printed_alone(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    server.add_user("ada");
    let token = server.ok(&["token", "create", "ada", "--label", "ci", "--expires", "90d"]);
    assert!(token.starts_with("pypi-") && token.trim().len() > 40 && token.lines().count() == 1);
    let listed: serde_json::Value =
        serde_json::from_str(&server.ok(&["token", "list", "ada", "--json"])).unwrap();
    let entry = &listed[0];
    assert_eq!((&entry["label"], &entry["scope"]), (&"ci".into(), &"upload".into()));
    assert!(
        entry["expires"].is_string() && entry["last_used"].is_null() && entry["projects"].is_null()
    );
    assert!(!listed.to_string().contains(token.trim()));
    let fails = |arguments: &[&str]| server.run_command(arguments, "").status.code();
    assert_eq!(fails(&["token", "create", "nobody"]), Some(1));
    assert_eq!(fails(&["token", "create", "ada", "--project", "nothing"]), Some(1));
    assert_eq!(fails(&["token", "create", "ada", "--expires", "soon"]), Some(2));
    assert_eq!(fails(&["token", "create", "ada", "--scope", "all"]), Some(2));
    assert_eq!(fails(&["token", "revoke", "12345"]), Some(1));
}

fn a_folder_is_imported(backend: Backend) {
    let mut server = Server::prepare(backend, &[]);
    server.add_user("ada");
    let folder = server.scratch().join("dist");
    std::fs::create_dir_all(folder.join("deep/er")).unwrap();
    for (place, dist) in [
        ("", Dist::wheel("foo", "1.0")),
        ("deep", Dist::sdist("foo", "1.0")),
        ("deep/er", Dist::sdist("foo-bar", "2.0")),
    ] {
        std::fs::write(folder.join(place).join(&dist.filename), &dist.bytes).unwrap();
    }
    std::fs::write(folder.join("notes.txt"), "no distribution").unwrap();
    let source = folder.to_str().unwrap().to_owned();
    let import = ["import", source.as_str(), "--owner", "ada"];
    assert_eq!(server.ok(&import), "3 taken in, 0 already there, 0 refused\n");
    assert_eq!(server.ok(&import), "0 taken in, 3 already there, 0 refused\n");
    // What is there is passed over, whosever it is.
    server.add_user("eve");
    let others = server.ok(&["import", source.as_str(), "--owner", "eve"]);
    assert_eq!(others, "0 taken in, 3 already there, 0 refused\n");
    std::fs::write(folder.join("broken-1.0.tar.gz"), "no archive").unwrap();
    let output = server.run_command(&import, "");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "0 taken in, 3 already there, 1 refused\n"
    );
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("broken-1.0.tar.gz: refused: Invalid distribution file"), "{said}");
    server.run();
    // Commands that make links know where it is reached, though a flag says so.
    let link = server.ok(&["user", "invite", "bea"]);
    assert!(link.starts_with(&format!("{}/account/register/?", server.url())), "{link}");
    assert_eq!(server.page("foo")["files"].as_array().unwrap().len(), 2);
    assert_eq!(server.page("foo-bar")["versions"], serde_json::json!(["2.0"]));
    assert_eq!(
        server.run_command(&["import", "/nowhere", "--owner", "ada"], "").status.code(),
        Some(1)
    );
}

fn mistakes_are_one_line(backend: Backend) {
    let server = Server::prepare(backend, &[]);
    std::fs::create_dir_all(server.data()).unwrap();
    let file = server.data().join("cheeseshop.toml");
    std::fs::write(&file, "[uploads]\nmax_file_sise = \"1MiB\"\n").unwrap();
    for command in [["user", "list"].as_slice(), &["serve"], &["config"]] {
        let output = server.run_command(command, "");
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.contains("cheeseshop.toml, line 2: there is no key \"uploads.max_file_sise\""),
            "{said}"
        );
        assert_eq!(said.lines().count(), 1);
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(
        server.run_command(&["user", "list", "--config", "/nowhere.toml"], "").status.code(),
        Some(2)
    );
    assert_eq!(server.run_command(&["nonsense"], "").status.code(), Some(2));
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = listener.local_addr().unwrap().to_string();
    let output = server.run_command(&["serve", "--listen", &taken], "");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with(&format!("cheeseshop: listening on {taken}: ")), "{said}");
}

fn the_configuration_is_shown(backend: Backend) {
    let server = Server::prepare(backend, &[("CHEESESHOP_SITE_NAME", "Shop")]);
    let shown: serde_json::Value = serde_json::from_str(&server.ok(&["config", "--json"])).unwrap();
    assert_eq!(shown["site_name"]["value"], "Shop");
    assert_eq!(shown["site_name"]["from"], "environment CHEESESHOP_SITE_NAME");
    assert_eq!(shown["listen"]["from"], "default");
    assert_eq!(shown["data"]["from"], "flag --data");
    assert!(server.ok(&["config"]).contains("uploads.max_file_size"));
    assert!(server.ok(&["--version"]).starts_with("cheeseshop "));
}
