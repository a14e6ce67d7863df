//! The keys that say which articles a document is about, the same for feeds and for news.

use super::{fault::Faults, reader::Table};
use crate::{
    article::{Axis, Criterion, Language, Moment, Order, Selection, slug},
    dates::{self, Zone},
};

const ORDERS: [(&str, Order); 3] = [
    ("newest", Order::Newest),
    ("oldest", Order::Oldest),
    ("updated", Order::Updated),
];

/// What the dates and languages of a selection are read by.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) zone: Zone,
    pub(super) language: Language,
}

/// The keys and their axes, with an example of each.
const AXES: [(&str, Axis, &str); 4] = [
    ("tags", Axis::Tag, "rust"),
    ("authors", Axis::Author, "Ada Lovelace"),
    ("sections", Axis::Section, "News"),
    ("languages", Axis::Language, "en"),
];

/// Reads the same as [`read_filter`], and `since` and `order`.
pub(super) fn read(table: &mut Table<'_>, ground: &Ground, faults: &mut Faults) -> Selection {
    let filter = read_filter(table, ground, faults);
    let since = table.date(faults, "since", "2026-01-01").and_then(|text| {
        dates::parse(&text.value, ground.zone)
            .map_err(|error| {
                let message = format!("since cannot be {:?}: {error}", text.value);
                faults.add(
                    text.span,
                    message,
                    "write for example since = \"2026-01-01\"",
                );
            })
            .ok()
    });
    let order = table.choice(faults, "order", &ORDERS);
    Selection {
        since: since.map(Moment::instant),
        order: order.unwrap_or_default(),
        ..filter
    }
}

/// Reads `tags`, `authors`, `sections`, `languages`, and the same under `exclude`.
pub(super) fn read_filter(
    table: &mut Table<'_>,
    ground: &Ground,
    faults: &mut Faults,
) -> Selection {
    let all_of = criteria(table, ground, faults);
    let mut none_of = Vec::new();
    if let Some(mut exclude) = table.table(faults, "exclude") {
        none_of = criteria(&mut exclude, ground, faults);
        exclude.finish(faults);
    }
    Selection {
        all_of,
        none_of,
        ..Selection::default()
    }
}

fn criteria(table: &mut Table<'_>, ground: &Ground, faults: &mut Faults) -> Vec<Criterion> {
    let mut criteria = Vec::new();
    for (key, axis, example) in AXES {
        let Some(texts) = table.texts(faults, key, example) else {
            continue;
        };
        if texts.is_empty() {
            let span = table.key_span(key).unwrap_or_else(|| table.span());
            let help = "leave the key out for all, or name at least one";
            faults.add(span, format!("{key} is empty"), help);
        }
        let mut slugs = Vec::with_capacity(texts.len());
        let mut unnamed = false;
        for text in &texts {
            let value = match axis {
                Axis::Language => match Language::parse(text.value) {
                    Ok(language) => {
                        unnamed |= language == ground.language;
                        language.as_str().to_owned()
                    }
                    Err(error) => {
                        let help = "write a tag of RFC 5646, for example \"en\" or \"pt-BR\"";
                        faults.add(text.span.clone(), format!("{key}: {error}"), help);
                        continue;
                    }
                },
                _ => text.value.to_owned(),
            };
            if value.trim().is_empty() {
                let help = "leave it out, or write what it is called";
                faults.add(text.span.clone(), format!("{key} names nothing"), help);
                continue;
            }
            slugs.push(slug(&value));
        }
        criteria.push(Criterion {
            axis,
            slugs,
            unnamed,
        });
    }
    criteria
}
