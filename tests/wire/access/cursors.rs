//! Cursors: what one caller was given shows another no more than his own.

use loggia_tests::client::Answer;

use super::callers::{Callers, Who};
use super::table::Table;

/// Lists by cursor of which some callers see more than others.
const LISTS: [&str; 6] = [
    "/get/content/articles?orderby=title",
    "/get/content/articles?catid=9001&orderby=created&orderdir=desc",
    "/get/content/tagarticles?tagid=9001,9002",
    "/get/catalog/items?app=9001&category=0",
    "/get/forum/topics?catid=9001",
    "/get/forum/topics/9190?details=1",
];

/// Every cursor that somebody is given shows everybody what he sees of the list, and ends in nothing else.
pub(super) fn show_nobody_more(table: &Table, callers: &Callers) {
    for list in LISTS {
        let whole = |who| table.marks_in(&ask(callers, who, list, 1000, ""));
        let wholes = Who::ALL.map(|who| (who, whole(who)));
        for cursor in Who::ALL
            .iter()
            .flat_map(|giver| given(callers, *giver, list))
        {
            for (who, whole) in &wholes {
                let answer = ask(callers, *who, list, 1000, &cursor);
                assert_eq!(answer.json()["status"], "ok", "{list}: {}", answer.text());
                for mark in table.marks_in(&answer) {
                    assert!(whole.contains(&mark), "{who:?} {list}: {}", answer.text());
                }
            }
        }
    }
}

/// The cursors of all pages of a list.
fn given(callers: &Callers, who: Who, list: &str) -> Vec<String> {
    let mut cursors = vec![String::new()];
    loop {
        let last = cursors.last().map_or("", String::as_str);
        let page = ask(callers, who, list, 2, last).json();
        match page["next"].as_str().unwrap_or_default() {
            "" => return cursors,
            next => cursors.push(next.to_owned()),
        }
    }
}

fn ask(callers: &Callers, who: Who, list: &str, limit: usize, cursor: &str) -> Answer {
    let endpoint = if who.is_key() {
        "/api/key"
    } else {
        "/api/free"
    };
    let (client, session) = callers.client(who, endpoint);
    client.get(&format!(
        "{list}&limit={limit}&cursor={cursor}&session_id={session}"
    ))
}
