//! What diesel builds means the same on both databases.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::dsl::{count_star, exists, max};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use loggia_sql::{
    Backend, Connection, Day, JsonText, TimeOfDay, Timestamp, Uuid, is_unique, lock_rows, sum_i64,
};

use super::{book, on_each, shelf};
use crate::store::testing::patience;

#[derive(Debug, PartialEq, Queryable, Selectable, Insertable)]
#[diesel(
    table_name = shelf,
    treat_none_as_default_value = false,
    check_for_backend(Backend)
)]
struct Shelf {
    id: i64,
    label: String,
    room: Option<String>,
    weight: i64,
    ratio: f64,
    open: bool,
    cover: Option<Vec<u8>>,
    facts: Option<JsonText>,
    code: Option<Uuid>,
    built: Option<Day>,
    opens: Option<TimeOfDay>,
    seen: Option<Timestamp>,
    small: i16,
    middle: i32,
}

#[derive(Insertable)]
#[diesel(table_name = shelf, check_for_backend(Backend))]
struct NewShelf<'a> {
    label: &'a str,
    room: Option<String>,
}

fn full() -> Shelf {
    Shelf {
        id: 7,
        label: "a 'quoted' \"label\" $1 ü".to_owned(),
        room: Some(String::new()),
        weight: i64::MIN,
        ratio: 0.1,
        open: false,
        cover: Some(vec![0, 255, 39, 0]),
        facts: Some(JsonText(r#"{"a": [1, null, "x"]}"#.to_owned())),
        code: Some(Uuid(*b"0123456789abcdef")),
        built: Some(Day(19_782)),
        opens: Some(TimeOfDay(86_399_000_001)),
        seen: Some(Timestamp(1_709_251_199_000_001)),
        small: i16::MIN,
        middle: i32::MAX,
    }
}

fn empty() -> Shelf {
    Shelf {
        id: 8,
        label: String::new(),
        room: None,
        weight: i64::MAX,
        ratio: -1.0,
        open: true,
        cover: None,
        facts: None,
        code: None,
        built: None,
        opens: None,
        seen: None,
        small: i16::MAX,
        middle: i32::MIN,
    }
}

fn add(connection: &mut Connection, label: &str, weight: i64) -> i64 {
    diesel::insert_into(shelf::table)
        .values((shelf::label.eq(label), shelf::weight.eq(weight)))
        .returning(shelf::id)
        .get_result(connection)
        .expect("the row is new")
}

#[test]
fn every_type_comes_back_as_it_went_in() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        let inserted = diesel::insert_into(shelf::table)
            .values(vec![full(), empty()])
            .execute(&mut connection);
        assert_eq!(inserted, Ok(2));
        drop(connection);
        let found = shelf::table
            .order(shelf::id)
            .select(Shelf::as_select())
            .load(&mut pool.read(patience()).unwrap());
        assert_eq!(found, Ok(vec![full(), empty()]));
    });
}

#[test]
fn an_absent_value_takes_the_columns_default() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        let room = diesel::insert_into(shelf::table)
            .values(NewShelf {
                label: "a",
                room: None,
            })
            .returning(shelf::room)
            .get_result::<Option<String>>(&mut connection);
        assert_eq!(room, Ok(Some("hall".to_owned())));
        let none: Vec<Shelf> = vec![];
        let inserted = diesel::insert_into(shelf::table)
            .values(none)
            .execute(&mut connection);
        assert_eq!(inserted, Ok(0));
    });
}

#[test]
fn values_of_every_type_can_be_compared() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        diesel::insert_into(shelf::table)
            .values(vec![full()])
            .execute(&mut connection)
            .unwrap();
        let found = shelf::table
            .filter(shelf::open.eq(false))
            .filter(shelf::ratio.gt(0.05))
            .filter(shelf::cover.eq(full().cover))
            .filter(shelf::code.eq(full().code))
            .filter(shelf::built.eq(full().built))
            .filter(shelf::opens.eq(full().opens))
            .filter(shelf::seen.le(full().seen))
            .filter(shelf::small.eq(i16::MIN))
            .filter(shelf::label.like("a 'quoted'%"))
            .select(shelf::id)
            .first::<i64>(&mut connection);
        assert_eq!(found, Ok(7));
    });
}

#[test]
fn a_query_may_filter_order_limit_and_box() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        for (label, weight) in [("a", 3), ("b", 1), ("c", 2), ("d", 4)] {
            add(&mut connection, label, weight);
        }
        let labels = |limit: Option<i64>, offset: i64, connection: &mut Connection| {
            let mut query = shelf::table
                .filter(shelf::label.eq_any(["a", "b", "c"]))
                .order(shelf::weight.asc())
                .select(shelf::label)
                .offset(offset)
                .into_boxed();
            if let Some(limit) = limit {
                query = query.limit(limit);
            }
            query.load::<String>(connection).unwrap()
        };
        assert_eq!(labels(None, 0, &mut connection), ["b", "c", "a"]);
        assert_eq!(labels(None, 1, &mut connection), ["c", "a"]);
        assert_eq!(labels(Some(1), 1, &mut connection), ["c"]);
        assert!(labels(Some(5), 9, &mut connection).is_empty());
        let plain = shelf::table
            .select(shelf::label)
            .order(shelf::label)
            .offset(3)
            .load::<String>(&mut connection);
        assert_eq!(plain, Ok(vec!["d".to_owned()]));
        let nothing = shelf::table
            .filter(shelf::label.eq_any(Vec::<String>::new()))
            .select(shelf::id)
            .first::<i64>(&mut connection)
            .optional();
        assert_eq!(nothing, Ok(None));
    });
}

#[test]
fn aggregates_joins_and_unions_agree() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        let (full, bare) = (
            add(&mut connection, "full", 5),
            add(&mut connection, "bare", 6),
        );
        diesel::insert_into(book::table)
            .values(vec![
                (
                    book::shelf_id.eq(full),
                    book::title.eq("x"),
                    book::pages.eq(10),
                ),
                (
                    book::shelf_id.eq(full),
                    book::title.eq("y"),
                    book::pages.eq(20),
                ),
            ])
            .execute(&mut connection)
            .unwrap();
        let joined = shelf::table
            .left_join(book::table)
            .filter(shelf::id.eq_any([full, bare]))
            .order((shelf::id, book::title))
            .select((shelf::label, book::title.nullable()))
            .load::<(String, Option<String>)>(&mut connection)
            .unwrap();
        let expected = [("full", Some("x")), ("full", Some("y")), ("bare", None)];
        assert_eq!(
            joined,
            expected.map(|(a, b)| (a.to_owned(), b.map(str::to_owned)))
        );
        let per_shelf = book::table
            .group_by(book::shelf_id)
            .select((
                book::shelf_id,
                count_star(),
                sum_i64(book::pages),
                max(book::pages),
            ))
            .load::<(i64, i64, Option<i64>, Option<i64>)>(&mut connection);
        assert_eq!(per_shelf, Ok(vec![(full, 2, Some(30), Some(20))]));
        let sum = book::table
            .filter(book::title.eq("z"))
            .select(sum_i64(book::pages))
            .first::<Option<i64>>(&mut connection);
        assert_eq!(sum, Ok(None));
        let names = shelf::table
            .select(shelf::label)
            .union(book::table.select(book::title))
            .load::<String>(&mut connection)
            .map(|names| names.len());
        assert_eq!(names, Ok(4));
        let any = diesel::select(exists(book::table.filter(book::title.eq("x"))))
            .get_result::<bool>(&mut connection);
        assert_eq!(any, Ok(true));
    });
}

#[test]
fn a_conflict_can_update_or_do_nothing() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        add(&mut connection, "a", 1);
        let weight = diesel::insert_into(shelf::table)
            .values((shelf::label.eq("a"), shelf::weight.eq(5)))
            .on_conflict(shelf::label)
            .do_update()
            .set(shelf::weight.eq(shelf::weight + diesel::upsert::excluded(shelf::weight)))
            .returning(shelf::weight)
            .get_result::<i64>(&mut connection);
        assert_eq!(weight, Ok(6));
        let ignored = diesel::insert_into(shelf::table)
            .values(shelf::label.eq("a"))
            .on_conflict_do_nothing()
            .execute(&mut connection);
        assert_eq!(ignored, Ok(0));
    });
}

#[test]
fn updates_and_deletes_count_and_return_their_rows() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        add(&mut connection, "a", 1);
        add(&mut connection, "b", 2);
        let weights = diesel::update(shelf::table.filter(shelf::label.eq("b")))
            .set((
                shelf::weight.eq(shelf::weight + 1),
                shelf::room.eq(None::<String>),
            ))
            .returning((shelf::weight, shelf::room))
            .load::<(i64, Option<String>)>(&mut connection);
        assert_eq!(weights, Ok(vec![(3, None)]));
        assert_eq!(diesel::delete(shelf::table).execute(&mut connection), Ok(2));
    });
}

#[test]
fn a_unique_violation_is_told_from_other_refusals() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        add(&mut connection, "a", 1);
        let again = diesel::insert_into(shelf::table)
            .values(shelf::label.eq("a"))
            .execute(&mut connection)
            .expect_err("the label is taken");
        assert!(is_unique(&again), "{again:?}");
        let orphan = diesel::insert_into(book::table)
            .values((book::shelf_id.eq(99), book::title.eq("x")))
            .execute(&mut connection)
            .expect_err("there is no such shelf");
        assert!(!is_unique(&orphan));
        assert!(matches!(
            orphan,
            Error::DatabaseError(DatabaseErrorKind::Unknown, _)
        ));
    });
}

#[test]
fn transactions_nest_and_roll_back() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        let result = connection.transaction::<(), Error>(|connection| {
            add(connection, "outer", 1);
            let inner = connection.transaction::<(), Error>(|connection| {
                add(connection, "inner", 1);
                Err(Error::RollbackTransaction)
            });
            assert_eq!(inner, Err(Error::RollbackTransaction));
            connection.transaction(|connection| {
                add(connection, "second", 1);
                Ok(())
            })
        });
        assert_eq!(result, Ok(()));
        let labels = |connection: &mut Connection| {
            shelf::table
                .order(shelf::id)
                .select(shelf::label)
                .load::<String>(connection)
                .unwrap()
        };
        assert_eq!(labels(&mut connection), ["outer", "second"]);
        let failed = connection.transaction::<(), Error>(|connection| {
            add(connection, "third", 1);
            diesel::insert_into(shelf::table)
                .values(shelf::label.eq("outer"))
                .execute(connection)?;
            Ok(())
        });
        assert!(failed.is_err_and(|error| is_unique(&error)));
        assert_eq!(labels(&mut connection), ["outer", "second"]);
    });
}

#[test]
fn a_forgotten_transaction_is_rolled_back_with_its_connection() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        connection.begin_test_transaction().unwrap();
        add(&mut connection, "a", 1);
        drop(connection);
        let mut connection = pool.write(patience()).unwrap();
        connection.batch_execute("SELECT 1").unwrap();
        let count = shelf::table.count().get_result::<i64>(&mut connection);
        assert_eq!(count, Ok(0));
    });
}

#[test]
fn a_locked_row_can_be_read_and_changed() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        let id = add(&mut connection, "a", 1);
        let weight = connection.transaction::<i64, Error>(|connection| {
            let query = shelf::table.find(id).select(shelf::weight);
            lock_rows(query).get_result(connection)
        });
        assert_eq!(weight, Ok(1));
    });
}

#[test]
fn a_batch_is_done_all_or_not_at_all() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        let sql = "INSERT INTO shelf (label) VALUES ('a'); INSERT INTO nowhere VALUES (1)";
        assert!(connection.batch_execute(sql).is_err());
        let count = shelf::table.count().get_result::<i64>(&mut connection);
        assert_eq!(count, Ok(0));
    });
}

#[test]
fn raw_sql_may_number_its_placeholders_in_any_order() {
    #[derive(QueryableByName)]
    #[diesel(check_for_backend(Backend))]
    struct Pair {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        difference: i64,
    }
    on_each(|pool| {
        let mut connection = pool.read(patience()).unwrap();
        let pair = diesel::sql_query("SELECT $2 - $1 AS difference")
            .bind::<diesel::sql_types::BigInt, _>(1)
            .bind::<diesel::sql_types::BigInt, _>(10)
            .get_result::<Pair>(&mut connection);
        assert_eq!(pair.map(|pair| pair.difference), Ok(9));
        let missing = diesel::sql_query("SELECT $1 + $2")
            .bind::<diesel::sql_types::BigInt, _>(1)
            .execute(&mut connection);
        assert!(
            missing
                .unwrap_err()
                .to_string()
                .contains("placeholders up to $2")
        );
    });
}

#[test]
fn texts_that_one_database_could_not_hold_are_refused_by_both() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        let refused = diesel::insert_into(shelf::table)
            .values(shelf::label.eq("a\0b"))
            .execute(&mut connection);
        assert!(refused.unwrap_err().to_string().contains("NUL"));
    });
}

#[test]
fn statements_that_are_never_the_same_twice_do_not_pile_up() {
    on_each(|pool| {
        for number in 0..2_500 {
            let found = diesel::sql_query(format!("SELECT {number} AS n"))
                .execute(&mut pool.read(patience()).unwrap());
            assert!(found.is_ok());
        }
        assert_eq!(pool.count().0 - pool.count().1, 0);
    });
}
