//! Serving under a path prefix.
//!
//! Where `public_url` has a path, a proxy in front may pass it on or take it away; both work:
//! a path that begins with the prefix is served without it.

use actix_web::dev::ServiceRequest;
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;

use super::auth::app_of;
use crate::error::Result;

/// Takes the prefix off the path, before it is routed.
pub fn strip(request: &mut ServiceRequest) -> Result<()> {
    let prefix = app_of(request.request())?.public_url.prefix();
    if prefix.is_empty() {
        return Ok(());
    }
    if let Some(uri) = without_prefix(request.uri(), prefix) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    Ok(())
}

fn without_prefix(uri: &Uri, prefix: &str) -> Option<Uri> {
    let rest = uri.path_and_query()?.as_str().strip_prefix(prefix)?;
    let rest = match rest.chars().next() {
        Some('/') => rest.to_owned(),
        None | Some('?') => format!("/{rest}"),
        Some(_) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(rest.parse::<PathAndQuery>().ok()?);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_segments_are_taken_off() {
        for (path, expected) in [
            ("/a/b/simple/?x=1", Some("/simple/?x=1")),
            ("/a/b", Some("/")),
            ("/a/b?x", Some("/?x")),
            ("/a/bc/", None),
            ("/simple/", None),
        ] {
            let stripped = path.parse::<Uri>().ok().and_then(|uri| without_prefix(&uri, "/a/b"));
            assert_eq!(stripped.map(|uri| uri.to_string()).as_deref(), expected, "{path}");
        }
    }
}
