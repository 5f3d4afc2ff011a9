//! What the module tells the host of itself.

use loggia_sdk::prelude::*;
use loggia_site::memory::Memory;
use loggia_site::records::SCOPE;

use crate::memory::CHANGES;
use crate::operation::{
    article, articles, categories, category, person, records, revisions, searchables, state, tag,
    tag_articles,
};
use crate::{Content, Settings, faults};

/// The scope of keys that write.
const WRITE: &str = "content.write";
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
            )
            .migration(
                "0002_writing",
                include_str!("../../../migrations/content/0002_writing/up.sql"),
                include_str!("../../../migrations/content/0002_writing/down.sql"),
            )
            .migration(
                "0003_change",
                include_str!("../../../migrations/content/0003_change/up.sql"),
                include_str!("../../../migrations/content/0003_change/down.sql"),
            )
            .migration(
                "0004_publish_times",
                include_str!("../../../migrations/content/0004_publish_times/up.sql"),
                include_str!("../../../migrations/content/0004_publish_times/down.sql"),
            );
        describe_contract(module);
        describe_articles(module);
        describe_revisions(module);
        describe_management(module);
        describe_records(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        settings.filter_state.state().map_err(StartError::new)?;
        Ok(Content {
            memory: Memory::new(CHANGES, settings.memory_bytes),
            settings,
        })
    }
}

fn describe_contract(module: &mut Description<Content>) {
    module
        .operation("get", "categories", categories::get)
        .summary("Shows the tree of categories, or one category.")
        .contract()
        .cached()
        .raises(&["CNT_CNF", "CNT_NCF"]);
    module
        .operation("get", "articles", articles::get)
        .summary("Shows articles a page at a time, or one article.")
        .contract()
        .cached()
        .raises(&["CNT_ANF", "CNT_ANA"]);
    module
        .operation("get", "tagarticles", tag_articles::get)
        .summary("Shows the articles that carry any of some tags.")
        .contract()
        .raises(&["CNT_TNS"]);
}

fn describe_articles(module: &mut Description<Content>) {
    let changes = ["CNT_ANF", "CNT_ANA", "REQ_PCF"];
    module
        .operation("post", "articles", article::post)
        .summary("Adds an article; with an Idempotency-Key, once.")
        .writes()
        .member(WRITE)
        .raises(&["CNT_ANA", "CNT_CNF", "CNT_TNF", "CNT_AAX", "REQ_IKU"]);
    module
        .operation("put", "articles", article::put)
        .summary("Adds an article, or changes one.")
        .writes()
        .member(WRITE)
        .raises(&[
            "CNT_ANF", "CNT_ANA", "CNT_CNF", "CNT_TNF", "CNT_AAX", "REQ_PCF",
        ])
        .command(
            "content article",
            "loggia content article --category 2 --title Opening --introtext \"<p>We open.</p>\"",
            &[],
        );
    module
        .operation("delete", "articles", state::delete)
        .summary("Puts an article into the trash, or out of it for ever.")
        .writes()
        .member(WRITE)
        .raises(&changes);
    module
        .operation("post", "publish", state::publish)
        .summary("Publishes an article.")
        .writes()
        .member(WRITE)
        .raises(&changes);
    module
        .operation("post", "unpublish", state::unpublish)
        .summary("Takes an article back.")
        .writes()
        .member(WRITE)
        .raises(&changes);
    module
        .operation("post", "archive", state::archive)
        .summary("Puts an article into the archive.")
        .writes()
        .member(WRITE)
        .raises(&changes);
}

fn describe_revisions(module: &mut Description<Content>) {
    module
        .operation("get", "revisions", revisions::list)
        .summary("Lists the revisions of an article.")
        .member(WRITE)
        .raises(&["CNT_ANF", "CNT_ANA"]);
    module
        .operation("get", "revision", revisions::show)
        .summary("Shows what a revision has changed.")
        .member(WRITE)
        .raises(&["CNT_RNF", "CNT_ANA"]);
    module
        .operation("post", "restore", revisions::restore)
        .summary("Makes an article what it was at a revision.")
        .writes()
        .member(WRITE)
        .raises(&["CNT_RNF", "CNT_ANA", "CNT_AAX", "REQ_PCF"]);
}

fn describe_management(module: &mut Description<Content>) {
    module
        .operation("put", "categories", category::put)
        .summary("Adds a category, or changes or moves one.")
        .writes()
        .member(WRITE)
        .raises(&["CNT_CNF", "CNT_ANA", "CNT_AAX", "REQ_PCF"])
        .command(
            "content category",
            "loggia content category --title News --parent 2",
            &[],
        );
    module
        .operation("delete", "categories", category::delete)
        .summary("Deletes an empty category.")
        .writes()
        .member(WRITE)
        .raises(&["CNT_CNF", "CNT_ANA", "CNT_CNE", "REQ_PCF"]);
    module
        .operation("put", "tags", tag::put)
        .summary("Adds a tag, or changes one.")
        .writes()
        .member(WRITE)
        .raises(&["CNT_TNF", "CNT_ANA", "CNT_AAX"])
        .command("content tag", "loggia content tag --title Events", &[]);
    module
        .operation("delete", "tags", tag::delete)
        .summary("Deletes a tag; its articles stay.")
        .writes()
        .member(WRITE)
        .raises(&["CNT_TNF", "CNT_ANA"]);
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
