//! Which database stands behind a connection.

use loggia_abi::host::dialect;

/// The database behind a connection, for the rare statement that cannot be common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// SQLite.
    #[default]
    Sqlite,
    /// PostgreSQL.
    Postgresql,
}

impl Dialect {
    /// Reads the value of [`HostDatabase::dialect`](loggia_abi::HostDatabase::dialect); `None` for one that
    /// this version does not know.
    pub fn from_code(code: u32) -> Option<Self> {
        match code {
            dialect::SQLITE => Some(Dialect::Sqlite),
            dialect::POSTGRESQL => Some(Dialect::Postgresql),
            _ => None,
        }
    }

    /// The value of [`HostDatabase::dialect`](loggia_abi::HostDatabase::dialect).
    pub fn code(self) -> u32 {
        match self {
            Dialect::Sqlite => dialect::SQLITE,
            Dialect::Postgresql => dialect::POSTGRESQL,
        }
    }
}
