//! The core metadata beside each wheel (PEP 658, PEP 714).

use serde_json::json;

use super::{checks, only_file};
use crate::support::{Backend, Dist, Server};

checks! {
    metadata_is_beside_each_wheel_unchanged: "S-076" "S-077" "S-082" "S-084" "S-085" "S-087";
    source_distributions_have_none: "S-083";
}

fn metadata_is_beside_each_wheel_unchanged(backend: Backend) {
    let server = Server::start(backend);
    // Odd order, folded lines, labels that others would tidy up, no line end at the end.
    let metadata = "project-url: HOME page,https://example.org\n\
                    Classifier: Programming Language :: Python\nSummary: ä  b \n\
                    Requires-Dist: B ( >=1 )\nRequires-Dist: a\nAuthor: one\n\n\n  Text\r\n\n end";
    let dist = Dist::wheel_with("Foo", "1.0", metadata, "");
    server.upload(&dist).send().expect(200);
    let file = &server.page("foo")["files"][0];
    let url = only_file(&server, "foo");
    let beside = server.get(&format!("{url}.metadata")).send().expect(200);
    let expected = format!("Metadata-Version: 2.1\nName: Foo\nVersion: 1.0\n{metadata}");
    assert_eq!(beside.text(), expected);
    let digest = Dist { bytes: beside.body.clone(), ..dist }.sha256();
    assert_eq!(file["core-metadata"], json!({ "sha256": digest }));
    assert_eq!(beside.header("content-type"), Some("text/plain; charset=utf-8"));
    let whole = server.get(&url).send().expect(200);
    for name in [
        "cache-control",
        "accept-ranges",
        "access-control-allow-origin",
        "x-content-type-options",
        "vary",
    ] {
        assert_eq!(beside.header(name), whole.header(name), "{name}");
    }
    assert_ne!(beside.header("etag"), whole.header("etag"));
    // Beside the metadata there is nothing, and no signature beside the file.
    for suffix in [".metadata.metadata", ".asc", ".provenance", ".METADATA", ".metadata/"] {
        server.get(&format!("{url}{suffix}")).send().expect(404);
    }
}

fn source_distributions_have_none(backend: Backend) {
    let server = Server::start(backend);
    server.upload(&Dist::sdist("foo", "1.0")).send().expect(200);
    assert_eq!(server.page("foo")["files"][0]["core-metadata"], json!(false));
    server.get(&format!("{}.metadata", only_file(&server, "foo"))).send().expect(404);
}
