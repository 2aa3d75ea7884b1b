//! The page of a project, rendered from one read of the database.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::offered::Offers;
use super::page::ProjectPage;
use super::ready::{Form, Representations};
use super::{html, json};
use crate::db::ProjectId;
use crate::error::Result;

/// A page of more files than this is finished after it was first sent: until then it has only the
/// form that was asked for, as it is. An installer that waits for it waits for nothing else.
const FINISHED_AT_ONCE: usize = 500;

/// The page of a project in all its representations.
#[derive(Debug)]
pub struct Rendered {
    /// The project.
    pub id: ProjectId,
    /// The serial that it shows.
    pub serial: i64,
    /// The files that it offers.
    pub files: Offers,
    html: OnceLock<Representations>,
    json: OnceLock<Representations>,
    /// What the forms that are missing will be rendered from.
    source: Mutex<Option<Source>>,
    is_finisher_found: AtomicBool,
}

#[derive(Debug)]
struct Source {
    page: ProjectPage,
    prefix: String,
}

impl Rendered {
    /// Renders a page in the form that is asked for, and unless it is large in all others too.
    pub fn project(page: ProjectPage, prefix: &str, asked: Form) -> Result<Self> {
        let is_large = page.files.len() > FINISHED_AT_ONCE;
        let rendered = Self {
            id: page.id,
            serial: page.serial,
            files: Offers::of(&page.files),
            html: OnceLock::new(),
            json: OnceLock::new(),
            source: Mutex::new(Some(Source { page, prefix: prefix.to_owned() })),
            is_finisher_found: AtomicBool::new(!is_large),
        };
        if is_large {
            rendered.render(asked)?;
        } else {
            rendered.finish()?;
        }
        Ok(rendered)
    }

    /// One form of it, if it is rendered yet.
    pub fn form(&self, form: Form) -> Option<&Representations> {
        self.place(form).get()
    }

    fn place(&self, form: Form) -> &OnceLock<Representations> {
        match form {
            Form::Html => &self.html,
            Form::Json => &self.json,
        }
    }

    /// Renders a form, unless it is rendered. Takes a while for a large page.
    pub(super) fn render(&self, form: Form) -> Result<()> {
        let source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let place = self.place(form);
        if let (None, Some(Source { page, prefix })) = (place.get(), source.as_ref()) {
            let text = match form {
                Form::Html => html::project(page, prefix)?,
                Form::Json => json::project(page, prefix)?,
            };
            let _ = place.set(Representations::of(text));
        }
        Ok(())
    }

    /// Whether its project is not hosted here.
    pub fn is_mirrored(&self) -> bool {
        self.id.get() < 0
    }

    /// Whether it is still to be finished. The first who asks is told so, and does it.
    pub(super) fn is_left_to_finish(&self) -> bool {
        !self.is_finisher_found.swap(true, Ordering::Relaxed)
    }

    /// Makes everything that is missing, JSON first: that is what installers ask for.
    pub(super) fn finish(&self) -> Result<()> {
        for form in [Form::Json, Form::Html] {
            self.render(form)?;
            if let Some(form) = self.form(form) {
                form.compress();
            }
        }
        *self.source.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    /// Bytes that it keeps in memory.
    pub fn size(&self) -> usize {
        let forms = [self.html.get(), self.json.get()];
        forms.into_iter().flatten().map(Representations::size).sum::<usize>() + self.files.size()
    }
}
