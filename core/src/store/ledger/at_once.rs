//! PostgreSQL: charges and rows in one statement, which is its own transaction. A commit is one round trip then, not four.

use std::sync::LazyLock;

use diesel::QueryResult;
use loggia_abi::Value;
use loggia_abi::value::kind;
use loggia_sql::Connection;

use crate::store::access_log::{Array, Columns, FROM_ARRAYS};

/// What is charged: calls of a key's day, on the share of a node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Charged {
    pub(super) key_id: i64,
    pub(super) node_id: i64,
    pub(super) day: i64,
    pub(super) calls: i64,
}

/// All shares are held before any is charged, and only if all of them suffice is anything written. A condition rather
/// than an error says so, because an error would not tell what failed.
static TEXT: LazyLock<String> = LazyLock::new(|| {
    format!(
        r#"WITH asked AS (SELECT * FROM unnest(CAST($17 AS BIGINT[]), CAST($18 AS BIGINT[]), CAST($19 AS BIGINT[]),
  CAST($20 AS BIGINT[])) AS x (key_id, node_id, day, calls)),
 held AS MATERIALIZED (SELECT a.key_id, a.node_id, a.day, a.calls FROM asked a JOIN "api_key_share" s
  ON s."key_id" = a.key_id AND s."node_id" = a.node_id AND s."day" = a.day
  WHERE s."granted" >= s."used" + a.calls FOR UPDATE OF s),
 complete AS MATERIALIZED (SELECT 1 WHERE (SELECT count(*) FROM held) = (SELECT count(*) FROM asked)),
 charged AS (UPDATE "api_key_share" s SET "used" = s."used" + h.calls, "last_visit_ms" = $25 FROM held h, complete
  WHERE s."key_id" = h.key_id AND s."node_id" = h.node_id AND s."day" = h.day),
 opened AS (INSERT INTO "api_key_share" ("key_id", "node_id", "day", "granted", "used", "prepaid", "last_visit_ms")
  SELECT o.key_id, o.node_id, o.day, 0, o.calls, FALSE, $25 FROM unnest(CAST($21 AS BIGINT[]),
  CAST($22 AS BIGINT[]), CAST($23 AS BIGINT[]), CAST($24 AS BIGINT[])) AS o (key_id, node_id, day, calls), complete
  ON CONFLICT ("key_id", "node_id", "day")
  DO UPDATE SET "used" = "api_key_share"."used" + excluded."used", "last_visit_ms" = $25)
 {FROM_ARRAYS}, complete"#
    )
});

/// Charges calls of limited keys and of keys without a limit, and writes rows; false where a share is gone or too
/// small: nothing is written then. There must be a row, by which that is seen, and no share may be named twice.
pub(super) fn write(
    connection: &mut Connection,
    node: &str,
    rows: &Columns,
    limited: &[Charged],
    open: &[Charged],
    now_ms: i64,
) -> QueryResult<bool> {
    let (limited, open) = (arrays(limited), arrays(open));
    let mut values = rows.values(node).to_vec();
    values.extend(limited.iter().chain(&open).map(|array| Value::text(array)));
    values.push(Value::integer(kind::I64, now_ms));
    let written = connection.execute_values(&TEXT, &values)?;
    Ok(written == rows.rows())
}

fn arrays(charges: &[Charged]) -> [String; 4] {
    let mut arrays = [const { Array::new() }; 4];
    for charged in charges {
        let [keys, nodes, days, calls] = &mut arrays;
        keys.number(charged.key_id);
        nodes.number(charged.node_id);
        days.number(charged.day);
        calls.number(charged.calls);
    }
    arrays.map(Array::finish)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use diesel::prelude::*;

    use super::{Charged, Columns, Connection, write};
    use crate::store::access_log::{AccessEntry, AccessKind, Row, access_log};
    use crate::store::keys::{self, Draft, api_key_share};
    use crate::store::ledger::shares;
    use crate::store::testing::{TestDatabase, patience};

    const NODE: i64 = 7;
    const DAY: i64 = 20_000;

    fn columns() -> Columns {
        let row = Row::new(
            AccessEntry {
                endpoint: "shop \"a\\b\"".into(),
                access: AccessKind::Key,
                request_ms: 1,
                error_code: Some(Cow::Borrowed("REQ_AKL")),
                user_id: 3,
                key: None,
                action: "post".into(),
                module: "release".into(),
                resource: "validate".into(),
                duration_us: 250,
                request_id: "r-1".into(),
                client_address: None,
                http_status: 200,
            },
            false,
        );
        Columns::of([&row, &row].into_iter())
    }

    fn used(connection: &mut Connection) -> Vec<(i64, i64)> {
        api_key_share::table
            .order(api_key_share::key_id)
            .select((api_key_share::key_id, api_key_share::used))
            .load(connection)
            .unwrap()
    }

    #[test]
    fn charges_and_rows_are_written_together_or_not_at_all() {
        let Some(database) = TestDatabase::postgresql() else {
            return;
        };
        let pool = database.migrated_pool();
        let mut connection = pool.write(patience()).unwrap();
        let keys = [0, 1, 2]
            .map(|_| keys::create(&mut connection, &Draft::default()).unwrap())
            .map(|(key, _)| key.id);
        let [first, second, open] = keys;
        let on = |key_id, calls| Charged {
            key_id,
            node_id: NODE,
            day: DAY,
            calls,
        };
        for key in [first, second] {
            shares::grant(&mut connection, (key, NODE, DAY), 5, false).unwrap();
        }
        let mut write =
            |limited: &[Charged], opened: &[Charged]| at_once(&mut connection, limited, opened);
        assert!(write(&[on(first, 3), on(second, 5)], &[on(open, 2)]));
        assert!(write(&[], &[on(open, 4)]));
        assert!(write(&[], &[]));
        assert!(!write(&[on(first, 2), on(second, 1)], &[on(open, 1)]));
        assert!(!write(&[on(open + 1, 1)], &[]));
        assert_eq!(used(&mut connection), [(first, 3), (second, 5), (open, 6)]);
        let rows: i64 = access_log::table
            .filter(access_log::endpoint.eq("shop \"a\\b\""))
            .filter(access_log::node.eq("node"))
            .count()
            .get_result(&mut connection)
            .unwrap();
        assert_eq!(rows, 6, "two rows each of the three that were written");
    }

    fn at_once(connection: &mut Connection, limited: &[Charged], open: &[Charged]) -> bool {
        write(connection, "node", &columns(), limited, open, 9).unwrap()
    }
}
