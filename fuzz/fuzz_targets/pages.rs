//! Whatever an upstream index answers as the page of a project: files of that project alone, under
//! names that can be served, and no panic.
#![no_main]

use cheeseshop::mirror::UpstreamPage;
use cheeseshop::mirror::page::possible_projects;
use cheeseshop::mirror::upstream::{read_html, read_json};
use cheeseshop::packaging::NormalizedName;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|text: &[u8]| {
    let name = NormalizedName::parse("foo").unwrap();
    let base = Url::parse("https://index.example.org/simple/foo/").unwrap();
    for page in [read_json(text, &name, &base), read_html(text, &name, &base)] {
        let Ok(page) = page else { continue };
        for file in &page.files {
            let url = Url::parse(&file.url).unwrap();
            assert!(
                url.scheme() == "https" && url.username().is_empty() && url.password().is_none()
            );
            assert!(file.filename.bytes().all(|byte| byte.is_ascii_graphic()));
            assert!(!file.filename.contains(['/', '\\']));
            assert!(possible_projects(&file.filename).contains(&name));
        }
        let kept = UpstreamPage::from_bytes(&page.to_bytes().unwrap());
        assert_eq!(kept, Some(page));
    }
});
