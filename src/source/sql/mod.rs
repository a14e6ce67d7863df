//! Databases: SQLite, PostgreSQL, MySQL and MariaDB.
//!
//! A reading is one transaction that only reads, row by row. What the databases have in
//! common is here; what they have not is behind [`Database`].

mod bookmark;
mod database;
mod mysql;
mod plan;
mod point;
mod postgres;
mod pulse;
mod row;
mod sqlite;
#[cfg(test)]
mod tests;
mod tls;
mod watch;

use std::{path::Path, sync::Arc, time::Duration};

use serde_json::Value;

use self::{
    bookmark::Page,
    database::{Column, Database, Kind, Session, Trouble},
    plan::Plan,
    point::Point,
    pulse::Pulse,
    row::Row,
};
use super::{
    Bookmark, Folder, Glance, Known, Listening, Locator, News, Nudge, Reading, Remark, Source,
    SourceError, display_name,
};
use crate::config::{DatabaseServerConfig, Relation, SqlConfig, SqliteConfig};

/// The sources `sqlite`, `postgres` and `mysql`.
pub struct SqlSource {
    database: Arc<dyn Database>,
    config: SqlConfig,
    /// In messages: which database.
    name: String,
    /// In messages: where rows stand.
    table: String,
    /// A hash of what decides which rows are which articles.
    by: String,
    /// Where the file of the database is, if it is one.
    file: Option<Box<Path>>,
    /// How often it is asked, if it is no file.
    interval: Duration,
    /// How it looked when it was last asked; for those that must be.
    pulse: Arc<Pulse>,
}

/// What the newest changes are, at one instant.
#[derive(Debug, Default, PartialEq, Eq)]
struct Newest {
    /// By the database's clock.
    now: i64,
    changed: Option<Value>,
    deleted: Option<Value>,
}

impl SqlSource {
    /// The SQLite file that `config` names, relative to `root` in messages.
    #[must_use]
    pub fn sqlite(config: &SqliteConfig, root: &Path) -> Self {
        let limit = config.sql.statement_timeout;
        let database = Arc::new(sqlite::Sqlite::new(config.path.clone(), limit));
        Self {
            file: Some(config.path.clone().into_boxed_path()),
            ..Self::new(database, &config.sql, display_name(&config.path, root))
        }
    }

    /// The PostgreSQL database that `config` names.
    #[must_use]
    pub fn postgres(config: &DatabaseServerConfig) -> Self {
        Self::server(Arc::new(postgres::Postgres::new(config.clone())), config)
    }

    /// The MySQL or MariaDB database that `config` names.
    #[must_use]
    pub fn mysql(config: &DatabaseServerConfig) -> Self {
        Self::server(Arc::new(mysql::Mysql::new(config.clone())), config)
    }

    fn server(database: Arc<dyn Database>, config: &DatabaseServerConfig) -> Self {
        Self {
            interval: config.interval,
            ..Self::new(database, &config.sql, config.url.to_string())
        }
    }

    fn new(database: Arc<dyn Database>, config: &SqlConfig, name: String) -> Self {
        let table = match &config.from {
            Relation::Table(table) => table.clone(),
            Relation::Query(_) => "query".to_owned(),
        };
        let by = format!(
            "{:?} {:?} {:?} {:?}",
            config.from, config.columns, config.changed, config.deleted
        );
        Self {
            database,
            config: config.clone(),
            table,
            by: blake3::hash(by.as_bytes()).to_hex()[..16].to_owned(),
            file: None,
            interval: Duration::ZERO,
            pulse: Arc::default(),
            name,
        }
    }

    fn failed(&self, trouble: Trouble) -> SourceError {
        SourceError(format!("{} {}", self.name, trouble.text))
    }

    fn open(&self) -> Result<(Box<dyn Session>, Plan), Trouble> {
        let mut session = self.database.open()?;
        let described = session.describe(&self.config.from)?;
        let plan = Plan::new(described, &self.config)?;
        Ok((session, plan))
    }

    /// Reads everything. The bookmark is `None` where changes cannot be told.
    fn read_whole(&self, each: &mut dyn FnMut(News)) -> Result<Option<Bookmark>, Trouble> {
        let (mut session, plan) = self.open()?;
        let newest = match &plan.changed {
            Some(_) if plan.has_id() => Some(newest(&mut *session, &plan)?),
            Some(_) => {
                self.remark("it has no id, so that everything is read each time", each);
                None
            }
            None => None,
        };
        let sql = plan.select(&*session) + &plan.order(&*session);
        session.rows(
            &sql,
            &[],
            &mut |cells| match row::read(&plan, &self.table, cells) {
                Row::Draft(draft) => each(News::Read(Reading::Draft(draft), None)),
                Row::Rejected(rejection) => each(News::Read(Reading::Rejected(rejection), None)),
                Row::Gone(_) => {}
            },
        )?;
        let Some(newest) = newest else {
            return Ok(None);
        };
        let whole = newest.now;
        Ok(self.page(newest, whole).and_then(|page| page.bookmark()))
    }

    fn remark(&self, text: &str, each: &mut dyn FnMut(News)) {
        let remark = Remark {
            locator: Locator::file(&self.table),
            text: text.to_owned(),
        };
        each(News::Read(Reading::Remark(remark), None));
    }

    /// `None` where there is nothing to go on from.
    fn page(&self, newest: Newest, whole: i64) -> Option<Page> {
        let changed = newest.changed.filter(|value| Point::of(value).is_some())?;
        Some(Page {
            by: self.by.clone(),
            changed,
            deleted: newest.deleted,
            whole,
        })
    }

    fn read_since(
        &self,
        since: &Bookmark,
        each: &mut dyn FnMut(News),
    ) -> Result<Option<Bookmark>, Trouble> {
        let Some(page) = Page::open(since).filter(|page| page.by == self.by) else {
            return Ok(None);
        };
        let (mut session, plan) = self.open()?;
        let (Some(changed), true) = (&plan.changed, plan.has_id()) else {
            return Ok(None);
        };
        let newest = newest(&mut *session, &plan)?;
        let compare = i64::try_from(self.config.compare.as_secs()).unwrap_or(i64::MAX);
        // A little early: the look that notices is not at the same instant each time.
        let is_due = !(0..compare - compare / 10).contains(&(newest.now - page.whole));
        let Some(next) = self.page(newest, page.whole).filter(|_| !is_due) else {
            return Ok(None);
        };
        let (Some(before), Some(after)) = (Point::of(&page.changed), Point::of(&next.changed))
        else {
            return Ok(None);
        };
        // The newest row is gone, or an older state was restored.
        if !after.follows(before) {
            return Ok(None);
        }
        let mut conditions = vec![format!("{} IS NULL", session.quote(&changed.name))];
        let mut values = Vec::new();
        self.begin_at(&*session, changed, before, &mut conditions, &mut values);
        if let (Some(column), Some(seen)) = (&plan.deleted, &next.deleted)
            && let Some(point) = page.deleted.as_ref().and_then(Point::of)
            && Point::of(seen).is_some_and(Point::is_time)
        {
            self.begin_at(&*session, column, point, &mut conditions, &mut values);
        }
        let sql = format!(
            "{} WHERE {}{}",
            plan.select(&*session),
            conditions.join(" OR "),
            plan.order(&*session)
        );
        session.rows(
            &sql,
            &values,
            &mut |cells| match row::read(&plan, &self.table, cells) {
                Row::Draft(draft) => each(News::Read(Reading::Draft(draft), None)),
                Row::Rejected(rejection) => each(News::Read(Reading::Rejected(rejection), None)),
                Row::Gone(Some(id)) => each(News::Gone(id)),
                Row::Gone(None) => {}
            },
        )?;
        Ok(next.bookmark())
    }

    /// How it looks, in few words; `None` where only a reading can tell.
    fn ask(&self) -> Result<Option<String>, Trouble> {
        let (mut session, plan) = self.open()?;
        if plan.changed.is_none() {
            return Ok(None);
        }
        let newest = newest(&mut *session, &plan)?;
        let mut looks = String::new();
        for (column, value) in [
            (&plan.changed, &newest.changed),
            (&plan.deleted, &newest.deleted),
        ] {
            let (Some(column), Some(value)) = (column, value) else {
                continue;
            };
            looks += &value.to_string();
            if let Some(point) = Point::of(value) {
                looks += &self.tally(&mut *session, &plan, column, point)?;
            }
        }
        Ok(Some(looks))
    }

    /// How many rows were changed lately, and the sum of when: a transaction that was begun
    /// before the newest change and committed after it is seen by that alone.
    fn tally(
        &self,
        session: &mut dyn Session,
        plan: &Plan,
        column: &Column,
        point: Point,
    ) -> Result<String, Trouble> {
        let sql = format!(
            "SELECT {} FROM {} WHERE {} >= {}",
            session.tally(column),
            plan.described.from,
            session.quote(&column.name),
            session.place(1, column)
        );
        let mut tally = String::new();
        session.rows(&sql, &[point.before(self.config.overlap)], &mut |cells| {
            tally = format!(" {cells:?} ");
        })?;
        Ok(tally)
    }

    /// Adds the condition that `column` is not older than `point` less the overlap.
    fn begin_at(
        &self,
        session: &dyn Session,
        column: &Column,
        point: Point,
        conditions: &mut Vec<String>,
        values: &mut Vec<Value>,
    ) {
        values.push(point.before(self.config.overlap));
        let (name, place) = (
            session.quote(&column.name),
            session.place(values.len(), column),
        );
        conditions.push(format!("{name} >= {place}"));
    }
}

/// Asks for the newest change and deletion that do not lie ahead of the database's clock: a
/// row with a date in the future would hide all others until then.
fn newest(session: &mut dyn Session, plan: &Plan) -> Result<Newest, Trouble> {
    let mut newest = Newest {
        now: now(session)?,
        ..Newest::default()
    };
    let from = &plan.described.from;
    for (column, slot) in [
        (&plan.changed, &mut newest.changed),
        (&plan.deleted, &mut newest.deleted),
    ] {
        let Some(column) = column.as_ref().filter(|column| has_order(column)) else {
            continue;
        };
        let greatest = session.greatest(column);
        let mut found = one(session, &format!("SELECT {greatest} FROM {from}"), &[])?;
        if let Some(point) = Point::of(&found).filter(|point| point.is_ahead(newest.now)) {
            let (name, place) = (session.quote(&column.name), session.place(1, column));
            let sql = format!("SELECT {greatest} FROM {from} WHERE {name} <= {place}");
            found = one(session, &sql, &[point.present(newest.now)])?;
        }
        *slot = Some(found).filter(|value| !value.is_null());
    }
    Ok(newest)
}

const fn has_order(column: &Column) -> bool {
    !matches!(column.kind, Kind::Flag | Kind::Other)
}

fn now(session: &mut dyn Session) -> Result<i64, Trouble> {
    let sql = format!("SELECT {}", session.now());
    let now = one(session, &sql, &[])?;
    Ok(now.as_i64().unwrap_or_default())
}

/// The one value that a statement gives; null where it gives none.
fn one(session: &mut dyn Session, sql: &str, values: &[Value]) -> Result<Value, Trouble> {
    let mut found = Value::Null;
    session.rows(sql, values, &mut |cells| {
        if let Some(Ok(value)) = cells.into_iter().next() {
            found = value;
        }
    })?;
    Ok(found)
}

impl Source for SqlSource {
    fn read(&self, each: &mut dyn FnMut(Reading)) -> Result<(), SourceError> {
        self.read_news(&|_, _| false, &mut |news| {
            if let News::Read(reading, _) = news {
                each(reading);
            }
        })?;
        Ok(())
    }

    fn read_news(
        &self,
        _: Known<'_>,
        each: &mut dyn FnMut(News),
    ) -> Result<Option<Bookmark>, SourceError> {
        let result = self.read_whole(each);
        self.pulse.rest();
        result.map_err(|trouble| self.failed(trouble))
    }

    fn read_changes(
        &self,
        since: &Bookmark,
        each: &mut dyn FnMut(News),
    ) -> Result<Option<Bookmark>, SourceError> {
        let result = self.read_since(since, each);
        self.pulse.rest();
        result.map_err(|trouble| self.failed(trouble))
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn glance(&self) -> Glance {
        let mut glance = Glance::default();
        match &self.file {
            Some(path) => sqlite::add_files(&mut glance, path),
            None => {
                let looks = self.pulse.look(self.interval, || self.ask());
                glance.add_text(&looks);
            }
        }
        glance
    }

    fn folders(&self) -> Vec<Folder> {
        self.file.as_deref().map(Folder::around).unwrap_or_default()
    }

    fn listen(&self, nudge: Nudge) -> Option<Box<dyn Listening>> {
        if self.file.is_some() {
            return None;
        }
        let (database, pulse) = (Arc::clone(&self.database), Arc::clone(&self.pulse));
        let watch = watch::begin(database, &self.name, self.interval, pulse, nudge);
        Some(Box::new(watch))
    }
}
