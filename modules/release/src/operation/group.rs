//! Groups: a licence, the user groups with a right to it, and the seed of its keys.

use loggia_sdk::prelude::*;

use super::names;
use crate::Release;
use crate::secret;
use crate::store::catalogue::{self as rows, GroupRow};

/// Parameters of `put/group`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutGroup {
    /// The group's id, as clients name it.
    #[schemars(length(min = 1, max = 60), extend("x-missing" = "REL_GNS"))]
    id: String,
    /// Its name for people; the id at first.
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// Ids of the user groups with a right to it. Without any, whoever holds a licence has the right, and
    /// licences are only issued, never given on demand.
    user_groups: Option<Vec<i64>>,
    /// What keys are derived from: 64 hexadecimal digits, random at first. It is set once, with a new group:
    /// another seed is another key for everybody.
    #[schemars(regex(pattern = "^[0-9a-fA-F]{64}$"))]
    seed: Option<String>,
}

/// A group as it stands. Its seed is not shown.
#[derive(Serialize, JsonSchema)]
pub(crate) struct GroupFacts {
    /// The id.
    pub(crate) group: String,
    /// The name.
    pub(crate) name: String,
    /// Ids of the user groups with a right to it.
    pub(crate) user_groups: Vec<i64>,
}

/// Adds a group, or changes the members that are given.
pub(crate) fn put(
    release: &Release,
    call: &Call<'_>,
    parameters: PutGroup,
) -> Result<GroupFacts, Fault> {
    names::check("id", &parameters.id)?;
    let catalogue = release.shelf.catalogue(call)?;
    let before = catalogue.groups.get(&parameters.id);
    if before.is_some() && parameters.seed.is_some() {
        return Err(Fault::parameter(
            "seed",
            "is set once, when the group is made",
        ));
    }
    let name = parameters
        .name
        .or_else(|| before.map(|group| group.row.name.clone()))
        .unwrap_or_else(|| parameters.id.clone());
    let row = GroupRow {
        id: parameters.id,
        name,
        seed: match parameters.seed {
            Some(seed) => given_seed(&seed)?,
            None => secret::random()?,
        },
        created_ms: call.host().clock().now_ms(),
    };
    let mut user_groups = parameters
        .user_groups
        .or_else(|| before.map(|group| group.user_groups.clone()))
        .unwrap_or_default();
    user_groups.sort_unstable();
    user_groups.dedup();
    call.database_for_writing()?.transaction(|connection| {
        rows::save_group(connection, &row)?;
        rows::save_user_groups(connection, &row.id, &user_groups)?;
        rows::advance(connection)
    })?;
    release.shelf.expire();
    Ok(GroupFacts {
        group: row.id,
        name: row.name,
        user_groups,
    })
}

fn given_seed(seed: &str) -> Result<String, Fault> {
    let is_seed = seed.len() == 64 && seed.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_seed {
        Ok(seed.to_lowercase())
    } else {
        Err(Fault::parameter("seed", "has 64 hexadecimal digits"))
    }
}
