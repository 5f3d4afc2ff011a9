//! Who wants mail of what: of a topic, or of all topics of a category.

use diesel::prelude::*;
use loggia_sql::{Backend, Connection};

use super::schema::forum_subscription;

/// What somebody subscribes to. One of the two is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = forum_subscription, check_for_backend(Backend))]
pub(crate) struct Subject {
    pub(crate) category_id: i64,
    pub(crate) topic_id: i64,
}

impl Subject {
    pub(crate) fn category(id: i64) -> Subject {
        Subject {
            category_id: id,
            topic_id: 0,
        }
    }

    pub(crate) fn topic(id: i64) -> Subject {
        Subject {
            category_id: 0,
            topic_id: id,
        }
    }
}

/// How many have subscribed.
pub(crate) fn count(connection: &mut Connection, subject: Subject) -> QueryResult<i64> {
    forum_subscription::table
        .filter(forum_subscription::category_id.eq(subject.category_id))
        .filter(forum_subscription::topic_id.eq(subject.topic_id))
        .count()
        .get_result(connection)
}

/// Subscribes; `false` where that was done before.
pub(crate) fn add(connection: &mut Connection, user: i64, subject: Subject) -> QueryResult<bool> {
    let added = diesel::insert_into(forum_subscription::table)
        .values((
            forum_subscription::category_id.eq(subject.category_id),
            forum_subscription::topic_id.eq(subject.topic_id),
            forum_subscription::user_id.eq(user),
        ))
        .on_conflict_do_nothing()
        .execute(connection)?;
    Ok(added == 1)
}

/// Ends a subscription; `false` where there was none.
pub(crate) fn remove(
    connection: &mut Connection,
    user: i64,
    subject: Subject,
) -> QueryResult<bool> {
    let rows = forum_subscription::table
        .filter(forum_subscription::user_id.eq(user))
        .filter(forum_subscription::category_id.eq(subject.category_id))
        .filter(forum_subscription::topic_id.eq(subject.topic_id));
    Ok(diesel::delete(rows).execute(connection)? > 0)
}

/// What an account has subscribed to.
pub(crate) fn of_person(connection: &mut Connection, user: i64) -> QueryResult<Vec<Subject>> {
    forum_subscription::table
        .filter(forum_subscription::user_id.eq(user))
        .order(forum_subscription::id)
        .select(Subject::as_select())
        .load(connection)
}

/// The accounts that have subscribed to any of these, first ones first.
pub(crate) fn subscribers(
    connection: &mut Connection,
    subjects: &[Subject],
    limit: i64,
) -> QueryResult<Vec<i64>> {
    let mut users = Vec::new();
    for subject in subjects {
        let some: Vec<i64> = forum_subscription::table
            .filter(forum_subscription::category_id.eq(subject.category_id))
            .filter(forum_subscription::topic_id.eq(subject.topic_id))
            .order(forum_subscription::id)
            .select(forum_subscription::user_id)
            .limit(limit)
            .load(connection)?;
        users.extend(some);
    }
    users.sort_unstable();
    users.dedup();
    Ok(users)
}
