//! XML-RPC, as `pip search` and older mirrors speak it.
//! Source: <http://xmlrpc.com/spec.md>

mod ask;
mod call;
mod fault;
mod methods;
mod writer;

use actix_web::http::ConnectionType;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::Semaphore;

use self::ask::Ask;
use self::call::Call;
use self::fault::Fault;
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::http::body::{Body, in_time};

/// Largest call in bytes: those of real clients have some hundreds.
const LARGEST: usize = 1024 * 1024;
/// Calls larger than this are read away from the thread that serves everyone.
const LARGE: usize = 16 * 1024;
/// Calls that are worked on at the same time: some go through whole tables, and pages for
/// installers come first. More of them wait.
const MOST_CALLS: usize = 4;
static CALLS: Semaphore = Semaphore::const_new(MOST_CALLS);

const XML: &str = "text/xml";

/// Answers a call. Faults are answers like others, with status 200, as the standard has it.
pub(super) async fn accept(
    app: Data<App>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse> {
    let mut body = Body::new(payload);
    let outcome = if is_xml(&request) { read(&mut body).await.map(Some) } else { Ok(None) };
    let mut response = match outcome {
        Ok(Some(bytes)) => return answer(&app, bytes).await,
        Ok(None) => wrong_type(),
        Err(error) => error.error_response(),
    };
    if !body.drain().await {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// What tools that upload to this address, as they did long ago, must take for a refusal.
fn wrong_type() -> HttpResponse {
    let words = "This address takes XML-RPC calls, sent as text/xml. Uploads go to /legacy/.\n";
    HttpResponse::build(StatusCode::UNSUPPORTED_MEDIA_TYPE)
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(words)
}

fn is_xml(request: &HttpRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|text| text.split(';').next()).unwrap_or_default().trim();
    ["text/xml", "application/xml"].iter().any(|known| known.eq_ignore_ascii_case(kind))
}

async fn read(body: &mut Body) -> Result<Bytes> {
    let mut bytes = Vec::new();
    while let Some(piece) = in_time(body.next()).await? {
        let piece = piece.map_err(|error| {
            let words = format!("The call was cut off: {error}.");
            Error::invalid("The call was cut off", words)
        })?;
        if bytes.len() + piece.len() > LARGEST {
            let words = format!("A call has at most {LARGEST} bytes.");
            return Err(Error::new(Kind::TooLarge, "The call is too large", words));
        }
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes.into())
}

async fn answer(app: &App, body: Bytes) -> Result<HttpResponse> {
    let understood = if body.len() > LARGE {
        tokio::task::spawn_blocking(move || understand(&body))
            .await
            .map_err(|error| Error::internal("reading an XML-RPC call", error))?
    } else {
        understand(&body)
    };
    let document = match understood {
        Ok(ask) => {
            let waiting = CALLS.acquire().await;
            let _turn =
                waiting.map_err(|error| Error::internal("waiting for an XML-RPC call", error))?;
            methods::run(app, ask).await?
        }
        Err(fault) => fault.write(),
    };
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, XML))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(document))
}

fn understand(body: &[u8]) -> Result<Ask, Fault> {
    Ask::new(Call::read(body)?)
}
