//! Addresses of pages, made of the operator's own.

use url::{Url, form_urlencoded};

use crate::article::{AbsoluteUrl, InvalidUrl};

/// Whether the query has this parameter.
pub(super) fn has(url: &AbsoluteUrl, name: &str) -> bool {
    url.as_url().query_pairs().any(|(known, _)| known == name)
}

/// With a parameter, which takes the place of one that is there. The others stay as they are
/// written.
///
/// # Errors
/// Where the address gets too long.
pub(super) fn with(url: &AbsoluteUrl, name: &str, value: &str) -> Result<AbsoluteUrl, InvalidUrl> {
    let is_other = |pair: &&str| {
        let known = form_urlencoded::parse(pair.as_bytes()).next();
        !pair.is_empty() && known.is_none_or(|(known, _)| known != name)
    };
    let query = url.as_url().query().unwrap_or_default();
    let mut query = query
        .split('&')
        .filter(is_other)
        .map(|pair| format!("{pair}&"))
        .collect::<String>();
    let pair = form_urlencoded::Serializer::new(String::new())
        .append_pair(name, value)
        .finish();
    query.push_str(&pair);
    let mut changed: Url = url.as_url().clone();
    changed.set_query(Some(&query));
    AbsoluteUrl::parse(changed.as_str())
}

/// With those of `defaults` that the operator has not chosen otherwise.
///
/// # Errors
/// Where the address gets too long.
pub(super) fn with_defaults(
    url: &AbsoluteUrl,
    defaults: &[(&str, &str)],
) -> Result<AbsoluteUrl, InvalidUrl> {
    let mut url = url.clone();
    for (name, value) in defaults {
        if !has(&url, name) {
            url = with(&url, name, value)?;
        }
    }
    Ok(url)
}

/// The target of `rel="next"` in `Link` fields (RFC 8288 section 3), as it is written.
pub(super) fn next_link<'a>(fields: impl Iterator<Item = &'a str>) -> Option<String> {
    fields.flat_map(links).find_map(|(target, parameters)| {
        let is_next = |parameter: &str| {
            let (name, value) = parameter.split_once('=')?;
            let relations = value.trim().trim_matches('"').to_ascii_lowercase();
            let is_relation = name.trim().eq_ignore_ascii_case("rel");
            (is_relation && relations.split_ascii_whitespace().any(|rel| rel == "next"))
                .then_some(())
        };
        parameters
            .split(';')
            .find_map(is_next)
            .map(|()| target.to_owned())
    })
}

/// The links of one field: target and parameters. A comma may stand in either, so links are
/// told apart by their angle brackets outside quotes.
fn links(field: &str) -> Vec<(&str, &str)> {
    let mut links = Vec::new();
    let mut rest = field;
    while let Some((_, behind)) = rest.split_once('<') {
        let Some((target, behind)) = behind.split_once('>') else {
            break;
        };
        let mut quoted = false;
        let end = behind.find(|c| {
            quoted ^= c == '"';
            c == ',' && !quoted
        });
        let (parameters, behind) = behind.split_at(end.unwrap_or(behind.len()));
        links.push((target, parameters));
        rest = behind;
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(raw: &str) -> AbsoluteUrl {
        AbsoluteUrl::parse(raw).unwrap()
    }

    #[test]
    fn a_parameter_is_put_in_place_and_the_rest_stays_as_written() {
        for (from, to) in [
            ("https://a.example/x", "https://a.example/x?page=2"),
            (
                "https://a.example/x?page=1&q=a%20b",
                "https://a.example/x?q=a%20b&page=2",
            ),
            (
                "https://a.example/x?mypage=1&&z",
                "https://a.example/x?mypage=1&z&page=2",
            ),
        ] {
            assert_eq!(with(&url(from), "page", "2").unwrap().as_str(), to);
        }
        let set = with_defaults(&url("https://a.example/?a=1"), &[("a", "2"), ("b[c]", "3")]);
        assert_eq!(set.unwrap().as_str(), "https://a.example/?a=1&b%5Bc%5D=3");
    }

    #[test]
    fn the_next_page_is_found_among_links_as_they_are_written() {
        let next = |field: &str| next_link([field].into_iter());
        let found = Some("https://a.example/?a,b&page=2".to_owned());
        assert_eq!(
            next("</x>; rel=\"prev\", <https://a.example/?a,b&page=2>; rel=\"next\""),
            found
        );
        assert_eq!(
            next("<https://a.example/?a,b&page=2>;title=\"a, <b>\";REL=Next"),
            found
        );
        assert_eq!(next("<?page=2>; rel=\"last next\""), Some("?page=2".into()));
        for none in [
            "",
            "<a>; rel=nextish",
            "<a>; xrel=next",
            "<a",
            "a>; rel=next",
        ] {
            assert_eq!(next(none), None, "{none}");
        }
    }
}
