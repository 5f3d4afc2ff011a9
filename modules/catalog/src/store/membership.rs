//! Which items lie in which categories.

use diesel::prelude::*;
use loggia_sql::Connection;

use super::IDS;
use super::schema::catalog_item_category;

/// The categories of an item.
pub(crate) fn of_item(connection: &mut Connection, item: i64) -> QueryResult<Vec<i64>> {
    catalog_item_category::table
        .filter(catalog_item_category::item_id.eq(item))
        .order(catalog_item_category::category_id)
        .select(catalog_item_category::category_id)
        .load(connection)
}

/// The pairs of item and category of some items, by item.
pub(crate) fn of_items(connection: &mut Connection, items: &[i64]) -> QueryResult<Vec<(i64, i64)>> {
    let mut pairs = Vec::new();
    for items in items.chunks(IDS) {
        let some: Vec<(i64, i64)> = catalog_item_category::table
            .filter(catalog_item_category::item_id.eq_any(items.to_vec()))
            .order((
                catalog_item_category::item_id,
                catalog_item_category::category_id,
            ))
            .load(connection)?;
        pairs.extend(some);
    }
    Ok(pairs)
}

/// Puts an item into exactly these categories.
pub(crate) fn save(connection: &mut Connection, item: i64, categories: &[i64]) -> QueryResult<()> {
    diesel::delete(catalog_item_category::table.filter(catalog_item_category::item_id.eq(item)))
        .execute(connection)?;
    if categories.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = categories
        .iter()
        .map(|category| {
            (
                catalog_item_category::item_id.eq(item),
                catalog_item_category::category_id.eq(*category),
            )
        })
        .collect();
    diesel::insert_into(catalog_item_category::table)
        .values(rows)
        .execute(connection)
        .map(drop)
}
