//! The fields that only some articles have.

use serde_json::{Map, Value};

use super::{Fields, each, scalar};
use crate::source::{DraftEpisode, DraftExtras, DraftOriginal, DraftVideo, Rejection};

impl Fields<'_> {
    /// Everything that most articles do without.
    pub(super) fn extras(&self) -> Result<DraftExtras, Rejection> {
        Ok(DraftExtras {
            canonical: self.text("canonical")?,
            original: self.original()?,
            videos: self.videos()?,
            episode: self.episode()?,
            image_alt: self.image_alt(),
        })
    }

    /// `original = "https://…"` or a table; JSON Feed's `external_url` says the same.
    fn original(&self) -> Result<Option<DraftOriginal>, Rejection> {
        let Some((name, value)) = self.find("original") else {
            return Ok(None);
        };
        let expected = "an address, or a table with url, title and feed";
        if let Some(url) = value.as_str() {
            return Ok(Some(DraftOriginal {
                url: url.to_owned(),
                ..DraftOriginal::default()
            }));
        }
        let table = value.as_object();
        let table = table.ok_or_else(|| self.wrong(name, expected, value))?;
        let url = pick(table, &["url", "href", "link"]);
        Ok(Some(DraftOriginal {
            title: pick(table, &["title", "name"]),
            url: url.ok_or_else(|| self.wrong(name, expected, value))?,
            feed: pick(table, &["feed", "feed_url"]),
        }))
    }

    /// Tables alone: the bare addresses that Hugo's templates want under this name lack the
    /// still picture without which search engines refuse a film.
    fn videos(&self) -> Result<Vec<DraftVideo>, Rejection> {
        let Some((name, value)) = self.find("videos") else {
            return Ok(Vec::new());
        };
        let mut videos = Vec::new();
        for item in each(value) {
            match item {
                Value::String(_) => {}
                Value::Object(table) => videos.push(DraftVideo {
                    thumbnail: pick(table, &["thumbnail", "thumbnail_url", "thumbnail_loc"]),
                    title: pick(table, &["title", "name"]),
                    description: pick(table, &["description", "summary"]),
                    content: pick(table, &["content", "url", "content_url", "content_loc"]),
                    player: pick(table, &["player", "embed_url", "player_loc"]),
                    duration: pick(table, &["duration", "duration_in_seconds"]),
                }),
                other => {
                    let expected = "a list of tables with thumbnail, title and content";
                    return Err(self.wrong(name, expected, other));
                }
            }
        }
        Ok(videos)
    }

    /// A table; a bare number is that of the episode. JSON Feed has the duration with the
    /// file.
    fn episode(&self) -> Result<Option<DraftEpisode>, Rejection> {
        let file = self.find("enclosures").map(|(_, files)| files);
        let duration = file
            .into_iter()
            .flat_map(each)
            .filter_map(Value::as_object)
            .find_map(|file| pick(file, &["duration", "duration_in_seconds"]));
        let Some((name, value)) = self.find("episode") else {
            return Ok(duration.map(|duration| DraftEpisode {
                duration: Some(duration),
                ..DraftEpisode::default()
            }));
        };
        match value {
            Value::Object(table) => Ok(Some(DraftEpisode {
                duration: pick(table, &["duration"]).or(duration),
                season: pick(table, &["season"]),
                number: pick(table, &["number", "episode"]),
                kind: pick(table, &["type", "kind"]),
                explicit: table.get("explicit").map(|flag| match flag {
                    Value::Bool(flag) => flag.to_string(),
                    other => scalar(other).unwrap_or_default(),
                }),
                transcript: pick(table, &["transcript"]),
                chapters: pick(table, &["chapters"]),
            })),
            Value::Number(number) => Ok(Some(DraftEpisode {
                number: Some(number.to_string()),
                duration,
                ..DraftEpisode::default()
            })),
            other => Err(self.wrong(name, "a table with duration, season and number", other)),
        }
    }

    fn image_alt(&self) -> Option<String> {
        if let Some((_, value)) = self.find("image_alt") {
            return scalar(value);
        }
        let (_, image) = self.find("image")?;
        pick(image.as_object()?, &["alt"])
    }
}

/// The first of several names that is there and not blank.
fn pick(table: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names
        .iter()
        .find_map(|name| table.get(*name).and_then(scalar))
        .filter(|text| !text.trim().is_empty())
}
