//! `[server.aliases]`, `redirect` and `gone`: addresses that documents once had.

use crate::{
    article::AbsoluteUrl,
    config::{
        fault::Faults,
        reader::{Table, Text, quoted},
    },
};

/// What is answered at addresses that documents once had.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Legacy {
    /// `[server.aliases]`: an old path, with a query where that matters → where it is now.
    pub aliases: Vec<(String, Target)>,
    /// `redirect`: how they are redirected.
    pub redirect: Redirect,
    /// `gone`: paths of what was ended for good, so that readers stop asking.
    pub gone: Vec<String>,
}

/// Where a document is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A path on the same host.
    Path(String),
    /// Elsewhere.
    Url(AbsoluteUrl),
}

impl Target {
    /// As it stands in `Location`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Path(path) => path,
            Self::Url(url) => url.as_str(),
        }
    }
}

/// The status of a permanent redirect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Redirect {
    /// `"301"`: every reader knows it and moves its subscription.
    #[default]
    MovedPermanently,
    /// `"308"`
    PermanentRedirect,
}

const REDIRECTS: [(&str, Redirect); 2] = [
    ("301", Redirect::MovedPermanently),
    ("308", Redirect::PermanentRedirect),
];

/// Reads the keys of `[server]` that are about old addresses.
pub(super) fn read(server: &mut Table<'_>, faults: &mut Faults) -> Legacy {
    let mut legacy = Legacy {
        redirect: server
            .choice(faults, "redirect", &REDIRECTS)
            .unwrap_or_default(),
        ..Legacy::default()
    };
    if let Some(mut table) = server.table(faults, "aliases") {
        for (from, to) in table.entries(faults, "/rss.xml") {
            let from = path(&from, "server.aliases", faults);
            let to = target(&to, faults);
            if let (Some(from), Some(to)) = (from, to) {
                legacy.aliases.push((from, to));
            }
        }
        table.finish(faults);
    }
    for text in server
        .texts(faults, "gone", "/comments/feed/")
        .unwrap_or_default()
    {
        let Some(path) = path(&text, "server.gone", faults) else {
            continue;
        };
        if legacy.aliases.iter().any(|(from, _)| *from == path) {
            let message = format!("{} is gone and has an alias", quoted(&path));
            faults.add(text.span, message, "leave one of the two out");
        }
        legacy.gone.push(path);
    }
    legacy
}

fn path(text: &Text<'_>, key: &str, faults: &mut Faults) -> Option<String> {
    if is_path(text.value) {
        return Some(text.value.to_owned());
    }
    let message = format!("{key}: {} is not a path", quoted(text.value));
    let help = "begin it with one / and percent-encode what is not ASCII: \"/feed/\"";
    faults.add(text.span.clone(), message, help);
    None
}

fn target(text: &Text<'_>, faults: &mut Faults) -> Option<Target> {
    if is_path(text.value) {
        return Some(Target::Path(text.value.to_owned()));
    }
    if let Ok(url) = AbsoluteUrl::parse(text.value) {
        return Some(Target::Url(url));
    }
    let message = format!("server.aliases: {} leads nowhere", quoted(text.value));
    let help = "write a path such as \"/rss.xml\", or a whole URL for a feed that moved away";
    faults.add(text.span.clone(), message, help);
    None
}

/// A path as it stands in a request, perhaps with a query. Two slashes at its head would
/// name a host.
fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && !text.starts_with("//")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'#' && byte != b'\\')
}
