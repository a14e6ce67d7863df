"""A catalogue with all fields, several languages, and text that breaks careless writers."""

# Characters that XML forbids stand in it too; U+FFFD takes their place.
NASTY = "a\u0001b ]]> &amp; <b> &lt;i&gt; 'q' \"q\" \ufffe — \U0001f980 مرحبا 数据库"

ARTICLES = [
    {
        "id": "tag:backend.example,2026:everything",
        "url": "/everything/",
        "title": "Everything & more",
        "summary": "In short",
        "content_html": "<p>Text with <a href='/x'>a link</a>, <img src='i.png' srcset='i.png 1x, j.png 2x'>"
        "<script>alert(1)</script><pre><code>a < b && c ]]&gt;</code></pre></p>",
        "authors": [{"name": "Ada", "url": "/ada"}, {"name": "Grace"}],
        "tags": ["R&D", "Rust"],
        "section": "Notes",
        "language": "en-GB",
        "published": "2026-06-10T10:00:00+02:00",
        "updated": "2026-06-11T08:00:00Z",
        "image": "/i.png?a=1&b=2",
        "enclosures": [{"url": "/e.mp3?a=1&b=2", "type": "audio/mpeg", "length": 123}],
        "alternates": {"de": "/de/everything/"},
        "reading_minutes": 8,
    },
    {
        "url": "/nasty/",
        "title": "a\u0001b ]]> &amp; R&D < 5 > 'q' \"q\" \ufffe — \U0001f980 مرحبا 数据库",
        "content_html": f"<p>{NASTY}</p>",
        "published": "2026-06-09",
        "tags": ["数据库", "R&D"],
    },
    {
        "url": "/arabic/",
        "title": "مرحبا بالعالم",
        "content_text": "نص عربي",
        "language": "ar",
        "published": "2026-06-08",
    },
    {
        "url": "/chinese/",
        "title": "数据库入门",
        "content_markdown": "| a | b |\n|---|---|\n| 1 | 2 |\n\nText[^1]\n\n[^1]: note",
        "language": "zh-Hans",
        "published": "2026-06-07T23:59:59-11:00",
        "authors": ["张三"],
    },
    {
        "url": "/german/?a=1&b=2",
        "title": "Größe & Maß",
        "summary": "Nur eine Zusammenfassung",
        "language": "de",
        "published": "2026-06-01",
    },
    {"url": "/old/", "title": "Long ago", "content_text": "x", "published": "1999-12-31"},
    {"url": "/undated/", "title": "No date at all", "content_text": "Nobody knows when"},
]


def clean(title):
    """A title as it is served: plain text that XML can hold."""
    title = title.replace("\u0001", "\ufffd").replace("\ufffe", "\ufffd")
    return title.replace("&amp;", "&")
