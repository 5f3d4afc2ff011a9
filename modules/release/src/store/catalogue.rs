//! Groups, products and packages, and the generation that tells every node when they have changed.

use diesel::prelude::*;
use loggia_sql::{Backend, Connection, JsonText};

use super::schema::{
    release_group, release_group_user_group, release_package, release_product, release_state,
};

/// A licence group.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = release_group, check_for_backend(Backend))]
pub(crate) struct GroupRow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) seed: String,
    pub(crate) created_ms: i64,
}

/// A product: one installable element.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = release_product, check_for_backend(Backend))]
pub(crate) struct ProductRow {
    pub(crate) id: String,
    pub(crate) group_id: Option<String>,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) kind: String,
    pub(crate) element: String,
    pub(crate) client: String,
    pub(crate) folder: String,
    pub(crate) created_ms: i64,
}

/// A package: the file of one version.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = release_package, check_for_backend(Backend))]
pub(crate) struct PackageRow {
    pub(crate) id: String,
    pub(crate) product_id: String,
    pub(crate) version: String,
    pub(crate) stability: String,
    pub(crate) file_key: String,
    pub(crate) file_name: String,
    pub(crate) size_bytes: i64,
    pub(crate) sha256: String,
    pub(crate) sha384: String,
    pub(crate) sha512: String,
    pub(crate) platforms: String,
    pub(crate) php_minimum: Option<String>,
    pub(crate) databases: JsonText,
    pub(crate) info_url: String,
    pub(crate) changelog: JsonText,
    pub(crate) published_ms: i64,
    pub(crate) yanked_ms: Option<i64>,
    pub(crate) yank_reason: Option<String>,
    pub(crate) downloads: i64,
}

/// The present generation of the catalogue.
pub(crate) fn generation(connection: &mut Connection) -> QueryResult<i64> {
    release_state::table
        .find(1_i64)
        .select(release_state::generation)
        .first(connection)
}

/// Begins a new generation, in the transaction that changes the catalogue.
pub(crate) fn advance(connection: &mut Connection) -> QueryResult<()> {
    diesel::update(release_state::table.find(1_i64))
        .set(release_state::generation.eq(release_state::generation + 1_i64))
        .execute(connection)
        .map(drop)
}

/// Every group.
pub(crate) fn groups(connection: &mut Connection) -> QueryResult<Vec<GroupRow>> {
    release_group::table
        .order(release_group::id)
        .select(GroupRow::as_select())
        .load(connection)
}

/// Which user groups have a right to which group.
pub(crate) fn user_groups(connection: &mut Connection) -> QueryResult<Vec<(String, i64)>> {
    release_group_user_group::table
        .order((
            release_group_user_group::group_id,
            release_group_user_group::user_group_id,
        ))
        .select((
            release_group_user_group::group_id,
            release_group_user_group::user_group_id,
        ))
        .load(connection)
}

/// Every product.
pub(crate) fn products(connection: &mut Connection) -> QueryResult<Vec<ProductRow>> {
    release_product::table
        .order(release_product::id)
        .select(ProductRow::as_select())
        .load(connection)
}

/// Every package.
pub(crate) fn packages(connection: &mut Connection) -> QueryResult<Vec<PackageRow>> {
    release_package::table
        .order(release_package::id)
        .select(PackageRow::as_select())
        .load(connection)
}

/// Adds a group or gives the one that is there another name; its seed never changes, or every key would.
pub(crate) fn save_group(connection: &mut Connection, group: &GroupRow) -> QueryResult<()> {
    diesel::insert_into(release_group::table)
        .values(group)
        .on_conflict(release_group::id)
        .do_update()
        .set(release_group::name.eq(&group.name))
        .execute(connection)
        .map(drop)
}

/// Gives the right to a group to exactly these user groups.
pub(crate) fn save_user_groups(
    connection: &mut Connection,
    group: &str,
    user_groups: &[i64],
) -> QueryResult<()> {
    diesel::delete(
        release_group_user_group::table.filter(release_group_user_group::group_id.eq(group)),
    )
    .execute(connection)?;
    for user_group in user_groups {
        diesel::insert_into(release_group_user_group::table)
            .values((
                release_group_user_group::group_id.eq(group),
                release_group_user_group::user_group_id.eq(user_group),
            ))
            .on_conflict_do_nothing()
            .execute(connection)?;
    }
    Ok(())
}

/// Adds a product.
pub(crate) fn add_product(connection: &mut Connection, product: &ProductRow) -> QueryResult<()> {
    diesel::insert_into(release_product::table)
        .values(product)
        .execute(connection)
        .map(drop)
}

/// Changes a product's group, name and description; what it installs as never changes.
pub(crate) fn save_product(connection: &mut Connection, product: &ProductRow) -> QueryResult<()> {
    diesel::update(release_product::table.find(&product.id))
        .set((
            release_product::group_id.eq(&product.group_id),
            release_product::name.eq(&product.name),
            release_product::description.eq(&product.description),
        ))
        .execute(connection)
        .map(drop)
}

/// Adds a package.
pub(crate) fn add_package(connection: &mut Connection, package: &PackageRow) -> QueryResult<()> {
    diesel::insert_into(release_package::table)
        .values(package)
        .execute(connection)
        .map(drop)
}

/// Changes what may change of a package: where it runs and what is said of it, never its file.
pub(crate) fn save_package(connection: &mut Connection, package: &PackageRow) -> QueryResult<()> {
    diesel::update(release_package::table.find(&package.id))
        .set((
            release_package::stability.eq(&package.stability),
            release_package::platforms.eq(&package.platforms),
            release_package::php_minimum.eq(&package.php_minimum),
            release_package::info_url.eq(&package.info_url),
            release_package::changelog.eq(&package.changelog),
        ))
        .execute(connection)
        .map(drop)
}

/// Takes a package back, or (without a time) gives it again.
pub(crate) fn yank(
    connection: &mut Connection,
    id: &str,
    yanked_ms: Option<i64>,
    reason: Option<&str>,
) -> QueryResult<()> {
    diesel::update(release_package::table.find(id))
        .set((
            release_package::yanked_ms.eq(yanked_ms),
            release_package::yank_reason.eq(reason),
        ))
        .execute(connection)
        .map(drop)
}
