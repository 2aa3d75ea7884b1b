//! The items of the standards that concern the simple API, numbered: what installers and mirrors
//! rely on, by the specifications of the Python Packaging Authority (the simple repository API,
//! PEP 503, 592, 629, 658, 691, 700, 714, 740, 792 and 833) and by what pip and uv do.

/// One item.
pub struct Item {
    pub id: &'static str,
    /// What has to hold.
    pub says: &'static str,
    /// Why no test checks it.
    pub unchecked: Option<&'static str>,
}

const fn item(id: &'static str, says: &'static str) -> Item {
    Item { id, says, unchecked: None }
}

const fn apart(id: &'static str, says: &'static str, why: &'static str) -> Item {
    Item { id, says, unchecked: Some(why) }
}

const NO_SIGNATURES: &str = "Signatures are not kept; the tests of uploads say so.";

pub const ITEMS: [Item; 99] = [
    // Paths and HTTP.
    item("S-001", "The page of a project is at /simple/<normalized name>/."),
    item("S-002", "The path of every HTML page ends with a slash."),
    item("S-003", "Without the slash it redirects, and the query is kept."),
    item("S-004", "Other spellings of a name redirect to the normalized one."),
    item("S-005", "The rules on paths hold for JSON as for HTML."),
    item("S-006", "URLs in pages resolve, also under a path prefix."),
    apart("S-007", "Files may be on another host.", "A permission: they are on this one."),
    apart("S-008", "Over HTTPS.", "A proxy in front speaks it."),
    item("S-009", "Unknown projects are 404; known ones without files are 200."),
    item("S-010", "HEAD works on pages and files."),
    item("S-011", "Files have ranges, and no content encoding."),
    item("S-012", "The last segment of a file's URL is its name, percent-encoded."),
    item("S-013", "Pages vary by Accept and are revalidated by ETag; files are immutable."),
    // Versions of the API.
    item("S-014", "HTML names the version in a meta element."),
    item("S-015", "The version is major.minor and nothing else."),
    item("S-016", "JSON names it in meta as a string."),
    item("S-017", "The major version is 1."),
    item("S-018", "HTML stays at 1.4, and JSON is in step up to there."),
    item("S-019", "The version promises the mandatory fields of all lower ones."),
    item("S-020", "A project's status needs version 1.4."),
    item("S-021", "Without namespaces nothing speaks of namespaces."),
    // Content negotiation.
    item("S-022", "Every answer has a content type."),
    item("S-023", "There are three content types; only the major version is in them."),
    item("S-024", "No Accept header means */*."),
    item("S-025", "Who asks for the latest version gets a concrete one."),
    item("S-026", "The order within Accept means nothing."),
    item("S-027", "q-values and specificity are honoured, and the richest form wins."),
    item("S-028", "Where nothing is acceptable: 406 or a default; here text/html, as on PyPI."),
    item("S-029", "?format= names one content type."),
    item("S-030", "?format= wins over Accept, also with a raw plus sign."),
    apart(
        "S-031",
        "Base URLs of a fixed format.",
        "A permission not made use of: ?format= serves the purpose.",
    ),
    item("S-032", "What pip and uv send gets JSON."),
    item("S-033", "What browsers send, and anything-goes, gets HTML."),
    item("S-034", "Accept is parsed: q=0 excludes, case does not count, parameters are skipped."),
    item("S-035", "The content type begins with one of the three that clients know."),
    // HTML.
    item("S-036", "Pages are valid HTML5 documents."),
    item("S-037", "The root has one anchor a project, with its name and URL."),
    item("S-038", "A project page has one anchor a file, with its name and URL."),
    item("S-039", "Each file's URL has its digest as fragment."),
    item("S-040", "That digest is SHA-256."),
    item("S-041", "There are no other anchors and no base element."),
    item("S-042", "data-requires-python is escaped."),
    item("S-043", "data-yanked has the reason."),
    apart("S-044", "data-gpg-sig says whether there is a signature.", NO_SIGNATURES),
    apart("S-045", "data-gpg-sig is on every link or on none.", NO_SIGNATURES),
    apart("S-046", "A signature is at the file's URL and .asc.", NO_SIGNATURES),
    item("S-047", "data-core-metadata has the digest of the metadata."),
    item("S-048", "data-dist-info-metadata says the same."),
    apart("S-049", "data-provenance is an absolute https URL.", "Provenance is not served yet."),
    item("S-050", "A meta element names the project's status, another one the reason."),
    item("S-051", "The status is one of the four markers."),
    item("S-052", "Everything that users write is escaped."),
    item("S-053", "HTML has nothing that came after version 1.4."),
    // JSON, and the list of projects.
    item("S-054", "Every JSON answer is an object."),
    item("S-055", "The root has meta, and projects with names."),
    item("S-056", "Keys of our own begin with an underscore."),
    item("S-057", "Other keys are legal."),
    item("S-058", "The order is always the same."),
    item("S-059", "The root leaves quarantined projects out."),
    // JSON: projects.
    item("S-060", "meta, name, files and versions are there."),
    item("S-061", "name is normalized."),
    item("S-062", "versions has no duplicates, and the version of every file."),
    item("S-063", "versions has those without files too."),
    item("S-064", "Versions are normalized."),
    item("S-065", "Equal versions are one release."),
    item("S-066", "project-status is an object of status and reason."),
    item("S-067", "Its status is one of the four markers, its reason a string."),
    item("S-068", "Neither project-status nor size, upload-time or yanked is ever null."),
    // JSON: files.
    item("S-069", "filename, url, hashes and size are there."),
    item("S-070", "hashes is an object."),
    item("S-071", "It has sha256 as lower-case hex."),
    item("S-072", "size is the number of bytes."),
    item("S-073", "upload-time is UTC with Z and at most six digits of a second."),
    item("S-074", "upload-time is always there."),
    item("S-075", "requires-python is as the file says, not escaped."),
    item("S-076", "core-metadata is false or an object of hashes."),
    item("S-077", "What core-metadata promises is there, and nothing else."),
    item("S-078", "JSON has no dist-info-metadata."),
    apart("S-079", "gpg-sig is a boolean.", NO_SIGNATURES),
    item("S-080", "yanked is a boolean or a text that is not empty."),
    apart("S-081", "provenance is a URL or null.", "Provenance is not served yet."),
    // Metadata beside files.
    item("S-082", "The file's URL and .metadata gives the METADATA unchanged, as digested."),
    item("S-083", "Only wheels have metadata beside them."),
    item("S-084", "The digest stands where true might."),
    item("S-085", "Metadata behaves over HTTP as its file does."),
    apart("S-086", "A proxy passes metadata on or makes it.", "This index is no proxy yet."),
    item("S-087", "Metadata is never tidied up."),
    // Yanking.
    item("S-088", "Files and whole releases can be yanked."),
    item("S-089", "Yanking can be undone and redone, with any reason."),
    item("S-090", "Yanked files stay listed and downloadable."),
    item("S-091", "data-yanked is never without a value."),
    apart("S-092", "A mirror keeps the marks or drops the files.", "This index mirrors none yet."),
    // Status of projects.
    item("S-093", "A project has one status, at first active."),
    item("S-094", "All markers can be set."),
    item("S-095", "Active and deprecated projects take uploads and offer files."),
    item("S-096", "Archived projects take no uploads and offer files."),
    item("S-097", "Quarantined projects take no uploads and offer no file in any way."),
    apart(
        "S-098",
        "Clients take unknown markers for active.",
        "On clients; only known ones occur.",
    ),
    item("S-099", "The page of a quarantined project is 200 without files."),
];
