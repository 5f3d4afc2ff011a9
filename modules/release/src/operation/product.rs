//! Products: one installable element each, with the group its packages ask a licence of.

use loggia_sdk::prelude::*;

use crate::Release;
use crate::catalogue::Product;
use crate::store::catalogue as rows;

/// Parameters of `put/product`.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct PutProduct {
    /// The product's id, as its feed is named. A product is made by publishing its first package.
    #[schemars(extend("x-missing" = "REL_PNS"))]
    id: String,
    /// The package group it belongs to; `null` makes it free for everybody.
    #[serde(default)]
    #[schemars(length(min = 1, max = 60))]
    group: Change<String>,
    /// Its name for people.
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// A sentence on it.
    #[schemars(length(max = 1000))]
    description: Option<String>,
}

/// A product as it stands.
#[derive(Serialize, JsonSchema)]
pub(crate) struct ProductFacts {
    /// The id.
    pub(crate) product: String,
    /// The package group, where it is not free.
    pub(crate) group: Option<String>,
    /// Its name.
    pub(crate) name: String,
    /// A sentence on it.
    pub(crate) description: String,
    /// component, module, plugin, package, library, template, file or language.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The name under which Joomla has it installed.
    pub(crate) element: String,
    /// The application Joomla has it installed for.
    pub(crate) client: String,
    /// A plugin's group.
    pub(crate) folder: String,
    /// Where its feed is served.
    pub(crate) update_xml: String,
}

/// Changes the members of a product that are given.
pub(crate) fn put(
    release: &Release,
    call: &Call<'_>,
    parameters: PutProduct,
) -> Result<ProductFacts, Fault> {
    let catalogue = release.shelf.catalogue(call)?;
    let mut row = catalogue.product(&parameters.id)?.row.clone();
    match parameters.group {
        Change::Keep => {}
        Change::Clear => row.group_id = None,
        Change::Set(group) => row.group_id = Some(catalogue.group(&group)?.row.id.clone()),
    }
    row.name = parameters.name.unwrap_or(row.name);
    row.description = parameters.description.unwrap_or(row.description);
    call.database_for_writing()?.transaction(|connection| {
        rows::save_product(connection, &row)?;
        rows::advance(connection)
    })?;
    release.shelf.expire();
    let product = Product {
        row,
        packages: Vec::new(),
    };
    Ok(facts(release, call, &product))
}

/// What is shown of a product.
pub(crate) fn facts(release: &Release, call: &Call<'_>, product: &Product) -> ProductFacts {
    let row = product.row.clone();
    ProductFacts {
        update_xml: format!("{}/extension/{}.xml", release.feed_url(call), row.id),
        product: row.id,
        group: row.group_id,
        name: row.name,
        description: row.description,
        kind: row.kind,
        element: row.element,
        client: row.client,
        folder: row.folder,
    }
}
