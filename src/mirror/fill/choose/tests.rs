//! Tables of what is chosen.

use super::super::Kinds;
use super::*;
use crate::db::MirrorPageId;
use crate::mirror::page::UpstreamPage;
use crate::mirror::pages::Head;
use crate::mirror::verdict::Rules;
use crate::packaging::NormalizedName;
use crate::simple::Address;

const NOW: i64 = 100 * 86_400;
const HOW: How = How { min_age_days: 0, offline: false };

fn digest(filename: &str) -> Sha256 {
    let mut bytes = [0; 32];
    bytes.iter_mut().zip(filename.bytes().rev()).for_each(|(to, from)| *to = from);
    Sha256::from(bytes)
}

fn file(filename: &str) -> UpstreamFile {
    let Some(name) = NormalizedName::parse("foo") else { panic!("it is a name") };
    let version = crate::mirror::page::version_of(filename, &name);
    UpstreamFile {
        filename: filename.to_owned(),
        url: format!("https://x/{filename}"),
        address: Address::other(&digest(filename)),
        hashes: [("sha256".to_owned(), digest(filename).to_string())].into(),
        size: None,
        upload_time: Some(time::from_unix(NOW - 86_400)),
        requires_python: None,
        yanked: None,
        core_metadata: None,
        provenance: None,
        version: version.map(|version| version.to_string()),
    }
}

fn source(files: Vec<UpstreamFile>) -> Source {
    let Some(name) = NormalizedName::parse("foo") else { panic!("it is a name") };
    let moment = time::from_unix(0);
    Source {
        name,
        head: Head {
            id: MirrorPageId::new(1),
            upstream: "https://x/".to_owned(),
            etag: None,
            checked_at: moment,
            changed_at: moment,
        },
        page: UpstreamPage {
            status: Status::Active,
            status_reason: None,
            versions: Vec::new(),
            files,
        },
        rules: Rules::new(Vec::new()),
        stored: Vec::new(),
    }
}

fn found(source: &Source, what: &What, choice: &Choice) -> Vec<String> {
    let Found { files, missing } = choose(source, what, choice, (HOW, time::from_unix(NOW)));
    let files = files.into_iter().map(|chosen| chosen.file.filename);
    files.chain(missing.into_iter().map(|(file, why)| format!("{file}: {why}"))).collect()
}

fn versions(set: &str) -> What {
    What::Versions(set.to_owned(), Vec::new())
}

fn many() -> Source {
    let mut files: Vec<_> = [
        "foo-1.0.tar.gz",
        "foo-1.0-py3-none-any.whl",
        "foo-1.5.tar.gz",
        "foo-2.0-cp312-cp312-win_amd64.whl",
        "foo-2.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
        "foo-2.0.tar.gz",
        "foo-2.1rc1.tar.gz",
        "foo-3.0.tar.gz",
    ]
    .map(file)
    .into();
    for file in &mut files {
        if file.filename.starts_with("foo-3") {
            file.yanked = Some("broken".to_owned());
        }
        if file.filename.starts_with("foo-1.5") {
            file.requires_python = Some(">=3.8,<3.10".to_owned());
        }
    }
    source(files)
}

#[test]
fn the_latest_version_that_fits_is_chosen() {
    let (source, all) = (many(), Choice::default());
    let count = |set: &str, choice: &Choice| found(&source, &versions(set), choice);
    for (set, expected) in [
        ("<2", &["foo-1.5.tar.gz"][..]),
        ("==1.0", &["foo-1.0.tar.gz", "foo-1.0-py3-none-any.whl"]),
        (">2.0", &["foo-2.1rc1.tar.gz"]),
        (">=2.1rc1", &["foo-2.1rc1.tar.gz"]),
        ("==3.0", &["foo-3.0.tar.gz"]),
        (">=3", &[": what fits was yanked"]),
        (">=4", &[": no version fits"]),
        ("===x", &[": \"===x\" is compared with no version that is one"]),
    ] {
        assert_eq!(count(set, &all), expected, "{set}");
    }
    assert_eq!(count("", &all).len(), 3);
    let pre = Choice { prereleases: true, ..Choice::default() };
    assert_eq!(count("", &pre), ["foo-2.1rc1.tar.gz"]);
    let every = Choice { all_versions: true, ..Choice::default() };
    assert_eq!(count("", &every).len(), 6);
}

#[test]
fn kinds_are_those_that_are_wanted() {
    let source = many();
    let count = |set: &str, kinds: Kinds| {
        found(&source, &versions(set), &Choice { kinds, ..Choice::default() })
    };
    let kinds = |platforms: &[&str], python: Option<&str>, no_sdists| Kinds {
        platforms: platforms.iter().map(|glob| (*glob).to_owned()).collect(),
        pythons: python.and_then(Version::parse).into_iter().collect(),
        no_sdists,
    };
    let linux = "foo-2.0-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl";
    assert_eq!(count("", kinds(&["manylinux*_x86_64"], None, true)), [linux]);
    assert_eq!(count("", kinds(&["win*", "manylinux2014*"], Some("3.12"), false)).len(), 3);
    assert_eq!(count("", kinds(&[], Some("3.11"), true)), ["foo-1.0-py3-none-any.whl"]);
    assert_eq!(count("<2", kinds(&[], Some("3.9"), false)), ["foo-1.5.tar.gz"]);
    assert_eq!(count("<2", kinds(&["x"], Some("3.11"), false)).len(), 2);
    let nothing = [": none of its files is for the chosen platforms and versions of Python"];
    assert_eq!(count("==2.0", kinds(&["x"], None, true)), nothing);
}

#[test]
fn pinned_files_are_those_with_their_hashes() {
    let (mut source, all) = (many(), Choice::default());
    let pinned = |names: &[&str]| {
        let pins = names.iter().map(|name| digest(name)).collect();
        What::Versions("==1.0".to_owned(), pins)
    };
    assert_eq!(found(&source, &pinned(&["foo-1.0.tar.gz"]), &all), ["foo-1.0.tar.gz"]);
    let other = [": none of its files has one of the hashes"];
    assert_eq!(found(&source, &pinned(&["other"]), &all), other);
    // Where the index says nothing, the bytes will.
    for file in &mut source.page.files {
        file.hashes.clear();
    }
    assert_eq!(found(&source, &pinned(&["other"]), &all).len(), 2);
}

#[test]
fn locked_files_are_found_by_name_and_hash() {
    let source = many();
    let locked = |filename: &str, pin| LockedFile { filename: filename.to_owned(), pin };
    let what = What::Files(vec![
        locked("foo-1.0.tar.gz", Pin::Sha256(digest("foo-1.0.tar.gz"))),
        locked("foo-2.0.tar.gz", Pin::None),
        locked("foo-1.5.tar.gz", Pin::Sha256(digest("x"))),
        locked("foo-3.0.tar.gz", Pin::Other("md5".to_owned())),
        locked("foo-9.0.tar.gz", Pin::None),
    ]);
    let expected = [
        "foo-1.0.tar.gz",
        "foo-2.0.tar.gz",
        "foo-1.5.tar.gz: the index has another file under this name than is locked",
        "foo-3.0.tar.gz: it is locked by md5, and only sha256 is checked",
        "foo-9.0.tar.gz: the index has no such file (any more)",
    ];
    assert_eq!(found(&source, &what, &Choice::default()), expected);
    let none = [": the lock file names no files of it"];
    assert_eq!(found(&source, &What::Files(Vec::new()), &Choice::default()), none);
}

#[test]
fn what_is_not_served_is_not_fetched() {
    let (mut source, all) = (many(), Choice::default());
    let young = How { min_age_days: 7, ..HOW };
    let Found { files, missing } =
        choose(&source, &versions(""), &all, (young, time::from_unix(NOW)));
    assert!(files.is_empty());
    assert!(
        missing.iter().any(|(_, why)| why.contains("is too young until 1970-04-1")),
        "{missing:?}"
    );
    source.page.status = Status::Quarantined;
    let held = [": the index that it comes from quarantined it"];
    assert_eq!(found(&source, &versions(""), &all), held);
}
