"""The operator's page in a real browser: light and dark, narrow and wide, with a button that
works, nothing from outside, and text that can be read."""

import time

import pytest

from dateline import Dateline, free_port, get, wait_until

TOKEN = "0123456789abcdef0123456789abcdef"
CONFIG = """
[site]
url = "https://blog.example/"
title = "Blog"

[source.markdown]
path = "content"
url = "/{path}/"

[admin]
listen = "127.0.0.1:PORT"
token = "TOKEN"
"""
VIEWS = [(1280, 900), (768, 1024), (360, 740), (320, 568)]

# Every text with less contrast than WCAG 2.2 asks for (1.4.3, level AA), with its figure.
CONTRAST = """
(() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faults = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.getClientRects().length) continue;
    const [one, two] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (contrast < 4.5) faults.push(`${node.data.trim().slice(0, 40)}: ${contrast.toFixed(2)}`);
  }
  return faults;
})()
"""
# What is wider than the window, other than inside what scrolls by itself.
WIDER = """
[...document.querySelectorAll("body *")].filter((element) =>
  !element.closest(".wide") && element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((element) => element.outerHTML.slice(0, 80))
"""


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.admin = free_port()
        (folder / "content").mkdir()
        (folder / "feeds.toml").write_text(CONFIG.replace("PORT", str(self.admin)).replace("TOKEN", TOKEN))
        for number in range(1, 13):
            self.article(number)

    def path(self, number):
        return self.folder / "content" / f"a-rather-long-name-of-an-article-{number}.md"

    def article(self, number):
        text = f"---\ntitle: Article {number} about something\ndate: 2026-01-{number:02}\n---\nWords.\n"
        self.path(number).write_text(text)

    @property
    def url(self):
        """As an operator types it; the browser sends the token as the password from then on."""
        return f"http://operator:{TOKEN}@127.0.0.1:{self.admin}/status"

    def says(self, browser, words):
        def shown():
            browser.show(self.url)
            return words in browser.evaluate("document.querySelector('h2').textContent")

        wait_until(shown, what=words)


@pytest.fixture
def site(tmp_path):
    return Site(tmp_path)


def readable(browser, folder, name):
    """In every view: nothing wider than the window, and every text has its contrast."""
    pictures = set()
    for width, height in VIEWS:
        for scheme in ["light", "dark"]:
            browser.view(width, height, scheme)
            assert browser.evaluate("document.documentElement.scrollWidth") <= width
            assert browser.evaluate(WIDER) == [], (name, width)
            assert browser.evaluate(CONTRAST) == [], (name, width, scheme)
            pictures.add(browser.picture(folder / f"{name}-{width}-{scheme}.png"))
    assert len(pictures) == len(VIEWS) * 2, "each view is another picture"


def test_the_checks_themselves_find_faults(browser, site):
    with Dateline(site.folder):
        site.says(browser, "All is well")
        browser.view(360, 740, "light")
        browser.evaluate("document.querySelector('h1').style.color = '#ccc'")
        assert any("Dateline" in fault for fault in browser.evaluate(CONTRAST))
        browser.evaluate("document.querySelector('h1').style.minWidth = '900px'")
        assert browser.evaluate(WIDER)


def test_it_can_be_read_at_a_glance_in_every_view(browser, site):
    with Dateline(site.folder) as server:
        agents = {
            "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers; )": ["/rss.xml"] * 3,
            "Mozilla/5.0 (compatible; Googlebot/2.1)": ["/sitemap.xml", "/robots.txt"],
            "curl/8.5.0": ["/nothing"],
        }
        for agent, paths in agents.items():
            for path in paths:
                server.get(path, User_Agent=agent)
        site.says(browser, "All is well")
        readable(browser, site.folder, "well")
        text = browser.evaluate("document.body.innerText")
        for words in [
            "12 articles",
            "7 documents",
            "6 requests",
            "Origin\ncontent",
            "Feed readers",
            "Search engines",
            "Programs and scripts",
            "/rss.xml",
            "the newest change in it",
            "no date is known of anything in it",
        ]:
            assert words in text, text
        first = browser.evaluate("document.querySelector('h2').getBoundingClientRect().top")
        assert first < 200, "the verdict stands at the top"


def test_troubles_are_told_with_their_reasons(browser, site):
    (site.folder / "content" / "broken.md").write_text("---\ntitle: [\n---\n")
    with Dateline(site.folder):
        site.says(browser, "Serving, without articles that were rejected")
        readable(browser, site.folder, "rejected")
        text = browser.evaluate("document.body.innerText")
        assert "1 rejected" in text and "content/broken.md:" in text
        (site.folder / "content").rename(site.folder / "away")
        site.says(browser, "Refreshing fails; the last good edition is served")
        readable(browser, site.folder, "failed")
        text = browser.evaluate("document.querySelector('.verdict').innerText")
        assert "the folder content is not there" in text and "Since" in text and "Next attempt" in text
        (site.folder / "away").rename(site.folder / "content")
        (site.folder / "feeds.toml").write_text("[sevrer]\n")
        site.says(browser, "Serving, by the configuration before")
        readable(browser, site.folder, "refused")
        assert "sevrer is not known" in browser.evaluate("document.querySelector('.verdict').innerText")


def test_a_held_change_is_taken_with_the_button_and_only_with_the_token(browser, site):
    with Dateline(site.folder) as server:
        site.says(browser, "All is well")
        for number in range(1, 10):
            site.path(number).unlink()
        site.says(browser, "A change is held until you accept it")
        browser.evaluate("document.querySelectorAll('details').forEach((details) => details.open = true)")
        readable(browser, site.folder, "held")
        text = browser.evaluate("document.querySelector('.verdict').innerText")
        assert "9 articles would be gone" in text and "Article 3 about something" in text
        assert b"article-3/" in server.get("/sitemap.xml").body
        # Without the token there is neither page nor button.
        plain = f"http://127.0.0.1:{site.admin}"
        assert get(plain, "/status").status == 401
        assert get(plain, "/accept", method="POST", Content_Length="0").status == 401
        assert b"article-3/" in server.get("/sitemap.xml").body
        browser.evaluate("document.querySelector('button.accept').click()")
        wait_until(lambda: b"article-3/" not in server.get("/sitemap.xml").body, what="the change")
        browser.settle()
        wait_until(
            lambda: browser.evaluate("document.querySelector('h2')?.textContent") == "All is well",
            what="the way back to the page",
        )
        assert browser.evaluate("location.pathname") == "/status"


def test_nothing_comes_from_outside_and_the_console_is_silent(browser, site):
    with Dateline(site.folder):
        browser.asked.clear()
        browser.complaints.clear()
        site.says(browser, "All is well")
        time.sleep(0.3)
        browser.evaluate("1")
        own = (site.url.removesuffix("/status"), f"http://127.0.0.1:{site.admin}/", "data:")
        assert browser.asked and all(url.startswith(own) for url in browser.asked), browser.asked
        assert browser.complaints == []
        # The page may load nothing, whatever is written into it.
        browser.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=\"http://127.0.0.1:9/x.png\">')")
        time.sleep(0.3)
        browser.evaluate("1")
        assert any("Content Security Policy" in text for text in browser.complaints), browser.complaints
