//! What crawlers are told.

use std::fs;

use dateline::render::robots::Purpose;

use crate::workshop::{DAY, Workshop, paths, text};

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
    let groups = "User-agent: GPTBot\nUser-agent: AI2Bot\nAllow: /open/\nDisallow: /\n\
                  Disallow: /*.pdf$\n\nUser-agent: *\nDisallow: /private/\n\n\
                  User-agent: *\nContent-Signal: search=yes, ai-train=no\n\n# AI training\n";
    assert!(text.starts_with(groups), "{text}");
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
