//! Creating once: a request that comes again with the same `Idempotency-Key` gets the answer of the first time.
//!
//! The answer is kept in a table of the module, written in the transaction that creates. So both are there or neither,
//! however the process ends.
//!
//! ```sql
//! CREATE TABLE "forum_once" (
//!     "caller" TEXT NOT NULL,
//!     "idempotency_key" TEXT NOT NULL,
//!     "digest" TEXT NOT NULL,
//!     "answer" TEXT NOT NULL,
//!     "created_ms" BIGINT NOT NULL,
//!     PRIMARY KEY ("caller", "idempotency_key")
//! );
//! CREATE INDEX "forum_once_created" ON "forum_once" ("created_ms");
//! ```

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use loggia_sdk::{Call, Fault};
use loggia_sql::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

/// How long an answer is kept.
pub const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

const LONGEST_KEY_BYTES: usize = 255;

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Text)]
    digest: String,
    #[diesel(sql_type = Text)]
    answer: String,
}

/// Runs `create` in a transaction, or gives the answer of an earlier request with the same `Idempotency-Key`. The key
/// of one caller is nothing to another. `operation` tells the requests of one operation from those of another.
pub fn once<A: Serialize + DeserializeOwned>(
    call: &Call<'_>,
    table: &'static str,
    operation: &'static str,
    create: impl FnOnce(&mut Connection) -> Result<A, Fault>,
) -> Result<A, Fault> {
    once_of(call, table, operation, &call.parameters_bytes(), create)
}

/// The same where the parameters do not tell what is asked for: of an upload they have but a name, which is another each
/// time. `asked` does.
pub fn once_of<A: Serialize + DeserializeOwned>(
    call: &Call<'_>,
    table: &'static str,
    operation: &'static str,
    asked: &[u8],
    create: impl FnOnce(&mut Connection) -> Result<A, Fault>,
) -> Result<A, Fault> {
    let mut connection = call.database_for_writing()?;
    let Some(key) = call.header("idempotency-key") else {
        return connection.transaction(create);
    };
    if key.is_empty() || key.len() > LONGEST_KEY_BYTES {
        return Err(Fault::parameter(
            "Idempotency-Key",
            "has between 1 and 255 bytes",
        ));
    }
    let request = Request {
        table,
        caller: caller(call),
        key,
        digest: digest(operation, asked),
        now_ms: call.host().clock().now_ms(),
    };
    connection.transaction(|connection| {
        if let Some(kept) = request.claim(connection)? {
            if kept.digest != request.digest {
                return Err(Fault::new("REQ_IKU"));
            }
            return serde_json::from_str(&kept.answer).map_err(Fault::internal);
        }
        let answer = create(connection)?;
        request.keep(connection, &answer)?;
        Ok(answer)
    })
}

struct Request<'c> {
    table: &'static str,
    caller: String,
    key: &'c str,
    digest: String,
    now_ms: i64,
}

impl Request<'_> {
    /// Takes the key for this request, or gives what an earlier one has left. On PostgreSQL a request that runs at the
    /// same time waits here for the end of the first.
    fn claim(&self, connection: &mut Connection) -> Result<Option<Kept>, Fault> {
        let table = self.table;
        diesel::sql_query(format!(r#"DELETE FROM "{table}" WHERE "created_ms" < $1"#))
            .bind::<BigInt, _>(self.now_ms - KEPT_MS)
            .execute(connection)?;
        let claimed = diesel::sql_query(format!(
            r#"INSERT INTO "{table}" ("caller", "idempotency_key", "digest", "answer", "created_ms")
 VALUES ($1, $2, $3, '', $4) ON CONFLICT ("caller", "idempotency_key") DO NOTHING"#
        ))
        .bind::<Text, _>(&self.caller)
        .bind::<Text, _>(self.key)
        .bind::<Text, _>(&self.digest)
        .bind::<BigInt, _>(self.now_ms)
        .execute(connection)?;
        if claimed == 1 {
            return Ok(None);
        }
        let kept = diesel::sql_query(format!(
            r#"SELECT "digest", "answer" FROM "{table}" WHERE "caller" = $1 AND "idempotency_key" = $2"#
        ))
        .bind::<Text, _>(&self.caller)
        .bind::<Text, _>(self.key)
        .get_result(connection)?;
        Ok(Some(kept))
    }

    fn keep(&self, connection: &mut Connection, answer: &impl Serialize) -> Result<(), Fault> {
        let table = self.table;
        diesel::sql_query(format!(
            r#"UPDATE "{table}" SET "answer" = $3 WHERE "caller" = $1 AND "idempotency_key" = $2"#
        ))
        .bind::<Text, _>(&self.caller)
        .bind::<Text, _>(self.key)
        .bind::<Text, _>(serde_json::to_string(answer).map_err(Fault::internal)?)
        .execute(connection)?;
        Ok(())
    }
}

/// Forgets the requests of an account.
pub fn forget_person(
    connection: &mut Connection,
    table: &'static str,
    user: i64,
) -> QueryResult<()> {
    diesel::sql_query(format!(r#"DELETE FROM "{table}" WHERE "caller" = $1"#))
        .bind::<Text, _>(account(user))
        .execute(connection)
        .map(drop)
}

fn caller(call: &Call<'_>) -> String {
    match (call.key(), call.user()) {
        (Some(key), _) => format!("key {key}"),
        (None, Some(user)) => account(user),
        (None, None) => "operator".to_owned(),
    }
}

fn account(user: i64) -> String {
    format!("user {user}")
}

fn digest(operation: &str, asked: &[u8]) -> String {
    let mut digest = Sha256::new();
    digest.update(operation);
    digest.update([0]);
    digest.update(asked);
    hex::encode(digest.finalize())
}
