//! Whatever is written as a description: HTML without what acts or loads, and no panic.
#![no_main]

use cheeseshop::markup::render;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for kind in [Some("text/x-rst"), Some("text/markdown"), None] {
        let html = render(text, kind);
        assert_eq!(html.is_empty(), text.trim().is_empty());
        assert!(!html.contains("<script") && !html.contains("<img"));
    }
});
