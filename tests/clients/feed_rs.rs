//! Reads feeds with feed-rs for the tests in Python: prints the titles of the entries of each
//! file that is named, as JSON, and fails at the first that is no feed.

#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let mut titles = Vec::new();
    for path in env::args().skip(1) {
        let bytes = fs::read(&path)?;
        let feed = feed_rs::parser::parse(bytes.as_slice())
            .map_err(|error| format!("{path} is no feed to feed-rs: {error}"))?;
        let of_entries = feed.entries.into_iter().map(|entry| {
            let title = entry.title.map(|title| title.content);
            title.unwrap_or_default()
        });
        titles.push(of_entries.collect::<Vec<_>>());
    }
    println!("{}", serde_json::to_string(&titles)?);
    Ok(())
}
