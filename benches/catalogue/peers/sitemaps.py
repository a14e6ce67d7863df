"""What django.contrib.sitemaps takes to write the files of a catalogue, which it reads from
SQLite: sitemaps.py DATABASE FOLDER. Plain files of 50,000 addresses and their index."""

import sys
from pathlib import Path

import django
from django.conf import settings

DATABASE, FOLDER = sys.argv[1], Path(sys.argv[2])

settings.configure(
    ALLOWED_HOSTS=["big.example"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATABASE}},
    INSTALLED_APPS=["django.contrib.sitemaps"],
    ROOT_URLCONF=__name__,
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    USE_TZ=True,
)
django.setup()

from django.contrib.sitemaps import Sitemap, views  # noqa: E402
from django.db import models  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.urls import path  # noqa: E402


class Article(models.Model):
    slug = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        app_label = "blog"
        db_table = "articles"
        managed = False

    def get_absolute_url(self):
        return f"/stories/{self.slug}/"


class Stories(Sitemap):
    limit = 50_000

    def items(self):
        return Article.objects.only("slug", "updated_at").order_by("id")

    def lastmod(self, article):
        return article.updated_at

    def get_domain(self, site=None):
        return "big.example"


SITEMAPS = {"stories": Stories}
urlpatterns = [
    path("sitemap.xml", views.index, {"sitemaps": SITEMAPS}),
    path("sitemap-<section>.xml", views.sitemap, {"sitemaps": SITEMAPS},
         name="django.contrib.sitemaps.views.sitemap"),
]

views.get_current_site = lambda request: type("Site", (), {"domain": "big.example"})
factory = RequestFactory(SERVER_NAME="big.example")
(FOLDER / "sitemap.xml").write_bytes(
    views.index(factory.get("/sitemap.xml"), SITEMAPS).render().content)
for page in range(1, Stories().paginator.num_pages + 1):
    request = factory.get("/sitemap-stories.xml", {"p": page})
    answer = views.sitemap(request, SITEMAPS, section="stories").render()
    (FOLDER / f"sitemap-{page}.xml").write_bytes(answer.content)
