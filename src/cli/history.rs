//! `dateline history export|import`: what is remembered, as a file.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Subcommand;

use super::{Status, console, setup};
use crate::{
    article::Timestamp,
    config::Config,
    store::{HistoryError, HistoryReader, HistoryWriter, Store, StoreError},
};

/// What to do with the history.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write what is remembered of every article and document
    Export {
        /// The file; standard output where none is named
        file: Option<PathBuf>,
    },
    /// Take back what was written, over what is remembered of the same articles
    Import {
        /// The file
        file: PathBuf,
    },
}

pub(super) fn run(file: &Path, command: &Command) -> Status {
    let config = match setup::load(file) {
        Ok(config) => config,
        Err(status) => return status,
    };
    let outcome = match command {
        Command::Export { file } => export(&config, file.as_deref()),
        Command::Import { file } => import(&config, file),
    };
    match outcome {
        Ok(done) => {
            console::say(&done);
            Status::Good
        }
        Err(reason) => {
            console::say(&reason);
            Status::Failed
        }
    }
}

fn export(config: &Config, file: Option<&Path>) -> Result<String, String> {
    if !config.store.path.exists() {
        return Err(format!(
            "there is no store at {}",
            config.store.path.display()
        ));
    }
    let store = setup::open(config).map_err(|error| error.to_string())?;
    let written = match file {
        None => write(&*store, config, std::io::stdout().lock()),
        Some(path) => {
            let file = File::create(path).map_err(|error| cannot("written", path, &error))?;
            write(&*store, config, file)
        }
    };
    let (articles, documents) = written.map_err(|error| match error {
        HistoryError::Store(error) => error.at(&config.store.path).to_string(),
        error => error.to_string(),
    })?;
    Ok(format!(
        "exported: {}, {}",
        console::count(articles, "article"),
        console::count(documents, "document")
    ))
}

fn write(
    store: &dyn Store,
    config: &Config,
    out: impl Write,
) -> Result<(usize, usize), HistoryError> {
    let mut writer = HistoryWriter::begin(BufWriter::new(out), &config.site.url)?;
    let mut failed = None;
    store.remembered(&mut |remembered| {
        if failed.is_none() {
            failed = writer.article(&remembered).err();
        }
    })?;
    failed.map_or(Ok(()), Err)?;
    for record in store.document_records()? {
        writer.document(&record)?;
    }
    writer.finish()
}

fn import(config: &Config, path: &Path) -> Result<String, String> {
    let file = File::open(path).map_err(|error| cannot("read", path, &error))?;
    let at = |line: usize, error: &dyn std::fmt::Display| {
        format!("{}:{line}: {error}\nNothing was imported.", path.display())
    };
    let store_error = |error: StoreError| error.at(&config.store.path).to_string();
    let mut store = setup::open(config).map_err(store_error)?;
    let mut transaction = store.begin().map_err(store_error)?;
    let mut reader = HistoryReader::default();
    let now = Timestamp::now();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|error| at(number + 1, &error))?;
        reader
            .take(&line, &mut *transaction, now)
            .map_err(|error| at(number + 1, &error))?;
    }
    let (articles, documents) = reader.finish().map_err(|error| at(1, &error))?;
    transaction.commit().map_err(store_error)?;
    Ok(format!(
        "imported: {}, {}\nThe next refresh judges by it: restart the server, or send it SIGHUP.",
        console::count(articles, "article"),
        console::count(documents, "document")
    ))
}

fn cannot(what: &str, path: &Path, error: &std::io::Error) -> String {
    format!("{} cannot be {what}: {error}", path.display())
}
