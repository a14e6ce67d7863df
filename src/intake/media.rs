//! The media type of a file, by its name.

/// Endings and what RFC 2046 and its registry call them.
const TYPES: [(&str, &str); 24] = [
    ("aac", "audio/aac"),
    ("avif", "image/avif"),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("html", "text/html"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("json", "application/json"),
    ("m4a", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("zip", "application/zip"),
];

/// The media type that the ending of a URL's path stands for.
pub fn type_of(path: &str) -> &'static str {
    let ending = path
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    TYPES
        .iter()
        .find(|(known, _)| ending.as_deref() == Some(known))
        .map_or("application/octet-stream", |(_, media_type)| media_type)
}

/// Whether `text` has the shape of a media type: `type/subtype`, in the characters of
/// RFC 6838 section 4.2, with or without parameters.
pub fn is_media_type(text: &str) -> bool {
    let essence = text.split(';').next().unwrap_or_default().trim();
    let restricted = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    essence
        .split_once('/')
        .is_some_and(|(kind, subtype)| restricted(kind) && restricted(subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_tells_the_type() {
        assert_eq!(type_of("/a/episode.MP3"), "audio/mpeg");
        assert_eq!(type_of("/a/b.c/paper"), "application/octet-stream");
        assert_eq!(type_of(""), "application/octet-stream");
    }

    #[test]
    fn a_media_type_has_two_names() {
        assert!(is_media_type("audio/mpeg"));
        assert!(is_media_type("text/html; charset=utf-8"));
        for no in ["mp3", "", "audio/", "/mpeg", "audio mpeg/x", "a/b/c"] {
            assert!(!is_media_type(no), "{no}");
        }
    }
}
