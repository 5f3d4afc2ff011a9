//! What a caller may see and do in the forum.

use loggia_sdk::{Call, Fault};
use loggia_sql::Connection;

use crate::Forum;
use crate::store::moderator;

/// Who asks, as far as it decides what he sees.
#[derive(Clone, Debug)]
pub(crate) struct Sight {
    /// His account; 0 is nobody.
    pub(crate) user: i64,
    /// His view levels.
    pub(crate) levels: Vec<i64>,
    /// His user groups, with those above them.
    pub(crate) groups: Vec<i64>,
    /// The categories that he moderates.
    pub(crate) moderated: Vec<i64>,
    /// Whether he moderates every category.
    pub(crate) manages: bool,
    /// Whether view levels and groups are no hindrance to him.
    pub(crate) sees_all: bool,
}

/// The category of those who moderate everywhere.
const EVERYWHERE: i64 = 0;

impl Sight {
    /// Of somebody who reads.
    pub(crate) fn of(
        forum: &Forum,
        call: &Call<'_>,
        connection: &mut Connection,
    ) -> Result<Sight, Fault> {
        let user = call.user().unwrap_or(0);
        let managers = &forum.settings.manager_groups;
        let mut sight = Sight {
            user,
            levels: call.view_levels().to_vec(),
            groups: call.groups().to_vec(),
            moderated: Vec::new(),
            manages: call.groups().iter().any(|group| managers.contains(group)),
            sees_all: false,
        };
        if user != 0 && !sight.manages {
            sight.moderated = moderator::categories_of(connection, user)?;
            sight.manages = sight.moderated.contains(&EVERYWHERE);
        }
        Ok(sight)
    }

    /// Of somebody who calls an operation for members: who stands behind a key without an account, or at the
    /// operator's command line, may do everything.
    pub(crate) fn member(
        forum: &Forum,
        call: &Call<'_>,
        connection: &mut Connection,
    ) -> Result<Sight, Fault> {
        let mut sight = Sight::of(forum, call, connection)?;
        if call.is_unbound() {
            sight.manages = true;
            sight.sees_all = true;
        }
        Ok(sight)
    }

    /// Whether something was written by him.
    pub(crate) fn is(&self, user: i64) -> bool {
        user != 0 && user == self.user
    }

    /// Whether he moderates a category.
    pub(crate) fn moderates(&self, category: i64) -> bool {
        self.manages || self.moderated.contains(&category)
    }
}
