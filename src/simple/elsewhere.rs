//! Projects that are not hosted here, and still have pages: what the cache asks where the catalog
//! knows no such name.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::ready::Form;
use super::shown::Shown;
use crate::db::Conn;
use crate::error::Result;
use crate::packaging::NormalizedName;

/// Names for the list of all projects.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Grows with each change.
    pub serial: i64,
    /// The names, in order.
    pub names: Arc<BTreeSet<NormalizedName>>,
}

/// Where pages come from whose projects are not hosted here.
pub trait Elsewhere: Send + Sync {
    /// The page of a project, with that form of it; `None` where there is none. `known` is what
    /// was shown before. Whoever asks has seen that the catalog knows no such name.
    fn page(
        self: Arc<Self>,
        name: NormalizedName,
        form: Form,
        known: Option<Shown>,
    ) -> BoxFuture<'static, Result<Option<Shown>>>;

    /// The names that are listed; `known` again where nothing changed since.
    fn names(&self, c: &mut Conn, known: &Names) -> Result<Names>;
}
