//! Sets of translations. Search engines ignore a set unless each page of it lists them all,
//! itself included, so one that is broken is left out and reported.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    article::{AbsoluteUrl, Alternate, Hreflang},
    config::Site,
    render::SitemapUrl,
};

/// How many broken sets are named one by one.
const NAMED: usize = 20;

/// What each page declares.
pub(super) struct Translations<'a> {
    site: &'a Site,
    declared: BTreeMap<AbsoluteUrl, BTreeSet<Alternate>>,
}

/// What was found of each page that declares anything.
pub(super) struct Sets {
    whole: BTreeMap<AbsoluteUrl, BTreeSet<Alternate>>,
    broken: Vec<String>,
}

impl<'a> Translations<'a> {
    pub(super) const fn new(site: &'a Site) -> Self {
        Self {
            site,
            declared: BTreeMap::new(),
        }
    }

    /// What the page at `url` declares. Where it does not list itself, it is in the site's
    /// language; where it has one of its own, that has been added before.
    pub(super) fn add(&mut self, url: &AbsoluteUrl, alternates: &[Alternate]) {
        if alternates.is_empty() {
            return;
        }
        let mut set: BTreeSet<Alternate> = alternates.iter().cloned().collect();
        if !set.iter().any(|alternate| alternate.url == *url) {
            set.insert(Alternate {
                language: Hreflang::Language(self.site.language.clone()),
                url: url.clone(),
            });
        }
        self.declared.insert(url.clone(), set);
    }

    /// Tells whole sets from broken ones.
    pub(super) fn judge(self) -> Sets {
        let mut sets = Sets {
            whole: BTreeMap::new(),
            broken: Vec::new(),
        };
        for (url, set) in &self.declared {
            match self.fault(url, set) {
                None => {
                    sets.whole.insert(url.clone(), set.clone());
                }
                Some(fault) => sets
                    .broken
                    .push(format!("the translations of {url} are left out: {fault}")),
            }
        }
        sets
    }

    /// What is wrong with a set; pages of other sites cannot be looked at and are taken on
    /// the origin's word.
    fn fault(&self, url: &AbsoluteUrl, set: &BTreeSet<Alternate>) -> Option<String> {
        let mut languages = BTreeSet::new();
        for alternate in set {
            if !languages.insert(&alternate.language) {
                return Some(format!("{} has two pages", alternate.language));
            }
        }
        set.iter()
            .filter(|other| other.url != *url && other.url.is_below(&self.site.url))
            .find_map(|other| match self.declared.get(&other.url) {
                Some(theirs) if theirs == set => None,
                Some(_) => Some(format!("{} lists other ones", other.url)),
                None => Some(format!("{} does not list them too", other.url)),
            })
    }
}

impl Sets {
    /// Whether what stands at a page follows from what others declare.
    pub(super) fn depend_on_others(&self) -> bool {
        !self.whole.is_empty() || !self.broken.is_empty()
    }

    /// An entry with the translations that hold.
    pub(super) fn apply(&self, mut entry: SitemapUrl) -> SitemapUrl {
        if !entry.listed.alternates.is_empty() {
            let set = self.whole.get(&entry.url);
            entry.listed.alternates = set.into_iter().flatten().cloned().collect();
        }
        entry
    }

    /// A sentence for each broken set, of the first few.
    pub(super) fn remarks(&self) -> Vec<String> {
        let mut remarks: Vec<String> = self.broken.iter().take(NAMED).cloned().collect();
        if self.broken.len() > NAMED {
            let more = self.broken.len() - NAMED;
            remarks.push(format!("{more} more sets of translations are left out"));
        }
        remarks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        article::{Language, XmlText},
        dates::Zone,
    };

    fn url(path: &str) -> AbsoluteUrl {
        AbsoluteUrl::parse("https://a.example/")
            .unwrap()
            .join(path)
            .unwrap()
    }

    fn judged(pages: &[(&str, &[(&str, &str)])]) -> (usize, String) {
        let site = Site {
            url: url(""),
            title: XmlText::from("A"),
            description: XmlText::from("A"),
            language: Language::parse("en").unwrap(),
            timezone: Zone::UTC,
            ids: Default::default(),
            author: None,
            other_hosts: vec![],
            files: None,
            tag_scheme: None,
            section_scheme: None,
            content: Default::default(),
        };
        let mut translations = Translations::new(&site);
        for (page, alternates) in pages {
            let alternates: Vec<_> = alternates
                .iter()
                .map(|(language, path)| Alternate {
                    language: Hreflang::parse(language).unwrap(),
                    url: url(path),
                })
                .collect();
            translations.add(&url(page), &alternates);
        }
        let sets = translations.judge();
        (sets.whole.len(), sets.remarks().join("; "))
    }

    #[test]
    fn a_whole_set_lists_the_same_pages_from_each() {
        let three: &[(&str, &str)] = &[("de", "de/a"), ("en", "a"), ("x-default", "a")];
        assert_eq!(judged(&[("a", three), ("de/a", three)]), (2, String::new()));
        // The page itself may be left unsaid, and pages elsewhere cannot be asked.
        assert_eq!(
            judged(&[("a", &[("fr", "https://b.example/")])]),
            (1, String::new())
        );
    }

    #[test]
    fn a_broken_set_is_left_out_and_named() {
        let two: &[(&str, &str)] = &[("de", "de/a"), ("en", "a")];
        let (whole, said) = judged(&[("a", two)]);
        assert_eq!(whole, 0);
        assert!(
            said.contains("https://a.example/de/a does not list them too"),
            "{said}"
        );
        let (whole, said) = judged(&[("a", two), ("de/a", &[("de", "de/a")])]);
        assert_eq!(whole, 1, "a page that lists itself alone is whole");
        assert!(
            said.contains("https://a.example/de/a lists other ones"),
            "{said}"
        );
        let twice: &[(&str, &str)] = &[("x-default", "a"), ("x-default", "b"), ("en", "a")];
        let (_, said) = judged(&[("a", twice)]);
        assert!(said.contains("x-default has two pages"), "{said}");
    }
}
