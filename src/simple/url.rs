//! URLs of files.

use std::fmt::Write;

use super::Address;
use crate::packaging::Blake2b256;

/// The root-relative URL of a file hosted here: `{prefix}/packages/aa/bb/…/{filename}`,
/// percent-encoded.
pub fn file_url(prefix: &str, digest: &Blake2b256, filename: &str) -> String {
    address_url(prefix, Address::of(digest), filename)
}

/// The root-relative URL of a file by its address.
///
/// Installers take the file name from the URL, so what is special in a URL is encoded: `+` and
/// `!` occur in versions.
pub fn address_url(prefix: &str, address: Address, filename: &str) -> String {
    let mut url = format!("{prefix}/packages/{address}/");
    for byte in filename.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a String does not fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_special_in_a_url_is_encoded() {
        let digest = Blake2b256::from([0xab; 32]);
        let url = file_url("/x", &digest, "foo-1!1.0+l.1-py3-none-any.whl");
        let rest = "ab".repeat(30);
        assert_eq!(url, format!("/x/packages/ab/ab/{rest}/foo-1%211.0%2Bl.1-py3-none-any.whl"));
    }
}
