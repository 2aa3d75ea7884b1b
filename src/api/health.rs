//! Whether the server is well, for load balancers and people.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, ServiceConfig, get, head, resource};

use crate::app::App;

pub(super) fn configure(config: &mut ServiceConfig) {
    for path in ["/_health", "/_health/"] {
        config.service(resource(path).route(get().to(health)).route(head().to(health)));
    }
    for path in ["/_health/live", "/_health/live/"] {
        config.service(resource(path).route(get().to(live)).route(head().to(live)));
    }
}

/// 200 when database and storage answer, else 503 and what does not.
async fn health(app: Data<App>) -> HttpResponse {
    let mut problems = Vec::new();
    if let Err(error) = app.db.probe().await {
        tracing::warn!(error = error.chain(), "the database does not answer");
        problems.push("The database does not answer.");
    }
    // Nothing is written to an index that is read-only.
    if app.db.is_writable()
        && let Err(error) = app.storage.probe().await
    {
        tracing::warn!(error = error.chain(), "the storage does not take anything");
        problems.push("The storage does not take anything.");
    }
    if problems.is_empty() {
        return say(HttpResponse::Ok(), "OK");
    }
    say(HttpResponse::ServiceUnavailable(), &problems.join(" "))
}

/// 200 while the process serves.
async fn live() -> HttpResponse {
    say(HttpResponse::Ok(), "OK")
}

fn say(mut reply: actix_web::HttpResponseBuilder, words: &str) -> HttpResponse {
    reply
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(format!("{words}\n"))
}
