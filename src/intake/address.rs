//! Where an article is: its own URL, or one made from its slug.

use super::filled;
use crate::{
    article::{AbsoluteUrl, Moment, NoAddress, UrlParts, UrlTemplate},
    config::Site,
    source::{Draft, RejectionKind},
};

/// What is wrong with an address, and the kind of fault it is.
pub type AddressFault = (RejectionKind, String);

/// The address of `draft`: its `url`, else what `template` makes of it, resolved against
/// the site's URL by RFC 3986 section 5. So `a/` lies below `https://x.example/blog/`,
/// while `/a/` lies beside it and is refused; no guess is made which was meant. A fragment
/// is dropped, since it names no page.
///
/// # Errors
/// When there is no address, or it lies outside the site and `other_hosts`.
pub fn address(
    site: &Site,
    template: Option<&UrlTemplate>,
    draft: &Draft,
    published: Option<Moment>,
) -> Result<AbsoluteUrl, AddressFault> {
    let reference = match filled(draft.url.as_deref()) {
        Some(url) => url.to_owned(),
        None => from_template(site, template, draft, published)?,
    };
    let url_fault = |fault: String| (RejectionKind::Url, fault);
    let joined = site
        .url
        .join(&reference)
        .map_err(|e| url_fault(format!("url: {e}")))?;
    let mut url = joined.as_url().clone();
    url.set_fragment(None);
    let url = AbsoluteUrl::parse(url.as_str()).map_err(|e| url_fault(format!("url: {e}")))?;
    if url.is_below(&site.url) {
        return Ok(url);
    }
    let host = host_and_port(&url);
    if site.other_hosts.iter().any(|h| h == "*" || *h == host) {
        return Ok(url);
    }
    Err(url_fault(outside(&url, &host, site, &reference)))
}

fn from_template(
    site: &Site,
    template: Option<&UrlTemplate>,
    draft: &Draft,
    published: Option<Moment>,
) -> Result<String, AddressFault> {
    let slug = filled(draft.slug.as_deref());
    let path = filled(draft.path.as_deref());
    let missing = |fault: &str| (RejectionKind::Missing, fault.to_owned());
    let Some(template) = template else {
        return Err(missing(if slug.is_some() {
            "a slug alone is no address; set url = \"{slug}/\" under [source.file]"
        } else {
            "the field url is missing; where the article is must be known"
        }));
    };
    let day = |moment: Moment| {
        let local = site.timezone.local(moment.instant());
        moment.day().unwrap_or_else(|| local.date())
    };
    let parts = UrlParts {
        path,
        slug,
        section: filled(draft.section.as_deref()),
        published: published.map(day),
    };
    template.expand(&parts).map_err(|error| match error {
        NoAddress::Missing(_) => missing(&error.to_string()),
        NoAddress::Dots(_) => (RejectionKind::Url, error.to_string()),
    })
}

/// As `other_hosts` has them: lower case, with the port where it is not the scheme's.
fn host_and_port(url: &AbsoluteUrl) -> String {
    let port = url.as_url().port();
    port.map_or_else(
        || url.host().to_owned(),
        |port| format!("{}:{port}", url.host()),
    )
}

fn outside(url: &AbsoluteUrl, host: &str, site: &Site, reference: &str) -> String {
    let relative = reference.starts_with('/') && !reference.starts_with("//");
    if relative && url.same_origin(&site.url) {
        let inner = reference.trim_start_matches('/');
        return format!(
            "url: {url} lies outside {}; write {inner:?} for an address below it",
            site.url
        );
    }
    format!(
        "url: {url} lies outside {}; other_hosts = [{host:?}] under [site] allows it",
        site.url
    )
}
