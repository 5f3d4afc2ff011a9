//! Who may find a document: what decides it, and whether it holds for somebody.
//!
//! Documents of one class are found by the same people, so the index keeps the class of each, and a search judges each
//! class once instead of each document.

use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use super::entry::{Category, Document};

/// What decides who finds a document, beside its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) area: String,
    pub(super) category_id: Option<i64>,
    pub(super) view_levels: Vec<i64>,
    pub(super) language: String,
    pub(super) is_private: bool,
    /// Whether it has a time before or behind which it is not found.
    pub(super) is_timed: bool,
}

impl Class {
    pub(super) fn of(document: &Document) -> Self {
        let mut view_levels = document.view_levels.clone();
        view_levels.sort_unstable();
        view_levels.dedup();
        Class {
            area: document.area.clone(),
            category_id: document.category_id,
            view_levels,
            language: document.language.clone(),
            is_private: document.private,
            is_timed: document.publish_up_ms.is_some() || document.publish_down_ms.is_some(),
        }
    }

    /// As the index keeps it.
    pub(super) fn written(&self) -> String {
        let mut text = format!("{}\n", self.area);
        if let Some(id) = self.category_id {
            // Writing to a text does not fail.
            let _ = write!(text, "{id}");
        }
        text.push('\n');
        for level in &self.view_levels {
            let _ = write!(text, "{level},");
        }
        let flag = |is_set: bool| char::from(b'0' + u8::from(is_set));
        let _ = write!(
            text,
            "\n{}{}\n{}",
            flag(self.is_private),
            flag(self.is_timed),
            self.language
        );
        text
    }

    /// As it was written; `None` where it was not.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut lines = text.splitn(5, '\n');
        let (area, category, levels, flags, language) = (
            lines.next()?,
            lines.next()?,
            lines.next()?,
            lines.next()?,
            lines.next()?,
        );
        let levels = levels.split_terminator(',').map(str::parse);
        Some(Class {
            area: area.to_owned(),
            category_id: match category {
                "" => None,
                id => Some(id.parse().ok()?),
            },
            view_levels: levels.collect::<Result<_, _>>().ok()?,
            language: language.to_owned(),
            is_private: flags.starts_with('1'),
            is_timed: flags.ends_with('1'),
        })
    }
}

/// The categories of all areas.
pub(super) type Categories = HashMap<(String, i64), Category>;

/// Somebody who searches, and where.
#[derive(Debug)]
pub(super) struct Viewer<'q> {
    /// The view levels he has.
    pub(super) view_levels: &'q [i64],
    /// Whether the endpoint is private.
    pub(super) is_private: bool,
    /// The modules whose areas the endpoint publishes; `None` for all.
    pub(super) modules: Option<&'q [String]>,
    /// The areas he asks for; `None` for all.
    pub(super) areas: Option<&'q [String]>,
    /// The one language he asks for, beside `*`.
    pub(super) language: Option<&'q str>,
    /// The present.
    pub(super) now_ms: i64,
}

impl Viewer<'_> {
    /// What this person finds among the categories as they are.
    pub(super) fn judge<'v>(&'v self, categories: &'v Categories) -> Judge<'v> {
        Judge {
            viewer: self,
            categories,
            seen: HashMap::new(),
        }
    }

    fn has(&self, levels: &[i64]) -> bool {
        levels.iter().all(|level| self.view_levels.contains(level))
    }

    fn asks_for(&self, area: &str) -> bool {
        let is_in = |names: &[String]| names.iter().any(|name| belongs(area, name));
        self.modules.is_none_or(is_in) && self.areas.is_none_or(is_in)
    }

    fn reads(&self, language: &str) -> bool {
        self.language.is_none_or(|wanted| {
            let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_lowercase();
            let is_whole = wanted.contains('-');
            language == "*"
                || language.is_empty()
                || language.eq_ignore_ascii_case(wanted)
                || (!is_whole && primary(language) == primary(wanted))
        })
    }
}

/// Whether an area is that of a name, or a part of it.
fn belongs(area: &str, name: &str) -> bool {
    area.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Judges classes for one viewer; what it has found out of categories it remembers.
pub(super) struct Judge<'v> {
    viewer: &'v Viewer<'v>,
    categories: &'v Categories,
    seen: HashMap<(&'v str, i64), bool>,
}

impl<'v> Judge<'v> {
    /// Whether the viewer finds documents of a class, in their time.
    pub(super) fn finds(&mut self, class: &Class) -> bool {
        let viewer = self.viewer;
        viewer.asks_for(&class.area)
            && (viewer.is_private || !class.is_private)
            && viewer.has(&class.view_levels)
            && viewer.reads(&class.language)
            && class
                .category_id
                .is_none_or(|id| self.sees(&class.area, id))
    }

    /// Whether the viewer finds this very document now.
    pub(super) fn finds_document(&mut self, document: &Document) -> bool {
        let is_begun = document
            .publish_up_ms
            .is_none_or(|up| up <= self.viewer.now_ms);
        let lasts = document
            .publish_down_ms
            .is_none_or(|down| down > self.viewer.now_ms);
        is_begun && lasts && self.finds(&Class::of(document))
    }

    /// Whether a category is there, published and of his view levels, and so are all above it. One that lies below
    /// itself is not.
    fn sees(&mut self, area: &str, id: i64) -> bool {
        let mut path: Vec<(&'v str, i64)> = Vec::new();
        let mut visited = HashSet::new();
        let mut next = Some(id);
        let mut is_seen = true;
        while let Some(at) = next {
            let found = self.categories.get_key_value(&(area.to_owned(), at));
            let Some(((area, _), category)) = found.filter(|_| visited.insert(at)) else {
                is_seen = false;
                break;
            };
            if let Some(&known) = self.seen.get(&(area.as_str(), at)) {
                is_seen = known;
                break;
            }
            path.push((area.as_str(), at));
            if !category.is_published || !self.viewer.has(&category.view_levels) {
                is_seen = false;
                break;
            }
            next = category.parent_id;
        }
        self.seen.extend(path.into_iter().map(|one| (one, is_seen)));
        is_seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn viewer(view_levels: &[i64]) -> Viewer<'_> {
        Viewer {
            view_levels,
            is_private: false,
            modules: None,
            areas: None,
            language: None,
            now_ms: 100,
        }
    }

    fn category(id: i64, parent_id: Option<i64>, level: i64, is_published: bool) -> Category {
        Category {
            area: "forum".to_owned(),
            id,
            parent_id,
            is_published,
            view_levels: vec![level],
            ..Category::default()
        }
    }

    fn categories(all: Vec<Category>) -> Categories {
        let keyed = all.into_iter().map(|one| ((one.area.clone(), one.id), one));
        keyed.collect()
    }

    fn document(category_id: Option<i64>) -> Document {
        Document {
            area: "forum".to_owned(),
            category_id,
            view_levels: vec![1],
            language: "*".to_owned(),
            ..Document::default()
        }
    }

    #[test]
    fn a_class_is_read_as_it_was_written() {
        for document in [
            document(None),
            Document {
                view_levels: vec![3, 1, 3],
                private: true,
                publish_up_ms: Some(1),
                language: "de\nDE".to_owned(),
                ..document(Some(-7))
            },
        ] {
            let class = Class::of(&document);
            assert_eq!(Class::read(&class.written()).unwrap(), class);
        }
        assert_eq!(Class::read("forum"), None);
    }

    #[test]
    fn every_category_above_must_be_there_published_and_of_his_levels() {
        let tree = categories(vec![
            category(1, None, 1, true),
            category(2, Some(1), 2, true),
            category(3, Some(2), 1, true),
            category(4, Some(1), 1, false),
            category(5, Some(4), 1, true),
            category(6, Some(99), 1, true),
            category(7, Some(8), 1, true),
            category(8, Some(7), 1, true),
        ]);
        let finds = |levels: &[i64]| {
            let viewer = viewer(levels);
            let mut judge = viewer.judge(&tree);
            let found = (1..=9).filter(|&id| judge.finds_document(&document(Some(id))));
            found.collect::<Vec<i64>>()
        };
        assert_eq!(finds(&[1]), [1]);
        assert_eq!(finds(&[1, 2]), [1, 2, 3]);
        assert!(finds(&[2]).is_empty());
    }

    #[test]
    fn time_language_area_and_endpoint_count() {
        let tree = Categories::new();
        let plain = document(None);
        let finds =
            |viewer: &Viewer<'_>, document: &Document| viewer.judge(&tree).finds_document(document);
        let anybody = viewer(&[1]);
        assert!(finds(&anybody, &plain));
        for (up, down, is_found) in [
            (Some(101), None, false),
            (Some(100), Some(101), true),
            (None, Some(100), false),
        ] {
            let timed = Document {
                publish_up_ms: up,
                publish_down_ms: down,
                ..plain.clone()
            };
            assert_eq!(finds(&anybody, &timed), is_found, "{up:?} {down:?}");
        }
        let german = Document {
            language: "de-DE".to_owned(),
            ..plain.clone()
        };
        for (language, is_found) in [
            ("de-DE", true),
            ("de", true),
            ("de-AT", false),
            ("en-GB", false),
        ] {
            let reader = Viewer {
                language: Some(language),
                ..viewer(&[1])
            };
            assert_eq!(finds(&reader, &german), is_found, "{language}");
            assert!(finds(&reader, &plain));
        }
        let private = Document {
            private: true,
            ..plain.clone()
        };
        assert!(!finds(&anybody, &private));
        assert!(finds(
            &Viewer {
                is_private: true,
                ..viewer(&[1])
            },
            &private
        ));
        let names = |name: &str| vec![name.to_owned()];
        for (name, is_found) in [("forum", true), ("for", false), ("content", false)] {
            let names = names(name);
            assert_eq!(
                finds(
                    &Viewer {
                        areas: Some(&names),
                        ..viewer(&[1])
                    },
                    &plain
                ),
                is_found
            );
            assert_eq!(
                finds(
                    &Viewer {
                        modules: Some(&names),
                        ..viewer(&[1])
                    },
                    &plain
                ),
                is_found
            );
        }
        assert!(belongs("forum.posts", "forum"));
    }
}
