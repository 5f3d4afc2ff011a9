//! The statements by which nodes divide a key's day among them.
//!
//! Order of locks, which keeps nodes from waiting for each other in a circle: usage rows by the key's number,
//! then shares. A share is changed by its own node, or by who holds the key's usage row.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use loggia_sql::{Connection, Dialect};

use crate::store::keys::{ShareRow, Usage, api_key_share, api_key_usage, quota_node};
use crate::store::nodes::now_ms;

/// A key's usage row while it is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, QueryableByName)]
pub(super) struct Locked {
    /// The limit as it is set now; 0 is none.
    #[diesel(sql_type = BigInt)]
    pub(super) daily_requests: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) hits: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) last_visit_ms: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) current_day: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) current_hits: i64,
    /// The day whose limit is near; 0 is none.
    #[diesel(sql_type = BigInt)]
    pub(super) near_day: i64,
}

/// Locks a key's usage row; none where the key is gone. SQLite has no row locks and needs none: whoever writes
/// is alone.
pub(super) fn lock(connection: &mut Connection, key_id: i64) -> QueryResult<Option<Locked>> {
    let text = match connection.dialect() {
        Dialect::Sqlite => LOCKED.to_owned(),
        Dialect::Postgresql => format!("{LOCKED} FOR UPDATE OF u"),
    };
    diesel::sql_query(text)
        .bind::<BigInt, _>(key_id)
        .get_result(connection)
        .optional()
}

const LOCKED: &str = r#"SELECT k."daily_requests", u."hits", u."last_visit_ms", u."current_day",
 u."current_hits", u."near_day" FROM "api_key_usage" u JOIN "api_key" k ON k."id" = u."key_id"
 WHERE u."key_id" = $1"#;

impl Locked {
    /// Adds calls of a day.
    pub(super) fn add(&mut self, day: i64, calls: i64, last_visit_ms: i64) {
        let mut usage = Usage {
            hits: self.hits,
            last_visit_ms: self.last_visit_ms,
            current_day: self.current_day,
            current_hits: self.current_hits,
        };
        usage.add(day, calls, last_visit_ms);
        self.hits = usage.hits;
        self.last_visit_ms = usage.last_visit_ms;
        self.current_day = usage.current_day;
        self.current_hits = usage.current_hits;
    }

    /// The calls that are counted of a day.
    pub(super) fn hits_of(&self, day: i64) -> i64 {
        if self.current_day == day {
            self.current_hits
        } else {
            0
        }
    }

    /// Writes the row back, unless it is as it was.
    pub(super) fn store(
        &self,
        connection: &mut Connection,
        key_id: i64,
        before: &Locked,
    ) -> QueryResult<()> {
        if self == before {
            return Ok(());
        }
        diesel::update(api_key_usage::table.find(key_id))
            .set((
                api_key_usage::hits.eq(self.hits),
                api_key_usage::last_visit_ms.eq(self.last_visit_ms),
                api_key_usage::current_day.eq(self.current_day),
                api_key_usage::current_hits.eq(self.current_hits),
                api_key_usage::near_day.eq(self.near_day),
            ))
            .execute(connection)?;
        Ok(())
    }
}

/// What nodes hold of a key's day.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    /// What may still be charged or is, on all nodes.
    pub(super) committed: i64,
    /// What other nodes hold and have not charged.
    pub(super) open_elsewhere: i64,
}

/// Adds up the shares of a key's day. The usage row must be locked.
pub(super) fn held(
    connection: &mut Connection,
    key_id: i64,
    day: i64,
    node_id: i64,
) -> QueryResult<Held> {
    let shares = api_key_share::table
        .filter(api_key_share::key_id.eq(key_id))
        .filter(api_key_share::day.eq(day))
        .select(ShareRow::as_select())
        .load(connection)?;
    let mut held = Held::default();
    for share in shares {
        held.committed += share.committed();
        if share.node_id != node_id {
            held.open_elsewhere += share.open();
        }
    }
    Ok(held)
}

/// Gives a node calls of a key's day. The usage row must be locked.
pub(super) fn grant(
    connection: &mut Connection,
    (key_id, node_id, day): (i64, i64, i64),
    calls: i64,
    prepaid: bool,
) -> QueryResult<()> {
    let text = r#"INSERT INTO "api_key_share" ("key_id", "node_id", "day", "granted", "used", "prepaid",
 "last_visit_ms") VALUES ($1, $2, $3, $4, 0, $5, 0) ON CONFLICT ("key_id", "node_id", "day")
 DO UPDATE SET "granted" = "api_key_share"."granted" + $4, "prepaid" = $5"#;
    diesel::sql_query(text)
        .bind::<BigInt, _>(key_id)
        .bind::<BigInt, _>(node_id)
        .bind::<BigInt, _>(day)
        .bind::<BigInt, _>(calls)
        .bind::<Bool, _>(prepaid)
        .execute(connection)?;
    Ok(())
}

/// Takes a share away; none where it was gone. The usage row must be locked.
pub(super) fn take_away(
    connection: &mut Connection,
    (key_id, node_id, day): (i64, i64, i64),
) -> QueryResult<Option<ShareRow>> {
    diesel::delete(api_key_share::table.find((key_id, node_id, day)))
        .returning(ShareRow::as_returning())
        .get_result(connection)
        .optional()
}

/// Charges calls to a node's share; false where the share is gone or too small.
pub(super) fn charge(
    connection: &mut Connection,
    (key_id, node_id, day): (i64, i64, i64),
    calls: i64,
    now_ms: i64,
) -> QueryResult<bool> {
    let share = api_key_share::table
        .find((key_id, node_id, day))
        .filter(api_key_share::granted.ge(api_key_share::used + calls));
    let changed = diesel::update(share)
        .set((
            api_key_share::used.eq(api_key_share::used + calls),
            api_key_share::last_visit_ms.eq(now_ms),
        ))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Charges calls of a key without a limit.
pub(super) fn charge_open(
    connection: &mut Connection,
    (key_id, node_id, day): (i64, i64, i64),
    calls: i64,
    now_ms: i64,
) -> QueryResult<()> {
    let text = r#"INSERT INTO "api_key_share" ("key_id", "node_id", "day", "granted", "used", "prepaid",
 "last_visit_ms") VALUES ($1, $2, $3, 0, $4, FALSE, $5) ON CONFLICT ("key_id", "node_id", "day")
 DO UPDATE SET "used" = "api_key_share"."used" + $4, "last_visit_ms" = $5"#;
    diesel::sql_query(text)
        .bind::<BigInt, _>(key_id)
        .bind::<BigInt, _>(node_id)
        .bind::<BigInt, _>(day)
        .bind::<BigInt, _>(calls)
        .bind::<BigInt, _>(now_ms)
        .execute(connection)?;
    Ok(())
}

/// Adds a share whose node needs it no more to the key's usage row.
pub(super) fn fold(connection: &mut Connection, share: (i64, i64, i64)) -> QueryResult<()> {
    let (key_id, _, day) = share;
    let Some(before) = lock(connection, key_id)? else {
        return Ok(());
    };
    let mut usage = before;
    if let Some(gone) = take_away(connection, share)? {
        usage.add(day, gone.charged(), gone.last_visit_ms);
    }
    usage.store(connection, key_id, &before)
}

/// Takes a lease for a new node; its number, which no other node ever has.
pub(super) fn join(connection: &mut Connection, lease_ms: i64) -> QueryResult<i64> {
    let now = now_ms(connection)?;
    diesel::insert_into(quota_node::table)
        .values(quota_node::expires_ms.eq(now + lease_ms))
        .returning(quota_node::id)
        .get_result(connection)
}

/// Renews a lease that has not run out; false where it has.
pub(super) fn renew(
    connection: &mut Connection,
    node_id: i64,
    now_ms: i64,
    lease_ms: i64,
) -> QueryResult<bool> {
    let lease = quota_node::table
        .find(node_id)
        .filter(quota_node::expires_ms.ge(now_ms));
    let changed = diesel::update(lease)
        .set(quota_node::expires_ms.eq(now_ms + lease_ms))
        .execute(connection)?;
    Ok(changed == 1)
}

/// How many nodes hold a lease.
pub(super) fn live_nodes(connection: &mut Connection, now_ms: i64) -> QueryResult<i64> {
    quota_node::table
        .filter(quota_node::expires_ms.ge(now_ms))
        .count()
        .get_result(connection)
}

/// Shares that a dead node left, and forgets the dead.
pub(super) fn orphans(
    connection: &mut Connection,
    now_ms: i64,
) -> QueryResult<Vec<(i64, i64, i64)>> {
    let live = quota_node::table
        .filter(quota_node::expires_ms.ge(now_ms))
        .select(quota_node::id);
    let shares = api_key_share::table
        .filter(api_key_share::node_id.ne_all(live))
        .order((api_key_share::key_id, api_key_share::node_id))
        .select((
            api_key_share::key_id,
            api_key_share::node_id,
            api_key_share::day,
        ))
        .load(connection)?;
    diesel::delete(quota_node::table.filter(quota_node::expires_ms.lt(now_ms)))
        .execute(connection)?;
    Ok(shares)
}

/// The shares of a node.
pub(super) fn of_node(
    connection: &mut Connection,
    node_id: i64,
) -> QueryResult<Vec<(i64, i64, i64)>> {
    api_key_share::table
        .filter(api_key_share::node_id.eq(node_id))
        .order((api_key_share::key_id, api_key_share::day))
        .select((
            api_key_share::key_id,
            api_key_share::node_id,
            api_key_share::day,
        ))
        .load(connection)
}

/// The keys of which a node holds a share while the limit is near.
pub(super) fn near(connection: &mut Connection, node_id: i64) -> QueryResult<Vec<i64>> {
    api_key_share::table
        .inner_join(
            api_key_usage::table.on(api_key_usage::key_id
                .eq(api_key_share::key_id)
                .and(api_key_usage::near_day.eq(api_key_share::day))),
        )
        .filter(api_key_share::node_id.eq(node_id))
        .filter(api_key_share::granted.gt(0))
        .select(api_key_share::key_id)
        .load(connection)
}

/// Gives a lease back.
pub(super) fn leave(connection: &mut Connection, node_id: i64) -> QueryResult<()> {
    diesel::delete(quota_node::table.find(node_id)).execute(connection)?;
    Ok(())
}
