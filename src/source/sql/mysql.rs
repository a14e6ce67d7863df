//! MySQL and MariaDB.

use std::{future::Future, thread, time::Duration};

use mysql_async::{
    Column as Described_, Conn, Opts, OptsBuilder, Params, Row, SslOpts, consts::ColumnType,
    prelude::Queryable as _,
};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use super::{
    database::{
        Cell, Column, Database, Described, Kind, Session, Trouble, TroubleKind, Wait, derived, utf8,
    },
    tls,
};
use crate::config::{DatabaseServerConfig, DatabaseTls, Relation};

/// From the first name looked up to the last step of the handshake.
const DEADLINE: Duration = Duration::from_secs(5);
/// A whole reading is one statement here, which the server ends after this.
const LONGEST: Duration = Duration::from_secs(60 * 60);
/// No row is larger.
const LARGEST: usize = 256 * 1024 * 1024;

pub(super) struct Mysql {
    config: DatabaseServerConfig,
}

impl Mysql {
    pub(super) const fn new(config: DatabaseServerConfig) -> Self {
        Self { config }
    }

    fn connect(&self) -> Result<(Runtime, Conn), Trouble> {
        let options = self.options()?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| {
                Trouble::new(TroubleKind::Other, format!("cannot be asked: {error}"))
            })?;
        let conn = within(&runtime, DEADLINE, Conn::new(options))?;
        Ok((runtime, conn))
    }

    fn options(&self) -> Result<Opts, Trouble> {
        // That word is ours, and the library knows the scheme by one name.
        let mut url = self.config.url.secret().clone();
        let kept: Vec<(String, String)> = url
            .query_pairs()
            .filter(|(key, _)| key != "sslmode")
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect();
        url.set_query(None);
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        let text = url.as_str();
        let text = format!("mysql{}", &text[text.find(':').unwrap_or_default()..]);
        let options = Opts::from_url(&text).map_err(|error| {
            let text = format!("has a url that cannot be used: {error}");
            Trouble::new(TroubleKind::Missing, text)
        })?;
        let mut builder = OptsBuilder::from_opts(options)
            .prefer_socket(false)
            .stmt_cache_size(0)
            .tcp_keepalive(Some(DEADLINE))
            .max_allowed_packet(Some(LARGEST))
            .wait_timeout(Some(usize::MAX))
            .ssl_opts(self.tls()?);
        if let Some(password) = self.config.password()? {
            builder = builder.pass(Some(password));
        }
        Ok(builder.into())
    }

    fn tls(&self) -> Result<Option<SslOpts>, Trouble> {
        let options = SslOpts::default();
        let trusted = || -> Result<SslOpts, Trouble> {
            let roots = tls::roots(self.config.tls_ca.as_deref())?;
            let roots = roots.into_iter().map(|root| root.to_vec().into());
            Ok(SslOpts::default()
                .with_disable_built_in_roots(true)
                .with_root_certs(roots.collect()))
        };
        Ok(match self.config.tls {
            DatabaseTls::Disable => None,
            DatabaseTls::Require => Some(options.with_danger_accept_invalid_certs(true)),
            DatabaseTls::VerifyCa => Some(trusted()?.with_danger_skip_domain_validation(true)),
            DatabaseTls::VerifyFull => Some(trusted()?),
        })
    }
}

impl Database for Mysql {
    fn open(&self) -> Result<Box<dyn Session>, Trouble> {
        let (runtime, conn) = self.connect()?;
        let mut session = MysqlSession {
            runtime,
            conn,
            limit: self.config.sql.statement_timeout,
            again: Self::new(self.config.clone()),
        };
        session.begin()?;
        Ok(Box::new(session))
    }

    fn wait(&self) -> Result<Box<dyn Wait>, Trouble> {
        let (runtime, conn) = self.connect()?;
        Ok(Box::new(MysqlWait { runtime, conn }))
    }
}

/// Nothing is told here: that the server is there is all that can be waited for.
struct MysqlWait {
    runtime: Runtime,
    conn: Conn,
}

impl Wait for MysqlWait {
    fn wait(&mut self, time: Duration) -> Result<bool, Trouble> {
        thread::sleep(time);
        within(&self.runtime, DEADLINE, self.conn.ping())?;
        Ok(false)
    }

    fn deaf(&self) -> Option<&str> {
        None
    }
}

/// Waits for an answer, for so long at most.
fn within<T>(
    runtime: &Runtime,
    limit: Duration,
    work: impl Future<Output = Result<T, mysql_async::Error>>,
) -> Result<T, Trouble> {
    // The timer is the runtime's: it must be made inside.
    match runtime.block_on(async { tokio::time::timeout(limit, work).await }) {
        Ok(result) => result.map_err(|error| trouble(&error, limit)),
        Err(_) => Err(Trouble::silent(limit)),
    }
}

struct MysqlSession {
    /// Of this thread alone.
    runtime: Runtime,
    conn: Conn,
    limit: Duration,
    /// To end a statement that takes too long.
    again: Mysql,
}

impl MysqlSession {
    fn begin(&mut self) -> Result<(), Trouble> {
        let mut version = String::new();
        self.each_row("SELECT version()", Vec::new(), &mut |row| {
            version = text(&row, 0);
        })?;
        let limit = if version.contains("MariaDB") {
            format!("max_statement_time = {}", LONGEST.as_secs())
        } else {
            format!("max_execution_time = {}", LONGEST.as_millis())
        };
        for sql in [
            format!("SET SESSION {limit}"),
            "SET SESSION time_zone = '+00:00'".to_owned(),
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ".to_owned(),
            "SET SESSION TRANSACTION READ ONLY".to_owned(),
            "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY".to_owned(),
        ] {
            within(&self.runtime, self.limit, self.conn.query_drop(sql))?;
        }
        Ok(())
    }

    fn each_row(
        &mut self,
        sql: &str,
        values: Vec<mysql_async::Value>,
        each: &mut dyn FnMut(Row),
    ) -> Result<(), Trouble> {
        let id = self.conn.id();
        let (runtime, limit) = (&self.runtime, self.limit);
        let params = match values.as_slice() {
            [] => Params::Empty,
            _ => Params::Positional(values),
        };
        let read = || -> Result<(), Trouble> {
            let mut rows = within(runtime, limit, self.conn.exec_iter(sql, params))?;
            while let Some(row) = within(runtime, limit, rows.next())? {
                each(row);
            }
            Ok(())
        };
        match read() {
            Err(Trouble {
                kind: TroubleKind::Unreachable,
                text,
            }) if text == Trouble::silent(limit).text => {
                self.end(id);
                Err(Trouble::too_slow(limit))
            }
            result => result,
        }
    }

    /// Ends the statement on another connection: the server would go on with it until it has
    /// a row to send.
    fn end(&self, id: u32) {
        if let Ok((runtime, mut conn)) = self.again.connect() {
            let _ = within(
                &runtime,
                DEADLINE,
                conn.query_drop(format!("KILL QUERY {id}")),
            );
        }
    }

    fn texts(&mut self, sql: &str, values: &[&str]) -> Result<Vec<Vec<String>>, Trouble> {
        let values = values.iter().map(|value| (*value).into()).collect();
        let mut texts = Vec::new();
        self.each_row(sql, values, &mut |row| {
            texts.push((0..row.len()).map(|at| text(&row, at)).collect());
        })?;
        Ok(texts)
    }

    fn table(&mut self, name: &str) -> Result<Described, Trouble> {
        // What these compare is alike to them where only case or accents differ.
        let found = self.texts(TABLE, &[name, name])?;
        let same = |row: &&Vec<String>| row[1] == name || format!("{}.{}", row[0], row[1]) == name;
        let alike = |row: &&Vec<String>| row[1].eq_ignore_ascii_case(name);
        let found_one = found.iter().find(same).or_else(|| found.iter().find(alike));
        let Some([schema, table]) = found_one.map(Vec::as_slice) else {
            let known = self.texts(TABLES, &[])?.into_iter().flatten();
            return Err(Trouble::no_table(name, &known.collect::<Vec<_>>()));
        };
        let of_table = |row: &Vec<String>| row[0] == *table;
        let columns = self.texts(COLUMNS, &[schema, table])?;
        let key = self.texts(KEY, &[schema, table])?;
        Ok(Described {
            from: format!("{}.{}", quote(schema), quote(table)),
            columns: columns
                .into_iter()
                .filter(of_table)
                .map(|row| column(row[1].clone(), row[2].clone()))
                .collect(),
            key: key
                .into_iter()
                .filter(of_table)
                .map(|row| row[1].clone())
                .collect(),
            folds: true,
        })
    }

    fn query(&mut self, query: &str) -> Result<Described, Trouble> {
        let from = derived(query);
        let sql = format!("SELECT * FROM {from} LIMIT 0");
        let statement = within(&self.runtime, self.limit, self.conn.prep(sql));
        let statement = statement.map_err(|trouble| Trouble {
            text: format!("{}; see query in [source.mysql]", trouble.text),
            ..trouble
        })?;
        let found = statement.columns();
        let columns = found.iter().map(|found| Column {
            name: found.name_str().into_owned(),
            type_name: format!("{:?}", found.column_type())
                .trim_start_matches("MYSQL_TYPE_")
                .to_ascii_lowercase(),
            kind: kind(found),
            may_read: true,
        });
        Ok(Described {
            columns: columns.collect(),
            key: Vec::new(),
            folds: true,
            from,
        })
    }
}

const TABLE: &str = "SELECT table_schema, table_name FROM information_schema.tables WHERE \
                     table_schema = database() AND table_name = ? OR \
                     concat(table_schema, '.', table_name) = ?";

const TABLES: &str = "SELECT table_name FROM information_schema.tables WHERE table_schema = \
                      database() ORDER BY table_name LIMIT 1000";

const COLUMNS: &str = "SELECT table_name, column_name, column_type FROM \
                       information_schema.columns WHERE table_schema = ? AND table_name = ? \
                       ORDER BY ordinal_position";

const KEY: &str = "SELECT table_name, column_name FROM information_schema.statistics WHERE \
                   table_schema = ? AND table_name = ? AND index_name = 'PRIMARY' ORDER BY \
                   seq_in_index";

impl Session for MysqlSession {
    fn describe(&mut self, relation: &Relation) -> Result<Described, Trouble> {
        match relation {
            Relation::Table(name) => self.table(name),
            Relation::Query(query) => self.query(query),
        }
    }

    fn rows(
        &mut self,
        sql: &str,
        values: &[Value],
        each: &mut dyn FnMut(Vec<Cell>),
    ) -> Result<(), Trouble> {
        let values = values.iter().map(bound).collect();
        self.each_row(sql, values, &mut |row| {
            let columns = row.columns();
            let cells = columns.iter().zip(row.unwrap_raw());
            each(cells.map(|(column, value)| cell(column, value)).collect());
        })
    }

    fn quote(&self, name: &str) -> String {
        quote(name)
    }

    fn output(&self, column: &Column) -> String {
        quote(&column.name)
    }

    fn greatest(&self, column: &Column) -> String {
        format!("max({})", quote(&column.name))
    }

    fn place(&self, _: usize, _: &Column) -> String {
        "?".to_owned()
    }

    fn tally(&self, column: &Column) -> String {
        let name = quote(&column.name);
        match column.kind {
            Kind::Time | Kind::Number => format!("count(*), sum({name} + 0)"),
            _ => "count(*)".to_owned(),
        }
    }

    fn now(&self) -> &'static str {
        "unix_timestamp()"
    }
}

fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn bound(value: &Value) -> mysql_async::Value {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.to_string().into(),
        },
        Value::String(text) => text.as_str().into(),
        _ => mysql_async::Value::NULL,
    }
}

fn column(name: String, type_name: String) -> Column {
    let first = type_name.split(['(', ' ']).next().unwrap_or_default();
    let kind = match first.to_ascii_lowercase().as_str() {
        _ if matches!(type_name.as_str(), "tinyint(1)" | "bit(1)") => Kind::Flag,
        "datetime" | "timestamp" | "date" => Kind::Time,
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "float"
        | "double" | "year" => Kind::Number,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" => Kind::Text,
        _ => Kind::Other,
    };
    Column {
        name,
        type_name,
        kind,
        may_read: true,
    }
}

fn is_flag(column: &Described_) -> bool {
    let kind = column.column_type();
    let flags = [ColumnType::MYSQL_TYPE_TINY, ColumnType::MYSQL_TYPE_BIT];
    flags.contains(&kind) && column.column_length() == 1
}

fn kind(column: &Described_) -> Kind {
    if is_flag(column) {
        return Kind::Flag;
    }
    match column.column_type() {
        ColumnType::MYSQL_TYPE_DATE
        | ColumnType::MYSQL_TYPE_DATETIME
        | ColumnType::MYSQL_TYPE_TIMESTAMP => Kind::Time,
        other if other.is_numeric_type() => Kind::Number,
        ColumnType::MYSQL_TYPE_VAR_STRING | ColumnType::MYSQL_TYPE_STRING => Kind::Text,
        _ => Kind::Other,
    }
}

/// As text, whatever it is; for names, which are that.
fn text(row: &Row, at: usize) -> String {
    match row.as_ref(at) {
        Some(mysql_async::Value::Bytes(bytes)) => String::from_utf8_lossy(bytes).into_owned(),
        _ => String::new(),
    }
}

fn cell(column: &Described_, value: Option<mysql_async::Value>) -> Cell {
    use mysql_async::Value as Found;
    let flag = |number: u64| match number {
        0 | 1 if is_flag(column) => Value::Bool(number == 1),
        number => Value::from(number),
    };
    match value.unwrap_or(Found::NULL) {
        Found::NULL => Ok(Value::Null),
        Found::Int(number) => Ok(u64::try_from(number).map_or(Value::from(number), flag)),
        Found::UInt(number) => Ok(flag(number)),
        // Its own digits, and not those of the nearest number of twice the size.
        Found::Float(number) => Ok(number_of(&number.to_string())),
        Found::Double(number) => Ok(Value::from(number)),
        // `0000-00-00` and `2026-00-00` are no dates.
        Found::Date(_, 0, ..) | Found::Date(_, _, 0, ..) => Ok(Value::Null),
        Found::Date(year, month, day, hour, minute, second, micros) => {
            let kind = column.column_type();
            let mut text = format!("{year:04}-{month:02}-{day:02}");
            if kind != ColumnType::MYSQL_TYPE_DATE {
                text += &format!(" {hour:02}:{minute:02}:{second:02}");
                if micros > 0 {
                    text += &format!(".{micros:06}");
                }
            }
            if kind == ColumnType::MYSQL_TYPE_TIMESTAMP {
                text.push('Z');
            }
            Ok(text.into())
        }
        Found::Time(minus, days, hours, minutes, seconds, _) => {
            let (sign, hours) = (if minus { "-" } else { "" }, days * 24 + u32::from(hours));
            Ok(format!("{sign}{hours:02}:{minutes:02}:{seconds:02}").into())
        }
        Found::Bytes(bytes) => match column.column_type() {
            ColumnType::MYSQL_TYPE_BIT => Ok(flag(
                bytes
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
            )),
            ColumnType::MYSQL_TYPE_NEWDECIMAL | ColumnType::MYSQL_TYPE_DECIMAL => {
                Ok(number_of(&String::from_utf8_lossy(&bytes)))
            }
            ColumnType::MYSQL_TYPE_JSON => {
                serde_json::from_slice(&bytes).map_err(|error| format!("cannot be read: {error}"))
            }
            _ => utf8(&bytes),
        },
    }
}

fn number_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

/// What the server and the way to it say, for people. None of it holds a password.
fn trouble(error: &mysql_async::Error, limit: Duration) -> Trouble {
    let mysql_async::Error::Server(said) = error else {
        let text = match error {
            mysql_async::Error::Driver(error) => error.to_string(),
            mysql_async::Error::Io(error) => error.to_string(),
            error => error.to_string(),
        };
        let help = if text.to_ascii_lowercase().contains("certificate") {
            "; see tls and tls_ca"
        } else {
            ""
        };
        let text = format!("cannot be reached: {text}{help}");
        return Trouble::new(TroubleKind::Unreachable, text);
    };
    let message = &said.message;
    let (kind, text) = match said.code {
        // ER_QUERY_INTERRUPTED, ER_QUERY_TIMEOUT, and MariaDB's ER_STATEMENT_TIMEOUT.
        1317 | 3024 | 1969 => return Trouble::too_slow(limit),
        // ER_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ER_DBACCESS_DENIED_ERROR
        1045 | 1698 | 1044 => (
            TroubleKind::Denied,
            format!("lets us not in: {message}; see the user in url, and password_file"),
        ),
        // ER_TABLEACCESS_DENIED_ERROR, ER_COLUMNACCESS_DENIED_ERROR
        1142 | 1143 => (
            TroubleKind::Denied,
            format!("refuses: {message}; GRANT SELECT on it to our user"),
        ),
        // ER_BAD_DB_ERROR
        1049 => (TroubleKind::Missing, format!("is not there: {message}")),
        // ER_CON_COUNT_ERROR, ER_SERVER_SHUTDOWN, ER_TOO_MANY_USER_CONNECTIONS
        1040 | 1053 | 1203 => (
            TroubleKind::Unreachable,
            format!("cannot be reached: {message}"),
        ),
        _ => (TroubleKind::Other, format!("says: {message}")),
    };
    Trouble::new(kind, text)
}
