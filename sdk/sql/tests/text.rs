//! The text that reaches the host, for each part of a statement that the two databases could disagree on.

use diesel::prelude::*;
use diesel::query_builder::{QueryBuilder, QueryFragment};
use loggia_sql::{Backend, Dialect, lock_rows, sum_i64};

diesel::table! {
    use loggia_sql::sql_types::*;

    shelf (id) {
        id -> BigInt,
        label -> Text,
        room -> Nullable<Text>,
        weight -> BigInt,
        facts -> Json,
    }
}

diesel::table! {
    book (id) {
        id -> BigInt,
        shelf_id -> BigInt,
        title -> Text,
    }
}

diesel::joinable!(book -> shelf (shelf_id));
diesel::allow_tables_to_appear_in_same_query!(book, shelf);

#[derive(Insertable)]
#[diesel(table_name = shelf, check_for_backend(Backend))]
struct OneShelf<'a> {
    label: &'a str,
    room: Option<String>,
}

#[derive(Insertable)]
#[diesel(table_name = shelf, treat_none_as_default_value = false, check_for_backend(Backend))]
struct ManyShelves<'a> {
    label: &'a str,
    room: Option<String>,
}

fn text_for(dialect: Dialect, query: &impl QueryFragment<Backend>) -> String {
    let mut builder = <Backend as diesel::backend::Backend>::QueryBuilder::default();
    query
        .to_sql(&mut builder, &Backend::new(dialect))
        .expect("the statement can be built");
    builder.finish()
}

fn text(query: &impl QueryFragment<Backend>) -> String {
    let text = text_for(Dialect::Sqlite, query);
    assert_eq!(text, text_for(Dialect::Postgresql, query));
    text
}

#[test]
fn placeholders_are_numbered_and_identifiers_quoted() {
    let query = shelf::table
        .filter(shelf::label.eq("a"))
        .filter(shelf::weight.gt(3))
        .select(shelf::id);
    assert_eq!(
        text(&query),
        r#"SELECT "shelf"."id" FROM "shelf" WHERE (("shelf"."label" = $1) AND ("shelf"."weight" > $2))"#
    );
}

#[test]
fn an_offset_without_a_limit_lets_every_row_through() {
    let plain = shelf::table.select(shelf::id).offset(5);
    let boxed = shelf::table.select(shelf::id).into_boxed().offset(5);
    let expected = r#"SELECT "shelf"."id" FROM "shelf" LIMIT 9223372036854775807  OFFSET $1"#;
    assert_eq!(text(&plain).replace("  ", " "), expected.replace("  ", " "));
    assert_eq!(text(&boxed).replace("  ", " "), expected.replace("  ", " "));
}

#[test]
fn a_limit_and_an_offset_survive_boxing() {
    let boxed = shelf::table
        .select(shelf::id)
        .limit(2)
        .offset(1)
        .into_boxed();
    assert!(text(&boxed).ends_with(" LIMIT $1 OFFSET $2"));
}

#[test]
fn an_absent_column_is_left_out_of_a_single_insert() {
    let absent = diesel::insert_into(shelf::table).values(OneShelf {
        label: "a",
        room: None,
    });
    assert_eq!(
        text(&absent),
        r#"INSERT INTO "shelf" ("label") VALUES ($1)"#
    );
    let present = diesel::insert_into(shelf::table).values(OneShelf {
        label: "a",
        room: Some("b".to_owned()),
    });
    assert_eq!(
        text(&present),
        r#"INSERT INTO "shelf" ("label", "room") VALUES ($1, $2)"#
    );
}

#[test]
fn several_rows_are_one_statement() {
    let rows = vec![
        ManyShelves {
            label: "a",
            room: None,
        },
        ManyShelves {
            label: "b",
            room: Some("c".to_owned()),
        },
    ];
    let query = diesel::insert_into(shelf::table)
        .values(rows)
        .returning(shelf::id);
    assert_eq!(
        text(&query),
        r#"INSERT INTO "shelf" ("label", "room") VALUES ($1, $2), ($3, $4) RETURNING "shelf"."id""#
    );
}

#[test]
fn a_conflict_updates_from_the_excluded_row() {
    let query = diesel::insert_into(shelf::table)
        .values((shelf::label.eq("a"), shelf::weight.eq(1)))
        .on_conflict(shelf::label)
        .do_update()
        .set(shelf::weight.eq(diesel::upsert::excluded(shelf::weight)));
    assert_eq!(
        text(&query),
        concat!(
            r#"INSERT INTO "shelf" ("label", "weight") VALUES ($1, $2) "#,
            r#"ON CONFLICT ("label") DO UPDATE SET "weight" = excluded."weight""#
        )
    );
}

#[test]
fn a_union_has_no_parentheses() {
    let query = shelf::table
        .select(shelf::label)
        .union(book::table.select(book::title));
    assert!(!text(&query).contains('('));
    assert!(text(&query).contains(" UNION "));
}

#[test]
fn a_sum_stays_a_whole_number() {
    let query = shelf::table.select(sum_i64(shelf::weight));
    assert_eq!(
        text(&query),
        r#"SELECT CAST(SUM("shelf"."weight") AS BIGINT) FROM "shelf""#
    );
}

#[test]
fn rows_are_locked_where_the_database_has_row_locks() {
    let query = lock_rows(shelf::table.find(1).select(shelf::weight));
    assert!(text_for(Dialect::Postgresql, &query).ends_with(" FOR UPDATE"));
    assert!(!text_for(Dialect::Sqlite, &query).contains("FOR UPDATE"));
}

#[test]
fn a_left_join_gives_optional_columns() {
    let query = shelf::table
        .left_join(book::table)
        .select((shelf::id, book::title.nullable()))
        .into_boxed::<Backend>();
    assert!(text(&query).contains(" LEFT OUTER JOIN "));
}
