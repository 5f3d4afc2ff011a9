//! Who has voted how for what: one vote of a voter for each rating of an item.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use loggia_site::records::Unwritten;
use loggia_sql::{Backend, Connection};
use serde::{Deserialize, Serialize};

use super::schema::catalog_vote;

/// A vote.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, Serialize, Deserialize)]
#[diesel(table_name = catalog_vote, check_for_backend(Backend))]
pub(crate) struct VoteRow {
    pub(crate) id: i64,
    #[diesel(embed)]
    #[serde(flatten)]
    pub(crate) facts: VoteFacts,
}

/// What a vote is beside its id.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = catalog_vote, check_for_backend(Backend))]
pub(crate) struct VoteFacts {
    pub(crate) item_id: i64,
    /// The identifier of the rating.
    pub(crate) element: String,
    /// What tells one voter from another.
    pub(crate) voter: String,
    /// The account, or 0.
    pub(crate) user_id: i64,
    pub(crate) stars: i64,
    pub(crate) voted_ms: i64,
}

/// The stars that a voter gave.
pub(crate) fn of_voter(
    connection: &mut Connection,
    item: i64,
    element: &str,
    voter: &str,
) -> QueryResult<Option<i64>> {
    catalog_vote::table
        .filter(catalog_vote::item_id.eq(item))
        .filter(catalog_vote::element.eq(element))
        .filter(catalog_vote::voter.eq(voter))
        .select(catalog_vote::stars)
        .first(connection)
        .optional()
}

/// Casts a vote in the place of the voter's earlier one.
pub(crate) fn cast(connection: &mut Connection, vote: &VoteFacts) -> QueryResult<()> {
    diesel::insert_into(catalog_vote::table)
        .values(vote)
        .on_conflict((
            catalog_vote::item_id,
            catalog_vote::element,
            catalog_vote::voter,
        ))
        .do_update()
        .set((
            catalog_vote::stars.eq(vote.stars),
            catalog_vote::voted_ms.eq(vote.voted_ms),
        ))
        .execute(connection)
        .map(drop)
}

/// Takes a voter's vote back.
pub(crate) fn take_back(
    connection: &mut Connection,
    item: i64,
    element: &str,
    voter: &str,
) -> QueryResult<()> {
    let vote = catalog_vote::table
        .filter(catalog_vote::item_id.eq(item))
        .filter(catalog_vote::element.eq(element))
        .filter(catalog_vote::voter.eq(voter));
    diesel::delete(vote).execute(connection).map(drop)
}

/// All votes of an account, oldest first.
pub(crate) fn of_person(connection: &mut Connection, user: i64) -> QueryResult<Vec<VoteRow>> {
    catalog_vote::table
        .filter(catalog_vote::user_id.eq(user))
        .order(catalog_vote::id)
        .select(VoteRow::as_select())
        .load(connection)
}

/// Takes an account from its votes, which stay; how many they were.
pub(crate) fn forget_person(connection: &mut Connection, user: i64) -> QueryResult<usize> {
    diesel::sql_query(
        r#"UPDATE "catalog_vote" SET "user_id" = 0, "voter" = 'nobody ' || "id" WHERE "user_id" = $1"#,
    )
    .bind::<BigInt, _>(user)
    .execute(connection)
}

/// The votes behind an id.
pub(crate) fn after(
    connection: &mut Connection,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<VoteRow>> {
    catalog_vote::table
        .filter(catalog_vote::id.gt(after))
        .order(catalog_vote::id)
        .limit(limit)
        .select(VoteRow::as_select())
        .load(connection)
}

/// Adds or replaces a vote. The rating that it is a part of is not counted anew: it comes with its item.
pub(crate) fn put(connection: &mut Connection, row: &VoteRow) -> Result<(), Unwritten> {
    diesel::insert_into(catalog_vote::table)
        .values(row)
        .on_conflict(catalog_vote::id)
        .do_update()
        .set(&row.facts)
        .execute(connection)?;
    Ok(())
}

/// Deletes votes.
pub(crate) fn delete(connection: &mut Connection, ids: &[i64]) -> QueryResult<usize> {
    diesel::delete(catalog_vote::table.filter(catalog_vote::id.eq_any(ids.to_vec())))
        .execute(connection)
}
