//! Podcasts: what Apple and the Podcast Index require of a feed, and what they recommend.

use rss::extension::itunes::{
    ITunesCategory, ITunesChannelExtension, ITunesItemExtension, ITunesOwner,
};

use super::{Channel, element::Element};
use crate::article::{AbsoluteUrl, Article, XmlText};

/// What a feed says of itself as a podcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Podcast {
    /// Who makes it.
    pub author: XmlText,
    /// Where its owner is reached, to prove that it is theirs.
    pub email: Option<XmlText>,
    /// The cover; Apple wants 1,400 to 3,000 pixels square, in JPEG or PNG.
    pub image: AbsoluteUrl,
    /// Of Apple's list: a category, and one within it. At least one.
    pub categories: Vec<(XmlText, Option<XmlText>)>,
    /// Whether it is unfit for children.
    pub explicit: bool,
    /// Whether it is to be heard from the first episode on.
    pub serial: bool,
    /// Its UUID for good (`podcast:guid`).
    pub guid: Option<XmlText>,
    /// Whether other hosts may take it over (`podcast:locked`).
    pub locked: Option<bool>,
    /// Where listeners can pay, and what that is called.
    pub funding: Option<(AbsoluteUrl, XmlText)>,
}

/// What stands in the channel, in Apple's vocabulary.
pub(super) fn channel(podcast: &Podcast) -> ITunesChannelExtension {
    ITunesChannelExtension {
        author: Some(podcast.author.to_string()),
        categories: podcast.categories.iter().map(category).collect(),
        image: Some(podcast.image.to_string()),
        explicit: Some(podcast.explicit.to_string()),
        owner: podcast.email.as_ref().map(|email| ITunesOwner {
            name: Some(podcast.author.to_string()),
            email: Some(email.to_string()),
        }),
        r#type: Some(if podcast.serial { "serial" } else { "episodic" }.to_owned()),
        ..ITunesChannelExtension::default()
    }
}

fn category((name, within): &(XmlText, Option<XmlText>)) -> ITunesCategory {
    let plain = |text: &XmlText| ITunesCategory {
        text: text.to_string(),
        subcategory: None,
    };
    ITunesCategory {
        subcategory: within.as_ref().map(|name| Box::new(plain(name))),
        ..plain(name)
    }
}

/// What stands in the channel, in the Podcast Index's vocabulary.
pub(super) fn channel_elements(podcast: &Podcast) -> Vec<Element> {
    let guid = podcast.guid.as_ref();
    let guid = guid.map(|guid| Element::new("podcast:guid").text(guid));
    let locked = podcast.locked.map(|locked| {
        Element::new("podcast:locked")
            .text(if locked { "yes" } else { "no" })
            .optional("owner", podcast.email.as_ref())
    });
    let funding = podcast.funding.as_ref().map(|(url, text)| {
        Element::new("podcast:funding")
            .attribute("url", url)
            .text(text)
    });
    [guid, locked, funding].into_iter().flatten().collect()
}

/// What stands in an item, in Apple's vocabulary; only in a podcast's feed.
pub(super) fn item(channel: &Channel, article: &Article) -> Option<ITunesItemExtension> {
    let podcast = channel.podcast.as_ref()?;
    let episode = article.piece.extras.episode.clone().unwrap_or_default();
    let image = article.piece.image.as_ref();
    Some(ITunesItemExtension {
        duration: episode.duration.map(|seconds| seconds.to_string()),
        episode: episode.number.map(|number| number.to_string()),
        season: episode.season.map(|season| season.to_string()),
        episode_type: Some(episode.kind.name().to_owned()),
        explicit: Some(episode.explicit.unwrap_or(podcast.explicit).to_string()),
        image: image.map(ToString::to_string),
        ..ITunesItemExtension::default()
    })
}

/// What stands in an item, in the Podcast Index's vocabulary; only in a podcast's feed.
pub(super) fn item_elements(channel: &Channel, article: &Article) -> Vec<Element> {
    let (Some(_), Some(episode)) = (&channel.podcast, &article.piece.extras.episode) else {
        return Vec::new();
    };
    let transcript = episode.transcript.as_ref().map(|url| {
        Element::new("podcast:transcript")
            .attribute("url", url)
            .attribute("type", transcript_type(url.path()))
    });
    let chapters = episode.chapters.as_ref().map(|url| {
        Element::new("podcast:chapters")
            .attribute("url", url)
            .attribute("type", "application/json+chapters")
    });
    [transcript, chapters].into_iter().flatten().collect()
}

/// The types that the Podcast Index knows for transcripts, by the file's ending.
fn transcript_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "vtt" => "text/vtt",
        "srt" => "application/x-subrip",
        "json" => "application/json",
        "html" | "htm" => "text/html",
        _ => "text/plain",
    }
}
