//! Documents that are made when they are first asked for, and long ones that are unpacked for
//! the few who want them plain.
//!
//! However many ask for one at once, it is made once. What was made is kept as long as there
//! is room; its entity tag is kept for as long as it is true, so that most who ask again are
//! answered without the bytes.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use tokio::sync::Semaphore;

use super::table::{Promise, Resource};
use crate::{
    edition::{Document, Recipe},
    render::DocumentKind,
};

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

/// What somebody waits for.
pub(super) enum Wanted {
    /// A document that is to be made.
    Promise(Arc<Promise>),
    /// A document that is kept in a coding, and is wanted without.
    Plain(Arc<Resource>),
}

impl Wanted {
    pub(super) fn kind(&self) -> DocumentKind {
        match self {
            Self::Promise(promise) => promise.kind,
            Self::Plain(resource) => resource.head.kind,
        }
    }

    /// What tells it from everything else, and from what it is at another time.
    fn key(&self) -> Key {
        match self {
            Self::Promise(promise) => Key::Made(promise.path.clone(), promise.recipe),
            Self::Plain(resource) => Key::Plain(resource.head.etag.clone()),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Made(Box<str>, Recipe),
    Plain(Box<str>),
}

/// What was made, and those who make.
pub(super) struct OnRequest {
    made: Cache<Key, Arc<Resource>>,
    benches: Arc<Semaphore>,
}

impl OnRequest {
    /// Keeps up to `bytes` of what is made.
    pub(super) fn keeping(bytes: u64) -> Self {
        let weigh = |_: &Key, resource: &Arc<Resource>| {
            u32::try_from(resource.weight()).unwrap_or(u32::MAX)
        };
        Self {
            made: Cache::builder().max_capacity(bytes).weigher(weigh).build(),
            benches: Arc::new(Semaphore::new(BENCHES)),
        }
    }

    /// What is wanted. Where it cannot be made, the one before it, if that is still there.
    ///
    /// # Errors
    /// Why there is none, for people.
    pub(super) async fn get(
        &self,
        wanted: &Wanted,
        workshop: Option<Arc<dyn Workshop>>,
    ) -> Result<Arc<Resource>, String> {
        let making = self
            .made
            .try_get_with(wanted.key(), self.make(wanted, workshop));
        let made = match tokio::time::timeout(PATIENCE, making).await {
            Ok(Ok(made)) => Ok(made),
            Ok(Err(reason)) => Err(reason.to_string()),
            Err(_) => Err("a document is not made in time".to_owned()),
        };
        match (made, wanted) {
            (Ok(made), Wanted::Promise(promise)) => {
                let _ = promise.head.set(made.head.clone());
                Ok(made)
            }
            (Err(reason), Wanted::Promise(promise)) => self.elder(promise).await.ok_or(reason),
            (made, Wanted::Plain(_)) => made,
        }
    }

    /// What was made for the same path in the edition before.
    async fn elder(&self, promise: &Promise) -> Option<Arc<Resource>> {
        let key = Key::Made(promise.path.clone(), promise.elder?);
        self.made.get(&key).await
    }

    async fn make(
        &self,
        wanted: &Wanted,
        workshop: Option<Arc<dyn Workshop>>,
    ) -> Result<Arc<Resource>, String> {
        let work: Box<dyn FnOnce() -> Result<Document, String> + Send> = match wanted {
            Wanted::Promise(promise) => {
                let workshop = workshop.ok_or("nobody makes documents here")?;
                let path = promise.path.clone();
                Box::new(move || workshop.make(&path))
            }
            Wanted::Plain(resource) => {
                let packed = Arc::clone(&resource.document);
                Box::new(move || Ok(packed.unpacked()))
            }
        };
        let bench = Arc::clone(&self.benches).acquire_owned().await;
        let making = tokio::task::spawn_blocking(move || {
            // Held until it is made, though nobody may wait for it any more.
            let _bench = bench;
            work().map(|made| Arc::new(Resource::of(Arc::new(made))))
        });
        making.await.map_err(|error| error.to_string())?
    }
}
