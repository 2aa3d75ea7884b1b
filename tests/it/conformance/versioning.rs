//! Which version of the API the pages say they follow.

use super::{HTML, JSON, checks, get, html};
use crate::support::{Backend, Dist, Server};

checks! {
    both_forms_say_which_version_they_follow: "S-014" "S-015" "S-016" "S-017" "S-018" "S-019" "S-020" "S-021";
}

fn both_forms_say_which_version_they_follow(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::wheel("foo", "1.0")).send().expect(200);
    for path in ["/simple/", "/simple/foo/"] {
        assert_eq!(html(&server, path).meta("pypi:repository-version"), Some("1.4"), "{path}");
        // A string: as a number 1.10 would be 1.1.
        let json = get(&server, path, JSON).json();
        assert_eq!(json["meta"]["api-version"], serde_json::json!("1.4"), "{path}");
        // Version 1.5 is for indexes with namespaces.
        for name in ["namespace", "namespaces"] {
            assert!(json.get(name).is_none() && json["meta"].get(name).is_none(), "{name}");
        }
        assert!(get(&server, path, HTML).text().contains("content=\"1.4\""));
    }
    // 1.1 made these mandatory, 1.4 has the status.
    let page = server.page("foo");
    assert_eq!(page["versions"], serde_json::json!(["1.0"]));
    assert!(page["files"][0]["size"].is_u64());
    assert_eq!(page["project-status"]["status"], "active");
    for path in ["/simple/namespaces/", "/simple/namespace/", "/namespaces", "/namespace/foo"] {
        server.get(path).header("Accept", JSON).send().expect(404);
    }
}
