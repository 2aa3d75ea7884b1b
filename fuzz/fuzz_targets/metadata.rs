//! Core metadata: any bytes are read and judged, and what is judged valid stays so.
#![no_main]

use cheeseshop::packaging::CoreMetadata;
use cheeseshop::packaging::metadata::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let metadata = CoreMetadata::parse(data);
    let strict = metadata.validate(&Policy::default());
    let lenient = metadata.validate(&Policy { lenient: true, ..Policy::default() });
    let open = metadata.validate(&Policy { allow_direct_references: true, ..Policy::default() });
    // Each policy takes at least what the strict one takes.
    assert!(strict.is_err() || (lenient.is_ok() && open.is_ok()));
    if let Err(error) = strict {
        assert!(!error.to_string().is_empty());
    }
    if let Some(canonical) = metadata.license_expression() {
        let again = format!("License-Expression: {canonical}");
        let again = CoreMetadata::parse(again.as_bytes()).license_expression();
        assert_eq!(again, Some(canonical));
    }
    let _ = (metadata.license_files().count(), metadata.requires_python());
});
