//! Who is shown what, over all modules: every kind of caller puts every question about every kind of record.
//!
//! Each record has a word of its own in all its texts, its mark. An answer must have the marks of what its caller may
//! see, and no other; what he may not see is refused by the very words that refuse what is not there.

mod callers;
mod catalog;
mod content;
mod cursors;
mod forum;
mod marks;
mod media;
mod menu;
mod people;
mod push;
mod question;
mod record;
mod search;
mod table;

use crate::fixture;
use callers::{Callers, Who};
use question::Question;
use table::Table;

/// An endpoint for the staff, where profiles are, and settings that show as much as can be shown.
const SETTINGS: &str = r#"
[[endpoint]]
name = "staff"
path = "/api/staff"
access = "user"
private = true

[module.profiles]
fields = ["cb_open", "cb_unpublished", "cb_city"]
fields_in_lists = true

[module.catalog]
include_elements = true
"#;

/// How many wrong answers are told.
const MOST_TOLD: usize = 40;

/// The questions about one module.
type Questions = fn(&Table, Who) -> Vec<Question>;

const READING: [Questions; 10] = [
    content::reading,
    forum::reading,
    catalog::reading,
    menu::reading,
    media::reading,
    people::reading,
    search::reading,
    search::of_people,
    push::reading,
    push::loopback,
];

const WRITING: [Questions; 8] = [
    content::writing,
    forum::writing,
    catalog::writing,
    menu::writing,
    media::writing,
    people::writing,
    push::writing,
    push::loopback_writing,
];

#[test]
fn everybody_is_shown_what_is_for_him_and_nothing_else() {
    each_site(|table, callers| {
        put_all(&READING, table, callers);
    });
}

#[test]
fn nobody_changes_what_is_not_his_to_change_nor_learns_that_it_is_there() {
    each_site(|table, callers| {
        let before = table.everything();
        put_all(&WRITING, table, callers);
        assert_eq!(table.everything(), before, "something was changed");
    });
}

#[test]
fn a_cursor_shows_nobody_more_than_he_sees() {
    each_site(cursors::show_nobody_more);
}

/// Puts every question; all that is wrong is told at once.
fn put_all(about: &[Questions], table: &Table, callers: &Callers) {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for questions in about {
        for who in Who::ALL {
            for question in questions(table, who) {
                wrong.extend(question.put(table, callers, who));
                count += 1;
            }
        }
    }
    let (few, all) = (wrong.iter().take(MOST_TOLD), wrong.len());
    let told: Vec<&str> = few.map(String::as_str).collect();
    assert!(
        all == 0,
        "{all} of {count} answers are wrong:\n{}",
        told.join("\n")
    );
}

/// Does something on a site on each database that has every kind of record.
fn each_site(test: impl Fn(&Table, &Callers)) {
    for site in fixture::each(SETTINGS) {
        let callers = Callers::of(&site);
        let table = Table::fill(&site, &callers);
        let node = site.node();
        let callers = callers.logged_in(&node);
        table.revise(&node);
        test(&table, &callers);
    }
}
