//! What PostgreSQL and the way to it say, for people.

use std::{error::Error as _, time::Duration};

use tokio_postgres::{Error, error::SqlState};

use crate::source::sql::database::{Trouble, TroubleKind};

/// An error and its causes. None of them holds a password.
pub(super) fn chain(error: &Error) -> String {
    let mut said = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        said = format!("{said}: {error}");
        cause = error.source();
    }
    said
}

/// What is wrong and what to do; `limit` is how long a statement may take.
pub(super) fn trouble(error: &Error, limit: Duration) -> Trouble {
    let Some(said) = error.as_db_error() else {
        let text = format!("cannot be reached: {}", chain(error));
        let help = if text.contains("certificate") {
            "; see tls and tls_ca"
        } else {
            ""
        };
        return Trouble::new(TroubleKind::Unreachable, text + help);
    };
    let message = said.message();
    let (kind, text) = match *said.code() {
        SqlState::QUERY_CANCELED => return Trouble::too_slow(limit),
        SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => (
            TroubleKind::Denied,
            format!("lets us not in: {message}; see the user in url, and password_file"),
        ),
        SqlState::INSUFFICIENT_PRIVILEGE => (
            TroubleKind::Denied,
            format!("refuses: {message}; GRANT SELECT on it to our role"),
        ),
        SqlState::INVALID_CATALOG_NAME => {
            (TroubleKind::Missing, format!("is not there: {message}"))
        }
        SqlState::ADMIN_SHUTDOWN
        | SqlState::CRASH_SHUTDOWN
        | SqlState::CANNOT_CONNECT_NOW
        | SqlState::TOO_MANY_CONNECTIONS => (
            TroubleKind::Unreachable,
            format!("cannot be reached: {message}"),
        ),
        _ => (
            TroubleKind::Other,
            match said.hint() {
                Some(hint) => format!("says: {message} ({hint})"),
                None => format!("says: {message}"),
            },
        ),
    };
    Trouble::new(kind, text)
}
