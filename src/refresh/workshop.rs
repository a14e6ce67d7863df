//! Makes, for whoever asks for it first, what an edition only promises.

use std::sync::Arc;

use crate::{
    config::Config,
    edition::{self, Document, MakeError},
    serve,
    store::SqliteReader,
};

/// Makes documents of what the store holds, beside the refreshes that write to it.
pub struct Workshop {
    config: Arc<Config>,
    reader: SqliteReader,
}

impl Workshop {
    /// For the site of `config`, from its store.
    #[must_use]
    pub fn new(config: Arc<Config>) -> Self {
        let reader = SqliteReader::new(config.store.path.clone());
        Self { config, reader }
    }
}

impl serve::Workshop for Workshop {
    fn make(&self, path: &str) -> Result<Document, String> {
        let made = self.reader.read(|catalogue| {
            let at = catalogue.made()?.ok_or(MakeError::None)?;
            edition::make_deferred(catalogue, &self.config, path, at)
        });
        made.map_err(|error: MakeError| error.to_string())
    }
}
