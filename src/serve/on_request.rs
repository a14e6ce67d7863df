//! Documents that are made when they are first asked for.
//!
//! However many ask for one at once, it is made once. What was made is kept as long as there
//! is room; its entity tag is kept for as long as it is true, so that most who ask again are
//! answered without the bytes.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use tokio::sync::Semaphore;

use super::table::{Promise, Resource};
use crate::edition::{Document, Recipe};

/// Makes documents.
pub trait Workshop: Send + Sync {
    /// Makes the document that the edition promises at `path`. Blocks.
    ///
    /// # Errors
    /// Why it cannot, for people.
    fn make(&self, path: &str) -> Result<Document, String>;
}

/// How many documents are made at once: more would take the processor from those who ask for
/// what is there.
const BENCHES: usize = 2;
/// How long who asks waits for a document that is being made, and for those before it.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was made, and those who make.
pub(super) struct OnRequest {
    made: Cache<(Box<str>, Recipe), Arc<Resource>>,
    benches: Arc<Semaphore>,
}

impl OnRequest {
    /// Keeps up to `bytes` of what is made.
    pub(super) fn keeping(bytes: u64) -> Self {
        let weigh = |_: &(Box<str>, Recipe), resource: &Arc<Resource>| {
            u32::try_from(resource.weight()).unwrap_or(u32::MAX)
        };
        Self {
            made: Cache::builder().max_capacity(bytes).weigher(weigh).build(),
            benches: Arc::new(Semaphore::new(BENCHES)),
        }
    }

    /// The promised document. Where it cannot be made, the one before it, if that is still
    /// there.
    ///
    /// # Errors
    /// Why there is none, for people.
    pub(super) async fn get(
        &self,
        promise: &Promise,
        workshop: Option<Arc<dyn Workshop>>,
    ) -> Result<Arc<Resource>, String> {
        let key = (promise.path.clone(), promise.recipe);
        let making = self.made.try_get_with(key, self.make(promise, workshop));
        let made = match tokio::time::timeout(PATIENCE, making).await {
            Ok(Ok(made)) => Ok(made),
            Ok(Err(reason)) => Err(reason.to_string()),
            Err(_) => Err(format!("{} is not made in time", promise.path)),
        };
        match (made, promise.elder) {
            (Ok(made), _) => {
                let _ = promise.head.set(made.head.clone());
                Ok(made)
            }
            (Err(reason), Some(elder)) => {
                let elder = self.made.get(&(promise.path.clone(), elder)).await;
                elder.ok_or(reason)
            }
            (Err(reason), None) => Err(reason),
        }
    }

    async fn make(
        &self,
        promise: &Promise,
        workshop: Option<Arc<dyn Workshop>>,
    ) -> Result<Arc<Resource>, String> {
        let workshop = workshop.ok_or("nobody makes documents here")?;
        let bench = Arc::clone(&self.benches).acquire_owned().await;
        let path = promise.path.clone();
        let making = tokio::task::spawn_blocking(move || {
            // Held until it is made, though nobody may wait for it any more.
            let _bench = bench;
            workshop
                .make(&path)
                .map(|made| Arc::new(Resource::of(Arc::new(made))))
        });
        making.await.map_err(|error| error.to_string())?
    }
}
