//! Where the database is: the text of the setting, understood.

use std::path::{Path, PathBuf};

use loggia_sql::Dialect;

/// The place of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A SQLite file.
    File(PathBuf),
    /// A SQLite file of its own that is removed with its pool, for tests and trials.
    Temporary,
    /// The URL of a PostgreSQL server's database. It may hold a password.
    Server(String),
}

/// The text is the address of no database that Loggia knows.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{scheme}:` is no database that Loggia knows; use `sqlite:PATH`, a plain path or `postgres://...`"
)]
pub struct AddressError {
    scheme: String,
}

impl Address {
    /// Understands `sqlite:PATH`, `sqlite://PATH`, a plain path, `sqlite::memory:`, `postgres://...` and
    /// `postgresql://...`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Address::Server(text.to_owned()));
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            return Ok(Self::file(path.strip_prefix("//").unwrap_or(path)));
        }
        match text.split_once("://") {
            Some((scheme, _)) => Err(AddressError {
                scheme: scheme.to_owned(),
            }),
            None => Ok(Self::file(text)),
        }
    }

    fn file(path: &str) -> Self {
        match path {
            ":memory:" | "" => Address::Temporary,
            path => Address::File(Path::new(path).to_owned()),
        }
    }

    /// Which of the two databases it is.
    pub fn dialect(&self) -> Dialect {
        match self {
            Address::File(_) | Address::Temporary => Dialect::Sqlite,
            Address::Server(_) => Dialect::Postgresql,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::Address;

    #[test]
    fn files_and_servers_are_told_apart() {
        let file = |path: &str| Ok(Address::File(PathBuf::from(path)));
        assert_eq!(
            Address::parse("sqlite:data/loggia.db"),
            file("data/loggia.db")
        );
        assert_eq!(
            Address::parse("sqlite:///srv/loggia.db"),
            file("/srv/loggia.db")
        );
        assert_eq!(Address::parse("loggia.db"), file("loggia.db"));
        assert_eq!(Address::parse("sqlite::memory:"), Ok(Address::Temporary));
        let url = "postgresql://localhost/loggia";
        assert_eq!(Address::parse(url), Ok(Address::Server(url.to_owned())));
    }

    #[test]
    fn an_unknown_scheme_is_named() {
        let error = Address::parse("mysql://localhost/x").expect_err("not supported");
        assert!(error.to_string().starts_with("`mysql:`"));
    }
}
