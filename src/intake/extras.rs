//! What only some articles have, made clean.

use super::{
    draft::{Fault, Washing, resolve, value_fault},
    filled,
};
use crate::{
    article::{AbsoluteUrl, Episode, EpisodeKind, Extras, Original, Video, VideoPlace, XmlText},
    source::{DraftEpisode, DraftExtras, DraftOriginal, DraftVideo},
};

/// The most that Google reads of a film's description.
const MAX_DESCRIPTION: usize = 2_048;

impl Washing<'_> {
    /// Everything that most articles do without. `title` and `summary` stand for those of a
    /// film that has none.
    pub(super) fn extras(
        &mut self,
        draft: &DraftExtras,
        url: &AbsoluteUrl,
        title: &XmlText,
        summary: Option<&XmlText>,
    ) -> Result<Extras, Fault> {
        let canonical = filled(draft.canonical.as_deref())
            .map(|raw| resolve(url, "canonical", raw))
            .transpose()?;
        let original = draft.original.as_ref();
        let original = original.map(|raw| self.original(raw, url)).transpose()?;
        let mut videos = Vec::with_capacity(draft.videos.len());
        for video in &draft.videos {
            videos.push(self.video(video, url, title, summary)?);
        }
        let episode = draft.episode.as_ref();
        Ok(Extras {
            canonical: canonical.filter(|canonical| canonical != url),
            original,
            videos,
            episode: episode.map(|raw| episode_of(raw, url)).transpose()?,
            image_alt: self.plain_line("image_alt", draft.image_alt.as_deref())?,
        })
    }

    fn original(&mut self, raw: &DraftOriginal, base: &AbsoluteUrl) -> Result<Original, Fault> {
        let url = resolve(base, "original", &raw.url)?;
        let title = self.plain_line("original", raw.title.as_deref())?;
        let feed = filled(raw.feed.as_deref())
            .map(|feed| resolve(base, "original.feed", feed))
            .transpose()?;
        Ok(Original {
            title: title.unwrap_or_else(|| url.host().into()),
            url,
            feed,
        })
    }

    fn video(
        &mut self,
        raw: &DraftVideo,
        base: &AbsoluteUrl,
        title: &XmlText,
        summary: Option<&XmlText>,
    ) -> Result<Video, Fault> {
        let thumbnail = filled(raw.thumbnail.as_deref()).ok_or_else(|| {
            value_fault(
                "videos",
                "a film needs a thumbnail, or search engines refuse it",
            )
        })?;
        let place = match (
            filled(raw.content.as_deref()),
            filled(raw.player.as_deref()),
        ) {
            (Some(content), _) => VideoPlace::Content(resolve(base, "videos.content", content)?),
            (None, Some(player)) => VideoPlace::Player(resolve(base, "videos.player", player)?),
            (None, None) => {
                let fault = "a film needs content (its file) or player (a page that plays it)";
                return Err(value_fault("videos", fault));
            }
        };
        let own_title = self.plain_line("videos.title", raw.title.as_deref())?;
        let own = self.plain_line("videos.description", raw.description.as_deref())?;
        let description = own.unwrap_or_else(|| summary.unwrap_or(title).clone());
        let short: String = description.as_str().chars().take(MAX_DESCRIPTION).collect();
        Ok(Video {
            thumbnail: resolve(base, "videos.thumbnail", thumbnail)?,
            title: own_title.unwrap_or_else(|| title.clone()),
            description: XmlText::line(&short).0,
            place,
            duration: seconds("videos.duration", raw.duration.as_deref())?,
        })
    }
}

fn episode_of(raw: &DraftEpisode, base: &AbsoluteUrl) -> Result<Episode, Fault> {
    let file = |field: &str, raw: &Option<String>| {
        filled(raw.as_deref())
            .map(|raw| resolve(base, field, raw))
            .transpose()
    };
    Ok(Episode {
        duration: seconds("episode.duration", raw.duration.as_deref())?,
        season: number("episode.season", raw.season.as_deref())?,
        number: number("episode.number", raw.number.as_deref())?,
        kind: kind(raw.kind.as_deref())?,
        explicit: flag("episode.explicit", raw.explicit.as_deref())?,
        transcript: file("episode.transcript", &raw.transcript)?,
        chapters: file("episode.chapters", &raw.chapters)?,
    })
}

fn kind(raw: Option<&str>) -> Result<EpisodeKind, Fault> {
    let Some(raw) = filled(raw) else {
        return Ok(EpisodeKind::Full);
    };
    [EpisodeKind::Full, EpisodeKind::Trailer, EpisodeKind::Bonus]
        .into_iter()
        .find(|kind| raw.eq_ignore_ascii_case(kind.name()))
        .ok_or_else(|| value_fault("episode.type", "write \"full\", \"trailer\" or \"bonus\""))
}

fn flag(field: &str, raw: Option<&str>) -> Result<Option<bool>, Fault> {
    let Some(raw) = filled(raw) else {
        return Ok(None);
    };
    match raw.to_ascii_lowercase().as_str() {
        "true" | "yes" => Ok(Some(true)),
        "false" | "no" | "clean" => Ok(Some(false)),
        _ => Err(value_fault(field, "write true or false")),
    }
}

fn number(field: &str, raw: Option<&str>) -> Result<Option<u32>, Fault> {
    filled(raw)
        .map(|raw| raw.parse().ok().filter(|number| *number > 0))
        .map(|number: Option<u32>| {
            number.ok_or_else(|| value_fault(field, "write a whole number from 1"))
        })
        .transpose()
}

/// Seconds, or `m:ss`, or `h:mm:ss`.
fn seconds(field: &str, raw: Option<&str>) -> Result<Option<u32>, Fault> {
    let Some(raw) = filled(raw) else {
        return Ok(None);
    };
    let fault = || value_fault(field, "write seconds, or h:mm:ss");
    let parts: Vec<&str> = raw.split(':').collect();
    let mut total: u32 = 0;
    for (i, part) in parts.iter().enumerate() {
        // JSON Feed allows a fraction, which no reader shows.
        let whole = part.split('.').next().unwrap_or_default();
        let value: u32 = whole.parse().map_err(|_| fault())?;
        if parts.len() > 3 || (i > 0 && value > 59) {
            return Err(fault());
        }
        total = total
            .checked_mul(60)
            .and_then(|total| total.checked_add(value))
            .ok_or_else(fault)?;
    }
    Ok(Some(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_seconds_or_parts() {
        let of = |raw| seconds("d", Some(raw)).map_err(|fault| fault.reason);
        for (raw, expected) in [
            ("90", 90),
            ("1:30", 90),
            ("1:01:05", 3_665),
            ("61:00", 3_660),
            ("12.5", 12),
        ] {
            assert_eq!(of(raw), Ok(Some(expected)), "{raw}");
        }
        for raw in ["-1", "1:60", "1:2:3:4", "4294967295:00", "x", ":"] {
            assert_eq!(of(raw), Err("d: write seconds, or h:mm:ss".to_owned()));
        }
        assert_eq!(of(" "), Ok(None));
    }
}
