//! Mirrored files that are not known to be stored: they are fetched, and sent on while they come.

use actix_web::body::SizedStream;
use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse};

use super::send::{About, Begun, Download, Served, begin, begin_unmeasured, lost, send};
use super::{METADATA_SUFFIX, bare, nothing};
use crate::app::App;
use crate::error::{Error, Result};
use crate::mirror::file::{self, Arrival, Fault, StoredFile, Wanted};
use crate::mirror::{Mirror, UpstreamFile};
use crate::packaging::NormalizedName;
use crate::simple::{Address, Shown};

/// What is asked for.
pub(super) struct Asked<'a> {
    pub(super) app: &'a App,
    pub(super) request: &'a HttpRequest,
    pub(super) project: NormalizedName,
    /// The page that offers it.
    pub(super) page: Shown,
    /// With `.metadata` behind it where that is asked for.
    pub(super) filename: &'a str,
    pub(super) address: Address,
}

impl Asked<'_> {
    /// Answers with the file, or with the metadata beside it.
    pub(super) async fn answer(&self) -> Result<HttpResponse> {
        let mirror = self.app.mirror.as_ref().ok_or_else(nothing)?;
        let kept = mirror.kept(&self.project).await?.ok_or_else(nothing)?;
        let named = kept.page.find(bare(self.filename), self.address).ok_or_else(nothing)?;
        if !self.is_metadata() {
            return self.fetch(mirror, Wanted::file(&self.project, named)?).await;
        }
        match Wanted::metadata(&self.project, named)? {
            Some(wanted) => self.fetch(mirror, wanted).await,
            None => self.extract(mirror, named).await,
        }
    }

    /// Answers with metadata that were taken out of the wheel, which may have left meanwhile.
    async fn extract(&self, mirror: &Mirror, named: &UpstreamFile) -> Result<HttpResponse> {
        let offer = self.page.files.find(bare(self.filename), self.address);
        // Nobody was told that there are some.
        offer.and_then(|offer| offer.metadata()).ok_or_else(nothing)?;
        let wheel = mirror.files.fetch(Wanted::file(&self.project, named)?);
        let mut wheel = wheel.map_err(|fault| self.refuse(&fault))?;
        let stored = wheel.stored().await.map_err(|fault| self.refuse(&fault))?;
        let blob = stored.metadata_blake2_256.as_ref().ok_or_else(nothing)?;
        let served = Served::metadata(blob, self.about());
        send(self.app, self.request, &served).await?.ok_or_else(|| lost(blob))
    }

    async fn fetch(&self, mirror: &Mirror, wanted: Wanted) -> Result<HttpResponse> {
        let Self { app, request, .. } = self;
        let (about, named) = (self.about(), wanted.size);
        // A question about the head alone is answered by the page; but what is not stored is not
        // there for who asks nobody.
        if let Some(size) = named.filter(|_| !mirror.config.offline)
            && let Begun::Done(reply) = begin(app, request, &about, size)
        {
            return Ok(reply);
        }
        let refuse = |fault: Fault| self.refuse(&fault);
        let mut arrival = mirror.files.fetch(wanted).map_err(refuse)?;
        let size = match arrival.begun().await.map_err(refuse)? {
            file::Begun::Stored(stored) => return self.send(&stored).await,
            file::Begun::Arriving(size) => size.or(named),
        };
        let size = match size {
            Some(size) => Some(size),
            None if request.method() == Method::HEAD => arrival.verified().await.map_err(refuse)?,
            None => arrival.ready(0, None).await.map_err(refuse)?,
        };
        let Some(size) = size else {
            self.count(arrival.clone(), 0);
            return Ok(begin_unmeasured(app, &about).streaming(arrival.read(0, None)));
        };
        let (mut reply, range) = match begin(app, request, &about, size) {
            Begun::Done(reply) => return Ok(reply),
            Begun::Body(reply, range) => (reply, range),
        };
        arrival.ready(range.start, Some(range.end)).await.map_err(refuse)?;
        self.count(arrival.clone(), range.start);
        let pieces = arrival.read(range.start, Some(range.end));
        Ok(reply.body(SizedStream::new(range.end - range.start, pieces)))
    }

    /// Answers with a file, or with metadata, that was stored meanwhile.
    async fn send(&self, stored: &StoredFile) -> Result<HttpResponse> {
        keep(&self.page, self.filename, self.address, stored);
        let served = if self.is_metadata() {
            Served::metadata(&stored.blake2_256, self.about())
        } else {
            Served::file(&stored.offered(), self.about())
        };
        let sent = send(self.app, self.request, &served).await?;
        sent.ok_or_else(|| lost(&stored.blake2_256))
    }

    /// Counts an answer as a download, and tells the page where the bytes are, once they are
    /// stored: before that the file has no number.
    fn count(&self, mut arrival: Arrival, start: u64) {
        let download =
            if self.is_metadata() { None } else { Download::begun(self.app, self.request, start) };
        let (app, page) = (self.app.clone(), self.page.clone());
        let (filename, address) = (self.filename.to_owned(), self.address);
        tokio::spawn(async move {
            let Ok(stored) = arrival.stored().await else { return };
            keep(&page, &filename, address, &stored);
            if let Some(download) = download {
                download.count(&app, stored.file_id());
            }
        });
    }

    fn about(&self) -> About {
        About::mirrored(self.filename, self.address)
    }

    fn is_metadata(&self) -> bool {
        self.filename.ends_with(METADATA_SUFFIX)
    }

    fn refuse(&self, fault: &Fault) -> Error {
        fault.about(self.filename)
    }
}

/// Tells a page where bytes are that it offers.
fn keep(page: &Shown, filename: &str, address: Address, stored: &StoredFile) {
    let Some(offer) = page.files.find(bare(filename), address) else { return };
    if filename.ends_with(METADATA_SUFFIX) {
        offer.keep_metadata(stored.blake2_256.clone());
    } else {
        offer.keep(stored.offered());
    }
}
