//! What the rows of a site refer to, whose it is, and who may have it: nobody who may not see a row that refers to it.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::files::{Wanted, each_text, id_of};
use super::forum::Readers;
use super::levels::{Groups, Levels, NOBODY};
use super::object::{object, text_of};
use super::site::{Site, keys};
use super::tree::Tree;
use super::{catalog, community, content, folder, forum};
use crate::moving::Outcome;
use crate::moving::source::Row;
use crate::service::clock::now_ms;

/// What is shown to readers.
const PUBLISHED: i64 = 1;
/// What awaits nobody's approval and was not deleted.
const SHOWN: i64 = 0;

/// A row that refers to files.
struct Parent {
    owner_id: i64,
    created_ms: i64,
    view_level_id: i64,
}

/// All files.
pub(super) fn all(site: &mut Site) -> Outcome<BTreeMap<i64, Wanted>> {
    let mut search = Search {
        levels: Levels::read(site)?,
        now_ms: now_ms(),
        wanted: BTreeMap::new(),
    };
    search.articles(site)?;
    search.attachments(site)?;
    let open = search.catalog_categories(site)?;
    search.items(site, &open)?;
    search.profiles(site)?;
    Ok(search.wanted)
}

struct Search {
    levels: Levels,
    now_ms: i64,
    wanted: BTreeMap<i64, Wanted>,
}

/// The categories of one kind that readers may see, each with the groups of every level above it and its own; those that
/// are not published, or lie below one that is not, are not there.
type Open = HashMap<i64, Vec<Groups>>;

impl Search {
    /// Notes the file of an address, where it may be taken.
    fn want(&mut self, address: &str, name: Option<String>, parent: &Parent) {
        if let Some(Ok(path)) = folder::path_of(address) {
            self.want_path(path, name, parent);
        }
    }

    /// Notes the file with a path that may be followed.
    fn want_path(&mut self, path: String, name: Option<String>, parent: &Parent) {
        let level = parent.view_level_id;
        let id = id_of(&path);
        if let Some(wanted) = self.wanted.get_mut(&id) {
            wanted.view_level_id = self.levels.broadest([wanted.view_level_id, level]);
            return;
        }
        let last = path.rsplit('/').next().unwrap_or_default().to_owned();
        let wanted = Wanted {
            name: name.filter(|name| !name.is_empty()).unwrap_or(last),
            owner_id: parent.owner_id,
            created_ms: parent.created_ms,
            view_level_id: level,
            path,
        };
        self.wanted.insert(id, wanted);
    }

    /// The same of members of an object, however deep they lie.
    fn want_in(&mut self, mut value: Value, members: &[&str], parent: &Parent) {
        each_text(&mut value, members, &mut |_, address| {
            self.want(address, None, parent);
        });
    }

    fn articles(&mut self, site: &mut Site) -> Outcome<()> {
        if !site.has("content")? {
            return Ok(());
        }
        let condition = content::OF_CONTENT;
        let open = self.open(site, "categories", "parent_id", condition, |levels, row| {
            Some(levels.groups_of(row.number("access")))
        })?;
        each(site, "content", |_, rows| {
            for row in rows {
                let above = open.get(&row.number("catid"));
                let parent = Parent {
                    owner_id: row.number("created_by"),
                    created_ms: row.time_ms("created").unwrap_or(0),
                    view_level_id: self.level_of(row, above),
                };
                let images = Value::Object(object(row, "images"));
                self.want_in(images, &content::ADDRESSES, &parent);
            }
            Ok(())
        })
    }

    /// The level of an article or item that lies in what is above it.
    fn level_of(&self, row: &Row, above: Option<&Vec<Groups>>) -> i64 {
        let has_begun = |time: i64| time <= self.now_ms;
        let is_shown = row.number("state") == PUBLISHED
            && row.time_ms("publish_up").is_none_or(has_begun)
            && !row.time_ms("publish_down").is_some_and(has_begun);
        let Some(above) = above.filter(|_| is_shown) else {
            return NOBODY;
        };
        let mut sets = above.clone();
        sets.push(self.levels.groups_of(row.number("access")));
        self.levels.broadest_within(&sets)
    }

    fn attachments(&mut self, site: &mut Site) -> Outcome<()> {
        let tables = [
            "kunena_attachments",
            "kunena_messages",
            "kunena_topics",
            "kunena_categories",
        ];
        for table in tables {
            if !site.has(table)? {
                return Ok(());
            }
        }
        let open = self.open(
            site,
            "kunena_categories",
            "parent_id",
            "1 = 1",
            |levels, row| {
                Some(match Readers::of(row) {
                    Readers::Group => levels.within(&[row.number("pub_access")]),
                    Readers::Level(level) => levels.groups_of(level),
                    Readers::Unknown => Groups::new(),
                })
            },
        )?;
        each(site, "kunena_attachments", |site, rows| {
            let messages = beside(site, "kunena_messages", &keys(rows, "mesid"))?;
            let topics: Vec<i64> = messages.values().map(|row| row.number("thread")).collect();
            let topics = beside(site, "kunena_topics", &topics)?;
            for row in rows {
                let Some(message) = messages.get(&row.number("mesid")) else {
                    continue;
                };
                let topic = topics.get(&message.number("thread"));
                let shown = topic.filter(|topic| {
                    message.number("hold") == SHOWN && topic.number("hold") == SHOWN
                });
                let above = shown.and_then(|topic| open.get(&topic.number("category_id")));
                let parent = Parent {
                    owner_id: row.number("userid"),
                    created_ms: message.seconds_ms("time").unwrap_or(0),
                    view_level_id: above.map_or(NOBODY, |above| self.levels.broadest_within(above)),
                };
                if let Ok(path) = folder::checked(&forum::path_of(row)) {
                    self.want_path(path, Some(row.text("filename_real")), &parent);
                }
            }
            Ok(())
        })
    }

    fn catalog_categories(&mut self, site: &mut Site) -> Outcome<Open> {
        if !site.has("zoo_category")? {
            return Ok(Open::new());
        }
        let open = self.open(site, "zoo_category", "parent", "1 = 1", |_, _| None)?;
        each(site, "zoo_category", |_, rows| {
            for row in rows {
                let above = open.get(&row.number("id"));
                let parent = Parent {
                    owner_id: 0,
                    created_ms: 0,
                    view_level_id: above.map_or(NOBODY, |above| self.levels.broadest_within(above)),
                };
                let image = text_of(&object(row, "params"), "content.image");
                self.want(&image, None, &parent);
            }
            Ok(())
        })?;
        Ok(open)
    }

    fn items(&mut self, site: &mut Site, open: &Open) -> Outcome<()> {
        if !site.has("zoo_item")? {
            return Ok(());
        }
        let accesses = catalog::accesses(site)?;
        each(site, "zoo_item", |site, rows| {
            let placed = site.beside(
                "zoo_category_item",
                "item_id",
                &keys(rows, "id"),
                "t.\"category_id\" > 0",
            )?;
            for row in rows {
                let is_open = |row: &Row| open.contains_key(&row.number("category_id"));
                // An item in no category is as open as one in a category that is.
                let is_reached = placed
                    .get(&row.number("id"))
                    .is_none_or(|rows| rows.iter().any(is_open));
                for (identifier, data) in object(row, "elements") {
                    let kind = (row.number("application_id"), row.text("type"), identifier);
                    let access = accesses.get(&kind).copied().unwrap_or(1);
                    let above = vec![self.levels.groups_of(access)];
                    let parent = Parent {
                        owner_id: row.number("created_by"),
                        created_ms: row.time_ms("created").unwrap_or(0),
                        view_level_id: self.level_of(row, is_reached.then_some(&above)),
                    };
                    self.want_in(data, &catalog::ADDRESSES, &parent);
                }
            }
            Ok(())
        })
    }

    /// The images of people. One is for those who may see its field, and for its person alone where nobody sees him.
    fn profiles(&mut self, site: &mut Site) -> Outcome<()> {
        let images = community::images(site)?;
        if images.is_empty() {
            return Ok(());
        }
        each_by(site, "comprofiler", "user_id", |site, rows| {
            let accounts = beside(site, "users", &keys(rows, "user_id"))?;
            for row in rows {
                let id = row.number("user_id");
                let account = accounts.get(&id);
                let is_shown = account.is_some_and(|account| account.number("block") == 0)
                    && community::is_shown(row);
                for image in &images {
                    let Some(path) = community::path_of(row, &image.name) else {
                        continue;
                    };
                    let sets: Vec<Groups> = image
                        .levels
                        .iter()
                        .map(|level| self.levels.groups_of(*level))
                        .collect();
                    let parent = Parent {
                        owner_id: id,
                        created_ms: row.time_ms("lastupdatedate").unwrap_or(0),
                        view_level_id: if is_shown {
                            self.levels.broadest_within(&sets)
                        } else {
                            NOBODY
                        },
                    };
                    if let Ok(path) = folder::checked(&path) {
                        self.want_path(path, None, &parent);
                    }
                }
            }
            Ok(())
        })
    }

    /// The open categories of a table, whose levels `groups` tells.
    fn open(
        &self,
        site: &mut Site,
        table: &str,
        parent: &str,
        condition: &str,
        groups: impl Fn(&Levels, &Row) -> Option<Groups>,
    ) -> Outcome<Open> {
        let tree = Tree::read(site, table, parent, condition)?;
        let sql = format!("SELECT t.* FROM {} t WHERE {condition}", site.table(table));
        let rows: HashMap<i64, Row> = site
            .rows(&sql)?
            .into_iter()
            .map(|row| (row.number("id"), row))
            .collect();
        let mut open = Open::new();
        for id in rows.keys() {
            let (mut sets, mut next) = (Vec::new(), *id);
            let is_open = loop {
                let Some(row) = rows.get(&next) else {
                    break true;
                };
                let place = tree.place(next);
                if row.number("published") != PUBLISHED || !place.hangs() {
                    break false;
                }
                sets.extend(groups(&self.levels, row));
                next = place.parent();
            };
            if is_open {
                open.insert(*id, sets);
            }
        }
        Ok(open)
    }
}

/// All rows of a table, some at a time.
fn each(
    site: &mut Site,
    table: &str,
    look: impl FnMut(&mut Site, &[Row]) -> Outcome<()>,
) -> Outcome<()> {
    each_by(site, table, "id", look)
}

/// The same of a table with another key.
fn each_by(
    site: &mut Site,
    table: &str,
    key: &str,
    mut look: impl FnMut(&mut Site, &[Row]) -> Outcome<()>,
) -> Outcome<()> {
    let mut after = i64::MIN;
    loop {
        let rows = site.page(table, key, after, "1 = 1")?;
        let Some(last) = rows.last() else {
            return Ok(());
        };
        after = last.number(key);
        look(site, &rows)?;
    }
}

/// The rows with these ids.
fn beside(site: &mut Site, table: &str, ids: &[i64]) -> Outcome<HashMap<i64, Row>> {
    let found = site.beside(table, "id", ids, "1 = 1")?;
    let first = |(id, rows): (i64, Vec<Row>)| Some((id, rows.into_iter().next()?));
    Ok(found.into_iter().filter_map(first).collect())
}
