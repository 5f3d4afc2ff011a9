//! What the module tells the host of itself.

use loggia_sdk::prelude::*;
use loggia_site::records::SCOPE;

use crate::markup::Renderer;
use crate::operation::{
    attachments, categories, category, change, moderation, person, post, posts, records,
    searchables, subscriptions, thanks, topics,
};
use crate::views::Views;
use crate::{Forum, Settings, faults};

/// The scope of keys that may do everything in the forum.
const MANAGE: &str = "forum.manage";
/// The scope by which the host exports and erases the data of a person.
const PERSON: &str = "person";

impl Module for Forum {
    const NAME: &'static str = "forum";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Settings = Settings;

    fn describe(module: &mut Description<Self>) {
        module
            .summary("A forum: categories, topics and messages.")
            .alias("kunena")
            .service(service::DATABASE)
            .service(service::IDENTITY)
            .service(service::MAIL)
            .service(service::SEARCH)
            .faults(&faults::TABLE)
            .migration(
                "0001_forum",
                include_str!("../../../migrations/forum/0001_forum/up.sql"),
                include_str!("../../../migrations/forum/0001_forum/down.sql"),
            );
        describe_contract(module);
        describe_writing(module);
        describe_moderation(module);
        describe_readers(module);
        describe_management(module);
        describe_keeping(module);
    }

    fn start(_host: Host, settings: Settings) -> Result<Self, StartError> {
        Ok(Forum {
            settings,
            views: Views::default(),
            renderer: Renderer::new(),
        })
    }
}

fn describe_contract(module: &mut Description<Forum>) {
    module
        .operation("get", "categories", categories::get)
        .summary("Shows the tree of categories, or one category.")
        .contract()
        .raises(&["KUN_CNF"]);
    module
        .operation("get", "topics", topics::get)
        .summary("Shows the topics of a category a page at a time, or one topic with its messages.")
        .contract()
        .raises(&["KUN_CNS", "KUN_CNF", "KUN_TNF"]);
}

/// What may be answered to anybody who writes in a topic.
const WRITING: [&str; 5] = ["KUN_CNF", "KUN_TNF", "KUN_PNF", "KUN_ANA", "REQ_PCF"];

fn describe_writing(module: &mut Description<Forum>) {
    module
        .operation("get", "posts", posts::get)
        .summary("Shows one message with everything about it.")
        .raises(&["KUN_PNF"]);
    module
        .operation("post", "topics", post::topic)
        .summary("Adds a topic with its first message.")
        .writes()
        .member(MANAGE)
        .raises(&["KUN_CNS", "KUN_CNF", "KUN_ANA", "REQ_IKU", "REQ_RLM"]);
    module
        .operation("post", "posts", post::post)
        .summary("Adds a message to a topic.")
        .writes()
        .member(MANAGE)
        .raises(&["KUN_TNF", "KUN_PNF", "KUN_ANA", "REQ_IKU", "REQ_RLM"]);
    describe_attachments(module);
    module
        .operation("put", "topics", change::topic)
        .summary("Changes what a topic is about.")
        .writes()
        .member(MANAGE)
        .raises(&WRITING);
    module
        .operation("put", "posts", change::post)
        .summary("Changes a message.")
        .writes()
        .member(MANAGE)
        .raises(&WRITING);
    module
        .operation("delete", "topics", moderation::delete_topic)
        .summary("Deletes a topic, which can be restored.")
        .writes()
        .member(MANAGE)
        .raises(&WRITING);
    module
        .operation("delete", "posts", moderation::delete_post)
        .summary("Deletes a message, which can be restored.")
        .writes()
        .member(MANAGE)
        .raises(&WRITING);
    module
        .operation("post", "restore", moderation::restore)
        .summary("Shows a deleted message again; a topic's first message brings the topic back.")
        .writes()
        .member(MANAGE)
        .raises(&WRITING);
}

fn describe_attachments(module: &mut Description<Forum>) {
    module
        .operation("post", "attachments", attachments::add)
        .summary("Attaches a file of the module media to a message.")
        .writes()
        .member(MANAGE)
        .raises(&["KUN_PNF", "KUN_ANA", "REQ_IKU", "REQ_PCF"]);
    module
        .operation("delete", "attachments", attachments::remove)
        .summary("Takes a file off a message.")
        .writes()
        .member(MANAGE)
        .raises(&["KUN_FNF", "KUN_ANA", "REQ_PCF"]);
}

fn describe_moderation(module: &mut Description<Forum>) {
    type Standing = Result<Versioned<moderation::Standing>, Fault>;
    type Act = fn(&Forum, &Call<'_>, moderation::Which) -> Standing;
    let acts: [(&str, Act, &str); 6] = [
        (
            "approve",
            moderation::approve,
            "Shows a message that awaits approval.",
        ),
        (
            "hold",
            moderation::hold,
            "Takes a message from sight until it is approved.",
        ),
        (
            "lock",
            moderation::lock,
            "Lets only moderators write in a topic.",
        ),
        (
            "unlock",
            moderation::unlock,
            "Lets everybody write in a topic again.",
        ),
        ("stick", moderation::stick, "Puts a topic before others."),
        (
            "unstick",
            moderation::unstick,
            "Puts a topic among the others again.",
        ),
    ];
    for (resource, act, summary) in acts {
        module
            .operation("post", resource, act)
            .summary(summary)
            .writes()
            .member(MANAGE)
            .raises(&WRITING);
    }
    module
        .operation("post", "move", moderation::move_topic)
        .summary("Moves a topic to another category.")
        .writes()
        .member(MANAGE)
        .raises(&WRITING);
    module
        .operation("get", "held", posts::held)
        .summary("Shows the messages that await the caller's approval.")
        .member(MANAGE);
}

fn describe_readers(module: &mut Description<Forum>) {
    module
        .operation("post", "thanks", thanks::give)
        .summary("Thanks for a message.")
        .writes()
        .member(MANAGE)
        .raises(&["KUN_PNF", "KUN_ANA"]);
    module
        .operation("delete", "thanks", thanks::take_back)
        .summary("Takes thanks for a message back.")
        .writes()
        .member(MANAGE)
        .raises(&["KUN_PNF", "KUN_ANA"]);
    module
        .operation("get", "subscriptions", subscriptions::get)
        .summary("Shows what the caller has subscribed to.")
        .member(MANAGE)
        .raises(&["KUN_ANA"]);
    module
        .operation("post", "subscriptions", subscriptions::add)
        .summary("Subscribes to the mails of a topic or a category.")
        .writes()
        .member(MANAGE)
        .raises(&["KUN_TNF", "KUN_CNF", "KUN_ANA", "KUN_SFL"]);
    module
        .operation("delete", "subscriptions", subscriptions::remove)
        .summary("Ends a subscription.")
        .writes()
        .member(MANAGE)
        .raises(&["KUN_ANA"]);
}

fn describe_management(module: &mut Description<Forum>) {
    module
        .operation("put", "categories", category::put)
        .summary("Adds a category, or changes one.")
        .writes()
        .scope(MANAGE)
        .raises(&["KUN_CNF", "KUN_AAX"])
        .command(
            "forum category",
            "loggia forum category --name Help --parent 2",
            &[],
        );
}

fn describe_keeping(module: &mut Description<Forum>) {
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
        .summary("Takes one account from what it has written, and forgets the rest of it.")
        .writes()
        .scope(PERSON);
    module
        .operation("get", "records", records::get)
        .summary("Gives everything the module keeps, a page at a time.")
        .scope(SCOPE);
    module
        .operation("put", "records", records::put)
        .summary("Adds or replaces what the module keeps.")
        .writes()
        .scope(SCOPE);
    module
        .operation("delete", "records", records::delete)
        .summary("Deletes some of what the module keeps.")
        .writes()
        .scope(SCOPE);
}
