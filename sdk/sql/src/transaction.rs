//! Transactions through the service's own functions, which nest.

use diesel::connection::{TransactionDepthChange, TransactionManager, TransactionManagerStatus};
use diesel::result::{Error, QueryResult};

use crate::connection::Connection;

/// Counts the depth of a connection's transactions; the host issues the statements.
#[derive(Debug, Default)]
pub struct Transactions {
    status: TransactionManagerStatus,
}

impl Transactions {
    fn change(&mut self, change: TransactionDepthChange) -> QueryResult<()> {
        self.status
            .transaction_state()?
            .change_transaction_depth(change)
    }

    fn is_open(&self) -> QueryResult<()> {
        match self.status.transaction_depth()? {
            Some(_) => Ok(()),
            None => Err(Error::NotInTransaction),
        }
    }
}

impl TransactionManager<Connection> for Transactions {
    type TransactionStateData = Self;

    fn begin_transaction(connection: &mut Connection) -> QueryResult<()> {
        connection.transactions.status.transaction_depth()?;
        connection.begin()?;
        connection
            .transactions
            .change(TransactionDepthChange::IncreaseDepth)
    }

    fn rollback_transaction(connection: &mut Connection) -> QueryResult<()> {
        connection.transactions.is_open()?;
        match connection.rollback() {
            Ok(()) => connection
                .transactions
                .change(TransactionDepthChange::DecreaseDepth),
            Err(error) => {
                connection.transactions.status.set_in_error();
                Err(error)
            }
        }
    }

    /// A commit that fails ends its transaction all the same: what it held is rolled back.
    fn commit_transaction(connection: &mut Connection) -> QueryResult<()> {
        connection.transactions.is_open()?;
        let Err(commit_error) = connection.commit() else {
            return connection
                .transactions
                .change(TransactionDepthChange::DecreaseDepth);
        };
        match Self::rollback_transaction(connection) {
            Ok(()) => Err(commit_error),
            Err(rollback_error) => Err(Error::RollbackErrorOnCommit {
                rollback_error: Box::new(rollback_error),
                commit_error: Box::new(commit_error),
            }),
        }
    }

    fn transaction_manager_status_mut(
        connection: &mut Connection,
    ) -> &mut TransactionManagerStatus {
        &mut connection.transactions.status
    }
}
