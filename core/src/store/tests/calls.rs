//! The table as a module uses it: pointers in, codes out.

use std::ptr;
use std::time::{Duration, Instant};

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::prelude::*;
use loggia_abi::rows::{Cell, Reader};
use loggia_abi::{Call, Connection as Raw, HostDatabase, Str, Value, code};
use loggia_sql::Connection;

use super::{on_each, shelf};
use crate::service::{CallContext, DatabaseService};
use crate::store::testing::{TestDatabase, patience};
use crate::store::{Options, Pool};

fn acquire(table: &HostDatabase, call: *mut Call, write: u32) -> *mut Raw {
    let mut raw = ptr::null_mut();
    // SAFETY: the table is a service's, the call is in flight or null.
    let result = unsafe { (table.acquire)(table.context, call, write, &raw mut raw) };
    assert_eq!(result, code::OK);
    raw
}

fn diesel_on(table: &HostDatabase, call: &CallContext, write: bool) -> Connection {
    // SAFETY: the service and the call outlive the connection in these tests.
    unsafe { Connection::from_host(table, call.as_raw(), write) }.expect("a connection is free")
}

fn add(connection: &mut Connection, label: &str) {
    diesel::insert_into(shelf::table)
        .values(shelf::label.eq(label))
        .execute(connection)
        .expect("the label is new");
}

fn count(connection: &mut Connection) -> i64 {
    shelf::table
        .count()
        .get_result(connection)
        .expect("the table exists")
}

fn out(pool: &Pool) -> usize {
    let (open, idle) = pool.count();
    open - idle
}

#[test]
fn c_code_runs_statements_and_reads_rows() {
    on_each(|pool| {
        let service = DatabaseService::new(pool.clone());
        let table = service.table();
        let raw = acquire(table, ptr::null_mut(), 1);
        let binds = [Value::text("a"), Value::null(loggia_abi::value::kind::TEXT)];
        let sql = Str::new("INSERT INTO \"shelf\" (\"label\", \"room\") VALUES ($1, $2)");
        let (mut affected, mut rows) = (0, Str::EMPTY);
        // SAFETY: the connection is held, and everything the arguments point at outlives the calls.
        unsafe {
            let result = (table.execute)(raw, sql, binds.as_ptr(), 2, &raw mut affected);
            assert_eq!((result, affected), (code::OK, 1));
            let again = (table.execute)(raw, sql, binds.as_ptr(), 2, &raw mut affected);
            assert_eq!(again, code::UNIQUE);
            let sql = Str::new("SELECT \"label\", \"room\", \"weight\" FROM \"shelf\"");
            assert_eq!(
                (table.query)(raw, sql, ptr::null(), 0, &raw mut rows),
                code::OK
            );
            let mut reader = Reader::new(rows.bytes()).expect("these are packed rows");
            assert_eq!(reader.names(), ["label", "room", "weight"]);
            let mut cells = Vec::new();
            assert!(reader.next_row(&mut cells));
            assert_eq!(cells, [Cell::Text("a"), Cell::Null, Cell::I64(0)]);
            assert!(!reader.next_row(&mut cells));
            (table.release)(raw);
        }
        assert_eq!(out(pool), 0);
    });
}

#[test]
fn bad_pointers_and_texts_are_refused() {
    on_each(|pool| {
        let service = DatabaseService::new(pool.clone());
        let table = service.table();
        let raw = acquire(table, ptr::null_mut(), 1);
        let latin = Str::from_bytes(b"SELECT '\xe9'");
        let select = Str::new("SELECT 1");
        // SAFETY: null pointers are allowed to be refused; all others are valid.
        unsafe {
            assert_eq!((table.begin)(ptr::null_mut()), code::ARGUMENT);
            assert_eq!((table.batch)(raw, latin), code::ARGUMENT);
            let text = (table.error)(raw);
            assert_eq!(text.text(), Some("the statement is not UTF-8"));
            let no_rows = (table.query)(raw, select, ptr::null(), 3, ptr::null_mut());
            assert_eq!(no_rows, code::ARGUMENT);
            let mut strange = Value::integer(99, 0);
            let result = (table.execute)(
                raw,
                Str::new("SELECT $1"),
                &raw const strange,
                1,
                ptr::null_mut(),
            );
            assert_eq!(result, code::ARGUMENT);
            strange.kind = loggia_abi::value::kind::I16;
            strange.data.integer = 70_000;
            let result = (table.execute)(
                raw,
                Str::new("SELECT $1"),
                &raw const strange,
                1,
                ptr::null_mut(),
            );
            assert_eq!(result, code::ARGUMENT);
            let null = (table.acquire)(table.context, ptr::null_mut(), 0, ptr::null_mut());
            assert_eq!(null, code::ARGUMENT);
            (table.release)(ptr::null_mut());
            (table.release)(raw);
        }
    });
}

#[test]
fn a_second_connection_in_a_call_is_the_first() {
    on_each(|pool| {
        let service = DatabaseService::new(pool.clone());
        let call = CallContext::new(pool.clone(), "request", "library");
        let mut writer = diesel_on(service.table(), &call, true);
        writer
            .transaction::<_, diesel::result::Error>(|writer| {
                add(writer, "a");
                let mut reader = diesel_on(service.table(), &call, false);
                assert_eq!(count(&mut reader), 1, "it sees what is not committed yet");
                assert_eq!(count(&mut call.write().unwrap()), 1);
                drop(reader);
                add(writer, "b");
                Ok(())
            })
            .unwrap();
        assert_eq!(out(pool), 1);
        drop(writer);
        assert_eq!(out(pool), 0);
    });
}

#[test]
fn a_reader_can_become_a_writer_within_a_call() {
    on_each(|pool| {
        let service = DatabaseService::new(pool.clone());
        let call = CallContext::new(pool.clone(), "request", "library");
        let mut reader = diesel_on(service.table(), &call, false);
        assert_eq!(count(&mut reader), 0);
        let mut writer = diesel_on(service.table(), &call, true);
        add(&mut writer, "a");
        assert_eq!(count(&mut reader), 1);
        assert_eq!(count(&mut diesel_on(service.table(), &call, false)), 1);
    });
}

#[test]
fn an_inner_release_rolls_back_what_it_began_and_no_more() {
    on_each(|pool| {
        let service = DatabaseService::new(pool.clone());
        let call = CallContext::new(pool.clone(), "request", "library");
        let mut outer = diesel_on(service.table(), &call, true);
        outer
            .transaction::<_, diesel::result::Error>(|outer| {
                add(outer, "a");
                let mut inner = diesel_on(service.table(), &call, true);
                inner.begin_test_transaction()?;
                add(&mut inner, "b");
                drop(inner);
                assert_eq!(count(outer), 1);
                Ok(())
            })
            .unwrap();
        assert_eq!(count(&mut outer), 1);
    });
}

#[test]
fn a_call_that_ends_takes_its_connections_back() {
    on_each(|pool| {
        let service = DatabaseService::new(pool.clone());
        let table = service.table();
        let call = CallContext::new(pool.clone(), "request", "library");
        let raw = acquire(table, call.as_raw(), 1);
        // SAFETY: the connection is held; after the call has ended its pointer is still the module's.
        unsafe {
            assert_eq!((table.begin)(raw), code::OK);
            let sql = Str::new("INSERT INTO shelf (label) VALUES ('leaked')");
            assert_eq!((table.batch)(raw, sql), code::OK);
            drop(call);
            assert_eq!(out(pool), 0);
            assert_eq!((table.commit)(raw), code::ARGUMENT);
            let text = (table.error)(raw);
            assert!(text.text().is_some_and(|text| text.contains("call ended")));
            (table.release)(raw);
        }
        assert_eq!(count(&mut pool.read(patience()).unwrap()), 0);
    });
}

#[test]
fn a_transaction_begun_by_text_does_not_outlive_its_connection() {
    on_each(|pool| {
        let mut connection = pool.write(patience()).unwrap();
        let _ = diesel::sql_query("BEGIN").execute(&mut connection);
        add(&mut connection, "a");
        drop(connection);
        let mut connection = pool.write(patience()).unwrap();
        connection
            .transaction::<_, diesel::result::Error>(|connection| {
                add(connection, "b");
                Ok(())
            })
            .unwrap();
        connection.batch_execute("SELECT 1").unwrap();
        assert_eq!(count(&mut connection), 1);
    });
}

#[test]
fn a_service_can_share_a_modules_connection() {
    on_each(|pool| {
        let service = DatabaseService::new(pool.clone());
        let call = CallContext::new(pool.clone(), "request", "library");
        let mut module = diesel_on(service.table(), &call, true);
        module.begin_test_transaction().unwrap();
        // SAFETY: the module holds the connection.
        let mut host = unsafe { service.share(module.as_raw()) }.unwrap();
        add(&mut host, "a");
        drop(host);
        assert_eq!(count(&mut module), 1);
        // SAFETY: null is refused.
        assert!(unsafe { service.share(ptr::null_mut()) }.is_err());
    });
}

#[test]
fn a_call_past_its_deadline_gives_its_connection_to_who_waits() {
    on_each(|pool| {
        let service = DatabaseService::new(pool.clone());
        let table = service.table();
        let call = CallContext::new(pool.clone(), "request", "library");
        let raw = acquire(table, call.as_raw(), 1);
        let mut rows = Str::EMPTY;
        // SAFETY: the connection is held until its release, and the rows stay readable as long.
        unsafe {
            assert_eq!((table.begin)(raw), code::OK);
            let sql = Str::new("INSERT INTO shelf (label) VALUES ('late')");
            assert_eq!((table.batch)(raw, sql), code::OK);
            let sql = Str::new("SELECT label FROM shelf");
            assert_eq!(
                (table.query)(raw, sql, ptr::null(), 0, &raw mut rows),
                code::OK
            );
            call.withdrawal().withdraw();
            assert_eq!(out(pool), 0);
            add(&mut pool.write(patience()).unwrap(), "in time");
            let mut reader = Reader::new(rows.bytes()).expect("the rows are still there");
            let mut cells = Vec::new();
            assert!(reader.next_row(&mut cells));
            assert_eq!(cells, [Cell::Text("late")]);
            assert_eq!((table.commit)(raw), code::DEADLINE);
            assert_eq!((table.rollback)(raw), code::OK, "it was rolled back");
            let mut another = ptr::null_mut();
            let refused = (table.acquire)(table.context, call.as_raw(), 0, &raw mut another);
            assert_eq!(refused, code::DEADLINE);
            (table.release)(raw);
        }
        assert_eq!(count(&mut pool.read(patience()).unwrap()), 1);
    });
}

#[test]
fn a_call_that_waits_longer_than_its_patience_finds_the_database_busy_and_not_itself_late() {
    for database in TestDatabase::each() {
        let pool = database.pool_with(Options {
            connections: 1,
            patience: Duration::from_millis(20),
            ..Options::default()
        });
        let held = pool.write(patience()).unwrap();
        let mut call = CallContext::new(pool.clone(), "request", "library");
        for deadline in [None, Some(patience())] {
            call.deadline = deadline;
            assert!(loggia_sql::is_busy(&call.write().err().unwrap()));
        }
        call.deadline = Some(Instant::now());
        assert!(loggia_sql::is_deadline(&call.write().err().unwrap()));
        drop(held);
        call.deadline = Some(patience());
        assert!(call.write().is_ok());
    }
}

/// Counts for hours.
const ENDLESS: &str = "WITH RECURSIVE number (n) AS \
    (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1000000000000) SELECT count(*) FROM number";

#[test]
fn a_statement_that_runs_when_its_call_is_given_up_is_stopped() {
    on_each(|pool| {
        for write in [true, false] {
            let call = CallContext::new(pool.clone(), "request", "library");
            let withdrawal = call.withdrawal();
            let begun = std::sync::Barrier::new(2);
            std::thread::scope(|scope| {
                let begun = &begun;
                let late = scope.spawn(move || {
                    let connection = if write { call.write() } else { call.read() };
                    let mut connection = connection.unwrap();
                    begun.wait();
                    connection.transaction::<_, diesel::result::Error>(|connection| {
                        diesel::sql_query(ENDLESS).execute(connection)
                    })
                });
                begun.wait();
                // What is refused before it runs is as right as what is stopped; mostly it runs by then.
                std::thread::sleep(Duration::from_millis(100));
                withdrawal.withdraw();
                assert!(loggia_sql::is_deadline(&late.join().unwrap().unwrap_err()));
            });
            assert_eq!(out(pool), 0);
        }
        add(&mut pool.write(patience()).unwrap(), "in time");
        assert_eq!(count(&mut pool.read(patience()).unwrap()), 1);
    });
}

#[test]
fn a_withdrawal_does_not_wait_for_a_statement_that_runs() {
    let Some(database) = TestDatabase::postgresql() else {
        return;
    };
    let pool = database.pool();
    let call = CallContext::new(pool.clone(), "request", "library");
    let (begun, ended) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    std::thread::scope(|scope| {
        let mut connection = call.write().unwrap();
        let (begun, ended) = (&begun, &ended);
        scope.spawn(move || {
            begun.wait();
            // A statement that comes after the withdrawal is refused; one that runs already runs to its end.
            let _either = diesel::sql_query("SELECT pg_sleep(0.3)").execute(&mut connection);
            ended.wait();
            // The connection is still held here, by a module that does not come back.
            ended.wait();
        });
        begun.wait();
        call.withdrawal().withdraw();
        ended.wait();
        assert_eq!(out(&pool), 0);
        ended.wait();
    });
}
