//! Figures about the database and the storage, and what is in them.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::{gauge, head, line};
use crate::app::App;
use crate::catalog::figures::Figures;
use crate::db::Usage;
use crate::error::Result;
use crate::storage::figures::Operation;

/// How old a count of everything may be: on a large index it takes the database a while.
const COUNT_EVERY: Duration = Duration::from_mins(1);

static COUNTED: Mutex<Option<(Instant, Figures)>> = Mutex::const_new(None);

/// Those of this process.
pub(super) fn write(app: &App, text: &mut String) {
    connections(&app.db.usage(), text);
    let counts = Operation::ALL.map(|operation| (operation.name(), operation.counts()));
    let name = "cheeseshop_storage_operations_total";
    head(text, ("counter", name), "What the storage was asked to do.");
    for (operation, (asked, _)) in counts {
        line(text, name, &[("operation", operation)], asked);
    }
    let name = "cheeseshop_storage_failures_total";
    head(text, ("counter", name), "What the storage was asked to do in vain.");
    for (operation, (_, failed)) in counts {
        line(text, name, &[("operation", operation)], failed);
    }
}

fn connections(usage: &[Usage; 2], text: &mut String) {
    let mut lines = |kind, name, about, value: &dyn Fn(&Usage) -> f64| {
        head(text, (kind, name), about);
        for usage in usage {
            line(text, name, &[("pool", usage.name)], value(usage));
        }
    };
    let about = "Connections to the database at most.";
    lines("gauge", "cheeseshop_database_connections_most", about, &|it| it.most.into());
    let about = "Open connections to the database.";
    lines("gauge", "cheeseshop_database_connections_open", about, &|it| it.open.into());
    let about = "Connections to the database that are in use.";
    lines("gauge", "cheeseshop_database_connections_busy", about, &|it| it.busy.into());
    let about = "Seconds for which connections to the database were waited for.";
    let name = "cheeseshop_database_waited_seconds_total";
    lines("counter", name, about, &|it| it.waited.as_secs_f64());
    head(text, ("counter", TAKEN), "How often a connection to the database was taken.");
    for usage in usage {
        line(text, TAKEN, &[("pool", usage.name)], usage.taken);
    }
    head(text, ("counter", REFUSED), "How often no connection to the database was had in time.");
    for usage in usage {
        line(text, REFUSED, &[("pool", usage.name)], usage.refused);
    }
}

const TAKEN: &str = "cheeseshop_database_taken_total";
const REFUSED: &str = "cheeseshop_database_refused_total";

/// What is stored, counted once in a while.
pub(super) async fn stored(app: &App, text: &mut String) -> Result<()> {
    let mut counted = COUNTED.lock().await;
    let figures = match *counted {
        Some((at, figures)) if at.elapsed() < COUNT_EVERY => figures,
        _ => app.db.read(|c| Ok(Figures::count(c)?)).await?,
    };
    if counted.is_none_or(|(at, _)| at.elapsed() >= COUNT_EVERY) {
        *counted = Some((Instant::now(), figures));
    }
    gauge(text, "cheeseshop_projects", "Hosted projects.", figures.projects);
    let about = "Hosted projects that are quarantined.";
    gauge(text, "cheeseshop_projects_quarantined", about, figures.quarantined);
    gauge(text, "cheeseshop_releases", "Hosted releases.", figures.releases);
    gauge(text, "cheeseshop_files", "Hosted files.", figures.files);
    gauge(text, "cheeseshop_files_bytes", "Bytes of the hosted files.", figures.bytes);
    Ok(())
}
