//! The multipart stream of an upload, adapted to plain parts.

use actix_multipart::{Field as Part, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::error::PayloadError;
use futures_util::StreamExt;

use crate::error::{Error, Kind, Result};
use crate::http::body::{Body, in_time, too_slow};
use crate::storage::Storage;
use crate::upload::{Field, Form, Intake, Spool, Spooled};

/// Bytes of a form beside its file: the descriptions of real packages reach a few megabytes.
const MOST_FORM_BYTES: u64 = 32 * 1024 * 1024;
/// Parts of a form. A package with a thousand dependencies and classifiers stays below.
const MOST_PARTS: usize = 10_000;

/// An upload as it arrived: its form, and its file with the name the client gave it.
pub(super) struct Received {
    pub(super) form: Form,
    pub(super) content: Option<(String, Spooled)>,
}

/// Reads an upload to its end. The file goes to a temporary file while it arrives, wherever in
/// the form it stands.
pub(super) async fn receive(
    request: &HttpRequest,
    body: Body,
    intake: &Intake,
) -> Result<Received> {
    let mut parts = Multipart::new(request.headers(), body);
    let mut received = Received { form: Form::default(), content: None };
    let mut form_bytes = MOST_FORM_BYTES;
    let mut count = 0;
    while let Some(part) = in_time(parts.next()).await? {
        let part = part.map_err(|error| malformed(&error))?;
        count += 1;
        if count > MOST_PARTS {
            return Err(too_much("parts"));
        }
        match part.name().unwrap_or_default() {
            "content" if received.content.is_some() => {
                return Err(Error::invalid(
                    "An upload has exactly one file",
                    "The form has more than one part named content.",
                ));
            }
            "content" => {
                // Clients name the project before the file; where one does not, the general
                // limit counts here and the project's own later.
                let limit = intake.file_limit(received.form.project()).await?;
                received.content = Some(read_file(part, &intake.storage, limit).await?);
            }
            name => match Field::named(name) {
                Some(field) => {
                    let text = read_text(part, &mut form_bytes, true).await?;
                    received.form.add(field, &text)?;
                }
                None => drop(read_text(part, &mut form_bytes, false).await?),
            },
        }
    }
    Ok(received)
}

async fn read_file(mut part: Part, storage: &Storage, limit: u64) -> Result<(String, Spooled)> {
    let filename = part.content_disposition().and_then(|it| it.get_filename()).map(str::to_owned);
    let filename = filename.ok_or_else(|| {
        Error::invalid(
            "The file has no name",
            "The part named content must be a file with a file name.",
        )
    })?;
    let mut spool = Spool::start(storage, limit);
    match fill(&mut spool, &mut part).await {
        Ok(()) => Ok((filename, spool.finish().await?)),
        Err(error) => {
            spool.discard().await;
            Err(error)
        }
    }
}

async fn fill(spool: &mut Spool, part: &mut Part) -> Result<()> {
    while let Some(piece) = in_time(part.next()).await? {
        spool.add(piece.map_err(|error| malformed(&error))?).await?;
    }
    Ok(())
}

/// Reads a part to its end and returns its text, if it is to be kept.
async fn read_text(mut part: Part, left: &mut u64, keep: bool) -> Result<String> {
    let mut bytes = Vec::new();
    while let Some(piece) = in_time(part.next()).await? {
        let piece = piece.map_err(|error| malformed(&error))?;
        *left = left.checked_sub(piece.len() as u64).ok_or_else(|| too_much("bytes"))?;
        if keep {
            bytes.extend_from_slice(&piece);
        }
    }
    String::from_utf8(bytes).map_err(|_| {
        Error::invalid("The form is not UTF-8", "A field of the form is not text in UTF-8.")
    })
}

fn too_much(what: &str) -> Error {
    Error::new(
        Kind::TooLarge,
        "The upload form is too large",
        format!("The upload form has too many {what} beside its file."),
    )
}

fn malformed(error: &MultipartError) -> Error {
    if let MultipartError::Payload(PayloadError::Io(error)) = error
        && error.kind() == std::io::ErrorKind::TimedOut
    {
        return too_slow();
    }
    if matches!(
        error,
        MultipartError::ContentTypeMissing
            | MultipartError::ContentTypeParse
            | MultipartError::ContentTypeIncompatible
    ) {
        return Error::invalid(
            "An upload is a multipart form",
            "An upload is sent as multipart/form-data, as twine and uv do.",
        );
    }
    Error::invalid(
        "The upload is malformed or was cut off",
        format!("The upload is malformed or was cut off: {error}."),
    )
}
