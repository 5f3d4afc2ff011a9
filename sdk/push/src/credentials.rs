//! Credentials of applications, sealed: the host alone can open them.

use diesel::prelude::*;
use loggia_sql::Connection;

use crate::alarm;
use crate::application::Application;
use crate::platform::Platform;
use crate::schema::push_application;

/// Gives an application its sealed credentials and says for which platforms they are. Whoever repairs them ends
/// the alarms too.
pub fn set(
    connection: &mut Connection,
    id: i64,
    sealed: Option<&str>,
    platforms: &[Platform],
    now_ms: i64,
) -> QueryResult<Option<Application>> {
    let platforms = serde_json::to_string(platforms).unwrap_or_else(|_| "[]".to_owned());
    alarm::end(connection, id, None, now_ms)?;
    diesel::update(push_application::table.find(id))
        .set((
            push_application::credentials.eq(sealed),
            push_application::platforms.eq(platforms),
            push_application::version.eq(push_application::version + 1),
            push_application::modified_ms.eq(now_ms),
        ))
        .returning(Application::as_returning())
        .get_result(connection)
        .optional()
}
