//! Which columns are read, and as what; checked against what the database has.

use super::database::{Column, Described, Kind, Session, Trouble, TroubleKind, listed, nearest};
use crate::{config::SqlConfig, source::fields};

/// What is asked of one table or query.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) described: Described,
    /// What is selected, in this order.
    pub(super) picked: Vec<Picked>,
    /// The place in it of the column that tells that a row is gone.
    pub(super) deleted_at: Option<usize>,
    pub(super) changed: Option<Column>,
    pub(super) deleted: Option<Column>,
}

/// A column that is read.
#[derive(Debug)]
pub(super) struct Picked {
    pub(super) column: Column,
    /// The name that its value goes by; ours where the configuration maps it.
    pub(super) field: String,
}

impl Plan {
    /// # Errors
    /// Where the configuration names a column that is not there, or one that cannot be what
    /// it is to be.
    pub(super) fn new(described: Described, config: &SqlConfig) -> Result<Self, Trouble> {
        let mut picked = Vec::new();
        for (ours, theirs) in &config.columns {
            let column = find(&described, theirs, &format!("columns.{ours}"))?.clone();
            let field = ours.clone();
            picked.push(Picked { column, field });
        }
        let mapped: Vec<&str> = config
            .columns
            .iter()
            .filter_map(|(ours, _)| fields::known(ours, false))
            .map(|(group, _)| group)
            .collect();
        let named: Vec<&String> = config.columns.iter().map(|(_, theirs)| theirs).collect();
        for column in &described.columns {
            let Some((group, name)) = fields::known(&column.name, described.folds) else {
                continue;
            };
            if !column.may_read {
                continue;
            }
            // What the operator maps has no other name, and a column that is mapped no other
            // meaning.
            if !mapped.contains(&group) && !named.contains(&&column.name) {
                let (column, field) = (column.clone(), name.to_owned());
                picked.push(Picked { column, field });
            }
        }
        if picked.is_empty() {
            let known = listed(described.columns.iter().map(|column| column.name.as_str()));
            return Err(Trouble::new(
                TroubleKind::Missing,
                format!(
                    "has no column of an article, but {known}; say what they are in \
                     [source.….columns]"
                ),
            ));
        }
        let changed = lookup(&described, config.changed.as_ref(), "changed")?;
        if let Some(column) = &changed
            && matches!(column.kind, Kind::Flag | Kind::Other)
        {
            let Column {
                name, type_name, ..
            } = column;
            return Err(Trouble::new(
                TroubleKind::Missing,
                format!(
                    "cannot tell what is new by {name:?}, which is {type_name}; changed must \
                     name a column with a time or a number that grows"
                ),
            ));
        }
        let deleted = lookup(&described, config.deleted.as_ref(), "deleted")?;
        let deleted_at = deleted.as_ref().map(|column| {
            picked.push(Picked {
                column: column.clone(),
                field: String::new(),
            });
            picked.len() - 1
        });
        Ok(Self {
            described,
            picked,
            deleted_at,
            changed,
            deleted,
        })
    }

    /// Whether rows have names that are given once.
    pub(super) fn has_id(&self) -> bool {
        self.picked.iter().any(|picked| picked.field == "id")
    }

    /// `SELECT … FROM …`
    pub(super) fn select(&self, session: &dyn Session) -> String {
        let outputs: Vec<String> = self
            .picked
            .iter()
            .map(|picked| session.output(&picked.column))
            .collect();
        format!("SELECT {} FROM {}", outputs.join(", "), self.described.from)
    }

    /// ` ORDER BY …`, where that costs nothing: a query has an order of its own, or none.
    pub(super) fn order(&self, session: &dyn Session) -> String {
        if self.described.key.is_empty() {
            return String::new();
        }
        let names: Vec<String> = self
            .described
            .key
            .iter()
            .map(|name| session.quote(name))
            .collect();
        format!(" ORDER BY {}", names.join(", "))
    }
}

fn lookup(
    described: &Described,
    name: Option<&String>,
    key: &str,
) -> Result<Option<Column>, Trouble> {
    name.map(|name| find(described, name, key).cloned())
        .transpose()
}

/// The column that the configuration names at `key`.
fn find<'a>(described: &'a Described, name: &str, key: &str) -> Result<&'a Column, Trouble> {
    let columns = &described.columns;
    let exact = columns.iter().find(|column| column.name == name);
    let folded = || {
        let alike = |column: &&Column| column.name.eq_ignore_ascii_case(name);
        columns.iter().find(alike).filter(|_| described.folds)
    };
    let found = exact.or_else(folded);
    if let Some(column) = found.filter(|column| !column.may_read) {
        let text = format!(
            "does not let us read column {0:?}, which {key} names; GRANT SELECT ({0}) on its \
             table to our role",
            column.name
        );
        return Err(Trouble::new(TroubleKind::Denied, text));
    }
    found.ok_or_else(|| {
        let names = || columns.iter().map(|column| column.name.as_str());
        let near = match nearest(name, names()) {
            Some(near) => format!("did you mean {near:?}? "),
            None => String::new(),
        };
        Trouble::new(
            TroubleKind::Missing,
            format!(
                "has no column {name:?}, which {key} names; {near}There are {}",
                listed(names())
            ),
        )
    })
}
