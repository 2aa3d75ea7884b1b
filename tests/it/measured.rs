//! Seen and measured: names of requests, figures, and what is made of them.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::support::{Backend, Dist, Server, eventually, on_both};

on_both!(requests_have_names, what_happens_is_counted);

fn metrics(server: &Server) -> String {
    server.get("/metrics").send().expect(200).text()
}

/// The value of the figure that is written so.
fn value(text: &str, figure: &str) -> Option<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(figure)?.strip_prefix(' '));
    line.map(|value| value.parse().unwrap())
}

fn requests_have_names(backend: Backend) {
    for (format, is_trusted) in [("text", false), ("json", true)] {
        let mut settings = vec![("CHEESESHOP_LOG__FORMAT", format)];
        settings.extend(is_trusted.then_some(("CHEESESHOP_TRUSTED_PROXIES", "127.0.0.1")));
        let server = Server::start_with(backend, &settings);
        let name_of = |told: &str| {
            let reply = server.get("/simple/nothing/").header("X-Request-Id", told).send();
            reply.header("x-request-id").unwrap().to_owned()
        };
        let told = "7b3bf470-9456-11e8-9eb6-529269fb1459";
        assert_eq!(name_of(told) == told, is_trusted);
        for bad in ["", "a b", "a\"b", &"a".repeat(129)] {
            assert_ne!(name_of(bad), bad);
        }
        // What lies ready has one too, and each another.
        server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
        let names: BTreeSet<String> = (0..5)
            .map(|_| server.get("/simple/foo/").send().expect(200))
            .map(|reply| reply.header("x-request-id").unwrap().to_owned())
            .collect();
        assert_eq!(names.len(), 5, "{names:?}");
        assert!(names.iter().all(|name| name.len() == 32));
        let written = |id: &str| match format {
            "json" => format!("\"span\":{{\"id\":\"{id}\",\"name\":\"request\"}}"),
            _ => format!(" id=\"{id}\""),
        };
        for name in &names {
            let is_it = |line: &String| line.contains(&written(name)) && line.contains("path");
            eventually("it is in the log", || server.log().iter().any(is_it));
        }
        // Other lines about a request have it as well.
        let incoming = server.data().join("blobs/incoming");
        std::fs::remove_dir_all(incoming).unwrap();
        let refused = server.upload(&Dist::wheel("foo", "2.0")).send().expect(500);
        let id = refused.header("x-request-id").unwrap().to_owned();
        let is_it = |line: &String| line.contains("a request failed") && line.contains(&id);
        eventually("the error has it", || server.log().iter().any(is_it));
    }
}

fn what_happens_is_counted(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    let wrong = Dist::wheel("foo", "1.0");
    server.upload(&wrong).login("ada", "wrong").send().expect(403);
    server.get("/simple/bar/").send().expect(404);
    for _ in 0..3 {
        server.get("/simple/foo/").send().expect(200);
    }
    let text = metrics(&server);
    for (figure, wanted) in [
        ("cheeseshop_http_requests_total{route=\"upload\",status=\"200\"}", 2.0),
        ("cheeseshop_http_requests_total{route=\"upload\",status=\"403\"}", 1.0),
        ("cheeseshop_http_requests_total{route=\"simple\",status=\"404\"}", 1.0),
        ("cheeseshop_http_requests_total{route=\"simple\",status=\"200\"}", 3.0),
        ("cheeseshop_http_request_seconds_count{route=\"simple\"}", 4.0),
        ("cheeseshop_http_request_seconds_bucket{route=\"simple\",le=\"+Inf\"}", 4.0),
        ("cheeseshop_http_ready_total{route=\"simple\"}", 2.0),
        ("cheeseshop_http_refused_total{kind=\"not_found\"}", 1.0),
        ("cheeseshop_uploads_total{outcome=\"published\"}", 1.0),
        ("cheeseshop_uploads_total{outcome=\"already_there\"}", 1.0),
        ("cheeseshop_logins_total{way=\"basic\",outcome=\"refused\"}", 1.0),
        ("cheeseshop_database_refused_total{pool=\"read\"}", 0.0),
        ("cheeseshop_storage_failures_total{operation=\"put\"}", 0.0),
        ("cheeseshop_projects", 1.0),
        ("cheeseshop_files", 1.0),
    ] {
        assert_eq!(value(&text, figure), Some(wanted), "{figure}: {text}");
    }
    let reason = "Invalid or non-existent authentication information";
    let refused = format!("cheeseshop_uploads_refused_total{{reason=\"{reason}\"}}");
    assert_eq!(value(&text, &refused), Some(1.0), "{text}");
    for figure in [
        "cheeseshop_pages_made_total",
        "cheeseshop_storage_free_bytes",
        "cheeseshop_storage_operations_total{operation=\"put\"}",
        "cheeseshop_database_taken_total{pool=\"write\"}",
        "cheeseshop_uploads_bytes_total",
        "process_start_time_seconds",
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_max_fds",
    ] {
        assert!(value(&text, figure).is_some_and(|value| value > 0.0), "{figure}: {text}");
    }
    // Strangers make no lines, whatever they ask for.
    let names = || metrics(&server).lines().filter(|line| line.contains("route=")).count();
    server.get("/stranger-0").send();
    let before = names();
    for number in 1..20 {
        server.get(&format!("/stranger-{number}")).send();
    }
    assert_eq!(names(), before);
}

#[test]
fn examples_name_figures_that_exist() {
    let upstream = "https://mirrored.example.org/simple/";
    let server = Server::start_with(Backend::Sqlite, &[("CHEESESHOP_MIRROR__UPSTREAM", upstream)]);
    let text = metrics(&server);
    let shown: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    let parts = ["_bucket", "_sum", "_count"];
    let examples = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/examples");
    for (file, least) in [("grafana.json", 25), ("alerts.yml", 10)] {
        let example = std::fs::read_to_string(examples.join(file)).unwrap();
        let words = example.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let named: BTreeSet<&str> = words
            .filter(|it| it.starts_with("cheeseshop_") || it.starts_with("process_"))
            .map(|it| parts.iter().find_map(|part| it.strip_suffix(part)).unwrap_or(it))
            .collect();
        assert!(named.len() >= least, "{file} names {} figures", named.len());
        let unknown: Vec<_> = named.difference(&shown).collect();
        assert!(unknown.is_empty(), "{file}: {unknown:?}");
    }
    let dashboard = std::fs::read_to_string(examples.join("grafana.json")).unwrap();
    let dashboard: serde_json::Value = serde_json::from_str(&dashboard).unwrap();
    assert!(dashboard["panels"].as_array().unwrap().len() >= 10);
}
