//! What is moved in, in which order, and what is not.

use super::feed::Feed;
use super::site::Site;
use super::{catalog, community, content, forum, jbackend, menu, push, users};
use crate::moving::Outcome;

/// Tables of which nothing is moved, and why.
const LEFT: [(&str, &str); 6] = [
    ("jbackend_logs", "the access log begins anew"),
    ("fields", "custom fields of articles have no place here"),
    ("modules", "Joomla's own pages stay with Joomla"),
    ("redirect_links", "Joomla's own pages stay with Joomla"),
    ("session", "sessions begin anew"),
    ("finder_links", "the search index is made anew"),
];

/// The feeds whose tables are there, each module's in the order in which they must be written.
pub fn feeds(site: &mut Site) -> Outcome<Vec<Feed>> {
    let all = users::FEEDS
        .into_iter()
        .chain(jbackend::FEEDS)
        .chain(content::FEEDS)
        .chain(menu::FEEDS)
        .chain(forum::FEEDS)
        .chain(community::FEEDS)
        .chain(catalog::FEEDS)
        .chain(push::FEEDS);
    let mut there = Vec::new();
    for feed in all {
        if site.has(feed.table)? {
            there.push(feed);
        }
    }
    Ok(there)
}

/// What an operator should know of what is not moved.
pub fn notes(site: &mut Site) -> Outcome<Vec<String>> {
    let mut notes = Vec::new();
    for (table, why) in LEFT {
        let rows = site.count(table, "1 = 1")?;
        if rows > 0 {
            notes.push(format!("{table}: {rows} rows stay behind: {why}"));
        }
    }
    if site.files.is_some() {
        notes.push(
            "images inside texts keep their addresses: `image_url` names the old site".to_owned(),
        );
    }
    Ok(notes)
}
