//! What crawlers are told.

use std::fs;

use dateline::{refresh::Refreshed, render::robots::Purpose, serve::static_fields};

use crate::workshop::{DAY, Workshop, article, document, paths, text};

fn robots(config: &str) -> String {
    text(&Workshop::new(config).at(DAY, &[]), "/robots.txt")
}

const SITEMAP: &str = "Sitemap: https://a.example/sitemap.xml\n";

#[test]
fn a12_1_without_a_word_all_may_read_all() {
    assert_eq!(robots(""), format!("User-agent: *\nAllow: /\n\n{SITEMAP}"));
}

#[test]
fn a12_1_one_word_disallows_all_crawlers_of_a_purpose() {
    let text = robots("[robots]\nai_training = \"disallow\"\nsearch = \"allow\"\n");
    let (before, training) = text.split_once("# AI training\n").unwrap();
    for crawler in Purpose::AiTraining.crawlers() {
        assert!(training.contains(&format!("User-agent: {}\n", crawler.name)));
    }
    assert!(
        training.ends_with(&format!("\nDisallow: /\n\n{SITEMAP}")),
        "{text}"
    );
    assert!(
        before.starts_with("User-agent: *\nAllow: /\n\n# search engines\n"),
        "{text}"
    );
    assert!(before.contains("User-agent: Googlebot\n") && before.contains("\nAllow: /\n"));
    assert!(!text.contains("PerplexityBot"), "of which nothing was said");
}

#[test]
fn the_operators_own_groups_win_over_purposes() {
    let text = robots(
        "[robots]\nai_training = \"disallow\"\nsignals = { search = true, ai_train = false }\n\
         [[robots.group]]\nagents = [\"GPTBot\", \"AI2Bot\"]\nallow = \"/open/\"\ndisallow = [\"/\", \"/*.pdf$\"]\n\
         [[robots.group]]\nagents = \"*\"\ndisallow = \"/private/\"\n",
    );
    assert_eq!(text.matches("User-agent: GPTBot\n").count(), 1);
    // A crawler reads its own group alone, so what is said to all stands in each.
    let groups = "User-agent: GPTBot\nUser-agent: AI2Bot\nContent-Signal: search=yes, ai-train=no\n\
                  Allow: /open/\nDisallow: /\nDisallow: /*.pdf$\n\nUser-agent: *\n\
                  Content-Signal: search=yes, ai-train=no\nDisallow: /private/\n\n# AI training\n";
    assert!(text.starts_with(groups), "{text}");
    let training = "\nContent-Signal: search=yes, ai-train=no\nDisallow: /\n\nSitemap:";
    assert!(text.contains(training), "{text}");
}

#[test]
fn the_sites_own_file_is_kept_as_it_is() {
    let site = Workshop::new("[robots]\ninclude = \"own.txt\"\nai_training = \"disallow\"\n");
    fs::write(
        site.path("own.txt"),
        "# ours\r\nUser-agent: ccbot # and no other\r\nDisallow: /x\r\n",
    )
    .unwrap();
    let text = text(&site.at(DAY, &[]), "/robots.txt");
    let begin = "# ours\nUser-agent: ccbot # and no other\nDisallow: /x\n\n\
                 User-agent: *\nAllow: /\n\n# AI training\n";
    assert!(text.starts_with(begin), "{text}");
    assert!(!text.contains("User-agent: CCBot"), "{text}");
}

#[test]
fn a12_5_a_licence_is_named_and_resolves() {
    let site = Workshop::new(
        "[robots.license]\npermits = \"search\"\nprohibits = [\"ai-train\", \"ai-input\"]\n\
         payment = \"attribution\"\nterms = \"terms/?a&b\"\n",
    );
    let made = site.at(DAY, &[]);
    assert!(text(&made, "/robots.txt").ends_with(&format!(
        "\nLicense: https://a.example/license.xml\n{SITEMAP}"
    )));
    assert_eq!(
        text(&made, "/license.xml"),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rsl xmlns=\"https://rslstandard.org/rsl\">\
         <content url=\"/\"><license><permits type=\"usage\">search</permits>\
         <prohibits type=\"usage\">ai-train,ai-input</prohibits><payment type=\"attribution\"/>\
         </license><terms>https://a.example/terms/?a&amp;b</terms></content></rsl>"
    );
    let elsewhere = Workshop::new("[robots.license]\nurl = \"https://b.example/l.xml\"\n");
    let made = elsewhere.at(DAY, &[]);
    assert!(text(&made, "/robots.txt").contains("License: https://b.example/l.xml\n"));
    assert!(!paths(&made).contains(&"/license.xml"));
}

#[test]
fn a11_2_the_licence_is_named_in_the_fields_and_in_the_documents() {
    let config =
        "[[feed]]\nname = \"all\"\nformats = [\"rss\", \"atom\", \"json\", \"jsonld\"]\n[llms]\n";
    let field = |made: &Refreshed, path: &str| -> Vec<String> {
        let fields = static_fields(document(made, path));
        let links = fields.get_all("link").iter();
        let links = links.map(|link| link.to_str().unwrap().to_owned());
        links.filter(|link| link.contains("license")).collect()
    };
    for (license, url) in [
        ("prohibits = \"ai-train\"", "https://a.example/license.xml"),
        ("url = \"https://b.example/l\"", "https://b.example/l"),
    ] {
        let site = Workshop::new(&format!("{config}[robots.license]\n{license}\n"));
        let made = site.at(DAY, &[article("a", 1)]);
        let link = format!("<{url}>; rel=\"license\"; type=\"application/rsl+xml\"");
        for path in [
            "/rss.xml",
            "/atom.xml",
            "/feed.json",
            "/feed.jsonld",
            "/llms/a.md",
        ] {
            assert_eq!(field(&made, path), [link.as_str()], "{path}");
        }
        assert!(field(&made, "/sitemap.xml").is_empty(), "no articles");
        let inside = format!("link href=\"{url}\" rel=\"license\" type=\"application/rsl+xml\"/>");
        for path in ["/rss.xml", "/atom.xml"] {
            let feed = text(&made, path);
            assert_eq!(feed.matches(&inside).count(), 1, "{feed}");
        }
        let data = text(&made, "/feed.jsonld");
        assert!(data.contains(&format!("\"license\":\"{url}\"")), "{data}");
    }
    let none = Workshop::new(config).at(DAY, &[article("a", 1)]);
    assert!(field(&none, "/rss.xml").is_empty());
    assert!(!text(&none, "/rss.xml").contains("license"));
}

#[test]
fn a_document_that_is_made_on_request_names_the_licence_too() {
    let site = Workshop::new(
        "[[feed]]\nname = \"all\"\nlimit = 1\narchive = true\n[robots.license]\npayment = \"free\"\n",
    );
    let made = site.at(DAY, &[article("a", 1), article("b", 2), article("c", 3)]);
    let page = made.made.edition.deferred.first().unwrap();
    let page = site.refresher().make_deferred(page).unwrap();
    let link = "<https://a.example/license.xml>; rel=\"license\"; type=\"application/rsl+xml\"";
    let fields = static_fields(&page);
    assert!(fields.get_all("link").iter().any(|field| field == link));
}
