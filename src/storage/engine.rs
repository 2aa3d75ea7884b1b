//! The threads that talk with a bucket.
//!
//! Connections live where they were opened. Every worker of the server has a runtime of its own
//! that may be busy with something else or gone; here they all share one that is neither.

use std::future::Future;
use std::sync::mpsc;

use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::{Doing, Error, Result};

/// Encryption and digests of what goes out and comes in; waiting needs no thread.
const THREADS: usize = 2;

/// A runtime that may be dropped anywhere.
pub(super) struct Engine(Option<Runtime>);

impl Engine {
    pub(super) fn start() -> Result<Self> {
        let mut builder = Builder::new_multi_thread();
        let runtime = builder.worker_threads(THREADS).thread_name("bucket").enable_all().build();
        runtime.doing(|| "starting the threads of the storage".to_owned()).map(Some).map(Self)
    }

    fn handle(&self) -> Result<&Handle> {
        let stopped = || Error::internal("asking the storage", "its threads have ended");
        self.0.as_ref().map(Runtime::handle).ok_or_else(stopped)
    }

    /// Where to open connections.
    pub(super) fn place(&self) -> Result<Handle> {
        self.handle().cloned()
    }

    /// Does this to its end, also where nobody waits for it any more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        match self.handle()?.spawn(work).await {
            Ok(done) => done,
            Err(error) => Err(Error::internal("running a storage task", error)),
        }
    }

    /// Does this, and blocks the thread until it is done.
    pub(super) fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let (done, wanted) = mpsc::sync_channel(1);
        // Nobody takes it where the caller is gone, which cannot be: it waits.
        self.handle()?.spawn(async move { drop(done.send(work.await)) });
        wanted.recv().map_err(|error| Error::internal("running a storage task", error))?
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
