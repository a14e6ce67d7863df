//! One catalogue as each API has it, in pages, with what each is known for.
//!
//! The shapes are those of the systems' own references: WordPress' `wp/v2/posts`, Ghost's
//! Content API, Strapi 4 and 5, Contentful's delivery API.

use serde_json::{Value, json};

use crate::server::{Reply, Request};

/// An article of the catalogue that all have.
#[derive(Debug, Clone)]
pub struct Piece {
    pub number: usize,
    pub title: String,
    pub text: String,
    /// Seconds after the day of publication at noon; `None`: never changed.
    pub updated: Option<usize>,
    /// A later change, in the form of the dates here.
    pub moved: Option<String>,
    /// A later publication.
    pub born: Option<String>,
    pub tags: Vec<&'static str>,
    pub author: Option<&'static str>,
}

/// So many articles, each one otherwise.
pub fn pieces(count: usize) -> Vec<Piece> {
    let tags = [vec!["R&D", "rust"], vec!["web"], vec![]];
    (1..=count)
        .map(|number| Piece {
            number,
            title: format!("No. {number}: R&D, \"quotes\" — 数据库 🦀"),
            text: format!("<p>Words of <em>{number}</em> &amp; more.</p>"),
            updated: (number % 2 == 0).then_some(number),
            moved: None,
            born: None,
            tags: tags[number % 3].clone(),
            author: (number % 4 != 0).then_some("Ada Lovelace"),
        })
        .collect()
}

impl Piece {
    pub fn id(&self) -> String {
        format!("https://backend.example/?p={}", self.number)
    }

    pub fn slug(&self) -> String {
        format!("no-{}", self.number)
    }

    pub fn url(&self) -> String {
        format!("https://backend.example/articles/no-{}/", self.number)
    }

    fn image(&self) -> String {
        format!("https://backend.example/uploads/{}.png", self.number)
    }

    fn summary(&self) -> String {
        format!("In short: {}", self.number)
    }

    /// `2026-05-07T12:00:00`
    pub fn published(&self) -> String {
        if let Some(born) = &self.born {
            return born.clone();
        }
        let (month, day) = (self.number / 28 % 12 + 1, self.number % 28 + 1);
        let year = 2024 - self.number / 336;
        format!("{year}-{month:02}-{day:02}T12:00:00")
    }

    pub fn changed(&self) -> String {
        if let Some(moved) = &self.moved {
            return moved.clone();
        }
        match self.updated {
            None => self.published(),
            Some(seconds) => {
                let (minutes, seconds) = (seconds / 60 % 60, seconds % 60);
                self.published()
                    .replace("T12:00:00", &format!("T13:{minutes:02}:{seconds:02}"))
            }
        }
    }

    /// As a file has it. An article that never changed has the date of its publication in
    /// every one of these systems.
    pub fn file(&self) -> Value {
        json!({
            "id": self.id(),
            "url": self.url(),
            "slug": self.slug(),
            "title": self.title,
            "summary": self.summary(),
            "content_html": self.text,
            "authors": self.author.map(|name| json!([{"name": name}])),
            "tags": self.tags,
            "published": format!("{}Z", self.published()),
            "updated": format!("{}Z", self.changed()),
            "image": self.image(),
            "image_alt": format!("Picture {}", self.number),
        })
    }

    fn wordpress(&self) -> Value {
        // WordPress writes names and titles for HTML.
        let html = |text: &str| text.replace('&', "&#038;").replace('"', "&quot;");
        let terms = |taxonomy: &str, names: &[&str]| -> Value {
            let term = |name: &&str| json!({"id": 1, "name": name.replace('&', "&amp;"), "taxonomy": taxonomy});
            names.iter().map(term).collect()
        };
        let author = match self.author {
            Some(name) => json!({"id": 3, "name": name}),
            None => {
                json!({"code": "rest_user_invalid_id", "message": "Invalid user ID.", "data": {"status": 404}})
            }
        };
        let first = self.tags.len().min(1);
        json!({
            "id": self.number,
            "date": self.published().replace("T12", "T14"),
            "date_gmt": self.published(),
            "guid": {"rendered": self.id().replace('&', "&#038;")},
            "modified": self.changed().replace("T12", "T14"),
            "modified_gmt": self.changed(),
            "slug": self.slug(),
            "status": "publish",
            "type": "post",
            "link": self.url(),
            "title": {"rendered": html(&self.title)},
            "content": {"rendered": format!("\n{}\n", self.text), "protected": false},
            "excerpt": {"rendered": format!("<p>{}</p>\n", self.summary()), "protected": false},
            "author": 3,
            "featured_media": 7,
            "categories": [1], "tags": [2],
            "_embedded": {
                "author": [author],
                "wp:featuredmedia": [{
                    "id": 7, "alt_text": format!("Picture {}", self.number),
                    "media_type": "image", "source_url": self.image(),
                }],
                "wp:term": [
                    terms("category", &self.tags[..first]),
                    terms("post_tag", &self.tags[first..]),
                ],
            },
        })
    }

    fn ghost(&self) -> Value {
        let tag = |name: &&str| json!({"name": name, "visibility": "public"});
        let mut tags: Vec<Value> = self.tags.iter().map(tag).collect();
        tags.push(json!({"name": "#theme", "visibility": "internal"}));
        let author = |name: &str| json!({"id": "1", "name": name, "website": null});
        json!({
            "id": self.id(),
            "uuid": "a5aa9bd8-ea31-415c-b452-3040dae1e730",
            "title": self.title,
            "slug": self.slug(),
            "html": self.text,
            "feature_image": self.image(),
            "feature_image_alt": format!("Picture {}", self.number),
            "visibility": "public",
            "created_at": format!("{}.000+00:00", self.published()),
            "updated_at": format!("{}.000+00:00", self.changed()),
            "published_at": format!("{}.000+00:00", self.published()),
            "custom_excerpt": self.summary(),
            "excerpt": self.summary(),
            "canonical_url": null,
            "url": self.url(),
            "reading_time": 0,
            "tags": tags,
            "authors": self.author.map(author).into_iter().collect::<Vec<_>>(),
        })
    }

    /// What the editors of Strapi have made up.
    fn strapi_fields(&self) -> Value {
        json!({
            "url": self.url(),
            "slug": self.slug(),
            "title": self.title,
            "description": self.summary(),
            "content": self.text,
            "createdAt": format!("{}.123Z", self.published()),
            "updatedAt": format!("{}.123Z", self.changed()),
            "publishedAt": format!("{}.123Z", self.published()),
        })
    }

    fn strapi_4(&self) -> Value {
        let wrapped = |value: Value| json!({"id": 1, "attributes": value});
        let mut fields = self.strapi_fields();
        fields["cover"] = json!({"data": wrapped(json!({
            "url": format!("/uploads/{}.png", self.number),
            "alternativeText": format!("Picture {}", self.number),
        }))});
        fields["author"] = json!({"data": self.author.map(|name| wrapped(json!({"name": name})))});
        let tags = self.tags.iter().map(|name| wrapped(json!({"name": name})));
        fields["tags"] = json!({"data": tags.collect::<Vec<_>>()});
        json!({"id": self.id(), "attributes": fields})
    }

    fn strapi_5(&self) -> Value {
        let mut fields = self.strapi_fields();
        fields["id"] = json!(self.number);
        fields["documentId"] = json!(self.id());
        fields["cover"] = json!({
            "id": 1,
            "url": format!("/uploads/{}.png", self.number),
            "alternativeText": format!("Picture {}", self.number),
        });
        fields["author"] = json!(self.author.map(|name| json!({"id": 1, "name": name})));
        let tags = self.tags.iter().map(|name| json!({"id": 1, "name": name}));
        fields["tags"] = tags.collect();
        fields
    }

    fn contentful(&self) -> Value {
        let link =
            |kind: &str, id: String| json!({"sys": {"type": "Link", "linkType": kind, "id": id}});
        json!({
            "metadata": {"tags": []},
            "sys": {
                "id": self.id(), "type": "Entry",
                "createdAt": format!("{}.000Z", self.published()),
                "updatedAt": format!("{}.000Z", self.changed()),
            },
            "fields": {
                "url": self.url(), "slug": self.slug(), "title": self.title,
                "description": self.summary(), "body": self.text, "tags": self.tags,
                "author": self.author.map(|_| link("Entry", "ada".to_owned())),
                "heroImage": link("Asset", format!("asset-{}", self.number)),
                "related": [link("Entry", "unpublished".to_owned()), link("Entry", self.id())],
            },
        })
    }

    fn asset(&self) -> Value {
        json!({
            "sys": {"id": format!("asset-{}", self.number), "type": "Asset"},
            "fields": {
                "title": "A title", "description": format!("Picture {}", self.number),
                "file": {
                    "url": self.image().replace("https:", ""), "contentType": "image/png",
                    "details": {"size": 1234},
                },
            },
        })
    }
}

/// `size` of them from `offset` on.
fn slice(pieces: &[Piece], offset: usize, size: usize) -> &[Piece] {
    let start = offset.min(pieces.len());
    &pieces[start..(start + size).min(pieces.len())]
}

/// In the order of their dates of change, from an instant on, where that is asked for.
fn by_change(pieces: &[Piece], since: Option<String>) -> Vec<Piece> {
    let mut found = pieces.to_vec();
    if let Some(since) = since {
        let since = since.trim_end_matches('Z').replace(' ', "T");
        found.retain(|piece| piece.changed() >= since);
        found.sort_by_key(Piece::changed);
    }
    found
}

pub fn wordpress(pieces: &[Piece], request: &Request) -> Reply {
    assert_eq!(request.path, "/wp-json/wp/v2/posts");
    let size = request.number("per_page").unwrap_or(10);
    let page = request.number("page").unwrap_or(1);
    let problem = |code: &str, message: &str| {
        let body = json!({"code": code, "message": message, "data": {"status": 400}});
        Reply::new(400, "application/json", body.to_string())
    };
    if !(1..=100).contains(&size) {
        return problem("rest_invalid_param", "Invalid parameter(s): per_page");
    }
    // Exclusive, and in seconds.
    let since = request.parameter("modified_after").map(str::to_owned);
    let mut found = by_change(pieces, since.clone());
    if let Some(since) = since {
        found.retain(|piece| piece.changed().as_str() > since.trim_end_matches('Z'));
    }
    if request.parameter("order") == Some("desc")
        && request.parameter("orderby") == Some("modified")
    {
        found.sort_by_key(|piece| std::cmp::Reverse(piece.changed()));
    }
    let pages = found.len().div_ceil(size);
    if page > 1 && page > pages {
        return problem(
            "rest_post_invalid_page_number",
            "The page number requested is larger than the number of pages available.",
        );
    }
    let posts: Value = slice(&found, (page - 1) * size, size)
        .iter()
        .map(|piece| match request.parameter("_fields") {
            Some(_) => json!({"id": piece.number, "modified_gmt": piece.changed()}),
            None => piece.wordpress(),
        })
        .collect();
    Reply::json(&posts)
        .with("X-WP-Total", found.len())
        .with("X-WP-TotalPages", pages)
}

pub fn ghost(pieces: &[Piece], request: &Request) -> Reply {
    assert_eq!(request.path, "/ghost/api/content/posts/");
    if request.parameter("key") != Some("22444f78447824223cefc48062") {
        let body = json!({"errors": [{"message": "Unknown Content API Key", "type": "UnauthorizedError"}]});
        return Reply::new(401, "application/json", body.to_string());
    }
    // Since version 6 no more than 100 are given, and nothing is said of it.
    let size = request.parameter("limit").unwrap_or("15");
    let size = size.parse().unwrap_or(100).min(100);
    let page = request.number("page").unwrap_or(1);
    let since = request.parameter("filter").map(|filter| {
        let date = filter.strip_prefix("updated_at:>='").unwrap();
        date.trim_end_matches('\'').to_owned()
    });
    let mut found = by_change(pieces, since);
    if request.parameter("order") == Some("updated_at desc") {
        found.sort_by_key(|piece| std::cmp::Reverse(piece.changed()));
    }
    let posts: Value = slice(&found, (page - 1) * size, size)
        .iter()
        .map(Piece::ghost)
        .collect();
    let pages = found.len().div_ceil(size);
    Reply::json(&json!({
        "posts": posts,
        "meta": {"pagination": {
            "page": page, "limit": size, "pages": pages, "total": found.len(),
            "next": (page < pages).then_some(page + 1), "prev": (page > 1).then_some(page - 1),
        }},
    }))
}

/// `maxLimit` is 100 unless the site says otherwise.
pub fn strapi(pieces: &[Piece], request: &Request, version: u8) -> Reply {
    let size = request
        .number("pagination[pageSize]")
        .unwrap_or(25)
        .min(100);
    let page = request.number("pagination[page]").unwrap_or(1);
    let since = request.parameter("filters[updatedAt][$gte]");
    let mut found = by_change(pieces, since.map(str::to_owned));
    if request.parameter("sort[0]") == Some("updatedAt:desc") {
        found.sort_by_key(|piece| std::cmp::Reverse(piece.changed()));
    }
    let entry = if version == 4 {
        Piece::strapi_4
    } else {
        Piece::strapi_5
    };
    let data: Value = slice(&found, (page - 1) * size, size)
        .iter()
        .map(entry)
        .collect();
    Reply::json(&json!({
        "data": data,
        "meta": {"pagination": {
            "page": page, "pageSize": size,
            "pageCount": found.len().div_ceil(size), "total": found.len(),
        }},
    }))
}

pub fn contentful(pieces: &[Piece], request: &Request) -> Reply {
    if request.field("authorization") != Some("Bearer b4c0n73n7fu1") {
        let body = json!({"sys": {"type": "Error", "id": "AccessTokenInvalid"}, "message": "The access token you sent could not be found or is invalid."});
        return Reply::new(401, "application/json", body.to_string());
    }
    let size = request.number("limit").unwrap_or(100);
    let skip = request.number("skip").unwrap_or(0);
    let since = request.parameter("sys.updatedAt[gte]");
    let mut found = by_change(pieces, since.map(str::to_owned));
    if request.parameter("order") == Some("-sys.updatedAt") {
        found.sort_by_key(|piece| std::cmp::Reverse(piece.changed()));
    }
    let page = slice(&found, skip, size);
    let items: Value = page.iter().map(Piece::contentful).collect();
    let assets: Value = page.iter().map(Piece::asset).collect();
    Reply::json(&json!({
        "sys": {"type": "Array"}, "total": found.len(), "skip": skip, "limit": size,
        "items": items,
        "includes": {
            "Asset": assets,
            "Entry": [{"sys": {"id": "ada", "type": "Entry"}, "fields": {"name": "Ada Lovelace"}}],
        },
    }))
}

/// A JSON Feed in pages of 7.
pub fn json_feed(pieces: &[Piece], request: &Request) -> Reply {
    let start = request.number("from").unwrap_or(0);
    let items: Value = slice(pieces, start, 7)
        .iter()
        .map(|piece| {
            let mut item = piece.file();
            for (ours, theirs) in [
                ("published", "date_published"),
                ("updated", "date_modified"),
            ] {
                item[theirs] = item[ours].take();
                item.as_object_mut().unwrap().remove(ours);
            }
            item
        })
        .collect();
    let next = start + 7;
    let next = (next < pieces.len()).then(|| format!("?from={next}"));
    Reply::new(
        200,
        "application/feed+json",
        json!({
            "version": "https://jsonfeed.org/version/1.1", "title": "A",
            "next_url": next, "items": items,
        })
        .to_string(),
    )
}
