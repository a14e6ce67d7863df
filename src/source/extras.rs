//! What only some drafts declare, raw.

/// Parts that most articles do without.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftExtras {
    /// The address of the same text's original.
    pub canonical: Option<String>,
    /// Where the piece was published first.
    pub original: Option<DraftOriginal>,
    /// Films on its page.
    pub videos: Vec<DraftVideo>,
    /// What makes it an episode of a podcast.
    pub episode: Option<DraftEpisode>,
    /// What its picture shows, in words.
    pub image_alt: Option<String>,
}

/// Where a republished piece comes from, as declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftOriginal {
    /// The name of that place; its host by default.
    pub title: Option<String>,
    /// The piece's page there.
    pub url: String,
    /// The feed it was in.
    pub feed: Option<String>,
}

/// A film as declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftVideo {
    /// A still picture.
    pub thumbnail: Option<String>,
    /// The article's by default.
    pub title: Option<String>,
    /// The article's summary by default, or its title.
    pub description: Option<String>,
    /// The file.
    pub content: Option<String>,
    /// A page that plays it.
    pub player: Option<String>,
    /// Seconds, or `h:mm:ss`.
    pub duration: Option<String>,
}

/// An episode as declared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DraftEpisode {
    /// Seconds, or `h:mm:ss`.
    pub duration: Option<String>,
    /// A number from 1.
    pub season: Option<String>,
    /// A number from 1.
    pub number: Option<String>,
    /// `full`, `trailer` or `bonus`.
    pub kind: Option<String>,
    /// `true` or `false`.
    pub explicit: Option<String>,
    /// A file.
    pub transcript: Option<String>,
    /// A file of JSON.
    pub chapters: Option<String>,
}
