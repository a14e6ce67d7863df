//! Which articles a refresh has seen: four bytes each, so that a catalogue of any size fits.

use rusqlite::{Connection, OptionalExtension as _};

use crate::{
    article::{AbsoluteUrl, ArticleId},
    store::{Spot, StoreError, Taken},
};

/// What was claimed so far.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// By the article's key: 0 for one that was not claimed, 1 for one that stands on no line,
    /// and else its line and one more.
    lines: Vec<u32>,
    /// Claimed, and not put yet: as good as always none or one.
    floating: Vec<Floating>,
    /// Whether what is there and was not claimed has its address all the same.
    holding: bool,
}

#[derive(Debug)]
struct Floating {
    id: ArticleId,
    url: AbsoluteUrl,
    spot: Spot,
}

impl Claims {
    /// Claims an id and an address for what stands at `spot`, or says who has either.
    pub(super) fn claim(
        &mut self,
        connection: &Connection,
        id: &ArticleId,
        url: &AbsoluteUrl,
        spot: &Spot,
    ) -> Result<Option<Taken>, StoreError> {
        let key = key(connection, id)?;
        if let Some(place) = self.holder(connection, key)? {
            return Ok(Some(Taken::Id(place)));
        }
        if let Some(other) = self.floating.iter().find(|other| other.id == *id) {
            return Ok(Some(Taken::Id(other.spot.to_string())));
        }
        let sql = "SELECT key, removed IS NULL FROM article WHERE url = ?1";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([url.as_str()])?;
        while let Some(row) = rows.next()? {
            let (other, is_there): (i64, bool) = (row.get(0)?, row.get(1)?);
            if Some(other) != key && (self.has(other) || self.holding && is_there) {
                let spot = self.spot(connection, other)?;
                return Ok(Some(Taken::Url(spot.unwrap_or_default().to_string())));
            }
        }
        if let Some(other) = self.floating.iter().find(|other| other.url == *url) {
            return Ok(Some(Taken::Url(other.spot.to_string())));
        }
        match key {
            Some(key) => self.mark(key, spot),
            None => self.floating.push(Floating {
                id: id.clone(),
                url: url.clone(),
                spot: spot.clone(),
            }),
        }
        Ok(None)
    }

    /// From now on what is there has its address, claimed or not: it is not read again.
    pub(super) const fn hold_what_is_there(&mut self) {
        self.holding = true;
    }

    /// Whether this id was claimed for an article that was never put.
    pub(super) fn is_new(&self, id: &ArticleId) -> bool {
        self.floating.iter().any(|other| other.id == *id)
    }

    /// Whether what was not claimed is taken to be there.
    pub(super) const fn is_holding(&self) -> bool {
        self.holding
    }

    /// The article that was claimed by this id has been put, and has a key.
    pub(super) fn settle(&mut self, id: &ArticleId, key: i64) {
        if let Some(at) = self.floating.iter().position(|other| other.id == *id) {
            let spot = self.floating.swap_remove(at).spot;
            self.mark(key, &spot);
        }
    }

    /// Takes a claim back, and says which spot it was for.
    pub(super) fn withdraw(
        &mut self,
        connection: &Connection,
        key: i64,
    ) -> Result<Spot, StoreError> {
        let spot = self.spot(connection, key)?;
        if let Some(line) = self.lines.get_mut(index(key)) {
            *line = 0;
        }
        Ok(spot.unwrap_or_default())
    }

    pub(super) fn has(&self, key: i64) -> bool {
        self.lines.get(index(key)).is_some_and(|line| *line > 0)
    }

    fn mark(&mut self, key: i64, spot: &Spot) {
        let index = index(key);
        if self.lines.len() <= index {
            self.lines.resize(index + 1, 0);
        }
        let line = spot.line.map_or(1, |line| {
            u32::try_from(line)
                .unwrap_or(u32::MAX)
                .saturating_add(1)
                .max(2)
        });
        if let Some(place) = self.lines.get_mut(index) {
            *place = line;
        }
    }

    fn holder(
        &self,
        connection: &Connection,
        key: Option<i64>,
    ) -> Result<Option<String>, StoreError> {
        let Some(key) = key.filter(|key| self.has(*key)) else {
            return Ok(None);
        };
        Ok(self.spot(connection, key)?.map(|spot| spot.to_string()))
    }

    fn spot(&self, connection: &Connection, key: i64) -> Result<Option<Spot>, StoreError> {
        let place = connection
            .prepare_cached("SELECT place FROM article WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        let line = self.lines.get(index(key)).filter(|line| **line > 1);
        let line = line.map(|line| u64::from(*line) - 1);
        Ok(place.map(|place| Spot { place, line }))
    }
}

fn key(connection: &Connection, id: &ArticleId) -> Result<Option<i64>, StoreError> {
    Ok(connection
        .prepare_cached("SELECT key FROM article WHERE id = ?1")?
        .query_row([id.as_str()], |row| row.get(0))
        .optional()?)
}

/// Keys are small and never negative.
fn index(key: i64) -> usize {
    usize::try_from(key).unwrap_or_default()
}
