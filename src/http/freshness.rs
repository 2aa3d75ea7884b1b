//! For how long, and by whom, answers may be kept.

use actix_web::http::header::HeaderValue;

use crate::app::App;

/// For pages that may change at any moment: keep it, and ask each time whether it is still so.
pub fn ask_always(app: &App) -> HeaderValue {
    HeaderValue::from_static(if app.config.private { "private, no-cache" } else { "no-cache" })
}

/// For files, which never change. (The number is what PyPI sends: more than eleven years.)
pub fn for_ever(app: &App) -> HeaderValue {
    HeaderValue::from_static(if app.config.private {
        "private, max-age=365000000, immutable"
    } else {
        "public, max-age=365000000, immutable"
    })
}
