//! What the module tells the host of itself.

use loggia_sdk::prelude::*;
use loggia_site::records::SCOPE;

use crate::operation::{
    article, articles, categories, category, person, records, searchables, tag, tag_articles,
};
use crate::{Content, Settings, faults};

const MANAGE: &str = "content.manage";
/// The scope by which the host exports and erases the data of a person.
const PERSON: &str = "person";

impl Module for Content {
    const NAME: &'static str = "content";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("Categories, articles and tags.")
            .service(service::DATABASE)
            .service(service::IDENTITY)
            .service(service::SEARCH)
            .faults(&faults::TABLE)
            .migration(
                "0001_content",
                include_str!("../../../migrations/content/0001_content/up.sql"),
                include_str!("../../../migrations/content/0001_content/down.sql"),
            );
        describe_contract(module);
        describe_management(module);
        describe_records(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        settings.filter_state.state().map_err(StartError::new)?;
        Ok(Content { settings })
    }
}

fn describe_contract(module: &mut Description<Content>) {
    module
        .operation("get", "categories", categories::get)
        .summary("Shows the tree of categories, or one category.")
        .contract()
        .raises(&["CNT_CNF", "CNT_NCF"]);
    module
        .operation("get", "articles", articles::get)
        .summary("Shows articles a page at a time, or one article.")
        .contract()
        .raises(&["CNT_ANF", "CNT_ANA"]);
    module
        .operation("get", "tagarticles", tag_articles::get)
        .summary("Shows the articles that carry any of some tags.")
        .contract()
        .raises(&["CNT_TNS"]);
}

fn describe_management(module: &mut Description<Content>) {
    module
        .operation("put", "categories", category::put)
        .summary("Adds a category, or changes one.")
        .writes()
        .scope(MANAGE)
        .raises(&["CNT_CNF", "CNT_AAX"])
        .command(
            "content category",
            "loggia content category --title News --parent 2",
            &[],
        );
    module
        .operation("put", "articles", article::put)
        .summary("Adds an article, or changes one.")
        .writes()
        .scope(MANAGE)
        .raises(&["CNT_ANF", "CNT_CNF", "CNT_TNF", "CNT_AAX"])
        .command(
            "content article",
            "loggia content article --category 2 --title Opening --introtext \"<p>We open.</p>\"",
            &[],
        );
    module
        .operation("put", "tags", tag::put)
        .summary("Adds a tag, or changes one.")
        .writes()
        .scope(MANAGE)
        .raises(&["CNT_TNF", "CNT_AAX"])
        .command("content tag", "loggia content tag --title Events", &[]);
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
        .summary("Takes one account's id and names from its articles.")
        .writes()
        .scope(PERSON);
}

fn describe_records(module: &mut Description<Content>) {
    module
        .operation("get", "records", records::get)
        .summary("Gives categories, tags and articles as records, for moving out.")
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
