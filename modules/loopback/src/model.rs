//! What a model is to the routes that all of them have.

use loggia_sdk::prelude::*;
use loggia_sql::Connection;

use crate::Loopback;
use crate::error::Error;
use crate::filter::{Condition, Filter};
use crate::property::Property;
use crate::reply::{Outcome, Record};

/// A request on its way through a model.
pub(crate) struct Context<'c> {
    pub(crate) module: &'c Loopback,
    pub(crate) call: &'c Call<'c>,
    pub(crate) connection: Connection,
    pub(crate) now_ms: i64,
}

/// What a caller wants of a model's records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// To find records that he does not know.
    Search,
    /// To see, change or delete one whose id he knows.
    Touch,
    /// To add one.
    Add,
    /// To change all that a condition holds for.
    Sweep,
}

/// Records of one kind, behind the routes of LoopBack's persisted models.
pub(crate) trait Model {
    /// Its name, as errors say it.
    const NAME: &'static str;
    /// Its place among the models.
    const PLACE: usize;
    /// Its members.
    const PROPERTIES: &'static [Property];
    /// Whether a record may be made that is there already: a device says who it is as often as it likes.
    const REGISTERS_AGAIN: bool = false;
    /// Members that who listens to changes is not told, because what is told is kept for a while.
    const UNTOLD: &'static [&'static str] = &[];

    /// Whether the caller may.
    fn admit(call: &Call<'_>, act: Act) -> Result<(), Error>;

    /// Looks at some records behind a number, in the order in which they were made: up to which number, none at the end, and
    /// which of them the condition holds for.
    fn batch(
        context: &mut Context<'_>,
        condition: &Condition,
        after: i64,
    ) -> Outcome<(Option<i64>, Vec<Record>)>;

    /// The records that a filter asks for.
    fn list(context: &mut Context<'_>, filter: &Filter) -> Outcome<Vec<Record>> {
        filter.scan(|after| Self::batch(context, &filter.condition, after))
    }

    /// How many records a condition holds for.
    fn count(context: &mut Context<'_>, condition: &Condition) -> Outcome<usize> {
        Self::counted(context, condition)
    }

    /// The same, by looking at the records themselves.
    fn counted(context: &mut Context<'_>, condition: &Condition) -> Outcome<usize> {
        let (mut count, mut after) = (0, 0);
        while let (Some(last), records) = Self::batch(context, condition, after)? {
            after = last;
            count += records.len();
        }
        Ok(count)
    }

    /// The record with an id.
    fn find(context: &mut Context<'_>, id: &str) -> Outcome<Option<Record>>;

    /// Adds a record.
    fn create(context: &mut Context<'_>, record: Record) -> Outcome<Record>;

    /// Makes a record that is there to what is given, and nothing else.
    fn replace(context: &mut Context<'_>, id: &str, record: Record) -> Outcome<Record>;

    /// Changes members of a record that is there.
    fn patch(context: &mut Context<'_>, id: &str, changes: Record) -> Outcome<Record>;

    /// Deletes a record; whether it was there.
    fn delete(context: &mut Context<'_>, id: &str) -> Outcome<bool>;

    /// The error of a record that is not there.
    fn unknown(id: &str) -> Error {
        Error::not_found(Self::NAME, id)
    }
}
