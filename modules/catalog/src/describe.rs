//! What the module tells the host of itself.

use std::sync::atomic::AtomicU64;

use loggia_sdk::prelude::*;
use loggia_site::memory::Memory;
use loggia_site::records::SCOPE;

use crate::hits::Hits;
use crate::memory::CHANGES;
use crate::operation::{
    application, categories, category, item, item_type, items, person, records, revisions,
    searchables, state, types, votes,
};
use crate::{Catalog, Settings, faults};

/// The scope of keys that write.
const WRITE: &str = "catalog.write";
/// The scope by which the host exports and erases the data of a person.
const PERSON: &str = "person";

impl Module for Catalog {
    const NAME: &'static str = "catalog";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("Applications with categories, and items of types that the site defines.")
            .alias("zoo")
            .service(service::DATABASE)
            .service(service::IDENTITY)
            .service(service::SEARCH)
            .faults(&faults::TABLE)
            .migration(
                "0001_catalog",
                include_str!("../../../migrations/catalog/0001_catalog/up.sql"),
                include_str!("../../../migrations/catalog/0001_catalog/down.sql"),
            )
            .migration(
                "0002_change",
                include_str!("../../../migrations/catalog/0002_change/up.sql"),
                include_str!("../../../migrations/catalog/0002_change/down.sql"),
            )
            .migration(
                "0003_order",
                include_str!("../../../migrations/catalog/0003_order/up.sql"),
                include_str!("../../../migrations/catalog/0003_order/down.sql"),
            );
        module.migration(
            "0004_vote",
            include_str!("../../../migrations/catalog/0004_vote/up.sql"),
            include_str!("../../../migrations/catalog/0004_vote/down.sql"),
        );
        module.migration(
            "0005_publish_times",
            include_str!("../../../migrations/catalog/0005_publish_times/up.sql"),
            include_str!("../../../migrations/catalog/0005_publish_times/down.sql"),
        );
        describe_contract(module);
        describe_votes(module);
        describe_items(module);
        describe_revisions(module);
        describe_management(module);
        describe_host(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        Ok(Catalog {
            memory: Memory::new(CHANGES, settings.memory_bytes),
            hits: Hits::default(),
            votes: AtomicU64::new(0),
            settings,
        })
    }
}

fn describe_contract(module: &mut Description<Catalog>) {
    module
        .operation("get", "categories", categories::get)
        .summary("Shows the categories of an application, or one of them.")
        .contract()
        .cached()
        .raises(&["ZOO_ANS", "ZOO_AUN", "ZOO_CNF", "ZOO_ANA"]);
    module
        .operation("get", "items", items::get)
        .summary("Shows the items of a category a page at a time, or one item.")
        .contract()
        .cached()
        .raises(&[
            "ZOO_ANS", "ZOO_CNS", "ZOO_AUN", "ZOO_CNF", "ZOO_INF", "ZOO_ANA",
        ]);
}

fn describe_votes(module: &mut Description<Catalog>) {
    let faults = ["ZOO_INF", "ZOO_ANA"];
    module
        .operation("post", "votes", votes::post)
        .summary("Votes for a rating of an item, or changes one's vote.")
        .writes()
        .raises(&faults);
    module
        .operation("delete", "votes", votes::delete)
        .summary("Takes one's vote for a rating of an item back.")
        .writes()
        .raises(&faults);
}

fn describe_items(module: &mut Description<Catalog>) {
    let changes = ["ZOO_INF", "ZOO_ANA", "REQ_PCF"];
    let puts = [
        "ZOO_ANS", "ZOO_AUN", "ZOO_CNF", "ZOO_INF", "ZOO_TNF", "ZOO_ANA", "ZOO_AAX", "REQ_PCF",
    ];
    module
        .operation("post", "items", item::post)
        .summary("Adds an item; with an Idempotency-Key, once.")
        .writes()
        .member(WRITE)
        .raises(&[
            "ZOO_ANS", "ZOO_AUN", "ZOO_CNF", "ZOO_TNF", "ZOO_ANA", "ZOO_AAX", "REQ_IKU",
        ]);
    module
        .operation("put", "items", item::put)
        .summary("Adds an item, or changes one.")
        .writes()
        .member(WRITE)
        .raises(&puts)
        .command(
            "catalog item",
            "loggia catalog item --app 1 --type product --categories 1 --name \"A lamp\" \
             --elements '{\"price\": 12.5}'",
            &[],
        );
    module
        .operation("delete", "items", state::delete)
        .summary("Puts an item into the trash, or out of it for ever.")
        .writes()
        .member(WRITE)
        .raises(&changes);
    module
        .operation("post", "publish", state::publish)
        .summary("Publishes an item.")
        .writes()
        .member(WRITE)
        .raises(&changes);
    module
        .operation("post", "unpublish", state::unpublish)
        .summary("Takes an item back, or out of the trash.")
        .writes()
        .member(WRITE)
        .raises(&changes);
    module
        .operation("post", "archive", state::archive)
        .summary("Puts an item into the archive.")
        .writes()
        .member(WRITE)
        .raises(&changes);
}

fn describe_revisions(module: &mut Description<Catalog>) {
    module
        .operation("get", "revisions", revisions::list)
        .summary("Lists the revisions of an item.")
        .member(WRITE)
        .raises(&["ZOO_INF", "ZOO_ANA"]);
    module
        .operation("get", "revision", revisions::show)
        .summary("Shows what a revision has changed.")
        .member(WRITE)
        .raises(&["ZOO_RNF", "ZOO_ANA"]);
    module
        .operation("post", "restore", revisions::restore)
        .summary("Makes an item what it was at a revision.")
        .writes()
        .member(WRITE)
        .raises(&["ZOO_RNF", "ZOO_ANA", "ZOO_AAX", "REQ_PCF"]);
}

fn describe_management(module: &mut Description<Catalog>) {
    module
        .operation("put", "applications", application::put)
        .summary("Adds an application, or changes one.")
        .writes()
        .scope(WRITE)
        .raises(&["ZOO_AUN", "ZOO_AAX", "REQ_PCF"])
        .command(
            "catalog application",
            "loggia catalog application --name Shop",
            &[],
        );
    module
        .operation("get", "types", types::get)
        .summary("Shows the types of an application with their elements.")
        .member(WRITE)
        .raises(&["ZOO_ANS", "ZOO_AUN", "ZOO_ANA"]);
    module
        .operation("put", "types", item_type::put)
        .summary("Adds a type of items, or changes one.")
        .writes()
        .scope(WRITE)
        .raises(&["ZOO_ANS", "ZOO_AUN", "ZOO_TNF", "ZOO_AAX", "REQ_PCF"])
        .command(
            "catalog type",
            "loggia catalog type --app 1 --name Product \
             --elements '{\"price\": {\"type\": \"number\", \"name\": \"Price\"}}'",
            &[],
        );
    module
        .operation("put", "categories", category::put)
        .summary("Adds a category, or changes one.")
        .writes()
        .member(WRITE)
        .raises(&[
            "ZOO_ANS", "ZOO_AUN", "ZOO_CNF", "ZOO_ANA", "ZOO_AAX", "REQ_PCF",
        ])
        .command(
            "catalog category",
            "loggia catalog category --app 1 --name Lamps",
            &[],
        );
    module
        .operation("delete", "categories", category::delete)
        .summary("Deletes a category that has none below it; its items stay.")
        .writes()
        .member(WRITE)
        .raises(&["ZOO_CNF", "ZOO_ANA", "ZOO_CNE", "REQ_PCF"]);
}

fn describe_host(module: &mut Description<Catalog>) {
    module
        .operation("get", "searchables", searchables::get)
        .summary("Gives what the search may find, a page at a time.")
        .scope(loggia_sdk::search::SCOPE);
    module
        .operation("get", "person", person::export)
        .summary("Gives everything the module keeps of one account.")
        .scope(PERSON);
    module
        .operation("delete", "person", person::erase)
        .summary("Takes one account's id and names from its items.")
        .writes()
        .scope(PERSON);
    module
        .operation("get", "records", records::get)
        .summary("Gives applications, types, categories, items, revisions and votes as records, for moving out.")
        .scope(SCOPE);
    module
        .operation("put", "records", records::put)
        .summary("Takes records with their ids, for moving in.")
        .writes()
        .slow()
        .scope(SCOPE);
    module
        .operation("delete", "records", records::delete)
        .summary("Deletes records that are gone where they came from.")
        .writes()
        .scope(SCOPE);
}
